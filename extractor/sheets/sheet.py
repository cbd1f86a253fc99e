"""The sheet of paper on a photograph: its four sides against the background, robustly.

A side is a long, nearly straight step from dark to bright going inwards, seen on a small copy of the
picture from which text was removed. Every row (for the upper and lower sides, every column) offers its
steps; the line that most rows agree with is the side (random sampling, then refitting with the rows' own
steps). A side not seen (the sheet runs out of the picture, or lies on a bright ground) is taken parallel
to its opposite, or at right angles to its neighbours, through the picture's own edge.

Black and white that was set by the light around each spot leaves any ground white but for a dark halo around the sheet:
there the halo's four inner sides are searched, and believed only together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

    Floats = NDArray[np.float64]

SMALL = 480  # pixels, the long side of the copy on which the sheet is searched
TEXT = 0.022  # of the long side: dark things narrower than this are printed on the sheet
STEP = 0.16  # in log tone: background at most 85 % as bright as the paper beside it
HALO_STEP = 0.08  # the same of a halo, whose dots thin out with the distance from the sheet
INWARD = 0.42  # of the picture: no side of the sheet lies further in
TOLERANCE = 0.006  # of the long side: how far a row's step may lie off the side while it is searched
CURL = 0.025  # of the long side: how far a curled side may leave its straight line
STEEPEST = 0.27  # largest slope of a side: 15 degrees
SUPPORT = 0.5  # of the rows must agree on a side
MOST_PAPER = 0.3  # of what lies outside a side may be as bright as the paper: glare, the corner of another sheet
RIMS = 0.008, 0.05  # of the long side: a lit ground may be dark only in the sheet's shadow, as black and white shows it
DEEPEST = 0.15  # of the long side: black and white set by the light around each spot shows a halo, no further in
MARGIN = 0.02  # of the picture: a background narrower than this is a scanner's edge, not a photograph's ground
A4 = math.sqrt(2)
TWO_TONES = 0.7  # of the pixels are black or white: a bilevel picture, brought to another resolution maybe
GRAIN = 7  # pixels of the small copy over which a bilevel picture's dots make a tone


@dataclass(frozen=True, slots=True)
class Sheet:
    """Corners of the paper (4, 2), clockwise from the top-left, in picture pixels; may lie outside the picture.

    `paper`: 1 where the picture shows paper, at a smaller size. `seen`: which sides (left, top, right,
    bottom) were seen; the others are guesses.
    """

    corners: Floats
    paper: Picture
    seen: tuple[bool, bool, bool, bool]

    def size(self) -> tuple[float, float]:
        """Width and height in picture pixels of the flat sheet; A4's proportion when near it."""
        c = self.corners
        top, right, bottom, left = (float(np.hypot(*(c[(k + 1) % 4] - c[k]))) for k in range(4))
        width, height = (top + bottom) / 2, (left + right) / 2
        ratio = max(width, height) / min(width, height)
        if all(self.seen) and abs(ratio / A4 - 1) < 0.08:
            grow = math.sqrt(A4 / ratio)
            width, height = (width * grow, height / grow) if width > height else (width / grow, height * grow)
        return width, height


@dataclass(frozen=True, slots=True)
class Side:
    """across = at + slope * along, and the step of every row near it (nan where none)."""

    at: float
    slope: float
    track: Floats


def find_sheet(picture: Picture) -> Sheet | None:
    """The sheet, or None where no background is seen around one: a scan, or a picture of a part of a page."""
    height, width = picture.shape[:2]
    stride = max(1, round(max(height, width) / SMALL))
    tone = _paper_tone(_small(picture, stride))
    bilevel = _is_bilevel(picture[::stride, ::stride])
    sides: tuple[Side | None, ...] = (None,) * 4
    if _ground_seen(tone, RIMS if bilevel else RIMS[:1]):
        sides = tuple(_find_side(np.ascontiguousarray(turned)) for turned in _turned(tone))
    if bilevel and None in sides:
        within = tuple(_find_side(np.ascontiguousarray(turned), halo=True) for turned in _turned(tone))
        sides = sides if None in within else within
    seen = tuple(side is not None for side in sides)
    h, w = tone.shape
    margins = [
        0.0 if side is None else (side.at + side.slope * len(side.track) / 2) / max(w, h) for side in sides
    ]
    if max(margins) < MARGIN or sum(seen) < 2:
        return None
    lines = _complete([_line(side, k, w, h) for k, side in enumerate(sides)], w, h)
    left, top, right, bottom = lines
    corners = np.array([_cross(left, top), _cross(top, right), _cross(right, bottom), _cross(bottom, left)])
    if not _plausible(corners, w, h):
        return None
    paper = _paper(tone.shape, sides, corners)
    return Sheet((corners + 0.5) * stride - 0.5, paper, (seen[0], seen[1], seen[2], seen[3]))


def _small(picture: Picture, stride: int) -> Picture:
    """Every `stride`-th pixel; of a bilevel picture, whose greys are dots, the tone around it."""
    small = np.ascontiguousarray(picture[::stride, ::stride])
    if not _is_bilevel(small):
        return small
    size = (small.shape[1], small.shape[0])
    return cv2.blur(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), (GRAIN, GRAIN))


def _is_bilevel(small: Picture) -> bool:
    return small.ndim == 2 and float(((small < 8) | (small > 247)).mean()) >= TWO_TONES


def _paper_tone(small: Picture) -> Floats:
    """Log tone of the paper or ground at every spot, text taken out, a colour cast too."""
    if small.ndim == 3:
        white = np.maximum(np.percentile(small[::4, ::4].reshape(-1, 3), 90, axis=0), 32)
        curves = np.minimum(255, np.arange(256)[:, None, None] * (255.0 / white)).astype(np.uint8)
        blue, green, red = cv2.split(cv2.LUT(np.ascontiguousarray(small), curves.transpose(1, 0, 2)))
        small = cv2.min(cv2.min(blue, green), red)
    small = cv2.medianBlur(np.ascontiguousarray(small), 3)
    side = round(TEXT * max(small.shape)) | 1
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return np.asarray(np.log(np.arange(256) + 8.0)[closed])


def _ground_seen(tone: Floats, depths: tuple[float, ...]) -> bool:
    """Whether much of the picture's rim is darker than its middle: a cheap test that scans fail."""
    return any(_dark_at(tone, depth) for depth in depths)


def _dark_at(tone: Floats, depth: float) -> bool:
    h, w = tone.shape
    rim = min(max(2, round(depth * max(h, w))), (min(h, w) - 1) // 2)
    middle = np.median(tone[h // 5 : -h // 5 : 4, w // 5 : -w // 5 : 4])
    sides = (tone[:, rim], tone[rim], tone[:, -1 - rim], tone[-1 - rim])
    dark = [float((side < middle - STEP).mean()) for side in sides]
    return sum(dark) > 0.5


def _turned(tone: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The picture as seen from its left, upper, right and lower side: inwards is along a row."""
    return tone, tone.T, tone[:, ::-1], tone.T[:, ::-1]


def _find_side(tone: Floats, *, halo: bool = False) -> Side | None:
    """The best line of dark-to-bright steps in the outer part of every row.

    `halo`: the ground may be bright again further out, and is not much darker than the paper.
    """
    rows, width = tone.shape
    reach = 2
    depth = min(round(INWARD * width), round(DEEPEST * max(tone.shape)) if halo else width)
    least = HALO_STEP if halo else STEP
    step = np.zeros((rows, depth))
    step[:, reach:] = tone[:, 2 * reach : depth + reach] - tone[:, : depth - reach]
    step = cv2.blur(step, (1, 3))
    peak = (step >= least) & (step >= cv2.dilate(step, np.ones((1, 2 * reach + 3))))
    ys, xs = np.nonzero(peak)
    if not halo:
        kept = ~_paper_beyond(tone, ys, xs, reach)
        ys, xs = ys[kept], xs[kept]
    if len(np.unique(ys)) < SUPPORT * rows:
        return None
    strength = np.minimum(step[ys, xs], 3 * STEP)
    tolerance = TOLERANCE * max(tone.shape) + 0.5
    found = _sample_line(xs, ys, strength, tolerance, rows, least)
    if found is None:
        return None
    at, slope = found
    track = np.full(rows, np.nan)
    for wide in (CURL * max(tone.shape), CURL * max(tone.shape)):
        off = np.abs(xs - at - slope * ys)
        near = off < wide
        track = np.full(rows, np.nan)
        order = np.argsort(-off[near])  # the nearest step of a row is written last
        track[ys[near][order]] = xs[near][order]
        known = np.flatnonzero(~np.isnan(track))
        slope, at = (float(v) for v in np.polyfit(known, track[known], 1))
    support = float((~np.isnan(track)).mean())
    return Side(at, slope, track) if support >= SUPPORT else None


def _paper_beyond(
    tone: Floats, ys: NDArray[np.int64], xs: NDArray[np.int64], reach: int
) -> NDArray[np.bool_]:
    """Which steps have paper outside as well: a shaded heading's or a picture's edge on the sheet is none of its sides.

    Ground goes on from a side to the picture's rim.
    """
    outside = np.arange(tone.shape[1])[None, : int(xs.max(initial=0)) + 1] < (xs - reach)[:, None]
    bright = tone[ys, : outside.shape[1]] > (tone[ys, xs + reach] - STEP / 2)[:, None]
    counted = np.maximum(outside.sum(axis=1), 1)
    return np.asarray((outside & bright).sum(axis=1) > MOST_PAPER * counted)


def _sample_line(
    xs: NDArray[np.int64], ys: NDArray[np.int64], strength: Floats, tolerance: float, rows: int, least: float
) -> tuple[float, float] | None:
    """The line x = at + slope y that the strongest steps agree on; random pairs, always the same ones."""
    draw = np.random.default_rng(7)
    first, second = draw.integers(0, len(xs), (2, 600))
    apart = np.abs(ys[first] - ys[second]) > 0.2 * rows
    first, second = first[apart], second[apart]
    if not len(first):
        return None
    slopes = (xs[second] - xs[first]) / (ys[second] - ys[first])
    ats = xs[first] - slopes * ys[first]
    level = np.abs(slopes) < STEEPEST
    if not level.any():
        return None
    slopes, ats = slopes[level], ats[level]
    off = np.abs(xs[None, :] - ats[:, None] - slopes[:, None] * ys[None, :])
    score = np.where(off < tolerance, strength[None, :], 0).sum(axis=1)
    best = int(score.argmax())
    if score[best] < 0.25 * least * rows:
        return None
    return float(ats[best]), float(slopes[best])


Line = tuple[float, float, float]  # a x + b y = c, (a, b) a unit vector pointing into the sheet


def _line(side: Side | None, k: int, w: int, h: int) -> Line | None:
    """A side found in the turned picture as a line of the small picture."""
    if side is None:
        return None
    norm = math.hypot(1, side.slope)
    a, b, c = 1 / norm, -side.slope / norm, side.at / norm  # x - slope y = at, seen from the left
    if k == 0:
        return a, b, c
    if k == 1:
        return b, a, c
    if k == 2:
        return -a, b, c - a * (w - 1)
    return b, -a, c - a * (h - 1)


def _complete(lines: list[Line | None], w: int, h: int) -> list[Line]:
    """Sides not seen, from those seen: parallel to the opposite one, else square to the neighbours."""
    corners = ((0, 0), (w - 1, 0), (w - 1, h - 1), (0, h - 1))
    out: list[Line] = []
    for k, line in enumerate(lines):
        if line is not None:
            out.append(line)
            continue
        opposite, one, other = lines[(k + 2) % 4], lines[(k + 1) % 4], lines[(k + 3) % 4]
        if opposite is not None:
            a, b = -opposite[0], -opposite[1]
        else:
            a, b = 0.0, 0.0
            if one is not None:  # clockwise neighbours: turn their normals back
                a, b = a + one[1], b - one[0]
            if other is not None:
                a, b = a - other[1], b + other[0]
            norm = math.hypot(a, b)
            a, b = a / norm, b / norm
        # The outermost of the picture's own corners on that side still belongs to the sheet.
        near = (corners[k], corners[(k + 3) % 4])
        out.append((a, b, min(a * x + b * y for x, y in near)))
    return out


def _cross(one: Line, other: Line) -> tuple[float, float]:
    (a, b, c), (d, e, f) = one, other
    det = a * e - b * d
    return (c * e - b * f) / det, (a * f - c * d) / det


def _plausible(corners: Floats, w: int, h: int) -> bool:
    """A convex quadrilateral that covers much of the picture and whose opposite sides are of similar length."""
    around = np.roll(corners, -1, axis=0) - corners
    nxt = np.roll(around, -1, axis=0)
    turns = around[:, 0] * nxt[:, 1] - around[:, 1] * nxt[:, 0]
    lengths = np.hypot(around[:, 0], around[:, 1])
    area = 0.5 * float(np.sum(corners[:, 0] * np.roll(corners[:, 1], -1) - corners[:, 1] * np.roll(corners[:, 0], -1)))
    alike = max(lengths[0], lengths[2]) < 1.7 * min(lengths[0], lengths[2]) and max(
        lengths[1], lengths[3]
    ) < 1.7 * min(lengths[1], lengths[3])
    return bool((turns > 0).all()) and area > 0.2 * w * h and bool(alike)


def _paper(shape: tuple[int, ...], sides: tuple[Side | None, ...], corners: Floats) -> Picture:
    """1 inside the sheet's outline as its curled sides were seen, 0 on the ground."""
    h, w = shape
    paper = np.ones((h, w), np.uint8)
    for k, side in enumerate(sides):
        if side is None:
            continue
        view = _view(paper, k)
        rows = view.shape[0]
        along = np.arange(rows)
        straight = side.at + side.slope * along
        off = np.where(np.isnan(side.track), np.nan, side.track - straight)
        known = np.flatnonzero(~np.isnan(off))
        # A running median drops strays; the curl of paper is smooth.
        edge = straight + _smooth(np.interp(along, known, off[known]), max(3, rows // 16) | 1)
        view[np.arange(view.shape[1])[None, :] < edge[:, None] + 1.5] = 0
    return paper


def _view(paper: Picture, k: int) -> Picture:
    turned = paper if k % 2 == 0 else paper.T
    return turned if k < 2 else turned[:, ::-1]


def _smooth(values: Floats, size: int) -> Floats:
    """Running median, the ends held."""
    padded = np.pad(values, size // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)
    return np.asarray(np.median(windows, axis=1))
