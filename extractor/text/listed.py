"""Numerals of a column's items (一、二、三、), worn off in some of its cells, put in by their place and their series.

A budget's tables count their items in the column that names them, each numeral set at one distance from the border and
followed by a full-width 、. A fax wears thin strokes away: the numeral, the mark or both are not read, or are read as a
dash. But the words keep their place, two ems behind that of the numerals; and where the items around count on with
exactly as many such cells between, each has its number. What is put in is no more than likely.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from extractor.chinese import is_chinese, numeral_of, numeral_value
from extractor.elements import Box, Char, TextLine
from extractor.geometry import overlap, union
from extractor.text.leftover import em_of

if TYPE_CHECKING:
    from extractor.elements import Picture

NUMERALS = frozenset("一二三四五六七八九十")
MARK = "、"
MARKS = frozenset("、，,.．·")
FEWEST, STEPS = 3, 2  # numbered items of a column, and those of them that count on by one from the one before
ROOM = 1.5, 2.7  # ems from a numeral to the words: a mark of full width stands between
OFF = 0.6  # ems: numerals of one column stand as near to their usual place
BY_ROOM, BY_SERIES = 0.9, 0.8  # probability of a mark that its room tells, of a numeral that its series tells
INK = 0.03  # square ems: what is left of a numeral's ink; a whole 一 is twice as much

Texts = Sequence[tuple[Box, tuple[TextLine, ...]]]


@dataclass(frozen=True, slots=True)
class _Item:
    """A column's cell: its first row of text as one line, and the number and mark before its words, as they were read.

    `cell`: its place among the cells. `begin`: where in `line.chars` the words begin. `at`: place of the first
    character, `words`: that of the words, both in ems from the cell's left side.
    """

    cell: int
    line: TextLine
    em: float
    begin: int
    number: int | None
    mark: str
    at: float
    words: float

    @property
    def value(self) -> int:
        return self.number or 0


def with_numerals(cells: Texts, mask: Picture, scale: float) -> Mapping[int, tuple[TextLine, ...]]:
    """Those of a table's cells whose first line lacks its numeral or its mark, with it.

    `cells`: boxes with the lines read in each, pixels. `mask`: 1 where text is inked, specks and all. `scale`: text
    height in pixels.
    """
    columns: dict[float, list[int]] = {}
    for k, (box, lines) in enumerate(cells):
        if any(char.text.strip() for line in lines for char in line.chars):
            near = next((x for x in columns if abs(x - box.x0) < OFF * scale), box.x0)
            columns.setdefault(near, []).append(k)
    found: dict[int, tuple[TextLine, ...]] = {}
    for own in columns.values():
        items = [_item(k, *cells[k], scale) for k in sorted(own, key=lambda k: cells[k][0].y0)]
        for item, line in _mended(items, mask):
            first = _first_row(cells[item.cell][1])
            found[item.cell] = (line, *(one for one in cells[item.cell][1] if one not in first))
    return found


def _first_row(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines of a cell's first row, from the left: a numeral set apart is a line of its own."""
    read = [line for line in lines if any(char.text.strip() for char in line.chars)]
    top = min(read, key=lambda line: line.box.center.y).box
    row = [
        line for line in read
        if overlap(line.box.y0, line.box.y1, top.y0, top.y1) > 0.5 * min(line.box.height, top.height)
    ]  # fmt: skip
    return sorted(row, key=lambda line: line.box.x0)


def _item(k: int, cell: Box, lines: Sequence[TextLine], scale: float) -> _Item:
    row = _first_row(lines)
    chars = tuple(char for line in row for char in line.chars if char.text.strip())
    longest = max(row, key=lambda line: len(line.chars))
    em = em_of(longest, scale)
    line = replace(longest, text="".join(c.text for c in chars), chars=chars, box=union([one.box for one in row]))
    end = 1
    while end < len(chars) and chars[end].text in NUMERALS and chars[end].x - chars[end - 1].x < ROOM[0] * em:
        end += 1
    number = numeral_value(line.text[:end]) if len(line.text) == len(chars) else None
    begin, mark = _words_after(chars, end, em) if number is not None else (0, "")
    if not begin:
        # Whatever stands before the words is no numeral of an item: a dash, a mark, a figure.
        number, begin = None, next((i for i, char in enumerate(chars) if is_chinese(char.text)), 0)
    return _Item(k, line, em, begin, number, mark, (chars[0].x - cell.x0) / em, (chars[begin].x - cell.x0) / em)


def _words_after(chars: Sequence[Char], end: int, em: float) -> tuple[int, str]:
    """Where words begin after a numeral of `end` characters, 0 where none do, and the mark read before them."""
    after = chars[end : end + 2]
    if len(after) == 2 and after[0].text in MARKS and not after[1].text.isdigit():
        return end + 1, after[0].text
    apart = bool(after) and ROOM[0] * em <= after[0].x - chars[end - 1].x <= ROOM[1] * em
    return (end, "") if apart and is_chinese(after[0].text) else (0, "")


def _mended(items: Sequence[_Item], mask: Picture) -> Iterator[tuple[_Item, TextLine]]:
    """Items with their new first lines, where the column counts."""
    numbered = [k for k, item in enumerate(items) if item.number is not None]
    counted = sum(items[b].value == items[a].value + 1 for a, b in pairwise(numbered))
    if len(numbered) < FEWEST or counted < STEPS:
        return
    mark = Counter(items[k].mark or MARK for k in numbered).most_common(1)[0][0]
    for k in numbered:
        if not items[k].mark:
            yield items[k], _headed(items[k], None, mark)
    short = [items[k] for k in numbered if items[k].value <= len(NUMERALS)]
    at, words = median(item.at for item in short or items), median(item.words for item in short or items)
    for above, below in pairwise([-1, *numbered]):
        first = 1 if above < 0 else items[above].value + 1
        between = items[above + 1 : below]
        lacking = [item for item in between if abs(item.words - words) < OFF and _has_ink(item, words - at, mask)]
        if len(lacking) == items[below].value - first:
            for n, item in enumerate(lacking):
                yield item, _headed(item, first + n, mark)


def _has_ink(item: _Item, room: float, mask: Picture) -> bool:
    """Whether something was read, or is inked, `room` ems before an item's words; items of an item have nothing."""
    if item.begin:
        return True
    box, middle = item.line.box, item.line.chars[0].x - room * item.em
    rows = slice(max(0, round(box.y0)), round(box.y1))
    part = mask[rows, max(0, round(middle - 0.5 * item.em)) : max(0, round(middle + 0.5 * item.em))]
    return float(part.sum()) >= INK * item.em**2


def _headed(item: _Item, number: int | None, sign: str) -> TextLine:
    """A line with its column's mark before its words, and a number where it was not read."""
    words = item.line.chars[item.begin :]
    mark = Char(sign, BY_ROOM, words[0].x - item.em)
    if number is None:
        head = [char for char in item.line.chars[: item.begin] if char.text in NUMERALS]
    else:
        text = numeral_of(number)
        head = [Char(one, BY_SERIES, mark.x - (len(text) - k) * item.em) for k, one in enumerate(text)]
        mark = replace(mark, p=BY_SERIES)
    chars = (*head, mark, *words)
    box = item.line.box._replace(x0=min(item.line.box.x0, chars[0].x - 0.5 * item.em))
    return replace(item.line, text="".join(char.text for char in chars), chars=chars, box=box, by_words=True)
