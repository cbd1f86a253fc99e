"""What workers do with jobs: claim the next one, keep the lease, store pages, end it; and reap what was lost.

Every write carries the lease under which the worker holds the job. A worker whose lease was taken
away (cancelled, deleted, thought dead) changes nothing any more: there is never a second result.
"""

from __future__ import annotations

import hashlib
import secrets
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.claiming import PATIENCE, Next, had_turn, next_job
from workers.counters import LOSSES, count, page_amounts
from workers.database import Database
from workers.endings import note_ends
from workers.ownership import own
from workers.pictures import PagePicture, keep_picture
from workers.quotas import count_page
from workers.records import FREE, State
from workers.tables import beats, checkpoints, documents, exports, jobs

BACK_OFF = 5.0  # seconds before a lost job runs again, times its losses
MAX_DETAIL = 500
FORGOTTEN = 24 * 3600.0  # seconds


class LeaseLost(Exception):
    """The job is no longer this worker's: cancelled, deleted or given to another."""


def host_mark() -> str:
    """What the names of this host's (this container's) workers begin with."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:12]


def worker_name() -> str:
    return host_mark() + secrets.token_hex(10)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in this worker's hands. `worked`: seconds of earlier turns."""

    job_id: str
    lease: str
    document_id: str
    tenant: str
    sha256: str
    filename: str
    upload_key: str
    pages: str | None
    password: bytes | None
    worked: float
    attempts: int
    formats: str | None
    priority: int
    key_id: str | None = None
    repair: bool | None = None


@dataclass(frozen=True, slots=True)
class Reaped:
    requeued: int
    failed: int


class Leases:
    """Raises DatabaseFailed where the database cannot be asked, LeaseLost where the job is gone."""

    def __init__(self, database: Database, *, seconds: float, max_losses: int, engine: str | None = None) -> None:
        """`engine`: who reads, noted with each result; by default it stays what was expected on arrival."""
        self._database = database
        self._read_by = {} if engine is None else {"engine": engine}
        self._seconds = seconds
        self._max_losses = max_losses
        self._claims = 0

    async def claim(self) -> Claim | None:
        """The job whose pages come next; `workers.claiming` says which."""
        now, lease = time.time(), secrets.token_hex(16)
        async with self._database.write() as connection:
            longest = self._claims % PATIENCE == PATIENCE - 1
            found = await next_job(connection, now, longest=longest, lock=not self._database.is_sqlite)
            if found is None:
                return None
            self._claims += 1
            job_id = found.job_id
            await had_turn(connection, found.tenant, now)
            begins = sa.case((jobs.c.state == State.QUEUED, 1), else_=0)
            change = sa.update(jobs).where(jobs.c.id == job_id).values(
                state=State.RUNNING, stage="opening", lease=lease, lease_until=now + self._seconds,
                attempts=jobs.c.attempts + begins, started=sa.func.coalesce(jobs.c.started, now),
            )  # fmt: skip
            await connection.execute(change)
            columns = (
                jobs.c.id.label("job_id"), jobs.c.lease, jobs.c.document_id, jobs.c.tenant, documents.c.sha256,
                documents.c.filename, documents.c.upload_key, documents.c.pages, jobs.c.password, jobs.c.worked,
                jobs.c.attempts, documents.c.formats, jobs.c.priority,
                documents.c.key_id, documents.c.repair,
            )  # fmt: skip
            row = (await connection.execute(sa.select(*columns).join(documents).where(jobs.c.id == job_id))).one()
            return Claim(**row._mapping)

    async def next_waiting(self) -> Next | None:
        """The job that would be claimed now."""
        async with self._database.read() as connection:
            return await next_job(connection, time.time())

    async def still_held(self, leases: Iterable[str]) -> set[str]:
        """Which of the leases count still."""
        async with self._database.read() as connection:
            return set(await connection.scalars(sa.select(jobs.c.lease).where(jobs.c.lease.in_(list(leases)))))

    async def renew(self, leases: Iterable[str]) -> None:
        until = time.time() + self._seconds
        async with self._database.write() as connection:
            await connection.execute(sa.update(jobs).where(jobs.c.lease.in_(list(leases))).values(lease_until=until))

    async def opened(self, claim: Claim, n_pages: int, pages_total: int) -> None:
        async with self._database.write() as connection:
            await _change(connection, claim, stage="reading", n_pages=n_pages, pages_total=pages_total)

    async def done_pages(self, claim: Claim) -> dict[int, bytes]:
        """The finished pages by number."""
        async with self._database.read() as connection:
            query = sa.select(checkpoints.c.number, checkpoints.c.body).where(checkpoints.c.job_id == claim.job_id)
            return {row.number: row.body for row in await connection.execute(query)}

    async def done_numbers(self, claim: Claim) -> set[int]:
        async with self._database.read() as connection:
            query = sa.select(checkpoints.c.number).where(checkpoints.c.job_id == claim.job_id)
            return set(await connection.scalars(query))

    async def given_up(self, claim: Claim) -> dict[int, str]:
        """The error codes of pages that were not read, by number."""
        where = (checkpoints.c.job_id == claim.job_id, checkpoints.c.error_code.is_not(None))
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(checkpoints.c.number, checkpoints.c.error_code).where(*where))
            return {row.number: row.error_code for row in rows}

    async def store_page(
        self,
        claim: Claim,
        number: int,
        body: bytes,
        error_code: str | None = None,
        *,
        seconds: Sequence[tuple[str, float]] = (),
        picture: PagePicture | None = None,
    ) -> None:
        """Keep a finished page, or one given up for `error_code`. `seconds`: its stages' times."""
        async with self._database.write() as connection:
            await _change(connection, claim, pages_done=jobs.c.pages_done + 1)
            row = {"job_id": claim.job_id, "number": number, "body": body, "error_code": error_code}
            await connection.execute(sa.insert(checkpoints).values(row))
            if picture is not None:
                await keep_picture(connection, claim.tenant, claim.document_id, number, picture)
            if claim.key_id is not None and error_code is None:
                await count_page(connection, claim.key_id)
            await count(connection, page_amounts(seconds, error_code))

    async def give_back(self, claim: Claim, worked: float, wait: float = 0.0) -> None:
        """End a turn: other jobs may come first. `worked`: seconds of this turn; `wait`: earliest next turn."""
        async with self._database.write() as connection:
            await _change(
                connection, claim, stage="waiting", lease=None, lease_until=None,
                worked=jobs.c.worked + worked, not_before=time.time() + wait,
            )  # fmt: skip

    async def finish(
        self, claim: Claim, state: State, worked: float, result_key: str, others: Mapping[str, str] | None = None
    ) -> None:
        """Store the outcome. `others`: keys of the result by format. The blobs must be in place already."""
        async with self._database.write() as connection:
            await _change(connection, claim, **_ended(state, worked), **self._read_by, result_key=result_key)
            await own(connection, result_key)
            for name, key in sorted((others or {}).items()):
                await own(connection, key)
                await connection.execute(sa.insert(exports).values(job_id=claim.job_id, format=name, key=key))
            await _after_end(connection, claim)

    async def fail(self, claim: Claim, code: str, detail: str, worked: float) -> None:
        async with self._database.write() as connection:
            told = {"error_code": code, "error_detail": detail[:MAX_DETAIL]}
            await _change(connection, claim, **_ended(State.FAILED, worked), **told)
            await _after_end(connection, claim)

    async def beat(self, worker: str, processes: int) -> None:
        """Say that a worker with models lives, and forget those long gone."""
        now = time.time()
        async with self._database.write() as connection:
            gone = sa.or_(beats.c.worker == worker, beats.c.seen < now - FORGOTTEN)
            await connection.execute(sa.delete(beats).where(gone))
            await connection.execute(sa.insert(beats).values(worker=worker, seen=now, processes=processes))

    async def heard_here(self, within: float) -> int:
        """How many workers of this host were heard of in the last `within` seconds."""
        here = (beats.c.worker.startswith(host_mark()), beats.c.seen >= time.time() - within)
        async with self._database.read() as connection:
            return int(await connection.scalar(sa.select(sa.func.count()).select_from(beats).where(*here)) or 0)

    async def leave(self, worker: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.delete(beats).where(beats.c.worker == worker))

    async def reap(self) -> Reaped:
        """Put jobs back whose worker is not heard of; close those that lost too many workers."""
        now = time.time()
        lost = (jobs.c.state == State.RUNNING, jobs.c.lease.is_not(None), jobs.c.lease_until < now)
        async with self._database.write() as connection:
            poisoned = sa.update(jobs).where(*lost, jobs.c.losses + 1 >= self._max_losses).values(
                state=State.FAILED, stage="ended", ended=now, **FREE,
                losses=jobs.c.losses + 1, error_code="worker_died",
                error_detail="the worker was lost each time it ran this document",
            )  # fmt: skip
            ids = list(await connection.scalars(poisoned.returning(jobs.c.id)))
            if ids:
                await connection.execute(sa.delete(checkpoints).where(checkpoints.c.job_id.in_(ids)))
            again = sa.update(jobs).where(*lost).values(
                state=State.QUEUED, stage="waiting", lease=None, lease_until=None, losses=jobs.c.losses + 1,
                not_before=now + BACK_OFF * (jobs.c.losses + 1),
            )  # fmt: skip
            requeued = list(await connection.scalars(again.returning(jobs.c.id)))
            await note_ends(connection, ids)
            if ids or requeued:
                await count(connection, {(LOSSES, ""): float(len(ids) + len(requeued))})
            return Reaped(len(requeued), len(ids))


async def _change(connection: AsyncConnection, claim: Claim, **values: object) -> None:
    where = (jobs.c.id == claim.job_id, jobs.c.lease == claim.lease)
    if (await connection.execute(sa.update(jobs).where(*where).values(**values))).rowcount == 0:
        raise LeaseLost


def _ended(state: State, worked: float) -> dict[str, object]:
    return {"state": state, "stage": "ended", "ended": time.time(), "worked": jobs.c.worked + worked, **FREE}


async def _after_end(connection: AsyncConnection, claim: Claim) -> None:
    await connection.execute(sa.delete(checkpoints).where(checkpoints.c.job_id == claim.job_id))
    await note_ends(connection, [claim.job_id])
