"""/v1/extract: a small document in, its result in the same answer."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.access import Tenant
from api.answers import accept_upload, result_answer, root_of, wait_for_end
from api.parts import PartsOf
from api.problems import documented, problem
from api.results import RESULT_ANSWER, Format
from api.uploads import upload_openapi
from api.views import DocumentView, view
from workers.errors import NotFound
from workers.records import HAVE_RESULT, WAITED_FOR_PRIORITY

router = APIRouter(tags=["documents"])


@router.post(
    "/extract",
    summary="Upload a small document and get its result",
    response_class=Response,
    responses={
        200: RESULT_ANSWER,
        202: {"model": DocumentView, "description": "It takes longer; go on as after an upload"},
        **documented(400, 401, 404, 413, 422, 503),
    },
    openapi_extra=upload_openapi(),
)
async def extract(request: Request, parts: PartsOf, tenant: Tenant, format: Format = Format.JSON) -> Response:
    """Takes what an upload takes. A document that cannot be read is a 422 with its code.

    When the client leaves before the answer, the work is stopped.
    """
    accepted = await accept_upload(request, parts, tenant, apart=frozenset({"format"}), priority=WAITED_FOR_PRIORITY)
    document = await wait_for_end(request, parts, tenant, accepted.document.id, parts.settings.extract_seconds)
    job = document.job
    if job.state in HAVE_RESULT:
        return await result_answer(parts, document, format)
    if job.state.ended:
        return problem(422, job.error_code or str(job.state), job.error_detail or f"the document is {job.state}")
    if accepted.is_new and await request.is_disconnected():
        try:
            await parts.jobs.cancel(tenant, document.id)
        except NotFound:  # deleted meanwhile, which stops it as well
            return Response(status_code=404)
    shown = view(document, root_of(request))
    return JSONResponse(shown.model_dump(mode="json"), 202, {"Location": shown.links.self})
