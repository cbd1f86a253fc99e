"""Fields of dots that a fax made of a grey fill: their dots told from specks and from the pieces of characters.

A pale grey heading comes as loose dots, hundreds to a character's place. Single specks are kept beside characters,
where they may be points; the dots of a field stand beside every one of them, and would be read with it, as letters and
digits. What tells a field is that dots fill its blanks as evenly as its lines: what is worn to pieces leaves the paper
between lines white. How large its dots are is measured in its blanks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

AROUND = 0.9  # text heights: side of the square in which dots are counted
DENSE = 4.0  # dots to a squared text height of blank; a peppered page has below one, beside its rules a field has half
BLANK = 0.2  # share of that square that must be blank for dots to be counted in it
RIM = 0.35  # text heights: so far from larger ink too few dots are counted
FIELD = (1.5, 4.0)  # text heights: a field is at least as high and wide; a worn line of text is lower
AWAY = 0.15  # text heights: dots so near larger ink may be worn off it, and tell nothing of the others' size
LARGEST = 97.0  # percentile of their sides
SMALL = 0.28  # text heights: no single dot is larger
RUN, BESIDE = 0.6, 0.3  # text heights: dots that run together are smaller; a character's pieces this near its others
RUN_DOTS = 4.0  # times a single dot's size; digits are larger
OPEN, CORE = 0.5, 0.1  # share of a square that is blank on open ground; share of a field that is such ground, with dots
STROKE, FLAT, SOLID = 0.35, 2.0, 0.6  # text heights; width to height; share of its box: of a level stroke, at least
FEWEST, CLOSE = 50, 4  # dots without which nothing is a field, and of those in one text height's square


def dots_of(
    ink: Picture, rules: Picture, stats: NDArray[np.int32], centres: NDArray[np.int64], scale: float
) -> NDArray[np.bool_]:
    """Which pieces of a page's ink are dots of a field, single or a few run together.

    ink: 1 where text's ink is; rules: where rules are. stats: (n, 5) of the ink's pieces, x, y, width, height and
    area; centres: (n, 2), x and y, all in pixels. scale: text height in pixels.
    """
    boxes = stats[:, :4]
    sides = boxes[:, 2:].max(axis=1, initial=0)
    none, small = np.zeros(len(sides), bool), sides < SMALL * scale
    if not _may_hold_fields(centres[small], scale):
        return none
    larger = cv2.max(cv2.subtract(ink, drawn(ink, boxes[small])), rules)
    field, bare = _field(larger, centres[small], scale)
    if not cv2.countNonZero(field):
        return none
    own = _on(field, centres)
    loose = own & small & _on(bare, centres)
    if int(loose.sum()) < FEWEST:
        return none
    size = np.percentile(sides[loose], LARGEST)
    single = sides <= size
    # A few dots that run together are as large as a character's smaller pieces. These stand beside its larger ones, or
    # are level and solid, as the strokes of 二 and 三.
    level = (boxes[:, 2] > FLAT * boxes[:, 3]) & (sides >= STROKE * scale)
    level &= stats[:, 4] > SOLID * boxes[:, 2] * boxes[:, 3]
    several = (sides < min(RUN * scale, RUN_DOTS * size)) & ~level
    characters = cv2.subtract(ink, drawn(ink, boxes[several]))
    reach = 2 * round(BESIDE * scale) + 1
    several &= ~_on(cv2.dilate(characters, np.ones((reach, reach), np.uint8)), centres)
    return np.asarray(own & (single | several))


def _field(ink: Picture, centres: NDArray[np.int64], scale: float) -> tuple[Picture, Picture]:
    """1 where dots lie closely all over, and 1 where no larger ink is near. ink: 1 where that is; centres: of dots."""
    counts = np.zeros(ink.shape, np.float32)
    np.add.at(counts, (centres[:, 1], centres[:, 0]), np.float32(1.0))
    bare = 1 - cv2.dilate(ink, np.ones((2 * max(1, round(AWAY * scale)) + 1,) * 2, np.uint8))
    counts[bare == 0] = 0.0
    window = (round(AROUND * scale) | 1,) * 2
    dots = cv2.boxFilter(counts, -1, window, normalize=False, borderType=cv2.BORDER_CONSTANT)
    blank = cv2.boxFilter(bare.astype(np.float32), -1, window, normalize=False, borderType=cv2.BORDER_CONSTANT)
    known = blank > BLANK * window[0] ** 2
    dense: Picture = (known & (dots * scale**2 > DENSE * blank)).astype(np.uint8)
    # A square at a field's side lies half outside it, where a rule is; and few dots stay loose beside characters.
    rim = np.ones((2 * round(RIM * scale) + 1,) * 2, np.uint8)
    dense = cv2.max(dense, cv2.min(cv2.dilate(dense, rim), cv2.dilate(ink, rim)))
    # Where characters leave no blank, the field goes on if it lies around them.
    side = np.ones([max(1, round(s * scale)) for s in FIELD], np.uint8)
    field = cv2.morphologyEx(cv2.max(dense, 1 - known.astype(np.uint8)), cv2.MORPH_OPEN, side)
    field = cv2.min(field, cv2.dilate(dense, np.ones(window, np.uint8)))
    # Points and commas between digits and borders are as dense; a field has open ground, and its dots are there too.
    core = (dense > 0) & (blank > OPEN * window[0] ** 2) & (dots >= CLOSE)
    _, parts = cv2.connectedComponents(field, connectivity=8)
    areas = np.bincount(parts.ravel())
    cores = np.bincount(parts[core], minlength=len(areas))
    held = cores >= CORE * areas
    held[0] = False
    return held[parts].astype(np.uint8), bare


def _on(area: Picture, centres: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray(area[centres[:, 1], centres[:, 0]] > 0)


def drawn(ink: Picture, boxes: NDArray[np.int32]) -> Picture:
    """1 where ink of some pieces is."""
    picture: Picture = np.zeros_like(ink)
    for x, y, w, h in boxes.tolist():
        picture[y : y + h, x : x + w] = ink[y : y + h, x : x + w]
    return picture


def _may_hold_fields(centres: NDArray[np.int64], scale: float) -> bool:
    """Whether small pieces stand closely in some places: on clean pages they do not, and nothing is counted there."""
    if len(centres) < FEWEST:
        return False
    x, y = (centres / (AROUND * scale)).astype(np.int64).T
    counts = np.bincount(y * (int(x.max()) + 1) + x)
    return int((counts >= CLOSE).sum()) * CLOSE >= FEWEST
