from __future__ import annotations

from extractor.elements import Box, Grid, GridCell, TextEvidence
from extractor.joining.filling import with_proof
from extractor.joining.pagetables import Filled


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
