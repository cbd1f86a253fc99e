"""Hairlines worn to pieces: thin ink on one straight track with nothing beside it, its gaps closed.

A fax keeps a hairline as pieces too short to be told from strokes one by one. What tells them is that they follow one
another on a track as thin as a line, with blank paper on both sides or on one: strokes in a row have their characters.
No gap is closed that a column could stand in, so a merged cell stays one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

THICKEST = 0.16  # text heights: thicker ink wears at its rims, not through
GAP = 1.0  # text heights: the widest gap in a worn rule; a narrower column holds no text
SHORTEST = 5.0  # text heights: pieces follow one another over at least so much
SPECK = 0.25  # text heights: a shorter piece far from the others is none of the rule's
FLAT = 0.3  # text heights: how far a worn rule's track strays
NARROW, PLAIN = 0.125, 0.7  # text heights: of a rule's densest rows; share of its ink that lies in them
BESIDE, RIM = 0.35, 0.08  # text heights: from where to where paper beside a track is looked at
BLANK = 0.08  # share of ink beside a track on both its sides
TOUCHED = 0.3  # the same on one side, where text stands close to a rule and the other side is blank
DARK, DARK_TOUCHED = 0.4, 0.6  # share of a track that is ridge
LONG, A_PAGE = 12.0, 6  # text heights: so many worn rules longer than this make a worn page
WHOLE = 0.97  # the same of a rule that is not worn


@dataclass(frozen=True, slots=True)
class _Track:
    """A worn rule's thin ink (h, w), and where its box begins."""

    own: Picture
    x: int
    y: int


def worn_rules(level: Picture, upright: Picture, mask: Picture, scale: float) -> tuple[Picture, Picture] | None:
    """What closes the gaps of worn level and upright hairlines (0 or 1); None on a page whose hairlines are not worn.

    level, upright: ridges of such rules (0 or 1), without characters. mask: 1 where ink is. scale: text height in
    pixels. Feet of characters in a row look like one short worn rule, never like many long ones: only a page that has
    these is worn.
    """
    upright, turned = np.ascontiguousarray(upright.T), mask.T
    lying, standing = _worn(level, mask, scale), _worn(upright, turned, scale)
    long = [track for track in (*lying, *standing) if track.own.shape[1] > LONG * scale]
    if min(len(lying), len(standing)) < 2 or len(long) < A_PAGE:
        return None
    return _drawn(lying, level), np.ascontiguousarray(_drawn(standing, upright).T)


def _worn(ridge: Picture, mask: Picture, scale: float) -> list[_Track]:
    thick = cv2.morphologyEx(ridge, cv2.MORPH_OPEN, np.ones((max(3, round(THICKEST * scale) + 1), 1), np.uint8))
    thin = ridge & (1 - thick)
    out = []
    for x, y, w, h in _tracks(thin, scale):
        own = thin[y : y + h, x : x + w]
        start, end = _ends(own.max(axis=0), scale)
        x, w, own = x + start, end - start, own[:, start:end]
        track = own.max(axis=0)
        if w < SHORTEST * scale or track.mean() > WHOLE:
            continue
        if _is_worn_rule(own, track, _sides(mask, (x, y, w, h), scale), scale):
            out.append(_Track(own, x, y))
    return out


def _drawn(tracks: Sequence[_Track], ridge: Picture) -> Picture:
    out = np.zeros_like(ridge)
    for track in tracks:
        _draw(out, track.own, track.x, track.y)
    return out


def _tracks(thin: Picture, scale: float) -> list[tuple[int, int, int, int]]:
    """Boxes (x, y, w, h) of long flat rows of thin pieces."""
    gap, length = max(3, round(GAP * scale)) | 1, max(5, round(SHORTEST * scale))
    # One pixel of height taken together, so that a track may change its row.
    taller = cv2.dilate(thin, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(taller, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    runs = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    return [(x, y, w, h) for x, y, w, h, _ in stats[1:].tolist() if h <= FLAT * scale + 2]


def _ends(track: NDArray[np.uint8], scale: float) -> tuple[int, int]:
    """Where a track begins and ends without specks before and behind it: these are further off than they are long."""
    steps = np.flatnonzero(np.diff(track.astype(np.int8), prepend=0, append=0)).reshape(-1, 2).tolist()
    while len(steps) > 1 and steps[0][1] - steps[0][0] < min(SPECK * scale, steps[1][0] - steps[0][1]):
        steps = steps[1:]
    while len(steps) > 1 and steps[-1][1] - steps[-1][0] < min(SPECK * scale, steps[-1][0] - steps[-2][1]):
        steps = steps[:-1]
    return (steps[0][0], steps[-1][1]) if steps else (0, 0)


def _sides(mask: Picture, box: tuple[int, int, int, int], scale: float) -> tuple[float, float]:
    """Share of ink above and below a track, apart from what crosses both: rules."""
    x, y, w, h = box
    rim, around = max(1, round(RIM * scale)), round(BESIDE * scale)
    above = mask[max(0, y - around) : max(0, y - rim), x : x + w]
    below = mask[y + h + rim : y + h + around, x : x + w]
    if not above.size or not below.size:
        return 1.0, 1.0
    free = ~(above.all(axis=0) & below.all(axis=0))
    return (float(above[:, free].mean()), float(below[:, free].mean())) if free.any() else (1.0, 1.0)


def _is_worn_rule(own: Picture, track: NDArray[np.uint8], sides: tuple[float, float], scale: float) -> bool:
    rows = np.sort(own.sum(axis=1, dtype=np.int64))[::-1]
    if rows[: max(2, round(NARROW * scale))].sum() < PLAIN * rows.sum():
        return False
    dark = float(track.mean())
    if max(sides) < BLANK:
        return dark > DARK
    return min(sides) < 0.5 * BLANK and max(sides) < TOUCHED and dark > DARK_TOUCHED


def _draw(out: Picture, own: Picture, x: int, y: int) -> None:
    """A track from its first piece to its last one, each column at the height of the pieces around it."""
    inked = np.flatnonzero(own.any(axis=0))
    heights = (np.arange(own.shape[0]) @ own[:, inked]) / own[:, inked].sum(axis=0)
    columns = np.arange(int(inked[0]), int(inked[-1]) + 1)
    rows = np.rint(np.interp(columns, inked, heights)).astype(np.int64)
    out[y + rows, x + columns] = 1
