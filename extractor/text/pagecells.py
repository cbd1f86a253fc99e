"""A page's cell, filled with its lines of text, and its way to the page as shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extractor.elements import Char, Frame, GridCell, PageCell, TextEvidence, TextLine, bounds
from extractor.text.celltext import join_lines


def page_cell(
    cell: GridCell, lines: Sequence[TextLine], evidence: TextEvidence, flags: tuple[str, ...], frame: Frame
) -> PageCell:
    """`cell` with its lines (upright pixels) in reading order, boxes and polygon in shown points."""
    polygon = frame.polygon(cell.box)
    shown = tuple(replace(line, box=bounds(frame.polygon(line.box)), chars=_shown(line, frame)) for line in lines)
    return PageCell(
        cell.row, cell.col, cell.row_span, cell.col_span, join_lines(lines, cell.box),
        bounds(polygon), polygon, cell.place, evidence, shown, flags, cell.edges,
    )


def _shown(line: TextLine, frame: Frame) -> tuple[Char, ...]:
    """Characters with x as shown (on a page lying on its side that is where the line stands, not where it runs)."""
    middle = line.box.center.y
    return tuple(replace(char, x=frame.point(char.x, middle).x) for char in line.chars)
