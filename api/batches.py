"""/v1/batches: archives and lists of documents, watched, fetched, cancelled and deleted as one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from api.access import Tenant
from api.answers import check_callback, root_of
from api.batchresults import MEDIA_TYPES, StreamFormat, json_lines, zipped
from api.batchviews import (
    BatchList,
    BatchView,
    ListedDocuments,
    MemberList,
    batch_list_view,
    batch_view,
    member_list_view,
)
from api.parts import Parts, PartsOf
from api.problems import RETRY_SOON, documented
from api.results import Format, disposition
from api.uploads import Bounds, idempotency_key, invalid_body, read_body, receive, refuse_early, upload_openapi
from extractor.errors import UnsupportedMedia
from workers.batchrecords import AcceptedBatch
from workers.blobs import Staged
from workers.errors import BadRequest, NotReady
from workers.kinds import HEAD_BYTES, Kind, kind_of, readable
from workers.records import BATCH_PRIORITY, ID_PATTERN, Wishes, id_of_cursor

router = APIRouter(prefix="/batches", tags=["batches"])

BatchId = Annotated[str, Path(pattern=ID_PATTERN, description="as the batch's answer gave it")]
MAX_LIST_BYTES = 1 << 20


def _openapi() -> dict[str, Any]:
    """As for an upload, but an archive, or a list of ids as JSON."""
    told = upload_openapi()
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = told["requestBody"]["content"]
    content.pop("application/pdf")
    content |= {"application/zip": binary, "application/gzip": binary}
    content["application/json"] = {"schema": ListedDocuments.model_json_schema()}
    return told


@router.post(
    "",
    status_code=202,
    summary="Hand in an archive, or a list of uploaded documents",
    responses={
        200: {"model": BatchView, "description": "A repeated request"},
        **documented(400, 401, 404, 413, 422, 503),
    },
    openapi_extra=_openapi(),
)
async def create(request: Request, response: Response, parts: PartsOf, tenant: Tenant) -> BatchView:
    """A zip or tar(.gz, .bz2, .xz) archive as a form's part `file` or as the body, or JSON with ids.

    Once this answers, the archive is safe on disk; a worker unpacks it. The options are those of an upload
    and hold for every document in it. What is no document, or none that can be read, is listed among the
    members with the reason.
    """
    if request.headers.get("content-type", "").casefold().startswith("application/json"):
        accepted = await _accept_list(request, parts, tenant)
    else:
        accepted = await _accept_archive(request, parts, tenant)
    if not accepted.is_new:
        response.status_code = 200
    shown = batch_view(accepted.batch, root_of(request))
    response.headers["Location"] = shown.links.self
    return shown


@router.get("", summary="List batches, newest first", responses=documented(400, 401, 422, 503))
async def listing(
    request: Request,
    parts: PartsOf,
    tenant: Tenant,
    cursor: Annotated[str | None, Query(max_length=100, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> BatchList:
    before = None if cursor is None else id_of_cursor(cursor)
    return batch_list_view(await parts.batches.listing(tenant, before, limit), limit, root_of(request))


@router.get("/{batch_id}", summary="Where a batch's work stands", responses=documented(401, 404, 422, 503))
async def status(batch_id: BatchId, request: Request, parts: PartsOf, tenant: Tenant) -> BatchView:
    return batch_view(await parts.batches.find(tenant, batch_id), root_of(request))


@router.get("/{batch_id}/members", summary="What is in a batch", responses=documented(401, 404, 422, 503))
async def members(
    batch_id: BatchId,
    parts: PartsOf,
    tenant: Tenant,
    cursor: Annotated[int, Query(ge=-1, le=10**9, description="`next` of the page before")] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> MemberList:
    """Every document with its state, and everything that was left out with the reason."""
    return member_list_view(await parts.batches.members(tenant, batch_id, cursor, limit), limit)


@router.get(
    "/{batch_id}/results",
    summary="All results as one stream",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "a line for each member, or a zip with a file for each result and an index.jsonl",
            "content": {
                "application/jsonl": {"example": '{"position": 0, "name": "a.pdf", "state": "succeeded", …}'},
                "application/zip": {"schema": {"type": "string", "format": "binary"}},
            },
        },
        **documented(400, 401, 404, 409, 422, 503),
    },
)
async def results(
    batch_id: BatchId,
    parts: PartsOf,
    tenant: Tenant,
    format: StreamFormat = StreamFormat.JSONL,
    content: Annotated[Format, Query(description="format of the files in a zip")] = Format.JSON,
    partial: Annotated[bool, Query(description="give what there is although the work goes on")] = False,
) -> StreamingResponse:
    """Members that failed or were left out have their line too. 409 while the work goes on, unless `partial=true`."""
    if format is StreamFormat.JSONL and content is not Format.JSON:
        raise BadRequest("JSON lines hold JSON; other formats come in a zip")
    batch = await parts.batches.find(tenant, batch_id)
    if not batch.state.ended and not partial:
        raise NotReady(f"the batch is {batch.state}; {batch.counts.open} documents wait. Try again in {RETRY_SOON} s")
    if format is StreamFormat.ZIP:
        stream = zipped(parts, tenant, batch_id, content)
    else:
        stream = json_lines(parts, tenant, batch_id)
    named = disposition(batch.filename or f"batch-{batch_id}", format.value, inline=False)
    return StreamingResponse(stream, media_type=MEDIA_TYPES[format], headers={"Content-Disposition": named})


@router.post("/{batch_id}/cancel", summary="Stop the work", responses=documented(401, 404, 422, 503))
async def cancel(batch_id: BatchId, request: Request, parts: PartsOf, tenant: Tenant) -> BatchView:
    """Nothing more is unpacked, and what runs is killed. Documents whose work has ended stay as they are."""
    return batch_view(await parts.batches.cancel(tenant, batch_id), root_of(request))


@router.delete("/{batch_id}", status_code=204, summary="Erase a batch", responses=documented(401, 404, 422, 503))
async def delete(
    batch_id: BatchId,
    parts: PartsOf,
    tenant: Tenant,
    documents: Annotated[
        bool | None, Query(description="erase its documents too; by default those that came in its archive")
    ] = None,
) -> None:
    """Erase the batch and the documents of its archive, with uploads and results; running work is killed.

    A document that is in another batch as well stays, and so does what another document shares by content.
    """
    await parts.batches.delete(tenant, batch_id, documents_too=documents)


async def _accept_archive(request: Request, parts: Parts, tenant: str) -> AcceptedBatch:
    bounds = Bounds(parts.settings.max_archive_bytes, parts.settings.min_free_bytes)
    await refuse_early(request, parts.store, bounds)
    staged = _HeadKept(await parts.store.stage())
    try:
        wishes = await receive(request, staged, bounds, frozenset(), BATCH_PRIORITY)
        if kind_of(bytes(staged.head), "") is not Kind.ARCHIVE:
            raise UnsupportedMedia("the upload is no archive that can be read (zip, tar, tar.gz, tar.bz2, tar.xz)")
        check_callback(parts, wishes.callback_url)
        return await parts.batches.accept_archive(tenant, staged, wishes)
    finally:
        await staged.discard()


async def _accept_list(request: Request, parts: Parts, tenant: str) -> AcceptedBatch:
    key = idempotency_key(request)
    body = b"".join([chunk async for chunk in read_body(request, MAX_LIST_BYTES)])
    try:
        listed = ListedDocuments.model_validate_json(body)
    except ValidationError as error:
        raise invalid_body(error) from None
    name = None if listed.name is None else readable(listed.name)
    wishes = Wishes(name or "", idempotency_key=key, callback_url=listed.callback_url or None)
    check_callback(parts, wishes.callback_url)
    return await parts.batches.accept_list(tenant, listed.documents, wishes)


class _HeadKept:
    """Staged bytes whose beginning is kept, to see what they are."""

    def __init__(self, staged: Staged) -> None:
        self._staged = staged
        self.head = bytearray()

    @property
    def size(self) -> int:
        return self._staged.size

    @property
    def sha256(self) -> str:
        return self._staged.sha256

    async def write(self, chunk: bytes) -> None:
        if len(self.head) < HEAD_BYTES:
            self.head += chunk[: HEAD_BYTES - len(self.head)]
        await self._staged.write(chunk)

    async def seal(self) -> None:
        await self._staged.seal()

    async def place(self, key: str) -> None:
        await self._staged.place(key)

    async def discard(self) -> None:
        await self._staged.discard()
