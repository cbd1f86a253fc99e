"""A lattice of positions, every edge with a probability of being a border, and cells that tile it exactly.

A region's lattice is spanned by the positions of all its rules. Which of its edges are borders is
the cheapest labelling that partitions the region into rectangles. A partition of a lattice has only
rectangular faces exactly when no inner vertex is a dead end or a corner: each has no border, a straight
one, a T or a cross. `Lattice.repair` searches for that labelling from the likeliest label of every edge by
changing straight runs of edges, the cheapest change first. Standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from extractor.elements import SUREST, Box, Grid, GridCell, PlaceEvidence

# (horizontal, at, start, end) -> probability 0..1 that a border stands there
EdgeEvidence = Callable[[bool, float, float, float], float]
EdgeSight = Callable[[bool, float, float, float], bool]  # the same: whether something of one is seen

SEEN = 2.0  # log-odds of an edge that surely is a border
HABIT = 2.5  # log-odds: where a line goes on at both ends of an edge, a dozen edges are borders for one that is none
NO_TRACE = -3.5  # log-odds: so little ink is none; a merged cell has no border, whatever its neighbours have
MENDED, LONGEST_HOLE = 1.0, 3  # log-odds of a border whose rest is seen between two; edges that may be lost together
SURE = SUREST  # log-odds beyond which more evidence changes nothing

Edge = tuple[bool, int, int]  # (horizontal, index of the line, index of the unit along it)
Lost = tuple[bool, float, float]  # (horizontal, where, log-odds that it is right to leave this line out)


def _log_odds(p: float) -> float:
    p = min(1 - 1e-6, max(1e-6, p))
    return max(-SURE, min(SURE, math.log(p / (1 - p))))


class Lattice:
    """Edges of a lattice with their log-odds of being borders, and a labelling of them.

    `h[i][j]` lies on ys[i] between xs[j] and xs[j + 1]; `v[j][i]` on xs[j] between ys[i] and ys[i + 1].
    Mutable while it is solved; what leaves it is a grid.
    """

    def __init__(self, xs: list[float], ys: list[float], odds: dict[Edge, float], lost: Sequence[Lost] = ()) -> None:
        self.xs, self.ys, self.odds, self.lost = xs, ys, odds, list(lost)
        self.rows, self.cols = len(ys) - 1, len(xs) - 1
        self.label = {edge: value > 0 for edge, value in odds.items()}
        for edge in self.label:
            if self._outer(edge):
                self.label[edge] = True

    @staticmethod
    def measure(xs: list[float], ys: list[float], evidence: EdgeEvidence) -> Lattice:
        """A lattice whose edges were asked of the evidence one by one; lines without any border dropped."""
        lost: list[Lost] = []
        while True:
            odds: dict[Edge, float] = {}
            for i, y in enumerate(ys):
                for j in range(len(xs) - 1):
                    odds[True, i, j] = _log_odds(evidence(True, y, xs[j], xs[j + 1]))
            for j, x in enumerate(xs):
                for i in range(len(ys) - 1):
                    odds[False, j, i] = _log_odds(evidence(False, x, ys[i], ys[i + 1]))
            keep_y = [
                i in (0, len(ys) - 1) or any(odds[True, i, j] > 0 for j in range(len(xs) - 1)) for i in range(len(ys))
            ]
            keep_x = [
                j in (0, len(xs) - 1) or any(odds[False, j, i] > 0 for i in range(len(ys) - 1)) for j in range(len(xs))
            ]
            if all(keep_x) and all(keep_y):
                return Lattice(xs, ys, odds, lost)
            lost += [
                (True, y, -max(odds[True, i, j] for j in range(len(xs) - 1)))
                for i, (y, keep) in enumerate(zip(ys, keep_y, strict=True)) if not keep
            ]
            lost += [
                (False, x, -max(odds[False, j, i] for i in range(len(ys) - 1)))
                for j, (x, keep) in enumerate(zip(xs, keep_x, strict=True)) if not keep
            ]
            xs = [x for x, keep in zip(xs, keep_x, strict=True) if keep]
            ys = [y for y, keep in zip(ys, keep_y, strict=True) if keep]

    def look_again(self, second: EdgeEvidence) -> None:
        """Ask another witness of the inner edges that look like no border, and believe it where it says more."""
        for edge, value in list(self.odds.items()):
            if value > 0 or self._outer(edge):
                continue
            level, line, k = edge
            across, along = (self.ys, self.xs) if level else (self.xs, self.ys)
            self.odds[edge] = max(value, _log_odds(second(level, across[line], along[k], along[k + 1])))
            self.label[edge] = self.odds[edge] > 0

    def go_on(self) -> None:
        """Believe in a border that is seen in part where the line that it lies on surely goes on at both its ends."""
        seen = dict(self.odds)
        for (level, line, k), value in seen.items():
            around = [seen.get((level, line, k + side), -SURE) for side in (-1, 1)]
            if NO_TRACE < value < SEEN and min(around) > SEEN and not self._outer((level, line, k)):
                self.odds[level, line, k] = value + HABIT
                self.label[level, line, k] = value + HABIT > 0

    def mend_holes(self, in_part: EdgeSight) -> None:
        """Believe in the edges between two that surely are borders of one line, where the rest of a border is seen.

        A merged cell interrupts a line at its sides; a worn rule sets out from both and is lost in between.
        """
        for level, lines, units in ((True, self.rows, self.cols), (False, self.cols, self.rows)):
            across, along = (self.ys, self.xs) if level else (self.xs, self.ys)
            for line in range(1, lines):
                sure = [k for k in range(units) if self.odds[level, line, k] > SEEN]
                for a, b in pairwise(sure):
                    hole = range(a + 1, b)
                    if 0 < len(hole) <= LONGEST_HOLE and all(
                        in_part(level, across[line], along[k], along[k + 1]) for k in hole
                    ):
                        for k in hole:
                            self.odds[level, line, k] = max(MENDED, self.odds[level, line, k])
                            self.label[level, line, k] = True

    def _outer(self, edge: Edge) -> bool:
        horizontal, line, _ = edge
        return line in (0, self.rows if horizontal else self.cols)

    def _wrong(self, i: int, j: int) -> bool:
        """Whether the inner vertex at ys[i], xs[j] is a dead end or a corner."""
        if not (0 < i < self.rows and 0 < j < self.cols):
            return False
        left, right = self.label[True, i, j - 1], self.label[True, i, j]
        up, down = self.label[False, j, i - 1], self.label[False, j, i]
        count = left + right + up + down
        return count == 1 or (count == 2 and left != right)

    def repair(self) -> None:
        """Relabel until every face is a rectangle (module docstring)."""
        penalty = 4.0
        for _ in range(40 * (self.rows + self.cols) + 200):
            wrong = [(i, j) for i in range(1, self.rows) for j in range(1, self.cols) if self._wrong(i, j)]
            if not wrong:
                return
            best = min((move for i, j in wrong for move in self._moves(i, j, penalty)), key=lambda m: m[0])
            if best[0] >= 0:
                penalty *= 2
                if penalty > 1e6:
                    return
                continue
            for edge in best[1]:
                self.label[edge] = best[2]

    def _moves(self, i: int, j: int, penalty: float) -> list[tuple[float, list[Edge], bool]]:
        """Changes of straight runs of edges that start at a wrong vertex: (cost, edges, new label)."""
        runs: list[list[Edge]] = [
            [(True, i, k) for k in range(j - 1, -1, -1)],
            [(True, i, k) for k in range(j, self.cols)],
            [(False, j, k) for k in range(i - 1, -1, -1)],
            [(False, j, k) for k in range(i, self.rows)],
        ]
        moves: list[tuple[float, list[Edge], bool]] = []
        for run in runs:
            for new in (True, False):
                edges: list[Edge] = []
                cost = 0.0
                for edge in run:
                    if self.label[edge] == new:
                        break
                    edges.append(edge)
                    cost += -self.odds[edge] if new else self.odds[edge]
                    change = self._violations_after(edges, new)
                    moves.append((cost + penalty * change, list(edges), new))
        return moves

    def _violations_after(self, edges: Sequence[Edge], new: bool) -> int:
        """How the number of wrong vertices changes when `edges` become `new`."""
        touched: set[tuple[int, int]] = set()
        for horizontal, line, k in edges:
            touched |= {(line, k), (line, k + 1)} if horizontal else {(k, line), (k + 1, line)}
        before = sum(self._wrong(*vertex) for vertex in touched)
        old = [self.label[edge] for edge in edges]
        for edge in edges:
            self.label[edge] = new
        after = sum(self._wrong(*vertex) for vertex in touched)
        for edge, value in zip(edges, old, strict=True):
            self.label[edge] = value
        return after - before

    def grid(self, closed: tuple[bool, bool, bool, bool], every_column: bool = False) -> Grid:
        """The labelling as a grid; lattice lines that ended without a border are dropped.

        every_column: keep the upright ones all the same, as the table's other pages need them.
        """
        keep_y = [
            i for i in range(self.rows + 1)
            if i in (0, self.rows) or any(self.label[True, i, j] for j in range(self.cols))
        ]
        keep_x = [
            j for j in range(self.cols + 1)
            if every_column or j in (0, self.cols) or any(self.label[False, j, i] for i in range(self.rows))
        ]
        above, left = self._lines(True), self._lines(False)
        cells = [
            GridCell(
                keep_y.index(r0), keep_x.index(c0),
                keep_y.index(r1) - keep_y.index(r0), keep_x.index(c1) - keep_x.index(c0),
                Box(self.xs[c0], self.ys[r0], self.xs[c1], self.ys[r1]),
                self._place(r0, c0, r1, c1), self._evidence((r0, c0, r1, c1), above, left),
            )
            for r0, c0, r1, c1 in self._faces()
        ]
        return Grid(
            tuple(self.xs[j] for j in keep_x), tuple(self.ys[i] for i in keep_y), tuple(cells), closed=closed
        )

    def _faces(self) -> list[tuple[int, int, int, int]]:
        """Rectangles (row0, col0, row1, col1) of lattice units that no border separates."""
        owner: dict[tuple[int, int], int] = {}
        faces: list[tuple[int, int, int, int]] = []
        for r in range(self.rows):
            for c in range(self.cols):
                if (r, c) in owner:
                    continue
                face = self._flood(r, c)
                r1, c1 = max(a for a, _ in face) + 1, max(b for _, b in face) + 1
                c0 = min(b for _, b in face)
                if len(face) == (r1 - r) * (c1 - c0) and c0 == c:
                    boxes = [(r, c, r1, c1)]
                else:  # the search gave up on this face: its units stand alone rather than overlap
                    boxes = [(a, b, a + 1, b + 1) for a, b in sorted(face)]
                for unit in face:
                    owner[unit] = len(faces)
                faces += boxes
        return sorted(faces)

    def _flood(self, r: int, c: int) -> set[tuple[int, int]]:
        seen, queue = {(r, c)}, [(r, c)]
        while queue:
            a, b = queue.pop()
            steps = (
                (a - 1, b, (True, a, b)), (a + 1, b, (True, a + 1, b)),
                (a, b - 1, (False, b, a)), (a, b + 1, (False, b + 1, a)),
            )
            for x, y, edge in steps:
                if not self.label[edge] and 0 <= x < self.rows and 0 <= y < self.cols and (x, y) not in seen:
                    seen.add((x, y))
                    queue.append((x, y))
        return seen

    def _place(self, r0: int, c0: int, r1: int, c1: int) -> float:
        """Probability that a face's place is right: its four sides are borders, what it spans is none."""
        sides = [
            [(True, r0, j) for j in range(c0, c1)], [(True, r1, j) for j in range(c0, c1)],
            [(False, c0, i) for i in range(r0, r1)], [(False, c1, i) for i in range(r0, r1)],
        ]
        inner: list[list[Edge]] = [[(True, i, j) for j in range(c0, c1)] for i in range(r0 + 1, r1)]
        inner += [[(False, j, i) for i in range(r0, r1)] for j in range(c0 + 1, c1)]
        p = 1.0
        for run in sides:
            if not self._outer(run[0]):
                p *= _probability(sum(self.odds[e] for e in run))
        for run in inner:
            p *= _probability(-sum(self.odds[e] for e in run))
        return p

    def _evidence(
        self, face: tuple[int, int, int, int], above: Sequence[float], left: Sequence[float]
    ) -> PlaceEvidence:
        """The least log-odds of a face's sides, of what it spans, and of the lines down to it and left of it."""
        r0, c0, r1, c1 = face
        sides = [(True, i, j) for i in (r0, r1) for j in range(c0, c1)]
        sides += [(False, j, i) for j in (c0, c1) for i in range(r0, r1)]
        inner = [(True, i, j) for i in range(r0 + 1, r1) for j in range(c0, c1)]
        inner += [(False, j, i) for j in range(c0 + 1, c1) for i in range(r0, r1)]
        return PlaceEvidence(
            min([SURE, *(self.odds[e] for e in sides if not self._outer(e))]),
            min([SURE, *(-self.odds[e] for e in inner)]),
            above[r1], left[c1],
        )

    def _lines(self, horizontal: bool) -> list[float]:
        """For each line of the lattice on one axis, the least log-odds of it and all before it.

        A line that borders cells is as sure as its surest edge; one without borders, and one that was dropped
        before it, as sure as its likeliest edge is none.
        """
        ats = self.ys if horizontal else self.xs
        units = range(self.cols if horizontal else self.rows)
        out: list[float] = []
        worst, before = SURE, ats[0]
        for i, at in enumerate(ats):
            odds = [self.odds[horizontal, i, k] for k in units]
            drawn = [o for o, k in zip(odds, units, strict=True) if self.label[horizontal, i, k]]
            if 0 < i < len(ats) - 1:
                worst = min(worst, max(drawn) if drawn else -max(odds))
            worst = min([worst, *(sure for level, x, sure in self.lost if level == horizontal and before < x < at)])
            out.append(worst)
            before = at
        return out


def _probability(odds: float) -> float:
    return 1 / (1 + math.exp(-max(-SURE, min(SURE, odds))))
