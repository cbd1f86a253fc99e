"""Tables without any rule: rows from baselines, columns from the blanks that all rows share.

What stands in columns is told from running text by what a table alone has: several rows one after another
with three texts or more far apart, in the same few columns, and most of the width left blank. Rows found, the
table is solved as those with horizontal rules are (`borderless`), a rule supposed between every two rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extractor.borderless import OpenGrid, OpenRows, RunsOf, solve_open
from extractor.elements import Box, Grid
from extractor.geometry import intersection, median, overlap, union
from extractor.openrules import Level, Run

# All lengths are text heights.
APART = 1.0  # texts of a row further apart than this stand in different columns
BESIDE = 3  # texts side by side in a table's row
ROWS = 4  # such rows in a table
SAME_ROW = 0.3  # share of the lower text's height that texts of one row have in common
FAR = 3.2  # between two rows of one table at most
BETWEEN = 2  # rows with fewer texts between two with enough
WRAPPED = 0.75  # of the usual distance of rows: a lone line so near the row above goes on from it
WRAPPED_GAP = 0.4  # between the lines of a text that wraps, where no row below tells how far rows are apart
FULL = 0.75  # share of the width that text fills in running text set in columns, but in no table
FILLED = 0.5  # share of the rows that a column of a table has texts in, all but the emptiest columns
STEADY = 2  # columns besides the first that are filled so
RIM = 0.4  # around the outermost texts


@dataclass(frozen=True, slots=True)
class _Row:
    """Text lines on one baseline, or that wrap beside each other."""

    boxes: tuple[Box, ...]
    texts: tuple[Run, ...]

    @property
    def box(self) -> Box:
        return union(self.boxes)


def find_borderless(
    lines: Sequence[Box], runs: RunsOf, taken: Sequence[Grid], scale: float
) -> list[OpenGrid]:
    """Tables without rules among text lines (their boxes) outside the tables `taken`, top to bottom.

    One frame, any unit; scale: text height in that unit. `structure` is "borderless".
    """
    free = [line for line in lines if not any(intersection(line, grid.box) for grid in taken)]
    found = []
    for rows in _regions(_rows(free, scale), scale):
        rows = _unwrapped(rows, scale)
        seen = _open_rows(rows, runs, scale)
        grids = solve_open([seen]) if _tabular(rows) else None
        if grids and _steady(grids[0], rows) and not any(intersection(grids[0].box, g.box) for g in taken):
            found.append(OpenGrid(replace(grids[0], structure="borderless", closed=(False,) * 4), seen))
    return found


def _rows(lines: Sequence[Box], scale: float) -> list[_Row]:
    """Lines that stand beside each other, from the top; chains of them are one row."""
    groups: list[list[Box]] = []
    for line in sorted(lines, key=lambda b: b.y0):
        if groups and any(
            overlap(line.y0, line.y1, b.y0, b.y1) > SAME_ROW * min(line.height, b.height) for b in groups[-1]
        ):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_row(group, scale) for group in groups]


def _row(boxes: Sequence[Box], scale: float) -> _Row:
    texts: list[Run] = []
    for x0, x1 in sorted((b.x0, b.x1) for b in boxes):
        if texts and x0 - texts[-1][1] < APART * scale:
            texts[-1] = texts[-1][0], max(texts[-1][1], x1)
        else:
            texts.append((x0, x1))
    return _Row(tuple(boxes), tuple(texts))


def _regions(rows: Sequence[_Row], scale: float) -> list[list[_Row]]:
    """Stretches of rows with texts enough side by side, few others between them; the rows of the head above."""
    out: list[list[_Row]] = []
    weak: list[_Row] = []
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


def _last_lines(region: Sequence[_Row], rows: Sequence[_Row], scale: float) -> list[_Row]:
    """Lone lines close under a region: its last row wraps."""
    below: list[_Row] = []
    for row in rows[rows.index(region[-1]) + 1 :]:
        last = (below or region)[-1]
        if len(row.texts) > 1 or row.box.y0 - last.box.y1 > WRAPPED_GAP * scale:
            break
        below.append(row)
    return below


def _heads(row: _Row, first: _Row, scale: float) -> bool:
    """Whether a row of two texts or so over a table's first full row belongs to its head."""
    return len(row.texts) > 1 and first.box.y0 - row.box.y1 < scale


def _unwrapped(rows: Sequence[_Row], scale: float) -> list[_Row]:
    """Rows, lone lines that go on from the row above joined to it."""
    pitch = median([b.box.center.y - a.box.center.y for a, b in pairwise(rows)])
    out: list[_Row] = []
    for row in rows:
        near = out and row.box.center.y - max(b.center.y for b in out[-1].boxes) < WRAPPED * pitch
        under = near and any(overlap(*row.texts[0], *text) > 0 for text in out[-1].texts)
        if len(row.texts) == 1 and near and under:
            out[-1] = _row([*out[-1].boxes, *row.boxes], scale)
        else:
            out.append(row)
    return out


def _tabular(rows: Sequence[_Row]) -> bool:
    """Whether rows have the blanks that tables have and running text in columns has not."""
    box = union([row.box for row in rows])
    fill = [sum(b - a for a, b in row.texts) / max(1e-6, box.width) for row in rows]
    return len(rows) >= ROWS and median(fill) < FULL


def _open_rows(rows: Sequence[_Row], runs: RunsOf, scale: float) -> OpenRows:
    boxes = [row.box for row in rows]
    x0, x1 = min(b.x0 for b in boxes) - RIM * scale, max(b.x1 for b in boxes) + RIM * scale
    ys = [boxes[0].y0 - RIM * scale, *((a.y1 + b.y0) / 2 for a, b in pairwise(boxes)), boxes[-1].y1 + RIM * scale]
    return OpenRows(
        x0, x1, tuple(Level(y, ((x0, x1),)) for y in ys),
        tuple(tuple(runs(Box(x0, a, x1, b))) for a, b in pairwise(ys)), tuple(() for _ in rows),
        tuple(box for row in rows for box in row.boxes), scale,
    )


def _steady(grid: Grid, rows: Sequence[_Row]) -> bool:
    """Whether texts stand in the same columns from row to row, three or more of them."""
    if grid.n_cols < BESIDE:
        return False
    filled = [
        sum(any(a < (start + end) / 2 < b for start, end in row.texts) for row in rows) / len(rows)
        for a, b in pairwise(grid.xs)
    ]
    spans = sum(cell.col_span > 1 for cell in grid.cells)
    return sum(share >= FILLED for share in filled[1:]) >= STEADY and spans <= len(rows)
