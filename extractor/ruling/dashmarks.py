"""Marks in a row: ridge pixels along one track, with their dashes, gaps and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from extractor.elements import Picture

IN_ROWS = 0.75  # share of the gaps that rules cross: the 1 of a code in each row is no dash
BESIDE = 0.35  # text heights: so far to either side is looked
NARROW = 0.125  # text heights: of a rule's densest rows
STRICT_GAPS = 8  # so many gaps, or periods, are enough to tell whether they are alike
OWN = 0.3  # share of the dashes that neither rules cross nor text on both sides
MET = 0.4  # share of both sides inked where a rule crosses that may be dashed itself
BAR = 0.6  # share of a side that a bar inks
RIM = 0.1  # text heights: how far a rule's blur goes


@dataclass(frozen=True, slots=True)
class Marks:
    """Ridge pixels in the box (x, y, w, h), taken together into one `track` (w,), and the inked share on both sides."""

    x: int
    y: int
    w: int
    h: int
    track: NDArray[np.uint8]
    sides: tuple[float, float]
    rows: NDArray[np.int64]  # ridge pixels of each row
    bars: NDArray[np.bool_]  # of each pixel of the track, whether ink goes on from it to one of the sides
    crossing: NDArray[np.bool_]  # of each pixel of the track, whether a rule crosses there
    met: NDArray[np.bool_]  # the same where that rule may be dashed, so that it has gaps beside the track

    def narrow(self, scale: float) -> float:
        """Share of the ridge in the densest rows, as many as a rule is thick."""
        most = np.sort(self.rows)[::-1][: max(1, round(NARROW * scale))]
        return float(most.sum() / max(1, self.rows.sum()))

    @property
    def dense(self) -> tuple[int, int]:
        """The picture's first and last row with at least half the ridge of the fullest one."""
        rows = np.flatnonzero(self.rows >= 0.5 * self.rows.max())
        return self.y + int(rows[0]), self.y + int(rows[-1])

    @property
    def dark(self) -> float:
        return float(self.track.mean())

    @property
    def gaps(self) -> NDArray[np.signedinteger]:
        """Lengths of the gaps in pixels, without the ends."""
        steps = self.steps
        return steps[2::2] - steps[1:-1:2]

    @property
    def dashes(self) -> NDArray[np.signedinteger]:
        steps = self.steps
        return steps[1::2] - steps[::2]

    @property
    def periods(self) -> NDArray[np.signedinteger]:
        """From the beginning of each dash to that of the next, pixels."""
        steps = self.steps
        return steps[2::2] - steps[:-2:2]

    @property
    def own_periods(self) -> NDArray[np.signedinteger]:
        """Periods without those whose dash a rule crosses and makes longer; all where the others are too few."""
        steps, periods = self.steps.tolist(), self.periods
        bare = np.array([not self.met[a:b].any() for a, b in zip(steps[:-2:2], steps[1:-2:2], strict=True)], bool)
        return periods[bare] if bare.sum() >= max(STRICT_GAPS, OWN * len(periods)) else periods

    @property
    def barred(self) -> float:
        """Share of the dashes that are the ends of bars, as 二 and 三 one under another have them."""
        steps = self.steps.tolist()
        ends = [bool(self.bars[a:b].any()) for a, b in zip(steps[::2], steps[1::2], strict=True)]
        return sum(ends) / max(1, len(ends))

    @property
    def in_rows(self) -> bool:
        """Whether the marks stand one in each row: dashes begin at the rules that cross them or go on under them."""
        steps = self.steps.tolist()
        crossed = [bool(self.crossing[a:b].any()) for a, b in zip(steps[1:-1:2], steps[2::2], strict=True)]
        return sum(crossed) > IN_ROWS * max(1, len(crossed))

    @property
    def one_a_row(self) -> bool:
        """Whether between rules that cross, dashed ones too, stands no more than one mark, as a bracket does."""
        steps = self.steps.tolist()
        met = sum(bool(self.met[a:b].any()) for a, b in zip(steps[::2], steps[1::2], strict=True))
        return len(steps) // 2 <= 2 * met + 1

    @property
    def steps(self) -> NDArray[np.signedinteger]:
        return np.flatnonzero(np.diff(self.track.astype(np.int8), prepend=0, append=0))


def marks_in(ridge: Picture, mask: Picture, box: tuple[int, int, int, int], scale: float) -> Marks:
    """Marks of a level ridge (0 or 1) in a box (x, y, w, h) of a page's picture.

    mask: 1 where ink is. scale: text height in pixels.
    """
    x, y, w, h = box
    around = round(BESIDE * scale)
    above, below = mask[max(0, y - around) : max(0, y - 2), x : x + w], mask[y + h + 2 : y + h + around, x : x + w]
    # Rules that cross ink both sides from end to end: they are no text.
    crossing = _full(above) & _full(below)
    free = ~crossing
    sides = (_share(above[:, free]), _share(below[:, free]))
    own = ridge[y : y + h, x : x + w]
    bars = _long(above, BAR) | _long(below, BAR)
    met = _long(above, MET) & _long(below, MET)
    track = _own(own.max(axis=0), crossing, scale)
    return Marks(x, y, w, h, track, sides, own.sum(axis=1, dtype=np.int64), bars, crossing, met)


def _own(track: NDArray[np.uint8], crossing: NDArray[np.bool_], scale: float) -> NDArray[np.uint8]:
    """A track without marks that are only the rules that cross it: these, and a 1 in each row, are no dashes."""
    rim = np.ones(2 * max(1, round(RIM * scale)) + 1, np.uint8)
    rules = cv2.dilate(crossing.astype(np.uint8), rim[:, None]).ravel() if len(track) else track
    steps = np.flatnonzero(np.diff(track.astype(np.int8), prepend=0, append=0)).tolist()
    own = track.copy()
    for start, end in zip(steps[::2], steps[1::2], strict=True):
        if start and end < len(track) and rules[start:end].all():
            own[start:end] = 0
    return own


def _long(side: Picture, share: float) -> NDArray[np.bool_]:
    """Columns of a side of which more than a share is ink."""
    return np.asarray(side.sum(axis=0) > share * max(1, side.shape[0]))


def _full(side: Picture) -> NDArray[np.bool_]:
    """Columns of a side that are ink from end to end, to one pixel."""
    return np.asarray(side.sum(axis=0) >= max(1, side.shape[0] - 1))


def _share(side: Picture) -> float:
    return float(side.mean()) if side.size else 0.0


def alike(lengths: Sequence[int] | NDArray[np.signedinteger]) -> float:
    """Share of some lengths (pixels) that are about the usual one, as a printer's dashes are and strokes are not.

    A pixel more or less is the scan's doing, but never half of the length: among gaps of one pixel all would be alike.
    """
    return share_of(lengths, float(np.median(lengths)))


def share_of(lengths: Sequence[int] | NDArray[np.signedinteger], usual: float) -> float:
    """Share of some lengths that are about the given one."""
    return float(np.mean(np.abs(np.asarray(lengths) - usual) <= min(0.5 * usual, max(1.5, 0.2 * usual))))
