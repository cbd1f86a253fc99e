"""Specks of a peppered page (a fax, a dirty platen) taken off before text is laid out and read.

How large and how dense a page's specks are is measured where nothing else is printed. Ink no larger than that, which
stands by itself, is dirt; but where more of it stands together than chance puts there, a figure was worn to pieces:
such a cluster stays, to be read and never believed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.elements import Box
from extractor.geometry import intersection
from extractor.text.dotfields import dots_of, drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture
    from extractor.pixels.ink import Ink
    from extractor.ruling.rules import Ridges

SPECK = 0.28  # text heights: no speck is larger than this
AWAY = 0.6  # text heights from larger ink and rules where specks are measured: points and worn strokes stand nearer
FEWEST, THICK = 50, 0.08  # specks by themselves, and as many to a squared text height, make a page peppered
LARGEST = 97.0  # percentile of their size: worn figures are among them
SURELY = 1.5  # times the largest specks: what is larger is no speck
NEAR = 0.5  # text heights from larger ink: a mark so near may be a point (a full-width one too) or of a worn stroke
SLOT = (0.4, 1.0)  # text heights: from a full-width point to the figures on both its sides
MIDDLE = 0.15  # of a figure's height: no further above or below its middle stands such a point
SET, LEVEL = 0.85, 0.7  # text heights: from a mark set in the middle to its neighbours; of the rows that are looked at
STACKED, ASIDE = (0.25, 0.55), 0.08  # text heights: one point of a colon above the other, and beside it
HIGH, WIDE = (0.5, 1.3), 0.7  # text heights: of a figure; full characters are wider
RIM = 0.15  # text heights from a rule: its ragged edge
CLUSTER = 0.24  # text heights: pieces of a worn figure stand no further apart
STROKE = 0.2  # text heights: a larger piece of ink was not worn to specks
FIGURE = ((0.15, 6.0), (0.4, 1.3))  # text heights: width and height of such a cluster
SOFT = 0.075  # of its height: the blur by which the pieces of a cluster become strokes again
CHANCE = 0.3  # clusters of specks by chance on a page


@dataclass(frozen=True, slots=True)
class Specks:
    """`size`: side of a page's largest specks in pixels, 0 where it is not peppered.

    `clusters`: figures worn to pieces. `mask`: 1 where specks were, or the dots of grey fields; `widest`: pixels, the
    longest side of any of them.
    """

    size: float = 0.0
    clusters: tuple[Box, ...] = ()
    mask: Picture | None = None
    widest: float = 0.0

    def off(self, ink: Ink) -> Ink:
        """The page's ink without specks."""
        if self.mask is None:
            return ink
        kept = 1 - self.mask
        return replace(ink, clean=self.wiped(ink.clean), mask=ink.mask & kept, faint=ink.faint & kept)

    def wiped(self, picture: Picture) -> Picture:
        """A picture of the page with paper over specks, as bright as beside them, and clusters' pieces run together."""
        if self.mask is None:
            return picture
        rim = cv2.dilate(self.mask, np.ones((3, 3), np.uint8))
        reach = 2 * round(self.widest) + 3
        paper = cv2.dilate(picture, np.ones((reach, reach), np.uint8))
        wiped: Picture = picture.copy()
        cv2.copyTo(paper, rim, wiped)
        for box in self.clusters:
            part = np.s_[int(box.y0) - 1 : int(box.y1) + 2, int(box.x0) - 1 : int(box.x1) + 2]
            wiped[part] = cv2.GaussianBlur(wiped[part], (0, 0), SOFT * box.height)
        return wiped

    def least(self, usual: float) -> float:
        """Side of the smallest ink that is surely no speck; `usual`: the same of a page that is not peppered."""
        return min(usual, SURELY * self.size) if self.size else usual

    def may_be(self, mark: Box) -> bool:
        """Whether a piece of ink is no larger than the page's specks, and none of a figure worn to pieces."""
        if max(mark.width, mark.height) > self.size:
            return False
        return not any(box.x0 <= mark.center.x <= box.x1 and box.y0 <= mark.center.y <= box.y1 for box in self.clusters)

    def worn_in(self, cell: Box) -> tuple[Box, ...]:
        """Clusters within a cell."""
        return tuple(box for box in self.clusters if (own := intersection(box, cell)) and own.area > 0.9 * box.area)


NO_SPECKS = Specks()


def find_specks(ink: Ink, ridges: Ridges) -> Specks:
    """The specks of a page, and what only looks like them."""
    scale = ridges.scale
    text = ink.faint & (1 - ridges.drawn)
    _, _, stats, middles = cv2.connectedComponentsWithStats(text, connectivity=8)
    boxes, areas, centres = stats[1:, :4], stats[1:, cv2.CC_STAT_AREA], middles[1:].astype(int)
    # A picture with colours has greys, too, and prints no fill as dots; what is faded of seals and pens leaves some.
    dots = np.zeros(len(boxes), bool)
    if ink.coloured is None:
        dots = dots_of(text, ridges.drawn, stats[1:], centres, scale)
    specks = NO_SPECKS
    if dots.any():
        mask = drawn(text, boxes[dots])
        specks = Specks(mask=mask, widest=float(boxes[dots, 2:].max()))
        text, boxes, areas, centres = text & (1 - mask), boxes[~dots], areas[~dots], centres[~dots]
    sides = boxes[:, 2:].max(axis=1, initial=0)
    # From here on only small pieces are told apart; all other ink is strokes.
    small = sides < SPECK * scale
    found = _Pieces(text, boxes[small], areas[small], sides[small], centres[small])
    if len(found.sides) < FEWEST:
        return specks
    strokes = text & (1 - found.drawn())
    return _loose_specks(ink, ridges, found, strokes, boxes, specks)


def _loose_specks(
    ink: Ink, ridges: Ridges, found: _Pieces, strokes: Picture, boxes: NDArray[np.int32], dots: Specks
) -> Specks:
    """The specks among a page's small pieces, with the dots of its fields.

    strokes: 1 where larger pieces of text's ink are; boxes: of all its pieces.
    """
    scale = ridges.scale
    free = 1 - _around(strokes | ridges.drawn, AWAY * scale)
    if (seal := ink.coloured) is not None:
        # What a seal leaves at the rims of its strokes is neither the platen's dirt nor a worn figure.
        free &= 1 - _around(seal, AWAY * scale)
    alone = found.on(free)
    room, count = float(free.sum()) / scale**2, int(alone.sum())
    if count < max(FEWEST, THICK * room):
        return dots
    size = float(np.percentile(found.sides[alone], LARGEST))
    tiny = found.sides <= size
    specks = tiny & ~found.on(_around(strokes | found.drawn(~tiny), NEAR * scale))
    specks &= ~found.on(_between_figures(boxes, strokes.shape, scale))
    specks &= ~_marks_of_text(found, specks, strokes | found.drawn(~tiny), scale)
    loose = ~found.on(_around(strokes, NEAR * scale) | _around(ridges.drawn, RIM * scale))
    if seal is not None:
        loose &= ~found.on(_around(seal, NEAR * scale))
    clusters, held = _clusters(found, loose, count / room, room, scale)
    mask = found.drawn(specks & ~held)
    return Specks(size, clusters, mask if dots.mask is None else mask | dots.mask, max(size, dots.widest))


def _between_figures(boxes: NDArray[np.int32], shape: tuple[int, ...], scale: float) -> Picture:
    """1 in the middle of the blanks, one full width and a little more, between two figures of a line.

    There a full-width point stands, further from both than marks are kept at else. boxes: (x, y, width, height) of all
    connected ink.
    """
    after, before = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    (least, most), deep = ((round(share * scale) for share in SLOT), MIDDLE)
    tall = (boxes[:, 3] > HIGH[0] * scale) & (boxes[:, 3] < HIGH[1] * scale) & (boxes[:, 2] < WIDE * scale)
    for x, y, w, h in boxes[tall].tolist():
        rows = slice(round(y + (0.5 - deep) * h), round(y + (0.5 + deep) * h) + 1)
        after[rows, x + w + least : x + w + most] = 1
        before[rows, max(0, x - most) : max(0, x - least)] = 1
    both: Picture = after & before
    return both


def _marks_of_text(
    found: _Pieces, specks: NDArray[np.bool_], larger: Picture, scale: float
) -> NDArray[np.bool_]:
    """Which specks stand where marks do that are set in the middle of a full width, further from both sides than NEAR.

    Between two characters any may be one that is no higher than both; at a text's end only two, one above the other,
    as a colon and ； have them.
    """
    wide, high = max(1, round(SET * scale)), round(LEVEL * scale) | 1
    beside = np.ones((high, wide), np.uint8)
    after: Picture = cv2.dilate(larger, beside, anchor=(wide - 1, high // 2))
    before: Picture = cv2.dilate(larger, beside, anchor=(0, high // 2))
    under: Picture = cv2.dilate(larger, np.ones((high, 2 * wide), np.uint8), anchor=(wide, high - 1))
    between = specks & found.on(cv2.min(cv2.min(after, before), under))
    ending = np.flatnonzero(specks & found.on(after) & ~between)
    if len(ending):
        apart = np.abs(found.centres[ending, None, :] - found.centres[None, :, :])
        (least, most), aside = ((share * scale for share in STACKED), ASIDE * scale)
        stacked = (apart[:, :, 0] <= aside) & (apart[:, :, 1] >= least) & (apart[:, :, 1] <= most)
        between[ending[stacked.any(axis=1)]] = True
    return between


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Small pieces of a page's text ink: boxes (x, y, width, height), areas, longer sides, centres (x, y)."""

    text: Picture
    boxes: NDArray[np.int32]
    areas: NDArray[np.int32]
    sides: NDArray[np.int32]
    centres: NDArray[np.int64]

    def drawn(self, which: NDArray[np.bool_] | None = None) -> Picture:
        """1 where some of them, or all, are inked."""
        return drawn(self.text, self.boxes if which is None else self.boxes[which])

    def on(self, area: Picture) -> NDArray[np.bool_]:
        """Which have their centre where a picture is not 0."""
        return area[self.centres[:, 1], self.centres[:, 0]] > 0


def _around(ink: Picture, reach: float) -> Picture:
    side = 2 * round(reach) + 1
    around: Picture = cv2.dilate(ink, np.ones((side, side), np.uint8))
    return around


def _clusters(
    pieces: _Pieces, loose: NDArray[np.bool_], share: float, room: float, scale: float
) -> tuple[tuple[Box, ...], NDArray[np.bool_]]:
    """Boxes of more loose ink than chance puts together, of a figure's size, and which pieces they hold.

    `share`: specks to a squared text height, `room`: squared text heights in which they fall. A piece larger than
    specks counts for as many as make its ink. The chance is Poisson's tail, bounded as Chernoff does.
    """
    reach = round(CLUSTER * scale / 2)
    _, grouped, boxes, _ = cv2.connectedComponentsWithStats(_around(pieces.drawn(loose), reach))
    where = np.flatnonzero(loose)
    group = grouped[pieces.centres[where, 1], pieces.centres[where, 0]]
    weight = np.maximum(1.0, pieces.areas[where] / np.percentile(pieces.areas[where], LARGEST))
    counts = np.bincount(group, weights=weight, minlength=len(boxes))
    found, held = [], np.zeros(len(pieces.sides), bool)
    for k in np.flatnonzero(counts > 1).tolist():
        x, y, w, h = boxes[k, :4].tolist()
        n, usual = float(counts[k]), share * w * h / scale**2
        rare = n > usual and n * math.log(usual / n) + n - usual < math.log(CHANCE / max(room, 1.0))
        sides = ((w - 2 * reach) / scale, (h - 2 * reach) / scale)
        if k and rare and all(low <= side <= top for side, (low, top) in zip(sides, FIGURE, strict=True)):
            own = where[group == k]
            held[own] = True
            # What has a stroke left is ink like any other.
            if pieces.sides[own].max() <= STROKE * scale:
                found.append(Box(x + reach, y + reach, x + w - reach, y + h - reach))
    return tuple(found), held
