"""Rules that wear breaks to pieces, some of which look like characters."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from extractor.elements import Box, Rule
from extractor.ruling.resumed import resumed
from tests.drawn import blank, character, digits, lattice, level, upright
from tests.extractor.ruling.test_rules import XS, YS, full, look

SPOT = 3  # pixels: half a worn spot


def test_a_piece_of_a_worn_rule_that_text_stands_on_is_still_rule() -> None:
    """Worn off on both sides, the piece and the text on it are one string of characters."""
    picture = blank()
    lattice(picture, XS, YS, 2)
    y = YS[2]
    lines = [digits(picture, "88888", XS[1] + 60, y - 1)]
    lines += [digits(picture, "2,549.18", XS[1] + 30, y + 34)]
    for x in (XS[1] + 50, XS[1] + 150):
        picture[y - 3 : y + 3, x : x + 5] = 255
    assert look(picture, lines).places == full()


def test_a_stump_of_two_worn_rules_is_no_character() -> None:
    """Where two rules cross, worn spots around them leave a cross of the size of a character."""
    picture = blank()
    lattice(picture, XS, YS, 2)
    x, y = XS[1], YS[2]
    for at in (-19, 19):
        picture[y - 3 : y + 3, x + at - SPOT : x + at + SPOT] = 255
        picture[y + at - SPOT : y + at + SPOT, x - 3 : x + 3] = 255
    seen = look(picture)
    assert seen.places == full()
    assert seen.ridges.upright[y - 10 : y + 10, x].all()
    assert seen.ridges.level[y, x - 10 : x + 10].all()


def test_a_low_row_between_two_stumps() -> None:
    """All that is left of the border in one row hangs on the rules above and below it."""
    xs, ys = XS, (80, 115, 150, 185, 220)
    picture = blank()
    lattice(picture, xs, ys, 2)
    x, y = xs[1], ys[2]
    picture[y - 4 : y + 3, x - 19 : x - 14] = 255
    picture[y - 4 : y + 3, x + 13 : x + 18] = 255
    picture[y - 7 : y - 2, x - 3 : x + 3] = 255
    picture[y + 25 : y + 30, x - 3 : x + 3] = 255
    assert look(picture).places == full(4, 4)


def test_numbers_glued_to_a_worn_border_stay_apart() -> None:
    """A border that stops on its way through a row goes on through the number that touches it."""
    picture = blank()
    lattice(picture, XS, YS, 2)
    x, y = XS[2], YS[3]
    width = round(digits(blank(), "1,889.78", 100, 100).width)
    lines = [digits(picture, "1,889.78", x - width - 1, y - 14), digits(picture, "289.78", x + 12, y - 14)]
    picture[y - 25 : y - 13, x - 8 : x] = 0
    for at in (YS[2] + 18, y + 4):
        picture[at : at + 4, x - 2 : x + 3] = 255
    for at in (x - 20, x + 16):
        picture[y - 3 : y + 3, at : at + 4] = 255
    assert look(picture, lines).places == full()


def test_a_rule_worn_near_its_end_reaches_the_frame() -> None:
    """The piece beyond the worn spots, no longer than a stroke, is no rule alone, and a speck closes no gap."""
    picture = blank()
    lattice(picture, XS[1:3], YS, 2)
    for y in YS:
        level(picture, y, XS[0], XS[-1])
    for at, gap in ((YS[1] - 28, 5), (YS[1] - 20, 6)):
        picture[at : at + gap, XS[1] - 3 : XS[1] + 4] = 255
    x = XS[2]
    picture[YS[0] + 3 : YS[1] - 2, x - 3 : x + 4] = 255
    assert look(picture, []).grid.n_rows == len(YS) - 1


def test_text_of_a_merged_cell_between_borders_beside_it_joins_none() -> None:
    """Borders on both sides end at the merged cell; its characters stand on their very track."""
    picture = blank()
    lattice(picture, XS, YS, 2)
    y = YS[2]
    picture[YS[1] + 2 : YS[3] - 2, XS[1] + 2 : XS[2] - 2] = 255
    for x in range(XS[1] + 20, XS[2] - 40, 28):
        character(picture, x, y - 12)
    line = Box(XS[1] + 19, y - 13, XS[2] - 30, y + 13)
    places = [p for p in full() if p[:2] not in ((1, 1), (2, 1))] + [(1, 1, 2, 1)]
    assert look(picture, [line]).places == sorted(places)


def test_the_cross_of_a_character_in_a_merged_cell_is_no_border() -> None:
    """十 as large as a heading's stands where the borders beside it would go on."""
    picture = blank()
    lattice(picture, XS, YS, 2)
    picture[YS[1] + 2 : YS[3] - 2, XS[1] + 2 : XS[3] - 2] = 255
    x, y = XS[2], YS[2]
    level(picture, y, x - 18, x + 18, 3)
    upright(picture, x, y - 18, y + 18, 3)
    places = [p for p in full() if not (p[0] in (1, 2) and p[1] in (1, 2))] + [(1, 1, 2, 2)]
    assert look(picture, [Box(x - 20, y - 20, x + 20, y + 20)]).places == sorted(places)


def test_a_fill_in_line_that_ends_in_a_cell_divides_nothing() -> None:
    picture = blank()
    lattice(picture, XS, YS, 2)
    level(picture, YS[1] + 34, XS[1] + 30, XS[1] + 110, 2)
    line = digits(picture, "88", XS[1] + 112, YS[1] + 33)
    assert look(picture, [line]).places == full()


@pytest.mark.parametrize(("tone", "thick", "seed"), [(180, 3, 3), (184, 4, 4), (184, 5, 3)])
def test_rules_as_pale_as_ink_may_be_are_whole_under_noise(tone: int, thick: int, seed: int) -> None:
    """Grey rules whose tone is the threshold of ink are ink in specks only, some as large as characters."""
    noise = np.random.default_rng(seed).normal(0, 6, (600, 900))
    xs, ys = tuple(range(60, 820, 84)), tuple(range(60, 500, 40))
    picture = blank()
    lattice(picture, xs, ys, thick, tone)
    noisy = np.clip(cv2.GaussianBlur(picture, (0, 0), 0.6) + noise, 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    assert look(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)).places == full(len(ys) - 1, len(xs) - 1)


@pytest.mark.parametrize(("away", "goes_on"), [(20, True), (60, False)])
def test_a_dashed_rule_goes_on_through_its_crossing_but_not_through_half_dark_text(away: int, goes_on: bool) -> None:
    """Where dashes cross they look like a character and are taken off; a gap of the pattern stays."""
    seen, hidden = np.zeros((100, 400), np.uint8), np.zeros((100, 400), np.uint8)
    seen[49:52, 120:300] = 1
    hidden[49:52, 120 - away : 120 - away // 2] = 1
    own = [Rule(True, 50.5, 120, 300, 3)]
    crossing = [Rule(False, 120.5 - away, 0, 100, 3), Rule(False, 300.5, 0, 100, 3)]
    added = resumed(seen, hidden, own, crossing, 20)
    assert (added is not None) == goes_on
    assert added is None or added[48:53, 120 - away : 120].any(axis=0).all()


@pytest.mark.parametrize(("past", "goes_on"), [(12, False), (19, True)])
def test_a_stroke_that_touches_a_rules_end_behind_its_crossing_leads_nowhere(past: int, goes_on: bool) -> None:
    """A line's first strokes stand on the rule's track in a merged cell, the rest of it was taken off with the line."""
    seen, hidden = np.zeros((100, 400), np.uint8), np.zeros((100, 400), np.uint8)
    seen[49:52, 120 - past : 300] = 1
    hidden[49:52, 40 : 120 - past] = 1
    own = [Rule(True, 50.5, 120 - past, 300, 3)]
    crossing = [Rule(False, at, 0, 100, 3) for at in (40.5, 120.5, 300.5)]
    assert (resumed(seen, hidden, own, crossing, 20) is not None) == goes_on
