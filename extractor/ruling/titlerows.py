"""Title rows within a table whose sides no rule draws: a row of one cell then meets no upright, so that the rules
above and below it look like two tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from extractor.elements import Box, Grid, Rule, TextLine
from extractor.geometry import median
from extractor.ruling.grid import SAME_POSITION

_HIGHER = 1.3  # the row may be so much higher than the rows of one line around it
_LEAST = 0.8  # of the text height: lower ones hold no line


def bridged(rules: Sequence[Rule], grids: Sequence[Grid], lines: Sequence[TextLine], scale: float) -> list[Rule]:
    """Rules (none of them drawn) that lead from one grid to the next where between them stands a row, no title.

    Both grids are open at both sides and equally wide, and what parts them is no higher than their rows of one line and
    holds exactly one line of their type's size. `scale`: text height, in the unit of the rules.
    """
    found = []
    for above, below in pairwise(sorted(grids, key=lambda grid: grid.box.y0)):
        if not _open_alike(above, below, scale):
            continue
        gap = Box(above.box.x0, above.box.y1, above.box.x1, below.box.y0)
        if not _LEAST * scale <= gap.height <= _HIGHER * min(_low_row(above), _low_row(below)):
            continue
        between = [line for line in lines if gap.y0 < line.box.center.y < gap.y1]
        own = [line for line in between if gap.x0 <= line.box.x0 and line.box.x1 <= gap.x1]
        if len(own) == len(between) == 1 and own[0].box.height <= _HIGHER * scale:
            at = above.xs[1]  # an inner border: the outer sides stay as open as they are
            found.append(Rule(False, at, gap.y0, gap.y1, 0.0))
    return found


def _open_alike(above: Grid, below: Grid, scale: float) -> bool:
    sides = (above.closed[0], above.closed[2], below.closed[0], below.closed[2])
    near = SAME_POSITION * scale
    alike = abs(above.box.x0 - below.box.x0) < near and abs(above.box.x1 - below.box.x1) < near
    return alike and not any(sides) and above.closed[3] and below.closed[1] and min(above.n_cols, below.n_cols) > 1


def _low_row(grid: Grid) -> float:
    """Height of the grid's lower rows: those of one line."""
    heights = sorted(b - a for a, b in pairwise(grid.ys))
    return median(heights[: (len(heights) + 1) // 2])
