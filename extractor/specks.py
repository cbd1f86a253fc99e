"""Specks that a fax or a dirty glass strews over a page: told from points and commas by standing alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from extractor.elements import Box, Picture

# All lengths are text heights.
LARGEST = 0.35  # dots no larger than this may be specks: a full stop is as large
USUAL = 0.9  # share of the page's specks that are no larger than what is taken for one beside text
STREWN = 400.0  # square text heights: a page has a speck outside its text in so many of them, or is not strewn
ALONE = 0.3  # a point of a number stands nearer to its digits, 、 and ： to their characters


def without_specks(mask: Picture, lines: Sequence[Box], scale: float) -> Picture:
    """Ink (1 where it is) without the specks that stand alone; as it is where the page is not strewn with them.

    How large the page's specks are is measured outside its text lines (boxes in pixels). scale: text height in pixels.
    """
    _, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    size = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    small = size <= LARGEST * scale
    texts = np.zeros_like(mask)
    for line in lines:
        texts[_span(line.y0, line.y1), _span(line.x0, line.x1)] = 1
    xs, ys = np.round(centres).astype(np.int64).T
    outside = small & (texts[ys.clip(0, mask.shape[0] - 1), xs.clip(0, mask.shape[1] - 1)] == 0)
    outside[0] = False
    if outside.sum() * STREWN * scale**2 < (texts == 0).sum():
        return mask
    specks = small & (size <= np.quantile(size[outside], USUAL))
    specks[0] = False
    other = ((~specks)[labels] & (mask > 0)).astype(np.uint8)
    reach = 2 * round(ALONE * scale) + 1
    near = cv2.dilate(other, np.ones((reach, reach), np.uint8))
    beside = np.zeros(len(stats), bool)
    beside[np.unique(labels[near > 0])] = True
    out = mask.copy()
    out[(specks & ~beside)[labels]] = 0
    return out


def _span(start: float, end: float) -> slice:
    return slice(max(0, round(start)), max(0, round(end)))
