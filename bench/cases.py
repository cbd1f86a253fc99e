"""Judged cells for calibration: every cell of a document with its signs and whether text and place are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.score import Cell, Table, fold, pair, tiles
from extractor.assemble import whole_tables
from extractor.elements import PageResult
from extractor.overpages import WholeTable
from extractor.signs import CellSigns, SignedTable, TableSigns


@dataclass(frozen=True, slots=True)
class JudgedCell:
    """`place`: a truth cell has the same row, column and spans. `text`: its text is the same (False without one).

    counted: the score counts it: it says something, or should.
    """

    signs: CellSigns
    place: bool
    text: bool
    counted: bool
    said: str = ""
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class JudgedTable:
    signs: TableSigns
    exact: bool
    cells: tuple[JudgedCell, ...]


def judge_document(pages: Sequence[PageResult], truths: Sequence[Table]) -> list[JudgedTable]:
    """A document's tables from its pages, each cell judged by the score's own rule."""
    whole, signed = whole_tables(pages)
    given = [_plain(table) for table in whole]
    tiled = [i for i, table in enumerate(given) if tiles(table)]
    matched = pair(truths, [given[i] for i in tiled])
    truth_of = {tiled[j]: truth for truth, j in zip(truths, matched, strict=True) if j is not None}
    return [_judged(table, truth_of.get(i), signs) for i, (table, signs) in enumerate(zip(given, signed, strict=True))]


def _plain(table: WholeTable) -> Table:
    cells = tuple(Cell((c.row, c.col, c.row_span, c.col_span), c.text, rated=True) for c in table.cells)
    return Table("", "", cells)


def _judged(given: Table, truth: Table | None, signs: SignedTable) -> JudgedTable:
    wanted = {} if truth is None else {cell.place: cell for cell in truth.cells}
    cells = []
    for cell, own in zip(given.cells, signs.cells, strict=True):
        other = wanted.get(cell.place)
        said, words = fold(cell.text), "" if other is None else fold(other.text)
        cells.append(
            JudgedCell(own, other is not None, other is not None and said == words, bool(said or words), said, words)
        )
    return JudgedTable(signs.table, wanted.keys() == {cell.place for cell in given.cells}, tuple(cells))
