"""Grain of black and white pages made grey again: paper that a device printed as dots all over the page.

A device that sets black and white by the light around each spot, or spreads greys to dots, peppers the paper far more
densely than any dirt does. Grain has no core: its dots fill a square or a longer piece by chance only, as strokes do
everywhere. What hangs together with a core is ink; all else goes back to the grey it stood for, where the thinnest
strokes, printed as dots too, are still darker than paper.

Rules are looked for in the page as it was: hairlines come as rows of dots, which blur with the grain beside them. Only
where a regular screen sets the grain's own dots in rows (`Ridges.screened`) that would find rules everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

TWO_TONES = 0.7  # of the pixels are black or white, in a page that was made flat too
SAMPLED, STRIPE = 4, 64  # one in so many stripes of the page, as high in pixels, tells whether there is grain
DOT = 4  # pixels: a dot of grain is no larger
# Share of the page that is such dots. On 7 scanned and faxed pages of three generated seeds, and on copies of them as
# coarse as 75 dpi, 0.0002 to 0.01, however peppered they were; on two grainy ones 0.061 and 0.069.
GRAINY = 0.03
CORE, BAR, LEAST = 3, 2, 14  # pixels: side of a square core, of the shorter side of a long one, ink that this one needs
BLUR = 1.0  # pixels: sigma by which dots become the grey they stood for
PALER = 0.6  # of that grey's darkness is kept: paper's is less than any ink's then


def without_grain(picture: Picture) -> Picture:
    """The picture with even grey in place of grain; the same object where it is not a grainy black and white page."""
    if picture.ndim != 2 or not _is_grainy(picture):
        return picture
    black: Picture = (picture < 128).astype(np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(black, connectivity=4)
    labels = np.asarray(pieces, np.int32)
    ink = _cored(black, labels, len(stats), (CORE, CORE))
    bars = _cored(black, labels, len(stats), (BAR, CORE)) | _cored(black, labels, len(stats), (CORE, BAR))
    ink |= bars & (stats[:, cv2.CC_STAT_AREA] >= LEAST)
    kept = cv2.dilate(ink.astype(np.uint8)[labels], np.ones((3, 3), np.uint8))
    grey = 255 - cv2.convertScaleAbs(255 - cv2.GaussianBlur(picture, (0, 0), BLUR), alpha=PALER)
    cv2.copyTo(cv2.min(picture, grey), kept, grey)
    return grey.astype(np.uint8)


def _is_grainy(picture: Picture) -> bool:
    stripes = np.concatenate([picture[y : y + STRIPE] for y in range(0, picture.shape[0], SAMPLED * STRIPE)])
    if float(((stripes < 32) | (stripes > 223)).mean()) < TWO_TONES:
        return False
    black: Picture = (stripes < 128).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(black, connectivity=4)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return int(areas[areas <= DOT].sum()) > GRAINY * black.size


def _cored(black: Picture, labels: NDArray[np.int32], count: int, core: tuple[int, int]) -> NDArray[np.bool_]:
    """Which connected pieces of black hold a full rectangle."""
    held = np.zeros(count, np.bool_)
    held[labels[cv2.erode(black, np.ones(core, np.uint8)) > 0]] = True
    held[0] = False
    return held
