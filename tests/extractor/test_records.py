from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pyarrow.parquet as pq

from extractor.assemble import build_document
from extractor.records import records, to_jsonl, to_parquet, to_records_csv
from extractor.result import Document, Engine
from tests.extractor.test_assemble import File
from tests.pageparts import draw, page, part

ROWS = (
    "功能分类科目 1x2 | 预算数（万元） 1x2 | 人数 2x1 | 增长率 2x1",
    "科目编码 | 科目名称 | 合计 | 项目支出",
    "208 | 社会保障和就业支出 | 1,728.90 | （3.50） | 12 | 4.5%",
    "210 | =卫生健康支出 | 7 |  |  | ",
)


def document() -> Document:
    drawn = part(draw(*ROWS), 1, n_cols=6, title="2020年部门支出总表", organization="某县财政局", fiscal_year=2020)
    return build_document(File(), [page(1, drawn)], Engine(version="0", models={}))


def test_a_number_with_all_that_says_what_it_is() -> None:
    first, negative, people, share, last = records(document())
    assert first.header == ("预算数(万元)", "合计")
    assert (first.labels, first.code, first.name) == (("208", "社会保障和就业支出"), "208", "社会保障和就业支出")
    assert (first.text, first.value, first.unit, first.amount) == ("1,728.90", "1728.90", "万元", "17289000")
    assert (first.table, first.row, first.col, first.page) == ("t1", 2, 2, 1)
    assert (first.organization, first.fiscal_year, first.form_type) == ("某县财政局", 2020, "支出总表")
    assert (negative.value, negative.amount) == ("-3.50", "-35000")
    assert (people.unit, people.amount) == (None, None)
    assert (share.unit, share.amount) == ("%", None)
    assert (last.name, last.amount) == ("=卫生健康支出", "70000")


def test_jsonl_has_one_object_a_line() -> None:
    lines = [json.loads(line) for line in to_jsonl(document()).splitlines()]
    assert len(lines) == 5
    assert lines[0]["header"] == ["预算数(万元)", "合计"]
    assert lines[0]["amount"] == "17289000"
    assert len(lines[0]["bbox"]) == 4


def test_csv_is_flat_and_runs_nothing() -> None:
    rows = list(csv.DictReader(io.StringIO(to_records_csv(document()))))
    assert rows[0]["header"] == "预算数(万元) / 合计"
    assert rows[4]["name"] == "'=卫生健康支出"
    assert rows[1]["value"] == "-3.50"
    assert float(rows[0]["x0"]) < float(rows[0]["x1"])


def test_parquet_keeps_exact_amounts() -> None:
    table = pq.read_table(io.BytesIO(to_parquet(document())))
    assert table.column("amount").to_pylist() == [
        Decimal("17289000.000000"), Decimal("-35000.000000"), None, None, Decimal("70000.000000"),
    ]  # fmt: skip
    assert table.column("header").to_pylist()[0] == ["预算数(万元)", "合计"]
