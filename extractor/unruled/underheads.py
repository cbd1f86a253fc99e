"""Tables that rules part only around their head: the rows under it are found as those of a table without any rule.

Of such a table (三线表) two rules stand above and below the head. The one at its foot may be missing, because the table
goes on over the page, or the rows over it may be divided by labels that stand beside several of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from extractor.elements import Box
from extractor.geometry import intersection, overlap
from extractor.unruled.borderless import solve_open
from extractor.unruled.headlevels import head_borders
from extractor.unruled.openrows import OpenGrid, OpenRows, RunsOf
from extractor.unruled.openrules import Level
from extractor.unruled.textrows import text_rows

MOST = 3  # levels that stand around such a head
NEAR = 3.2  # text heights: so far under the head its first row begins at most
WIDE = 0.6  # share of the head's width that the rows under it take up at least
RIM = 0.5  # text heights above the head's lower rule that are free
WITHIN = 1.5  # text heights by which they reach out of it at its sides


def with_bodies(
    opened: Sequence[OpenGrid], find_bare: Callable[[Sequence[Box]], list[OpenGrid]], runs: RunsOf
) -> tuple[list[OpenGrid], list[OpenGrid]]:
    """Tables with horizontal rules, each with the rows that stand under its head, and those without any rule.

    find_bare: finds tables without rules outside given boxes.
    """
    heads = [_head(one) for one in opened]
    bare = find_bare([one.grid.box if head is None else _box(head) for one, head in zip(opened, heads, strict=True)])
    out: list[OpenGrid] = []
    used: list[OpenGrid] = []
    for one, head in zip(opened, heads, strict=True):
        body = next((b for b in bare if head is not None and b not in used and _is_under(b, head, opened)), None)
        whole = None if head is None or body is None or body.rows is None else _joined(head, body, runs)
        if whole is None or body is None:
            out.append(one)
        else:
            used.append(body)
            out.append(whole)
    free = [one for one in bare if not any(one is body for body in used)]
    return out, [one for one in free if not any(intersection(one.grid.box, o.grid.box) for o in out)]


def _head(one: OpenGrid) -> OpenRows | None:
    """What is seen of a table's head, if rows of it may stand below that, parted by no rule."""
    if one.rows is None:
        return None
    count = len(one.rows.strips) - one.undivided
    if not 1 <= count < MOST or any(level.covers(one.rows.x0, one.rows.x1) < WIDE for level in one.rows.levels):
        return None
    return _upper(one.rows, count)


def _upper(rows: OpenRows, count: int) -> OpenRows:
    """The first rows of what was seen."""
    foot = rows.levels[count].at
    return replace(
        rows, levels=rows.levels[: count + 1], strips=rows.strips[:count], steps=rows.steps[:count],
        lines=tuple(line for line in rows.lines if line.center.y < foot),
    )


def _box(rows: OpenRows) -> Box:
    """What no row under a head takes: the rim of its first one may lie on the rule."""
    return Box(rows.x0, rows.ys[0], rows.x1, rows.ys[-1] - RIM * rows.scale)


def _is_under(body: OpenGrid, head: OpenRows, opened: Sequence[OpenGrid]) -> bool:
    """Whether a table stands right under a head and within its sides, and no other begins between."""
    box, foot = body.grid.box, head.ys[-1]
    near = -head.scale < box.y0 - foot < NEAR * head.scale
    inside = box.x0 > head.x0 - WITHIN * head.scale and box.x1 < head.x1 + WITHIN * head.scale
    between = any(foot < one.grid.box.y0 < box.y0 for one in opened)
    return near and inside and overlap(box.x0, box.x1, head.x0, head.x1) > WIDE * (head.x1 - head.x0) and not between


def _joined(head: OpenRows, body: OpenGrid, runs: RunsOf) -> OpenGrid | None:
    """The table of a head and the rows under it, if both can be divided into columns together."""
    under = body.rows
    if under is None:
        return None
    x0, x1 = min(head.x0, under.x0), max(head.x1, under.x1)
    upper = head.levels
    if len(upper) == 2:
        inner = head_borders(text_rows(head.lines, head.scale), under.lines, x0, x1, head.scale)
        upper = (upper[0], *(Level(one.at, one.parts, supposed=True) for one in inner), upper[1])
    strips = (tuple(runs(Box(x0, a.at, x1, b.at))) for a, b in pairwise(upper)) if len(upper) > 2 else head.strips
    steps = head.steps if upper is head.levels else tuple(() for _ in upper[1:])
    levels = (*upper, *(_widened(level, under, x0, x1) for level in under.levels[1:]))
    rows = OpenRows(
        x0, x1, levels, (*strips, *under.strips), (*steps, *under.steps), (*head.lines, *under.lines), head.scale
    )
    solved = solve_open([rows])
    if not solved or solved[0].n_cols < body.grid.n_cols:
        return None
    return OpenGrid(replace(solved[0], structure="few_rules"), rows)


def _widened(level: Level, under: OpenRows, x0: float, x1: float) -> Level:
    """A level supposed between rows, from side to side of the whole table where it was from side to side of theirs."""
    ends = {under.x0: x0, under.x1: x1}
    return replace(level, parts=tuple((ends.get(a, a), ends.get(b, b)) for a, b in level.parts))
