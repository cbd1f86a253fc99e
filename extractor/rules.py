"""Ruling lines of a scanned page: where they run, and how sure each stretch of one is.

A rule is a dark ridge, thin across and long along: the black-hat across it (closing minus picture)
answers on any thickness below the kernel's, shaded ground or not, and an opening along it keeps runs
longer than any stroke of a character. Positions come from those runs; whether a border stands on a given
edge of the lattice is then asked of the unopened ridge, so that a rule worn to pieces still counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.dashed import dashed_rules
from extractor.elements import Box, Rule
from extractor.inked import LONGEST_STROKE, WIDEST, characters_and_crosses, long_runs, track_at, with_rims
from extractor.lightrules import light_rules
from extractor.resumed import resumed
from extractor.texture import without_texture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture
    from extractor.ink import Ink

RIDGE = 30  # grey levels (of 255) by which a rule is darker than both its sides
DRAWN = 1.5  # text heights: ridges as long as this are taken off before text is measured
GAP = 0.35  # text heights: a break in a rule that is closed before its length is measured
SLOPE = 24.0  # of an edge's log-odds over its coverage
HALF = 0.72  # of the page's own rules' coverage: an edge covered so far is as likely a border as not
THROUGH_TEXT = 0.93  # the same where text lines cross all of the edge
PARTLY = 0.5  # share of a short ridge under coloured ink that makes it that ink's
OF_SEALS = 0.05  # of the shorter side (10 mm on A4): seals' characters and the level parts of their rings are shorter
BARE = 0.35  # share of an edge beside coloured ink that decides alone
OVERPRINTED = 0.8  # share of an edge under coloured ink from which its own ink proves nothing
BEYOND = 5.0  # text heights beside an edge in which a rule that goes on is looked for, where no such ink lies
UNPROVED = 0.3  # probability of a border there
CUT_ALONG = 0.22  # of a line's height: a level border nearer than this to its top or bottom does not cut it
CUT_ACROSS = 0.6  # text heights: an upright border nearer than this to a line's end does not cut it
LEFT_FREE, IN_PART = 0.25, 0.4  # shares of an edge: see `Borders.in_part`
STEADY = 0.05  # share of the rules' stretches that may be worn worse than a border beside text must be
STRETCH = 2.0  # text heights: of a rule, to see how evenly it is printed
RESUMED = 2  # times that rules are looked for again: where two end at one corner, the second needs the first
BLACK = 0.5  # of the paper's tone: what fading left of seals on bare paper was lighter than 0.56 on all of 20 pages
SHORTEST = 1.0  # text heights: a rule fragment shorter than this, after joining, says nothing


@dataclass(frozen=True)
class Ridges:
    """Pixels that look like rules: `level` for horizontal ones, `upright` for vertical ones (0 or 1)."""

    level: Picture
    upright: Picture
    scale: float
    coloured: Picture | None = None  # 1 where seals and pens left ink: what looks like a rule there proves nothing

    @cached_property
    def drawn(self) -> Picture:
        """1 where rules are drawn: ridges longer than any stroke, as thick as they are."""
        length = max(5, round(DRAWN * self.scale))
        level = cv2.morphologyEx(self.level, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
        upright = cv2.morphologyEx(self.upright, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
        drawn: Picture = cv2.max(
            cv2.dilate(level, np.ones((3, 1), np.uint8)), cv2.dilate(upright, np.ones((1, 3), np.uint8))
        )
        return drawn

    def track(self, horizontal: bool, at: float, start: float, end: float) -> NDArray[np.uint8]:
        """For every pixel from start to end, whether it is ridge on the best straight track near `at`."""
        return track_at(self.level if horizontal else self.upright.T, at, start, end, self.scale)[1]

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Straight rules of both directions, fragments on one track joined over small gaps."""
        coloured = self.coloured
        turned = None if coloured is None else coloured.T
        return (
            *_runs(self.level, coloured, self.scale, True),
            *_runs(np.ascontiguousarray(self.upright.T), turned, self.scale, False),
        )


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


def find_ridges(ink: Ink, scale: float) -> Ridges:
    """Ridge pixels of both directions. scale: text height in pixels."""
    widest = max(3, round(WIDEST * scale)) | 1
    smooth = cv2.blur(ink.clean, (3, 1)), cv2.blur(ink.clean, (1, 3))
    level = cv2.morphologyEx(smooth[0], cv2.MORPH_BLACKHAT, np.ones((widest, 1), np.uint8))
    upright = cv2.morphologyEx(smooth[1], cv2.MORPH_BLACKHAT, np.ones((1, widest), np.uint8))
    level, upright = (level > RIDGE).astype(np.uint8), (upright > RIDGE).astype(np.uint8)
    long = long_runs(level, scale), long_runs(upright.T, scale).T
    letters, crosses = characters_and_crosses(ink.mask | long[0] | long[1], scale)
    text = with_rims(letters, ink.mask, scale)
    hidden = level & text, upright & text
    level, upright = level & (1 - text), upright & (1 - text)
    level, upright = level | (long[0] & (1 - text)), upright | (long[1] & (1 - text))
    met = hidden[0] & crosses, hidden[1] & crosses
    *dashes, by_dashes = dashed_rules(level | met[0], upright | met[1], ink.mask, scale)
    if by_dashes:
        level, upright = level | met[0], upright | met[1]
    level, upright = without_texture(level, upright, scale)
    level, upright = level | dashes[0], upright | dashes[1]
    if (light := light_rules(ink.clean, scale)) is not None:
        level, upright = level | light[0], upright | light[1]
    return _resumed(Ridges(level, upright, scale, _around(ink)), hidden)


def _resumed(ridges: Ridges, hidden: tuple[Picture, Picture]) -> Ridges:
    """Ridges with the stretches of rules that were taken off with characters. hidden: level and upright ones."""
    for _ in range(RESUMED):
        level = [rule for rule in ridges.rules if rule.horizontal]
        upright = [rule for rule in ridges.rules if not rule.horizontal]
        more = resumed(ridges.level, hidden[0], level, upright, ridges.scale)
        down = resumed(ridges.upright.T, hidden[1].T, upright, level, ridges.scale)
        if more is None and down is None:
            return ridges
        ridges = replace(
            ridges,
            level=ridges.level if more is None else ridges.level | more,
            upright=ridges.upright if down is None else ridges.upright | down.T,
        )
    return ridges


def _around(ink: Ink) -> Picture | None:
    """Coloured ink with its dark fringe (JPEG keeps colour at half the resolution), without what is black under it."""
    if ink.coloured is None:
        return None
    black: Picture = (ink.clean < BLACK * 255).astype(np.uint8)
    over: Picture = cv2.dilate(ink.coloured, np.ones((7, 7), np.uint8))
    return cv2.subtract(over, cv2.dilate(black, np.ones((3, 3), np.uint8)))


def find_rules(ridges: Ridges) -> list[Rule]:
    """Straight rules of both directions, fragments on one track joined over small gaps."""
    return list(ridges.rules)


def _runs(ridge: Picture, coloured: Picture | None, scale: float, horizontal: bool) -> list[Rule]:
    gap = max(3, round(GAP * scale)) | 1
    length = max(5, round(LONGEST_STROKE * scale))
    # Erasing what is not long first keeps the closing from welding characters together.
    runs = cv2.morphologyEx(ridge, cv2.MORPH_OPEN, np.ones((1, max(3, length // 2)), np.uint8))
    runs = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    runs = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    rules: list[Rule] = []
    for label in range(1, len(stats)):
        x, y, w, h, area = (int(v) for v in stats[label])
        if w < SHORTEST * scale or h > WIDEST * scale + 0.03 * w:
            continue
        # The rims of a seal's own strokes are short, or lie under its ink all along.
        most = PARTLY if w < OF_SEALS * min(ridge.shape) else OVERPRINTED
        if coloured is not None and float(coloured[y : y + h, x : x + w].mean()) > most:
            continue
        thickness = area / w
        part = labels[y : y + h, x : x + w] == label
        rows = np.arange(h) @ part / np.maximum(part.sum(axis=0), 1)
        rules.append(Rule(horizontal, y + float(np.median(rows)) + 0.5, x, x + w, thickness))
    return rules
