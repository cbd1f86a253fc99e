from __future__ import annotations

import pytest

from extractor.elements import Box, Grid, Rule
from extractor.ruling.grid import solve_grids
from extractor.unruled.rowless import with_rows

EM = 20.0
XS, HEAD, TOP, PITCH = (0.0, 300.0, 420.0, 540.0, 660.0), 40.0, 100.0, 34.0


def uprights_only(rows: int) -> Grid:
    """A head of one row, and below it nothing but the columns' sides."""
    foot = TOP + rows * PITCH
    level = [Rule(True, y, XS[0], XS[-1], 2) for y in (HEAD, TOP, foot)]
    (grid,) = solve_grids([*level, *(Rule(False, x, HEAD, foot, 2) for x in XS)], EM)
    return grid


def texts(rows: int, width: float = 60) -> list[Box]:
    """A label and three amounts in each row."""
    middles = [TOP + (k + 0.5) * PITCH for k in range(rows)]
    return [Box(x + 5, y - 11, x + (180 if x == 0 else 5 + width), y + 11) for y in middles for x in XS[:-1]]


def heads() -> list[Box]:
    return [Box(x + 10, 58, x + 90, 82) for x in XS[:-1]]


@pytest.mark.parametrize("rows", [6, 20])
def test_rows_that_no_rule_parts(rows: int) -> None:
    grid = with_rows(uprights_only(rows), [*heads(), *texts(rows)], EM)
    assert (grid.n_rows, grid.n_cols, len(grid.cells)) == (rows + 1, 4, 4 * (rows + 1))
    assert grid.ys[2:-1] == pytest.approx([TOP + k * PITCH for k in range(1, rows)])
    assert grid.structure == "few_rules"
    assert all(cell.edges.above <= 3 for cell in grid.cells if cell.row > 0)


def test_a_label_that_wraps_and_a_row_with_a_label_alone() -> None:
    lines = texts(8)
    wrapped, alone = lines[4 * 3], lines[4 * 5]
    lines = [line for line in lines if line not in (wrapped, *lines[4 * 5 + 1 : 4 * 6])]
    lines += [Box(5, wrapped.center.y - 17, 290, wrapped.center.y), Box(5, wrapped.center.y, 60, wrapped.center.y + 17)]
    assert alone in lines
    grid = with_rows(uprights_only(8), [*heads(), *lines], EM)
    assert grid.n_rows == 9


def test_text_that_wraps_in_every_column_is_one_row() -> None:
    grid = uprights_only(8)
    assert with_rows(grid, [*heads(), *texts(8, width=112)], EM) == grid


def test_a_list_in_two_cells_of_one_row_is_one_row() -> None:
    grid = uprights_only(8)
    lines = [line for line in texts(8) if line.x0 < XS[2]]
    assert with_rows(grid, [*heads(), *lines], EM) == grid


def test_a_table_with_all_its_rules_stays_as_it_is() -> None:
    level = [Rule(True, TOP + k * PITCH, XS[0], XS[-1], 2) for k in range(9)]
    (grid,) = solve_grids([*level, *(Rule(False, x, TOP, TOP + 8 * PITCH, 2) for x in XS)], EM)
    assert with_rows(grid, texts(8), EM) is grid


def test_a_label_between_two_rows_is_one_cell_of_both() -> None:
    lines = texts(8)
    middle = (lines[8].center.y + lines[12].center.y) / 2
    lines = [line for line in lines if line not in (lines[8], lines[12])] + [Box(5, middle - 11, 180, middle + 11)]
    grid = with_rows(uprights_only(8), [*heads(), *lines], EM)
    assert grid.n_rows == 9
    assert [(c.row, c.row_span) for c in grid.cells if c.col == 0 and c.row_span > 1] == [(3, 2)]
