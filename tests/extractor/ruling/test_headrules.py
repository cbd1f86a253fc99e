from __future__ import annotations

from extractor.elements import Box, Rule
from extractor.ruling.headrules import is_heading_rule
from extractor.ruling.strokes import drop_strokes

SCALE = 20.0
SIDES = [Rule(True, y, 100, 900) for y in (100, 200, 240, 280)]
SHORT = Rule(True, 145, 100, 205)  # between 科目编码 and 类 款 项
HEADING = [Box(112, 112, 192, 135), Box(105, 160, 200, 185)]
BESIDE = [Box(400, 135, 500, 160)]


def test_a_short_rule_under_a_heading_stays_where_no_upright_rule_crosses_it() -> None:
    rules = [*SIDES, SHORT]
    assert drop_strokes(rules, [*HEADING, *BESIDE], SCALE) == rules


def test_what_underlines_a_blank_of_a_text_is_no_heading_rule() -> None:
    text = [Box(60, 112, 290, 135), HEADING[1]]
    assert not is_heading_rule(SHORT, [*SIDES, SHORT], text, SCALE)


def test_beside_upright_rules_a_short_rule_must_meet_one() -> None:
    upright = [Rule(False, x, 100, 280) for x in (100, 220)]
    assert not is_heading_rule(SHORT, [*SIDES, *upright, SHORT], HEADING, SCALE)


def test_a_piece_of_a_worn_rule_stays_beside_the_rest_of_it() -> None:
    rules = [*SIDES, Rule(True, 320, 100, 180), Rule(True, 322, 200, 900)]
    assert drop_strokes(rules, [], SCALE) == rules
    far = [*SIDES, Rule(True, 320, 100, 180), Rule(True, 322, 260, 900)]
    assert Rule(True, 320, 100, 180) not in drop_strokes(far, [], SCALE)


def test_beside_a_head_of_three_steps_the_rules_stand_further_apart() -> None:
    sides = [Rule(True, y, 100, 900) for y in (100, 290, 330)]
    assert is_heading_rule(SHORT, [*sides, SHORT], [HEADING[0], Box(105, 205, 200, 230)], SCALE)
