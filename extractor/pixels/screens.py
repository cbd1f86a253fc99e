"""Grey fills that a device printed as dots made even again: what is printed on them stands free.

Black and white pages have no grey. A fax sets it by the noise of its sensor, a copier by a screen, a program by
spreading errors: a grey heading comes as dots, some single, some run together, some stuck to characters and rules,
which then are neither for any stage that asks how ink hangs together. Dots are short in both directions, and they
fill a field's blanks as evenly as they stand between its characters; strokes are long in one direction or thick.

A field that runs to the picture's edge is no fill, and no fill is as large as paper: that is ground on which a sheet
was photographed, or the paper's own grain or shadow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

TWO_TONES = 0.97  # of the pixels are black or white; a page made flat has more greys, and its dots are blurred
SAMPLED = 16  # one in so many rows tells
DOT = 3  # pixels: runs of dots are no longer, both ways; at a third of the dots more than half of them
STROKE, THICK = 8, 3  # pixels: dots hardly ever run together so long, or so thick both ways
RIM = 5  # pixels: side of the square around a stroke's pixels in which dots stick to it
CELLS = 420  # to the page's shorter side (.5 mm on A4): squares in which dots are counted
AROUND, BLANK = 5, 0.25  # cells: side of the window of a field's density; share of it free of strokes that is needed
DENSE = 0.02  # share of dots; below it they stand apart, and are taken off as such (`text.dotfields`)
FIELD = (7, 16)  # cells: a field is at least as high and wide; a line of text is lower
LARGEST = 60  # cells: side of a square that no heading's fill holds, nor a column's
REACH = 9  # cells from dots, over which characters may cover a field
CORNER = 5  # cells: side of a square of dots beside a field that is of it
CORE, FREE, HELD = 7, 0.9, 0.1  # cells: side of a window with dots only; its share without strokes; of a field, such
FEWEST = 100  # such windows in a field; in worn lines of text, whose pieces are dots too, there were up to 60
EVEN, SPARSE = 3, 0.3  # cells: side of a part of such a window; times DENSE that dots are in each part
TONE = 236  # of 255: grey in place of dots; no edge of it is a ridge (`ruling.rules.RIDGE`)
BLUR = 1.2  # pixels: sigma by which dots become the grey they stood for
DARKER, SURE = 0.4, 3.2  # share of what that grey lacks of black by which strokes are darker; times it varies by itself
CHAIN, LONE = 7, 20  # pixels: a straight chain of black this long is a stroke's; a heap of such ink this small is none


def without_screens(picture: Picture) -> Picture:
    """The picture with even grey in place of fills printed as dots; the same object where there is none."""
    if picture.ndim != 2 or not _is_two_toned(picture):
        return picture
    black: Picture = (picture < 128).astype(np.uint8)
    fields = _fields(black)
    if fields is None:
        return picture
    out = picture.copy()
    for x, y, mask, bare in fields:
        part = np.s_[y : y + mask.shape[0], x : x + mask.shape[1]]
        ink = _strokes(black[part], bare)
        out[part][(mask > 0) & (ink == 0)] = TONE
    return out


def _is_two_toned(picture: Picture) -> bool:
    rows = picture[::SAMPLED]
    return float(((rows < 32) | (rows > 223)).mean()) > TWO_TONES


def _fields(black: Picture) -> list[tuple[int, int, Picture, Picture]] | None:
    """Left and top of fields of dots in pixels, 1 where each of them is, and 1 where it holds nothing but dots."""
    height, width = black.shape
    side = max(2, round(min(black.shape) / CELLS))
    size = (width // side, height // side)
    dots = _short(black)
    share = _in_cells(dots, size, side)
    # Pieces of worn characters leave the paper between two lines white.
    parts = (_mean(share, EVEN) > SPARSE * DENSE).astype(np.uint8)
    even = np.asarray(cv2.erode(parts, np.ones((CORE - EVEN + 1,) * 2, np.uint8)) > 0)
    if np.count_nonzero(even & (_mean(share, CORE) > DENSE)) < FEWEST:
        return None
    free: Picture = 1 - cv2.dilate(_solid(black), np.ones((RIM, RIM), np.uint8))
    share, blank = _in_cells(dots & free, size, side), _in_cells(free, size, side)
    known = _mean(blank, AROUND) > BLANK
    dense = known & (_mean(share, AROUND) > DENSE * _mean(blank, AROUND))
    field = cv2.morphologyEx((dense | ~known).astype(np.uint8), cv2.MORPH_OPEN, np.ones(FIELD, np.uint8))
    field = cv2.min(field, cv2.dilate(dense.astype(np.uint8), np.ones((REACH, REACH), np.uint8)))
    corners = cv2.morphologyEx(dense.astype(np.uint8), cv2.MORPH_OPEN, np.ones((CORNER, CORNER), np.uint8))
    core = (_mean(blank, CORE) > FREE) & (_mean(share, CORE) > DENSE) & even
    _, labels, stats, _ = cv2.connectedComponentsWithStats(field, connectivity=8)
    cores = np.bincount(labels[core], minlength=len(stats))
    found = []
    for k in range(1, len(stats)):
        x, y, w, h, area = stats[k].tolist()
        if cores[k] < max(FEWEST, HELD * area) or x == 0 or y == 0 or x + w >= size[0] or y + h >= size[1]:
            continue
        own = (labels[y : y + h, x : x + w] == k).astype(np.uint8)
        if cv2.countNonZero(cv2.erode(own, np.ones((LARGEST, LARGEST), np.uint8), borderValue=(0,))):
            return None
        # A corner that wear or a thick frame cuts off is narrower than a field, but within its height.
        near = cv2.dilate(own, np.ones((2 * REACH + 1,) * 2, np.uint8))
        own = cv2.max(own, cv2.min(corners[y : y + h, x : x + w], near))
        x, y, w, h = x - 1, y - 1, w + 2, h + 2
        own = cv2.dilate(cv2.copyMakeBorder(own, 1, 1, 1, 1, cv2.BORDER_CONSTANT), np.ones((3, 3), np.uint8))
        bare = cv2.min(own, core[y : y + h, x : x + w].astype(np.uint8))
        mask, bare = (np.kron(one, np.ones((side, side), np.uint8)) for one in (own, bare))
        found.append((x * side, y * side, mask, bare))
    return found or None


def _in_cells(ones: Picture, size: tuple[int, int], side: int) -> NDArray[np.float32]:
    """Share of ones in each square of a grid. size: its width and height in squares; side: of a square, in pixels."""
    whole = ones[: size[1] * side, : size[0] * side] * np.uint8(255)
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA) / 255.0, np.float32)


def _mean(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    return np.asarray(cv2.blur(values, (side, side)), np.float32)


def _short(black: Picture) -> Picture:
    """1 where black runs on neither way."""
    longer = cv2.max(_opened(black, np.ones((1, DOT + 1), np.uint8)), _opened(black, np.ones((DOT + 1, 1), np.uint8)))
    return np.asarray(cv2.subtract(black, longer), np.uint8)


def _solid(black: Picture) -> Picture:
    """1 where black is long one way or thick both ways."""
    solid = np.zeros_like(black)
    for shape in ((1, STROKE), (STROKE, 1), (THICK, THICK)):
        solid |= _opened(black, np.ones(shape, np.uint8))
    return solid


def _opened(black: Picture, kernel: Picture) -> Picture:
    """1 where black holds all of a shape."""
    return np.asarray(cv2.morphologyEx(black, cv2.MORPH_OPEN, kernel), np.uint8)


def _strokes(black: Picture, bare: Picture) -> Picture:
    """1 where black is a stroke's of what is printed in a field of dots. bare: 1 where only dots are."""
    stair = np.eye(CHAIN, dtype=np.uint8) | np.eye(CHAIN, k=1, dtype=np.uint8)
    strokes = _opened(black, np.ones((THICK, THICK), np.uint8))
    for kernel in (np.ones((1, CHAIN), np.uint8), np.ones((CHAIN, 1), np.uint8), stair, stair[::-1].copy()):
        strokes |= _opened(black, kernel)
    # What is bent or short is darker all around than dots are by chance.
    smooth = cv2.GaussianBlur(black.astype(np.float32), (0, 0), BLUR)
    dots = smooth[bare > 0]
    usual, spread = float(dots.mean()), float(dots.std())
    strokes |= black & (smooth > usual + max(DARKER * (1.0 - usual), SURE * spread)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    whole = stats[:, cv2.CC_STAT_AREA] > LONE
    whole[0] = False
    kept: Picture = black & cv2.dilate(whole.astype(np.uint8)[labels], np.ones((3, 3), np.uint8))
    return kept
