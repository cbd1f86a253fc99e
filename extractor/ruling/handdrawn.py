"""Strokes that a hand drew over a page: underlines and marks of a pen that are nearly as level as a rule.

A printed rule is straight; what bends it on a page (a curl that was not quite flattened) bends it slowly, and all its
neighbours alike. A hand wavers within a few characters. On 17 pages of one generated seed no table's rule strayed by
more than 0.007 text heights from a parabola in most of its pieces, the two pens by 0.029 and 0.043; strokes of
characters and underlines of titles, which are no borders either, by 0.013 to 0.029.
"""

from __future__ import annotations

import math
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
TRACK = 1.0  # text heights: so far along a rule most of what stands there is its own ink
BLOTTED = 1.5  # times the usual thickness: something else touches there
STEADY = 0.75  # share of the pieces that count: text and crossing rules touch the others
WAVERS = 0.018  # text heights: a hand strays more, a rule less
ALIKE = 4.0  # times what the page's other rules stray
LOOSE = 2.5  # the same of one that ends at both sides on bare paper, where no other rule ends
ENDS = 0.6  # text heights: so near its end a rule meets another, or ends beside one
DOTTED = 2.0  # text heights: there are gaps more often in a dotted rule; solid ones are worn through less often
SHORT = 6.0  # text heights: of a longer sliver more would be seen
# Text heights: so far apart lie pieces of a short stroke that bends or slants, as a signature's loops do. On six
# pages of other damage short borders' pieces lay up to 0.043 apart, a black pen's 0.075 to 0.22.
SWAYS = 0.07
PIECES = 6  # of a short stroke
SWAYING = 4.0  # text heights: a longer border of a page that was not quite flattened bends as much
SLIVER = 2.0  # times: a stroke that bends or slants holds a straight run much thinner than itself


def drop_handdrawn(rules: Sequence[Rule], mask: Picture, scale: float) -> list[Rule]:
    """Rules without those that waver as a hand does. mask: 1 where ink is; scale: text height; all in pixels."""
    rules = [
        rule for rule in rules
        if rule.horizontal or rule.end - rule.start >= SWAYING * scale or not _sways(rule, mask, scale)
    ]
    strayed = {rule: _strays(rule, mask if rule.horizontal else mask.T, scale) for rule in rules}
    known = sorted(value for value in strayed.values() if value is not None)
    if not known:
        return list(rules)
    usual = known[len(known) // 2]

    def is_ruled(rule: Rule, strays: float | None) -> bool:
        if strays is None or strays < max(WAVERS * scale, LOOSE * usual):
            return True
        return strays < ALIKE * usual and not _is_loose(rule, rules, scale)

    return [rule for rule in rules if is_ruled(rule, strayed[rule])]


def _sways(rule: Rule, mask: Picture, scale: float) -> bool:
    """Whether the ink of a short upright rule bends or slants. mask: 1 where ink is."""
    left = max(0, round(rule.at - BESIDE * scale))
    band = mask[max(0, round(rule.start)) : round(rule.end), left : round(rule.at + BESIDE * scale) + 1].T > 0
    middle = min(len(band) - 1, max(0, round(rule.at - 0.5) - left))
    before = np.logical_and.accumulate(band[middle::-1], axis=0).sum(axis=0)
    after = np.logical_and.accumulate(band[middle:], axis=0).sum(axis=0)
    if not before.any():
        return False
    own = (before > 0) & (before + after <= BLOTTED * float(np.median((before + after)[before > 0])) + 1)
    centres = ((after - before) / 2)[own]
    step = len(centres) // PIECES
    if step < 2 or 2 * len(centres) < rule.end - rule.start:
        return False
    places = np.median(centres[: step * PIECES].reshape(PIECES, step), axis=1)
    return float(np.ptp(places)) > SWAYS * scale


def drop_slivers(rules: Sequence[Rule], level: Picture, upright: Picture, scale: float) -> list[Rule]:
    """Rules without the short straight runs that a pen's thick stroke or a seal's ring holds.

    level, upright: 1 where ridges of that direction are. A rule is as thick as its ridge; of a stroke that slants or
    bends only a part goes on straight.
    """
    return [
        rule for rule in rules
        if rule.end - rule.start > SHORT * scale
        or _width(rule, level if rule.horizontal else upright.T) < SLIVER * rule.thickness + 1
    ]


def _width(rule: Rule, ridge: Picture) -> float:
    """How thick (pixels, the median along it) a level rule's ridge is."""
    row = min(max(0, round(rule.at - 0.5)), ridge.shape[0] - 1)
    reach = 2 * math.ceil(SLIVER * rule.thickness + 1)
    part = ridge[max(0, row - reach) : row + reach + 1, max(0, round(rule.start)) : round(rule.end)]
    middle = min(row, reach)
    up = np.logical_and.accumulate(part[middle::-1] > 0, axis=0).sum(axis=0)
    down = np.logical_and.accumulate(part[middle:] > 0, axis=0).sum(axis=0)
    widths = (up + down - 1)[up > 0]
    return float(np.median(widths)) if len(widths) else 0.0


def _is_loose(rule: Rule, rules: Sequence[Rule], scale: float) -> bool:
    """Whether neither end of a rule meets another one or stands where a rule beside it ends."""
    ends = ENDS * scale
    return not any(
        other is not rule and (
            (
                other.horizontal != rule.horizontal and abs(other.at - end) < ends
                and other.start - ends < rule.at < other.end + ends
            )
            or (other.horizontal == rule.horizontal and min(abs(other.start - end), abs(other.end - end)) < ends)
        )
        for end in (rule.start, rule.end) for other in rules
    )


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
    thick = float(np.median(inked[inked > 0]))
    alone = (inked > 0) & (inked <= BLOTTED * thick + 1) & (spanned == inked)
    dots = _own_dots(band, rule.at - top, rule.thickness, scale)
    if dots is not None:
        alone &= dots
    centres = _on_track((np.arange(len(band)) @ band)[alone] / inked[alone], thick, scale)
    step = max(1, round(PIECE * scale))
    count = len(centres) // step
    if count < LEAST_PIECES or (len(centres) < SEEN * (rule.end - rule.start) and _in_spots(inked > 0, scale)):
        return None
    places = np.median(centres[: count * step].reshape(count, step), axis=1)  # one call: there are hundreds of pieces
    off = _off(places, np.ones(len(places), np.bool_))
    off = np.sort(_off(places, off <= np.percentile(off, 100 * STEADY)))
    kept = off[: max(1, round(STEADY * len(off)))]
    return float(np.sqrt(np.mean(kept**2)))


def _on_track(centres: NDArray[np.float64], thick: float, scale: float) -> NDArray[np.float64]:
    """Centres of a rule's own ink: in the gaps of a dashed or worn one stands only the text beside it.

    That lies clear of the rule, by more than its thickness (pixels); a hand goes no such way within a character.
    """
    step = max(1, round(TRACK * scale))
    if len(centres) < 2 * step:
        return centres
    count = len(centres) // step
    middles = np.median(centres[: count * step].reshape(count, step), axis=1)
    track = np.interp(np.arange(len(centres)), (np.arange(count) + 0.5) * step, middles)
    own: NDArray[np.float64] = centres[np.abs(centres - track) <= 0.5 * thick + 1.0]
    return own


def _own_dots(band: Picture, at: float, thickness: float, scale: float) -> NDArray[np.bool_] | None:
    """Which pixels along a rule have its own dots or short dashes; None where it has none.

    Between dots there may be nothing but a character's stroke that stands near; on a solid rule it would touch.
    """
    reach = thickness / 2 + 1
    own = np.asarray(band[max(0, round(at - reach)) : round(at + reach)].any(axis=0))
    steps = np.flatnonzero(np.diff(own.astype(np.int8), prepend=0, append=0))
    dashes, gaps = steps[1::2] - steps[::2], steps[2::2] - steps[1:-1:2]
    if len(gaps) * DOTTED * scale < len(own):
        return None
    return own if max(float(np.median(dashes)), float(np.median(gaps))) < PIECE * scale else None


def _in_spots(inked: NDArray[np.bool_], scale: float) -> bool:
    """Whether a rule is inked in spots, at random places across it, as a hairline as pale as ink's threshold is.

    A column's brackets are strokes.
    """
    steps = np.flatnonzero(np.diff(inked.astype(np.int8), prepend=0, append=0))
    return float(np.median(steps[1::2] - steps[::2])) < PIECE * scale


def _off(places: NDArray[np.float64], fitted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Distances of all places from the parabola through the fitted ones."""
    along = np.linspace(-1.0, 1.0, len(places))
    curve = np.polyfit(along[fitted], places[fitted], 2)
    off: NDArray[np.float64] = np.abs(places - np.polyval(curve, along))
    return off
