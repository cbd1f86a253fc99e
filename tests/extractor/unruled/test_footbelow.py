"""The last row of a table that a page's end cuts, with no rule under it or one under a part of it."""

from __future__ import annotations

import pytest

from extractor.elements import Rule
from extractor.unruled.footbelow import with_row_below
from extractor.unruled.openrules import Level
from tests.extractor.unruled.test_borderless import Text, level, lines_of, solve


def cut(last: int) -> tuple[list[Rule], list[Text]]:
    """Four rows between rules and one below the last rule with its middle at `last`."""
    texts: list[Text] = []
    for y in (120, 160, 200, 240, last):
        texts += [(110, 250, y), (400, 460, y), (640, 690, y), (830, 890, y)]
    return [level(100 + 40 * r) for r in range(5)], texts


def test_a_row_below_the_last_rule_is_the_tables() -> None:
    (grid,) = solve(*cut(280))
    assert grid.n_rows == 5


@pytest.mark.parametrize("last", [340, 281], ids=["far below", "others follow"])
def test_what_else_stands_below_is_no_row_of_it(last: int) -> None:
    rules, texts = cut(last)
    (grid,) = solve(rules, texts if last == 340 else [*texts, (110, 700, 315)])
    assert grid.n_rows == 4


def test_a_row_over_a_rule_that_ends_before_a_label_for_the_next_page_is_the_tables() -> None:
    rules = [level(100), level(140), level(180), level(220, 320, 900)]
    texts: list[Text] = [(180, 240, 120), (420, 480, 120), (640, 700, 120), (840, 890, 120)]
    for y in (160, 200):
        texts += [(110, 200, y), (330, 500, y), (640, 690, y), (840, 890, y)]
    (grid,) = solve(rules, texts)
    assert grid.n_rows == 3
    assert (grid.box.y1, grid.n_cols) == (220, 4)


def test_several_such_rows_are_the_tables() -> None:
    rules = [level(100), level(140), level(180), *(level(y, 400, 900) for y in (220, 260)), level(300, 320, 900)]
    texts: list[Text] = [(180, 240, 120), (340, 380, 120), (560, 620, 120), (780, 840, 120)]
    texts += [(110, 200, 160), (330, 380, 160), (110, 200, 240), (330, 380, 240)]
    texts += [(a, b, y) for a, b in ((520, 660), (740, 880)) for y in (160, 200, 240, 280)]
    (grid,) = solve(rules, texts)
    assert (grid.n_rows, grid.box.y1) == (5, 300)


def test_the_next_tables_rows_are_not() -> None:
    levels = [Level(100 + 40 * r, ((100, 900),)) for r in range(5)]
    following = [Level(320 + 40 * r, ((100, 900),)) for r in range(3)]
    texts = [t for t in cut(240)[1] if t[2] < 250]
    texts += [(110, 200, 300), (400, 600, 300), (800, 890, 300)]
    texts += [(a, b, y) for a, b in ((150, 250), (500, 560), (760, 860)) for y in (340, 380)]
    assert with_row_below(levels, following, lines_of(texts), 100, 900, 20) == levels
