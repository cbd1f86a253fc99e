"""Short rules under a heading over narrow columns (科目编码 over 类 款 项), in tables without vertical rules.

Nothing crosses them, as nothing crosses a stroke; but they lie between two rules of a table, text above and below.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.elements import Box, Rule
from extractor.geometry import overlap

# All lengths are text heights.
SHORTEST = 2.5  # two narrow columns and the blank between them
LONG = 8.0  # a rule of the table itself
ROOM = 8.0  # from the rule to those of the table above and below at most: rows of three lines, heads of three steps
MIDDLE = 0.8  # by which the heading's middle misses the rule's
PAST = 0.3  # a text reaches past the rule's ends
CLEAR = 0.15  # of a text line's height: the rule is not in it


def is_heading_rule(rule: Rule, rules: Sequence[Rule], lines: Sequence[Box], scale: float) -> bool:
    """Whether a level rule parts a heading from the columns under it; lines: boxes of text; all in pixels."""
    if not rule.horizontal or rule.end - rule.start < SHORTEST * scale:
        return False
    over = [
        other.at for other in rules
        if other.horizontal and other.end - other.start > max(LONG * scale, 2 * (rule.end - rule.start))
        and overlap(rule.start, rule.end, other.start, other.end) > 0.8 * (rule.end - rule.start)
    ]
    upper = max((at for at in over if scale < rule.at - at < ROOM * scale), default=None)
    lower = min((at for at in over if scale < at - rule.at < ROOM * scale), default=None)
    if upper is None or lower is None or any(abs(at - rule.at) <= scale for at in over):
        return False
    if any(
        not other.horizontal and rule.start - scale < other.at < rule.end + scale
        and overlap(other.start, other.end, upper, lower) > scale
        for other in rules
    ):
        return False
    near = [line for line in lines if overlap(rule.start, rule.end, line.x0, line.x1) > 0]
    above = [line for line in near if upper < line.center.y < rule.at]
    below = [line for line in near if rule.at < line.center.y < lower]
    inside = all(
        rule.start - PAST * scale < line.x0 and line.x1 < rule.end + PAST * scale
        and not line.y0 + CLEAR * line.height < rule.at < line.y1 - CLEAR * line.height
        for line in above + below
    )
    return inside and len(above) == 1 and len(below) > 0 and (
        abs(above[0].center.x - (rule.start + rule.end) / 2) < MIDDLE * scale
    )
