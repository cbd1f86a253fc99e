"""Tables of a born-digital page: camelot's grids where they pass the self-check, else the page's own vector rules.

The check asks of every grid what its page can prove: cells tile; each border is drawn and each drawn rule
is a border (so rules in white, under fills or outside clips cannot count, and none is left unused); every
character of the region stands in a cell. Pages without tables never pay for camelot.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from extractor.elements import Box, Grid, RawPage, Rule, TextLine, Warn
from extractor.geometry import intersection, median
from extractor.joining.dealing import FilledGrid, fill_grids
from extractor.ruling.grid import SAME_POSITION, coverage_evidence, solve_grids
from extractor.ruling.lattice import EdgeEvidence
from extractor.ruling.titlerows import bridged
from extractor.text.underlines import without_underlines
from extractor.unruled.numbercolumns import NUMBER, number_columns
from extractor.unruled.openrows import OpenGrid
from extractor.unruled.rowless import with_rows
from extractor.unruled.textruns import find_open

if TYPE_CHECKING:
    from extractor.ports import BornDigitalGrids, Tools
    from extractor.source.documents import Source

_BORDER = 0.5  # share of an edge that must be drawn to be a border
_REACH = 0.6  # of the text height: how far a rule may reach out of the grid it belongs to
_MOST_TEXT = 20_000  # characters: camelot takes more than a second above it, and no form holds a third of that
_DEFAULT_TYPE = 10.0  # points, on a page without text


@dataclass(frozen=True, slots=True)
class DigitalPage:
    """A born-digital page's tables from top to bottom, and the lines outside them.

    engine: whose grids these are: "camelot", "vector", "open" (none has vertical rules) or "none".
    refused: why camelot's were not taken.
    seconds: wall time of all of it; camelot_seconds: of camelot alone.
    """

    tables: tuple[FilledGrid, ...]
    outside: tuple[TextLine, ...]
    engine: str
    refused: str = ""
    seconds: float = 0.0
    camelot_seconds: float = 0.0
    warnings: tuple[Warn, ...] = ()


def digital_page(raw: RawPage, source: Source, tools: Tools) -> DigitalPage:
    """Tables of a page whose `source` is "text"; coordinates as in `raw` (points of the page turned to be read)."""
    return solve_page(raw, source, tools.born_digital)


def solve_page(raw: RawPage, source: Source, camelot: BornDigitalGrids) -> DigitalPage:
    """`digital_page` with nothing but the port it needs."""
    start = time.perf_counter()
    lines = raw.lines
    scale = median([line.box.height for line in lines]) if lines else _DEFAULT_TYPE
    rules = without_underlines(raw.rules, lines)
    vector = _with_text(solve_grids(rules, scale), lines)
    bridges = bridged(rules, vector, lines, scale)
    drawn = coverage_evidence(raw.rules, scale)
    if bridges:
        vector = _with_text(solve_grids((*rules, *bridges), scale, drawn), lines)
    opened = find_open(raw.rules, lines, vector, scale, number_columns(lines, scale, 1))
    if opened and not vector:
        return _page([], opened, lines, drawn, "open", start)
    if not vector and not number_columns(lines, scale):
        return DigitalPage((), lines, "none", seconds=time.perf_counter() - start)
    before = time.perf_counter()
    spared = _spared(source, lines)
    if spared:
        engine, grids, refused, spent = "vector" if vector else "none", vector, spared, 0.0
    elif vector:
        found = camelot.ruled(source.path, raw.number, source.password)
        spent = time.perf_counter() - before
        found = _with_text(found, lines)
        refused = _refusal(found, vector, raw.rules, scale, drawn)
        engine, grids = ("vector", vector) if refused else ("camelot", [_sided(g, drawn) for g in found])
    else:
        found = camelot.unruled(source.path, raw.number, source.password)
        spent = time.perf_counter() - before
        refused = _unruled_refusal(found, lines)
        engine, grids = ("none", []) if refused else ("camelot", found)
    if vector:
        grids = [with_rows(grid, [line.box for line in lines], scale) for grid in grids]
    return _page(grids, opened, lines, drawn, engine, start, refused, spent)


def _page(
    grids: Sequence[Grid], opened: Sequence[OpenGrid], lines: Sequence[TextLine], drawn: EdgeEvidence, engine: str,
    start: float, refused: str = "", spent: float = 0.0,
) -> DigitalPage:
    every = [OpenGrid(grid, None) for grid in grids] + [
        found for found in opened if not any(intersection(found.grid.box, grid.box) for grid in grids)
    ]
    every.sort(key=lambda found: (found.grid.box.y0, found.grid.box.x0))
    tables, outside = fill_grids([found.grid for found in every], lines, drawn)
    tables = tuple(replace(table, rows=found.rows) for table, found in zip(tables, every, strict=True))
    return DigitalPage(tables, outside, engine, refused, time.perf_counter() - start, spent)


def _spared(source: Source, lines: Sequence[TextLine]) -> str:
    """Why camelot is not asked at all; "" where it is."""
    if source.warnings:
        return "damaged file"  # its parser would rebuild the index for every page, half a second each
    return "too much text" if sum(len(line.chars) for line in lines) > _MOST_TEXT else ""


def _with_text(grids: Iterable[Grid], lines: Sequence[TextLine]) -> list[Grid]:
    """A grid without a single character is a chart's or an ornament's."""
    return [grid for grid in grids if any(_holds(grid.box, line.box) for line in lines)]


def _holds(box: Box, part: Box) -> bool:
    center = part.center
    return box.x0 <= center.x <= box.x1 and box.y0 <= center.y <= box.y1


def _refusal(
    found: Sequence[Grid], vector: Sequence[Grid], rules: Sequence[Rule], scale: float, evidence: EdgeEvidence
) -> str:
    """Why the page disproves camelot's grids; "" where it does not."""
    if not found:
        return "no table"
    if not all(_tiles(grid) for grid in found):
        return "cells do not tile"
    for grid in found:
        if min(b - a for line in (grid.xs, grid.ys) for a, b in pairwise(line)) < SAME_POSITION * scale:
            return "a double rule taken for cells"
        for horizontal, at, start, end, border in _edges(grid):
            drawn = evidence(horizontal, at, start, end) > _BORDER
            if border and not drawn:
                return "a border that is not drawn"
            if drawn and not border:
                return "a drawn rule that is no border"
    if any(sum(_holds(whole.box, part.box) for part in found) > 1 for whole in vector):
        return "a table taken apart"
    for rule in rules:
        if _in_any(rule, vector, scale) and not _in_any(rule, found, scale):
            return "a rule left unused"
    return ""


def _tiles(grid: Grid) -> bool:
    taken = {
        (r, c)
        for cell in grid.cells
        for r in range(cell.row, cell.row + cell.row_span)
        for c in range(cell.col, cell.col + cell.col_span)
    }
    covered = sum(cell.row_span * cell.col_span for cell in grid.cells)
    return len(taken) == covered == grid.n_rows * grid.n_cols > 1


def _edges(grid: Grid) -> Iterable[tuple[bool, float, float, float, bool]]:
    """Inner unit edges: (horizontal, at, start, end, whether it parts two cells)."""
    owner = {
        (r, c): i
        for i, cell in enumerate(grid.cells)
        for r in range(cell.row, cell.row + cell.row_span)
        for c in range(cell.col, cell.col + cell.col_span)
    }
    for r in range(grid.n_rows):
        for c in range(grid.n_cols):
            if r:
                yield True, grid.ys[r], grid.xs[c], grid.xs[c + 1], owner[r, c] != owner[r - 1, c]
            if c:
                yield False, grid.xs[c], grid.ys[r], grid.ys[r + 1], owner[r, c] != owner[r, c - 1]


def _in_any(rule: Rule, grids: Iterable[Grid], scale: float) -> bool:
    """Whether a rule lies on a line of some grid and within its extent."""
    for grid in grids:
        across, along = (grid.ys, grid.xs) if rule.horizontal else (grid.xs, grid.ys)
        near = any(abs(at - rule.at) < SAME_POSITION * scale for at in across)
        if near and along[0] - _REACH * scale <= rule.start and rule.end <= along[-1] + _REACH * scale:
            return True
    return False


def _sided(grid: Grid, evidence: EdgeEvidence) -> Grid:
    """Camelot calls every outer side closed; say which of them are drawn."""
    box = grid.box
    closed = (
        evidence(False, box.x0, box.y0, box.y1) > _BORDER,
        evidence(True, box.y0, box.x0, box.x1) > _BORDER,
        evidence(False, box.x1, box.y0, box.y1) > _BORDER,
        evidence(True, box.y1, box.x0, box.x1) > _BORDER,
    )
    return replace(grid, closed=closed)


def _unruled_refusal(found: Sequence[Grid], lines: Sequence[TextLine]) -> str:
    """Why grids from text alignment cannot stand: two numbers of one baseline may not share a cell."""
    if not found:
        return "no table"
    if not all(_tiles(grid) for grid in found):
        return "cells do not tile"
    tables, _ = fill_grids(found, lines)
    for table in tables:
        for cell in table.lines:
            numbers = [line for line in cell if NUMBER.fullmatch(line.text.strip())]
            for i, a in enumerate(numbers):
                if any(abs(a.box.center.y - b.box.center.y) < a.box.height / 2 for b in numbers[i + 1 :]):
                    return "two numbers in one cell"
    return ""
