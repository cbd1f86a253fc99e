"""Rules that go on through ink taken for characters.

Characters are taken off before rules are looked for. Where a rule is worn to pieces, a piece with text stuck to it, or
one with a crossing rule's stump, is as small and full as a character and goes with them. A rule of a table ends
at another one, so where one ends within a cell, what was taken off is looked at again: if it is dark on that rule's
very track up to the next rule, the rule goes on there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from extractor.pixels.inked import track_at

if TYPE_CHECKING:
    from extractor.elements import Picture, Rule

LEAST = 2.5  # text heights: a shorter run may be a stroke that fills a low row
ENDED = 0.25  # text heights: a rule that stops so near another one ends there
MISSES = 0.6  # text heights: a crossing rule may itself be worn so far where the two should meet
ON_TRACK = 0.25  # text heights: pieces this near across are on one track
FARTHEST = 8.0  # text heights: a longer stretch of text beside a rule could hold any row of strokes
SHOWN = 0.75  # share of the stretch that must be dark; strokes in a row with nothing between them are less
STROKE, WORDS = 0.75, 2.0  # text heights: what ends so little past a crossing rule may be a stroke, before so much text
NEAR = 1.2  # text heights: of a dashed rule so much goes where it crosses another one; it has no room for text
SHOWN_NEAR = 0.4  # the same there: dashes are darker


def resumed(
    seen: Picture, hidden: Picture, own: Sequence[Rule], crossing: Sequence[Rule], scale: float
) -> Picture | None:
    """What hidden ink adds to level rules, 0 or 1; None where it adds nothing.

    seen, hidden: ridge pixels (0 or 1) of level rules, and those taken off with characters. own: the level rules in
    `seen`, crossing: the upright ones, in pixels (for upright rules all is handed in transposed). scale: text height.
    """
    whole = seen | hidden
    added: Picture | None = None
    for rule in own:
        if rule.end - rule.start < LEAST * scale or not _meeting(rule, crossing, 0.0):
            continue
        for after in (True, False):
            stretch = _missing(rule, own, crossing, scale, after=after)
            if stretch is None:
                continue
            start, end = stretch
            top, track = track_at(whole, rule.at, start, end, scale)
            shown = SHOWN if end - start > NEAR * scale else SHOWN_NEAR
            if not len(track) or track.mean() < shown:
                continue
            part = (slice(top, top + 3), slice(max(0, round(start)), max(0, round(end))))
            if not seen[part].max(axis=0).all():
                added = hidden & 0 if added is None else added
                added[part] = whole[part]
                added[top + 1, part[1]] = 1
    return added


def _missing(
    rule: Rule, own: Sequence[Rule], crossing: Sequence[Rule], scale: float, *, after: bool
) -> tuple[float, float] | None:
    """From where a rule stops within a cell to the next one it should reach; None where it ends at a rule."""
    meeting = _meeting(rule, crossing, MISSES * scale)
    here = rule.end if after else rule.start
    if any(abs(other.at - here) < ENDED * scale + other.thickness / 2 for other in meeting):
        return None
    ahead = [other.at for other in meeting]
    ahead += [
        piece.start if after else piece.end for piece in own
        if piece is not rule and abs(piece.at - rule.at) < ON_TRACK * scale
    ]
    ahead = [at for at in ahead if (at > here if after else at < here)]
    if not ahead:
        return None
    there = min(ahead) if after else max(ahead)
    if abs(there - here) > min(FARTHEST * scale, rule.end - rule.start):
        return None
    past = min((abs(other.at - here) for other in meeting if rule.start < other.at < rule.end), default=STROKE * scale)
    if past < STROKE * scale and abs(there - here) > WORDS * scale:
        return None
    return (here, there) if after else (there, here)


def _meeting(rule: Rule, crossing: Sequence[Rule], slack: float) -> list[Rule]:
    """Crossing rules on whose length a rule's track lies."""
    return [other for other in crossing if other.start - slack <= rule.at <= other.end + slack]
