"""Ink that was left over, read once more: within its line with more paper around, and alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from extractor.elements import Box, Char, TextLine
from extractor.geometry import grown, intersection, union
from extractor.leftover import Leftover

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.ports import Reader

READ_ALONE = 0.8  # posterior from which a character read alone is believed
READ_AMONG = 0.4  # the same of one that a second reading has more: something is there
WIDEST = 1.25  # ems: what is larger is no single character
OFF = 0.2  # ems: how far beside its ink a character may be seen
MORE = (0.4, 0.1)  # ems of paper added beside, above and below a line that is read again
INSET = 0.1  # ems: a cell's border lies so near its side
AGAIN = 40  # pieces read again on a page: where more are left over, it is worn, and they would be no characters
MARGIN = 0.12  # of its height: paper around a piece that is read alone
# What a piece without company may be taken for: nothing tells its size and height, or that its mate is missing.
STROKES = frozenset("一丨—–-_~|/\\.,·、。:;'\"()（）[]【】〔〕")


def read_again(
    asked: Sequence[tuple[Leftover, TextLine, Box]], reader: Reader, picture: Picture
) -> Mapping[Box, Char]:
    """The character that each piece without a telling shape is: read within its line with more paper around, or alone.

    Only those to be believed. `asked`: each piece, the line it stands in and that line's cell.
    """
    if not 0 < len(asked) <= AGAIN:
        return {}
    around = [grown(mark.box, MARGIN * mark.box.height, MARGIN * mark.box.height) for mark, _, _ in asked]
    rooms = [_room(cell, line, mark) for mark, line, cell in asked]
    read = reader.read(picture, [*around, *rooms])
    found = {}
    for (mark, line, _), alone, wide in zip(asked, read, read[len(asked) :], strict=False):
        char = _among(mark, line, wide) or _single(mark, alone)
        if char is not None:
            found[mark.box] = char
    return found


def _room(cell: Box, line: TextLine, mark: Leftover) -> Box:
    """A line and the mark in or beside it, with paper around so far as the cell reaches."""
    inner = grown(cell, -INSET * mark.em, -INSET * mark.em)
    room = grown(reaching(line.box, mark.box), MORE[0] * mark.em, MORE[1] * mark.em)
    return intersection(room, inner) or line.box


def _among(mark: Leftover, line: TextLine, wide: TextLine) -> Char | None:
    """The one character that a second reading of a line has more than the first, if it stands where the mark does."""
    first, second = _bare(line.text), [char for char in wide.chars if char.text.strip()]
    for k, char in enumerate(second):
        rest = _bare("".join(c.text for c in (*second[:k], *second[k + 1 :])))
        if mark.box.x0 - OFF * mark.em <= char.x <= mark.box.x1 + OFF * mark.em and rest == first:
            return char if char.p >= READ_AMONG else None
    return None


def _single(mark: Leftover, alone: TextLine) -> Char | None:
    chars = [char for char in alone.chars if char.text.strip()]
    small = max(mark.box.width, mark.box.height) <= WIDEST * mark.em
    if len(chars) != 1 or chars[0].p < READ_ALONE or not small or chars[0].text in STROKES:
        return None
    # A figure alone may be a piece of anything.
    return None if chars[0].text.isascii() and chars[0].text.isalnum() else chars[0]


def _bare(text: str) -> str:
    return "".join(text.split())


def reaching(line: Box, mark: Box) -> Box:
    """A line's box out to a mark at its end, no higher than it was."""
    return union([line, mark._replace(y0=line.y0, y1=line.y1)])
