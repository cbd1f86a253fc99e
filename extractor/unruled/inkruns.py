"""Runs of text ink in a strip of the page: what tells columns apart where no rule does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.elements import Box
from extractor.geometry import overlap
from extractor.unruled.lonedashes import lone_dashes

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.pixels.ink import Ink
    from extractor.ruling.rules import Ridges

RIM = 0.14  # text heights: ink so near a strip's top or bottom is its rule's
LETTERS = 0.28  # text heights: ink nearer than this is one run; characters of a word stand closer
SPECK = 0.16  # text heights: a run narrower and lower than this, and as far as `ALONE` from others, is dirt
ALONE = 0.5
BRIDGED = 0.6  # text heights: a gap so wide inside a detected line beside a single character or a point parts nothing
SINGLE = 1.15  # text heights: width of one character at most
DIGIT = 0.5  # text heights: width of a digit at most
POINT = 0.26, 0.6  # text heights: width and height of a point, a comma or a colon at most
PITCH = 0.15  # of the distance between two digits' middles: by which that of others set as evenly differs from it
FULL = 0.8, 0.4  # of that distance: a digit's width at most; of a text height: its height at least
USUAL = 1.6  # times the line's usual gap between characters: such a gap is one too
BESIDE = 0.3  # share of the lower line's height that two lines beside each other have in common
REACH = 0.1  # text heights: how far a detected line's box may miss its own ink


@dataclass(frozen=True)
class InkRuns:
    """Text ink of a page, rules taken off and ink outside the detected lines left out.

    The picture is made when first asked for: most pages have no table without vertical rules.
    """

    ink: Ink
    ridges: Ridges
    lines: tuple[Box, ...]

    @property
    def scale(self) -> float:
        return self.ridges.scale

    @cached_property
    def text(self) -> Picture:
        text = _text(self.ink, self.ridges, self.lines)
        drawn = self.ridges.drawn
        for box in lone_dashes(cv2.subtract(self.ink.mask, drawn), drawn, self.lines, self.scale):
            text[_slice(box.y0, box.y1), _slice(box.x0, box.x1)] = 1
        return text

    def __call__(self, strip: Box) -> list[tuple[float, float]]:
        """Runs (x0, x1) of ink in a strip, left to right, all its text lines laid over each other."""
        rim = min(RIM * self.scale, 0.15 * strip.height)
        x0, x1 = max(0, round(strip.x0)), min(self.text.shape[1], round(strip.x1))
        y0, y1 = max(0, round(strip.y0 + rim)), min(self.text.shape[0], round(strip.y1 - rim))
        if x1 <= x0 or y1 <= y0:
            return []
        part = self._own(y0, y1)[:, x0:x1]
        columns = np.flatnonzero(part.any(axis=0))
        if not len(columns):
            return []
        cuts = np.flatnonzero(np.diff(columns) > max(2.0, LETTERS * self.scale))
        found = list(zip(columns[np.r_[0, cuts + 1]].tolist(), (columns[np.r_[cuts, -1]] + 1).tolist(), strict=True))
        runs = []
        for k, (start, end) in enumerate(found):
            high = int(part[:, start:end].any(axis=1).sum())
            near = min(
                start - found[k - 1][1] if k else part.shape[1],
                found[k + 1][0] - end if k + 1 < len(found) else part.shape[1],
            )
            if max(end - start, high) >= SPECK * self.scale or near < ALONE * self.scale:
                runs.append((float(x0 + start), float(x0 + end)))
        return runs

    def _own(self, y0: int, y1: int) -> Picture:
        """The text ink between two heights without the heads and feet of lines that stand above or below.

        They would part and blur what stands there: of a rule between two rows the tall cells beside it know nothing.
        """
        part = self.text[y0:y1]
        reach = REACH * self.scale
        near = [(_reached(line, reach), _holds(y0, y1, line)) for line in self.lines]
        near = [(box, held) for box, held in near if box.y1 > y0 and box.y0 < y1]
        if all(held for _, held in near):
            return part
        out = part.copy()
        for box, held in sorted(near, key=lambda one: one[1]):
            rows, columns = _slice(box.y0 - y0, box.y1 - y0), _slice(box.x0, box.x1)
            out[rows, columns] = part[rows, columns] if held else 0
        return out


def _reached(line: Box, reach: float) -> Box:
    return Box(line.x0 - reach, line.y0 - reach, line.x1 + reach, line.y1 + reach)


def _slice(start: float, end: float) -> slice:
    return slice(max(0, round(start)), max(0, round(end)))


def _holds(y0: int, y1: int, line: Box) -> bool:
    """Whether some of a line's middle half lies between two heights."""
    return line.y0 + line.height / 4 < y1 and line.y1 - line.height / 4 > y0


def _text(ink: Ink, ridges: Ridges, lines: Sequence[Box]) -> Picture:
    text: Picture = cv2.subtract(ink.mask, ridges.drawn)
    out: Picture = np.zeros_like(text)
    reach = REACH * ridges.scale
    for line in lines:
        box = _reached(line, reach)
        x0, x1 = max(0, round(box.x0)), max(0, round(box.x1))
        whole = _slice(box.y0, box.y1), slice(x0, x1)
        out[whole] = np.maximum(text[whole], out[whole])
        own = text[max(0, round(line.y0)) : max(0, round(line.y1)), x0:x1]
        # Over the height of its middle half a line is whole: a strip that cuts it still sees where it stands.
        inner = slice(max(0, round(line.y0 + line.height / 4)), max(1, round(line.y1 - line.height / 4)))
        if own.size:
            out[inner, x0:x1] = np.maximum(out[inner, x0:x1], own.max(axis=0))
        left, right = _between(line, lines, x0, x1)
        for a, b in _bridges(own[:, left - x0 : right - x0], ridges.scale):
            out[inner, left + a : left + b] = 1
    return out


def _between(line: Box, lines: Sequence[Box], x0: int, x1: int) -> tuple[int, int]:
    """Where a line's stretch from x0 to x1 is its own: detected boxes may take in the edge of the text beside them."""
    for other in lines:
        if overlap(line.y0, line.y1, other.y0, other.y1) < BESIDE * min(line.height, other.height):
            continue
        if other.x0 < line.x0 and other.x1 < line.center.x:
            x0 = max(x0, round(other.x1))
        if other.x1 > line.x1 and other.x0 > line.center.x:
            x1 = min(x1, round(other.x0))
    return x0, x1


def _bridges(line: Picture, scale: float) -> list[tuple[int, int]]:
    """Gaps between the characters of one detected line, to be filled: a narrow face leaves wide ones."""
    columns = np.flatnonzero(line.any(axis=0)) if line.size else np.zeros(0, int)
    if not len(columns):
        return []
    cuts = np.flatnonzero(np.diff(columns) > max(1.0, 0.08 * scale))
    starts, ends = columns[np.r_[0, cuts + 1]].tolist(), (columns[np.r_[cuts, -1]] + 1).tolist()
    gaps = [starts[k + 1] - ends[k] for k in range(len(cuts))]
    if not gaps:
        return []
    usual = USUAL * float(np.median(gaps))
    letter = [DIGIT < (end - start) / scale < SINGLE for start, end in zip(starts, ends, strict=True)]
    high = [int(line[:, start:end].any(axis=1).sum()) for start, end in zip(starts, ends, strict=True)]
    point = [
        end - start < POINT[0] * scale and tall < POINT[1] * scale
        for start, end, tall in zip(starts, ends, high, strict=True)
    ]
    evenly = _evenly_set(list(zip(starts, ends, strict=True)), point, [h > FULL[1] * scale for h in high])
    return [
        (ends[k], starts[k + 1])
        for k, gap in enumerate(gaps)
        if k in evenly
        or (gap < BRIDGED * scale and (point[k] or (gap <= usual and (letter[k] or letter[k + 1]))))
    ]


def _evenly_set(marks: Sequence[tuple[int, int]], point: Sequence[bool], tall: Sequence[bool]) -> set[int]:
    """Indices of the gaps behind the marks (their ends) of a number whose point or comma has a square of its own.

    Full-width digits stand in the middle of squares as wide as a Chinese character's, a point at the left of its own:
    as wide a blank follows as one between columns. But the digits around it stand two squares apart.
    """
    middles = [(start + end) / 2 for start, end in marks]

    def is_next(k: int, other: int, pitch: float) -> bool:
        digits = all(tall[i] and marks[i][1] - marks[i][0] < FULL[0] * pitch for i in (k, other))
        return digits and abs(middles[other] - middles[k] - pitch * (other - k)) < PITCH * pitch

    out: set[int] = set()
    for k in range(1, len(marks) - 1):
        pairs = [(i, i + 1) for i in (k - 2, k + 1) if i >= 0 and i + 1 < len(marks)]
        pitches = [middles[j] - middles[i] for i, j in pairs]
        for pitch in pitches if point[k] and not (point[k - 1] or point[k + 1]) else ():
            if not is_next(k - 1, k + 1, pitch):
                continue
            first, last = k - 1, k + 1
            while first and is_next(first - 1, first, pitch):
                first -= 1
            while last + 1 < len(marks) and is_next(last, last + 1, pitch):
                last += 1
            if last - first > 2:
                out |= set(range(first, last))
    return out
