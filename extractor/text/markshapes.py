"""Marks told by their shape alone: boxes with and without a tick, brackets, a level stroke. Lengths are in ems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.elements import Box

if TYPE_CHECKING:
    from extractor.elements import Picture

SIDE = (0.5, 1.15)  # ems: a box's side
SQUARE = 1.35  # its longer side by the shorter
STANDING = 0.42  # ems: a straight run of ink as long as this may be a side
WHOLE = 0.75  # share of a side that is inked
WORN = 0.6  # the same of three sides where boxes stand in the same cell
TICKED = (0.06, 0.5)  # share of a box's inside that a tick inks; an empty one's is clean, and 国 has more
ARC = (0.7, 1.5)  # ems: a bracket's height
THICK = 0.24  # ems: a bracket's stroke across
SLIM = 0.45  # ems: its width
STROKE = (0.55, 1.2)  # ems: length of a lone level stroke
FLAT = 0.22  # ems: its thickness
HYPHEN = (0.2, 0.55)  # ems: length of a lone short dash
LYING = 0.65  # its thickness by its length
SOLID = 0.75  # share of its box that is inked
CLEAR = (0.12, 0.25)  # ems: so far from its cell's upright, level sides its middle or nearer end stands
MIDDLE = 0.25  # ems: how far from its line's middle it may stand


def kind_of(ink: Picture, box: Box, middle: float, em: float) -> str:
    """What a mark is by its shape, "" for none that can be told. `ink`: 1 where inked; `middle`: its line's, a y."""
    if box.width < SLIM * em and ARC[0] * em <= box.height <= ARC[1] * em:
        return bracket(ink, em)
    if STROKE[0] * em <= box.width <= STROKE[1] * em and box.height <= FLAT * em:
        return "一" if abs(box.center.y - middle) <= MIDDLE * em else ""
    return tick_box(ink, em)


def is_hyphen(ink: Picture, box: Box, cell: Box, em: float) -> bool:
    """Whether a cell's only ink is a short solid bar that lies clear of the cell's borders."""
    if not HYPHEN[0] * em <= box.width <= HYPHEN[1] * em or box.height > LYING * box.width or ink.mean() < SOLID:
        return False
    beside = min(box.x0 - cell.x0, cell.x1 - box.x1)
    return beside > CLEAR[0] * em and min(box.center.y - cell.y0, cell.y1 - box.center.y) > CLEAR[1] * em


def bracket(ink: Picture, em: float, thick: float = THICK) -> str:
    """"(" or ")" where a tall mark is one arc bent to that side, no thicker than so many ems, else ""."""
    rows = ink.sum(axis=1)
    inked = rows > 0
    if inked.mean() < 0.85 or rows[inked].mean() > thick * em:
        return ""
    heights = np.flatnonzero(inked)
    across = (ink[inked] * np.arange(ink.shape[1])).sum(axis=1) / rows[inked]
    part = max(1, len(heights) // 5)
    top, bottom = float(across[:part].mean()), float(across[-part:].mean())
    third = len(heights) // 3
    centre = float(across[third : len(heights) - third].mean())
    bend = (top + bottom) / 2 - centre
    # Both ends lie on the same side of its middle: a slash's do not.
    if min(abs(top - centre), abs(bottom - centre)) < 0.04 * em or (top - centre) * (bottom - centre) <= 0:
        return ""
    return "(" if bend > 0 else ")"


def tick_box(ink: Picture, em: float) -> str:
    """"☐" or "☑" where a mark is a square with four straight sides, else ""."""
    frame = _frame(ink, em)
    return "" if frame is None else _ticked(ink, frame)


def worn_box(ink: Picture, em: float) -> str:
    """The same of a square that may lack a side, "" where more than one is gone."""
    high, wide = ink.shape
    small, large = sorted((high, wide))
    if small < SIDE[0] * em or large > SIDE[1] * em or large > SQUARE * small:
        return ""
    whole = sum(side >= WORN for side in _coverages(ink, em))
    return _ticked(ink, (0, 0, wide - 1, high - 1)) if whole >= 3 else ""


def _ticked(ink: Picture, frame: tuple[int, int, int, int]) -> str:
    x0, y0, x1, y1 = frame
    rim = max(2, round(0.22 * (x1 - x0)))
    inside = ink[y0 + rim : y1 - rim + 1, x0 + rim : x1 - rim + 1]
    share = float(inside.mean()) if inside.size else 0.0
    return "☐" if share <= TICKED[0] else "☑" if share <= TICKED[1] else ""


def _frame(ink: Picture, em: float) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of the square that straight runs of ink make; a tick may go beyond it."""
    gap, run = max(2, round(0.15 * em)), max(4, round(STANDING * em))
    padded = cv2.copyMakeBorder(ink, run, run, run, run, cv2.BORDER_CONSTANT, value=(0,))
    sides = []
    for axis in (1, 0):
        along, across = ((1, run), (1, gap)) if axis == 1 else ((run, 1), (gap, 1))
        joined = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones(across, np.uint8))
        straight = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones(along, np.uint8))
        places = np.flatnonzero(straight.any(axis=axis)) - run
        if not len(places):
            return None
        sides.append((int(places[0]), int(places[-1])))
    (top, bottom), (left, right) = sides
    high, wide = bottom - top + 1, right - left + 1
    small, large = sorted((high, wide))
    if small < SIDE[0] * em or large > SIDE[1] * em or large > SQUARE * small:
        return None
    own = ink[max(0, top) : bottom + 1, max(0, left) : right + 1]
    return (left, top, right, bottom) if min(_coverages(own, em)) >= WHOLE else None


def _coverages(square: Picture, em: float) -> tuple[float, ...]:
    """The shares of a square's upper, lower, left and right side that are inked."""
    band = max(1, round(0.1 * em))
    sides = (square[:band].any(0), square[-band:].any(0), square[:, :band].any(1), square[:, -band:].any(1))
    return tuple(float(side.mean()) for side in sides)
