"""The last row of a table that a page's end cuts: what should be the rule under it is missing, or ends before it.

A row whose label stands for the next page's rows too has a rule under its other cells only, and some printers draw
none at a page's end. Without a level there the row would be lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from extractor.elements import Box
from extractor.geometry import misalignment
from extractor.unruled.openrules import SIDE, Level, Run

ALIKE = 0.35  # text heights by which a text misses the side, or the middle, of those over it
TEXTS = 3  # side by side in such a row at least
OVER = 2  # of them over the part of a rule
SHARE = 0.4  # of the table's width: such a part is longer
WHOLE = 0.8  # of its width: what covers more is no part of a rule
FAR = 6.0  # text heights between such rules at most
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
    last, usual = levels[-1].at, median([b.at - a.at for a, b in pairwise(levels)][-USUAL:])
    below = sorted((line for line in lines if line.center.y > last and x0 < line.center.x < x1), key=lambda b: b.y0)
    chain = _chain(last, partial, below, (x0, x1), scale)
    if chain:
        foot = chain[-1].at
        start, stop = chain[-1].parts[0][0], chain[-1].parts[-1][1]
        row = [line for line in below if line.center.y < foot]
        follows = any(foot < line.center.y < foot + CLEAR * usual for line in below)
        found = not follows and len(row) >= TEXTS and stop - start > SHARE * (x1 - x0)
        return [*levels, *chain[:-1], Level(foot, ((x0, x1),))] if found else list(levels)
    row = [line for line in below if line.center.y < below[0].y1]
    if len(row) < TEXTS or len(levels) < ROWS:
        return list(levels)
    end = max(line.y1 for line in row) + max(0.0, min(line.y0 for line in row) - last)
    follows = any(line not in row and line.center.y < end + CLEAR * usual for line in below)
    table = [line for line in lines if levels[0].at < line.center.y < last]
    alike = all(
        any(misalignment(one.x0, one.x1, other.x0, other.x1) < ALIKE * scale for other in table) for one in row
    )
    found = alike and not follows and end - last < TALLER * usual
    return [*levels, Level(end, ((x0, x1),))] if found else list(levels)


def _chain(last: float, partial: Sequence[Level], below: Sequence[Box], sides: Run, scale: float) -> list[Level]:
    """The levels under each other, from the last whole one down, that reach to a side, texts side by side on each."""
    out: list[Level] = []
    for level in sorted(partial, key=lambda one: one.at):
        above = out[-1].at if out else last
        if level.at <= above:
            continue
        start, stop = level.parts[0][0], level.parts[-1][1]
        at_side = start < sides[0] + SIDE * scale or stop > sides[1] - SIDE * scale
        on = sum(above < line.center.y < level.at and start < line.center.x < stop for line in below)
        if level.at - above > FAR * scale or not at_side or on < OVER or level.covers(*sides) > WHOLE:
            break
        out.append(level)
    return out
