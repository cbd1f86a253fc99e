"""What a division of one row into cells costs: text that borders cut, blanks, and texts set askew in their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from extractor.unruled.aligning import BESIDE, askew
from extractor.unruled.gaps import CROSSED, FUSED, INDENT, WIDE, Gap, passes, spaced
from extractor.unruled.openrules import Run

# Each cost is about the log-odds of what it counts against. Lengths are text heights.
CUT = 6.0  # text cut by a border
MERGED = 0.15  # one more column spanned
BLANK = 0.3  # a cell without text
HEAD_BLANK = 1.2  # the same in the table's head, where blank cells are rare
PARTED = 1.5  # a narrower gap inside a cell that parts columns all the same
HOLE = 1.5  # a text height of blank inside a cell's text, past `WIDE`
POKES = 1.5  # a text that reaches past the side of its cell
ASKEW = 1.5  # a text height by which text misses the left, the right and the middle of its cell
ALIKE = 0.75  # of the width of the gaps at borders: a text's other gaps are as wide
OWN_GAPS = 2  # such gaps that show a text to be one
LABELLED = 2, 4  # texts of a row that is labels and their values
BREATH = 0.45  # a gap within a text, as beside a comma, at most
DOUBT = 1.6  # a border in a narrow gap inside one detected line; the wider the gap the less
LETTERED = 1.5  # a border between the characters of a letter-spaced word
RUNS_ON = 3.0  # a border in a narrow gap of a text that runs across another one
FIXED = 8.0  # no border where a rule ends


@dataclass(eq=False, slots=True)
class Row:
    """A row's runs and the table's borders; the costs of its cells are kept once known.

    parting, inner: gaps that may well part columns though narrow; gaps inside one detected line. behind: for each
    column, the runs of the rows that no rule parts from this one. parted: runs behind which other rows show columns,
    though a letter-spaced word would go on there. starts: where texts begin that are set in alike in several rows.
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
    parted: frozenset[int] = frozenset()
    starts: tuple[float, ...] = ()
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
        if len(texts) not in LABELLED:
            return []
        # A label over several columns has what it asks for set on the border behind it.
        on = any(texts[0][1] < x <= texts[1][0] < x + BESIDE * self.scale for x in self.xs)
        return behind if texts[0][1] <= self.xs[1] or on else []

    def worth(self, label: Sequence[bool], j: int) -> float:
        """What this row's division costs more with border j than without it, the others as they are."""
        i = max(m for m in range(j) if label[m])
        k = min(m for m in range(j + 1, len(self.xs)) if label[m])
        parted = self.cell(i, j) + self.cell(j, k) + crossing(self, j)
        return parted - self.cell(i, k) - (FIXED if j in self.hard else 0.0)

    def divide(self, pull: Sequence[float]) -> list[bool]:
        """The cheapest division: shortest path from the left side to the right one."""
        n = len(self.xs) - 1
        best, came = [0.0] + [float("inf")] * n, [0] * (n + 1)
        bare = [0.0]  # cost of leaving out every border so far
        for j in range(1, n + 1):
            bare.append(bare[-1] + (FIXED if j in self.hard else 0.0))
        for k in range(1, n + 1):
            here = (pull[k] + crossing(self, k)) if k < n else 0.0
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


def _flows(row: Row) -> list[list[Run]]:
    """Texts that run across a border: their runs, with no gaps between but the narrow ones of one line."""
    groups: list[list[Run]] = []
    for run in row.strip:
        last = groups[-1][-1] if groups else None
        fused = last is not None and any(gap.start <= last[1] and run[0] <= gap.end for gap in row.inner)
        stepped = last is not None and any(gap.stepped and gap.start == last[1] for gap in row.parting)
        if last is not None and not stepped and (run[0] - last[1] <= BREATH * row.scale or fused):
            groups[-1].append(run)
        else:
            groups.append([run])
    return [
        group for group in groups
        if any(_cut(run, x, row.scale) for run in group for x in row.xs) or _loosely_set(group, row)
    ]


def _loosely_set(runs: Sequence[Run], row: Row) -> bool:
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


def crossing(row: Row, j: int) -> float:
    x = row.xs[j]
    if any(_cut(run, x, row.scale) for run in row.strip):
        return CUT
    if x in row.passed:
        return RUNS_ON
    apart = LETTERED if lettered(row, j) else 0.0
    doubt = [gap.weight / FUSED for gap in row.fused if passes(x, gap)]
    if doubt:
        return DOUBT * (1 - doubt[0]) + apart
    return apart


def lettered(row: Row, j: int) -> bool:
    """Whether a border stands between the characters of a letter-spaced word."""
    return any(
        a[1] < row.xs[j] < b[0] and _in_word(row, k) for k, (a, b) in enumerate(pairwise(row.strip))
    )


def _in_word(row: Row, k: int) -> bool:
    return spaced(row.strip, k, row.scale) and k not in row.parted


def _cell(row: Row, i: int, k: int) -> float:
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
            cost += min(4.0, HOLE * hole) * (0.2 if _in_word(row, m) else 1.0)
    cost += PARTED * sum(own[0][1] <= gap.start and gap.end <= own[-1][0] for gap in row.parting)
    before, after = (own[0][0] - a) / scale, (b - own[-1][1]) / scale
    missed = askew((own[0][0], own[-1][1]), a, b, scale)
    if own[0][0] in row.starts and 0 <= before < INDENT and own[0][0] < row.xs[i + 1]:
        missed = 0.0
    pokes = POKES if min(before, after) < 0 else 0.0
    return cost + min(4.0, ASKEW * missed) + pokes
