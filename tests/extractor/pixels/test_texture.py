from __future__ import annotations

import cv2
import numpy as np

from extractor.pixels.ink import find_ink
from extractor.pixels.texture import without_texture
from extractor.ruling.borders import find_borders
from extractor.ruling.grid import solve_grids
from extractor.ruling.rules import find_ridges, find_rules
from tests.drawn import TEXT, Picture, blank, lattice

XS, YS = (60, 330, 560, 840), (50, 100, 150, 220, 290, 360)


def dotted_heading(seed: int, grey: float) -> Picture:
    """Two heading rows whose grey came as dots; the upper row's last two cells are one."""
    picture = blank()
    lattice(picture, XS, YS)
    picture[YS[0] + 2 : YS[1] - 2, XS[2] - 2 : XS[2] + 3] = 255
    rng = np.random.default_rng(seed)
    # Dots hang together as a fax's do: noise of little more than a pixel, cut at the grey's tone.
    noise = cv2.GaussianBlur(rng.normal(size=picture.shape), (0, 0), 0.7)
    dots = noise < np.quantile(noise, grey)
    picture[YS[0] : YS[2]][dots[YS[0] : YS[2]]] = 0
    picture[:, : XS[0]], picture[:, XS[-1] :] = 255, 255
    lattice(picture, (XS[0], XS[-1]), (YS[0], YS[-1]))
    return picture


def test_a_heading_of_dots_has_no_borders_but_the_solid_ones() -> None:
    for seed, grey in ((1, 0.25), (2, 0.28), (3, 0.3)):
        ridges = find_ridges(find_ink(dotted_heading(seed, grey)), TEXT)
        rules = find_rules(ridges)
        borders = find_borders(ridges, rules, [])
        (grid,) = solve_grids(rules, TEXT, borders.evidence, worn=borders.worn)
        cells = sorted((c.row, c.col, c.row_span, c.col_span) for c in grid.cells)
        expected = [(0, 0, 1, 1), (0, 1, 1, 2), *((r, c, 1, 1) for r in range(1, 5) for c in range(3))]
        assert cells == expected, (seed, grey)


def test_a_page_without_such_fields_keeps_every_ridge() -> None:
    picture = blank()
    lattice(picture, XS, YS)
    picture[200:203, 100:110] = 0
    ink = find_ink(picture)
    assert all(
        np.array_equal(kept, ridge)
        for kept, ridge in zip(without_texture(ink.mask, ink.mask, TEXT), (ink.mask, ink.mask), strict=True)
    )
