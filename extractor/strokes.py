"""Strokes of characters that go from rule to rule, as a border does: text that stands on its row's lower rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from extractor.elements import Box, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

ONE_LINE = 1.3  # heights of a text line: an upright rule no longer than this may be a stroke of it
ON_TRACK = 0.25  # text heights: rules this near across are on one track
ENDS = 0.2  # text heights at both ends of a rule: those it meets lie there
BAR = 0.2  # text heights: ink goes so far out on both sides of a stroke that it crosses


def drop_crossed(rules: Sequence[Rule], lines: Sequence[Box], mask: Picture, scale: float) -> list[Rule]:
    """Rules without upright strokes that another stroke crosses, as in 计 and 中. mask: 1 where ink is.

    Low rows are filled by their text, whose strokes then meet the rules above and below exactly. But text stands
    beside a border, not across it. A rule on whose track another one runs that no text line holds is a column's.
    """
    holders = {rule: _holder(rule, lines) for rule in rules if not rule.horizontal}
    tracks = [rule.at for rule, line in holders.items() if line is None]
    return [
        rule for rule in rules
        if (line := holders.get(rule)) is None
        or any(abs(at - rule.at) < ON_TRACK * scale for at in tracks)
        or not _is_crossed(rule, line, rules, mask, scale)
    ]


def _holder(rule: Rule, lines: Sequence[Box]) -> Box | None:
    """The text line that an upright rule runs through, and is hardly longer than the line is high."""
    middle = (rule.start + rule.end) / 2
    return next((
        line for line in lines
        if line.x0 < rule.at < line.x1 and line.y0 < middle < line.y1
        and rule.end - rule.start <= ONE_LINE * line.height
    ), None)


def _is_crossed(rule: Rule, line: Box, rules: Sequence[Rule], mask: Picture, scale: float) -> bool:
    """Whether at some height ink other than a level rule's goes out unbroken on both sides of an upright rule."""
    out = rule.thickness / 2 + BAR * scale
    ends = ENDS * scale
    x0, x1 = round(rule.at - out), round(rule.at + out)
    y0, y1 = max(0, round(rule.start + ends)), round(rule.end - ends)
    if x0 < 0 or x1 > mask.shape[1] or y1 <= y0:
        return False
    crossed: NDArray[np.bool_] = mask[y0:y1, x0:x1].min(axis=1) > 0
    for other in rules:
        if other.horizontal and other.start < rule.at < other.end and other.end - other.start > ONE_LINE * line.height:
            crossed[max(0, round(other.at - ends) - y0) : max(0, round(other.at + ends) - y0)] = False
    return bool(crossed.any())
