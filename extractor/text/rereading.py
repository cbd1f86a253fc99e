"""Ink that was left over, read once more: with its neighbours and more paper around, and alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractor.elements import Box, Char, TextLine
from extractor.geometry import grown, intersection, union
from extractor.text.leftover import Leftover

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.ports import Reader

READ_ALONE = 0.8  # posterior from which a character read alone is believed
READ_AMONG = 0.4  # the same of one that a second reading has more: something is there
WIDEST = 1.25  # ems: what is larger is no single character
OFF = 0.2  # ems: how far beside its ink a character may be seen
NEIGHBOURS = 4  # characters on both sides that a piece is read again with
MORE = (0.4, 0.1)  # ems of paper added beside a line, above and below it
INSET = 0.1  # ems: a cell's border lies so near its side
AGAIN = 40  # pieces read again on a page: where more are left over, it is worn, and they would be no characters
MARGIN = 0.12  # of its height: paper around a piece that is read alone
# What a piece without company may be taken for: nothing tells its size and height, or that its mate is missing.
STROKES = frozenset("一丨—–-_~|/\\.,·、。:;'\"()（）[]【】〔〕")


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a line around a piece: its characters that were read, and the box to read it in again."""

    text: str
    box: Box


def read_again(
    asked: Sequence[tuple[Leftover, TextLine, Box]], reader: Reader, picture: Picture
) -> Mapping[Box, Char]:
    """The character that each piece without a telling shape is: read with its neighbours, or alone.

    Only those to be believed. `asked`: each piece, the line it stands in and that line's cell.
    """
    if not 0 < len(asked) <= AGAIN:
        return {}
    around = [grown(mark.box, MARGIN * mark.box.height, MARGIN * mark.box.height) for mark, _, _ in asked]
    parts = [_part(cell, line, mark) for mark, line, cell in asked]
    read = reader.read(picture, [*around, *(part.box for part in parts)])
    found = {}
    for (mark, _, _), part, alone, among in zip(asked, parts, read, read[len(asked) :], strict=False):
        char = _among(mark, part, among) or _single(mark, alone)
        if char is not None:
            found[mark.box] = char
    return found


def _part(cell: Box, line: TextLine, mark: Leftover) -> _Part:
    """A mark with NEIGHBOURS characters on both sides, cut between characters, and paper beside a line's ends."""
    inked = [char for char in line.chars if char.text.strip()]
    first = sum(char.x < mark.box.center.x for char in inked)
    begin, end = max(0, first - NEIGHBOURS), min(len(inked), first + NEIGHBOURS)
    whole = reaching(line.box, mark.box)
    x0 = (inked[begin - 1].x + inked[begin].x) / 2 if begin else whole.x0 - MORE[0] * mark.em
    x1 = (inked[end - 1].x + inked[end].x) / 2 if end < len(inked) else whole.x1 + MORE[0] * mark.em
    inner = grown(cell, -INSET * mark.em, -INSET * mark.em)
    box = Box(min(x0, mark.box.x0), whole.y0 - MORE[1] * mark.em, max(x1, mark.box.x1), whole.y1 + MORE[1] * mark.em)
    return _Part("".join(char.text for char in inked[begin:end]), intersection(box, inner) or line.box)


def _among(mark: Leftover, part: _Part, among: TextLine) -> Char | None:
    """The one character that a second reading has more than the first, if it stands where the mark does."""
    second = [char for char in among.chars if char.text.strip()]
    for k, char in enumerate(second):
        rest = "".join(c.text for c in (*second[:k], *second[k + 1 :]))
        if mark.box.x0 - OFF * mark.em <= char.x <= mark.box.x1 + OFF * mark.em and rest == part.text:
            return char if char.p >= READ_AMONG else None
    return None


def _single(mark: Leftover, alone: TextLine) -> Char | None:
    chars = [char for char in alone.chars if char.text.strip()]
    small = max(mark.box.width, mark.box.height) <= WIDEST * mark.em
    if len(chars) != 1 or chars[0].p < READ_ALONE or not small or chars[0].text in STROKES:
        return None
    # A figure alone may be a piece of anything.
    return None if chars[0].text.isascii() and chars[0].text.isalnum() else chars[0]


def reaching(line: Box, mark: Box) -> Box:
    """A line's box out to a mark at its end, no higher than it was."""
    return union([line, mark._replace(y0=line.y0, y1=line.y1)])
