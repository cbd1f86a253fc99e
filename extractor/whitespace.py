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
from extractor.geometry import intersection, overlap
from extractor.headlevels import ABOVE, Head, find_head
from extractor.openrules import Level, Run, standing
from extractor.textrows import ROWS, TextRow, is_tabular, text_rows
from extractor.wrappedrows import join_wrapped

# All lengths are text heights.
BESIDE = 3  # texts side by side in a table's row
FAR = 3.2  # between two rows of one table at most
NEAR = 1.2  # between a table's row and one of few texts under it
SAME = 0.4  # by which texts that begin, or end, alike differ
BETWEEN = 2  # rows with fewer texts between two with enough
WRAPPED_GAP = 0.4  # between the lines of a text that wraps, where no row below tells how far rows are apart
FILLED = 0.5  # share of the rows that a column of a table has texts in, all but the emptiest columns
STEADY = 2  # columns besides the first that are filled so
FULL = 0.9  # share of the width that text fills in columns of prose
RIM = 0.4  # around the outermost texts


def find_borderless(
    lines: Sequence[Box], runs: RunsOf, taken: Sequence[Grid], scale: float
) -> list[OpenGrid]:
    """Tables without rules among text lines (their boxes) outside the tables `taken`, top to bottom.

    One frame, any unit; scale: text height in that unit. `structure` is "borderless".
    """
    free = [line for line in lines if not any(intersection(line, grid.box) for grid in taken)]
    found = []
    bands = text_rows(free, scale)
    for rows in _regions(join_wrapped(bands, scale), scale):
        seen, rows = _open_rows(rows, bands, runs, scale)
        grids = solve_open([seen]) if is_tabular(rows, FULL) else None
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
        if len(row.texts) < BESIDE and not (out and out[-1] and not weak and _goes_on(out[-1], row, scale)):
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


def _goes_on(region: Sequence[TextRow], row: TextRow, scale: float) -> bool:
    """Whether a row of few texts is one more row of a table: close under it, each text where a column's texts stand.

    What stands under the first column alone may be a note below the table, or the next one's title.
    """
    if row.box.y0 - region[-1].box.y1 > NEAR * scale or row.texts[0][1] <= min(one.texts[0][1] for one in region):
        return False
    full = [one for one in region if len(one.texts) >= BESIDE]

    def under(text: Run) -> bool:
        return any(
            sum(overlap(*text, *other) > 0 for other in one.texts) == 1
            and any(abs(text[0] - a) < SAME * scale or abs(text[1] - b) < SAME * scale for a, b in one.texts)
            for one in full
        )

    return all(under(text) for text in row.texts)


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


def _open_rows(
    rows: Sequence[TextRow], bands: Sequence[TextRow], runs: RunsOf, scale: float
) -> tuple[OpenRows, list[TextRow]]:
    """What is seen of a table with these rows, and the rows with a head in two steps as these steps."""
    boxes = [box for row in rows for box in row.boxes]
    x0, x1 = min(b.x0 for b in boxes) - RIM * scale, max(b.x1 for b in boxes) + RIM * scale
    head, rows = _headed(rows, bands, x0, x1, scale)
    boxes = [row.box for row in rows]
    ys = [boxes[0].y0 - RIM * scale, *((a.y1 + b.y0) / 2 for a, b in pairwise(boxes)), boxes[-1].y1 + RIM * scale]
    lines = tuple(box for row in rows for box in row.boxes)
    parts: list[tuple[Run, ...]] = [((x0, x1),) for _ in ys]
    if head is not None:
        ys[1] = head.at
        parts[1] = head.parts
    levels = tuple(
        Level(y, part, standing(y, lines, scale) if part is parts[1] and head else ())
        for y, part in zip(ys, parts, strict=True)
    )
    strips = tuple(tuple(runs(Box(x0, a, x1, b))) for a, b in pairwise(ys))
    return OpenRows(x0, x1, levels, strips, tuple(() for _ in rows), lines, scale), rows


def _headed(
    rows: Sequence[TextRow], bands: Sequence[TextRow], x0: float, x1: float, scale: float
) -> tuple[Head | None, list[TextRow]]:
    """The head that stands in two steps over or at a table's first rows, if there is one, and the rows with it."""
    top = min(row.box.y0 for row in rows)
    over = [band for band in bands if band.box.center.y < top and x0 <= band.box.x0 and band.box.x1 <= x1]
    for above in range(min(ABOVE, len(over)), -1, -1):
        tried = [*over[len(over) - above :], *rows]
        head = find_head(tried, x0, x1, scale)
        if head is not None and head.bands > above:
            return head, [head.upper, head.lower, *tried[head.bands :]]
    return None, list(rows)


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
