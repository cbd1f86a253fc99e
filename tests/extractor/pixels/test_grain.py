from __future__ import annotations

import numpy as np
import pytest

from extractor.elements import Box
from extractor.pixels.grain import without_grain
from extractor.pixels.ink import find_ink
from extractor.ruling.rules import find_ridges, find_rules
from tests.drawn import TEXT, Picture, blank, character, coloured, digits, lattice

XS, YS = (60, 460, 860), (80, 160, 240)
FREE = np.s_[260:580, 60:860]  # where nothing is printed


def table() -> tuple[Picture, Box]:
    picture = blank()
    lattice(picture, XS, YS)
    character(picture, 80, 105)
    return picture, digits(picture, "1,728.90", 500, 110)


def grainy(picture: Picture, share: float) -> Picture:
    """Black and white, every pixel of paper black with a probability."""
    dots = np.random.default_rng(7).random(picture.shape) < share
    return np.where((picture < 128) | dots, 0, 255).astype(np.uint8)


def within(mask: Picture, box: Box) -> Picture:
    return mask[round(box.y0) : round(box.y1), round(box.x0) : round(box.x1)]


@pytest.mark.parametrize("share", [0.1, 0.2, 0.3])
def test_grain_becomes_paper_and_what_is_printed_stays_ink(share: float) -> None:
    picture, number = table()
    clear = find_ink(without_grain(grainy(picture, share)))
    assert find_ink(grainy(picture, share)).mask[FREE].mean() > 0.8 * share
    assert clear.mask[FREE].mean() < 0.02
    printed = picture < 128
    assert clear.mask[printed].mean() > 0.97
    assert within(clear.mask & (~printed).astype(np.uint8), number).mean() < 0.2


def test_a_thin_stroke_that_was_printed_as_dots_stays_darker_than_the_grain() -> None:
    picture = grainy(blank(), 0.2)
    stroke = np.s_[300:302, 200 : 200 + round(TEXT)]
    dots = np.random.default_rng(8).random((2, round(TEXT))) < 0.7
    picture[stroke] = np.where(dots, 0, 255)
    grey = without_grain(picture)
    assert grey[stroke].mean() < grey[320:340, 200 : 200 + round(TEXT)].mean() - 25


def test_pages_without_grain_stay_the_same_object() -> None:
    picture, _ = table()
    peppered = grainy(picture, 0.01)
    # Greys are no dots, whatever noise they have, and small print is no grain.
    noisy = np.clip(picture + np.random.default_rng(7).normal(-40, 30, picture.shape), 0, 255).astype(np.uint8)
    small = np.full_like(picture, 255)
    for y in range(20, 580, 14):
        for x in range(20, 880, 9):
            character(small, x, y, 9)
    small = np.where(small < 160, 0, 255).astype(np.uint8)
    for page in (picture, peppered, noisy, small, coloured(grainy(picture, 0.2))):
        assert without_grain(page) is page


def test_of_grain_no_text_is_left_to_read_in_a_blank_cell() -> None:
    picture, _ = table()
    cell = np.s_[YS[1] + 6 : YS[2] - 6, XS[0] + 6 : XS[1] - 6]
    before, after = (find_ink(page) for page in (grainy(picture, 0.2), without_grain(grainy(picture, 0.2))))
    assert after.mask[cell].mean() < 0.1 * before.mask[cell].mean()


def test_rows_of_a_screens_dots_are_told_from_rules_and_the_rules_are_found_without_them() -> None:
    picture, _ = table()
    levels = np.array([[12, 5, 6, 13], [4, 0, 1, 7], [11, 3, 2, 8], [15, 10, 9, 14]]) * 16 + 8
    grey = np.where(picture < 128, picture, 225)
    screened = np.where(grey > np.tile(levels, (150, 225)), 255, 0).astype(np.uint8)
    assert find_ridges(find_ink(screened), TEXT).screened
    ridges = find_ridges(find_ink(without_grain(screened)), TEXT)
    assert not ridges.screened
    assert len([rule for rule in find_rules(ridges) if rule.end - rule.start > 100]) == len(XS) + len(YS)
    assert not find_ridges(find_ink(grainy(picture, 0.2)), TEXT).screened
