from __future__ import annotations

import cv2
import numpy as np

from extractor.elements import Box, Rule
from extractor.pixels.ink import find_ink
from extractor.ruling.borders import find_borders
from extractor.ruling.grid import solve_grids
from extractor.ruling.rules import find_ridges, find_rules
from extractor.ruling.strokes import drop_crossed, drop_strokes
from tests.drawn import TEXT, Picture, blank, detected, digits, inked, lattice, level, upright

XS, YS = (60, 360, 660, 840), (80, 130, 184, 234, 284)


def cross(picture: Picture, x: int, top: int, bottom: int) -> Box:
    """十 in bold, as high as its row: the right half of 计."""
    before = picture.copy()
    upright(picture, x, top + 4, bottom, 5)
    level(picture, top + 2 * (bottom - top) // 5, x - 14, x + 15, 3)
    return inked(picture, before)


def columns(picture: Picture, lines: list[Box]) -> list[int]:
    """How many cells each row of the only table has."""
    ink = find_ink(cv2.GaussianBlur(picture, (0, 0), 0.6).astype(np.uint8))
    boxes = [detected(line).box for line in lines]
    ridges = find_ridges(ink, TEXT)
    rules = drop_strokes(drop_crossed(find_rules(ridges), boxes, ink.mask, TEXT), boxes, TEXT)
    (grid,) = solve_grids(rules, TEXT, find_borders(ridges, rules, boxes).evidence)
    return [sum(cell.row == row for cell in grid.cells) for row in range(grid.n_rows)]


def test_a_stroke_that_goes_from_rule_to_rule() -> None:
    """合计 in large type stands on the rule of its low row: the upright stroke of 计 meets both rules."""
    picture = blank()
    lattice(picture, XS, YS)
    lines = [digits(picture, "123.45", 400, y - 14) for y in YS[1:] if y != 184]
    sign = cross(picture, 540, 130, 184)
    assert columns(picture, [*lines, sign._replace(x0=sign.x0 - 40)]) == [3, 3, 3, 3]


def test_a_border_in_one_row_only_between_numbers_drawn_as_one_line() -> None:
    picture = blank()
    lattice(picture, XS, YS)
    upright(picture, 510, 130, 184)
    one, two = digits(picture, "123.45", 390, 170), digits(picture, "67.8", 540, 170)
    assert columns(picture, [Box(one.x0, 128, two.x1, 186)]) == [3, 4, 3, 3]


def test_a_column_crossed_by_long_text_in_one_row() -> None:
    """Ink that runs across a border says nothing where the border goes on in other rows."""
    picture = blank()
    lattice(picture, XS, YS)
    level(picture, 152, 340, 380, 3)
    assert columns(picture, [Box(300, 128, 420, 186)]) == [3, 3, 3, 3]


def test_strokes_that_stand_at_one_place_of_many_lines_in_two_full_rows() -> None:
    """Where a page is blurred they are one run over both rows; a column's border has lines that end beside it."""
    rows = (80, 210, 340)
    picture = blank()
    lattice(picture, (60, 840), rows)
    lines = [Box(70, y + 4 + 26 * k, 830, y + 30 + 26 * k) for y in rows[:-1] for k in range(5)]
    rule = Rule(False, 400.0, 84, 334, 4.0)
    found = [*find_rules(find_ridges(find_ink(picture), TEXT)), rule]
    assert rule not in drop_strokes(found, lines, TEXT)
    parted = [part for line in lines for part in (line._replace(x1=395), line._replace(x0=405))]
    assert rule in drop_strokes(found, parted, TEXT)
    assert rule in drop_strokes(found, [*lines[:3], *parted[6:]], TEXT)
