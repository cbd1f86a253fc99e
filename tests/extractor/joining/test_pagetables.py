"""What stands around the tables of a page."""

from __future__ import annotations

import pytest

from extractor.elements import Box, Frame, Grid, GridCell, TextEvidence, TextLine
from extractor.joining.pagetables import Canvas, Filled, describe_tables

PAGE = Canvas(Frame(), 1000.0, 1400.0, 20.0)
TABLE = Box(100, 200, 900, 1000)


def filled() -> Filled:
    grid = Grid((100.0, 900.0), (200.0, 1000.0), (GridCell(0, 0, 1, 1, TABLE),))
    return Filled(grid, ((),), (TextEvidence(),), ((),))


@pytest.mark.parametrize(("text", "parts"), [("★", False), ("-", False), ("注：以上为预算数", True), ("3", True)])
def test_a_speck_read_as_a_mark_parts_no_table_from_its_next_page(text: str, parts: bool) -> None:
    (table,), lines = describe_tables(1, (filled(),), (TextLine(text, Box(850, 1040, 870, 1060), ()),), PAGE)
    assert table.at_bottom is not parts
    assert [line.text for line in lines] == [text]  # it is told all the same
