from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from extractor.elements import Frame, RawPage
from extractor.sheets.upright import find_skew, rotate, set_upright
from tests.drawn import Picture, blank, coloured, digits, lattice, level

ANGLES = [-3.0, -1.37, -0.42, 0.0, 0.18, 0.9, 2.61, 3.0, -7.4, 9.0]
MARKS = [(150, 120), (1250, 180), (300, 900), (1200, 1000)]  # dots far apart


@dataclass(frozen=True)
class Lies:
    """An orientation that is sure of its quarter turns."""

    turns: int

    def upright_probabilities(self, picture: Picture) -> tuple[float, float, float, float]:
        odds = [0.01] * 4
        odds[self.turns] = 0.97
        return odds[0], odds[1], odds[2], odds[3]


def table_page() -> Picture:
    picture = blank(1400, 1100)
    lattice(picture, (200, 500, 800, 1200), (300, 360, 420, 480, 540, 600))
    for y in (340, 400, 460, 520, 580):
        digits(picture, f"{y * 37}.50", 230, y)
        digits(picture, f"{y * 11}", 830, y)
    return picture


def text_page() -> Picture:
    picture = blank(1400, 1100)
    for n, y in enumerate(range(200, 900, 42)):
        digits(picture, " ".join(str((n + 1) * k * 7919 % 99991) for k in range(1, 12)), 180, y)
    return picture


def turned(picture: Picture, degrees: float) -> Picture:
    """Rotated clockwise about its centre on a larger sheet."""
    height, width = picture.shape
    sheet = np.pad(picture, 100, constant_values=255)
    middle = ((width + 200 - 1) / 2, (height + 200 - 1) / 2)
    matrix = cv2.getRotationMatrix2D(middle, -degrees, 1)
    return cv2.warpAffine(sheet, matrix, (width + 200, height + 200), flags=cv2.INTER_CUBIC, borderValue=255)


@pytest.mark.parametrize("degrees", ANGLES)
@pytest.mark.parametrize("draw", [table_page, text_page])
def test_skew_is_found(draw: object, degrees: float) -> None:
    assert callable(draw)
    assert find_skew(turned(draw(), degrees)) == pytest.approx(-degrees, abs=0.05)


def test_skew_is_found_in_shadow_and_in_colour() -> None:
    picture = turned(table_page(), 1.3)
    shade = np.linspace(1, 0.5, picture.shape[1])
    assert find_skew((picture * shade).astype(np.uint8)) == pytest.approx(-1.3, abs=0.05)
    assert find_skew(coloured(picture)) == pytest.approx(-1.3, abs=0.05)


def test_the_end_of_the_scanners_glass_says_nothing_of_the_sheets_skew() -> None:
    picture = turned(table_page(), 1.6)
    picture[:9], picture[:, -20:] = 20, 30
    assert find_skew(picture) == pytest.approx(-1.6, abs=0.05)


def test_a_page_without_lines_is_left_as_it_is() -> None:
    assert find_skew(blank()) == 0
    page = RawPage(1, 900, 600, "scan", picture=blank())
    upright = set_upright(page, Lies(0))
    assert (upright.rotation, upright.skew, upright.picture.shape) == (0, 0, (600, 900))
    assert upright.frame == Frame()


@pytest.mark.parametrize("degrees", [-2.5, 0.7])
def test_a_rotated_picture_keeps_all_and_knows_its_way_back(degrees: float) -> None:
    picture = blank(400, 300)
    picture[2:8, 2:8] = 0
    picture[290:296, 390:396] = 0
    out, back = rotate(picture, degrees)
    assert out.shape[0] >= 300
    assert out.shape[1] >= 400
    dark = (out < 128).astype(np.uint8)
    _, _, _, centres = cv2.connectedComponentsWithStats(dark)
    found = [(back @ (x + 0.5, y + 0.5, 1))[:2] for x, y in centres[1:]]
    assert np.allclose(sorted(map(tuple, found)), [(5, 5), (393, 293)], atol=0.6)
    (ax, ay), (bx, by) = sorted(map(tuple, centres[1:]))
    assert math.degrees(math.atan2(by - ay, bx - ax) - math.atan2(288, 388)) == pytest.approx(degrees, abs=0.1)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("degrees", [0.0, -1.2, 2.0])
def test_the_frame_leads_from_upright_pixels_to_the_page_as_shown(turns: int, degrees: float) -> None:
    picture = table_page()
    for x, y in MARKS:
        cv2.circle(picture, (x, y), 9, 0, -1)
    lying = np.ascontiguousarray(np.rot90(turned(picture, degrees), turns))  # turned anticlockwise: must go clockwise
    scale = Frame((0.36, 0, 0, 0, 0.36, 0, 0, 0, 1))
    page = RawPage(1, lying.shape[1] * 0.36, lying.shape[0] * 0.36, "scan", scale, lying)
    upright = set_upright(page, Lies(turns))
    assert upright.rotation == turns * 90
    assert upright.skew == pytest.approx(-degrees, abs=0.05)
    seen = dots(upright.picture)
    shown = [upright.frame.point(x, y) for x, y in seen]
    assert np.allclose(sorted(shown), sorted((0.36 * x, 0.36 * y) for x, y in dots(lying)), atol=0.36)
    # The dots stand to each other as they were drawn: the page is the right way up, not mirrored.
    drawn, at = np.array(sorted(MARKS), float), np.array(sorted(seen))
    assert np.allclose(at - at[0], drawn - drawn[0], atol=1.5)


def dots(picture: Picture) -> list[tuple[float, float]]:
    """Centres of the large round spots, in pixel coordinates whose origin is the corner of the first pixel."""
    core = cv2.morphologyEx((picture < 128).astype(np.uint8), cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    _, _, stats, centres = cv2.connectedComponentsWithStats(core)
    return [
        (float(x) + 0.5, float(y) + 0.5)
        for (x, y), area in zip(centres[1:], stats[1:, cv2.CC_STAT_AREA], strict=True)
        if area > 100
    ]


def test_a_frame_of_rules_alone_is_enough() -> None:
    picture = blank(1400, 1100)
    for y in (300, 500, 700):
        level(picture, y, 200, 1200)
    assert find_skew(turned(picture, -2.2)) == pytest.approx(2.2, abs=0.05)


@pytest.mark.parametrize("cut", range(8))
def test_skew_is_found_whatever_a_pages_height(cut: int) -> None:
    """Half pixels, rounded to the even, added rows up two by two where nothing was sheared, which looked like lines."""
    picture = turned(text_page(), 0.9)
    assert find_skew(picture[: len(picture) - cut]) == pytest.approx(-0.9, abs=0.05)
