"""Text lines into cells: cut at borders, ink that the detector missed, order inside a cell.

A cell is blank when no ink is left in it once rules, specks and coloured ink are taken off; only
cells with ink are read, because a recogniser invents text in an empty crop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.elements import Box, Grid
from extractor.geometry import grown, intersection, union
from extractor.text.cellink import MARGIN, CellInk, pale_ink, seen_ink, worn_ink
from extractor.text.linepieces import (
    ALONE,
    apart,
    completed,
    held_by,
    merged,
    pixels,
    reading_order,
    shared_areas,
    single_lines,
)
from extractor.text.specks import NO_SPECKS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture
    from extractor.pixels.ink import Ink
    from extractor.ports import DetectedLine
    from extractor.ruling.rules import Ridges
    from extractor.text.specks import Specks

THIN_PIECE = 0.3  # text heights: a strip of a text line narrower than this beyond a border is overshoot
SPECK = 0.28  # text heights: ink smaller than this both ways is a speck, or punctuation beside other ink
COMMA, HEAD_GAP = 0.15, 0.8  # text heights: a comma's size, and how far before a line's first character it stands
@dataclass(frozen=True, slots=True)
class Layout:
    """`cells[g][k]`: what to read in cell k of grid g. `outside`: text lines of no table."""

    cells: tuple[tuple[CellInk, ...], ...]
    outside: tuple[Box, ...] = field(default=())


def lay_out(
    detected: Sequence[DetectedLine], grids: Sequence[Grid], ink: Ink, ridges: Ridges, specks: Specks = NO_SPECKS
) -> Layout:
    """Decide what to read where: detected lines cut at borders, completed by ink that was missed.

    `ink` is without the page's specks.
    """
    scale = ridges.scale
    text: Picture = ink.faint & (1 - ridges.drawn)
    inside: list[list[list[Box]]] = [[[] for _ in grid.cells] for grid in grids]
    parted: set[tuple[int, int]] = set()
    outside: list[Box] = []
    for line in detected:
        home = [g for g, grid in enumerate(grids) if _belongs(line.box, grid.box)]
        if not home:
            outside.append(line.box)
        for g in home:
            for k, cell in enumerate(grids[g].cells):
                if cell.box.y0 >= line.box.y1 or cell.box.y1 <= line.box.y0:
                    continue  # as `intersection` would say, for most cells of most pages
                part = intersection(line.box, cell.box)
                if part and part.width >= THIN_PIECE * scale and part.height >= 0.4 * min(line.box.height, scale):
                    inside[g][k].append(part)
                    if part.width < line.box.width - THIN_PIECE * scale:
                        parted.add((g, k))
    cells = tuple(
        tuple(
            replace(_cell_ink(cell.box, inside[g][k], text, ink, scale, specks), parted=(g, k) in parted)
            for k, cell in enumerate(grid.cells)
        )
        for g, grid in enumerate(grids)
    )
    return Layout(cells, tuple(outside))


def _belongs(line: Box, table: Box) -> bool:
    shared = intersection(line, table)
    return shared is not None and shared.area > 0.35 * line.area


def _cell_ink(cell: Box, parts: list[Box], text: Picture, ink: Ink, scale: float, specks: Specks) -> CellInk:
    coloured = ink.coloured
    # The border's own ink, wherever within its tolerance it lies, is not the cell's.
    rim = min(0.14 * scale, 0.12 * cell.height, 0.12 * cell.width)
    inner = grown(cell, -rim, -rim)
    x0, y0, x1, y1 = pixels(inner, text)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return CellInk(())
    mask = text[y0:y1, x0:x1]
    seal = 0.0 if coloured is None else float(coloured[y0:y1, x0:x1].mean())
    marks = _marks(mask, x0, y0, scale, specks.least(SPECK * scale))
    if not marks or _are_dots(marks, scale):
        if worn := specks.worn_in(inner):
            return worn_ink(worn, inner, mask, scale)
        if seal > 0:
            return CellInk((), seal=seal)
        pale = pale_ink(inner, ink.clean, scale)
        return pale if pale.crops else seen_ink(parts, cell, ink.clean, pale.ink, scale)
    local = Box(x0, y0, x1, y1)
    lines = [p for p in (intersection(part, local) for part in parts) if p is not None]
    lines = [piece for line in merged(lines, scale) for piece in single_lines(line, text, scale)]
    lines = merged(lines, scale)
    # Rests of a seal are no text of their own; black ink beside and under it is.
    black = marks if coloured is None else [mark for mark in marks if not _tinted(mark, coloured)]
    own = [mark for mark in black if not specks.may_be(mark)]
    lines = completed(lines, black, own, text, scale)
    # Lines that a detector drew askew hold less when they are cut apart: what none holds any more comes back.
    lines = completed(apart(lines), black, own, text, scale)
    # A character alone on its line may have come to the line above, piece by piece.
    lines = [piece for line in lines for piece in single_lines(line, text, scale)]
    owned: dict[Box, list[Box]] = {line: [] for line in lines}
    if lines:
        shared = shared_areas(marks, lines)
        best = shared.argmax(axis=1)
        for mark, k, area in zip(marks, best.tolist(), shared.max(axis=1).tolist(), strict=True):
            if area >= 0.5 * mark.area:
                owned[lines[k]].append(mark)
    crops = []
    for line, own in owned.items():
        if own:
            # Ink that reaches into the next line's (touching characters) does not stretch this one, and
            # faded ink that the detector saw but the mask did not stays in.
            tight = intersection(union(own), grown(line, scale, 0.2 * scale))
            crop = tight and intersection(grown(tight, 2 * MARGIN * scale, MARGIN * scale), local)
            crop = crop and union([crop, line._replace(y0=crop.y0, y1=crop.y1)])
            if crop is not None:
                crops.append(crop)
    crops = merged(crops, scale)
    total = sum(mark.area for mark in marks)
    covered = sum(mark.area for mark, held in zip(marks, held_by(marks, crops), strict=True) if held)
    return CellInk(tuple(reading_order(crops)), float(mask.mean()), covered / total, seal)


def _marks(mask: Picture, x0: int, y0: int, scale: float, least: float) -> list[Box]:
    """Connected ink of a cell as boxes, specks (below `least`) left out unless beside larger ink (points, commas)."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    height, width = mask.shape
    boxes = []
    for x, y, w, h, area in stats[1:count].tolist():
        # What hugs the rim along most of it is a rest of the border.
        along_side = (x == 0 or x + w == width) and w < 0.2 * scale and h > 0.7 * height
        along_top = (y == 0 or y + h == height) and h < 0.2 * scale and w > 0.7 * scale
        if along_side or along_top or area < 0.006 * scale * scale:
            continue
        boxes.append(Box(x0 + x, y0 + y, x0 + x + w, y0 + y + h))
    large = [b for b in boxes if max(b.width, b.height) >= least]
    small = [b for b in boxes if max(b.width, b.height) < least]
    if not large or not small:
        return large
    return large + [b for b, kept in zip(small, _beside(small, large, scale), strict=True) if kept]


def _are_dots(marks: Sequence[Box], scale: float) -> bool:
    """Whether a cell's only ink are points in a row: no character is so low all over, and `marks` counts them."""
    return max(max(mark.width, mark.height) for mark in marks) < SPECK * scale and union(marks).height < ALONE * scale


def _beside(small: Sequence[Box], large: Sequence[Box], scale: float) -> NDArray[np.bool_]:
    """Which small marks are near any large one, or are 、 or ， at the head of one.

    The ink of these stands left below in a full width, so far from the next character.
    """
    x0, y0, x1, y1 = np.array(small, np.float64).T[:, :, None]
    left, top, right, bottom = np.array(large, np.float64).T[:, None, :]
    away = 0.6 * scale
    near = (np.minimum(x1 + away, right) > np.maximum(x0 - away, left)) & (
        np.minimum(y1 + away * 0.5, bottom) > np.maximum(y0 - away * 0.5, top)
    )
    middle, gap = (y0 + y1) / 2, left - x1
    low = (top + 0.4 * (bottom - top) < middle) & (middle < bottom + 0.25 * scale)
    head = low & (gap > 0) & (gap < HEAD_GAP * scale) & (np.maximum(x1 - x0, y1 - y0) >= COMMA * scale)
    return np.asarray((near | head).any(axis=1))


def _tinted(mark: Box, coloured: Picture) -> bool:
    x0, y0, x1, y1 = pixels(grown(mark, 2, 2), coloured)
    return float(coloured[y0:y1, x0:x1].mean()) > 0.35
