"""What the API says about batches: the wire's own types."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field

from api.views import Failure, failure_of
from workers.batchrecords import BatchKind, BatchState, Member, StoredBatch
from workers.records import State, cursor_of
from workers.targets import MAX_URL

MAX_LISTED = 10_000  # ids of one request


class ListedDocuments(BaseModel):
    """A batch of documents that were uploaded before."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"documents": ["019a9c5b8f7e7c0f8d4e2a6b1c3d5e7f"]}]}
    )

    documents: list[str] = Field(min_length=1, max_length=MAX_LISTED, description="their ids")
    name: str | None = Field(None, max_length=200, description="how the batch is called")
    callback_url: str | None = Field(None, max_length=MAX_URL, description="told when the last document has ended")


class BatchLinks(BaseModel):
    self: str
    members: str
    results: str
    cancel: str


class MemberCounts(BaseModel):
    """Documents by state, and what is none: left out when unpacking, or deleted since."""

    total: int
    queued: int
    running: int
    succeeded: int
    partial: int
    failed: int
    cancelled: int
    left_out: int
    deleted: int


class BatchPages(BaseModel):
    """`total`: of the documents that were opened so far. `per_hour`: as read by workers, null until they began."""

    done: int
    total: int
    per_hour: float | None


class BatchView(BaseModel):
    """A batch and where its work stands."""

    id: str = Field(examples=["019a9c5b8f7e7c0f8d4e2a6b1c3d5e7f"])
    state: BatchState
    kind: BatchKind
    filename: str | None = Field(examples=["2024年部门预算.zip"])
    sha256: str | None
    size: int | None
    options: dict[str, object] = Field(examples=[{"pages": None, "priority": 5, "tags": ["2024"]}])
    entries: int = Field(description="of the archive that were dealt with so far")
    counts: MemberCounts
    pages: BatchPages
    callback_url: str | None
    error: Failure | None = Field(description="why unpacking was given up")
    created: datetime
    links: BatchLinks


class MemberView(BaseModel):
    """One member: a document, or `left_out` with the reason, or `deleted`."""

    position: int
    name: str = Field(examples=["市级/2024年部门预算.pdf"])
    state: str = Field(description="a document's state, or left_out, or deleted", examples=["succeeded"])
    document: str | None = Field(description="the document's id")
    pages_done: int
    pages_total: int | None
    error: Failure | None = Field(examples=[{"code": "unsupported_media", "detail": "the file is a RAR archive"}])


class BatchList(BaseModel):
    """Newest first. `next`: the cursor of what follows, null at the end."""

    batches: list[BatchView]
    next: str | None


class MemberList(BaseModel):
    """In the archive's order. `next`: the cursor of what follows, null at the end."""

    members: list[MemberView]
    next: int | None


def batch_view(batch: StoredBatch, root: str) -> BatchView:
    counts = batch.counts
    here = f"{root}/v1/batches/{batch.id}"
    by_state = {state.value: counts.documents.get(state, 0) for state in State}
    total = sum(by_state.values()) + counts.left_out + counts.deleted
    per_hour = counts.pages_per_hour(time.time())
    return BatchView(
        id=batch.id,
        state=batch.state,
        kind=batch.kind,
        filename=batch.filename,
        sha256=batch.sha256,
        size=batch.size,
        options={name: told for name, told in batch.options.items() if name != "key_id"},
        entries=batch.entries,
        counts=MemberCounts(total=total, left_out=counts.left_out, deleted=counts.deleted, **by_state),
        pages=BatchPages(
            done=counts.pages_done, total=counts.pages_total, per_hour=None if per_hour is None else round(per_hour, 1)
        ),
        callback_url=batch.callback_url,
        error=failure_of(batch.error_code, batch.error_detail),
        created=datetime.fromtimestamp(batch.created, UTC),
        links=BatchLinks(
            self=here, members=f"{here}/members", results=f"{here}/results", cancel=f"{here}/cancel"
        ),
    )  # fmt: skip


def batch_list_view(found: list[StoredBatch], limit: int, root: str) -> BatchList:
    following = cursor_of(found[-1].id) if len(found) == limit else None
    return BatchList(batches=[batch_view(batch, root) for batch in found], next=following)


def state_of(member: Member) -> str:
    if member.state is not None:
        return member.state.value
    return "deleted" if member.error_code is None else "left_out"


def member_view(member: Member) -> MemberView:
    return MemberView(
        position=member.position,
        name=member.name,
        state=state_of(member),
        document=member.document_id,
        pages_done=member.pages_done,
        pages_total=member.pages_total,
        error=failure_of(member.error_code, member.error_detail),
    )


def member_list_view(found: list[Member], limit: int) -> MemberList:
    following = found[-1].position if len(found) == limit else None
    return MemberList(members=[member_view(member) for member in found], next=following)
