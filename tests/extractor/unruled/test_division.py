"""How sure a row's borders are: one of several in a blank that no text is set on is hardly more than a guess."""

from __future__ import annotations

import pytest

from extractor.unruled.division import CHOSEN, divide_rows, margins
from extractor.unruled.formrows import asked_borders, is_labelled
from extractor.unruled.gaps import Gap
from extractor.unruled.openrules import Run
from extractor.unruled.rowcosts import RUNS_ON, Row, crossing
from extractor.unruled.rowroles import roofed_borders

XS = (0.0, 110.0, 280.0, 400.0, 500.0)
NEITHER = (440.0, 482.0)


def _sure(label: str, amount: Run, hard: frozenset[int] = frozenset()) -> list[float]:
    row = Row(((20.0, 60.0), (114.0, 190.0), amount), XS, [], [], [], hard, 10.0)
    return margins([row], [[mark == "|" for mark in label]], 0, [0.0, -2.0, -2.0, 2.0, 0.0])[2:4]


def test_a_border_that_one_of_several_in_a_blank_is_taken_for_is_no_more_than_a_guess() -> None:
    assert max(_sure("|||.|", NEITHER)) <= CHOSEN


@pytest.mark.parametrize(("label", "amount", "hard"), [
    ("||.||", (404.0, 450.0), frozenset()),  # the amount is set on it
    ("|||.|", (365.0, 415.0), frozenset()),  # the amount is in the middle behind it
    ("|||.|", NEITHER, frozenset({2})),  # something drawn shows it
    ("|||||", NEITHER, frozenset()),  # all of them are the row's
], ids=["set on it", "in the middle", "drawn", "all"])
def test_what_tells_a_border_among_several(label: str, amount: Run, hard: frozenset[int]) -> None:
    assert min(_sure(label, amount, hard)) > CHOSEN


def test_a_label_set_at_the_left_that_ends_at_a_border_by_chance_does_not_tell_it() -> None:
    """It is as wide as a column of other rows, the amount behind it set at the right: its border may be anywhere."""
    row = Row(((20.0, 60.0), (114.0, 276.0), (440.0, 496.0)), XS, [], [], [], frozenset(), 10.0)
    label = [True, True, True, False, True]
    assert max(margins([row], [label], 0, [0.0, -2.0, -2.0, 2.0, 0.0])[2:4]) <= CHOSEN


def test_a_row_next_to_it_that_is_divided_alike_tells_it_as_well() -> None:
    row = Row(((20.0, 60.0), (114.0, 190.0), NEITHER), XS, [], [], [], frozenset(), 10.0)
    other = Row(((20.0, 60.0), (114.0, 190.0), (365.0, 415.0)), XS, [], [], [], frozenset(), 10.0)
    label = [True, True, True, False, True]
    assert min(margins([other, row], [label, label], 1, [0.0, -2.0, -2.0, 2.0, 0.0])[2:4]) > CHOSEN


@pytest.mark.parametrize(("strip", "labelled"), [
    (((35.0, 75.0), (114.0, 200.0), (204.0, 380.0)), True),
    (((20.0, 60.0), (114.0, 200.0), (204.0, 380.0)), False),  # the label is not in the middle
    (((35.0, 75.0), (130.0, 200.0), (204.0, 380.0)), False),  # the text is not set on the border
    (((10.0, 100.0), (112.0, 200.0), (210.0, 380.0)), False),  # the text's own blanks are as wide
], ids=["label and text", "aside", "off the border", "one text"])
def test_a_label_in_the_middle_of_the_first_column_and_a_text_behind_it(strip: tuple[Run, ...], labelled: bool) -> None:
    assert is_labelled(Row(strip, XS, [], [], [], frozenset(), 10.0)) is labelled


def test_items_set_in_alike_do_not_reach_over_a_blank_before_them() -> None:
    # Where the amount before it is blank, an item set in stands near the middle of both columns by chance.
    xs = [0.0, 200.0, 300.0, 500.0, 600.0]
    item = [(322.0, end) for end in (390.0, 376.0, 430.0, 376.0, 384.0, 368.0, 376.0, 384.0)]
    strips = [
        ((10.0, 100.0), *(((230.0, 296.0),) if r < 3 else ()), item[r], (540.0, 596.0)) for r in range(8)
    ]
    labels, _ = divide_rows(
        strips, xs, [], [set() for _ in strips], [[True] * 4] * 8, [[True] * 4] * 8, [frozenset()] * 8, 12.0
    )
    assert labels == [[True] * 5] * 8


def test_an_item_set_in_as_others_leads_no_columns_that_it_nearly_is_in_the_middle_of() -> None:
    # Behind two blank columns an item stands nearly in the middle of the first five, by chance.
    xs = [0.0, 190.0, 330.0, 565.0, 680.0, 790.0, 900.0]
    item = [(352.0, end) for end in (473.0, 449.0, 426.0, 485.0, 447.0, 508.0, 461.0)]
    before: list[tuple[Run, ...]] = [((22.0, 145.0), (278.0, 326.0))] * 4 + [()] * 3
    strips = [(*before[r], item[r], *(((624.0, 676.0), (734.0, 786.0)) if r < 2 else ())) for r in range(7)]
    labels, _ = divide_rows(
        strips, xs, [], [set() for _ in strips], [[True] * 6] * 7, [[True] * 6] * 7, [frozenset()] * 7, 12.0
    )
    assert all(all(label) for label in labels)


@pytest.mark.parametrize(("heads", "roofed"), [
    (((120.0, 160.0), (370.0, 410.0)), [1, 3]),
    (((120.0, 160.0), (320.0, 360.0)), []),  # one of them is not in the middle
    (((120.0, 160.0),), []),  # one alone may stand there by chance
    (((120.0, 160.0), (240.0, 260.0), (370.0, 410.0)), []),  # a heading more than what is below
], ids=["both", "one aside", "alone", "three"])
def test_headings_in_the_middle_over_wide_cells_below_are_as_wide(heads: tuple[Run, ...], roofed: list[int]) -> None:
    def row(strip: tuple[Run, ...]) -> Row:
        return Row(strip, (0.0, 110.0, 280.0, 400.0, 500.0), [], [], [], frozenset(), 10.0)

    below = row(((4.0, 276.0), (284.0, 496.0)))
    assert roofed_borders(row(heads), below, [True, False, True, False, True]) == roofed


def test_a_row_of_headings_over_what_a_form_tells_is_divided_as_that_is() -> None:
    """Expected and actual goals are each as wide as three columns of the amounts above and below."""
    xs, scale = [0.0, 90.0, 190.0, 280.0, 340.0, 440.0, 500.0], 10.0
    amounts: list[Run] = [(30.0, 60.0), (125.0, 155.0), (220.0, 250.0), (295.0, 325.0), (375.0, 405.0), (455.0, 485.0)]
    strips = [amounts, amounts, [(120.0, 160.0), (370.0, 410.0)], [(4.0, 276.0), (284.0, 496.0)], amounts, amounts]
    ruled = [[True] * 6] * 6
    labels, _ = divide_rows(strips, xs, [], [set()] * 6, ruled, ruled, [frozenset()] * 6, scale)
    assert labels[2] == labels[3] == [True, False, False, True, False, False, True]


def test_a_text_does_not_run_on_behind_a_blank_where_its_lines_are_stepped() -> None:
    """The text behind runs across the next border; the amount before it, half a line off, is none of it."""
    strip, xs = ((5.0, 15.0), (30.0, 60.0), (64.0, 200.0)), (0.0, 20.0, 62.0, 150.0, 210.0)
    at_blank = {stepped: Gap(60, 64, 1, 0, False, stepped) for stepped in (False, True)}
    costs = [crossing(Row(strip, xs, [], [gap], [], frozenset(), 10.0), 2) for gap in at_blank.values()]
    assert costs == [RUNS_ON, 0]


def test_where_something_drawn_shows_a_funds_border_no_other_is_asked_for() -> None:
    strip, xs = ((5.0, 45.0), (120.0, 148.0)), (0.0, 50.0, 80.0, 110.0, 150.0)
    labels = [[True] * 5] * 2
    for hard, asked in ((frozenset[int](), 2), (frozenset({1}), 0)):
        rows = [Row(strip, xs, [], [], [], hard, 20.0) for _ in range(2)]
        assert asked_borders([0, 1], rows, labels).get(0, (0, []))[0] == asked
