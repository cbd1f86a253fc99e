"""Borders of open columns stand where the texts beside them are set left, right or in the middle."""

from __future__ import annotations

import pytest

from extractor.unruled.aligning import align_borders, askew, clear_of_texts

EM = 20.0


@pytest.mark.parametrize("text", [(105, 140), (160, 195), (130, 172)])
def test_a_text_at_a_side_or_in_the_middle_is_not_askew(text: tuple[float, float]) -> None:
    assert askew(text, 100, 200, EM) == 0


def test_a_text_between_side_and_middle_is_askew_by_what_it_misses() -> None:
    assert 0 < askew((130, 140), 100, 200, EM) < 1


def test_a_border_moves_to_the_side_on_which_texts_are_set() -> None:
    strips = [[(320, 380), (720, 780)], *([(110, 190), (610, 650)] for _ in range(3))]
    moved = align_borders(strips, [100, 500, 900], [[True] * 3] * 4, (), EM)
    assert moved[0] == 100
    assert moved[2] == 900
    assert 590 < moved[1] < 610


def test_a_drawn_border_stays() -> None:
    strips = [[(110, 190), (610, 650)] for _ in range(3)]
    assert align_borders(strips, [100, 300, 900], [[True] * 3] * 3, (300,), EM) == [100, 300, 900]


def test_a_border_never_moves_into_a_text_of_a_row_that_it_parts() -> None:
    strips = [[(110, 290), (610, 650)], [(110, 560), (610, 650)]]
    (_, at, _) = align_borders(strips, [100, 580, 900], [[True] * 3] * 2, (), EM)
    assert 560 < at < 610


def test_a_border_that_texts_reach_over_stays() -> None:
    strips = [[(110, 320), (610, 650)]]
    assert align_borders(strips, [100, 300, 900], [[True] * 3], (), EM) == [100, 300, 900]


def test_a_drawn_border_moves_a_trace_to_where_texts_begin() -> None:
    strips = [[(110.0, 190.0), (499.0, 650.0)], [(110.0, 190.0), (499.5, 600.0)], [(499.0, 700.0)]]
    assert clear_of_texts(strips, [100, 500, 900], {500}, EM) == [100, 499, 900]
    assert clear_of_texts(strips, [100, 500, 900], (), EM) == [100, 500, 900]
    assert clear_of_texts(strips[:2], [100, 500, 900], {500}, EM) == [100, 500, 900]
    assert clear_of_texts([*strips, [(300.0, 498.0)]], [100, 500, 900], {500}, EM) == [100, 500, 900]
