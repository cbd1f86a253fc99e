"""Column heads that stand above the first rule of a table with a rule under each row."""

from __future__ import annotations

import pytest

from extractor.elements import Rule
from tests.extractor.unruled.test_borderless import Text, level, solve


def underlined(top: int, heads: int = 4) -> tuple[list[Rule], list[Text]]:
    """Six rows with a rule under each and one under the heads, which stand with their middles at `top`."""
    places = [(150, 230), (420, 500), (600, 680), (800, 880)]
    texts: list[Text] = [(a, b, top) for a, b in places[:heads]]
    for r in range(6):
        y = 220 + 40 * r
        texts += [(110, 300 - 20 * (r % 3), y), (440, 540, y), (640, 720, y), (830, 895, y)]
    return [level(200 + 40 * r) for r in range(7)], texts


def test_heads_above_the_first_rule_are_the_first_row() -> None:
    (grid,) = solve(*underlined(180))
    assert (grid.n_rows, grid.n_cols) == (7, 4)
    assert grid.box.y0 < 170


@pytest.mark.parametrize(("top", "heads"), [(140, 4), (180, 3)], ids=["far above", "office, date and unit"])
def test_what_else_stands_above_a_table_is_no_row_of_it(top: int, heads: int) -> None:
    rules, texts = underlined(top, heads)
    (grid,) = solve(rules, texts)
    assert (grid.n_rows, grid.n_cols) == (6, 4)


def test_a_line_right_above_the_heads_does_not_reach_into_their_row() -> None:
    rules, texts = underlined(180)
    (grid,) = solve(rules, [*texts, (100, 300, 148)])
    assert grid.n_rows == 7
    assert grid.box.y0 > 155
