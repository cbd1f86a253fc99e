"""Tables with upright rules only: below the head no rule parts the rows, so that each column of amounts is one cell.

The rows are where texts of several columns stand beside each other again and again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extractor.elements import Box, Grid, GridCell, PlaceEvidence
from extractor.geometry import median

ROWS, COLUMNS = 3, 3  # least rows that make a body, and columns whose texts stand beside each other in each of them
TEXTS = 18  # texts in such rows and columns: few rows need many columns
BODY = 0.5  # share of the table's height that is its body: lists in the cells of one row are lower
SHORT = 0.85  # share of a cell's width: texts of three columns fill less of it; text that wraps fills it
BESIDE = 0.35  # text heights: middles of texts in one row differ by less
PITCH = 1.15  # text heights: rows stand farther apart
OWN = 0.7  # of the rows' distance: a lone text so far from all rows is one of its own, one nearer a wrapped line
REACH = 0.5  # text heights: a detected line that reaches so far into a cell has text of it
BETWEEN = 0.4  # share of the distance of two rows: a text farther than this from both stands between them
CROSSED = 0.2  # of a text's height: its middle so near a border that it stands on it
ROOM = -0.25  # text heights: detected boxes of two rows may overlap by so much
SUPPOSED = 3.0  # log-odds of a border that no rule draws


def with_rows(grid: Grid, lines: Sequence[Box], scale: float) -> Grid:
    """A ruled grid, its body parted into rows if only upright rules are drawn there.

    A label over several rows keeps that of its middle: where nothing is printed, nothing tells how far it goes.
    lines: text lines' boxes as detected, which may reach over borders; scale: text height; all in pixels.
    """
    for row in range(grid.n_rows - 1, -1, -1):
        y0, y1 = grid.ys[row], grid.ys[row + 1]
        if y1 - y0 < max(BODY * (grid.ys[-1] - grid.ys[0]), ROWS * scale):
            continue
        cells = [cell for cell in grid.cells if cell.row <= row < cell.row + cell.row_span]
        inside = [line for line in lines if y0 < line.center.y < y1]
        if all(cell.row_span == 1 for cell in cells) and (borders := _borders(cells, inside, scale)):
            return _parted(grid, row, borders, inside, scale)
    return grid


def _texts(cell: GridCell, lines: Sequence[Box], scale: float) -> list[Box]:
    return [line for line in lines if min(line.x1, cell.box.x1) - max(line.x0, cell.box.x0) > REACH * scale]


def _borders(cells: Sequence[GridCell], lines: Sequence[Box], scale: float) -> list[float]:
    """Heights between the rows that texts in cells beside each other make; none where they make no rows."""
    own = [_texts(cell, lines, scale) for cell in cells]
    fill = [
        median([line.width for line in texts]) / cell.box.width if len(texts) >= ROWS else 1.0
        for cell, texts in zip(cells, own, strict=True)
    ]
    short = sum(share < SHORT for share in fill)
    if short < COLUMNS:
        return []
    rows: list[list[tuple[float, int]]] = []  # middles of texts and their columns
    for at, column in sorted((line.center.y, k) for k, texts in enumerate(own) for line in texts):
        if rows and at - median([y for y, _ in rows[-1]]) < BESIDE * scale:
            rows[-1].append((at, column))
        else:
            rows.append([(at, column)])
    found = [(median([y for y, _ in row]), {column for _, column in row}) for row in rows]
    middles = [y for y, columns in found if len(columns) >= COLUMNS]
    if len(middles) < ROWS or short * len(middles) < TEXTS:
        return []
    apart = OWN * median([b - a for a, b in pairwise(middles)])
    # Texts that fill their column wrap; shorter ones stand in the middle of their row.
    for y, _ in sorted(found, key=lambda one: (-len(one[1]), min(fill[column] for column in one[1]))):
        if all(abs(y - middle) > apart for middle in middles):
            middles.append(y)
    middles.sort()
    if min(b - a for a, b in pairwise(middles)) < PITCH * scale:
        return []
    parts: list[list[Box]] = [[] for _ in middles]
    for line in lines:
        if not _straddles(line.center.y, middles):
            parts[min(range(len(middles)), key=lambda k: abs(middles[k] - line.center.y))].append(line)
    rooms = [(max(line.y1 for line in a), min(line.y0 for line in b)) for a, b in pairwise(parts)]
    return [] if any(b - a < ROOM * scale for a, b in rooms) else [(a + b) / 2 for a, b in rooms]


def _straddles(y: float, middles: Sequence[float]) -> bool:
    """Whether a text stands in the middle between two rows: that of a cell over an even number of them."""
    return any(a + BETWEEN * (b - a) < y < b - BETWEEN * (b - a) for a, b in pairwise(middles))


def _parted(grid: Grid, row: int, borders: Sequence[float], lines: Sequence[Box], scale: float) -> Grid:
    """The grid with one of its rows parted at heights inside it; a text on a height makes one cell of two."""
    ys = (*grid.ys[: row + 1], *borders, *grid.ys[row + 1 :])
    cells: list[GridCell] = []
    for cell in grid.cells:
        if cell.row != row:
            cells.append(cell if cell.row < row else replace(cell, row=cell.row + len(borders)))
            continue
        edges = PlaceEvidence(
            min(SUPPOSED, cell.edges.sides), cell.edges.inner, min(SUPPOSED, cell.edges.above), cell.edges.left
        )
        texts = _texts(cell, lines, scale)
        crossed = [any(abs(text.center.y - at) < CROSSED * text.height for text in texts) for at in borders]
        starts = [row, *(row + k + 1 for k, over in enumerate(crossed) if not over)]
        for a, b in pairwise([*starts, row + len(borders) + 1]):
            box = Box(cell.box.x0, ys[a], cell.box.x1, ys[b])
            cells.append(replace(cell, row=a, row_span=b - a, box=box, edges=edges))
    return Grid(grid.xs, ys, tuple(sorted(cells, key=lambda c: (c.row, c.col))), "few_rules", grid.closed)
