"""Partitions of a lattice into rectangles, drawn as rules, must come back exactly."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from extractor.elements import Grid, Rule
from extractor.ruling.grid import coverage_evidence, find_regions, solve_grids
from extractor.ruling.lattice import EdgeEvidence

SCALE = 10.0
Face = tuple[int, int, int, int]  # row0, col0, row1, col1


@dataclass(frozen=True)
class Partition:
    """Faces that tile a lattice of which every line is somewhere a border."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    faces: frozenset[Face]

    def owner(self) -> dict[tuple[int, int], Face]:
        return {(r, c): f for f in self.faces for r in range(f[0], f[2]) for c in range(f[1], f[3])}

    def is_border(self, horizontal: bool, line: int, k: int) -> bool:
        """Whether edge k of a line parts two faces or bounds the table."""
        owner = self.owner()
        a, b = ((line - 1, k), (line, k)) if horizontal else ((k, line - 1), (k, line))
        return owner.get(a) != owner.get(b)

    def edges(self, inner: bool = False) -> list[tuple[bool, int, int]]:
        rows, cols, cut = len(self.ys) - 1, len(self.xs) - 1, int(inner)
        level = [(True, i, k) for i in range(cut, rows + 1 - cut) for k in range(cols)]
        return level + [(False, j, k) for j in range(cut, cols + 1 - cut) for k in range(rows)]

    def rules(self) -> list[Rule]:
        """One rule for each unit of border."""
        out = []
        for horizontal, line, k in self.edges():
            along, across = (self.xs, self.ys) if horizontal else (self.ys, self.xs)
            if self.is_border(horizontal, line, k):
                out.append(Rule(horizontal, across[line], along[k], along[k + 1]))
        return out


def guillotine(rng: random.Random, face: Face) -> list[Face]:
    r0, c0, r1, c1 = face
    cuts = [(True, r) for r in range(r0 + 1, r1)] + [(False, c) for c in range(c0 + 1, c1)]
    if not cuts or rng.random() < 0.12:
        return [face]
    level, at = rng.choice(cuts)
    if level:
        return guillotine(rng, (r0, c0, at, c1)) + guillotine(rng, (at, c0, r1, c1))
    return guillotine(rng, (r0, c0, r1, at)) + guillotine(rng, (r0, at, r1, c1))


def merged(rng: random.Random, faces: list[Face]) -> list[Face]:
    """Two faces that make one rectangle become one, if there are such (this leaves pinwheels possible)."""
    pairs = [
        (a, b)
        for a in faces
        for b in faces
        if ((a[0], a[2]) == (b[0], b[2]) and a[3] == b[1]) or ((a[1], a[3]) == (b[1], b[3]) and a[2] == b[0])
    ]
    if not pairs:
        return faces
    a, b = rng.choice(pairs)
    return [f for f in faces if f not in (a, b)] + [(a[0], a[1], b[2], b[3])]


@st.composite
def partitions(draw: st.DrawFn, rows: int = 6, cols: int = 6) -> Partition:
    rng = random.Random(draw(st.integers(0, 10**9)))
    n_rows, n_cols = draw(st.integers(1, rows)), draw(st.integers(1, cols))
    faces = guillotine(rng, (0, 0, n_rows, n_cols))
    for _ in range(draw(st.integers(0, 8))):
        faces = merged(rng, faces)
    assume(len(faces) > 1)
    # Lines that are nowhere a border are not there.
    used_rows = sorted({r for f in faces for r in (f[0], f[2])})
    used_cols = sorted({c for f in faces for c in (f[1], f[3])})
    close = frozenset(
        (used_rows.index(f[0]), used_cols.index(f[1]), used_rows.index(f[2]), used_cols.index(f[3])) for f in faces
    )
    return Partition(positions(rng, len(used_cols)), positions(rng, len(used_rows)), close)


def positions(rng: random.Random, count: int) -> tuple[float, ...]:
    at, out = float(rng.randrange(50)), []  # whole numbers, so that means of equal positions are exact
    for _ in range(count):
        out.append(at)
        at += SCALE * rng.choice([1, 2, 5, 12]) + 3
    return tuple(out)


def faces_of(grid: Grid) -> frozenset[Face]:
    return frozenset((c.row, c.col, c.row + c.row_span, c.col + c.col_span) for c in grid.cells)


def assert_tiles(grid: Grid) -> None:
    units = [(r, c) for f in faces_of(grid) for r in range(f[0], f[2]) for c in range(f[1], f[3])]
    assert len(units) == len(set(units)) == grid.n_rows * grid.n_cols
    for cell in grid.cells:
        assert cell.box == (
            grid.xs[cell.col], grid.ys[cell.row], grid.xs[cell.col + cell.col_span], grid.ys[cell.row + cell.row_span]
        )  # fmt: skip
        assert 0 <= cell.place <= 1


def the_grid(rules: list[Rule], evidence: EdgeEvidence | None = None) -> Grid:
    (grid,) = solve_grids(rules, SCALE, evidence)
    assert_tiles(grid)
    return grid


def told(partition: Partition, said: dict[tuple[bool, int, int], float]) -> EdgeEvidence:
    """Evidence that is clear (0.95 or 0.05), but for the edges in `said`."""

    def evidence(horizontal: bool, at: float, start: float, end: float) -> float:
        along, across = (partition.xs, partition.ys) if horizontal else (partition.ys, partition.xs)
        line = across.index(at)
        # A lattice line without any likely border is left out: an edge may then span several units.
        units = [(horizontal, line, k) for k in range(along.index(start), along.index(end))]
        return min(said.get(e, 0.95 if partition.is_border(*e) else 0.05) for e in units)

    return evidence


@settings(max_examples=50)
@given(partitions(), st.randoms(use_true_random=False))
def test_a_partition_drawn_as_rules_comes_back_exactly(partition: Partition, rng: random.Random) -> None:
    rules = partition.rules()
    rng.shuffle(rules)
    grid = the_grid(rules)
    assert (grid.xs, grid.ys) == (pytest.approx(partition.xs), pytest.approx(partition.ys))
    assert faces_of(grid) == partition.faces
    assert grid.closed == (True, True, True, True)
    assert grid.structure == "ruled"
    assert min(cell.place for cell in grid.cells) > 0.95


@settings(max_examples=50)
@given(partitions(), st.randoms(use_true_random=False))
def test_rules_that_sway_and_miss_each_other_a_little_make_the_same_grid(
    partition: Partition, rng: random.Random
) -> None:
    def sway(amount: float) -> float:
        return rng.uniform(-amount, amount) * SCALE

    rules = [
        Rule(r.horizontal, r.at + sway(0.08), r.start + sway(0.15), r.end + sway(0.15)) for r in partition.rules()
    ]
    grid = the_grid(rules)
    assert grid.xs == pytest.approx(partition.xs, abs=0.1 * SCALE)
    assert grid.ys == pytest.approx(partition.ys, abs=0.1 * SCALE)
    assert faces_of(grid) == partition.faces


@settings(max_examples=80)
@given(partitions(), st.data())
def test_one_doubtful_edge_that_fits_nowhere_is_set_right(partition: Partition, data: st.DataObject) -> None:
    edges = partition.edges(inner=True)
    assume(edges and len(partition.faces) > 2)
    edge = data.draw(st.sampled_from(edges))
    was = partition.is_border(*edge)
    grid = the_grid(partition.rules(), told(partition, {edge: 0.45 if was else 0.55}))
    if faces_of(grid) != partition.faces or (grid.xs, grid.ys) != (partition.xs, partition.ys):
        # Another grid may only come out where the other label of this edge alone makes a partition, too.
        if was:
            assert len(grid.cells) == len(partition.faces) - 1
        else:
            assert len(grid.cells) == len(partition.faces) + 1


@settings(max_examples=40)
@given(partitions(), st.randoms(use_true_random=False))
def test_any_evidence_gives_cells_that_tile(partition: Partition, rng: random.Random) -> None:
    said = {edge: rng.random() for edge in partition.edges() if rng.random() < 0.3}
    for grid in solve_grids(partition.rules(), SCALE, told(partition, said)):
        assert_tiles(grid)


@settings(max_examples=30)
@given(st.integers(1, 7), st.integers(1, 7), st.randoms(use_true_random=False))
def test_pure_noise_gives_cells_that_tile(rows: int, cols: int, rng: random.Random) -> None:
    xs, ys = positions(rng, cols + 1), positions(rng, rows + 1)
    rules = [Rule(True, y, xs[0], xs[-1]) for y in ys] + [Rule(False, x, ys[0], ys[-1]) for x in xs]
    for grid in solve_grids(rules, SCALE, lambda *_: rng.random()):
        assert_tiles(grid)


def test_a_stub_in_a_merged_cell_is_no_border_and_costs_it_some_certainty() -> None:
    # A header over three columns and two rows; a seal's edge looks like half a border inside it.
    beside = {(r, 3, r + 1, 4) for r in range(3)}
    faces = frozenset({(0, 0, 2, 3), (2, 0, 3, 1), (2, 1, 3, 2), (2, 2, 3, 3), *beside})
    partition = Partition((0, 50, 100, 150, 200), (0, 20, 40, 60), faces)
    clear = the_grid(partition.rules(), told(partition, {}))
    doubtful = the_grid(partition.rules(), told(partition, {(True, 1, 1): 0.7}))
    assert faces_of(clear) == faces_of(doubtful) == faces

    def place(grid: Grid) -> float:
        return next(c.place for c in grid.cells if (c.row, c.col) == (0, 0))

    assert place(doubtful) < place(clear)


def test_a_pinwheel_of_five_cells() -> None:
    faces = frozenset({(0, 0, 1, 2), (0, 2, 2, 3), (2, 1, 3, 3), (1, 0, 3, 1), (1, 1, 2, 2)})
    partition = Partition((0, 30, 60, 90), (0, 20, 40, 60), faces)
    assert faces_of(the_grid(partition.rules())) == faces


def test_one_row_and_one_column() -> None:
    row = Partition((0, 30, 60, 90), (0, 20), frozenset((0, c, 1, c + 1) for c in range(3)))
    column = Partition((0, 90), (0, 20, 40, 60), frozenset((r, 0, r + 1, 1) for r in range(3)))
    assert [faces_of(the_grid(p.rules())) for p in (row, column)] == [row.faces, column.faces]


def frame(x0: float, y0: float, x1: float, y1: float) -> list[Rule]:
    return [Rule(True, y, x0, x1) for y in (y0, y1)] + [Rule(False, x, y0, y1) for x in (x0, x1)]


def test_a_double_rule_is_one_border() -> None:
    rules = [*frame(0, 0, 100, 60), *frame(-2.5, -2.5, 102.5, 62.5), Rule(True, 20, 0, 100), Rule(True, 22, 0, 100)]
    rules += [Rule(True, 40, 0, 100), Rule(False, 50, 0, 60)]
    grid = the_grid(rules)
    assert (grid.n_rows, grid.n_cols) == (3, 2)


@pytest.mark.parametrize("closed", [(False, True, False, True), (True, False, True, False), (False, True, True, True)])
def test_open_sides_end_where_the_crossing_rules_do(closed: tuple[bool, bool, bool, bool]) -> None:
    left, top, right, bottom = closed
    xs, ys = (0.0, 40.0, 80.0, 120.0), (0.0, 20.0, 40.0, 60.0)
    rules = [Rule(True, y, 0, 120) for y, drawn in zip(ys, (top, True, True, bottom), strict=True) if drawn]
    rules += [Rule(False, x, 0, 60) for x, drawn in zip(xs, (left, True, True, right), strict=True) if drawn]
    grid = the_grid(rules)
    assert (grid.xs, grid.ys) == (xs, ys)
    assert (grid.n_rows, grid.n_cols, len(grid.cells)) == (3, 3, 9)
    assert grid.closed == closed


def test_an_open_side_beside_a_column_of_merged_cells() -> None:
    """Only the first and the last rule go out to the open left side: the first column is one cell."""
    level = [Rule(True, y, 0 if y in (0, 80) else 40, 120) for y in (0, 20, 40, 60, 80)]
    grid = the_grid([*level, *(Rule(False, x, 0, 80) for x in (40, 80))])
    assert (grid.xs, grid.n_rows, grid.closed) == ((0.0, 40.0, 80.0, 120.0), 4, (False, True, False, True))
    assert [(c.row, c.row_span) for c in grid.cells if c.col == 0] == [(0, 4)]


def test_a_table_without_a_frame_keeps_its_outer_rows_and_columns() -> None:
    """The first column spans all rows but three: few rules reach its side, and only one upright the first row's top."""
    ys = tuple(float(y) for y in range(0, 241, 20))
    level = [Rule(True, y, 0 if y in (20, 40, 60) else 40, 160) for y in ys[1:-1]]
    upright = [Rule(False, x, 0 if x == 40 else 20, 240) for x in (40, 80, 120)]
    grid = the_grid([*level, *upright])
    assert (grid.xs, grid.ys) == ((0.0, 40.0, 80.0, 120.0, 160.0), ys)
    assert grid.closed == (False, False, False, False)
    assert (0, 1, 1, 3) in {(c.row, c.col, c.row_span, c.col_span) for c in grid.cells}


def test_one_rule_that_goes_too_far_opens_no_side() -> None:
    rules = [*frame(0, 0, 100, 80), *(Rule(True, y, 0, 100) for y in (20, 40, 60)), Rule(True, 0, -30, 0)]
    assert the_grid([*rules, Rule(False, 50, 0, 80)]).closed[0]


def test_tables_come_one_by_one_from_the_top_and_lone_rules_are_none() -> None:
    upper = [*frame(0, 100, 100, 140), Rule(False, 50, 100, 140)]
    lower = [*frame(0, 200, 100, 240), Rule(True, 220, 0, 100)]
    beside = [*frame(160, 120, 260, 160), Rule(False, 200, 120, 160)]
    lone = [Rule(True, 20, 0, 200), Rule(False, 400, 0, 300)]
    grids = solve_grids([*lower, *beside, *lone, *upper], SCALE)
    assert [(g.box.y0, g.n_rows, g.n_cols) for g in grids] == [(100, 1, 2), (120, 1, 2), (200, 2, 1)]
    assert solve_grids(lone, SCALE) == []
    assert solve_grids(frame(0, 0, 50, 20), SCALE) == []
    assert len(find_regions([*upper, *lower, *lone], SCALE)) == 2


def test_parts_of_a_table_between_open_sides_hold_together_by_one_worn_rule() -> None:
    upper = [*(Rule(True, y, 0, 300) for y in (0, 30)), Rule(False, 150, 0, 60)]
    shared = [Rule(True, 60, 0, 120), Rule(True, 60, 145, 300)]
    lower = [*(Rule(True, y, 0, 300) for y in (90, 120)), Rule(False, 80, 60, 120)]
    assert [(g.n_rows, g.n_cols) for g in solve_grids([*upper, *shared, *lower], SCALE)] == [(4, 3)]
    apart = [Rule(r.horizontal, r.at + 8, r.start, r.end) if r.horizontal else Rule(False, 80, 68, 128) for r in lower]
    assert len(find_regions([*upper, *shared, Rule(True, 68, 0, 300), *apart], SCALE)) == 2


@pytest.mark.parametrize(("worn", "sizes"), [(True, [(3, 3)]), (False, [(3, 2), (3, 2)])])
def test_parts_of_a_worn_table_that_lie_over_each_other_are_one(worn: bool, sizes: list[tuple[int, int]]) -> None:
    left = [Rule(True, y, 0, end) for y, end in ((0, 160), (30, 90), (60, 100), (90, 170))]
    right = [Rule(True, y, start, 300) for y, start in ((0, 175), (30, 140), (60, 150), (90, 185))]
    rules = [*left, *right, *(Rule(False, x, 0, 90) for x in (0, 100, 200, 300))]
    drawn = coverage_evidence([*rules, Rule(True, 30, 90, 140), Rule(True, 60, 100, 150)], SCALE)
    assert sorted((g.n_rows, g.n_cols) for g in solve_grids(rules, SCALE, drawn, worn=worn)) == sizes
    inside = [Rule(True, y, 20, 80) for y in (10, 20)] + [Rule(False, x, 10, 20) for x in (20, 80)]
    below = [replace(r, at=r.at + 300) if r.horizontal else replace(r, start=300, end=390) for r in rules]
    assert len(find_regions([*inside, *rules, *below], SCALE, worn=worn)) == 2 * len(sizes) + 1


def test_coverage_is_the_share_of_the_edge_that_rules_cover() -> None:
    evidence = coverage_evidence([Rule(True, 50, 0, 60), Rule(True, 51, 40, 80), Rule(False, 50, 0, 100)], SCALE)
    assert evidence(True, 50, 0, 80) > 0.99
    assert evidence(True, 50.5, 100, 200) < 0.01
    assert evidence(True, 50, 40, 120) == pytest.approx((80 - 42) / 76, abs=0.02)
    assert evidence(True, 60, 0, 80) < 0.01


@pytest.mark.parametrize(("seen", "worn", "parted"), [(0.12, True, True), (0.12, False, False), (0.002, True, False)])
def test_a_line_that_goes_on_at_both_ends_is_believed_where_it_is_worn(seen: float, worn: bool, parted: bool) -> None:
    xs, ys = (0.0, 50.0, 100.0, 150.0), (0.0, 20.0, 40.0, 60.0)
    rules = [Rule(True, y, 0.0, 150.0) for y in ys] + [Rule(False, x, 0.0, 60.0) for x in xs]

    def evidence(horizontal: bool, at: float, start: float, end: float) -> float:
        return seen if horizontal and at == 20.0 and start == 50.0 else 0.98

    (grid,) = solve_grids(rules, SCALE, evidence, worn=worn)
    assert ((0, 1, 1, 1) in {(c.row, c.col, c.row_span, c.col_span) for c in grid.cells}) == parted


@pytest.mark.parametrize(
    ("rest", "worn", "parted"), [(True, True, True), (False, True, False), (True, False, False)],
    ids=["worn", "merged", "whole rules"],
)
def test_a_hole_in_a_line_of_borders_is_mended_where_the_rest_of_one_is_seen(
    rest: bool, worn: bool, parted: bool
) -> None:
    xs, ys = (0.0, 50.0, 100.0), (0.0, 20.0, 40.0, 60.0, 80.0)
    rules = [Rule(True, y, 0.0, 100.0) for y in ys] + [Rule(False, x, 0.0, 80.0) for x in xs]

    def evidence(horizontal: bool, at: float, start: float, end: float) -> float:
        return 0.001 if not horizontal and at == 50.0 and 20.0 <= start < 60.0 else 0.98

    (grid,) = solve_grids(rules, SCALE, evidence, worn=worn, in_part=lambda *_: rest)
    places = {(c.row, c.col, c.row_span, c.col_span): c for c in grid.cells}
    assert ((1, 0, 1, 1) in places) == parted
    # What is only concluded is less sure than what is seen.
    assert not parted or places[1, 0, 1, 1].place < places[0, 0, 1, 1].place
