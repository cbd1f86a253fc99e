"""Who owns which blob: counted in the database, so that the last owner to go takes the blob along."""

from __future__ import annotations

import functools

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.blobs import BlobStore
from workers.database import Insert, insert_of
from workers.tables import blobs


@functools.cache
def _one_more(dialect: str) -> Insert:
    row = insert_of(dialect, blobs).values(owners=1)
    return row.on_conflict_do_update(index_elements=[blobs.c.key], set_={"owners": blobs.c.owners + 1})


async def own(connection: AsyncConnection, key: str) -> None:
    """Count one more owner of a blob; holds the blob's row until the transaction ends."""
    await connection.execute(_one_more(connection.dialect.name), {"key": key})


async def disown(connection: AsyncConnection, store: BlobStore, key: str) -> None:
    """Count one owner less; the last one takes the blob along, while nobody else can come to own it."""
    change = sa.update(blobs).where(blobs.c.key == key).values(owners=blobs.c.owners - 1).returning(blobs.c.owners)
    left = (await connection.execute(change)).scalar()
    if left is not None and left <= 0:
        await connection.execute(sa.delete(blobs).where(blobs.c.key == key))
        await store.erase(key)
