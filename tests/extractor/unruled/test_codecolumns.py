"""Columns of codes that stand side by side with hardly room between: 类, 款 and 项."""

from __future__ import annotations

from itertools import pairwise

import pytest

from extractor.elements import Box
from extractor.unruled.borderless import solve_open
from extractor.unruled.codecolumns import code_columns, parting_elsewhere
from extractor.unruled.openrows import OpenRows
from extractor.unruled.openrules import Level, Run

EM = 20.0
CLASS, ITEM, SUB = (104.0, 134.0), (144.0, 164.0), (174.0, 194.0)  # 201 05 01
AMOUNT = (480.0, 560.0)
HEADS: tuple[Run, ...] = ((110, 128), (144, 194), (300, 360), (490, 550))  # 类, 款 and 项 as one run
DEPTHS = (0, 1, 2, 2, 0, 1, 2, 1, 2, 2)


def listed(head: tuple[Run, ...] = HEADS) -> list[tuple[Run, ...]]:
    """A head of one row and ten rows that go as deep as these codes."""
    rows = [((CLASS, ITEM, SUB)[: depth + 1], (230.0, 330.0 + 20 * depth)) for depth in DEPTHS]
    return [head, *((*codes, name, AMOUNT) for codes, name in rows)]


def open_rows(strips: list[tuple[Run, ...]]) -> OpenRows:
    """The table with a rule under each row; the detector holds a row's codes for one line."""
    ys = [100.0 + 40 * k for k in range(len(strips) + 1)]
    lines = []
    for (top, bottom), strip in zip(pairwise(ys), strips, strict=True):
        middle = (top + bottom) / 2
        codes = [run for run in strip if run[1] < 200]
        rest = [run for run in strip if run[1] >= 200]
        lines += [Box(a, middle - 12, b, middle + 12) for a, b in [(codes[0][0], codes[-1][1]), *rest] if codes or rest]
    levels = tuple(Level(y, ((100.0, 600.0),)) for y in ys)
    return OpenRows(100, 600, levels, tuple(strips), tuple(() for _ in strips), tuple(lines), EM)


def test_codes_under_headings_of_a_character_each_are_columns() -> None:
    grids = solve_open([open_rows(listed())])
    assert grids is not None
    assert grids[0].n_cols == 5
    assert len(grids[0].cells) == 5 * len(listed())
    assert 134 < grids[0].xs[1] < 144
    assert 164 < grids[0].xs[2] < 174


@pytest.mark.parametrize(
    "head",
    [
        ((109, 189), (300, 360), (490, 550)),
        ((108, 126), (172, 190), (300, 360), (490, 550)),
        ((110, 128), (150, 230), (300, 360), (490, 550)),
    ],
    ids=["one heading", "a letter-spaced one", "a longer text beside the first"],
)
def test_a_code_with_blanks_under_one_heading_is_one_column(head: tuple[Run, ...]) -> None:
    borders, strips = code_columns(listed(head), EM)
    assert not borders
    assert strips == listed(head)


WIDE_CODES: list[tuple[Run, ...]] = [((104.0, 128.0), (168.0, 184.0), (280.0, 350.0 + 8 * k), AMOUNT) for k in range(8)]


def test_codes_as_far_apart_as_the_characters_of_a_word_set_wide_are_columns() -> None:
    head: tuple[Run, ...] = ((109, 123), (169, 183), (300, 380), (490, 550))  # 类 and 款
    grids = solve_open([open_rows([head, *WIDE_CODES])])
    assert grids is not None
    assert grids[0].n_cols == 4
    assert len(grids[0].cells) == 4 * (1 + len(WIDE_CODES))
    assert 128 < grids[0].xs[1] < 168


@pytest.mark.parametrize(
    "head", [((104, 184), (300, 380), (490, 550)), ((109, 123), (145, 207), (300, 380), (490, 550))],
    ids=["one heading over both", "a longer one over the second"],
)
def test_codes_so_far_apart_under_other_headings_are_left_to_their_blanks(head: tuple[Run, ...]) -> None:
    borders, strips = code_columns([head, *WIDE_CODES], EM)
    assert not borders
    assert strips == [head, *WIDE_CODES]


def test_a_number_far_before_codes_leaves_their_headings_as_they_are() -> None:
    """序号 stands over numbers of two digits, 科目编码 over three columns of codes: they are no row of headings."""
    body: list[tuple[Run, ...]] = [((60.0, 81.0), CLASS, ITEM, SUB, (230.0, 330.0), AMOUNT)] * 8
    heads: list[tuple[Run, ...]] = [((61, 80), (108, 190), (490, 550)), ((111, 127), (146, 162), (176, 192))]
    borders, strips = code_columns([*heads, *body], EM)
    assert strips[0] == heads[0]
    assert borders == [139.0, 169.0]


def test_numbers_before_texts_are_no_columns_of_codes() -> None:
    """一、二、三 stand alike in each row, what they number does not."""
    body: list[tuple[Run, ...]] = [((104, 124), (136, 250 + 15 * k), AMOUNT) for k in range(8)]
    assert code_columns([((105, 123), (180, 220), (490, 550)), *body], EM)[0] == []


def test_codes_as_wide_as_characters_are_no_word_where_other_rows_show_them_as_columns() -> None:
    shown: list[tuple[Run, ...]] = [((104.0, 112.0), (144.0, 170.0), (200.0, 217.0), (248.0, 265.0))] * 4
    wide: tuple[Run, ...] = ((100.0, 112.0), (144.0, 168.0), (200.0, 217.0), (248.0, 265.0))
    word: tuple[Run, ...] = ((100.0, 112.0), (150.0, 168.0), (210.0, 227.0))
    assert parting_elsewhere([*shown, wide, word], EM) == [*[frozenset[int]()] * 4, frozenset({0, 1, 2}), frozenset()]
