from __future__ import annotations

import cv2
import numpy as np
import pytest

from extractor.pixels.ink import find_ink
from extractor.pixels.inked import characters
from extractor.pixels.screens import without_screens
from tests.drawn import TEXT, Picture, blank, character, digits, lattice

XS, YS = (100, 300, 700, 1100, 1550), (300, 360, 420, 480, 540)
HEADING = np.s_[YS[0] + 1 : YS[2] - 1, XS[0] + 1 : XS[-1] - 1]


def table() -> Picture:
    picture = blank(1654, 1654)
    lattice(picture, XS, YS)
    for y in YS[:2]:
        for x in XS[:-1]:
            for k in range(4):
                character(picture, x + 20 + 30 * k, y + 18)
    for y in YS[2:-1]:
        for x in XS[:-1]:
            digits(picture, f"{x * y}.07", x + 20, y + 42)
    return picture


def bayer(size: int) -> Picture:
    """Thresholds of an ordered screen, size x size, spread over greys."""
    order = np.zeros((1, 1))
    while len(order) < size:
        order = np.block([[4 * order, 4 * order + 2], [4 * order + 3, 4 * order + 1]])
    return ((order + 0.5) / order.size * 255).astype(np.uint8)


def as_dots(grey: Picture, kind: str) -> Picture:
    """A grey picture in black and white, as devices set it."""
    rng = np.random.default_rng(4)
    if kind == "sensor":
        bright = grey + rng.normal(0, 40, grey.shape) > 128
    elif kind == "random":
        bright = grey > rng.uniform(1, 254, grey.shape)
    elif kind == "spread":
        from PIL import Image

        bright = np.asarray(Image.fromarray(grey).convert("1"))
    else:
        screen = bayer(int(kind))
        bright = grey > np.tile(screen, [n // len(screen) + 1 for n in grey.shape])[: grey.shape[0], : grey.shape[1]]
    return np.where(bright, 255, 0).astype(np.uint8)


def printed(tone: int, kind: str, size: int = 1) -> Picture:
    """The table under a heading of that tone printed as dots, each of size x size pixels."""
    fill = blank(1654, 1654)
    fill[HEADING] = tone
    small = cv2.resize(fill, None, fx=1 / size, fy=1 / size, interpolation=cv2.INTER_AREA)
    dots = cv2.resize(as_dots(small, kind), fill.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.minimum(table(), dots)


def loose(picture: Picture) -> int:
    """Pixels of ink in the heading a little off what is printed."""
    own = cv2.dilate((table() < 128).astype(np.uint8), np.ones((7, 7), np.uint8))
    return int(((picture < 128) & (own == 0))[HEADING].sum())


@pytest.mark.parametrize(
    ("tone", "kind", "size"),
    [
        (191, "sensor", 1), (160, "sensor", 1), (230, "random", 1), (191, "random", 1), (217, "spread", 1),
        (160, "spread", 1), (128, "spread", 1), (217, "2", 1), (128, "4", 1), (191, "8", 1), (160, "4", 2),
        (191, "spread", 2), (217, "random", 2),
    ],
)
def test_a_heading_of_dots_becomes_even_whatever_set_them(tone: int, kind: str, size: int) -> None:
    before = printed(tone, kind, size)
    after = without_screens(before)
    assert loose(after) < 0.1 * loose(before)
    ink = table()[HEADING] < 128
    assert (after[HEADING][ink] < 128).mean() > 0.97
    rows = np.s_[YS[2] + 12 :]
    assert np.array_equal(after[rows], before[rows])


def test_characters_in_a_heading_of_dots_stand_free() -> None:
    page = printed(191, "random")
    fused, free = (characters(find_ink(one).mask, TEXT)[HEADING] for one in (page, without_screens(page)))
    ink = table()[HEADING] < 128
    inner = np.zeros_like(ink)
    for y in YS[:2]:
        for x in XS[:-1]:
            inner[y - YS[0] + 10 : y - YS[0] + 50, x - XS[0] + 10 : x - XS[0] + 150] = True
    assert (fused[ink & inner] > 0).mean() < 0.5
    assert (free[ink & inner] > 0).mean() > 0.97


def test_pages_without_such_fills_stay_as_they_are() -> None:
    plain = table()
    assert without_screens(plain) is plain
    specks = table()
    rng = np.random.default_rng(3)
    for x, y in zip(rng.integers(0, 1654, 1500).tolist(), rng.integers(0, 1654, 1500).tolist(), strict=True):
        cv2.circle(specks, (x, y), int(rng.integers(0, 2)), 20, -1)
    assert without_screens(specks) is specks
    worn = table()
    worn[rng.random(worn.shape) < 0.15] = 255
    assert without_screens(worn) is worn
    grey = table()
    grey[HEADING] = np.minimum(grey[HEADING], 200)
    assert without_screens(grey) is grey


def test_grain_and_ground_that_run_to_the_edge_are_no_fills() -> None:
    page = table()
    page[:, :60] = as_dots(np.full((1654, 60), 160, np.uint8), "random")
    assert without_screens(page) is page


def test_paper_in_shadow_is_no_fill() -> None:
    shadow = blank(1654, 1654)
    shadow[700:1500, 200:1400] = 225
    both = np.minimum(printed(191, "random"), as_dots(shadow, "random"))
    assert without_screens(both) is both
