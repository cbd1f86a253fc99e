"""Ridges of a fill that a fax printed as dots: in both directions at once, everywhere, and none of them long.

A grey heading on a bilevel page is a field of dots as dense as the grey was dark. Smoothed along a rule's direction
they run together into short ridges, so that any straight track across the field is mostly ridge and would pass for a
worn border. A rule printed in the field is solid: there only what is long counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from extractor.elements import Picture

AROUND = 1.2  # text heights: side of the square whose share of ridge is taken
# Share of ridge, in each direction, in a field of dots. Over 12 pages of two generated seeds pieces of FIELD's size
# were 0.023 to 0.073 of pages with such headings, and at most 0.005 of others, where worn text stands closely.
DENSE = 0.15
FIELD = (1.0, 4.0)  # text heights: a field is at least as high and wide; dense left-overs of characters are smaller
SOLID = 1.0  # text heights: dots run together are shorter, a rule's pieces longer


def without_texture(level: Picture, upright: Picture, scale: float) -> tuple[Picture, Picture]:
    """Level and upright ridges (0 or 1), within fields of dots only the long ones. scale: text height in pixels.

    Characters must have been taken off: their strokes are as dense.
    """
    side = round(AROUND * scale) | 1
    dense = np.ones_like(level)
    for ridge in (level, upright):
        share = cv2.boxFilter(ridge * np.uint8(255), -1, (side, side))
        dense &= (share > DENSE * 255).astype(np.uint8)
    field = cv2.morphologyEx(dense, cv2.MORPH_OPEN, np.ones([max(1, round(s * scale)) for s in FIELD], np.uint8))
    if not cv2.countNonZero(field):
        return level, upright
    # The squares at a field's rim lie half outside it.
    field = cv2.dilate(field, np.ones((side, side), np.uint8))
    length, bare = max(3, round(SOLID * scale)), 1 - field
    solid: Picture = cv2.morphologyEx(level, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    standing: Picture = cv2.morphologyEx(upright, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return level & cv2.max(bare, solid), upright & cv2.max(bare, standing)
