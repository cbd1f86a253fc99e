"""Batches as the API sees them: accept an archive or a list, look up, list, cancel, delete.

A batch's archive is unpacked by a worker (`workers.unpacking`); its documents are documents like all others.
How many of them stand where is counted when it is asked for, so that no counter can go astray.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.batchrecords import AcceptedBatch, BatchKind, Member, StoredBatch
from workers.batchrows import counts_of, erase_some, members_query, show_member
from workers.blobs import BlobStore, Staged
from workers.database import Database
from workers.endings import note_ends
from workers.errors import IdempotencyMismatch, NotFound
from workers.jobs import Jobs, upload_key
from workers.locker import Locker
from workers.ownership import own
from workers.records import FREE, OPEN, State, Wishes, new_id
from workers.tables import batch_members, batches, checkpoints, documents, jobs

AT_ONCE = 500  # members that one statement inserts
_COLUMNS: Sequence[str] = (
    "id", "tenant", "kind", "filename", "sha256", "size", "options", "created", "entries", "unpacked", "cancelled",
    "callback_url", "error_code", "error_detail",
)  # fmt: skip


class Batches:
    """Raises DatabaseFailed where the database cannot be asked, and what each method names."""

    def __init__(self, database: Database, store: BlobStore, jobs_: Jobs, locker: Locker) -> None:
        self._database = database
        self._store = store
        self._jobs = jobs_
        self._locker = locker

    async def accept_archive(self, tenant: str, staged: Staged, wishes: Wishes) -> AcceptedBatch:
        """Take over a sealed archive: once this returns, it is safe and will be unpacked.

        `wishes` are for every document in it. Raises QueueFull, IdempotencyMismatch, StorageFull, StorageFailed.
        """
        fingerprint = self._jobs.fingerprint(staged.sha256, wishes)
        batch_id = new_id()
        key = upload_key(tenant, staged.sha256)
        password = None if wishes.password is None else self._locker.lock(wishes.password)
        row = _row(
            batch_id, tenant, BatchKind.ARCHIVE, fingerprint, wishes.idempotency_key,
            filename=wishes.filename, sha256=staged.sha256, size=staged.size, upload_key=key, password=password,
            options=options_of(wishes), takes_documents=True, callback_url=wishes.callback_url,
        )  # fmt: skip

        async def insert(connection: AsyncConnection) -> None:
            await self._jobs.refuse_when_full(connection)
            await connection.execute(sa.insert(batches).values(row))
            await own(connection, key)
            await staged.place(key)

        return await self._once(tenant, batch_id, wishes.idempotency_key, fingerprint, insert)

    async def accept_list(self, tenant: str, ids: Sequence[str], wishes: Wishes) -> AcceptedBatch:
        """Group documents that are there already; their order and each once.

        Of the wishes, a filename and a callback can be met. Raises NotFound, IdempotencyMismatch.
        """
        ids = list(dict.fromkeys(ids))
        fingerprint = hashlib.sha256("\n".join(ids).encode()).hexdigest()
        batch_id = new_id()

        async def insert(connection: AsyncConnection) -> None:
            row = _row(
                batch_id, tenant, BatchKind.LIST, fingerprint, wishes.idempotency_key,
                filename=wishes.filename or None, callback_url=wishes.callback_url,
            )  # fmt: skip
            await connection.execute(sa.insert(batches).values(row | {"unpacked": row["created"]}))
            await add_documents(connection, tenant, batch_id, ids)

        return await self._once(tenant, batch_id, wishes.idempotency_key, fingerprint, insert)

    async def _once(
        self, tenant: str, batch_id: str, idempotency_key: str | None, fingerprint: str, insert: Any
    ) -> AcceptedBatch:
        """Insert a batch, unless its Idempotency-Key was seen before."""
        try:
            async with self._database.write() as connection:
                earlier = await self._same_key(connection, tenant, idempotency_key, fingerprint)
                if earlier is not None:
                    return AcceptedBatch(earlier, is_new=False)
                await insert(connection)
                return AcceptedBatch(await one_batch(connection, tenant, batch_id), is_new=True)
        except IntegrityError:  # on PostgreSQL, where two requests with one key can run side by side
            async with self._database.read() as connection:
                earlier = await self._same_key(connection, tenant, idempotency_key, fingerprint)
            if earlier is None:
                raise
            return AcceptedBatch(earlier, is_new=False)

    async def _same_key(
        self, connection: AsyncConnection, tenant: str, key: str | None, fingerprint: str
    ) -> StoredBatch | None:
        if key is None:
            return None
        where = (batches.c.tenant == tenant, batches.c.idempotency_key == key)
        row = (await connection.execute(sa.select(batches.c.id, batches.c.fingerprint).where(*where))).first()
        if row is None:
            return None
        if row.fingerprint != fingerprint:
            raise IdempotencyMismatch("this Idempotency-Key was used for another batch or other options")
        return await one_batch(connection, tenant, row.id)

    async def find(self, tenant: str, batch_id: str) -> StoredBatch:
        """Raises NotFound, also for another tenant's batch."""
        async with self._database.read() as connection:
            return await one_batch(connection, tenant, batch_id)

    async def listing(self, tenant: str, before: str | None, limit: int) -> list[StoredBatch]:
        """Newest first; `before`: the id after which, going back in time, it goes on."""
        query = _query(tenant)
        if before is not None:
            query = query.where(batches.c.id < before)
        async with self._database.read() as connection:
            return await _shown(connection, query.order_by(batches.c.id.desc()).limit(limit))

    async def members(self, tenant: str, batch_id: str, after: int, limit: int) -> list[Member]:
        """In the archive's order, from behind position `after`. Raises NotFound."""
        async with self._database.read() as connection:
            known = sa.select(batches.c.id).where(batches.c.id == batch_id, *_live(tenant))
            if await connection.scalar(known) is None:
                raise NotFound("there is no such batch")
            rows = await connection.execute(members_query(batch_id, after, limit))
            return [show_member(row) for row in rows]

    async def cancel(self, tenant: str, batch_id: str) -> StoredBatch:
        """Stop unpacking, and end the documents that have not ended. Raises NotFound."""
        now = time.time()
        async with self._database.write() as connection:
            batch = await one_batch(connection, tenant, batch_id)
            if batch.state.ended:
                return batch
            change = sa.update(batches).where(batches.c.id == batch_id)
            await connection.execute(change.values(cancelled=now, lease=None, lease_until=None, password=None))
            await _cancel_documents(connection, batch_id, now)
            return await one_batch(connection, tenant, batch_id)

    async def delete(self, tenant: str, batch_id: str, *, documents_too: bool | None = None) -> None:
        """Erase a batch: at once nobody sees it any more; then its documents go, unless another batch has them.

        `documents_too`: by default those of an archive go, those that were uploaded by themselves stay.
        What is left undone when this process dies, a worker does. Raises NotFound.
        """
        now = time.time()
        async with self._database.write() as connection:
            batch = await one_batch(connection, tenant, batch_id)
            takes = batch.kind is BatchKind.ARCHIVE if documents_too is None else documents_too
            change = sa.update(batches).where(batches.c.id == batch_id)
            # The key is free again: a batch that is gone answers no repeated request.
            await connection.execute(change.values(
                deleted=now, takes_documents=takes, lease=None, lease_until=None, password=None, idempotency_key=None
            ))  # fmt: skip
            if takes:
                await _cancel_documents(connection, batch_id, now)
        while await erase_some(self._database, self._store, batch_id):
            continue


async def add_documents(connection: AsyncConnection, tenant: str, batch_id: str, ids: Sequence[str]) -> None:
    """Make these documents the members of a batch. Raises NotFound."""
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        query = sa.select(documents.c.id, documents.c.filename)
        found = await connection.execute(query.where(documents.c.tenant == tenant, documents.c.id.in_(some)))
        names = {row.id: row.filename for row in found}
        missing = next((document_id for document_id in some if document_id not in names), None)
        if missing is not None:
            raise NotFound(f"there is no document {missing}")
        rows = [
            {"batch_id": batch_id, "position": position, "name": names[document_id], "document_id": document_id}
            for position, document_id in enumerate(some, start)
        ]
        await connection.execute(sa.insert(batch_members), rows)


async def one_batch(connection: AsyncConnection, tenant: str, batch_id: str) -> StoredBatch:
    """Raises NotFound."""
    found = await _shown(connection, _query(tenant).where(batches.c.id == batch_id))
    if not found:
        raise NotFound("there is no such batch")
    return found[0]


def options_of(wishes: Wishes) -> dict[str, object]:
    """What each document of a batch is asked for, without what belongs to the archive alone."""
    apart = ("filename", "password", "idempotency_key", "callback_url")
    return {name: value for name, value in dataclasses.asdict(wishes).items() if name not in apart}


def _row(
    batch_id: str, tenant: str, kind: BatchKind, fingerprint: str, idempotency_key: str | None, **values: object
) -> dict[str, object]:
    told = {
        "id": batch_id, "tenant": tenant, "kind": kind, "created": time.time(), "fingerprint": fingerprint,
        "idempotency_key": idempotency_key, "options": {}, "takes_documents": False, "entries": 0, "not_before": 0.0,
        "losses": 0,
    }  # fmt: skip
    return told | values


def reprocess_row(batch_id: str, tenant: str, callback_url: str | None, priority: int) -> dict[str, object]:
    """The row of a batch of documents that are read anew."""
    row = _row(batch_id, tenant, BatchKind.REPROCESS, "", None, callback_url=callback_url)
    return row | {"options": {"priority": priority}, "unpacked": row["created"]}


def _live(tenant: str) -> tuple[sa.ColumnElement[bool], ...]:
    return batches.c.tenant == tenant, batches.c.deleted.is_(None)


def _query(tenant: str) -> sa.Select[Any]:
    return sa.select(*(batches.c[name] for name in _COLUMNS)).where(*_live(tenant))


async def _shown(connection: AsyncConnection, query: sa.Select[Any]) -> list[StoredBatch]:
    rows = [dict(row._mapping) for row in await connection.execute(query)]
    counts = await counts_of(connection, [row["id"] for row in rows])
    return [StoredBatch(**row | {"kind": BatchKind(row["kind"])}, counts=counts[row["id"]]) for row in rows]


async def _cancel_documents(connection: AsyncConnection, batch_id: str, now: float) -> None:
    ours = sa.select(batch_members.c.document_id).where(batch_members.c.batch_id == batch_id)
    change = sa.update(jobs).where(jobs.c.document_id.in_(ours), jobs.c.state.in_(OPEN))
    ended = change.values(state=State.CANCELLED, stage="ended", ended=now, **FREE).returning(jobs.c.id)
    ids = list(await connection.scalars(ended))
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        await connection.execute(sa.delete(checkpoints).where(checkpoints.c.job_id.in_(some)))
    await note_ends(connection, ids)
