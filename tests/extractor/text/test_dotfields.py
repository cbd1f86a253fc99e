from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractor.pixels.ink import find_ink
from extractor.ruling.rules import find_ridges
from extractor.text.dotfields import dots_of
from extractor.text.specks import Specks, find_specks
from tests.drawn import TEXT, Picture, blank, digits, lattice

XS, YS = (60, 330, 560, 840), (50, 110, 170, 230)
NOTHING = np.zeros((600, 900), np.uint8)


def table() -> Picture:
    picture = blank()
    lattice(picture, XS, YS)
    for x in (150, 400, 650):
        digits(picture, "1,728.90", x, 90)
        digits(picture, "1,728.90", x, 150)
    return picture


def dotted(picture: Picture, share: float) -> Picture:
    """The picture with its first row filled by dots of one or two pixels, which hang together here and there."""
    out = picture.copy()
    dots = np.random.default_rng(3).random(picture.shape) < share
    dots[: YS[0]], dots[YS[1] :], dots[:, : XS[0]], dots[:, XS[-1] :] = False, False, False, False
    out[dots] = 0
    return out


def specks_of(picture: Picture) -> Specks:
    ink = find_ink(picture)
    return find_specks(ink, find_ridges(ink, TEXT))


def test_dots_of_a_grey_heading_are_taken_off_up_to_its_characters() -> None:
    for share in (0.02, 0.035):
        plain = table()
        specks = specks_of(dotted(plain, share))
        wiped = specks.wiped(dotted(plain, share))
        bare = cv2.erode(plain, np.ones((9, 9), np.uint8)) == 255  # dots that touch a character stay
        bare[YS[1] - 2 :] = False
        assert (wiped[bare] == 255).mean() > 0.998, share
        # Beside it nothing is taken, points of numbers neither.
        assert (wiped[YS[1] + 2 :] == plain[YS[1] + 2 :]).all(), share


def test_the_strokes_of_a_two_in_a_grey_heading_stay() -> None:
    plain = table()
    plain[60:100, 100:300] = 255
    plain[70:74, 120:133], plain[90:94, 116:138] = 0, 0
    picture = dotted(plain, 0.03)
    assert (specks_of(picture).wiped(picture)[71:73, 122:131] < 128).all()


def test_specks_beside_characters_are_no_field() -> None:
    picture = table()
    rng = np.random.default_rng(5)
    for x, y in rng.integers(10, min(picture.shape) - 10, (60, 2)):
        picture[y : y + 2, x : x + 2] = 0
    ink = find_ink(picture)
    kept = find_specks(ink, find_ridges(ink, TEXT))
    assert kept.mask is None or not kept.mask[YS[0] + 4 : YS[2], 140:740].any()


def boxed(xs: NDArray[np.int64], ys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Centres of dots of one pixel, and their boxes and areas."""
    return np.stack([xs, ys], axis=1), np.stack([xs, ys, *[xs * 0 + 1] * 3], axis=1).astype(np.int32)


def test_lines_of_text_worn_to_specks_are_no_field() -> None:
    high, rng = round(TEXT), np.random.default_rng(9)
    worn = NOTHING > 0
    for y in range(60, 500, round(1.8 * TEXT)):
        worn[y : y + high, 60:800] = rng.random((high, 740)) < 0.02
    ys, xs = np.nonzero(worn)
    centres, stats = boxed(xs, ys)
    assert len(xs) > 2000
    assert not dots_of(NOTHING, NOTHING, stats, centres, TEXT).any()
    filled = rng.random(worn.shape) < 0.02
    ys, xs = np.nonzero(filled)
    centres, stats = boxed(xs, ys)
    assert dots_of(NOTHING, NOTHING, stats, centres, TEXT).mean() > 0.9


def test_points_of_numbers_that_fill_their_cells_are_no_field() -> None:
    ink, rules = NOTHING.copy(), NOTHING.copy()
    pieces: list[tuple[int, int, int, int]] = []
    for y in range(50, 170, 40):  # low cells between thick borders, filled by digits and points
        rules[y - 40 : y + 170, 55:465] = 1
    for y in range(50, 170, 40):
        rules[y : y + 26, 60:460] = 0
        for x in range(64, 450, 12):
            point = (x - 64) % 60 == 48
            pieces.append((x, y + 17, 4, 4) if point else (x, y + 6, 9, 14))
    figures = len(pieces)
    rng = np.random.default_rng(11)
    pieces += [(x, y, 2, 2) for x, y in rng.integers((300, 330), (420, 450), (500, 2)).tolist()]  # of a fill, faxed
    for x, y, w, h in pieces:
        ink[y : y + h, x : x + w] = 1
    stats = np.array([(*piece, piece[2] * piece[3]) for piece in pieces], np.int32)
    dots = dots_of(ink, rules, stats, (stats[:, :2] + stats[:, 2:4] // 2).astype(np.int64), TEXT)
    assert not dots[:figures].any()
    assert dots[figures:].mean() > 0.9
