from __future__ import annotations

import numpy as np

from extractor.sheet import find_sheet


def test_a_ground_that_is_dark_only_beside_the_sheet_is_seen_in_black_and_white() -> None:
    # A lit table, thresholded: dots, few at the picture's rim, many in the sheet's shadow.
    y, x = np.mgrid[:1400, :1000]
    rim = np.minimum.reduce([y, x, 1399 - y, 999 - x])
    dots = np.random.default_rng(1).random((1400, 1000)) < np.clip(rim / 100, 0.06, 0.9)
    picture = np.where(dots, 0, 255).astype(np.uint8)
    picture[110:1290, 110:890] = 255
    sheet = find_sheet(picture)
    assert sheet is not None
    assert all(sheet.seen)
    assert np.allclose(sheet.corners, [(110, 110), (890, 110), (890, 1290), (110, 1290)], atol=12)
