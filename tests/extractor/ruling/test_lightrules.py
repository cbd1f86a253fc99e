from __future__ import annotations

import cv2
import numpy as np
import pytest

from extractor.elements import Box
from extractor.pixels.ink import find_ink
from extractor.ruling.lightrules import light_rules
from tests.drawn import TEXT, Picture, blank, character, coloured, digits, inked, lattice
from tests.extractor.ruling.test_rules import XS, YS, filled, full, look

BLUE, GREY, NAVY = (196, 114, 68), (128, 128, 128), (96, 56, 31)


def white_on(fill: tuple[int, int, int], thick: int, blur: float) -> tuple[Picture, list[Box]]:
    """A table whose first two rows are white rules and white type on a fill; the first row's left two cells are one."""
    grey = blank()
    lattice(grey, XS, YS[2:], 2)
    picture = coloured(grey)
    picture[YS[0] : YS[2], XS[0] : XS[-1]] = fill
    for y in YS[:3]:
        picture[y - thick // 2 : y - thick // 2 + thick, XS[0] : XS[-1]] = 255
    for x in XS:
        picture[YS[0] : YS[2], x - thick // 2 : x - thick // 2 + thick] = 255
    picture[YS[0] + 3 : YS[1] - 3, XS[1] - 5 : XS[1] + 5] = fill
    lines = []
    for row, bottom in enumerate(YS[1:]):
        for x in XS[:-1]:
            before = picture.copy()
            tone = (255 if row < 2 else 0,) * 3
            cv2.putText(picture, "Ab 382", (x + 30, bottom - 16), cv2.FONT_HERSHEY_SIMPLEX, 0.7, tone, 2, cv2.LINE_AA)
            lines.append(inked(picture, before))
    return (cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture), lines


@pytest.mark.parametrize("fill", [BLUE, GREY, NAVY])
@pytest.mark.parametrize("thick", [2, 3])
@pytest.mark.parametrize("blur", [0.0, 0.7])
def test_header_rows_in_white_lines_on_a_dark_fill(fill: tuple[int, int, int], thick: int, blur: float) -> None:
    picture, lines = white_on(fill, thick, blur)
    expected = [p for p in full() if p[:2] not in {(0, 0), (0, 1)}] + [(0, 0, 1, 2)]
    assert look(picture, lines).places == sorted(expected)


def test_grey_paper_below_a_fill_has_no_side_where_the_search_ends() -> None:
    picture, _ = white_on(GREY, 3, 0.7)
    clean = find_ink(picture).clean.copy()
    # Under uneven light paper stays grey, and rough, below the heading, beyond what is searched around a fill.
    high, wide = YS[4] - YS[2] - 4, XS[-1] - XS[0]
    rough = 120 + 100 * (np.indices((high // 4 + 1, wide // 4 + 1)).sum(axis=0) % 2)
    clean[YS[2] + 4 : YS[4], XS[0] : XS[-1]] = np.kron(rough, np.ones((4, 4), int))[:high, :wide]
    found = light_rules(clean, TEXT)
    assert found is not None
    between = found[0][YS[2] + 8 : YS[3] - 8, XS[0] + 5 : XS[-1] - 5]
    assert between.mean(axis=1).max() < 0.5


def test_a_black_bar_over_words_divides_no_cell() -> None:
    picture = blank()
    lattice(picture, XS, YS)
    lines = filled(picture)
    picture[YS[1] + 9 : YS[2] - 9, XS[1] + 20 : XS[2] - 20] = 0
    assert light_rules(find_ink(picture).clean, TEXT) is None
    assert look(picture, lines).places == full()


def test_white_type_on_a_dark_fill_is_no_rule() -> None:
    picture = blank()
    lattice(picture, XS, YS)
    picture[YS[0] : YS[1], XS[0] : XS[-1]] = 60
    for x in range(XS[0] + 30, XS[-1] - 40, 30):
        character(picture, x, YS[0] + 13, tone=255)
    assert light_rules(find_ink(picture).clean, TEXT) is None


def test_dense_bold_type_is_no_ground() -> None:
    picture = blank()
    for y in range(40, 560, 32):
        digits(picture, "8868 3880 66896 88 98608", 40, y)
    picture = cv2.erode(picture, np.ones((3, 3), np.uint8))
    assert light_rules(find_ink(picture).clean, TEXT) is None


def test_a_watermarks_large_grey_characters_are_no_fills() -> None:
    picture = blank()
    lattice(picture, XS, YS)
    filled(picture)
    mark = blank()
    for x in (150, 330, 510, 690):
        for ends in (((x - 90, 420), (x + 70, 150)), ((x - 40, 140), (x + 110, 430)), ((x - 90, 300), (x + 90, 260))):
            cv2.line(mark, *ends, (175, 175, 175), 46, cv2.LINE_AA)
        mark[180:400, x + 5 : x + 8] = 255  # a narrow gap between two strokes, as light and as thin as a rule
    clean = cv2.GaussianBlur(cv2.min(picture, mark), (0, 0), 0.5)  # with its light even: no part of a mark is paper
    found = light_rules(clean.astype(np.uint8), TEXT)
    assert found is None or all(one.sum() < TEXT * TEXT for one in found)


@pytest.mark.parametrize(("tone", "high", "apart"), [(170, 70, 28), (190, 70, 28), (190, 80, 32)])
def test_a_rim_that_evening_of_light_leaves_of_a_grey_heading_has_no_side(tone: int, high: int, apart: int) -> None:
    picture, ys = blank(), (80, *(80 + high + 50 * k for k in range(5)))
    lines = [
        digits(picture, words, x + 20, ys[0] + high // 2 - 4 + k * apart)
        for k in (0, 1) for words, x in (("8868 3880", XS[1]), ("66896 88", XS[2]))
    ]
    picture = cv2.erode(picture, np.ones((3, 3), np.uint8))
    lattice(picture, XS, ys, 3)
    picture[ys[0] : ys[1], XS[0] : XS[-1]] = np.minimum(picture[ys[0] : ys[1], XS[0] : XS[-1]], tone)
    grid = look(cv2.GaussianBlur(picture, (0, 0), 0.7), lines).grid
    assert (len(grid.ys) - 1, len(grid.xs) - 1) == (5, 4)
