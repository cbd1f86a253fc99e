"""What is printed above a table without rules is no row of it."""

from __future__ import annotations

import pytest

from extractor.elements import Box, Grid, GridCell, TextLine
from extractor.unruled.toprows import rows_above, without_rows


def table(*rows: tuple[str, ...]) -> tuple[Grid, list[tuple[TextLine, ...]]]:
    cells, lines = [], []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            box = Box(100.0 * c, 20.0 * r, 100.0 * c + 100, 20.0 * r + 20)
            cells.append(GridCell(r, c, 1, 1, box))
            lines.append((TextLine(text, box, ()),) if text else ())
    xs, ys = (tuple(step * k for k in range(n + 1)) for step, n in ((100.0, len(rows[0])), (20.0, len(rows))))
    return Grid(xs, ys, tuple(cells), "borderless"), lines


BODY = ("项目", "上年数", "本年数"), ("合计", "1.00", "2.00"), ("工资", "1.00", "2.00")


@pytest.mark.parametrize(
    ("above", "count"),
    [
        ((("单位名称：某县财政局", "2024年", "单位：元"),), 1),
        ((("编制单位：某县财政局", "", ""), ("", "", "金额单位：万元")), 2),
        ((("某县2024年", "支出预算表", "公开03表"), ("", "", "单位：万元")), 2),
        ((("", "预算支出（元）", "单位"),), 0),
        ((), 0),
    ],
)
def test_lines_above_are_told_from_headings(above: tuple[tuple[str, ...], ...], count: int) -> None:
    grid, lines = table(*above, *BODY)
    assert rows_above(grid, lines) == count
    rest = without_rows(grid, count)
    assert rest.n_rows == len(above) + 3 - count
    assert {(cell.row, cell.col) for cell in rest.cells} == {(r, c) for r in range(rest.n_rows) for c in range(3)}
    assert rest.ys[0] == 20.0 * count


def test_a_border_of_those_rows_alone_goes_with_them() -> None:
    xs, ys = (0.0, 100.0, 200.0, 300.0), (0.0, 20.0, 40.0)
    cells = [GridCell(0, c, 1, 1, Box(xs[c], 0, xs[c + 1], 20)) for c in range(3)]
    cells += [GridCell(1, 0, 1, 1, Box(0, 20, 100, 40)), GridCell(1, 1, 1, 2, Box(100, 20, 300, 40))]
    rest = without_rows(Grid(xs, ys, tuple(cells), "borderless"), 1)
    assert rest.xs == (0.0, 100.0, 300.0)
    assert [(cell.row, cell.col, cell.col_span) for cell in rest.cells] == [(0, 0, 1), (0, 1, 1)]
