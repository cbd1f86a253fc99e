"""Which document's next pages run: one query over the jobs that wait.

By priority; then the tenant with fewer turns under way, and of these the one whose last turn is
longest ago, so that a long queue of one tenant does not hold up another's; then what has fewer pages
left, where waiting weighs as well. Every tenth claim goes to whatever waited longest: nothing waits
for ever, however much of higher priority comes in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.database import upsert
from workers.records import OPEN, State
from workers.tables import jobs, turns

# So many seconds of waiting since its last turn weigh as much as one page less to do.
SECONDS_A_PAGE = 10.0
PATIENCE = 10  # of so many claims one goes to the job that waited longest


@dataclass(frozen=True, slots=True)
class Next:
    """The job whose turn is next. `left`: pages still to be read, 1 where that is not known yet."""

    job_id: str
    tenant: str
    priority: int
    left: int


async def next_job(
    connection: AsyncConnection, now: float, *, longest: bool = False, lock: bool = False
) -> Next | None:
    """The job to be claimed; `longest`: the one that waited longest.

    `lock` (PostgreSQL): hold its row, and pass over those that others are claiming.
    """
    query = _query(now, longest)
    if lock:
        query = query.with_for_update(of=jobs, skip_locked=True)
    row = (await connection.execute(query)).first()
    return None if row is None else Next(row.id, row.tenant, row.priority, row.left)


async def had_turn(connection: AsyncConnection, tenant: str, now: float) -> None:
    turn = upsert(connection, turns).values(tenant=tenant, at=now)
    await connection.execute(turn.on_conflict_do_update(index_elements=[turns.c.tenant], set_={"at": now}))


def _query(now: float, longest: bool) -> sa.Select[Any]:
    # One count over the few jobs in hand, not one for each job that waits: queues have ten thousand.
    others = jobs.alias("others")
    busy = (
        sa.select(others.c.tenant, sa.func.count().label("n"))
        .where(others.c.state == State.RUNNING, others.c.lease.is_not(None))
        .group_by(others.c.tenant)
        .cte("busy")
    )
    left = sa.func.coalesce(jobs.c.pages_total - jobs.c.pages_done, 1).label("left")
    since = sa.case((jobs.c.not_before > jobs.c.queued, jobs.c.not_before), else_=jobs.c.queued)
    fair = (
        jobs.c.priority.desc(),
        sa.func.coalesce(busy.c.n, 0),
        sa.func.coalesce(turns.c.at, 0.0),
        left - (now - since) / SECONDS_A_PAGE,
        jobs.c.queued,
    )
    waiting = jobs.outerjoin(busy, busy.c.tenant == jobs.c.tenant).outerjoin(turns, turns.c.tenant == jobs.c.tenant)
    return (
        sa.select(jobs.c.id, jobs.c.tenant, jobs.c.priority, left)
        .select_from(waiting)
        .where(jobs.c.state.in_(OPEN), jobs.c.lease.is_(None), jobs.c.not_before <= now)
        .order_by(*((since,) if longest else fair))
        .limit(1)
    )
