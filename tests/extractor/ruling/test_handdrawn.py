from __future__ import annotations

import cv2
import numpy as np
import pytest

from extractor.elements import Rule
from extractor.pixels.ink import find_ink
from extractor.ruling.handdrawn import drop_handdrawn, drop_slivers
from extractor.ruling.rules import find_ridges, find_rules
from tests.drawn import TEXT, Picture, blank, digits, lattice

XS, YS = (60, 360, 560, 840), (80, 140, 200, 260)


def levels(picture: Picture) -> list[int]:
    ink = find_ink(cv2.GaussianBlur(picture, (0, 0), 0.6).astype(np.uint8))
    rules = find_rules(find_ridges(ink, TEXT))
    return [round(rule.at) for rule in drop_handdrawn(rules, ink.mask, TEXT) if rule.horizontal]


@pytest.mark.parametrize("reach", [520, 800])
def test_a_pens_underline_is_no_rule(reach: int) -> None:
    picture = blank()
    lattice(picture, XS, YS)
    xs = range(70, reach, 28)
    hand = [(x, 170 + (3, -2, -4, 2, 0, 4, -3)[k % 7]) for k, x in enumerate(xs)]
    cv2.polylines(picture, [np.array(hand, np.int32)], False, 20, 6, cv2.LINE_AA)
    assert [at for at in levels(picture) if 150 < at < 190] == []
    assert len([at for at in levels(picture) if not 150 < at < 190]) >= 4


def test_rules_of_a_bent_page_with_text_on_them_are_drawn_by_no_hand() -> None:
    picture = blank()
    lattice(picture, XS, YS)
    for y in YS[1:]:
        for x in (80, 380, 600):
            digits(picture, "1,728.95", x, y + 2)
    height, width = picture.shape
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    bent = cv2.remap(picture, xs, ys + 3 * np.sin(np.pi * xs / width), cv2.INTER_LINEAR, borderValue=(255,))
    before = find_rules(find_ridges(find_ink(bent), TEXT))
    assert drop_handdrawn(before, find_ink(bent).mask, TEXT) == before


def test_a_pens_underline_between_rules_that_were_scanned_unsteadily() -> None:
    """Where the page's own rules stray, a pen's stroke strays little more, but it begins and ends on bare paper."""
    picture = blank()
    lattice(picture, XS, YS)
    xs = range(150, 610, 28)
    hand = [(x, 168 + (2, -2, -1, 2, -2, 1, 0)[k % 7]) for k, x in enumerate(xs)]
    cv2.polylines(picture, [np.array(hand, np.int32)], False, 20, 6, cv2.LINE_AA)
    height, width = picture.shape
    ys, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    shaken = cv2.remap(
        picture, xx + 0.5 * np.sin(ys / 9), ys + 0.5 * np.sin(xx / 9), cv2.INTER_LINEAR, borderValue=(255,)
    )
    places = levels(shaken)
    assert [at for at in places if 155 < at < 185] == []
    assert len(places) == len(YS)


def test_straight_runs_in_thick_bent_strokes_are_no_rules() -> None:
    """The one column of pixels that runs through the bend of a pen's stroke, as long as a low row is high."""
    upright = np.zeros((600, 900), np.uint8)
    for y in range(160, 205):
        x = 440 + round(0.02 * (y - 182) ** 2)
        upright[y, x : x + 10] = 1
    upright[140:200, 558:562] = 1
    rules = [Rule(False, 449.5, 160, 204, 1.0), Rule(False, 560.0, 140, 200, 4.0), Rule(False, 700.0, 140, 400, 1.0)]
    assert drop_slivers(rules, np.zeros_like(upright), upright, TEXT) == rules[1:]


def test_a_pale_hairline_of_which_only_spots_are_ink_is_drawn_by_no_hand() -> None:
    picture = blank()
    ys = (80, 140, 540)
    lattice(picture, XS, ys)
    ink = find_ink(picture)
    rules = find_rules(find_ridges(ink, TEXT))
    mask = ink.mask.copy()
    rng = np.random.default_rng(5)
    for y in rng.choice(np.arange(90, 530), 110, replace=False):
        mask[y, 698 + rng.integers(0, 5)] = 1
    hairline = Rule(False, 700.5, 80, 540, 3.0)
    assert hairline in drop_handdrawn([*rules, hairline], mask, TEXT)


def test_a_column_of_brackets_is_no_pale_hairline() -> None:
    picture = blank()
    lattice(picture, XS, (80, 140, 540))
    ink = find_ink(picture)
    rules = find_rules(find_ridges(ink, TEXT))
    mask = ink.mask.copy()
    length = round(0.8 * TEXT)
    for top in range(90, 520, 70):
        for k in range(length):
            bend = round(5 * (1 - (2 * k / (length - 1) - 1) ** 2))
            mask[top + k, 696 + bend : 699 + bend] = 1
    brackets = Rule(False, 700.5, 80, 540, 3.0)
    assert brackets not in drop_handdrawn([*rules, brackets], mask, TEXT)


def test_a_dashed_rule_that_amounts_stand_against_is_drawn_by_no_hand() -> None:
    """In its gaps there is only the ink of the digits beside it, as if the rule went from side to side."""
    picture = blank()
    lattice(picture, (60, 560, 840), (80, 140, 540))
    for y in range(80, 540, 12):
        picture[y : min(y + 8, 540), 399:401] = 20
    for y in range(120, 540, 34):
        digits(picture, "1,728.95", round(398 - digits(blank(), "1,728.95", 20, 200).width), y)
    ink = find_ink(picture)
    dashed = Rule(False, 400.0, 80, 540, 2.0)
    rules = [*find_rules(find_ridges(ink, TEXT)), dashed]
    assert dashed in drop_handdrawn(rules, ink.mask, TEXT)


def test_between_the_dots_of_a_rule_stands_only_the_text_below_it() -> None:
    picture = blank()
    lattice(picture, XS, YS)
    picture[YS[1] - 1 : YS[1] + 1, XS[0] + 2 :][:, :-60] = 255
    for x in range(XS[0], XS[-1], 6):
        picture[YS[1] - 1 : YS[1] + 2, x : x + 3] = 0
    for x in range(XS[0] + 10, XS[-1] - 30, 30):
        cv2.line(picture, (x, YS[1] + 6 + x // 30 % 3), (x + 22, YS[1] + 6 + x // 30 % 3), 0, 2)
        cv2.line(picture, (x + 11, YS[1] + 6), (x + 11, YS[1] + 26), 0, 2)
    before = [Rule(True, y, XS[0], XS[-1], 3) for y in YS] + [Rule(False, x, YS[0], YS[-1], 2) for x in XS]
    assert drop_handdrawn(before, find_ink(picture).mask, TEXT) == before


def test_the_sides_of_a_signatures_loop_are_no_rules() -> None:
    picture = blank()
    lattice(picture, XS, YS)
    cv2.ellipse(picture, (700, 170), (12, 36), 0, 0, 360, 40, 4, cv2.LINE_AA)
    ink = find_ink(cv2.GaussianBlur(picture, (0, 0), 0.6).astype(np.uint8))
    found = find_rules(find_ridges(ink, TEXT))
    assert len([rule for rule in found if not rule.horizontal and 680 < rule.at < 720]) == 2
    kept = [rule for rule in drop_handdrawn(found, ink.mask, TEXT) if not rule.horizontal]
    assert [round(rule.at / 20) * 20 for rule in kept] == list(XS)
