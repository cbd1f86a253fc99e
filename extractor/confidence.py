"""Every confidence formula, and nothing else. First form: reasoned, not yet calibrated.

A cell is right when its text and its place are both right, so its confidence is the product of the two.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from extractor.elements import TextEvidence
from extractor.evidence import Evidence

MOST_ON_SCAN = 0.9995  # nothing read from a picture is certain
EXACT_TEXT = 0.9995  # a trusted text layer is what the publisher wrote, but character maps can lie
BLANK = 0.999  # a cell without any ink
INK_SEEN = 0.0005  # share of a cell's inner area that specks alone rarely ink
UNREAD = 0.5  # a cell with a mark large enough to be text, in which the recogniser read nothing
HELD = 20.0  # how much likelier a right number keeps a sum than a wrong one
BROKEN = 0.4  # how much likelier a right number is in a failed sum than a wrong one
BLAMED = 0.05  # the same where no other number explains the failure
SHARPEN = 0.9  # characters are not read independently: the product of their posteriors is too low


@dataclass(frozen=True, slots=True)
class Belief:
    """Probability that a cell's text is right, that its place is right, and both; `checks`: both, given its sums."""

    text: float
    place: float
    checks: float | None = None

    @property
    def both(self) -> float:
        """The sums speak of the number as a whole; without them, text and place must both be right."""
        return self.text * self.place if self.checks is None else self.checks


def cell_confidence(place: float, evidence: TextEvidence, text: str) -> Belief:
    """A cell's belief from its grid's evidence (`place`, 0..1) and its reading's."""
    return Belief(_text(evidence, text), min(MOST_ON_SCAN, place))


def with_sums(belief: Belief, seen: Evidence | None, corrected: float | None = None) -> Belief:
    """The belief in a number that takes part in sums, by Bayes' rule on the odds that text and place are right.

    A wrong number keeps a sum by chance only; a right one can be in a failed sum through a neighbour's fault.
    `corrected`: the odds, by the pixels, of a text that sums put for the one read (None: it is as read).
    """
    if corrected is not None:
        belief = Belief(belief.text * corrected / (1.0 + corrected), belief.place)
    if seen is None:
        return belief
    prior = min(max(belief.text * belief.place, 1e-4), MOST_ON_SCAN)
    odds = prior / (1.0 - prior)
    odds *= HELD ** min(seen.held, 2) * (BLAMED if seen.alone else BROKEN ** min(seen.failed, 2))
    return Belief(belief.text, belief.place, min(MOST_ON_SCAN, odds / (1.0 + odds)))


def _text(evidence: TextEvidence, text: str) -> float:
    if evidence.exact:
        return EXACT_TEXT * (1.0 if evidence.weakest is None else evidence.weakest)
    if not text:
        # Ink that nobody could read makes emptiness doubtful, the more of it the more.
        blank = BLANK if evidence.ink < INK_SEEN else max(0.1, BLANK - 40.0 * evidence.ink)
        return blank if evidence.coverage > 0 else min(UNREAD, blank)
    posterior = 0.5 if evidence.posterior is None else evidence.posterior
    unread = max(0.0, 1.0 - evidence.coverage)
    return min(MOST_ON_SCAN, math.pow(posterior, SHARPEN) * max(0.05, 1.0 - 1.5 * unread))


def line_confidence(p: float) -> float:
    """Confidence of a line of text outside tables from the product of its character posteriors."""
    return min(MOST_ON_SCAN, math.pow(p, SHARPEN))


def table_confidence(places: Iterable[float]) -> float:
    """Probability that a whole grid is right. Its cells share borders, so the worst places decide."""
    product, worst = 1.0, 1.0
    for place in places:
        product *= place
        worst = min(worst, place)
    # Each inner border is counted by both its cells: the square root takes one of them back.
    return min(MOST_ON_SCAN, worst, max(product, 1e-12) ** 0.5) if worst > 0 else 0.0
