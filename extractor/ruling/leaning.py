"""Strokes that lean or bend: a black seal's sides and ring, where a pen crosses them, taken for short rules.

A fax or a grey scan prints seals as black as the page's own rules. Where such a stroke runs nearly upright or level it
is as straight as a border for a few text heights, and seems to end there. It does not end: it goes on beside the
rule's own track, where a border's neighbours are blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from extractor.elements import Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

LONGEST = 8.0  # text heights: leaning strokes leave no longer pieces on a straight track
BEYOND = 1.2  # text heights past a piece's ends where its stroke must go on; strokes of characters are shorter
LEANS = tuple(k / 100 for k in range(-30, 31, 2))  # slope of the stroke at the middle of its piece
BENDS = (-0.12, -0.08, -0.05, -0.03, -0.015, 0.0, 0.015, 0.03, 0.05, 0.08, 0.12)  # half of 1 / radius in text heights
INKED = 0.75  # share of the stroke that must be ink, and of what lies past each end where it goes on
STRAIGHT = 0.5  # share of what lies straight past the same end: a border that goes on there is one
NEXT = 0.4  # text heights past the end: so near the stroke goes on, too
MEETING = 0.25  # text heights: a rule that ends so near a longer one, LEAST text heights at least, ends at it
LEAST = 4.0
AS_THICK = 0.6  # of such a rule: a cell's side is
ASIDE = 0.1  # text heights beside the rule's own ink: so far off its track the stroke must have gone


def drop_leaning(rules: Sequence[Rule], mask: Picture, scale: float) -> list[Rule]:
    """Rules without the pieces of leaning and bent strokes. mask: 1 where ink is; scale: text height; all in pixels."""
    turned = mask.T
    return [
        rule for rule in rules
        if rule.end - rule.start > LONGEST * scale
        or not _leans(rule, mask if not rule.horizontal else turned, scale, twice=_meets_both(rule, rules, scale))
    ]


def _meets_both(rule: Rule, rules: Sequence[Rule], scale: float) -> bool:
    """Whether a rule goes exactly from one longer crossing rule to another, as a cell's side does.

    Of a leaning stroke only the few columns that are whole make its piece: that is thinner than a table's rules are.
    A thick ring's are not, and where they leave it, a rule that crosses there makes them end at it.
    """
    crossing = [
        other for other in rules
        if other.horizontal != rule.horizontal and other.start - scale < rule.at < other.end + scale
        and other.end - other.start > max(LEAST * scale, rule.end - rule.start)
        and rule.thickness > AS_THICK * other.thickness
    ]
    return all(
        any(abs(other.at - end) < MEETING * scale + other.thickness / 2 for other in crossing)
        for end in (rule.start, rule.end)
    )


@cache
def _curves() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    lean, bend = np.meshgrid(LEANS, BENDS)
    return lean.ravel(), bend.ravel()


def _leans(rule: Rule, mask: Picture, scale: float, *, twice: bool) -> bool:
    """Whether the ink of an upright rule goes on past one of its ends beside its track, and not straight on there.

    twice: it must do so past both, as one stroke. Beside one end of a cell's side text may stand so.
    """
    past = round(BEYOND * scale)
    start, end = round(rule.start), round(rule.end)
    rows = np.arange(max(0, start - past), min(mask.shape[0], end + past))
    if len(rows) < end - start + past:
        return False
    lean, bend = _curves()
    along = rows - (start + end) / 2
    shifts = lean[:, None] * along + bend[:, None] * along**2 / scale
    columns = np.rint(rule.at - 0.5 + shifts).astype(np.int64)
    columns = columns.clip(1, mask.shape[1] - 2)
    inked = (mask[rows, columns - 1] | mask[rows, columns] | mask[rows, columns + 1]) > 0
    straight = mask[rows, max(0, round(rule.at - 0.5) - 1) : round(rule.at - 0.5) + 2].max(axis=1) > 0
    own = (rows >= start) & (rows < end)
    far = np.abs(shifts) > rule.thickness / 2 + ASIDE * scale
    whole = inked[:, own].mean(axis=1) > INKED
    gone: list[NDArray[np.bool_]] = []
    for beyond in (rows < start, rows >= end):
        if beyond.sum() < past or straight[beyond].mean() > STRAIGHT:
            continue
        # What touches nothing of the piece is text above or below the table.
        first = beyond & (rows >= start - NEXT * scale) & (rows < end + NEXT * scale)
        near = inked[:, first].mean(axis=1) > INKED
        aside = (far & beyond).sum(axis=1) > past / 2
        gone.append(whole & near & aside & (inked[:, beyond].mean(axis=1) > INKED))
    if twice:
        return len(gone) == 2 and bool((gone[0] & gone[1]).any())
    return any(bool(one.any()) for one in gone)
