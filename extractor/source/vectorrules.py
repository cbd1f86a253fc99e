"""Ruling lines of a born-digital page from what it paints.

Producers draw one printed rule in many ways: a stroke, a thin filled rectangle, both on top of each
other, one piece for each cell, a row of dots. All become bands (position, thickness, extent); bands
that overlap are one rule, and what a later opaque fill covers is gone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from extractor.affine import Affine, apply, apply_box
from extractor.elements import Box, Rule
from extractor.source.painted import WHITE, Painted

# All in multiples of the page's text height.
THIN = 0.45  # a filled bar up to this thick is a rule, above it is shading
SHORTEST = 0.8  # no row or column is smaller than its text
GAP = 0.25  # pieces of one rule drawn cell by cell end at the neighbour's thickness
DASH = 1.0  # a dash is shorter than this; dashes join over gaps up to 1.5 times their length
_DASH_GAP = 1.5
DARK = 225.0  # luma of shading on which a white rule stands out
_CONTRAST = 40.0  # steps of luma between a ground and the cells painted on it
_MOSTLY = 0.7  # share of the white bars' length that must stand on dark shading
_SLANT = 0.01  # rise by run up to which a stroke counts as axis-parallel


@dataclass(frozen=True, slots=True)
class _Band:
    """One piece: it covers [low, high] across and [start, end] along."""

    low: float
    high: float
    start: float
    end: float
    order: int


@dataclass(frozen=True, slots=True)
class _Paint:
    """A painted box in page points, as light as it looks on white paper."""

    box: Box
    luma: float
    order: int


def find_vector_rules(painted: Painted, to_page: Affine, page: Box, text_height: float) -> tuple[Rule, ...]:
    """Rules in page points (y down). `to_page` takes user space there, `page` is what is shown of it."""
    thin = THIN * text_height
    bars, areas, covers = _sort_out(painted, to_page, page, thin)
    dark = [area for area in areas if area.luma < DARK]
    seen = [bar for bar in bars if bar.luma < WHITE]
    seen += _on_dark([bar for bar in bars if bar.luma >= WHITE], dark, thin)
    seen += [gap for ground in dark for gap in _gaps(ground, areas, thin)]
    across = [_Band(b.y0, b.y1, b.x0, b.x1, order) for b, order in _lying(seen, thin)]
    down = [_Band(b.x0, b.x1, b.y0, b.y1, order) for b, order in _standing(seen, thin)]
    return tuple(
        Rule(horizontal, (band.low + band.high) / 2, band.start, band.end, band.high - band.low)
        for horizontal, bands in ((True, across), (False, down))
        for band in _join(_uncovered(bands, covers, horizontal), text_height)
        if band.end - band.start >= SHORTEST * text_height
    )


def _sort_out(
    painted: Painted, to_page: Affine, page: Box, thin: float
) -> tuple[list[_Paint], list[_Paint], list[_Paint]]:
    """Thin bars (stroked, filled, or painted as stretched images), opaque areas, and all that can hide a rule."""
    bars: list[_Paint] = []
    areas: list[_Paint] = []
    covers: list[_Paint] = []
    for fill in painted.fills:
        box = _inside(apply_box(to_page, fill.box), page)
        if box is None:
            continue
        paint = _Paint(box, fill.luma, fill.order)
        slim = min(box.width, box.height) <= thin
        if slim:
            bars.append(paint)
        elif fill.opaque:
            areas.append(paint)
        if fill.opaque and not (slim and fill.dark):
            covers.append(paint)
    for stroke in painted.segments:
        (x0, y0), (x1, y1) = apply(to_page, stroke.x0, stroke.y0), apply(to_page, stroke.x1, stroke.y1)
        half = stroke.width / 2
        run, rise = abs(x1 - x0), abs(y1 - y0)
        if stroke.width > thin or min(run, rise) > _SLANT * max(run, rise):
            continue
        dx, dy = (0.0, half) if run >= rise else (half, 0.0)
        box = _inside(Box(min(x0, x1) - dx, min(y0, y1) - dy, max(x0, x1) + dx, max(y0, y1) + dy), page)
        if box is not None:
            bars.append(_Paint(box, stroke.luma, stroke.order))
    for image in painted.images:
        box = _inside(apply_box(to_page, image.box), page)
        if box is not None and min(box.width, box.height) <= thin:
            bars.append(_Paint(box, 0.0, image.order))
    return bars, areas, covers


def _on_dark(bars: Sequence[_Paint], dark: Sequence[_Paint], thin: float) -> list[_Paint]:
    """The stretches of white bars that stand on dark shading: there, and only there, they are rules.

    Where most of them stand on white paper (tables striped by shading), what shows is no grid.
    """
    parts: list[_Paint] = []
    for bar in bars:
        for area in dark:
            x0, y0, x1, y1 = area.box
            part = _inside(bar.box, Box(x0 - thin, y0 - thin, x1 + thin, y1 + thin))
            if area.order < bar.order and part is not None and max(part.width, part.height) > 2 * thin:
                parts.append(_Paint(part, bar.luma, bar.order))
    shown, drawn = (sum(max(p.box.width, p.box.height) for p in some) for some in (parts, bars))
    return parts if shown >= _MOSTLY * drawn else []


def _gaps(ground: _Paint, areas: Sequence[_Paint], thin: float) -> list[_Paint]:
    """Rules that are the dark ground showing between lighter cells painted on it (tables with cell spacing)."""
    whole = ground.box
    cells = [
        a for a in areas
        if a.order > ground.order and a.luma >= ground.luma + _CONTRAST and _inside(a.box, whole) == a.box
    ]
    if len(cells) < 2:
        return []
    x0, y0, x1, y1 = np.array([cell.box for cell in cells]).T
    out: list[_Paint] = []
    for cell in cells:
        box = cell.box
        beside, below = (y0 < box.y1) & (y1 > box.y0), (x0 < box.x1) & (x1 > box.x0)
        right = min([whole.x1, *x0[beside & (x0 >= box.x1)]])
        bottom = min([whole.y1, *y0[below & (y0 >= box.y1)]])
        strips = [Box(box.x1, box.y0, float(right), box.y1), Box(box.x0, box.y1, box.x1, float(bottom))]
        if box.x0 - whole.x0 <= thin:
            strips.append(Box(whole.x0, box.y0, box.x0, box.y1))
        if box.y0 - whole.y0 <= thin:
            strips.append(Box(box.x0, whole.y0, box.x1, box.y0))
        out += [_Paint(s, ground.luma, ground.order) for s in strips if 0 < min(s.width, s.height) <= thin]
    return out


def _lying(bars: Sequence[_Paint], thin: float) -> list[tuple[Box, int]]:
    """Bars that lie; one that is small both ways may be a dot of either direction."""
    boxes = ((bar.box, bar.order) for bar in bars)
    return [(b, order) for b, order in boxes if b.height <= thin and (b.width >= b.height or b.width <= thin)]


def _standing(bars: Sequence[_Paint], thin: float) -> list[tuple[Box, int]]:
    boxes = ((bar.box, bar.order) for bar in bars)
    return [(b, order) for b, order in boxes if b.width <= thin and (b.height >= b.width or b.height <= thin)]


def _inside(box: Box, page: Box) -> Box | None:
    x0, y0, x1, y1 = max(box.x0, page.x0), max(box.y0, page.y0), min(box.x1, page.x1), min(box.y1, page.y1)
    return Box(x0, y0, x1, y1) if x0 <= x1 and y0 <= y1 else None


def _uncovered(bands: Sequence[_Band], covers: Sequence[_Paint], horizontal: bool) -> list[_Band]:
    """Cut away what opaque fills painted later hide; a rule along a fill's edge stays."""
    first = min((band.order for band in bands), default=0)
    covers = [cover for cover in covers if cover.order > first]
    if not covers:
        return list(bands)
    boxes = np.array([cover.box for cover in covers])
    orders = np.array([cover.order for cover in covers])
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
    low = high = -math.inf
    for band in sorted(bands, key=lambda b: (b.low, b.high)):
        # A lane is never thicker than a rule may be, so that lanes do not creep across the page.
        if band.low <= high and max(high, band.high) - low <= THIN * text_height:
            lanes[-1].append(band)
            high = max(high, band.high)
        else:
            lanes.append([band])
            low, high = band.low, band.high
    return [joined for lane in lanes for joined in _along(lane, text_height)]


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
