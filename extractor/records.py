"""A result's numbers one by one: what each stands for, its amount in 元 as an exact decimal, and where it is.

Pure functions from a `result.Document`; Parquet needs pyarrow, which is loaded only then.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING

from extractor.kinds.headings import find_bare_unit
from extractor.sums.ledger import IN_YUAN, Ledger, Side, folded, read_ledger, sides
from extractor.sums.outline import Line, outline

if TYPE_CHECKING:
    from extractor.result import Cell, Document, Table

_COUNT = re.compile(r"数量|人数|编制数|实有|面积|台数|辆数|分值|得分|^序号$|人次|离退休人数")
PLACES = 6  # digits after the point of an amount in Parquet


@dataclass(frozen=True, slots=True)
class Record:
    """One number cell below a header or beside labels.

    header: the heads above it, outermost first. labels: what names its row. code, name: of the subject in its row.
    value: as in the cell. unit: as printed for it; % of a percentage; None of a count. amount: in 元, exact, where
    the unit is one of money. bbox: points on the page as shown.
    """

    document: str
    filename: str
    organization: str | None
    fiscal_year: int | None
    table: str
    form: str | None
    form_type: str | None
    title: str | None
    row: int
    col: int
    header: tuple[str, ...]
    labels: tuple[str, ...]
    code: str | None
    name: str | None
    text: str
    value: str
    unit: str | None
    amount: str | None
    page: int
    bbox: tuple[float, float, float, float]
    confidence: float
    flags: tuple[str, ...]


def records(document: Document) -> list[Record]:
    """All numbers of a document, by table, row and column."""
    return [record for table in document.tables for record in _of_table(document, table)]


def _of_table(document: Document, table: Table) -> Iterator[Record]:
    ledger = read_ledger(table)
    lists = sides(ledger) if ledger.body else ()
    named = [(side, {line.row: line for line in outline(ledger, side)}) for side in lists]
    for cell in sorted(table.cells, key=lambda c: (c.row, c.col)):
        if cell.value is None:
            continue
        header = _heads(ledger, cell)
        side, line = _beside(named, cell)
        labels = _labels(ledger, cell, side)
        unit = _unit(cell, table.unit, header)
        yield Record(
            document.document.sha256, document.document.filename, document.document.organization,
            document.document.fiscal_year, table.id, table.form, table.form_type, table.title, cell.row, cell.col,
            header, labels, (line.code or None) if line else None, _name(line, labels),
            cell.text, cell.value, unit, _amount(cell.value, unit), cell.page, cell.bbox, cell.confidence,
            tuple(cell.flags),
        )  # fmt: skip


def _name(line: Line | None, labels: tuple[str, ...]) -> str | None:
    """The subject's name, without its code; of a row without a line of its own, its innermost label."""
    if line is not None:
        return line.label or None
    return labels[-1] if labels else None


def _heads(ledger: Ledger, cell: Cell) -> tuple[str, ...]:
    """The header cells above a number; in a form without header rows, the nearest words above it."""
    out: list[str] = []
    if ledger.body:
        for row in range(ledger.body):
            entry = ledger.at.get((row, cell.col))
            if entry is not None and entry.row == row and entry.text and not entry.text.isdigit():
                out.append(entry.text)
        return tuple(out)
    for row in range(cell.row - 1, -1, -1):
        entry = ledger.at.get((row, cell.col))
        if entry is None or entry.value is not None or not entry.text or entry.row != row:
            continue
        if out and entry.col_span <= 1:
            break
        out.insert(0, entry.text)
        if entry.col_span == 1 or len(out) > 1:
            break
    return tuple(out)


def _beside(named: Sequence[tuple[Side, dict[int, Line]]], cell: Cell) -> tuple[Side | None, Line | None]:
    for side, lines in named:
        if cell.col in side.amounts or (side.amounts and side.amounts[0] <= cell.col <= side.amounts[-1]):
            return side, lines.get(cell.row)
    return None, None


def _labels(ledger: Ledger, cell: Cell, side: Side | None) -> tuple[str, ...]:
    """The words that name a number's row, from the outermost: of its side of the table, else all to its left."""
    columns = side.labels if side is not None and side.labels else range(cell.col)
    out: list[str] = []
    seen: set[int] = set()
    for col in columns:
        entry = ledger.at.get((cell.row, col))
        if entry is not None and id(entry) not in seen and entry.text and entry.value is None:
            seen.add(id(entry))
            out.append(entry.text)
    return tuple(out)


def _unit(cell: Cell, printed: str | None, header: Sequence[str]) -> str | None:
    """The unit of one number: its own %, its head's, else the table's where the head counts nothing else."""
    if folded(cell.text).endswith("%"):
        return "%"
    for head in reversed(header):
        if "%" in head:
            return "%"
        own = find_bare_unit(head)
        if own is not None:
            return own[0]
        if _COUNT.search(head):
            return None
    return printed


def _amount(value: str, unit: str | None) -> str | None:
    factor = IN_YUAN.get(unit or "")
    if factor is None:
        return None
    amount = (Decimal(value) * factor).normalize()
    return f"{amount:f}"


def to_jsonl(document: Document) -> str:
    """One JSON object a line, lists for header and labels."""
    return "".join(json.dumps(_plain(record), ensure_ascii=False) + "\n" for record in records(document))


def _plain(record: Record) -> dict[str, object]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def to_records_csv(document: Document) -> str:
    """One line a record, RFC 4180; header and labels joined by " / ", the box in four columns."""
    sink = io.StringIO()
    writer = csv.writer(sink)
    names = [field.name for field in fields(Record)]
    at = names.index("bbox")
    writer.writerow([*names[:at], "x0", "y0", "x1", "y1", *names[at + 1 :]])
    for record in records(document):
        values = [_csv_value(getattr(record, name)) for name in names if name != "bbox"]
        writer.writerow([*values[:at], *record.bbox, *values[at:]])
    return sink.getvalue()


def _csv_value(value: object) -> object:
    if isinstance(value, tuple):
        value = " / ".join(value)
    # A spreadsheet runs a text that begins so as a formula; numbers may begin with a minus.
    if isinstance(value, str) and value.startswith(("=", "+", "@", "\t", "\r")):
        return "'" + value
    return value


def to_parquet(document: Document) -> bytes:
    """A table with a row a record; `amount` is decimal(38, 6), null where it has more places than that."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, texts = pa.string(), pa.list_(pa.string())
    types = {
        "fiscal_year": pa.int32(), "row": pa.int32(), "col": pa.int32(), "page": pa.int32(), "header": texts,
        "labels": texts, "flags": texts, "amount": pa.decimal128(38, PLACES), "bbox": pa.list_(pa.float64(), 4),
        "confidence": pa.float64(),
    }  # fmt: skip
    schema = pa.schema([(field.name, types.get(field.name, text)) for field in fields(Record)])
    found = records(document)
    columns = {
        name: [_parquet_value(name, getattr(record, name)) for record in found] for name in schema.names
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(columns, schema=schema), sink, compression="zstd")
    return sink.getvalue()


def _parquet_value(name: str, value: object) -> object:
    if name == "amount" and isinstance(value, str):
        exact = Decimal(value)
        rounded = exact.quantize(Decimal(1).scaleb(-PLACES))
        return rounded if rounded == exact else None
    return list(value) if isinstance(value, tuple) else value
