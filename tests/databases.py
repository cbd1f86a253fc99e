"""A fresh database for a test: an SQLite file, or one on the PostgreSQL server that GEZI_TEST_POSTGRES names."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

SERVER = os.environ.get("GEZI_TEST_POSTGRES", "")  # such as postgresql://postgres@127.0.0.1:5432


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """Its address. A folder's SQLite file is the same at every call; on PostgreSQL each call makes a database."""
    if not SERVER:
        folder.mkdir(parents=True, exist_ok=True)
        yield f"sqlite+aiosqlite:///{folder / 'gezi.db'}"
        return
    name = f"gezi_test_{secrets.token_hex(6)}"
    asyncio.run(_admin(f"CREATE DATABASE {name}"))
    try:
        yield SERVER.replace("postgresql://", "postgresql+asyncpg://").rstrip("/") + f"/{name}"
    finally:
        asyncio.run(_admin(f"DROP DATABASE {name} WITH (FORCE)"))


async def _admin(statement: str) -> None:
    connection = await asyncpg.connect(f"{SERVER.rstrip('/')}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
