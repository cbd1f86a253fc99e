"""What a key may have read: pages a day (UTC), and documents that wait or run at once."""

from __future__ import annotations

import time

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.database import upsert
from workers.errors import QuotaExceeded
from workers.records import OPEN
from workers.tables import api_keys, documents, jobs, usage

DAY = 24 * 3600
SOON = 30  # seconds; documents of the key that are under way end by themselves


async def check_quotas(connection: AsyncConnection, key_id: str) -> None:
    """Whether a key may have one more document read. Raises QuotaExceeded.

    In the transaction that takes the document in. Pages that wait count as if they were read today; a
    document that was taken is read to its end.
    """
    limits = sa.select(api_keys.c.max_waiting, api_keys.c.pages_a_day).where(api_keys.c.id == key_id)
    # Its row is held (PostgreSQL), so that two uploads at once are counted one after the other.
    row = (await connection.execute(limits.with_for_update())).first()
    if row is None or (row.max_waiting is None and row.pages_a_day is None):
        return
    left = sa.func.sum(sa.func.coalesce(jobs.c.pages_total - jobs.c.pages_done, 1))
    waiting = (
        sa.select(sa.func.count(), left)
        .join(documents, documents.c.id == jobs.c.document_id)
        .where(jobs.c.state.in_(OPEN), documents.c.key_id == key_id)
    )
    n_waiting, pages_waiting = (await connection.execute(waiting)).one()
    if row.max_waiting is not None and n_waiting >= row.max_waiting:
        raise QuotaExceeded(f"{n_waiting} documents of this key wait or run; it may have {row.max_waiting}", SOON)
    if row.pages_a_day is None:
        return
    today, rest = divmod(int(time.time()), DAY)
    query = sa.select(usage.c.pages).where(usage.c.key_id == key_id, usage.c.day == today)
    read = int(await connection.scalar(query) or 0)
    if read + (pages_waiting or 0) >= row.pages_a_day:
        told = f"{read} pages were read today for this key and {pages_waiting or 0} wait; it may have {row.pages_a_day}"
        raise QuotaExceeded(told, DAY - rest if read >= row.pages_a_day else SOON)


async def count_page(connection: AsyncConnection, key_id: str) -> None:
    page = upsert(connection, usage).values(key_id=key_id, day=int(time.time()) // DAY, pages=1)
    await connection.execute(
        page.on_conflict_do_update(index_elements=[usage.c.key_id, usage.c.day], set_={"pages": usage.c.pages + 1})
    )
