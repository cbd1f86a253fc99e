"""Photographed and bent pages made flat: perspective by the sheet's sides, curl by the ruling lines.

The maps found on the way (sheet to picture, flat to bent) lead backwards, from the flat page to the
picture; they are evaluated at the nodes of one mesh. The picture is resampled through that mesh once, and
the same mesh leads results back to the page as shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.elements import Mesh
from extractor.pixels.ink import find_ink
from extractor.sheets.curves import Curves, Field, fit_field, flat_field, trace
from extractor.sheets.dotted import trace_dotted
from extractor.sheets.sheet import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from extractor.elements import Picture
    from extractor.sheets.sheet import Sheet

    Floats = NDArray[np.float64]
    Back = Callable[[Floats, Floats], tuple[Floats, Floats]]  # flat (x, y) to picture (x, y)

MEASURED = 1700  # pixels, the long side of the copy on which bends are measured
LINES = 100  # body text heights in a page's long side, roughly: the text is not found yet
NODES = 40  # mesh squares along the page's long side
ROUNDS = 3  # of tracing and fitting at most: the later ones see rules that the first made nearly level
STRAIGHT = 0.04  # text heights: rules that leave straight lines by less need no further correction
ENOUGH = 0.2  # of the page's width: rules shorter than this together say nothing about its lean
STEEPEST = 0.35  # a field that moves neighbours apart by more than this share folds the page: not believed
EDGE = 3  # pixels of the picture's own rim that are painted as paper
RIM = 0.012  # of the sheet's size: kept around it, since its sides curl
GLANCED = 900  # pixels, the long side of the copy on which every scan is asked whether it bends
LONG = 10.0  # text heights: shorter rules show no bend
BENT = 0.13  # text heights: rules that leave straight lines by more make a page bent
WITNESSES = 3  # rules at least must say that a page is bent


@dataclass(frozen=True, slots=True)
class Flat:
    """A flat page, turned as asked, and the mesh that leads to the picture it was made from."""

    picture: Picture
    mesh: Mesh


def flatten(picture: Picture, sheet: Sheet | None, turns: int, skew: Callable[[Picture], float]) -> Flat:
    """Flatten a page and turn it clockwise by `turns` quarters. sheet: None where the page fills the picture.

    skew: degrees clockwise by which a picture must be rotated for its text to lie level; asked where
    there are too few rules to tell.
    """
    height, width = picture.shape[:2]
    if sheet is None:
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
        size, rim = (float(width), float(height)), 0.0
        small = SMALL / max(height, width)
        paper = np.ones((round(small * height), round(small * width)), np.uint8)
    else:
        corners, size, rim, paper = sheet.corners, sheet.size(), RIM, sheet.paper
    source = cover_ground(picture, paper)
    corners = np.roll(corners, turns, axis=0)
    w, h = size[::-1] if turns % 2 else size
    back, (w, h) = _rectify(corners, w, h, rim)
    steps: list[Step] = []
    shrink = min(1.0, MEASURED / max(w, h))
    grey = source if source.ndim == 2 else cv2.cvtColor(source, cv2.COLOR_BGR2GRAY)
    for _ in range(ROUNDS):
        seen = _render(grey, _nodes(_composed(back, steps), w, h), w, h, shrink, cv2.INTER_LINEAR)
        level, upright = _curves(seen, shrink)
        residual = straightness(level, upright) / (max(w, h) / LINES)
        if steps and residual < STRAIGHT:
            break
        few = level.length() < ENOUGH * w and upright.length() < ENOUGH * h
        steps.append(_level((w, h), skew(seen)) if few else _fit(level, upright, (w, h)))
    nodes = _nodes(_composed(back, steps), w, h)
    out = _render(source, nodes, w, h, 1.0, cv2.INTER_CUBIC)
    return Flat(out, nodes.mesh())


def straightened(picture: Picture, sheet: Sheet) -> Picture:
    """The sheet alone, its perspective taken out, quick: to see which way up it lies."""
    w, h = sheet.size()
    shrink = min(1.0, MEASURED / max(w, h))
    return _render(picture, _nodes(_rectify(sheet.corners, w, h, 0.0)[0], w, h), w, h, shrink, cv2.INTER_LINEAR)


def is_bent(picture: Picture) -> bool:
    """Whether the ruling lines of a page without visible ground bend or converge; cheap, for every scan."""
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    while max(grey.shape) > 2 * GLANCED:
        grey = cv2.resize(grey, (grey.shape[1] // 2, grey.shape[0] // 2), interpolation=cv2.INTER_LINEAR)
    if (shrink := GLANCED / max(grey.shape)) < 1:
        grey = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_LINEAR)
    return any(_crooked(view) > BENT for view in (grey, np.ascontiguousarray(grey.T)))


def _crooked(view: Picture) -> float:
    """How far, in text heights, a third of the long level rules leave lines of their common slope."""
    scale = max(view.shape) / LINES
    curves = trace(view, scale, lean=0)
    if not curves.count:
        return 0.0
    ones = np.ones(len(curves.along))
    along = curves.along - curves.mean(curves.along, ones)[curves.curve]
    across = curves.across - curves.mean(curves.across, ones)[curves.curve]
    moment = curves.mean(along * along, ones)
    slope = curves.mean(along * across, ones) / np.maximum(moment, 1e-9)
    long = np.sqrt(12 * moment) > LONG * scale  # a line's length from its points' variance
    if long.sum() < WITNESSES:
        return 0.0
    usual = float(np.median(slope[long]))
    off = np.abs(across - usual * along)
    worst = np.zeros(curves.count)
    np.maximum.at(worst, curves.curve, off)
    ranked = np.sort(worst[long])[::-1]
    return float(ranked[max(WITNESSES - 1, len(ranked) // 3)] / scale)


def straightness(level: Curves, upright: Curves) -> float:
    """Distance from straight that 19 of 20 rules stay below, in the curves' unit."""
    off = np.concatenate([level.deviation(), upright.deviation()])
    return float(np.percentile(off, 95)) if len(off) else 0.0


def cover_ground(picture: Picture, paper: Picture) -> Picture:
    """The picture with the ground around the sheet painted over with the nearest paper's tone.

    paper: 1 where paper is, at a smaller size. The picture's outermost pixels are painted too: what a flat
    page shows of the world beyond the picture repeats them, and repeated letters would look like rules.
    """
    height, width = picture.shape[:2]
    rows, columns = paper.shape
    small = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)
    # Text is taken out first, or the tone next to it would be too dark.
    small = cv2.dilate(small, np.ones((7, 7), np.uint8))
    inner = cv2.erode(paper, np.ones((5, 5), np.uint8), borderValue=(1,)).astype(np.float32)
    tone = small.astype(np.float32).reshape(rows, columns, -1) * inner[..., None]
    filled, known = tone.copy(), inner.copy()
    for size in (9, 33, 129, 513):
        spread = cv2.blur(inner, (size, size), borderType=cv2.BORDER_REFLECT)
        blurred = cv2.blur(tone, (size, size), borderType=cv2.BORDER_REFLECT).reshape(tone.shape)
        fresh = (known == 0) & (spread > 0.02)
        filled[fresh] = blurred[fresh] / spread[fresh][:, None]
        known[fresh] = 1
    filled[known == 0] = np.median(filled[known > 0], axis=0)
    ground = cv2.resize(filled.clip(0, 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    mask = (cv2.resize(paper * np.uint8(255), (width, height), interpolation=cv2.INTER_LINEAR) < 128).astype(np.uint8)
    mask[:EDGE], mask[-EDGE:], mask[:, :EDGE], mask[:, -EDGE:] = 1, 1, 1, 1
    out = picture.copy()
    cv2.copyTo(ground, mask, out)
    return out


@dataclass(frozen=True, slots=True)
class Step:
    """One correction: fields of the level and of the upright rules over the flat page (w, h), and its lean."""

    level: Field
    upright: Field
    lean_x: float  # x grows by so much for each pixel down, about the middle
    lean_y: float

    def back(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        w, h = self.level.size
        return (
            x + self.upright.at(y, x) + self.lean_x * (y - h / 2),
            y + self.level.at(x, y) + self.lean_y * (x - w / 2),
        )


@dataclass(frozen=True, slots=True)
class Nodes:
    """Where the nodes of a square grid over the flat page lie in the picture; both (rows, columns)."""

    step: float
    xs: Floats
    ys: Floats

    def mesh(self) -> Mesh:
        return Mesh(
            self.step, self.xs.shape[1],
            tuple(round(float(v), 3) for v in self.xs.ravel()), tuple(round(float(v), 3) for v in self.ys.ravel()),
        )


def _rectify(corners: Floats, w: float, h: float, rim: float) -> tuple[Back, tuple[float, float]]:
    """The perspective from a flat sheet of w x h, with a rim around it, back to its corners in the picture."""
    edge = rim * max(w, h)
    square = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32) + np.float32(edge)
    matrix = cv2.getPerspectiveTransform(square, corners.astype(np.float32))

    def back(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        below = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
        return (
            (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / below,
            (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / below,
        )

    return back, (float(math.ceil(w + 2 * edge)), float(math.ceil(h + 2 * edge)))


def _composed(back: Back, steps: Sequence[Step]) -> Back:
    def through(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        for step in reversed(steps):
            x, y = step.back(x, y)
        return back(x, y)

    return through


def _nodes(back: Back, w: float, h: float) -> Nodes:
    step = max(w, h) / NODES
    columns, rows = math.ceil(w / step) + 1, math.ceil(h / step) + 1
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float64) * step
    xs, ys = back(x.ravel(), y.ravel())
    return Nodes(step, xs.reshape(x.shape), ys.reshape(x.shape))


def _render(source: Picture, nodes: Nodes, w: float, h: float, shrink: float, how: int) -> Picture:
    """The flat page, `shrink` times its size."""
    across, down = (
        _between(math.ceil(size * shrink), shrink * nodes.step, count)
        for size, count in ((w, nodes.xs.shape[1]), (h, nodes.xs.shape[0]))
    )
    xs, ys = (down @ values.astype(np.float32) @ across.T for values in (nodes.xs, nodes.ys))
    return cv2.remap(source, xs, ys, how, borderMode=cv2.BORDER_REPLICATE)


def _between(size: int, step: float, count: int) -> NDArray[np.float32]:
    """Linear interpolation from `count` nodes to `size` pixels, as a matrix."""
    position = np.arange(size) / step
    k = np.minimum(position.astype(np.int64), count - 2)
    out = np.zeros((size, count), np.float32)
    out[np.arange(size), k], out[np.arange(size), k + 1] = 1 - (position - k), position - k
    return out


def _curves(seen: Picture, shrink: float) -> tuple[Curves, Curves]:
    """Level and upright rules of the page flattened so far, in flat pixels of full size."""
    clean = find_ink(seen).clean
    scale = max(seen.shape) / LINES
    views = (clean, np.ascontiguousarray(clean.T))
    # A dotted table may have a solid rule or frame, which says nothing of the page's middle.
    traced = [trace(view, scale).and_also(trace_dotted(view, scale)) for view in views]
    level, upright = (Curves(c.along / shrink, c.across / shrink, c.curve) for c in traced)
    return level, upright


def _level(size: tuple[float, float], skew: float) -> Step:
    """A rotation clockwise by `skew` degrees about the middle."""
    lean = math.tan(math.radians(skew))
    return Step(flat_field(size), flat_field(size[::-1]), lean, -lean)


def _fit(level: Curves, upright: Curves, size: tuple[float, float]) -> Step:
    """Fields from both kinds of rules; where one kind is missing, it leans as the other does."""
    w, h = size
    fields = [_believed(level, (w, h)), _believed(upright, (h, w))]
    leans = [0.0, 0.0]
    if level.length() < ENOUGH * w and upright.length() >= ENOUGH * h:
        fields[0], leans[1] = flat_field((w, h)), -_lean(fields[1])
    elif upright.length() < ENOUGH * h and level.length() >= ENOUGH * w:
        fields[1], leans[0] = flat_field((h, w)), -_lean(fields[0])
    return Step(fields[0], fields[1], leans[0], leans[1])


def _believed(curves: Curves, size: tuple[float, float]) -> Field:
    field = fit_field(curves, size)
    return field if field.steepest() < STEEPEST else flat_field(size)


def _lean(field: Field) -> float:
    """Mean slope of a field along its lines, at the middle of the page."""
    along, across = field.size
    ends = field.at(np.array([0.25 * along, 0.75 * along]), np.full(2, across / 2))
    return float(ends[1] - ends[0]) / (0.5 * along)
