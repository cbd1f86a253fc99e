"""Strokes of characters that were taken for rules: within a text line, at its rim, or from rule to rule in low rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from extractor.elements import Box, Rule
from extractor.pixels.inked import STROKES
from extractor.ruling.headrules import is_heading_rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

ONE_LINE = 1.3  # heights of a text line: an upright rule no longer than this may be a stroke of it
ON_TRACK = 0.25  # text heights: rules this near across are on one track
ENDS = 0.2  # text heights at both ends of a rule: those it meets lie there
BAR = 0.2  # text heights: ink goes so far out on both sides of a stroke that it crosses
MEETING = 0.15  # text heights: a rule that ends so near those it should meet was drawn to meet them
WHOLE_LINE = 0.95  # of a line's height: strokes of its characters are shorter
STACKED = 0.7  # of an upright rule's length: what lies in the text lines that it is a stroke of
MANY, FILLED = 5, 0.9  # text lines, and share of an upright rule's length in them, where it crosses level rules
ROOM = 0.8  # text heights: a column is wider
INNER = 0.6  # text heights: an upright rule nearer than this to a line's end is no stroke of its characters
LONG = 6.0  # text heights: a longer rule needs no other to be one
WORN = 2.0  # text heights: so much of a rule may be worn off between its pieces
LONGER = 2.0  # times: double rules are alike


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


def drop_strokes(rules: Sequence[Rule], lines: Sequence[Box], scale: float) -> list[Rule]:
    """Rules without strokes of large characters (they lie within a text line) and short ones that meet no other."""
    slack = 0.5 * scale
    kept = []
    for rule in rules:
        if any(_within(rule, line) and not _meets_both(rule, line, rules, scale) for line in lines):
            continue
        if _is_stacked(rule, lines, rules, scale) and not _goes_on(rule, rules, scale, 2 * scale):
            continue
        if any(_holds(line, rule) for line in lines) and _beside_longer(rule, rules, scale):
            continue
        short = rule.end - rule.start <= LONG * scale
        if short and any(
            _at_rim(rule, line) and not _meets_both(rule, line, rules, scale) and not _goes_on(rule, rules, scale)
            for line in lines
        ):
            continue
        if not short:
            kept.append(rule)
            continue
        crossing = sum(
            other.horizontal != rule.horizontal
            and rule.start - slack <= other.at <= rule.end + slack
            and other.start - slack <= rule.at <= other.end + slack
            for other in rules
        )
        if crossing >= 1 or _is_piece(rule, rules, scale) or is_heading_rule(rule, rules, lines, scale):
            kept.append(rule)
    return kept


def _is_piece(rule: Rule, rules: Sequence[Rule], scale: float) -> bool:
    """Whether a short rule is what wear left of a long level one: it lies on its track, close to its end."""
    return rule.horizontal and any(
        other.horizontal and other is not rule and abs(other.at - rule.at) < ON_TRACK * scale
        and other.end - other.start > LONG * scale
        and 0 <= max(other.start - rule.end, rule.start - other.end) < WORN * scale
        for other in rules
    )


def _meets_both(rule: Rule, line: Box, rules: Sequence[Rule], scale: float) -> bool:
    """Whether a rule in a text line goes exactly from one long crossing rule to another, as no stroke does.

    In a low row the detector draws the text of two cells as one line, as high as the row. Strokes of a bold
    title meet too, but none of them is as long as the title is high.
    """
    ends = [False, False]
    long = max(STROKES * scale, WHOLE_LINE * line.height)
    for other in rules:
        if other.horizontal != rule.horizontal and other.end - other.start > long:
            passes = other.start - MEETING * scale < rule.at < other.end + MEETING * scale
            for k, end in enumerate((rule.start, rule.end)):
                ends[k] |= passes and abs(other.at - end) < MEETING * scale + other.thickness / 2
    return all(ends)


def _is_stacked(rule: Rule, lines: Sequence[Box], rules: Sequence[Rule], scale: float) -> bool:
    """Whether an upright rule is one stroke of several lines: 目标 stands at the same place of each, and they blur.

    Within one row of the table it goes through nothing but text lines, two at least, which all go on at both sides.
    Where rows are full of text, strokes stand so over more than one; then it takes MANY lines with hardly a gap.
    """
    if rule.horizontal:
        return False
    one_row = not any(
        other.horizontal and other.start < rule.at < other.end and rule.start + scale < other.at < rule.end - scale
        for other in rules
    )
    through = [
        min(rule.end, line.y1) - max(rule.start, line.y0) for line in lines
        if line.x0 + INNER * scale < rule.at < line.x1 - INNER * scale
        and rule.start - 0.5 * scale < (line.y0 + line.y1) / 2 < rule.end + 0.5 * scale
    ]
    least, share = (2, STACKED) if one_row else (MANY, FILLED)
    return len(through) >= least and sum(through) > share * (rule.end - rule.start)


def _holds(line: Box, rule: Rule) -> bool:
    """Whether an upright rule runs through a text line."""
    return not rule.horizontal and line.x0 < rule.at < line.x1 and rule.start < line.y1 and line.y0 < rule.end


def _beside_longer(rule: Rule, rules: Sequence[Rule], scale: float) -> bool:
    """Whether a rule is the stroke of a cell's first character: no text has room between it and a longer one."""
    return any(
        other.horizontal == rule.horizontal and abs(other.at - rule.at) < ROOM * scale
        and other.end - other.start > LONGER * (rule.end - rule.start)
        and other.start - scale < rule.start and rule.end < other.end + scale
        for other in rules if other is not rule
    )


def _at_rim(rule: Rule, line: Box) -> bool:
    """Whether a level rule lies at the foot or head of a text line and ends inside it: the feet of 区医 are one run."""
    rim = 0.3 * line.height  # detectors draw a line's box now and then as high as its smaller characters
    if not rule.horizontal or not (line.x0 + rim < rule.start and rule.end < line.x1 - rim):
        return False
    return min(abs(rule.at - line.y0), abs(rule.at - line.y1)) < rim


def _goes_on(rule: Rule, rules: Sequence[Rule], scale: float, gap: float = math.inf) -> bool:
    """Whether another rule lies on the same track, no further off than a gap in pixels: a worn rule's pieces."""
    return any(
        other is not rule and other.horizontal == rule.horizontal and abs(other.at - rule.at) < ON_TRACK * scale
        and max(other.start - rule.end, rule.start - other.end) < gap
        for other in rules
    )


def _within(rule: Rule, line: Box) -> bool:
    """Whether a rule lies in the inner part of a text line's box, as a stroke does."""
    rim = 0.15 * line.height
    if rule.horizontal:
        return line.y0 + rim < rule.at < line.y1 - rim and rule.start > line.x0 - rim and rule.end < line.x1 + rim
    return line.x0 < rule.at < line.x1 and rule.start > line.y0 - rim and rule.end < line.y1 + rim
