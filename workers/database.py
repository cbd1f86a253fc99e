"""The database: SQLite (WAL) or PostgreSQL behind SQLAlchemy's asyncio, with migrations that run at start.

`read()` and `write()` give a connection inside a transaction. On SQLite a writing transaction takes
the write lock at its beginning: one that upgrades later can fail at once instead of waiting its turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from workers import onehop
from workers.errors import DatabaseFailed

BUSY_SECONDS = 15.0  # a database locked for shorter is waited for
MIGRATION_LOCK = 0x67657A69  # any fixed number, so that two processes do not migrate PostgreSQL at once
_WRITES = "gezi_writes"


class Database:
    """One engine a process. Raises DatabaseFailed where the database cannot be asked."""

    def __init__(self, url: str) -> None:
        parsed = sa.engine.make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        # SQLite's own waiting is a lottery: of many writers one may lose for seconds. Here they queue up.
        self._writers = asyncio.Lock()
        self._engine: AsyncEngine
        if self.is_sqlite:
            (path,), options = parsed.get_dialect()().create_connect_args(parsed)
            connect = partial(onehop.connect, path, {**options, "timeout": BUSY_SECONDS})
            self._engine = create_async_engine(parsed, async_creator=connect)
            sa.event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            sa.event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
        else:
            self._engine = create_async_engine(parsed, pool_pre_ping=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with self._transaction(writes=False) as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            if self.is_sqlite:
                await self._queue_up(stack)
            yield await stack.enter_async_context(self._transaction(writes=True))

    async def _queue_up(self, stack: AsyncExitStack) -> None:
        try:
            async with asyncio.timeout(BUSY_SECONDS):
                await stack.enter_async_context(self._writers)
        except TimeoutError as error:
            raise DatabaseFailed("the database is busy") from error

    @asynccontextmanager
    async def _transaction(self, *, writes: bool) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.connect() as connection:
                await connection.execution_options(**{_WRITES: writes})
                async with connection.begin():
                    yield connection
        except (OperationalError, InterfaceError, NoConnectionFree, OSError) as error:
            raise DatabaseFailed("the database cannot be asked at the moment") from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseFailed("the connection to the database was lost") from error
            raise

    async def migrate(self) -> None:
        """Bring the tables to this version. Several processes may ask at once."""
        async with self.write() as connection:
            if not self.is_sqlite:
                await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            await connection.run_sync(_upgrade)

    async def close(self) -> None:
        await self._engine.dispose()


Insert = sqlite.Insert | postgresql.Insert


def upsert(connection: AsyncConnection, table: sa.Table) -> Insert:
    """An insert that can say what happens on a conflict; both dialects say it in the same words."""
    return insert_of(connection.dialect.name, table)


def insert_of(dialect: str, table: sa.Table) -> Insert:
    """As `upsert`, for statements that are kept."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _upgrade(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _prepare_sqlite(raw: object, _record: object) -> None:
    # SQLAlchemy's own BEGIN below is the only one; the driver's would come too late.
    raw.isolation_level = None  # type: ignore[attr-defined]
    cursor = raw.cursor()  # type: ignore[attr-defined]
    # FULL: what was answered with 202 must outlive a power cut (WAL's NORMAL may lose the last commits).
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
