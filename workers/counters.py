"""Counters in the database: they outlive processes and deleted documents, and every replica tells the same."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.database import upsert
from workers.tables import counters

Amounts = Mapping[tuple[str, str], float]  # by name and label

DOCUMENTS, FAILURES, WORK = "documents", "failures", "work_seconds"  # by state; by code; no label
PAGES, PAGE_BUCKETS, PAGE_SECONDS = "pages", "page_seconds_bucket", "page_seconds"  # by outcome; by bound; no label
STAGE_SECONDS, STAGE_PAGES = "stage_seconds", "stage_pages"  # by stage
CALLBACKS = "callbacks"  # attempts by outcome
LOSSES = "losses"  # workers that were lost while they held a job

READ = "read"
BOUNDS = (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0)  # seconds a page
BEYOND = "+Inf"


async def count(connection: AsyncConnection, amounts: Amounts) -> None:
    """Add to counters. To be the last of a transaction: until its end others wait for the same counters."""
    if not amounts:
        return
    # Sorted, so that two transactions take the rows in the same order and cannot wait for each other.
    rows = [{"name": name, "label": label[:64], "value": by} for (name, label), by in sorted(amounts.items())]
    new = upsert(connection, counters).values(rows)
    more = {"value": counters.c.value + new.excluded.value}
    await connection.execute(
        new.on_conflict_do_update(index_elements=[counters.c.name, counters.c.label], set_=more)
    )


def page_amounts(seconds: Iterable[tuple[str, float]], error_code: str | None) -> dict[tuple[str, str], float]:
    """What a finished page adds. `seconds`: by stage, of a page that was read."""
    if error_code is not None:
        return {(PAGES, error_code): 1.0}
    amounts: dict[tuple[str, str], float] = defaultdict(float)
    amounts[PAGES, READ] = 1.0
    whole = 0.0
    for stage, took in seconds:
        amounts[STAGE_SECONDS, stage] += took
        amounts[STAGE_PAGES, stage] += 1.0
        whole += took
    if whole > 0:
        place = bisect_left(BOUNDS, whole)
        amounts[PAGE_BUCKETS, str(BOUNDS[place]) if place < len(BOUNDS) else BEYOND] = 1.0
        amounts[PAGE_SECONDS, ""] = whole
    return dict(amounts)


async def counted(connection: AsyncConnection) -> dict[tuple[str, str], float]:
    rows = await connection.execute(sa.select(counters.c.name, counters.c.label, counters.c.value))
    return {(row.name, row.label): row.value for row in rows}
