"""The signs of a cell's place and of a whole grid: edges, the rows and columns before it, joins, sums that hold."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import median

from extractor.elements import SUREST, TextLine
from extractor.joining.overpages import WholeCell, WholeTable
from extractor.joining.sureness import lines_of
from extractor.kinds.numbers import number_value
from extractor.sums.evidence import Evidence
from extractor.trust.gridsigns import Layout
from extractor.trust.signs import MANY, PlaceSigns, TableSigns, log_odds
from extractor.trust.textsigns import height_of, wear_of

HOLE = 1.5  # a blank so wide between two lines side by side may hide a border
WEAK = 2.0  # log-odds below which an edge counts as doubtful
WIDE = 3.0  # low rows' heights: a column no narrower than this says nothing
_NUMBERS = re.compile(r"-?\d[\d,]*\.\d{1,2}(?!\d)")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a document shows around a table. loose_end: as in `TableSigns`. strays: lines of text beside it."""

    loose_end: bool
    strays: int
    layout: Layout


@dataclass(frozen=True, slots=True)
class Lattice:
    """What a cell's place signs ask of its table, by row and by column.

    across, along: the least log-odds of sides in a column, a row. low, slim, empty_rows, empty_cols, cut, stacked: as
    in `PlaceSigns`, down to each row, up to each column. column_held, row_held: numbers there that keep a sum.
    """

    headers: int
    first_page: int
    across: Sequence[float]
    along: Sequence[float]
    low: Sequence[float]
    slim: Sequence[float]
    empty_rows: Sequence[int]
    empty_cols: Sequence[int]
    cut: Sequence[int]
    stacked: Sequence[int]
    column_held: Mapping[int, int]
    row_held: Mapping[int, int]

    @classmethod
    def of(cls, table: WholeTable, headers: int, sums: Sequence[Evidence | None]) -> Lattice:
        rows, cols = range(table.n_rows), range(table.n_cols)
        across, along = [SUREST for _ in cols], [SUREST for _ in rows]
        filled_rows, filled_cols = set[int](), set[int]()
        cut, stacked = [0 for _ in cols], [0 for _ in rows]
        column_held: dict[int, int] = {}
        row_held: dict[int, int] = {}
        for cell, said in zip(table.cells, sums, strict=True):
            sides = min(part.edges.sides for _, part in cell.parts)
            own_rows, own_cols = range(cell.row, cell.row + cell.row_span), range(cell.col, cell.col + cell.col_span)
            for col in own_cols:
                across[col] = min(across[col], sides)
                column_held[col] = column_held.get(col, 0) + _keeps(said)
            for row in own_rows:
                along[row] = min(along[row], sides)
                row_held[row] = row_held.get(row, 0) + _keeps(said)
            if cell.text:
                filled_rows |= set(own_rows)
                filled_cols |= set(own_cols)
            cut[own_cols[-1]] += cell.evidence.parted
            stacked[own_rows[-1]] += double(cell)
        heights = _heights(table)
        return cls(
            headers, table.pages[0], across, along,
            list(accumulate(_low(table, heights), min)), list(accumulate(_slim(table, heights), min)),
            list(accumulate(row not in filled_rows for row in rows)),
            list(accumulate(col not in filled_cols for col in cols)),
            list(accumulate(cut)), list(accumulate(stacked)), column_held, row_held,
        )  # fmt: skip

    def held_beside(self, cell: WholeCell, own: Evidence | None) -> tuple[float, float]:
        """Logs of 1 + the other numbers in a cell's columns, its rows, that keep a sum."""
        column = max(self.column_held.get(col, 0) for col in range(cell.col, cell.col + cell.col_span))
        row = max(self.row_held.get(row, 0) for row in range(cell.row, cell.row + cell.row_span))
        return math.log1p(column - _keeps(own)), math.log1p(row - _keeps(own))


def _keeps(sums: Evidence | None) -> int:
    return int(sums is not None and sums.held > 0)


def _heights(table: WholeTable) -> dict[int, float]:
    """Heights of rows in points, as seen by the cells that stand in one row alone."""
    heights: dict[int, list[float]] = {}
    for cell in table.cells:
        if cell.row_span == 1 and len(cell.parts) == 1:
            corners = cell.parts[0][1].polygon
            heights.setdefault(cell.row, []).append(math.dist(corners[0], corners[3]))
    return {row: median(found) for row, found in heights.items()}


def _low(table: WholeTable, heights: Mapping[int, float]) -> list[float]:
    """Each row's height beside the table's median height of a line (rows hold one or more), at most 1."""
    lines: dict[int, int] = {}
    for cell in table.cells:
        if cell.row_span == 1 and cell.row in heights:
            lines[cell.row] = max(lines.get(cell.row, 1), _levels(lines_of(cell)))
    usual = median(height / lines[row] for row, height in heights.items()) if heights else 0.0
    return [min(1.0, heights.get(row, usual) / usual) if usual > 0 else 1.0 for row in range(table.n_rows)]


def _levels(lines: Sequence[TextLine]) -> int:
    """How many lines stand one below another."""
    below = 0
    for line in lines:
        y = line.box.center.y
        below = max(below, sum(other.box.y1 <= y for other in lines))
    return below + 1


def _slim(table: WholeTable, heights: Mapping[int, float]) -> list[float]:
    """Each column's width, in heights of the lower rows (a quarter is lower still), at most `WIDE`."""
    widths: dict[int, list[float]] = {}
    for cell in table.cells:
        if cell.col_span == 1:
            widths.setdefault(cell.col, []).extend(
                math.dist(part.polygon[0], part.polygon[1]) for _, part in cell.parts
            )
    low = sorted(heights.values())[len(heights) // 4] if heights else 0.0
    return [min([WIDE, *(w / low for w in widths.get(col, ()))]) if low > 0 else WIDE for col in range(table.n_cols)]


def place_signs(cell: WholeCell, lattice: Lattice, sums: Evidence | None) -> PlaceSigns:
    """A cell's. `sums`: what they say of its number."""
    edges = [part.edges for _, part in cell.parts]
    evidence = cell.evidence
    last_row, last_col = cell.row + cell.row_span - 1, cell.col + cell.col_span - 1
    column_held, row_held = lattice.held_beside(cell, sums)
    return PlaceSigns(
        sides=min(e.sides for e in edges),
        inner=min(e.inner for e in edges),
        above=min(e.above for e in edges),
        left=min(e.left for e in edges),
        place=log_odds(cell.place, SUREST),
        spans=float(cell.row_span * cell.col_span > 1),
        seam=float(len(cell.parts) > 1),
        later=float(cell.parts[0][0] != lattice.first_page),
        hole=max(0.0, evidence.hole),
        double=float(double(cell)),
        parted=float(evidence.parted),
        rim=evidence.rim,
        blank=float(not cell.text),
        across=min(lattice.across[cell.col : last_col + 1]),
        along=min(lattice.along[cell.row : last_row + 1]),
        deep=math.log1p(cell.row),
        head=float(cell.row < lattice.headers),
        held=0.0 if sums is None else float(min(MANY, sums.held)),
        failed=0.0 if sums is None else float(min(MANY, sums.failed)),
        column_held=column_held,
        row_held=row_held,
        low=lattice.low[last_row],
        slim=lattice.slim[last_col],
        empty_rows=float(lattice.empty_rows[last_row]),
        empty_cols=float(lattice.empty_cols[last_col]),
        cut=math.log1p(lattice.cut[last_col]),
        stacked=math.log1p(lattice.stacked[last_row]),
    )


def double(cell: WholeCell) -> bool:
    """Whether a cell holds two amounts: two cells, most likely."""
    return len(cell.text) < 60 and len(_NUMBERS.findall(cell.text)) > 1


def table_signs(
    table: WholeTable, lattice: Lattice, around: float, outside: Surroundings, sums: Sequence[Evidence | None]
) -> TableSigns:
    """A grid's. `around`: the mean doubt of its cells' texts."""
    cells = table.cells
    filled = [c for c in cells if c.text]
    edges = [part.edges for c in cells for _, part in c.parts]
    exact = any(c.evidence.exact for c in cells)
    parts = (table.first, table.last)
    ruled = all(p.structure == "ruled" for p in parts)
    return TableSigns(
        kind="open" if not ruled else "exact" if exact else "ruled",
        sides=min((e.sides for e in edges), default=SUREST),
        inner=min((e.inner for e in edges), default=SUREST),
        line=min((min(e.above, e.left) for e in edges), default=SUREST),
        weak=math.log1p(sum(min(e.sides, e.inner) < WEAK for e in edges)),
        wear=wear_of(table),
        around=around,
        height=height_of(table),
        rows=math.log(max(1, table.n_rows)),
        cols=math.log(max(1, table.n_cols)),
        breaks=float(len(table.pages) - 1),
        seams=math.log1p(sum(len(c.parts) > 1 for c in cells)),
        gained=float(max(0, table.n_cols - max(p.n_cols for p in parts))),
        holes=math.log1p(sum(c.evidence.hole > HOLE for c in filled)),
        doubles=math.log1p(sum(double(c) for c in filled)),
        parted=sum(c.evidence.parted for c in filled) / max(1, len(filled)),
        blank_cols=float(lattice.empty_cols[-1]),
        blank_rows=float(lattice.empty_rows[-1]),
        mixed=_mixed(cells, lattice.headers),
        narrow=lattice.slim[-1],
        headless=float(lattice.headers == 0),
        untitled=float(not table.first.title),
        loose_end=float(outside.loose_end),
        unclosed=float((not table.first.closed_top) + (not table.last.closed_bottom)),
        held=math.log1p(sum(_keeps(one) for one in sums)),
        failed=math.log1p(sum(one is not None and one.failed > 0 and not one.held for one in sums)),
        thin=lattice.low[-1],
        doubt=table.join_doubt,
        strays=math.log1p(outside.strays),
        astray=math.log1p(outside.layout.astray),
        bare=outside.layout.bare,
        needless=math.log1p(outside.layout.needless),
        rare=math.log1p(outside.layout.rare),
        abuts=float(outside.layout.abuts),
        follows=float(outside.layout.follows),
        dangling=math.log1p(outside.layout.dangling),
        veiled=max((c.evidence.hole for c in filled if c.evidence.sealed > 0), default=0.0),
    )


def _mixed(cells: Sequence[WholeCell], headers: int) -> float:
    """Mean over columns of the lesser share of numbers and words among their filled cells below the header."""
    columns: dict[int, list[bool]] = {}
    for c in cells:
        if c.row >= headers and c.col_span == 1 and c.text:
            columns.setdefault(c.col, []).append(number_value(c.text) is not None)
    shares = [sum(flags) / len(flags) for flags in columns.values() if len(flags) > 2]
    return sum(min(s, 1 - s) for s in shares) / max(1, len(shares))
