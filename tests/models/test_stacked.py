from __future__ import annotations

import pytest

from extractor.elements import Box, Char, TextLine
from models.stacked import best, is_doubtful, joined

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
    assert best(line("驻", 0.2), down, upwards, downwards).text == text
