"""Rows at a page's top that lie in cells begun on the page before: no rule stands over them."""

from __future__ import annotations

import pytest

from extractor.elements import Box, Rule
from extractor.unruled.cuttop import with_cut_top
from extractor.unruled.openrules import find_levels
from tests.extractor.unruled.test_borderless import EM, Text, level, lines_of, solve


def goals() -> tuple[list[Rule], list[Text]]:
    """A project's goal at the left, its kinds of measures and the measures at the right, the last rule under all."""
    rules = [level(140, 500, 900), level(180, 500, 900), level(220, 400, 900), level(260, 500, 900), level(300)]
    texts: list[Text] = [(110, 250, 210), (405, 480, 180), (405, 480, 260)]
    for y, end in ((120, 680), (160, 640), (200, 690), (240, 600), (280, 660)):
        texts += [(510, end, y), (790, 850, y)]
    return rules, texts


def test_rows_in_cells_begun_on_the_page_before_are_one_table() -> None:
    (grid,) = solve(*goals())
    assert (grid.n_rows, grid.n_cols) == (5, 4)
    assert {(c.row, c.col, c.row_span) for c in grid.cells if c.col < 2} == {(0, 0, 5), (0, 1, 3), (3, 1, 2)}


@pytest.mark.parametrize(
    "more",
    [(350, 850, 240), (300, 700, 99)],
    ids=["a title between", "a title above"],
)
def test_what_a_line_alone_stands_across_is_no_such_table(more: Text) -> None:
    rules, texts = goals()
    texts = [one for one in texts if one[2] != more[2] and one[2] != 260]
    assert_levels(rules, [*texts, more], 5)


def test_rules_without_texts_beside_them_are_no_such_rows() -> None:
    rules, texts = goals()
    assert_levels(rules, [one for one in texts if one[0] > 400], 5)


def test_a_head_with_no_row_over_its_part_of_a_rule_is_no_such_row() -> None:
    rules, texts = goals()
    assert_levels(rules, [one for one in texts if one[2] != 120], 5)


def assert_levels(rules: list[Rule], texts: list[Text], count: int) -> None:
    lines: list[Box] = lines_of(texts)
    assert len(with_cut_top(find_levels(rules, EM), lines, EM)) == count
