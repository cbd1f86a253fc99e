"""A stored result in the formats that are asked for."""

from __future__ import annotations

import gzip
from enum import StrEnum
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from extractor.result import Document
from workers.errors import NotFound
from workers.exports import MEDIA_TYPES, csv_file, utf8
from workers.exports import Format as Format
from workers.exports import Rendered as Rendered
from workers.exports import as_stored as as_stored
from workers.exports import render as render

# What OpenAPI is told about an answer that is a result.
RESULT_ANSWER: dict[str, Any] = {
    "model": Document,
    "description": "The result; as JSON, or in the format asked for",
    "content": {
        name.split(";")[0]: {"schema": {"type": "string", "format": "binary"}}
        for wanted, name in MEDIA_TYPES.items()
        if wanted is not Format.JSON
    },
}


class TableFormat(StrEnum):
    JSON = "json"
    CSV = "csv"


def load(stored: bytes, filename: str) -> Document:
    """A stored result under the name of this upload: the same bytes may have come under another before."""
    document = Document.model_validate_json(gzip.decompress(stored))
    if document.document.filename == filename:
        return document
    info = document.document.model_copy(update={"filename": filename})
    return document.model_copy(update={"document": info})


def render_table(document: Document, table_id: str, wanted: TableFormat) -> Rendered:
    """Raises NotFound."""
    table = next((table for table in document.tables if table.id == table_id), None)
    if table is None:
        raise NotFound("the document has no such table")
    if wanted is TableFormat.CSV:
        return Rendered(csv_file(table), "text/csv; charset=utf-8", "csv")
    return Rendered(utf8(table.model_dump_json()), "application/json", "json")


def disposition(filename: str, ending: str, *, inline: bool) -> str:
    """Content-Disposition with the upload's name in UTF-8 (RFC 6266)."""
    name = quote(f"{PurePath(filename).stem}.{ending}", safe="")
    return f"{'inline' if inline else 'attachment'}; filename=\"result.{ending}\"; filename*=UTF-8''{name}"
