"""Words that say that texts in columns are a table, and lines that stand beside one."""

from __future__ import annotations

import pytest

from extractor.elements import Box, Char, TextLine
from extractor.unruled.tablewords import is_beside_table, is_named_table

TABLE = Box(100, 300, 900, 700)


def line(text: str, x0: float, y: float) -> TextLine:
    chars = tuple(Char(c, 1.0, x0 + 20 * k + 10) for k, c in enumerate(text))
    return TextLine(text, Box(x0, y - 10, x0 + 20 * len(text), y + 10), chars)


def test_a_title_near_above_names_a_table() -> None:
    assert is_named_table(TABLE, [line("2026年固定资产占用情况表（汇总）", 300, 250)])
    assert not is_named_table(TABLE, [line("2026年固定资产占用情况表", 300, 100)]), "too far above"
    assert not is_named_table(TABLE, [line("第一部分 部门概况", 300, 250)])


def test_headings_name_a_table() -> None:
    heads = [line(text, 120 + 200 * k, 320) for k, text in enumerate(("一级指标", "二级指标", "指标值"))]
    assert is_named_table(TABLE, heads)
    assert not is_named_table(TABLE, heads[:2])
    assert not is_named_table(TABLE, [line("贯彻执行国家法律法规，拟订发展规划。", 120, y) for y in (320, 360, 400)])


@pytest.mark.parametrize(
    "text", ["单位：万元", "填报日期：2019年12月27日", "（2019年度）", "预算04表", "注：本表无数据。", "填表人：王"]
)
def test_lines_beside_a_table(text: str) -> None:
    assert is_beside_table(text)


@pytest.mark.parametrize(
    "text",
    [
        "项目名称", "备注", "一、本年收入", "2019", "2024年12月31日", "负责人", "价值（金额单位：万元）",
        "预算数(单位:元)",
    ],
)
def test_lines_of_a_table(text: str) -> None:
    assert not is_beside_table(text)
