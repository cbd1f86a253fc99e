"""Numerals of a column's items that a fax wore away: put in by their place, their series and a trace of ink."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from extractor.elements import Box, Char, TextLine
from extractor.text.listed import with_numerals

EM = 20.0
SCALE = EM / 0.88
LEFT = 100.0
ROW = 40.0
NAMES = "一般公共服务支出", "公共安全支出", "教育支出", "科学技术支出", "社会保障支出", "住房保障支出", "其他支出"


def _line(text: str, row: int, at: float) -> TextLine:
    """A line whose first character's middle stands `at` ems from the cell's side; _ leaves its place empty."""
    chars = tuple(
        Char(char, 0.999, LEFT + (at + k) * EM) for k, char in enumerate(text) if char != "_"
    )  # fmt: skip
    y = 100 + row * ROW
    box = Box(chars[0].x - EM / 2, y + 10, chars[-1].x + EM / 2, y + 30)
    return TextLine("".join(char.text for char in chars), box, chars)


def _told(rows: Sequence[tuple[str, float]], inked: Sequence[int] = ()) -> Mapping[int, str]:
    """The cells of a column that are told otherwise. `inked`: rows with ink where their numeral should stand."""
    cells = []
    mask = np.zeros((500, 800), np.uint8)
    for k, (text, at) in enumerate(rows):
        y = 100 + k * ROW
        first, _, rest = text.partition("|")
        lines = (_line(first, k, at), *([_line(rest, k, at + len(first))] if rest else []))
        cells.append((Box(LEFT, y, 700, y + ROW), lines))
        if k in inked:
            mask[round(y) + 19 : round(y) + 21, round(LEFT + 0.3 * EM) : round(LEFT + 1.2 * EM)] = 1
    return {k: "".join(line.text for line in lines) for k, lines in with_numerals(cells, mask, SCALE).items()}


def test_a_mark_that_was_not_read_is_put_in() -> None:
    rows = [(f"{numeral}_{name}", 0.7) for numeral, name in zip("一二三四五六", NAMES, strict=False)]
    assert _told(rows) == {k: f"{numeral}、{NAMES[k]}" for k, numeral in enumerate("一二三四五六")}


def test_a_numeral_set_apart_is_one_line_with_its_words() -> None:
    rows = [("一、" + NAMES[0], 0.7), ("二、" + NAMES[1], 0.7), ("三_|" + NAMES[2], 0.7), ("四、" + NAMES[3], 0.7)]
    assert _told(rows) == {2: "三、" + NAMES[2]}


def test_a_numeral_whose_line_is_low_is_read_already() -> None:
    cells = [
        (Box(LEFT, 100 + k * ROW, 700, 100 + (k + 1) * ROW), (_line(f"{numeral}、{NAMES[k]}", k, 0.7),))
        for k, numeral in enumerate("一二三四")
    ]
    low, words = _line("一、", 0, 0.7), _line(NAMES[0], 0, 2.7)
    low = replace(low, box=low.box._replace(y0=words.box.center.y + 1, y1=words.box.center.y + 6))
    cells[0] = (cells[0][0], (words, low))
    mask = np.ones((500, 800), np.uint8)
    assert with_numerals(cells, mask, SCALE) == {}


def test_a_lost_numeral_is_that_of_its_place() -> None:
    rows = [
        (NAMES[0], 2.7), (NAMES[1], 2.7), ("三、" + NAMES[2], 0.7), ("四、" + NAMES[3], 0.7), ("-_" + NAMES[4], 0.7),
        ("六、" + NAMES[5], 0.7), ("七、" + NAMES[6], 0.7),
    ]
    assert _told(rows, inked=(0, 1)) == {0: "一、" + NAMES[0], 1: "二、" + NAMES[1], 4: "五、" + NAMES[4]}


def test_an_item_of_an_item_gets_no_numeral() -> None:
    rows = [
        ("一、" + NAMES[0], 0.7), ("其中经费拨款", 2.7), ("二、" + NAMES[1], 0.7), ("三、" + NAMES[2], 0.7),
        ("经费拨款", 2.7), ("五、" + NAMES[4], 0.7), ("六、" + NAMES[5], 0.7),
    ]
    assert _told(rows) == {}  # 四 is left out by the form, and nothing stands before 经费拨款
    assert _told(rows, inked=(4,)) == {4: "四、经费拨款"}


def test_columns_that_do_not_count_stay() -> None:
    assert _told([(name, 0.7) for name in NAMES], inked=range(7)) == {}
    assert _told([("三_" + NAMES[0], 0.7), (NAMES[1], 0.7), (NAMES[2], 2.7), (NAMES[3], 0.7)]) == {}
    # 一 begins the words of two items that have no number.
    assert _told([("一般公共服务支出", 0.7), ("一次性补助", 0.7), ("三公经费", 0.7), ("五险一金", 0.7)]) == {}
    # Items that print a point after their numerals keep it.
    assert _told([(f"{numeral}.{NAMES[k]}", 0.7) for k, numeral in enumerate("一二三四")]) == {}
