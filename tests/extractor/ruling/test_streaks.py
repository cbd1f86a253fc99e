from __future__ import annotations

from extractor.elements import Rule
from extractor.ruling.streaks import drop_streaks

SIZE, SCALE = (1000.0, 1400.0), 20.0
TABLE = [Rule(True, y, 100, 900) for y in (200, 260, 320, 380)] + [Rule(False, x, 200, 380) for x in (100, 400, 900)]


def test_a_streak_from_edge_to_edge_is_no_rule() -> None:
    streaks = [Rule(False, 650, 0, 1400), Rule(True, 300, 5, 1000)]
    assert drop_streaks([*TABLE, *streaks], SIZE, SCALE) == TABLE


def test_the_pieces_of_a_streak_go_with_it() -> None:
    pieces = [Rule(False, 650, 0, 230), Rule(False, 651, 250, 700), Rule(False, 653, 900, 1390)]
    assert drop_streaks([*TABLE, *pieces], SIZE, SCALE) == TABLE


def test_a_table_as_large_as_its_page_keeps_its_rules() -> None:
    # Its left side was not seen; the level rules run past the first upright one.
    level = [Rule(True, y, 10, 990) for y in (10, 700, 1390)]
    upright = [Rule(False, x, 10, 1390) for x in (500, 990)]
    assert drop_streaks([*level, *upright], SIZE, SCALE) == [*level, *upright]


def test_a_rule_that_ends_at_the_table_stays() -> None:
    tall = [*TABLE, Rule(False, 650, 190, 1400)]
    assert drop_streaks(tall, SIZE, SCALE) == tall


def test_a_wide_table_without_uprights_keeps_its_rules() -> None:
    level = [Rule(True, y, 20, 980) for y in range(200, 800, 60)]
    assert drop_streaks(level, SIZE, SCALE) == level


def test_a_wide_table_open_at_its_sides_keeps_its_rules() -> None:
    level = [Rule(True, y, 20, 980) for y in range(200, 800, 60)]
    inner = [Rule(False, x, 200, 740) for x in (300, 500, 700)] + [Rule(True, 230, 500, 700)]
    assert drop_streaks([*level, *inner], SIZE, SCALE) == [*level, *inner]


def test_a_streak_across_level_rules_alone_is_no_rule() -> None:
    # Two tables without upright rules: nothing else on the page tells how theirs would end.
    level = [Rule(True, y, 100, 900) for y in (200, 260, 320, 380, 700, 760, 820)]
    streaks = [Rule(False, 650, 0, 800), Rule(False, 651, 820, 1400), Rule(False, 40, 0, 1390)]
    assert drop_streaks([*level, *streaks], SIZE, SCALE) == level


def test_a_table_cut_out_at_its_head_and_foot_keeps_its_sides() -> None:
    level = [Rule(True, y, 100, 900) for y in range(30, 1380, 60)]
    upright = [Rule(False, x, 0, 1400) for x in (100, 900)]
    assert drop_streaks([*level, *upright], SIZE, SCALE) == [*level, *upright]


def test_rules_that_end_where_shorter_ones_do_are_an_open_tables() -> None:
    whole = [Rule(True, y, 30, 970) for y in (100, 160, 700)]
    part = [Rule(True, y, 300, 970) for y in range(220, 700, 60)]
    upright = [Rule(False, 300, 100, 700), Rule(False, 600, 160, 700)]
    assert drop_streaks([*whole, *part, *upright], SIZE, SCALE) == [*whole, *part, *upright]


def test_a_streak_across_an_open_table_goes() -> None:
    level = [Rule(True, y, 60, 940) for y in (100, 160, 700)]
    part = [Rule(True, y, 300, 940) for y in range(220, 700, 60)]
    upright = [Rule(False, 300, 100, 700), Rule(False, 600, 160, 700)]
    table = [*level, *part, *upright]
    assert drop_streaks([*table, Rule(True, 450, 2, 998)], SIZE, SCALE) == table


def test_strokes_of_characters_do_not_make_streaks_of_an_open_tables_rules() -> None:
    # Before its characters' strokes are told from rules, many short ones meet each other.
    level = [Rule(True, y, 40, 960) for y in range(200, 800, 60)]
    strokes = [Rule(True, y + 30, x, x + 30) for y in range(200, 800, 60) for x in (100, 300)]
    upright = [Rule(False, x, y + 15, y + 45) for y in range(200, 800, 60) for x in (100, 130, 300, 330)]
    assert drop_streaks([*level, *strokes, *upright], SIZE, SCALE) == [*level, *strokes, *upright]
