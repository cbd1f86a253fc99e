"""Tables without any rule: rows from baselines, columns from the blanks that all rows share.

What stands in columns is told from running text by what a table alone has: several rows one after another
with three texts or more far apart, in the same few columns, and most of the width left blank. Rows found, the
table is solved as those with horizontal rules are (`borderless`), a rule supposed between every two rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extractor.borderless import OpenGrid, OpenRows, RunsOf, solve_open
from extractor.elements import Box, Grid
from extractor.geometry import intersection
from extractor.openrules import Level
from extractor.textrows import ROWS, TextRow, is_tabular, text_rows, unwrapped

# All lengths are text heights.
BESIDE = 3  # texts side by side in a table's row
FAR = 3.2  # between two rows of one table at most
BETWEEN = 2  # rows with fewer texts between two with enough
WRAPPED_GAP = 0.4  # between the lines of a text that wraps, where no row below tells how far rows are apart
FILLED = 0.5  # share of the rows that a column of a table has texts in, all but the emptiest columns
STEADY = 2  # columns besides the first that are filled so
RIM = 0.4  # around the outermost texts


def find_borderless(
    lines: Sequence[Box], runs: RunsOf, taken: Sequence[Grid], scale: float
) -> list[OpenGrid]:
    """Tables without rules among text lines (their boxes) outside the tables `taken`, top to bottom.

    One frame, any unit; scale: text height in that unit. `structure` is "borderless".
    """
    free = [line for line in lines if not any(intersection(line, grid.box) for grid in taken)]
    found = []
    for rows in _regions(text_rows(free, scale), scale):
        rows = unwrapped(rows, scale)
        seen = _open_rows(rows, runs, scale)
        grids = solve_open([seen]) if is_tabular(rows) else None
        if grids and _steady(grids[0], rows) and not any(intersection(grids[0].box, g.box) for g in taken):
            found.append(OpenGrid(replace(grids[0], structure="borderless", closed=(False,) * 4), seen))
    return found


def _regions(rows: Sequence[TextRow], scale: float) -> list[list[TextRow]]:
    """Stretches of rows with texts enough side by side, few others between them; the rows of the head above."""
    out: list[list[TextRow]] = []
    weak: list[TextRow] = []
    for row in rows:
        if out and row.box.y0 - (weak[-1] if weak else out[-1][-1]).box.y1 > FAR * scale:
            out.append([])
        if len(row.texts) < BESIDE:
            weak.append(row)
            continue
        if not out:
            out.append([])
        if out[-1] and len(weak) <= BETWEEN:
            out[-1] += weak
        elif out[-1]:
            out.append([])
        head = weak[-1:] if not out[-1] and weak and _heads(weak[-1], row, scale) else []
        out[-1] += [*head, row]
        weak = []
    out = [[*region, *_last_lines(region, rows, scale)] for region in out if region]
    return [region for region in out if sum(len(row.texts) >= BESIDE for row in region) >= ROWS]


def _last_lines(region: Sequence[TextRow], rows: Sequence[TextRow], scale: float) -> list[TextRow]:
    """Lone lines close under a region: its last row wraps."""
    below: list[TextRow] = []
    for row in rows[rows.index(region[-1]) + 1 :]:
        last = (below or region)[-1]
        if len(row.texts) > 1 or row.box.y0 - last.box.y1 > WRAPPED_GAP * scale:
            break
        below.append(row)
    return below


def _heads(row: TextRow, first: TextRow, scale: float) -> bool:
    """Whether a row of two texts or so over a table's first full row belongs to its head."""
    return len(row.texts) > 1 and first.box.y0 - row.box.y1 < scale


def _open_rows(rows: Sequence[TextRow], runs: RunsOf, scale: float) -> OpenRows:
    boxes = [row.box for row in rows]
    x0, x1 = min(b.x0 for b in boxes) - RIM * scale, max(b.x1 for b in boxes) + RIM * scale
    ys = [boxes[0].y0 - RIM * scale, *((a.y1 + b.y0) / 2 for a, b in pairwise(boxes)), boxes[-1].y1 + RIM * scale]
    return OpenRows(
        x0, x1, tuple(Level(y, ((x0, x1),)) for y in ys),
        tuple(tuple(runs(Box(x0, a, x1, b))) for a, b in pairwise(ys)), tuple(() for _ in rows),
        tuple(box for row in rows for box in row.boxes), scale,
    )


def _steady(grid: Grid, rows: Sequence[TextRow]) -> bool:
    """Whether texts stand in the same columns from row to row, three or more of them."""
    if grid.n_cols < BESIDE:
        return False
    filled = [
        sum(any(a < (start + end) / 2 < b for start, end in row.texts) for row in rows) / len(rows)
        for a, b in pairwise(grid.xs)
    ]
    spans = sum(cell.col_span > 1 for cell in grid.cells)
    return sum(share >= FILLED for share in filled[1:]) >= STEADY and spans <= len(rows)
