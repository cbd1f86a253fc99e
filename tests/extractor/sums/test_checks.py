"""Sums: found as people state them on published tables, all kept on generated ones, failures reported as printed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from bench.generate import draw_document
from bench.truesums import TrueCell, TrueTable
from extractor.sums.checks import find_sums, table_sums
from extractor.sums.evidence import evidence, places
from extractor.sums.promises import Promise
from tests.extractor.labelled import Labelled, labelled, plain_table, stated

LABELLED = labelled()


@pytest.fixture(scope="module", params=LABELLED, ids=[one.name for one in LABELLED])
def form(request: pytest.FixtureRequest) -> Labelled:
    one: Labelled = request.param
    return one


def test_every_sum_that_a_person_states_is_found(form: Labelled) -> None:
    found = {stated(one) for one in table_sums(form.table)}
    assert form.wanted <= found


def test_no_sum_is_found_that_nobody_would_state(form: Labelled) -> None:
    found = {stated(one) for one in table_sums(form.table)}
    assert found <= form.allowed


def test_labels_cover_twelve_forms_and_more() -> None:
    assert len(LABELLED) >= 30
    assert sum(len(one.wanted) for one in LABELLED) > 600


def generated(seeds: range, count: int) -> Iterator[tuple[str, TrueTable]]:
    for seed in seeds:
        for number in range(count):
            for form in draw_document(seed, number).forms:
                truth = form.truth()
                cells = [(c["row"], c["col"], c["row_span"], c["col_span"], c["text"]) for c in truth["cells"]]
                yield truth["family"], plain_table(cells, truth["header_rows"], unit=truth["unit"])


def test_sums_of_generated_forms_all_hold() -> None:
    """They were computed: what fails was never promised."""
    families: set[str] = set()
    count = 0
    for family, table in generated(range(71, 74), 12):
        found = table_sums(table)
        assert [one for one in found if not one.holds] == [], family
        families.update([family] if found else [])
        count += len(found)
    assert len(families) > 15
    assert count > 1000


def test_most_numbers_of_lists_take_part_in_a_sum() -> None:
    listed = ("balance", "basic", "capital", "fund", "general", "granted", "income", "matrix", "spending", "units")
    inside = outside = 0
    for family, table in generated(range(81, 83), 12):
        if not family.startswith(listed):
            continue
        seen = {place for one in table_sums(table) for place in (one.target, *(part.place for part in one.terms))}
        numbers = [cell for cell in table.cells if cell.kind == "number"]
        inside += sum((table.id, cell.row, cell.col) in seen for cell in numbers)
        outside += sum((table.id, cell.row, cell.col) not in seen for cell in numbers)
    assert inside / (inside + outside) > 0.97


def changed(table: TrueTable, row: int, col: int, text: str) -> TrueTable:
    def new(cell: TrueCell) -> TrueCell:
        here = (cell.row, cell.col) == (row, col)
        return replace(cell, text=text, value=text.replace(",", "")) if here else cell

    return replace(table, cells=tuple(new(cell) for cell in table.cells))


def by_name(name: str) -> TrueTable:
    return next(one.table for one in LABELLED if one.name == name)


def failing(found: list[Promise]) -> list[Promise]:
    return [one for one in found if not one.holds]


def test_a_published_error_comes_back_as_printed() -> None:
    """行政运行 printed 569.36 where 488.91 + 16.45 are 505.36: the form says so, nobody mends it."""
    broken = failing(table_sums(by_name("spending-by-unit")))
    one = next(p for p in broken if p.target == ("t1", 13, 3))
    assert (one.expected, one.found, one.rule) == (Decimal("505.36"), Decimal("569.36"), "row_total")


def test_a_wrong_number_breaks_its_sums_and_is_blamed_alone() -> None:
    table = changed(by_name("general-by-code"), 10, 2, "260.00")
    seen = evidence(table_sums(table))
    assert [place for place, one in seen.items() if one.alone] == [("t1", 10, 2)]
    assert seen["t1", 10, 2].held == 0
    assert seen["t1", 10, 2].failed == 2


def test_a_number_that_keeps_its_sums_is_not_blamed() -> None:
    seen = evidence(table_sums(by_name("general-by-code")))
    assert all(one.failed == 0 and not one.alone and one.held for one in seen.values())


def test_of_two_numbers_that_could_be_wrong_neither_is_blamed() -> None:
    cells = [
        (0, 0, 1, 1, "科目"), (0, 1, 1, 1, "金额"), (1, 0, 1, 1, "合计"), (1, 1, 1, 1, "9.00"),
        (2, 0, 1, 1, "办公费"), (2, 1, 1, 1, "5.00"), (3, 0, 1, 1, "水费"), (3, 1, 1, 1, "3.00"),
    ]  # fmt: skip
    found = table_sums(plain_table(cells, 1))
    assert [one.holds for one in found] == [False]
    assert not any(one.alone for one in evidence(found).values())


def test_rounding_in_the_last_digit_is_no_error() -> None:
    cells = [
        (0, 0, 1, 1, "科目"), (0, 1, 1, 1, "金额"), (1, 0, 1, 1, "合计"), (1, 1, 1, 1, "10.01"),
        (2, 0, 1, 1, "办公费"), (2, 1, 1, 1, "5.00"), (3, 0, 1, 1, "水费"), (3, 1, 1, 1, "5.00"),
    ]  # fmt: skip
    (one,) = table_sums(plain_table(cells, 1))
    assert one.holds
    assert one.tolerance == Decimal("0.01")


def test_parts_that_are_not_all_may_be_less_but_not_more() -> None:
    def table(part: str) -> TrueTable:
        return plain_table(
            [
                (0, 0, 1, 1, "项目"), (0, 1, 1, 1, "金额"), (1, 0, 1, 1, "一、财政拨款收入"), (1, 1, 1, 1, "90.00"),
                (2, 0, 1, 1, "其中：经费拨款"), (2, 1, 1, 1, part), (3, 0, 1, 1, "二、事业收入"), (3, 1, 1, 1, "10.00"),
                (4, 0, 1, 1, "收入总计"), (4, 1, 1, 1, "100.00"),
            ],
            1,
        )  # fmt: skip

    part = {one.target[1:]: one for one in table_sums(table("80.00")) if one.relation == "at_most"}
    assert part[1, 1].holds
    assert [one.relation for one in failing(table_sums(table("95.00")))] == ["at_most"]


def test_shares_and_changes_of_two_years() -> None:
    cells = [(0, c, 1, 1, t) for c, t in enumerate(("项目", "2023年预算数", "2024年预算数", "增减额", "增减%"))]
    rows = (("合计", "10.00", "12.00", "2.00", "20.00%"), ("差旅费", "8.00", "9.00", "1.00", "12.50%"),
            ("会议费", "2.00", "3.00", "1.00", "50.00%"))  # fmt: skip
    cells += [(r, c, 1, 1, t) for r, row in enumerate(rows, 1) for c, t in enumerate(row)]
    found = table_sums(plain_table(cells, 1))
    assert not failing(found)
    change = next(one for one in found if one.target == ("t1", 2, 3))
    assert [(part.place[2], part.factor) for part in change.terms] == [(2, 1), (1, -1)]
    share = next(one for one in found if one.rule == "ratio" and one.target == ("t1", 2, 4))
    assert (share.expected, [part.place[2] for part in share.terms]) == (Decimal("12.50"), [3, 1])


def test_a_changed_number_never_goes_unnoticed() -> None:
    """Property: on published tables, any number of two or more sums that is misprinted by one digit breaks one."""
    rng = random.Random(5)
    for name in ("general-by-code", "income-by-code", "spending-three-code-columns", "granted-four-columns"):
        table = by_name(name)
        seen = evidence(table_sums(table))
        for _, row, col in rng.sample([place for place, one in seen.items() if one.held > 1], 6):
            text = next(cell.text for cell in table.cells if (cell.row, cell.col) == (row, col))
            wrong = ("4" if text[0] != "4" else "5") + text[1:]
            assert failing(table_sums(changed(table, row, col, wrong))), (name, row, col)


def test_tables_of_one_document_are_told_apart() -> None:
    one, two = by_name("income-by-code"), by_name("balance-numbered")
    found = find_sums([replace(one, id="t1"), replace(two, id="t2")])
    assert {p.target[0] for p in found} == {"t1", "t2"}


def test_a_column_of_dashes_belongs_to_the_amounts_beside_it() -> None:
    """收入总计 is the spending of all funds together: a fund with nothing but dashes does not part the others."""
    rows = [
        ("收入", "", "支出", "", "", ""),
        ("项目", "金额", "项目", "一般公共预算", "政府性基金预算", "国有资本经营预算"),
        ("一、本年收入", "4,547", "一、本年支出", "4,276", "—", "271"),
        ("（一）一般公共预算拨款", "4,276", "（一）教育支出", "4,200", "—", "—"),
        ("（二）政府性基金预算拨款", "—", "（二）住房保障支出", "76", "—", "—"),
        ("（三）国有资本经营预算拨款", "271", "（三）国有资本经营预算支出", "—", "—", "271"),
        ("收入总计", "4,547", "支出总计", "4,276", "—", "271"),
    ]
    cells = [(r, c, 1, 1, text) for r, row in enumerate(rows) for c, text in enumerate(row) if r]
    table = plain_table([(0, 0, 1, 2, "收入"), (0, 2, 1, 4, "支出"), *cells], 2, title="财政拨款收支总表", unit="万元")
    found = table_sums(table)
    assert [one for one in found if not one.holds] == []
    assert {("t1", 2, 5), ("t1", 6, 5)} <= {place for one in found for place in places(one)}


def test_a_near_amount_is_no_part_of_the_one_above() -> None:
    """4.15 after 4.14 is another item: only the very same amount may be a part that repeats its whole."""
    rows = (
        "机关工资福利支出 268.57", "工资奖金津贴补贴 72.73", "社会保障缴费 101.32", "住房公积金 2.21",
        "其他工资福利支出 92.31", "机关商品和服务支出 31.75", "办公经费 23.46", "因公出国费用 4.14", "维修费 4.15",
        "机关资本性支出 2.34", "设备购置 2.34", "合计 302.66",
    )  # fmt: skip
    cells = [(0, 0, 1, 1, "科目"), (0, 1, 1, 1, "预算数")]
    for row, text in enumerate(rows, start=1):
        name, amount = text.split()
        cells += [(row, 0, 1, 1, name), (row, 1, 1, 1, amount)]
    found = {stated(one) for one in table_sums(plain_table(cells, 1))}
    assert ("equals", (12, 1), frozenset({(1, 1), (6, 1), (10, 1)})) in found
    assert ("equals", (8, 1), frozenset({(9, 1)})) not in found


def test_growth_of_two_years_is_a_ratio_of_their_difference() -> None:
    cells = [(0, 0, 1, 1, "项目"), (0, 1, 1, 1, "2023年"), (0, 2, 1, 1, "2024年"), (0, 3, 1, 1, "增长率")]
    rows = (("基本支出", "80.00", "100.00", "25.00"), ("项目支出", "50.00", "40.00", "-20.00"))
    for row, texts in enumerate(rows, 1):
        cells += [(row, col, 1, 1, text) for col, text in enumerate(texts)]
    found = [one for one in table_sums(plain_table(cells, 1)) if one.rule == "ratio"]
    assert [(one.target[1:], str(one.expected), one.holds) for one in found] == [
        ((1, 3), "25.00", True), ((2, 3), "-20.00", True),
    ]  # fmt: skip
    terms = [(part.place[1:], int(part.factor)) for part in found[0].terms]
    assert terms == [((1, 2), 100), ((1, 1), -100), ((1, 1), 1)]


def test_a_subtotal_whose_head_was_misread_is_found_by_its_numbers() -> None:
    cells = [
        (0, 0, 2, 1, "科目名称"), (0, 1, 2, 1, "总计"), (0, 2, 1, 3, "基本支出"), (0, 5, 2, 1, "项目支出"),
        (1, 2, 1, 1, "小针"), (1, 3, 1, 1, "工资福利支出"), (1, 4, 1, 1, "商品和服务支出"),
    ]  # fmt: skip
    rows = (("教育支出", 10, 6, 4, 2, 4), ("农林水支出", 20, 15, 10, 5, 5), ("住房支出", 9, 8, 5, 3, 1))
    for head in ("小针", "-十"):
        texts = [(r, c, 1, 1, f"{t}.00" if c else str(t)) for r, row in enumerate(rows, 2) for c, t in enumerate(row)]
        drawn = plain_table([*cells[:4], (1, 2, 1, 1, head), *cells[5:], *texts], 2)
        found = {stated(one) for one in table_sums(drawn)}
        assert {("equals", (r, 2), frozenset({(r, 3), (r, 4)})) for r in (2, 3, 4)} <= found
        assert {("equals", (r, 1), frozenset({(r, 2), (r, 5)})) for r in (2, 3, 4)} <= found


def test_a_copy_of_a_number_is_exact() -> None:
    cells = [(0, 0, 1, 1, "编码"), (0, 1, 1, 1, "科目"), (0, 2, 1, 1, "金额")]
    rows = (("208", "社会保障", "10.00"), ("20805", "养老支出", "10.01"), ("2080505", "养老", "10.01"))
    for row, texts in enumerate(rows, 1):
        cells += [(row, col, 1, 1, text) for col, text in enumerate(texts)]
    assert [one.holds for one in table_sums(plain_table(cells, 1))] == [False, True]
