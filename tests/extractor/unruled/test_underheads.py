"""Tables whose rules stand around the head alone: their rows are found where no rule parts them, and joined to it."""

from __future__ import annotations

from extractor.elements import Box, Rule
from extractor.unruled.borderless import find_unruled
from extractor.unruled.openrows import OpenGrid
from extractor.unruled.underheads import with_bodies
from extractor.unruled.whitespace import find_borderless
from tests.extractor.unruled.test_borderless import Text, level, lines_of, places

EM = 20.0


def find(rules: list[Rule], texts: list[Text]) -> tuple[list[OpenGrid], list[OpenGrid]]:
    def runs(strip: Box) -> list[tuple[float, float]]:
        return sorted((x0, x1) for x0, x1, y in texts if strip.y0 < y < strip.y1)

    lines = lines_of(texts)
    opened = find_unruled(rules, runs, lines, [], EM)
    return with_bodies(opened, lambda taken: find_borderless(lines, runs, taken, EM), runs)


def rows(count: int, top: float = 165) -> list[Text]:
    """Five columns, of which the last rows lack the first two: a code and its name."""
    out: list[Text] = []
    for r in range(count):
        y = top + 34 * r
        out += [(110, 150, y), (190, 300 - 15 * (r % 3), y)] if 2 * r < count else []
        out += [(620 - 12 * (5 + r % 3), 620, y), (750 - 12 * (2 + r % 3), 750, y), (880 - 12 * (4 + r % 3), 880, y)]
    return out


HEADS: list[Text] = [(110, 150, 120), (200, 280, 120), (540, 620, 120), (680, 750, 120), (800, 880, 120)]


def test_rows_under_a_head_without_a_rule_at_the_foot_are_its_tables() -> None:
    """As where the table goes on over the page: its foot is printed there."""
    (found,), bare = find([level(100), level(140)], [*HEADS, *rows(6)])
    assert bare == []
    assert (found.grid.n_rows, found.grid.n_cols) == (7, 5)
    assert found.grid.structure == "few_rules"


def test_rows_that_begin_with_a_code_only_at_first_are_divided() -> None:
    foot = level(165 + 34 * 10)
    (found,), bare = find([level(100), level(140), foot], [*HEADS, *rows(10)])
    assert bare == []
    assert (found.grid.n_rows, found.grid.n_cols) == (11, 5)
    assert {(r, c, 1, 1) for r in range(5) for c in range(5)} <= places(found.grid)


def test_a_table_of_its_own_far_under_another_is_not_joined_to_it() -> None:
    (first,), (second,) = find([level(100), level(140)], [*HEADS, *rows(6, 260)])
    assert first.grid.n_rows == 1
    assert second.grid.n_rows == 6
