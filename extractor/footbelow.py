"""The last row of a table that a page's end cuts: what should be the rule under it is missing, or ends before it.

A row whose label stands for the next page's rows too has a rule under its other cells only, and some printers draw
none at a page's end. Without a level there the row would be lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from extractor.elements import Box
from extractor.openrules import Level

ALIKE = 0.35  # text heights by which a text misses the side, or the middle, of those over it
TEXTS = 3  # side by side in such a row at least
OVER = 2  # of them over the part of a rule
SHARE = 0.4  # of the table's width: such a part is longer
SIDE = 1.2  # text heights: a rule that ends so near the table's side reaches it
RIM = 0.2  # text heights by which a line's box may reach over the rule under it
ROWS, USUAL = 4, 4  # levels of a table that tells how its texts are set; rows that tell how high one is
TALLER = 1.3  # times the table's usual row: such a row and what stands under its text are no higher
CLEAR = 1.0  # of a row: so much below it nothing stands


def with_row_below(
    levels: Sequence[Level], partial: Sequence[Level], lines: Sequence[Box], x0: float, x1: float, scale: float
) -> list[Level]:
    """The levels of a table, with one below its last row where no rule or only part of one is drawn there.

    partial: other levels. The row's texts stand over a rule that reaches to one of the table's sides, or each is set as
    some text over it is; nothing follows right below.
    """
    heights = [b.at - a.at for a, b in pairwise(levels)]
    last, usual = levels[-1].at, median(heights[-USUAL:])
    below = sorted((line for line in lines if line.center.y > last and x0 < line.center.x < x1), key=lambda b: b.y0)
    row = [line for line in below if line.center.y < below[0].y1]
    if len(row) < TEXTS:
        return list(levels)
    foot = max(line.y1 for line in row)
    end = foot + max(0.0, min(line.y0 for line in row) - last)
    rule = next((level for level in partial if foot - RIM * scale < level.at < last + TALLER * usual), None)
    clear = not any(line not in row and line.center.y < end + CLEAR * usual for line in below)
    if rule is not None:
        start, stop = rule.parts[0][0], rule.parts[-1][1]
        at_side = start < x0 + SIDE * scale or stop > x1 - SIDE * scale
        over = sum(start < line.center.x < stop for line in row)
        found = at_side and stop - start > SHARE * (x1 - x0) and over >= OVER
        return [*levels, Level(rule.at, ((x0, x1),))] if found and clear else list(levels)
    table = [line for line in lines if levels[0].at < line.center.y < last]
    alike = all(any(_set_alike(one, other, scale) for other in table) for one in row)
    fits = len(levels) >= ROWS and end - last < TALLER * usual
    return [*levels, Level(end, ((x0, x1),))] if fits and alike and clear else list(levels)


def _set_alike(one: Box, other: Box, scale: float) -> bool:
    ends = one.x0 - other.x0, one.x1 - other.x1, one.center.x - other.center.x
    return min(map(abs, ends)) < ALIKE * scale
