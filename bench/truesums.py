"""Truth tables with their meaning, and which of their numbers a sum determines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extractor.kinds.forms import form_name, header_rows, kinds, unit_in_header
from extractor.kinds.headings import bare
from extractor.kinds.statutory import FormKind, kind_by_title
from extractor.sums.checks import find_sums
from extractor.sums.crosssums import cross_sums

Spot = tuple[int, int, int]  # number of the table in its document (from 0), row and column where the cell begins


@dataclass(frozen=True, slots=True)
class TrueCell:
    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    kind: str = ""
    value: str | None = None


@dataclass(frozen=True, slots=True)
class TrueTable:
    """A truth table as the finder of sums takes tables; its id is its number in the document."""

    id: str
    title: str | None
    unit: str | None
    form: str | None
    n_rows: int
    n_cols: int
    header_rows: int
    cells: tuple[TrueCell, ...]
    form_kind: FormKind | None = None


def true_table(number: int, raw: Mapping[str, Any]) -> TrueTable:
    """A table of a truth file, as parsed from JSON; one that does not tell its header rows has them found."""
    bare_cells = [TrueCell(c["row"], c["col"], c["row_span"], c["col_span"], c["text"]) for c in raw["cells"]]
    headers = raw.get("header_rows")
    if headers is None:
        headers = header_rows(bare_cells, raw["n_rows"])
    meant = kinds(bare_cells, raw["n_rows"], raw["n_cols"], headers)
    cells = tuple(
        TrueCell(c.row, c.col, c.row_span, c.col_span, c.text, kind, value)
        for c, (kind, value) in zip(bare_cells, meant, strict=True)
    )
    title = raw.get("title") or None
    unit = raw.get("unit") or unit_in_header([c for c in cells if c.row < max(headers, 1)])
    return TrueTable(
        str(number), title, unit, form_name(title), raw["n_rows"], raw["n_cols"], headers, cells,
        kind_by_title(bare(title)) if title else None,
    )  # fmt: skip


def determined(truths: Sequence[Mapping[str, Any]]) -> frozenset[Spot]:
    """The numbers that some sum of the document determines: an equality that the printed numbers keep.

    A percentage is rounded too far to determine what it is made of.
    """
    tables = [true_table(k, raw) for k, raw in enumerate(truths)]
    return frozenset(
        (int(name), row, col)
        for one in (*find_sums(tables), *cross_sums(tables))
        if one.relation == "equals" and one.rule != "ratio" and one.holds
        for name, row, col in (one.target, *(part.place for part in one.terms))
    )
