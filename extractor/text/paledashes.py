"""Dashes too pale to be ink, that spreadsheets print for 0 in cells which come out blank.

A worn scan leaves a dash of two pixels a fifth of its contrast: no ink, but a level bar that stands clear of the
paper's grain along its whole length. One alone may be a fold or a rest of anything; what tells dashes is that others,
in other cells of the page, stand as far from their cells' right sides or middles, at half height.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.elements import Box, Char, TextLine
from extractor.geometry import grown
from extractor.text.linepieces import pixels

if TYPE_CHECKING:
    from extractor.elements import Picture

SEEN = 0.8  # probability of a dash told so
SPAN = 0.4  # ems: a bar is as dark as this along so much of its length
LONGEST, THICKEST = 1.2, 0.3  # ems
BESIDE = 0.25  # ems above and below a bar where there is paper
LEVEL = 0.3  # ems: so far from half height one stands at most
INSET = 0.2  # ems of a cell's sides that are not looked at: rests of its borders
CLEAR, LEAST = 6.0, 10.0  # times the grain, and grey levels, that a bar is darker than its paper
BLACK = 100.0  # grey levels: what is so much darker than its paper is a speck, or ink, and no pale bar
IN_LINE = 0.15  # ems: the same of how far from its cell's right side, or its middle, one stands
SERIES = 2  # cells that make a series
MOST = 0.4  # of the page's blank cells with such a bar that are in no series: else the page is full of bars


@dataclass(frozen=True, slots=True)
class _Bar:
    """A pale bar of a blank cell, by the cell's number; pixels."""

    cell: int
    box: Box
    right: float  # from the cell's right side
    middle: float  # from its middle


def pale_dashes(cells: Mapping[int, Box], picture: Picture, em: float) -> dict[int, TextLine]:
    """The dashes of cells without ink. cells: boxes in pixels by their number; picture: the page's, grey or colour."""
    bars = [bar for k, cell in cells.items() if (bar := _bar(k, cell, picture, em)) is not None]
    if len(bars) < SERIES:
        return {}
    found: dict[int, Box] = {}
    for place in ("right", "middle"):
        run: list[_Bar] = []
        every = sorted(bars, key=lambda bar: getattr(bar, place))
        for bar in every:
            if run and getattr(bar, place) - getattr(run[-1], place) > IN_LINE * em:
                run = []
            run.append(bar)
            if len(run) >= SERIES:
                found |= {one.cell: one.box for one in run}
    if len(bars) - len(found) > MOST * len(bars):
        return {}
    return {
        k: TextLine("-", grown(box, 0.1 * em, 0.5 * em), (Char("-", SEEN, box.center.x),)) for k, box in found.items()
    }


def _bar(number: int, cell: Box, picture: Picture, em: float) -> _Bar | None:
    """The clearest level bar at half a cell's height, if it stands clear of the paper's grain."""
    x0, y0, x1, y1 = pixels(grown(cell, -INSET * em, -INSET * em), picture)
    if y1 - y0 < 2 * BESIDE * em + 3 or x1 - x0 < 2 * SPAN * em:
        return None
    half, step = max(1, round(LEVEL * em)), max(2, round(BESIDE * em))
    y0, y1 = max(y0, round(cell.center.y) - half - step - 3), min(y1, round(cell.center.y) + half + step + 4)
    part, middle = picture[y0:y1, x0:x1], cell.center.y - y0
    top, bottom = max(0, round(middle) - half), min(y1 - y0, round(middle) + half + 1)
    if top >= bottom or int(part[top:bottom].max()) - int(part[top:bottom].min()) < LEAST:
        return None
    grey, span = part if part.ndim == 2 else part.min(axis=2), max(3, round(SPAN * em))
    paper = float(np.median(grey[::2, ::3]))
    if paper - float(cv2.blur(grey, (span, 2))[top:bottom].min()) < LEAST:
        return None  # as most are
    dark = np.float32(paper) - grey.astype(np.float32)
    dark[cv2.dilate((dark > BLACK).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = 0.0
    dark = cv2.blur(dark, (3, 2), borderType=cv2.BORDER_REPLICATE)
    along = cv2.erode(dark, np.ones((1, span), np.uint8), borderType=cv2.BORDER_REPLICATE)
    around = cv2.copyMakeBorder(cv2.blur(dark, (span, 1)), step, step, 0, 0, cv2.BORDER_REFLECT)
    clear = along - np.maximum(around[: -2 * step], around[2 * step :])
    some = clear[::2, ::2]
    grain = 1.4826 * float(np.median(np.abs(some - np.median(some))))
    band = clear[top:bottom]
    row, column = (int(v) for v in np.unravel_index(int(band.argmax()), band.shape))
    peak = float(band[row, column])
    if peak < max(LEAST, CLEAR * grain):
        return None
    rows, columns = _reach(dark[:, column], top + row), _reach(dark[top + row], column)
    box = Box(float(x0 + columns[0]), float(y0 + rows[0]), float(x0 + columns[1]), float(y0 + rows[1]))
    inside = columns[0] > 0 and columns[1] < x1 - x0
    if not inside or box.width > LONGEST * em or box.height > max(4.0, THICKEST * em) or box.height > box.width / 2:
        return None
    return _Bar(number, box, cell.x1 - box.x1, box.center.x - cell.center.x)


def _reach(line: Picture, at: int) -> tuple[int, int]:
    """From where to where a line of values stays above half of what it has at a place."""
    least = 0.5 * float(line[at])
    first = last = at
    while first and line[first - 1] > least:
        first -= 1
    while last < len(line) - 1 and line[last + 1] > least:
        last += 1
    return first, last + 1
