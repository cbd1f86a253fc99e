from __future__ import annotations

import numpy as np

from extractor.sheets.sheet import find_sheet


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


def halo(shape: tuple[int, int], sheet: tuple[int, int, int, int], width: int) -> np.ndarray:
    """Black and white by the light around each spot: ground white but for few dots, many close to the sheet."""
    height, wide = shape
    x0, y0, x1, y1 = sheet
    y, x = np.mgrid[:height, :wide]
    away = np.maximum.reduce([x0 - x, x - x1, y0 - y, y - y1])
    dots = np.random.default_rng(2).random(shape) < np.where(away < width, 0.75, 0.05)
    picture = np.where(dots, 0, 255).astype(np.uint8)
    picture[y0:y1, x0:x1] = 255
    return picture


def test_a_sheet_is_found_inside_its_halo_where_the_ground_beyond_is_white() -> None:
    picture = halo((1500, 1150), (150, 160, 1000, 1340), 55)
    sheet = find_sheet(picture)
    assert sheet is not None
    assert all(sheet.seen)
    assert np.allclose(sheet.corners, [(150, 160), (1000, 160), (1000, 1340), (150, 1340)], atol=12)


def test_shading_on_three_sides_of_a_fax_is_no_halo() -> None:
    picture = halo((1500, 1150), (150, 160, 1000, 1340), 55)
    picture[1341:] = 255
    assert find_sheet(picture) is None


def test_a_sheet_that_lies_askew_is_found_inside_a_halo_of_few_dots() -> None:
    # A fifth of the pixels beside it are black; no row or column of the picture stays in the halo from end to end.
    y, x = np.mgrid[:1500, :1150].astype(np.float64)
    angle = np.radians(4)
    u = (x - 575) * np.cos(angle) + (y - 750) * np.sin(angle)
    v = (y - 750) * np.cos(angle) - (x - 575) * np.sin(angle)
    away = np.maximum(np.abs(u) - 430, np.abs(v) - 600)
    dots = np.random.default_rng(3).random((1500, 1150)) < np.where(away < 0, 0.002, np.where(away < 55, 0.2, 0.03))
    sheet = find_sheet(np.where(dots, 0, 255).astype(np.uint8))
    assert sheet is not None
    assert all(sheet.seen)
    cos, sin = np.cos(angle), np.sin(angle)
    corners = [(575 + a * cos - b * sin, 750 + b * cos + a * sin)
               for a, b in ((-430, -600), (430, -600), (430, 600), (-430, 600))]
    assert np.allclose(sheet.corners, corners, atol=14)
