"""Page results made from drawn tables: rows of cells as in HTML, cut into pages where a test says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractor.elements import Box, PageCell, PageResult, PageTable, Point, TextEvidence

WIDTH, HEIGHT = 595.0, 842.0
LEFT, RIGHT, TOP, ROW = 50.0, 545.0, 80.0, 15.0


@dataclass(frozen=True)
class Drawn:
    """A cell of a drawn table."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str


def draw(*rows: str) -> list[Drawn]:
    """A table from its rows: cells parted by "|", each followed by its spans: "收入 2x1" spans 2 rows, 1 column."""
    taken: set[tuple[int, int]] = set()
    cells = []
    for r, row in enumerate(rows):
        c = 0
        for item in row.split("|"):
            while (r, c) in taken:
                c += 1
            found = re.fullmatch(r"\s*(.*?)\s*(?:(\d+)x(\d+))?\s*", item)
            assert found
            height, width = int(found[2] or 1), int(found[3] or 1)
            cells.append(Drawn(r, c, height, width, found[1]))
            taken |= {(r + i, c + j) for i in range(height) for j in range(width)}
            c += width
    return cells


def size(cells: Sequence[Drawn]) -> tuple[int, int]:
    return max(c.row + c.row_span for c in cells), max(c.col + c.col_span for c in cells)


def cut(cells: Sequence[Drawn], at: int, *, text_above: bool = True) -> tuple[list[Drawn], list[Drawn]]:
    """The rows above and from `at`; a cell across keeps its text in one part."""
    above = [
        c if c.row + c.row_span <= at else replace(c, row_span=at - c.row, text=c.text if text_above else "")
        for c in cells
        if c.row < at
    ]
    below = [replace(c, row=c.row - at) for c in cells if c.row >= at]
    below += [
        replace(c, row=0, row_span=c.row + c.row_span - at, text="" if text_above else c.text)
        for c in cells
        if c.row < at < c.row + c.row_span
    ]
    return above, sorted(below, key=lambda c: (c.row, c.col))


def part(
    cells: Sequence[Drawn],
    page: int,
    *,
    n_cols: int,
    borders: Sequence[float] | None = None,
    shift: float = 0.0,
    **said: object,
) -> PageTable:
    """Cells as a page shows them: borders that every cell spans are not there. `borders`: shares of the width."""
    n_rows = max(c.row + c.row_span for c in cells)
    marks = list(borders or [LEFT / WIDTH + (RIGHT - LEFT) / WIDTH * i / n_cols for i in range(n_cols + 1)])
    seen = sorted({c.col for c in cells} | {c.col + c.col_span for c in cells})
    place = {border: i for i, border in enumerate(seen)}
    filled = []
    for c in cells:
        box = Box(
            marks[c.col] * WIDTH, TOP + ROW * c.row, marks[c.col + c.col_span] * WIDTH, TOP + ROW * (c.row + c.row_span)
        )
        corners = (Point(box.x0, box.y0), Point(box.x1, box.y0), Point(box.x1, box.y1), Point(box.x0, box.y1))
        span = place[c.col + c.col_span] - place[c.col]
        evidence = TextEvidence(0.99, 0.99) if c.text else TextEvidence()
        filled.append(PageCell(c.row, place[c.col], c.row_span, span, c.text, box, corners, 0.99, evidence))
    table = PageTable(
        page, n_rows, len(seen) - 1, tuple(filled), Box(LEFT, TOP, RIGHT, TOP + ROW * n_rows),
        tuple(marks[border] + shift for border in seen), at_top=True, at_bottom=True,
    )  # fmt: skip
    return replace(table, **said)  # type: ignore[arg-type]


def page(number: int, *tables: PageTable, source: str = "scan", **said: object) -> PageResult:
    result = PageResult(number, WIDTH, HEIGHT, 0, 0.0, source, tables)
    return replace(result, **said)  # type: ignore[arg-type]


def spelled(cells: Sequence[object]) -> list[tuple[int, int, int, int, str]]:
    """Places and texts, for comparing tables of different classes."""
    return sorted((c.row, c.col, c.row_span, c.col_span, c.text) for c in cells)  # type: ignore[attr-defined]
