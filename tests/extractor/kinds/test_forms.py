from __future__ import annotations

import pytest

from extractor.kinds.forms import (
    form_name,
    header_rows,
    identity,
    is_identity_row,
    is_numbering_row,
    kinds,
    unit_in_header,
)
from tests.pageparts import Drawn, draw, size


def headers(*rows: str) -> int:
    cells = draw(*rows)
    return header_rows(cells, size(cells)[0])


@pytest.mark.parametrize(
    ("count", "rows"),
    [
        (1, ("项目 | 预算数", "因公出国 | 1.00")),
        (2, ("收入 1x2 | 支出 1x2", "项目 | 预算数 | 项目 | 预算数", "一、财政拨款 | 1.00 | 一、基本支出 | ")),
        (3, ("序号 2x1 | 项目 2x1 | 合计 2x1 | 其中 1x2", "基本 | 项目", "栏次 | 1 | 2 | 3 | 4", "1 | 合计 | 5 | 4 |")),
        (2, ("编码 | 名称 | 合计 | 基本", "** | ** | 1 | 2", " | 合计 | 5.00 | 4.00")),
        (2, ("编码 | 合计 | 基本 | 项目", "1 | 2=3+4 | 3 | 4", "201 | 5.00 | 4.00 | 1.00")),
        (1, ("单位名称 | 单位性质 | 单位规格", "威县医疗保障局 | 行政 | 正科级", "医保中心 | 事业 | 股级")),
        (1, ("科目编码 | 科目名称 | 金额", "201 | 一般公共服务 | ", " | | ")),
        (0, ("项目名称 | 医疗救助 1x3", "主管部门 | 医保局 | 实施单位 | 医保中心")),
        (0, ("部门（单位）名称 | 某县医保局", "年度任务 | 无")),
        (0, ("绩效目标 | 1.促进基层做好医疗保险工作 1x2", "一级指标 | 二级指标 | 指标值", "产出 | 数量 | ≥95%")),
        (2, ("项目编码 2x1 | 功能科目 2x1 | 项目名称 2x1 | 来源 1x2", "合计 | 其他", "1 | 2 | a | 5 |")),
        (0, ("合计", )),
        (0, ("1.00 | 2.00", "3.00 | 4.00")),
        (1, ("合计 | 基本支出 | 项目支出", "6.00 | 2.00 | 4.00")),
    ],
)  # fmt: skip
def test_header_rows(count: int, rows: tuple[str, ...]) -> None:
    assert headers(*rows) == count


def test_the_header_never_is_the_whole_table() -> None:
    assert headers("收入 1x2 | 支出 1x2", "项目 | 预算数 | 项目 | 预算数") < 2


def test_numbering_rows() -> None:
    assert is_numbering_row(draw("栏次 | 1 | 2 | 3"))
    assert is_numbering_row(draw("甲 | 乙 | 1 | 2 | 3=1+2"))
    assert not is_numbering_row(draw("1 | 合计 | 5 | 4"))
    assert not is_numbering_row(draw("基本支出 | 1 | 2"))
    assert not is_numbering_row(draw("栏次 | 5 | 3"))


def test_a_numbering_row_with_one_number_misread() -> None:
    assert is_numbering_row(draw("栏次 | 1 | 2 | 3 | 4 | 5 | 6 | 1"))
    assert not is_numbering_row(draw("栏次 | 1 | 2 | 3 | 4 | 9 | 6 | 1"))
    assert not is_numbering_row(draw("1 | 2 | 9 | 4"))


def test_identity_rows() -> None:
    assert identity(draw("项目名称 | 医疗救助 | 主管部门 | 医保局"), 0) == [
        ("项目名称", "医疗救助"),
        ("主管部门", "医保局"),
    ]
    assert is_identity_row(draw("基本信息 2x1 | 项目名称 | 医疗救助", "主管部门 | 医保局"), 0)
    assert not is_identity_row(draw("项目名称 | "), 0)
    assert not is_identity_row(draw("项目名称 | 预算数"), 0)
    assert not is_identity_row(draw("项目名称 | 2020年"), 0)
    assert not is_identity_row(draw("项目名称 | 项目类型 | 项目总预算 | 项目本年度预算"), 0)
    assert not is_identity_row(draw("单位名称 | 单位性质 | 单位规格 | 经费保障形式"), 0)


def found(cells: list[Drawn]) -> dict[tuple[int, int], tuple[str, str | None]]:
    n_rows, n_cols = size(cells)
    named = kinds(cells, n_rows, n_cols, header_rows(cells, n_rows))
    return {(c.row, c.col): named[i] for i, c in enumerate(cells)}


def test_kinds_of_a_budget_table() -> None:
    got = found(
        draw(
            "科目编码 | 科目名称 | 合计 | 备注",
            "208 | 社会保障和就业支出 | 1,728.90 | ",
            "20805 | 行政事业单位养老支出 | （3.50） | 按人均标准测算，据实结算。",
            "2080505 | 基本养老保险缴费 | 12 | ",
        )
    )
    assert got[0, 0] == ("header", None)
    assert got[1, 0] == got[3, 0] == ("label", None)
    assert got[1, 1] == ("label", None)
    assert got[1, 2] == ("number", "1728.90")
    assert got[2, 2] == ("number", "-3.50")
    assert got[3, 2] == ("number", "12")
    assert got[1, 3] == ("empty", None)
    assert got[2, 3] == ("text", None)


def test_codes_are_known_without_a_head() -> None:
    got = found(draw("类 | 款 | 名称 | 金额", "208 | 05 | 养老 | 10", "210 | 11 | 医疗 | 20", "221 | 02 | 住房 | 30"))
    assert {got[r, c][0] for r in (1, 2, 3) for c in (0, 1)} == {"label"}
    assert {got[r, 3][0] for r in (1, 2, 3)} == {"number"}
    got = found(
        draw("支出 1x2 | 金额", "功能 | 名称 | 金额", "201 | 公共 | 210", "20103 | 办公 | 200", "2010301 | 行政 | 190")
    )
    assert [got[r, 0][0] for r in (2, 3, 4)] == ["label"] * 3
    assert [got[r, 2][0] for r in (2, 3, 4)] == ["number"] * 3


def test_a_numbering_row_does_not_hide_the_heads() -> None:
    got = found(draw("单位代码 | 单位名称 | 总计", "** | ** | 1", "38 | 东西湖区 | 2.00", "38001 | 区医保局 | 2.00"))
    assert got[2, 0] == ("label", None)


def test_kinds_of_a_project_form() -> None:
    got = found(
        draw(
            "项目名称 | 医疗救助 | 联系电话 | 13800000000",
            "资金总额 | 4091 | 占比 | 12.5%",
            "概述 | 保障困难群众。 1x3",
        )
    )
    assert got[0, 0][0] == "label"
    assert got[0, 3] == ("label", None)
    assert got[1, 1] == ("number", "4091")
    assert got[1, 3] == ("number", "12.5")
    assert got[2, 1] == ("text", None)


def test_a_unit_in_the_tables_head() -> None:
    assert unit_in_header(draw("项目 | 预算数（万元）", "合计 | 1.00")) == "万元"
    assert unit_in_header(draw("单位：元 1x2", "项目 | 预算数")) == "元"
    assert unit_in_header(draw("项目 | 金额（元） | 金额（万元）", "合计 | 1 | 2")) is None
    assert unit_in_header(draw("项目 | 人数（人）", "合计 | 1")) is None
    assert unit_in_header(draw("项目 | 预算数", "合计 | 1")) is None


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("2020 年部门收支总表", "部门收支总表"),
        ("2020年一般公共预算‘三公’经费支出表", "一般公共预算“三公”经费支出表"),
        ("1、城乡居民医疗保险经办机构经费绩效目标表", "项目绩效目标表"),
        ("表1 部门收支总表（续）", "部门收支总表"),
        ("二〇二〇年政府采购预算表", "政府采购预算表"),
        ("部门预算收支总表", "部门预算收支总表"),
        ("说明", None),
        (None, None),
        ("一般公共预算财政拨款基本支出表（2018年）", "一般公共预算财政拨款基本支出表"),
    ],
)
def test_form_names(title: str | None, name: str | None) -> None:
    assert form_name(title) == name
