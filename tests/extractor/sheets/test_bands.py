from __future__ import annotations

import cv2
import numpy as np
import pytest

from extractor.pixels.ink import find_ink
from extractor.ruling.rules import find_ridges
from extractor.sheets.bands import without_bands
from tests.drawn import Picture, blank, coloured, digits, lattice

XS, YS = (90, 400, 700, 1110), tuple(range(300, 1100, 50))


def printed() -> Picture:
    picture = blank(1200, 1600)
    lattice(picture, XS, YS)
    for y in YS[:-1]:
        digits(picture, "1,728.90", 430, y + 38)
    return picture


def banded(picture: Picture, lean: float) -> Picture:
    """The page with two grey bands close to each other and a narrow one, each from edge to edge and a little askew."""
    shade = np.ones(picture.shape[:2], np.float32)
    for x, width, tone in ((780, 22, 0.78), (806, 40, 0.8), (200, 8, 0.85)):
        lower = x + lean * picture.shape[0]
        corners = np.array([(x, 0), (x + width, 0), (lower + width, 1600), (lower, 1600)])
        cv2.fillPoly(shade, [corners.round().astype(np.int32)], (tone,))
    soft = cv2.GaussianBlur(shade, (0, 0), 0.7)
    return (picture * (soft if picture.ndim == 2 else soft[:, :, None])).astype(np.uint8)


@pytest.mark.parametrize("lean", [0.0, 0.004])
@pytest.mark.parametrize("turned", [False, True], ids=["down", "across"])
@pytest.mark.parametrize("colour", [False, True])
def test_grey_bands_from_edge_to_edge_leave_paper(lean: float, turned: bool, colour: bool) -> None:
    page = coloured(printed()) if colour else printed()
    worn = banded(page, lean)
    if turned:
        page, worn = page.swapaxes(0, 1), worn.swapaxes(0, 1)
    found = without_bands(worn)
    assert np.abs(found.astype(int) - page)[page == 255].mean() < 0.5
    ridges, clean = (find_ridges(find_ink(np.ascontiguousarray(one)), 20.0) for one in (found, page))
    assert np.abs(ridges.level.astype(int) - clean.level).sum() < 300
    assert np.abs(ridges.upright.astype(int) - clean.upright).sum() < 300


def test_a_page_without_bands_is_left_as_it_is() -> None:
    """Nor is a table's shading one, however dark: it ends with the table."""
    picture = printed()
    picture[300:1050, 402:700] = np.minimum(picture[300:1050, 402:700], 200)
    picture[300:350, 92:1110] = np.minimum(picture[300:350, 92:1110], 190)
    shadow = np.linspace(0.7, 1.0, 1200)[None]
    assert without_bands(picture) is picture
    dim = (picture * shadow).astype(np.uint8)
    assert without_bands(dim) is dim
