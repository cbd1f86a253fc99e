"""Short dashed rules from one rule to the next: a border that parts a single low row, where no more of it is printed.

A row a text line and a half high has three or four dashes on its side, and nothing on their track goes on above or
below it (科目编码 beside 科目名称 under 科目). But on a page whose gap and dash are known, a row of those from one rule
across to the next, bare on both sides, has no other maker: characters end before the rules above and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

LEAST, MOST = 0.8, 4.0  # text heights: how long such a rule is
FEWEST = 3  # dashes
SAME_GAP = 1.5  # pixels: a scan's doing
SAME = 0.35  # share by which a gap or a dash may be longer or shorter
THICKEST = 0.3  # text heights
BARE = 0.05  # share of ink beside it
BESIDE = 0.35  # text heights: so far to either side is looked
RIM = 0.12  # text heights: how far the blur of the rules across goes
SOLID = 3.0  # text heights: no stroke of a character is as long


def add_posts(
    out: Picture, ridge: Picture, across: Picture, mask: Picture, usual: tuple[float, float], scale: float
) -> None:
    """Fill (1) in `out` the level dashed rules that go from one rule across to the next.

    ridge: 1 where level rules may be. across: 1 where upright rules are. mask: 1 where ink is. usual: the printer's gap
    and dash, pixels. scale: text height in pixels.
    """
    reach = round(usual[0] + SAME_GAP)
    closed = cv2.morphologyEx(ridge, cv2.MORPH_CLOSE, np.ones((1, (reach + 1) | 1), np.uint8))
    runs = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, max(3, round(LEAST * scale))), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    for x, y, w, h, _ in stats[1:].tolist():
        if h > max(3, THICKEST * scale):
            continue
        left = max(0, x - 2 * reach)
        window = np.s_[y : y + h, left : x + w + 2 * reach]
        strip = ridge[window].max(axis=0)
        bars = np.flatnonzero(across[window].max(axis=0))
        for a, b in zip((bars[:-1] + 1).tolist(), bars[1:].tolist(), strict=True):
            if not LEAST * scale <= b - a <= MOST * scale or not _is_dashed(strip[a:b], usual):
                continue
            if _is_bare(mask, (y, y + h), (left + a, left + b), scale):
                out[y : y + h, left + a : left + b] = 1


def solid_runs(ridge: Picture, scale: float) -> Picture:
    """Level rules (0 or 1) that are printed whole."""
    return cv2.morphologyEx(ridge, cv2.MORPH_OPEN, np.ones((1, max(5, round(SOLID * scale))), np.uint8))


def _is_dashed(strip: NDArray[np.uint8], usual: tuple[float, float]) -> bool:
    """Whether dashes follow each other from end to end as the printer sets them; the ends may cut or hide one."""
    gap, dash = usual
    steps = np.flatnonzero(np.diff(strip.astype(np.int8), prepend=0, append=0))
    starts, ends = steps[::2], steps[1::2]
    if len(starts) < FEWEST:
        return False
    stray, longer = max(SAME_GAP, SAME * gap), max(SAME_GAP, SAME * dash)
    gaps, dashes = starts[1:] - ends[:-1], ends - starts
    return bool(
        max(starts[0], len(strip) - ends[-1]) <= gap + stray
        and (np.abs(gaps - gap) <= stray).all()
        and (np.abs(dashes[1:-1] - dash) <= longer).all()
        and max(dashes[0], dashes[-1]) <= dash + longer
    )


def _is_bare(mask: Picture, rows: tuple[int, int], columns: tuple[int, int], scale: float) -> bool:
    """Whether next to no ink stands on both sides."""
    around, rim = round(BESIDE * scale), max(1, round(RIM * scale))
    inner = slice(columns[0] + rim, columns[1] - rim)
    sides = mask[max(0, rows[0] - around) : max(0, rows[0] - rim), inner], mask[rows[1] + rim : rows[1] + around, inner]
    return all(not side.size or float(side.mean()) <= BARE for side in sides)
