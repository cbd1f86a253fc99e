"""Strokes of large titles are no tables, low tables of one row are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extractor.elements import Box, Grid, GridCell
from extractor.ruling.samespot import is_table

SCALE = 24.0


def grid(box: Box) -> Grid:
    middle = (box.x0 + box.x1) / 2
    halves = (Box(box.x0, box.y0, middle, box.y1), Box(middle, box.y0, box.x1, box.y1))
    cells = tuple(GridCell(0, k, 1, 1, half, 0.9) for k, half in enumerate(halves))
    return Grid((box.x0, middle, box.x1), (box.y0, box.y1), cells)


TITLE = Box(300.0, 100.0, 760.0, 160.0)


@pytest.mark.parametrize(
    ("box", "table"),
    [
        (Box(360.0, 104.0, 520.0, 156.0), False),
        (Box(299.0, 96.0, 764.0, 166.0), False),
        (Box(280.0, 96.0, 780.0, 166.0), True),
        (Box(360.0, 104.0, 520.0, 190.0), True),
    ],
)
def test_a_grid_within_one_text_line_is_its_strokes(box: Box, table: bool) -> None:
    assert is_table(grid(box), [TITLE], SCALE) is table


@pytest.mark.parametrize(
    ("box", "closed", "table"),
    [
        (Box(360.0, 104.0, 520.0, 176.0), True, False),  # strokes that stand on the underline
        (Box(560.0, 104.0, 778.0, 176.0), False, False),  # the same at the title's end, where the underline goes on
        (Box(310.0, 104.0, 800.0, 170.0), False, False),  # the underline goes on far beyond a title with a year in （）
        (Box(310.0, 104.0, 830.0, 170.0), False, True),
        (Box(560.0, 104.0, 778.0, 176.0), True, True),
    ],
)
def test_strokes_that_stand_on_the_rule_under_a_title(box: Box, closed: bool, table: bool) -> None:
    for sides in ((True, closed, True, True), (closed, True, closed, True)):
        assert is_table(replace(grid(box), closed=sides), [TITLE], SCALE) is table
