"""A printed form and its truth: what stands in which cell, before any style is chosen.

A form is content only. `style` says how it looks, `print` puts it on paper, `age` wears it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypedDict

CellClass = Literal["h", "n", "t"]


class TruthCell(TypedDict):
    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    cls: str


class TruthTable(TypedDict):
    title: str
    unit: str
    form: str
    family: str
    n_rows: int
    n_cols: int
    header_rows: int
    cells: list[TruthCell]


class Truth(TypedDict):
    """What a document's NAME.truth.json holds. `level` names the ageing, `pages` how many were printed."""

    document: str
    level: str
    seed: int
    pages: int
    organization: str
    fiscal_year: int
    forms: list[str]
    tables: list[TruthTable]


@dataclass(frozen=True, slots=True)
class Mark:
    """A cell as a form's writer puts it down: text, class (h label, n number, t text) and spans.

    `indent` is in full-width characters and belongs to the print, not to the truth. `align` is
    left, center, right or "" for what the style chooses by class.
    """

    text: str
    cls: CellClass
    row_span: int = 1
    col_span: int = 1
    indent: int = 0
    bold: bool = False
    align: str = ""
    header: bool = False


def h(text: str, rs: int = 1, cs: int = 1, *, indent: int = 0, bold: bool = False, align: str = "") -> Mark:
    """A label."""
    return Mark(text, "h", rs, cs, indent, bold, align)


def head(text: str, rs: int = 1, cs: int = 1) -> Mark:
    """A cell of the header rows."""
    return Mark(text, "h", rs, cs, 0, False, "center", True)


def n(text: str, rs: int = 1, cs: int = 1, *, align: str = "") -> Mark:
    """A number (or what stands in a number's place)."""
    return Mark(text, "n", rs, cs, 0, False, align)


def t(text: str, rs: int = 1, cs: int = 1, *, align: str = "") -> Mark:
    """Running text."""
    return Mark(text, "t", rs, cs, 0, False, align)


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark at its place in the grid."""

    row: int
    col: int
    mark: Mark

    def positions(self) -> Iterator[tuple[int, int]]:
        for r in range(self.row, self.row + self.mark.row_span):
            for c in range(self.col, self.col + self.mark.col_span):
                yield r, c


class Untileable(ValueError):
    """A form's rows do not tile their grid: a mistake of the form's writer."""


def lay(rows: Sequence[Sequence[Mark]]) -> tuple[Placed, ...]:
    """Places for marks written row by row, as HTML lays out a table.

    Raises Untileable when the marks overlap, leave a hole, or when a row or column border of the grid
    is no cell's border (nobody could read such a border off the paper).
    """
    taken: set[tuple[int, int]] = set()
    placed: list[Placed] = []
    for r, row in enumerate(rows):
        c = 0
        for mark in row:
            while (r, c) in taken:
                c += 1
            spot = Placed(r, c, mark)
            covered = set(spot.positions())
            if covered & taken:
                raise Untileable(f"row {r}: {mark.text!r} overlaps")
            taken |= covered
            placed.append(spot)
            c += mark.col_span
    n_rows, n_cols = len(rows), 1 + max(c for _, c in taken)
    if len(taken) != n_rows * n_cols or max(r for r, _ in taken) >= n_rows:
        raise Untileable(f"{len(taken)} positions of {n_rows} x {n_cols}")
    if {p.row for p in placed} != set(range(n_rows)):
        raise Untileable("a row in which no cell begins")
    if {p.col for p in placed} != set(range(n_cols)):
        raise Untileable("a column in which no cell begins")
    return tuple(placed)


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `above` are lines over the table, each (left, middle, right); `notes` stand below it.

    widths: relative column widths. header_rows: leading rows that may be printed again on the next
    page. tag: a number such as 表3 or 公开02表 and the side of the title on which it stands.
    """

    family: str
    name: str
    title: str
    unit: str
    cells: tuple[Placed, ...]
    n_rows: int
    n_cols: int
    header_rows: int
    widths: tuple[float, ...]
    landscape: bool = False
    above: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()
    tag: str = ""
    statutory: bool = True

    def truth(self) -> TruthTable:
        return {
            "title": self.title,
            "unit": self.unit,
            "form": self.name,
            "family": self.family,
            "n_rows": self.n_rows,
            "n_cols": self.n_cols,
            "header_rows": self.header_rows,
            "cells": [
                {
                    "row": p.row,
                    "col": p.col,
                    "row_span": p.mark.row_span,
                    "col_span": p.mark.col_span,
                    "text": p.mark.text.strip(),
                    "cls": p.mark.cls,
                }
                for p in self.cells
            ],
        }


@dataclass(slots=True)
class Sheet:
    """Rows of marks being written; `form` checks and freezes them."""

    rows: list[list[Mark]] = field(default_factory=list)

    def row(self, *marks: Mark) -> None:
        self.rows.append(list(marks))

    def form(
        self,
        *,
        family: str,
        name: str,
        title: str,
        unit: str,
        widths: Sequence[float],
        header_rows: int,
        landscape: bool = False,
        above: Sequence[tuple[str, str, str]] = (),
        notes: Sequence[str] = (),
        tag: str = "",
        statutory: bool = True,
    ) -> Form:
        cells = lay(self.rows)
        n_cols = 1 + max(c for p in cells for _, c in p.positions())
        if len(widths) != n_cols:
            raise Untileable(f"{family}: {len(widths)} widths for {n_cols} columns")
        return Form(
            family=family,
            name=name,
            title=title,
            unit=unit,
            cells=cells,
            n_rows=len(self.rows),
            n_cols=n_cols,
            header_rows=header_rows,
            widths=tuple(widths),
            landscape=landscape,
            above=tuple(above),
            notes=tuple(notes),
            tag=tag,
            statutory=statutory,
        )


def starts_of(sheet: Sheet) -> list[list[int]]:
    """Each mark's first grid column, as rows are laid out."""
    taken: set[tuple[int, int]] = set()
    out: list[list[int]] = []
    for r, row in enumerate(sheet.rows):
        c, starts = 0, []
        for mark in row:
            while (r, c) in taken:
                c += 1
            starts.append(c)
            taken |= {(r + i, c + j) for i in range(mark.row_span) for j in range(mark.col_span)}
            c += mark.col_span
        out.append(starts)
    return out


def without_hidden_columns(sheet: Sheet, widths: Sequence[float]) -> tuple[Sheet, list[float]]:
    """The sheet without grid columns in which no cell begins, and its widths: no border would show them."""
    every = starts_of(sheet)
    used = sorted({start for starts in every for start in starts})
    where = {start: i for i, start in enumerate([*used, len(widths)])}
    rows = [
        [replace(mark, col_span=where[at + mark.col_span] - where[at]) for mark, at in zip(row, starts, strict=True)]
        for row, starts in zip(sheet.rows, every, strict=True)
    ]
    return Sheet(rows), [sum(widths[a:b]) for a, b in zip(used, [*used[1:], len(widths)], strict=True)]
