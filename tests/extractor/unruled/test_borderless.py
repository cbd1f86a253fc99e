"""Tables without vertical rules: what is one, where its columns are, which cells span."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from extractor.elements import Box, Grid, Rule
from extractor.pixels.ink import find_ink
from extractor.ruling.rules import find_ridges, find_rules
from extractor.unruled.borderless import find_unruled, solve_open
from extractor.unruled.bordersets import place_borders
from extractor.unruled.centring import centred_borders
from extractor.unruled.gaps import Gap, find_gaps
from extractor.unruled.inkruns import InkRuns
from extractor.unruled.openrows import OpenRows
from extractor.unruled.openrules import Level, drop_loose_uprights
from extractor.unruled.steps import Step

EM = 20.0
Text = tuple[float, float, float]  # x0, x1, middle


def lines_of(texts: list[Text]) -> list[Box]:
    return [Box(x0 - 2, y - 12, x1 + 2, y + 12) for x0, x1, y in texts]


def solve(rules: list[Rule], texts: list[Text], ruled: list[Grid] | None = None) -> list[Grid]:
    def runs(strip: Box) -> list[tuple[float, float]]:
        inside = sorted((x0, x1) for x0, x1, y in texts if strip.y0 < y < strip.y1)
        out: list[tuple[float, float]] = []
        for x0, x1 in inside:
            if out and x0 <= out[-1][1]:
                out[-1] = (out[-1][0], max(x1, out[-1][1]))
            else:
                out.append((x0, x1))
        return out

    return [found.grid for found in find_unruled(rules, runs, lines_of(texts), ruled or [], EM)]


def level(y: float, x0: float = 100, x1: float = 900) -> Rule:
    return Rule(True, y, x0, x1, 2)


def places(grid: Grid) -> set[tuple[int, int, int, int]]:
    return {(c.row, c.col, c.row_span, c.col_span) for c in grid.cells}


def budget() -> tuple[list[Rule], list[Text]]:
    """Two heading rows (name over both, amounts as a group of two), three rows of data, one amount blank."""
    rules = [level(100), level(140, 500, 900), level(180), level(220), level(260), level(300)]
    texts: list[Text] = [(260, 340, 140), (660, 740, 120), (560, 640, 160), (760, 840, 160)]
    texts += [(110, 330, 200), (620, 690, 200), (820, 890, 200)]
    texts += [(110, 400, 240), (640, 690, 240)]
    texts += [(110, 250, 280), (620, 690, 280), (820, 890, 280)]
    return rules, texts


def test_a_heading_spans_what_the_rule_under_it_spans() -> None:
    (grid,) = solve(*budget())
    data = {(r, c, 1, 1) for r in (2, 3, 4) for c in range(3)}
    assert places(grid) == {(0, 0, 2, 1), (0, 1, 1, 2), (1, 1, 1, 1), (1, 2, 1, 1)} | data
    assert grid.structure == "partly_ruled"
    assert grid.closed == (False, True, False, True)
    assert all(0 < cell.place < 1 for cell in grid.cells)


def test_a_column_with_a_heading_alone_is_found() -> None:
    rules, texts = budget()
    texts = [t for t in texts if not (t[0] > 800 and t[2] > 180)]
    (grid,) = solve(rules, texts)
    assert grid.n_cols == 3
    assert {(2, 2, 1, 1), (3, 2, 1, 1), (4, 2, 1, 1)} <= places(grid)


def test_long_text_spans_columns_of_the_rows_below() -> None:
    rules = [level(y) for y in (100, 140, 180, 220, 260)]
    texts: list[Text] = [(110, 200, 120), (230, 800, 120)]
    for y in (160, 200, 240):
        texts += [(110, 200, y), (230, 330, y), (500, 560, y), (780, 880, y)]
    (grid,) = solve(rules, texts)
    assert grid.n_cols == 4
    assert {(0, 0, 1, 1), (0, 1, 1, 3)} <= places(grid)
    assert (1, 3, 1, 1) in places(grid)


def test_a_right_aligned_number_belongs_to_its_centred_heading() -> None:
    rules = [level(y) for y in (100, 140, 180, 220)]
    texts: list[Text] = [(150, 250, 120), (460, 520, 120), (720, 860, 120)]
    for y in (160, 200):
        texts += [(110, 320, y), (600, 650, y), (670, 800, y)]
    (grid,) = solve(rules, texts)
    assert grid.n_cols == 3


def test_rules_around_running_text_are_no_table() -> None:
    rules = [level(y) for y in (100, 160, 220, 280)]
    texts: list[Text] = [(110, 890, y) for y in (120, 145, 180, 205, 240, 265)]
    assert solve(rules, texts) == []


def test_text_without_rules_is_no_table() -> None:
    texts: list[Text] = [(110, 300, 100 + 30 * k) for k in range(10)] + [(600, 800, 100 + 30 * k) for k in range(10)]
    assert solve([], texts) == []
    assert solve([level(90), level(420)], texts) == []


def test_a_title_between_two_tables_parts_them() -> None:
    rules, texts = budget()
    below = [Rule(True, r.at + 400, r.start, r.end, 2) for r in rules]
    lower = [(a, b, y + 400) for a, b, y in texts]
    lines = [*lines_of(texts), *lines_of(lower), Box(350, 400, 650, 440)]
    both = find_unruled([*rules, *below], lambda strip: [], lines, [], EM)
    assert both == []  # without any text there are no columns
    every = [*texts, *lower]

    def runs(strip: Box) -> list[tuple[float, float]]:
        return sorted((a, b) for a, b, y in every if strip.y0 < y < strip.y1)

    assert len(find_unruled([*rules, *below], runs, lines, [], EM)) == 2


def test_strokes_of_characters_are_no_vertical_rules_but_a_ruled_tables_are() -> None:
    rules, texts = budget()
    strokes = [Rule(False, 180, 190, 215), Rule(False, 640, 230, 255)]
    assert drop_loose_uprights([*rules, *strokes], lines_of(texts), EM) == rules
    drawn = [*rules, *(Rule(False, x, 100, 300) for x in (100, 500, 900))]
    assert drop_loose_uprights(drawn, lines_of(texts), EM) == drawn


def test_uprights_of_a_table_without_a_frame_are_no_strokes() -> None:
    """The first column's side goes on past the first rule into a row that no rule closes: it is the table's own."""
    rules, texts = budget()
    drawn = [*rules, Rule(False, 480, 60, 300), Rule(False, 560, 100, 140)]
    assert drop_loose_uprights(drawn, lines_of([*texts, (110, 200, 80)]), EM) == drawn


def test_what_a_ruled_grid_holds_is_left_to_it() -> None:
    rules, texts = budget()
    ruled = Grid((100, 500, 900), (100, 200, 300), ())
    assert solve(rules, texts, [ruled]) == []


def test_ink_runs_join_characters_and_part_columns() -> None:
    picture = np.full((200, 600), 255, np.uint8)
    cv2.line(picture, (20, 60), (580, 60), 0, 2)
    cv2.line(picture, (20, 120), (580, 120), 0, 2)
    for x in (40, 62, 84, 300, 322):
        cv2.rectangle(picture, (x, 80), (x + 16, 99), 0, 3)
    ink = find_ink(picture)
    lines = (Box(38, 78, 104, 102), Box(298, 78, 342, 102))
    runs = InkRuns(ink, find_ridges(ink, EM), lines)(Box(20, 60, 580, 120))
    assert len(runs) == 2
    assert abs(runs[0][0] - 39) < 4
    assert abs(runs[0][1] - 102) < 4
    assert abs(runs[1][0] - 299) < 4


def test_a_thick_rule_standing_alone_is_a_rule() -> None:
    picture = np.full((200, 600), 255, np.uint8)
    cv2.rectangle(picture, (20, 60), (580, 67), 0, -1)
    cv2.line(picture, (20, 120), (580, 120), 0, 2)
    thick, thin = sorted(find_rules(find_ridges(find_ink(picture), EM)), key=lambda rule: rule.at)
    assert abs(thick.at - 63) < 4
    assert abs(thin.at - 120) < 4


def test_a_heading_that_stands_on_the_height_of_a_rule_is_not_cut() -> None:
    rules, texts = budget()
    rules.append(Rule(True, 140, 270, 320, 2))  # strokes of the heading, taken for a rule
    (grid,) = solve(rules, texts)
    assert (0, 0, 2, 1) in places(grid)
    assert grid.n_cols == 3


def form() -> tuple[list[Rule], list[Text]]:
    """A form of four columns: under rows of labels and values one with a heading alone, one with a label and a text."""
    rules = [level(100 + 40 * r) for r in range(9)]
    texts: list[Text] = []
    for r in range(8):
        if r != 3:
            texts.append((110, 200, 120 + 40 * r))
        if r not in (3, 6):
            texts += [(320, 480, 120 + 40 * r), (560, 690, 120 + 40 * r), (740, 880, 120 + 40 * r)]
    return rules, texts


def test_a_text_over_several_columns_spans_what_the_row_leaves_blank() -> None:
    rules, texts = form()
    texts += [(440, 600, 240), (305, 600, 360)]
    (grid,) = solve(rules, texts)
    assert {(3, 0, 1, 4), (6, 0, 1, 1), (6, 1, 1, 3)} <= places(grid)


def test_a_narrow_gap_in_one_row_of_many_is_no_border() -> None:
    rules = [level(100 + 40 * r) for r in range(13)]
    texts: list[Text] = []
    for r in range(12):
        y = 120 + 40 * r
        texts += [(110, 330, y), (820, 880, y)] if r != 6 else [(110, 210, y), (226, 330, y), (820, 880, y)]
    (grid,) = solve(rules, texts)
    assert grid.n_cols == 2


def test_a_gap_inside_every_line_of_wrapped_text_is_no_border() -> None:
    rules = [level(y) for y in (100, 180, 260, 340)]
    lines = [Box(110, y - 12, 400, y + 12) for top in (120, 200, 280) for y in (top, top + 35)]
    lines += [Box(800, y - 12, 880, y + 12) for y in (140, 220, 300)]
    strip: list[tuple[float, float]] = [(112, 170), (178, 398), (802, 878)]  # a colon in both lines
    (found,) = find_unruled(rules, lambda box: strip, lines, [], EM)
    assert found.grid.n_cols == 2


def test_the_last_row_of_headings_is_divided_as_the_rows_below() -> None:
    rules = [level(100), level(140, 400, 900), *(level(y) for y in (180, 220, 260, 300))]
    texts: list[Text] = [(160, 240, 140), (610, 690, 120), (410, 640, 160), (662, 890, 160)]
    for y in (200, 240, 280):
        texts += [(110, 330, y), (560, 630, y), (820, 890, y)]
    (grid,) = solve(rules, texts)
    assert {(0, 1, 1, 2), (1, 1, 1, 1), (1, 2, 1, 1)} <= places(grid)


def test_shading_that_changes_within_a_row_is_a_border_there() -> None:
    rules = [level(y) for y in (100, 140, 180, 220)]
    texts: list[Text] = [(110, 280, y) for y in (120, 160, 200)] + [(304, 420, y) for y in (120, 160, 200)]
    lines = [Box(108, y - 12, 422, y + 12) for y in (120, 160, 200)]  # the detector holds both for one

    def runs(strip: Box) -> list[tuple[float, float]]:
        return sorted((a, b) for a, b, y in texts if strip.y0 < y < strip.y1)

    (found,) = find_unruled(rules, runs, lines, [], EM, lambda strip: [Step(290, 25), Step(600, 25)])
    assert [round(x) for x in found.grid.xs] == [100, 290, 600, 900]


def test_what_looks_like_a_change_of_shading_within_a_text_is_no_border() -> None:
    rules = [level(y) for y in (100, 140, 180, 220, 260)]
    texts: list[Text] = [(x0, x1, y) for y in (120, 160, 200, 240) for x0, x1 in ((110, 280), (560, 640), (820, 890))]

    def runs(strip: Box) -> list[tuple[float, float]]:
        return sorted((a, b) for a, b, y in texts if strip.y0 < y < strip.y1)

    inside = [Step(200, 25), Step(600, 25)]
    (found,) = find_unruled(rules, runs, lines_of(texts), [], EM, lambda strip: inside)
    assert found.grid.n_cols == 3
    assert all(cell.col_span == 1 for cell in found.grid.cells)


def test_rows_of_a_list_are_all_divided_alike_though_most_amounts_are_blank() -> None:
    rules = [level(100 + 40 * r) for r in range(9)]
    texts: list[Text] = [(x, x + 60, 120) for x in (120, 320, 440, 560, 680, 800)]
    for r in range(1, 8):
        texts += [(110, 280, 120 + 40 * r), (390, 420, 120 + 40 * r)]
    texts += [(830, 890, 360)]
    (grid,) = solve(rules, texts)
    assert grid.n_cols == 6
    assert all(cell.col_span == 1 for cell in grid.cells)


def test_a_row_that_counts_the_columns_is_no_letter_spaced_word() -> None:
    rules = [level(y) for y in (100, 140, 180, 220)]
    texts: list[Text] = [(110 + 55 * k, 134 + 55 * k, 120) for k in range(14)]
    texts += [(110 + 55 * k, 140 + 55 * k, y) for y in (160, 200) for k in (0, 3)]
    (grid,) = solve(rules, texts)
    assert grid.n_cols == 14


def test_headings_that_nearly_touch_are_parted_where_each_stands_in_the_middle_of_its_column() -> None:
    rules = [level(100 + 40 * r) for r in range(9)]
    heads = [(110, 290), (310, 495), (505, 695), (705, 890)]
    lines = [Box(108, 108, 292, 132), Box(308, 108, 892, 132)]  # the detector holds three headings for one line
    texts: list[Text] = [(a, b, 120) for a, b in heads]
    for y in range(160, 440, 40):
        body: list[Text] = [(110, 150 + y / 4, y), (410, 490, y), (620, 690, y), (800, 890, y)]
        texts += body
        lines += lines_of(body)

    def runs(strip: Box) -> list[tuple[float, float]]:
        return sorted((a, b) for a, b, y in texts if strip.y0 < y < strip.y1)

    (found,) = find_unruled(rules, runs, lines, [], EM)
    assert {(0, c, 1, 1) for c in range(4)} <= places(found.grid)


def test_codes_beside_each_other_are_columns_and_not_one_letter_spaced_word() -> None:
    rules = [level(100 + 40 * r) for r in range(6)]
    texts: list[Text] = [(x0, x1, 120) for x0, x1 in ((110, 130), (165, 185), (220, 240), (350, 450), (700, 780))]
    for y in (160, 200, 240, 280):
        texts += [(105, 138, y), (165, 187, y), (220, 242, y), (310, 500, y), (800, 890, y)]
    (grid,) = solve(rules, texts)
    assert grid.n_cols == 5
    assert (0, 0, 1, 1) in places(grid), "headings of one character each are parted as the codes under them"


def test_headings_that_nearly_touch_are_parted_where_each_wraps_to_its_own_middle() -> None:
    rules = [level(100), level(160), *(level(y) for y in (200, 240, 280))]
    upper = [(110, 250), (258, 398), (406, 546), (700, 880)]
    texts: list[Text] = [(a, b, 118) for a, b in upper]
    texts += [((a + b) / 2 - 20, (a + b) / 2 + 20, 145) for a, b in upper[:3]]
    for y in (180, 220, 260):
        texts += [(190, 245, y), (820, 875, y)]
    lines = [Box(108, 106, 548, 131), Box(698, 106, 882, 131)]  # the detector holds three headings for one line
    lines += [Box(a - 2, y - 12, b + 2, y + 12) for a, b, y in texts if y > 131]

    def runs(strip: Box) -> list[tuple[float, float]]:
        inside = sorted((a, b) for a, b, y in texts if strip.y0 < y < strip.y1)
        return [run for run in inside if not any(a <= run[0] and run[1] <= b and (a, b) != run for a, b in inside)]

    (found,) = find_unruled(rules, runs, lines, [], EM)
    assert found.grid.n_cols == 4


def test_a_text_that_runs_across_one_border_runs_on_behind_a_comma() -> None:
    rules, texts = form()
    texts = [t for t in texts if t[2] != 240 and not (t[2] == 360 and t[0] > 200)]
    texts += [(110, 200, 240), (305, 600, 240), (608, 710, 240), (722, 850, 240)]
    lines = [line for line in lines_of(texts) if not (line.y0 < 240 < line.y1 and line.x0 > 300)]
    lines.append(Box(303, 228, 852, 252))

    def runs(strip: Box) -> list[tuple[float, float]]:
        return sorted((a, b) for a, b, y in texts if strip.y0 < y < strip.y1)

    (found,) = find_unruled(rules, runs, lines, [], EM)
    assert (3, 1, 1, 3) in places(found.grid)


def test_a_totals_label_spans_the_columns_over_whose_middle_it_stands() -> None:
    rules = [level(100 + 40 * r) for r in range(8)]
    texts: list[Text] = []
    for r in range(6):
        texts += [(110, 190, 120 + 40 * r), (230, 330, 120 + 40 * r), (370, 520, 120 + 40 * r)]
        texts += [(575, 655, 120 + 40 * r), (820, 890, 120 + 40 * r)]
    texts += [(313, 353, 360), (575, 655, 360), (820, 890, 360)]
    (grid,) = solve(rules, texts)
    assert (6, 0, 1, 3) in places(grid)


def test_heads_and_feet_of_lines_beyond_a_rule_say_nothing_of_a_row() -> None:
    picture = np.full((200, 600), 255, np.uint8)
    for x in range(40, 400, 22):
        cv2.rectangle(picture, (x, 60), (x + 16, 84), 0, 3)  # a line that ends under the rule's height beside it
    for x in (40, 62, 84, 300, 322):
        cv2.rectangle(picture, (x, 94), (x + 16, 113), 0, 3)
    ink = find_ink(picture)
    lines = (Box(38, 58, 400, 84), Box(38, 92, 104, 116), Box(298, 92, 342, 116))
    runs = InkRuns(ink, find_ridges(ink, EM), lines)(Box(20, 79, 580, 130))
    assert [(round(a / 20), round(b / 20)) for a, b in runs] == [(2, 5), (15, 17)]


def test_the_edge_of_a_text_in_the_box_of_the_next_bridges_no_gap() -> None:
    picture = np.full((200, 600), 255, np.uint8)
    for x in (40, 61, 82, 114, 131, 148):
        cv2.rectangle(picture, (x, 80), (x + 12, 99), 0, 3)
    cv2.rectangle(picture, (94, 89), (103, 91), 0, -1)  # a stroke that reaches out of the third character
    ink = find_ink(picture)
    lines = (Box(36, 78, 106, 102), Box(102, 78, 168, 102))
    runs = InkRuns(ink, find_ridges(ink, EM), lines)(Box(20, 60, 580, 120))
    assert len(runs) == 2


def test_the_square_of_a_full_width_point_parts_no_number() -> None:
    """Its point stands at the left of its square: what follows is as wide as a blank between columns."""
    picture = np.full((200, 600), 255, np.uint8)
    for k, x in enumerate((40, 60, 80, 120, 140)):  # 305.91, a character in each 20 pixels
        cv2.rectangle(picture, (x + 5, 82), (x + 14 - k % 2, 98), 0, 2)
    cv2.rectangle(picture, (101, 96), (103, 98), 0, -1)
    for x in (180, 202, 224):
        cv2.rectangle(picture, (x, 80), (x + 16, 99), 0, 3)  # the next column's text, in the same detected line
    ink = find_ink(picture)
    lines = (Box(38, 78, 244, 102),)
    runs = InkRuns(ink, find_ridges(ink, EM), lines)(Box(20, 60, 580, 120))
    assert [(round(a / 20), round(b / 20)) for a, b in runs] == [(2, 8), (9, 12)]


def test_a_point_before_digits_of_another_column_bridges_no_gap() -> None:
    """An item's number, 3., and two digits far behind it: they do not stand as those around a full-width point do."""
    picture = np.full((200, 600), 255, np.uint8)
    for x in (40, 60, 130, 150):
        cv2.rectangle(picture, (x + 5, 82), (x + 14, 98), 0, 2)
    cv2.rectangle(picture, (81, 96), (83, 98), 0, -1)
    ink = find_ink(picture)
    runs = InkRuns(ink, find_ridges(ink, EM), (Box(38, 78, 170, 102),))(Box(20, 60, 580, 120))
    assert any(abs(b[0] - a[1]) > 2 * EM for a, b in pairwise(runs))


def test_headings_over_columns_are_in_no_borders_way() -> None:
    rules = [level(100), level(140, 300, 900), level(180, 500, 900), *(level(y) for y in (220, 260, 300))]
    texts: list[Text] = [(160, 240, 160), (380, 420, 180), (560, 720, 120), (620, 780, 160)]
    texts += [(510, 690, 200), (708, 890, 200)]
    texts += [(195, 205, 240), (395, 405, 240), (600, 608, 240), (840, 848, 240), (110, 280, 280), (350, 420, 280)]
    (grid,) = solve(rules, texts)
    assert {(1, 2, 1, 2), (2, 2, 1, 1), (2, 3, 1, 1)} <= places(grid)
    assert 690 < grid.xs[3] < 708


def test_between_two_numbers_that_count_the_columns_stands_one_border() -> None:
    rules = [level(y) for y in (100, 140, 180, 220, 260)]
    texts: list[Text] = [(60 + 140 * k, 120 + 140 * k, 120) for k in range(1, 6)]
    texts += [(85 + 140 * k, 95 + 140 * k, 160) for k in range(1, 6)]
    texts += [(170, 230, 200), (250, 258, 200), (340, 400, 200), (170, 232, 240), (340, 400, 240)]  # dirt before 340
    (grid,) = solve(rules, texts)
    assert grid.n_cols == 5


def test_a_letter_spaced_heading_over_a_border_is_one_word() -> None:
    rules = [level(100 + 40 * r) for r in range(7)]
    texts: list[Text] = [(220, 300, 120), (628, 646, 120), (660, 678, 120)]
    for r in range(1, 6):
        texts += [(110, 330, 120 + 40 * r), (420, 500, 120 + 40 * r), (560, 640, 120 + 40 * r)]
        texts += [(660, 760, 120 + 40 * r), (830, 890, 120 + 40 * r)]
    lines = [line for line in lines_of(texts) if not (line.y0 < 120 < line.y1 and line.x0 > 600)]
    lines.append(Box(626, 108, 680, 132))

    def runs(strip: Box) -> list[tuple[float, float]]:
        return sorted((a, b) for a, b, y in texts if strip.y0 < y < strip.y1)

    (found,) = find_unruled(rules, runs, lines, [], EM)
    (spaced,) = [c for c in found.grid.cells if c.row == 0 and c.box.x0 < 637 < c.box.x1]
    assert spaced.box.x0 < 628
    assert spaced.box.x1 > 678


def test_a_long_text_that_fits_its_column_leaves_the_blank_ones_behind_it_apart() -> None:
    rules = [level(y) for y in (60, 100, 180, 220, 340)]
    rules += [level(140, 235, 900), level(260, 235, 900), level(300, 309, 900)]
    texts: list[Text] = [(140, 198, 80), (455, 510, 80), (805, 830, 80)]
    texts += [(113, 225, 140), (314, 474, 120), (870, 895, 120), (247, 298, 160), (314, 886, 160)]
    texts += [(122, 214, 200), (240, 700, 200)]
    texts += [(246, 298, 240), (368, 421, 240), (581, 634, 240), (756, 795, 240), (831, 883, 240)]
    texts += [(369, 421, 280), (485, 672, 280), (247, 298, 320), (369, 421, 320), (485, 632, 320), (780, 810, 320)]
    (grid,) = solve(rules, texts)
    assert {(1, 2, 1, 2), (1, 4, 1, 2)} <= places(grid), "an item over two columns and its amount over two"
    assert {(r, c, 1, 1) for r in (5, 6) for c in (4, 5)} <= places(grid)


def test_a_border_stands_where_the_texts_behind_it_begin() -> None:
    rules = [level(100 + 40 * r) for r in range(6)]
    texts: list[Text] = [(155, 195, 120), (385, 455, 120), (720, 780, 120)]
    for y in (160, 200, 240, 280):
        texts += [(110, 180, y), (258, 340, y), (830, 890, y)]
    (grid,) = solve(rules, texts)
    assert 240 < grid.xs[1] < 258


def test_boxes_to_tick_stand_in_one_text_though_borders_lie_in_its_gaps() -> None:
    rules = [level(100 + 40 * r) for r in range(7)]
    texts: list[Text] = [(110, 190, 120), (235, 820, 120)]
    texts += [(110, 190, 160), *((236 + 60 * k, 283 + 60 * k, 160) for k in range(8))]
    for y in (200, 240, 280, 320):
        texts += [(110, 190, y), (236, 320, y), (416, 500, y), (596, 690, y)]
    lines = [line for line in lines_of(texts) if not (line.y0 < 160 < line.y1 and line.x0 > 200)]
    lines.append(Box(234, 148, 705, 172))

    def runs(strip: Box) -> list[tuple[float, float]]:
        return sorted((a, b) for a, b, y in texts if strip.y0 < y < strip.y1)

    (found,) = find_unruled(rules, runs, lines, [], EM)
    assert found.grid.n_cols == 4
    assert (1, 1, 1, 3) in places(found.grid)


def test_a_row_of_a_form_that_is_not_filled_in_has_one_blank() -> None:
    rules = [level(100 + 40 * r) for r in range(8)]
    texts: list[Text] = [(110, 190, 120 + 40 * r) for r in range(7)]
    texts += [(240, 820, 120), (240, 700, 160), (240, 780, 360)]
    for y in (200, 240, 320):
        texts += [(240, 320, y), (420, 500, y), (600, 690, y)]
    (grid,) = solve(rules, texts)
    assert {(4, 0, 1, 1), (4, 1, 1, 3)} <= places(grid)


def test_the_last_value_of_a_forms_row_takes_up_the_rest() -> None:
    rules = [level(100 + 40 * r) for r in range(9)]
    texts: list[Text] = [(110, 190, 120 + 40 * r) for r in range(8)]
    texts += [(240, 820, 120), (240, 700, 360), (240, 780, 400)]
    for y in (160, 240, 320):
        texts += [(240, 320, y), (420, 565, y), (590, 690, y), (780, 880, y)]
    texts += [(240, 330, 200), (420, 490, 200), (590, 680, 200), (240, 320, 280)]
    (grid,) = solve(rules, texts)
    assert {(2, 3, 1, 2), (4, 1, 1, 4)} <= places(grid)


def project() -> tuple[list[Rule], list[Text]]:
    """A project's form: identity rows, funds under a label over rows, indicators in columns of their own."""
    rules = [level(y) for y in (100, 140, 180, 220, 340, 380)] + [level(y, 300) for y in (260, 300)]
    texts: list[Text] = [(130, 190, 120), (310, 650, 120)]
    texts += [(120, 200, 160), (310, 400, 160), (640, 720, 160), (770, 850, 160)]  # labels of two widths,
    texts += [(120, 200, 200), (310, 430, 200), (620, 740, 200), (770, 890, 200)]  # their middle at 680
    texts += [(150, 250, 280), (310, 390, 240), (850, 890, 240), (310, 400, 280), (310, 400, 320), (850, 890, 320)]
    texts += [(130, 190, 360), (310, 880, 360)]
    for r in range(8):
        y = 400 + 40 * r
        rules.append(level(y + 20, 480 if r % 2 == 0 else 300 if r < 7 else 100))
        texts += [(490, 610 + 10 * r, y), (770, 800 + 10 * r, y)]
        if r % 2:
            texts.append((350, 430, y - 20))
    return rules, [*texts, (160, 240, 540)]


def test_the_label_column_of_a_form_stands_where_its_labels_have_their_middle() -> None:
    """Nothing else parts it from the value before it: a border of the indicators below lies between the two."""
    (grid,) = solve(*project())
    assert [round(x / 20) for x in grid.xs] == [5, 15, 24, 30, 38, 45]
    assert {(1, 1, 1, 2), (1, 3, 1, 1), (1, 4, 1, 1)} <= places(grid)


def test_an_amount_takes_up_the_rest_of_a_forms_row() -> None:
    """A row of the same label that has none is divided alike."""
    (grid,) = solve(*project())
    assert {(r, c, 1, n) for r in (3, 4, 5) for c, n in ((1, 2), (3, 2))} <= places(grid)


def test_amounts_as_wide_as_their_column_do_so_where_their_rows_share_a_label() -> None:
    """A gap in 其中： 财政拨款 makes no further label of it."""
    rules, texts = project()
    texts = [(768, x1, y) if x0 == 850 and y in (240, 320) else (x0, x1, y) for x0, x1, y in texts]
    texts = [t for t in texts if t != (310, 390, 240)] + [(310, 345, 240), (353, 390, 240), (768, 890, 280)]
    (grid,) = solve(rules, texts)
    assert {(r, c, 1, n) for r in (3, 4, 5) for c, n in ((1, 2), (3, 2))} <= places(grid)


def halves() -> tuple[list[Rule], list[Text]]:
    """A form of two halves, funds in its head; the list below has the border between the halves, too."""
    rules = [level(y, 0, 920) for y in (100, 140, 180, 220, 340, 380)] + [level(y, 100, 920) for y in (260, 300)]
    texts: list[Text] = [(10, 90, 120), (103, 260, 120)]
    texts += [(10, 90, 160), (103, 350, 160), (580, 660, 160), (703, 910, 160)]
    texts += [(10, 90, 200), (103, 270, 200), (580, 660, 200), (703, 770, 200)]
    texts += [(103, 210, 240), (123, 225, 280), (123, 185, 320), (10, 90, 280)]  # labels over one border of the list,
    texts += [(870, 917, y) for y in (240, 280, 320)]  # their amounts at the right side
    texts += [(25, 75, 360), (125, 175, 360), (230, 280, 360), (390, 450, 360), (635, 675, 360), (825, 885, 360)]
    for r in range(6):
        y = 400 + 40 * r
        rules.append(level(y + 20, 0 if r == 5 else 200 if r % 2 else 310, 920))
        texts += [(313, 400 + 20 * r, y), (620 + r, 690 - r, y), (803, 880 + 5 * r, y)]
        if r % 2:
            texts.append((220, 290, y - 20))
    return rules, [*texts, (20, 80, 500), (120, 180, 500)]


def test_funds_in_a_forms_head_are_parted_next_to_their_labels() -> None:
    """Not where the second labels over them stand: the list below has that border, too."""
    (grid,) = solve(*halves())
    assert [round(x / 10) for x in grid.xs] == [0, 10, 20, 31, 54, 70, 92]
    assert {(r, c, 1, n) for r in (3, 4, 5) for c, n in ((1, 2), (3, 3))} <= places(grid)


def test_what_a_row_gives_to_choose_from_makes_no_columns() -> None:
    rules, texts = project()
    texts = [t for t in texts if t[2] != 360 or t[0] < 300]
    texts += [(310, 390, 360), (440, 525, 360), (575, 680, 360)]
    rules, texts = [*rules, level(740)], [*texts, (130, 190, 720), (310, 880, 720)]
    (grid,) = solve(rules, texts)
    assert grid.n_cols == 5
    assert any(cell.row == 6 and cell.box.x0 < 310 and cell.box.x1 > 680 for cell in grid.cells)


def test_a_border_found_by_its_headings_stands_clear_of_the_amounts_set_against_it() -> None:
    strips = [((150, 250), (360, 440), (520, 580)), *(((105, 200 + 5 * k), (400, 501)) for k in range(4))]
    first, border, last = centred_borders(strips, [100, 320, 510, 600], (), EM)[1:]
    assert (first, last) == (300, 600)
    assert 501 < border < 505


def test_a_heading_in_the_middle_of_a_table_spans_what_the_rule_under_it_spans() -> None:
    """指标值 over 前年, 上年 and 本年, columns that the rows above have, too."""
    rules = [*(level(y) for y in (100, 140, 180, 220)), level(260, 400, 760), *(level(y) for y in (300, 340, 380))]
    texts: list[Text] = [(110, 190, 120), (540, 620, 120), (780, 880, 120)]
    for y in (160, 200):
        texts += [(110, 300, y), (405, 450, y), (525, 570, y), (645, 690, y), (780, 840, y)]
    texts += [(110, 190, 260), (550, 610, 240), (440, 480, 280), (560, 600, 280), (680, 720, 280), (800, 860, 260)]
    for y in (320, 360):
        texts += [(110, 300, y), (405, 450, y), (525, 570, y), (645, 690, y), (780, 840, y)]
    (grid,) = solve(rules, texts)
    assert grid.n_cols == 5
    assert {(3, 0, 2, 1), (3, 1, 1, 3), (4, 1, 1, 1), (4, 2, 1, 1), (4, 3, 1, 1), (3, 4, 2, 1)} <= places(grid)


def test_a_text_that_pokes_past_a_drawn_border_makes_no_second_one_before_it() -> None:
    strips = [((110.0, 180.0), (298.0, 500.0)), ((110.0, 250.0), (305.0, 400.0)), ((110.0, 240.0), (305.0, 420.0))]
    gaps = [Gap(a[1], b[0], 1.0, r, fused=False) for r, (a, b) in enumerate(strips)]
    assert place_borders(strips, gaps, [300.0], EM) == [300.0]
    assert len(place_borders(strips, gaps, [310.0], EM)) == 2


def test_what_a_form_asks_for_begins_behind_its_label_however_near() -> None:
    """One line for the detector, and the answer runs across the next border: 项目实施单位 长泽县文化和旅游局."""
    rules = [level(100 + 40 * r) for r in range(6)]
    texts: list[Text] = [(110, 190, 120), (230, 300, 120), (380, 505, 120), (520, 790, 120)]
    texts += [(110, 190, 160), (230, 330, 160), (395, 490, 160)]
    for y in (200, 240, 280):
        texts += [(110, 190, y), (230, 420, y), (520, 570, y), (720, 800, y)]
    lines = [line for line in lines_of(texts) if not (line.y0 < 120 < line.y1 and line.x0 > 370)]
    lines.append(Box(378, 108, 792, 132))

    def runs(strip: Box) -> list[tuple[float, float]]:
        return sorted((a, b) for a, b, y in texts if strip.y0 < y < strip.y1)

    (found,) = find_unruled(rules, runs, lines, [], EM)
    borders = [found.grid.xs[c.col] for c in found.grid.cells if c.row == 0]
    assert any(505 < x < 520 for x in borders), borders


def test_a_border_is_as_sure_as_its_row_would_cost_more_without_it() -> None:
    """A list's amounts, far apart, are surer than the blanks of a row that may as well be one cell behind its label."""
    rules = [level(100 + 40 * r) for r in range(7)]
    texts: list[Text] = [(150, 250, 120), (410, 490, 120), (600, 680, 120), (790, 870, 120)]
    for y in (160, 200, 240, 280):
        texts += [(110, 300, y), (440, 490, y), (640, 690, y), (840, 890, y)]
    (grid,) = solve(rules, [*texts, (110, 330, 320)])
    least = {r: min(cell.edges.sides for cell in grid.cells if cell.row == r) for r in (2, 5)}
    assert least[2] > 2.6, least
    assert least[5] < 1.4, least


def test_a_first_line_set_in_and_a_short_last_one_below_it_are_one_text() -> None:
    rules = [level(100), level(140), *(level(140 + 60 * r) for r in range(1, 4))]
    texts: list[Text] = [(180, 260, 120), (640, 720, 120), (810, 890, 120)]
    for y in (200, 260, 320):
        texts += [(140, 400, y - 44), (105, 125, y - 16), (640, 690, y - 30), (830, 890, y - 30)]
    (grid,) = solve(rules, texts)
    assert grid.n_cols == 3


def test_a_first_line_set_in_parts_nothing_from_its_last_one_set_so_close_that_their_boxes_overlap() -> None:
    row = ((105.0, 118.0), (140.0, 400.0), (640.0, 690.0))
    lines = [Box(138, 101, 402, 125), Box(103, 117, 120, 141), Box(638, 110, 692, 132)]
    assert [gap.start for gap in find_gaps([row], [100, 150], lines, EM)] == [400]


def test_a_blank_columns_heading_is_parted_as_narrowly_as_those_beside_it() -> None:
    rules = [level(100), level(140), *(level(140 + 40 * r) for r in range(1, 6))]
    heads = [(110, 210), (221, 321), (332, 432), (443, 543), (554, 654), (665, 765), (776, 876)]
    texts: list[Text] = [(a, b, 120) for a, b in heads]
    for y in (160, 200, 240, 280, 320):
        # Nothing stands under the fourth and the fifth heading but one amount each row under the fourth.
        texts += [(a + 20, b - 20, y) for k, (a, b) in enumerate(heads) if k != 4]
    (grid,) = solve(rules, texts)
    assert grid.n_cols == 7


def test_a_border_stays_in_the_narrow_gaps_of_many_rows_whatever_one_wide_gap_allows() -> None:
    rules = [level(100 + 40 * r) for r in range(8)]
    texts: list[Text] = []
    for r in range(7):
        y = 120 + 40 * r
        texts += [(110, 300, y), (320 + r, 400, y), (412, 480, y)] if r != 3 else [(110, 250, y)]
        texts += [(600, 690, y), (800, 890, y)]
    (grid,) = solve(rules, texts)
    assert any(400 <= x <= 412 for x in grid.xs)


def test_a_text_whose_second_line_is_longer_is_beside_a_heading_set_at_the_top() -> None:
    rules = [level(100), level(170), *(level(170 + 40 * r) for r in range(1, 3))]
    texts: list[Text] = [(150, 230, 120), (500, 560, 120), (550, 640, 150), (670, 730, 120), (820, 880, 120)]
    texts += [(110, 300, y) for y in (190, 230)]
    (grid,) = solve(rules, texts)
    assert any(640 < x < 670 for x in grid.xs)


def test_a_heading_whose_box_is_high_as_all_of_a_leaning_pages_are_is_no_title() -> None:
    rules = [level(100), Rule(True, 150, 180, 520, 2), *(level(200 + 50 * k) for k in range(6))]
    columns = ((110, 150), (200, 300), (380, 480), (560, 660), (760, 860))
    rows = [(a, b, 225 + 50 * k) for k in range(5) for a, b in columns]
    head = [(300, 420, 124), (200, 300, 175), (380, 480, 175), (110, 150, 148), (560, 660, 148), (760, 860, 148)]
    lines = [*(Box(a, y - 19, b, y + 19) for a, b, y in (*head[1:], *rows)), Box(250, 102, 470, 145)]
    every = [*rows, *head]

    def runs(strip: Box) -> list[tuple[float, float]]:
        return sorted((a, b) for a, b, y in every if strip.y0 < y < strip.y1)

    [found] = find_unruled(rules, runs, lines, [], EM)
    assert (found.grid.box.y0, found.grid.n_rows) == (100, 7)


def test_a_border_that_a_row_of_headings_wants_is_a_lists_though_its_amounts_leave_it_blank() -> None:
    """Its rows, divided one after another, lack it as their neighbours do: two columns were one, and believed."""
    strips = (
        (
            (113, 176), (296, 382), (516, 557), (595, 679), (686, 703), (724, 854), (872, 1045), (1070, 1132),
            (1138, 1156), (1189, 1276), (1301, 1426), (1434, 1518), (1533, 1640), (1654, 1729), (1746, 1829),
            (1849, 2001), (2021, 2084), (2106, 2236),
        ),
        ((319, 360), (493, 580), (643, 708), (773, 779), (785, 858), (1465, 1519)),
        ((129, 161), (241, 393), (399, 416), (422, 436), (526, 580), (654, 708)),
        ((118, 172), (230, 447), (526, 580), (654, 708)),
    )
    ys = (208, 258, 298, 334, 374)
    # The detector takes the headings' first lines for three, their second ones for one each.
    first = [Box(104, 210, 179, 232), Box(589, 208, 1168, 236), Box(1181, 210, 1283, 232), Box(1293, 208, 2241, 236)]
    second = (
        (133, 157), (636, 665), (777, 801), (936, 983), (1089, 1138), (1209, 1256), (1385, 1421), (1605, 1641),
        (1774, 1798), (1898, 1949), (2039, 2064), (2149, 2196),
    )
    head = [*first, Box(292, 218, 385, 246), Box(510, 216, 561, 248), *(Box(a, 232, b, 256) for a, b in second)]
    body = [Box(a, y + 18, b, y + 36) for y, strip in zip(ys[1:], strips[1:], strict=False) for a, b in strip]
    levels = tuple(Level(y, ((99, 2253),)) for y in ys)
    solved = solve_open([OpenRows(99, 2253, levels, strips, ((),) * 4, (*head, *body), 22.4)])
    assert solved is not None
    assert solved[0].n_cols == 14


def test_a_label_between_the_heights_of_two_lines_is_none_of_theirs() -> None:
    """However little blank there is: nothing that is written on their lines stands half a line off."""
    row, lines = [(0.0, 80.0), (91.0, 400.0)], [Box(0, 112, 80, 136), Box(91, 100, 400, 124), Box(91, 126, 300, 150)]
    (gap,) = find_gaps([row], [90, 160], lines, EM)
    assert gap.weight == 1
    assert gap.stepped
    (gap,) = find_gaps([row], [90, 160], [Box(0, 100, 80, 124), *lines[1:]], EM)
    assert gap.weight < 1
    assert not gap.stepped
