"""Ink too thick for a rule or a character: a black seal's star and ring, a blot, a bar that hides what was written.

A black and white scan prints a seal as black as the page, and nothing can be faded from it. What lies under it is not
known: a border that runs into it neither ends there nor is shown by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from extractor.elements import Picture

THICK = 0.33  # text heights: strokes of characters, bold ones too, are thinner
LONG = 1.5  # text heights: where strokes run together they are thick, but no longer than this
FILL = (5.0, 0.9, 0.45)  # text heights, width and height, and share inked, of a heading's dark ground: rules part it
RIM = 0.1  # text heights around such ink where a ridge is lost
SHRINK = 2  # looked for on a copy this many times smaller


def find_blots(mask: Picture, scale: float) -> Picture | None:
    """1 where ink is thicker than a rule's or a character's, None where it nowhere is. scale: text height in pixels."""
    small = np.ascontiguousarray(mask[::SHRINK, ::SHRINK])
    side = max(3, round(THICK * scale / SHRINK))
    thick = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    if not cv2.countNonZero(thick):
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=8)
    wide, high, area = (stats[:, k] for k in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    fills = (wide * SHRINK > FILL[0] * scale) & (high * SHRINK > FILL[1] * scale) & (area > FILL[2] * wide * high)
    large = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) * SHRINK > LONG * scale
    large &= ~fills
    large[0] = False
    if not large.any():
        return None
    rim = 2 * max(1, round(RIM * scale / SHRINK)) + 1
    blots = cv2.dilate(large.astype(np.uint8)[labels], np.ones((rim, rim), np.uint8))
    whole: Picture = cv2.resize(blots, (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_NEAREST)
    return whole
