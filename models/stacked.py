"""Characters in a tall box: one above another (项目资金来源 down a narrow cell), or a line turned on its side.

Or two lines of a code that a narrow cell wraps (210 as 21 over 0): across they read as one line, and surely.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from extractor.chinese import is_chinese
from extractor.elements import Box, TextLine

TALL = 1.5  # times as high as wide; a tight "1" is that too, but reads well as it is
WELL = 0.9  # mean posterior from which a reading across is believed
HIGHER = 1.2  # times as high as wide: two characters one above another, where hardly anything is read across
BADLY = 0.5
LEAST = 0.6  # times as high as wide: two lines of three or four digits
HIGH = 0.22  # of the box's height: each of two lines of digits in it
EQUAL = 0.75  # of one another's height
DIGITS = 0.9  # mean posterior from which digits read line by line are believed
DASHES = frozenset("-—–－_")  # what 一 alone in its crop is read as
SQUARE = 1.25  # a character is at most this much higher than its column of ink is wide
# The recogniser knows characters that lie on their side, so a line that runs upwards reads well character by
# character, but from its end (费待接公). Of 14 texts in three fonts, set down, upwards and downwards, what is turned
# back reads with a mean posterior of 0.97 and more where the line runs upwards, 0.76 at most where it does not.
UPWARDS = 0.8
# Turned the other way, both kinds of downward lines read well: vertical print is read so.
BETTER = 0.1  # by how much a line turned on its side reads better than character by character


def is_tall(box: Box) -> bool:
    """Whether a box may hold characters, or short lines, one above another at all."""
    return box.height > LEAST * box.width


def is_doubtful(line: TextLine) -> bool:
    """Whether a line read across may be characters standing one above another.

    Full characters side by side make a box wider than it is high: 一 above 级 reads like 二级.
    """
    if sum(is_chinese(char.text) for char in line.chars) > 1 and line.box.height > line.box.width:
        return True
    well, higher = _legibility(line), line.box.height / max(line.box.width, 1.0)
    return (higher > TALL and well < WELL) or (higher > HIGHER and well < BADLY)


def split(crop: NDArray[np.uint8], box: Box) -> list[Box]:
    """A tall crop (height, width, 3) cut into one box for each character, top to bottom.

    Rows with ink are joined while what they make up is no higher than the column is wide: 三 is one
    character, not three dashes.
    """
    ink = _ink(crop)
    rows = np.flatnonzero(ink.any(axis=1))
    columns = np.flatnonzero(ink.any(axis=0))
    if rows.size == 0:
        return []
    limit = SQUARE * float(columns[-1] - columns[0] + 1)
    parts: list[tuple[int, int]] = []
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1):
        top, bottom = int(run[0]), int(run[-1]) + 1
        if parts and bottom - parts[-1][0] <= limit:
            parts[-1] = (parts[-1][0], bottom)
        else:
            parts.append((top, bottom))
    edges = [0, *((a[1] + b[0]) // 2 for a, b in itertools.pairwise(parts)), crop.shape[0]]
    scale = box.height / crop.shape[0]
    return [Box(box.x0, box.y0 + a * scale, box.x1, box.y0 + b * scale) for a, b in itertools.pairwise(edges)]


def _ink(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    return cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1].astype(np.uint8)


def has_lines(crop: NDArray[np.uint8], pieces: Sequence[Box]) -> bool:
    """Whether the pieces of a crop (height, width, 3) are about equally high, as lines of print.

    No digit has a blank from side to side; 二, 吕 and their like have.
    """
    if len(pieces) < 2:
        return False
    inked = np.flatnonzero(_ink(crop).any(axis=1))
    top, scale = pieces[0].y0, crop.shape[0] / (pieces[-1].y1 - pieces[0].y0)
    heights = []
    for piece in pieces:
        own = inked[(inked >= (piece.y0 - top) * scale - 0.5) & (inked < (piece.y1 - top) * scale - 0.5)]
        heights.append(float(np.ptp(own)) + 1 if own.size else 0.0)
    return bool(min(heights) > max(HIGH * crop.shape[0], EQUAL * max(heights)))


def is_digits(line: TextLine) -> bool:
    """Whether what was read piece by piece is digits alone, and surely."""
    return line.text.isascii() and line.text.isdigit() and _legibility(line) >= DIGITS


def joined(box: Box, lines: Sequence[TextLine]) -> TextLine:
    """One line of all pieces' characters, top to bottom, each at the middle of the box.

    A level stroke among Chinese characters is 一: dashes stand upright there.
    """
    chars = tuple(replace(char, x=box.center.x) for line in lines for char in line.chars)
    if any(is_chinese(char.text) for char in chars):
        chars = tuple(replace(char, text="一") if char.text in DASHES else char for char in chars)
    return TextLine("".join(char.text for char in chars), box, chars)


def lying(crop: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A tall crop (height, width, 3) turned for reading a line that runs upwards, and one that runs downwards."""
    return np.ascontiguousarray(np.rot90(crop, -1)), np.ascontiguousarray(np.rot90(crop))


def upright(box: Box, line: TextLine) -> TextLine:
    """A line read from a turned crop, in its box on the page, each character at the middle of the box."""
    return replace(line, box=box, chars=tuple(replace(char, x=box.center.x) for char in line.chars))


def best(across: TextLine, down: TextLine, upwards: TextLine, downwards: TextLine) -> TextLine:
    """The reading whose characters are surer; a turned one has two characters at least, lest a 1 be taken for 一.

    In a box that is little higher than wide only Chinese characters stand one above another: a speck says nothing.
    """
    if len(upwards.chars) > 1 and _legibility(upwards) >= UPWARDS:
        return upwards
    told = down if _legibility(down) > _legibility(across) else across
    if len(downwards.chars) > 1 and _legibility(downwards) > max(UPWARDS, _legibility(told) + BETTER):
        return downwards
    little = across.box.height <= TALL * across.box.width and _legibility(across) < BADLY
    return across if little and sum(is_chinese(char.text) for char in told.chars) < 2 else told


def _legibility(line: TextLine) -> float:
    return sum(char.p for char in line.chars) / len(line.chars) if line.chars else 0.0
