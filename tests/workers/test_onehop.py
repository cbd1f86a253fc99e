"""Statements on SQLite: one change of threads each, errors and counts as the driver has them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from workers.database import Database
from workers.errors import DatabaseFailed
from workers.onehop import OneHopConnection

things = sa.Table("things", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))


def with_things(folder: Path, story: Callable[[Database], Awaitable[None]]) -> None:
    async def run() -> None:
        database = Database(f"sqlite+aiosqlite:///{folder / 'things.db'}")
        try:
            async with database.write() as connection:
                await connection.run_sync(things.create)
            await story(database)
        finally:
            await database.close()

    asyncio.run(run())


def test_rows_counts_and_many_at_once(tmp_path: Path) -> None:
    async def story(database: Database) -> None:
        async with database.write() as connection:
            await connection.execute(sa.insert(things), [{"id": n, "name": str(n)} for n in range(5)])
            new = sa.insert(things).values(name="x").returning(things.c.id)
            assert await connection.scalar(new) == 5
            changed = await connection.execute(sa.update(things).where(things.c.id > 2).values(name="y"))
            assert changed.rowcount == 3
            assert (await connection.execute(sa.delete(things).where(things.c.id == 99))).rowcount == 0
        async with database.read() as connection:
            found = await connection.execute(sa.select(things).order_by(things.c.id))
            assert [tuple(row) for row in found] == [(0, "0"), (1, "1"), (2, "2"), (3, "y"), (4, "y"), (5, "y")]
            assert (await connection.execute(sa.select(things).where(things.c.id == 99))).first() is None

    with_things(tmp_path, story)


def test_what_fails_is_rolled_back_and_told_as_before(tmp_path: Path) -> None:
    async def story(database: Database) -> None:
        with pytest.raises(IntegrityError):  # noqa: PT012
            async with database.write() as connection:
                await connection.execute(sa.insert(things).values(id=1, name="a"))
                await connection.execute(sa.insert(things).values(id=1, name="b"))
        async with database.read() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(things)) == 0
        with pytest.raises(DatabaseFailed):
            async with database.read() as connection:
                await connection.execute(sa.text("SELECT * FROM nothing"))
        async with database.write() as connection:
            await connection.execute(sa.insert(things).values(id=1, name="c"))

    with_things(tmp_path, story)


def test_options_of_the_address_count(tmp_path: Path) -> None:
    async def story(database: Database) -> None:
        reader = Database(f"sqlite+aiosqlite:///file:{tmp_path / 'things.db'}?mode=ro&uri=true")
        try:
            async with reader.read() as connection:
                assert await connection.scalar(sa.select(sa.func.count()).select_from(things)) == 0
            with pytest.raises(DatabaseFailed):
                async with reader.write() as connection:
                    await connection.execute(sa.insert(things).values(id=1, name="a"))
        finally:
            await reader.close()

    with_things(tmp_path, story)


def test_a_statement_changes_threads_once_and_an_idle_end_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    plain = OneHopConnection._execute

    async def counted(connection: OneHopConnection, *arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        return await plain(connection, *arguments, **options)  # type: ignore[no-untyped-call]

    async def story(database: Database) -> None:
        async with database.read() as connection:
            await connection.execute(sa.select(things))
        monkeypatch.setattr(OneHopConnection, "_execute", counted)
        async with database.read() as connection:
            for _ in range(3):
                assert (await connection.execute(sa.select(things))).all() == []
        assert len(calls) == 5  # BEGIN, three times SELECT, COMMIT

    with_things(tmp_path, story)


def test_a_locked_database_is_waited_for(tmp_path: Path) -> None:
    async def story(database: Database) -> None:
        other = sqlite3.connect(tmp_path / "things.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.5, other.execute, "ROLLBACK")
        async with database.write() as connection:
            await connection.execute(sa.insert(things).values(id=1, name="a"))
        other.close()

    with_things(tmp_path, story)
