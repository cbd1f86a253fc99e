from __future__ import annotations

import numpy as np

from extractor.elements import Box
from extractor.text.hyphens import hyphens
from extractor.text.leftover import Pieces

SCALE = 24.0
CELLS = {k: Box(20 + 120 * (k % 4), 20 + 60 * (k // 4), 140 + 120 * (k % 4), 80 + 60 * (k // 4)) for k in range(12)}


def ink() -> np.ndarray:
    return np.zeros((220, 520), np.uint8)


def bar(mask: np.ndarray, cell: Box, right: float, down: float = 2, size: tuple[int, int] = (4, 2)) -> None:
    x, y = round(cell.x1 - right), round(cell.center.y + down)
    mask[y : y + size[1], x - size[0] : x] = 1


def found(mask: np.ndarray, bare: np.ndarray | None = None) -> set[int]:
    lines = hyphens(CELLS, Pieces.of(mask if bare is None else bare, SCALE, mask))
    assert all(line.text == "-" for line in lines.values())
    return set(lines)


def test_small_dashes_in_line_with_others_are_dashes() -> None:
    mask = ink()
    for k in (0, 1, 2, 5, 7):
        bar(mask, CELLS[k], 6, size=(4 + k % 2, 2))
    assert found(mask) == {0, 1, 2, 5, 7}


def test_dashes_in_the_middle_of_their_cells_are_as_well() -> None:
    mask = ink()
    for k in (3, 4, 8, 9):
        bar(mask, CELLS[k], 58)
    assert found(mask) == {3, 4, 8, 9}


def test_few_or_scattered_specks_are_none() -> None:
    mask = ink()
    for k in (0, 1, 2):
        bar(mask, CELLS[k], 6)
    assert not found(mask)
    for k, (right, down) in enumerate(((20, 1), (35, 5), (48, -7), (77, 3), (88, -2), (101, 4)), start=3):
        bar(mask, CELLS[k], right, down)
    assert not found(mask)


def test_dashes_that_were_taken_off_as_specks_come_back_by_their_series() -> None:
    mask = ink()
    for k in range(6):
        bar(mask, CELLS[k], 7)
    rng = np.random.default_rng(4)
    for x, y in zip(rng.integers(25, 490, 60), rng.integers(25, 190, 60), strict=True):
        mask[y : y + 2, x : x + 2] = 1
    assert found(mask, ink()) >= set(range(6))


def test_one_dash_of_a_usual_size_needs_no_others() -> None:
    mask = ink()
    bar(mask, CELLS[4], 20, size=(9, 3))
    assert found(mask) == {4}


def test_one_blurred_as_high_as_it_is_long_is_a_dash_in_line_with_others() -> None:
    mask = ink()
    for k in range(6):
        bar(mask, CELLS[k], 6, size=(5, 3))
    bar(mask, CELLS[8], 6, size=(5, 4))
    bar(mask, CELLS[9], 30, size=(5, 4))
    assert found(mask) == {*range(6), 8}


def test_specks_as_high_as_they_are_long_are_no_series() -> None:
    mask = ink()
    for k in range(8):
        bar(mask, CELLS[k], 6, size=(5, 4))
    assert not found(mask)
