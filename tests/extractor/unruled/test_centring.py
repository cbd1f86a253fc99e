"""Borders of open columns follow from headings that stand in the middle of their columns."""

from __future__ import annotations

from itertools import pairwise

import pytest

from extractor.unruled.borderless import solve_open
from extractor.unruled.centring import amount_borders, answer_borders, centred_borders, even_borders
from extractor.unruled.openrows import OpenRows
from extractor.unruled.openrules import Level, Run

EM = 10.0
TRUE = [0.0, 60.0, 110.0, 260.0, 400.0, 500.0]
HEADS: tuple[Run, ...] = ((20, 40), (75, 95), (165, 205), (310, 350), (430, 470))
ROW: tuple[Run, ...] = ((10, 30), (64, 84), (114, 160), (264, 290), (460, 496))


def _seen(*strips: tuple[Run, ...]) -> OpenRows:
    levels = tuple(Level(20.0 * k, ((0.0, 500.0),)) for k in range(len(strips) + 1))
    return OpenRows(0.0, 500.0, levels, strips, tuple(() for _ in strips), (), EM)


def test_headings_tell_where_borders_are() -> None:
    assert centred_borders([HEADS, ROW, ROW], [0, 52, 100, 230, 380, 500], (), EM) == pytest.approx(TRUE)


def test_two_headings_between_drawn_borders_tell_the_one_between_them() -> None:
    strips: list[tuple[Run, ...]] = [((20, 80), (165, 195), (314, 345), (430, 470)), ((10, 90), (104, 140), (460, 496))]
    found = centred_borders(strips, [0, 100, 230, 400, 500], {100, 400}, EM)
    assert found == pytest.approx([0, 100, 260, 400, 500], abs=1.5)


def test_a_heading_set_otherwise_proves_nothing() -> None:
    found = [0.0, 52.0, 100.0, 230.0, 380.0, 500.0]
    heads = (*HEADS[:2], (115.0, 155.0), *HEADS[3:])
    assert centred_borders([heads, ROW, ROW], found, (), EM) == found


def test_a_heading_in_the_middle_of_the_columns_is_cut_by_no_border_between_them() -> None:
    # Of two groups alike, each with a heading over it, both are moved: what one moves does not count for the other.
    true = [0.0, 75.0, 148.0, 220.0, 295.0, 368.0, 440.0]
    spans: tuple[Run, ...] = ((64.0, 156.0), (284.0, 376.0))
    heads = tuple(((a + b) / 2 - 20, (a + b) / 2 + 20) for a, b in pairwise(true))
    amounts: tuple[Run, ...] = ((57, 73), (200, 218), (277, 293), (420, 438))
    found = centred_borders([spans, heads, amounts], [0, 56, 149, 220, 276, 369, 440], {220}, EM)
    assert found == pytest.approx(true)


def test_borders_that_would_cut_the_texts_of_many_rows_stay() -> None:
    found = [0.0, 52.0, 100.0, 230.0, 380.0, 500.0]
    rows = [(*ROW[:3], (234.0, 290.0), ROW[4])] * 3
    assert centred_borders([HEADS, *rows], found, (), EM) == found


def test_borders_do_not_move_over_the_texts_of_many_rows() -> None:
    found = [0.0, 52.0, 100.0, 230.0, 380.0, 500.0]
    dashes = [(*ROW[:2], (238.0, 242.0), *ROW[3:])] * 3  # right of a border that the headings would put behind them
    assert centred_borders([HEADS, *dashes], found, (), EM) == found


@pytest.mark.parametrize("end", [259.5, 260.0, 260.9])
def test_a_border_leaves_a_dash_set_against_it_whole_and_clear_of_it(end: float) -> None:
    rows = [(*ROW[:2], (end - 3, end), (270.0, 290.0), ROW[4])] * 3
    found = centred_borders([HEADS, *rows], [0, 52, 100, 266, 380, 500], (), EM)
    assert end + 0.5 < found[3] < 265
    ahead = [(*ROW[:3], (520 - end, 524 - end), ROW[4])] * 3
    assert 255 < centred_borders([HEADS, *ahead], [0, 52, 100, 250, 380, 500], (), EM)[3] < 520 - end - 0.5


@pytest.mark.parametrize(("total", "columns"), [
    ((190.0, 210.0), 4),  # in the middle of four columns, across no border
    ((120.0, 140.0), 3),  # of three, as if set right in the second column
    ((45.0, 65.0), 2),  # of two, across the border between them
])
def test_a_total_in_the_middle_of_leading_columns_spans_them(total: Run, columns: int) -> None:
    grids = solve_open([_seen(HEADS, ROW, ROW, ROW, (total, (460, 496)))])
    assert grids is not None
    assert next(cell.col_span for cell in grids[0].cells if (cell.row, cell.col) == (4, 0)) == columns
    assert all(cell.col_span == 1 for cell in grids[0].cells if cell.row < 4)


@pytest.mark.parametrize(("total", "columns"), [
    ((220.0, 240.0), 3),  # in the middle of all columns between the numbers and the amounts
    ((114.0, 134.0), 1),  # set as the names are
    ((175.0, 195.0), 1),  # in the middle of one column
])
def test_a_total_behind_its_number_spans_the_columns_that_it_is_in_the_middle_of(total: Run, columns: int) -> None:
    rows = [(*ROW[:2], (114.0, 150.0 + 15 * k), *ROW[3:]) for k in range(5)]
    grids = solve_open([_seen(HEADS, *rows, (ROW[0], total, (460, 496)))])
    assert grids is not None
    spans = [cell.col_span for cell in grids[0].cells if cell.row == 6]
    assert max(spans) == columns
    assert all(cell.col_span == 1 for cell in grids[0].cells if cell.row < 6)


def test_headings_of_one_character_over_columns_of_codes_are_two() -> None:
    heads: tuple[Run, ...] = ((25, 35), (55, 65), (130, 170), (290, 330), (430, 470))
    row: tuple[Run, ...] = ((20, 40), (53, 66), (84, 130), (234, 260), (460, 496))
    grids = solve_open([_seen(heads, *[row] * 6)])
    assert grids is not None
    assert grids[0].n_cols == 5
    assert all(cell.col_span == 1 for cell in grids[0].cells)


FUNDS: list[tuple[Run, ...]] = [((20, 60), (160, 220), (390, 410)), ((20, 60), (150, 230), (380, 420))]


def test_labels_and_answers_in_the_middle_tell_the_border_between_them() -> None:
    assert answer_borders(FUNDS, [0, 80, 450, 500], (80.0,), EM) == pytest.approx([300.0])


def test_a_label_between_that_border_and_the_next_confirms_it() -> None:
    other = ((20, 60), (90, 140), (340, 410), (455, 490))
    assert answer_borders([FUNDS[0], other], [0, 80, 450, 500], (80.0,), EM) == pytest.approx([300.0])


@pytest.mark.parametrize("rows", [
    FUNDS[:1],  # one row alone
    [FUNDS[0], FUNDS[0]],  # the same label again
    [FUNDS[0], ((20, 60), (150, 230), (460, 490))],  # answers set otherwise
], ids=["alone", "the same", "set right"])
def test_less_tells_none(rows: list[tuple[Run, ...]]) -> None:
    assert answer_borders(rows, [0, 80, 450, 500], (80.0,), EM) == []


# 资金总额, 其中：基本支出 and 项目支出 in the middle of a cell from 110 to 250, amounts at the right side.
SUMS: list[tuple[Run, ...]] = [
    ((160, 200), (450, 496)),
    ((20, 60), (145, 215), (455, 496)),
    ((162, 198), (452, 496)),
]


def test_labels_in_the_middle_before_amounts_at_a_side_tell_the_border_between_them() -> None:
    assert amount_borders(SUMS, [0, 110, 180, 380, 500], [[110.0]] * 3, EM) == pytest.approx([250.0])


def test_that_border_parts_the_amounts_though_another_stands_in_the_blank() -> None:
    below = ((20, 40), (120, 160), (182, 240), (300, 360), (400, 480))
    levels = (
        Level(0.0, ((0.0, 500.0),)), Level(20.0, ((110.0, 500.0),)), Level(40.0, ((110.0, 500.0),)),
        *(Level(20.0 * k, ((0.0, 500.0),)) for k in range(3, 8)),
    )
    strips = (*SUMS, *[below] * 4)
    grids = solve_open([OpenRows(0.0, 500.0, levels, strips, tuple(() for _ in strips), (), EM)])
    assert grids is not None
    found = {(c.row, round(c.box.x0), round(c.box.x1)) for c in grids[0].cells if c.row < len(SUMS)}
    assert {(r, 110, 250) for r in range(3)} | {(r, 250, 500) for r in range(3)} <= found


@pytest.mark.parametrize(("rows", "shown", "known"), [
    (SUMS, [[]] * 3, 180.0),  # no border is drawn before the labels
    (SUMS[:1] * 3, [[110.0]] * 3, 180.0),  # the same label again
    ([*SUMS, ((120, 140), (452, 496))], [[110.0]] * 4, 180.0),  # another label is set on the left
    (SUMS, [[110.0]] * 3, 252.0),  # the border is known
], ids=["not drawn", "the same", "set left", "known"])
def test_labels_that_prove_no_border(
    rows: list[tuple[Run, ...]], shown: list[list[float]], known: float
) -> None:
    assert amount_borders(rows, [0, 110, known, 380, 500], shown, EM) == []


def test_headings_below_a_forms_first_list_tell_where_borders_between_drawn_ones_are() -> None:
    # The border between 110 and 400 that the first list's texts hide is at 220, not at 245.
    first: tuple[Run, ...] = ((20, 90), (190, 240), (420, 480))
    heads: tuple[Run, ...] = ((30, 80), (150, 180), (250, 270), (340, 360), (430, 470))
    row: tuple[Run, ...] = ((4, 60), (114, 140), (247, 270), (304, 330), (404, 440))
    found = [0.0, 110.0, 245.0, 290.0, 400.0, 500.0]
    strips = [*[first] * 5, heads, row, row]
    shown = [set[float]()] * 5 + [{110.0, 400.0}] * 2 + [set[float]()]
    true = [0.0, 110.0, 220.0, 300.0, 400.0, 500.0]
    assert centred_borders(strips, found, {110.0, 400.0}, EM, shown) == pytest.approx(true)
    assert centred_borders(strips, found, {110.0, 400.0}, EM) == found


VALUES: list[tuple[Run, ...]] = [((104, 180), (380, 420)), ((104, 150), (385, 415)), ((104, 170), (370, 430))]


def test_values_in_the_middle_tell_the_border_behind_labels_set_on_the_left() -> None:
    assert even_borders(VALUES, [0, 100, 250, 500], EM) == pytest.approx([300.0])


@pytest.mark.parametrize(("rows", "known"), [
    (VALUES[:2], 250.0),
    ([VALUES[0]] * 3, 250.0),  # of one width they may be set on a side
    (VALUES, 302.0),
    ([(label, (a + 70, b + 70)) for label, (a, b) in VALUES], 250.0),  # set on the right
], ids=["few", "the same", "known", "set right"])
def test_values_that_prove_no_border(rows: list[tuple[Run, ...]], known: float) -> None:
    assert even_borders(rows, [0, 100, known, 500], EM) == []
