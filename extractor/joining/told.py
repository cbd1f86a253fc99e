"""What was read tells of a table's columns that blanks and rules left open: where no cell can begin, where one must.

Columns that no rule draws are found before anything is read. A mark that never begins a line, as 、 behind an item's
numeral, two characters set apart that are one heading, or amounts that touch each other then say more than blanks do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from extractor.elements import Char, LooseTable, TextLine
from extractor.geometry import overlap
from extractor.unruled.openrows import OpenRows
from extractor.unruled.openrules import Run

NEVER_FIRST = frozenset("、，。；：！？）］〕】〉》」』％")  # no line begins with these
NEVER_LAST = frozenset("（［〔【〈《「『")
BOXES = frozenset("□☐☑☒■√")  # before what is given to choose from
POINTS = frozenset(".．")  # a number with its decimals
MARKS = NEVER_FIRST | NEVER_LAST | POINTS
SURE = 0.9  # posterior of such a mark at least
OFTEN = 3  # rows with such a mark at one border that show it, however sure each is
NEAR = 3.0  # text heights between what is one text at most
SET_APART = 4.0  # the same between the two characters of a heading
WORDS = frozenset(("收入", "支出", "合计", "总计", "小计", "项目", "备注", "金额", "名称", "科目", "编码", "类别"))
CODE_HEADS = re.compile("类?款项?目?")  # headings of codes' columns, a character each; the first may stand alone
CODE_BLANK = 0.15  # of a text height: what stands between two of them at least, past their own breadth
# Amounts of two decimals, one behind the other.
AMOUNTS = re.compile(r"(?<![\d.,-])(?:-?(?:\d{1,3}(?:,\d{3})+|\d+)\.\d\d ?){2,}$")
AMOUNT = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)\.\d\d")
CODE = re.compile(r"\d{2,3}|\d{5}|\d{7}")
CODED = re.compile(rf"(?:{CODE.pattern})(?=[\u4e00-\u9fff])")  # a code before a name
CODES = 2  # codes that stand in a column of their own
WORD_BLANK = 0.3  # of a text height: blank between two headings at least, and by which it is wider than any other
UNDER = 0.45, 1.0  # of a text height: off the middle of its own heading at most, of both together at least
NUMERAL = re.compile("[（(][一二三四五六七八九十]{1,3}[）)]")  # of an item, whose text goes on behind it
ITEM = 1.5  # text heights between such a numeral's end and that text: a bracket is blank behind its stroke
HEADS = 4  # rows from the top that may hold a table's headings
ALIKE, APART = 3, 0.6  # characters with which two headings begin; of a text height: what stands between them at least
CHINESE = re.compile(rf"[\u4e00-\u9fff]{{{ALIKE}}}")
LEAST = 0.1  # of a text height: breadth of the place where two texts touch
HALF = 0.45, 0.25  # of a text height: half the breadth of a Chinese character, of another


def told_by_text(loose: LooseTable) -> OpenRows:
    """What a page shows of a table, its runs joined and parted, and its blanks told, as the texts in its cells say."""
    rows = loose.rows
    strips = list(rows.strips)
    told = [list(row) for row in rows.told_by_row]
    for (upper, a), (lower, b) in _never_parted(loose):
        r = _row_of(rows, upper)
        if r is not None and r == _row_of(rows, lower):
            strips[r] = _joined(strips[r], a.x, b.x)
    for line, blank in _parted(loose):
        r = _row_of(rows, line)
        if r is not None:
            strips[r], cut = _cut(strips[r], blank)
            told[r] += cut
    heard = tuple(tuple(sorted(set(row))) for row in told)
    if strips == list(rows.strips) and heard == rows.told_by_row:
        return rows
    return replace(rows, strips=tuple(strips), told=heard)


def _row_of(rows: OpenRows, line: TextLine) -> int | None:
    y = line.box.center.y
    return next((r for r, (a, b) in enumerate(pairwise(rows.ys)) if a < y < b), None)


def _never_parted(loose: LooseTable) -> Iterator[tuple[tuple[TextLine, Char], tuple[TextLine, Char]]]:
    """The characters on both sides of borders that part one text, each with its line."""
    height = loose.rows.scale
    cells = [(cell, lines) for cell, lines in zip(loose.grid.cells, loose.lines, strict=True) if lines]
    marked: dict[int, list[tuple[tuple[TextLine, Char], tuple[TextLine, Char]]]] = {}
    at = {(cell.row, cell.col): lines for cell, lines in cells}
    for cell, lines in cells:
        col = cell.col + cell.col_span
        after = at.get((cell.row, col))
        if after is None:
            continue
        first = min(after, key=lambda line: (line.box.center.y, line.box.x0))
        for line in lines:
            if not (line.chars and first.chars and _beside(line, first)):
                continue
            a, b = line.chars[-1], first.chars[0]
            apart, both = b.x - a.x - height, ((line, a), (first, b))
            sole = len(lines) == len(after) == len(line.text) == len(first.text) == 1
            if sole and a.text + b.text in WORDS and apart < SET_APART * height:
                yield both
            if first.text[0] in BOXES and not BOXES.isdisjoint(line.text) and apart < NEAR * height:
                yield both
            if _numbers(line, first) and apart + height < ITEM * height:
                yield both
            # A number that wraps in a narrow cell ends its first line with the point, too.
            whole = len(lines) == len(after) == 1 and first.text.isdigit()
            torn = whole and line.text[-2:-1].isdigit() and a.text in POINTS
            if apart < NEAR * height and (
                torn or b.text in NEVER_FIRST or (a.text in NEVER_LAST and line is lines[-1])
            ):
                marked.setdefault(col, []).append(both)
    for found in marked.values():
        for one in found:
            if len(found) >= OFTEN or max(char.p for _, char in one if char.text in MARKS) > SURE:
                yield one


def _numbers(line: TextLine, after: TextLine) -> bool:
    """Whether a line is an item's numeral in brackets and the other one its text."""
    return bool(NUMERAL.fullmatch(line.text)) and "\u4e00" <= after.text[0] <= "\u9fff"


def _beside(a: TextLine, b: TextLine) -> bool:
    return overlap(a.box.y0, a.box.y1, b.box.y0, b.box.y1) > 0.5 * min(a.box.height, b.box.height)


def _parted(loose: LooseTable) -> Iterator[tuple[TextLine, Run]]:
    """The blanks inside cells between what are two columns' texts, each with its line."""
    height = loose.rows.scale
    cells = [(cell, lines) for cell, lines in zip(loose.grid.cells, loose.lines, strict=True) if lines]
    coded = [cell.col for cell, lines in cells if cell.col_span == 1 and CODE.fullmatch(lines[0].text)]
    for col in sorted(set(coded)):
        behind = [
            blank for cell, lines in cells if cell.col == col and cell.col_span > 1
            for blank in _behind_code(lines, height)
        ]
        if max(CODES, len(behind)) <= coded.count(col):
            yield from behind
    for cell, lines in cells:
        for line in lines:
            if cell.row < HEADS:
                yield from ((line, blank) for blank in _between_alike(line.chars, height))
            if len(line.chars) != len(line.text):
                continue
            amounts = AMOUNTS.search(line.text)
            if amounts:
                starts = [match.start() for match in AMOUNT.finditer(line.text, amounts.start())]
                for start in starts:
                    before = len(line.text[:start].rstrip())
                    if before:
                        yield line, _between(line.chars[before - 1], line.chars[start], height)
            elif CODE_HEADS.fullmatch(line.text.replace(" ", "")):
                heads = [char for char in line.chars if char.text != " "]
                if all(b.x - a.x > (1 + CODE_BLANK) * height for a, b in pairwise(heads)):
                    for a, b in pairwise(heads):
                        yield line, _between(a, b, height)
        yield from _wrapped_under_one(lines, loose.rows)
        for one, other in pairwise(sorted(lines, key=lambda line: line.box.x0)):
            if not (_beside(one, other) and one.chars and other.chars):
                continue
            both = AMOUNT.fullmatch(one.text) and AMOUNT.fullmatch(other.text)
            if both or AMOUNTS.fullmatch(one.text) or AMOUNTS.fullmatch(other.text):
                yield one, _between(one.chars[-1], other.chars[0], height)


def _between_alike(chars: Sequence[Char], height: float) -> Iterator[Run]:
    """The blanks between headings that begin alike, as 公务用车购置费 and 公务用车运行费: no one text says it twice."""
    words: list[list[Char]] = [[]]
    for char in chars:
        if char.text == " ":
            continue
        if words[-1] and char.x - words[-1][-1].x > (APART + 2 * HALF[0]) * height:
            words.append([])
        words[-1].append(char)
    for one, other in pairwise(words):
        start = "".join(char.text for char in one[:ALIKE])
        if CHINESE.fullmatch(start) and start == "".join(char.text for char in other[:ALIKE]):
            yield _between(one[-1], other[0], height)


def _behind_code(lines: Sequence[TextLine], height: float) -> Iterator[tuple[TextLine, Run]]:
    """The blank between a code and the name behind it, which stand in columns that other rows part."""
    first = sorted((line for line in lines if _beside(line, lines[0])), key=lambda line: line.box.x0)
    chars = [(line, char) for line in first for char in line.chars if char.text != " "]
    code = CODED.match("".join(char.text for _, char in chars))
    if code and len(chars) > code.end():
        (line, a), (_, b) = chars[code.end() - 1], chars[code.end()]
        blank = _between(a, b, height)
        if blank[1] - blank[0] > CODE_BLANK * height:
            yield line, blank


def _wrapped_under_one(lines: Sequence[TextLine], rows: OpenRows) -> Iterator[tuple[TextLine, Run]]:
    """The blank between two headings held for one line, of which one alone wraps: its end stands under its middle.

    A text that wraps in one cell goes on where it begins, or under the middle of all of it.
    """
    height = rows.scale
    first = min(lines, key=lambda line: line.box.y0, default=None)
    below = [line for line in lines if line is not first]
    if first is None or not below or any(line.box.center.y < first.box.y1 - height / 4 for line in below):
        return
    if any(char.isascii() or char in MARKS for char in first.text.replace(" ", "")):
        return
    r = _row_of(rows, first)
    runs = [run for run in rows.strips[r] if first.box.x0 < sum(run) / 2 < first.box.x1] if r is not None else []
    blanks = sorted(((a[1], b[0]) for a, b in pairwise(runs)), key=lambda blank: blank[0] - blank[1])
    widths = [*(end - start for start, end in blanks[:2]), 0.0]
    if not blanks or widths[0] < WORD_BLANK * height or widths[0] - widths[1] < WORD_BLANK * height:
        return
    both = (runs[0][0] + runs[-1][1]) / 2
    for start, end in ((runs[0][0], blanks[0][0]), (blanks[0][1], runs[-1][1])):
        if all(
            abs(line.box.center.x - (start + end) / 2) < UNDER[0] * height and line.box.width < end - start
            and abs(line.box.center.x - both) > UNDER[1] * height
            for line in below
        ):
            yield first, blanks[0]


def _between(a: Char, b: Char, height: float) -> Run:
    """The blank between two characters, or about the place where they touch."""
    left, right = a.x + _half(a) * height, b.x - _half(b) * height
    middle, least = (left + right) / 2, LEAST * height / 2
    return min(left, middle - least), max(right, middle + least)


def _half(char: Char) -> float:
    return HALF[char.text.isascii()]


def _joined(strip: Sequence[Run], left: float, right: float) -> tuple[Run, ...]:
    """A row's runs, those from the one with a character to the one with another put together."""
    own = [run for run in strip if run[1] > left and run[0] < right]
    if len(own) < 2:
        return tuple(strip)
    at = strip.index(own[0])
    return (*strip[:at], (own[0][0], own[-1][1]), *strip[at + len(own) :])


def _cut(strip: Sequence[Run], blank: Run) -> tuple[tuple[Run, ...], list[Run]]:
    """A row's runs, one that goes on over a blank cut there, and the blank as these runs leave it."""
    middle = (blank[0] + blank[1]) / 2
    out: list[Run] = []
    for start, end in strip:
        if start < blank[0] and end > blank[1]:
            out += [(start, blank[0]), (blank[1], end)]
        else:
            out.append((start, end))
    left = [run for run in out if run[0] < middle and run[1] <= middle + 1]
    right = [run for run in out if run not in left]
    return tuple(out), [(left[-1][1], right[0][0])] if left and right else []
