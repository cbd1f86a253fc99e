from __future__ import annotations

import numpy as np

from extractor.elements import Box
from extractor.text.paledashes import pale_dashes

EM = 16.0
CELLS = {k: Box(10 + 100 * (k % 4), 10 + 36 * (k // 4), 110 + 100 * (k % 4), 46 + 36 * (k // 4)) for k in range(12)}


def paper(grain: float = 4.0) -> np.ndarray:
    noise = np.random.default_rng(7).normal(0.0, grain, (130, 430))
    return np.clip(225 + noise, 0, 255).astype(np.uint8)


def bar(picture: np.ndarray, cell: Box, right: float, dark: int = 40, size: tuple[int, int] = (11, 2)) -> None:
    x, y = round(cell.x1 - right), round(cell.center.y)
    part = picture[y : y + size[1], x - size[0] : x]
    part[:] = np.clip(part.astype(int) - dark, 0, 255)


def found(picture: np.ndarray) -> set[int]:
    lines = pale_dashes(CELLS, picture, EM)
    assert all(line.text == "-" for line in lines.values())
    return set(lines)


def test_pale_dashes_in_line_with_each_other_are_dashes() -> None:
    picture = paper()
    for k in (1, 5, 7):
        bar(picture, CELLS[k], 8)
    picture[28:33, 160:165] = 0  # a black speck in the same cell as one
    assert found(picture) == {1, 5, 7}
    assert found(np.dstack([picture] * 3)) == {1, 5, 7}


def test_one_alone_and_others_out_of_line_are_none() -> None:
    picture = paper()
    assert not found(picture)
    bar(picture, CELLS[1], 8)
    bar(picture, CELLS[6], 23)
    assert not found(picture)


def test_folds_through_cells_specks_and_smudges_are_none() -> None:
    picture = paper()
    picture[26:28, 5:425] -= 40  # a fold
    for k in (4, 5):
        bar(picture, CELLS[k], 8, dark=150, size=(5, 5))
    for k in (8, 9, 10):
        bar(picture, CELLS[k], 8, size=(12, 10))
    assert not found(picture)
