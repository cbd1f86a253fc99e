"""Streaks over the picture of a photographed sheet: drawn after the sheet was bent, gone before it is flat."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from extractor.scratches import without_scratches
from tests.extractor.test_flatten import TILTED, Bend, Photo, assert_flat, curled, drawn_page, swayed


def captured() -> np.ndarray:
    """A small bilevel page: text, rules, a margin all around."""
    page = np.full((700, 500), 255, np.uint8)
    for y in range(100, 600, 50):
        page[y : y + 3, 60:440] = 0
        cv2.putText(page, "2080501", (180, y + 34), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0,), 2)
    page[100:553, 60:63] = 0
    return page


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
    if turned:
        page, streaked = np.ascontiguousarray(page.T), np.ascontiguousarray(streaked.T)
    if colour:
        page, streaked = (cv2.cvtColor(one, cv2.COLOR_GRAY2BGR) for one in (page, streaked))
    assert np.array_equal(without_scratches(streaked), page)


def test_rules_that_end_before_the_picture_does_are_no_lanes() -> None:
    page = captured()
    assert without_scratches(page) is page


def test_the_dark_edge_of_a_picture_is_no_lane() -> None:
    page = captured()
    page[:, :14] = 20
    page[:, -1:] = 20
    assert without_scratches(page) is page
