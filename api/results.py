"""A stored result in the formats that are asked for."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from urllib.parse import quote

from extractor.export import to_csv, to_html, to_json, to_markdown
from extractor.result import Document, Table
from workers.errors import NotFound


class Format(StrEnum):
    JSON = "json"
    HTML = "html"
    XLSX = "xlsx"
    CSV = "csv"
    MD = "md"


class TableFormat(StrEnum):
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Rendered:
    content: bytes
    media_type: str
    ending: str


def load(stored: bytes, filename: str) -> Document:
    """A stored result under the name of this upload: the same bytes may have come under another before."""
    document = Document.model_validate_json(gzip.decompress(stored))
    if document.document.filename == filename:
        return document
    info = document.document.model_copy(update={"filename": filename})
    return document.model_copy(update={"document": info})


def render(document: Document, wanted: Format) -> Rendered:
    """CSV is a zip archive with a file a table; each file begins with a byte order mark, which Excel needs."""
    match wanted:
        case Format.JSON:
            return Rendered(_text(to_json(document)), "application/json", "json")
        case Format.HTML:
            return Rendered(_text(to_html(document)), "text/html; charset=utf-8", "html")
        case Format.MD:
            return Rendered(_text(to_markdown(document)), "text/markdown; charset=utf-8", "md")
        case Format.CSV:
            return Rendered(_csv_archive(document), "application/zip", "zip")
        case Format.XLSX:
            # Here, because openpyxl loads numpy where that is installed.
            from extractor.spreadsheet import to_xlsx

            media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            return Rendered(to_xlsx(document), media_type, "xlsx")


def render_table(document: Document, table_id: str, wanted: TableFormat) -> Rendered:
    """Raises NotFound."""
    table = next((table for table in document.tables if table.id == table_id), None)
    if table is None:
        raise NotFound("the document has no such table")
    if wanted is TableFormat.CSV:
        return Rendered(_csv(table), "text/csv; charset=utf-8", "csv")
    return Rendered(_text(table.model_dump_json()), "application/json", "json")


def disposition(filename: str, ending: str, *, inline: bool) -> str:
    """Content-Disposition with the upload's name in UTF-8 (RFC 6266)."""
    name = quote(f"{PurePath(filename).stem}.{ending}", safe="")
    return f"{'inline' if inline else 'attachment'}; filename=\"result.{ending}\"; filename*=UTF-8''{name}"


def _csv_archive(document: Document) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in document.tables:
            archive.writestr(f"{table.id}.csv", _csv(table))
    return sink.getvalue()


def _csv(table: Table) -> bytes:
    return to_csv(table).encode("utf-8-sig", "replace")


def _text(text: str) -> bytes:
    return text.encode("utf-8", "replace")
