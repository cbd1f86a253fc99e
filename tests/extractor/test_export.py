from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from html.parser import HTMLParser

from extractor.export import to_csv, to_html, to_json, to_markdown
from extractor.result import Document
from tests.handmade import cell, document, merged_table, table


class Grid(HTMLParser):
    """Reads an HTML page's tables back as a browser lays them out: (row, col, row_span, col_span) -> text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[dict[tuple[int, int, int, int], str]] = []
        self.titles: list[str] = []
        self._row = -1
        self._taken: set[tuple[int, int]] = set()
        self._place: tuple[int, int, int, int] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "table":
            self.tables.append({})
            self._row, self._taken = -1, set()
        elif tag == "tr":
            self._row += 1
        elif tag in ("td", "th"):
            height, width = int(named.get("rowspan") or 1), int(named.get("colspan") or 1)
            col = next(c for c in range(1000) if (self._row, c) not in self._taken)
            self._taken |= {(self._row + i, col + j) for i in range(height) for j in range(width)}
            self._place = (self._row, col, height, width)
            self.tables[-1][self._place] = ""
            self.titles.append(named.get("title") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._place = None

    def handle_data(self, data: str) -> None:
        if self._place is not None:
            self.tables[-1][self._place] += data


def test_json_comes_back_the_same() -> None:
    given = document(merged_table())
    text = to_json(given)
    assert Document.model_validate_json(text) == given
    assert "收支总表" in text  # no ASCII escapes
    assert json.loads(text)["schema_version"] == "1.0"


def test_html_lays_every_cell_out_where_it_is() -> None:
    given = [merged_table(), merged_table("t2", None)]
    page = to_html(document(*given, filename="<b>.pdf", lines=["附注 & 说明"]))
    grid = Grid(page)
    for found, wanted in zip(grid.tables, given, strict=True):
        assert found == {(c.row, c.col, c.row_span, c.col_span): c.text for c in wanted.cells}
    assert "<财政>" not in page
    assert "<b>" not in page
    assert "附注 &amp; 说明" in page
    assert "low_resolution" in page
    assert any("confidence 0.400" in title and "under_seal" in title for title in grid.titles)
    assert page.count('"very-doubtful"') == 2
    assert page.count("<thead>") == 2


def test_html_without_a_head_where_a_cell_reaches_out_of_it() -> None:
    given = table([cell(0, 0, "a", row_span=2, kind="header"), cell(0, 1, "b"), cell(1, 1, "c")], header_rows=1)
    page = to_html(document(given))
    assert "<thead>" not in page
    assert Grid(page).tables == [{(0, 0, 2, 1): "a", (0, 1, 1, 1): "b", (1, 1, 1, 1): "c"}]


def test_html_keeps_rows_that_are_covered_from_above() -> None:
    given = table([cell(0, 0, "a", row_span=2), cell(0, 1, "b", row_span=2), cell(2, 0, "c"), cell(2, 1, "d")])
    assert Grid(to_html(document(given))).tables[0][2, 0, 1, 1] == "c"


def test_csv_has_merged_text_once_and_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(merged_table()))))
    assert rows == [
        ["项目", "金额", ""],
        ["", "小计", "备注"],
        ["一、<财政>拨款", "1,728.90", "'=HYPERLINK(1)"],
        ["科目|编码", "-5.00", "第一段\n第二段"],
    ]
    lone = list(csv.reader(io.StringIO(to_csv(table([cell(0, 0, "-"), cell(0, 1, "-其中"), cell(0, 2, "@x")])))))
    assert lone == [["-", "'-其中", "'@x"]]


def test_markdown_escapes_and_keeps_columns() -> None:
    text = to_markdown(document(merged_table()))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert rows[0] == "| 项目 | 金额 |  |"
    assert rows[1] == "| --- | --- | --- |"
    assert rows[3] == "| 一、&lt;财政>拨款 | 1,728.90 | =HYPERLINK(1) (?) |"
    assert rows[4] == "| 科目\\|编码 | -5.00 (?) | 第一段<br>第二段 |"


def test_exporting_text_needs_no_numpy() -> None:
    program = "import sys, extractor.export; sys.exit(any(m in sys.modules for m in ('numpy', 'cv2', 'openpyxl')))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
