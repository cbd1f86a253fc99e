"""Figures about all jobs and workers, for those who watch over the service; nothing of a document."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from workers.database import Database
from workers.records import OPEN, State
from workers.tables import beats, jobs


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Times in seconds."""

    jobs: Mapping[State, int]
    failures: Mapping[str, int]
    oldest_waiting: float
    pages_waiting: int
    pages_done: int
    worked: float
    workers: int
    processes: int


class Statistics:
    """Raises DatabaseFailed where the database cannot be asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def snapshot(self, heard_within: float) -> Snapshot:
        """`heard_within`: a worker silent for longer is not counted."""
        now = time.time()
        count = sa.func.count()
        left = sa.func.sum(sa.case((jobs.c.state.in_(OPEN), jobs.c.pages_total - jobs.c.pages_done), else_=0))
        sums = sa.select(left, sa.func.sum(jobs.c.pages_done), sa.func.sum(jobs.c.worked))
        oldest = sa.select(sa.func.min(jobs.c.queued)).where(jobs.c.state == State.QUEUED)
        failed = sa.select(jobs.c.error_code, count).where(jobs.c.state == State.FAILED).group_by(jobs.c.error_code)
        heard = sa.select(count, sa.func.sum(beats.c.processes)).where(beats.c.seen >= now - heard_within)
        async with self._database.read() as connection:
            by_state = await connection.execute(sa.select(jobs.c.state, count).group_by(jobs.c.state))
            by_code = await connection.execute(failed)
            pages_waiting, pages_done, worked = (await connection.execute(sums)).one()
            first = await connection.scalar(oldest)
            workers, processes = (await connection.execute(heard)).one()
            return Snapshot(
                jobs={State(state): number for state, number in by_state},
                failures={code or "unknown": number for code, number in by_code},
                oldest_waiting=0.0 if first is None else max(0.0, now - first),
                pages_waiting=pages_waiting or 0,
                pages_done=pages_done or 0,
                worked=worked or 0.0,
                workers=workers,
                processes=processes or 0,
            )
