"""一 above characters that stand in a column."""

import numpy as np
import pytest

from extractor.elements import Box, Char, TextLine
from extractor.text.downward import with_level_strokes
from extractor.text.leftover import Pieces

EM, PITCH, LEFT = 26, 40, 30
CELL = Box(10.0, 0.0, 80.0, 190.0)


def column(*, stroke: tuple[int, int] | None, swallowed: float = 0.0) -> tuple[list[TextLine], Pieces]:
    """级指标 down a cell, with a level stroke from x0 to x1 a pitch above it, or none.

    `swallowed`: by how many pixels the first line's box reaches up.
    """
    mask = np.zeros((190, 90), np.uint8)
    lines = []
    for k, text in enumerate("级指标"):
        top = 60 + k * PITCH
        mask[top : top + EM, LEFT : LEFT + EM] = 1
        box = Box(LEFT - 6.0, top - 4.0 - (swallowed if k == 0 else 0.0), LEFT + EM + 6.0, top + EM + 4.0)
        lines.append(TextLine(text, box, (Char(text, 0.99, LEFT + EM / 2),)))
    if stroke:
        mask[31:35, stroke[0] : stroke[1]] = 1
    return lines, Pieces.of(mask, EM / 0.88)


def read(stroke: tuple[int, int] | None, swallowed: float = 0.0) -> str:
    lines, pieces = column(stroke=stroke, swallowed=swallowed)
    return "".join(line.text for line in with_level_strokes(CELL, lines, pieces))


@pytest.mark.parametrize("swallowed", [0.0, 30.0], ids=["apart", "in the first character's box"])
def test_a_stroke_above_the_column_is_one(swallowed: float) -> None:
    assert read((LEFT, LEFT + EM), swallowed) == "一级指标"


@pytest.mark.parametrize("stroke", [None, (LEFT - 18, LEFT + EM - 18), (LEFT + 9, LEFT + 17)],
                         ids=["none", "beside the column", "a speck"])
@pytest.mark.parametrize("swallowed", [0.0, 30.0])
def test_nothing_else_is(stroke: tuple[int, int] | None, swallowed: float) -> None:
    assert read(stroke, swallowed) == "级指标"
