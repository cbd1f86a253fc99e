from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from extractor.errors import ModelMissing
from models import store
from models.rulesight import UnetSight
from tests.drawn import blank, coloured, digits, lattice

XS, YS = (100, 500, 800, 1140), tuple(range(200, 1400, 100))


@pytest.mark.parametrize("colour", [False, True])
def test_rules_are_seen_where_they_are_drawn(weights: tuple[store.WeightState, ...], colour: bool) -> None:
    picture = blank(1240, 1754)
    lattice(picture, XS, YS, thick=3)
    for y in YS[1:]:
        digits(picture, "1,234.56", 150, y - 30)
    worn = cv2.GaussianBlur(coloured(picture) if colour else picture, (0, 0), 0.8)
    worn[420:460, 490:510] = 255  # half of one border is gone
    seen = UnetSight(threads=1).see(np.ascontiguousarray(worn))
    assert seen.level.shape == seen.upright.shape
    assert seen.level.shape[0] == 1024
    assert seen.step == pytest.approx(1754 / 1024)
    assert seen.drawn(True, 600.0, 110.0, 490.0, beside=8.0) > 0.8
    assert seen.drawn(False, 800.0, 210.0, 290.0, beside=8.0) > 0.8
    assert seen.drawn(False, 500.0, 405.0, 495.0, beside=8.0) > 0.6
    assert seen.drawn(False, 600.0, 210.0, 1290.0, beside=8.0) < 0.1
    assert seen.drawn(True, 575.0, 110.0, 490.0, beside=8.0) < 0.2  # the numbers' feet
    assert seen.drawn(False, 1200.0, 210.0, 1290.0, beside=8.0) < 0.1


def test_a_missing_weight_is_said_before_any_page_is_read(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="cycle_center_net_v2"):
        UnetSight(tmp_path)
