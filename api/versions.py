"""Results read anew: /v1/documents/{id}/reprocess, …/versions, …/diff, and /v1/reprocess for many."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.access import Tenant
from api.answers import check_callback, root_of, stored_result
from api.batchviews import BatchView, batch_view
from api.documents import TEXT, DocumentId, seconds_of
from api.parts import PartsOf
from api.problems import documented
from api.results import load
from api.views import DocumentView, Failure, Timings, failure_of, timings_of, view
from extractor.changes import Changes, changes
from workers.errors import NotFound
from workers.records import HAVE_RESULT, ID_PATTERN, PRIORITIES, Filter, State, StoredDocument
from workers.targets import MAX_URL
from workers.versions import IN_BULK, Again

router = APIRouter(tags=["versions"])

Number = Annotated[int, Field(ge=1, le=1_000_000)]
Priority = Annotated[int, Field(ge=PRIORITIES.start, le=PRIORITIES.stop - 1)]
Text = Annotated[str, Field(max_length=200, pattern=TEXT)]


class AgainOne(BaseModel):
    """`priority`: as before unless told. A password that opened the document is not kept: tell it again."""

    model_config = ConfigDict(extra="forbid")

    priority: Priority | None = None
    password: str | None = Field(default=None, max_length=1000)


class AgainMany(BaseModel):
    """Which documents to read anew; all that is told must be met. `fresh`: also those this engine has read."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"engine": "0.1.0", "tag": "2024"}, {"batch": "0" * 32}]}
    )

    engine: Text | None = Field(None, description="of the newest version, with or without its mark")
    state: State | None = None
    tag: Text | None = None
    batch: str | None = Field(None, pattern=ID_PATTERN)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    filename: Text | None = None
    fresh: bool = False
    priority: Priority = IN_BULK
    callback_url: str | None = Field(None, max_length=MAX_URL, description="told when the last one has ended")


class VersionView(BaseModel):
    """One version of a document's result."""

    version: int
    engine: str = Field(examples=["0.1.0+3f9a1c02"])
    state: State
    error: Failure | None
    timings: Timings
    result: str | None = Field(description="where it is to be had; null where there is none (yet)")


class VersionList(BaseModel):
    """Newest first."""

    versions: list[VersionView]


class VersionName(BaseModel):
    version: int
    engine: str


class DiffView(BaseModel):
    """What changed from one version to another. Cells are matched by where they lie on the page."""

    before: VersionName
    after: VersionName
    changes: Changes


@router.post(
    "/documents/{document_id}/reprocess",
    status_code=202,
    summary="Read a document anew",
    responses=documented(400, 401, 404, 409, 422, 503),
)
async def reprocess(
    document_id: DocumentId,
    request: Request,
    response: Response,
    parts: PartsOf,
    tenant: Tenant,
    wanted: Annotated[AgainOne | None, Body()] = None,
) -> DocumentView:
    """A new version of its result, beside the old ones. 409 while the last version is on its way."""
    told = wanted or AgainOne()
    document = await parts.versions.reprocess(tenant, document_id, told.priority, told.password)
    parts.ringer.ring(document.id)
    shown = view(document, root_of(request))
    response.headers["Location"] = shown.links.self
    return shown


@router.post(
    "/reprocess", status_code=202, summary="Read many documents anew", responses=documented(400, 401, 422, 503)
)
async def reprocess_all(
    wanted: AgainMany, request: Request, response: Response, parts: PartsOf, tenant: Tenant
) -> BatchView:
    """New versions for every document that meets the filter and whose work has ended, as a batch to be watched.

    Without `fresh`, those that this engine has read are left alone. Deleting the batch erases no document.
    """
    check_callback(parts, wanted.callback_url)
    chosen = Filter(
        wanted.state, wanted.tag, wanted.batch, seconds_of(wanted.since), seconds_of(wanted.until), wanted.engine,
        wanted.filename,
    )  # fmt: skip
    again = Again(chosen, wanted.priority, wanted.fresh, wanted.callback_url or None)
    batch = await parts.versions.reprocess_all(tenant, again)
    parts.ringer.ring(batch.id)
    shown = batch_view(batch, root_of(request))
    response.headers["Location"] = shown.links.self
    return shown


@router.get(
    "/documents/{document_id}/versions",
    summary="The versions of a document's result",
    responses=documented(401, 404, 422, 503),
)
async def versions(document_id: DocumentId, request: Request, parts: PartsOf, tenant: Tenant) -> VersionList:
    found = await parts.versions.listing(tenant, document_id)
    return VersionList(versions=[_version_view(document, root_of(request)) for document in found])


@router.delete(
    "/documents/{document_id}/versions/{version}",
    status_code=204,
    summary="Erase an old version's result",
    responses=documented(401, 404, 409, 422, 503),
)
async def delete(
    document_id: DocumentId, version: Annotated[int, Path(ge=1, le=1_000_000)], parts: PartsOf, tenant: Tenant
) -> None:
    """The newest version cannot go without its document (409)."""
    await parts.versions.delete(tenant, document_id, version)


@router.get(
    "/documents/{document_id}/diff",
    summary="What changed between two versions",
    responses=documented(401, 404, 409, 422, 503),
)
async def diff(
    document_id: DocumentId,
    parts: PartsOf,
    tenant: Tenant,
    before: Annotated[Number | None, Query(alias="from", description="by default the one before `to`")] = None,
    after: Annotated[Number | None, Query(alias="to", description="by default the newest with a result")] = None,
) -> DiffView:
    """Changed cells, and tables that came or went. Both versions need a result (409, 404)."""
    found = await parts.versions.listing(tenant, document_id)
    later = _chosen(found, after, below=None)
    earlier = _chosen(found, before, below=later.job.version)
    stored = [await stored_result(parts, document) for document in (earlier, later)]

    def compared() -> Changes:
        first, second = (load(content, earlier.filename) for content in stored)
        return changes(first, second)

    return DiffView(
        before=VersionName(version=earlier.job.version, engine=earlier.job.engine),
        after=VersionName(version=later.job.version, engine=later.job.engine),
        changes=await asyncio.to_thread(compared),
    )


def _chosen(found: list[StoredDocument], version: int | None, below: int | None) -> StoredDocument:
    """The version asked for, else the newest one (below another) that has a result. Raises NotFound."""
    for document in found:
        if version is not None and document.job.version == version:
            return document
        has_result = document.job.state in HAVE_RESULT
        if version is None and has_result and (below is None or document.job.version < below):
            return document
    raise NotFound(
        "the document has no such version" if version is not None else "there is no other version to compare"
    )


def _version_view(document: StoredDocument, root: str) -> VersionView:
    job = document.job
    here = f"{root}/v1/documents/{document.id}/result?version={job.version}"
    return VersionView(
        version=job.version,
        engine=job.engine,
        state=job.state,
        error=failure_of(job.error_code, job.error_detail),
        timings=timings_of(job.queued, job),
        result=here if job.state in HAVE_RESULT else None,
    )
