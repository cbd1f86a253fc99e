"""How a page bends, from its own ruling lines: they are traced as curves, and a smooth field makes them straight.

A rule is traced as a dark ridge opened along itself at several slopes, cut into short bins whose centres
are found to a fraction of a pixel. The field is a tensor product of cubic B-splines with penalised second
differences (Eilers and Marx's P-splines): where there are no rules it goes on linearly. It maps flat
coordinates to bent ones, y = v + D(u, v), so that every rule has one v; what no rule can tell, the
spacing of the lines, it leaves alone. Strays are weighed down by Tukey's biweight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

RIDGE = 24  # grey levels by which a rule is darker than both its sides
STROKE = 1.5  # text heights: longer than any stroke of a character
CROSSED = 0.5  # text heights: a crossing rule with its soft edges is narrower
GAP = 0.6  # text heights: a break (at a crossing rule, mostly) over which a rule goes on
SHORTEST = 4.0  # text heights: shorter curves say little about a bend
THICKEST = 0.55  # text heights
BIN = 0.8  # text heights: length over which a curve's centre is averaged
STEEP = 2  # openings lean by up to so many pixels over their length
SEGMENTS = (12, 5)  # spline segments along the lines and across them
ALONG, ACROSS, DRIFT = 0.005, 0.05, 1e-3  # penalties on second differences along, across, on first ones across
ROUNDS = 4  # of fitting and weighing
LEAST_TUNING = 1.2  # pixels: residuals below a quarter of this are noise


@dataclass(frozen=True, slots=True)
class Curves:
    """Points (along, across) of traced curves, `curve` numbering them from 0, in order; pixels.

    Traced in the transposed picture for upright rules: then along is y and across is x.
    """

    along: Floats
    across: Floats
    curve: Ints

    @property
    def count(self) -> int:
        return int(self.curve.max()) + 1 if len(self.curve) else 0

    def and_also(self, other: Curves) -> Curves:
        """These curves and others after them."""
        if not len(other.curve):
            return self
        return Curves(
            np.concatenate([self.along, other.along]),
            np.concatenate([self.across, other.across]),
            np.concatenate([self.curve, other.curve + self.count]),
        )

    def mean(self, values: Floats, weights: Floats) -> Floats:
        """Weighted mean of `values` on every curve."""
        total = np.bincount(self.curve, weights, self.count)
        return np.asarray(np.bincount(self.curve, weights * values, self.count) / np.maximum(total, 1e-12))

    def length(self) -> float:
        """Summed extent of all curves along."""
        if not len(self.curve):
            return 0.0
        low, high = np.full(self.count, np.inf), np.full(self.count, -np.inf)
        np.minimum.at(low, self.curve, self.along)
        np.maximum.at(high, self.curve, self.along)
        return float((high - low).sum())

    def deviation(self) -> Floats:
        """Of every curve, the largest distance of its points from level, robustly (90th percentile), pixels."""
        middle = self.mean(self.across, np.ones(len(self.across)))
        off = np.abs(self.across - middle[self.curve])
        return np.array([np.percentile(off[self.curve == k], 90) for k in range(self.count)])


NOTHING = Curves(np.zeros(0), np.zeros(0), np.zeros(0, np.int64))


def trace(clean: Picture, scale: float, lean: int = STEEP) -> Curves:
    """Level rules of an evened grey picture (transpose it for upright ones). scale: text height, pixels."""
    widest = max(3, round(THICKEST * scale)) | 1
    dark = cv2.morphologyEx(clean, cv2.MORPH_BLACKHAT, np.ones((widest, 1), np.uint8))
    length = max(7, round(STROKE * scale)) | 1
    ridge = _over_crossings(clean, (dark > RIDGE).astype(np.uint8), widest, length, max(3, round(CROSSED * scale)) | 1)
    runs = cv2.morphologyEx(ridge, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    for k in range(1, lean + 1):
        for kernel in (_leaning(length, k), _leaning(length, k)[::-1]):
            runs = cv2.bitwise_or(runs, cv2.morphologyEx(ridge, cv2.MORPH_OPEN, kernel))
    runs = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((3, max(3, round(GAP * scale)) | 1), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    width, height, area = (stats[:, k] for k in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    good = (width >= SHORTEST * scale) & (area <= THICKEST * scale * width) & (height <= 2 * scale + 0.15 * width)
    good[0] = False
    spots = cv2.findNonZero(cv2.bitwise_and(runs, ridge))
    if spots is None or not good.any():
        return NOTHING
    xs, ys = spots[:, 0, 0], spots[:, 0, 1]
    owner = labels[ys, xs]
    own = good[owner]
    xs, ys, owner = xs[own], ys[own], owner[own]
    # Where rules cross no side is lighter; what was closed there still has its place.
    weight = np.maximum(1.0, dark[ys, xs].astype(np.float64))
    return _bins(xs, ys, (np.cumsum(good) - 1)[owner], weight, BIN * scale)


def _over_crossings(clean: Picture, ridge: Picture, widest: int, length: int, gap: int) -> Picture:
    """Level ridges closed where upright rules cross them: there no side is lighter, of neither.

    In rows lower than a stroke may be high all of a border's pieces would pass for strokes.
    """
    dark = cv2.morphologyEx(clean, cv2.MORPH_BLACKHAT, np.ones((1, widest), np.uint8))
    runs = cv2.morphologyEx((dark > RIDGE).astype(np.uint8), cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    crossing = cv2.dilate(runs, np.ones((gap, 3), np.uint8))
    closed = cv2.morphologyEx(ridge, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    return cv2.bitwise_or(ridge, cv2.bitwise_and(closed, crossing))


def _leaning(length: int, lean: int) -> Picture:
    kernel = np.zeros((lean + 1, length), np.uint8)
    kernel[np.round(np.linspace(0, lean, length)).astype(int), np.arange(length)] = 1
    return kernel


def _bins(xs: Ints, ys: Ints, curve: Ints, weight: Floats, size: float) -> Curves:
    """Centres of a curve's pixels over stretches of `size`, those with something stuck to the rule left out."""
    column = (xs / size).astype(np.int64)
    key, inverse = np.unique(curve * (int(column.max()) + 1) + column, return_inverse=True)
    total = np.bincount(inverse, weight)
    x, y = np.bincount(inverse, weight * xs) / total, np.bincount(inverse, weight * ys) / total
    spread = np.sqrt(np.maximum(0, np.bincount(inverse, weight * ys * ys) / total - y * y))
    _, owner = np.unique(key // (int(column.max()) + 1), return_inverse=True)  # a run off the ridge has no pixels
    full = np.bincount(inverse) >= 0.5 * size
    usual = np.array([np.median(spread[owner == k]) for k in range(int(owner.max()) + 1)])
    kept = full & (spread <= 1.6 * usual[owner] + 0.5)
    _, renumbered = np.unique(owner[kept], return_inverse=True)
    return Curves(x[kept], y[kept], renumbered.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Field:
    """Displacement D over (along, across) in [0, size]: spline coefficients (along, across) in pixels."""

    size: tuple[float, float]
    coefficients: Floats

    def at(self, along: Floats, across: Floats) -> Floats:
        first, second = (
            _basis(np.clip(values / size, 0, 1), n)
            for values, size, n in zip((along, across), self.size, SEGMENTS, strict=True)
        )
        return np.asarray(np.einsum("ni,ij,nj->n", first, self.coefficients, second))

    def steepest(self) -> float:
        """The largest change of D over one pixel."""
        steps = (np.abs(np.diff(self.coefficients, axis=k)).max() * SEGMENTS[k] / self.size[k] for k in (0, 1))
        return float(max(steps))


def flat_field(size: tuple[float, float]) -> Field:
    """The field of a page that does not bend."""
    return Field(size, np.zeros((SEGMENTS[0] + 3, SEGMENTS[1] + 3)))


def fit_field(curves: Curves, size: tuple[float, float]) -> Field:
    """The smooth field that explains the curves' bends: across = constant + D(along, constant)."""
    if curves.count < 1 or len(curves.along) < 8:
        return flat_field(size)
    penalty = _penalty()
    weights = np.ones(len(curves.along))
    starts = np.searchsorted(curves.curve, np.arange(curves.count))
    level = curves.mean(curves.across, weights)
    first = _basis(np.clip(curves.along / size[0], 0, 1), SEGMENTS[0])
    field = flat_field(size)
    for _ in range(ROUNDS):
        second = _basis(np.clip(level[curves.curve] / size[1], 0, 1), SEGMENTS[1])
        rows = (first[:, :, None] * second[:, None, :]).reshape(len(first), -1)
        total = np.maximum(np.bincount(curves.curve, weights, curves.count), 1e-12)
        means = np.add.reduceat(rows * weights[:, None], starts)  # points come curve by curve
        centred = rows - (means / total[:, None])[curves.curve]
        target = curves.across - curves.mean(curves.across, weights)[curves.curve]
        weighted = centred * (weights / weights.sum())[:, None]
        solved = np.linalg.solve(weighted.T @ centred + penalty, weighted.T @ target)
        field = Field(size, solved.reshape(SEGMENTS[0] + 3, SEGMENTS[1] + 3))
        off = target - centred @ solved
        tuning = max(LEAST_TUNING, 6 * float(np.median(np.abs(off))))
        weights = np.maximum(1e-6, (1 - np.minimum(1, (off / tuning) ** 2)) ** 2)
        level = curves.mean(curves.across - rows @ solved, weights)
    return field


def _basis(t: Floats, segments: int) -> Floats:
    """Uniform cubic B-splines on [0, 1] at t (n,): (n, segments + 3), rows summing to 1."""
    position = t * segments
    k = np.minimum(position.astype(np.int64), segments - 1)
    s = position - k
    out = np.zeros((len(t), segments + 3))
    rows = np.arange(len(t))
    parts = ((1 - s) ** 3, 3 * s**3 - 6 * s**2 + 4, -3 * s**3 + 3 * s**2 + 3 * s + 1, s**3)
    for i, part in enumerate(parts):
        out[rows, k + i] = part / 6
    return out


def _penalty() -> Floats:
    """Quadratic form on the flattened coefficients that asks for smoothness, per coefficient."""
    m, n = SEGMENTS[0] + 3, SEGMENTS[1] + 3
    along, across = np.diff(np.eye(m), 2, axis=0), np.diff(np.eye(n), 2, axis=0)
    drift = np.diff(np.eye(n), 1, axis=0)
    form = ALONG * np.kron(along.T @ along, np.eye(n)) + ACROSS * np.kron(np.eye(m), across.T @ across)
    form += DRIFT * np.kron(np.eye(m), drift.T @ drift)
    return np.asarray(form / (m * n) + 1e-7 * np.eye(m * n))
