"""Retention: documents whose work ended before a time are erased, one transaction each, and batches as old."""

from __future__ import annotations

import time

import sqlalchemy as sa

from workers.blobs import BlobStore
from workers.database import Database
from workers.jobs import erase_document
from workers.records import OPEN
from workers.tables import batches, documents, jobs


async def purge(database: Database, store: BlobStore, before: float) -> int:
    """Erase what ended before this time (seconds since 1970); how many. Raises DatabaseFailed, StorageFailed."""
    recent = sa.select(jobs.c.document_id).where(sa.or_(jobs.c.state.in_(OPEN), jobs.c.ended >= before))
    async with database.read() as connection:
        ids = list(await connection.scalars(sa.select(documents.c.id).where(documents.c.id.not_in(recent))))
    async with database.write() as connection:
        # Workers erase them; documents of theirs that are too young stay.
        over = (batches.c.ended < before, batches.c.deleted.is_(None))
        marks = {"deleted": time.time(), "takes_documents": False, "idempotency_key": None}
        await connection.execute(sa.update(batches).where(*over).values(**marks))
    for document_id in ids:
        async with database.write() as connection:
            await erase_document(connection, store, document_id)
    return len(ids)
