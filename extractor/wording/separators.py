"""Points and commas of a column's amounts, where a worn one was read as another sign (13:50, 5;002.50, 4.400).

A speck over a point makes a colon of it, a comma that lost its tail is a point. How an amount is written its column
tells: where most amounts have two digits after a point, 13:50 is one of them and no time of day; where whole amounts
are parted by commas, 4.400 is. What is put in must make a proper amount of the text. Where a point was worn off
altogether its blank is left (284 16): no number has one, so that what the column does not tell is doubted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from extractor.elements import PageCell
from extractor.joining.overpages import WholeCell, WholeTable
from extractor.wording.amended import Step, amended, doubted, read_chars

LIKELY = 0.95  # probability of a sign that the column tells
FEWEST = 3  # amounts that show how a column, or a table, writes them
MOSTLY = 0.6  # share of a column's numbers that are written so
HALF = 0.5  # probability of the figures beside a blank that nothing explains

_CENTS = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)\.\d{2}")
_PARTED = re.compile(r"-?\d{1,3}(?:,\d{3})+")
_POINTED = re.compile(r"-?[1-9]\d{0,2}(?:[.,]\d{3})+")
_DECIMALS = re.compile(r"-?[\d,]*\d\.\d+")
_NUMBER = re.compile(r"-?\d[\d.,]*")
_SIGNED = re.compile(r"-?\d{1,3}(?:[.,:;：；]\d{3})*[.,:;：；]\d{2}|-?\d+[:;：；]\d{2}")
_PARTS = re.compile(r"(-?(?:\d{1,3}(?:,\d{3})+|\d+)) (\d{1,6})")
_SIGNS = frozenset(".,:;：；")
_STRANGE = frozenset(":;：；")


def with_separators_settled(tables: Sequence[WholeTable]) -> list[WholeTable]:
    """The tables with the signs in their amounts as the amounts around are written."""
    return [_settled(table) for table in tables]


def _settled(table: WholeTable) -> WholeTable:
    columns: dict[int, list[str]] = defaultdict(list)
    for cell in table.cells:
        if cell.col_span == 1 and _NUMBER.match(text := _inner(cell.text)):
            columns[cell.col].append(text)
    parted = _writes_groups([text for own in columns.values() for text in own])
    cells = tuple(
        _told(cell, columns[cell.col], parted=parted) if cell.col in columns else cell
        for cell in table.cells
    )
    return table if cells == table.cells else replace(table, cells=cells)


def _told(cell: WholeCell, column: Sequence[str], *, parted: bool) -> WholeCell:
    text = _inner(cell.text)
    found = _PARTS.fullmatch(text)
    if found is None:
        return _with(cell, _wanted(text, column, parted=parted))
    if not read_chars(cell) or cell.text.strip() != text:
        return cell
    at, others = len(found[1]) - 1, [other for other in column if other != text]
    if any(map(_PARTS.fullmatch, others)):
        return cell  # codes may be set so
    if not _has_point(len(found[2]), others, parted=parted):
        return doubted(cell, {at: HALF, at + 1: HALF})
    return amended(_without_blanks(cell), [Step(at, ".", "after")], LIKELY)


def _has_point(digits: int, others: Sequence[str], *, parted: bool) -> bool:
    """Whether a column's amounts have a point, and some as many digits after it; three could be a group."""
    points = [other.rpartition(".")[2] for other in others if _DECIMALS.fullmatch(other)]
    alike = sum(len(after) == digits for after in points)
    usual = len(points) >= max(FEWEST, MOSTLY * len(others))
    return usual and (alike >= MOSTLY * len(points) if digits < 3 else alike > 0 and not (digits == 3 and parted))


def _without_blanks(cell: WholeCell) -> WholeCell:
    def closed(part: PageCell) -> PageCell:
        lines = tuple(
            replace(line, text=line.text.replace(" ", ""), chars=tuple(c for c in line.chars if c.text.strip()))
            for line in part.lines
        )
        return replace(part, lines=lines)

    parts = tuple((page, closed(part)) for page, part in cell.parts)
    return replace(cell, text=cell.text.replace(" ", ""), parts=parts)


def _inner(text: str) -> str:
    """A number without the brackets or the % around it."""
    return text.strip().strip("()（）%％")


def _writes_groups(texts: Iterable[str]) -> bool:
    """Whether whole amounts are parted by commas, and none has three digits after its point for certain."""
    commas = decimals = 0
    for text in texts:
        commas += _PARTED.fullmatch(text) is not None
        thirds = _DECIMALS.fullmatch(text) is not None and len(text.rpartition(".")[2]) == 3
        decimals += thirds and _POINTED.fullmatch(text) is None
    return commas >= FEWEST and not decimals


def _wanted(text: str, column: Sequence[str], *, parted: bool) -> str:
    """A number as its column writes them."""
    if _SIGNED.fullmatch(text) and _STRANGE.intersection(text):
        front, cents = text[:-3], text[-2:]
        told = "".join("," if char in _SIGNS else char for char in front) + "." + cents
        usual = sum(_CENTS.fullmatch(other) is not None for other in column)
        return told if _CENTS.fullmatch(told) and usual >= max(FEWEST, MOSTLY * len(column)) else text
    if parted and "." in text and _POINTED.fullmatch(text):
        whole = sum(_PARTED.fullmatch(other) is not None for other in column)
        pointed = any(_DECIMALS.fullmatch(other) and not _POINTED.fullmatch(other) for other in column)
        return text.replace(".", ",") if whole and not pointed else text
    return text


def _with(cell: WholeCell, wanted: str) -> WholeCell:
    text = _inner(cell.text)
    chars = read_chars(cell)
    if wanted == text or len(wanted) != len(text) or not chars:
        return cell
    before = "".join(char.text for char in chars).index(text) if text in cell.text else 0
    steps = [Step(before + k, new) for k, (new, old) in enumerate(zip(wanted, text, strict=True)) if new != old]
    return amended(cell, steps, LIKELY)
