from __future__ import annotations

import numpy as np
import pytest

from extractor.elements import RawPage
from extractor.pixels.ink import find_ink
from extractor.ruling.rules import find_ridges, find_rules
from extractor.sheets.edges import without_dark_edges
from extractor.sheets.upright import set_upright
from tests.drawn import TEXT, Picture, blank, coloured, digits, lattice
from tests.extractor.sheets.test_upright import Lies, turned


def noisy(picture: Picture, sigma: float = 5.0) -> Picture:
    noise = np.random.default_rng(5).standard_normal(picture.shape) * sigma
    return np.clip(picture.astype(np.float64) * 0.85 + noise, 0, 255).astype(np.uint8)


def table() -> Picture:
    picture = blank(1200, 900)
    lattice(picture, (150, 420, 700, 1050), range(200, 561, 60))
    for y in range(240, 560, 60):
        digits(picture, f"{y * 37}.50", 170, y)
    return picture


@pytest.mark.parametrize("side", range(4))
@pytest.mark.parametrize("colour", [False, True])
def test_a_band_is_filled_with_the_paper_behind_it(side: int, colour: bool) -> None:
    page = table()
    banded = page.copy()
    np.rot90(banded, side)[:17] = 40
    if colour:
        page, banded = coloured(page), coloured(banded)
    assert np.array_equal(without_dark_edges(banded), page)


def test_a_dark_head_with_writing_stays() -> None:
    page = table()
    page[:40] = 40
    digits(page, " ".join("20805" for _ in range(10)), 20, 30, tone=255)
    assert without_dark_edges(page) is page


def test_a_page_in_uneven_light_has_no_band() -> None:
    light = np.linspace(0.6, 1.0, 900)[:, None]
    page = (table() * light).astype(np.uint8)
    assert without_dark_edges(page) is page


def test_no_rules_are_seen_in_a_band_of_a_page_turned_straight() -> None:
    page = turned(table(), 1.3)
    page[-16:] = 20
    upright = set_upright(RawPage(1, page.shape[1], page.shape[0], "scan", picture=noisy(page)), Lies(0))
    rules = find_rules(find_ridges(find_ink(upright.picture), TEXT))
    assert len(rules) == 7 + 4
