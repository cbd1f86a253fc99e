"""Grey bands that a device laid over a page from edge to edge, taken off: a worn drum's, a dirty lamp's.

Their sides are as straight as rules and the ground between two of them is as pale as a rule printed in white. Nothing
printed is so: a table's shading ends with the table, and above and below it the paper is as bright as beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

STRIPS, SAMPLED = 8, 9  # of the picture's length: in each of them a band is seen; of the pixels of a strip looked at
SHRINK = 4  # the paper beside is looked at in each so many columns only
PAPER = 0.7  # of a strip's pixels in a column: so many are no lighter than its paper
WIDEST = 0.06  # of the picture's longer side: bands are narrower
DARKER = 0.96  # of the paper's tone on both sides, or less, in every strip
BLACK = 0.5  # of that tone: a column of less in any strip is a rule, a scratch or a fill's side
STEADY = 0.12  # of that tone: so much a band's own differs from strip to strip at most
PRINTED = 0.05  # of that tone: what is so much darker than its band is no paper
LEAN = 10  # pixels beside a band in which it is found in some strips, where it leans or is blurred
HALF = 0.5  # of a band's depth: its side
SOFT = 0.99  # of that tone: a band's soft edges are as dark


def without_bands(picture: Picture) -> Picture:
    """The picture (grey or BGR) with the paper in its bands as light as beside them; the same object without any."""
    out = picture
    for across in (False, True):
        found = _bands(picture.swapaxes(0, 1) if across else picture)
        out = out.copy() if found and out is picture else out
        view = out.swapaxes(0, 1) if across else out
        for first, shares in found:
            columns = np.s_[first : first + shares.shape[1]]
            lifted = view[:, columns] / shares.reshape(*shares.shape, *([1] * (out.ndim - 2)))
            view[:, columns] = np.minimum(np.rint(lifted), 255).astype(np.uint8)
    return out


def _bands(picture: Picture) -> list[tuple[int, NDArray[np.float32]]]:
    """Of every upright band its first column and for each row and column its tone as a share of that beside it."""
    height, width = picture.shape[:2]
    rows = np.linspace(0, height - 1, STRIPS * SAMPLED).astype(np.intp)
    if height < STRIPS * SAMPLED:
        return []
    sampled = np.ascontiguousarray(picture[rows])
    grey = sampled if sampled.ndim == 2 else cv2.cvtColor(sampled, cv2.COLOR_BGR2GRAY)
    paper = np.sort(grey.reshape(STRIPS, SAMPLED, width), axis=1)[:, round(PAPER * (SAMPLED - 1))]
    reach = min(255, 2 * round(WIDEST * max(height, width) / SHRINK) + 1)
    # One strip at a time: the median of a picture would be that of all of them.
    wide = [cv2.medianBlur(np.ascontiguousarray(strip[None, ::SHRINK]), reach) for strip in paper]
    beside = np.repeat(np.concatenate(wide), SHRINK, axis=1)[:, :width]
    shares = np.minimum(paper / np.maximum(beside, 1).astype(np.float32), 1.0)
    core = (shares.max(axis=0) < DARKER) & (shares.min(axis=0) > BLACK) & (np.ptp(shares, axis=0) < STEADY)
    if not core.any():
        return []
    # A band is a run of columns darker than paper that has a core.
    _, labels = cv2.connectedComponents((np.median(shares, axis=0) < SOFT).astype(np.uint8)[None], connectivity=8)
    bands = []
    for label in np.unique(labels[0][core]).tolist():
        own = np.flatnonzero(labels[0] == label)
        if len(own) > WIDEST * max(height, width):
            continue
        first, last = max(0, int(own[0]) - LEAN), min(width, int(own[-1]) + LEAN + 1)
        own_shares = np.where((labels[0] > 0) & (labels[0] != label), np.float32(1), shares)
        bands.append((first, _shape(own_shares[:, first:last], (core & (labels[0] == label))[first:last], height)))
    return bands


def _shape(shares: NDArray[np.float32], core: NDArray[np.bool_], height: int) -> NDArray[np.float32]:
    """Shares of paper's tone for each row of a picture, from those of its strips: a band leans a little as a whole."""
    depth = 1 - np.median(shares[:, core], axis=1)
    # What is darker than the band stands printed in it.
    grey = np.clip((1 - shares) / depth[:, None], 0.0, 1.0)
    grey = np.where((1 - shares) > depth[:, None] + PRINTED, 1.0, grey)
    columns, rows = np.arange(shares.shape[1]), (np.arange(STRIPS) + 0.5) * height / STRIPS
    inner = np.flatnonzero(core)
    left = np.array([_side(one[inner[0] :: -1]) for one in grey])
    right = np.array([_side(one[inner[-1] :]) for one in grey])
    slopes = [(y[j] - y[i]) / (rows[j] - rows[i]) for y in (-left, right) for j in range(STRIPS) for i in range(j)]
    slope = float(np.median(slopes))
    middle = height / 2
    level = np.array([
        np.interp(columns + slope * (y - middle), columns, one) for y, one in zip(rows, grey, strict=True)
    ])
    across = np.median(level, axis=0)
    every = np.arange(height)
    leaning = np.interp(columns[None] - slope * (every[:, None] - middle), columns, across)
    along = np.interp(every, rows, depth)
    shape: NDArray[np.float32] = (1 - leaning * along[:, None]).astype(np.float32)
    return shape


def _side(grey: NDArray[np.float64]) -> float:
    """How far from its inner part, where the first of these columns is, a band goes, in pixels."""
    out = int(np.argmax(grey < HALF))
    return out - float((HALF - grey[out]) / (grey[out - 1] - grey[out])) if out else float(len(grey))
