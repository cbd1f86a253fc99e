from __future__ import annotations

import pytest

from extractor.elements import Box, PageLine, PageResult
from extractor.joining.orphans import with_orphaned_titles
from extractor.joining.running import as_read, with_words_above, without_running_heads
from tests.pageparts import draw, page, part

TABLE = draw("项目 | 金额", "合计 | 1.00")


def line(text: str, y: float, height: float = 10.0) -> PageLine:
    width = len(text) * height
    return PageLine(text, Box(297.5 - width / 2, y, 297.5 + width / 2, y + height), 0.99)


def titled(number: int, title: str | None, *lines: PageLine) -> PageResult:
    return page(number, part(TABLE, number, n_cols=2, title=title), lines=lines)


def test_a_running_head_is_no_title() -> None:
    head = "2022年部门预算"
    pages = without_running_heads(
        [
            titled(1, "部门收支总表", line(head, 25), line("部门收支总表", 60)),
            titled(2, head, line("2022年部门预筭", 30)),
        ]
    )
    assert [p.tables[0].title for p in pages] == ["部门收支总表", None]


def test_a_running_head_stands_elsewhere_on_the_next_photograph() -> None:
    head = "2022年部门预算"
    first = titled(1, "部门收支总表", line(head, 45), line("部门收支总表", 80))
    pages = without_running_heads([first, titled(2, head, line(head, 68))])
    assert pages[1].tables[0].title is None
    # Where something stands above it, it is no head of pages.
    pages = without_running_heads([first, titled(2, head, line("附件二", 30), line(head, 68))])
    assert pages[1].tables[0].title == head


def test_a_running_head_above_two_titles_is_none_at_whatever_height() -> None:
    head = "2022年部门预算"
    others = [titled(k, name, line(head, y), line(name, y + 30))
              for k, name, y in ((1, "部门收支总表", 45), (2, "部门收入总表", 90), (3, "部门支出总表", 70))]
    far = titled(4, head, line(head, 140))
    assert without_running_heads([*others, far])[3].tables[0].title is None
    # One page alone may say it for another reason.
    assert without_running_heads([others[0], far])[1].tables[0].title == head


def test_a_title_printed_again_stays_a_title() -> None:
    pages = without_running_heads([titled(n, "政府采购预算表", line("政府采购预算表", 60)) for n in (1, 2)])
    assert [p.tables[0].title for p in pages] == ["政府采购预算表"] * 2


def test_a_title_left_on_the_page_before() -> None:
    before = page(
        1,
        part(TABLE, 1, n_cols=2, title="收入总表", at_bottom=False),
        lines=(line("收入总表", 40, 17), line("支出总表", 300, 17), line("单位：元", 330), line("1", 820)),
    )
    pages = with_orphaned_titles([before, titled(2, None)])
    assert (pages[1].tables[0].title, pages[1].tables[0].unit) == ("支出总表", "元")


def test_a_note_on_the_page_before_is_no_title() -> None:
    before = page(
        1, part(TABLE, 1, n_cols=2, title="收入总表", at_bottom=False), lines=(line("注：本表为空表", 300),)
    )
    assert with_orphaned_titles([before, titled(2, None)])[1].tables[0].title is None


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_as_read(rotation: int) -> None:
    places = ((10, 20, 30, 25), (20, 812, 25, 832), (565, 817, 585, 822), (570, 10, 575, 30))
    assert as_read(Box(*places[rotation // 90]), page(1, rotation=rotation)) == Box(10, 20, 30, 25)


def test_the_last_line_of_another_page_s_title_is_no_running_head() -> None:
    first, rest = "10、关于提前下达省级财政医疗救助补助资金的通知绩", "效目标表"
    pages = without_running_heads(
        [
            titled(1, first + rest, line(first, 45), line(rest, 65)),
            titled(2, "目标表", line("目标表", 65)),
        ]
    )
    assert [p.tables[0].title for p in pages] == [first + rest, "目标表"]


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("11、关于提前下达医疗救助补助资金绩效目", False),
        ("（续表）", True),
        ("单位：万元", True),
        ("填报日期：2019年9月30日", True),
        ("第 2 页 共 3 页", True),
        ("表", True),
    ],
)
def test_words_of_one_page_alone_head_a_table_of_their_own(text: str, stays: bool) -> None:
    head = line("2022年部门预算", 30)
    first = "10、关于提前下达医疗救助补助资金绩效目"
    pages = with_words_above([titled(1, first + "标表", head, line(first, 50)), titled(2, None, head, line(text, 50))])
    assert pages[1].tables[0].at_top == stays


def test_a_running_head_stands_lower_on_one_photograph_than_on_the_next() -> None:
    head = "高坪区商务局2021年部门预算公开"
    pages = with_words_above([titled(1, "项目支出绩效自评表", line(head, 70)), titled(2, None, line(head, 30))])
    assert pages[1].tables[0].at_top


def test_what_nobody_can_read_above_a_table_is_no_heading() -> None:
    mark = PageLine("18冀出八", Box(200, 40, 260, 60), 0.03)
    pages = with_words_above([titled(1, "收支总表"), titled(2, None, mark)])
    assert pages[1].tables[0].at_top


def at(text: str, x: float, y: float = 25.0, height: float = 10.0) -> PageLine:
    return PageLine(text, Box(x, y, x + len(text) * height, y + height), 0.9)


HEAD = at("2020年部门预算", 250)


@pytest.mark.parametrize(
    ("left", "known"),
    [
        (at("N预算", 300), True),  # worn at its beginning
        (at("2020年", 250), True),
        (at("N预算", 420), False),  # beside the head's place
        (at("N预算", 300, y=70), False),  # below it
        (at("N预算", 300, height=16), False),  # as large as a title
        (at("附件一", 300), False),  # other words
        (at("预算表", 300), False),  # a form's name
    ],
)
def test_what_is_left_of_a_worn_running_head_is_no_title(left: PageLine, known: bool) -> None:
    pages = [titled(1, "部门收支总表", HEAD, line("部门收支总表", 60)), titled(2, left.text, left)]
    assert [p.tables[0].title for p in without_running_heads(pages)] == ["部门收支总表", None if known else left.text]


def test_a_worn_running_head_parts_no_table_from_the_page_before() -> None:
    worn = [titled(1, "部门收支总表", HEAD, line("部门收支总表", 60)), titled(2, None, at("020年部门顶", 255))]
    assert [p.tables[0].at_top for p in with_words_above(worn)][1]
    other = [worn[0], titled(2, None, at("第三部分附表", 255))]
    assert not with_words_above(other)[1].tables[0].at_top
