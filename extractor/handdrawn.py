"""Strokes that a hand drew over a page: underlines and marks of a pen that are nearly as level as a rule.

A printed rule is straight; what bends it on a page (a curl that was not quite flattened) bends it slowly, and all its
neighbours alike. A hand wavers within a few characters. On 17 pages of one generated seed no table's rule strayed by
more than 0.007 text heights from a parabola in most of its pieces, the two pens by 0.029 and 0.043; strokes of
characters and underlines of titles, which are no borders either, by 0.013 to 0.029.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from extractor.elements import Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

LONG = 3.0  # text heights: shorter strokes do not show how straight they are
PIECE = 0.3  # text heights: pieces of a rule whose places are compared
LEAST_PIECES = 6
SEEN = 0.3  # of a rule's length: with less ink by itself it does not show how straight it is
BESIDE = 0.4  # text heights around a rule where its ink is looked for
BLOTTED = 1.5  # times the usual thickness: something else touches there
STEADY = 0.75  # share of the pieces that count: text and crossing rules touch the others
WAVERS = 0.018  # text heights: a hand strays more, a rule less
ALIKE = 4.0  # times what the page's other rules stray


def drop_handdrawn(rules: Sequence[Rule], mask: Picture, scale: float) -> list[Rule]:
    """Rules without those that waver as a hand does. mask: 1 where ink is; scale: text height; all in pixels."""
    strayed = {rule: _strays(rule, mask if rule.horizontal else mask.T, scale) for rule in rules}
    known = sorted(value for value in strayed.values() if value is not None)
    if not known:
        return list(rules)
    most = max(WAVERS * scale, ALIKE * known[len(known) // 2])
    return [rule for rule in rules if (value := strayed[rule]) is None or value < most]


def _strays(rule: Rule, mask: Picture, scale: float) -> float | None:
    """How far (pixels, rms) pieces of a level rule lie off a parabola; None where too little of it is seen."""
    if rule.end - rule.start < LONG * scale:
        return None
    top = max(0, round(rule.at - BESIDE * scale))
    band = mask[top : round(rule.at + BESIDE * scale) + 1, max(0, round(rule.start)) : round(rule.end)]
    inked = band.sum(axis=0, dtype=np.int64)
    if not inked.any():
        return None
    spanned = len(band) - band[::-1].argmax(axis=0) - band.argmax(axis=0)
    alone = (inked > 0) & (inked <= BLOTTED * float(np.median(inked[inked > 0])) + 1) & (spanned == inked)
    centres = (np.arange(len(band)) @ band)[alone] / inked[alone]
    step = max(1, round(PIECE * scale))
    count = len(centres) // step
    # Of a hairline as pale as ink's threshold only spots are ink, at random places across it.
    if count < LEAST_PIECES or len(centres) < SEEN * (rule.end - rule.start):
        return None
    places = np.median(centres[: count * step].reshape(count, step), axis=1)  # one call: there are hundreds of pieces
    off = _off(places, np.ones(len(places), np.bool_))
    off = np.sort(_off(places, off <= np.percentile(off, 100 * STEADY)))
    kept = off[: max(1, round(STEADY * len(off)))]
    return float(np.sqrt(np.mean(kept**2)))


def _off(places: NDArray[np.float64], fitted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Distances of all places from the parabola through the fitted ones."""
    along = np.linspace(-1.0, 1.0, len(places))
    curve = np.polyfit(along[fitted], places[fitted], 2)
    off: NDArray[np.float64] = np.abs(places - np.polyval(curve, along))
    return off
