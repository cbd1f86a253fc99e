"""Values below a heading in the middle over several columns span these."""

from __future__ import annotations

import pytest

from extractor.unruled.borderless import solve_open
from extractor.unruled.oneheading import values_spanned
from extractor.unruled.openrows import OpenRows
from extractor.unruled.openrules import Level, Run

EM = 23.0
# A form of two lists: 指标值 stands over three columns, in the second list with 前年, 上年 and 预计 below it.
HEADS: tuple[Run, ...] = ((339, 429), (497, 587), (734, 823), (1091, 1158), (1363, 1453))
MIDDLE: tuple[Run, ...] = ((339, 429), (497, 586), (632, 790), (1087, 1165), (1325, 1414))
LEFT: tuple[Run, ...] = ((339, 429), (474, 609), (632, 812), (932, 1021), (1325, 1459))
TITLE: tuple[Run, ...] = ((754, 912),)
YEARS: tuple[Run, ...] = (*HEADS[:3], (969, 1013), (1095, 1139), (1194, 1306), HEADS[-1])
EACH: tuple[Run, ...] = (*MIDDLE[:3], (1057, 1101), (1183, 1227), (1325, 1414))


# A form's two lists, each with the levels' starts above its rows: labels that stand beside several rows have no rule.
FIRST: list[tuple[float, tuple[Run, ...]]] = [
    (170, ((200, 288), *HEADS)), (170, ((497, 586), (632, 812), (829, 866), (1119, 1130), (1325, 1414))),
    (454, ((497, 586), (632, 835), (1087, 1165), (1326, 1414))),
    (454, ((339, 429), (498, 586), (632, 789), (1080, 1170), (1325, 1483))),
    (626, ((632, 790), (1068, 1181), (1325, 1460))),
    (454, ((187, 296), (497, 586), (632, 767), (932, 1021), (1325, 1460))),
    (312, ((187, 296), (474, 609), (632, 812), (1093, 1158), (1325, 1460))),
    (454, ((232, 253), (474, 609), (632, 811), (932, 975), (1325, 1459))),
    (454, ((340, 429), (632, 812), (931, 975), (1325, 1414))),
    (626, ((474, 609), (632, 812), (931, 1021), (1325, 1483))),
    (312, ((328, 440), (463, 620), (632, 789), (1087, 1165), (1325, 1414))),
    (626, ((328, 440), (520, 564), (632, 790), (1069, 1181), (1325, 1460))),
]
SECOND: list[tuple[float, tuple[Run, ...]]] = [
    (170, ((1091, 1158),)), (927, ((200, 288), *YEARS)),
    (170, ((339, 429), (498, 586), (632, 790), (1206, 1296), (1325, 1414))),
    (454, ((339, 429), (497, 587), (632, 744), (1058, 1147), (1184, 1272), (1325, 1414))),
    (312, ((474, 609), (632, 811), (1057, 1101), (1183, 1227), (1325, 1414))),
    (454, ((186, 296), (474, 609), (632, 812), (1059, 1101), (1185, 1227), (1325, 1414))),
    (626, ((232, 253), (340, 429), *EACH[1:])),
    (454, ((474, 609), (632, 813), (931, 1044), (1057, 1170), (1183, 1295), (1325, 1414))),
    (312, ((328, 440), (463, 620), (633, 789), (1061, 1173), (1195, 1307), (1325, 1414))),
]


@pytest.mark.parametrize("title", [(), ((170.0, TITLE),)], ids=["at the top", "below a title"])
def test_a_heading_and_its_values_span_the_columns_that_it_stands_in_the_middle_of(
    title: tuple[tuple[float, tuple[Run, ...]], ...]
) -> None:
    rows = [*title, *FIRST, (170.0, TITLE), *SECOND]
    starts = [start for start, _ in rows] + [170.0]
    levels = tuple(
        Level(40.0 * k, ((start, 1324.0 if start == 927 else 1497.0),)) for k, start in enumerate(starts)
    )
    strips = tuple(strip for _, strip in rows)
    grids = solve_open([OpenRows(170.0, 1497.0, levels, strips, tuple(() for _ in strips), (), EM)])
    assert grids is not None
    assert grids[0].n_cols == 8
    found = {(c.row, c.col, c.col_span) for c in grids[0].cells}
    first, second = len(title), len(title) + len(FIRST) + 1
    assert {(r, 4, 3) for r in range(first, second - 1)} <= found
    assert {(r, j, 1) for r in range(second + 1, len(rows)) for j in (4, 5, 6)} <= found


XS = [300.0, 927.0, 1050.0, 1182.0, 1324.0, 1497.0]
ALL = [HEADS, MIDDLE, LEFT, MIDDLE, MIDDLE]


def _spanned(strips: list[tuple[Run, ...]], hard: set[int]) -> list[bool]:
    """Whether each row's cell goes over the three columns in the middle, where all rows have all borders before."""
    labels, sure = [[True] * 6 for _ in strips], [[0.0] * 6 for _ in strips]
    labels, _ = values_spanned(strips, XS, labels, sure, [hard] * len(strips), EM)
    return [row[1:5] == [True, False, False, True] for row in labels]


def test_all_rows_below_such_a_heading_are_divided_alike() -> None:
    assert _spanned(ALL, set()) == [True] * 5


@pytest.mark.parametrize(("rows", "hard"), [
    ([*ALL, (*LEFT[:4], (1057, 1101), LEFT[4])], set()),  # two values in a row
    ([*ALL, (*LEFT[:3], (1183, 1227), LEFT[4])], set()),  # one set on another of the columns
    ([((339, 429), (960, 1020), (1363, 1453)), *ALL[1:]], set()),  # the heading is one column's
    (ALL[:3], set()),  # few values
    (ALL, {2}),  # something drawn shows a border
], ids=["two", "aside", "heading", "few", "drawn"])
def test_what_keeps_the_columns_apart(rows: list[tuple[Run, ...]], hard: set[int]) -> None:
    assert not any(_spanned(rows, hard))
