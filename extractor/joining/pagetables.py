"""A page's filled grids as the tables of its result, in shown points, with what is printed above each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractor.elements import (
    Box,
    Frame,
    Grid,
    LooseTable,
    PageLine,
    PageTable,
    Point,
    Rule,
    TextEvidence,
    TextLine,
    bounds,
)
from extractor.geometry import share_inside
from extractor.kinds.titles import describe
from extractor.text.pagecells import page_cell

if TYPE_CHECKING:
    from extractor.unruled.openrows import OpenRows


@dataclass(frozen=True, slots=True)
class Filled:
    """A grid with its cells' lines and what their ink says; upright pixels. `rows`: of one without vertical rules."""

    grid: Grid
    lines: tuple[tuple[TextLine, ...], ...]
    evidence: tuple[TextEvidence, ...]
    flags: tuple[tuple[str, ...], ...]
    rows: OpenRows | None = None


@dataclass(frozen=True, slots=True)
class Canvas:
    """The upright page that a stage's coordinates refer to."""

    frame: Frame
    width: float
    height: float
    scale: float
    text_height: float = 0.0  # as in `PageTable`, as is `wear`
    wear: float = 0.0


def describe_tables(
    number: int, filled: Sequence[Filled], outside: Sequence[TextLine], canvas: Canvas,
    stamps: frozenset[Box] = frozenset(),
) -> tuple[tuple[PageTable, ...], tuple[PageLine, ...]]:
    """Tables with the title, unit and organisation printed above them, and the page's other lines, in shown points.

    `stamps`: boxes of lines that a seal or a pen left; they part no table from its next page.
    """
    page = Box(0, 0, canvas.width, canvas.height)
    tables: list[PageTable] = []
    ordered = sorted(filled, key=lambda f: (f.grid.box.y0, f.grid.box.x0))
    free = [line for line in outside if not any(share_inside(line.box, f.grid.box) > 0.5 for f in ordered)]
    for f in ordered:
        box = f.grid.box
        above = [o.grid.box.y1 for o in ordered if o is not f and o.grid.box.y1 <= box.y0 + 0.5 * canvas.scale]
        floor = max([0.0, *above])
        found = describe(free, box, floor, page)
        cells = tuple(
            page_cell(cell, lines, evidence, flags, canvas.frame)
            for cell, lines, evidence, flags in zip(f.grid.cells, f.lines, f.evidence, f.flags, strict=True)
        )
        used = set(found.used)
        tables.append(
            PageTable(
                number, f.grid.n_rows, f.grid.n_cols, tuple(sorted(cells, key=lambda c: (c.row, c.col))),
                bounds(canvas.frame.polygon(box)), tuple(x / canvas.width for x in f.grid.xs), f.grid.structure,
                found.title, found.unit, found.organization, found.fiscal_year,
                at_top=not above and all(
                    k in used or line.box in stamps or _parts_nothing(line, canvas)
                    for k, line in enumerate(free) if line.box.center.y < box.y0
                ),
                at_bottom=not any(o.grid.box.y0 >= box.y1 - canvas.scale for o in ordered if o is not f) and all(
                    line.box in stamps or _parts_nothing(line, canvas) for line in free if line.box.center.y > box.y1
                ),
                closed_top=f.grid.closed[1], closed_bottom=f.grid.closed[3],
                text_height=canvas.text_height, wear=canvas.wear,
                loose=_loose(f, canvas),
            )
        )
    lines = tuple(PageLine(line.text, bounds(canvas.frame.polygon(line.box)), line.p) for line in free)
    return tuple(tables), lines


def _loose(filled: Filled, canvas: Canvas) -> LooseTable | None:
    if filled.rows is None:
        return None
    return LooseTable(
        filled.rows, filled.grid, filled.lines, filled.evidence, filled.flags, canvas.width, canvas.frame
    )


def shown_rules(rules: Sequence[Rule], frame: Frame) -> tuple[tuple[Point, Point], ...]:
    ends = (((r.start, r.at), (r.end, r.at)) if r.horizontal else ((r.at, r.start), (r.at, r.end)) for r in rules)
    return tuple((frame.point(*start), frame.point(*end)) for start, end in ends)


def _parts_nothing(line: TextLine, canvas: Canvas) -> bool:
    """Whether a line between two pages' tables is none of their words: dirt read as a mark, or what every page has."""
    return not any(char.isalnum() for char in line.text) or _running(line.box, canvas)


def _running(line: Box, canvas: Canvas) -> bool:
    """Whether a line stands where page numbers and running heads stand: in the outer tenth of the page."""
    edge = 0.1 * canvas.height
    return line.y1 < edge or line.y0 > canvas.height - edge
