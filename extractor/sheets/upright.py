"""Turn a page to be read and take out its skew; a photographed or bent one is made flat."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.elements import Frame
from extractor.sheets.bands import without_bands
from extractor.sheets.edges import without_dark_edges
from extractor.sheets.flatten import flatten, is_bent, straightened
from extractor.sheets.scratches import without_cuts, without_scratches
from extractor.sheets.sheet import find_sheet

if TYPE_CHECKING:
    from extractor.elements import Picture, RawPage
    from extractor.ports import Orientation

MOST_SKEW = 6.0  # degrees searched on either side
FARTHEST_SKEW = 12.0  # degrees: so far where the best of those is at their end; more is a photo's matter
AT_END = 1.0  # degrees
NO_SKEW = 0.03  # degrees: less moves a 1,600 pixel line by under one pixel and is left alone
LEANS = 0.2  # degrees: from here on no rule of the sheet stays in one lane of the picture from edge to edge
RIM = 0.04  # of the width and height: what stands so near a picture's edge may be none of the sheet's
SEARCH_WIDTH = 700  # pixels: the copy on which the skew is searched first


@dataclass(frozen=True, slots=True)
class Upright:
    """A page turned and deskewed: its picture, the way from its pixels to shown points, and what was done.

    `bare`: the same picture without dark lanes from edge to edge, None where it has none. On a level page they may be
    rules: only these tell.
    """

    picture: Picture
    frame: Frame
    rotation: int  # degrees clockwise by which the shown page was turned
    skew: float  # degrees, taken out after that turn
    bare: Picture | None = None


def set_upright(page: RawPage, orientation: Orientation) -> Upright:
    """Turn by quarter turns as `orientation` says, then by the skew of rules and text lines.

    Where a sheet lies on a ground, or rules bend, the page is flattened instead, which takes out the skew too.
    """
    assert page.picture is not None
    picture = without_cuts(page.picture)
    sheet = find_sheet(picture)
    odds = orientation.upright_probabilities(picture if sheet is None else straightened(picture, sheet))
    turns = max(range(4), key=lambda k: odds[k])
    if sheet is not None or is_bent(picture):
        flat = flatten(without_scratches(picture), sheet, turns, find_skew)
        return Upright(flat.picture, Frame(page.to_shown.matrix, flat.mesh), turns * 90, 0.0)
    turned = np.ascontiguousarray(np.rot90(picture, -turns)) if turns else picture
    matrix = _matrix(page.to_shown) @ _unturn(turns, picture.shape[1], picture.shape[0])
    bare = without_scratches(turned)
    skew = find_skew(bare)
    laned = bare is not turned and abs(skew) <= LEANS
    if abs(skew) > LEANS:
        turned = without_bands(bare)
    pictures = [without_dark_edges(one) for one in ((turned, bare) if laned else (turned,))]
    if abs(skew) > NO_SKEW:
        rotated = [rotate(one, skew) for one in pictures]
        pictures, matrix = [one for one, _ in rotated], matrix @ rotated[0][1]
    # A copier's bands lie as its print does, a scanner's as the sheet did not.
    pictures = [without_bands(one) for one in pictures]
    frame = Frame(tuple(float(v) for v in matrix.ravel()))
    return Upright(pictures[0], frame, turns * 90, round(skew, 3), pictures[1] if laned else None)


def _matrix(frame: Frame) -> np.ndarray:
    return np.array(frame.matrix, np.float64).reshape(3, 3)


def _unturn(turns: int, width: int, height: int) -> np.ndarray:
    """Matrix from pixel coordinates of the turned picture to those of the original (width x height)."""
    table = {
        0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        1: [[0, 1, 0], [-1, 0, height], [0, 0, 1]],
        2: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
        3: [[0, -1, width], [1, 0, 0], [0, 0, 1]],
    }
    return np.array(table[turns], np.float64)


def rotate(picture: Picture, degrees: float) -> tuple[Picture, np.ndarray]:
    """Rotate clockwise about the centre, keeping all; returns the picture and the matrix back to the old pixels."""
    height, width = picture.shape[:2]
    cos, sin = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    new_width, new_height = math.ceil(width * cos + height * sin), math.ceil(width * sin + height * cos)
    forward = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1), np.float64)
    forward[:, 2] += ((new_width - width) / 2, (new_height - height) / 2)
    out = cv2.warpAffine(
        picture, forward, (new_width, new_height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    back = np.vstack([cv2.invertAffineTransform(forward), [0, 0, 1]])
    return out, back


def find_skew(picture: Picture) -> float:
    """Degrees clockwise by which a page must be rotated for its lines to lie level, sub-pixel.

    First the angle whose row sums of ink vary most (Postl's criterion) on a small copy, then the same on
    a larger one around it: ruling lines, where there are any, dominate both. The picture's rim is left out: what lies
    beside the sheet on a scanner's glass, and the end of the glass itself, is level however the sheet lies.
    """
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    grey = grey[round(RIM * height) : height - round(RIM * height), round(RIM * width) : width - round(RIM * width)]
    coarse = _edges(grey, min(1.0, SEARCH_WIDTH / width))
    best = _best_angle(coarse, np.arange(-MOST_SKEW, MOST_SKEW + 0.01, 0.25))
    if abs(best) > MOST_SKEW - AT_END:
        best = _best_angle(coarse, math.copysign(1.0, best) * np.arange(MOST_SKEW - AT_END, FARTHEST_SKEW + 0.01, 0.25))
    fine = _edges(grey, min(1.0, 2 * SEARCH_WIDTH / width))
    best = _best_angle(fine, best + np.arange(-0.3, 0.301, 0.1))
    return _best_angle(fine, best + np.arange(-0.075, 0.0751, 0.025), smooth=True)


def _edges(grey: Picture, factor: float) -> Picture:
    """Ink as darkness against its surroundings at a smaller size, so that shadows and shading do not count."""
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    dark = cv2.morphologyEx(small, cv2.MORPH_BLACKHAT, np.ones((9, 1), np.uint8))
    return cv2.threshold(dark, 30, 0, cv2.THRESH_TOZERO)[1]


def _best_angle(dark: Picture, angles: np.ndarray, smooth: bool = False) -> float:
    """The angle with the largest variance of row sums; `smooth` fits a parabola through the best three.

    Rows are sheared, not rotated: for small angles that is the same and keeps every pixel.
    """
    height, width = dark.shape
    ys, xs = np.nonzero(dark)
    if len(ys) < 50:
        return 0.0
    if len(ys) > 60000:
        step = len(ys) // 60000 + 1
        ys, xs = ys[::step], xs[::step]
    weight = dark[ys, xs].astype(np.float32)
    middle = width / 2
    scores = []
    for angle in angles:
        shifted = ys + (xs - middle) * math.tan(math.radians(angle)) + height * 0.25
        sums = np.bincount(np.clip(np.round(shifted), 0, 2 * height).astype(np.int64), weight)
        scores.append(float((sums.astype(np.float64) ** 2).sum()))
    k = int(np.argmax(scores))
    if smooth and 0 < k < len(angles) - 1:
        a, b, c = scores[k - 1], scores[k], scores[k + 1]
        bend = a - 2 * b + c
        if bend < 0:
            return float(angles[k] + 0.5 * (a - c) / bend * (angles[1] - angles[0]))
    return float(angles[k])
