"""/healthz: this process answers. /readyz: everything it needs was really asked."""

from __future__ import annotations

from collections.abc import Awaitable

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.parts import Parts, PartsOf
from workers.blobs import check_store
from workers.errors import ServiceError

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: str = "ok"


class Readiness(BaseModel):
    """Each part: "ok" or what is wrong. `workers`: those that loaded the models and were heard of lately."""

    ready: bool
    database: str
    store: str
    queue: str
    workers: str


@router.get("/healthz", summary="Does this process answer?")
async def healthz() -> Health:
    return Health()


@router.get("/readyz", summary="Can documents be accepted and read?", responses={503: {"model": Readiness}})
async def readyz(parts: PartsOf, response: Response) -> Readiness:
    told = {
        "database": await _asked(parts.jobs.waiting()),
        "store": await _asked(check_store(parts.store)),
        "queue": "ok" if await parts.bell.answers() else "unreachable",
        "workers": await _workers(parts),
    }
    ready = all(state == "ok" for state in told.values())
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, **told)


async def _asked(question: Awaitable[object]) -> str:
    try:
        await question
    except ServiceError as error:
        return error.code
    return "ok"


async def _workers(parts: Parts) -> str:
    try:
        return "ok" if await parts.jobs.workers_heard(parts.settings.lease) else "none heard of"
    except ServiceError as error:
        return error.code
