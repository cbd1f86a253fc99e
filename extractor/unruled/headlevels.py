"""Headings in two steps where no rule shows them: one over several columns, beside others that stand at mid-height.

Of a head whose cells are set on their middles, a heading over several columns stands in the upper half, the headings
of these columns in the lower one, and what spans both stands between. So a border runs under the first alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from extractor.elements import Box
from extractor.geometry import median, union
from extractor.unruled.gaps import LETTER, SPACED
from extractor.unruled.openrules import Run
from extractor.unruled.textrows import TextRow, blocks_of, text_rows

# Lengths are text heights.
BANDS = 5  # bands of lines in such a head at most
ABOVE = 2  # of these, above the first full row
NEAR = 1.5  # between a heading over several columns and the row under it
MIDDLE = 0.4  # by which a text misses the middle of the cell that it stands in
WHOLE = 0.3  # by which texts from the head's top to its foot miss its height
LARGER = 1.4  # times as high as the table's usual text: a title
EXACT = 0.4  # by which borders, and headings over several columns, miss their places
FEW = 2  # columns whose borders miss by no more, told one by one from the last
CENTRED = 1.0, 0.2  # by which a heading misses the middle of those under it; the same as a share of their width


@dataclass(frozen=True, slots=True)
class Head:
    """Two rows of headings. parts: stretches of the border between them; bands: how many of the page's it takes up."""

    upper: TextRow
    lower: TextRow
    parts: tuple[Run, ...]
    bands: int
    below: tuple[tuple[Run, tuple[Box, ...]], ...] = ()  # each part with the lines under it

    @property
    def at(self) -> float:
        """The height of the border between the two rows."""
        return (self.upper.box.y1 + min(b.y0 for b in self.lower.boxes if b.center.y > self.upper.box.y1)) / 2


@dataclass(frozen=True, slots=True)
class Border:
    """A border within a head: its height, and the stretches that it runs through."""

    at: float
    parts: tuple[Run, ...]


def find_head(rows: Sequence[TextRow], x0: float, x1: float, scale: float) -> Head | None:
    """The head that a table's first rows make, if its headings stand in two steps; x0, x1: the table's sides."""
    for bands in range(min(BANDS, len(rows) - 1), 0, -1):
        if all(b.box.y0 - a.box.y1 < NEAR * scale for a, b in pairwise(rows[:bands])):
            head = _stepped(rows[:bands], [box for row in rows[bands:] for box in row.boxes], x0, x1, scale)
            if head is not None:
                return head
    return None


def _stepped(
    rows: Sequence[TextRow], body: Sequence[Box], x0: float, x1: float, scale: float, ruled: bool = False
) -> Head | None:
    """ruled: that these bands are a head is known, also without a heading that stands between its steps."""
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
    if not upper or not (across or ruled) or not under:
        return None
    # The detector's boxes differ in height, those of close lines most; what is higher than wide holds several lines.
    large = LARGER * median([b.height for b in (*boxes, *body)])
    if any(b.height > large and b.width > b.height for b in boxes):
        return None
    if max(b.y1 for b in upper) > min(b.y0 for b in lower) + MIDDLE * scale:
        return None
    over = _words([union(block) for block in blocks_of(upper)], scale)
    parts: list[Run] = []
    below: list[tuple[Run, tuple[Box, ...]]] = []
    ends = [(x0, x0), *sorted((b.x0, b.x1) for b in across), (x1, x1)]
    for (_, start), (end, _) in pairwise(ends):
        children = [b for b in under if start <= b.center.x <= end]
        headings = [b for b in over if start <= b.center.x <= end]
        if not children and not headings:
            continue
        if not headings:
            return None
        if not _dealt(headings, children, scale) and not (ruled and _reflected(headings, children, start, end, scale)):
            return None
        first, last = children[0].x0, children[-1].x1
        parts.append((
            start if start == x0 else clearest(start, first, body), end if end == x1 else clearest(last, end, body)
        ))
        below.append((parts[-1], tuple(b for b in lower if start <= b.center.x <= end)))
    return Head(TextRow.of(upper, scale), TextRow.of([*lower, *across], scale), tuple(parts), len(rows), tuple(below))


def head_borders(rows: Sequence[TextRow], body: Sequence[Box], x0: float, x1: float, scale: float) -> list[Border]:
    """The borders within a head that stands in these bands of lines, from the top; none where it is one row.

    body: the lines under it. Headings under one heading may be a head in two steps again.
    """
    head = _stepped(rows, body, x0, x1, scale, True) if rows else None
    if head is None:
        return []
    inner = [
        border for (a, b), children in head.below
        for border in head_borders(text_rows(children, scale), body, a, b, scale)[:1]
    ]
    first = Border(head.at, head.parts)
    if not inner:
        return [first]
    return [first, Border(median([one.at for one in inner]), tuple(part for one in inner for part in one.parts))]


def _words(headings: Sequence[Box], scale: float) -> list[Box]:
    """Headings, left to right, the single characters of a letter-spaced one put together."""
    out: list[Box] = []
    lone: list[bool] = []
    for box in headings:
        single = box.width < LETTER[1] * scale
        if out and single and lone[-1] and box.x0 - out[-1].x1 < SPACED * scale:
            out[-1] = union((out[-1], box))
        else:
            out.append(box)
            lone.append(single)
    return out


def _dealt(headings: Sequence[Box], children: Sequence[Box], scale: float) -> bool:
    """Whether headings, left to right, can each stand over the middle of two or more of those under them."""
    n = len(children)
    for cuts in combinations(range(2, n - 1), len(headings) - 1):
        spans = list(pairwise([0, *cuts, n]))
        if all(b - a > 1 and stands_over(h, children[a:b], scale) for h, (a, b) in zip(headings, spans, strict=True)):
            return True
    return False


def _reflected(headings: Sequence[Box], children: Sequence[Box], start: float, end: float, scale: float) -> bool:
    """Whether headings stand over the middle of columns, each two or more, in whose middles those under them stand.

    start, end: the sides of these columns. Each border is the one before it, reflected at the heading between.
    """
    at = [start]
    for child in children:
        at.append(2 * child.center.x - at[-1])
    # Each place misses by what the one before it does, and by twice its own middle's error.
    slack = EXACT * scale * max(1.0, len(children) / FEW) ** 0.5
    if abs(at[-1] - end) > slack or any(a >= b for a, b in pairwise(at)):
        return False
    first = 0
    for heading in headings:
        over = [j for j in range(first + 2, len(at)) if abs(at[first] + at[j] - 2 * heading.center.x) < slack]
        if not over:
            return False
        first = over[0]
    return first == len(children)


def clearest(start: float, end: float, body: Sequence[Box]) -> float:
    """The middle of the widest stretch between two headings in which the fewest texts of the rows below stand."""
    marks = sorted({start, end, *(x for box in body for x in (box.x0, box.x1) if start < x < end)})
    parts = [(sum(box.x0 < (a + b) / 2 < box.x1 for box in body), a - b, (a + b) / 2) for a, b in pairwise(marks)]
    return min(parts)[2] if parts else (start + end) / 2


def stands_over(heading: Box, children: Sequence[Box], scale: float) -> bool:
    start, end = children[0].x0, children[-1].x1
    slack = max(CENTRED[0] * scale, CENTRED[1] * (end - start))
    return abs(heading.center.x - (start + end) / 2) < slack
