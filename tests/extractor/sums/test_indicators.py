from __future__ import annotations

import pytest

from bench.truesums import TrueTable
from extractor.sums.indicators import count, goal, indicators
from tests.extractor.labelled import plain_table
from tests.pageparts import draw


def table(*rows: str) -> TrueTable:
    return plain_table([(c.row, c.col, c.row_span, c.col_span, c.text) for c in draw(*rows)], 0)


FORM = table(
    "项目名称 | 城乡医疗救助 1x6",
    "年度绩效指标 8x1 | 一级指标 2x1 | 二级指标 2x1 | 三级指标 2x1 | 指标值 1x2 | 指标值确定依据 2x1",
    "上年 | 预计当年实现",
    "产出指标 3x1 | 数量指标 2x1 | 救助人次（人次） | 500 | ≥550 | 计划标准",
    "培训次数 | 2次 | 不少于3次 | 计划标准",
    "质量指标 | 报销比例 | 70% | ≧75% | 历史数据",
    "效益指标 | 社会效益指标 | 就医方便程度 | 提高 | 明显提高 | 问卷调查",
    "效益指标 | 可持续影响指标 | 结余可支配月数 |  | 6-9个月 | 问卷调查",
    "满意度指标 | 服务对象满意度 | 群众满意度 |  | 》90% | 问卷调查",
)


def test_the_tree_of_a_form_with_two_values_each() -> None:
    output, benefit, content = indicators(FORM)
    assert [one.name for one in (output, benefit, content)] == ["产出指标", "效益指标", "满意度指标"]
    assert [one.name for one in output.under] == ["数量指标", "质量指标"]
    assert [one.name for one in benefit.under] == ["社会效益指标", "可持续影响指标"]
    assert count((output, benefit, content)) == 6
    saved, trained = output.under[0].under
    assert [(g.head, g.comparison, g.value, g.unit) for g in saved.goals] == [
        ("指标值/上年", "=", "500", "人次"), ("指标值/预计当年实现", "≥", "550", "人次"),
    ]  # fmt: skip
    assert [(g.comparison, g.value, g.unit) for g in trained.goals] == [("=", "2", "次"), ("≥", "3", "次")]
    assert trained.place == (4, 3)
    assert trained.goals[1].place == (4, 5)


def test_two_lists_in_one_form_and_rows_between() -> None:
    both = indicators(
        table(
            "目标1 | 一级指标 | 二级指标 | 三级指标 | 指标值",
            "指标 | 产出指标 | 数量指标 | 甲 | 3次",
            "年度目标2： | 加强监管 1x4",
            "指标 | 一级指标 | 二级指标 | 三级指标 | 指标值",
            "指标 | 产出指标 | 数量指标 | 乙 | 4次",
        )
    )
    assert [one.under[0].under[0].name for one in both] == ["甲", "乙"]


def test_a_table_without_indicators_has_no_tree() -> None:
    assert indicators(table("科目编码 | 科目名称 | 合计", "208 | 社会保障 | 3.00")) == ()


@pytest.mark.parametrize(
    ("text", "comparison", "value", "unit"),
    [
        ("≥90%", "≥", "90", "%"),
        ("≦ 0.5%", "≤", "0.5", "%"),
        ("》 20000 份", "≥", "20000", "份"),
        ("不超过1,200万元", "≤", "1200", "万元"),
        ("100%", "=", "100", "%"),
        ("54.47万人", "=", "54.47", "万人"),
        ("640元/人、年", "=", "640", "元/人、年"),
        ("6-9个月", "=", "6-9", "个月"),
        ("大于5种", ">", "5", "种"),
        ("明显提高", "定性", None, None),
        ("12月底前", "定性", None, None),
        ("2024年12月31日前", "定性", None, None),
        ("不低于上年", "定性", None, None),
        ("各类培训4次", "=", "4", "次"),
        ("病例审核检查2万份", "=", "2", "万份"),
        ("满意度达到90%以上", "≥", "90", "%"),
        ("3个工作日以内", "≤", "3", "个工作日"),
        ("2759.9m²", "=", "2759.9", "m2"),
        ("1999.12万元", "=", "1999.12", "万元"),
        ("2024.12.31前", "定性", None, None),
        ("提供24小时安保服务", "定性", None, None),
        ("下降5%", "定性", None, None),
        ("第3次", "定性", None, None),
        ("培训3-5次", "定性", None, None),
        ("覆盖2至3个", "定性", None, None),
    ],
)
def test_what_a_goal_asks_for(text: str, comparison: str, value: str | None, unit: str | None) -> None:
    found = goal(text)
    assert (found.text, found.comparison, found.value, found.unit) == (text, comparison, value, unit)
