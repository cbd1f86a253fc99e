"""The results of a batch as one stream, JSON lines or a zip: one result is in memory at a time."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator
from enum import StrEnum
from pathlib import PurePosixPath

from api.batchviews import state_of
from api.parts import Parts
from api.results import Format, load, render
from api.views import failure_of
from workers.batchrecords import Member
from workers.errors import NotFound, StorageFailed
from workers.kinds import safe_name

AT_ONCE = 100  # members of one look into the database
INDEX = "index.jsonl"


class StreamFormat(StrEnum):
    JSONL = "jsonl"
    ZIP = "zip"


MEDIA_TYPES = {StreamFormat.JSONL: "application/jsonl", StreamFormat.ZIP: "application/zip"}


async def members_of(parts: Parts, tenant: str, batch_id: str) -> AsyncIterator[Member]:
    """All members in their order, a page of the list at a time; what is deleted meanwhile ends the list."""
    after = -1
    while True:
        try:
            found = await parts.batches.members(tenant, batch_id, after, AT_ONCE)
        except NotFound:
            return
        for member in found:
            yield member
        if len(found) < AT_ONCE:
            return
        after = found[-1].position


async def json_lines(parts: Parts, tenant: str, batch_id: str) -> AsyncIterator[bytes]:
    """A line for each member: what `told_of` says, and its result (null where there is none)."""
    async for member in members_of(parts, tenant, batch_id):
        result = await _result(parts, member, Format.JSON)
        head = json.dumps(told_of(member), ensure_ascii=False)
        yield head[:-1].encode("utf-8", "replace") + b', "result": ' + (result or b"null") + b"}\n"


async def zipped(parts: Parts, tenant: str, batch_id: str, wanted: Format) -> AsyncIterator[bytes]:
    """A file for each result, under the member's own path, and an index of all members as the last."""
    sink = _Sink()
    names = _Names()
    index: list[bytes] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        async for member in members_of(parts, tenant, batch_id):
            result = await _result(parts, member, wanted)
            name = None
            if result is not None:
                name = names.claim(member.name, "zip" if wanted is Format.CSV else wanted.value)
                await asyncio.to_thread(archive.writestr, name, result)
            told = told_of(member) | {"file": name}
            index.append(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            yield sink.take()
        archive.writestr(INDEX, b"".join(index))
    yield sink.take()


def told_of(member: Member) -> dict[str, object]:
    failure = failure_of(member.error_code, member.error_detail)
    return {
        "position": member.position, "name": member.name, "document": member.document_id, "state": state_of(member),
        "error": None if failure is None else failure.model_dump(),
    }  # fmt: skip


async def _result(parts: Parts, member: Member, wanted: Format) -> bytes | None:
    """None where there is no result, or where it was deleted a moment ago."""
    if member.result_key is None:
        return None
    try:
        stored = await parts.store.get(member.result_key)
    except StorageFailed:
        if member.document_id is not None and await parts.jobs.exists(member.document_id):
            raise
        return None
    filename = member.filename or member.name
    return await asyncio.to_thread(lambda: render(load(stored, filename), wanted).content)


class _Sink:
    """What zipfile writes to when nothing can be sought: it keeps count, and hands over what has come."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return

    def close(self) -> None:
        return

    def take(self) -> bytes:
        taken = b"".join(self._chunks)
        self._chunks.clear()
        return taken


class _Names:
    """Names within the zip: a member's path with another ending, or with -2, -3 … where that is taken."""

    def __init__(self) -> None:
        self._taken: set[str] = {INDEX}

    def claim(self, path: str, ending: str) -> str:
        folders = [safe_name(part) for part in PurePosixPath(path).parts if part not in ("/", "..")]
        stem = str(PurePosixPath(*folders).with_suffix("")) if folders else "document"
        name, n = f"{stem}.{ending}", 1
        while name.casefold() in self._taken:
            n += 1
            name = f"{stem}-{n}.{ending}"
        self._taken.add(name.casefold())
        return name
