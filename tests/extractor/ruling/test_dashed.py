from __future__ import annotations

import numpy as np

from extractor.ruling.dashed import dashed_rules
from tests.drawn import TEXT, Picture

LENGTH, SHORT = 600, 270
SURE, WORN = (100, 200, 300, 400), 500  # where dashed rules run; the last one is worn


def dashes(gap: int, seed: int, worn: float) -> Picture:
    """A track (LENGTH,) of dashes of 10 pixels; a share `worn` of them and of the gaps is longer or shorter."""
    rng = np.random.default_rng(seed)
    track, k = np.zeros(LENGTH, np.uint8), 0
    while k < LENGTH:
        stray = int(rng.choice([-3, 3, 4])) if rng.random() < worn else 0
        track[k : k + 10 + stray] = 1
        k += 10 + stray + gap + (3 if rng.random() < worn else 0)
    return track


def page(gaps: tuple[int, int]) -> tuple[Picture, Picture]:
    """Level and upright dashes, plain ones and a worn one each, which cross nowhere."""
    level, upright = np.zeros((600, 1500), np.uint8), np.zeros((600, 1500), np.uint8)
    for k, at in enumerate((*SURE, WORN)):
        worn = 0.3 if at == WORN else 0.0
        level[at : at + 3, :LENGTH] = dashes(gaps[0], k, worn)
        upright[:, 800 + at : 803 + at] = dashes(gaps[1], 10 + k, worn)[:, None]
    return level, upright


def whole(found: Picture) -> float:
    return float(found.max(axis=1).mean())


def test_a_fax_dashes_otherwise_down_than_across() -> None:
    level, upright = page((2, 5))
    at = 800 + WORN
    upright[:, at : at + 3] = 0
    upright[:SHORT, at : at + 3] = dashes(5, 20, 0.25)[:SHORT, None]
    found = dashed_rules(level, upright, level | upright, TEXT)[1]
    assert whole(found[:SHORT, at : at + 3]) > 0.95


def test_a_worn_dashed_border_with_text_on_both_sides_all_along() -> None:
    level, upright = page((3, 3))
    mask, at = level | upright, 800 + WORN
    for y in range(8, LENGTH, 36):  # a code before it, a name behind it in every row
        mask[y : y + 18, at - 18 : at - 5 : 3] = 1
        mask[y : y + 18, at + 8 : at + 28 : 3] = 1
    found = dashed_rules(level, upright, mask, TEXT)[1]
    assert whole(found[:, at : at + 3]) > 0.95


def test_what_no_printer_dashed_beside_text_stays_as_it_is() -> None:
    level, upright = page((3, 3))
    at = 800 + WORN
    upright[:, at : at + 3] = dashes(3, 3, 0.9)[:, None]  # hardly two gaps alike
    mask = level | upright
    for y in range(8, LENGTH, 36):
        mask[y : y + 18, at - 18 : at - 5 : 3] = 1
        mask[y : y + 18, at + 8 : at + 28 : 3] = 1
    found = dashed_rules(level, upright, mask, TEXT)[1]
    assert not found[:, at : at + 3].any()


def test_brackets_in_dashed_rows_are_no_dashed_rule() -> None:
    """Marks of 4 pixels at 14: two tips of a bracket and the rule between it and the next one."""
    level, upright = page((2, 2))
    at = 800 + WORN
    upright[:, at : at + 3] = 0
    for y in range(100, 240, 14):
        upright[y : y + 4, at : at + 2] = 1
    found = dashed_rules(level, upright, level | upright, TEXT)[1]
    assert not found[:, at : at + 3].any()


def test_a_long_column_of_brackets_in_dashed_rows_is_no_dashed_rule() -> None:
    """A bracket in every row, the rule between, and equal distances from one to the other."""
    level, upright = page((2, 2))
    at = 800 + WORN
    upright[:, at : at + 3] = 0
    mask = level | upright
    for y in range(20, 580, 40):
        upright[y : y + 3, at : at + 3] = 1
        mask[y : y + 3, at - 6 : at + 10] = 1  # dashed as well
        upright[y + 12 : y + 31, at : at + 3] = 1
    found = dashed_rules(level, upright, mask | upright, TEXT)[1]
    assert not found[:, at : at + 3].any()


def test_a_dashed_rule_that_a_pens_stroke_crosses_where_its_dashes_run_together() -> None:
    """Text on one side, and a run of marks higher than strokes of text have: its own rows still hold most of it."""
    level, upright = page((3, 3))
    at = 800 + WORN
    upright[:, at : at + 3] = dashes(3, 7, 0.12)[:, None]
    upright[60:150:2, at + 3 : at + 8] = 1
    mask = level | upright
    mask[::6, at - 18 : at - 4] = 1
    mask[::8, at + 9 : at + 28] = 1
    found = dashed_rules(level, upright, mask, TEXT)[1]
    assert whole(found[80:, at : at + 3]) > 0.95


def test_strokes_of_text_on_a_dashed_rules_track_beyond_its_end_are_none_of_it() -> None:
    level, upright = page((3, 3))
    at = 800 + WORN
    upright[:, at : at + 3] = 0
    upright[:500, at : at + 3] = dashes(3, 8, 0.0)[:500, None]
    for y in (506, 530, 554):
        upright[y : y + 18, at : at + 3] = 1
    found = dashed_rules(level, upright, level | upright, TEXT)[1]
    assert whole(found[:480, at : at + 3]) > 0.95
    assert not found[549:553, at : at + 3].any()


def test_a_border_of_one_low_row_is_seen_from_rule_to_rule() -> None:
    # Rows 30 pixels high between the dashed rules at 200 and 230, one of them parted by a border of three dashes.
    level, upright = page((3, 3))
    for k, at in enumerate((230, 260)):
        level[at : at + 3, :LENGTH] = dashes(3, k, 0.0)
    upright[203:230, 90:93] = np.array([1] * 5 + [0] * 3 + [1] * 10 + [0] * 3 + [1] * 6, np.uint8)[:, None]
    found = dashed_rules(level, upright, level | upright, TEXT)[1]
    assert whole(found[203:230, 90:93]) == 1.0
    # Not where characters stand beside it, nor where the marks end before the next rule.
    mask = level | upright
    mask[206:226, 80:87] = 1
    mask[206:226, 96:103] = 1
    assert whole(dashed_rules(level, upright, mask, TEXT)[1][203:230, 90:93]) < 0.9
    upright[218:230, 90:93] = 0
    assert whole(dashed_rules(level, upright, level | upright, TEXT)[1][203:230, 90:93]) < 0.6
