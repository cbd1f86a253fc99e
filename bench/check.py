"""Whether a result keeps the contract: the wire models first, then what they cannot say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pydantic import ValidationError

from extractor.result import Cell, Document, Page, Table

SLACK = 2.0  # points by which a box may leave its page: half a rule and rounding
PLAIN = re.compile(r"-?\d+(\.\d+)?")


def breaches(text: str | bytes) -> list[str]:
    """Every breach of the contract in a result's JSON, in words; empty when there is none."""
    try:
        document = Document.model_validate_json(text)
    except ValidationError as error:
        return [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    pages = {page.number: page for page in document.pages}
    found = [f"table id {name} repeats" for name, times in Counter(t.id for t in document.tables).items() if times > 1]
    if len(pages) != len(document.pages):
        found.append("page numbers repeat")
    for table in document.tables:
        found += of_table(table, pages)
    found += of_checks(document)
    return found


def of_table(table: Table, pages: dict[int, Page]) -> Iterator[str]:
    positions: Counter[tuple[int, int]] = Counter()
    if table.unit is not None and (not table.unit or re.search(r"[:：\s]", table.unit)):
        yield f"{table.id}: unit {table.unit!r} is not bare"
    if not 0 <= table.header_rows <= table.n_rows:
        yield f"{table.id}: {table.header_rows} header rows of {table.n_rows}"
    if not table.pages or set(table.pages) - pages.keys():
        yield f"{table.id}: pages {table.pages}"
    for cell in table.cells:
        positions.update(
            (r, c) for r in range(cell.row, cell.row + cell.row_span) for c in range(cell.col, cell.col + cell.col_span)
        )
        for words in of_cell(cell, pages):
            yield f"{table.id} {cell.row},{cell.col}: {words}"
    grid = {(r, c) for r in range(table.n_rows) for c in range(table.n_cols)}
    if set(positions) != grid:
        yield f"{table.id}: cells cover {len(positions)} positions, the grid has {len(grid)}"
    if any(times > 1 for times in positions.values()):
        yield f"{table.id}: cells overlap"


def of_cell(cell: Cell, pages: dict[int, Page]) -> Iterator[str]:
    parts = [(cell.page, cell.bbox), *((region.page, region.bbox) for region in cell.regions)]
    for number, (x0, y0, x1, y1) in parts:
        page = pages.get(number)
        if page is None:
            yield f"page {number} unknown"
        elif not (-SLACK <= x0 < x1 <= page.width + SLACK and -SLACK <= y0 < y1 <= page.height + SLACK):
            yield f"box {(x0, y0, x1, y1)} outside page {number}"
    if (cell.kind == "empty") != (not cell.text.strip()):
        yield f"kind {cell.kind} with text {cell.text!r}"
    if cell.text != cell.text.strip():
        yield f"text {cell.text!r} is not trimmed"
    if cell.kind == "number" and not PLAIN.fullmatch(cell.value or ""):
        yield f"number with value {cell.value!r}"
    if cell.kind == "empty" and cell.value is not None:
        yield f"empty with value {cell.value!r}"


def of_checks(document: Document) -> Iterator[str]:
    starts = {(table.id, cell.row, cell.col) for table in document.tables for cell in table.cells}
    for table in document.tables:
        for check in table.checks:
            for ref in (check.target, *check.terms):
                if (ref.table, ref.row, ref.col) not in starts:
                    yield f"{table.id}: a check names no cell: {ref.table} {ref.row},{ref.col}"
