"""Which borders part the cells of a row, row by row: a shortest path over the borders.

Text is never cut, stands at the left, the right or the middle of its cell, and neighbouring rows are
divided alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from extractor.aligning import askew
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
POKES = 1.5  # a text that reaches past the side of its cell
ASKEW = 1.5  # a text height by which text misses the left, the right and the middle of its cell
UNLIKE = 0.8, 0.4  # a border that the row above lacks, that the row below lacks
VOID = 0.7  # share of that where the other row is blank on both sides of the border
TRAILING = 0.15  # the same behind the text that fills a row up: it may well span the rest
OTHER_KIND = 0.35  # the same of a row whose shading stands elsewhere: its labels do, too
BELOW_HEADING = 0.25  # the same of what a heading spans over the headings under it
OFTEN = 2  # rows below the head whose text runs across a border: forms do that, lists of amounts do not
ALIKE = 0.75  # of the width of the gaps at borders: a text's other gaps are as wide
OWN_GAPS = 2  # such gaps that show a text to be one
OFTEN = 2  # rows of a label and a text over several columns: forms have them, lists of amounts do not
UNFILLED = 1.2  # a border behind all text of a form's row: its last cell takes up the rest
LABELLED = 2, 4  # texts of a row that is labels and their values
BREATH = 0.45  # a gap within a text, as beside a comma, at most
ALIGNED = 0.12  # by which texts that begin alike differ
CHANCE = 0.1  # share of the rows in which such a gap may lie by accident
DOUBT = 1.6  # a border in a narrow gap inside one detected line; the wider the gap the less
LETTERED = 1.5  # a border between the characters of a letter-spaced word
RUNS_ON = 3.0  # a border in a narrow gap of a text that runs across another one
TORN = 5.0  # a border in one of two rows that no rule parts there
LISTED = 0.6  # a border that a list's row lacks: its rows are all divided alike
LEADS = 2.5  # a border under a label that stands in the middle of its row's first columns, as that of a total does
SET_IN = 0.4  # by which a text misses the side or the middle of a cell that it is set on
LIST_ROWS = 3  # rows below the head of a list at least
ODD_ROWS = 0.2  # share of a list's rows at most whose text runs across borders
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
    doubted = _doubted(xs, gaps, len(strips), scale)
    rows = [
        _Row(
            tuple(strip), tuple(xs), [g for g in doubted if g.row == r],
            [g for g in gaps if g.row == r and g.weight >= PARTING and g.end - g.start <= WIDE * scale],
            [g for g in gaps if g.row == r and g.fused], frozenset(h), scale,
            HEAD_BLANK if r < min(head, DEEPEST) else BLANK,
            _behind(strips, above, below, r, n),
        )
        for r, (strip, h) in enumerate(zip(strips, hard, strict=True))
    ]
    for row in rows:
        labels.append(row.divide([0.0] * (n + 1)))
    listed = _listed(rows, min(head, DEEPEST))
    form = not any(listed) and sum(row.odd and len(row.texts) == 2 for row in rows) >= OFTEN
    leads = [_leads(row) if r >= min(head, DEEPEST) else 0 for r, row in enumerate(rows)]

    def pulls(r: int) -> list[float]:
        """For each border, what having it costs less not having it, by what the rows above and below have."""
        out = [-LISTED if listed[r] else 0.0] * (n + 1)
        for j in range(1, leads[r]):
            out[j] += LEADS
        for j in rows[r].unfilled() if form and all(above[r]) and all(below[r]) else ():
            out[j] += UNFILLED
        if r < min(head, DEEPEST) and any(listed):
            # Headings of one character over narrow columns, as of codes, look like the characters of one word.
            for j in _over_columns(rows[r]):
                if _lettered(rows[r], j) and all(labels[k][j] for k, one in enumerate(listed) if one):
                    out[j] -= LETTERED
        for other, rule, unlike in ((r - 1, above[r], UNLIKE[0]), (r + 1, below[r], UNLIKE[1])):
            if not 0 <= other < len(rows):
                continue
            for j in range(1, n):
                if not (rule[j - 1] and rule[j]):
                    pull = TORN
                else:
                    pull = unlike * (VOID if rows[other].void(j, labels[other]) else 1.0)
                    pull *= OTHER_KIND if rows[other].odd and not rows[r].odd else 1.0
                    pull *= OTHER_KIND if shaded[r] and shaded[other] and shaded[r] != shaded[other] else 1.0
                    pull *= BELOW_HEADING if other < r < min(head, DEEPEST) and not labels[other][j] else 1.0
                    pull *= TRAILING if rows[r].trails(j) else 1.0
                out[j] += -pull if labels[other][j] else pull
        return out

    stacks = _stacks(above, n)
    for sweep in range(SWEEPS):
        order = range(len(rows)) if sweep % 2 == 0 else range(len(rows) - 1, -1, -1)
        for r in order:
            labels[r] = rows[r].divide(pulls(r))
        for j, stack in stacks:
            # Rows that no rule parts beside a border have it all or none: one alone cannot change its mind.
            outer = [(r, pulls(r)[j] - _torn_pull(r, j, labels, above, below)) for r in stack]
            gain = sum(rows[r].worth(labels[r], j) + pull for r, pull in outer)
            for r in stack:
                labels[r][j] = gain < 0
    return labels


def _stacks(above: Sequence[Sequence[bool]], n: int) -> list[tuple[int, list[int]]]:
    """Each border with the rows, two or more, that no rule parts on either side of it."""
    out: list[tuple[int, list[int]]] = []
    for j in range(1, n):
        stack = [0]
        for r in range(1, len(above) + 1):
            if r < len(above) and not (above[r][j - 1] or above[r][j]):
                stack.append(r)
                continue
            if len(stack) > 1:
                out.append((j, stack))
            stack = [r]
    return out


def _torn_pull(
    r: int, j: int, labels: Sequence[Sequence[bool]], above: Sequence[Sequence[bool]], below: Sequence[Sequence[bool]]
) -> float:
    """What the neighbours in its stack add to a row's pull towards border j."""
    out = 0.0
    for other, rule in ((r - 1, above[r]), (r + 1, below[r])):
        if 0 <= other < len(labels) and not (rule[j - 1] or rule[j]):
            out += -TORN if labels[other][j] else TORN
    return out


def _behind(
    strips: Sequence[Sequence[Run]], above: Sequence[Sequence[bool]], below: Sequence[Sequence[bool]], r: int, n: int
) -> tuple[tuple[Run, ...], ...]:
    """For each column, the runs of the other rows that no rule parts from row r there."""
    out = []
    for j in range(n):
        first, last = r, r
        while first and not above[first][j]:
            first -= 1
        while last + 1 < len(strips) and not below[last][j]:
            last += 1
        out.append(tuple(run for other in range(first, last + 1) if other != r for run in strips[other]))
    return tuple(out)


def _listed(rows: Sequence[_Row], head: int) -> list[bool]:
    """For each row, whether it is one of a list: of many rows in which hardly a text runs across a border."""
    across = [any(_crossing(row, j) >= RUNS_ON for j in range(1, len(row.xs) - 1)) for row in rows]
    body = across[head:]
    if len(body) < LIST_ROWS or sum(body) > ODD_ROWS * len(body):
        return [False] * len(rows)
    return [r >= head and not across[r] and len(row.texts) > 1 for r, row in enumerate(rows)]


def _over_columns(row: _Row) -> list[int]:
    """Borders beside which the nearest texts stand each nearer the middle of its column than the border."""
    out = []
    for j in range(1, len(row.xs) - 1):
        before = [run for run in row.strip if run[1] <= row.xs[j]][-1:]
        after = [run for run in row.strip if run[0] >= row.xs[j]][:1]
        sides = zip([*before, *after], row.xs[j - 1 : j + 1], row.xs[j : j + 2], strict=False)
        if before and after and all(_inner(run, a, b, row.xs[j]) for run, a, b in sides):
            out.append(j)
    return out


def _inner(run: Run, a: float, b: float, border: float) -> bool:
    middle = (run[0] + run[1]) / 2
    return abs(middle - (a + b) / 2) < abs(middle - border)


def _leads(row: _Row) -> int:
    """Over how many columns from the left the row's first text stands in the middle; 0 if it is one column's."""
    if not row.strip or row.strip[0][0] < row.xs[1]:
        return 0
    (start, end), xs = row.texts[0], row.xs
    i = max(j for j, x in enumerate(xs) if x <= start)
    sides = start - xs[i], xs[i + 1] - end
    if min(sides) < SET_IN * row.scale or abs(sides[0] - sides[1]) / 2 < SET_IN * row.scale:
        return 0
    after = row.texts[1][0] if len(row.texts) > 1 else xs[-1]
    over = [j for j in range(i + 1, len(xs)) if xs[j] <= after]
    return next((j for j in over if abs(start + end - xs[0] - xs[j]) / 2 < SET_IN * row.scale), 0)


def _doubted(xs: Sequence[float], gaps: Sequence[Gap], rows: int, scale: float) -> list[Gap]:
    """Narrow gaps inside one detected line at a border where hardly another row has such a gap.

    Columns that stand close together are held for one line in row after row, and where a column's texts begin or
    end alike a text that does so, too, is one of them.
    """
    fused = [gap for gap in gaps if gap.fused]
    few = max(1.0, CHANCE * rows)
    return [
        gap for gap in fused
        if all(sum(passes(x, other) for other in fused) <= few for x in xs if passes(x, gap))
        and not _aligned(gap, gaps, scale)
    ]


def _aligned(gap: Gap, gaps: Sequence[Gap], scale: float) -> bool:
    """Whether the text behind a gap begins, or the one before it ends, where wide gaps of other rows end or begin."""
    wide = [other for other in gaps if other.weight >= 1 and other.row != gap.row]
    begins = sum(abs(other.end - gap.end) < ALIGNED * scale for other in wide)
    ends = sum(abs(other.start - gap.start) < ALIGNED * scale for other in wide)
    return max(begins, ends) >= OFTEN


@dataclass(eq=False, slots=True)
class _Row:
    """A row's runs and the table's borders; the costs of its cells are kept once known.

    parting, inner: gaps that may well part columns though narrow; gaps inside one detected line. behind: for each
    column, the runs of the rows that no rule parts from this one.
    """

    strip: tuple[Run, ...]
    xs: tuple[float, ...]
    fused: list[Gap]
    parting: list[Gap]
    inner: list[Gap]
    hard: frozenset[int]
    scale: float
    blank: float = BLANK
    behind: tuple[tuple[Run, ...], ...] = ()
    cells: dict[tuple[int, int], float] = field(default_factory=dict)
    _passed: frozenset[float] | None = None

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
            parted = texts and any(texts[-1][1] <= x <= run[0] and x not in self.passed for x in self.xs)
            if texts and not parted and run[0] - texts[-1][1] <= WIDE * self.scale:
                texts[-1] = texts[-1][0], run[1]
            else:
                texts.append(run)
        return texts

    @property
    def passed(self) -> frozenset[float]:
        """Borders that lie in a narrow gap of a text that runs across another border: it goes on behind the gap."""
        if self._passed is None:
            self._passed = frozenset(x for text in _flows(self) for x in _in_gaps(text, self.xs, self.scale))
        return self._passed

    @property
    def odd(self) -> bool:
        """Whether all that the row says is one text over several columns, with or without a label before it."""
        texts = self.texts
        if len(texts) not in (1, 2):
            return False
        (start, end), reach = texts[-1], CROSSED * self.scale
        return any(start + reach < x < end - reach for x in self.xs)

    def trails(self, j: int) -> bool:
        """Whether border j stands behind all text of the row: a label, then a text that is no column's.

        Where such a text stands alone, also whether the border stands before it.
        """
        texts = self.texts
        if len(texts) == 1:
            return self.odd and not texts[0][0] < self.xs[j] < texts[0][1]
        if len(texts) != 2:
            return False
        return texts[-1][1] < self.xs[j] and self.odd

    def unfilled(self) -> list[int]:
        """The borders behind all that a row says, where that is labels and their values, or one label.

        Behind such a label the first border stays: its blank is beside it.
        """
        texts = self.texts
        behind = [j for j in range(1, len(self.xs) - 1) if texts and self.xs[j] > texts[-1][1]]
        if len(texts) == 1:
            return behind[1:] if texts[0][1] <= self.xs[1] else []
        return behind if len(texts) in LABELLED and texts[0][1] <= self.xs[1] else []

    def worth(self, label: Sequence[bool], j: int) -> float:
        """What this row's division costs more with border j than without it, the others as they are."""
        i = max(m for m in range(j) if label[m])
        k = min(m for m in range(j + 1, len(self.xs)) if label[m])
        parted = self.cell(i, j) + self.cell(j, k) + _crossing(self, j)
        return parted - self.cell(i, k) - (FIXED if j in self.hard else 0.0)

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


def _flows(row: _Row) -> list[list[Run]]:
    """Texts that run across a border: their runs, with no gaps between but the narrow ones of one line."""
    groups: list[list[Run]] = []
    for run in row.strip:
        last = groups[-1][-1] if groups else None
        fused = last is not None and any(gap.start <= last[1] and run[0] <= gap.end for gap in row.inner)
        if last is not None and (run[0] - last[1] <= BREATH * row.scale or fused):
            groups[-1].append(run)
        else:
            groups.append([run])
    return [
        group for group in groups
        if any(_cut(run, x, row.scale) for run in group for x in row.xs) or _loosely_set(group, row)
    ]


def _loosely_set(runs: Sequence[Run], row: _Row) -> bool:
    """Whether a text has gaps where no border is, as wide as those where one is: they are its own, as at boxes."""
    gaps = [(a[1], b[0]) for a, b in pairwise(runs)]
    at = [b - a for a, b in gaps if any(a <= x <= b for x in row.xs)]
    return bool(at) and sum(
        b - a > ALIKE * max(at) for a, b in gaps if not any(a <= x <= b for x in row.xs)
    ) >= OWN_GAPS


def _in_gaps(runs: Sequence[Run], xs: Sequence[float], scale: float) -> list[float]:
    """Borders in the gaps of a text; where it begins the row, behind the first one that it runs across.

    Before that the row's label may stand.
    """
    crossed = [x for x in xs if any(_cut(run, x, scale) for run in runs)]
    first = min(crossed, default=xs[1]) if runs[0][0] < xs[1] else xs[0]
    return [x for x in xs if x > first and any(a[1] <= x <= b[0] for a, b in pairwise(runs))]


def _cut(run: Run, x: float, scale: float) -> bool:
    return run[0] + CROSSED * scale < x < run[1] - CROSSED * scale


def _crossing(row: _Row, j: int) -> float:
    x = row.xs[j]
    if any(_cut(run, x, row.scale) for run in row.strip):
        return CUT
    if x in row.passed:
        return RUNS_ON
    lettered = _lettered(row, j)
    doubt = [gap.weight / FUSED for gap in row.fused if passes(x, gap)]
    if doubt:
        return DOUBT * (1 - doubt[0]) + (LETTERED if lettered else 0.0)
    return LETTERED if lettered else 0.0


def _lettered(row: _Row, j: int) -> bool:
    """Whether a border stands between the characters of a letter-spaced word."""
    return any(
        a[1] < row.xs[j] < b[0] and spaced(row.strip, k, row.scale) for k, (a, b) in enumerate(pairwise(row.strip))
    )


def _cell(row: _Row, i: int, k: int) -> float:
    """Cost of one cell between borders i and k."""
    a, b, scale = row.xs[i], row.xs[k], row.scale
    own = [run for run in row.strip if a <= (run[0] + run[1]) / 2 < b]
    cost = MERGED * (k - i - 1)
    if not own:
        # Where no rule parts rows, the text that a cell lacks here may stand in another row.
        if any(a <= (run[0] + run[1]) / 2 < b for runs in row.behind[i:k] for run in runs):
            return cost
        return cost + (HEAD_BLANK if row.odd else row.blank)
    for m, (left, right) in enumerate(pairwise(own), row.strip.index(own[0])):
        hole = (right[0] - left[1]) / scale - WIDE
        if hole > 0:
            cost += min(4.0, HOLE * hole) * (0.2 if spaced(row.strip, m, scale) else 1.0)
    cost += PARTED * sum(own[0][1] <= gap.start and gap.end <= own[-1][0] for gap in row.parting)
    before, after = (own[0][0] - a) / scale, (b - own[-1][1]) / scale
    missed = askew((own[0][0], own[-1][1]), a, b, scale)
    pokes = POKES if min(before, after) < 0 else 0.0
    return cost + min(4.0, ASKEW * missed) + pokes
