"""A level stroke alone in its cell: the numeral 一 where others are numbered by hand, else the dash of a blank item.

No reader tells 一 from — without company. A form dashes the cells that do not apply (a self-evaluation's funds carried
over); 一 alone numbers something, and then 二 stands in its column or row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from extractor.joining.overpages import WholeCell, WholeTable
from extractor.kinds.headings import bare
from extractor.wording.amended import Step, amended, read_chars

STROKE, DASH = "一", "—"
NUMERALS = frozenset("二三四五六七八九十")
LIKELY = 0.95  # probability of a dash where nothing is numbered


def with_dashes_settled(tables: Sequence[WholeTable]) -> list[WholeTable]:
    """The tables with a lone 一 as a dash where no other numeral stands alone in its column or row."""
    return [_settled(table) for table in tables]


def _settled(table: WholeTable) -> WholeTable:
    if not any(bare(cell.text) == STROKE for cell in table.cells):
        return table
    rows: dict[int, bool] = defaultdict(bool)
    columns: dict[int, bool] = defaultdict(bool)
    for cell in table.cells:
        text = bare(cell.text)
        if text in NUMERALS:
            rows[cell.row] = columns[cell.col] = True
    return replace(table, cells=tuple(
        _dashed(cell) if bare(cell.text) == STROKE and not (rows[cell.row] or columns[cell.col]) else cell
        for cell in table.cells
    ))


def _dashed(cell: WholeCell) -> WholeCell:
    return amended(cell, [Step(0, DASH)], LIKELY) if read_chars(cell) else cell
