from __future__ import annotations

import pytest

from extractor.elements import Box, Rule
from extractor.unruled.openrules import Level, find_levels, find_stacks, mended, through_text, to_sides

SCALE = 20.0


def _rows(top: float) -> list[Box]:
    return [Box(x, y, x + 80, y + 25) for y in (top + 8, top + 48, top + 88) for x in (110, 450, 800)]


def _rules(top: float) -> list[Rule]:
    return [Rule(True, top + y, 100, 900) for y in (0, 40, 80, 120)]


@pytest.mark.parametrize("year", [[], [Box(450, 295, 550, 320)]], ids=["none", "a year in the middle"])
def test_a_title_hardly_larger_than_the_text_parts_two_tables(year: list[Box]) -> None:
    head = [Box(380, 250, 620, 281), Box(105, 295, 260, 320), Box(780, 295, 895, 320), *year]  # title; 部门, 单位
    levels = find_levels([*_rules(100), *_rules(330)], SCALE)
    found = find_stacks(levels, [*_rows(100), *head, *_rows(330)], SCALE)
    ats = [[round(level.at) for level in stack] for stack, _, _ in found]
    assert ats == [[100, 140, 180, 220], [330, 370, 410, 450]]


TITLE = Box(380, 265, 620, 290)  # as high as the tables' text


@pytest.mark.parametrize(
    ("head", "parted"),
    [
        ([TITLE, Box(105, 232, 300, 257), Box(101, 295, 260, 320)], True),  # a note to the table before, 部门
        ([Box(380, 265, 620, 287), Box(101, 295, 260, 320), Box(780, 295, 895, 320)], True),  # lower, both sides
        ([Box(380, 265, 620, 287), Box(101, 295, 260, 320)], False),  # the same over one of them
        ([Box(380, 255, 620, 280), Box(101, 285, 260, 303), Box(780, 307, 895, 325)], True),  # one lower than the other
        ([Box(380, 255, 620, 280), Box(101, 285, 260, 303), Box(101, 307, 215, 325)], False),  # two lines of a cell
        ([Box(380, 276, 620, 305)], True),  # a little larger, alone, clear of the rule above
        ([Box(380, 276, 620, 301)], False),  # as large as the text, alone
        ([Box(380, 245, 620, 274)], False),  # a little larger, in the middle between the rules: a row
        ([TITLE, Box(105, 232, 300, 257), Box(101, 295, 560, 320)], False),  # a heading over a paragraph in a cell
        ([TITLE, Box(105, 250, 300, 275), Box(105, 280, 300, 305)], False),  # a cell of two lines beside it
        ([TITLE, Box(450, 232, 640, 257), Box(101, 295, 260, 320)], False),  # over it stands no note
    ],
    ids=[
        "note and office", "both sides", "one side", "two heights", "one under the other", "alone", "no larger",
        "a row", "a paragraph", "a cell beside", "a text over it",
    ],
)
def test_a_title_as_high_as_the_text_is_known_by_where_it_stands(head: list[Box], parted: bool) -> None:
    levels = find_levels([*_rules(100), *_rules(330)], SCALE)
    found = find_stacks(levels, [*_rows(100), *head, *_rows(330)], SCALE)
    assert len(found) == (2 if parted else 1)


def test_a_row_of_the_same_lines_in_a_column_parts_none() -> None:
    row = [Box(380, 250, 620, 275), Box(380, 295, 560, 320), Box(105, 270, 260, 295)]
    levels = find_levels([*_rules(100), *_rules(330)], SCALE)
    assert len(find_stacks(levels, [*_rows(100), *row, *_rows(330)], SCALE)) == 1


def test_a_break_that_text_crosses_is_wear() -> None:
    level = Level(200, ((100, 300), (330, 900)))
    assert mended(level, (), ((250, 380),), SCALE).parts == ((100, 900),)
    assert mended(level, ((110, 290),), ((345, 400),), SCALE) == level
    wide = Level(200, ((100, 300), (360, 900)))
    assert mended(wide, ((250, 400),), (), SCALE) == wide


def test_lines_that_only_reach_in_from_beside_two_rules_are_no_title() -> None:
    levels = [Level(100, ((100, 300),), ()), Level(200, ((100, 300),), ())]
    beside = [Box(20, 120, 140, 144), Box(280, 160, 420, 184)]
    assert find_stacks(levels, beside, SCALE) == [(levels, 100, 300)]


@pytest.mark.parametrize(("past", "through"), [(0, True), (15, False)])
def test_a_rule_right_above_a_text_lies_in_the_box_that_is_detected(past: int, through: bool) -> None:
    """As between 科目编码 and 类, 款: it reaches past them, as no stroke of theirs does."""
    line = Box(220, 381, 360, 427)
    assert through_text(Rule(True, 388, line.x0 - past, line.x1 + past, 3), [line], SCALE) == through


def test_a_rule_worn_away_at_the_side_reaches_it() -> None:
    whole = ((100.0, 900.0),)
    levels = [Level(100, whole), Level(140, ((140.0, 900.0),)), Level(180, whole)]
    strips = [((400.0, 600.0),), ((145.0, 200.0), (500.0, 560.0))]
    assert to_sides(levels, strips, (100, 900), SCALE)[1].parts == whole
    label = [((110.0, 128.0), (400.0, 600.0)), strips[1]]
    assert to_sides(levels, label, (100, 900), SCALE) == tuple(levels)  # a cell over two rows says something
    taller = [*levels[:2], Level(180, ((140.0, 900.0),)), Level(220, whole)]
    assert to_sides(taller, [*strips, strips[1]], (100, 900), SCALE) == tuple(taller)  # one over three may elsewhere
