"""Judged cells for calibration: every cell of a document with its signs and whether text and place are right."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from bench.pages import PAGES, read_pages
from bench.score import Cell, Table, fold, pair, read_table, tiles
from extractor.assemble import understand
from extractor.elements import PageResult
from extractor.joining.meaning import MeantTable
from extractor.trust.signs import CellSigns, SignedTable, TableSigns

ALIKE = 0.5  # likeness of two texts below which one is no misreading of the other
MOVED = 0.05  # share of a table's cells that stand where others belong, from which on the table is astray


@dataclass(frozen=True, slots=True)
class JudgedCell:
    """`place`: a truth cell has the same row, column and spans and is this cell. `text`: its text is the same.

    Where rows or columns moved, another cell's place may be met by chance: a text that belongs to another truth
    cell was read right and stands wrong. counted: the score counts the cell: it says something, or should.
    """

    signs: CellSigns
    place: bool
    text: bool
    counted: bool


@dataclass(frozen=True, slots=True)
class JudgedTable:
    signs: TableSigns
    exact: bool
    cells: tuple[JudgedCell, ...]


def judge_document(pages: Sequence[PageResult], truths: Sequence[Table]) -> list[JudgedTable]:
    """A document's tables from its pages, each cell judged by the score's own rule."""
    signed = understand(pages).signed
    given = [_plain(table) for table, _ in signed]
    tiled = [i for i, table in enumerate(given) if tiles(table)]
    matched = pair(truths, [given[i] for i in tiled])
    truth_of = {tiled[j]: truth for truth, j in zip(truths, matched, strict=True) if j is not None}
    return [
        _judged(table, truth_of.get(i), signs) for i, (table, (_, signs)) in enumerate(zip(given, signed, strict=True))
    ]


def _plain(table: MeantTable) -> Table:
    cells = tuple(Cell((c.row, c.col, c.row_span, c.col_span), c.text, rated=True) for c in table.cells)
    return Table("", "", cells)


def _judged(given: Table, truth: Table | None, signs: SignedTable) -> JudgedTable:
    wanted = {} if truth is None else {cell.place: _told(cell.text) for cell in truth.cells}
    texts = Counter(wanted.values())
    said = [_told(cell.text) for cell in given.cells]
    met = [wanted.get(cell.place) for cell in given.cells]
    moved = [
        words is not None and own != words and len(own) > 1 and texts[own] > 0 and likeness_of(own, words) < ALIKE
        for own, words in zip(said, met, strict=True)
    ]
    # Cells that came back empty where others moved have lost their text to a neighbour.
    astray = sum(moved) > MOVED * len(moved)
    cells = []
    for own, words, elsewhere, sign in zip(said, met, moved, signs.cells, strict=True):
        right = words is not None and own == words
        placed = words is not None and not elsewhere and (right or not astray)
        cells.append(JudgedCell(sign, placed, right, bool(own or words)))
    return JudgedTable(signs.table, wanted.keys() == {cell.place for cell in given.cells}, tuple(cells))


def _told(text: str) -> str:
    """As the score compares texts; a minus sign is a hyphen too, for no sign of a reading can tell them apart."""
    return fold(text).replace("\N{MINUS SIGN}", "-")


def likeness_of(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


@dataclass(frozen=True, slots=True)
class Document:
    """A judged document."""

    name: str
    level: str
    pages: int
    tables: tuple[JudgedTable, ...]


def judged_documents(folder: Path) -> list[Document]:
    """All documents of a folder whose pages were extracted (`bench.pages`), judged against their truth."""
    out = []
    for file in sorted(folder.glob(f"*{PAGES}")):
        name = file.name.removesuffix(PAGES)
        truth = json.loads((folder / f"{name}.truth.json").read_text("utf8"))
        pages = read_pages(file)
        tables = judge_document(pages, [read_table(t) for t in truth["tables"]])
        out.append(Document(name, truth["level"], len(pages), tuple(tables)))
    return out
