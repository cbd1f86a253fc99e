from __future__ import annotations

import pytest

from extractor.elements import Box, Char, TextLine
from models.stacked import is_doubtful, joined

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
