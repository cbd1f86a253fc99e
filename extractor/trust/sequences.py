"""What stands out of a series that its neighbours make: numbered items (一、 or 1.), serial numbers, column numbers,
amounts with as many digits after the point.

A form counts its rows and columns without gaps. So a number between two that are in order without it is in doubt, a
label without a number too where exactly one is missing, and an amount that lacks a digit after the point.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

from extractor.chinese import numeral_value
from extractor.kinds.forms import Placed

FEWEST = 4  # members that make a series
PADDED = 2  # amounts that end with a zero: more than one, as one may be a lost digit's
MOSTLY = 0.8  # share of a column's amounts with as many digits after the point

_NUMBERED = re.compile(r"^([一二三四五六七八九十]{1,3})[、.．,，]")
_ITEM = re.compile(r"^(\d{1,2})[、.．](?!\d)")
_AMOUNT = re.compile(r"^-?[\d,]+\.(\d+)$")
_PADDED = re.compile(r"^-?[\d,]+\.\d+0$")
_WHOLE = re.compile(r"^[1-9]\d{0,2}$")

Spot = tuple[int, int]


class Headed(Protocol):
    @property
    def header_rows(self) -> int: ...
    @property
    def cells(self) -> Sequence[Placed]: ...


def out_of_series(table: Headed) -> frozenset[Spot]:
    """Rows and columns of a table's cells that break a series of their column or row."""
    labels: dict[tuple[int, int], list[Placed]] = {}  # by where they begin and how wide they are
    columns: dict[int, list[Placed]] = {}
    rows: dict[int, list[Placed]] = {}
    for cell in table.cells:
        if cell.row >= table.header_rows:
            labels.setdefault((cell.col, cell.col_span), []).append(cell)
        if cell.row >= table.header_rows and cell.col_span == 1:
            columns.setdefault(cell.col, []).append(cell)
        if cell.row_span == 1 and cell.col_span == 1:
            rows.setdefault(cell.row, []).append(cell)
    found: set[Spot] = set()
    for own in labels.values():
        found |= _items(sorted(own, key=lambda cell: cell.row))
    for own in columns.values():
        own.sort(key=lambda cell: cell.row)
        found |= _serials(own) | _short(own)
    for own in rows.values():
        own.sort(key=lambda cell: cell.col)
        found |= _serials(own)
    return frozenset(found)


def _spot(cell: Placed) -> Spot:
    return cell.row, cell.col


def _items(column: Sequence[Placed]) -> set[Spot]:
    """Of labels numbered 一、二、三、 or 1. 2. 3. the one that is numbered otherwise, or not, where one is missing."""
    filled = [cell for cell in column if cell.text.strip()]
    texts = [cell.text.strip() for cell in filled]
    chinese = [numeral_value(m[1]) if (m := _NUMBERED.match(text)) else None for text in texts]
    arabic = [int(m[1]) if (m := _ITEM.match(text)) else None for text in texts]
    return {_spot(filled[k]) for numbers in (chinese, arabic) for k in _missing(numbers)}


def _missing(numbers: Sequence[int | None]) -> Iterator[int]:
    """Places where exactly one number is missing from those that count there, and another or none stands for it."""
    if sum(number is not None for number in numbers) < FEWEST:
        return
    for k, (before, own, after) in enumerate(zip([0, *numbers], numbers, numbers[1:], strict=False)):
        if before is not None and after == before + 2 and own != before + 1 and (k or own is None):
            yield k


def _serials(series: Sequence[Placed]) -> set[Spot]:
    """Of whole numbers that count without gaps the one that is another, or blank."""
    texts = [cell.text.strip() for cell in series]
    found: set[Spot] = set()
    for first, last in _counts(texts):
        start = int(texts[first]) - first
        wrong = [k for k in range(first, last + 1) if texts[k] != str(start + k)]
        if 0 < len(wrong) <= (last - first + 1) // FEWEST:
            found |= {_spot(series[k]) for k in wrong}
    return found


def _counts(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last places of the longest count 1, 2, 3 … that a series holds, gaps in it allowed."""
    by_start: Counter[int] = Counter(int(text) - k for k, text in enumerate(texts) if _WHOLE.match(text))
    for start, count in by_start.most_common(1):
        places = [k for k, text in enumerate(texts) if text == str(start + k)]
        if count >= FEWEST and places[-1] > places[0] and start + places[0] >= 1:
            yield places[0], places[-1]


def _short(column: Sequence[Placed]) -> set[Spot]:
    """Amounts with fewer digits after the point than most of their column, where zeros fill them up."""
    padded = sum(_PADDED.match(cell.text.strip()) is not None for cell in column)
    digits = {_spot(cell): len(m[1]) for cell in column if (m := _AMOUNT.match(cell.text.strip()))}
    if len(digits) < FEWEST or padded < PADDED:
        return set()
    usual, count = Counter(digits.values()).most_common(1)[0]
    if count < MOSTLY * len(digits) and count < len(digits) - 1:
        return set()
    return {spot for spot, n in digits.items() if n < usual}
