from __future__ import annotations

import numpy as np
import pytest

from extractor.elements import Box, Char, Grid, GridCell, TextEvidence, TextLine
from extractor.joining.filling import fill, with_proof
from extractor.joining.pagetables import Filled
from extractor.text.cellink import CellInk
from extractor.text.leftover import Pieces
from extractor.text.marks import Found


def blank(*inks: float) -> Filled:
    """One row of cells in which nothing was read, each with this share of ink."""
    xs = tuple(20.0 * k for k in range(len(inks) + 1))
    cells = tuple(GridCell(0, k, 1, 1, Box(xs[k], 0.0, xs[k + 1], 20.0), 1.0) for k in range(len(inks)))
    grid = Grid(xs, (0.0, 20.0), cells)
    return Filled(grid, tuple(() for _ in inks), tuple(TextEvidence(ink=ink) for ink in inks), tuple(() for _ in inks))


def test_the_dots_of_a_photograph_s_ground_are_no_table() -> None:
    assert with_proof([blank(0.6, 0.5, 0.6)], [], 10.0) == ([], [])


def test_a_table_of_blank_cells_is_one() -> None:
    for form in (blank(0.0, 0.0, 0.0), blank(0.6, 0.0, 0.6)):
        assert with_proof([form], [], 10.0) == ([form], [])


@pytest.mark.parametrize(("text", "top", "kept"), [
    ("." * 19, 82.0, False),  # the dotted rule below the cell
    ("." * 19, 40.0, True),  # dots to write on
    ("...", 82.0, True),
    ("1.00", 82.0, True),
])
def test_a_dotted_border_is_no_text(text: str, top: float, kept: bool) -> None:
    cell = GridCell(0, 0, 1, 1, Box(0.0, 0.0, 200.0, 100.0))
    line = TextLine(text, Box(5.0, top, 100.0, top + 17), tuple(Char(c, 0.9) for c in text))
    grid, pieces = Grid((0.0, 200.0), (0.0, 100.0), (cell,)), Pieces.of(np.zeros((120, 220), np.uint8), 20.0)
    filled = fill(grid, [CellInk((line.box,))], iter([Found((line,))]), None, pieces)
    assert filled.lines == (((line,) if kept else ()),)
