"""Dotted and dashed rules of a bent page, traced from mark to mark.

Their pieces are shorter than a character's strokes, so that no opening along a rule keeps them, and on paper that bends
they cannot be filled along one straight track. But each has its next at the printer's own distance, and a row of
a dozen such marks has no other maker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.sheets.curves import NOTHING, RIDGE, SHORTEST, THICKEST, Curves

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

HIGHEST, WIDEST = 0.35, 1.5  # text heights: of a mark; longer dashes are traced as rules are
GAP = 1.0  # text heights: the widest gap between two marks
STRAYS = 0.12  # text heights: so far beside a mark's middle the next one may begin
FEWEST = 12  # marks of a row
ALIKE = 0.75  # share of its periods that are the usual one
SAME = 0.2  # of the usual period, or `SAME_PIXELS`, by which one may differ
SAME_PIXELS = 1.2
LEAST_MARKS = 100  # of a page: with fewer there is nothing to look for


def trace_dotted(clean: Picture, scale: float) -> Curves:
    """Level dotted rules of an evened grey picture (transpose it for upright ones). scale: text height, pixels."""
    widest = max(3, round(THICKEST * scale)) | 1
    dark = cv2.morphologyEx(clean, cv2.MORPH_BLACKHAT, np.ones((widest, 1), np.uint8))
    _, labels, stats, found = cv2.connectedComponentsWithStats((dark > RIDGE).astype(np.uint8), connectivity=8)
    small = (stats[:, cv2.CC_STAT_HEIGHT] <= HIGHEST * scale) & (stats[:, cv2.CC_STAT_WIDTH] <= WIDEST * scale)
    small[0] = False
    marks = np.flatnonzero(small)
    if len(marks) < LEAST_MARKS:
        return NOTHING
    centres = found.astype(np.float64)
    ends = (stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH]).astype(np.int64)
    after = _nexts(labels, marks, centres[:, 1], ends, scale)
    rows = [row for row in _rows(marks, np.where(small[after], after, 0)) if _is_rule(centres[row, 0], scale)]
    if not rows:
        return NOTHING
    points = np.concatenate(rows)
    curve = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    return Curves(centres[points, 0], centres[points, 1], curve.astype(np.int64))


def _nexts(labels: Picture, marks: Ints, middles: Floats, ends: Ints, scale: float) -> Ints:
    """For each label the one that follows to the right of it, 0 where none does; of labels that are no marks: 0.

    labels: of every pixel. middles, ends: of each label, the row of its centre and the column after its last.
    """
    height, width = labels.shape
    strays, gap = max(1, round(STRAYS * scale)), max(2, round(GAP * scale))
    rows = np.clip(np.round(middles[marks]).astype(np.int64)[:, None] + np.arange(-strays, strays + 1), 0, height - 1)
    columns = np.minimum(ends[marks][:, None] + np.arange(gap), width - 1)
    ahead = labels[rows[:, :, None], columns[:, None, :]].max(axis=1)
    found = ahead[np.arange(len(marks)), (ahead > 0).argmax(axis=1)]
    after = np.zeros(len(middles), np.int64)
    after[marks] = np.where(found == marks, 0, found)
    return after


def _rows(marks: Ints, after: Ints) -> list[Ints]:
    """Marks in rows of `FEWEST` or more, each followed by the next; of two before one mark one alone is in its row."""
    before = np.zeros(len(after), np.int64)
    before[after[marks]] = marks
    before[0] = 0
    rows = []
    for first in marks[before[marks] == 0].tolist():
        row, mark = [first], int(after[first])
        while mark and before[mark] == row[-1] and len(row) <= len(marks):
            row.append(mark)
            mark = int(after[mark])
        if len(row) >= FEWEST:
            rows.append(np.array(row, np.int64))
    return rows


def _is_rule(places: Floats, scale: float) -> bool:
    """Whether a row of marks with these centres is long enough and has one period, as no strokes of text have."""
    periods = np.diff(places)
    usual = float(np.median(periods))
    same = np.abs(periods - usual) <= max(SAME_PIXELS, SAME * usual)
    return bool(places[-1] - places[0] >= SHORTEST * scale and same.mean() >= ALIKE)
