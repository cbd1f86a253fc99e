"""Figures about all jobs and workers, for those who watch over the service; nothing of a document."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from workers.counters import counted
from workers.database import Database
from workers.outbox import DeliveryState
from workers.records import OPEN, State
from workers.tables import beats, deliveries, jobs


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Times in seconds."""

    jobs: Mapping[State, int]
    failures: Mapping[str, int]
    oldest_waiting: float
    pages_waiting: int
    workers: int
    processes: int
    callbacks_waiting: int
    oldest_callback: float
    counted: Mapping[tuple[str, str], float]  # by name and label, see workers.counters


class Statistics:
    """Raises DatabaseFailed where the database cannot be asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def snapshot(self, heard_within: float) -> Snapshot:
        """`heard_within`: a worker silent for longer is not counted."""
        now = time.time()
        count = sa.func.count()
        left = sa.func.sum(jobs.c.pages_total - jobs.c.pages_done)
        to_read = sa.select(left).where(jobs.c.state.in_(OPEN))
        oldest = sa.select(sa.func.min(jobs.c.queued)).where(jobs.c.state == State.QUEUED)
        failed = sa.select(jobs.c.error_code, count).where(jobs.c.state == State.FAILED).group_by(jobs.c.error_code)
        untold = sa.select(count, sa.func.min(deliveries.c.created)).where(
            deliveries.c.state == DeliveryState.PENDING
        )
        heard = sa.select(count, sa.func.sum(beats.c.processes)).where(beats.c.seen >= now - heard_within)
        async with self._database.read() as connection:
            by_state = await connection.execute(sa.select(jobs.c.state, count).group_by(jobs.c.state))
            by_code = await connection.execute(failed)
            pages_waiting = await connection.scalar(to_read)
            first = await connection.scalar(oldest)
            workers, processes = (await connection.execute(heard)).one()
            callbacks_waiting, first_callback = (await connection.execute(untold)).one()
            return Snapshot(
                jobs={State(state): number for state, number in by_state},
                failures={code or "unknown": number for code, number in by_code},
                oldest_waiting=_age(first, now),
                pages_waiting=pages_waiting or 0,
                workers=workers,
                processes=processes or 0,
                callbacks_waiting=callbacks_waiting,
                oldest_callback=_age(first_callback, now),
                counted=await counted(connection),
            )


def _age(first: float | None, now: float) -> float:
    return 0.0 if first is None else max(0.0, now - first)
