"""Numbers that sums determine: corrected with the pixels' support, left as printed without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from extractor.elements import Box, Char, PageTable, TextLine
from extractor.joining.meaning import MeantTable, meanings
from extractor.joining.overpages import join_over_pages
from extractor.sums.repairs import repaired
from extractor.sums.spellings import NEVER, NumberForm, best_spelling, form_of, likely_values, price, written
from tests.pageparts import draw, page, part

ROWS = (
    "科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出",
    " | 合计 | 30.00 | 18.00 | 12.00",
    "208 | 社会保障和就业支出 | 10.00 | 8.00 | 2.00",
    "20805 | 养老支出 | 10.00 | 8.00 | 2.00",
    "210 | 卫生健康支出 | 20.00 | 10.00 | 10.00",
    "21011 | 行政事业单位医疗 | {} | 10.00 | 10.00",
)


def chars(text: str, **doubts: Char) -> tuple[Char, ...]:
    """Characters read without doubt, but for those given by place: c1=Char(…) for the second."""
    return tuple(doubts.get(f"c{k}", Char(c, 0.999)) for k, c in enumerate(text))


def read(
    text: str, doubts: Mapping[str, Char], where: tuple[int, int] = (5, 2), rows: Sequence[str] = ROWS
) -> MeantTable:
    """The table with `text` read in its last row's total; `doubts` are of the characters at `where`."""
    drawn = part(draw(*(row.format(text) for row in rows)), 1, n_cols=5, title="支出表")

    def with_line(table: PageTable) -> PageTable:
        def fill(row: int, col: int, said: str) -> tuple[TextLine, ...]:
            own = chars(said, **doubts) if (row, col) == where else chars(said)
            return (TextLine(said, Box(0, 0, 1, 1), own),) if said else ()

        return replace(table, cells=tuple(replace(c, lines=fill(c.row, c.col, c.text)) for c in table.cells))

    (meant,) = meanings(join_over_pages([page(1, with_line(drawn))]))
    return meant


def corrected(text: str, **doubts: Char) -> dict[tuple[int, int], tuple[str, str | None, str | None]]:
    (table,) = repaired([read(text, doubts)])
    return {(c.row, c.col): (c.text, c.value, c.read_as) for c in table.cells if c.read_as is not None}


def test_a_digit_gives_way_to_the_runner_up_that_the_sums_ask_for() -> None:
    found = corrected("26.00", c1=Char("6", 0.7, runner_up="0", runner_up_p=0.25))
    assert found == {(5, 2): ("20.00", "20.00", "26.00")}


def test_a_third_reading_will_do_where_it_has_odds() -> None:
    doubt = Char("6", 0.6, runner_up="8", runner_up_p=0.2, others=(("0", 0.1),))
    assert corrected("26.00", c1=doubt) == {(5, 2): ("20.00", "20.00", "26.00")}


def test_without_support_from_the_pixels_a_number_stays_as_printed() -> None:
    assert corrected("26.00") == {}
    assert corrected("26.00", c1=Char("6", 0.7, runner_up="8", runner_up_p=0.25)) == {}


def test_what_reads_as_no_number_becomes_the_one_that_sums_ask_for() -> None:
    assert corrected("20:00") == {(5, 2): ("20.00", "20.00", "20:00")}
    assert corrected("20.00.") == {(5, 2): ("20.00", "20.00", "20.00.")}
    assert corrected("2O.00", c1=Char("O", 0.9)) == {(5, 2): ("20.00", "20.00", "2O.00")}


def test_a_lost_digit_comes_back_where_the_recogniser_saw_something() -> None:
    seen = Char("0", 0.6, missed="2", missed_p=0.3)
    assert corrected("0.00", c0=seen) == {(5, 2): ("20.00", "20.00", "0.00")}
    assert corrected("0.00") == {}


def test_a_right_number_is_left_alone() -> None:
    assert corrected("20.00", c1=Char("0", 0.6, runner_up="6", runner_up_p=0.3)) == {}


def test_two_ways_to_mend_one_sum_are_none() -> None:
    """10.00 = 4.00 + 5.00: either part may be one too low, and both have the same odds."""
    rows = ("项目 | 金额", "合计 | 10.00", "办公费 | 4.00", "水费 | 5.00")
    table = part(draw(*rows), 1, n_cols=2, title="支出表")
    doubts = {2: Char("4", 0.7, runner_up="5", runner_up_p=0.2), 3: Char("5", 0.7, runner_up="6", runner_up_p=0.2)}

    def lines(row: int, col: int, said: str) -> tuple[TextLine, ...]:
        own = chars(said, c0=doubts[row]) if col == 1 and row in doubts else chars(said)
        return (TextLine(said, Box(0, 0, 1, 1), own),)

    table = replace(table, cells=tuple(replace(c, lines=lines(c.row, c.col, c.text)) for c in table.cells))
    meant = meanings(join_over_pages([page(1, table)]))
    assert all(cell.read_as is None for cell in repaired(meant)[0].cells)


def test_a_correction_does_not_break_a_sum_that_holds() -> None:
    """18.00 + 12.00 are printed 31.00: the parts keep their own sums, and the pixels of the total say 31.00."""
    doubt = Char("8", 0.7, runner_up="9", runner_up_p=0.3)
    rows = (ROWS[0], ROWS[1].replace("30.00", "31.00"), *ROWS[2:])
    table = read("20.00", {"c1": doubt}, (1, 3), rows)
    assert all(cell.read_as is None for cell in repaired([table])[0].cells)


Doubts = Mapping[tuple[int, int], Mapping[str, Char]]


def filled(rows: Sequence[str], doubts: Doubts, name: str = "支出表") -> PageTable:
    """A drawn table with its texts as lines of characters; `doubts` by place."""
    table = part(draw(*rows), 1, n_cols=rows[-1].count("|") + 1, title=name, unit="万元")

    def lines(row: int, col: int, said: str) -> tuple[TextLine, ...]:
        return (TextLine(said, Box(0, 0, 1, 1), chars(said, **doubts.get((row, col), {}))),) if said else ()

    return replace(table, cells=tuple(replace(c, lines=lines(c.row, c.col, c.text)) for c in table.cells))


def mended(*tables: PageTable) -> dict[tuple[str, int, int], str]:
    pages = [page(k, replace(table, page=k)) for k, table in enumerate(tables, start=1)]
    found = repaired(meanings(join_over_pages(pages)))
    return {(table.id, c.row, c.col): c.text for table in found for c in table.cells if c.read_as is not None}


def test_two_wrong_numbers_of_one_sum_are_mended_where_another_sum_asks_for_one() -> None:
    """90.00 is read 80.00 and 30.00 is read 39.00: neither alone makes 合计 right, nor their own row's total."""
    doubts = {
        (2, 1): {"c0": Char("8", 0.7, runner_up="9", runner_up_p=0.25)},
        (3, 1): {"c1": Char("9", 0.7, runner_up="0", runner_up_p=0.25)},
    }
    rows = (
        "科目名称 | 合计 | 基本支出 | 项目支出", "合计 | 120.00 | 70.00 | 50.00", "教育支出 | 80.00 | 50.00 | 40.00",
        "农林水支出 | 39.00 | 20.00 | 10.00",
    )  # fmt: skip
    assert mended(filled(rows, doubts)) == {("t1", 2, 1): "90.00", ("t1", 3, 1): "30.00"}


def test_two_numbers_that_must_stay_equal_are_changed_together() -> None:
    """类 and its only 款 are both read 41.00: the roll-up holds, their rows and the total do not."""
    doubt = {"c1": Char("1", 0.7, runner_up="6", runner_up_p=0.25)}
    rows = (
        "科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出", " | 合计 | 66.00 | 46.00 | 20.00",
        "208 | 社会保障支出 | 41.00 | 30.00 | 16.00", "20805 | 养老支出 | 41.00 | 30.00 | 16.00",
        "210 | 卫生健康支出 | 20.00 | 16.00 | 4.00", "21011 | 医疗 | 20.00 | 16.00 | 4.00",
    )  # fmt: skip
    assert mended(filled(rows, {(2, 2): doubt, (3, 2): doubt})) == {("t1", 2, 2): "46.00", ("t1", 3, 2): "46.00"}


def test_another_form_of_the_document_can_ask_for_a_number() -> None:
    general = (
        "科目名称 | 合计 | 基本支出 | 项目支出", "教育支出 | 600.00 | 500.00 | 100.00",
        "农林水支出 | 200.00 | 150.00 | 50.00", "合计 | 800.00 | 650.00 | 150.00",
    )  # fmt: skip
    basic = ("科目名称 | 预算数", "合计 | 656.00")
    doubt = {"c2": Char("6", 0.7, runner_up="0", runner_up_p=0.25)}
    granted = (
        "收入 1x2 | 支出 1x2", "项目 | 预算数 | 项目 | 一般公共预算",
        "一般公共预算 | 800.00 | 教育支出 | 600.00", " | | 农林水支出 | 200.00",
        "收入总计 | 800.00 | 支出总计 | 800.00",
    )  # fmt: skip
    found = mended(
        filled(general, {}, "一般公共预算支出表"), filled(basic, {(1, 1): doubt}, "一般公共预算基本支出表"),
        filled(granted, {}, "财政拨款收支总表"),
    )  # fmt: skip
    assert found == {("t2", 1, 1): "650.00"}


def test_a_digit_lost_before_a_mark_comes_back() -> None:
    rows = (ROWS[0], ROWS[1].replace("30.00", "1,220.00").replace("18.00", "1,208.00"), *ROWS[2:])
    rows = tuple(row.replace("20.00 | 10.00 | 10.00", "1,210.00 | 1,200.00 | 10.00") for row in rows)
    rows = (*rows[:5], "21011 | 行政事业单位医疗 | 1,210.00 | .200.00 | 10.00")
    assert mended(filled(rows, {})) == {("t1", 5, 3): "1,200.00"}


def test_a_worn_document_with_a_false_number_keeps_it() -> None:
    """Printed 21.00 where the parts say 20.00, in a document with other misread numbers: the pixels see a clear 1."""
    rows = [row.format("20.00") for row in ROWS]
    rows[4] = rows[4].replace("20.00", "21.00")
    doubts = {(2, 2): {"c0": Char("7", 0.6, runner_up="1", runner_up_p=0.3)}}
    rows[2] = rows[2].replace("10.00 |", "70.00 |", 1)
    assert mended(filled(rows, doubts)) == {("t1", 2, 2): "10.00"}


def test_likely_values_are_those_that_the_pixels_support() -> None:
    form = NumberForm(False, 2)
    doubt = Char("6", 0.7, runner_up="0", runner_up_p=0.2)
    assert set(likely_values(chars("26.00", c1=doubt), form, 5.0)) == {Decimal("26.00"), Decimal("20.00")}
    assert Decimal("21.00") not in likely_values(chars("2:.00"), form, 3.0)
    assert Decimal("21.00") in likely_values(chars("2:.00"), form, 5.0)


def test_numbers_are_written_as_their_column_writes_them() -> None:
    assert form_of(["1,200.00", "35.50", "7.00"]) == NumberForm(True, 2)
    assert written(Decimal("2549.18"), NumberForm(True, 2))[0] == "2,549.18"
    assert written(Decimal(600), NumberForm(False, 2))[0] == "600.00"
    spelled = best_spelling(chars("2.549.18"), Decimal("2549.18"), NumberForm(True, 2))
    assert spelled is not None
    assert spelled.text == "2,549.18"


@given(st.decimals(min_value=1, max_value=10**8, places=2), st.booleans())
def test_a_text_read_without_doubt_supports_itself_alone(value: Decimal, commas: bool) -> None:
    text = written(value, NumberForm(commas, 2))[0]
    assert price(chars(text), text) == 0.0
    other = ("1" if text[0] != "1" else "2") + text[1:]
    assert price(chars(text), other) == NEVER


def test_a_digit_gives_way_to_one_that_explains_its_ink_as_well() -> None:
    """The recogniser is sure and names no other; the page's own digits leave it open."""
    near = Char("6", 0.98, drawn=(("0", 0.40), ("6", 0.41)))
    assert corrected("26.00", c1=near) == {(5, 2): ("20.00", "20.00", "26.00")}
    far = Char("6", 0.98, drawn=(("6", 0.30), ("0", 0.39)))
    assert corrected("26.00", c1=far) == {}
    assert corrected("26.00", c1=Char("6", 0.98, drawn=(("8", 0.40), ("6", 0.41)))) == {}


def test_a_number_wrapped_over_two_lines_is_mended() -> None:
    table = read("20.00", {})
    cells = []
    for cell in table.cells:
        if (cell.row, cell.col) == (5, 2):
            lines = tuple(TextLine(said, Box(0, 0, 1, 1), chars(said)) for said in ("20", ":00"))
            ((number, own),) = cell.whole.parts
            whole = replace(cell.whole, text="20:00", parts=((number, replace(own, text="20:00", lines=lines)),))
            cell = replace(cell, text="20:00", value=None, kind="text", whole=whole)
        cells.append(cell)
    (found,) = repaired([replace(table, cells=tuple(cells))])
    assert [(c.text, c.read_as) for c in found.cells if c.read_as is not None] == [("20.00", "20:00")]


def test_several_numbers_of_one_sum_that_read_as_none_are_mended_together() -> None:
    rows = ("科目名称 | 金额", "合计 | 120.00", "教育支出 | 60:00", "农林水支出 | 20;00", "其他支出 | 40,00")
    assert mended(filled(rows, {})) == {("t1", 2, 1): "60.00", ("t1", 3, 1): "20.00", ("t1", 4, 1): "40.00"}
    wrong = (rows[0], rows[1].replace("120", "130"), *rows[2:])
    assert mended(filled(wrong, {})) == {}


def test_a_column_without_long_amounts_writes_as_its_table_does() -> None:
    rows = (
        "科目名称 | 合计 | 基本支出 | 项目支出", "合计 | 4,420.00 | 3,220.00 | 200.00",
        "教育支出 | 2,420.00 | 2,020.00 | 400.00", "农林水支出 | 2,000.00 | 1,200.00 | 800.00",
    )  # fmt: skip
    doubt = {"c0": Char("2", 0.6, missed="1", missed_p=0.4)}
    assert mended(filled(rows, {(1, 3): doubt})) == {("t1", 1, 3): "1,200.00"}


def test_sums_that_misread_digits_break_are_promised_all_the_same() -> None:
    """Four of six rows fail, each by what one digit makes: 合计 is still the sum of its parts, and one is mended."""
    rows = (
        "科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出", "201 | 甲支出 | 125.31 | 100.11 | 25.20",
        "203 | 乙支出 | 313.40 | 202.20 | 111.20", "205 | 丙支出 | 416.55 | 301.33 | 105.22",
        "207 | 丁支出 | 517.99 | 402.44 | 115.51", "208 | 戊支出 | 674.71 | 553.55 | 321.16",
        "210 | 己支出 | 777.77 | 666.66 | 161.11",
    )  # fmt: skip
    doubt = {"c0": Char("6", 0.7, runner_up="8", runner_up_p=0.25)}
    assert mended(filled(rows, {(5, 2): doubt})) == {("t1", 5, 2): "874.71"}
    other = {"105.22": "117.39", "115.51": "92.46", "161.11": "143.28"}
    strange = (*rows[:3], *(row.replace(one, other[one]) for one in other for row in rows if one in row), rows[5])
    assert mended(filled(strange, {(6, 2): doubt})) == {}


def test_a_sum_that_shows_only_with_its_unread_number_mends_it() -> None:
    """Nothing says that the first row is the sum of the others but the numbers, one of which reads as none."""
    rows = ("项目 | 预算数", "一、经济分类 | {}", "工资支出 | 63.10", "商品支出 | 35,40", "补助 | 21.00")
    assert mended(filled([row.format("119.50") for row in rows], {})) == {("t1", 3, 1): "35.40"}
    assert mended(filled([row.format("150.00") for row in rows], {})) == {}
