"""Pages into a document: tables over pages joined, named and scored, coordinates rounded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from extractor.elements import Box, PageResult, Warn
from extractor.joining.meaning import MeantCell, MeantTable, meanings
from extractor.joining.orphans import with_orphaned_titles
from extractor.joining.overpages import WholeTable, join_over_pages
from extractor.joining.running import with_words_above, without_running_heads
from extractor.joining.settling import settle_columns
from extractor.kinds.forms import identity
from extractor.kinds.headings import find_organization, find_year
from extractor.kinds.statutory import NAMES
from extractor.result import (
    BBox,
    Cell,
    CellRef,
    Check,
    Document,
    DocumentInfo,
    Engine,
    Goal,
    Line,
    Page,
    Parts,
    Region,
    Table,
    Term,
    Warning_,
)
from extractor.result import Indicator as WireIndicator
from extractor.sums.checks import find_sums
from extractor.sums.crosssums import cross_sums
from extractor.sums.evidence import Evidence, evidence
from extractor.sums.independence import doubtful_digits, unproved
from extractor.sums.indicators import Indicator, indicators
from extractor.sums.ledger import Place
from extractor.sums.promises import Promise
from extractor.sums.repairs import repaired
from extractor.trust.calibration import Calibration
from extractor.trust.confidence import Belief, TableBelief, believe, line_confidence
from extractor.trust.review import review
from extractor.trust.signing import signs_of
from extractor.trust.signs import SignedTable
from extractor.wording.codes import with_codes_settled
from extractor.wording.counting import with_counts_settled
from extractor.wording.lonedash import with_dashes_settled
from extractor.wording.separators import with_separators_settled
from extractor.wording.wordings import with_names_settled

T = TypeVar("T")

_IDENTITY_ROWS = 4  # rows in which a form says whom it is about
_COVER_PAGES = 3  # pages on which a document says whom and which year it is about


class SourceInfo(Protocol):
    """What a result says about the file it was made from; `extractor.source.documents.Source` is one."""

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
    *,
    repair: bool = True,
) -> Document:
    """The result of a document from its pages' results, in page order.

    With `repair`, numbers are corrected where sums determine them and the recogniser held them possible.

    Tables that run over pages are one. Confidences come from `confidence.py` (without a calibration, reasoned
    ones); they are rounded down, so that none becomes 1.0 by rounding.
    """
    ordered = sorted(pages, key=lambda page: page.number)
    sizes = {page.number: Box(0.0, 0.0, page.width, page.height) for page in ordered}
    said = understand(ordered, repair=repair)
    whole, beliefs = said.whole, [believe(table, signs, calibration) for table, signs in said.signed]
    tables = [
        _table(table, [s for s in said.sums if s.target[0] == table.id], said.seen, belief, sizes)
        for (table, _), belief in zip(said.signed, beliefs, strict=True)
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
        review=review(tables, [[cell.against for cell in belief.cells] for belief in beliefs]),
        warnings=[_warning(w) for w in warnings],
    )


@dataclass(frozen=True, slots=True)
class Understood:
    """All that a document says before any confidence: tables over pages, what they mean, their sums, and the signs."""

    whole: tuple[WholeTable, ...]
    sums: tuple[Promise, ...]
    seen: Mapping[Place, Evidence]
    signed: tuple[tuple[MeantTable, SignedTable], ...]


def understand(ordered: Sequence[PageResult], *, repair: bool = True) -> Understood:
    """Pages, in order, as a document's tables and what speaks for and against them.

    repair: whether texts in doubt are settled by the rest of the document and by sums; else all stays as read.
    """
    described = with_words_above(with_orphaned_titles(without_running_heads(ordered)))
    joined = join_over_pages(settle_columns(described))
    whole = settled(joined) if repair else joined
    meant = repaired(meanings(whole)) if repair else meanings(whole)
    sums = [*find_sums(meant), *cross_sums(meant)]
    digits = doubtful_digits(meant)
    seen = evidence(sums, lambda one: unproved(one, digits))
    signed = signs_of(meant, sums, seen, described)
    return Understood(tuple(whole), tuple(sums), seen, tuple(zip(meant, signed, strict=True)))


def settled(tables: Sequence[WholeTable]) -> list[WholeTable]:
    """The tables with what the recogniser left open settled by the rest of the document."""
    named = with_codes_settled(with_names_settled(tables))
    return with_separators_settled(with_dashes_settled(with_counts_settled(named)))


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


def _table(
    table: MeantTable,
    sums: Sequence[Promise],
    seen: Mapping[Place, Evidence],
    belief: TableBelief,
    sizes: dict[int, Box],
) -> Table:
    return Table(
        id=table.id,
        pages=list(table.whole.pages),
        title=table.title,
        unit=table.unit,
        form=table.form,
        form_type=None if table.form_kind is None else NAMES[table.form_kind],
        structure=_structure(table.whole.first.structure),
        n_rows=table.n_rows,
        n_cols=table.n_cols,
        header_rows=table.header_rows,
        confidence=_down(belief.grid),
        cells=[
            _cell(cell, seen.get((table.id, cell.row, cell.col)), own, sizes)
            for cell, own in zip(table.cells, belief.cells, strict=True)
        ],
        checks=[_check(one) for one in sums],
        indicators=[_indicator(table.id, one) for one in indicators(table)],
    )


def _indicator(table: str, one: Indicator) -> WireIndicator:
    level: Literal[1, 2, 3] = 1 if one.level == 1 else 2 if one.level == 2 else 3
    return WireIndicator(
        level=level,
        name=one.name,
        cell=CellRef(table=table, row=one.place[0], col=one.place[1]),
        under=[_indicator(table, below) for below in one.under],
        goals=[
            Goal(
                head=goal.head, text=goal.text, comparison=goal.comparison, value=goal.value, unit=goal.unit,
                cell=CellRef(table=table, row=goal.place[0], col=goal.place[1]),
            )
            for goal in one.goals
        ],
    )  # fmt: skip


def _check(one: Promise) -> Check:
    target, terms = _ref(one.target), [(_ref(part.place), part.factor) for part in one.terms]
    return Check(
        rule=one.rule,
        relation=one.relation,
        target=target,
        terms=[Term(table=at.table, row=at.row, col=at.col, factor=f"{factor.normalize():f}") for at, factor in terms],
        expected=f"{one.expected:f}",
        found=f"{one.found:f}",
        tolerance=f"{one.tolerance:f}",
        holds=one.holds,
    )


def _ref(place: Place) -> CellRef:
    return CellRef(table=place[0], row=place[1], col=place[2])


def _structure(name: str) -> Literal["ruled", "partly_ruled", "borderless"]:
    if name == "borderless":
        return "borderless"
    return "partly_ruled" if name in ("partly_ruled", "few_rules") else "ruled"


def _cell(meant: MeantCell, seen: Evidence | None, belief: Belief, sizes: dict[int, Box]) -> Cell:
    cell = meant.whole
    number, first = cell.parts[0]
    corners = [(_points(p.x), _points(p.y)) for p in first.polygon]
    regions = [Region(page=n, bbox=_bbox(_within(c.box, sizes[n]))) for n, c in cell.parts]
    return Cell(
        row=cell.row,
        col=cell.col,
        row_span=cell.row_span,
        col_span=cell.col_span,
        text=meant.text,
        kind=meant.kind,
        value=meant.value,
        page=number,
        bbox=_bbox(_within(first.box, sizes[number])),
        polygon=(corners[0], corners[1], corners[2], corners[3]),
        regions=regions if len(regions) > 1 else [],
        confidence=_down(belief.both),
        parts=Parts(
            text=_down(belief.text), place=_down(belief.place),
            checks=None if belief.checks is None else _down(belief.checks),
        ),
        flags=[
            *cell.flags,
            *(("sum_mismatch",) if seen is not None and seen.alone else ()),
            *(("corrected",) if meant.read_as is not None else ()),
        ],
        read_as=meant.read_as,
    )  # fmt: skip


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
