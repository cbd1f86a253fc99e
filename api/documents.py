"""/v1/documents: upload, watch, fetch, cancel, delete, list."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from api.access import Tenant
from api.answers import POLL, accept_upload, answer, result_answer, root_of, stored_result, wait_for_end
from api.parts import Parts, PartsOf
from api.problems import documented
from api.results import RESULT_ANSWER, Format, TableFormat, load, render_table
from api.uploads import upload_openapi
from api.views import DocumentList, DocumentView, list_view, view
from extractor.result import Table
from workers.errors import NotFound, Unavailable
from workers.records import ID_PATTERN, Filter, State, StoredDocument, id_of_cursor

router = APIRouter(prefix="/documents", tags=["documents"])

TEXT = r"^[^\x00]*$"  # U+0000 would not go into PostgreSQL
EVENTS = "text/event-stream"
ALIVE = 15.0  # seconds of silence after which a comment tells proxies that the stream lives

Version = Annotated[
    int | None, Query(ge=1, le=1_000_000, description="by default the newest version that has a result")
]
DocumentId = Annotated[str, Path(pattern=ID_PATTERN, description="as the upload's answer gave it")]


@router.post(
    "",
    status_code=202,
    summary="Upload a document",
    responses={
        200: {"model": DocumentView, "description": "Nothing is left to do, or a repeated request"},
        **documented(400, 401, 413, 422, 503),
    },
    openapi_extra=upload_openapi(),
)
async def upload(request: Request, response: Response, parts: PartsOf, tenant: Tenant) -> DocumentView:
    """Multipart form with a part `file`, or the document's bytes as the body.

    Once this answers, the document is safe on disk. The same bytes and options uploaded again give the
    finished result at once, unless `fresh=true`.
    """
    accepted = await accept_upload(request, parts, tenant)
    document = accepted.document
    if document.job.state.ended or not accepted.is_new:
        response.status_code = 200
    shown = view(document, root_of(request))
    response.headers["Location"] = shown.links.self
    return shown


@router.get("", summary="List documents, newest first", responses=documented(400, 401, 422, 503))
async def listing(
    request: Request,
    parts: PartsOf,
    tenant: Tenant,
    state: State | None = None,
    tag: Annotated[str | None, Query(max_length=100, pattern=TEXT)] = None,
    batch: Annotated[str | None, Query(pattern=ID_PATTERN, description="a batch's id")] = None,
    since: Annotated[AwareDatetime | None, Query(description="arrived then or later")] = None,
    until: Annotated[AwareDatetime | None, Query(description="arrived before")] = None,
    engine: Annotated[
        str | None, Query(max_length=64, pattern=TEXT, description="of the newest version, with or without its mark")
    ] = None,
    filename: Annotated[str | None, Query(max_length=200, pattern=TEXT, description="a part of the name")] = None,
    cursor: Annotated[str | None, Query(max_length=100, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DocumentList:
    before = None if cursor is None else id_of_cursor(cursor)
    wanted = Filter(state, tag, batch, seconds_of(since), seconds_of(until), engine, filename, before, limit)
    found = await parts.jobs.listing(tenant, wanted)
    return list_view(found, limit, root_of(request))


@router.get("/{document_id}", summary="Where a document's work stands", responses=documented(401, 404, 422, 503))
async def status(
    document_id: DocumentId,
    request: Request,
    parts: PartsOf,
    tenant: Tenant,
    wait: Annotated[float, Query(ge=0, description="seconds to wait for the end of the work")] = 0,
) -> DocumentView:
    seconds = min(wait, parts.settings.max_wait)
    return view(await wait_for_end(request, parts, tenant, document_id, seconds), root_of(request))


@router.get(
    "/{document_id}/events",
    summary="The same as server-sent events, until the work ends",
    response_class=StreamingResponse,
    responses={
        200: {"description": "`status` events, each with a document as JSON", "content": {EVENTS: {}}},
        **documented(401, 404, 422, 503),
    },
)
async def events(document_id: DocumentId, request: Request, parts: PartsOf, tenant: Tenant) -> StreamingResponse:
    document = await parts.jobs.find(tenant, document_id)  # here, so that an unknown one is a 404
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(document, root_of(request), parts), media_type=EVENTS, headers=headers)


@router.get(
    "/{document_id}/result",
    summary="The result",
    response_class=Response,
    responses={
        200: RESULT_ANSWER,
        **documented(401, 404, 409, 422, 503),
    },
)
async def result(
    document_id: DocumentId, parts: PartsOf, tenant: Tenant, format: Format = Format.JSON, version: Version = None
) -> Response:
    """409 while the work goes on (with Retry-After) and where it ended without a result."""
    document = await parts.versions.find(tenant, document_id, version)
    return await result_answer(parts, document, format)


@router.get(
    "/{document_id}/tables/{table_id}",
    summary="One table of the result",
    response_class=Response,
    responses={
        200: {"model": Table, "description": "The table; as JSON, or as CSV", "content": {"text/csv": {}}},
        **documented(401, 404, 409, 422, 503),
    },
)
async def table(
    document_id: DocumentId,
    table_id: Annotated[str, Path(pattern=r"^t[0-9]{1,6}$")],
    parts: PartsOf,
    tenant: Tenant,
    format: TableFormat = TableFormat.JSON,
    version: Version = None,
) -> Response:
    document = await parts.versions.find(tenant, document_id, version)
    stored = await stored_result(parts, document)
    rendered = await asyncio.to_thread(lambda: render_table(load(stored, document.filename), table_id, format))
    return answer(rendered, document)


@router.get(
    "/{document_id}/pages/{number}.png",
    summary="A page as it is shown",
    response_class=Response,
    responses={
        200: {"description": "The page's picture", "content": {"image/png": {}}},
        **documented(401, 404, 422, 503),
    },
)
async def page_picture(
    document_id: DocumentId, number: Annotated[int, Path(ge=1, le=1_000_000)], parts: PartsOf, tenant: Tenant
) -> Response:
    """Points of a box times (width of the picture / width of the page) are its pixels."""
    key = await parts.jobs.picture_key(tenant, document_id, number)
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(await parts.store.get(key), media_type="image/png", headers=headers)


@router.post("/{document_id}/cancel", summary="Stop the work", responses=documented(401, 404, 422, 503))
async def cancel(document_id: DocumentId, request: Request, parts: PartsOf, tenant: Tenant) -> DocumentView:
    """What runs is killed within two seconds. A document whose work has ended stays as it is."""
    return view(await parts.jobs.cancel(tenant, document_id), root_of(request))


@router.delete("/{document_id}", status_code=204, summary="Erase a document", responses=documented(401, 404, 422, 503))
async def delete(document_id: DocumentId, parts: PartsOf, tenant: Tenant) -> None:
    """Erase upload, results and every trace in the database; running work is killed."""
    await parts.jobs.delete(tenant, document_id)


def seconds_of(when: datetime | None) -> float | None:
    return None if when is None else when.timestamp()


async def _events(document: StoredDocument, root: str, parts: Parts) -> AsyncIterator[str]:
    """A `status` event for each change, `deleted` when the document goes; a comment while nothing changes."""
    last, quiet_since = "", time.monotonic()
    while True:
        told = view(document, root).model_dump_json()
        if told != last:
            last, quiet_since = told, time.monotonic()
            yield f"event: status\ndata: {told}\n\n"
        elif time.monotonic() - quiet_since > ALIVE:
            quiet_since = time.monotonic()
            yield ": still here\n\n"
        if document.job.state.ended:
            return
        await asyncio.sleep(POLL)
        try:
            document = await parts.jobs.find(document.tenant, document.id)
        except NotFound:
            yield "event: deleted\ndata: {}\n\n"
            return
        except Unavailable:  # the client asks again by itself
            return
