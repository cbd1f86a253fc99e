"""A heading set in the middle of two cells that a false border parts: 支出 over 项目 and 预算数, blank at its right.

Dots of a faxed grey heading, a fold or a speck on a merged heading can look like the border that begins below it. The
heading itself says that there is none: it stands in the middle of both cells, far from that of its own. Only a heading
in the first row is asked, over cells that all hold text, where the border is in doubt: a short amount at the right of
its cell stands in the middle of two cells as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extractor.elements import Box, Grid, GridCell
from extractor.geometry import union
from extractor.text.cellink import CellInk

DOUBTED = 2.2  # log-odds: a border surer than this stays
CENTRED = 0.6  # of the text height: so near the middle of all the cells it stands,
OFF = 1.5  # and so far from the middle of its own
TOLD = 2.0  # log-odds of what it spans


def with_centred_headings(
    grid: Grid, inks: Sequence[CellInk], scale: float
) -> tuple[Grid, tuple[CellInk, ...]]:
    """The grid with each such heading as one cell, and what is to be read in its cells.

    inks: of its cells, in their order, as laid out. scale: text height, pixels.
    """
    cells = list(zip(grid.cells, inks, strict=True))
    lines = [crop for ink in inks for crop in ink.crops]
    for cell, ink in list(cells):
        if cell.row or cell.edges.sides >= DOUBTED or not ink.crops:
            continue
        every = [one for one, _ in cells]
        beside = _blanks_beside(cell, every, lines, scale)
        if beside and _beneath_are_filled([cell, *beside], every, lines) and _lines_stay([cell, *beside], every):
            cells = [(_joined(cell, beside), own) if one is cell else (one, own) for one, own in cells]
            cells = [(one, own) for one, own in cells if one not in beside]
    if len(cells) == len(grid.cells):
        return grid, tuple(inks)
    cells.sort(key=lambda one: (one[0].row, one[0].col))
    return replace(grid, cells=tuple(one for one, _ in cells)), tuple(ink for _, ink in cells)


def _blanks_beside(cell: GridCell, cells: Sequence[GridCell], lines: Sequence[Box], scale: float) -> list[GridCell]:
    """Blank cells next to a heading, on one side, in the middle of which and its own it is set."""
    own = _within(cell.box, lines)
    if not own:
        return []
    middle = union(own).center.x
    if abs(middle - cell.box.center.x) < OFF * scale:
        return []
    row = sorted((one for one in cells if (one.row, one.row_span) == (cell.row, cell.row_span)), key=lambda c: c.col)
    at = row.index(cell)
    for side in (row[at + 1 :], row[:at][::-1]):
        taken: list[GridCell] = []
        for one in side:
            last = taken[-1] if taken else cell
            adjoins = one.col == last.col + last.col_span or last.col == one.col + one.col_span
            if not adjoins or one.edges.sides >= DOUBTED or _within(one.box, lines):
                break
            taken.append(one)
            if abs(middle - union([cell.box, *(other.box for other in taken)]).center.x) <= CENTRED * scale:
                return taken
    return []


def _within(box: Box, lines: Sequence[Box]) -> list[Box]:
    return [line for line in lines if box.x0 < line.center.x < box.x1 and box.y0 < line.center.y < box.y1]


def _beneath_are_filled(parted: Sequence[GridCell], cells: Sequence[GridCell], lines: Sequence[Box]) -> bool:
    """Whether each of the parts has cells of its own below it, that all hold text."""
    below = parted[0].row + parted[0].row_span
    for part in parted:
        under = [
            one for one in cells
            if one.row == below and part.col <= one.col and one.col + one.col_span <= part.col + part.col_span
        ]
        if not under or not all(_within(one.box, lines) for one in under):
            return False
    return True


def _lines_stay(parted: Sequence[GridCell], cells: Sequence[GridCell]) -> bool:
    """Whether every border that goes is one elsewhere in its column."""
    first = min(part.col for part in parted)
    others = {one.col for one in cells if one not in parted}
    return all(part.col in others for part in parted if part.col != first)


def _joined(cell: GridCell, beside: Sequence[GridCell]) -> GridCell:
    every = [cell, *beside]
    edges = replace(cell.edges, sides=TOLD, inner=TOLD, left=min(one.edges.left for one in every))
    return replace(
        cell, col=min(one.col for one in every), col_span=sum(one.col_span for one in every),
        box=union([one.box for one in every]), place=max(0.5, 1.0 - cell.place), edges=edges,
    )  # fmt: skip
