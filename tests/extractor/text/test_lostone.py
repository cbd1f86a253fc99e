"""一 that is worn away before 般."""

import pytest

from extractor.elements import Box, Char, TextLine
from extractor.text.lostone import LIKELY, with_lost_ones

EM = 26.0
SCALE = EM / 0.88


def line(text: str, first: float, y: float = 50.0) -> TextLine:
    """Characters an em apart, a "~" leaves the place of one empty; `first`: middle of the first."""
    chars = tuple(Char(char, 0.99, first + k * EM) for k, char in enumerate(text) if char != "~")
    box = Box(chars[0].x - EM / 2, y, chars[-1].x + EM / 2, y + 30)
    return TextLine("".join(char.text for char in chars), box, chars)


def read(*lines: TextLine, left: float = 0.0) -> list[str]:
    return [one.text for one in with_lost_ones(lines, left, SCALE)]


@pytest.mark.parametrize(
    ("text", "first", "told"),
    [
        ("般公共服务支出", 60.0, "一般公共服务支出"),
        ("1.~般公共预算", 20.0, "1.一般公共预算"),
        ("般公共服务支出", 20.0, "般公共服务支出"),
        ("1.般公共预算", 20.0, "1.般公共预算"),
        ("一般公共预算", 60.0, "一般公共预算"),
        ("百般公共", 60.0, "百般公共"),
        ("—~般公共预算", 60.0, "—般公共预算"),
        ("般若", 60.0, "般若"),
        ("一‘~般公共预算", 60.0, "一‘般公共预算"),
    ],
    ids=[
        "first", "after a number", "no room", "no room after a number", "there", "other words", "a dash", "般若",
        "there before a mark",
    ],
)
def test_one_is_put_in_where_there_is_room(text: str, first: float, told: str) -> None:
    assert read(line(text, first)) == [told]


def test_it_stands_where_its_stroke_was_and_is_no_more_than_likely() -> None:
    (told,) = with_lost_ones([line("般行政管理事务", 60.0)], 0.0, SCALE)
    assert told.by_words
    assert (told.chars[0].text, told.chars[0].p, told.chars[0].x) == ("一", LIKELY, pytest.approx(60.0 - EM))


def test_a_wrapped_line_has_it_at_the_end_of_the_one_above() -> None:
    assert read(line("预算安排一", 60.0), line("般公共预算拨款", 60.0, 90.0))[1] == "般公共预算拨款"
    assert read(line("其中一", 60.0), line("般公共预算拨款", 60.0, 290.0))[1] == "一般公共预算拨款"
