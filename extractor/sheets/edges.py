"""Dark bands along a scan's edges: the glass beside the sheet or a lid that was open, given the paper's tone.

Evened light would bring such a band to white and its noise to ink, rules and all, and turning the page would pull it
into streaks. A table's dark head that a picture was cut at holds writing; a band of nothing does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

DARKER = 0.55  # of the page's usual tone: a band is, the paper in uneven light is not
DEEPEST = 0.06  # of the picture's height or width: a deeper dark part is no mere edge
ALONG = 0.6  # share of a side that its band takes up
BLANK = 0.02  # most of a band that may be as light as paper; writing leaves more
SOFT = 3  # pixels behind a band: its edge is as soft as the device's blur
SMOOTH = 0.02  # of the side: over so much a band's depth is the same
LEAST = 2  # pixels: a shallower band is the picture's own rim


def without_dark_edges(picture: Picture) -> Picture:
    """The picture (grey or BGR) with dark bands along its sides filled; the same object where there are none."""
    grey = cv2.blur(picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (3, 3))
    limit = DARKER * float(np.median(grey[::4, ::4]))
    dark = grey < limit
    out: Picture | None = None
    # Every side in turn as the first rows: top, left, bottom, right.
    for turn in range(4):
        depths = _depths(np.rot90(dark, turn))
        if depths is None:
            continue
        out = picture.copy() if out is None else out
        _fill(np.rot90(out, turn), depths)
    return picture if out is None else out


def _depths(dark: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """How many of each column's first pixels are a dark band's; None where no band lies along the top."""
    deepest = round(DEEPEST * len(dark))
    top = dark[: deepest + SOFT]
    depths = np.where(top.all(axis=0), len(top), (~top).argmax(axis=0)).astype(np.int64)
    if (depths > LEAST).mean() < ALONG:
        return None
    window = max(3, round(SMOOTH * len(depths))) | 1
    padded = np.pad(depths, window // 2, mode="edge")
    depths = np.median(np.lib.stride_tricks.sliding_window_view(padded, window), axis=1).astype(np.int64)
    if depths.max() >= deepest or (depths > LEAST).mean() < ALONG:
        return None
    band = np.arange(len(top))[:, None] < depths
    return None if (~top & band).sum() > BLANK * band.sum() else depths


def _fill(picture: Picture, depths: NDArray[np.int64]) -> None:
    """Give each column's first pixels the tone that is usual behind them."""
    reach = int(depths.max()) + SOFT
    rows = np.arange(reach)[:, None]
    behind = picture[np.minimum(depths + 2 * SOFT, len(picture) - 1), np.arange(picture.shape[1])]
    window = max(3, round(SMOOTH * len(depths))) | 1
    padded = np.pad(behind, ((window // 2, window // 2), *(((0, 0),) * (behind.ndim - 1))), mode="edge")
    usual = np.median(np.lib.stride_tricks.sliding_window_view(padded, window, axis=0), axis=-1).astype(np.uint8)
    where = (rows < depths + SOFT) & (depths > 0)
    part = picture[:reach]
    part[where] = np.broadcast_to(usual[None], part.shape)[where]
