"""What the API says about documents: the wire's own types."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, Field

from workers.outbox import DeliveryState
from workers.records import Callback, Job, State, StoredDocument, cursor_of


class Links(BaseModel):
    self: str
    result: str
    page: str = Field(description="a page's picture, with {n} for its number")
    cancel: str
    versions: str


class Failure(BaseModel):
    """Why a document failed; the codes are those of docs/errors.md."""

    code: str = Field(examples=["password_required"])
    detail: str


def failure_of(code: str | None, detail: str | None) -> Failure | None:
    return None if code is None else Failure(code=code, detail=detail or "")


class PageCounts(BaseModel):
    """`document`: pages of the whole document; `total`: those asked for; both unknown until it is opened."""

    done: int
    total: int | None
    document: int | None


class Timings(BaseModel):
    created: datetime
    started: datetime | None
    ended: datetime | None


class CallbackView(BaseModel):
    """How telling the end of the work stands. `status`: the receiver's last answer; `error`: why that failed."""

    url: str
    state: Literal["waiting", "pending", "delivered", "given_up"] = Field(
        description="waiting: the work has not ended; pending: to be tried (again) at `next_attempt`"
    )
    attempts: int
    status: int | None
    error: str | None = Field(examples=["timed_out"])
    next_attempt: datetime | None
    ended: datetime | None


class DocumentView(BaseModel):
    """A document and where its work stands."""

    id: str = Field(examples=["019a9c5b8f7e7c0f8d4e2a6b1c3d5e7f"])
    state: State
    stage: str = Field(description="waiting, opening, reading or ended")
    filename: str = Field(examples=["2024年部门预算.pdf"])
    sha256: str
    size: int
    options: dict[str, str | None] = Field(examples=[{"pages": "1-3"}])
    priority: int
    tags: list[str]
    pages: PageCounts
    attempts: int = Field(description="times a worker began it, or began again after the last one was lost")
    version: int
    engine: str
    error: Failure | None
    callback: CallbackView | None
    timings: Timings
    links: Links


class DocumentList(BaseModel):
    """Newest first. `next`: the cursor of what follows, null at the end."""

    documents: list[DocumentView]
    next: str | None


def view(document: StoredDocument, root: str) -> DocumentView:
    job = document.job
    here = f"{root}/v1/documents/{document.id}"
    return DocumentView(
        id=document.id,
        state=job.state,
        stage=job.stage,
        filename=document.filename,
        sha256=document.sha256,
        size=document.size,
        options={
            "pages": document.pages, "formats": document.formats,
            "repair": "off" if document.repair is False else "on",
        },
        priority=job.priority,
        tags=list(document.tags),
        pages=PageCounts(done=job.pages_done, total=job.pages_total, document=job.n_pages),
        attempts=job.attempts,
        version=job.version,
        engine=job.engine,
        error=failure_of(job.error_code, job.error_detail),
        callback=None if document.callback is None else callback_view(document.callback),
        timings=timings_of(document.created, job),
        links=Links(
            self=here, result=f"{here}/result", page=f"{here}/pages/{{n}}.png", cancel=f"{here}/cancel",
            versions=f"{here}/versions",
        ),
    )  # fmt: skip


def timings_of(created: float, job: Job) -> Timings:
    return Timings(created=_time(created), started=_maybe(job.started), ended=_maybe(job.ended))


def callback_view(callback: Callback) -> CallbackView:
    pending = callback.state == DeliveryState.PENDING
    return CallbackView.model_validate(
        {
            "url": callback.url, "state": callback.state or "waiting", "attempts": callback.attempts or 0,
            "status": callback.status, "error": callback.error_code, "ended": _maybe(callback.ended),
            "next_attempt": _maybe(callback.next_at) if pending else None,
        }
    )  # fmt: skip


def list_view(documents: list[StoredDocument], limit: int, root: str) -> DocumentList:
    following = cursor_of(documents[-1].id) if len(documents) == limit else None
    return DocumentList(documents=[view(document, root) for document in documents], next=following)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _maybe(seconds: float | None) -> datetime | None:
    return None if seconds is None else _time(seconds)
