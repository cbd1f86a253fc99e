"""Pages into a document: tables over pages joined, named and scored, coordinates rounded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, Protocol, TypeVar

from extractor.calibration import Calibration
from extractor.confidence import Belief, TableBelief, believe, line_confidence
from extractor.elements import Box, PageResult, Warn
from extractor.forms import Kind, form_name, header_rows, identity, kinds, unit_in_header
from extractor.headings import find_organization, find_year
from extractor.orphans import with_orphaned_titles
from extractor.overpages import WholeCell, WholeTable, join_over_pages
from extractor.result import (
    BBox,
    Cell,
    Document,
    DocumentInfo,
    Engine,
    Line,
    Page,
    Parts,
    Region,
    Table,
    Warning_,
)
from extractor.running import without_running_heads
from extractor.signs import SignedTable, signs_of

T = TypeVar("T")

_IDENTITY_ROWS = 4  # rows in which a form says whom it is about
_COVER_PAGES = 3  # pages on which a document says whom and which year it is about


class SourceInfo(Protocol):
    """What a result says about the file it was made from; `extractor.documents.Source` is one."""

    @property
    def sha256(self) -> str: ...
    @property
    def filename(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def n_pages(self) -> int: ...


def build_document(
    source: SourceInfo,
    pages: Sequence[PageResult],
    engine: Engine,
    warnings: Iterable[Warn] = (),
    calibration: Calibration | None = None,
) -> Document:
    """The result of a document from its pages' results, in page order.

    Tables that run over pages are one. Confidences come from `confidence.py` (without a calibration, reasoned
    ones); they are rounded down, so that none becomes 1.0 by rounding.
    """
    ordered = sorted(pages, key=lambda page: page.number)
    sizes = {page.number: Box(0.0, 0.0, page.width, page.height) for page in ordered}
    whole, signed = whole_tables(ordered)
    tables = [
        _table(f"t{i}", table, believe(table, signs, calibration), sizes)
        for i, (table, signs) in enumerate(zip(whole, signed, strict=True), start=1)
    ]
    info = DocumentInfo(
        sha256=source.sha256,
        filename=source.filename,
        media_type=source.media_type,
        n_pages=source.n_pages,
        kind=_kind(ordered),
        organization=_organization(whole, ordered),
        fiscal_year=_fiscal_year(whole, ordered),
    )
    return Document(
        engine=engine,
        document=info,
        pages=[_page(page) for page in ordered],
        tables=tables,
        warnings=[_warning(w) for w in warnings],
    )


def whole_tables(ordered: Sequence[PageResult]) -> tuple[tuple[WholeTable, ...], tuple[SignedTable, ...]]:
    """A document's tables from its pages in order, and what speaks for and against them."""
    whole = join_over_pages(with_orphaned_titles(without_running_heads(ordered)))
    return whole, signs_of(whole, [header_rows(table.cells, table.n_rows) for table in whole])


def _kind(pages: Sequence[PageResult]) -> Literal["scanned", "digital", "mixed"]:
    sources = {page.source for page in pages if page.width} or {page.source for page in pages}
    if sources == {"text"}:
        return "digital"
    return "scanned" if "text" not in sources else "mixed"


def _most(found: Iterable[T | None]) -> T | None:
    """The most frequent of what was found, the first among equals."""
    counted = Counter(one for one in found if one is not None)
    return counted.most_common(1)[0][0] if counted else None


def _organization(tables: Sequence[WholeTable], pages: Sequence[PageResult]) -> str | None:
    """As printed above the tables, else as filled into the forms, else as named on the first pages."""
    named = _most(table.first.organization for table in tables)
    if named is not None:
        return named
    filled = [
        value
        for table in tables
        for row in range(min(table.n_rows, _IDENTITY_ROWS))
        for label, value in identity(table.cells, row)
        if any(word in label for word in ("主管部门", "部门(单位)", "部门名称", "单位名称"))
    ]
    return _most(filled) or next((n for line in _cover(pages) if (n := find_organization(line))), None)


def _fiscal_year(tables: Sequence[WholeTable], pages: Sequence[PageResult]) -> int | None:
    named = _most(table.first.fiscal_year for table in tables)
    return named if named is not None else next((y for line in _cover(pages) if (y := find_year(line))), None)


def _cover(pages: Sequence[PageResult]) -> list[str]:
    return [line.text for page in pages[:_COVER_PAGES] for line in page.lines]


def _page(page: PageResult) -> Page:
    return Page(
        number=page.number,
        width=_points(page.width),
        height=_points(page.height),
        rotation=_quarter(page.rotation),
        skew=round(page.skew, 3),
        source="text" if page.source == "text" else "scan",
        lines=[
            Line(text=line.text, bbox=_bbox(line.box), confidence=_down(line_confidence(line.p))) for line in page.lines
        ],
        warnings=[_warning(w) for w in page.warnings],
    )


def _quarter(degrees: int) -> Literal[0, 90, 180, 270]:
    turns: tuple[Literal[0, 90, 180, 270], ...] = (0, 90, 180, 270)
    return turns[round(degrees / 90) % 4]


def _warning(warn: Warn) -> Warning_:
    return Warning_(code=warn.code, detail=warn.detail)


def _table(name: str, table: WholeTable, belief: TableBelief, sizes: dict[int, Box]) -> Table:
    headers = header_rows(table.cells, table.n_rows)
    named = kinds(table.cells, table.n_rows, table.n_cols, headers)
    top = [cell for cell in table.cells if cell.row < max(headers, 1)]
    return Table(
        id=name,
        pages=list(table.pages),
        title=table.first.title,
        unit=table.first.unit or unit_in_header(top),
        form=form_name(table.first.title),
        structure=_structure(table.first.structure),
        n_rows=table.n_rows,
        n_cols=table.n_cols,
        header_rows=headers,
        confidence=_down(belief.grid),
        cells=[
            _cell(cell, kind, value, own, sizes)
            for cell, (kind, value), own in zip(table.cells, named, belief.cells, strict=True)
        ],
        checks=[],
    )


def _structure(name: str) -> Literal["ruled", "partly_ruled", "borderless"]:
    if name == "borderless":
        return "borderless"
    return "partly_ruled" if name == "partly_ruled" else "ruled"


def _cell(cell: WholeCell, kind: Kind, value: str | None, belief: Belief, sizes: dict[int, Box]) -> Cell:
    number, first = cell.parts[0]
    corners = [(_points(p.x), _points(p.y)) for p in first.polygon]
    regions = [Region(page=n, bbox=_bbox(_within(c.box, sizes[n]))) for n, c in cell.parts]
    return Cell(
        row=cell.row,
        col=cell.col,
        row_span=cell.row_span,
        col_span=cell.col_span,
        text=cell.text,
        kind=kind,
        value=value,
        page=number,
        bbox=_bbox(_within(first.box, sizes[number])),
        polygon=(corners[0], corners[1], corners[2], corners[3]),
        regions=regions if len(regions) > 1 else [],
        confidence=_down(belief.both),
        parts=Parts(text=_down(belief.text), place=_down(belief.place)),
        flags=list(cell.flags),
    )


def _within(box: Box, page: Box) -> Box:
    """The box cut to its page, where something of it is left: a flattened photograph can lead outside."""
    cut = Box(max(box.x0, page.x0), max(box.y0, page.y0), min(box.x1, page.x1), min(box.y1, page.y1))
    return cut if cut.x0 < cut.x1 and cut.y0 < cut.y1 else box


def _bbox(box: Box) -> BBox:
    return (_points(box.x0), _points(box.y0), _points(box.x1), _points(box.y1))


def _points(value: float) -> float:
    return round(value, 2)


def _down(probability: float) -> float:
    """Four decimals, rounded down and kept within 0..1."""
    return math.floor(min(1.0, max(0.0, probability)) * 10_000) / 10_000
