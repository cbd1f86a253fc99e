"""The columns of a table that no rule draws, settled over all its pages together.

Each page alone sees a few rows and guesses; pages that disagree would give the joined table columns that it
has not. So what all pages show is solved as one table, and each page's text is dealt out again: read lines
are cut between characters, nothing is read twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import prod

from extractor.elements import Box, Grid, LooseTable, PageResult, PageTable, TextEvidence, TextLine
from extractor.geometry import share_inside
from extractor.joining.dealing import fill_grids
from extractor.joining.overpages import join_over_pages
from extractor.joining.told import told_by_text
from extractor.text.celltext import hole_in, rim_of
from extractor.text.pagecells import page_cell
from extractor.unruled.borderless import solve_open
from extractor.unruled.openrows import OpenRows
from extractor.unruled.openrules import Level
from extractor.unruled.steps import Step

HEARD = 3  # times that a table is solved again at most: on other columns its texts tell more
SHARED = 0.3  # of a cell's area: what it shares with a cell that the page had before


Spot = tuple[int, int]  # index of a page, of a table on it


def settle_columns(pages: Sequence[PageResult]) -> tuple[PageResult, ...]:
    """The pages with the tables that run over them on columns of all their pages, and others as their texts tell."""
    settled = list(pages)
    chains = _chains(pages)
    chained = {spot for chain in chains for spot in chain}
    alone = [
        [(i, k)] for i, page in enumerate(pages) for k, table in enumerate(page.tables)
        if (i, k) not in chained and table.loose is not None and told_by_text(table.loose) != table.loose.rows
    ]
    for chain in [*chains, *alone]:
        parts = _settled([pages[i].tables[k] for i, k in chain])
        for (i, k), table in zip(chain, parts, strict=True):
            settled[i] = _with(settled[i], k, table)
    return tuple(settled)


def _with(page: PageResult, k: int, table: PageTable) -> PageResult:
    return replace(page, tables=(*page.tables[:k], table, *page.tables[k + 1 :]))


def _chains(pages: Sequence[PageResult]) -> list[list[Spot]]:
    """Where the parts of each table stand that runs over pages, all of them without vertical rules."""
    going_on = {number for whole in join_over_pages(pages) for number in whole.pages[1:]}
    chains: list[list[Spot]] = []
    for i in range(1, len(pages)):
        before, page = pages[i - 1], pages[i]
        if not (before.tables and page.tables and before.tables[-1].loose and page.tables[0].loose):
            continue
        if page.number not in going_on and not _one_when_settled(before, page):
            continue
        spot = i - 1, len(before.tables) - 1
        if chains and chains[-1][-1] == spot:
            chains[-1].append((i, 0))
        else:
            chains.append([spot, (i, 0)])
    return chains


def _one_when_settled(before: PageResult, page: PageResult) -> bool:
    """Whether tables that differ in columns only go on into each other: on settled columns they do.

    Under a title of its own the columns must be alike as they are: the same form filled again may follow.
    """
    if page.tables[0].title:
        return False
    upper, lower = _settled([before.tables[-1], page.tables[0]])
    pair = _with(before, len(before.tables) - 1, upper), _with(page, 0, lower)
    return any(len(whole.pages) > 1 for whole in join_over_pages(pair))


def _settled(parts: Sequence[PageTable]) -> Sequence[PageTable]:
    loose = [part.loose for part in parts if part.loose is not None]
    if len(loose) < len(parts):
        return parts
    if all(part.structure == "borderless" for part in parts):
        # No rule shows where such a table ends, and its texts on one page need not reach as far as on another.
        x0, x1 = min(one.rows.x0 / one.width for one in loose), max(one.rows.x1 / one.width for one in loose)
        loose = [replace(one, rows=_widened(one.rows, x0 * one.width, x1 * one.width)) for one in loose]
    heard = [replace(one, rows=told_by_text(one)) for one in loose]
    grids: list[Grid] = []
    for _ in range(HEARD):
        grids = _solved([one.rows for one in heard])
        if not grids:
            return parts
        dealt = [replace(one, grid=grid, lines=_dealt(one, grid)) for one, grid in zip(heard, grids, strict=True)]
        rows = [told_by_text(one) for one in dealt]
        if rows == [one.rows for one in heard]:
            break
        heard = [replace(one, rows=told) for one, told in zip(dealt, rows, strict=True)]
    return [
        _refilled(part, one, replace(grid, structure=part.structure))
        for part, one, grid in zip(parts, loose, grids, strict=True)
    ]


def _solved(rows: Sequence[OpenRows]) -> list[Grid]:
    """The grids of a table's pages on the columns of the first, each in its page's own frame; none if it is none."""
    first = rows[0]
    grids = solve_open([_moved(own, first) for own in rows]) or []
    return [_on_sides(grid, first, own) for grid, own in zip(grids, rows, strict=True)]


def _widened(rows: OpenRows, x0: float, x1: float) -> OpenRows:
    """A page's rows with other sides; what reaches from side to side still does."""
    levels = tuple(
        replace(level, parts=tuple(
            (x0 if a <= rows.x0 else a, x1 if b >= rows.x1 else b) for a, b in level.parts
        ))
        for level in rows.levels
    )
    return replace(rows, x0=x0, x1=x1, levels=levels)


def _moved(rows: OpenRows, onto: OpenRows) -> OpenRows:
    """A page's rows stretched along x onto the sides of another's."""
    factor = (onto.x1 - onto.x0) / (rows.x1 - rows.x0)

    def at(x: float) -> float:
        return onto.x0 + (x - rows.x0) * factor

    def runs(found: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
        return tuple((at(a), at(b)) for a, b in found)

    return OpenRows(
        onto.x0, onto.x1,
        tuple(Level(level.at, runs(level.parts), runs(level.texts), level.supposed) for level in rows.levels),
        tuple(runs(strip) for strip in rows.strips),
        tuple(tuple(Step(at(step.x), step.jump) for step in row) for row in rows.steps),
        tuple(Box(at(b.x0), b.y0, at(b.x1), b.y1) for b in rows.lines), onto.scale,
        tuple(runs(row) for row in rows.told),
    )


def _on_sides(grid: Grid, source: OpenRows, rows: OpenRows) -> Grid:
    """The grid stretched back onto the sides that its page has."""
    factor = (rows.x1 - rows.x0) / (source.x1 - source.x0)

    def at(x: float) -> float:
        return rows.x0 + (x - source.x0) * factor

    cells = tuple(
        replace(c, box=Box(at(c.box.x0), c.box.y0, at(c.box.x1), c.box.y1)) for c in grid.cells
    )
    return replace(grid, xs=tuple(at(x) for x in grid.xs), cells=cells)


def _refilled(table: PageTable, loose: LooseTable, grid: Grid) -> PageTable:
    """The page's table on a new grid, its text dealt out again."""
    dealt = _dealt(loose, grid)
    cells = [
        page_cell(cell, own, *_evidence(cell.box, own, loose), loose.frame)
        for cell, own in zip(grid.cells, dealt, strict=True)
    ]
    return replace(
        table, n_rows=grid.n_rows, n_cols=grid.n_cols, columns=tuple(x / loose.width for x in grid.xs),
        cells=tuple(sorted(cells, key=lambda c: (c.row, c.col))),
    )


def _dealt(loose: LooseTable, grid: Grid) -> tuple[tuple[TextLine, ...], ...]:
    """A page's read lines in the cells of a new grid, cut at its borders."""
    (filled,), outside = fill_grids([grid], [line for own in loose.lines for line in own])
    dealt = [list(own) for own in filled.lines]
    for line in outside:  # a line that stands a little over the table's side
        center = line.box.center
        dealt[min(range(len(grid.cells)), key=lambda k: _away(center.x, center.y, grid.cells[k].box))].append(line)
    return tuple(tuple(own) for own in dealt)


def _away(x: float, y: float, box: Box) -> float:
    return max(box.x0 - x, x - box.x1, 0.0) + max(box.y0 - y, y - box.y1, 0.0)


def _evidence(box: Box, lines: Sequence[TextLine], loose: LooseTable) -> tuple[TextEvidence, tuple[str, ...]]:
    """What speaks for a cell's text, from the cells that the page had there."""
    olds = [
        (old, evidence, flags)
        for cell, old, evidence, flags in zip(
            loose.grid.cells, loose.lines, loose.evidence, loose.flags, strict=True
        )
        if share_inside(cell.box, box) > SHARED or share_inside(box, cell.box) > SHARED
    ]
    marks = tuple(dict.fromkeys(flag for _, _, flags in olds for flag in flags))
    own = [evidence for old, evidence, _ in olds if bool(old) == bool(lines)]
    coverage, ink = min((e.coverage for e in own), default=1.0), max((e.ink for e in own), default=0.0)
    exact = bool(loose.evidence) and all(e.exact for e in loose.evidence)
    if not lines:
        return TextEvidence(None, None, coverage, ink, exact), marks
    return TextEvidence(
        prod(line.p for line in lines), min((char.p for line in lines for char in line.chars), default=None),
        coverage, ink, exact, hole_in(lines), rim_of(lines, box), any(e.parted for e in own),
        min((e.agreement for e in own if e.agreement is not None), default=None), any(e.by_words for e in own),
        max((e.sealed for e in own), default=0.0),
        max((e.strange for e in own), default=0.0), min((e.worded for e in own), default=1.0),
    ), marks
