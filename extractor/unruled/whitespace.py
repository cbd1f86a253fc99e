"""Tables without any rule: rows from baselines, columns from the blanks that all rows share.

What stands in columns is told from running text by what a table alone has: several rows one after another
with three texts or more far apart, in the same few columns, and most of the width left blank. Rows found, the
table is solved as those with horizontal rules are (`borderless`), a rule supposed between every two rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extractor.elements import Box, Grid
from extractor.geometry import intersection, median, misalignment, overlap
from extractor.unruled.borderless import solve_open
from extractor.unruled.headlevels import ABOVE, Head, find_head
from extractor.unruled.openrows import OpenGrid, OpenRows, RunsOf
from extractor.unruled.openrules import Level, Run, standing
from extractor.unruled.spannedrows import SpannedRows, spanned_rows
from extractor.unruled.textrows import ROWS, TextRow, is_tabular, text_rows
from extractor.unruled.topheads import find_head_at_top
from extractor.unruled.wrappedrows import join_wrapped

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
AT_SIDES = 3  # first rows among which is what is printed beside each other above a table
STRONG = 3  # rows of so many texts in a table at least
TITLE = 1.25  # times the page's usual height of text: a title
LOOSER = 1.25  # times the usual distance of a table's rows: that of its last ones at most
LIKE, IN_LINE = 2, 0.6  # so many other texts that a text is in line with, and the share of texts that are
RIM = 0.4  # around the outermost texts


def find_borderless(
    lines: Sequence[Box], runs: RunsOf, taken: Sequence[Box], scale: float
) -> list[OpenGrid]:
    """Tables without rules among text lines (their boxes) outside those (boxes) that are `taken`, top to bottom.

    One frame, any unit; scale: text height in that unit. `structure` is "borderless".
    """
    free = [line for line in lines if not any(intersection(line, box) for box in taken)]
    found = []
    bands = text_rows(free, scale)
    for rows in _regions(join_wrapped(bands, scale), scale):
        seen, rows = _open_rows(rows, bands, runs, scale)
        grids = solve_open([seen]) if is_tabular(rows, FULL) else None
        if grids and _steady(grids[0], rows, scale) and not any(intersection(grids[0].box, b) for b in taken):
            found.append(OpenGrid(replace(grids[0], structure="borderless", closed=(False,) * 4), seen))
    return found


def _regions(rows: Sequence[TextRow], scale: float) -> list[list[TextRow]]:
    """Stretches of rows with texts enough side by side, few others between them, and what goes on at both ends."""
    out: list[list[TextRow]] = []
    for block in _blocks(rows, scale):
        for region in _strong(block, scale):
            if sum(len(row.texts) >= BESIDE for row in region) < STRONG:
                continue
            first, last = block.index(region[0]), block.index(region[-1])
            head = _over(block[:first], region, scale)
            foot = _under(block[last + 1 :], region, scale)
            whole = [*head, *region, *foot]
            whole += _last_lines(whole, rows, scale)
            if len(whole) >= ROWS:
                out.append(whole)
    return out


def _blocks(rows: Sequence[TextRow], scale: float) -> list[list[TextRow]]:
    """Rows that stand near each other, with no title between."""
    type_height = median([box.height for row in rows for box in row.boxes]) if rows else 0.0
    out: list[list[TextRow]] = [[]]
    for row in rows:
        titled = len(row.texts) == 1 and all(box.height > TITLE * type_height for box in row.boxes)
        if titled or (out[-1] and row.box.y0 - out[-1][-1].box.y1 > FAR * scale):
            out.append([])
        if not titled:
            out[-1].append(row)
    return [block for block in out if block]


def _strong(block: Sequence[TextRow], scale: float) -> list[list[TextRow]]:
    """A block's stretches from a row of texts enough to another, parted where rows between are no table's."""
    full = [row for row in block if len(row.texts) >= BESIDE]
    out: list[list[TextRow]] = []
    weak: list[TextRow] = []
    for row in block:
        if len(row.texts) < BESIDE:
            weak.append(row)
            continue
        strange = sum(not _in_columns(one, full, scale) for one in weak)
        if out and strange <= BETWEEN:
            out[-1] += [*weak, row]
        else:
            out.append([row])
        weak = []
    return out


def _over(above: Sequence[TextRow], region: Sequence[TextRow], scale: float) -> list[TextRow]:
    """The rows of two texts or so close over a table's first full row: its head, or what it says of itself.

    On a later page they may be rows as well, and labels of several, each on a height of its own, between them.
    """
    full = [one for one in region if len(one.texts) >= BESIDE]
    out: list[TextRow] = []
    labels: list[TextRow] = []
    for row in reversed(above):
        if (labels or out or region)[0].box.y0 - row.box.y1 > NEAR * scale:
            break
        if len(row.texts) >= 2:
            out = [row, *labels, *out]
            labels = []
        elif _in_columns(row, full, scale):
            labels.insert(0, row)
        else:
            break
    return out


def _under(below: Sequence[TextRow], region: Sequence[TextRow], scale: float) -> list[TextRow]:
    """Rows of few texts close under a table that stand where its columns do.

    What stands under the first column alone may be a note below the table, or the next one's title.
    """
    full = [one for one in region if len(one.texts) >= BESIDE]
    start = max(one.texts[0][1] for one in full)
    near = max(NEAR * scale, LOOSER * median([max(0.0, b.box.y0 - a.box.y1) for a, b in pairwise(region)]))
    out: list[TextRow] = []
    for row in below:
        lone = len(row.texts) == 1 and row.texts[0][0] < start
        if row.box.y0 - (out or region)[-1].box.y1 > near or lone or not _in_columns(row, full, scale):
            break
        out.append(row)
    return out


def _in_columns(row: TextRow, full: Sequence[TextRow], scale: float) -> bool:
    """Whether each text of a row stands where some full row has one text, set on its side or its middle."""

    def under(text: Run) -> bool:
        return any(
            sum(overlap(*text, *other) > 0 for other in one.texts) == 1
            and any(misalignment(*text, *other) < SAME * scale for other in one.texts)
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


def _open_rows(
    rows: Sequence[TextRow], bands: Sequence[TextRow], runs: RunsOf, scale: float
) -> tuple[OpenRows, list[TextRow]]:
    """What is seen of a table with these rows, and the rows with a head in two steps as these steps."""
    boxes = [box for row in rows for box in row.boxes]
    x0, x1 = min(b.x0 for b in boxes) - RIM * scale, max(b.x1 for b in boxes) + RIM * scale
    spanned = spanned_rows(boxes, x0, x1, scale)
    if spanned is not None:
        return _with_spans(spanned, boxes, bands, x0, x1, runs, scale)
    head, rows = _headed(rows, bands, x0, x1, scale)
    boxes = [row.box for row in rows]
    ys = [boxes[0].y0 - RIM * scale, *((a.y1 + b.y0) / 2 for a, b in pairwise(boxes)), boxes[-1].y1 + RIM * scale]
    lines = tuple(box for row in rows for box in row.boxes)
    parts: list[tuple[Run, ...]] = [((x0, x1),) for _ in ys]
    if head is not None:
        ys[1] = head.at
        parts[1] = head.parts
    levels = tuple(
        Level(y, part, standing(y, lines, scale) if part is parts[1] and head else (), supposed=True)
        for y, part in zip(ys, parts, strict=True)
    )
    strips = tuple(tuple(runs(Box(x0, a, x1, b))) for a, b in pairwise(ys))
    return OpenRows(x0, x1, levels, strips, tuple(() for _ in rows), lines, scale), rows


def _with_spans(
    spanned: SpannedRows, boxes: Sequence[Box], bands: Sequence[TextRow], x0: float, x1: float, runs: RunsOf,
    scale: float,
) -> tuple[OpenRows, list[TextRow]]:
    """What is seen of a table with labels of several rows: between these no rule is supposed."""
    # Its rows' boxes are trimmed; what is a title shows by the height that it has.
    high = {(box.x0, round(box.center.y, 2)): box for box in boxes}
    full = [TextRow(tuple(high[b.x0, round(b.center.y, 2)] for b in row.boxes), row.texts) for row in spanned.rows]
    head, rows = _headed(full, bands, x0, x1, scale)
    old = len(spanned.rows) - len(rows) + 2  # rows that the head's two steps stand for
    ys, spans = list(spanned.ys), list(spanned.spans)
    if head is None or not 0 < old < len(spanned.rows) or any(s.first < old < s.last for s in spans):
        head, rows = None, list(spanned.rows)
    else:
        rows = [*rows[:2], *spanned.rows[old:]]
        ys = [head.upper.box.y0 - RIM * scale, head.at, *ys[old:]]
        spans = [replace(s, first=s.first - old + 2, last=s.last - old + 2) for s in spans if s.first >= old]
    levels = [
        Level(y, _without(((x0, x1),), [(s.x0, s.x1) for s in spans if s.first < k < s.last]), supposed=True)
        for k, y in enumerate(ys)
    ]
    lines = tuple(box for row in rows for box in row.boxes)
    if head is not None:
        levels[1] = Level(head.at, head.parts, standing(head.at, lines, scale), supposed=True)
    strips = tuple(tuple(runs(Box(x0, a, x1, b))) for a, b in pairwise(ys))
    return OpenRows(x0, x1, tuple(levels), strips, tuple(() for _ in rows), lines, scale), rows


def _without(parts: Sequence[Run], holes: Sequence[Run]) -> tuple[Run, ...]:
    """Stretches with holes in them."""
    out = list(parts)
    for start, end in holes:
        out = [
            piece for a, b in out for piece in ((a, min(b, start)), (max(a, end), b)) if piece[1] > piece[0]
        ]
    return tuple(out)


def _headed(
    rows: Sequence[TextRow], bands: Sequence[TextRow], x0: float, x1: float, scale: float
) -> tuple[Head | None, list[TextRow]]:
    """The head that stands in two steps over or at a table's first rows, if there is one, and the rows with it."""
    # Whose the table is and its unit stand at its sides: a head under them begins it, and none holds them.
    beside = [k for k in range(min(AT_SIDES, len(rows) - ROWS)) if _at_sides(rows[k], rows[k + 1 :], scale)]
    if beside:
        below = rows[beside[-1] + 1 :]
        head = find_head(below, x0, x1, scale) or find_head_at_top(below, x0, x1, scale)
        return (None, list(rows)) if head is None else (head, [head.upper, head.lower, *below[head.bands :]])
    top = min(row.box.y0 for row in rows)
    over = [band for band in bands if band.box.center.y < top and x0 <= band.box.x0 and band.box.x1 <= x1]
    for above in range(min(ABOVE, len(over)), -1, -1):
        tried = [*over[len(over) - above :], *rows]
        head = find_head(tried, x0, x1, scale)
        if head is not None and head.bands > above:
            return head, [head.upper, head.lower, *tried[head.bands :]]
    head = find_head_at_top(rows, x0, x1, scale)
    return (None, list(rows)) if head is None else (head, [head.upper, head.lower, *rows[head.bands :]])


def _at_sides(row: TextRow, below: Sequence[TextRow], scale: float) -> bool:
    """Whether two or three texts begin and end where the rows under them do, as no headings over columns do."""
    x0, x1 = min(one.box.x0 for one in below), max(one.box.x1 for one in below)
    flush = row.texts[0][0] < x0 + SAME * scale and row.texts[-1][1] > x1 - SAME * scale
    return 2 <= len(row.texts) <= BESIDE and flush


def _steady(grid: Grid, rows: Sequence[TextRow], scale: float) -> bool:
    """Whether texts stand in the same columns from row to row, three or more of them."""
    if grid.n_cols < BESIDE:
        return False
    filled = [
        sum(any(a < (start + end) / 2 < b for start, end in row.texts) for row in rows) / len(rows)
        for a, b in pairwise(grid.xs)
    ]
    spans = sum(cell.col_span > 1 for cell in grid.cells)
    return (sum(share >= FILLED for share in filled[1:]) >= STEADY and spans <= len(rows)) or _in_line(rows, scale)


def _in_line(rows: Sequence[TextRow], scale: float) -> bool:
    """Whether most texts behind the first of a row are set as two others are, in other rows: no text lines are."""
    texts = [(k, text) for k, row in enumerate(rows) for text in row.texts[1:]]
    like = [sum(k != r and misalignment(*one, *other) < SAME * scale for r, other in texts) >= LIKE for k, one in texts]
    return len(texts) >= 2 * ROWS and sum(like) >= IN_LINE * len(texts)
