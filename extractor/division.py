"""Which borders part the cells of a row, row by row: a shortest path over the borders.

Text is never cut, stands at the left, the right or the middle of its cell, and neighbouring rows are
divided alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from extractor.gaps import CROSSED, FUSED, PARTING, WIDE, Gap, passes, spaced
from extractor.openrules import Run

# Costs of a row's division; each is about the log-odds of what it counts against. Lengths are text heights.
CUT = 6.0  # text cut by a border
MERGED = 0.15  # one more column spanned
BLANK = 0.3  # a cell without text
HEAD_BLANK = 1.2  # the same in the table's head, where blank cells are rare
DEEPEST = 4  # rows of a head at most
PARTED = 1.5  # a narrower gap inside a cell that parts columns all the same
HOLE = 1.5  # a text height of blank inside a cell's text, past `WIDE`
ASKEW = 1.5  # a text height by which text misses the left, the right and the middle of its cell
UNLIKE = 0.8, 0.4  # a border that the row above lacks, that the row below lacks
VOID = 0.7  # share of that where the other row is blank on both sides of the border
TRAILING = 0.15  # the same behind the text that fills a row up: it may well span the rest
OTHER_KIND = 0.35  # the same of a row whose shading stands elsewhere: its labels do, too
BELOW_HEADING = 0.25  # the same of what a heading spans over the headings under it
OFTEN = 2  # rows below the head whose text runs across a border: forms do that, lists of amounts do not
PHRASE = 5.0  # text so long fills a row up
CHANCE = 0.1  # share of the rows in which such a gap may lie by accident
DOUBT = 1.6  # a border in a narrow gap inside one detected line; the wider the gap the less
LETTERED = 1.5  # a border between the characters of a letter-spaced word
TORN = 5.0  # the same in a cell that spans both rows
FIXED = 8.0  # no border where a rule ends
SWEEPS = 6


def divide_rows(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], gaps: Sequence[Gap], hard: Sequence[set[int]],
    above: Sequence[Sequence[bool]], below: Sequence[Sequence[bool]], shaded: Sequence[frozenset[int]], scale: float,
) -> list[list[bool]]:
    """For each row, which borders part its cells.

    hard: the borders that something drawn shows in that row. above, below: for each column of a row,
    whether a rule parts it from the row over, under it. shaded: the borders at which a row's shading changes.
    """
    n = len(xs) - 1
    labels: list[list[bool]] = []
    # A heading over several columns has a rule under it that ends with it: the head goes on so far.
    head = next((r + 1 for r in range(len(strips)) if all(below[r])), len(strips))
    doubted = _doubted(xs, gaps, len(strips))
    rows = [
        _Row(
            tuple(strip), tuple(xs), [g for g in doubted if g.row == r],
            [g for g in gaps if g.row == r and PARTING <= g.weight < 1], frozenset(h), scale,
            HEAD_BLANK if r < min(head, DEEPEST) else BLANK,
        )
        for r, (strip, h) in enumerate(zip(strips, hard, strict=True))
    ]
    for row in rows:
        labels.append(row.divide([0.0] * (n + 1)))
    body = rows[min(head, DEEPEST) :]
    crossed = [sum(_crossing(row, j) >= CUT for row in body) >= OFTEN for j in range(n + 1)]

    def pulls(r: int) -> list[float]:
        """For each border, what having it costs less not having it, by what the rows above and below have."""
        out = [0.0] * (n + 1)
        for other, rule, unlike in ((r - 1, above[r], UNLIKE[0]), (r + 1, below[r], UNLIKE[1])):
            if not 0 <= other < len(rows):
                continue
            for j in range(1, n):
                torn = not (rule[j - 1] and rule[j])
                if torn:
                    pull = TORN
                else:
                    pull = unlike * (VOID if rows[other].void(j, labels[other]) else 1.0)
                    pull *= OTHER_KIND if rows[other].odd and not rows[r].odd else 1.0
                    pull *= OTHER_KIND if shaded[r] and shaded[other] and shaded[r] != shaded[other] else 1.0
                    pull *= BELOW_HEADING if other < r < min(head, DEEPEST) and not labels[other][j] else 1.0
                    pull *= TRAILING if (crossed[j] or r == 0 or rows[r].odd) and rows[r].trails(j) else 1.0
                out[j] += -pull if labels[other][j] else pull
        return out

    for sweep in range(SWEEPS):
        order = range(len(rows)) if sweep % 2 == 0 else range(len(rows) - 1, -1, -1)
        for r in order:
            labels[r] = rows[r].divide(pulls(r))
    return labels


def _doubted(xs: Sequence[float], gaps: Sequence[Gap], rows: int) -> list[Gap]:
    """Narrow gaps inside one detected line at a border where hardly another row has such a gap.

    Columns that stand close together are held for one line in row after row.
    """
    fused = [gap for gap in gaps if gap.fused]
    few = max(1.0, CHANCE * rows)
    return [
        gap for gap in fused
        if all(sum(passes(x, other) for other in fused) <= few for x in xs if passes(x, gap))
    ]


@dataclass(eq=False, slots=True)
class _Row:
    """A row's runs and the table's borders; the costs of its cells are kept once known."""

    strip: tuple[Run, ...]
    xs: tuple[float, ...]
    fused: list[Gap]
    parting: list[Gap]
    hard: frozenset[int]
    scale: float
    blank: float = BLANK
    cells: dict[tuple[int, int], float] = field(default_factory=dict)

    def cell(self, i: int, k: int) -> float:
        if (i, k) not in self.cells:
            self.cells[i, k] = _cell(self, i, k)
        return self.cells[i, k]

    def void(self, j: int, label: Sequence[bool]) -> bool:
        """Whether the cells on both sides of border j (or the one across it) hold no text."""
        i = max(m for m in range(j) if label[m])
        k = min(m for m in range(j + 1, len(self.xs)) if label[m])
        return not any(start < self.xs[k] and end > self.xs[i] for start, end in self.strip)

    @property
    def texts(self) -> list[Run]:
        """Runs that neither a wide gap nor a border parts."""
        texts: list[Run] = []
        for run in self.strip:
            parted = texts and any(texts[-1][1] <= x <= run[0] for x in self.xs)
            if texts and not parted and run[0] - texts[-1][1] <= WIDE * self.scale:
                texts[-1] = texts[-1][0], run[1]
            else:
                texts.append(run)
        return texts

    @property
    def odd(self) -> bool:
        """Whether all that the row says is one text over several columns, with or without a label before it."""
        texts = self.texts
        if len(texts) not in (1, 2):
            return False
        (start, end), reach = texts[-1], CROSSED * self.scale
        return any(start + reach < x < end - reach for x in self.xs)

    def trails(self, j: int) -> bool:
        """Whether border j stands behind all text of the row: a label, then a text that is long or no column's.

        Where such a text stands alone, also whether the border stands before it.
        """
        texts = self.texts
        if len(texts) == 1:
            return self.odd and not texts[0][0] < self.xs[j] < texts[0][1]
        if len(texts) != 2:
            return False
        start, end = texts[-1]
        return end < self.xs[j] and (self.odd or end - start > PHRASE * self.scale)

    def divide(self, pull: Sequence[float]) -> list[bool]:
        """The cheapest division: shortest path from the left side to the right one."""
        n = len(self.xs) - 1
        best, came = [0.0] + [float("inf")] * n, [0] * (n + 1)
        bare = [0.0]  # cost of leaving out every border so far
        for j in range(1, n + 1):
            bare.append(bare[-1] + (FIXED if j in self.hard else 0.0))
        for k in range(1, n + 1):
            here = (pull[k] + _crossing(self, k)) if k < n else 0.0
            for i in range(k):
                cost = best[i] + self.cell(i, k) + bare[k - 1] - bare[i] + here
                if cost < best[k]:
                    best[k], came[k] = cost, i
        out = [False] * (n + 1)
        k = n
        while k:
            out[k] = True
            k = came[k]
        out[0] = True
        return out


def _crossing(row: _Row, j: int) -> float:
    x, reach = row.xs[j], CROSSED * row.scale
    if any(a + reach < x < b - reach for a, b in row.strip):
        return CUT
    doubt = [gap.weight / FUSED for gap in row.fused if passes(x, gap)]
    if doubt:
        return DOUBT * (1 - doubt[0])
    lettered = any(a[1] < x < b[0] and spaced(a, b, row.scale) for a, b in pairwise(row.strip))
    return LETTERED if lettered else 0.0


def _cell(row: _Row, i: int, k: int) -> float:
    """Cost of one cell between borders i and k."""
    a, b, scale = row.xs[i], row.xs[k], row.scale
    own = [run for run in row.strip if a <= (run[0] + run[1]) / 2 < b]
    cost = MERGED * (k - i - 1)
    if not own:
        return cost + (HEAD_BLANK if row.odd else row.blank)
    for left, right in pairwise(own):
        hole = (right[0] - left[1]) / scale - WIDE
        if hole > 0:
            cost += min(4.0, HOLE * hole) * (0.2 if spaced(left, right, scale) else 1.0)
    cost += PARTED * sum(own[0][1] <= gap.start and gap.end <= own[-1][0] for gap in row.parting)
    before, after = (own[0][0] - a) / scale, (b - own[-1][1]) / scale
    askew = min(max(0.0, before - 0.8), max(0.0, after - 0.8), max(0.0, abs(before - after) / 2 - 0.3))
    return cost + min(4.0, ASKEW * askew)
