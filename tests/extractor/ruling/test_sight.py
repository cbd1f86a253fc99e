"""Borders of which too little ink is left, and what another witness makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from extractor.elements import Grid
from extractor.pixels.ink import find_ink
from extractor.ruling.borders import Borders, find_borders
from extractor.ruling.grid import solve_grids
from extractor.ruling.rules import find_ridges, find_rules
from extractor.ruling.sight import DRAWN, SecondLook, SeenRules
from tests.drawn import PAPER, TEXT, Picture, blank, lattice

XS, YS = (60, 260, 460, 660, 840), (80, 130, 180, 230, 280, 330)
WORN = (460, 135, 175)  # x of an upright border, and where it lies


@dataclass
class Witness:
    """A rule detector that says the same everywhere, and counts how often it is asked."""

    likely: int
    asked: list[tuple[int, ...]] = field(default_factory=list)

    def see(self, picture: Picture) -> SeenRules:
        self.asked.append(picture.shape)
        said = np.full((picture.shape[0] // 2, picture.shape[1] // 2), self.likely, np.uint8)
        return SeenRules(said, said, 2.0)


def page(left: float) -> Picture:
    """A table with one upright border of which a share is left, in pieces shorter than any rule that is looked for."""
    picture = blank()
    lattice(picture, XS, YS)
    x, top, bottom = WORN
    for y in range(top, bottom, 10):
        picture[y + round(10 * left) : y + 10, x - 3 : x + 4] = PAPER
    return picture


def borders_of(picture: Picture) -> tuple[Borders, list[Grid]]:
    ridges = find_ridges(find_ink(picture), TEXT)
    rules = find_rules(ridges)
    borders = find_borders(ridges, rules, [])
    return borders, solve_grids(rules, TEXT, borders.evidence)


def solved(picture: Picture, witness: Witness) -> int:
    """How many cells the page's table has."""
    ridges = find_ridges(find_ink(picture), TEXT)
    rules = find_rules(ridges)
    borders = find_borders(ridges, rules, [])
    second = SecondLook(borders, witness, picture).evidence
    (grid,) = solve_grids(rules, TEXT, borders.evidence, second=second)
    return len(grid.cells)


def test_a_border_with_a_trace_of_ink_comes_back_where_the_witness_sees_it() -> None:
    picture = page(0.3)
    _, (alone,) = borders_of(picture)
    assert len(alone.cells) == 19  # its own ink is too little
    assert solved(picture, Witness(250)) == 20
    assert solved(picture, Witness(round(255 * DRAWN) - 10)) == 19


def test_a_merged_cell_stays_merged_whatever_the_witness_says() -> None:
    assert solved(page(0.0), Witness(255)) == 19


def test_the_witness_is_asked_once_and_only_of_a_page_in_doubt() -> None:
    sure, worn = Witness(255), Witness(255)
    assert solved(page(1.0), sure) == 20
    assert solved(page(0.3), worn) == 20
    assert (sure.asked, worn.asked) == ([], [(600, 900)])


@pytest.mark.parametrize("text", [(455, 130, 470, 180), (400, 130, 520, 180)])
def test_ink_under_text_is_no_trace(text: tuple[int, int, int, int]) -> None:
    from extractor.elements import Box

    picture = page(0.3)
    ridges = find_ridges(find_ink(picture), TEXT)
    bare = find_borders(ridges, find_rules(ridges), [])
    cut = find_borders(ridges, find_rules(ridges), [Box(*text)])
    edge = (False, 460.0, 130.0, 180.0)
    assert bare.trace(*edge) > 0.3
    assert (cut.trace(*edge) == 0.0) is (text[2] - text[0] > 2 * TEXT)


def test_likelihood_along_an_edge_allows_for_a_track_beside_it() -> None:
    upright = np.zeros((100, 100), np.uint8)
    upright[20:60, 51] = 204
    seen = SeenRules(np.zeros_like(upright), upright, 2.0)
    assert seen.drawn(False, 100.0, 40.0, 120.0, beside=4.0) == pytest.approx(0.8)
    assert seen.drawn(False, 110.0, 40.0, 120.0, beside=4.0) == 0.0
    assert seen.drawn(True, 100.0, 40.0, 120.0, beside=4.0) == 0.0
    assert seen.drawn(False, 100.0, 0.0, 120.0, beside=4.0) == pytest.approx(0.8 * 40 / 60)
    assert seen.drawn(True, 900.0, 40.0, 120.0, beside=4.0) == 0.0  # beyond the page
