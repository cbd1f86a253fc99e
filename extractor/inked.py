"""Ink that is characters, told from rules by its size and fullness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from extractor.elements import Picture

STROKES = 1.6  # text heights: the largest extent of one character
LONGEST_STROKE = 1.35  # text heights: no stroke of a character is longer than this
THIN = 0.3  # text heights: ink thinner than this either way may be a piece of a rule
RIM = 0.1  # text heights: how far a character's blur goes
WIDEST = 0.55  # text heights: thicker dark bars are shading, not rules
BAR, FULLEST = 4.0, 0.65  # text heights, share of its box: longer and fuller ink is a thick rule standing alone
FULL = 0.22  # share of its box that a string of characters inks; a rule with a character stuck to it inks less


def characters(mask: Picture, scale: float) -> Picture:
    """1 where connected ink is of the size and fullness of characters: strings and stacks of them too.

    A piece of a rule is thinner than a character, a long one lower; a rule with a character stuck to it is emptier.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    width, height, area = (stats[:, k].astype(np.float32) for k in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, 4))
    large = STROKES * scale
    small = (width <= large) & (height <= large)
    string = ((width <= large) | (height <= large)) & (area > FULL * width * height)
    # A worn rule, a little slanting or with specks on it, fills its box no better, but no string is so low.
    low = np.minimum(width, height) < WIDEST * scale
    bar = (np.maximum(width, height) > BAR * scale) & (low | (area > FULLEST * width * height))
    character = (np.minimum(width, height) >= THIN * scale) & (small | (string & ~bar))
    character[0] = False
    ones: Picture = character.astype(np.uint8)
    marked: Picture = ones[labels]
    return marked


def with_rims(characters: Picture, mask: Picture, scale: float) -> Picture:
    """Characters with their blurred rims: too pale to be ink, yet darker than paper, they would be fine ridges."""
    reach = max(1, round(RIM * scale))
    around = cv2.dilate(characters, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    whole: Picture = characters | (around & (1 - mask))
    return whole
