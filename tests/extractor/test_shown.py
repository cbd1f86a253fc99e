"""Pages as they are shown: the frame of the boxes, whatever the page is made of."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from extractor.shown import LONGEST_SIDE, shown_png
from extractor.source.documents import open_document
from tests.paper import HEIGHT, WIDTH, filled_table, save


def _shown(path: Path, dpi: float) -> tuple[NDArray[np.uint8], float, float]:
    with open_document(path) as source:
        raw = source.load(1)
        encoded = np.frombuffer(shown_png(source, raw, dpi), np.uint8)
        return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR)), raw.width, raw.height


def test_a_born_digital_page_is_drawn_in_the_frame_of_its_boxes(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", filled_table([50, 150, WIDTH - 50], [100, 130, 160, 190]))
    picture, width, height = _shown(path, 144)
    assert (width, height) == (WIDTH, HEIGHT)
    assert picture.shape[:2] == (round(HEIGHT * 2), round(WIDTH * 2))
    dark = (picture.min(axis=2) < 128).mean(axis=1)
    drawn = np.flatnonzero(dark > 0.5) / 2  # long horizontal rules, in points from the top
    with open_document(path) as source:
        found = sorted({rule.at for rule in source.load(1).rules if rule.horizontal})
    assert len(found) == 4
    assert all(np.abs(drawn - y).min() < 1 for y in found)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
def test_a_picture_is_reduced_and_never_enlarged(tmp_path: Path, name: str) -> None:
    page = np.full((1754, 1240, 3), 255, np.uint8)
    page[870:884] = 0
    page[:, 600:620] = (255, 0, 0)
    Image.fromarray(page).save(tmp_path / name, dpi=(150, 150))
    picture, width, height = _shown(tmp_path / name, 75)
    assert picture.shape[:2] == (877, 620)
    assert (width, height) == pytest.approx((595.2, 841.9), abs=0.1)
    assert picture[438, 100].max() < 60
    assert picture[100, 305][2] > picture[100, 305][0] + 100  # BGR: red stays red
    assert _shown(tmp_path / name, 600)[0].shape[:2] == (1754, 1240)


def test_a_sideways_photograph_is_shown_as_its_tag_says(tmp_path: Path) -> None:
    page = Image.new("L", (400, 600), 255)
    page.paste(0, (0, 0, 400, 50))
    exif = Image.Exif()
    exif[0x0112] = 6  # shown after a quarter turn clockwise
    page.save(tmp_path / "a.jpg", exif=exif, dpi=(72, 72))
    picture, _, _ = _shown(tmp_path / "a.jpg", 72)
    assert picture.shape[:2] == (400, 600)
    assert picture[200, 590].max() < 60
    assert picture[200, 10].min() > 200


def test_a_poster_has_a_bounded_size(tmp_path: Path) -> None:
    Image.new("1", (9000, 3000), 1).save(tmp_path / "a.png", dpi=(100, 100))
    picture, _, _ = _shown(tmp_path / "a.png", 100)
    assert picture.shape[1] == LONGEST_SIDE
