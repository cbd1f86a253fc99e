from __future__ import annotations

import numpy as np

from extractor.elements import Box
from extractor.specks import without_specks

SCALE = 20.0
LINE = Box(100, 100, 300, 130)


def _page() -> np.ndarray:
    page = np.zeros((800, 800), np.uint8)
    for x in (110, 130, 160, 180):
        page[105:125, x : x + 14] = 1  # four digits …
    page[120:124, 149:153] = 1  # … and a point near the second and the third
    return page


def _strewn(page: np.ndarray) -> np.ndarray:
    out = page.copy()
    for y in range(200, 780, 60):
        for x in range(20, 780, 60):
            out[y : y + 4, x : x + 4] = 1
    out[110:114, 260:264] = 1  # a speck in the line's box, far from its characters
    return out


def test_specks_that_stand_alone_go_and_points_stay() -> None:
    assert np.array_equal(without_specks(_strewn(_page()), [LINE], SCALE), _page())


def test_a_page_that_is_not_strewn_keeps_all_its_ink() -> None:
    page = _page()
    page[110:114, 260:264] = 1
    page[500:504, 500:504] = 1
    assert np.array_equal(without_specks(page, [LINE], SCALE), page)
