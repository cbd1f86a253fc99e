"""Tables of a born-digital page: camelot's grids where they pass the self-check, else the page's own vector rules.

The check asks of every grid what its page can prove: cells tile; each border is drawn and each drawn rule
is a border (so rules in white, under fills or outside clips cannot count, and none is left unused); every
character of the region stands in a cell. Pages without tables never pay for camelot.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from extractor.elements import Box, Grid, RawPage, Rule, TextLine, Warn, bounds
from extractor.geometry import cluster_positions, intersection, median, overlap
from extractor.grid import SAME_POSITION, coverage_evidence, solve_grids
from extractor.headings import folded
from extractor.lattice import EdgeEvidence
from extractor.openrows import OpenGrid, OpenRows
from extractor.textruns import find_open
from extractor.titlerows import bridged
from extractor.underlines import without_underlines

if TYPE_CHECKING:
    from extractor.documents import Source
    from extractor.ports import BornDigitalGrids, Tools

_BORDER = 0.5  # share of an edge that must be drawn to be a border
_REACH = 0.6  # of the text height: how far a rule may reach out of the grid it belongs to
_NUMBER = re.compile(r"[-+−(（]?\d{1,3}(,?\d{3})*(\.\d+)?[)）%％]?")
# Amounts have decimals, separators or four digits; page numbers and item numbers have none of them.
_AMOUNT = re.compile(r"[.,]\d|\d{4}")
# Columns of numbers: so many numbers under each other, in so many columns side by side, mean a table.
_NUMBERS_DEEP = 4
_NUMBERS_WIDE = 2
_TYPE = 0.2  # share by which the heights of two lines of one type differ at most
_MOST_TEXT = 20_000  # characters: camelot takes more than a second above it, and no form holds a third of that
_DEFAULT_TYPE = 10.0  # points, on a page without text


@dataclass(frozen=True, slots=True)
class DigitalTable:
    """A grid in the page's own turned points; `lines[i]` are the text lines of `grid.cells[i]`, in reading order."""

    grid: Grid
    lines: tuple[tuple[TextLine, ...], ...]
    rows: OpenRows | None = None  # of a table without vertical rules


@dataclass(frozen=True, slots=True)
class DigitalPage:
    """A born-digital page's tables from top to bottom, and the lines outside them.

    engine: whose grids these are: "camelot", "vector", "open" (none has vertical rules) or "none".
    refused: why camelot's were not taken.
    seconds: wall time of all of it; camelot_seconds: of camelot alone.
    """

    tables: tuple[DigitalTable, ...]
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


def fill_grids(
    grids: Sequence[Grid], lines: Iterable[TextLine], drawn: EdgeEvidence | None = None
) -> tuple[tuple[DigitalTable, ...], tuple[TextLine, ...]]:
    """Give every character to the cell that holds its centre; a line over several cells is cut between them.

    `drawn`: what of an edge is drawn; with it, text that hangs below an open foot stays with its cell.
    """
    inside: dict[tuple[int, int], list[TextLine]] = {}
    outside: list[TextLine] = []
    for line in lines:
        y = line.box.center.y
        near = [
            (t, c, cell.box.x0, cell.box.x1)
            for t, grid in enumerate(grids) if grid.box.y0 <= y <= grid.box.y1
            for c, cell in enumerate(grid.cells) if cell.box.y0 <= y < cell.box.y1
        ]
        places = [next(((t, c) for t, c, x0, x1 in near if x0 <= char.x < x1), None) for char in line.chars]
        for place, piece in _pieces(line, places):
            if place is None and drawn is not None:
                place = _hangs_from(piece, grids, inside, drawn)
            if place is None:
                outside.append(piece)
            else:
                inside.setdefault(place, []).append(piece)
    tables = tuple(
        DigitalTable(grid, tuple(tuple(inside.get((t, c), ())) for c in range(len(grid.cells))))
        for t, grid in enumerate(grids)
    )
    return tables, tuple(outside)


def _hangs_from(
    piece: TextLine, grids: Sequence[Grid], inside: Mapping[tuple[int, int], Sequence[TextLine]], drawn: EdgeEvidence
) -> tuple[int, int] | None:
    """The cell (table, cell) whose text goes on in a line below the table's foot, where no rule closes that.

    A page break ends a row's rules before its text: the line stands next below the cell's last one, in its type,
    between its sides.
    """
    box = piece.box
    for (t, c), own in inside.items():
        cell, last = grids[t].cells[c], own[-1].box
        if cell.row + cell.row_span < grids[t].n_rows or box.center.y < cell.box.y1:
            continue
        near = last.y0 < box.y0 < last.y1 + last.height and abs(box.height - last.height) < _TYPE * last.height
        within = cell.box.x0 <= box.x0 and box.x1 <= cell.box.x1
        if near and within and drawn(True, cell.box.y1, cell.box.x0, cell.box.x1) <= _BORDER:
            return t, c
    return None


def _pieces(
    line: TextLine, places: Sequence[tuple[int, int] | None]
) -> list[tuple[tuple[int, int] | None, TextLine]]:
    """Stretches of a line whose characters stand in one cell; a blank goes with the character before it."""
    if len(set(places)) == 1:
        return [(places[0], line)]
    runs: list[tuple[tuple[int, int] | None, list[int]]] = []
    for i, place in enumerate(places):
        if runs and (place == runs[-1][0] or line.chars[i].text == " "):
            runs[-1][1].append(i)
        else:
            runs.append((place, [i]))
    return [(place, _part(line, run)) for place, run in runs if any(line.chars[i].text != " " for i in run)]


def _part(line: TextLine, run: Sequence[int]) -> TextLine:
    """The characters `run` of a line; its box ends halfway to the neighbours it was cut from."""
    chars = line.chars
    first, last = run[0], run[-1]
    x0 = line.box.x0 if first == 0 else (chars[first - 1].x + chars[first].x) / 2
    x1 = line.box.x1 if last == len(chars) - 1 else (chars[last].x + chars[last + 1].x) / 2
    while chars[last].text == " ":
        last -= 1
    kept = chars[first : last + 1]
    box = Box(min(x0, x1), line.box.y0, max(x0, x1), line.box.y1)
    return TextLine("".join(c.text for c in kept), box, kept)


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


def number_columns(lines: Sequence[TextLine], scale: float, wide: int = _NUMBERS_WIDE) -> bool:
    """Whether numbers stand in columns: right or left edges under each other, `wide` columns side by side."""
    numbers = [line for line in lines if _NUMBER.fullmatch(folded(line.text))]
    if len(numbers) < _NUMBERS_DEEP * wide:
        return False
    columns: list[list[TextLine]] = []
    for at in cluster_positions(((n.box.x1, 1.0) for n in numbers), scale):
        column = [n for n in numbers if abs(n.box.x1 - at) < scale / 2]
        amounts = sum(_AMOUNT.search(folded(n.text)) is not None for n in column)
        if len(column) >= _NUMBERS_DEEP and amounts > len(column) / 2:
            columns.append(column)
    beside = columns if wide == 1 else [
        c for c in columns
        if any(o is not c and overlap(*_extent(c), *_extent(o)) > 0 for o in columns)
    ]
    return len(beside) >= wide


def _extent(column: Sequence[TextLine]) -> tuple[float, float]:
    box = bounds(line.box.center for line in column)
    return box.y0, box.y1


def _unruled_refusal(found: Sequence[Grid], lines: Sequence[TextLine]) -> str:
    """Why grids from text alignment cannot stand: two numbers of one baseline may not share a cell."""
    if not found:
        return "no table"
    if not all(_tiles(grid) for grid in found):
        return "cells do not tile"
    tables, _ = fill_grids(found, lines)
    for table in tables:
        for cell in table.lines:
            numbers = [line for line in cell if _NUMBER.fullmatch(line.text.strip())]
            for i, a in enumerate(numbers):
                if any(abs(a.box.center.y - b.box.center.y) < a.box.height / 2 for b in numbers[i + 1 :]):
                    return "two numbers in one cell"
    return ""
