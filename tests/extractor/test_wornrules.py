from __future__ import annotations

import numpy as np

from extractor.grid import solve_grids
from extractor.ink import find_ink
from extractor.rules import find_borders, find_ridges, find_rules
from tests.drawn import TEXT, Picture, blank, lattice

XS, YS = (60, 330, 560, 840), tuple(range(50, 571, 65))


def worn(picture: Picture, seed: int) -> None:
    """Gaps and pieces of up to most of a text height, as a fax leaves of hairlines."""
    rng = np.random.default_rng(seed)
    for level in (True, False):
        for at in YS if level else XS:
            track = picture[at - 2 : at + 3] if level else picture[:, at - 2 : at + 3].T
            k = 0
            while k < track.shape[1]:
                k += int(rng.integers(3, round(1.2 * TEXT)))
                gap = int(rng.integers(2, round(0.7 * TEXT)))
                track[:, k : k + gap] = 255
                k += gap


def places(picture: Picture) -> list[list[tuple[int, int, int, int]]]:
    ridges = find_ridges(find_ink(picture), TEXT)
    rules = find_rules(ridges)
    borders = find_borders(ridges, rules, [])
    grids = solve_grids(rules, TEXT, borders.evidence, worn=borders.worn)
    return [sorted((c.row, c.col, c.row_span, c.col_span) for c in grid.cells) for grid in grids]


def test_hairlines_worn_to_pieces_are_one_table() -> None:
    for seed in (1, 2, 3):
        picture = blank()
        lattice(picture, XS, YS, 1)
        worn(picture, seed)
        assert places(picture) == [[(r, c, 1, 1) for r in range(len(YS) - 1) for c in range(len(XS) - 1)]], seed


def test_a_merged_cell_of_worn_hairlines_stays_merged() -> None:
    picture = blank()
    lattice(picture, XS, YS, 1)
    picture[YS[2] + 3 : YS[4] - 2, XS[1] - 2 : XS[1] + 3] = 255  # two rows' upright border
    picture[YS[3] - 2 : YS[3] + 3, XS[1] + 3 : XS[2] - 2] = 255  # and what parted them on the right
    picture[YS[3] - 2 : YS[3] + 3, XS[0] + 3 : XS[1] + 3] = 255
    worn(picture, 4)
    (cells,) = places(picture)
    assert (2, 0, 2, 2) in cells
    assert len(cells) == (len(YS) - 1) * (len(XS) - 1) - 3
