"""/v1/documents: upload, watch, fetch, cancel, delete, list."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.parts import Parts, PartsOf
from api.problems import RETRY_SOON, documented
from api.results import Format, Rendered, TableFormat, disposition, load, render, render_table
from api.uploads import FILE_PART, KEY_PATTERN, PASSWORD_HEADER, Bounds, Options, receive, refuse_early
from api.views import DocumentList, DocumentView, list_view, view
from extractor.result import Document
from workers.errors import NoResult, NotReady
from workers.jobs import HAVE_RESULT, Filter, State, StoredDocument, id_of_cursor

router = APIRouter(prefix="/documents", tags=["documents"])

TENANT = "default"  # there are no keys yet: who can reach the service is one tenant
POLL = 0.3  # seconds between two looks at a row that is waited for

DocumentId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="as the upload's answer gave it")]


def _upload_openapi() -> dict[str, Any]:
    """The body is parsed by hand, as a stream; this is what OpenAPI is told about it."""
    form = Options.model_json_schema()
    form["properties"] = {FILE_PART: {"type": "string", "format": "binary"}, **form["properties"]}
    form["required"] = [FILE_PART]
    named = ("filename", "pages", "priority", "tags", "fresh")
    queries = [
        {"name": name, "in": "query", "required": False, "schema": Options.model_json_schema()["properties"][name]}
        for name in named
    ]
    headers = [
        {"name": PASSWORD_HEADER, "in": "header", "required": False, "schema": {"type": "string"}},
        {
            "name": "Idempotency-Key", "in": "header", "required": False,
            "schema": {"type": "string", "pattern": KEY_PATTERN},
        },
    ]  # fmt: skip
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = {"multipart/form-data": {"schema": form}, "application/pdf": binary, "application/octet-stream": binary}
    return {"parameters": queries + headers, "requestBody": {"required": True, "content": content}}


@router.post(
    "",
    status_code=202,
    summary="Upload a document",
    responses={
        200: {"model": DocumentView, "description": "Nothing is left to do, or a repeated request"},
        **documented(400, 413, 422, 503),
    },
    openapi_extra=_upload_openapi(),
)
async def upload(request: Request, response: Response, parts: PartsOf) -> DocumentView:
    """Multipart form with a part `file`, or the document's bytes as the body.

    Once this answers, the document is safe on disk. The same bytes and options uploaded again give the
    finished result at once, unless `fresh=true`.
    """
    bounds = Bounds(parts.settings.max_upload_bytes, parts.settings.min_free_bytes)
    await refuse_early(request, parts.store, bounds)
    staged = await parts.store.stage()
    try:
        wishes = await receive(request, staged, bounds)
        accepted = await parts.jobs.accept(TENANT, staged, wishes)
    finally:
        await staged.discard()
    document = accepted.document
    if document.job.state.ended or not accepted.is_new:
        response.status_code = 200
    if not document.job.state.ended:
        parts.ring(document.id)
    shown = view(document, _root(request))
    response.headers["Location"] = shown.links.self
    return shown


@router.get("", summary="List documents, newest first", responses=documented(400, 422, 503))
async def listing(
    request: Request,
    parts: PartsOf,
    state: State | None = None,
    tag: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Annotated[str | None, Query(max_length=100, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DocumentList:
    before = None if cursor is None else id_of_cursor(cursor)
    found = await parts.jobs.listing(TENANT, Filter(state, tag, before, limit))
    return list_view(found, limit, _root(request))


@router.get("/{document_id}", summary="Where a document's work stands", responses=documented(404, 422, 503))
async def status(
    document_id: DocumentId,
    request: Request,
    parts: PartsOf,
    wait: Annotated[float, Query(ge=0, description="seconds to wait for the end of the work")] = 0,
) -> DocumentView:
    end = time.monotonic() + min(wait, parts.settings.max_wait)
    document = await parts.jobs.find(TENANT, document_id)
    while not document.job.state.ended and time.monotonic() < end and not await request.is_disconnected():
        await asyncio.sleep(POLL)
        document = await parts.jobs.find(TENANT, document_id)
    return view(document, _root(request))


@router.get(
    "/{document_id}/result",
    summary="The result",
    response_class=Response,
    responses={
        200: {"model": Document, "description": "The result; as JSON, or in the format asked for"},
        **documented(404, 409, 422, 503),
    },
)
async def result(document_id: DocumentId, parts: PartsOf, format: Format = Format.JSON) -> Response:
    """409 while the work goes on (with Retry-After) and where it ended without a result."""
    document = await parts.jobs.find(TENANT, document_id)
    stored = await _stored(parts, document)
    # In a thread: a long document's conversion would hold up every other request.
    rendered = await asyncio.to_thread(lambda: render(load(stored, document.filename), format))
    return _answer(rendered, document)


@router.get(
    "/{document_id}/tables/{table_id}",
    summary="One table of the result",
    response_class=Response,
    responses=documented(404, 409, 422, 503),
)
async def table(
    document_id: DocumentId,
    table_id: Annotated[str, Path(pattern=r"^t[0-9]{1,6}$")],
    parts: PartsOf,
    format: TableFormat = TableFormat.JSON,
) -> Response:
    document = await parts.jobs.find(TENANT, document_id)
    stored = await _stored(parts, document)
    rendered = await asyncio.to_thread(lambda: render_table(load(stored, document.filename), table_id, format))
    return _answer(rendered, document)


@router.post("/{document_id}/cancel", summary="Stop the work", responses=documented(404, 422, 503))
async def cancel(document_id: DocumentId, request: Request, parts: PartsOf) -> DocumentView:
    """What runs is killed within two seconds. A document whose work has ended stays as it is."""
    return view(await parts.jobs.cancel(TENANT, document_id), _root(request))


@router.delete("/{document_id}", status_code=204, summary="Erase a document", responses=documented(404, 422, 503))
async def delete(document_id: DocumentId, parts: PartsOf) -> None:
    """Erase upload, results and every trace in the database; running work is killed."""
    await parts.jobs.delete(TENANT, document_id)


async def _stored(parts: Parts, document: StoredDocument) -> bytes:
    """The result as stored. Raises NotReady, NoResult, StorageFailed."""
    job = document.job
    if not job.state.ended:
        raise NotReady(f"the document is {job.state}; {job.pages_done} pages are done. Try again in {RETRY_SOON} s")
    if job.state not in HAVE_RESULT or job.result_key is None:
        raise NoResult(f"the document's work ended without a result: it is {job.state}")
    return await parts.store.get(job.result_key)


def _answer(rendered: Rendered, document: StoredDocument) -> Response:
    # HTML made of an untrusted document is not to run anything, even though every text in it is escaped.
    inline = rendered.ending in ("json", "md")
    headers = {
        "Content-Disposition": disposition(document.filename, rendered.ending, inline=inline),
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(rendered.content, media_type=rendered.media_type, headers=headers)


def _root(request: Request) -> str:
    return str(request.base_url).rstrip("/")
