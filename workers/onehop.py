"""SQLite connections whose statements take one change of threads instead of four.

aiosqlite runs each call of a connection in the connection's own thread: a cursor made, a statement run, its
rows fetched and the cursor closed wake that thread and the event loop four times. A request's dozen
statements cost more so than all else of it. What SQLAlchemy asks of a cursor is done here in one go.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import aiosqlite

CHUNK = 64  # rows that aiosqlite fetches at a time when somebody iterates; nobody does


@dataclass(frozen=True, slots=True)
class _Done:
    description: Any
    rows: list[Any]
    rowcount: int
    lastrowid: int | None


class OneHopCursor:
    """As much of an asynchronous cursor as SQLAlchemy's adapter uses. Errors are sqlite3's own."""

    def __init__(self, connection: OneHopConnection) -> None:
        self._connection = connection
        self._done = _Done(None, [], -1, None)
        self.arraysize = 1

    @property
    def description(self) -> Any:
        return self._done.description

    @property
    def rowcount(self) -> int:
        return self._done.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._done.lastrowid

    async def __aenter__(self) -> OneHopCursor:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> OneHopCursor:
        self._done = await self._connection.in_thread(lambda raw: _all(raw.execute(statement, parameters)))
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> OneHopCursor:
        self._done = await self._connection.in_thread(lambda raw: _all(raw.executemany(statement, parameters)))
        return self

    async def fetchall(self) -> list[Any]:
        return self._done.rows

    async def close(self) -> None:
        return


class OneHopConnection(aiosqlite.Connection):
    """Commits and rolls back only where a transaction is open: the pool does so once more than is needed."""

    def cursor(self) -> OneHopCursor:  # type: ignore[override]
        return OneHopCursor(self)

    async def in_thread(self, act: Callable[[sqlite3.Connection], _Done]) -> _Done:
        asked = self._execute(lambda: act(self._conn))  # type: ignore[no-untyped-call]
        return await cast(Awaitable[_Done], asked)

    async def commit(self) -> None:
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        if self.in_transaction:
            await super().rollback()


def _all(cursor: sqlite3.Cursor) -> _Done:
    rows = cursor.fetchall() if cursor.description else []
    done = _Done(cursor.description, rows, cursor.rowcount, cursor.lastrowid)
    cursor.close()
    return done


async def connect(path: str, options: Mapping[str, Any]) -> OneHopConnection:
    """`options`: as sqlite3.connect has them."""
    connection = OneHopConnection(lambda: sqlite3.connect(path, **options), CHUNK)
    connection._thread.daemon = True  # as SQLAlchemy does: a process that ends does not wait for it
    await connection
    return connection
