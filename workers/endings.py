"""What follows when jobs end, whatever their end is: it is told to callbacks and counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.counters import DOCUMENTS, FAILURES, WORK, count
from workers.outbox import announce_jobs
from workers.records import State
from workers.tables import jobs


async def note_ends(connection: AsyncConnection, job_ids: Iterable[str]) -> None:
    """To be called in the transaction that gives these jobs their final state, as its last step."""
    ids = list(job_ids)
    if not ids:
        return
    await announce_jobs(connection, ids)
    amounts: dict[tuple[str, str], float] = defaultdict(float)
    ended = sa.select(jobs.c.state, jobs.c.error_code, jobs.c.worked).where(jobs.c.id.in_(ids))
    for row in await connection.execute(ended):
        amounts[DOCUMENTS, row.state] += 1.0
        amounts[WORK, ""] += row.worked
        if row.state == State.FAILED:
            amounts[FAILURES, row.error_code or "unknown"] += 1.0
    await count(connection, amounts)
