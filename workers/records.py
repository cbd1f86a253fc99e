"""What the service knows about a document and its job, as frozen values."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum

from workers.errors import BadRequest


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"  # some pages were not read; the result names them
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self not in OPEN


OPEN = (State.QUEUED, State.RUNNING)
HAVE_RESULT = (State.SUCCEEDED, State.PARTIAL)
FREE: dict[str, object] = {"lease": None, "lease_until": None, "password": None}  # columns of an ended job
PRIORITIES = range(10)  # higher goes first; 5 is what nobody asks for
NORMAL_PRIORITY = 5
WAITED_FOR_PRIORITY = 7  # of a document whose client waits for the answer
BATCH_PRIORITY = 3  # of an archive's documents: thousands of them must not come before the day's work


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of one document. `fresh`: do not give the result of an earlier upload."""

    filename: str
    pages: str | None = None
    password: str | None = None
    priority: int = NORMAL_PRIORITY
    tags: tuple[str, ...] = ()
    fresh: bool = False
    idempotency_key: str | None = None
    callback_url: str | None = None
    formats: tuple[str, ...] = ()
    repair: bool = True
    key_id: str | None = None  # whose quotas it counts for


@dataclass(frozen=True, slots=True)
class Job:
    """One version of a document's result on its way. Times in seconds since 1970."""

    id: str
    version: int
    engine: str
    state: State
    stage: str
    priority: int
    attempts: int
    queued: float
    started: float | None
    ended: float | None
    n_pages: int | None
    pages_total: int | None
    pages_done: int
    error_code: str | None
    error_detail: str | None
    result_key: str | None


@dataclass(frozen=True, slots=True)
class Callback:
    """Where the end of the work is told, and how that stands; nothing but the URL until the work has ended."""

    url: str
    state: str | None
    attempts: int | None
    next_at: float | None
    status: int | None
    error_code: str | None
    ended: float | None


@dataclass(frozen=True, slots=True)
class StoredDocument:
    id: str
    tenant: str
    sha256: str
    size: int
    filename: str
    pages: str | None
    formats: str | None
    repair: bool | None
    tags: tuple[str, ...]
    created: float
    job: Job
    callback: Callback | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """`is_new`: False for an answer to the same Idempotency-Key again."""

    document: StoredDocument
    is_new: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows. Times in seconds since 1970, of arrival; `filename`: a part of it, whatever the case.

    `engine`: a version with or without the mark of its weights. `before`: the id after which, going back
    in time, it goes on.
    """

    state: State | None = None
    tag: str | None = None
    batch: str | None = None
    since: float | None = None
    until: float | None = None
    engine: str | None = None
    filename: str | None = None
    before: str | None = None
    limit: int = 50


ID_PATTERN = r"^[0-9a-f]{32}$"


def new_id() -> str:
    """A UUID of version 7 (RFC 9562) as 32 hexadecimal digits: sorts by time, cannot be guessed."""
    stamp = int(time.time() * 1000).to_bytes(6, "big")
    rest = bytearray(secrets.token_bytes(10))
    rest[0] = 0x70 | (rest[0] & 0x0F)
    rest[2] = 0x80 | (rest[2] & 0x3F)
    return (stamp + bytes(rest)).hex()


def cursor_of(row_id: str) -> str:
    """A row's id in a form that nobody takes for one."""
    return base64.urlsafe_b64encode(bytes.fromhex(row_id)).decode().rstrip("=")


def id_of_cursor(cursor: str) -> str:
    """Raises BadRequest."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    if len(raw) != 16:
        raise BadRequest("this cursor is not one of ours")
    return raw.hex()
