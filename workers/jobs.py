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
from workers.endings import note_ends
from workers.errors import IdempotencyMismatch, NoPicture, NotFound, QueueFull
from workers.exports import Format
from workers.locker import Locker
from workers.outbox import DOCUMENT, forget
from workers.ownership import disown as disown
from workers.ownership import own as own
from workers.pictures import picture_keys, share_pictures
from workers.records import FREE, OPEN, Accepted, Callback, Filter, Job, State, StoredDocument, Wishes, new_id
from workers.tables import beats, checkpoints, deliveries, documents, exports, jobs, page_pictures


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

        Raises QueueFull, IdempotencyMismatch, StorageFull, StorageFailed.
        """
        fingerprint = self._fingerprint(staged.sha256, wishes)
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
            key = f"uploads/{tenant}/{staged.sha256[:2]}/{staged.sha256}"
            shared = None if wishes.fresh else await self._finished(connection, tenant, fingerprint)
            if shared is None:
                await self._refuse_when_full(connection)
            await own(connection, key)
            # Inside the transaction: whoever deletes the last other owner of these bytes waits for its end.
            await staged.place(key)
            document_id = await self._insert(connection, tenant, staged, wishes, key, fingerprint, shared)
            return Accepted(await _one(connection, tenant, document_id), is_new=True)

    async def find(self, tenant: str, document_id: str) -> StoredDocument:
        """Raises NotFound, also for another tenant's document."""
        async with self._database.read() as connection:
            return await _one(connection, tenant, document_id)

    async def listing(self, tenant: str, wanted: Filter) -> list[StoredDocument]:
        """Newest first."""
        query = _joined().where(documents.c.tenant == tenant)
        if wanted.state is not None:
            query = query.where(jobs.c.state == wanted.state)
        if wanted.before is not None:
            query = query.where(documents.c.id < wanted.before)
        if wanted.tag is not None:
            # Tags are stored as JSON with sorted, quoted texts; both databases can look for one as a text.
            needle = json.dumps(wanted.tag).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            query = query.where(sa.cast(documents.c.tags, sa.Text).like(f"%{needle}%", escape="\\"))
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(documents.c.id.desc()).limit(wanted.limit))
            return [_document(row) for row in rows]

    async def cancel(self, tenant: str, document_id: str) -> StoredDocument:
        """End the job if it has not ended. Taking the lease away is what stops the worker. Raises NotFound."""
        async with self._database.write() as connection:
            document = await _one(connection, tenant, document_id)
            change = (
                sa.update(jobs)
                .where(jobs.c.id == document.job.id, jobs.c.state.in_(OPEN))
                .values(state=State.CANCELLED, stage="ended", ended=time.time(), **FREE)
            )
            if (await connection.execute(change)).rowcount:
                await connection.execute(sa.delete(checkpoints).where(checkpoints.c.job_id == document.job.id))
                await note_ends(connection, [document.job.id])
            return await _one(connection, tenant, document_id)

    async def delete(self, tenant: str, document_id: str) -> None:
        """Erase row, jobs, upload and results; shared blobs go with their last owner. Raises NotFound."""
        async with self._database.write() as connection:
            await _one(connection, tenant, document_id)
            await erase_document(connection, self._store, document_id)

    async def picture_key(self, tenant: str, document_id: str, number: int) -> str:
        """The blob of a page as it is shown. Raises NotFound, NoPicture."""
        async with self._database.read() as connection:
            await _one(connection, tenant, document_id)
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

    async def _refuse_when_full(self, connection: AsyncConnection) -> None:
        if await _count_open(connection) >= self._max_queue:
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
        return await _one(connection, tenant, row.id)

    async def _finished(self, connection: AsyncConnection, tenant: str, fingerprint: str) -> Any:
        """The newest whole result of the same bytes and options by this engine."""
        query = (
            sa.select(jobs.c.document_id, *(jobs.c[name] for name in _SHARED_COLUMNS))
            .join(documents, documents.c.id == jobs.c.document_id)
            .where(documents.c.tenant == tenant, documents.c.fingerprint == fingerprint)
            .where(jobs.c.engine == self._engine, jobs.c.state == State.SUCCEEDED)
            .order_by(jobs.c.ended.desc())
            .limit(1)
        )
        return (await connection.execute(query)).first()

    async def _insert(
        self,
        connection: AsyncConnection,
        tenant: str,
        staged: Staged,
        wishes: Wishes,
        key: str,
        fingerprint: str,
        shared: Any,
    ) -> str:
        now, document_id = time.time(), new_id()
        row: dict[str, object] = {
            "id": document_id, "tenant": tenant, "sha256": staged.sha256, "size": staged.size,
            "filename": wishes.filename, "pages": wishes.pages, "tags": sorted(set(wishes.tags)), "created": now,
            "upload_key": key, "idempotency_key": wishes.idempotency_key, "fingerprint": fingerprint,
            "callback_url": wishes.callback_url, "formats": ",".join(sorted(set(wishes.formats))) or None,
        }
        job: dict[str, object] = {
            "id": new_id(), "document_id": document_id, "tenant": tenant, "version": 1, "engine": self._engine,
            "state": State.QUEUED, "stage": "waiting", "priority": wishes.priority, "attempts": 0, "losses": 0,
            "not_before": 0.0, "queued": now, "worked": 0.0, "pages_done": 0,
        }
        if shared is not None:
            await own(connection, str(shared.result_key))
            told = {name: getattr(shared, name) for name in _SHARED_COLUMNS}
            job |= {"state": State.SUCCEEDED, "stage": "ended", "started": now, "ended": now, **told}
        elif wishes.password is not None:
            job["password"] = self._locker.lock(wishes.password)
        await connection.execute(sa.insert(documents).values(row))
        await connection.execute(sa.insert(jobs).values(job))
        if shared is not None:
            await share_pictures(connection, str(shared.document_id), document_id)
            await note_ends(connection, [str(job["id"])])
        return document_id

    def _fingerprint(self, sha256: str, wishes: Wishes) -> str:
        """Of content and of the options that change a result. Keyed: it must not help to guess a password."""
        told = json.dumps([sha256, wishes.pages, wishes.password])
        return hmac.new(self._locker.fingerprint_key, told.encode(), hashlib.sha256).hexdigest()


async def erase_document(connection: AsyncConnection, store: BlobStore, document_id: str) -> None:
    """Erase a document with everything that nobody else owns."""
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
    return int(await connection.scalar(sa.select(sa.func.count()).where(jobs.c.state.in_(OPEN))) or 0)


_JOB_COLUMNS: Sequence[str] = (
    "version", "engine", "state", "stage", "priority", "attempts", "queued", "started", "ended",
    "n_pages", "pages_total", "pages_done", "error_code", "error_detail", "result_key",
)  # fmt: skip
_SHARED_COLUMNS: Sequence[str] = ("n_pages", "pages_total", "pages_done", "result_key")
_DOCUMENT_COLUMNS: Sequence[str] = ("id", "tenant", "sha256", "size", "filename", "pages", "formats", "tags", "created")
_DELIVERY_COLUMNS: Sequence[str] = ("state", "attempts", "next_at", "status", "error_code", "ended")


def _joined() -> sa.Select[Any]:
    """Documents with their newest job."""
    versions = jobs.alias("versions")
    newest = (
        sa.select(sa.func.max(versions.c.version))
        .where(versions.c.document_id == documents.c.id)
        .correlate(documents)
        .scalar_subquery()
    )
    columns: list[sa.ColumnElement[Any]] = [documents.c[name] for name in _DOCUMENT_COLUMNS]
    columns += [jobs.c[name] for name in _JOB_COLUMNS]
    columns += [deliveries.c[name].label(f"delivery_{name}") for name in _DELIVERY_COLUMNS]
    told = (deliveries.c.subject == DOCUMENT, deliveries.c.subject_id == documents.c.id)
    joined = documents.join(jobs, jobs.c.document_id == documents.c.id).outerjoin(
        deliveries, sa.and_(*told, deliveries.c.version == jobs.c.version)
    )
    also = (jobs.c.id.label("job_id"), documents.c.callback_url)
    return sa.select(*columns, *also).select_from(joined).where(jobs.c.version == newest)


async def _one(connection: AsyncConnection, tenant: str, document_id: str) -> StoredDocument:
    where = (documents.c.id == document_id, documents.c.tenant == tenant)
    row = (await connection.execute(_joined().where(*where))).first()
    if row is None:
        raise NotFound("there is no such document")
    return _document(row)


def _document(row: sa.Row[Any]) -> StoredDocument:
    values = row._mapping
    job = {name: values[name] for name in _JOB_COLUMNS} | {"id": row.job_id, "state": State(row.state)}
    own_values = {name: values[name] for name in _DOCUMENT_COLUMNS} | {"tags": tuple(row.tags)}
    callback = None
    if row.callback_url is not None:
        told = {name: values[f"delivery_{name}"] for name in _DELIVERY_COLUMNS}
        callback = Callback(row.callback_url, **told)
    return StoredDocument(**own_values, job=Job(**job), callback=callback)
