"""Light rules on dark ground: header rows printed as white lines on a blue or grey fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.pixels.inked import LONGEST_STROKE, WIDEST, characters

if TYPE_CHECKING:
    from extractor.elements import Picture

CONTRAST = 30  # grey levels (of 255) by which a rule is lighter than both its sides
LIT = 0.5  # of this, at least, on the page with its own light: the paper of a dark photograph is half as bright
GROUND = (4.0, 1.5)  # text heights, width and height over which ground is judged
BARS = 0.65  # share of a heading's sides that is level or upright (0.86 and more); of large grey characters' up to 0.43
FILLED = 0.25  # share of these that is evenly dark: a third of a row full of white type, nothing of dense or bold print


def light_rules(clean: Picture, scale: float, seen: Picture | None = None) -> tuple[Picture, Picture] | None:
    """1 where a level, an upright light rule may be; None on a page without any.

    clean: grey, paper at 255. scale: text height in pixels. seen: the page before its light was evened, where it was:
    that makes a heading's middle paper and leaves its rims dark, and what lies between is pale there only.
    The mirror of the dark ridges: the top-hat across a rule answers on what is thin and lighter than both sides, and
    light characters are taken off by their size. Sides of a fill that such rules part are borders too: there the
    white rule lies on white paper.
    """
    shaded = (clean < 255 - CONTRAST).astype(np.uint8)
    width, height = (round(side * scale) | 1 for side in GROUND)
    smooth = cv2.blur(clean, (3, 3))
    even = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) < CONTRAST
    fill = 255 * (shaded & even.astype(np.uint8))
    ground = (cv2.blur(fill, (width, height)) > FILLED * 255).astype(np.uint8)
    if int(ground.sum()) < width * height:
        return None
    widest = max(3, round(WIDEST * scale)) | 1
    level = _lighter(cv2.blur(clean, (3, 1)), (1, widest)) & _between(fill, (width, height // 2), 0)
    upright = _lighter(cv2.blur(clean, (1, 3)), (widest, 1)) & _between(fill, (width // 2, height), 1)
    if seen is not None and (level.any() or upright.any()):
        level &= _lighter(cv2.blur(seen, (3, 1)), (1, widest), LIT * CONTRAST)
        upright &= _lighter(cv2.blur(seen, (1, 3)), (widest, 1), LIT * CONTRAST)
    blank = 1 - characters(level | upright, scale)
    level, upright = level & blank, upright & blank
    long = max(5, round(LONGEST_STROKE * scale))
    drawn = _runs(level, (long, 1)) | _runs(upright, (1, long))
    if not drawn.any():
        return None
    near = np.ones((widest, widest), np.uint8)
    dark = shaded | drawn
    whole = cv2.morphologyEx(_grown(ground, (width, height)) & dark, cv2.MORPH_CLOSE, near)
    own, other = _parted(whole, drawn, near, long)
    top, side = _sides(own, cv2.morphologyEx(dark, cv2.MORPH_CLOSE, near), clean if seen is None else seen, long)
    return (level & (1 - other)) | top, (upright & (1 - other)) | side


def _lighter(picture: Picture, kernel: tuple[int, int], by: float = CONTRAST) -> Picture:
    """1 where a picture is lighter than on both sides; kernel: width and height in pixels."""
    hat = cv2.morphologyEx(picture, cv2.MORPH_TOPHAT, np.ones(kernel[::-1], np.uint8))
    lighter: Picture = (hat > by).astype(np.uint8)
    return lighter


def _between(fill: Picture, window: tuple[int, int], axis: int) -> Picture:
    """1 where the fill lies on both sides across (axis 0: above and below): not in the blank between fill and border.

    The stretch judged ends short of the fill's sides, so it is drawn out along, and rules reach them.
    """
    dense = cv2.blur(fill, window) > FILLED * 255
    half = window[1 - axis] // 2 + 1
    both = np.roll(dense, half, axis) & np.roll(dense, -half, axis)
    return _grown(both.astype(np.uint8), (window[0], 1) if axis == 0 else (1, window[1]))


def _grown(ground: Picture, kernel: tuple[int, int]) -> Picture:
    grown: Picture = cv2.dilate(ground, np.ones(kernel[::-1], np.uint8)).astype(np.uint8)
    return grown


def _runs(ridge: Picture, kernel: tuple[int, int]) -> Picture:
    runs: Picture = cv2.morphologyEx(ridge, cv2.MORPH_OPEN, np.ones(kernel[::-1], np.uint8)).astype(np.uint8)
    return runs


def _parted(fills: Picture, drawn: Picture, near: Picture, long: int) -> tuple[Picture, Picture]:
    """1 in the fills in which rules are drawn, and in those that look so but are a watermark's large characters.

    A bar over words has no rules and is no table. near: kernel that takes off what is thinner than a fill.
    """
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(fills, connectivity=8)
    own, other = np.zeros_like(fills), np.zeros_like(fills)
    for label in np.unique(labels[(drawn > 0) & (labels > 0)]):
        x, y, w, h, _ = (int(v) for v in boxes[label])
        part = np.s_[y : y + h, x : x + w]
        fill = (labels[part] == label).astype(np.uint8)
        solid = cv2.morphologyEx(fill, cv2.MORPH_OPEN, near)
        solid = cv2.copyMakeBorder(solid, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(0,))
        rim = cv2.morphologyEx(solid, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(np.uint8)
        straight = int((_runs(rim, (long, 1)) | _runs(rim, (1, long))).sum())
        table = straight > BARS * int(rim.sum()) or int((drawn[part] & fill).sum()) > w + h
        (own if table else other)[part] |= fill
    return own, other


def _sides(own: Picture, dark: Picture, seen: Picture, long: int) -> tuple[Picture, Picture]:
    """Long level and upright sides of the fills (`own`) in which rules are drawn.

    A fill ends where what is dark ends: where grey paper goes on, only the room that was searched does. And it ends
    at once: the rim that evening of light leaves of a fill fades out where in `seen` nothing changes.
    """
    inside: Picture = cv2.erode(dark, np.ones((7, 7), np.uint8)).astype(np.uint8)
    rim: Picture = cv2.morphologyEx(own, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(np.uint8)
    step = cv2.morphologyEx(cv2.blur(seen, (3, 3)), cv2.MORPH_GRADIENT, np.ones((7, 7), np.uint8)) > LIT * CONTRAST
    edge = rim & (1 - inside) & step.astype(np.uint8)
    return _runs(edge, (long, 1)), _runs(edge, (1, long))
