"""Errors as RFC 9457 problems. `type` is urn:gezi:problem:CODE, as stable as the code."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from extractor.errors import EmptyInput, GeziError, UnsupportedMedia
from workers.errors import (
    BadRequest,
    CallbackRefused,
    IdempotencyMismatch,
    KeyNeeded,
    KeyWrong,
    NoResult,
    NotFound,
    NotReady,
    QuotaExceeded,
    RateLimited,
    Unavailable,
    UploadTooLarge,
)
from workers.events import say

MEDIA_TYPE = "application/problem+json"
RETRY_SOON = 2  # seconds; work that is under way

# The nearest class of an error's own decides.
STATUS: dict[type[GeziError], int] = {
    GeziError: 500,
    EmptyInput: 422,
    UnsupportedMedia: 422,
    BadRequest: 400,
    KeyNeeded: 401,
    KeyWrong: 401,
    NotFound: 404,
    NotReady: 409,
    NoResult: 409,
    UploadTooLarge: 413,
    IdempotencyMismatch: 422,
    CallbackRefused: 422,
    RateLimited: 429,
    QuotaExceeded: 429,
    Unavailable: 503,
}

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(examples=["urn:gezi:problem:not_found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no such document"])
    code: str = Field(examples=["not_found"], description="the last part of `type`")


def status_of(error: GeziError) -> int:
    return next(STATUS[c] for c in type(error).__mro__ if c in STATUS)


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    body = Problem(
        type=f"urn:gezi:problem:{code}", title=HTTPStatus(status).phrase, status=status, detail=detail, code=code
    )
    return JSONResponse(body.model_dump(), status, headers, MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route's OpenAPI says about its errors; one that needs a key may refuse too many requests."""
    if 401 in statuses:
        statuses = tuple(sorted({*statuses, 429}))
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"model": Problem, "description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}}
        for status in statuses
    }


def add_problem_handlers(app: FastAPI) -> None:
    app.add_exception_handler(GeziError, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unexpected)


async def _on_ours(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GeziError)
    status = status_of(error)
    headers = {}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(error.retry_after)
    elif status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    elif isinstance(error, NotReady):
        headers["Retry-After"] = str(RETRY_SOON)
    if status >= 500:
        say(log, "request_refused", logging.WARNING, code=error.code)
    return problem(status, error.code, error.message, headers)


async def _on_invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # Where and why, never the value: it may be a password.
    told = "; ".join(f"{'.'.join(map(str, e['loc'][1:]))}: {e['msg']}" for e in error.errors())
    return problem(422, "invalid_request", told)


async def _on_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).phrase.casefold().replace(" ", "_")
    return problem(error.status_code, code, str(error.detail), dict(error.headers or {}))


async def _on_unexpected(_: Request, error: Exception) -> JSONResponse:
    log.error("a request failed in a way nobody expected", exc_info=error)
    return problem(500, "internal", "internal error; the log tells more")
