"""Ruling lines of a scanned page: where they run.

A rule is a dark ridge, thin across and long along: the black-hat across it (closing minus picture)
answers on any thickness below the kernel's, shaded ground or not, and an opening along it keeps runs
longer than any stroke of a character. Positions come from those runs; whether a border stands on a given
edge of the lattice is then asked of the unopened ridge (`borders`), so that a rule worn to pieces still counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.elements import Rule
from extractor.pixels.blots import find_blots
from extractor.pixels.inked import LONGEST_STROKE, WIDEST, characters_and_crosses, long_runs, track_at, with_rims
from extractor.pixels.texture import without_texture
from extractor.ruling.dashed import dashed_rules
from extractor.ruling.lightrules import light_rules
from extractor.ruling.resumed import resumed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture
    from extractor.pixels.ink import Ink

RIDGE = 30  # grey levels (of 255) by which a rule is darker than both its sides
DRAWN = 1.5  # text heights: ridges as long as this are taken off before text is measured
GAP = 0.35  # text heights: a break in a rule that is closed before its length is measured
PARTLY, MOSTLY = 0.5, 0.8  # shares of a short, a longer ridge under coloured ink that make it that ink's
OF_SEALS = 0.05  # of the shorter side (10 mm on A4): seals' characters and the level parts of their rings are shorter
RESUMED = 2  # times that rules are looked for again: where two end at one corner, the second needs the first
BLACK = 0.5  # of the paper's tone: what fading left of seals on bare paper was lighter than 0.56 on all of 20 pages
SCREENED = 0.4  # share of the page; of two pages printed by a screen of dots it was 0.72, of others up to 0.13
IN_SIGHT, UNBROKEN = 0.4, 0.98  # shares of an edge that a hand's strokes cross: what is ridge, what is ink at all
SHORTEST = 1.0  # text heights: a rule fragment shorter than this, after joining, says nothing


@dataclass(frozen=True)
class Ridges:
    """Pixels that look like rules: `level` for horizontal ones, `upright` for vertical ones (0 or 1)."""

    level: Picture
    upright: Picture
    scale: float
    coloured: Picture | None = None  # 1 where seals and pens left ink: what looks like a rule there proves nothing
    blots: Picture | None = None  # 1 where black ink is so thick that no rule would show in it
    inked: Picture | None = None  # 1 where black ink is, of whatever kind

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

    def unbroken(self, horizontal: bool, at: float, start: float, end: float) -> bool:
        """Whether the best track near `at` is inked all along, and by so much of a rule that no text lies there."""
        if self.inked is None:
            return False
        ridge, ink = (self.level, self.inked) if horizontal else (self.upright.T, self.inked.T)
        row, track = track_at(ridge, at, start, end, self.scale)
        if not len(track) or track.mean() < IN_SIGHT:
            return False
        x0 = max(0, round(start))
        under = ink[row : row + 3, x0 : x0 + len(track)].any(axis=0)
        return bool((under | (track > 0)).mean() > UNBROKEN)

    @property
    def screened(self) -> bool:
        """Whether they are rows of the dots by which a device printed grey paper."""
        return float(self.drawn.mean()) > SCREENED

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
    if (light := light_rules(ink.clean, scale, ink.seen)) is not None:
        level, upright = level | light[0], upright | light[1]
    return _resumed(Ridges(level, upright, scale, _around(ink), find_blots(ink.mask, scale), ink.mask), hidden)


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
        most = PARTLY if w < OF_SEALS * min(ridge.shape) else MOSTLY
        if coloured is not None and float(coloured[y : y + h, x : x + w].mean()) > most:
            continue
        thickness = area / w
        part = labels[y : y + h, x : x + w] == label
        rows = np.arange(h) @ part / np.maximum(part.sum(axis=0), 1)
        rules.append(Rule(horizontal, y + float(np.median(rows)) + 0.5, x, x + w, thickness))
    return rules
