from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from extractor.assemble import build_document
from extractor.elements import Box, Grid, PageLine, PageResult, Warn
from extractor.pipeline import extract_document
from extractor.ports import Orientation, Reader, Tools
from extractor.result import Document, Engine
from extractor.source.documents import open_document
from tests.pageparts import cut, draw, page, part

ENGINE = Engine(version="0", models={"text_detection": "small"})
TABLE = draw(
    "科目编码 | 科目名称 | 预算数（万元）",
    "208 4x1 | 社会保障和就业支出 | 1,728.90",
    "养老支出 | （3.50）",
    "就业补助 | ",
    "抚恤 | 12",
    "210 | 卫生健康支出 | 7.00",
    "221 | 住房保障支出 | 9.00",
)


@dataclass(frozen=True)
class File:
    sha256: str = "0" * 64
    filename: str = "预算.pdf"
    media_type: str = "application/pdf"
    n_pages: int = 2


def build(*pages: PageResult) -> Document:
    return build_document(File(), pages, ENGINE)


def over_two_pages() -> Document:
    above, below = cut(TABLE, 3)
    return build(
        page(1, part(above, 1, n_cols=3, title="2020年支出表", organization="某县财政局", fiscal_year=2020)),
        page(2, part(below, 2, n_cols=3)),
    )


def test_a_table_over_pages_in_the_wire_shape() -> None:
    document = over_two_pages()
    (table,) = document.tables
    assert (table.id, table.pages, table.n_rows, table.n_cols, table.header_rows) == ("t1", [1, 2], 7, 3, 1)
    assert (table.title, table.form, table.unit) == ("2020年支出表", "支出表", "万元")
    assert (document.document.organization, document.document.fiscal_year) == ("某县财政局", 2020)
    cells = {(c.row, c.col): c for c in table.cells}
    assert cells[1, 2].value == "1728.90"
    assert cells[2, 2].value == "-3.50"
    assert (cells[3, 2].kind, cells[3, 2].value) == ("empty", None)
    assert (cells[1, 0].kind, cells[1, 0].value) == ("label", None)


def test_a_cut_cell_has_the_regions_of_all_its_parts() -> None:
    (table,) = over_two_pages().tables
    cells = {(c.row, c.col): c for c in table.cells}
    code = cells[1, 0]
    assert (code.row_span, code.text, code.page) == (4, "208", 1)
    assert [region.page for region in code.regions] == [1, 2]
    assert code.bbox == code.regions[0].bbox
    assert cells[4, 1].page == 2
    assert cells[4, 1].regions == []


def test_every_position_is_covered_once_and_in_order() -> None:
    (table,) = over_two_pages().tables
    covered = [(c.row + i, c.col + j) for c in table.cells for i in range(c.row_span) for j in range(c.col_span)]
    assert sorted(covered) == [(i, j) for i in range(7) for j in range(3)]
    assert [(c.row, c.col) for c in table.cells] == sorted((c.row, c.col) for c in table.cells)


def test_confidences_are_rounded_down() -> None:
    sure = part(TABLE, 1, n_cols=3)
    sure = replace(sure, cells=tuple(replace(c, place=0.999999) for c in sure.cells))
    document = build(page(1, sure, lines=(PageLine("第1页", Box(1, 1, 20, 10), 0.999999),)))
    (table,) = document.tables
    assert table.confidence < 1.0
    assert all(0.0 < c.confidence < 1.0 and c.parts.place < 1.0 and c.parts.text < 1.0 for c in table.cells)
    assert all(c.confidence <= c.parts.text * c.parts.place + 1e-4 for c in table.cells)
    assert document.pages[0].lines[0].confidence < 1.0


def test_coordinates_stay_on_the_page() -> None:
    table = part(TABLE, 1, n_cols=3)
    outside = replace(table.cells[0], box=Box(-9.123456, -3.0, 40.987654, 20.0))
    document = build(page(1, replace(table, cells=(outside, *table.cells[1:]))))
    assert document.tables[0].cells[0].bbox == (0.0, 0.0, 40.99, 20.0)


@pytest.mark.parametrize(
    ("sources", "kind"), [(("scan", "scan"), "scanned"), (("text", "text"), "digital"), (("scan", "text"), "mixed")]
)
def test_kind(sources: tuple[str, str], kind: str) -> None:
    document = build(*(page(n, source=source) for n, source in enumerate(sources, 1)))
    assert document.document.kind == kind


def test_an_unreadable_page_keeps_its_warning_and_says_nothing_of_the_kind() -> None:
    lost = PageResult(2, 0.0, 0.0, 0, 0.0, "scan", warnings=(Warn("page_unreadable", "page 2"),))
    document = build(page(1, source="text"), lost)
    assert document.document.kind == "digital"
    assert [(w.code, w.detail) for w in document.pages[1].warnings] == [("page_unreadable", "page 2")]


def test_organisation_and_year_from_the_form_or_the_cover() -> None:
    form = draw("部门（单位）名称 | 某县医疗保障局", "年度任务 | 无")
    assert build(page(1, part(form, 1, n_cols=2))).document.organization == "某县医疗保障局"
    cover = page(
        1,
        lines=(
            PageLine("2021年部门预算", Box(1, 1, 9, 9), 0.9),
            PageLine("部门名称：某县财政局", Box(1, 9, 9, 19), 0.9),
        ),
    )
    found = build(cover).document
    assert (found.organization, found.fiscal_year) == ("某县财政局", 2021)


def test_tables_are_numbered_in_reading_order() -> None:
    first = part(TABLE, 1, n_cols=3, title="甲表", at_bottom=False)
    second = part(TABLE, 1, n_cols=3, title="乙表", at_top=False)
    third = part(TABLE, 2, n_cols=3, title="丙表")
    document = build(page(2, third), page(1, first, second))
    assert [(t.id, t.title) for t in document.tables] == [("t1", "甲表"), ("t2", "乙表"), ("t3", "丙表")]
    assert [p.number for p in document.pages] == [1, 2]


def test_the_result_survives_json() -> None:
    document = over_two_pages()
    assert Document.model_validate_json(document.model_dump_json()) == document


def test_a_table_over_many_pages_takes_time_in_proportion() -> None:
    """Thirty pages of forty rows: joined, named and scored in seconds, not minutes."""
    rows = [f"{201000 + n} | 支出项目{n} | {n}{n}.00 | {n * 10000} | | {n}" for n in range(1, 1201)]
    pages = []
    for k in range(30):
        cells = draw("科目编码 | 科目名称 | 合计 | 基本 | 项目 | 其他", *rows[40 * k : 40 * k + 40])
        pages.append(page(k + 1, part(cells, k + 1, n_cols=6)))
    start = time.process_time()
    (table,) = build(*pages).tables
    assert (table.n_rows, len(table.pages)) == (1201, 30)
    assert time.process_time() - start < 20


class NoCamelot:
    """The page's own vector rules decide."""

    def ruled(self, pdf: str, page: int, password: str | None) -> list[Grid]:
        return []

    def unruled(self, pdf: str, page: int, password: str | None) -> list[Grid]:
        return []


@pytest.mark.skipif("GEZI_REFEREE" not in os.environ, reason="needs the shared bench (GEZI_REFEREE)")
def test_the_real_procurement_table_from_its_pages() -> None:
    real = Path(os.environ["GEZI_REFEREE"], "real")
    tools = Tools(cast(Reader, None), cast(Orientation, None), NoCamelot())
    with open_document(real / "d1-digital.pdf") as source:
        document = extract_document(source, tools, pages=[12, 13])
    (table,) = document.tables
    truth = json.loads((real / "d1-digital.truth.json").read_text("utf8"))["tables"][-1]
    assert (table.pages, table.title, table.unit) == ([12, 13], truth["title"], truth["unit"])
    assert {(c.row, c.col, c.row_span, c.col_span, c.text) for c in table.cells} == {
        (c["row"], c["col"], c["row_span"], c["col_span"], c["text"]) for c in truth["cells"]
    }


SUMMED = draw(
    "科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出",
    " | 合计 | 30.00 | 18.00 | 12.00",
    "208 | 社会保障和就业支出 | 10.00 | 8.00 | 2.00",
    "20805 | 养老支出 | 10.00 | 8.00 | 2.00",
    "210 | 卫生健康支出 | 20.00 | 10.00 | 10.00",
    "21011 | 行政事业单位医疗 | 20.00 | 10.00 | 70.00",
)


def test_sums_are_in_the_result_with_their_cells() -> None:
    (table,) = build(page(1, part(SUMMED, 1, n_cols=5, title="支出表"))).tables
    rules = {check.rule for check in table.checks}
    assert rules == {"row_total", "column_total", "code_rollup"}
    total = next(c for c in table.checks if (c.target.row, c.target.col) == (1, 2) and c.rule == "column_total")
    terms = [(term.table, term.row, term.col, term.factor) for term in total.terms]
    assert terms == [("t1", 2, 2, "1"), ("t1", 4, 2, "1")]
    assert (total.expected, total.found, total.tolerance, total.holds) == ("30.00", "30.00", "0.01", True)


def test_a_number_that_alone_breaks_its_sums_is_flagged_and_falls_and_others_rise() -> None:
    (table,) = build(page(1, part(SUMMED, 1, n_cols=5, title="支出表"))).tables
    cells = {(cell.row, cell.col): cell for cell in table.cells}
    assert [place for place, cell in cells.items() if "sum_mismatch" in cell.flags] == [(5, 4)]
    wrong, right, label = cells[5, 4], cells[2, 3], cells[2, 1]
    assert wrong.text == "70.00"
    assert wrong.confidence < 0.8 * wrong.parts.text * wrong.parts.place
    assert right.confidence > right.parts.text * right.parts.place
    assert wrong.parts.checks is not None
    assert right.parts.checks is not None
    assert wrong.parts.checks < 0.8 < 0.99 < right.parts.checks
    assert (label.parts.checks, label.flags) == (None, [])
