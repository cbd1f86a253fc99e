"""Rules to grids: rules that hang together, the positions that they give, and the lattice of these solved.

The same code serves vector rules of born-digital pages and rules seen on scans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractor.elements import Box, Grid, Rule
from extractor.geometry import Intervals, cluster_positions, intersection
from extractor.ruling.lattice import EdgeEvidence, EdgeSight, Lattice

SAME_POSITION = 0.4  # of the text height: rules nearer than this enclose no text, so they are one (double rules)
JOIN = 0.6  # of the text height: how far a rule's end may miss the rule that it should meet
AS_WIDE = 0.97  # share of the wider of two regions that both span where they share a rule
OPEN_SIDE = 0.9  # of the text height: rules reaching this far past the last crossing rule make an open side
ALIKE, ALIKE_SHARE = 3, 0.25  # so many rules, and this share of all, that reach past it and end alike make one too


@dataclass(frozen=True, slots=True)
class Region:
    """Rules that hang together: one table's, usually."""

    horizontal: tuple[Rule, ...]
    vertical: tuple[Rule, ...]

    @property
    def box(self) -> Box:
        xs = [v.at for v in self.vertical] + [x for h in self.horizontal for x in (h.start, h.end)]
        ys = [h.at for h in self.horizontal] + [y for v in self.vertical for y in (v.start, v.end)]
        return Box(min(xs), min(ys), max(xs), max(ys))


def find_regions(rules: Sequence[Rule], scale: float, *, worn: bool = False) -> list[Region]:
    """Group rules that meet (ends may miss by `JOIN` text heights), top to bottom.

    rules: any order, one frame. scale: text height in the same unit. worn: rules may be worn to pieces. Groups without
    both directions are left out: a lone underline or frame side is no table.
    """
    parent = list(range(len(rules)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    slack = JOIN * scale
    for i, h in enumerate(rules):
        if not h.horizontal:
            continue
        for j, other in enumerate(rules):
            if other.horizontal:
                touch = j > i and abs(other.at - h.at) < SAME_POSITION * scale and (
                    other.start - slack <= h.end and h.start - slack <= other.end
                )
            else:
                touch = (
                    h.start - slack <= other.at <= h.end + slack and other.start - slack <= h.at <= other.end + slack
                )
            if touch:
                parent[root(i)] = root(j)
    for i, v in enumerate(rules):
        for j in range(i + 1, len(rules)):
            other = rules[j]
            if v.horizontal or other.horizontal or abs(other.at - v.at) >= SAME_POSITION * scale:
                continue
            if other.start - slack <= v.end and v.start - slack <= other.end:
                parent[root(i)] = root(j)
    groups: dict[int, list[Rule]] = {}
    for i, rule in enumerate(rules):
        groups.setdefault(root(i), []).append(rule)
    regions = [
        Region(tuple(r for r in g if r.horizontal), tuple(r for r in g if not r.horizontal)) for g in groups.values()
    ]
    kept = [r for r in regions if r.horizontal and r.vertical]
    kept.sort(key=lambda r: (r.box.y0, r.box.x0))
    return _on_one_rule(_interlocked(kept, scale) if worn else kept, scale)


def _interlocked(regions: Sequence[Region], scale: float) -> list[Region]:
    """Regions of a worn page with those made one that lie over each other and have pieces of one rule: one table's.

    Tables do not stand so: one within a cell of another has no rule where that has one.
    """
    out: list[Region] = []
    for region in regions:
        apart: list[Region] = []
        for other in out:
            if _pieces_of_one(other, region, scale):
                region = Region(other.horizontal + region.horizontal, other.vertical + region.vertical)
            else:
                apart.append(other)
        out = [*apart, region]
    return sorted(out, key=lambda r: (r.box.y0, r.box.x0)) if len(out) < len(regions) else list(regions)


def _pieces_of_one(a: Region, b: Region, scale: float) -> bool:
    """Whether two regions overlap by more than ends may miss, and rules of both lie on one track."""
    shared = intersection(a.box, b.box)
    if shared is None or min(shared.width, shared.height) < JOIN * scale:
        return False
    return any(
        abs(own.at - other.at) < SAME_POSITION * scale
        for mine, theirs in ((a.horizontal, b.horizontal), (a.vertical, b.vertical))
        for own in mine for other in theirs
    )  # fmt: skip


def _on_one_rule(regions: Sequence[Region], scale: float) -> list[Region]:
    """Regions, from the top, with those made one that share a rule: the last of one is the first of the next.

    Between open sides nothing but that rule may hold two parts of a table together, and worn it has a hole too wide
    to be seen over. Two tables never stand so: a gap parts them.
    """
    out: list[Region] = []
    for region in regions:
        above = next((k for k, other in enumerate(out) if _shares_rule(other.box, region.box, scale)), None)
        if above is None:
            out.append(region)
        else:
            out[above] = Region(out[above].horizontal + region.horizontal, out[above].vertical + region.vertical)
    return out


def _shares_rule(above: Box, below: Box, scale: float) -> bool:
    """Whether one region's last rule is where the other's first is, and both are as wide."""
    if abs(below.y0 - above.y1) >= SAME_POSITION * scale:
        return False
    common = min(above.x1, below.x1) - max(above.x0, below.x0)
    return common >= AS_WIDE * max(above.width, below.width)


def coverage_evidence(rules: Sequence[Rule], scale: float) -> EdgeEvidence:
    """Edge evidence from the rules themselves (vector rules, which are where they say)."""
    tolerance = SAME_POSITION * scale

    def evidence(horizontal: bool, at: float, start: float, end: float) -> float:
        near = [(r.start, r.end) for r in rules if r.horizontal == horizontal and abs(r.at - at) < tolerance]
        # Corners belong to the crossing rule; leave them out, but never more than a third of the edge.
        inset = min(0.2 * scale, (end - start) / 6)
        start, end = start + inset, end - inset
        share = Intervals.of(near, gap=0.15 * scale).covered(start, end) / (end - start)
        return min(0.999, max(0.001, share))

    return evidence


def solve_grids(
    rules: Sequence[Rule], scale: float, evidence: EdgeEvidence | None = None, *, worn: bool = False,
    second: EdgeEvidence | None = None, in_part: EdgeSight | None = None,
) -> list[Grid]:
    """All ruled tables among `rules`, top to bottom.

    scale: height of the page's body text in the unit of the rules. evidence: probability that an edge is
    a border; without it the rules' own coverage. worn: borders may be seen in part. second: asked once more of inner
    edges that look like none, and believed where it says more. in_part: whether a worn border's rest shows on an edge;
    asked where a line of borders has a hole. A single box around text (1 x 1) is no table.
    """
    evidence = evidence or coverage_evidence(rules, scale)
    grids: list[Grid] = []
    for region in find_regions(rules, scale, worn=worn):
        grid = solve_region(region, scale, evidence, worn=worn, second=second, in_part=in_part)
        if grid is not None and grid.n_rows * grid.n_cols > 1:
            grids.append(grid)
    return grids


def solve_region(
    region: Region, scale: float, evidence: EdgeEvidence, *, worn: bool = False, second: EdgeEvidence | None = None,
    in_part: EdgeSight | None = None,
) -> Grid | None:  # fmt: skip
    """The grid of one region, or None where its rules enclose nothing."""
    xs, left_closed, right_closed = _positions(region.vertical, region.horizontal, scale)
    frameless = not (left_closed or right_closed)
    ys, top_closed, bottom_closed = _positions(region.horizontal, region.vertical, scale, any_reach=frameless)
    if len(xs) < 2 or len(ys) < 2:
        return None
    lattice = Lattice.measure(xs, ys, evidence)
    if second is not None:
        lattice.look_again(second)
    if worn:
        lattice.go_on()
        if in_part is not None:
            lattice.mend_holes(in_part)
    lattice.repair()
    return lattice.grid((left_closed, top_closed, right_closed, bottom_closed))


def _positions(
    own: Sequence[Rule], crossing: Sequence[Rule], scale: float, *, any_reach: bool = False
) -> tuple[list[float], bool, bool]:
    """Border positions on one axis, and whether the first and the last side were drawn.

    An outer side counts as open where the crossing rules reach past the last own rule: most of them, or the outermost
    two alike (a column of merged cells parts few rows, but its top and bottom are drawn), or some that end alike (of a
    table without a frame not even these are drawn). any_reach: one is enough, as the other two sides are open.
    """
    positions = cluster_positions(((r.at, r.end - r.start) for r in own), SAME_POSITION * scale)
    if not positions:
        return [], False, False
    total = sum(r.end - r.start for r in crossing)

    def reach(ends: Sequence[tuple[Rule, float]]) -> bool:
        most = sum(r.end - r.start for r, _ in ends) > 0.5 * total and len(crossing) > 1
        return most or (any_reach and bool(ends)) or _outermost_reach(ends, crossing, scale) or _some_alike(
            ends, len(crossing), scale
        )

    first, last = positions[0], positions[-1]
    before = [(r, r.start) for r in crossing if r.start < first - OPEN_SIDE * scale]
    behind = [(r, r.end) for r in crossing if r.end > last + OPEN_SIDE * scale]
    first_open, last_open = reach(before), reach(behind)
    if first_open:
        positions.insert(0, _typical([end for _, end in before]))
    if last_open:
        positions.append(_typical([end for _, end in behind]))
    return positions, not first_open, not last_open


def _outermost_reach(ends: Sequence[tuple[Rule, float]], crossing: Sequence[Rule], scale: float) -> bool:
    """Whether both the first and the last of the crossing rules are among those that reach past, and end alike."""
    sides = min(r.at for r in crossing), max(r.at for r in crossing)
    if sides[1] - sides[0] < SAME_POSITION * scale:
        return False
    outer = [[end for r, end in ends if abs(r.at - side) < SAME_POSITION * scale] for side in sides]
    return any(abs(a - b) < JOIN * scale for a in outer[0] for b in outer[1])


def _some_alike(ends: Sequence[tuple[Rule, float]], crossing: int, scale: float) -> bool:
    """Whether enough of the crossing rules that reach past end where they typically do."""
    if len(ends) < ALIKE:
        return False
    typical = _typical([end for _, end in ends])
    alike = sum(abs(end - typical) < JOIN * scale for _, end in ends)
    return alike >= max(ALIKE, ALIKE_SHARE * crossing)


def _typical(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
