"""Rows that a table without rules got from what is printed above it: whose it is, its year and unit, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extractor.elements import Grid, TextLine
from extractor.kinds.headings import find_organization, find_unit, is_dated, is_numbering, is_year_line
from extractor.unruled.openrows import OpenRows

MOST = 3  # such rows at most, a title's among them


def rows_above(grid: Grid, lines: Sequence[Sequence[TextLine]]) -> int:
    """How many of a grid's first rows end with one of such lines alone; `lines[i]`: what cell i of the grid reads.

    What stands over that one, as the title does, is above the table, too.
    """
    upper = [row for row in range(min(MOST, grid.n_rows - 2)) if _is_above(grid, lines, row)]
    whole = upper and all(cell.row > upper[-1] or cell.row + cell.row_span <= upper[-1] + 1 for cell in grid.cells)
    return upper[-1] + 1 if whole else 0


def _is_above(grid: Grid, lines: Sequence[Sequence[TextLine]], row: int) -> bool:
    own = [(cell, texts) for cell, texts in zip(grid.cells, lines, strict=True) if cell.row == row]
    said = ["".join(line.text for line in texts) for _, texts in own if texts]
    names = [find_unit(text) is not None or find_organization(text) is not None for text in said]
    others = [is_dated(text) or is_year_line(text) or is_numbering(text) for text in said]
    whole = all(name or other for name, other in zip(names, others, strict=True))
    return any(names) and whole and all(cell.row_span == 1 for cell, _ in own)


def without_rows(grid: Grid, count: int) -> Grid:
    """The grid from its row `count` on, without borders that these rows alone have; no cell may reach over that row."""
    below = [cell for cell in grid.cells if cell.row >= count]
    used = sorted({0, grid.n_cols, *(cell.col for cell in below)})
    cells = tuple(
        replace(
            cell, row=cell.row - count, col=used.index(cell.col),
            col_span=used.index(cell.col + cell.col_span) - used.index(cell.col),
        )
        for cell in below
    )
    return replace(grid, xs=tuple(grid.xs[k] for k in used), ys=grid.ys[count:], cells=cells)


def lowered(rows: OpenRows, count: int) -> OpenRows:
    """What was seen of a table from its row `count` on."""
    top = rows.levels[count].at
    return replace(
        rows, levels=rows.levels[count:], strips=rows.strips[count:], steps=rows.steps[count:],
        lines=tuple(line for line in rows.lines if line.center.y > top),
    )
