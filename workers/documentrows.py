"""Queries about documents with their newest job, and what their rows say."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.errors import NotFound
from workers.outbox import DOCUMENT
from workers.records import Callback, Filter, Job, State, StoredDocument
from workers.tables import batch_members, deliveries, documents, jobs

_JOB_COLUMNS: Sequence[str] = (
    "version", "engine", "state", "stage", "priority", "attempts", "queued", "started", "ended",
    "n_pages", "pages_total", "pages_done", "error_code", "error_detail", "result_key",
)  # fmt: skip
_DOCUMENT_COLUMNS: Sequence[str] = (
    "id", "tenant", "sha256", "size", "filename", "pages", "formats", "repair", "tags", "created",
)  # fmt: skip
_DELIVERY_COLUMNS: Sequence[str] = ("state", "attempts", "next_at", "status", "error_code", "ended")


# Building a statement of this size costs more than running it: what is asked often is built once.
@functools.cache
def joined() -> sa.Select[Any]:
    """Documents with their newest job."""
    return every_version().where(jobs.c.version == newest_version())


def every_version() -> sa.Select[Any]:
    """Documents, once with each of their jobs."""
    columns: list[sa.ColumnElement[Any]] = [documents.c[name] for name in _DOCUMENT_COLUMNS]
    columns += [jobs.c[name] for name in _JOB_COLUMNS]
    columns += [deliveries.c[name].label(f"delivery_{name}") for name in _DELIVERY_COLUMNS]
    told = (deliveries.c.subject == DOCUMENT, deliveries.c.subject_id == documents.c.id)
    joined = documents.join(jobs, jobs.c.document_id == documents.c.id).outerjoin(
        deliveries, sa.and_(*told, deliveries.c.version == jobs.c.version)
    )
    also = (jobs.c.id.label("job_id"), documents.c.callback_url)
    return sa.select(*columns, *also).select_from(joined)


def newest_version() -> sa.ScalarSelect[int]:
    """Of the document in the same row of the query."""
    versions = jobs.alias("versions")
    newest = sa.select(sa.func.max(versions.c.version)).where(versions.c.document_id == documents.c.id)
    return newest.correlate(documents).scalar_subquery()


def conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    """What the rows of `joined` must meet."""
    found: list[sa.ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(jobs.c.state == wanted.state)
    if wanted.tag is not None:
        # Tags are stored as JSON with sorted, quoted texts; both databases can look for one as a text.
        found.append(sa.cast(documents.c.tags, sa.Text).contains(json.dumps(wanted.tag), autoescape=True))
    if wanted.batch is not None:
        ours = sa.select(batch_members.c.document_id).where(batch_members.c.batch_id == wanted.batch)
        found.append(documents.c.id.in_(ours))
    if wanted.since is not None:
        found.append(documents.c.created >= wanted.since)
    if wanted.until is not None:
        found.append(documents.c.created < wanted.until)
    if wanted.engine is not None:
        marked = jobs.c.engine.startswith(f"{wanted.engine}+", autoescape=True)
        found.append(sa.or_(jobs.c.engine == wanted.engine, marked))
    if wanted.filename is not None:
        found.append(documents.c.filename.icontains(wanted.filename, autoescape=True))
    if wanted.before is not None:
        found.append(documents.c.id < wanted.before)
    return found


@functools.cache
def _one() -> sa.Select[Any]:
    this = documents.c.id == sa.bindparam("wanted_id"), documents.c.tenant == sa.bindparam("wanted_tenant")
    return joined().where(*this)


async def one_document(connection: AsyncConnection, tenant: str, document_id: str) -> StoredDocument:
    """Raises NotFound, also for another tenant's document."""
    row = (await connection.execute(_one(), {"wanted_id": document_id, "wanted_tenant": tenant})).first()
    if row is None:
        raise NotFound("there is no such document")
    return document_of(row)


def new_document(values: Mapping[str, Any], job: Mapping[str, Any]) -> StoredDocument:
    """What `one_document` would give of rows just inserted, whose job waits."""
    unset = {"started": None, "ended": None, "n_pages": None, "pages_total": None}
    unset |= {"error_code": None, "error_detail": None, "result_key": None}
    told = {**unset, **{name: job[name] for name in _JOB_COLUMNS if name in job}, "id": job["id"]}
    own_values = {name: values[name] for name in _DOCUMENT_COLUMNS} | {"tags": tuple(values["tags"])}
    url = values["callback_url"]
    callback = None if url is None else Callback(url, **dict.fromkeys(_DELIVERY_COLUMNS))
    return StoredDocument(**own_values, job=Job(**told), callback=callback)


def document_of(row: sa.Row[Any]) -> StoredDocument:
    values = row._mapping
    job = {name: values[name] for name in _JOB_COLUMNS} | {"id": row.job_id, "state": State(row.state)}
    own_values = {name: values[name] for name in _DOCUMENT_COLUMNS} | {"tags": tuple(row.tags)}
    callback = None
    if row.callback_url is not None:
        told = {name: values[f"delivery_{name}"] for name in _DELIVERY_COLUMNS}
        callback = Callback(row.callback_url, **told)
    return StoredDocument(**own_values, job=Job(**job), callback=callback)
