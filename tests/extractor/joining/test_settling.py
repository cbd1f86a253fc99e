"""Columns that no rule draws, settled over a table's pages, and the text dealt out again."""

from __future__ import annotations

from dataclasses import replace

from extractor.elements import (
    Box,
    Char,
    Frame,
    Grid,
    GridCell,
    LooseTable,
    PageResult,
    PageTable,
    TextEvidence,
    TextLine,
)
from extractor.joining.overpages import join_over_pages
from extractor.joining.settling import settle_columns
from extractor.text.pagecells import page_cell
from extractor.unruled.borderless import solve_open
from extractor.unruled.openrows import OpenRows
from extractor.unruled.openrules import Level

EM = 20.0
WIDTH, HEIGHT = 1000.0, 1400.0
Word = tuple[str, float]  # text, x of its left side; characters are an EM wide, digits half of that


def line(text: str, x0: float, y: float) -> TextLine:
    chars, x = [], x0
    for char in text:
        step = EM / 2 if char.isascii() else EM
        chars.append(Char(char, 0.99, x + step / 2))
        x += step
    return TextLine(text, Box(x0, y - 10, x, y + 10), tuple(chars))


def open_rows(rows: list[list[Word]], x0: float = 100, x1: float = 900) -> tuple[OpenRows, list[TextLine]]:
    lines = [[line(text, x, 120 + 40 * r) for text, x in row] for r, row in enumerate(rows)]
    return OpenRows(
        x0, x1, tuple(Level(100 + 40 * r, ((x0, x1),)) for r in range(len(rows) + 1)),
        tuple(tuple((one.box.x0, one.box.x1) for one in row) for row in lines), tuple(() for _ in rows),
        tuple(one.box for row in lines for one in row), EM,
    ), [one for row in lines for one in row]


def page_table(number: int, rows: OpenRows, lines: list[TextLine], grid: Grid) -> PageTable:
    own = tuple(
        tuple(one for one in lines if cell.box.x0 <= one.box.center.x < cell.box.x1
              and cell.box.y0 < one.box.center.y < cell.box.y1)
        for cell in grid.cells
    )
    evidence = tuple(TextEvidence(0.9, 0.9) if found else TextEvidence() for found in own)
    cells = tuple(
        page_cell(cell, found, seen, (), Frame())
        for cell, found, seen in zip(grid.cells, own, evidence, strict=True)
    )
    loose = LooseTable(rows, grid, own, evidence, tuple(() for _ in own), WIDTH, Frame())
    return PageTable(
        number, grid.n_rows, grid.n_cols, cells, grid.box, tuple(x / WIDTH for x in grid.xs), "partly_ruled",
        title="支出表" if number == 1 else None, at_top=True, at_bottom=True, loose=loose,
    )


def budget_pages() -> list[PageResult]:
    """A list over two pages; on the second the last column is blank, and long names move the gap beside them."""
    heads: list[Word] = [("科目名称", 180), ("基本支出", 520), ("项目支出", 780)]
    upper: list[list[Word]] = [
        heads, *([("教育支出", 110), (f"{100 + k}.00", 580), (f"{200 + k}.00", 840)] for k in range(6))
    ]
    names = ("一般公共服务支出中的其他支出", "社会保障和就业支出中的其他支出")
    lower: list[list[Word]] = [[(name, 110), ("7.00", 590)] for name in names]
    pages = []
    for number, rows in ((1, upper), (2, lower)):
        seen, lines = open_rows(rows)
        grids = solve_open([seen])
        assert grids
        table = page_table(number, seen, lines, grids[0])
        pages.append(PageResult(number, WIDTH, HEIGHT, 0, 0.0, "scan", (table,)))
    return pages


def test_pages_that_disagree_would_add_columns_and_settle_on_those_of_all() -> None:
    pages = budget_pages()
    assert pages[1].tables[0].columns != pages[0].tables[0].columns
    settled = settle_columns(pages)
    assert [page.tables[0].n_cols for page in settled] == [3, 3]
    (table,) = join_over_pages(settled)
    assert (table.n_rows, table.n_cols) == (9, 3)
    texts = {(c.row, c.col): c.text for c in table.cells}
    assert (texts[7, 0], texts[7, 1], texts[7, 2]) == ("一般公共服务支出中的其他支出", "7.00", "")
    assert texts[1, 2] == "200.00"


def test_text_read_across_a_settled_border_is_cut_between_its_characters() -> None:
    pages = budget_pages()
    rows, lines = open_rows([[("住房支出", 110), ("9.00", 590), ("8.00", 850)]])
    fused = TextLine(
        "".join(one.text for one in lines), Box(110, 110, 890, 130), tuple(char for one in lines for char in one.chars)
    )
    grid = Grid((100.0, 900.0), (100.0, 140.0), (GridCell(0, 0, 1, 1, Box(100, 100, 900, 140), 1.0),), "partly_ruled")
    table = page_table(2, rows, [fused], grid)
    settled = settle_columns([pages[0], replace(pages[1], tables=(table,))])
    texts = {c.col: c.text for c in settled[1].tables[0].cells}
    assert texts == {0: "住房支出", 1: "9.00", 2: "8.00"}


def test_a_table_on_one_page_stays_as_it_is() -> None:
    page = budget_pages()[0]
    assert settle_columns([page]) == (page,)


def test_pages_whose_texts_reach_differently_far_are_not_stretched_onto_each_other() -> None:
    """Without any rule the sides are the outermost texts': on the second page the last column is blank."""
    rows: list[list[Word]] = [[("教育支出", 110), (f"{100 + k}.00", 480), (f"{200 + k}.00", 840)] for k in range(6)]
    lower: list[list[Word]] = [[("教育支出", 110), (f"{100 + k}.00", 480), ("7.00", 650)] for k in range(6)]
    upper: list[list[Word]] = [[*row[:2], ("8.00", 650), row[2]] for row in rows]
    pages = []
    for number, (own, x1) in enumerate(((upper, 910.0), (lower, 700.0)), 1):
        seen, lines = open_rows(own, 100, x1)
        grids = solve_open([seen])
        assert grids
        table = replace(page_table(number, seen, lines, grids[0]), structure="borderless")
        pages.append(PageResult(number, WIDTH, HEIGHT, 0, 0.0, "scan", (table,)))
    settled = settle_columns(pages)
    assert [page.tables[0].n_cols for page in settled] == [4, 4]
    assert settled[0].tables[0].columns == settled[1].tables[0].columns
