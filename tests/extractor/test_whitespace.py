"""Tables without any rule, and what looks a little like one."""

from __future__ import annotations

from extractor.borderless import OpenGrid
from extractor.elements import Box, Grid
from extractor.whitespace import find_borderless

EM = 20.0
Text = tuple[float, float, float]  # x0, x1, middle


def find(texts: list[Text], taken: list[Grid] | None = None) -> list[OpenGrid]:
    def runs(strip: Box) -> list[tuple[float, float]]:
        out: list[tuple[float, float]] = []
        for x0, x1 in sorted((x0, x1) for x0, x1, y in texts if strip.y0 < y < strip.y1):
            if out and x0 <= out[-1][1]:
                out[-1] = (out[-1][0], max(x1, out[-1][1]))
            else:
                out.append((x0, x1))
        return out

    return find_borderless([Box(x0, y - 12, x1, y + 12) for x0, x1, y in texts], runs, taken or [], EM)


def places(grid: Grid) -> set[tuple[int, int, int, int]]:
    return {(c.row, c.col, c.row_span, c.col_span) for c in grid.cells}


def budget(top: float = 200) -> list[Text]:
    """A title and a unit, two rows of headings (the second column group over two), six rows; one name wraps."""
    texts: list[Text] = [(380, 620, 100), (800, 890, 150)]
    texts += [(560, 840, top), (160, 240, top + 40), (520, 600, top + 40), (780, 860, top + 40)]
    for r in range(6):
        y = top + 80 + 40 * r
        texts += [(110, 330, y), (530, 600, y), (790, 860, y)]
    return [*texts, (110, 160, top + 80 + 40 * 5 + 26)]


def test_rows_and_columns_come_from_where_texts_stand() -> None:
    (found,) = find(budget())
    grid = found.grid
    assert grid.structure == "borderless"
    assert grid.n_cols == 3
    assert grid.closed == (False, False, False, False)
    rows = {(r, c, 1, 1) for r in range(grid.n_rows - 6, grid.n_rows) for c in range(3)}
    assert rows <= places(grid)
    assert grid.box.y0 > 160, "title and unit are no rows"
    assert grid.box.y1 > 510, "the wrapped line goes with the last row"
    assert all(0 < cell.place < 1 for cell in grid.cells)


def test_running_text_lists_and_signatures_are_no_tables() -> None:
    prose: list[Text] = [(100, 900, 100 + 35 * k) for k in range(20)]
    columns: list[Text] = [
        (x, x + 250, 100 + 35 * k) for k in range(20) for x in (100, 380, 660)
    ]
    listed: list[Text] = [
        (x0, x1, 100 + 35 * k) for k in range(12) for x0, x1 in ((100, 120), (160, 400 + 30 * (k % 5)))
    ]
    signed: list[Text] = [(100, 300, 100), (420, 560, 100), (700, 880, 100), (420, 560, 150), (420, 600, 200)]
    for texts in (prose, columns, listed, signed, []):
        assert find(texts) == []


def test_what_another_table_holds_is_left_to_it() -> None:
    assert find(budget(), [Grid((90, 500, 900), (80, 300, 600), ())]) == []
