"""Lines of a cell that are the characters of one line turned on its side (因公出国（境）费 upwards in a narrow column).

The detector makes a line of each of its characters, and the recogniser knows many that lie: read from above, the text
comes out backwards. Turned back, its ink is read as the line that it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise
from statistics import fmean, median
from typing import TYPE_CHECKING

import numpy as np

from extractor.elements import Box, TextLine
from extractor.geometry import union

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.ports import Reader

MOST = 2  # characters of one such line: two low ones, as brackets, may share a box
AMONG = 0.35  # of the widest one's width: how far their middles stand off the column's
APART = 1.0  # of its width: the widest blank between two of them
# Mean posterior of what was turned back: of 14 texts in three fonts, drawn turned and not, 0.97 and more where it was
# turned, 0.76 at most where it was not.
WELL = 0.8
ALIKE_TURNED = frozenset("08Oo〇○口田十+")  # what is read the same however it is turned
BADLY = 0.75  # mean posterior of characters that lie with their heads to the right: hardly any is known so


def with_turned(cells: Sequence[tuple[TextLine, ...]], reader: Reader, picture: Picture) -> list[tuple[TextLine, ...]]:
    """Each cell's lines, with those that are one turned line's characters as that line. In pixels of `picture`."""
    out = list(cells)
    columns = [k for k, lines in enumerate(cells) if _is_column(lines)]
    asked = [(k, turns) for k in columns for turns in (-1, 1) if turns < 0 or _mean(cells[k]) < BADLY]
    if not asked:
        return out
    read = _read_turned([(union([line.box for line in cells[k]]), turns) for k, turns in asked], reader, picture)
    for (k, turns), line in zip(asked, read, strict=True):
        if out[k] is cells[k] and _is_it(line, cells[k], upwards=turns < 0):
            out[k] = (line,)
    return out


def _is_column(lines: Sequence[TextLine]) -> bool:
    """Whether a cell's lines may be single characters one above another, near each other."""
    if len(lines) < 2 or any(not 0 < len(line.text.strip()) <= MOST for line in lines):
        return False
    boxes = sorted((line.box for line in lines), key=lambda box: box.y0)
    wide = max(box.width for box in boxes)
    middle = median(box.center.x for box in boxes)
    near = all(abs(box.center.x - middle) <= AMONG * wide for box in boxes)
    return near and all(lower.y0 - upper.y1 <= APART * wide for upper, lower in pairwise(boxes))


def _mean(lines: Sequence[TextLine]) -> float:
    return fmean([char.p for line in lines for char in line.chars] or [0.0])


def _read_turned(boxes: Sequence[tuple[Box, int]], reader: Reader, picture: Picture) -> list[TextLine]:
    """What stands in each box, turned by a quarter (1: anticlockwise); each in its box, characters at its middle."""
    pieces = [
        np.rot90(picture[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1], turns) for box, turns in boxes
    ]
    size = sum(len(one) for one in pieces), max(one.shape[1] for one in pieces)
    sheet = np.full((*size, *picture.shape[2:]), 255, np.uint8)
    places, top = [], 0
    for one in pieces:
        sheet[top : top + len(one), : one.shape[1]] = one
        places.append(Box(0.0, float(top), float(one.shape[1]), float(top + len(one))))
        top += len(one)
    lines = reader.read(sheet, places)
    return [
        replace(line, box=box, chars=tuple(replace(char, x=box.center.x) for char in line.chars))
        for line, (box, _) in zip(lines, boxes, strict=True)
    ]


def _is_it(line: TextLine, lines: Sequence[TextLine], *, upwards: bool) -> bool:
    """Whether a line read turned is what its characters are: surely read and, upwards, the other way round.

    What looks the same however it is turned says nothing of the way round: 0 over 8, a code wrapped within a narrow
    cell, is 80 from the side.
    """
    if len(line.chars) < 2 or _mean([line]) < WELL:
        return False
    if not upwards:
        return True
    said = _telling("".join(one.text for one in sorted(lines, key=lambda one: one.box.y0)))
    turned = _telling(line.text)
    return _likeness(turned, said[::-1]) > _likeness(turned, said)


def _telling(text: str) -> str:
    return "".join(char for char in text if char not in ALIKE_TURNED)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
