from __future__ import annotations

import numpy as np
import pytest

from extractor.elements import Box, Char, TextLine
from models.stacked import best, has_lines, is_digits, is_doubtful, joined, split

BOX = Box(0, 0, 40, 50)


def line(text: str, p: float = 0.99, box: Box = BOX) -> TextLine:
    return TextLine(text, box, tuple(Char(char, p, 10.0 + 10 * k) for k, char in enumerate(text)))


@pytest.mark.parametrize(
    ("read", "doubtful"),
    [
        (line("二级"), True),  # full characters side by side need a wider box
        (line("级"), False),
        (line("12"), False),
        (line("二级", box=Box(0, 0, 60, 50)), False),
        (line("项", 0.5, Box(0, 0, 30, 90)), True),
        (line("", box=Box(0, 0, 52, 76)), True),  # 名称, one above the other
        (line("8", 0.6, Box(0, 0, 52, 76)), False),
    ],
)
def test_full_characters_in_a_box_higher_than_wide_are_doubted(read: TextLine, doubtful: bool) -> None:
    assert is_doubtful(read) == doubtful


@pytest.mark.parametrize(("first", "text"), [("-", "一级"), ("—", "一级"), ("1", "1级")])
def test_a_dash_above_chinese_is_one(first: str, text: str) -> None:
    told = joined(BOX, [line(first), line("级")])
    assert (told.text, "".join(char.text for char in told.chars)) == (text, text)


def test_a_dash_above_figures_stays() -> None:
    assert joined(BOX, [line("-"), line("5")]).text == "-5"


@pytest.mark.parametrize(
    ("down", "upwards", "downwards", "text"),
    [
        (line("费待接", 0.99), line("接待费", 0.97), line("", 0.0), "接待费"),  # characters on their side read well too
        (line("接待费", 0.99), line("公务", 0.6), line("接待费", 0.98), "接待费"),
        (line("1", 0.85), line("一", 0.99), line("一", 0.99), "1"),  # turned, a 1 is a dash
        (line("以用", 0.6), line("公务", 0.4), line("公用", 0.95), "公用"),
    ],
)
def test_the_reading_whose_characters_are_surer(
    down: TextLine, upwards: TextLine, downwards: TextLine, text: str
) -> None:
    assert best(line("驻", 0.2, Box(0, 0, 30, 90)), down, upwards, downwards).text == text


@pytest.mark.parametrize(("down", "text"), [("名称", "名称"), ("-1", "")])
def test_only_chinese_stands_one_above_another_in_a_box_little_higher_than_wide(down: str, text: str) -> None:
    box = Box(0, 0, 52, 76)
    assert best(line("", box=box), line(down, box=box), line("", box=box), line("", box=box)).text == text


@pytest.mark.parametrize(
    ("bars", "width", "lined"),
    [
        (((8, 30), (44, 66)), 50, True),
        (((16, 24), (50, 58)), 50, False),  # two points, one above the other
        (((8, 46), (56, 64)), 30, False),  # an exclamation mark
        (((8, 66),), 50, False),
    ],
)
def test_two_lines_of_print_in_a_box(bars: tuple[tuple[int, int], ...], width: int, lined: bool) -> None:
    crop = np.full((74, width, 3), 250, np.uint8)
    for top, bottom in bars:
        crop[top:bottom, 12 : width - 12] = 20
    assert has_lines(crop, split(crop, Box(100, 200, 100 + width / 2, 237))) is lined


def test_only_digits_read_surely_are_believed_line_by_line() -> None:
    assert is_digits(line("210"))
    assert not is_digits(line("210", 0.7))
    assert not is_digits(line("2l0"))
    assert not is_digits(line("口口"))  # 吕
    assert not is_digits(line(""))
