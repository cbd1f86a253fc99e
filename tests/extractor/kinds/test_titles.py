from __future__ import annotations

import pytest

from extractor.elements import Box, TextLine
from extractor.kinds.headings import find_organization, find_unit, find_year, is_numbering
from extractor.kinds.titles import Above, describe

PAGE = Box(0, 0, 595, 842)
TABLE = Box(50, 150, 545, 600)


def centred(text: str, y: float, height: float = 10.0) -> TextLine:
    width = len(text) * height
    return TextLine(text, Box(297.5 - width / 2, y, 297.5 + width / 2, y + height))


def left(text: str, y: float, height: float = 10.0, x: float = 50.0) -> TextLine:
    return TextLine(text, Box(x, y, x + len(text) * height, y + height))


def right(text: str, y: float, height: float = 10.0) -> TextLine:
    return TextLine(text, Box(545 - len(text) * height, y, 545, y + height))


def above(*lines: TextLine, table: Box = TABLE, floor: float = 0.0) -> Above:
    return describe(lines, table, floor, PAGE)


def test_title_unit_organisation_and_year() -> None:
    found = above(
        left("表十二", 40),
        centred("2017年政府采购预算表", 80, 18),
        left("部门：江苏省政协办公厅", 125),
        right("单位：万元", 125),
    )
    assert found == Above("2017年政府采购预算表", "万元", "江苏省政协办公厅", 2017, (0, 1, 2, 3))


def test_a_unit_beside_the_tables_number_counts() -> None:
    found = above(centred("一般公共预算支出表", 80, 18), right("公开05表 单位：万元", 125))
    assert (found.title, found.unit) == ("一般公共预算支出表", "万元")


def test_the_order_of_the_lines_does_not_matter() -> None:
    lines = [
        centred("部门预算收支总表", 80, 17),
        left("450威县医疗保障局", 125),
        centred("预算年度：2021", 125),
        right("单位:元", 125),
    ]
    for turned in (lines, lines[::-1]):
        found = above(*turned)
        assert (found.title, found.unit, found.organization, found.fiscal_year) == (
            "部门预算收支总表", "元", "威县医疗保障局", 2021,
        )  # fmt: skip


def test_a_year_line_is_not_the_title() -> None:
    found = above(
        centred("项目绩效目标申报表", 70, 17),
        left("(2020 年度)", 110),
        centred("填报日期：2019 年 10 月 8 日", 110),
        right("单位：万元", 110),
    )
    assert (found.title, found.unit, found.fiscal_year) == ("项目绩效目标申报表", "万元", 2020)


@pytest.mark.parametrize("heading", ["目录", "目 录", "部门预算情况"])
def test_a_heading_over_words_is_not_the_title_of_the_table_below_them(heading: str) -> None:
    found = above(
        centred(heading, 40, 22),
        left("第一部分 部门概况", 62),
        left("支出预算总表……………………………1", 74),
        left("一般公共预算基本支出表………………2", 86),
        centred("2016年一般公共预算基本支出表", 104, 17),
        right("单位：元", 130),
    )
    assert found.title == "2016年一般公共预算基本支出表"


def test_a_small_line_below_the_title_and_its_notes_is_not_the_title() -> None:
    lines = [centred("项目支出绩效自评表", 50, 18), left("填报说明见附件。", 80), left("请于三月底前报送。", 95)]
    assert above(*lines, left("年度目标完成情况", 120)).title == "项目支出绩效自评表"


def test_a_title_wraps_over_two_lines() -> None:
    first = "8、冀财社/2020/201号关于提前下达2021年省级财政补助资金的通知绩效"
    lines = (TextLine(first, Box(55, 60, 540, 76)), centred("目标表", 80, 19))
    assert above(*lines, centred("单位：元", 120)).title == first + "目标表"


@pytest.mark.parametrize("rest", ["效目标表", "目标表", "标表", "表"])
def test_a_title_s_short_last_line_in_a_loose_box(rest: str) -> None:
    # As detected: the long line's box is 11.7 high, that of one to four characters of the same type 19 to 22.
    whole = "11、冀财社/2020/147号关于提前下达2021年中央-医疗救助补助资金绩效目标表"
    first = whole.removesuffix(rest)
    wide = 15.2 * len(rest) + 6
    lines = (TextLine(first, Box(47, 50, 549, 61.7)), TextLine(rest, Box(297 - wide / 2, 66, 297 + wide / 2, 87)))
    assert above(*lines).title == whole


def test_a_bracket_on_its_own_line_belongs_to_the_title() -> None:
    assert (
        above(centred("一般公共预算支出表", 60, 18), centred("（功能分类项级）", 82, 17)).title
        == "一般公共预算支出表（功能分类项级）"
    )


def test_a_closing_bracket_that_the_detector_cut_off() -> None:
    found = above(centred("支出预算表（按经济分类", 80, 10), left("部门：某县环卫站", 125), right("单位：元", 125))
    assert found.title == "支出预算表（按经济分类）"


def test_two_headings_are_not_one_title() -> None:
    found = above(centred("威县医疗保障局", 50, 17), centred("部门预算收支总表", 80, 17))
    assert found.title == "部门预算收支总表"


def test_a_letter_spaced_title_in_pieces() -> None:
    pieces = [TextLine(c, Box(200 + 40 * i, 60, 218 + 40 * i, 78)) for i, c in enumerate("收支总表")]
    assert above(*pieces).title == "收支总表"


def test_a_title_far_above_and_one_of_the_table_before() -> None:
    table = Box(50, 500, 545, 700)
    lines = [centred("收入总表", 30, 17), centred("支出总表", 320, 17), right("单位：元", 480)]
    assert above(*lines, table=table, floor=300).title == "支出总表"
    assert above(centred("收入总表", 30, 17), right("单位：元", 480), table=table).title == "收入总表"


def test_prose_above_a_table_is_no_title() -> None:
    prose = [
        left("2024年，本部门收入预算1,212.10万元，其中：财政拨款收入938.13万元，比2023年", 80),
        left("预算增加36.05万元；事业收入262.00万元。主要变化如下：", 95),
        left("3", 20),
    ]
    assert above(*prose).title is None


def test_nothing_above() -> None:
    assert above() == Above()
    assert above(left("单位：万元", 700)) == Above()


@pytest.mark.parametrize(
    "lines",
    [
        (right("单位：万元", 125),),
        (right("（单位：万元）", 125),),
        (right("金额单位:万元", 125),),
        (right("单位万元", 125),),
        (right("单位： 万 元", 125),),
        (right("单位：方元", 125),),
        (TextLine("单位：", Box(480, 125, 510, 135)), TextLine("万元", Box(525, 125, 545, 135))),
        (left("部门：某局                          单位：万元", 125),),
        (left("编制单位：某某局 单位：万元", 125),),
        (centred("（单位：万元）", 125),),
        (right("（万元）", 125),),
    ],
)
def test_units(lines: tuple[TextLine, ...]) -> None:
    found = above(centred("部门收支总表", 80, 18), *lines)
    assert (found.title, found.unit) == ("部门收支总表", "万元")


def test_a_unit_printed_in_the_titles_line() -> None:
    found = above(centred("部门收支总表（单位：元）", 80, 18))
    assert (found.title, found.unit) == ("部门收支总表", "元")


@pytest.mark.parametrize("text", ["单位：元宝山区医保局", "单位名称：万元镇政府", "预算单位", "2020年单位预算"])
def test_no_units(text: str) -> None:
    assert find_unit(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("部门：江苏省政协办公厅", "江苏省政协办公厅"),
        ("单位名称：武汉市东西湖区医疗保障局", "武汉市东西湖区医疗保障局"),
        ("编制单位：上海市普陀区社会福利院", "上海市普陀区社会福利院"),
        ("填报单位（盖章）：某县财政局", "某县财政局"),
        ("预算部门（公章）:某县财政局", "某县财政局"),
        ("部门名称：[101]某县财政局", "某县财政局"),
        ("450001威县医疗保障局(本级）", "威县医疗保障局(本级)"),
        ("单位：万元", None),
        ("2020年部门收支总表", None),
    ],
)
def test_organisations(text: str, name: str | None) -> None:
    assert (None if find_unit(text) else find_organization(text)) == name


@pytest.mark.parametrize(
    "text", ["表1", "表十二", "附件1", "附表3-1", "公开01表", "部门公开表1", "公开部门01表", "预算01-1表", "附件2："]
)
def test_numberings(text: str) -> None:
    assert is_numbering(text)


@pytest.mark.parametrize("text", ["收支总表", "附属单位上缴表", "公开情况表", "表1 部门收支总表"])
def test_titles_are_no_numbering(text: str) -> None:
    assert not is_numbering(text)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2020年部门收支总表", 2020),
        ("2023部门整体绩效目标申报表", 2023),
        ("二〇二〇年收支总表", 2020),
        ("二○二一年度", 2021),
        ("预算年度：2021", 2021),
        ("（2020 年度）", 2020),
        ("填报日期：2019 年 10 月 8 日", None),
        ("2101101 行政单位医疗", None),
        ("联系电话：02783890000", None),
    ],
)
def test_years(text: str, year: int | None) -> None:
    assert find_year(text) == year
