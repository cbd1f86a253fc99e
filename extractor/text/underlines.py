"""Rules that underline words of a text page: no border, however near a table they lie."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.elements import Rule, TextLine

# All lengths are heights of the underlined line.
_END = 0.3  # an underline ends so near where its words do
_ABOVE, _BELOW = 0.3, 0.35  # and stands so far above or below the foot of their line
_MEETS = 0.15  # an upright so near an end of the rule makes a cell of it


def without_underlines(rules: Sequence[Rule], lines: Sequence[TextLine]) -> tuple[Rule, ...]:
    """The rules but for those that are as wide as the line of text right above them and meet no upright at their ends.

    rules, lines: one frame, any unit.
    """
    uprights = [rule for rule in rules if not rule.horizontal]
    return tuple(rule for rule in rules if not any(_underlines(rule, line, uprights) for line in lines))


def _underlines(rule: Rule, line: TextLine, uprights: Sequence[Rule]) -> bool:
    box, em = line.box, line.box.height
    if not rule.horizontal or not box.y1 - _ABOVE * em < rule.at < box.y1 + _BELOW * em:
        return False
    if abs(rule.start - box.x0) > _END * em or abs(rule.end - box.x1) > _END * em:
        return False
    near = _MEETS * em
    return not any(
        min(abs(upright.at - rule.start), abs(upright.at - rule.end)) < near
        and upright.start - near < rule.at < upright.end + near
        for upright in uprights
    )
