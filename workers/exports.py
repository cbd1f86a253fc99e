"""A result in the formats that are asked for, by the worker ahead of time or by the API on request."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from extractor.export import to_csv, to_html, to_json, to_markdown
from extractor.records import to_jsonl, to_parquet, to_records_csv

if TYPE_CHECKING:
    from extractor.result import Document, Table


class Format(StrEnum):
    JSON = "json"
    HTML = "html"
    XLSX = "xlsx"
    CSV = "csv"
    MD = "md"
    RECORDS_JSONL = "records.jsonl"
    RECORDS_CSV = "records.csv"
    RECORDS_PARQUET = "records.parquet"


@dataclass(frozen=True, slots=True)
class Rendered:
    content: bytes
    media_type: str
    ending: str


def render(document: Document, wanted: Format) -> Rendered:
    """CSV is a zip archive with a file a table; each file begins with a byte order mark, which Excel needs."""
    match wanted:
        case Format.JSON:
            return _rendered(utf8(to_json(document)), wanted)
        case Format.HTML:
            return _rendered(utf8(to_html(document)), wanted)
        case Format.MD:
            return _rendered(utf8(to_markdown(document)), wanted)
        case Format.CSV:
            return _rendered(_csv_archive(document), wanted)
        case Format.XLSX:
            # Here, because openpyxl loads numpy where that is installed.
            from extractor.spreadsheet import to_xlsx

            return _rendered(to_xlsx(document), wanted)
        case Format.RECORDS_JSONL:
            return _rendered(utf8(to_jsonl(document)), wanted)
        case Format.RECORDS_CSV:
            return _rendered(to_records_csv(document).encode("utf-8-sig", "replace"), wanted)
        case Format.RECORDS_PARQUET:
            return _rendered(to_parquet(document), wanted)


def as_stored(content: bytes, wanted: Format) -> Rendered:
    """What `render` gave before."""
    return _rendered(content, wanted)


def csv_file(table: Table) -> bytes:
    return to_csv(table).encode("utf-8-sig", "replace")


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.HTML: "text/html; charset=utf-8",
    Format.MD: "text/markdown; charset=utf-8",
    Format.CSV: "application/zip",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.RECORDS_JSONL: "application/x-ndjson",
    Format.RECORDS_CSV: "text/csv; charset=utf-8",
    Format.RECORDS_PARQUET: "application/vnd.apache.parquet",
}


def _rendered(content: bytes, wanted: Format) -> Rendered:
    return Rendered(content, MEDIA_TYPES[wanted], "zip" if wanted is Format.CSV else str(wanted))


def _csv_archive(document: Document) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in document.tables:
            archive.writestr(f"{table.id}.csv", csv_file(table))
    return sink.getvalue()
