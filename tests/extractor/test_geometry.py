from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extractor.elements import Box
from extractor.geometry import (
    Intervals,
    cluster_positions,
    grown,
    intersection,
    median,
    overlap,
    share_inside,
    union,
)

numbers = st.integers(-50, 50)
pieces = st.tuples(numbers, numbers).map(lambda ends: (float(min(ends)), float(max(ends))))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x0, y0 = draw(numbers), draw(numbers)
    return Box(x0, y0, x0 + draw(st.integers(1, 40)), y0 + draw(st.integers(1, 40)))


@given(pieces, pieces)
def test_overlap_is_mutual_and_within_both(a: tuple[float, float], b: tuple[float, float]) -> None:
    shared = overlap(*a, *b)
    assert shared == overlap(*b, *a)
    assert 0 <= shared <= min(a[1] - a[0], b[1] - b[0])
    assert overlap(*a, *a) == a[1] - a[0]


@given(boxes(), boxes())
def test_intersection_lies_in_both_boxes_and_they_in_their_union(a: Box, b: Box) -> None:
    shared, whole = intersection(a, b), union([a, b])
    assert intersection(whole, a) == a
    assert intersection(whole, b) == b
    if shared is None:
        assert overlap(a.x0, a.x1, b.x0, b.x1) == 0 or overlap(a.y0, a.y1, b.y0, b.y1) == 0
    else:
        assert intersection(shared, a) == intersection(shared, b) == shared
        assert share_inside(shared, a) == 1
        assert share_inside(a, b) == pytest.approx(shared.area / a.area)


def test_boxes_that_only_touch_share_nothing() -> None:
    assert intersection(Box(0, 0, 5, 5), Box(5, 0, 9, 5)) is None
    assert share_inside(Box(0, 0, 0, 5), Box(0, 0, 9, 9)) == 0


@given(boxes(), st.integers(0, 9), st.integers(0, 9))
def test_a_box_grown_and_shrunk_is_itself(box: Box, dx: int, dy: int) -> None:
    assert grown(grown(box, dx, dy), -dx, -dy) == box


def test_median() -> None:
    assert [median(values) for values in ([3.0], [1.0, 2.0], [9.0, 1.0, 5.0], [4.0, 1.0, 9.0, 2.0])] == [3, 1.5, 5, 3]


@given(st.lists(pieces), pieces)
def test_what_intervals_cover_and_leave_open_adds_up(
    parts: list[tuple[float, float]], asked: tuple[float, float]
) -> None:
    intervals = Intervals.of(parts)
    covered, gaps = intervals.covered(*asked), intervals.gaps(*asked)
    assert covered + sum(b - a for a, b in gaps) == pytest.approx(asked[1] - asked[0])
    assert all(intervals.covered(*gap) == 0 for gap in gaps)
    points = {p + 0.5 for p in range(-51, 51)}
    inside = {p for p in points if any(a <= p <= b for a, b in parts)}
    assert inside == {p for p in points if any(a <= p <= b for a, b in intervals.parts)}


@given(st.lists(pieces, min_size=1), st.integers(0, 10))
def test_intervals_are_sorted_and_further_apart_than_their_gap(parts: list[tuple[float, float]], gap: int) -> None:
    merged = Intervals.of(parts, gap).parts
    assert all(a[1] + gap < b[0] for a, b in pairwise(merged))


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=8, unique=True),
    st.lists(st.tuples(st.floats(-0.2, 0.2), st.floats(1, 100)), min_size=8, max_size=40),
)
def test_scattered_marks_of_positions_that_lie_apart_give_the_positions(
    places: list[int], marks: list[tuple[float, float]]
) -> None:
    weighted = [(10.0 * places[i % len(places)] + off, weight) for i, (off, weight) in enumerate(marks)]
    found = cluster_positions(weighted, 4.0)
    assert found == pytest.approx(sorted(10.0 * p for p in places), abs=0.21)


def test_a_chain_of_fragments_does_not_bridge_two_real_positions() -> None:
    fragments = [(float(at), 1.0) for at in range(1, 10)]
    found = cluster_positions([(0.0, 500.0), (10.0, 500.0), *fragments], 6.0)
    assert found == pytest.approx([0, 10], abs=0.2)
    assert cluster_positions([], 6.0) == []


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(1, 100)), max_size=12))
@example([(0.0, 10.0), (4.0, 9.0), (2.4, 8.0)])
def test_positions_found_lie_at_least_the_tolerance_apart(marks: list[tuple[float, float]]) -> None:
    assert all(b - a > 4.0 - 1e-9 for a, b in pairwise(cluster_positions(marks, 4.0)))
