"""Ageing: levels are drawn as their names say, and the same seed gives the same picture."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from bench.age import age
from bench.levels import PAIRS, SINGLE, damages, draw_recipe
from bench.seals import press


def printed() -> NDArray[np.uint8]:
    """A small page with a table on it."""
    page = np.full((700, 500, 3), 255, np.uint8)
    for y in range(100, 401, 30):
        cv2.line(page, (60, y), (440, y), (0, 0, 0), 1)
    for x in (60, 200, 440):
        cv2.line(page, (x, 100), (x, 400), (0, 0, 0), 1)
    cv2.putText(page, "3960704", (210, 180), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1)
    return page


def test_every_pair_of_damages_changes_what_each_alone_would() -> None:
    for pair in PAIRS:
        first, second = damages(pair)
        recipes = {level: draw_recipe(level, random.Random(3)) for level in (pair, first, second)}
        assert recipes[pair] != recipes[second] or first == "open"


def test_levels_are_named_by_their_damages() -> None:
    assert damages("digital") == ()
    assert damages("photo+stamp") == damages("stamp+photo") == ("stamp", "photo")
    assert damages("turned+fax") == ("fax", "turned")
    for wrong in ("", "wet", "digital+fax", "stamp+wet"):
        with pytest.raises(ValueError, match="no such level"):
            damages(wrong)


@pytest.mark.parametrize("level", [*SINGLE[1:], "stamp+photo", "fax+turned", "poor+stamp", "open+fax"])
def test_ageing_is_the_same_for_the_same_seed(level: str) -> None:
    def picture(seed: int) -> bytes:
        rng = random.Random(f"{seed}/{level}")
        recipe = draw_recipe(level, rng)
        assert recipe is not None
        return age(printed(), recipe, "青禾县财政局", rng).tobytes()

    assert picture(1) == picture(1)
    assert picture(1) != picture(2)


def test_digital_is_left_alone() -> None:
    assert draw_recipe("digital", random.Random(0)) is None


def test_each_damage_shows() -> None:
    for seed in range(8):
        rng = random.Random(seed)
        fax = draw_recipe("fax", rng)
        assert fax is not None
        assert age(printed(), fax, "x", rng).mode == "1"
        turned = draw_recipe("fax+turned", rng)
        assert turned is not None
        assert turned.turned
        assert turned.tone == "bilevel"
        both = draw_recipe("stamp+photo", rng)
        assert both is not None
        assert both.seals
        assert both.camera
        assert both.tone == "colour"
        faxed_photo = draw_recipe("photo+fax", rng)
        assert faxed_photo is not None
        assert faxed_photo.camera
        assert faxed_photo.tone == "bilevel"
        poor = draw_recipe("poor", rng)
        good = draw_recipe("good", rng)
        assert poor is not None
        assert good is not None
        assert poor.jpeg < good.jpeg
        assert poor.wear > good.wear


def test_a_turned_page_lies_another_way() -> None:
    shapes = set()
    for seed in range(12):
        rng = random.Random(seed)
        recipe = draw_recipe("turned", rng)
        assert recipe is not None
        shapes.add(age(printed(), recipe, "x", rng).size)
    assert shapes == {(700, 500), (500, 700)}


def test_a_seal_is_coloured_and_lets_the_print_show() -> None:
    page = printed()
    press(page, "青禾县财政局", random.Random(4), np.random.default_rng(4))
    spread = page.max(axis=2).astype(int) - page.min(axis=2)
    assert (spread > 60).sum() > 200
    # Multiplied ink never lightens what was printed.
    assert (page <= printed()).all()


def test_a_photographed_fax_keeps_its_shaded_half() -> None:
    """Black and white from a photograph follows the light: no half of the sheet drowns in black."""
    page = cv2.resize(printed(), (1000, 1400), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    for seed in range(4):
        rng = random.Random(seed)
        recipe = draw_recipe("photo+fax", rng)
        assert recipe is not None
        picture = np.asarray(age(page, recipe, "某局", rng).convert("L"))
        inner = picture[300:1100, 200:800]
        assert all(half.mean() > 140 for half in (inner[:, :300], inner[:, 300:]))
