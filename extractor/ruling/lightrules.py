"""Light rules on dark ground: header rows printed as white lines on a blue or grey fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.pixels.inked import LONGEST_STROKE, WIDEST, characters

if TYPE_CHECKING:
    from extractor.elements import Picture

CONTRAST = 30  # grey levels (of 255) by which a rule is lighter than both its sides
GROUND = (4.0, 1.5)  # text heights, width and height over which ground is judged
FILLED = 0.25  # share of these that is evenly dark: a third of a row full of white type, nothing of dense or bold print


def light_rules(clean: Picture, scale: float) -> tuple[Picture, Picture] | None:
    """1 where a level, an upright light rule may be; None on a page without any.

    clean: grey, paper at 255. scale: text height in pixels. The mirror of the dark ridges: the top-hat across a rule
    answers on what is thin and lighter than both sides, and light characters are taken off by their size. Sides
    of a fill that such rules part are borders too: there the white rule lies on white paper.
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
    blank = 1 - characters(level | upright, scale)
    level, upright = level & blank, upright & blank
    long = max(5, round(LONGEST_STROKE * scale))
    drawn = _runs(level, (long, 1)) | _runs(upright, (1, long))
    if not drawn.any():
        return None
    near = np.ones((widest, widest), np.uint8)
    dark = shaded | drawn
    whole = cv2.morphologyEx(_grown(ground, (width, height)) & dark, cv2.MORPH_CLOSE, near)
    top, side = _sides(whole, cv2.morphologyEx(dark, cv2.MORPH_CLOSE, near), drawn, long)
    return level | top, upright | side


def _lighter(picture: Picture, kernel: tuple[int, int]) -> Picture:
    """1 where a picture is lighter than on both sides; kernel: width and height in pixels."""
    hat = cv2.morphologyEx(picture, cv2.MORPH_TOPHAT, np.ones(kernel[::-1], np.uint8))
    lighter: Picture = (hat > CONTRAST).astype(np.uint8)
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


def _sides(fills: Picture, dark: Picture, drawn: Picture, long: int) -> tuple[Picture, Picture]:
    """Long level and upright sides of the fills in which rules are drawn: a bar over words has none and is no table.

    A fill ends where what is dark ends: where grey paper goes on, only the room that was searched does.
    """
    _, labels = cv2.connectedComponents(fills, connectivity=8)
    parted = np.unique(labels[(drawn > 0) & (labels > 0)])
    own = np.isin(labels, parted).astype(np.uint8)
    inside: Picture = cv2.erode(dark, np.ones((7, 7), np.uint8)).astype(np.uint8)
    rim: Picture = cv2.morphologyEx(own, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(np.uint8)
    edge = rim & (1 - inside)
    return _runs(edge, (long, 1)), _runs(edge, (1, long))
