"""Marks that the recogniser leaves out or takes for others, put in from the ink that shows them.

After a page is read: ticked boxes, brackets, a lone 一, lines to write on, rows of dots, stars in place of a code.
What is left over and tells nothing by its shape is read once more, alone; what then still is nothing lowers the
cell's coverage, so that nobody trusts a text that lacks a character.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from extractor.elements import Box, Char, Rule, TextLine
from extractor.fillins import dots, with_fill_ins
from extractor.geometry import grown, intersection, share_inside, union
from extractor.ink import is_overprint
from extractor.leftover import EM, WORN, Leftover, Pieces, is_wide, leftovers, tick_box
from extractor.stars import STAR, as_stars

if TYPE_CHECKING:
    from extractor.cells import CellInk
    from extractor.elements import Picture
    from extractor.ink import Ink
    from extractor.ports import Reader
    from extractor.rules import Ridges

SEEN = 0.9  # probability of a mark told by its shape
READ_ALONE = 0.8  # posterior from which a character read alone is believed
READ_AMONG = 0.4  # the same of one that a second reading has more: something is there
WIDEST = 1.25  # ems: what is larger is no single character
OFF = 0.2  # ems: how far beside its ink a character may be seen
MORE = (0.4, 0.1)  # ems of paper added beside, above and below a line that is read again
INSET = 0.1  # ems: a cell's border lies so near its side
AGAIN = 40  # pieces read alone on a page: where more are left over, it is worn, and they would be no characters
LEFT_OUT = 0.5  # coverage of a cell with ink that nothing explains
MARGIN = 0.12  # ems of paper around a piece that is read alone
RIM = (0.3, 0.4)  # ems: a border's rest is thinner than the first, and as near to the cell's side as the second
SEALED = 0.01  # share of a cell under coloured ink from which a piece may be a seal's
OPENING, CLOSING = "(（[［【〔〈《", ")）]］】〕〉》"
BOXES = ("☐", "☑")
SEEN_BOXES = frozenset("☐☑□")
# What a piece without company may be taken for: nothing tells its size and height.
STROKES = frozenset("一丨—–-_~|/\\.,·、。:;'\"")

@dataclass(frozen=True, slots=True)
class Found:
    """A cell's lines with its marks. `whole`: whether all ink beside them is explained."""

    lines: tuple[TextLine, ...]
    whole: bool = True

    def covering(self, ink: CellInk) -> CellInk:
        """What is known of the cell's ink, with what is left over counted as unread."""
        return ink if self.whole else replace(ink, coverage=min(ink.coverage, LEFT_OUT))


def mend(
    cells: Sequence[tuple[Box, CellInk, tuple[TextLine, ...]]], rules: Sequence[Rule], ink: Ink, ridges: Ridges,
    reader: Reader, picture: Picture,
) -> list[Found]:
    """Each cell's lines with the marks that its ink shows. `cells`: its box, what was to be read, what was. Pixels."""
    pieces = Pieces.of(ink.faint & (1 - ridges.drawn), ridges.scale)
    left = [_with_boxes(lines, _left(box, lines, pieces, ink), pieces) for box, _, lines in cells]
    read = _read_again(left, cells, reader, picture)
    out = []
    for (box, own, lines), marks in zip(cells, left, strict=True):
        if not lines:
            row = None if own.crops or own.sealed else _dots(box, pieces)
            out.append(Found(() if row is None else (row,)))
            continue
        told = tuple(as_stars(line, pieces) for line in lines) if len(lines) == 1 else lines
        near = [rule for rule in rules if box.y0 < rule.at < box.y1 and box.x0 < rule.start and rule.end < box.x1]
        filled = with_fill_ins(box, told, near, ink.faint, pieces.scale)
        out.append(_with_marks(filled, lines, marks, read) if filled[0].text.strip(STAR) else Found(filled))
    return out


def _dots(cell: Box, pieces: Pieces) -> TextLine | None:
    em = EM * pieces.scale
    return dots(pieces.within(grown(cell, -INSET * em, -INSET * em)), cell, em)


def _left(cell: Box, lines: Sequence[TextLine], pieces: Pieces, ink: Ink) -> list[tuple[int, Leftover]]:
    """What is left over in a cell, with the number of the line that it stands in; rests of rules and seals apart."""
    return [
        (k, mark) for k, line in enumerate(lines) for mark in leftovers(line, cell, pieces)
        if not any(share_inside(mark.box, other.box) > 0.5 for other in (*lines[:k], *lines[k + 1 :]))
        and (mark.kind or not (_is_rim(mark, cell) or is_overprint(ink, mark.box)))
    ]


def _is_rim(mark: Leftover, cell: Box) -> bool:
    """Whether a piece is thin and stands at its cell's side, as a rest of the border does."""
    near = min(mark.box.x0 - cell.x0, cell.x1 - mark.box.x1) < RIM[1] * mark.em
    return near and mark.box.width < RIM[0] * mark.em


def _with_boxes(
    lines: Sequence[TextLine], left: Sequence[tuple[int, Leftover]], pieces: Pieces
) -> list[tuple[int, Leftover]]:
    """What is left over, with worn boxes told where others stand in the same cell: boxes come to be chosen from."""
    if not any(mark.kind in BOXES for _, mark in left) and not any(set(line.text) & SEEN_BOXES for line in lines):
        return list(left)
    return [
        (k, replace(mark, kind=mark.kind or tick_box(pieces.cut(mark.box), mark.em, WORN))) for k, mark in left
    ]


def _read_again(
    left: Sequence[Sequence[tuple[int, Leftover]]], cells: Sequence[tuple[Box, CellInk, tuple[TextLine, ...]]],
    reader: Reader, picture: Picture,
) -> Mapping[Box, Char]:
    """The character that each piece without a telling shape is: read within its line with more paper around, or alone.

    Only those to be believed.
    """
    asked = [
        (mark, lines[k], _room(cell, lines[k], mark))
        for own, (cell, ink, lines) in zip(left, cells, strict=True) if ink.seal <= SEALED
        for k, mark in own if mark.kind != "一"
    ]
    if not 0 < len(asked) <= AGAIN:
        return {}
    around = [grown(mark.box, MARGIN * mark.box.height, MARGIN * mark.box.height) for mark, _, _ in asked]
    read = reader.read(picture, [*around, *(room for _, _, room in asked)])
    found = {}
    for (mark, line, _), alone, wide in zip(asked, read, read[len(asked) :], strict=False):
        char = _among(mark, line, wide) or _single(mark, alone)
        if char is not None:
            found[mark.box] = char
    return found


def _room(cell: Box, line: TextLine, mark: Leftover) -> Box:
    """A line and the mark in or beside it, with paper around so far as the cell reaches."""
    inner = grown(cell, -INSET * mark.em, -INSET * mark.em)
    room = grown(_reaching(line.box, mark.box), MORE[0] * mark.em, MORE[1] * mark.em)
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


def _with_marks(
    lines: tuple[TextLine, ...], before: Sequence[TextLine], left: Sequence[tuple[int, Leftover]],
    read: Mapping[Box, Char],
) -> Found:
    """A cell's lines with what is left over put in, so far as it can be told."""
    free = [(k, mark) for k, mark in left if not _holds(lines[k], before[k], mark)]
    paired = _mates(lines, free)
    out, whole = list(lines), True
    for k, mark in free:
        char = _told(mark, lines[k], paired, read)
        if char is None:
            whole = False
        else:
            out[k] = _put_in(out[k], mark.box, char)
    return Found(tuple(out), whole)


def _holds(line: TextLine, before: TextLine, mark: Leftover) -> bool:
    """Whether a character put in since explains what is left over."""
    if line == before:
        return False
    old = {char.x for char in before.chars}
    return any(mark.box.x0 <= char.x <= mark.box.x1 for char in line.chars if char.x not in old)


def _told(mark: Leftover, line: TextLine, paired: Mapping[Box, str], read: Mapping[Box, Char]) -> Char | None:
    """The character that a piece is, None where nothing tells."""
    x, char = mark.box.center.x, read.get(mark.box)
    if mark.kind in BOXES and (char is None or not is_wide(char)):
        return Char(mark.kind, SEEN, x)
    if mark.kind == "一":
        return Char(_stroke(line, x), SEEN, x)
    if mark.box in paired:
        return Char(paired[mark.box], SEEN, x)
    return None if char is None else replace(char, p=min(SEEN, char.p), x=x)


def _stroke(line: TextLine, x: float) -> str:
    """一 or a dash for a lone level stroke: Chinese goes on right after the one, figures stand around the other."""
    after = next((char.text for char in line.chars if char.x > x and char.text.strip()), "")
    return "一" if "\u4e00" <= after <= "\u9fff" or after == "、" else "—"


def _put_in(line: TextLine, box: Box, char: Char) -> TextLine:
    k = sum(other.x < char.x for other in line.chars)
    chars = (*line.chars[:k], char, *line.chars[k:])
    return replace(line, text="".join(c.text for c in chars), chars=chars, box=_reaching(line.box, box))


def _reaching(line: Box, mark: Box) -> Box:
    """A line's box out to a mark at its end, no higher than it was."""
    return union([line, mark._replace(y0=line.y0, y1=line.y1)])


def _mates(lines: Sequence[TextLine], free: Sequence[tuple[int, Leftover]]) -> dict[Box, str]:
    """Which pieces are brackets, because they are bent so and another asks for its mate; and which brackets."""
    arcs = [((k, mark.box.center.x), mark) for k, mark in free if mark.kind in ("(", ")")]
    if not arcs:
        return {}
    found: dict[Box, str] = {}
    for at, text in _unpaired(lines):
        opens = text in OPENING
        mate = (CLOSING if opens else OPENING)[(OPENING if opens else CLOSING).index(text)]
        bent = [
            one for one in arcs
            if one[1].kind == (")" if opens else "(") and one[1].box not in found and (one[0] > at) == opens
        ]
        if bent:
            nearest = min(bent, key=lambda one: one[0]) if opens else max(bent, key=lambda one: one[0])
            found[nearest[1].box] = mate
    rest = sorted((one for one in arcs if one[1].box not in found), key=lambda one: one[0])
    for (_, left), (_, right) in pairwise(rest):
        if (left.kind, right.kind) == ("(", ")"):
            found[left.box], found[right.box] = "（", "）"
    return found


def _unpaired(lines: Sequence[TextLine]) -> list[tuple[tuple[int, float], str]]:
    """Brackets without their mate, each with its line and x."""
    open_ones: list[tuple[tuple[int, float], str]] = []
    alone: list[tuple[tuple[int, float], str]] = []
    for k, line in enumerate(lines):
        for char in line.chars:
            if char.text in OPENING:
                open_ones.append(((k, char.x), char.text))
            elif char.text in CLOSING:
                if open_ones:
                    open_ones.pop()
                else:
                    alone.append(((k, char.x), char.text))
    return alone + open_ones
