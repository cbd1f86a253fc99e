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

from extractor.dashed import dashed
from extractor.elements import Box, Rule
from extractor.inked import LONGEST_STROKE, STROKES, WIDEST, characters, track_at, with_rims
from extractor.lightrules import light_rules
from extractor.resumed import resumed

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
CUT_ALONG = 0.22  # of a line's height: a level border nearer than this to its top or bottom does not cut it
CUT_ACROSS = 0.6  # text heights: an upright border nearer than this to a line's end does not cut it
STEADY = 0.05  # share of the rules' stretches that may be worn worse than a border beside text must be
STRETCH = 2.0  # text heights: of a rule, to see how evenly it is printed
MEETING = 0.15  # text heights: a rule that ends so near those it should meet was drawn to meet them
WHOLE_LINE = 0.95  # of a line's height: strokes of its characters are shorter
STACKED = 0.7  # of an upright rule's length: what lies in the text lines that it is a stroke of
ON_TRACK = 0.25  # text heights: rules this near across are on one track
ROOM = 0.8  # text heights: a column is wider
LONGER = 2.0  # times: double rules are alike
RESUMED = 2  # times that rules are looked for again: where two end at one corner, the second needs the first
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
        words = self._words(horizontal, at, x0, len(track))
        free = words < 2
        # A border is as complete across text as beside it; strokes are complete in neither for long.
        coverage, half = float(track.mean()), self.half
        if 2 * int((words > 0).sum()) > len(track):
            half = self.half_beside
        if free.sum() >= max(2.0, 0.12 * len(track)):
            coverage = min(coverage, float(track[free].mean()))
        else:
            half = THROUGH_TEXT
        return 1 / (1 + math.exp(-SLOPE * (coverage - half)))

    def trace(self, horizontal: bool, at: float, start: float, end: float) -> float:
        """Share (0..1) of an edge that is ridge where no text cuts it; 0 where text cuts most of the edge."""
        inset = min(0.12 * self.ridges.scale, (end - start) / 8)
        x0 = max(0, round(start + inset))
        track = self.ridges.track(horizontal, at, x0, end - inset)
        free = self._words(horizontal, at, x0, len(track)) < 2
        if not len(track) or 2 * int(free.sum()) < len(track):
            return 0.0
        return min(float(track.mean()), float(track[free].mean()))

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
    text = with_rims(characters(ink.mask, scale), ink.mask, scale)
    hidden = level & text, upright & text
    level, upright = level & (1 - text), upright & (1 - text)
    level |= dashed(level, ink.mask, scale)
    upright |= np.ascontiguousarray(dashed(np.ascontiguousarray(upright.T), ink.mask.T, scale).T)
    if (light := light_rules(ink.clean, scale)) is not None:
        level, upright = level | light[0], upright | light[1]
    return _resumed(Ridges(level, upright, scale, _around(ink.coloured)), hidden)


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


def _around(coloured: Picture | None) -> Picture | None:
    """Coloured ink with its dark fringe: JPEG keeps colour at half the resolution."""
    return None if coloured is None else cv2.dilate(coloured, np.ones((7, 7), np.uint8))


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
        if coloured is not None and float(coloured[y : y + h, x : x + w].mean()) > 0.5:
            continue
        thickness = area / w
        part = labels[y : y + h, x : x + w] == label
        rows = np.arange(h) @ part / np.maximum(part.sum(axis=0), 1)
        rules.append(Rule(horizontal, y + float(np.median(rows)) + 0.5, x, x + w, thickness))
    return rules


def drop_strokes(rules: Sequence[Rule], lines: Sequence[Box], scale: float) -> list[Rule]:
    """Rules without strokes of large characters (they lie within a text line) and short ones that meet no other."""
    slack = 0.5 * scale
    kept = []
    for rule in rules:
        if any(_within(rule, line) and not _meets_both(rule, line, rules, scale) for line in lines):
            continue
        if _is_stacked(rule, lines, rules, scale) and not _goes_on(rule, rules, scale, 2 * scale):
            continue
        if any(_holds(line, rule) for line in lines) and _beside_longer(rule, rules, scale):
            continue
        short = rule.end - rule.start <= 6 * scale
        if short and any(
            _at_rim(rule, line) and not _meets_both(rule, line, rules, scale) and not _goes_on(rule, rules, scale)
            for line in lines
        ):
            continue
        if not short:
            kept.append(rule)
            continue
        crossing = sum(
            other.horizontal != rule.horizontal
            and rule.start - slack <= other.at <= rule.end + slack
            and other.start - slack <= rule.at <= other.end + slack
            for other in rules
        )
        if crossing >= 1:
            kept.append(rule)
    return kept


def _meets_both(rule: Rule, line: Box, rules: Sequence[Rule], scale: float) -> bool:
    """Whether a rule in a text line goes exactly from one long crossing rule to another, as no stroke does.

    In a low row the detector draws the text of two cells as one line, as high as the row. Strokes of a bold
    title meet too, but none of them is as long as the title is high.
    """
    ends = [False, False]
    long = max(STROKES * scale, WHOLE_LINE * line.height)
    for other in rules:
        if other.horizontal != rule.horizontal and other.end - other.start > long:
            passes = other.start - MEETING * scale < rule.at < other.end + MEETING * scale
            for k, end in enumerate((rule.start, rule.end)):
                ends[k] |= passes and abs(other.at - end) < MEETING * scale + other.thickness / 2
    return all(ends)


def _is_stacked(rule: Rule, lines: Sequence[Box], rules: Sequence[Rule], scale: float) -> bool:
    """Whether an upright rule is one stroke of several lines: 目标 stands at the same place of each, and they blur.

    Within one row of the table it goes through nothing but text lines, two at least, which all go on at both sides.
    """
    if rule.horizontal or any(
        other.horizontal and other.start < rule.at < other.end and rule.start + scale < other.at < rule.end - scale
        for other in rules
    ):
        return False
    through = [
        min(rule.end, line.y1) - max(rule.start, line.y0) for line in lines
        if line.x0 + CUT_ACROSS * scale < rule.at < line.x1 - CUT_ACROSS * scale
        and rule.start - 0.5 * scale < (line.y0 + line.y1) / 2 < rule.end + 0.5 * scale
    ]
    return len(through) > 1 and sum(through) > STACKED * (rule.end - rule.start)


def _holds(line: Box, rule: Rule) -> bool:
    """Whether an upright rule runs through a text line."""
    return not rule.horizontal and line.x0 < rule.at < line.x1 and rule.start < line.y1 and line.y0 < rule.end


def _beside_longer(rule: Rule, rules: Sequence[Rule], scale: float) -> bool:
    """Whether a rule is the stroke of a cell's first character: no text has room between it and a longer one."""
    return any(
        other.horizontal == rule.horizontal and abs(other.at - rule.at) < ROOM * scale
        and other.end - other.start > LONGER * (rule.end - rule.start)
        and other.start - scale < rule.start and rule.end < other.end + scale
        for other in rules if other is not rule
    )


def _at_rim(rule: Rule, line: Box) -> bool:
    """Whether a level rule lies at the foot or head of a text line and ends inside it: the feet of 区医 are one run."""
    rim = 0.3 * line.height  # detectors draw a line's box now and then as high as its smaller characters
    if not rule.horizontal or not (line.x0 + rim < rule.start and rule.end < line.x1 - rim):
        return False
    return min(abs(rule.at - line.y0), abs(rule.at - line.y1)) < rim


def _goes_on(rule: Rule, rules: Sequence[Rule], scale: float, gap: float = math.inf) -> bool:
    """Whether another rule lies on the same track, no further off than a gap in pixels: a worn rule's pieces."""
    return any(
        other is not rule and other.horizontal == rule.horizontal and abs(other.at - rule.at) < ON_TRACK * scale
        and max(other.start - rule.end, rule.start - other.end) < gap
        for other in rules
    )


def _within(rule: Rule, line: Box) -> bool:
    """Whether a rule lies in the inner part of a text line's box, as a stroke does."""
    rim = 0.15 * line.height
    if rule.horizontal:
        return line.y0 + rim < rule.at < line.y1 - rim and rule.start > line.x0 - rim and rule.end < line.x1 + rim
    return line.x0 < rule.at < line.x1 and rule.start > line.y0 - rim and rule.end < line.y1 + rim
