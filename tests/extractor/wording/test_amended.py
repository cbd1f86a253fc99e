"""A cell's text spelled otherwise."""

from __future__ import annotations

from dataclasses import replace

from extractor.elements import Box, Char, TextLine
from extractor.joining.overpages import WholeCell, join_over_pages
from extractor.wording.amended import Step, amended
from tests.pageparts import draw, page, part


def cell_of(text: str) -> WholeCell:
    (table,) = join_over_pages([page(1, part(draw("甲 | 乙"), 1, n_cols=2))])
    whole = table.cells[0]
    chars = tuple(Char(mark, 0.9, x=10.0 * k) for k, mark in enumerate(text.replace("\n", "")))
    ((number, own),) = whole.parts
    line = TextLine("".join(c.text for c in chars), Box(0, 0, 10.0 * len(chars), 10), chars)
    return replace(whole, text=text, parts=((number, replace(own, text=text, lines=(line,))),))


def test_a_lone_character_left_out_takes_its_line_with_it() -> None:
    assert amended(cell_of("口\n长期绩效目标"), [Step(0, "")], 0.9).text == "长期绩效目标"
    assert amended(cell_of("长期\n口\n绩效"), [Step(2, "")], 0.9).text == "长期\n绩效"


def test_a_character_put_in_keeps_the_lines() -> None:
    assert amended(cell_of("长明\n绩效"), [Step(1, "期")], 0.9).text == "长期\n绩效"
