"""The outbox: ends of work that are to be told to a callback's address, each until it was told or given up.

A row is written in the transaction that ends the work, so that no end is forgotten; its id stays the
same at every attempt. A worker holds a row by a lease while it tries: a worker that dies in between
costs one more attempt, and the receiver knows the id.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.counters import CALLBACKS, count
from workers.database import Database
from workers.records import new_id
from workers.tables import deliveries, documents, jobs

DOCUMENT, BATCH = "document", "batch"
DELIVERED, GIVEN_UP, PUT_OFF = "delivered", "given_up", "put_off"  # how attempts are counted


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery in a worker's hands. `attempts`: this one included."""

    id: str
    lease: str
    lease_until: float
    tenant: str
    subject_id: str
    url: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt's: the answer's status if there was one, and why it failed (None: delivered)."""

    status: int | None
    error_code: str | None


class Outbox:
    """Raises DatabaseFailed where the database cannot be asked."""

    def __init__(self, database: Database, *, lease: float) -> None:
        self._database = database
        self._lease = lease

    async def claim(self, limit: int) -> list[Parcel]:
        """What is due, the longest overdue first, and nobody else is at."""
        now = time.time()
        free = sa.or_(deliveries.c.lease.is_(None), deliveries.c.lease_until < now)
        due = (
            sa.select(deliveries.c.id)
            .where(deliveries.c.state == DeliveryState.PENDING, deliveries.c.next_at <= now, free)
            .order_by(deliveries.c.next_at)
            .limit(limit)
        )
        async with self._database.read() as connection:  # most looks find nothing and need no write lock
            if (await connection.execute(due)).first() is None:
                return []
        lease, until = secrets.token_hex(16), now + self._lease
        async with self._database.write() as connection:
            query = due if self._database.is_sqlite else due.with_for_update(skip_locked=True)
            ids = list(await connection.scalars(query))
            values = {"lease": lease, "lease_until": until, "attempts": deliveries.c.attempts + 1}
            await connection.execute(sa.update(deliveries).where(deliveries.c.id.in_(ids)).values(**values))
            names = ("id", "lease", "lease_until", "tenant", "subject_id", "url", "body", "attempts")
            mine = sa.select(*(deliveries.c[name] for name in names)).where(deliveries.c.lease == lease)
            return [Parcel(**row._mapping) for row in await connection.execute(mine)]

    async def delivered(self, parcel: Parcel, outcome: Outcome) -> None:
        await self._change(parcel, outcome, DELIVERED, state=DeliveryState.DELIVERED, ended=time.time())

    async def give_up(self, parcel: Parcel, outcome: Outcome) -> None:
        await self._change(parcel, outcome, GIVEN_UP, state=DeliveryState.GIVEN_UP, ended=time.time())

    async def put_off(self, parcel: Parcel, outcome: Outcome, seconds: float) -> None:
        await self._change(parcel, outcome, PUT_OFF, next_at=time.time() + seconds)

    async def _change(self, parcel: Parcel, outcome: Outcome, label: str, **values: object) -> None:
        """Changes nothing where the lease is another's by now, or the document was deleted."""
        mine = (deliveries.c.id == parcel.id, deliveries.c.lease == parcel.lease)
        told = {"status": outcome.status, "error_code": outcome.error_code, "lease": None, "lease_until": None}
        async with self._database.write() as connection:
            if (await connection.execute(sa.update(deliveries).where(*mine).values(**told, **values))).rowcount:
                await count(connection, {(CALLBACKS, label): 1.0})


async def announce_jobs(connection: AsyncConnection, job_ids: Iterable[str]) -> None:
    """Put the ends of these jobs into the outbox where their documents have a callback.

    To be called in the transaction that gives the jobs their final state, after it.
    """
    columns = (
        documents.c.id, documents.c.tenant, documents.c.tags, documents.c.callback_url, jobs.c.version, jobs.c.state,
        jobs.c.pages_done, jobs.c.pages_total, jobs.c.error_code, jobs.c.error_detail,
    )  # fmt: skip
    wanted = sa.select(*columns).join(documents, documents.c.id == jobs.c.document_id)
    wanted = wanted.where(jobs.c.id.in_(list(job_ids)), documents.c.callback_url.is_not(None))
    for row in (await connection.execute(wanted)).all():
        error = None if row.error_code is None else {"code": row.error_code, "detail": row.error_detail or ""}
        here = f"/v1/documents/{row.id}"
        told = {
            "id": row.id, "version": row.version, "state": row.state, "tags": row.tags, "error": error,
            "pages": {"done": row.pages_done, "total": row.pages_total},
            "links": {"self": here, "result": f"{here}/result?version={row.version}"},
        }  # fmt: skip
        await _put(connection, row.tenant, DOCUMENT, row.id, row.version, row.callback_url, told)


async def announce_batch(
    connection: AsyncConnection, *, tenant: str, batch_id: str, url: str, told: Mapping[str, object]
) -> None:
    """Put the end of a batch into the outbox, in the transaction that ends it. `told`: what the receiver is told."""
    await _put(connection, tenant, BATCH, batch_id, 1, url, {"id": batch_id, **told})


async def forget(connection: AsyncConnection, subject_id: str) -> None:
    """Erase the deliveries of a document or batch that is erased."""
    await connection.execute(sa.delete(deliveries).where(deliveries.c.subject_id == subject_id))


async def _put(
    connection: AsyncConnection,
    tenant: str,
    subject: str,
    subject_id: str,
    version: int,
    url: str,
    told: Mapping[str, object],
) -> None:
    now, delivery_id = time.time(), new_id()
    body = {
        "id": delivery_id, "event": f"{subject}.ended", "created": datetime.fromtimestamp(now, UTC).isoformat(),
        subject: told,
    }  # fmt: skip
    row = {
        "id": delivery_id, "tenant": tenant, "subject": subject, "subject_id": subject_id, "version": version,
        "url": url, "body": json.dumps(body, ensure_ascii=False), "state": DeliveryState.PENDING, "attempts": 0,
        "next_at": now, "created": now,
    }  # fmt: skip
    await connection.execute(sa.insert(deliveries).values(row))
