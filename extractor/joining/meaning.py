"""Whole tables with what their cells mean: header rows, kinds, values, unit, statutory form. Before any confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractor.joining.overpages import WholeCell, WholeTable
from extractor.kinds.forms import Kind, form_name, header_rows, kinds, unit_in_header
from extractor.kinds.headings import bare
from extractor.kinds.statutory import FormKind, kind_by_title, kind_by_words


@dataclass(frozen=True, slots=True)
class MeantCell:
    """A cell with its kind and, of a number, its value.

    `read_as`: what was read, where sums corrected the text; `odds`: of the corrected text to it, by the pixels alone.
    """

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    kind: Kind
    value: str | None
    whole: WholeCell
    read_as: str | None = None
    odds: float | None = None


@dataclass(frozen=True, slots=True)
class MeantTable:
    id: str
    title: str | None
    unit: str | None
    form: str | None
    n_rows: int
    n_cols: int
    header_rows: int
    cells: tuple[MeantCell, ...]
    whole: WholeTable
    form_kind: FormKind | None = None


def meanings(tables: Sequence[WholeTable]) -> list[MeantTable]:
    """The tables t1, t2 … of a document, in its order."""
    return [_meant(f"t{i}", table) for i, table in enumerate(tables, start=1)]


def _meant(name: str, table: WholeTable) -> MeantTable:
    headers = header_rows(table.cells, table.n_rows)
    named = kinds(table.cells, table.n_rows, table.n_cols, headers)
    top = [cell for cell in table.cells if cell.row < max(headers, 1)]
    cells = tuple(
        MeantCell(cell.row, cell.col, cell.row_span, cell.col_span, cell.text, kind, value, cell)
        for cell, (kind, value) in zip(table.cells, named, strict=True)
    )
    return MeantTable(
        name, table.first.title, table.first.unit or unit_in_header(top), form_name(table.first.title),
        table.n_rows, table.n_cols, headers, cells, table, _kind(table, headers),
    )


_FIRST_ROWS = 12  # in which a table without a title says what it is about


def _kind(table: WholeTable, headers: int) -> FormKind | None:
    """By the title; a table without one by its words."""
    if table.first.title:
        return kind_by_title(bare(table.first.title))
    heads = [bare(c.text) for c in table.cells if c.row < max(headers, 1) and c.text]
    labels = [bare(c.text) for c in table.cells if headers <= c.row < headers + _FIRST_ROWS and c.text]
    return kind_by_words(heads, labels)
