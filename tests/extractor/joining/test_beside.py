from __future__ import annotations

from dataclasses import replace

import pytest

from extractor.elements import PageResult, PageTable, Point
from extractor.joining.overpages import join_over_pages
from tests.pageparts import Drawn, page, part, spelled

HEADS = ("科目名称", "合计", "工资福利", "商品和服务", "个人和家庭补助", "债务利息", "资本性支出", "其他支出")
NAMES = ("教育支出", "卫生健康支出", "农林水支出", "住房保障支出", "文化支出", "公共安全支出", "其他支出", "总计支出")


def wide(rows: int = 6) -> list[Drawn]:
    """A table of eight columns: names of expenses and their amounts by kind."""
    cells = [Drawn(0, c, 1, 1, head) for c, head in enumerate(HEADS)]
    for r in range(1, rows + 1):
        cells.append(Drawn(r, 0, 1, 1, NAMES[(r - 1) % 8] + (str(r) if r > 8 else "")))
        cells += [Drawn(r, c, 1, 1, f"{r * 10 + c}.00") for c in range(1, 8)]
    return cells


def sheet(cells: list[Drawn], number: int, columns: list[int], rows: range, **said: object) -> PageTable:
    """Some columns and rows of a table, as the first or only table of a page."""
    shown = [
        replace(c, row=rows.index(c.row), col=columns.index(c.col)) for c in cells if c.col in columns and c.row in rows
    ]
    return part(sorted(shown, key=lambda c: (c.row, c.col)), number, n_cols=len(columns), **said)


LEFT, RIGHT = [0, 1, 2, 3], [4, 5, 6, 7]


@pytest.mark.parametrize("again", [[], [0]])
@pytest.mark.parametrize("title", [None, "支出预算表（续表）"])
def test_columns_go_on_on_the_next_sheet(again: list[int], title: str | None) -> None:
    cells = wide()
    pages = [
        page(1, sheet(cells, 1, LEFT, range(7), title="支出预算表")),
        page(2, sheet(cells, 2, again + RIGHT, range(7), title=title)),
    ]
    (table,) = join_over_pages(pages)
    assert spelled(table.cells) == spelled(cells)
    assert table.pages == (1, 2)
    assert [c.parts[0][0] for c in table.cells if c.row == 0] == [1] * 4 + [2] * 4
    assert 0 < table.join_doubt < 0.2


def test_a_wide_table_goes_on_down_and_to_the_right() -> None:
    # Printed over, then down: both sheets of the first rows, then both of the others, heads printed again.
    cells = wide(11)
    upper, lower = range(7), [0, *range(7, 12)]
    rows = [c for c in cells if c.row in lower]
    below = [replace(c, row=lower.index(c.row)) for c in rows]
    pages = [
        page(1, sheet(cells, 1, LEFT, upper, title="支出预算表")),
        page(2, sheet(cells, 2, RIGHT, upper)),
        page(3, sheet(below, 3, LEFT, range(6))),
        page(4, sheet(below, 4, RIGHT, range(6))),
    ]
    (table,) = join_over_pages(pages)
    assert spelled(table.cells) == spelled(cells)
    assert table.pages == (1, 2, 3, 4)


def test_twenty_columns_over_three_sheets() -> None:
    cells = [Drawn(r, c, 1, 1, f"{r}{c}.00") for r in range(1, 8) for c in range(1, 20)]
    cells += [Drawn(r, 0, 1, 1, NAMES[r - 1]) for r in range(1, 8)] + [Drawn(0, 0, 1, 1, "科目名称")]
    cells += [Drawn(0, c, 1, 1, f"支出{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申'[c - 1]}项") for c in range(1, 20)]
    parts = [list(range(7)), [0, *range(7, 13)], [0, *range(13, 20)]]
    pages = [page(k, sheet(cells, k, columns, range(8))) for k, columns in enumerate(parts, 1)]
    (table,) = join_over_pages(pages)
    assert spelled(table.cells) == spelled(cells)


def lower_rows(table: PageTable) -> PageTable:
    """The same table with its third row twice as high."""
    def low(y: float, row: int) -> float:
        return y + 15.0 * (row > 2)

    cells = [
        replace(c, polygon=tuple(Point(x, low(y, c.row + (k > 1))) for k, (x, y) in enumerate(c.polygon)))
        for c in table.cells
    ]
    return replace(table, cells=tuple(cells))


CELLS = wide()
NEXT = sheet(CELLS, 2, RIGHT, range(7))
TEXTS = sheet([replace(c, text="见说明" + c.text if c.row else c.text) for c in CELLS], 2, RIGHT, range(7))
SAME = sheet(CELLS, 2, LEFT, range(7))


@pytest.mark.parametrize(
    "second",
    [
        replace(NEXT, title="收入预算表"),
        replace(NEXT, at_top=False),
        lower_rows(NEXT),
        sheet(CELLS, 2, RIGHT, range(6)),
        TEXTS,
        SAME,
    ],
    ids=["title", "words", "heights", "rows", "texts", "same"],
)
def test_what_is_no_table_s_right_half(second: PageTable) -> None:
    first = sheet(CELLS, 1, LEFT, range(7), title="支出预算表")
    found = join_over_pages([page(1, first), page(2, second)])
    assert all(table.n_cols == 4 for table in found)


def test_pages_that_lie_differently_are_no_two_halves() -> None:
    first = sheet(CELLS, 1, LEFT, range(7), title="支出预算表")
    turned: PageResult = page(2, NEXT, rotation=90)
    assert len(join_over_pages([page(1, first), turned])) == 2


def test_the_same_heads_over_other_rows_are_the_same_columns() -> None:
    # Pages of equally many rows whose codes differ and whose names are of one kind: down, not to the right.
    def rows(first: int) -> list[Drawn]:
        cells = [Drawn(0, 0, 2, 1, "编码"), Drawn(0, 1, 2, 1, "名称")]
        cells += [Drawn(0, 2 + 2 * g, 1, 2, name) for g, name in enumerate(("一般公共预算", "政府性基金"))]
        cells += [Drawn(1, 2 + c, 1, 1, ("基本支出", "项目支出")[c % 2]) for c in range(4)]
        for r in range(2, 12):
            k = first + r
            cells += [Drawn(r, 0, 1, 1, f"{2010100 + k}"), Drawn(r, 1, 1, 1, f"第{k}项城乡社区教育支出")]
            cells += [Drawn(r, c, 1, 1, f"{k * c}.00") for c in range(2, 6)]
        return cells

    pages = [page(n, part(rows(10 * n + 100), n, n_cols=6)) for n in (1, 2, 3)]
    (table,) = join_over_pages(pages)
    assert (table.n_rows, table.n_cols) == (32, 6)
