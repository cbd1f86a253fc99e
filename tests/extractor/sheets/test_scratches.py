"""Streaks over the picture of a photographed sheet: drawn after the sheet was bent, gone before it is flat."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from extractor.elements import RawPage
from extractor.pixels.ink import find_ink
from extractor.ruling.borders import find_borders
from extractor.ruling.grid import solve_grids
from extractor.ruling.rules import find_ridges, find_rules
from extractor.ruling.streaks import drop_streaks
from extractor.sheets.scratches import without_cuts, without_scratches
from extractor.sheets.upright import set_upright
from tests.drawn import TEXT, blank, lattice
from tests.extractor.sheets.test_flatten import TILTED, Bend, Photo, assert_flat, curled, drawn_page, swayed
from tests.extractor.sheets.test_upright import Lies, turned


def captured() -> np.ndarray:
    """A small bilevel page: text, rules, a margin all around."""
    page = np.full((700, 500), 255, np.uint8)
    for y in range(100, 600, 50):
        page[y : y + 3, 60:440] = 0
        cv2.putText(page, "2080501", (180, y + 34), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0,), 2)
    page[100:553, 60:63] = 0
    return page


def lying(page: np.ndarray, *, turned: bool, colour: bool) -> np.ndarray:
    """A page mirrored at its diagonal, or in colour."""
    page = np.ascontiguousarray(page.T) if turned else page
    return cv2.cvtColor(page, cv2.COLOR_GRAY2BGR) if colour else page


@pytest.mark.parametrize("upright", [True, False])
@pytest.mark.parametrize("bend", [curled, swayed])
def test_a_photographed_sheet_is_read_without_the_streaks_of_its_picture(bend: Bend, upright: bool) -> None:
    photo = Photo(drawn_page(), bend, TILTED, (1440, 1960))
    grey = cv2.cvtColor(photo.picture, cv2.COLOR_BGR2GRAY)
    light = cv2.blur(grey, (160, 160)).astype(np.float32)
    streaked = ((grey > 0.8 * light) * 255).astype(np.uint8)
    if upright:
        streaked[:, 560:562] = 0
        streaked[:, 1010:1011] = 0
    else:
        streaked[777:779] = 0
    assert_flat(photo, streaked)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("colour", [False, True])
def test_a_lane_goes_and_what_it_crosses_stays(turned: bool, colour: bool) -> None:
    page = captured()
    streaked = page.copy()
    streaked[:, 330:332] = 0
    page, streaked = (lying(one, turned=turned, colour=colour) for one in (page, streaked))
    assert np.array_equal(without_scratches(streaked), page)


@pytest.mark.parametrize("degrees", [0.4, -0.9])
def test_a_border_that_a_streak_crosses_slowly_is_found_on_a_page_turned_straight(degrees: float) -> None:
    page = blank(1100, 1400)
    xs, ys = (150, 420, 700, 950), tuple(range(200, 1241, 65))
    lattice(page, xs, ys)
    scan = ((turned(page, degrees) > 150) * 255).astype(np.uint8)
    scan[:, 800:802] = 0
    upright = set_upright(RawPage(1, scan.shape[1], scan.shape[0], "scan", picture=scan), Lies(0))
    ridges = find_ridges(find_ink(upright.picture), TEXT)
    rules = drop_streaks(find_rules(ridges), (upright.picture.shape[1], upright.picture.shape[0]), TEXT)
    (grid,) = solve_grids(rules, TEXT, find_borders(ridges, rules, []).evidence)
    assert len(grid.cells) == 3 * 16


def test_rules_that_end_before_the_picture_does_are_no_lanes() -> None:
    page = captured()
    assert without_scratches(page) is page


def test_the_dark_edge_of_a_picture_is_no_lane() -> None:
    page = captured()
    page[:, :14] = 20
    page[:, -1:] = 20
    assert without_scratches(page) is page


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("colour", [False, True])
def test_a_pale_lane_that_cuts_rules_and_strokes_is_closed(turned: bool, colour: bool) -> None:
    page = captured()
    page[103:150, 63:440] = 180  # a heading's fill
    streaked = page.copy()
    streaked[:, 300:302] = 255
    page, streaked = (lying(one, turned=turned, colour=colour) for one in (page, streaked))
    assert np.array_equal(without_cuts(streaked), page)


def test_white_rules_on_a_fill_are_no_pale_lane() -> None:
    page = captured()
    page[103:150, 63:440] = 180
    page[103:150, 300:302] = 255
    for y in range(150, 560, 100):
        page[y : y + 50, 63:440] = 60  # dark rows parted by the same white rule
        page[y : y + 50, 300:302] = 255
    page[550:553, 60:440] = 0
    assert without_cuts(page) is page


def test_gaps_of_dashed_rules_under_one_another_are_no_pale_lanes() -> None:
    page = captured()
    for x in range(90, 430, 70):
        page[:, x : x + 2] = np.maximum(page[:, x : x + 2], np.where(np.arange(700)[:, None] > 90, 255, 0))
    assert without_cuts(page) is page


def test_what_leaves_half_of_the_rules_whole_is_no_pale_lane() -> None:
    page = captured()
    page[:340, 300:302] = 255
    assert without_cuts(page) is page
