"""Light rules on dark ground: header rows printed as white lines on a blue or grey fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.strokes import characters

if TYPE_CHECKING:
    from extractor.elements import Picture

CONTRAST = 30  # grey levels (of 255) by which a rule is lighter than both its sides
WIDEST = 0.55  # text heights: thicker light bars are paper between fills
GROUND = (4.0, 1.5)  # text heights, width and height over which ground is judged
FILLED = 0.6  # share of these that is darker than paper: bold type darkens less than half, white type leaves more
STROKE = 1.35  # text heights: no stroke of a character is longer


def light_rules(clean: Picture, scale: float) -> tuple[Picture, Picture] | None:
    """1 where a level, an upright light rule may be; None on a page without any.

    clean: grey, paper at 255. scale: text height in pixels. The mirror of the dark ridges: the top-hat across a rule
    answers on what is thin and lighter than both sides, and light characters are taken off by their size. Sides
    of a fill that such rules part are borders too: there the white rule lies on white paper.
    """
    shaded = (clean < 255 - CONTRAST).astype(np.uint8)
    width, height = (round(side * scale) | 1 for side in GROUND)
    ground = (cv2.blur(255 * shaded, (width, height)) > FILLED * 255).astype(np.uint8)
    if cv2.countNonZero(ground) < width * height:
        return None
    widest = max(3, round(WIDEST * scale)) | 1
    # Ground is judged from around, so it ends short of the fill; rules go on to the fill's sides.
    level = _lighter(cv2.blur(clean, (3, 1)), (1, widest)) & cv2.dilate(ground, np.ones((1, width), np.uint8))
    upright = _lighter(cv2.blur(clean, (1, 3)), (widest, 1)) & cv2.dilate(ground, np.ones((height, 1), np.uint8))
    blank = 1 - characters(level | upright, scale)
    level, upright = level & blank, upright & blank
    long = max(5, round(STROKE * scale))
    drawn = _runs(level, (long, 1)) | _runs(upright, (1, long))
    if not cv2.countNonZero(drawn):
        return None
    whole = cv2.dilate(ground, np.ones((height, width), np.uint8)) & (shaded | drawn)
    top, side = _sides(cv2.morphologyEx(whole, cv2.MORPH_CLOSE, np.ones((widest, widest), np.uint8)), drawn, long)
    return level | top, upright | side


def _lighter(picture: Picture, kernel: tuple[int, int]) -> Picture:
    """1 where a picture is lighter than on both sides; kernel: width and height in pixels."""
    hat = cv2.morphologyEx(picture, cv2.MORPH_TOPHAT, np.ones(kernel[::-1], np.uint8))
    lighter: Picture = (hat > CONTRAST).astype(np.uint8)
    return lighter


def _runs(ridge: Picture, kernel: tuple[int, int]) -> Picture:
    runs: Picture = cv2.morphologyEx(ridge, cv2.MORPH_OPEN, np.ones(kernel[::-1], np.uint8)).astype(np.uint8)
    return runs


def _sides(fills: Picture, drawn: Picture, long: int) -> tuple[Picture, Picture]:
    """Long level and upright sides of the fills in which rules are drawn: a bar over words has none and is no table."""
    _, labels = cv2.connectedComponents(fills, connectivity=8)
    parted = np.unique(labels[(drawn > 0) & (labels > 0)])
    own = np.isin(labels, parted).astype(np.uint8)
    edge = cv2.morphologyEx(own, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return _runs(edge, (long, 1)), _runs(edge, (1, long))
