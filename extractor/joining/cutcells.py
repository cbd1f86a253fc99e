"""Cells that a page break cuts: which cells at the foot of one page go on at the head of the next.

Only places and texts are known here. Printers close the border at the break, so a cell cut in two looks
like two cells; what gives it away is a blank where the column otherwise never has one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from extractor.kinds.forms import Placed
from extractor.kinds.headings import bare
from extractor.kinds.numbers import number_value

_ENDED = re.compile(r"[。；;！!：:]$")
_ITEM = re.compile(r"^\s*(?:[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．]|目标\s*\d|[☐☑□])")
_FIELD_NAME = re.compile(r"(?:指标|目标|概述|任务|情况)\d*[:：]?$")
_LONG = 20  # characters: a paragraph, not a name
_NAMES = 4  # cells that make a column of names
_BLOCK = 3  # other cells of a column within a block, to tell what is usual there
_HABIT = 1  # other cells that make a habit, beside the filled one at the break


@dataclass(frozen=True, slots=True)
class Seam:
    """Cells that are one: index in the upper part → index in the lower part, and the joined text.

    cut_row: the upper part's last row and the lower part's first row are one row.
    """

    pairs: Mapping[int, int] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)
    cut_row: bool = False


def close_seam(upper: Sequence[Placed], n_upper: int, lower: Sequence[Placed], *, headers: int, is_open: bool) -> Seam:
    """Find the cut cells between a part of `n_upper` rows and the part below it, on the same columns.

    `is_open`: neither page closes the table's border at the break.
    """
    bottom = {(c.col, c.col_span): i for i, c in enumerate(upper) if c.row + c.row_span == n_upper}
    top = {(c.col, c.col_span): j for j, c in enumerate(lower) if c.row == 0}
    shared = [(i, top[key]) for key, i in sorted(bottom.items()) if key in top]
    body = [c for c in upper if c.row >= headers]
    if not shared or n_upper <= headers:
        return Seam()
    habits = {i: _Habit.of(*_block(body, lower, upper[i], lower[j]), upper[i], lower[j]) for i, j in shared}
    if bottom.keys() == top.keys() and _is_cut_row(upper, lower, shared, habits, is_open):
        return Seam(dict(shared), {i: join_text(upper[i].text, lower[j].text) for i, j in shared}, cut_row=True)
    pairs = {i: j for i, j in shared if upper[i].row >= headers and _goes_on(upper[i], lower[j], habits[i])}
    for i, j in reversed(shared):
        if i not in pairs and upper[i].row >= headers and _holds_parts(upper, lower, i, j, pairs):
            pairs[i] = j
    return Seam(pairs, {i: upper[i].text + lower[j].text for i, j in pairs.items()})


def _holds_parts(
    upper: Sequence[Placed], lower: Sequence[Placed], i: int, j: int, pairs: Mapping[int, int]
) -> bool:
    """Whether a name with a blank below the break spans what goes on over it in the next column: then it does too."""
    a, b = upper[i], lower[j]
    if not bare(a.text) or bare(b.text) or a.row_span == 1:
        return False
    return any(
        upper[k].col == a.col + a.col_span and upper[k].row >= a.row and lower[m].row_span <= b.row_span
        for k, m in pairs.items()
    )


def _block(
    body: Sequence[Placed], lower: Sequence[Placed], a: Placed, b: Placed
) -> tuple[Sequence[Placed], Sequence[Placed]]:
    """What tells the habits of a cell's column: the rows of the name (绩效指标) that spans the cut cell and others.

    A form's other blocks put other things in that column. All rows where the block tells too little.
    """
    start = min((c.row for c in body if c.col == 0 < a.col and c.row + c.row_span >= a.row + a.row_span), default=a.row)
    end = max((c.row + c.row_span for c in lower if c.row == 0 and c.col == 0 < a.col), default=b.row_span)
    inner, below = [c for c in body if c.row >= start], [c for c in lower if c.row + c.row_span <= end]
    others = [c for c in (*inner, *below) if c.col == a.col and c is not a and c is not b]
    return (inner, below) if len(others) >= _BLOCK else (body, lower)


@dataclass(frozen=True, slots=True)
class _Habit:
    """What a column's other cells are like."""

    filled: int
    empty: int
    empty_pairs: frozenset[int]  # how many of two blank cells under each other span rows
    texts: frozenset[str]
    amounts: bool

    @classmethod
    def of(cls, body: Sequence[Placed], lower: Sequence[Placed], a: Placed, b: Placed) -> _Habit:
        end = max(c.row + c.row_span for c in lower)
        # A blank at the lower part's own foot may be cut by the next break.
        known = [*body, *(c for c in lower if bare(c.text) or c.row + c.row_span < end)]
        cells = [c for c in known if c.col == a.col and c is not a and c is not b]
        pairs = set()
        for part in (body, lower):
            blank = {c.row: c for c in part if (c.col, c.col_span) == (a.col, a.col_span) and not bare(c.text)}
            below = [(c, blank.get(c.row + c.row_span)) for c in blank.values()]
            pairs |= {(c.row_span > 1) + (d.row_span > 1) for c, d in below if d is not None}
        filled = sum(bool(bare(c.text)) for c in cells)
        amounts = any(number_value(c.text) is not None for c in cells)
        return cls(filled, len(cells) - filled, frozenset(pairs), frozenset(bare(c.text) for c in cells), amounts)

    @property
    def never_empty(self) -> bool:
        return self.filled >= _HABIT and not self.empty


def _is_cut_row(
    upper: Sequence[Placed],
    lower: Sequence[Placed],
    shared: Sequence[tuple[int, int]],
    habits: Mapping[int, _Habit],
    is_open: bool,
) -> bool:
    """Whether the break goes through a row: a name stands on one side only, and no amount on both."""
    single = [(i, j) for i, j in shared if upper[i].row_span == 1 and lower[j].row_span == 1]
    both = [(upper[i].text, lower[j].text) for i, j in shared if bare(upper[i].text) and bare(lower[j].text)]
    if not single or any(number_value(a) is not None or number_value(b) is not None for a, b in both):
        return False
    half = [(i, j) for i, j in single if bool(bare(upper[i].text)) != bool(bare(lower[j].text))]
    broken = [i for i, _ in half if habits[i].never_empty]
    # With several filled columns on both sides there are two rows under one spanning name, unless all run on.
    runs_on = len(both) <= 1 or all(max(len(bare(a)), len(bare(b))) >= _LONG for a, b in both)
    if not runs_on:
        return False
    if is_open:
        return bool(half) and (bool(broken) or bool(both))
    names = [i for i in broken if number_value(upper[i].text) is None]
    return bool(names) and bool(both) and not _is_whole(both)


def _is_whole(both: Sequence[tuple[str, str]]) -> bool:
    """Whether short texts on both sides are whole by themselves: two rows, not one."""
    return all(max(len(bare(a)), len(bare(b))) < _LONG / 2 for a, b in both)


def _goes_on(a: Placed, b: Placed, habit: _Habit) -> bool:
    """Whether the cell `a` at the foot and `b` at the head of the next page are one spanning cell."""
    first, second = bare(a.text), bare(b.text)
    spans = a.row_span > 1 or b.row_span > 1
    if first and second:
        whole = first + second
        if not spans or number_value(a.text) is not None or number_value(b.text) is not None:
            return False
        if whole in habit.texts and second not in habit.texts:
            return True
        return (
            bool(_FIELD_NAME.search(whole)) and not _FIELD_NAME.search(first) and len(whole) <= 8 and len(second) <= 3
        )
    if not first and not second:
        # Where every other cell has a name, two blanks are one whose name was lost between the pages.
        if habit.never_empty and habit.filled >= _NAMES and not habit.amounts:
            return True
        return spans and (a.row_span > 1) + (b.row_span > 1) not in habit.empty_pairs
    name = a if first else b
    if number_value(name.text) is not None and not (spans and habit.never_empty):
        return False
    return habit.never_empty or (a.row_span > 1 and b.row_span > 1 and not habit.empty)


def join_text(first: str, second: str) -> str:
    """Text cut between pages: joined without a break, unless a paragraph ends or an item begins there."""
    if not first or not second:
        return first + second
    return first + ("\n" if _ENDED.search(first) or _ITEM.match(second) else "") + second
