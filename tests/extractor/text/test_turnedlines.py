from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from extractor.elements import Box, Char, TextLine
from extractor.ports import Tools
from extractor.text.turnedlines import with_turned

SIZE = 32


def turned(text: str, turns: int) -> NDArray[np.uint8]:
    font = ImageFont.load_default(SIZE)
    picture = Image.new("L", (round(font.getlength(text)) + 20, SIZE + 16), 250)
    ImageDraw.Draw(picture).text((10, 6), text, font=font, fill=20)
    return np.ascontiguousarray(np.rot90(np.array(picture), turns))


def column(text: str, picture: NDArray[np.uint8], p: float = 0.95) -> tuple[TextLine, ...]:
    """Characters one above another, in boxes of their own that share the picture's height."""
    height, width = picture.shape
    step = (height - 20) / len(text)
    boxes = [Box(5, 10 + k * step, width - 5, 10 + (k + 1) * step) for k in range(len(text))]
    return tuple(TextLine(c, box, (Char(c, p, width / 2),)) for c, box in zip(text, boxes, strict=True))


@pytest.mark.parametrize("grey", [True, False])
def test_characters_read_backwards_are_a_line_that_runs_upwards(tools: Tools, grey: bool) -> None:
    picture = turned("20195", 1)
    shown = picture if grey else np.repeat(picture[:, :, None], 3, axis=2)
    other = (TextLine("合计", Box(0, 0, 40, 20), (Char("合", 0.9, 10), Char("计", 0.9, 30))),)
    (whole,), same = with_turned([column("59102", picture), other], tools.reader, shown)
    assert whole.text == "20195"
    assert {char.x for char in whole.chars} == {picture.shape[1] / 2}
    assert same == other


def test_characters_that_lie_the_other_way_are_read_where_they_read_badly(tools: Tools) -> None:
    picture = turned("20195", -1)
    assert [line.text for line in with_turned([column("20I3d", picture, 0.5)], tools.reader, picture)[0]] == ["20195"]


def test_characters_that_stand_one_above_another_stay(tools: Tools) -> None:
    font = ImageFont.load_default(SIZE)
    drawn = Image.new("L", (SIZE + 10, 5 * (SIZE + 6)), 250)
    for k, char in enumerate("20486"):
        ImageDraw.Draw(drawn).text((10, k * (SIZE + 6)), char, font=font, fill=20)
    lines = column("20486", np.array(drawn))
    assert with_turned([lines], tools.reader, np.array(drawn)) == [lines]


@pytest.mark.parametrize("rows", [("0", "8"), ("20", "8")])
def test_a_code_wrapped_within_a_narrow_cell_is_not_read_from_the_side(rows: tuple[str, ...], tools: Tools) -> None:
    font = ImageFont.load_default(SIZE)
    picture = Image.new("L", (2 * SIZE, len(rows) * (SIZE + 2) + 10), 250)
    lines = []
    for k, text in enumerate(rows):
        wide, top = font.getlength(text), k * (SIZE + 2)
        ImageDraw.Draw(picture).text((SIZE - wide / 2, top), text, font=font, fill=20)
        box = Box(SIZE - wide / 2 - 2, top + 4, SIZE + wide / 2 + 2, top + SIZE + 4)
        lines.append(TextLine(text, box, tuple(Char(c, 0.95, SIZE) for c in text)))
    assert with_turned([tuple(lines)], tools.reader, np.array(picture)) == [tuple(lines)]
