"""Heads of two steps whose headings are all set at the top of their cells, where no rule shows the steps.

There a heading of both steps stands beside those over several columns, and nothing under it. So in a head each heading
of the upper step has no text under it or several, around its middle; over the rows of a table it has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from extractor.elements import Box
from extractor.geometry import union
from extractor.unruled.headlevels import NEAR, Head, clearest, stands_over
from extractor.unruled.openrules import Run
from extractor.unruled.textrows import TextRow, blocks_of

STEPS = 2
LEAST = 2  # texts under a heading over several columns
HEADINGS = 3  # in the upper step at least: rows of two texts are common in a table


def find_head_at_top(rows: Sequence[TextRow], x0: float, x1: float, scale: float) -> Head | None:
    """The head that a table's first two rows make, if its headings stand so; x0, x1: the table's sides."""
    if len(rows) <= STEPS or rows[1].box.y0 - rows[0].box.y1 > NEAR * scale:
        return None
    over = [union(block) for block in blocks_of(rows[0].boxes)]
    under = [union(block) for block in blocks_of(rows[1].boxes)]
    dealt = _dealt(over, under, scale)
    if len(over) < HEADINGS or dealt is None or all(dealt) or not any(dealt):
        return None
    body = [box for row in rows[STEPS:] for box in row.boxes]
    parts: list[Run] = []
    taken = 0
    stretches = [(bool(count), list(group)) for count, group in groupby(range(len(over)), lambda k: dealt[k] > 0)]
    for several, headings in stretches:
        if not several:
            continue
        first, taken = taken, taken + sum(dealt[k] for k in headings)
        left, right = headings[0] - 1, headings[-1] + 1
        start, end = under[first].x0, under[taken - 1].x1
        parts.append((
            x0 if left < 0 else clearest(over[left].x1, min(start, over[left + 1].x0), body),
            x1 if right == len(over) else clearest(max(end, over[right - 1].x1), over[right].x0, body),
        ))
    return Head(rows[0], rows[1], tuple(parts), STEPS)


def _dealt(over: Sequence[Box], under: Sequence[Box], scale: float) -> list[int] | None:
    """How many of the texts below, left to right, each heading stands over the middle of: none or several."""
    if not over:
        return None if under else []
    heading, *rest = over
    for count in (0, *range(LEAST, len(under) + 1)):
        if not count and under and under[0].x0 < heading.x1:
            continue
        if count and ((rest and under[count - 1].x1 > rest[0].x0) or not stands_over(heading, under[:count], scale)):
            continue
        more = _dealt(rest, under[count:], scale)
        if more is not None:
            return [count, *more]
    return None
