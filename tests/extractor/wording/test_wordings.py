"""Names, codes and numbers of columns that the rest of a document settles, among what the recogniser held possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from extractor.assemble import understand
from extractor.elements import Box, Char, PageTable, TextLine
from extractor.joining.overpages import WholeCell, join_over_pages
from extractor.trust.textsigns import lines_of, sureness
from extractor.wording.classification import names
from extractor.wording.wordings import with_names_settled
from tests.pageparts import draw, page, part

Doubts = Mapping[tuple[int, int], Mapping[int, Char]]


def read(rows: Sequence[str], doubts: Doubts, *, repair: bool = True) -> dict[tuple[int, int], WholeCell]:
    """The cells of a drawn table, settled. doubts: by place, characters (by their place) that are not read for sure."""
    n_cols = rows[0].count("|") + 1
    drawn = part(draw(*rows), 1, n_cols=n_cols, title="支出表")

    def line(where: tuple[int, int], text: str) -> tuple[TextLine, ...]:
        own = doubts.get(where, {})
        chars = tuple(replace(own.get(k, Char(c, 0.9999)), x=10.0 * k) for k, c in enumerate(text))
        return (TextLine(text, Box(0, 0, 10.0 * len(text), 10), chars),) if text else ()

    def with_lines(table: PageTable) -> PageTable:
        return replace(table, cells=tuple(replace(c, lines=line((c.row, c.col), c.text)) for c in table.cells))

    (table,) = understand([page(1, with_lines(drawn))], repair=repair).whole
    return {(c.row, c.col): c for c in table.cells}


def changed(rows: Sequence[str], doubts: Doubts) -> dict[tuple[int, int], str]:
    said = {(r, k): text.strip() for r, row in enumerate(rows) for k, text in enumerate(row.split("|"))}
    return {place: cell.text for place, cell in read(rows, doubts).items() if cell.text != said[place]}


def least(cell: WholeCell) -> float:
    return min(char.p for _, part in cell.parts for line in part.lines for char in line.chars)


HEAD = "科目名称 | 合计"
CODED = ("编码 | 科目名称 | 合计", "208 | 社会保障和就业支出 | 1.00", "20805 | 行政事业单位养老支出 | 1.00")


def test_a_name_of_the_classification_decides_between_look_alikes() -> None:
    rows = (HEAD, "优扰对象医疗补助 | 1.00", "培训费 | 2.00")
    found = read(rows, {(1, 0): {1: Char("扰", 0.95, runner_up="抚", runner_up_p=0.03)}})
    assert found[1, 0].text == "优抚对象医疗补助"
    assert "by_words" in found[1, 0].flags
    assert 0.5 < least(found[1, 0]) <= 0.95


def test_a_name_said_elsewhere_decides_and_its_code_is_no_part_of_it() -> None:
    rows = (HEAD, "河道保洁工程 | 1.00", "12 河道保洁工程 | 2.00", "13 河道保诘工程 | 2.00")
    doubt = Char("诘", 0.9, runner_up="洁", runner_up_p=0.08)
    assert changed(rows, {(3, 0): {6: doubt}}) == {(3, 0): "13 河道保洁工程"}


def test_a_name_stays_as_read_where_nothing_is_to_be_repaired() -> None:
    rows = (HEAD, "优扰对象医疗补助 | 1.00", "培训费 | 2.00")
    cell = read(rows, {(1, 0): {1: Char("扰", 0.95, runner_up="抚", runner_up_p=0.03)}}, repair=False)[1, 0]
    assert (cell.text, cell.flags) == ("优扰对象医疗补助", ())


def test_what_the_pixels_do_not_support_stays_and_is_trusted_less() -> None:
    rows = (HEAD, "优扰对象医疗补助 | 1.00")
    cell = read(rows, {(1, 0): {1: Char("扰", 0.93)}})[1, 0]
    assert cell.text == "优扰对象医疗补助"
    assert least(cell) < 0.5
    assert least(read(rows, {})[1, 0]) > 0.9


def test_names_that_numerals_or_years_part_stay_two_names() -> None:
    rows = ("指标 | 一级指标名称", "甲 | 二级指标名称", "乙 | 一级指标名称", "丙 | 一级指标名称")
    assert changed(rows, {(1, 1): {0: Char("二", 0.9, runner_up="一", runner_up_p=0.09)}}) == {}


def test_a_character_left_out_is_put_in_where_there_is_room_for_it() -> None:
    rows = (HEAD, "机关事业单位职业年金费支出 | 1.00")
    shut = {(1, 0): {9: Char("金", 0.999)}}
    assert changed(rows, shut) == {}
    text = "机关事业单位职业年金费支出"
    chars = tuple(Char(c, 0.99, x=10.0 * k + (10.0 if k >= 10 else 0.0)) for k, c in enumerate(text))
    drawn = part(draw(*rows), 1, n_cols=2, title="支出表")
    cells = tuple(
        replace(c, lines=(TextLine(c.text, Box(0, 0, 150, 10), chars),)) if c.text == text else c for c in drawn.cells
    )
    (table,) = with_names_settled(join_over_pages([page(1, replace(drawn, cells=cells))]))
    assert "机关事业单位职业年金缴费支出" in [c.text for c in table.cells]


def test_a_character_too_many_is_left_out() -> None:
    rows = (HEAD, "其他卫生健康支出： | 1.00")
    doubt = Char("：", 0.51, runner_up="", runner_up_p=0.48)
    assert changed(rows, {(1, 0): {8: doubt}}) == {(1, 0): "其他卫生健康支出"}


def test_a_code_is_the_one_of_its_name() -> None:
    rows = (*CODED[:2], "20305 | 行政事业单位养老支出 | 1.00", "2080501 | 行政单位离退休 | 1.00")
    found = read(rows, {(2, 0): {2: Char("3", 0.985, runner_up="8", runner_up_p=0.014)}})
    assert found[2, 0].text == "20805"
    assert changed(rows, {}) == {}


def test_a_code_left_half_and_one_with_marks_are_mended_by_their_names() -> None:
    rows = (*CODED, "2080,01 | 行政单位离退休 | 1.00", "210 | 卫生健康支出 | 1.00", "22住房保障支出 | | 2.00")
    doubts = {
        (3, 0): {4: Char(",", 0.6, runner_up="5", runner_up_p=0.1)},
        (5, 0): {1: Char("2", 0.95, missed="1", missed_p=0.05, missed_after=True)},
    }
    assert changed(rows, doubts) == {(3, 0): "2080501", (5, 0): "221住房保障支出"}


def test_codes_of_an_edition_of_their_own_stay() -> None:
    rows = (
        "编码 | 科目名称 | 合计", "21016 | 医疗保障管理事务 | 1.00", "2101605 | 医疗保障政策管理 | 1.00",
        "2101606 | 医疗保障经办事务 | 1.00", "2101699 | 其他医疗保障管理事务支出 | 1.00",
    )  # fmt: skip
    assert changed(rows, {(3, 0): {4: Char("6", 0.987, runner_up="5", runner_up_p=0.005)}}) == {}


def test_the_classification_is_read_as_it_is_written() -> None:
    known = names()
    assert known["20805"] == "行政事业单位养老支出"
    assert known["2101501"] == "行政运行"
    assert known["2210201"] == known["30113"] == "住房公积金"
    assert all(len(code) in (3, 5, 7) and name for code, name in known.items())


def counted(last: str, **doubts: Char) -> list[str]:
    """The texts of a row that numbers columns, its fifth read as `last` with the characters c0, c1."""
    rows = ("编码 | 名称 | 合计 | 支出 | 项目 | 其他", f"栏次 | 1 | 2 | 3 | 4 | {last}")
    found = read(rows, {(1, 5): {int(k[1]): char for k, char in doubts.items()}})
    return [found[1, k].text for k in range(6)]


def test_a_number_of_a_row_that_counts_is_that_of_its_place() -> None:
    assert counted("1", c0=Char("1", 0.93, runner_up="I", runner_up_p=0.05))[-1] == "5"
    assert counted("S", c0=Char("S", 0.5, runner_up="5", runner_up_p=0.4))[-1] == "5"


def test_a_number_of_a_column_that_counts_is_that_of_its_place() -> None:
    rows = ("行次 | 项目", "1 | 甲", "2 | 乙", "3 | 丙", "1 | 丁", "J | 戊", "6 | 己", "7. | 庚", "8 | 辛")
    doubts = {
        (4, 0): {0: Char("1", 0.996, runner_up="4", runner_up_p=0.003)},
        (5, 0): {0: Char("J", 0.986, runner_up="3", runner_up_p=0.006)},
        (7, 0): {1: Char(".", 0.92, runner_up="", runner_up_p=0.06)},
    }
    assert changed(rows, doubts) == {(4, 0): "4", (5, 0): "5", (7, 0): "7"}
    again = ("序号 | 项目", "1 | 甲", "2 | 乙", "3 | 丙", "1 | 丁", "2 | 戊", "3 | 己")
    assert changed(again, {(4, 0): {0: Char("1", 0.9, runner_up="4", runner_up_p=0.05)}}) == {}


def test_a_number_read_without_doubt_stays_where_it_does_not_count_on() -> None:
    assert counted("7")[-1] == "7"


def test_figures_that_do_not_count_are_left_alone() -> None:
    rows = ("编码 | 名称 | 合计 | 支出 | 项目 | 其他", "栏次 | 1 | 2 | 9 | 4 | 3")
    assert changed(rows, {(1, 5): {0: Char("3", 0.8, runner_up="5", runner_up_p=0.1)}}) == {}


def test_trades_that_number_their_institutions_otherwise_have_no_item_50():
    known = names()
    assert known["2010350"] == "事业运行" == known["2130104"]
    assert known["2130204"] == "事业机构"
    assert not {"2070150", "2130150", "2130250", "2130350"} & set(known)


def test_a_stroke_alone_is_a_dash_unless_its_column_or_row_is_numbered() -> None:
    funds = ("资金 | 预算数 | 得分", "上年结转 | 1.00 | 一", "其他 | 2.00 | 无")
    assert changed(funds, {}) == {(1, 2): "—"}
    assert least(read(funds, {})[1, 2]) <= 0.95
    numbered = ("序号 | 项目 | 合计", "一 | 培训费 | 1.00", "二 | 会议费 | 2.00")
    assert changed(numbered, {}) == {}


def test_a_quotation_mark_that_was_clearly_read_stays() -> None:
    rows = (HEAD, "医疗政策宣传 | 1.00", "医疗政策宣传 | 2.00", '"医疗政策宣传 | 3.00')
    assert changed(rows, {(3, 0): {0: Char('"', 0.95, runner_up="", runner_up_p=0.032)}}) == {}
    assert changed(rows, {(3, 0): {0: Char('"', 0.55, runner_up="", runner_up_p=0.44)}}) == {(3, 0): "医疗政策宣传"}


def test_a_character_hardly_named_is_trusted_less_too() -> None:
    rows = (HEAD, "城乡医疗救功 | 1.00")
    cell = read(rows, {(1, 0): {5: Char("功", 0.9993, runner_up="助", runner_up_p=0.0003)}})[1, 0]
    assert cell.text == "城乡医疗救功"
    assert least(cell) < 0.9


def test_codes_that_a_narrow_column_cuts_off_stay_as_printed() -> None:
    rows = (*CODED, "210110 | 行政单位医疗 | 1.00", "210110 | 公务员医疗补助 | 1.00", "2101 | 卫生健康管理事务 | 1.00")
    cut = Char("0", 0.83, missed=".", missed_p=0.16, missed_after=True)
    assert changed(rows, {(4, 0): {5: cut}}) == {}


def test_a_heading_said_twice_is_that_of_its_place() -> None:
    rows = ("指标 | 一级指标 | 二级指标 | 二级指标 | 指标值", "产出 | 甲 | 乙 | 丙 | 1.00")
    doubt = {(0, 3): {0: Char("二", 0.99, runner_up="一", runner_up_p=0.008)}}
    assert changed(rows, doubt) == {(0, 3): "三级指标"}
    clear = {(0, 3): {0: Char("二", 0.9999)}}
    assert changed(rows, clear) == {}
    assert least(read(rows, clear)[0, 3]) < 0.95
    other = ("指标 | 一级指标 | 三级指标 | 指标值", "产出 | 甲 | 丙 | 1.00")
    assert least(read(other, {})[0, 2]) > 0.99


CLASSES = (
    "项目 | 合计", "201一般公共服务支出 | 1.00", "205教育支出 | 1.00", "208社会保障和就业支出 | 1.00",
    "210卫生健康支出 | 1.00", "212城乡社区支出 | 1.00", "213农林水支出 | 1.00", "217金融支出 | 1.00",
    "221住房保障支出 | 1.00", "229其他支出 | 1.00",
)  # fmt: skip


def test_a_code_before_its_name_that_lacks_digits_gets_one_back_or_is_not_trusted() -> None:
    found = read((*CLASSES, "19援助其他地区支出 | 1.00", "2社会保险基金支出 | 1.00", "16商业服务业等事务 | 1.00"), {})
    told = ["219援助其他地区支出", "2社会保险基金支出", "16商业服务业等事务"]
    assert [found[row, 0].text for row in (10, 11, 12)] == told
    assert max(least(found[row, 0]) for row in (10, 11, 12)) < 0.5
    assert min(least(found[row, 0]) for row in range(1, 10)) > 0.99


def test_a_code_that_another_name_has_is_not_trusted() -> None:
    found = read((*CLASSES, "211交通运输支出 | 1.00"), {(10, 0): {2: Char("1", 0.9995)}})
    assert found[10, 0].text == "211交通运输支出"
    assert least(found[10, 0]) < 0.8
    doubted = min(sureness(lines_of(found[10, 0])), key=lambda one: one.p)
    assert doubted.rival > 0.2
    assert doubted.among < 0.8
