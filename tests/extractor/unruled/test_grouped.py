"""Headings that a rule over them shows to be of several columns, though the columns are blank."""

from __future__ import annotations

from tests.extractor.unruled.test_borderless import Text, level, places, solve


def blank_form(second: float) -> list[Text]:
    """科目编码 over 类 款 项, then 科目名称 and 合计; no amounts."""
    texts: list[Text] = [(160, 240, 120), (450, 530, 140), (760, 800, 140)]
    return [*texts, (130, 150, 160), (second, second + 20, 160), (255, 275, 160)]


def test_single_characters_under_a_heading_with_a_rule_of_its_own_are_columns() -> None:
    (grid,) = solve([level(100), level(140, 100, 300), level(180), level(220)], blank_form(190))
    assert {(0, 0, 1, 3), (1, 0, 1, 1), (1, 1, 1, 1), (1, 2, 1, 1)} <= places(grid)


def test_the_same_without_such_a_rule_are_one_word() -> None:
    texts: list[Text] = [(450, 530, 120), (760, 800, 120), (130, 150, 120), (175, 195, 120), (220, 240, 120)]
    (grid,) = solve([level(100), level(140), level(180)], texts)
    assert grid.n_cols == 3


def test_a_label_leads_no_further_than_to_a_drawn_border() -> None:
    # The text over the third to the fifth column has its middle over that of the first seven, too.
    both = (120, 840)
    rules = [level(y, 120, 1560) for y in (100, 140, 230, 270)]
    rules += [level(180, x + 240, x + 600) for x in both]
    texts: list[Text] = [(x + 300, x + 420, 120) for x in both]
    texts += [(x + 330, x + 510, 160) for x in both]
    texts += [(x + a, x + a + 100, y) for x in both for a in (10, 130, 610) for y in (190, 212)]
    texts += [(x + a + 20, x + a + 100, 200) for x in both for a in (240, 360, 480)]
    texts += [(x + a + 40, x + a + 80, 250) for x in both for a in range(0, 720, 120)]
    (grid,) = solve(rules, texts)
    assert {(1, 0, 2, 1), (1, 1, 2, 1), (1, 2, 1, 3), (1, 6, 2, 1)} <= places(grid)


def test_columns_are_parted_under_a_heading_beside_others_of_more_steps() -> None:
    """What stands right under the rule lies a row lower where the headings beside it have a rule more."""
    rules = [level(100), level(140, 100, 300), level(140, 600, 900), level(180, 600, 900), level(220), level(260)]
    texts: list[Text] = [(160, 240, 120), (400, 480, 160), (700, 800, 120), (720, 780, 160)]
    texts += [(130, 150, 195), (190, 210, 195), (255, 275, 195), (640, 700, 200), (800, 860, 200)]
    (grid,) = solve(rules, texts)
    assert {(0, 0, 1, 3), (1, 0, 2, 1), (1, 1, 2, 1), (1, 2, 2, 1)} <= places(grid)


def test_a_rule_ends_before_a_heading_that_stands_on_its_height() -> None:
    rules = [level(100), level(140, 300, 600), level(180), level(220), level(260)]
    texts: list[Text] = [(160, 240, 140), (340, 560, 120), (320, 420, 160), (480, 590, 160), (609, 690, 140)]
    texts += [(780, 860, 140)]
    texts += [(a, b, y) for a, b in ((110, 250), (340, 400), (500, 560), (820, 890)) for y in (200, 240)]
    (grid,) = solve(rules, texts)
    assert (0, 3, 2, 1) in places(grid)
