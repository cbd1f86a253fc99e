"""Plane maps as PDF writes them: (a, b, c, d, e, f) takes (x, y) to (ax + cy + e, bx + dy + f)."""

from __future__ import annotations

import math

from extractor.elements import Box, Frame

Affine = tuple[float, float, float, float, float, float]
IDENTITY: Affine = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def then(first: Affine, second: Affine) -> Affine:
    """The map that applies `first`, then `second`."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = second
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def apply(m: Affine, x: float, y: float) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def apply_box(m: Affine, box: Box) -> Box:
    """Bounding box of a box's image."""
    a, b, c, d, e, f = m
    x0, y0, x1, y1 = box
    ax, cy = (a * x0, a * x1), (c * y0, c * y1)
    bx, dy = (b * x0, b * x1), (d * y0, d * y1)
    return Box(min(ax) + min(cy) + e, min(bx) + min(dy) + f, max(ax) + max(cy) + e, max(bx) + max(dy) + f)


def inverse(m: Affine) -> Affine:
    """Raises ZeroDivisionError where the map is flat."""
    a, b, c, d, e, f = m
    det = a * d - b * c
    return (d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det)


def scale_of(m: Affine) -> float:
    """Mean enlargement of lengths."""
    return math.sqrt(abs(m[0] * m[3] - m[1] * m[2]))


def turn(box: Box, degrees: int) -> tuple[Affine, float, float]:
    """Map of a y-up box in PDF user space into a y-down page turned clockwise by 0, 90, 180 or 270 degrees.

    Returns the map and the turned page's width and height.
    """
    x0, y0, x1, y1 = box
    maps: dict[int, Affine] = {
        0: (1.0, 0.0, 0.0, -1.0, -x0, y1),
        90: (0.0, 1.0, 1.0, 0.0, -y0, -x0),
        180: (-1.0, 0.0, 0.0, 1.0, x1, -y0),
        270: (0.0, -1.0, -1.0, 0.0, y1, x1),
    }
    width, height = (box.width, box.height) if degrees % 180 == 0 else (box.height, box.width)
    return maps[degrees % 360], width, height


def frame_of(m: Affine) -> Frame:
    a, b, c, d, e, f = m
    return Frame((a, c, e, b, d, f, 0.0, 0.0, 1.0))
