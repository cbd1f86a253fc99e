"""Sums across the forms of one document: found where a person states them, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.truesums import TrueTable
from extractor.kinds.statutory import kind_by_title
from extractor.sums.crosssums import cross_sums
from extractor.sums.evidence import evidence
from extractor.sums.promises import Promise
from tests.extractor.labelled import plain_table
from tests.extractor.test_assemble import build
from tests.pageparts import draw, page, part


def form(name: str, title: str, header: int, *rows: str, unit: str | None = "万元") -> TrueTable:
    cells = [(c.row, c.col, c.row_span, c.col_span, c.text) for c in draw(*rows)]
    plain = plain_table(cells, header, title=title, unit=unit, name=name)
    return replace(plain, form_kind=kind_by_title(title))


def balance(current: str = "900.00", whole: str = "950.00", unit: str = "万元") -> TrueTable:
    return form(
        "balance", "部门收支总表", 2,
        "收入 1x2 | 支出 1x2", "项目 | 预算数 | 项目 | 预算数",
        f"一、财政拨款 | {current} | 一、教育支出 | 600.00", "二、事业收入 | | 二、农林水支出 | 350.00",
        f"本年收入合计 | {current} | 本年支出合计 | 950.00", "上年结转 | 50.00 | 结转下年 |",
        f"收入总计 | {whole} | 支出总计 | 950.00", unit=unit,
    )  # fmt: skip


def income(whole: str = "950.00", name: str = "income", unit: str | None = "万元") -> TrueTable:
    return form(
        name, "部门收入总表", 1, "科目编码 | 科目名称 | 合计 | 财政拨款 | 上年结转",
        f" | 合计 | {whole} | 900.00 | 50.00", "205 | 教育支出 | 600.00 | 550.00 | 50.00",
        "213 | 农林水支出 | 350.00 | 350.00 | ", unit=unit,
    )  # fmt: skip


def spending(whole: str = "950.00", title: str = "部门支出总表") -> TrueTable:
    return form(
        "spending", title, 1, "科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出",
        f" | 合计 | {whole} | 700.00 | 250.00", "205 | 教育支出 | 600.00 | 500.00 | 100.00",
        "213 | 农林水支出 | 350.00 | 200.00 | 150.00",
    )  # fmt: skip


GRANTED = form(
    "granted", "财政拨款收支总表", 2,
    "收入 1x2 | 支出 1x4", "项目 | 预算数 | 项目 | 合计 | 一般公共预算财政拨款 | 政府性基金预算财政拨款",
    "一般公共预算 | 800.00 | 教育支出 | 600.00 | 600.00 | ",
    "政府性基金 | 100.00 | 农林水支出 | 300.00 | 200.00 | 100.00",
    "收入总计 | 900.00 | 支出总计 | 900.00 | 800.00 | 100.00",
)  # fmt: skip


def general(whole: str = "800.00", title: str = "一般公共预算支出表", name: str = "general") -> TrueTable:
    return form(
        name, title, 2, "科目名称 2x1 | 合计 2x1 | 基本支出 1x3 | 项目支出 2x1", "小计 | 人员经费 | 公用经费",
        "教育支出 | 600.00 | 500.00 | 400.00 | 100.00 | 100.00",
        "农林水支出 | 200.00 | 150.00 | 50.00 | 100.00 | 50.00",
        f"合计 | {whole} | 650.00 | 450.00 | 200.00 | 150.00",
    )  # fmt: skip


BASIC = form(
    "basic", "一般公共预算基本支出表", 1, "科目编码 | 科目名称 | 合计 | 人员经费 | 公用经费",
    "301 | 工资福利支出 | 450.00 | 450.00 | ", "302 | 商品和服务支出 | 200.00 | | 200.00",
    " | 合计 | 650.00 | 450.00 | 200.00",
)  # fmt: skip
FUND = form(
    "fund", "政府性基金预算支出表", 1, "科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出",
    "212 | 城乡社区支出 | 100.00 | | 100.00", " | 合计 | 100.00 | | 100.00",
)  # fmt: skip


def said(*tables: TrueTable) -> dict[tuple[tuple[str, int, int], tuple[str, int, int]], bool]:
    return {(one.target, one.terms[0].place): one.holds for one in cross_sums(tables)}


def test_totals_and_items_agree_with_the_lists_of_income_and_spending() -> None:
    assert said(balance(), income(), spending()) == {
        (("balance", 6, 1), ("income", 1, 2)): True,
        (("balance", 6, 3), ("spending", 1, 2)): True,
        (("balance", 2, 1), ("income", 1, 3)): True,
        (("balance", 5, 1), ("income", 1, 4)): True,
        (("balance", 2, 3), ("spending", 2, 2)): True,
        (("balance", 3, 3), ("spending", 3, 2)): True,
    }


def test_each_fund_has_its_own_form_and_basic_spending_its_own() -> None:
    assert said(GRANTED, general(), BASIC, FUND) == {
        (("granted", 4, 4), ("general", 4, 1)): True,
        (("granted", 2, 4), ("general", 2, 1)): True,
        (("granted", 3, 4), ("general", 3, 1)): True,
        (("granted", 4, 5), ("fund", 2, 2)): True,
        (("general", 4, 2), ("basic", 3, 2)): True,
    }


def test_a_list_that_compares_years_is_taken_at_its_budget() -> None:
    compared = form(
        "general", "2024年一般公共预算支出表", 2, "科目名称 2x1 | 2023年执行数 2x1 | 2024年预算数 1x3 | 增减额 2x1",
        "小计 | 基本支出 | 项目支出", "教育支出 | 580.00 | 600.00 | 500.00 | 100.00 | 20.00",
        "农林水支出 | 190.00 | 200.00 | 150.00 | 50.00 | 10.00", "合计 | 770.00 | 800.00 | 650.00 | 150.00 | 30.00",
    )  # fmt: skip
    assert said(GRANTED, compared, BASIC) == {
        (("granted", 4, 4), ("general", 4, 2)): True,
        (("granted", 2, 4), ("general", 2, 2)): True,
        (("granted", 3, 4), ("general", 3, 2)): True,
        (("general", 4, 3), ("basic", 3, 2)): True,
    }


def test_spending_of_this_year_stands_above_what_is_carried_on() -> None:
    granted = form(
        "granted", "财政拨款收支总表", 2,
        "收入 1x2 | 支出 1x3", "项目 | 预算数 | 项目 | 一般公共预算 | 政府性基金预算",
        "一、本年收入 | 900.00 | 一、本年支出 | 800.00 | 90.00", "一般公共预算 | 800.00 | 教育支出 | 800.00 | ",
        "政府性基金 | 100.00 | 城乡社区支出 | | 90.00", " | | 二、结转下年 | | 10.00",
        "收入总计 | 900.00 | 支出总计 | 800.00 | 100.00",
    )  # fmt: skip
    fund = form(
        "fund", "政府性基金预算支出表", 2, "科目名称 2x1 | 本年支出 1x3", "小计 | 基本支出 | 项目支出",
        "城乡社区支出 | 90.00 | | 90.00", "合计 | 90.00 | | 90.00",
    )  # fmt: skip
    assert said(granted, fund) == {(("granted", 2, 4), ("fund", 3, 1)): True}


def test_a_list_of_this_year_alone_agrees_with_this_year() -> None:
    assert said(balance(), income("900.00")) == {
        (("balance", 4, 1), ("income", 1, 2)): True,
        (("balance", 2, 1), ("income", 1, 3)): True,
        (("balance", 5, 1), ("income", 1, 4)): True,
    }


def test_units_differ_by_half_a_unit_of_the_coarser() -> None:
    in_yuan = form(
        "income", "收入总表", 1, "科目名称 | 合计", "教育支出 | 6000049.00", "农林水支出 | 3500000.00",
        "合计 | 9500049.00", unit="元",
    )  # fmt: skip
    (one,) = cross_sums([balance(), in_yuan])
    assert one.holds
    assert (str(one.terms[0].factor), str(one.tolerance)) == ("0.0001", "0.005")
    too_far = form("income", "收入总表", 1, "科目名称 | 合计", "教育支出 | 1.00", "合计 | 9500051.00", unit="元")
    found = cross_sums([balance("950.00"), too_far, spending()])
    assert [one.holds for one in found if one.terms[0].place[0] == "income"] == [False]


def test_what_differs_is_reported_as_printed() -> None:
    same = balance("950.00")
    (failed,) = [one for one in cross_sums([same, income("905.00"), spending()]) if not one.holds]
    assert (failed.rule, failed.relation, str(failed.found), str(failed.expected)) == (
        "cross_table", "equals", "950.00", "905.00",
    )  # fmt: skip


def functions(*amounts: str, title: str = "部门支出总表", name: str = "spending") -> TrueTable:
    names = ("教育支出", "卫生健康支出", "农林水支出", "住房保障支出")
    rows = [f"{text} | {amount}" for text, amount in zip(names, amounts, strict=True)]
    return form(name, title, 1, "科目名称 | 合计", *rows, "合计 | 1000.00")


def by_function(*amounts: str) -> TrueTable:
    first, second, third, fourth = amounts
    return form(
        "balance", "部门收支总表", 2, "收入 1x2 | 支出 1x2", "项目 | 预算数 | 项目 | 预算数",
        f"一、财政拨款收入 | 1000.00 | 一、教育支出 | {first}", f" | | 二、卫生健康支出 | {second}",
        f" | | (三)农林水支出 | {third}", f" | | 4.住房保障支出 | {fourth}", "收入总计 | 1000.00 | 支出总计 | 1000.00",
    )  # fmt: skip


def test_an_item_that_differs_is_reported_beside_three_that_agree() -> None:
    printed = by_function("400.00", "300.00", "200.00", "100.00")
    one = said(printed, functions("400.00", "800.00", "200.00", "100.00"))
    assert [target for (target, _), holds in one.items() if not holds] == [("balance", 3, 3)]
    two = said(printed, functions("400.00", "800.00", "250.00", "100.00"))
    assert all(two.values())
    assert {target for target, _ in two} == {("balance", 6, 3), ("balance", 2, 3), ("balance", 5, 3)}
    three = said(printed, functions("450.00", "800.00", "250.00", "100.00"))
    assert list(three) == [(("balance", 6, 3), ("spending", 5, 1))]


@pytest.mark.parametrize(
    "tables",
    [
        pytest.param((balance(), income("777.00"), spending("888.00")), id="forms of several bodies"),
        pytest.param((balance(), spending(title="2019年部门支出决算总表")), id="budget beside final account"),
        pytest.param((GRANTED, general("800.00", "一般公共预算机关运行经费支出表")), id="a part of the form"),
        pytest.param((balance(), income("950.00", unit="平方米")), id="no unit of money"),
        pytest.param((GRANTED,), id="one form alone"),
    ],
)
def test_nothing_is_promised_of(tables: tuple[TrueTable, ...]) -> None:
    assert said(*tables) == {}


def test_two_lists_of_one_kind_are_promised_only_where_they_agree() -> None:
    found = said(balance(), income("950.00"), income("333.00", "other"), spending())
    assert ("other", 1, 2) not in {term for _, term in found}
    assert all(found.values())
    assert {target for target, _ in found} == {("balance", row, col) for row, col in ((6, 1), (6, 3), (2, 3), (3, 3))}


def test_two_amount_columns_without_a_total_name_none() -> None:
    years = form(
        "spending", "部门支出总表", 1, "科目名称 | 2023年预算数 | 2024年预算数", "教育支出 | 950.00 | 950.00",
        "合计 | 950.00 | 950.00",
    )  # fmt: skip
    assert said(balance(), years) == {}


def test_a_total_that_another_form_repeats_has_evidence() -> None:
    found: list[Promise] = cross_sums([balance(), income(), spending()])
    assert evidence(found)["income", 1, 2].held == 1
    assert evidence(found)["balance", 6, 3].held == 1


def test_a_document_reports_them_with_their_cells() -> None:
    tables = [
        draw("科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出", "205 | 教育支出 | 600.00 | 500.00 | 100.00",
             "213 | 农林水支出 | 200.00 | 150.00 | 50.00", " | 合计 | 800.00 | 650.00 | 150.00"),
        draw("科目编码 | 科目名称 | 合计 | 人员经费 | 公用经费", "301 | 工资福利支出 | 450.00 | 450.00 | ",
             "302 | 商品和服务支出 | 200.00 | | 200.00", " | 合计 | 650.00 | 450.00 | 200.00"),
    ]  # fmt: skip
    document = build(
        page(1, part(tables[0], 1, n_cols=5, title="一般公共预算支出表", unit="万元")),
        page(2, part(tables[1], 2, n_cols=5, title="一般公共预算基本支出表", unit="万元")),
    )
    (check,) = [c for t in document.tables for c in t.checks if c.rule == "cross_table"]
    assert (check.target.table, check.target.row, check.target.col) == ("t1", 3, 3)
    assert [(t.table, t.row, t.col, t.factor) for t in check.terms] == [("t2", 3, 2, "1")]
    assert check.holds


def travel(received: str, driven: str) -> TrueTable:
    return form(
        "travel", "一般公共预算“三公”经费支出表", 1, "项目 | 预算数", "合计 | 30.00", "1、因公出国（境）费用 | 0.00",
        f"2、公务接待费 | {received}", "3、公务用车费 | 22.00", f"其中：公务用车运行维护费 | {driven}",
        "公务用车购置费 | 0.00",
    )  # fmt: skip


OFFICE = form(
    "basic", "一般公共预算基本支出表", 1, "科目编码 | 科目名称 | 合计 | 人员经费 | 公用经费",
    "302 | 商品和服务支出 | 34.00 | | 34.00", "30217 | 公务接待费 | 8.00 | | 8.00",
    "30231 | 公务用车运行维护费 | 20.00 | | 20.00", "30239 | 其他交通费用 | 6.00 | | 6.00",
    " | 合计 | 34.00 | | 34.00",
)  # fmt: skip


def test_travel_items_hold_at_least_their_lines_of_basic_spending() -> None:
    found = cross_sums([travel("8.00", "22.00"), OFFICE])
    assert [(one.target, one.terms[0].place, one.relation, one.holds) for one in found] == [
        (("travel", 3, 1), ("basic", 2, 2), "equals", True),
        (("travel", 5, 1), ("basic", 3, 2), "at_most", True),
    ]


def test_travel_items_below_their_lines_are_of_another_body() -> None:
    assert cross_sums([travel("1.00", "2.00"), OFFICE]) == []


def test_travel_items_of_a_wide_form_are_its_heads() -> None:
    wide = form(
        "travel", "“三公”经费支出表", 2, "合计 2x1 | 因公出国(境)费 2x1 | 公务接待费 2x1 | 公务用车购置及运行费 1x3",
        "小计 | 购置费 | 运行费", "30.00 | 2.00 | 8.00 | 20.00 | 0.00 | 20.00",
    )  # fmt: skip
    assert said(wide, OFFICE) == {
        (("travel", 2, 2), ("basic", 2, 2)): True,
        (("travel", 2, 5), ("basic", 3, 2)): True,
    }
