"""Streaks that a device drew over the picture of a bent or photographed sheet, taken off before it is made flat.

Dirt on a glass or a worn sensor blackens one straight lane of the picture, from edge to edge, whatever lies under it.
In the flat page the lane would be as crooked as the sheet was, and nothing would tell it from a rule; in the picture
no rule is like it: a sheet's own are bent or lean, and end before the ground does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

WHOLE = 0.97  # of a lane's pixels are dark, from one edge of the picture to the other
DARKER = 0.5  # of the mean tone beside it on both sides, or less
WIDEST = 0.003  # of the picture's longer side: lanes are thinner
SAMPLED = 700  # of a lane's pixels are looked at


def without_scratches(picture: Picture) -> Picture:
    """The picture (grey or BGR) with its dark lanes filled from both sides; the same object where there are none.

    What is dark on both sides of a lane (a stroke, a rule that it crosses) goes on through it.
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
        where = np.s_[:, lanes] if kernel is closed else np.s_[lanes]
        out[where] = filled[where]
    return out


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
