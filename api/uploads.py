"""A document's bytes out of a request, streamed into the store, hashed and counted as they arrive.

Two forms are taken: multipart/form-data with a part named "file" (options as other parts), and the
bare bytes as the body (options in the query, the password in a header). Nothing is spooled elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from email.message import Message
from typing import Any, Literal
from urllib.parse import unquote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser
from starlette.requests import ClientDisconnect

from api.access import key_of
from extractor.errors import EmptyInput
from workers.blobs import BlobStore, Staged
from workers.errors import BadRequest, StorageFull, UploadTooLarge
from workers.exports import Format
from workers.records import PRIORITIES, Wishes
from workers.targets import MAX_URL

PASSWORD_HEADER = "X-Document-Password"
FILE_PART = "file"
MAX_FIELDS_BYTES = 64 * 1024  # of all options together
MAX_PARTS = 64
MAX_FILENAME = 200  # characters

AHEAD = [wanted for wanted in Format if not wanted.startswith("records.")]  # records are made when they are asked for
KEY_PATTERN = r"^[\x21-\x7e]{1,200}$"


class Options(BaseModel):
    """What can be asked of a document. Anything else is refused, so that a misspelt option is not passed over."""

    model_config = ConfigDict(extra="forbid")

    filename: str | None = Field(None, max_length=1000)
    pages: str | None = Field(None, pattern=r"^[0-9,\- ]{1,200}$", examples=["1-3,5"])
    password: str | None = Field(None, max_length=1000)
    priority: int | None = Field(None, ge=PRIORITIES.start, le=PRIORITIES.stop - 1)
    tags: list[str] = Field(default_factory=list, max_length=20)
    fresh: bool = False
    repair: Literal["on", "off"] = "on"
    formats: str | None = Field(None, pattern=r"^[a-z]{2,4}(,[a-z]{2,4}){0,9}$", examples=["xlsx,html"])
    callback_url: str | None = Field(None, max_length=MAX_URL, examples=["https://example.org/gezi"])


@dataclass(slots=True)
class Part:
    """A part of a form on its way."""

    headers: dict[str, str] = field(default_factory=dict)
    name: str = ""
    filename: str | None = None
    content: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Sizes in bytes."""

    max_bytes: int
    min_free: int


async def receive(request: Request, staged: Staged, bounds: Bounds, apart: frozenset[str], priority: int) -> Wishes:
    """Write the document's bytes to `staged` and seal it.

    `apart`: query parameters that are no options. `priority`: where none is asked for.

    Raises UploadTooLarge, EmptyInput, BadRequest, StorageFull, StorageFailed and RequestValidationError.
    """
    media_type = request.headers.get("content-type", "")
    query = request.query_params
    options: dict[str, object] = {name: query[name] for name in query if name not in apart}
    if "tags" in options:
        options["tags"] = request.query_params.getlist("tags")
    if "password" in options:
        raise BadRequest(f"a password goes into a form's part or the header {PASSWORD_HEADER}: addresses are logged")
    if media_type.casefold().startswith("multipart/form-data"):
        options |= await _form(request, media_type, staged, bounds)
    else:
        if PASSWORD_HEADER in request.headers:
            options["password"] = request.headers[PASSWORD_HEADER]
        async for chunk in read_body(request, bounds.max_bytes):
            await staged.write(chunk)
    if staged.size == 0:
        raise EmptyInput("the document has no bytes")
    wishes = replace(_wishes(options, priority), idempotency_key=idempotency_key(request), key_id=key_of(request))
    await staged.seal()
    return wishes


def idempotency_key(request: Request) -> str | None:
    """Raises BadRequest."""
    key = request.headers.get("idempotency-key")
    if key is not None and not re.fullmatch(KEY_PATTERN, key):
        raise BadRequest("an Idempotency-Key has 1 to 200 visible ASCII characters")
    return key


def invalid_body(error: ValidationError) -> RequestValidationError:
    """As FastAPI has it for a body that it parsed itself. `_on_invalid` leaves the inputs out."""
    return RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in error.errors()])


async def refuse_early(request: Request, store: BlobStore, bounds: Bounds) -> None:
    """What can be known before the first byte: a length that is too large, a disk that is full."""
    told = request.headers.get("content-length", "")
    length = int(told) if told.isascii() and told.isdigit() else 0
    if length > bounds.max_bytes + MAX_FIELDS_BYTES:
        raise UploadTooLarge(f"a document may have {bounds.max_bytes} bytes")
    if not await store.has_room(length + bounds.min_free):
        raise StorageFull("the store is full")


def _formats(told: str | None) -> tuple[str, ...]:
    names = told.split(",") if told else []
    if not set(names) <= set(AHEAD):
        raise BadRequest(f"formats are of {', '.join(AHEAD)}")
    return tuple(names)


def _wishes(options: dict[str, object], priority: int) -> Wishes:
    try:
        wanted = Options.model_validate(options)
    except ValidationError as error:
        raise invalid_body(error) from None
    if any(not tag or len(tag) > 100 for tag in wanted.tags):
        raise BadRequest("a tag has 1 to 100 characters")
    return Wishes(
        filename=_clean(wanted.filename or "document"),
        pages=wanted.pages or None,
        password=wanted.password,
        priority=priority if wanted.priority is None else wanted.priority,
        tags=tuple(wanted.tags),
        fresh=wanted.fresh,
        repair=wanted.repair == "on",
        formats=_formats(wanted.formats),
        callback_url=wanted.callback_url or None,
    )


def _clean(filename: str) -> str:
    """The last part of a path, without control characters (U+0000 would not go into PostgreSQL)."""
    name = re.split(r"[/\\]", filename)[-1]
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "_", name)[:MAX_FILENAME] or "document"


async def read_body(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body's chunks. Raises UploadTooLarge, and BadRequest when the client went away."""
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise UploadTooLarge(f"a document may have {limit} bytes")
            if chunk:
                yield chunk
    except ClientDisconnect:
        raise BadRequest("the upload broke off") from None


async def _form(request: Request, media_type: str, staged: Staged, bounds: Bounds) -> dict[str, object]:
    """Stream the file part to `staged`; the other parts are options."""
    form = _Form(_parameter(media_type, "boundary"))
    async for chunk in read_body(request, bounds.max_bytes + MAX_FIELDS_BYTES):
        for piece in form.feed(chunk):
            if staged.size + len(piece) > bounds.max_bytes:
                raise UploadTooLarge(f"a document may have {bounds.max_bytes} bytes")
            await staged.write(piece)
    return form.end()


def _parameter(header: str, name: str) -> str:
    message = Message()
    message["content-type"] = header
    value = message.get_param(name)
    if not isinstance(value, str) or not value:
        raise BadRequest(f"the form's {name} is missing")
    return value


def upload_openapi() -> dict[str, Any]:
    """The body is parsed by hand, as a stream; this is what OpenAPI is told about it."""
    form = Options.model_json_schema()
    form["properties"] = {FILE_PART: {"type": "string", "format": "binary"}, **form["properties"]}
    form["required"] = [FILE_PART]
    named = ("filename", "pages", "priority", "tags", "fresh", "repair", "formats", "callback_url")
    queries = [
        {"name": name, "in": "query", "required": False, "schema": Options.model_json_schema()["properties"][name]}
        for name in named
    ]
    headers = [
        {"name": PASSWORD_HEADER, "in": "header", "required": False, "schema": {"type": "string"}},
        {
            "name": "Idempotency-Key", "in": "header", "required": False,
            "schema": {"type": "string", "pattern": KEY_PATTERN},
        },
    ]  # fmt: skip
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = {"multipart/form-data": {"schema": form}, "application/pdf": binary, "application/octet-stream": binary}
    return {"parameters": queries + headers, "requestBody": {"required": True, "content": content}}


class _Form:
    """python-multipart's callbacks, gathered. `feed` gives the file's bytes as they come."""

    def __init__(self, boundary: str) -> None:
        self._part = Part()
        self._parts: list[Part] = []
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._pieces: list[bytes] = []
        self._fields_size = 0
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._named,
                    "on_part_data": self._data,
                    "on_end": self._end,
                },
            )
        except MultipartParseError as error:
            raise BadRequest("the form cannot be parsed") from error

    def feed(self, chunk: bytes) -> list[bytes]:
        self._pieces = []
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise BadRequest("the form cannot be parsed") from error
        return self._pieces

    def end(self) -> dict[str, object]:
        """The options. Raises BadRequest when the form is cut off or has no file."""
        if not self._ended:
            raise BadRequest("the form is not complete")
        files = [part for part in self._parts if part.name == FILE_PART]
        if len(files) != 1:
            raise BadRequest(f'the form needs one part named "{FILE_PART}"')
        options: dict[str, object] = {"filename": files[0].filename} if files[0].filename else {}
        tags = []
        for part in self._parts:
            text = bytes(part.content).decode("utf-8", "replace")
            if part.name == "tags":
                tags.append(text)
            elif part.name != FILE_PART:
                options[part.name] = text
        return options | ({"tags": tags} if tags else {})

    def _begin(self) -> None:
        self._part = Part()
        self._parts.append(self._part)
        if len(self._parts) > MAX_PARTS:
            raise BadRequest("the form has too many parts")

    def _header_end(self) -> None:
        name, value = (bytes(raw).decode("utf-8", "replace") for raw in self._header)
        self._part.headers[name.casefold()] = value
        self._header = (bytearray(), bytearray())

    def _named(self) -> None:
        found = dict(_DISPOSITION.findall(self._part.headers.get("content-disposition", "")))
        names = {key.casefold(): quoted.strip('"').replace('\\"', '"') for key, quoted in found.items()}
        self._part.name = names.get("name", "")
        self._part.filename = names.get("filename")
        if "filename*" in names:  # RFC 5987: charset'language'percent-encoded
            self._part.filename = unquote(names["filename*"].split("'")[-1])

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.name == FILE_PART:
            self._pieces.append(data[start:end])
            return
        self._part.content.extend(data[start:end])
        self._fields_size += end - start
        if self._fields_size > MAX_FIELDS_BYTES:
            raise BadRequest("the form's options are too large")

    def _end(self) -> None:
        self._ended = True


_DISPOSITION = re.compile(r';\s*([\w*-]+)=("(?:[^"\\]|\\.)*"|[^;\s]+)')
