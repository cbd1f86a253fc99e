"""Tables with three horizontal rules: rows from the texts; a row of wrapped texts stays one row."""

from __future__ import annotations

from itertools import pairwise

from extractor.elements import Rule
from tests.extractor.unruled.test_borderless import Text, level, places, solve


def three_rules(rows: int = 8) -> tuple[list[Rule], list[Text]]:
    """Rules above and below the head and at the foot; names of different lengths, amounts right-aligned."""
    texts: list[Text] = [(150, 250, 120), (500, 580, 120), (760, 840, 120)]
    for r in range(rows):
        y = 165 + 34 * r
        texts += [(110, 200 + 30 * (r % 4), y), (620 - 12 * (5 + r % 3), 620, y), (880 - 12 * (4 + r % 3), 880, y)]
    return [level(100), level(140), level(140 + 34 * rows + 10)], texts


def test_rows_of_a_table_with_three_rules_come_from_its_texts() -> None:
    rules, texts = three_rules()
    (grid,) = solve(rules, texts)
    assert (grid.n_rows, grid.n_cols) == (9, 3)
    assert places(grid) == {(r, c, 1, 1) for r in range(9) for c in range(3)}


def test_a_rule_above_the_total_and_one_under_a_group_of_heads() -> None:
    rules, texts = three_rules()
    texts = [(x0, x1, y + (30 if y > 120 else 15)) for x0, x1, y in texts] + [(600, 760, 115)]
    texts = [(x0, x1, y) if y > 135 or x0 > 590 or x0 < 200 else (x0, x1, 152) for x0, x1, y in texts]
    texts = [(x0, x1, 152) if (x0, x1) == (760, 840) else (x0, x1, y) for x0, x1, y in texts]
    foot = 165 + 34 * 7 + 30 + 17
    texts += [(130, 190, foot + 20), (530, 620, foot + 20), (790, 880, foot + 20)]
    rules = [level(100), level(132, 440, 900), level(172), level(foot), level(foot + 38)]
    (grid,) = solve(rules, texts)
    assert (grid.n_rows, grid.n_cols) == (11, 3)
    assert {(0, 0, 2, 1), (0, 1, 1, 2)} <= places(grid)


def test_wrapped_texts_between_two_rules_are_one_row() -> None:
    """Five rows with a rule under each: a name, a goal and its reason wrap over four lines in each of them."""
    rules = [level(100), level(140)]
    texts: list[Text] = [(150, 250, 120), (450, 500, 120), (720, 780, 120)]
    for r in range(3):
        top = 140 + 140 * r
        for k in range(4):
            y = top + 22 + 32 * k
            short = 80 if k == 3 else 0
            texts += [(110, 300 - short, y), (340, 600 - short, y), (640, 880 - short, y)]
        rules.append(level(top + 140))
    (grid,) = solve(rules, texts)
    assert (grid.n_rows, grid.n_cols) == (4, 3)


def test_a_number_and_an_amount_beside_wrapped_texts_are_one_row() -> None:
    rules = [level(100), level(140)]
    texts: list[Text] = [(110, 150, 120), (250, 330, 120), (560, 620, 120), (820, 880, 120)]
    for r in range(3):
        top = 140 + 140 * r
        texts += [(120, 140, top + 70), (820, 885, top + 70)]
        for k in range(4):
            texts += [(190, 420 - 30 * k, top + 22 + 32 * k), (450, 760 - 70 * (k % 2), top + 22 + 32 * k)]
        rules.append(level(top + 140))
    (grid,) = solve(rules, texts)
    assert (grid.n_rows, grid.n_cols) == (4, 4)


def balance(rows: int = 6) -> tuple[list[Rule], list[Text]]:
    """Income and spending, each a name and an amount, under heads in two steps; amounts that most rows lack."""
    xs = [100, 380, 500, 780, 900]
    texts: list[Text] = [(270, 330, 118), (670, 730, 118)]
    texts += [((a + b) / 2 - 35, (a + b) / 2 + 35, 150) for a, b in pairwise(xs)]
    for r in range(rows):
        y = 190 + 34 * r
        texts += [(110, 250 + 20 * (r % 4), y), (510, 640 + 20 * (r % 3), y)]
        texts += [(490 - 10 * (5 + r), 490, y)] if r < 3 else []
        texts += [(890 - 10 * (5 + r), 890, y)] if r in (0, 5) else []
    return [level(100), level(168), level(168 + 34 * rows + 10)], texts


def test_heads_in_two_steps_and_amounts_that_most_rows_lack() -> None:
    rules, texts = balance()
    (grid,) = solve(rules, texts)
    body = {(r, c, 1, 1) for r in range(1, 8) for c in range(4)}
    assert places(grid) == {(0, 0, 1, 2), (0, 2, 1, 2)} | body


def test_a_heading_at_mid_height_beside_two_steps_reaches_into_both() -> None:
    _, texts = three_rules()
    body: list[Text] = [(x0, x1, y + 40) for x0, x1, y in texts if y > 120]
    heads: list[Text] = [(150, 250, 134), (590, 750, 118), (500, 580, 150), (760, 840, 150)]
    (grid,) = solve([level(100), level(168), level(168 + 34 * 8 + 20)], [*heads, *body])
    assert {(0, 0, 2, 1), (0, 1, 1, 2), (1, 1, 1, 1), (1, 2, 1, 1)} <= places(grid)
    assert grid.n_rows == 10


def test_a_table_whose_rows_hardly_a_rule_parts_is_known_for_it() -> None:
    rules, texts = balance()
    assert [grid.structure for grid in solve(rules, texts)] == ["few_rules"]
    ruled, named = three_rules()
    under = [level(165 + 34 * r + 17) for r in range(7)]
    assert [grid.structure for grid in solve([*ruled[:2], *under, ruled[2]], named)] == ["partly_ruled"]


def test_a_table_of_one_row_under_a_head_in_two_steps() -> None:
    """Rules above and below the head and at the foot; one row, which tells nothing of columns, has all amounts."""
    texts: list[Text] = [(150, 250, 134), (590, 750, 118), (480, 560, 150), (780, 860, 150)]
    texts += [(110, 260, 185), (540, 600, 185), (830, 890, 185)]
    (grid,) = solve([level(100), level(168), level(202)], texts)
    assert {(0, 0, 2, 1), (0, 1, 1, 2), (1, 1, 1, 1), (1, 2, 1, 1)} <= places(grid)
    assert (grid.n_rows, grid.n_cols) == (3, 3)
    assert grid.structure == "few_rules"


def test_a_head_in_two_steps_as_a_detector_sees_it() -> None:
    """Middles of headings miss by a little, which adds up from border to border; a narrow one holds two lines."""
    xs = [100, 380, 460, 760, 850, 980, 1130, 1300]
    off = [-1, 1, -1, 1, -1, 1, -1]
    texts: list[Text] = [(240, 320, 118), (840, 920, 118)]
    texts += [((a + b) / 2 - 30 + d, (a + b) / 2 + 30 + d, 150) for (a, b), d in zip(pairwise(xs), off, strict=True)]
    for r in range(8):
        y = 190 + 34 * r
        texts += [(110, 250 + 20 * (r % 4), y), (470, 640 + 20 * (r % 3), y)]
        texts += [(x - 10 * (4 + r % 3) - 8, x - 8, y) for x in (460, 850, 980, 1130, 1300)]
    (grid,) = solve([level(100, 100, 1300), level(168, 100, 1300), level(450, 100, 1300)], texts)
    assert {(0, 0, 1, 2), (0, 2, 1, 5)} <= places(grid)
    assert (grid.n_rows, grid.n_cols) == (10, 7)
