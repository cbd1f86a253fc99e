from __future__ import annotations

import cv2
import pytest

from extractor.pixels.ink import find_ink
from extractor.ruling.leaning import drop_leaning
from extractor.ruling.rules import find_ridges, find_rules
from tests.drawn import RULED_XS, RULED_YS, TEXT, Picture, blank, lattice, ruled


def rules_of(picture: Picture) -> list[tuple[bool, float, float, float]]:
    mask = find_ink(picture).mask
    rules = drop_leaning(find_rules(find_ridges(find_ink(picture), TEXT)), mask, TEXT)
    return sorted((r.horizontal, r.at, r.start, r.end) for r in rules)


def test_a_tables_rules_are_kept_worn_or_not() -> None:
    whole = blank()
    lattice(whole, RULED_XS, RULED_YS)
    assert len(rules_of(whole)) == len(RULED_XS) + len(RULED_YS)
    for x in range(140, 800, 130):
        whole[:, x : x + 9] = 255
    before = find_rules(find_ridges(find_ink(whole), TEXT))
    assert len(rules_of(whole)) == len(before)


@pytest.mark.parametrize("degrees", [-10, 10])
def test_the_sides_of_a_slanting_seal_are_no_rules(degrees: int) -> None:
    picture = ruled()
    kept = rules_of(picture)
    corners = cv2.boxPoints(((640.0, 210.0), (190.0, 190.0), float(degrees)))
    cv2.polylines(picture, [corners.round().astype(int)], True, (0,), 4)
    assert len(find_rules(find_ridges(find_ink(picture), TEXT))) > len(kept)
    assert len(rules_of(picture)) == len(kept)


def test_the_ring_of_a_seal_is_no_rule() -> None:
    picture = ruled()
    kept = rules_of(picture)
    cv2.circle(picture, (660, 250), 110, (0,), 3)
    assert len(find_rules(find_ridges(find_ink(picture), TEXT))) > len(kept)
    assert len(rules_of(picture)) == len(kept)


def test_nor_is_a_thick_ring_whose_sides_end_at_two_rules() -> None:
    picture = ruled()
    kept = rules_of(picture)
    cv2.circle(picture, (660, 260), 130, (0,), 7)  # the rules at 200 and 320 are the first that it leaves its sides at
    assert len(find_rules(find_ridges(find_ink(picture), TEXT))) > len(kept)
    assert len(rules_of(picture)) == len(kept)
