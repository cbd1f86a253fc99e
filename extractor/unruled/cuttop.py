"""The first rows of a page whose table began on the page before, inside cells that span rows: no rule stands over them.

Such cells have rules beside them only, and where a page begins some printers draw none. The rules that reach from the
table's one side into it would be tables of their own, without what stands beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from extractor.elements import Box
from extractor.geometry import misalignment, overlap
from extractor.unruled.openrules import LONG, NARROW, PAST, SIDE, Level

PARTIAL = 2  # such rules under each other at least
FAR = 8.0  # text heights between them at most
NEAR = 1.2  # text heights between the lines over the first of them at most
TEXTS = 2  # side by side over the first of them at least
BESIDE = 0.2  # of its height: what two lines beside each other have in common at least
ALIKE = 0.35  # text heights by which such a text misses the side, or the middle, of one below it


def with_cut_top(levels: Sequence[Level], lines: Sequence[Box], scale: float) -> list[Level]:
    """The levels of a page, top to bottom, with one over the first rows where a table goes on from the page before.

    The page's first rules all end at one side of the first whole rule under them and begin at different heights inside
    it, each where cells begin; texts stand beside them and, set as those below, over the first of them.
    """
    reach = min((_left(level) for level in levels), default=0.0)
    whole = next((k for k, level in enumerate(levels) if _left(level) < reach + SIDE * scale), 0)
    partial, last = levels[:whole], levels[whole : whole + 1]
    if len(partial) < PARTIAL or any(len(level.parts) != 1 for level in (*partial, *last)):
        return list(levels)
    ((x0, x1),), starts = last[0].parts, [_left(level) for level in partial]
    if (
        x1 - x0 < LONG * scale or min(starts) < x0 + NARROW * scale
        or any(abs(level.parts[0][1] - x1) > SIDE * scale for level in partial)
        or any(b.at - a.at > FAR * scale for a, b in pairwise([*partial, *last]))
    ):
        return list(levels)
    inside = [line for line in lines if line.center.y < last[0].at and x0 < line.center.x < x1]
    over = _lowest([line for line in inside if line.center.y < partial[0].at], partial[0].at, scale)
    below = [line for line in inside if line.center.y > partial[0].at]
    first = [line for line in over if line.center.x > starts[0]]
    beside = [line for line in (*over, *below) if line.center.x < min(starts)]
    side_by_side = sum(
        not any(overlap(a.x0, a.x1, b.x0, b.x1) > 0 for b in first[:k]) for k, a in enumerate(first)
    )
    if (
        not beside or side_by_side < TEXTS
        or any(_stands_across(line, starts, (*over, *below), scale) for line in (*over, *below))
        or not all(
            any(misalignment(one.x0, one.x1, other.x0, other.x1) < ALIKE * scale for other in below) for one in first
        )
    ):
        return list(levels)
    room = max(0.0, partial[0].at - max(line.y1 for line in over))
    return [Level(min(line.y0 for line in over) - room, ((x0, x1),)), *levels]


def _left(level: Level) -> float:
    return level.parts[0][0]


def _stands_across(line: Box, starts: Sequence[float], lines: Sequence[Box], scale: float) -> bool:
    """Whether a line alone on its height, as a title is, goes on over where a rule begins."""
    across = any(line.x0 < x - PAST * scale and x + PAST * scale < line.x1 for x in starts)
    return across and not any(
        other != line and overlap(line.y0, line.y1, other.y0, other.y1) > BESIDE * line.height for other in lines
    )


def _lowest(lines: Sequence[Box], at: float, scale: float) -> list[Box]:
    """The lines over a height, from the lowest up, until one stands clear of those below it."""
    out: list[Box] = []
    for line in sorted(lines, key=lambda line: -line.y1):
        if min((other.y0 for other in out), default=at) - line.y1 > NEAR * scale:
            break
        out.append(line)
    return out
