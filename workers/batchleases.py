"""What workers do with batches: claim one to unpack, store what was in it, say when all its documents have ended.

As with jobs, every write carries the lease under which the worker holds the batch, and a document, its place in
the batch and the count of entries dealt with are written in one transaction: whoever goes on after a crash
goes on behind the last entry, and no entry becomes two documents.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.batches import one_batch
from workers.batchrows import erase_some
from workers.blobs import BlobStore, Staged
from workers.database import Database
from workers.jobs import Jobs
from workers.leases import LeaseLost
from workers.outbox import announce_batch
from workers.ownership import disown
from workers.records import OPEN, Wishes
from workers.tables import batch_members, batches, jobs

MAX_NAME = 1000
MAX_DETAIL = 500


@dataclass(frozen=True, slots=True)
class BatchClaim:
    """An archive in this worker's hands. `entries`: how many of it were dealt with."""

    batch_id: str
    lease: str
    tenant: str
    filename: str
    upload_key: str
    options: Mapping[str, object]
    password: bytes | None
    entries: int


@dataclass(frozen=True, slots=True)
class LeftOutEntry:
    position: int
    name: str
    code: str
    detail: str


class BatchLeases:
    """Raises DatabaseFailed where the database cannot be asked, LeaseLost where the batch is gone or cancelled."""

    def __init__(self, database: Database, store: BlobStore, jobs_: Jobs, *, seconds: float, max_losses: int) -> None:
        self._database = database
        self._store = store
        self._jobs = jobs_
        self._seconds = seconds
        self._max_losses = max_losses

    async def claim(self) -> BatchClaim | None:
        """The oldest archive that nobody unpacks. One that lost too many workers is closed as failed instead."""
        now, lease = time.time(), secrets.token_hex(16)
        async with self._database.write() as connection:
            query = sa.select(batches).where(*_waiting(now)).order_by(batches.c.id).limit(1)
            if not self._database.is_sqlite:
                query = query.with_for_update(skip_locked=True)
            row = (await connection.execute(query)).first()
            if row is None:
                return None
            losses = row.losses + (row.lease is not None)
            change = sa.update(batches).where(batches.c.id == row.id)
            if losses >= self._max_losses:
                told = {"error_code": "worker_died", "error_detail": "the worker was lost each time it unpacked this"}
                await connection.execute(change.values(losses=losses, **told, **_over(now)))
                await self._release_archive(connection, row.id)
                return None
            await connection.execute(change.values(lease=lease, lease_until=now + self._seconds, losses=losses))
            return BatchClaim(
                row.id, lease, row.tenant, row.filename, row.upload_key, row.options, row.password, row.entries
            )

    async def renew(self, claim: BatchClaim) -> None:
        async with self._database.write() as connection:
            await _change(connection, claim, lease_until=time.time() + self._seconds)

    async def give_back(self, claim: BatchClaim, wait: float = 0.0, *, lost: bool = False) -> None:
        """`wait`: seconds before anybody goes on with it; `lost`: it counts as having cost a worker."""
        async with self._database.write() as connection:
            losses = batches.c.losses + int(lost)
            await _change(connection, claim, lease=None, lease_until=None, not_before=time.time() + wait, losses=losses)

    async def add_document(self, claim: BatchClaim, position: int, name: str, staged: Staged, wishes: Wishes) -> str:
        """Take over a member's sealed bytes; the document's id. Raises QueueFull, StorageFull, StorageFailed too."""
        async with self._database.write() as connection:
            await _change(connection, claim, entries=position + 1)
            fingerprint = self._jobs.fingerprint(staged.sha256, wishes)
            document_id = (await self._jobs.admit(connection, claim.tenant, staged, wishes, fingerprint)).id
            row = {"batch_id": claim.batch_id, "position": position, "name": name[:MAX_NAME]}
            await connection.execute(sa.insert(batch_members).values(row | {"document_id": document_id}))
            return document_id

    async def add_left_out(self, claim: BatchClaim, left_out: Sequence[LeftOutEntry]) -> None:
        """Note what is no document, or none that can be read. They follow one another."""
        if not left_out:
            return
        rows = [
            {
                "batch_id": claim.batch_id, "position": entry.position, "name": entry.name[:MAX_NAME],
                "error_code": entry.code, "error_detail": entry.detail[:MAX_DETAIL],
            }
            for entry in left_out
        ]  # fmt: skip
        async with self._database.write() as connection:
            await _change(connection, claim, entries=left_out[-1].position + 1)
            await connection.execute(sa.insert(batch_members), rows)

    async def finish(self, claim: BatchClaim) -> None:
        """Everything is unpacked: the archive itself is needed no longer."""
        async with self._database.write() as connection:
            await _change(connection, claim, **_over(time.time()))
            await self._release_archive(connection, claim.batch_id)

    async def fail(self, claim: BatchClaim, code: str, detail: str) -> None:
        """Unpacking is given up; the documents unpacked before are read all the same."""
        async with self._database.write() as connection:
            told = {"error_code": code, "error_detail": detail[:MAX_DETAIL]}
            await _change(connection, claim, **told, **_over(time.time()))
            await self._release_archive(connection, claim.batch_id)

    async def close_ended(self) -> int:
        """Announce the batches whose last document has ended, each once; how many."""
        async with self._database.read() as connection:
            ids = list(await connection.scalars(sa.select(batches.c.id).where(*_ended())))
        closed = 0
        for batch_id in ids:
            async with self._database.write() as connection:
                change = sa.update(batches).where(batches.c.id == batch_id, *_ended()).values(ended=time.time())
                if (await connection.execute(change)).rowcount:
                    await announce(connection, batch_id)
                    closed += 1
        return closed

    async def erase_deleted(self) -> None:
        """Go on where a process died while it erased a batch."""
        async with self._database.read() as connection:
            query = sa.select(batches.c.id).where(batches.c.deleted < time.time() - self._seconds)
            ids = list(await connection.scalars(query))
        for batch_id in ids:
            while await erase_some(self._database, self._store, batch_id):
                continue

    async def release_cancelled(self) -> None:
        """The archive of a batch that was cancelled while it was unpacked is needed no longer."""
        where = (batches.c.cancelled.is_not(None), batches.c.upload_key.is_not(None), batches.c.deleted.is_(None))
        async with self._database.read() as connection:
            ids = list(await connection.scalars(sa.select(batches.c.id).where(*where)))
        for batch_id in ids:
            async with self._database.write() as connection:
                await self._release_archive(connection, batch_id)

    async def _release_archive(self, connection: AsyncConnection, batch_id: str) -> None:
        key = await connection.scalar(sa.select(batches.c.upload_key).where(batches.c.id == batch_id))
        if key is not None:
            await connection.execute(sa.update(batches).where(batches.c.id == batch_id).values(upload_key=None))
            await disown(connection, self._store, key)


async def announce(connection: AsyncConnection, batch_id: str) -> None:
    """Tell a batch's callback that it has ended; called once for each, in the transaction that notes it."""
    tenant = await connection.scalar(sa.select(batches.c.tenant).where(batches.c.id == batch_id))
    batch = await one_batch(connection, str(tenant), batch_id)
    if batch.callback_url is None:
        return
    here = f"/v1/batches/{batch_id}"
    error = None if batch.error_code is None else {"code": batch.error_code, "detail": batch.error_detail or ""}
    told = {
        "state": batch.state, "error": error, "left_out": batch.counts.left_out,
        "documents": {state.value: number for state, number in batch.counts.documents.items()},
        "pages": {"done": batch.counts.pages_done, "total": batch.counts.pages_total},
        "links": {"self": here, "results": f"{here}/results"},
    }  # fmt: skip
    await announce_batch(connection, tenant=batch.tenant, batch_id=batch_id, url=batch.callback_url, told=told)


def _over(now: float) -> dict[str, object]:
    """Columns of a batch that needs no more unpacking."""
    return {"unpacked": now, "lease": None, "lease_until": None, "password": None}


def _waiting(now: float) -> tuple[sa.ColumnElement[bool], ...]:
    free = sa.or_(batches.c.lease.is_(None), batches.c.lease_until < now)
    alive = (batches.c.unpacked.is_(None), batches.c.cancelled.is_(None), batches.c.deleted.is_(None))
    return *alive, batches.c.not_before <= now, free


def _ended() -> tuple[sa.ColumnElement[bool], ...]:
    over = sa.or_(batches.c.unpacked.is_not(None), batches.c.cancelled.is_not(None))
    unfinished = (
        sa.select(batch_members.c.position)
        .join(jobs, jobs.c.document_id == batch_members.c.document_id)
        .where(batch_members.c.batch_id == batches.c.id, jobs.c.state.in_(OPEN))
        .correlate(batches)
        .exists()
    )
    return batches.c.ended.is_(None), batches.c.deleted.is_(None), over, ~unfinished


async def _change(connection: AsyncConnection, claim: BatchClaim, **values: object) -> None:
    where = (batches.c.id == claim.batch_id, batches.c.lease == claim.lease)
    if (await connection.execute(sa.update(batches).where(*where).values(**values))).rowcount == 0:
        raise LeaseLost
