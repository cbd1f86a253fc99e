"""Marks that the recogniser leaves out or takes for others, put in from the ink that shows them.

After a page is read: ticked boxes, brackets, a lone 一 or -, lines to write on, rows of dots, stars in place of a code.
What is left over and tells nothing by its shape is read once more, alone; what then still is nothing lowers the
cell's coverage, so that nobody trusts a text that lacks a character.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extractor.chinese import is_chinese
from extractor.elements import Box, Char, Rule, TextLine
from extractor.geometry import grown, share_inside, union
from extractor.pixels.ink import is_overprint
from extractor.text.bounds import PageSigns
from extractor.text.downward import with_level_strokes
from extractor.text.fillins import dots, with_fill_ins
from extractor.text.hyphens import hyphens
from extractor.text.leftover import EM, Leftover, Pieces, em_of, is_wide, leftovers
from extractor.text.lostone import with_lost_ones
from extractor.text.markshapes import worn_box
from extractor.text.mates import mates
from extractor.text.paledashes import pale_dashes
from extractor.text.rereading import INSET, reaching, read_again
from extractor.text.stars import STAR, as_stars
from extractor.text.widepoints import with_wide_points

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.pixels.ink import Ink
    from extractor.ports import Reader
    from extractor.text.cellink import CellInk

SEEN = 0.9  # probability of a mark told by its shape
FEW = 3  # pieces left over in a line: one with more is misread as a whole
LEFT_OUT = 0.5  # coverage of a cell with ink that nothing explains
RIM = (0.3, 0.4)  # ems: a border's rest is thinner than the first, and as near to the cell's side as the second
BOXES = ("☐", "☑")
SEEN_BOXES = frozenset("☐☑□")
LIKE_BOXES = frozenset("口囗门日曰区凶回凵匚冂闩D")  # what a box is taken for, where others stand in its cell
APART = 1.2  # ems from the character before to a box's middle: a blank parts them


@dataclass(frozen=True, slots=True)
class Found:
    """A cell's lines with its marks. `whole`: whether all ink beside them is explained."""

    lines: tuple[TextLine, ...]
    whole: bool = True

    def covering(self, ink: CellInk) -> CellInk:
        """What is known of the cell's ink, with what is left over counted as unread."""
        return ink if self.whole else replace(ink, coverage=min(ink.coverage, LEFT_OUT))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of left-over pieces: as what they were read again, and the signs of the page's numbers."""

    read: Mapping[Box, Char]
    signs: PageSigns


def mend(
    cells: Sequence[tuple[Box, CellInk, tuple[TextLine, ...]]], rules: Sequence[Rule], ink: Ink, pieces: Pieces,
    reader: Reader, picture: Picture,
) -> list[Found]:
    """Each cell's lines with the marks that its ink shows. `cells`: its box, what was to be read, what was. Pixels.

    `rules`: all straight lines of the page, `pieces`: its text's ink.
    """
    left = [_with_boxes(lines, _left(box, lines, pieces, ink), pieces) for box, _, lines in cells]
    asked = [
        (mark, lines[k], cell)
        for own, (cell, inked, lines) in zip(left, cells, strict=True) if not inked.sealed
        for k, mark in own if mark.kind != "一" and sum(other == k for other, _ in own) <= FEW
    ]
    every = [line for _, _, lines in cells for line in lines]
    known = Known(read_again(asked, reader, picture), PageSigns(every, pieces))
    level = [rule for rule in rules if rule.horizontal]
    blank = {k: box for k, (box, own, lines) in enumerate(cells) if not (lines or own.crops or own.sealed)}
    rows = {k: row for k, box in blank.items() if (row := _dots(box, pieces)) is not None}
    alone = pale_dashes(blank, picture, EM * pieces.scale) | hyphens(blank, pieces) | rows
    out = []
    for k, ((box, _, lines), marks) in enumerate(zip(cells, left, strict=True)):
        if not lines:
            out.append(Found((alone[k],) if k in alone else ()))
            continue
        told = tuple(as_stars(line, pieces) for line in lines) if len(lines) == 1 else lines
        near = [rule for rule in level if box.y0 < rule.at < box.y1 and box.x0 < rule.start and rule.end < box.x1]
        filled = with_fill_ins(box, told, near, ink.faint, pieces)
        found = _with_marks(filled, lines, marks, known) if filled[0].text.strip(STAR) else Found(filled)
        upright = with_level_strokes(box, _with_misread_boxes(found.lines, pieces), pieces)
        whole = with_wide_points(with_lost_ones(upright, box.x0, pieces.scale), pieces)
        out.append(replace(found, lines=whole))
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
        (k, replace(mark, kind=mark.kind or worn_box(pieces.cut(mark.box), mark.em))) for k, mark in left
    ]


def _with_misread_boxes(lines: tuple[TextLine, ...], pieces: Pieces) -> tuple[TextLine, ...]:
    """Characters that look like a box (口) as boxes, where others stand in their cell and a blank before them."""
    if not any(SEEN_BOXES.intersection(line.text) for line in lines):
        return lines
    return tuple(_boxed(line, pieces) if LIKE_BOXES.intersection(line.text) else line for line in lines)


def _boxed(line: TextLine, pieces: Pieces) -> TextLine:
    em = em_of(line, pieces.scale)
    chars = list(line.chars)
    last = float("-inf")
    for k, char in enumerate(chars):
        blank = char.x - last >= APART * em or (k > 0 and chars[k - 1].text.isspace())
        if char.text in LIKE_BOXES and blank:
            around = Box(char.x - 0.5 * em, line.box.y0, char.x + 0.5 * em, line.box.y1)
            found = [Box(*one) for one in pieces.within(around).tolist()]
            kind = worn_box(pieces.cut(union(found)), em) if found else ""
            if kind:
                chars[k] = replace(char, text=kind, p=SEEN, runner_up=char.text, runner_up_p=1 - SEEN, others=())
        if char.text.strip():
            last = char.x
    return replace(line, text="".join(char.text for char in chars), chars=tuple(chars))


def _with_marks(
    lines: tuple[TextLine, ...], before: Sequence[TextLine], left: Sequence[tuple[int, Leftover]],
    known: Known,
) -> Found:
    """A cell's lines with what is left over put in, so far as it can be told."""
    free = [(k, mark) for k, mark in left if not _holds(lines[k], before[k], mark)]
    paired = mates(lines, free)
    out, whole = list(lines), True
    for k, mark in free:
        char = _told(mark, lines[k], paired, known)
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


def _told(mark: Leftover, line: TextLine, paired: Mapping[Box, str], known: Known) -> Char | None:
    """The character that a piece is, None where nothing tells."""
    x, char = mark.box.center.x, known.read.get(mark.box)
    if mark.kind in BOXES and (char is None or not is_wide(char)):
        return Char(mark.kind, SEEN, x)
    if mark.kind == "一":
        return Char(_stroke(line, x), SEEN, x)
    if mark.box in paired:
        return Char(paired[mark.box], SEEN, x)
    return known.signs.sign(mark, line) if char is None else replace(char, p=min(SEEN, char.p), x=x)


def _stroke(line: TextLine, x: float) -> str:
    """一 or a dash for a lone level stroke: Chinese goes on right after the one, figures stand around the other."""
    after = next((char.text for char in line.chars if char.x > x and char.text.strip()), "")
    return "一" if is_chinese(after) or after == "、" else "—"


def _put_in(line: TextLine, box: Box, char: Char) -> TextLine:
    k = sum(other.x < char.x for other in line.chars)
    chars = (*line.chars[:k], char, *line.chars[k:])
    return replace(line, text="".join(c.text for c in chars), chars=chars, box=reaching(line.box, box))


