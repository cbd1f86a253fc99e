"""What several routes do: take an upload, wait for the end of its work, answer with its result."""

from __future__ import annotations

import asyncio
import time

from fastapi import Request, Response

from api.parts import Parts
from api.problems import RETRY_SOON
from api.results import Format, Rendered, as_stored, disposition, load, render
from api.uploads import Bounds, receive, refuse_early
from workers.errors import NoResult, NotReady
from workers.records import HAVE_RESULT, NORMAL_PRIORITY, Accepted, StoredDocument
from workers.targets import parse_target

VERSION_HEADER = "Gezi-Version"  # which version of the result an answer holds
POLL = 0.3  # seconds between two looks at a row that is waited for


async def accept_upload(
    request: Request,
    parts: Parts,
    tenant: str,
    *,
    apart: frozenset[str] = frozenset(),
    priority: int = NORMAL_PRIORITY,
) -> Accepted:
    """Once this returns, the document is safe.

    `apart`: query parameters that are no options of an upload. `priority`: where none is asked for.

    Raises what `receive` and `Jobs.accept` raise, and CallbackRefused.
    """
    bounds = Bounds(parts.settings.max_upload_bytes, parts.settings.min_free_bytes)
    await refuse_early(request, parts.store, bounds)
    staged = await parts.store.stage()
    try:
        wishes = await receive(request, staged, bounds, apart, priority)
        check_callback(parts, wishes.callback_url)
        accepted = await parts.jobs.accept(tenant, staged, wishes)
    finally:
        await staged.discard()
    if not accepted.document.job.state.ended:
        parts.ringer.ring(accepted.document.id)
    return accepted


def check_callback(parts: Parts, callback_url: str | None) -> None:
    """Raises CallbackRefused."""
    if callback_url:
        parse_target(callback_url, parts.settings.reachable_networks)


async def wait_for_end(
    request: Request, parts: Parts, tenant: str, document_id: str, seconds: float
) -> StoredDocument:
    """The document when its work ends, the time is up or the client has left. Raises NotFound."""
    end = time.monotonic() + seconds
    document = await parts.jobs.find(tenant, document_id)
    while not document.job.state.ended and time.monotonic() < end and not await request.is_disconnected():
        await asyncio.sleep(POLL)
        document = await parts.jobs.find(tenant, document_id)
    return document


async def stored_result(parts: Parts, document: StoredDocument) -> bytes:
    """The result as stored. Raises NotReady, NoResult, StorageFailed."""
    job = document.job
    if not job.state.ended:
        raise NotReady(f"the document is {job.state}; {job.pages_done} pages are done. Try again in {RETRY_SOON} s")
    if job.state not in HAVE_RESULT or job.result_key is None:
        raise NoResult(f"the document's work ended without a result: it is {job.state}")
    return await parts.store.get(job.result_key)


async def result_answer(parts: Parts, document: StoredDocument, wanted: Format) -> Response:
    """Raises as `stored_result`."""
    ahead = None if wanted is Format.JSON else await parts.jobs.export_key(document.job.id, wanted)
    if ahead is not None and document.job.state in HAVE_RESULT:
        return answer(as_stored(await parts.store.get(ahead), wanted), document)
    stored = await stored_result(parts, document)
    # In a thread: a long document's conversion would hold up every other request.
    rendered = await asyncio.to_thread(lambda: render(load(stored, document.filename), wanted))
    return answer(rendered, document)


def answer(rendered: Rendered, document: StoredDocument) -> Response:
    # HTML made of an untrusted document is not to run anything, even though every text in it is escaped.
    inline = rendered.ending in ("json", "md")
    headers = {
        "Content-Disposition": disposition(document.filename, rendered.ending, inline=inline),
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "X-Content-Type-Options": "nosniff",
        VERSION_HEADER: str(document.job.version),
    }
    return Response(rendered.content, media_type=rendered.media_type, headers=headers)


def root_of(request: Request) -> str:
    return str(request.base_url).rstrip("/")
