"""Queries about batches that both sides need, the API's and the workers'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.batchrecords import Counts, Member
from workers.blobs import BlobStore
from workers.database import Database
from workers.documentrows import newest_version
from workers.jobs import erase_document
from workers.outbox import forget
from workers.ownership import disown
from workers.records import State
from workers.tables import batch_members, batches, documents, jobs

ERASED_AT_ONCE = 50  # documents of one transaction; others may write in between


async def counts_of(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Counts]:
    """Of each of these batches."""
    members, by_state = batch_members.c, jobs.c
    read = sa.case((by_state.attempts > 0, 1), else_=0)
    kept = sa.func.count(members.document_id)
    totals = sa.select(members.batch_id, sa.func.count().label("n"), kept, sa.func.count(members.error_code))
    states = sa.select(
        members.batch_id, by_state.state, sa.func.count().label("n"),
        sa.func.sum(by_state.pages_done).label("done"),
        sa.func.sum(sa.func.coalesce(by_state.pages_total, 0)).label("total"),
        sa.func.sum(by_state.pages_done * read).label("read"),
        sa.func.min(sa.case((by_state.attempts > 0, by_state.started))).label("started"),
        sa.func.max(sa.case((by_state.attempts > 0, by_state.ended))).label("ended"),
    ).select_from(_with_jobs()).where(members.batch_id.in_(ids)).group_by(members.batch_id, by_state.state)  # fmt: skip
    found: dict[str, list[Any]] = {batch_id: [] for batch_id in ids}
    for row in await connection.execute(states):
        found[row.batch_id].append(row)
    rest = {}
    for batch_id, n, documents_kept, left_out in await connection.execute(
        totals.where(members.batch_id.in_(ids)).group_by(members.batch_id)
    ):
        rest[batch_id] = (left_out, n - documents_kept - left_out)
    return {batch_id: _counts(rows, *rest.get(batch_id, (0, 0))) for batch_id, rows in found.items()}


def _counts(rows: list[Any], left_out: int, deleted: int) -> Counts:
    return Counts(
        documents={State(row.state): row.n for row in rows},
        left_out=left_out,
        deleted=deleted,
        pages_done=sum(row.done for row in rows),
        pages_total=sum(row.total for row in rows),
        pages_read=sum(row.read for row in rows),
        first_started=min((row.started for row in rows if row.started is not None), default=None),
        last_ended=max((row.ended for row in rows if row.ended is not None), default=None),
    )


def _with_jobs(*, outer: bool = False) -> sa.Join:
    """Members with their documents and the documents' newest jobs."""
    newest = sa.and_(jobs.c.document_id == documents.c.id, jobs.c.version == newest_version())
    with_documents = batch_members.join(documents, documents.c.id == batch_members.c.document_id, isouter=outer)
    return with_documents.join(jobs, newest, isouter=outer)


def members_query(batch_id: str, after: int, limit: int) -> sa.Select[Any]:
    columns = (
        batch_members.c.position, batch_members.c.name, batch_members.c.document_id, documents.c.filename,
        jobs.c.state, jobs.c.pages_done, jobs.c.pages_total, jobs.c.result_key,
        sa.func.coalesce(batch_members.c.error_code, jobs.c.error_code),
        sa.func.coalesce(batch_members.c.error_detail, jobs.c.error_detail),
    )  # fmt: skip
    query = sa.select(*columns).select_from(_with_jobs(outer=True))
    query = query.where(batch_members.c.batch_id == batch_id, batch_members.c.position > after)
    return query.order_by(batch_members.c.position).limit(limit)


def show_member(row: sa.Row[*tuple[Any, ...]]) -> Member:
    position, name, document_id, filename, state, done, total, result_key, code, detail = row
    shown = None if state is None else State(state)
    return Member(position, name, document_id, filename, shown, done or 0, total, result_key, code, detail)


async def erase_some(database: Database, store: BlobStore, batch_id: str) -> bool:
    """Erase a part of a deleted batch, in one transaction; whether there is more to do."""
    async with database.write() as connection:
        row = (await connection.execute(
            sa.select(batches.c.takes_documents, batches.c.upload_key).where(batches.c.id == batch_id)
        )).first()  # fmt: skip
        if row is None:
            return False
        ours = (batch_members.c.batch_id == batch_id, batch_members.c.document_id.is_not(None))
        ids: list[str] = []
        if row.takes_documents:
            query = sa.select(batch_members.c.document_id).where(*ours, ~_elsewhere(batch_id)).limit(ERASED_AT_ONCE)
            ids = [document_id for document_id in await connection.scalars(query) if document_id is not None]
        for document_id in ids:
            await erase_document(connection, store, document_id)
        if ids:
            return True
        await connection.execute(sa.delete(batches).where(batches.c.id == batch_id))
        await forget(connection, batch_id)
        if row.upload_key is not None:
            await disown(connection, store, row.upload_key)
        return False


def _elsewhere(batch_id: str) -> sa.Exists:
    """Whether the member's document is in another batch that somebody sees."""
    others, theirs = batch_members.alias("others"), batches.alias("theirs")
    query = sa.select(others.c.batch_id).join(theirs, theirs.c.id == others.c.batch_id)
    query = query.where(others.c.document_id == batch_members.c.document_id, theirs.c.deleted.is_(None))
    return query.where(others.c.batch_id != batch_id).correlate(batch_members).exists()
