"""Ruling lines of a born-digital page from what it paints.

Producers draw one printed rule in many ways: a stroke, a thin filled rectangle, both on top of each
other, one piece for each cell, a row of dots. All become bands (position, thickness, extent); bands
that overlap are one rule, and what a later opaque fill covers is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from extractor.affine import Affine, apply, apply_box
from extractor.elements import Box, Rule
from extractor.painted import Painted

# All in multiples of the page's text height.
THIN = 0.45  # a filled bar up to this thick is a rule, above it is shading
SHORTEST = 0.8  # no row or column is smaller than its text
GAP = 0.25  # pieces of one rule drawn cell by cell end at the neighbour's thickness
DASH = 1.0  # a dash is shorter than this; dashes join over gaps up to 1.5 times their length
_DASH_GAP = 1.5
_SLANT = 0.01  # rise by run up to which a stroke counts as axis-parallel


@dataclass(frozen=True, slots=True)
class _Band:
    """One piece: it covers [low, high] across and [start, end] along."""

    low: float
    high: float
    start: float
    end: float
    order: int


def find_vector_rules(painted: Painted, to_page: Affine, page: Box, text_height: float) -> tuple[Rule, ...]:
    """Rules in page points (y down). `to_page` takes user space there, `page` is what is shown of it."""
    thin = THIN * text_height
    across: list[_Band] = []
    down: list[_Band] = []
    covers: list[tuple[Box, int]] = []
    for fill in painted.fills:
        box = _inside(apply_box(to_page, fill.box), page)
        if box is None:
            continue
        if min(box.width, box.height) > thin:
            if fill.opaque:
                covers.append((box, fill.order))
        elif fill.dark:
            _add(across, down, box, fill.order, thin)
        elif fill.opaque:
            covers.append((box, fill.order))
    for stroke in painted.segments:
        (x0, y0), (x1, y1) = apply(to_page, stroke.x0, stroke.y0), apply(to_page, stroke.x1, stroke.y1)
        half = stroke.width / 2
        run, rise = abs(x1 - x0), abs(y1 - y0)
        if stroke.width > thin or min(run, rise) > _SLANT * max(run, rise):
            continue
        spread = (0.0, half) if run >= rise else (half, 0.0)
        raw = Box(min(x0, x1) - spread[0], min(y0, y1) - spread[1], max(x0, x1) + spread[0], max(y0, y1) + spread[1])
        box = _inside(raw, page)
        if box is not None:
            _add(across, down, box, stroke.order, thin)
    for image in painted.images:  # some producers paint rules as stretched one-pixel images
        box = _inside(apply_box(to_page, image.box), page)
        if box is not None and min(box.width, box.height) <= thin:
            _add(across, down, box, image.order, thin)
    rules = [
        Rule(horizontal, (band.low + band.high) / 2, band.start, band.end, band.high - band.low)
        for horizontal, bands in ((True, across), (False, down))
        for band in _join(_uncovered(bands, covers, horizontal), text_height)
        if band.end - band.start >= SHORTEST * text_height
    ]
    return tuple(rules)


def _inside(box: Box, page: Box) -> Box | None:
    x0, y0, x1, y1 = max(box.x0, page.x0), max(box.y0, page.y0), min(box.x1, page.x1), min(box.y1, page.y1)
    return Box(x0, y0, x1, y1) if x0 <= x1 and y0 <= y1 else None


def _add(across: list[_Band], down: list[_Band], box: Box, order: int, thin: float) -> None:
    """A piece that is small both ways may be a dot of either direction."""
    if box.height <= thin and (box.width >= box.height or box.width <= thin):
        across.append(_Band(box.y0, box.y1, box.x0, box.x1, order))
    if box.width <= thin and (box.height >= box.width or box.height <= thin):
        down.append(_Band(box.x0, box.x1, box.y0, box.y1, order))


def _uncovered(bands: Sequence[_Band], covers: Sequence[tuple[Box, int]], horizontal: bool) -> list[_Band]:
    """Cut away what opaque fills painted later hide; a rule along a fill's edge stays."""
    if not covers:
        return list(bands)
    boxes = np.array([box for box, _ in covers])
    orders = np.array([order for _, order in covers])
    low, high, start, end = boxes.T[[1, 3, 0, 2] if horizontal else [0, 2, 1, 3]]
    out: list[_Band] = []
    for band in bands:
        # A cover hardly thicker than the rule erases it by standing on it; a larger one must reach past both sides.
        slim = high - low <= 2 * (band.high - band.low)
        inside = np.where(slim, (low <= band.low) & (band.high <= high), (low < band.low) & (band.high < high))
        hidden = np.flatnonzero(inside & (orders > band.order) & (start < band.end) & (band.start < end))
        pieces = [(band.start, band.end)]
        for i in hidden:
            pieces = [cut for piece in pieces for cut in _without(piece, float(start[i]), float(end[i]))]
        out += [_Band(band.low, band.high, a, b, band.order) for a, b in pieces]
    return out


def _without(piece: tuple[float, float], start: float, end: float) -> list[tuple[float, float]]:
    a, b = piece
    if end <= a or start >= b:
        return [piece]
    return [(p, q) for p, q in ((a, min(b, start)), (max(a, end), b)) if q > p]


def _join(bands: list[_Band], text_height: float) -> list[_Band]:
    """Bands that overlap across and meet along become one."""
    lanes: list[list[_Band]] = []
    for band in sorted(bands, key=lambda b: (b.low, b.high)):
        # Only the lane's own extent counts, so that lanes do not creep across the page.
        if lanes and band.low <= max(b.high for b in lanes[-1]) and _same_lane(lanes[-1], band, text_height):
            lanes[-1].append(band)
        else:
            lanes.append([band])
    return [joined for lane in lanes for joined in _along(lane, text_height)]


def _same_lane(lane: list[_Band], band: _Band, text_height: float) -> bool:
    return max(band.high, *(b.high for b in lane)) - min(b.low for b in lane) <= THIN * text_height


def _along(lane: list[_Band], text_height: float) -> list[_Band]:
    lane = sorted(lane, key=lambda b: b.start)
    out = [lane[0]]
    last = lane[0].end - lane[0].start
    for band in lane[1:]:
        length = band.end - band.start
        gap = GAP * text_height
        if max(last, length) <= DASH * text_height:
            gap = max(gap, _DASH_GAP * max(last, length))
        head = out[-1]
        if band.start <= head.end + gap:
            heavy = head if head.end - head.start >= length else band
            low, high = (min(head.low, band.low), max(head.high, band.high)) if _overlap(head, band) else (
                heavy.low, heavy.high
            )
            out[-1] = _Band(low, high, head.start, max(head.end, band.end), head.order)
        else:
            out.append(band)
        last = length
    return out


def _overlap(a: _Band, b: _Band) -> bool:
    """Drawn on top of each other (a stroke and its fill), not one after the other."""
    return min(a.end, b.end) - max(a.start, b.start) > 0.5 * min(a.end - a.start, b.end - b.start)
