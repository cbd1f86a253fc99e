"""Dark fills (grey headings) brought to paper's tone up to their very sides, so that no edge of one is ink.

The light of a page is estimated coarsely: within a few millimetres of a fill's sides, and in all of a fill as low as
one row, the tone of the paper beside it is taken for its own. A closing answers at full resolution: it takes off what
is thinner than any fill, characters and rules, and moves no side. Where toner came off, spots of paper shine through
a fill: they are no paper beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from extractor.elements import Picture

LOWEST = 0.018  # of the page's shorter side: no fill is lower (3.8 mm on A4), nothing printed is as thick
WORN = 3.0  # times LOWEST: no worn spot is longer along a row; paper beside fills is
TONES = (0.6, 0.9)  # of the paper's tone: darker fills have light text; what is lighter is no ink anyway


def on_fills(clean: Picture, grey: Picture, light: Picture) -> Picture:
    """`clean` (grey, paper at 255) where fills are paper too. grey: the page as it is; light: its paper's tone."""
    side = max(5, round(LOWEST * min(grey.shape))) | 1
    kernel = np.ones((side, side), np.uint8)
    smooth = cv2.blur(grey, (3, 3))
    # Beyond the picture is nothing: OpenCV's own border is none for both steps.
    tone = cv2.erode(cv2.dilate(smooth, kernel), kernel)
    tone = cv2.morphologyEx(tone, cv2.MORPH_OPEN, np.ones((1, round(WORN * side) | 1), np.uint8))
    share = cv2.divide(tone, light, scale=255)
    filled = cv2.inRange(share, np.array(TONES[0] * 255), np.array(TONES[1] * 255))
    if not cv2.countNonZero(filled):
        return clean
    levelled: Picture = clean.copy()
    cv2.copyTo(cv2.max(clean, cv2.divide(grey, tone, scale=255)), filled, levelled)
    return levelled
