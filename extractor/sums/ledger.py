"""A table as its sums see it: exact numbers at their places, header cells as trees, rows with their labels.

Works on anything that has a result table's fields, so that the same finder reads results, truth and drawn tables.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal, Protocol

from extractor.kinds.forms import Placed, is_numbering_row


class Written(Placed, Protocol):
    """A cell with its meaning; `extractor.result.Cell` is one."""

    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> str | None: ...


class Summed(Protocol):
    """A table with its meaning; `extractor.result.Table` is one."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def form(self) -> str | None: ...
    @property
    def n_rows(self) -> int: ...
    @property
    def n_cols(self) -> int: ...
    @property
    def header_rows(self) -> int: ...
    @property
    def cells(self) -> Sequence[Written]: ...


Place = tuple[str, int, int]  # table, row, column where a cell begins
Rule = Literal["row_total", "column_total", "code_rollup", "balance", "part_of", "ratio", "cross_table"]
Relation = Literal["equals", "at_most"]

# 元 in a unit of money.
IN_YUAN = {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10_000), "百万元": Decimal(1_000_000),
           "亿元": Decimal(100_000_000)}  # fmt: skip
# What a reader takes a digit for, and the digit.
LOOK_ALIKE = {"O": "0", "o": "0", "Q": "0", "D": "0", "C": "0", "c": "0", "U": "0", "l": "1", "I": "1", "|": "1",
              "J": "3", "S": "5", "B": "8", "G": "6", "b": "6", "Z": "2", "z": "2", "g": "9", "!": "1"}  # fmt: skip

_NONE = re.compile(r"^[-—–―−~·.*/]*$")  # what forms print for nothing
# Digits with whatever a reader took others for, no Chinese; at least half of them digits.
_GARBLED = re.compile(r"^(?=.*\d)[^\u4e00-\u9fff%]{2,20}$")
_TOTAL = re.compile(r"(?:合计|总计|小计|总额|共计)$")
_WORN_TOTAL = re.compile(r"^.?[计汁讨]$|^[小合总][于针什订许让认汗]?$")
_WITHOUT = re.compile(r"[(（][^()（）]*[)）]$|[:：]$")
_REMARK = re.compile(r"备注|说明|原因|依据|方式|用途|计量|级次|性质$|^单位$|情况$")
_SHARE_HEAD = re.compile(r"[%％]|百分比|占比|比重|(?:增长|增减|增幅|变动|执行|完成)率|增幅")
_SERIAL = re.compile(r"^(?:序号|行次|行号)$")


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell: its text without white space, its number if it is one, and whether it says nothing."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    value: Decimal | None
    percent: bool

    @property
    def empty(self) -> bool:
        return self.value is None and bool(_NONE.match(self.text))


@dataclass(frozen=True, slots=True)
class Head:
    """A header cell over columns `start` … `stop` - 1, with those under it. A leaf has none."""

    text: str
    start: int
    stop: int
    under: tuple[Head, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """Columns of a table that belong together: labels and the amounts to their right."""

    labels: tuple[int, ...]
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """`at` maps every grid position to the cell that covers it. `body`: the first row after the header.

    `step`: one unit of the last printed digit of the table's amounts.
    """

    table: Summed
    body: int
    at: dict[tuple[int, int], Entry]
    heads: tuple[Head, ...]
    amounts: frozenset[int]
    percents: frozenset[int]
    serials: frozenset[int]
    step: Decimal

    def number(self, row: int, col: int) -> Entry | None:
        """The number that begins at a place, or None."""
        entry = self.at.get((row, col))
        return entry if entry is not None and entry.value is not None and (entry.row, entry.col) == (row, col) else None

    def garbled(self, row: int, col: int) -> bool:
        """Whether what begins at a place among amounts is meant to be a number but reads as none (64:00)."""
        entry = self.at.get((row, col))
        if entry is None or entry.value is not None or (entry.row, entry.col) != (row, col):
            return False
        return bool(_GARBLED.match(entry.text)) and 2 * sum(c.isdigit() for c in entry.text) >= len(entry.text)

    def text(self, row: int, col: int) -> str:
        return _text(self.at, row, col)

    def rows(self) -> range:
        return range(self.body, self.table.n_rows)

    def entries(self) -> list[Entry]:
        """Every cell once, in the order of the table's cells."""
        return list({id(entry): entry for entry in self.at.values()}.values())

    def leaves(self) -> list[tuple[Head, tuple[Head, ...]]]:
        """The header's lowest cells, each with those above it."""
        return list(_leaves(self.heads))


def folded(text: str) -> str:
    """Text without white space, full-width characters as plain ones."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def is_total(text: str) -> bool:
    """Whether a label or head names a sum: 合计, 收入总计, 资产总额（万元）, 资金总额：; worn ones too (4计, 小于)."""
    if len(text) <= 2 and _WORN_TOTAL.match(text):
        return True
    return bool(_TOTAL.search(_WITHOUT.sub("", text)) or _TOTAL.search(text))


def is_remark(text: str) -> bool:
    return bool(_REMARK.search(text))


def read_ledger(table: Summed) -> Ledger:
    entries = [_entry(cell) for cell in table.cells]
    at = {
        (row, col): entry
        for entry in entries
        for row in range(entry.row, entry.row + entry.row_span)
        for col in range(entry.col, entry.col + entry.col_span)
    }
    body = min(table.header_rows, table.n_rows)
    while 0 < body < table.n_rows - 1 and _numbers_columns([e for e in entries if e.row == body]):
        body += 1
    below = [entry for entry in entries if entry.row >= body]
    numbers = [entry for entry in below if entry.value is not None]
    heads = _heads(table, at, min(table.header_rows, body))
    percents = frozenset(
        col
        for col in range(table.n_cols)
        if (own := [e for e in numbers if e.col == col])
        and (2 * sum(e.percent for e in own) >= len(own) or _heads_shares(heads, col))
    )
    amounts = frozenset(entry.col for entry in numbers) - percents
    amounts -= _codes(entries, amounts, body)
    serials = frozenset(
        col for col in range(table.n_cols) if any(_SERIAL.match(_text(at, row, col)) for row in range(max(body, 1)))
    )
    usual = _usual_decimals([e.value for e in numbers if e.value is not None and not e.percent])
    return Ledger(
        table, body, at, heads, amounts - serials, percents, serials, Decimal(1).scaleb(-usual)
    )


def _heads_shares(heads: Sequence[Head], col: int) -> bool:
    """Whether a column's own head says that its numbers are percentages, printed with or without their sign."""
    return any(leaf.start == col and _SHARE_HEAD.search(leaf.text) for leaf, _ in _leaves(heads))


def _numbers_columns(row: Sequence[Entry]) -> bool:
    """Whether a row of the body is a worn row of column numbers (1, 2, 3 …) that the header did not claim."""
    values = [entry.value for entry in row if entry.value is not None]
    steps = [b - a for a, b in pairwise(values)]
    return len(values) >= 3 and values[0] <= 3 and all(1 <= step <= 2 for step in steps)


def _codes(entries: Sequence[Entry], amounts: frozenset[int], body: int) -> frozenset[int]:
    """Number columns left of the first column of words: codes or line numbers whose head could not be read."""
    words: Counter[int] = Counter(
        e.col for e in entries if e.row >= body and e.value is None and len(re.sub(r"[^\u4e00-\u9fff]", "", e.text)) > 1
    )
    first = min((col for col, n in words.items() if n > 1), default=-1)
    whole = {
        col for col in amounts if col < first and all(e.value == e.value.to_integral_value() and "," not in e.text
        for e in entries if e.col == col and e.row >= body and e.value is not None)
    }  # fmt: skip
    return frozenset(whole)


def _text(at: dict[tuple[int, int], Entry], row: int, col: int) -> str:
    entry = at.get((row, col))
    return entry.text if entry is not None else ""


def _entry(cell: Written) -> Entry:
    text = folded(cell.text)
    value = Decimal(cell.value) if cell.kind == "number" and cell.value is not None else None
    return Entry(cell.row, cell.col, cell.row_span, cell.col_span, text, value, text.endswith("%"))


def _usual_decimals(values: Sequence[Decimal]) -> int:
    """Most digits after the point, of one number only where the table has few: a misread point is no finer unit."""
    counted = Counter(decimals(value) for value in values)
    return max((d for d, n in counted.items() if n > 1 or len(values) < 8), default=0)


def decimals(value: Decimal) -> int:
    """Digits after the point."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _heads(table: Summed, at: dict[tuple[int, int], Entry], body: int) -> tuple[Head, ...]:
    """The header as a forest, without the row that numbers the columns."""
    if body and is_numbering_row([cell for cell in table.cells if cell.row == body - 1 and cell.row_span == 1]):
        body -= 1

    def level(row: int, start: int, stop: int) -> tuple[Head, ...]:
        out: list[Head] = []
        col = start
        while col < stop:
            entry = at.get((row, col))
            end = min(stop, entry.col + entry.col_span) if entry is not None else col + 1
            below = row + 1 if entry is None else entry.row + entry.row_span
            under = level(below, col, end) if below < body else ()
            # A head over one head of the same width is one head with two names.
            own = entry.text if entry is not None else ""
            if len(under) == 1:
                own, under = own + under[0].text, under[0].under
            out.append(Head(own, col, end, under))
            col = end
        return tuple(out)

    return level(0, 0, table.n_cols) if body > 0 else ()


def _leaves(heads: Sequence[Head], above: tuple[Head, ...] = ()) -> Iterator[tuple[Head, tuple[Head, ...]]]:
    for head in heads:
        if head.under:
            yield from _leaves(head.under, (*above, head))
        else:
            yield head, above


def sides(ledger: Ledger) -> tuple[Side, ...]:
    """Runs of label columns with the amount columns to their right; remarks and serial numbers belong to none."""
    out: list[Side] = []
    labels: list[int] = []
    amounts: list[int] = []
    for col in range(ledger.table.n_cols):
        if col in ledger.serials:
            continue
        if col in ledger.amounts or (amounts and _says_nothing(ledger, col)):
            amounts.append(col)
        elif col not in ledger.percents:
            if amounts and not _names_rows(ledger, col):
                continue
            if amounts:
                out.append(Side(tuple(labels), tuple(c for c in amounts if c in ledger.amounts)))
                labels, amounts = [], []
            labels.append(col)
    if amounts:
        out.append(Side(tuple(labels), tuple(c for c in amounts if c in ledger.amounts)))
    return tuple(out)


def _says_nothing(ledger: Ledger, col: int) -> bool:
    """A column among amounts that says nothing: empty, or dashes all the way down."""
    return all((entry := ledger.at.get((row, col))) is None or entry.empty for row in ledger.rows())


def _names_rows(ledger: Ledger, col: int) -> bool:
    """Whether a column of words to the right of amounts opens another side (支出 beside 收入), not remarks."""
    heads = [text for row in range(ledger.body) if (text := ledger.text(row, col)) and not text.isdigit()]
    if heads and is_remark(heads[-1]):
        return False
    words = [text for row in ledger.rows() if (text := ledger.text(row, col)) and ledger.at[row, col].col == col]
    named = bool(re.search("项目|支出|收入|科目|功能", "".join(heads)))
    return len(words) >= 2 and (named or any(is_total(text) for text in words))
