"""A Gezi service over HTTP: uploads, states and results, asked again where that helps, errors as ours."""

from __future__ import annotations

import ipaddress
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
from pydantic import ValidationError

from extractor.errors import GeziError, InputError
from extractor.result import Document
from gezi.errors import KeyRefused, ServerAway, ServerBusy, ServerRefused, error_of

TIMEOUT = httpx.Timeout(90.0, connect=10.0)  # seconds; a long poll takes a part of it
TRIES = 5  # attempts to reach a server that does not answer
FIRST_PAUSE = 0.5  # seconds before the second attempt, doubled each time
LONGEST_PAUSE = 60.0  # seconds; a server that names a longer one is asked sooner
PATIENCE = 600.0  # seconds during which "not now" is taken for an answer
PAGE_OF_LIST = 500
NOT_NOW = (429, 503)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of an upload."""

    pages: str | None = None
    password: str | None = None
    priority: int | None = None
    tags: tuple[str, ...] = ()
    repair: bool = True

    def form(self) -> dict[str, str | list[str]]:
        told: dict[str, str | list[str] | None] = {
            "pages": self.pages, "password": self.password, "tags": list(self.tags) or None,
            "priority": None if self.priority is None else str(self.priority),
            "repair": None if self.repair else "off",
        }  # fmt: skip
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Remote:
    """A document on the server. `error` where it failed there."""

    id: str
    state: str
    pages_done: int
    pages_total: int | None
    error: GeziError | None

    @property
    def ended(self) -> bool:
        return self.state not in ("queued", "running")

    @property
    def has_result(self) -> bool:
        return self.state in ("succeeded", "partial")


@dataclass(frozen=True, slots=True)
class RemoteBatch:
    id: str
    state: str
    pages_done: int
    pages_total: int

    @property
    def ended(self) -> bool:
        return self.state not in ("unpacking", "running")


@dataclass(frozen=True, slots=True)
class RemoteMember:
    """A member of a batch; `document_id` is None where it was left out, with the reason, or deleted."""

    name: str
    state: str
    document_id: str | None
    error: GeziError | None
    is_document: bool


class Server:
    """Raises ServerAway, ServerBusy, KeyRefused, ServerRefused, and what a document's own fault is called."""

    def __init__(self, url: str, key: str | None, patience: float = PATIENCE) -> None:
        self.url = url.rstrip("/")
        self._patience = patience
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            parsed = httpx.URL(self.url)
            # A proxy for the world outside would not find a service on this machine.
            self._client = httpx.Client(
                base_url=f"{self.url}/v1", headers=headers, timeout=TIMEOUT, trust_env=not _is_loopback(parsed.host)
            )
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise ServerAway("the server's address or the key has characters that cannot be sent") from error
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ServerAway(f"{url!r} is no address of a server, such as http://127.0.0.1:8300")

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._client.close()

    def upload(self, path: Path, name: str, wanted: Wanted, once: str) -> Remote:
        """Hand in a document. `once`: a text under which the server takes it one time only, however often asked."""
        return _remote(self._hand_in("/documents", path, name, wanted, once))

    def upload_archive(self, path: Path, name: str, wanted: Wanted, once: str) -> RemoteBatch:
        return _batch(self._hand_in("/batches", path, name, wanted, once))

    def document(self, document_id: str, wait: float = 0.0) -> Remote:
        """`wait`: seconds after which it answers although the work goes on."""
        params = {"wait": str(wait)} if wait else {}
        return _remote(self._json("GET", f"/documents/{document_id}", params=params))

    def result(self, document_id: str) -> Document:
        """Raises ServerRefused where this Gezi does not understand the server's result."""
        answer = self._ask("GET", f"/documents/{document_id}/result", dict)
        try:
            return Document.model_validate_json(answer.content)
        except ValidationError:
            raise ServerRefused("the server's result is not what this version of Gezi understands") from None

    def batch(self, batch_id: str) -> RemoteBatch:
        return _batch(self._json("GET", f"/batches/{batch_id}"))

    def members(self, batch_id: str) -> Iterator[RemoteMember]:
        """In the archive's order."""
        cursor: int | None = -1
        while cursor is not None:
            params = {"limit": str(PAGE_OF_LIST), "cursor": str(cursor)}
            told = self._json("GET", f"/batches/{batch_id}/members", params=params)
            for member in told["members"]:
                error = member["error"]
                is_document = error is None or error["code"] != "no_document"
                yield RemoteMember(member["name"], member["state"], member["document"], _error(error), is_document)
            cursor = told["next"]

    def _hand_in(self, path: str, file: Path, name: str, wanted: Wanted, once: str) -> dict[str, Any]:
        """Raises InputError where the file cannot be read."""
        with ExitStack() as stack:
            try:
                opened = stack.enter_context(file.open("rb"))
            except OSError as error:
                raise InputError(f"the file cannot be read: {os.strerror(error.errno or 0)}") from error

            def request() -> dict[str, Any]:
                opened.seek(0)
                return {"files": {"file": (name, opened)}, "data": wanted.form()}

            return _told(self._ask("POST", path, request, {"Idempotency-Key": once}))

    def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        return _told(self._ask(method, path, lambda: request))

    def _ask(
        self, method: str, path: str, request: Callable[[], dict[str, Any]], headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """One answer that is none of an error. Every request here may be repeated without harm."""
        began, pause, failures = time.monotonic(), FIRST_PAUSE, 0
        while True:
            try:
                answer = self._client.request(method, path, headers=headers, **request())
            except httpx.TransportError as error:
                failures += 1
                if failures >= TRIES:
                    raise ServerAway(f"{self.url} does not answer") from error
                time.sleep(pause)
            else:
                failures = 0
                if answer.status_code not in NOT_NOW:
                    return _checked(answer, self.url)
                if time.monotonic() - began > self._patience:
                    raise ServerBusy(f"{self.url} is busy: {_detail(answer)}")
                time.sleep(_retry_after(answer, pause))
            pause = min(LONGEST_PAUSE, pause * 2)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _retry_after(answer: httpx.Response, otherwise: float) -> float:
    told = answer.headers.get("retry-after", "")
    return min(LONGEST_PAUSE, float(told)) if told.isascii() and told.isdigit() else otherwise


def _checked(answer: httpx.Response, url: str) -> httpx.Response:
    """Raises what the answer's problem is called."""
    if answer.is_success:
        return answer
    try:
        code = str(answer.json()["code"])
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        raise ServerAway(f"{url} answers {answer.status_code}, and not like a Gezi service") from None
    if answer.status_code in (401, 403):
        raise KeyRefused(f"{url} refuses: {_detail(answer)}")
    raise error_of(code, _detail(answer))


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        return f"status {answer.status_code}"


def _told(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        told = None
    if not isinstance(told, dict):
        raise ServerAway("the server does not answer like a Gezi service")
    return told


def _remote(told: dict[str, Any]) -> Remote:
    try:
        error = _error(told["error"])
        if told["state"] == "cancelled" and error is None:
            error = error_of("cancelled", "the work was cancelled on the server")
        return Remote(told["id"], told["state"], told["pages"]["done"], told["pages"]["total"], error)
    except (KeyError, TypeError):
        raise ServerAway("the server does not answer like a Gezi service") from None


def _batch(told: dict[str, Any]) -> RemoteBatch:
    try:
        return RemoteBatch(told["id"], told["state"], told["pages"]["done"], told["pages"]["total"])
    except (KeyError, TypeError):
        raise ServerAway("the server does not answer like a Gezi service") from None


def _error(told: dict[str, str] | None) -> GeziError | None:
    return None if told is None else error_of(told["code"], told["detail"])
