from __future__ import annotations

import cv2

from extractor.pixels.blots import find_blots
from extractor.pixels.ink import find_ink
from extractor.ruling.borders import find_borders
from extractor.ruling.rules import find_ridges, find_rules
from tests.drawn import RULED_YS, TEXT, Picture, ruled


def evidence(picture: Picture, horizontal: bool, at: float, start: float, end: float) -> float:
    ridges = find_ridges(find_ink(picture), TEXT)
    return find_borders(ridges, find_rules(ridges), []).evidence(horizontal, at, start, end)


def test_print_holds_no_blot_and_a_seals_star_is_one() -> None:
    picture = ruled()
    assert find_blots(find_ink(picture).mask, TEXT) is None
    cv2.circle(picture, (520, 290), 45, (0,), -1)
    blots = find_blots(find_ink(picture).mask, TEXT)
    assert blots is not None
    assert blots[290, 520]
    assert not blots[100:220].any()


def test_a_border_that_runs_into_thick_ink_on_both_sides_goes_on_under_it() -> None:
    picture = ruled()
    cv2.circle(picture, (520, 290), 45, (0,), -1)
    assert evidence(picture, False, 520.5, 261, 319) > 0.7
    assert evidence(picture, True, 260.5, 300, 520) > 0.7


def test_where_none_runs_into_it_none_is_believed() -> None:
    picture = ruled()
    cv2.circle(picture, (410, 290), 45, (0,), -1)
    assert evidence(picture, False, 410.5, 261, 319) < 0.5


def test_a_border_that_a_thick_ring_crosses_is_judged_by_what_is_beside() -> None:
    picture = ruled()
    cv2.circle(picture, (600, 290), 100, (0,), 9)
    across = [y for y in range(200, 380) if find_ink(picture).mask[y, 514:528].all()]
    assert across
    top = max(y for y in RULED_YS if y < across[0])
    assert evidence(picture, False, 520.5, top + 1, top + 59) > 0.7
