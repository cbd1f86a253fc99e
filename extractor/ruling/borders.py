"""How likely a border stands on an edge of the lattice: what of a rule is seen there, and what hides it.

Within text strokes fill the ridge, and under seals, pens and thick black ink nothing is known: what lies
beside decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from extractor.elements import Box, Rule
from extractor.pixels.inked import WIDEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture
    from extractor.ruling.rules import Ridges

SLOPE = 24.0  # of an edge's log-odds over its coverage
HALF = 0.72  # of the page's own rules' coverage: an edge covered so far is as likely a border as not
THROUGH_TEXT = 0.93  # the same where text lines cross all of the edge
BARE = 0.35  # share of an edge beside coloured ink that decides alone
OVERPRINTED = 0.8  # share of an edge under coloured ink from which its own ink proves nothing
BEYOND = 5.0  # text heights beside an edge in which a rule that goes on is looked for, where no such ink lies
UNPROVED = 0.3  # probability of a border there
PROVED = 0.9  # the same under black ink into which a rule runs on both sides, or that is its only gap
CUT_ALONG = 0.22  # of a line's height: a level border nearer than this to its top or bottom does not cut it
CUT_ACROSS = 0.6  # text heights: an upright border nearer than this to a line's end does not cut it
LEFT_FREE, IN_PART = 0.25, 0.4  # shares of an edge: see `Borders.in_part`
STEADY = 0.05  # share of the rules' stretches that may be worn worse than a border beside text must be
STRETCH = 2.0  # text heights: of a rule, to see how evenly it is printed


@dataclass(frozen=True, slots=True)
class Borders:
    """Evidence for borders on a page: ridges, and where text lines run across them.

    `level_text`, `upright_text`: 2 where a horizontal, vertical border would cut through a text line, 1 at
    the line's rim, where a border may stand, but strokes stand in a row too. Within text strokes fill the
    ridge, so the stretches outside decide. `half`: the coverage at which an edge is as likely a border as
    not, from how complete the page's own rules are; `half_beside`: the same at the rim of text.
    """

    ridges: Ridges
    level_text: Picture
    upright_text: Picture
    half: float
    half_beside: float

    @property
    def worn(self) -> bool:
        """Whether stretches of the page's rules are so incomplete that a border may be seen in part."""
        return self.half_beside < THROUGH_TEXT

    def evidence(self, horizontal: bool, at: float, start: float, end: float) -> float:
        """Probability (0..1) that a border stands on this edge of the lattice."""
        scale = self.ridges.scale
        # The crossing rules' own width at both ends says nothing; the cell's padding beside them says much.
        inset = min(0.12 * scale, (end - start) / 8)
        x0 = max(0, round(start + inset))
        track = self.ridges.track(horizontal, at, x0, end - inset)
        if not len(track):
            return 0.5
        first, last = self._within_frames(horizontal, at, x0, track)
        track, x0 = track[first:last], x0 + first
        words = self._words(horizontal, at, x0, len(track))
        if (bare := self._bare(horizontal, at, x0, len(track))) is not None:
            track, words = track[bare], words[bare]
        elif (seen := self._beside_blots(horizontal, at, x0, track)) is not None:
            if seen.sum() < max(0.5 * self.ridges.scale, BARE * len(track)):
                return self._blotted_out(horizontal, at, start, end)
            track, words = track[seen], words[seen]
        free = words < 2
        # A border is as complete across text as beside it; strokes are complete in neither for long.
        coverage, half = float(track.mean()), self.half
        if 2 * int((words > 0).sum()) > len(track):
            half = self.half_beside
        if free.sum() >= max(2.0, 0.12 * len(track)):
            coverage = min(coverage, float(track[free].mean()))
        else:
            half = THROUGH_TEXT
        p = 1 / (1 + math.exp(-SLOPE * (coverage - half)))
        # Thick strokes that a hand drew over a border interrupt its ridge, but leave no paper.
        if p < PROVED and self.ridges.unbroken(horizontal, at, start + inset, end - inset):
            p = PROVED
        return min(p, UNPROVED) if self._overprinted(horizontal, at, start, end) else p

    def _bare(self, horizontal: bool, at: float, x0: int, length: int) -> NDArray[np.bool_] | None:
        """Which pixels of a track lie beside a seal's or a pen's stroke that hides some of it, if enough of them do.

        Fading takes some of a border with the ink over it: what is beside it decides alone.
        """
        if self.ridges.coloured is None:
            return None
        over = self.ridges.coloured if horizontal else self.ridges.coloured.T
        bare: NDArray[np.bool_] = over[min(max(0, round(at)), over.shape[0] - 1), x0 : x0 + length] == 0
        return bare if max(0.5 * self.ridges.scale, BARE * length) <= bare.sum() < length else None

    def _beside_blots(
        self, horizontal: bool, at: float, x0: int, track: NDArray[np.uint8]
    ) -> NDArray[np.bool_] | None:
        """Which pixels of a track are not hidden by thick black ink; None where all are seen."""
        row = self._blots_along(horizontal, at)
        if row is None:
            return None
        seen: NDArray[np.bool_] = (row[x0 : x0 + len(track)] == 0) | (track > 0)
        return None if seen.all() else seen

    def _blots_along(self, horizontal: bool, at: float) -> NDArray[np.uint8] | None:
        if self.ridges.blots is None:
            return None
        over = self.ridges.blots if horizontal else self.ridges.blots.T
        row: NDArray[np.uint8] = over[min(max(0, round(at)), over.shape[0] - 1)]
        return row

    def _blotted_out(self, horizontal: bool, at: float, start: float, end: float) -> float:
        """Probability of a border on an edge that thick ink hides: what runs into that ink on both sides tells."""
        row, scale, going = self._blots_along(horizontal, at), self.ridges.scale, 0.0
        for a, b, step in ((start - BEYOND * scale, start, -1), (end, end + BEYOND * scale, 1)):
            x0 = max(0, round(a))
            track = self.ridges.track(horizontal, at, x0, b)
            own = track if row is None else track[row[x0 : x0 + len(track)] == 0]
            nearest = own[::step][: round(scale)]
            going += 0.5 if len(nearest) < round(scale) else float(nearest.mean() > self.half)
        return UNPROVED + going / 2 * (PROVED - UNPROVED)

    def _within_frames(self, horizontal: bool, at: float, x0: int, track: NDArray[np.uint8]) -> tuple[int, int]:
        """The part of a track (from pixel x0) between the rules that it ends on: half of a thick one lies beyond inset.

        A dashed rule's last dash ends before a frame or is one ink with it, and no ridge goes on under it.
        """
        across = self.ridges.upright if horizontal else self.ridges.level.T
        row = across[min(max(0, round(at)), across.shape[0] - 1), x0 : x0 + len(track)]
        under = (row > 0) & (track == 0)
        most = min(len(track) // 8, round(0.5 * WIDEST * self.ridges.scale))
        first = int(np.argmin(under[: most + 1])) if not under[: most + 1].all() else most
        tail = under[::-1][: most + 1]
        last = int(np.argmin(tail)) if not tail.all() else most
        return first, len(track) - last

    def _overprinted(self, horizontal: bool, at: float, start: float, end: float) -> bool:
        """Whether an edge lies under a seal's or a pen's stroke, and no rule that goes on beside it shows it to be one.

        Coloured ink is faded as well as can be, but on shaded ground and where it lies thick it stays dark.
        """
        if self.ridges.coloured is None:
            return False
        over = self.ridges.coloured if horizontal else self.ridges.coloured.T
        row = over[min(max(0, round(at)), over.shape[0] - 1)]
        if row[round(start) : round(end)].mean() < OVERPRINTED:
            return False
        scale = self.ridges.scale
        for a, b in ((start - BEYOND * scale, start - 0.5 * scale), (end + 0.5 * scale, end + BEYOND * scale)):
            x0 = max(0, round(a))
            track = self.ridges.track(horizontal, at, x0, b)
            bare = row[x0 : x0 + len(track)] == 0
            # What lies under more of the same ink is not known to end here.
            if bare.sum() < scale or float(track[bare][-round(scale) :].mean()) > self.half:
                return False
            if float(track[bare][: round(scale)].mean()) > self.half:
                return False
        return True

    def trace(self, horizontal: bool, at: float, start: float, end: float) -> float:
        """Share (0..1) of an edge that is ridge where no text cuts it; 0 where text cuts most of the edge."""
        inset = min(0.12 * self.ridges.scale, (end - start) / 8)
        x0 = max(0, round(start + inset))
        track = self.ridges.track(horizontal, at, x0, end - inset)
        free = self._words(horizontal, at, x0, len(track)) < 2
        if not len(track) or 2 * int(free.sum()) < len(track):
            return 0.0
        return min(float(track.mean()), float(track[free].mean()))

    def in_part(self, horizontal: bool, at: float, start: float, end: float) -> bool:
        """Whether a border's worn rest shows on an edge: at both its ends, and beside text much of it.

        Where a cell is merged no rule sets out from its sides; the strokes of its text lie between.
        """
        inset = min(0.12 * self.ridges.scale, (end - start) / 8)
        x0 = max(0, round(start + inset))
        track = self.ridges.track(horizontal, at, x0, end - inset)
        free = self._words(horizontal, at, x0, len(track)) < 2
        if not len(track) or int(free.sum()) < LEFT_FREE * len(track):
            return False
        return bool(track[0] and track[-1] and track[free].mean() > IN_PART)

    def _words(self, horizontal: bool, at: float, start: int, length: int) -> NDArray[np.uint8]:
        text = self.level_text if horizontal else self.upright_text.T
        row: NDArray[np.uint8] = text[min(max(0, round(at)), text.shape[0] - 1), start : start + length]
        return row


def find_borders(ridges: Ridges, rules: Sequence[Rule], lines: Sequence[Box]) -> Borders:
    """Border evidence of a page from its ridges, its rules and the boxes of its text lines."""
    shape = ridges.level.shape
    level, upright = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    across = CUT_ACROSS * ridges.scale
    for line in lines:
        x0, y0, x1, y1 = line
        rim = CUT_ALONG * line.height
        rows, columns = slice(max(0, round(y0)), max(0, round(y1))), slice(max(0, round(x0)), max(0, round(x1)))
        for text in (level, upright):
            text[rows, columns] = np.maximum(text[rows, columns], 1)
        level[max(0, round(y0 + rim)) : max(0, round(y1 - rim)), columns] = 2
        upright[rows, max(0, round(x0 + across)) : max(0, round(x1 - across))] = 2
    if ridges.coloured is not None:
        level, upright = (np.maximum(text, 2 * ridges.coloured) for text in (level, upright))
    half, beside = _halves(ridges, rules)
    return Borders(ridges, level, upright, half, beside)


def _halves(ridges: Ridges, rules: Sequence[Rule]) -> tuple[float, float]:
    """Coverage at which an edge is as likely a border as not: away from text, and at its rim.

    Strokes in a row cover up to nine tenths of an edge. Where nearly all of the page's rules are whole, no
    border looks like that; where they are worn, one may.
    """
    tracks = [ridges.track(r.horizontal, r.at, r.start, r.end) for r in rules if r.end - r.start > 4 * ridges.scale]
    if not tracks:
        return HALF, THROUGH_TEXT
    quality = sorted(float(track.mean()) for track in tracks)
    whole = quality[len(quality) // 4]
    step = max(4, round(STRETCH * ridges.scale))
    parts = sorted(
        float(track[k : k + step].mean()) for track in tracks for k in range(0, len(track) - step // 2, step)
    )
    worst = parts[int(STEADY * len(parts))]
    return HALF * whole, min(THROUGH_TEXT, max(HALF * whole, worst - 1 + THROUGH_TEXT))
