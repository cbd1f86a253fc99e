"""Pages drawn with OpenCV, whose rules, cells and ink are known to the pixel."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from extractor.elements import Box
from extractor.ports import DetectedLine

Picture = NDArray[np.uint8]
TEXT = 24.0  # pixels: text height of drawn pages
PAPER = 255
RULED_XS, RULED_YS = (80, 300, 520, 820), tuple(range(80, 501, 60))  # borders of `ruled`


def blank(width: int = 900, height: int = 600, tone: int = PAPER) -> Picture:
    return np.full((height, width), tone, np.uint8)


def coloured(picture: Picture) -> Picture:
    """A grey picture as BGR."""
    return np.repeat(picture[:, :, None], 3, axis=2)


def level(picture: Picture, y: int, x0: int, x1: int, thick: int = 2, tone: int = 0) -> None:
    """A horizontal rule whose middle is at y, from x0 up to x1."""
    picture[y - thick // 2 : y - thick // 2 + thick, x0:x1] = tone


def upright(picture: Picture, x: int, y0: int, y1: int, thick: int = 2, tone: int = 0) -> None:
    picture[y0:y1, x - thick // 2 : x - thick // 2 + thick] = tone


def lattice(picture: Picture, xs: Sequence[int], ys: Sequence[int], thick: int = 2, tone: int = 0) -> None:
    for y in ys:
        level(picture, y, xs[0], xs[-1], thick, tone)
    for x in xs:
        upright(picture, x, ys[0], ys[-1], thick, tone)


def digits(picture: Picture, words: str, x: int, y: int, height: float = 0.75 * TEXT, tone: int = 0) -> Box:
    """Words in Latin type whose capitals are `height` pixels high, baseline's left end at (x, y); their ink's box."""
    before = picture.copy()
    size = height / 22  # of Hershey's simplex at size 1
    cv2.putText(picture, words, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, (tone,) * 3, 2, cv2.LINE_AA)
    return inked(picture, before)


def ruled() -> Picture:
    """A ruled table with an amount in each row's first cell."""
    picture = blank()
    lattice(picture, RULED_XS, RULED_YS)
    for y in RULED_YS[:-1]:
        digits(picture, f"{y * 37}.50", 100, y + 40)
    return picture


def character(picture: Picture, x: int, y: int, size: float = TEXT, tone: int = 0) -> Box:
    """田 as a square hand would write it: the strokes most like a table's that a character has."""
    s = round(size)
    lattice(picture, (x, x + s // 2, x + s), (y, y + s // 2, y + s), 2, tone)
    return Box(x - 1, y - 1, x + s + 1, y + s + 1)


def inked(picture: Picture, before: Picture) -> Box:
    """Bounding box of what differs between two pictures."""
    changed = picture != before
    ys, xs = np.nonzero(changed if changed.ndim == 2 else changed.any(axis=2))
    return Box(float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))


def seal(picture: Picture, x: int, y: int, radius: int = 90) -> None:
    """A round red seal with a star, printed over what is there (BGR), as ink that takes light away."""
    ink = np.full_like(picture, 255)
    cv2.circle(ink, (x, y), radius, (60, 50, 220), 7, cv2.LINE_AA)
    star = [
        (x + 0.4 * radius * np.sin(a) * r, y - 0.4 * radius * np.cos(a) * r)
        for a, r in zip(np.arange(10) * np.pi / 5, [1, 0.4] * 5, strict=True)
    ]
    cv2.fillPoly(ink, [np.array(star, np.int32)], (60, 50, 220), cv2.LINE_AA)
    picture[:] = (picture.astype(np.uint16) * ink // 255).astype(np.uint8)


def detected(box: Box, margin: float = 0.12 * TEXT) -> DetectedLine:
    """A text line as a detector gives it: with a margin around its ink."""
    x0, y0, x1, y1 = box.x0 - margin, box.y0 - margin, box.x1 + margin, box.y1 + margin
    return DetectedLine(Box(x0, y0, x1, y1), 0.9)
