from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractor.elements import Box, Grid, Rule
from extractor.geometry import overlap
from extractor.ruling.grid import solve_grids
from extractor.ruling.samespot import apart


def table(x: float, y: float, columns: int, rows: int, cell: float = 60.0) -> Grid:
    width, height = columns * cell, rows * cell
    rules = [Rule(True, y + k * cell, x, x + width, 2.0) for k in range(rows + 1)]
    rules += [Rule(False, x + k * cell, y, y + height, 2.0) for k in range(columns + 1)]
    (grid,) = solve_grids(rules, 20.0)
    return grid


def test_of_two_in_one_place_the_one_that_cuts_no_text_is_kept() -> None:
    whole, piece = table(0, 0, 5, 4), table(90, 70, 2, 2)
    lines = [Box(x + 5, y + 20, x + 50, y + 40) for x in range(0, 300, 60) for y in range(0, 240, 60)]
    assert apart([piece, whole], lines, 20.0) == [1]


def test_tables_that_only_touch_are_both_kept() -> None:
    assert apart([table(0, 0, 3, 2), table(0, 115, 3, 2), table(185, 0, 2, 2)], [], 20.0) == [0, 1, 2]


places = st.tuples(st.floats(0, 600), st.floats(0, 600), st.integers(1, 5), st.integers(2, 5))


@given(st.lists(places, max_size=6))
def test_no_two_tables_share_a_place(drawn: list[tuple[float, float, int, int]]) -> None:
    grids = [table(*place) for place in drawn]
    boxes = [grids[k].box for k in apart(grids, [], 20.0)]
    assert bool(boxes) == bool(grids)
    for k, a in enumerate(boxes):
        for b in boxes[:k]:
            assert min(overlap(a.x0, a.x1, b.x0, b.x1), overlap(a.y0, a.y1, b.y0, b.y1)) <= 20.0
