"""一 in text whose characters stand one above another (一级指标 down a narrow cell).

Alone in its line it is a dash to the recogniser, and often the detector does not see it at all: it is flat, worn to
pieces no larger than specks, and no line of text goes on beside it. But its place in the column of characters tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from extractor.elements import Box, Char, TextLine
from extractor.geometry import union
from extractor.text.leftover import Pieces, is_wide

DASHES = frozenset("-—–－_一")  # what 一 is read as in a line of its own
SEEN = 0.9  # probability of a stroke told by its place
AMONG = 0.25  # ems: how far its middle, or another character's, stands off the column's
PITCH = 0.7, 1.4  # of the characters' distance: that of a stroke from the nearest of them
LENGTH = 0.4, 1.15  # ems; boxes are wider than their ink
TALL = 1.2  # of the other characters' ink: more is not one character's alone
FLAT = 0.3  # of its length: its height


def with_level_strokes(cell: Box, lines: Sequence[TextLine], pieces: Pieces) -> tuple[TextLine, ...]:
    """A cell's lines; where they are characters that stand in a column, with 一 where its stroke does. In pixels."""
    column = [line for line in lines if _is_lone(line)]
    if len(column) != len(lines) or len(lines) < 2 or not any(is_wide(line.chars[0]) for line in column):
        return tuple(lines)
    column.sort(key=lambda line: line.box.center.y)
    em = median(max(line.box.width, line.box.height) for line in column)
    middle = median(line.box.center.x for line in column)
    if any(abs(line.box.center.x - middle) > AMONG * em for line in column):
        return tuple(lines)
    told = [_as_stroke(line) if line.chars[0].text in DASHES else line for line in column]
    told[0] = first = _without_stroke(told[0], column[1:], pieces)
    boxes = [line.box for line in told]
    pitch = median(b.center.y - a.center.y for a, b in pairwise(boxes))
    top = first.box
    above = Box(middle - 0.6 * em, max(cell.y0, top.center.y - PITCH[1] * pitch), middle + 0.6 * em, top.y0)
    stroke = _stroke(above, top.center.y - PITCH[0] * pitch, middle, em, pieces)
    return tuple(told) if stroke is None else (stroke, *told)


def _is_lone(line: TextLine) -> bool:
    return len(line.chars) == 1 and (is_wide(line.chars[0]) or line.chars[0].text in DASHES)


def _without_stroke(first: TextLine, below: Sequence[TextLine], pieces: Pieces) -> TextLine:
    """The first character with a box of its own, where the detector took the stroke above into one box with it."""
    face = median(max(ink.width, ink.height) for ink in (_inked(line.box, pieces) for line in below))
    own = _inked(first.box, pieces)
    if own.height <= TALL * face:
        return first
    return replace(first, box=Box(first.box.x0, own.y1 - TALL * face, first.box.x1, first.box.y1))


def _inked(box: Box, pieces: Pieces) -> Box:
    """The ink in a box; the box where there is none."""
    found = pieces.within(box)
    return union([Box(*map(float, one)) for one in found]) if len(found) else box


def _as_stroke(line: TextLine) -> TextLine:
    char = line.chars[0]
    if char.text == "一":
        return line
    return replace(line, text="一", chars=(Char("一", SEEN, char.x, char.text, 1.0 - SEEN),))


def _stroke(above: Box, lowest: float, middle: float, em: float, pieces: Pieces) -> TextLine | None:
    """The level stroke that all ink above a column of characters makes up, None where it makes up none."""
    found = pieces.within(above) if above.height > 0 else ()
    if not len(found):
        return None
    box = union([Box(*map(float, one)) for one in found])
    flat = box.height <= FLAT * box.width
    if not flat or not LENGTH[0] * em <= box.width <= LENGTH[1] * em or box.center.y > lowest:
        return None
    if abs(box.center.x - middle) > AMONG * em:
        return None
    return TextLine("一", box, (Char("一", SEEN, box.center.x),))
