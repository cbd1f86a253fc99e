"""What the service knows about a batch, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workers.records import OPEN, State

NO_DOCUMENT = "no_document"  # code of a member that is neither a document nor an archive


class BatchKind(StrEnum):
    ARCHIVE = "archive"
    LIST = "list"
    REPROCESS = "reprocess"


class BatchState(StrEnum):
    UNPACKING = "unpacking"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # unpacking was given up; what was unpacked before is there
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self not in (BatchState.UNPACKING, BatchState.RUNNING)


@dataclass(frozen=True, slots=True)
class Counts:
    """Members of a batch. `documents` by state; times in seconds since 1970, of documents that workers read."""

    documents: Mapping[State, int] = field(default_factory=dict)
    left_out: int = 0
    deleted: int = 0
    pages_done: int = 0
    pages_total: int = 0
    pages_read: int = 0  # without those of results that were there already
    first_started: float | None = None
    last_ended: float | None = None

    @property
    def open(self) -> int:
        return sum(self.documents.get(state, 0) for state in OPEN)

    def pages_per_hour(self, now: float) -> float | None:
        """Since the first page's document began until now, or until the last one ended."""
        if self.first_started is None or not self.pages_read:
            return None
        end = now if self.open or self.last_ended is None else self.last_ended
        return self.pages_read * 3600.0 / max(1.0, end - self.first_started)


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """Times in seconds since 1970. `entries`: of the archive that were dealt with."""

    id: str
    tenant: str
    kind: BatchKind
    filename: str | None
    sha256: str | None
    size: int | None
    options: Mapping[str, object]
    created: float
    entries: int
    unpacked: float | None
    cancelled: float | None
    callback_url: str | None
    error_code: str | None
    error_detail: str | None
    counts: Counts

    @property
    def state(self) -> BatchState:
        if self.cancelled is not None:
            return BatchState.CANCELLED
        if self.unpacked is None:
            return BatchState.UNPACKING
        if self.counts.open:
            return BatchState.RUNNING
        return BatchState.DONE if self.error_code is None else BatchState.FAILED


@dataclass(frozen=True, slots=True)
class Member:
    """A document of a batch with its newest version, or what was left out, or what was deleted since."""

    position: int
    name: str
    document_id: str | None
    filename: str | None
    state: State | None
    pages_done: int
    pages_total: int | None
    result_key: str | None
    error_code: str | None
    error_detail: str | None


@dataclass(frozen=True, slots=True)
class AcceptedBatch:
    """`is_new`: False for an answer to the same Idempotency-Key again."""

    batch: StoredBatch
    is_new: bool
