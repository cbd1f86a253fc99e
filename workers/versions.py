"""Versions of a document's result: read anew by another engine, old results beside new ones until they are deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.batches import AT_ONCE, add_documents, one_batch, reprocess_row
from workers.batchrecords import StoredBatch
from workers.blobs import BlobStore
from workers.database import Database
from workers.documentrows import conditions, document_of, every_version, newest_version, one_document
from workers.errors import NotFound, NotReady
from workers.jobs import Jobs, queued_job
from workers.locker import Locker
from workers.outbox import DOCUMENT
from workers.ownership import disown
from workers.quotas import check_quotas
from workers.records import HAVE_RESULT, OPEN, Filter, StoredDocument, new_id
from workers.tables import batches, deliveries, documents, exports, jobs

IN_BULK = 2  # priority of what is read anew by filter, unless told: below what arrives meanwhile


@dataclass(frozen=True, slots=True)
class Again:
    """What to read anew. `fresh`: also what this engine has read already."""

    wanted: Filter
    priority: int = IN_BULK
    fresh: bool = False
    callback_url: str | None = None


class Versions:
    """Raises DatabaseFailed where the database cannot be asked, and what each method names."""

    def __init__(self, database: Database, store: BlobStore, jobs_: Jobs, locker: Locker, *, engine: str) -> None:
        self._database = database
        self._store = store
        self._jobs = jobs_
        self._locker = locker
        self._engine = engine

    async def find(self, tenant: str, document_id: str, version: int | None) -> StoredDocument:
        """The document with one version's job; by default the newest that has a result, else the newest.

        Raises NotFound.
        """
        async with self._database.read() as connection:
            newest = await one_document(connection, tenant, document_id)
            if version is None and (newest.job.state in HAVE_RESULT or newest.job.version == 1):
                return newest
            query = every_version().where(documents.c.id == document_id)
            if version is None:
                query = query.where(jobs.c.state.in_(HAVE_RESULT)).order_by(jobs.c.version.desc()).limit(1)
            else:
                query = query.where(jobs.c.version == version)
            row = (await connection.execute(query)).first()
            if row is None and version is not None:
                raise NotFound("the document has no such version")
            return newest if row is None else document_of(row)

    async def listing(self, tenant: str, document_id: str) -> list[StoredDocument]:
        """The document once with each version's job, newest first. Raises NotFound."""
        async with self._database.read() as connection:
            await one_document(connection, tenant, document_id)
            query = every_version().where(documents.c.id == document_id).order_by(jobs.c.version.desc())
            return [document_of(row) for row in await connection.execute(query)]

    async def reprocess(
        self, tenant: str, document_id: str, priority: int | None = None, password: str | None = None
    ) -> StoredDocument:
        """Queue a new version. Raises NotFound, NotReady while the last one is on its way, QueueFull,
        QuotaExceeded.
        """
        try:
            async with self._database.write() as connection:
                document = await one_document(connection, tenant, document_id)
                if not document.job.state.ended:
                    raise _unfinished(document)
                await self._jobs.refuse_when_full(connection)
                await _check_keys(connection, [document_id])
                job = queued_job(
                    document_id, tenant, self._engine, document.job.priority if priority is None else priority,
                    version=document.job.version + 1,
                )  # fmt: skip
                if password is not None:
                    job["password"] = self._locker.lock(password)
                await connection.execute(sa.insert(jobs).values(job))
                return await one_document(connection, tenant, document_id)
        except IntegrityError:  # on PostgreSQL, where two requests can run side by side: one of them was first
            raise _unfinished(await self._jobs.find(tenant, document_id)) from None

    async def reprocess_all(self, tenant: str, again: Again) -> StoredBatch:
        """Queue a new version of every document that meets the filter and whose work has ended, as a batch.

        Raises QueueFull when they do not all fit, QuotaExceeded.
        """
        async with self._database.write() as connection:
            query = sa.select(documents.c.id, jobs.c.version).select_from(
                documents.join(jobs, jobs.c.document_id == documents.c.id)
            )
            query = query.where(documents.c.tenant == tenant, jobs.c.version == newest_version())
            query = query.where(jobs.c.state.not_in(OPEN), *conditions(again.wanted)).order_by(documents.c.id)
            if not again.fresh:
                query = query.where(jobs.c.engine != self._engine)
            found = list(await connection.execute(query))
            await self._jobs.refuse_when_full(connection, len(found))
            await _check_keys(connection, [row.id for row in found])
            batch_id = new_id()
            row = reprocess_row(batch_id, tenant, again.callback_url, again.priority)
            await connection.execute(sa.insert(batches).values(row))
            await add_documents(connection, tenant, batch_id, [row.id for row in found])
            await self._queue(connection, tenant, again.priority, [(row.id, row.version + 1) for row in found])
            return await one_batch(connection, tenant, batch_id)

    async def _queue(
        self, connection: AsyncConnection, tenant: str, priority: int, wanted: Sequence[tuple[str, int]]
    ) -> None:
        for start in range(0, len(wanted), AT_ONCE):
            rows = [
                queued_job(document_id, tenant, self._engine, priority, version=version)
                for document_id, version in wanted[start : start + AT_ONCE]
            ]
            await connection.execute(sa.insert(jobs), rows)

    async def delete(self, tenant: str, document_id: str, version: int) -> None:
        """Erase an old version's result. Raises NotFound, and NotReady for the newest: it is the document's state."""
        async with self._database.write() as connection:
            newest = await one_document(connection, tenant, document_id)
            if version == newest.job.version:
                raise NotReady("the newest version goes with its document")
            this = (jobs.c.document_id == document_id, jobs.c.version == version)
            row = (await connection.execute(sa.select(jobs.c.id, jobs.c.result_key).where(*this))).first()
            if row is None:
                raise NotFound("the document has no such version")
            keys = list(await connection.scalars(sa.select(exports.c.key).where(exports.c.job_id == row.id)))
            await connection.execute(sa.delete(jobs).where(jobs.c.id == row.id))
            told = (deliveries.c.subject == DOCUMENT, deliveries.c.subject_id == document_id)
            await connection.execute(sa.delete(deliveries).where(*told, deliveries.c.version == version))
            for key in sorted(filter(None, [row.result_key, *keys])):
                await disown(connection, self._store, key)


async def _check_keys(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Pages read anew count for the key that brought the document. Raises QuotaExceeded."""
    keys: set[str] = set()
    for start in range(0, len(ids), AT_ONCE):
        query = sa.select(documents.c.key_id).distinct().where(documents.c.id.in_(ids[start : start + AT_ONCE]))
        keys |= {key for key in await connection.scalars(query) if key is not None}
    for key in sorted(keys):
        await check_quotas(connection, key)


def _unfinished(document: StoredDocument) -> NotReady:
    return NotReady(f"version {document.job.version} of the document is {document.job.state}")
