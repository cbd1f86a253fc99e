"""Streaks that a device drew over the picture of a sheet, taken off before it is turned straight or made flat.

Dirt on a glass or a worn sensor blackens one straight lane of the picture, from edge to edge, whatever lies under it.
In the flat page the lane would be as crooked as the sheet was, and nothing would tell it from a rule; in the picture
no rule is like it: a sheet's own are bent or lean, and end before the ground does. On a sheet that lay a little
askew the lane crosses a column's border so slowly that both would be one rule for rows on end.

A dead sensor leaves a pale lane in the same way: it cuts every rule that it crosses, where rules printed white on a
heading's fill cut nothing that is black. On a fill it would be such a rule itself.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

WHOLE = 0.97  # of a lane's pixels are dark, from one edge of the picture to the other
DARKER = 0.5  # of the mean tone beside it on both sides, or less
WIDEST = 0.003  # of the picture's longer side: lanes are thinner
SOFT = 0.3  # share of a column beside a lane that is dark: more is the lane's own soft edge
THIN = 3.0  # times what shows of such a border beside the lane: so long it may lie all in it
SAMPLED = 700  # of a lane's pixels are looked at
BLACK, LIGHTER = 110, 25  # grey levels: of a rule, at most; by which a pale lane is lighter than both its sides
CUT = 0.9  # of the pixels of rules that a pale lane crosses are lighter
CROSSED = 4  # rules at least are crossed
STRETCH = 6  # times the reach: so long are they on both sides; strokes of characters are shorter
TALL = 0.01  # of the picture's side: what is higher than a rule is a fill, and rules may be printed on it in white
FEW = 3  # lanes: more of them are a printer's work, gaps of dashed rules under one another


def without_scratches(picture: Picture) -> Picture:
    """The picture (grey or BGR) with its dark lanes filled from both sides; the same object where there are none.

    What is dark on both sides of a lane (a stroke, a rule that it crosses) goes on through it, and what lies along it
    and is wider, as a border that crosses it slowly, stays.
    """
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    reach = max(2, round(WIDEST * max(grey.shape)) + 1)
    down, across = (_lanes(view, reach) for view in (grey, grey.T))
    if not len(down) and not len(across):
        return picture
    out = picture.copy()
    closed = np.ones((1, 2 * reach + 1), np.uint8)
    for lanes, kernel in ((down, closed), (across, closed.T)):
        if not len(lanes):
            continue
        # The lane is closed over (dark on bright), so that what runs through it stays.
        filled = cv2.morphologyEx(out, cv2.MORPH_CLOSE, kernel)
        level = kernel is closed
        view, new, tone = (part if level else part.swapaxes(0, 1) for part in (out, filled, grey))
        for lane in np.split(lanes, np.flatnonzero(np.diff(lanes) > 1) + 1):
            bare = ~_wider(tone, int(lane[0]), int(lane[-1]) + 1)
            view[bare, lane[0] : lane[-1] + 1] = new[bare, lane[0] : lane[-1] + 1]
    return out


def without_cuts(picture: Picture) -> Picture:
    """The picture (grey or BGR) with its pale lanes filled with what lies beside them; the same object without any."""
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    reach = max(2, round(WIDEST * max(grey.shape)) + 1)
    down, across = (_pale_lanes(np.ascontiguousarray(view), reach) for view in (grey, grey.T))
    if not len(down) and not len(across):
        return picture
    out = picture.copy()
    for lanes, view in ((down, out), (across, out.swapaxes(0, 1))):
        for lane in np.split(lanes, np.flatnonzero(np.diff(lanes) > 1) + 1) if len(lanes) else ():
            sides = view[:, [lane[0] - 1, lane[-1] + 1]].mean(axis=1, keepdims=True)
            view[:, lane] = np.minimum(view[:, lane], np.rint(sides).astype(np.uint8))
    return out


def _pale_lanes(grey: Picture, reach: int) -> NDArray[np.int64]:
    """Columns that are lighter than both sides in nearly all the level rules that cross them."""
    black: Picture = (grey < BLACK).astype(np.uint8)
    whole: Picture = cv2.erode(black, np.ones((1, STRETCH * reach + 1), np.uint8)).astype(np.uint8)
    away = STRETCH * reach // 2 + reach
    crossed = np.zeros_like(black)
    if crossed.shape[1] > 2 * away:
        crossed[:, away:-away] = whole[:, : -2 * away] & whole[:, 2 * away :]
    hat: Picture = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, np.ones((1, 2 * reach + 1), np.uint8)).astype(np.uint8)
    cut = np.where(hat > LIGHTER, crossed, 0)
    few = np.flatnonzero(cut.sum(axis=0, dtype=np.int64) >= CROSSED)
    if not len(few):
        return few
    height = max(3, round(TALL * max(grey.shape)))
    thin = crossed[:, few] - cv2.morphologyEx(crossed, cv2.MORPH_OPEN, np.ones((height, 1), np.uint8))[:, few]
    rules = np.count_nonzero(np.diff(thin.astype(np.int8), axis=0, prepend=0) == 1, axis=0)
    share = (cut[:, few] & thin).sum(axis=0, dtype=np.int64) / np.maximum(1, thin.sum(axis=0, dtype=np.int64))
    lanes: NDArray[np.int64] = few[(rules >= CROSSED) & (share >= CUT)]
    return lanes if len(lanes) > 0 and np.count_nonzero(np.diff(lanes) > 1) < FEW else lanes[:0]


def _wider(grey: Picture, start: int, end: int) -> NDArray[np.bool_]:
    """In which rows what is dark in a lane (columns start to end) goes on beside it: what is wider than the lane.

    Where a border as thin as the lane lies all in it, it shows on one side before that stretch, on the other behind it.
    """
    left, right = (_beside(grey, columns) for columns in ((start - 1, start - 2), (end, end + 1)))
    wider: NDArray[np.bool_] = left | right
    aside = left.astype(np.int8) - right.astype(np.int8)
    ends = [0, *np.flatnonzero(np.diff(aside)).tolist(), len(aside) - 1]
    runs: list[tuple[int, int, int]] = []
    for a, b in pairwise(ends):
        side, last = int(aside[b]), runs[-1] if runs else (0, 0, 0)
        crossed = np.s_[last[1] : a + 1]
        if side == last[2] != 0 and left[crossed].all() and right[crossed].all():
            runs[-1] = (last[0], b + 1, side)
        elif side and b - a > end - start:
            runs.append((a + 1, b + 1, side))
    for (a, b, one), (c, d, other) in pairwise(runs):
        if one != other and c - b <= THIN * min(b - a, d - c):
            wider[b:c] = True
    return wider


def _beside(grey: Picture, columns: tuple[int, int]) -> NDArray[np.bool_]:
    """Which rows are dark in the first of two columns beside a lane that is not its soft edge."""
    for column in columns:
        if 0 <= column < grey.shape[1]:
            dark: NDArray[np.bool_] = grey[:, column] <= DARKER * float(grey[:, column].mean())
            if dark.mean() < SOFT:
                return dark
    return np.zeros(len(grey), np.bool_)


def _lanes(grey: Picture, reach: int) -> NDArray[np.int64]:
    """Columns that are dark nearly all the way between columns, `reach` away, that are not."""
    rows = np.ascontiguousarray(grey[:: max(1, grey.shape[0] // SAMPLED)])
    usual = cv2.reduce(rows, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)[0]
    beside = np.minimum(_shifted(usual, reach), _shifted(usual, -reach))
    return np.flatnonzero((rows <= DARKER * beside).mean(axis=0) >= WHOLE)


def _shifted(values: NDArray[np.float32], by: int) -> NDArray[np.float32]:
    """Values `by` places further on; beyond an end there is nothing bright."""
    out = np.zeros_like(values)
    if by > 0:
        out[:-by] = values[by:]
    else:
        out[-by:] = values[:by]
    return out
