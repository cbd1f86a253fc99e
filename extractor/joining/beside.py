"""Wide tables whose columns go on on the next page: the same rows, printed on in the next sheet's columns."""

from __future__ import annotations

import math
from collections.abc import Sequence

from extractor.elements import PageCell, PageTable
from extractor.joining.repeated import SAME_ROW, likeness
from extractor.kinds.forms import header_rows, is_identity_row
from extractor.kinds.headings import bare
from extractor.kinds.numbers import number_value

_LEAST_ROWS = 4  # fewer rows are of like height by chance
_HEIGHT = 0.06  # of a row's height: how much it may differ between the two sheets
_POINTS = 1.5  # and how much it may differ in any case
_COMPARED = 0.7  # share of the rows whose height both sheets must show
_NUMBERS = 0.7  # share of the filled cells that are amounts, where no names stand on the second sheet
_SHORT = 2  # characters of a head that one misread makes unlike
_FEW = 8  # heads for each that may be misread
_MOST_LABELS = 4  # columns; no more are printed again on each sheet


def columns_again(first: PageTable, second: PageTable) -> int | None:
    """How many leading columns of `second`, the next sheet's first table, only repeat those of `first`.

    None where `second` is not `first` gone on to the right: there every row is as high as its other part, the
    header as deep, its heads are others, and what names the rows is printed again or not at all.
    """
    headers = header_rows(first.cells, first.n_rows)
    if first.n_rows != second.n_rows or first.n_rows < _LEAST_ROWS or not first.at_bottom or not second.at_top:
        return None
    if not headers or header_rows(second.cells, second.n_rows) != headers or is_identity_row(second.cells, 0):
        return None
    if not _alike(_heights(first), _heights(second)):
        return None
    again = _labels_again(first, second, headers)
    if again == second.n_cols or _heads(first, headers, 0) & _heads(second, headers, again):
        return None
    if _same_heads(first, second, headers, again):
        return None
    if again == 0 and not _are_amounts(second, headers):
        return None
    return again


def _heights(part: PageTable) -> list[float | None]:
    """Each row's height in points (None where all its cells go on below), whatever the sheet's turn and skew."""
    heights: list[float | None] = [None] * part.n_rows
    for cell in part.cells:
        if cell.row_span == 1 and heights[cell.row] is None:
            top, bottom = cell.polygon[0], cell.polygon[3]
            heights[cell.row] = math.dist(top, bottom)
    return heights


def _alike(first: Sequence[float | None], second: Sequence[float | None]) -> bool:
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    enough = len(pairs) >= _COMPARED * len(first)
    return enough and all(abs(a - b) <= max(_POINTS, _HEIGHT * max(a, b)) for a, b in pairs)


def _labels_again(first: PageTable, second: PageTable, headers: int) -> int:
    """How many leading columns say the same on both sheets; the heads above them may span more."""
    again = 0
    for columns in range(1, min(_MOST_LABELS, first.n_cols, second.n_cols) + 1):
        one, other = (_column(part.cells, columns - 1, headers) for part in (first, second))
        names = sum(bool(text) for text in one)
        if one and names >= len(one) / 2 and len(one) == len(other):
            same = sum(_same(a, b) for a, b in zip(one, other, strict=True)) / len(one)
            if same < SAME_ROW:
                return again  # other rows; names of one kind (第1项, 第41项) beside other codes are alike by chance
            if _closed(second.cells, columns):
                again = columns
    return again


def _same(one: str, other: str) -> float:
    """Likeness (0..1) of two texts; of amounts and codes each digit counts."""
    numbers = number_value(one) is not None or number_value(other) is not None
    return float(one == other) if numbers else likeness(one, other)


def _column(cells: Sequence[PageCell], column: int, headers: int) -> list[str]:
    return [bare(c.text) for c in cells if c.row >= headers and c.col == column]


def _closed(cells: Sequence[PageCell], column: int) -> bool:
    return not any(c.col < column < c.col + c.col_span for c in cells)


def _heads(part: PageTable, headers: int, column: int) -> set[str]:
    """What the lowest heads from a column on say, groups above them apart: 小计 stands under several."""
    lowest = [c for c in part.cells if c.row + c.row_span == headers and c.col >= column]
    alone = [c for c in lowest if c.row == 0]
    return {text for c in alone if len(text := bare(c.text)) > 1 and number_value(text) is None}


def _same_heads(first: PageTable, second: PageTable, headers: int, column: int) -> bool:
    """Whether all heads from a column on say what they say on the first sheet: the same columns, further down.

    A head of one or two characters may be misread; a longer one that says something else heads other columns.
    """
    known = {(c.row, c.col, c.row_span, c.col_span): bare(c.text) for c in first.cells if c.row < headers}
    heads = [c for c in second.cells if c.row < headers and c.col >= column and bare(c.text)]
    unlike = [
        text for c in heads
        if likeness(text := bare(c.text), known.get((c.row, c.col, c.row_span, c.col_span), "")) < SAME_ROW
    ]
    return bool(heads) and not any(len(text) > _SHORT for text in unlike) and _FEW * len(unlike) <= len(heads)


def _are_amounts(part: PageTable, headers: int) -> bool:
    filled = [c for c in part.cells if c.row >= headers and bare(c.text)]
    amounts = sum(number_value(c.text) is not None for c in filled)
    return bool(filled) and amounts >= _NUMBERS * len(filled)
