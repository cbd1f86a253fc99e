"""Documents and their jobs as the API sees them: accept, look up, list, cancel, delete.

The row is the truth about a job; the queue is only a hint that there is work. What workers do with
rows is in `workers.leases`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.blobs import BlobStore, Staged
from workers.database import Database
from workers.documentrows import conditions, document_of, joined, new_document, one_document
from workers.endings import note_ends
from workers.errors import IdempotencyMismatch, NoPicture, QueueFull
from workers.exports import Format
from workers.locker import Locker
from workers.outbox import forget
from workers.ownership import disown, own
from workers.pictures import picture_keys, share_pictures
from workers.quotas import check_quotas
from workers.records import FREE, OPEN, Accepted, Filter, State, StoredDocument, Wishes, new_id
from workers.tables import beats, checkpoints, documents, exports, jobs, page_pictures

_SHARED_COLUMNS: Sequence[str] = ("n_pages", "pages_total", "pages_done", "result_key")

# Statements of every upload, built once: building one costs more than running it.
_FINISHED = (
    sa.select(jobs.c.document_id, *(jobs.c[name] for name in _SHARED_COLUMNS))
    .join(documents, documents.c.id == jobs.c.document_id)
    .where(documents.c.tenant == sa.bindparam("its_tenant"))
    .where(documents.c.fingerprint == sa.bindparam("its_fingerprint"))
    .where(jobs.c.engine == sa.bindparam("its_engine"), jobs.c.state == State.SUCCEEDED)
    .order_by(jobs.c.ended.desc())
    .limit(1)
)
_N_OPEN = sa.select(sa.func.count()).where(jobs.c.state.in_(OPEN))
_INSERT_DOCUMENT = sa.insert(documents)
_INSERT_JOB = sa.insert(jobs)


class Jobs:
    """Raises DatabaseFailed where the database cannot be asked, and what each method names."""

    def __init__(self, database: Database, store: BlobStore, locker: Locker, *, engine: str, max_queue: int) -> None:
        self._database = database
        self._store = store
        self._locker = locker
        self._engine = engine
        self._max_queue = max_queue

    async def accept(self, tenant: str, staged: Staged, wishes: Wishes) -> Accepted:
        """Take over sealed bytes: once this returns, the document is safe.

        Raises QueueFull, QuotaExceeded, IdempotencyMismatch, StorageFull, StorageFailed.
        """
        fingerprint = self.fingerprint(staged.sha256, wishes)
        try:
            return await self._accept(tenant, staged, wishes, fingerprint)
        except IntegrityError:
            # On PostgreSQL two requests with one Idempotency-Key can run side by side; one of them was first.
            if wishes.idempotency_key is None:
                raise
            async with self._database.read() as connection:
                earlier = await self._same_key(connection, tenant, wishes.idempotency_key, fingerprint)
            if earlier is None:
                raise
            return Accepted(earlier, is_new=False)

    async def _accept(self, tenant: str, staged: Staged, wishes: Wishes, fingerprint: str) -> Accepted:
        async with self._database.write() as connection:
            if wishes.idempotency_key is not None:
                earlier = await self._same_key(connection, tenant, wishes.idempotency_key, fingerprint)
                if earlier is not None:
                    return Accepted(earlier, is_new=False)
            return Accepted(await self.admit(connection, tenant, staged, wishes, fingerprint), is_new=True)

    async def admit(
        self, connection: AsyncConnection, tenant: str, staged: Staged, wishes: Wishes, fingerprint: str
    ) -> StoredDocument:
        """Take over sealed bytes as a part of a transaction. Raises as `accept`."""
        key = upload_key(tenant, staged.sha256)
        shared = None if wishes.fresh else await self._finished(connection, tenant, fingerprint)
        if shared is None:
            await self.refuse_when_full(connection)
            if wishes.key_id is not None:
                await check_quotas(connection, wishes.key_id)
        await own(connection, key)
        # Inside the transaction: whoever deletes the last other owner of these bytes waits for its end.
        await staged.place(key)
        return await self._insert(connection, tenant, staged, wishes, key, fingerprint, shared)

    async def find(self, tenant: str, document_id: str) -> StoredDocument:
        """Raises NotFound, also for another tenant's document."""
        async with self._database.read() as connection:
            return await one_document(connection, tenant, document_id)

    async def exists(self, document_id: str) -> bool:
        """For those who know already whose it is."""
        async with self._database.read() as connection:
            return await connection.scalar(sa.select(documents.c.id).where(documents.c.id == document_id)) is not None

    async def listing(self, tenant: str, wanted: Filter) -> list[StoredDocument]:
        """Newest first."""
        query = joined().where(documents.c.tenant == tenant, *conditions(wanted))
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(documents.c.id.desc()).limit(wanted.limit))
            return [document_of(row) for row in rows]

    async def cancel(self, tenant: str, document_id: str) -> StoredDocument:
        """End the job if it has not ended. Taking the lease away is what stops the worker. Raises NotFound."""
        async with self._database.write() as connection:
            document = await one_document(connection, tenant, document_id)
            change = (
                sa.update(jobs)
                .where(jobs.c.id == document.job.id, jobs.c.state.in_(OPEN))
                .values(state=State.CANCELLED, stage="ended", ended=time.time(), **FREE)
            )
            if (await connection.execute(change)).rowcount:
                await connection.execute(sa.delete(checkpoints).where(checkpoints.c.job_id == document.job.id))
                await note_ends(connection, [document.job.id])
            return await one_document(connection, tenant, document_id)

    async def delete(self, tenant: str, document_id: str) -> None:
        """Erase row, jobs, upload and results; shared blobs go with their last owner. Raises NotFound."""
        async with self._database.write() as connection:
            await one_document(connection, tenant, document_id)
            await erase_document(connection, self._store, document_id)

    async def picture_key(self, tenant: str, document_id: str, number: int) -> str:
        """The blob of a page as it is shown. Raises NotFound, NoPicture."""
        async with self._database.read() as connection:
            await one_document(connection, tenant, document_id)
            this = (page_pictures.c.document_id == document_id, page_pictures.c.number == number)
            key: str | None = await connection.scalar(sa.select(page_pictures.c.key).where(*this))
        if key is None:
            raise NoPicture("there is no picture of this page: it was not read (yet), or pictures are not kept")
        return key

    async def export_key(self, job_id: str, wanted: Format) -> str | None:
        """The blob of a result that was stored in this format ahead of time."""
        this = (exports.c.job_id == job_id, exports.c.format == wanted.value)
        async with self._database.read() as connection:
            key: str | None = await connection.scalar(sa.select(exports.c.key).where(*this))
            return key

    async def waiting(self) -> int:
        """How many jobs have not ended."""
        async with self._database.read() as connection:
            return await _count_open(connection)

    async def workers_heard(self, within: float) -> int:
        """How many workers with models were heard of in the last `within` seconds."""
        async with self._database.read() as connection:
            query = sa.select(sa.func.count()).select_from(beats).where(beats.c.seen >= time.time() - within)
            return int(await connection.scalar(query) or 0)

    async def refuse_when_full(self, connection: AsyncConnection, more: int = 1) -> None:
        """Raises QueueFull where `more` jobs have no room."""
        if more and await _count_open(connection) + more > self._max_queue:
            raise QueueFull("too many documents are waiting")

    async def _same_key(
        self, connection: AsyncConnection, tenant: str, key: str, fingerprint: str
    ) -> StoredDocument | None:
        where = (documents.c.tenant == tenant, documents.c.idempotency_key == key)
        row = (await connection.execute(sa.select(documents.c.id, documents.c.fingerprint).where(*where))).first()
        if row is None:
            return None
        if row.fingerprint != fingerprint:
            raise IdempotencyMismatch("this Idempotency-Key was used for another document or other options")
        return await one_document(connection, tenant, row.id)

    async def _finished(self, connection: AsyncConnection, tenant: str, fingerprint: str) -> Any:
        """The newest whole result of the same bytes and options by this engine."""
        asked = {"its_tenant": tenant, "its_fingerprint": fingerprint, "its_engine": self._engine}
        return (await connection.execute(_FINISHED, asked)).first()

    async def _insert(
        self,
        connection: AsyncConnection,
        tenant: str,
        staged: Staged,
        wishes: Wishes,
        key: str,
        fingerprint: str,
        shared: Any,
    ) -> StoredDocument:
        # As exact as it is shown: a list asked for "since" what was shown begins with this document.
        now, document_id = round(time.time(), 6), new_id()
        row: dict[str, object] = {
            "id": document_id, "tenant": tenant, "sha256": staged.sha256, "size": staged.size,
            "filename": wishes.filename, "pages": wishes.pages, "tags": sorted(set(wishes.tags)), "created": now,
            "upload_key": key, "idempotency_key": wishes.idempotency_key, "fingerprint": fingerprint,
            "repair": wishes.repair, "key_id": wishes.key_id, "callback_url": wishes.callback_url,
            "formats": ",".join(sorted(set(wishes.formats))) or None,
        }
        job = queued_job(document_id, tenant, self._engine, wishes.priority)
        if shared is not None:
            await own(connection, str(shared.result_key))
            told = {name: getattr(shared, name) for name in _SHARED_COLUMNS}
            job |= {"state": State.SUCCEEDED, "stage": "ended", "started": now, "ended": now, **told}
        elif wishes.password is not None:
            job["password"] = self._locker.lock(wishes.password)
        await connection.execute(_INSERT_DOCUMENT, row)
        await connection.execute(_INSERT_JOB, job)
        if shared is None:
            return new_document(row, job)
        await share_pictures(connection, str(shared.document_id), document_id)
        await note_ends(connection, [str(job["id"])])
        return await one_document(connection, tenant, document_id)

    def fingerprint(self, sha256: str, wishes: Wishes) -> str:
        """Of content and of the options that change a result. Keyed: it must not help to guess a password."""
        told = json.dumps([sha256, wishes.pages, wishes.password, *([] if wishes.repair else ["repair=off"])])
        return hmac.new(self._locker.fingerprint_key, told.encode(), hashlib.sha256).hexdigest()


def upload_key(tenant: str, sha256: str) -> str:
    """Named by content, so that a tenant's uploads of the same bytes share one blob."""
    return f"uploads/{tenant}/{sha256[:2]}/{sha256}"


def queued_job(
    document_id: str, tenant: str, engine: str, priority: int, *, version: int = 1
) -> dict[str, object]:
    """The row of a job that nobody has begun."""
    return {
        "id": new_id(), "document_id": document_id, "tenant": tenant, "version": version, "engine": engine,
        "state": State.QUEUED, "stage": "waiting", "priority": priority, "attempts": 0, "losses": 0,
        "not_before": 0.0, "queued": time.time(), "worked": 0.0, "pages_done": 0,
    }  # fmt: skip


async def erase_document(connection: AsyncConnection, store: BlobStore, document_id: str) -> None:
    """Erase a document with everything that nobody else owns."""
    # Its row is held (PostgreSQL): of two that erase it at once only one may count its blobs' owners down.
    this = sa.select(documents.c.id).where(documents.c.id == document_id).with_for_update()
    if await connection.scalar(this) is None:
        return
    uploads = sa.select(documents.c.upload_key).where(documents.c.id == document_id)
    results = sa.select(jobs.c.result_key).where(jobs.c.document_id == document_id)
    others = sa.select(exports.c.key).join(jobs, jobs.c.id == exports.c.job_id).where(jobs.c.document_id == document_id)
    keys = [key for query in (uploads, results, others) for key in await connection.scalars(query)]
    keys += await picture_keys(connection, document_id)
    await connection.execute(sa.delete(documents).where(documents.c.id == document_id))
    await forget(connection, document_id)
    for key in sorted(filter(None, keys)):
        await disown(connection, store, key)


async def _count_open(connection: AsyncConnection) -> int:
    return int(await connection.scalar(_N_OPEN) or 0)
