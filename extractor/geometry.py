"""Boxes, overlap, and clustering on one axis. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractor.elements import Box


def overlap(a0: float, a1: float, b0: float, b1: float) -> float:
    """Length shared by the intervals [a0, a1] and [b0, b1]; 0 where they do not meet."""
    return max(0.0, min(a1, b1) - max(a0, b0))


def intersection(a: Box, b: Box) -> Box | None:
    """The box that two boxes share, or None."""
    # Asked ten thousands of times a page, mostly of boxes apart: these are told before anything is made.
    ax0, ay0, ax1, ay1 = a
    bx0, by0, bx1, by1 = b
    x0, x1 = (bx0 if bx0 > ax0 else ax0), (bx1 if bx1 < ax1 else ax1)
    if x1 <= x0:
        return None
    y0, y1 = (by0 if by0 > ay0 else ay0), (by1 if by1 < ay1 else ay1)
    return Box(x0, y0, x1, y1) if y1 > y0 else None


def union(boxes: Iterable[Box]) -> Box:
    """Smallest box around boxes (at least one)."""
    listed = list(boxes)
    return Box(
        min(b.x0 for b in listed), min(b.y0 for b in listed), max(b.x1 for b in listed), max(b.y1 for b in listed)
    )


def grown(box: Box, dx: float, dy: float) -> Box:
    """The box with both sides moved outwards by dx and dy (inwards where negative)."""
    return Box(box.x0 - dx, box.y0 - dy, box.x1 + dx, box.y1 + dy)


def share_inside(inner: Box, outer: Box) -> float:
    """Share (0..1) of `inner`'s area that lies in `outer`."""
    shared = intersection(inner, outer)
    return shared.area / inner.area if shared and inner.area > 0 else 0.0


def misalignment(a0: float, a1: float, b0: float, b1: float) -> float:
    """By how much two spans miss each other's start, end or middle, whichever they miss least."""
    return min(abs(a0 - b0), abs(a1 - b1), abs(a0 + a1 - b0 - b1) / 2)


def median(values: Sequence[float]) -> float:
    """Median of at least one value."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def cluster_positions(weighted: Iterable[tuple[float, float]], tolerance: float) -> list[float]:
    """Weighted positions (position, weight) to sorted cluster centres at least `tolerance` apart.

    The heaviest position opens a cluster first, so that a chain of small fragments cannot bridge two
    real positions as single linkage would.
    """
    centres: list[list[float]] = []  # [sum of position x weight, sum of weight]
    for position, weight in sorted(weighted, key=lambda item: -item[1]):
        near = min(centres, key=lambda c: abs(c[0] / c[1] - position), default=None)
        if near is not None and abs(near[0] / near[1] - position) < tolerance:
            near[0] += position * weight
            near[1] += weight
        else:
            centres.append([position * weight, weight])
    merged: list[list[float]] = []
    for total, weight in sorted(centres, key=lambda c: c[0] / c[1]):
        # Fragments may have pulled two centres together; nearer than the tolerance they are one.
        if merged and total / weight - merged[-1][0] / merged[-1][1] < tolerance:
            merged[-1] = [merged[-1][0] + total, merged[-1][1] + weight]
        else:
            merged.append([total, weight])
    return [total / weight for total, weight in merged]


@dataclass(frozen=True, slots=True)
class Intervals:
    """A set of points on an axis as disjoint, sorted intervals."""

    parts: tuple[tuple[float, float], ...]

    @staticmethod
    def of(pieces: Iterable[tuple[float, float]], gap: float = 0.0) -> Intervals:
        """Union of pieces; neighbours at most `gap` apart become one."""
        merged: list[tuple[float, float]] = []
        for start, end in sorted(pieces):
            if merged and start <= merged[-1][1] + gap:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        return Intervals(tuple(merged))

    def covered(self, start: float, end: float) -> float:
        """Length of [start, end] that the set covers."""
        return sum(overlap(start, end, a, b) for a, b in self.parts)

    def gaps(self, start: float, end: float) -> list[tuple[float, float]]:
        """Maximal uncovered stretches of [start, end]."""
        inside = [(max(a, start), min(b, end)) for a, b in self.parts if b > start and a < end]
        ends = [(start, start), *inside, (end, end)]
        return [(a, b) for (_, a), (b, _) in pairwise(ends) if b > a]
