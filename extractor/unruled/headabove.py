"""Column heads printed above the first rule of a table whose rows are each underlined: they are its first row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from extractor.elements import Box
from extractor.unruled.openrules import Level

_HEADS = 4  # fewer texts side by side may be what stands above any table: office, date, unit
_LOOSER = 1.5  # the heads stand so many times as far above their rule as a row's text at most
_HIGHER = 1.3  # than a row's text: larger ones are titles


def with_head_above(levels: Sequence[Level], lines: Sequence[Box], x0: float, x1: float, scale: float) -> list[Level]:
    """The levels of a table, with one above its heads where these stand over its first rule.

    Only where no other text stands beside the heads, they stand as near to that rule as the rows do to theirs, and
    some row is one line of as many texts, each with one head.
    """
    own = sorted((line for line in lines if x0 - scale < line.center.x < x1 + scale), key=lambda line: line.x0)
    rows = [[line for line in own if a.at < line.center.y < b.at] for a, b in pairwise(levels)]
    above = [line for line in own if line.center.y < levels[0].at]
    lowest = max((line.center.y for line in above), default=0.0)
    heads = [line for line in above if line.y1 > lowest]
    if len(heads) < _HEADS or not _level(heads):
        return list(levels)
    room = levels[0].at - max(head.y1 for head in heads)
    for row, (upper, lower) in zip(rows, pairwise(levels), strict=True):
        if len(row) == len(heads) and _level(row) and _each_under(heads, row):
            near = room <= max(_LOOSER * (lower.at - max(line.y1 for line in row)), 0.5 * scale)
            alike = max(h.height for h in heads) <= _HIGHER * max(line.height for line in row)
            if near and alike:
                floor = max((line.y1 for line in above if line not in heads), default=0.0)
                top = min(max(levels[0].at - (lower.at - upper.at), floor), min(head.y0 for head in heads))
                return [Level(top, ((x0, x1),)), *levels]
    return list(levels)


def _each_under(heads: Sequence[Box], row: Sequence[Box]) -> bool:
    """Whether texts of two rows, from left to right, can stand in the same columns, however they are set there."""
    after = all(cell.center.x < head.x0 for cell, head in zip(row, heads[1:], strict=False))
    return after and all(head.x1 < cell.center.x for head, cell in zip(heads, row[1:], strict=False))


def _level(lines: Sequence[Box]) -> bool:
    """Whether lines stand side by side on one height."""
    middle = sum(line.center.y for line in lines) / len(lines)
    return all(line.y0 < middle < line.y1 for line in lines)
