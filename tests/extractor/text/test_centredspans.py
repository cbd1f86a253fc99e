"""Headings in the middle of two cells that a false border parts."""

from __future__ import annotations

import pytest

from extractor.elements import Box, Grid, GridCell, PlaceEvidence
from extractor.text.cellink import CellInk
from extractor.text.centredspans import with_centred_headings

SCALE = 10.0


def _at(middle: float, row: int, width: float = 40.0) -> CellInk:
    return CellInk((Box(middle - width / 2, 30.0 * row + 10, middle + width / 2, 30.0 * row + 20),))


def _table(border: float, *inks: CellInk) -> tuple[Grid, tuple[CellInk, ...]]:
    """A heading's row in two cells, 200 and 100 wide, over two cells. border: log-odds of what parts it."""
    places = [(row, col, Box(200.0 * col, 30.0 * row, 200.0 + 100.0 * col, 30.0 * row + 30)) for row in (0, 1)
              for col in (0, 1)]  # fmt: skip
    cells = tuple(
        GridCell(row, col, 1, 1, box, edges=PlaceEvidence(sides=7.0 if row else border)) for row, col, box in places
    )
    return with_centred_headings(Grid((0.0, 200.0, 300.0), (0.0, 30.0, 60.0), cells), inks, SCALE)


BLANK = CellInk(())
BELOW = (_at(100, 1), _at(250, 1))


def test_a_heading_in_the_middle_of_both_cells_is_one_cell() -> None:
    grid, inks = _table(0.1, _at(152, 0), BLANK, *BELOW)
    assert [(c.row, c.col, c.col_span, c.box.x0, c.box.x1) for c in grid.cells] == [
        (0, 0, 2, 0, 300), (1, 0, 1, 0, 200), (1, 1, 1, 200, 300)]  # fmt: skip
    assert inks == (_at(152, 0), *BELOW)


@pytest.mark.parametrize(
    ("border", "inks"),
    [
        (5.0, (_at(150, 0), BLANK, *BELOW)),
        (0.1, (_at(104, 0), BLANK, *BELOW)),
        (0.1, (_at(150, 0), _at(250, 0), *BELOW)),
        (0.1, (_at(150, 0), BLANK, BELOW[0], BLANK)),
    ],
    ids=["a sure border", "in the middle of its own", "a text beside it", "nothing below"],
)
def test_other_cells_stay_apart(border: float, inks: tuple[CellInk, ...]) -> None:
    assert len(_table(border, *inks)[0].cells) == 4
