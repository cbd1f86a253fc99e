"""Headings in two steps where no rule shows them: one over several columns, beside others that stand at mid-height.

Of a head whose cells are set on their middles, a heading over several columns stands in the upper half, the headings
of these columns in the lower one, and what spans both stands between. So a border runs under the first alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from extractor.elements import Box
from extractor.geometry import union
from extractor.openrules import Run
from extractor.textrows import TextRow, blocks_of, text_rows

# Lengths are text heights.
BANDS = 5  # bands of lines in such a head at most
ABOVE = 2  # of these, above the first full row
NEAR = 1.5  # between a heading over several columns and the row under it
MIDDLE = 0.4  # by which a text misses the middle of the cell that it stands in
WHOLE = 0.3  # by which texts from the head's top to its foot miss its height
LARGER = 1.3  # times as high as another heading: a title
CENTRED = 1.0, 0.2  # by which a heading misses the middle of those under it; the same as a share of their width


@dataclass(frozen=True, slots=True)
class Head:
    """Two rows of headings. parts: stretches of the border between them; bands: how many of the page's it takes up."""

    upper: TextRow
    lower: TextRow
    parts: tuple[Run, ...]
    bands: int


def find_head(rows: Sequence[TextRow], x0: float, x1: float, scale: float) -> Head | None:
    """The head that a table's first rows make, if its headings stand in two steps; x0, x1: the table's sides."""
    for bands in range(min(BANDS, len(rows) - 1), 0, -1):
        if all(b.box.y0 - a.box.y1 < NEAR * scale for a, b in pairwise(rows[:bands])):
            head = _stepped(rows[:bands], [box for row in rows[bands:] for box in row.boxes], x0, x1, scale)
            if head is not None:
                return head
    return None


def _stepped(rows: Sequence[TextRow], body: Sequence[Box], x0: float, x1: float, scale: float) -> Head | None:
    boxes = [box for row in rows for box in row.boxes]
    whole = union(boxes)
    middle = whole.center.y
    across: list[Box] = []
    upper: list[Box] = []
    lower: list[Box] = []
    for block in blocks_of(boxes):
        box = union(block)
        # A heading and one under its middle stand as the lines of one text do, but reach from top to foot.
        full = len(block) > 1 and box.height > whole.height - WHOLE * scale
        stacked = all(len(row.boxes) == 1 for row in text_rows(block, scale))
        if stacked and not full and abs(box.center.y - middle) < MIDDLE * scale:
            across.append(box)
            continue
        for line in block:
            (upper if line.center.y < middle else lower).append(line)
    under = [union(block) for block in blocks_of(lower)]
    if not upper or not across or not under or max(b.height for b in boxes) > LARGER * min(b.height for b in boxes):
        return None
    if max(b.y1 for b in upper) > min(b.y0 for b in lower) + MIDDLE * scale:
        return None
    over = [union(block) for block in blocks_of(upper)]
    parts: list[Run] = []
    ends = [(x0, x0), *sorted((b.x0, b.x1) for b in across), (x1, x1)]
    for (_, start), (end, _) in pairwise(ends):
        children = [b for b in under if start <= b.center.x <= end]
        headings = [b for b in over if start <= b.center.x <= end]
        if not children and not headings:
            continue
        if not headings or not _dealt(headings, children, scale):
            return None
        first, last = children[0].x0, children[-1].x1
        parts.append((
            start if start == x0 else _clearest(start, first, body), end if end == x1 else _clearest(last, end, body)
        ))
    return Head(TextRow.of(upper, scale), TextRow.of([*lower, *across], scale), tuple(parts), len(rows))


def _dealt(headings: Sequence[Box], children: Sequence[Box], scale: float) -> bool:
    """Whether headings, left to right, can each stand over the middle of two or more of those under them."""
    n = len(children)
    for cuts in combinations(range(2, n - 1), len(headings) - 1):
        spans = list(pairwise([0, *cuts, n]))
        if all(b - a > 1 and _over(h, children[a:b], scale) for h, (a, b) in zip(headings, spans, strict=True)):
            return True
    return False


def _clearest(start: float, end: float, body: Sequence[Box]) -> float:
    """The middle of the widest stretch between two headings in which the fewest texts of the rows below stand."""
    marks = sorted({start, end, *(x for box in body for x in (box.x0, box.x1) if start < x < end)})
    parts = [(sum(box.x0 < (a + b) / 2 < box.x1 for box in body), a - b, (a + b) / 2) for a, b in pairwise(marks)]
    return min(parts)[2] if parts else (start + end) / 2


def _over(heading: Box, children: Sequence[Box], scale: float) -> bool:
    start, end = children[0].x0, children[-1].x1
    slack = max(CENTRED[0] * scale, CENTRED[1] * (end - start))
    return abs(heading.center.x - (start + end) / 2) < slack
