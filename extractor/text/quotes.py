"""Quotation marks that were not read: small ink high in a line, where a blank as wide as a character stands.

Seldom is one lost that matters, but titles bear them (‘三公’经费). They come in pairs: an odd one is dirt.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import median

from extractor.elements import Box, Char, TextLine
from extractor.text.leftover import Pieces, em_of, free_pieces, middle_of
from extractor.text.specks import NO_SPECKS, Specks

SINGLE, DOUBLE = "‘’'", "“”\""
HEIGHT, WIDTH = (0.12, 0.45), (0.06, 0.4)  # ems: a quotation mark's
REACH = 0.48  # ems: no part of a character stands further from its middle
HIGH = 0.12  # ems: so far above its line's middle its own is
TOGETHER = 0.3  # ems: two as near are a double one
LEVEL = 0.12  # ems: how far two of a line stand off each other's height
ALIKE = 1.6  # the higher one's height by the other's
BEYOND = 0.9  # ems: so far before the first character, behind the last
ROOM = 1.2  # ems from the character before a mark to the one after it: two with none between are one apart
SEEN = 0.85  # probability of a quotation mark told by its shape


def with_quotes(line: TextLine, pieces: Pieces, specks: Specks = NO_SPECKS) -> TextLine:
    """The line with its lost quotation marks, where what is there and what is put in makes pairs.

    What is no larger than the page's specks is none: between characters set apart they fall where marks stand.
    """
    marks = [own for own in _marks(line, pieces) if not all(map(specks.may_be, own)) and _has_room(own, line, pieces)]
    if not marks:
        return line
    double = any(len(own) > 1 for own in marks)
    known = [char.x for char in line.chars if char.text in (DOUBLE if double else SINGLE)]
    found = [sum(box.center.x for box in own) / len(own) for own in marks]
    places = sorted([*known, *found])
    em = em_of(line, pieces.scale)
    if len(places) % 2 or not _are_even([box for own in marks for box in own], em):
        return line
    chars = list(line.chars)
    for k, x in enumerate(places):
        if x in found:
            mark = (DOUBLE if double else SINGLE)[k % 2]
            chars.insert(sum(char.x < x for char in chars), Char(mark, SEEN, x))
    return replace(line, text="".join(char.text for char in chars), chars=tuple(chars))


def _marks(line: TextLine, pieces: Pieces) -> list[list[Box]]:
    """Small high ink that no character explains, from the left, two side by side as one."""
    em = em_of(line, pieces.scale)
    inked = [char.x for char in line.chars if char.text.strip()]
    if len(inked) < 2:
        return []
    room = line.box._replace(x0=inked[0] - BEYOND * em, x1=inked[-1] + BEYOND * em)
    found, free = free_pieces(line, room, pieces, REACH)
    if not len(free):
        return []
    middle = middle_of(found, line.box)
    out: list[list[Box]] = []
    for box in (Box(*one) for one in free.tolist()):
        small = HEIGHT[0] * em <= box.height <= HEIGHT[1] * em and WIDTH[0] * em <= box.width <= WIDTH[1] * em
        if not small or middle - box.center.y < HIGH * em or not _stands_alone(box, line.box, pieces):
            continue
        if out and box.x0 - out[-1][-1].x1 < TOGETHER * em:
            out[-1].append(box)
        else:
            out.append([box])
    return out


def _has_room(mark: list[Box], line: TextLine, pieces: Pieces) -> bool:
    """Whether the characters on both sides of a mark stand further apart than the line's do without one."""
    x = sum(box.center.x for box in mark) / len(mark)
    inked = sorted(char.x for char in line.chars if char.text.strip())
    before, after = [own for own in inked if own < x], [own for own in inked if own >= x]
    usual = max(em_of(line, pieces.scale), median(b - a for a, b in pairwise(inked)))
    return not before or not after or after[0] - before[-1] >= ROOM * usual


def _stands_alone(box: Box, line: Box, pieces: Pieces) -> bool:
    """Whether nothing is inked below a mark: the dots of 汇 stand one above another."""
    below = pieces.cut(Box(box.x0, box.y1 + 1, box.x1, line.y1))
    return not below.any()


def _are_even(boxes: list[Box], em: float) -> bool:
    heights = [box.center.y for box in boxes]
    sizes = [box.height for box in boxes]
    return max(heights) - min(heights) <= LEVEL * em + 1 and max(sizes) <= ALIKE * min(sizes) + 1
