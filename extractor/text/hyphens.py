"""Short dashes that are all of a blank cell's ink: no larger than specks, but spreadsheets print them for 0.

One alone is known by its shape and size. In a small print it is a few pixels long; what tells it from a speck then is
that others like it stand in other cells of the page, as far from their cells' right sides or middles, at half height.
Where dashes are five pixels long, now and then one is as high as it is long: it counts where a series of them is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

import cv2

from extractor.elements import Box, Char, TextLine
from extractor.geometry import grown
from extractor.text.leftover import EM
from extractor.text.linepieces import pixels
from extractor.text.markshapes import HYPHEN, is_hyphen
from extractor.text.rereading import INSET

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.text.leftover import Pieces

SEEN = 0.9  # probability of a dash told by its shape
TINY = 0.1  # ems: length of one of a series, at least
SOLID, LYING = 0.5, 0.7  # share of its box that is inked; its thickness by its length, at most
BLURRED = 1.0  # the latter of one that stands where a series of others does
LIKE = 0.35  # by which the length of one differs from that of others like it, of that length
IN_LINE = 0.12  # ems: the same of how far from its cell's right side, or its middle, it stands
LEVEL = 0.35  # ems: so far from half height one stands at most
SERIES = 4  # cells that make a series
MOST = 0.3  # of the cells with any such bar: specks stand anywhere


@dataclass(frozen=True, slots=True)
class _Bar:
    """A level bar in a blank cell, by the cell's number; pixels."""

    cell: int
    box: Box
    right: float  # from the cell's right side
    middle: float  # from its middle
    lying: bool  # whether it is clearly longer than high


def hyphens(cells: Mapping[int, Box], pieces: Pieces) -> dict[int, TextLine]:
    """The dashes of cells that hold nothing else. cells: boxes in pixels by their number; pieces: the page's ink."""
    em = EM * pieces.scale
    marks = _series([bar for k, cell in cells.items() for bar in _bars(k, cell, pieces.peppered, em)], em)
    for k, cell in cells.items():
        found = pieces.within(grown(cell, -INSET * em, -INSET * em))
        if k not in marks and len(found) == 1:
            mark = Box(*map(float, found[0]))
            if is_hyphen(pieces.cut(mark), mark, cell, em):
                marks[k] = mark
    return {
        k: TextLine("-", grown(mark, 0.1 * em, 0.5 * em), (Char("-", SEEN, mark.center.x),))
        for k, mark in marks.items()
    }


def _bars(number: int, cell: Box, ink: Picture, em: float) -> list[_Bar]:
    """The level bars at half a cell's height. ink: 1 where ink is, specks too: in a small print dashes are as large."""
    half = LEVEL * em
    x0, y0, x1, y1 = pixels(Box(cell.x0, cell.center.y - half, cell.x1, cell.center.y + half), ink)
    band = ink[y0:y1, x0:x1]
    if not band.any():
        return []
    _, _, stats, _ = cv2.connectedComponentsWithStats(band, connectivity=8)
    out = []
    for x, y, w, h, area in stats[1:].tolist():
        inside = x > 1 and x + w < x1 - x0 - 1 and y > 0 and y + h < y1 - y0
        if inside and TINY * em <= w <= HYPHEN[1] * em and h <= BLURRED * w and area >= SOLID * w * h:
            box = Box(float(x0 + x), float(y0 + y), float(x0 + x + w), float(y0 + y + h))
            out.append(_Bar(number, box, cell.x1 - box.x1, box.center.x - cell.center.x, h <= LYING * w))
    return out


def _series(every: Sequence[_Bar], em: float) -> dict[int, Box]:
    """The bars, by their cells, that belong to a series of like ones, and those blurred ones that stand in its line."""
    bars = [bar for bar in every if bar.lying]
    blurred = [bar for bar in every if not bar.lying]
    count = len({bar.cell for bar in bars})
    out: dict[int, Box] = {}
    for place in (attrgetter("right"), attrgetter("middle")):
        run: list[_Bar] = []
        for bar in sorted(bars, key=place):
            if run and place(bar) - place(run[-1]) > IN_LINE * em / 2:
                out |= _alike(run, count, blurred, place)
                run = []
            run.append(bar)
        out |= _alike(run, count, blurred, place)
    return out


def _alike(
    run: Sequence[_Bar], count: int, blurred: Sequence[_Bar], place: Callable[[_Bar], float]
) -> dict[int, Box]:
    """The bars of one line that are about as long, if enough cells have one; count: cells with any bar."""
    usual = sorted(bar.box.width for bar in run)[len(run) // 2] if run else 0.0
    like = {bar.cell: bar.box for bar in run if abs(bar.box.width - usual) <= LIKE * usual}
    if len(like) < max(SERIES, MOST * count):
        return {}
    first, last = place(run[0]), place(run[-1])
    return like | {
        bar.cell: bar.box for bar in blurred
        if bar.cell not in like and first <= place(bar) <= last and abs(bar.box.width - usual) <= LIKE * usual
    }
