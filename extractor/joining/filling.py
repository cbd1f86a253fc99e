"""What was read in a grid's cells put into it, and tables that no rule shows told from text in columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from extractor.elements import Box, Grid, TextLine
from extractor.joining.pagetables import Filled
from extractor.text.celltext import evidence_of
from extractor.text.listed import with_numerals
from extractor.unruled.numbercolumns import number_columns
from extractor.unruled.tablewords import is_named_table
from extractor.unruled.toprows import lowered, rows_above, without_rows

if TYPE_CHECKING:
    from extractor.text.cellink import CellInk
    from extractor.text.leftover import Pieces
    from extractor.text.marks import Found
    from extractor.unruled.openrows import OpenRows

DOTS = re.compile(r"[.·…．。]{6,}")
BORDER = 0.3  # of a line's height: so near a cell's upper or lower side its dots are that side's
GROUND = 0.3  # share of a cell's inner area: no print leaves as much ink without a character


def told_lines(lines: Sequence[TextLine]) -> tuple[TextLine, ...]:
    """Those that say something."""
    return tuple(line for line in lines if line.text.strip())


def fill(
    grid: Grid, cells: Sequence[CellInk], found: Iterator[Found], rows: OpenRows | None, pieces: Pieces
) -> Filled:
    """A grid with what was found in its cells: `found` gives the next grid's cells in their order."""
    own = [next(found) for _ in cells]
    texts = [(cell.box, one.lines) for cell, one in zip(grid.cells, own, strict=True)]
    told = with_numerals(texts, pieces.peppered, pieces.scale)
    own = [
        replace(one, lines=_without_sides(told.get(k, one.lines), cell.box))
        for k, (one, cell) in enumerate(zip(own, grid.cells, strict=True))
    ]
    lines = tuple(one.lines for one in own)
    return Filled(
        grid, lines,
        tuple(
            evidence_of(one.lines, one.covering(ink), cell.box)
            for one, ink, cell in zip(own, cells, grid.cells, strict=True)
        ),
        tuple(_flags(own, cell) for own, cell in zip(lines, cells, strict=True)), rows,
    )


def _without_sides(lines: tuple[TextLine, ...], cell: Box) -> tuple[TextLine, ...]:
    """A cell's lines without a dotted border of its own that was read as a row of dots."""
    return tuple(
        line for line in lines
        if not (
            DOTS.fullmatch(line.text.strip())
            and min(line.box.y0 - cell.y0, cell.y1 - line.box.y1) <= BORDER * line.box.height
        )
    )


def with_proof(
    filled: Sequence[Filled], beside: Sequence[TextLine], scale: float
) -> tuple[list[Filled], list[TextLine]]:
    """Tables without those that no rule shows and neither columns of numbers nor words prove, and the text of these.

    Nor is it a table where every cell is full of ink that says nothing: the ground around a photographed sheet,
    stored as dots. beside: the page's lines outside tables.
    """
    kept, spared = [], []
    for one in filled:
        lines = [line for own in one.lines for line in own]
        if one.grid.structure != "borderless":
            if lines or any(evidence.ink < GROUND for evidence in one.evidence):
                kept.append(one)
        elif number_columns(lines, scale, 1) or is_named_table(one.grid.box, [*lines, *beside]):
            below, above = _below_its_lines(one)
            kept.append(below)
            spared += above
        else:
            spared += lines
    return kept, spared


def _below_its_lines(one: Filled) -> tuple[Filled, list[TextLine]]:
    """A table that no rule bounds without the rows that are printed above it, and their text."""
    count = rows_above(one.grid, one.lines)
    if not count:
        return one, []
    kept = [k for k, cell in enumerate(one.grid.cells) if cell.row >= count]
    above = [
        line for cell, own in zip(one.grid.cells, one.lines, strict=True) if cell.row < count for line in own
    ]
    return Filled(
        without_rows(one.grid, count), tuple(one.lines[k] for k in kept), tuple(one.evidence[k] for k in kept),
        tuple(one.flags[k] for k in kept), None if one.rows is None else lowered(one.rows, count),
    ), above


def _flags(lines: Sequence[TextLine], cell: CellInk) -> tuple[str, ...]:
    """What a reader must know of how a cell was read: docs/warnings.md."""
    said = (("under_seal", cell.sealed), ("by_words", any(line.by_words for line in lines)))
    return tuple(flag for flag, holds in said if holds)
