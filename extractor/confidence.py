"""Every confidence formula, and nothing else. First form: reasoned, not yet calibrated.

A cell is right when its text and its place are both right, so its confidence is the product of the two.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from extractor.elements import TextEvidence

MOST_ON_SCAN = 0.9995  # nothing read from a picture is certain
EXACT_TEXT = 0.9995  # a trusted text layer is what the publisher wrote, but character maps can lie
BLANK = 0.999  # a cell without any ink
INK_SEEN = 0.0005  # share of a cell's inner area that specks alone rarely ink
UNREAD = 0.5  # a cell with a mark large enough to be text, in which the recogniser read nothing
SHARPEN = 0.9  # characters are not read independently: the product of their posteriors is too low


@dataclass(frozen=True, slots=True)
class Belief:
    """Probability that a cell's text is right, that its place is right, and both."""

    text: float
    place: float

    @property
    def both(self) -> float:
        return self.text * self.place


def cell_confidence(place: float, evidence: TextEvidence, text: str) -> Belief:
    """A cell's belief from its grid's evidence (`place`, 0..1) and its reading's."""
    return Belief(_text(evidence, text), min(MOST_ON_SCAN, place))


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
