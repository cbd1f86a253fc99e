"""Twenty columns in 6-point type, forty rows a page, ten pages: heads again or not, a row cut by each break."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor.pipeline import extract_document
from extractor.ports import Tools
from extractor.source.documents import open_document
from tests import paper
from tests.extractor.test_digital import Fixed, NoReader
from tests.paper import line, text

PAGES, ROWS, COLUMNS, TYPE = 10, 40, 20, 6.0
WIDTH, HEIGHT, LEFT, TOP, ROW = 842.0, 595.0, 30.0, 550.0, 12.0
XS = [LEFT, 70.0, 160.0, *(160.0 + 36.0 * k for k in range(1, COLUMNS - 1))]
GROUPS = ("一般公共预算", "政府性基金", "国有资本经营", "财政专户", "单位资金", "上年结转")
PARTS = ("小计", "基本支出", "项目支出")


def words(row: int, col: int) -> str:
    if col == 0:
        return f"{2010100 + row}"
    return f"第{row}项教育支出" if col == 1 else f"{row * 37 % 997}.{col:02d}"


def head(y: float) -> str:
    """Two rows: code and name over both, six groups of three columns."""
    out = text(LEFT + 4, y - 15, "编码", TYPE) + text(XS[1] + 4, y - 15, "名称", TYPE)
    for k, group in enumerate(GROUPS):
        x0 = XS[2 + 3 * k]
        out += text(x0 + 20, y - 9, group, TYPE) + line(x0, y - ROW, x0 + 108, y - ROW)
        out += "".join(text(x0 + 36 * i + 3, y - ROW - 9, part, TYPE) for i, part in enumerate(PARTS))
        out += "".join(line(x0 + 36 * i, y - ROW, x0 + 36 * i, y - 2 * ROW) for i in (1, 2))
    return out + "".join(line(x, y, x, y - 2 * ROW) for x in (*XS[:2], *XS[2::3])) + line(LEFT, y, XS[-1], y)


def sheet(number: int, *, heads: bool, cut: bool) -> str:
    """Page `number` (from 0). `cut`: a row's name goes on on the next page, and no rule parts it at the break."""
    out, y = "", TOP
    if number == 0 or heads:
        out += head(y)
        y -= 2 * ROW
    first = y
    if not (cut and number) or heads:
        out += line(LEFT, y, XS[-1], y)
    if cut and number:
        out += text(XS[1] + 3, y - 9, "（续）", TYPE)
        y -= ROW
        out += line(LEFT, y, XS[-1], y)
    for row in range(number * ROWS, (number + 1) * ROWS):
        out += "".join(text(x + 3, y - 9, words(row, c), TYPE) for c, x in enumerate(XS[:-1]))
        y -= ROW
        if not (cut and number < PAGES - 1) or row < (number + 1) * ROWS - 1:
            out += line(LEFT, y, XS[-1], y)
    return out + "".join(line(x, first, x, y) for x in XS) + text(410, 20, f"— {number + 1} —", 8)


@pytest.mark.parametrize(("heads", "cut"), [(False, False), (False, True), (True, False)])
def test_ten_pages_are_one_table(tmp_path: Path, heads: bool, cut: bool) -> None:
    sheets = [sheet(k, heads=heads, cut=cut) for k in range(PAGES)]
    path = paper.save(tmp_path / "long.pdf", *sheets, size=(WIDTH, HEIGHT))
    with open_document(path) as source:
        document = extract_document(source, Tools(NoReader(), NoReader(), Fixed([])))  # type: ignore[arg-type]
    (table,) = document.tables
    assert table.pages == list(range(1, PAGES + 1))
    assert (table.n_rows, table.n_cols, table.header_rows) == (2 + PAGES * ROWS, COLUMNS, 2)
    last = {(k + 1) * ROWS - 1 for k in range(PAGES - 1)} if cut else set()
    want = {
        (2 + row, col): words(row, col) + ("（续）" if row in last and col == 1 else "")
        for row in range(PAGES * ROWS) for col in range(COLUMNS)
    }
    assert {(c.row, c.col): c.text for c in table.cells if c.row > 1} == want
    assert all((c.row_span, c.col_span) == (1, 1) for c in table.cells if c.row > 1)
    assert {(c.row_span, c.col_span) for c in table.cells if c.row == 0} == {(2, 1), (1, 3)}
    cut_names = [c for c in table.cells if c.row - 2 in last and c.col == 1]
    assert all([r.page for r in c.regions] == [c.page, c.page + 1] for c in cut_names)
