"""What a grid that is wrong as a whole leaves behind: drawn rules that it does not use, borders that nobody drew, lines
that part nothing, tables that stand where one should go on. All from a page's result; no picture is needed again."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from extractor.elements import Box, PageResult, PageTable, Point
from extractor.joining.overpages import WholeCell, WholeTable
from extractor.joining.running import as_read

NEAR = 0.35  # low rows' heights: a rule farther from every border than this is no border of the grid
ALIKE = 0.015  # of the page's width: columns of two parts no farther apart than this are the same
SHARED = 3  # columns: more of them at the same places in a wider part are no chance
FEW = 3  # rows or columns up to which a line beside one cell alone says nothing


@dataclass(frozen=True, slots=True)
class Layout:
    """Of a whole grid. astray: length of the drawn rules inside it that no border of it follows, in low rows' heights.

    bare: share (0..1) of its borders' length where no rule was seen. needless: inner lines that nowhere part two
    filled cells, beside no blank row or column. rare: inner lines that are a border in one place only. abuts: 1 where
    nothing stands between it and a table above or below it, or both stand in line with less room between them than
    two rows and no more than one line of text there; 2 where both is so. follows: it has no title
    and the columns of the table at the end of the page before, or so has the one at the beginning of the page after;
    where one of the two is wider, its first or last columns.
    dangling: blank cells that begin a page below a cell of many rows.
    """

    astray: float = 0.0
    bare: float = 0.0
    needless: int = 0
    rare: int = 0
    abuts: int = 0
    follows: bool = False
    dangling: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line from one end to the other: `at` across it, `start` <= `end` along it; of a border, which of the grid's."""

    start: float
    at_start: float
    end: float
    at_end: float
    index: int = -1

    @classmethod
    def of(cls, a: Point, b: Point, *, upright: bool, index: int = -1) -> Line:
        (u, p), (v, q) = sorted(((a.y, a.x), (b.y, b.x)) if upright else ((a.x, a.y), (b.x, b.y)))
        return cls(u, p, v, q, index)

    def beyond(self, others: Iterable[Line], slack: float) -> float:
        """The length of it that none of the others stands beside; they may end `slack` too early."""
        length, reached = 0.0, self.start
        for other in sorted(others, key=lambda one: one.start):
            length += max(0.0, min(self.end, other.start - slack) - reached)
            reached = max(reached, other.end + slack)
        return length + max(0.0, self.end - reached)


def layout_of(tables: Sequence[WholeTable], i: int, pages: Mapping[int, PageResult]) -> Layout:
    """Of the i-th of a document's tables."""
    table = tables[i]
    ruled = all(part.structure == "ruled" for part in (table.first, table.last))
    astray, bare = _drawn(table, pages) if ruled else (0.0, 0.0)
    held = _holders(table)
    across = [_idle_lines(held), _idle_lines([list(column) for column in zip(*held, strict=True)])]
    return Layout(
        astray, bare, sum(idle for idle, _ in across), sum(one for _, one in across),
        max((_abuts(part, pages[part.page]) for part in (table.first, table.last) if part.page in pages), default=0),
        _follows(table, pages), _dangling(table),
    )  # fmt: skip


def _drawn(table: WholeTable, pages: Mapping[int, PageResult]) -> tuple[float, float]:
    """`astray` and `bare` over all its pages."""
    astray, bare, whole = 0.0, 0.0, 0.0
    for number in table.pages:
        page = pages.get(number)
        cells = [(cell, part.polygon) for cell in table.cells for n, part in cell.parts if n == number]
        rows = _rows_on(number, [cell for cell, _ in cells])
        if page is None or not page.rules or not cells:
            continue
        shapes = [(cell, [_turned(corner, page) for corner in corners]) for cell, corners in cells]
        unit = _unit(abs(shape[3].y - shape[0].y) for cell, shape in shapes if cell.row_span == 1)
        rules = [(_turned(a, page), _turned(b, page)) for a, b in page.rules]
        for upright in (True, False):
            borders = [line for cell, shape in shapes for line in _sides(cell, shape, rows, upright=upright)]
            own = [Line.of(a, b, upright=upright) for a, b in rules if (abs(a.x - b.x) < abs(a.y - b.y)) == upright]
            lost, undrawn = _unmet(own, borders, unit)
            astray, bare = astray + lost / unit, bare + undrawn / unit
            whole += sum(border.end - border.start for border in borders) / unit
    return astray, bare / whole if whole else 0.0


def _rows_on(page: int, cells: Sequence[WholeCell]) -> tuple[int, int]:
    """The first of a table's rows on a page and the one after the last, given the cells that have a part there.

    Of a cell that goes on over the page break at least its last row, or its first, is on the page.
    """
    first = [c.row + (c.row_span - 1 if c.parts[0][0] < page else 0) for c in cells]
    end = [c.row + (1 if c.parts[-1][0] > page else c.row_span) for c in cells]
    return min(first, default=0), max(end, default=0)


def _sides(cell: WholeCell, shape: Sequence[Point], rows: tuple[int, int], *, upright: bool) -> tuple[Line, Line]:
    """A cell's left and right side, or its upper and lower one, of which those that a page break cut are the page's."""
    top, foot = max(cell.row, rows[0]), min(cell.row + cell.row_span, rows[1])
    near, span = (cell.col, cell.col_span) if upright else (top, foot - top)
    (a, b), (c, d) = ((0, 3), (1, 2)) if upright else ((0, 1), (3, 2))
    return (
        Line.of(shape[a], shape[b], upright=upright, index=near),
        Line.of(shape[c], shape[d], upright=upright, index=near + span),
    )


def _unit(heights: Iterable[float]) -> float:
    """The height of the lower rows: a quarter of the cells is lower still."""
    found = sorted(height for height in heights if height > 0)
    return found[len(found) // 4] if found else 1.0


def _unmet(rules: Sequence[Line], borders: Sequence[Line], unit: float) -> tuple[float, float]:
    """Length of the rules inside a grid that no border follows, and of the borders that follow no rule.

    A rule is the grid's line that both its ends stand on: between them paper may bend.
    """
    lines: dict[int, list[Line]] = {}
    for border in borders:
        lines.setdefault(border.index, []).append(border)
    paths = {index: sorted(_ends(line)) for index, line in lines.items()}
    low, high = min(b.start for b in borders), max(b.end for b in borders)
    first, last = min(b.at_start for b in borders) - unit / 2, max(b.at_start for b in borders) + unit / 2
    drawn: dict[int, list[Line]] = {}
    astray = 0.0
    for rule in rules:
        start, end = max(low, rule.start), min(high, rule.end)
        if not first < (rule.at_start + rule.at_end) / 2 < last or end - start <= unit / 2:
            continue
        inside = Line(start, rule.at_start, end, rule.at_end)
        off = {index: _off(rule, path) for index, path in paths.items()}
        index = min(off, key=lambda one: off[one])
        met = off[index] < NEAR * unit
        astray += inside.beyond(lines[index], unit / 4) if met else end - start
        if met:
            drawn.setdefault(index, []).append(rule)
    return astray, sum(border.beyond(drawn.get(border.index, ()), unit / 4) for border in borders)


def _ends(lines: Iterable[Line]) -> Iterator[tuple[float, float]]:
    for line in lines:
        yield line.start, line.at_start
        yield line.end, line.at_end


def _off(rule: Line, path: Sequence[tuple[float, float]]) -> float:
    """How far the farther end of a rule stands from a line of the grid, given as places along it and across."""
    return max(abs(_across(path, rule.start) - rule.at_start), abs(_across(path, rule.end) - rule.at_end))


def _across(path: Sequence[tuple[float, float]], along: float) -> float:
    """Where a line of the grid stands at a place along it."""
    k = bisect_left(path, (along, -math.inf))
    if k in (0, len(path)):
        return path[min(k, len(path) - 1)][1]
    (u, p), (v, q) = path[k - 1], path[k]
    return p + (q - p) * (along - u) / (v - u) if v > u else p


def _turned(point: Point, page: PageResult) -> Point:
    """A shown point, in points of the page turned to be read."""
    x, y = point
    turned = {90: (page.height - y, x), 180: (page.width - x, page.height - y), 270: (y, page.width - x)}
    return Point(*turned.get(page.rotation % 360, (x, y)))


def _holders(table: WholeTable) -> list[list[WholeCell | None]]:
    """The cell at every position of the lattice."""
    held: list[list[WholeCell | None]] = [[None] * table.n_cols for _ in range(table.n_rows)]
    for cell in table.cells:
        for row in held[cell.row : cell.row + cell.row_span]:
            row[cell.col : cell.col + cell.col_span] = [cell] * cell.col_span
    return held


def _idle_lines(held: Sequence[Sequence[WholeCell | None]]) -> tuple[int, int]:
    """Of the lines between columns: how many are `needless`, how many `rare` (of those between rows: transposed)."""
    columns = list(zip(*held, strict=True))
    blank = [not any(cell is not None and cell.text for cell in column) for column in columns]
    needless = rare = 0
    for j in range(1, len(columns)):
        pairs = zip(columns[j - 1], columns[j], strict=True)
        parted = {
            (a.row, a.col, b.row, b.col): bool(a.text and b.text)
            for a, b in pairs
            if a is not None and b is not None and a is not b
        }
        needless += not any(parted.values()) and not blank[j - 1] and not blank[j]
        rare += len(parted) == 1 and len(held) > FEW
    return needless, rare


def _abuts(part: PageTable, page: PageResult) -> int:
    """Of its part on one page."""
    own, found = as_read(part.box, page), 0
    heights = [cell.box.height for cell in part.cells if cell.row_span == 1]
    row = median(heights) if heights else 0.0
    boxes = [as_read(other.box, page) for other in page.tables if other.box != part.box]
    lines = [as_read(line.box, page) for line in page.lines]
    for box in boxes:
        top, bottom = (own.y1, box.y0) if own.y0 < box.y0 else (box.y1, own.y0)
        shared = min(own.x1, box.x1) - max(own.x0, box.x0)
        if shared < min(own.width, box.width) / 2 or any(top < other.center.y < bottom for other in boxes):
            continue
        aligned = max(abs(own.x0 - box.x0), abs(own.x1 - box.x1)) < row / 2
        between = _levels(line for line in lines if top < line.center.y < bottom)
        # A title row that is no cell may part two halves of one form; a title with its unit or date parts two forms.
        close = bottom - top < 2 * row and between < 2
        found = max(found, int(not between) + int(close and (aligned or not between)))
    return found


def _levels(lines: Iterable[Box]) -> int:
    """How many lines of text stand one below another."""
    levels, foot = 0, -math.inf
    for line in sorted(lines, key=lambda one: one.y0):
        if line.center.y > foot:
            levels, foot = levels + 1, line.y1
    return levels


def _follows(table: WholeTable, pages: Mapping[int, PageResult]) -> bool:
    before, after = pages.get(table.first.page - 1), pages.get(table.last.page + 1)
    first, last = pages.get(table.first.page), pages.get(table.last.page)
    begun = before is not None and first is not None and before.tables and first.tables[0].box == table.first.box
    goes_on = after is not None and last is not None and after.tables and last.tables[-1].box == table.last.box
    return bool(
        (begun and before and not table.first.title and _same_columns(before.tables[-1], table.first))
        or (goes_on and after and not after.tables[0].title and _same_columns(table.last, after.tables[0]))
    )


def _same_columns(a: PageTable, b: PageTable) -> bool:
    """Whether two parts have the same columns, or one has the other's on its right or left: columns may be lost."""
    few, many = sorted((a.columns, b.columns), key=len)
    if len(few) <= (2 if len(few) == len(many) else SHARED):
        return False
    ends = (many[: len(few)], many[-len(few) :])
    return any(all(abs(x - y) < ALIKE for x, y in zip(few, end, strict=True)) for end in ends)


def _dangling(table: WholeTable) -> int:
    if len(table.pages) < 2:
        return 0
    first_row: dict[int, int] = {}
    for cell in table.cells:
        page = cell.parts[0][0]
        first_row[page] = min(cell.row, first_row.get(page, cell.row))
    ends = {(cell.row + cell.row_span, cell.col): cell for cell in table.cells}
    found = 0
    for cell in table.cells:
        page = cell.parts[0][0]
        above = ends.get((cell.row, cell.col))
        if page != table.pages[0] and cell.row == first_row[page] and not cell.text and above is not None:
            found += above.row_span > 1 and above.col_span == cell.col_span and bool(above.text)
    return found
