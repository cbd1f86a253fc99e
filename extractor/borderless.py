"""Tables without vertical rules: rows from the horizontal rules, columns from whitespace, spans from both.

Every horizontal rule is printed, so a stretch where one is missing is a cell that spans rows, and such a
stretch ends at column borders, as shading does. The other borders are the fewest positions that pass through
the gaps between the texts of all rows (`gaps`). Which of them part cells in a row is then decided row by row
(`division`). What results is labelled on the lattice that ruled tables use too. A table's pages are solved
together (`settling`): what a page shows of it is kept in `OpenRows`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from extractor.aligning import align_borders
from extractor.centring import answer_borders, centred_borders, label_borders
from extractor.codecolumns import code_columns
from extractor.division import DEEPEST, divide_rows
from extractor.elements import Box, Grid, Rule
from extractor.fewrules import with_supposed_rules
from extractor.footbelow import with_row_below
from extractor.gaps import WIDE, Gap, find_gaps, place_borders, spaced, with_options_joined
from extractor.geometry import cluster_positions, intersection, overlap
from extractor.grouped import grouped_blanks, within
from extractor.headabove import with_head_above
from extractor.lattice import Edge, Lattice
from extractor.openrules import (
    SAME_BORDER,
    SIDE,
    Level,
    Run,
    ends_of,
    find_levels,
    find_stacks,
    mended,
    standing,
    through_text,
)
from extractor.steps import Step, shared_steps
from extractor.touching import parted_at

AGAIN = 0.6  # text heights by which the texts of a heading printed again may miss their first places
BESIDE_TEXT = 0.1  # text heights: what looks like a change of shading so near a text is the text's own
# How often decisions of so small a margin were right, as log-odds that the curves of confidences know.
DECIDED = (0.0, 0.0), (0.3, 0.3), (0.6, 1.0), (1.0, 2.0), (1.5, 2.5), (3.0, 4.0)
LONE = 4  # texts side by side in a table of one row

RunsOf = Callable[[Box], Sequence[Run]]  # a strip of the page -> its runs of text, left to right
StepsOf = Callable[[Box], "Sequence[Step]"]  # a strip of the page -> where its shading changes, left to right


def _no_steps(strip: Box) -> Sequence[Step]:
    del strip
    return ()


@dataclass(frozen=True, slots=True)
class OpenRows:
    """All that one page shows of a table without vertical rules; one frame, any unit.

    levels: the n + 1 heights of its rules. strips: the runs of text of its n rows. steps: where, in each row,
    the shading changes. lines: boxes of its text lines. scale: text height.
    """

    x0: float
    x1: float
    levels: tuple[Level, ...]
    strips: tuple[tuple[Run, ...], ...]
    steps: tuple[tuple[Step, ...], ...]
    lines: tuple[Box, ...]
    scale: float

    @property
    def ys(self) -> list[float]:
        return [level.at for level in self.levels]


@dataclass(frozen=True, slots=True)
class OpenGrid:
    """A table, and what it was made of if no vertical rules divide it.

    undivided: how many of its last rows (0 or 1) hold line under line of texts side by side, in no columns yet.
    """

    grid: Grid
    rows: OpenRows | None
    undivided: int = 0


def find_unruled(
    rules: Sequence[Rule], runs: RunsOf, lines: Sequence[Box], ruled: Sequence[Grid], scale: float,
    steps: StepsOf = _no_steps,
) -> list[OpenGrid]:
    """Tables with horizontal rules only, outside the ruled ones, top to bottom.

    rules, lines (text lines' boxes), ruled: one frame, any unit; scale: text height in that unit.
    """
    free = [
        rule for rule in rules
        if rule.horizontal and rule.end - rule.start > scale and not through_text(rule, lines, scale)
        and not any(_inside(rule, grid.box, scale) for grid in ruled)
    ]
    found = []
    every = find_levels(free, scale)
    stacks = find_stacks(every, lines, scale)
    others = [level for level in every if not any(level in stack for stack, _, _ in stacks)]
    for levels, x0, x1 in stacks:
        levels = with_head_above(levels, lines, x0, x1, scale)
        levels = with_row_below(levels, others, lines, x0, x1, scale)
        ruling = with_supposed_rules(levels, lines, x0, x1, scale)
        rows = _rows(ruling.levels, x0, x1, runs, steps, lines, scale)
        solved = solve_open([rows])
        if solved and not any(intersection(solved[0].box, other.box) for other in ruled):
            grid = replace(solved[0], structure="few_rules") if ruling.supposed else solved[0]
            found.append(OpenGrid(grid, rows, int(ruling.undivided)))
    return sorted(found, key=lambda g: (g.grid.box.y0, g.grid.box.x0))


def _rows(
    levels: Sequence[Level], x0: float, x1: float, runs: RunsOf, steps: StepsOf, lines: Sequence[Box], scale: float
) -> OpenRows:
    levels = tuple(replace(level, texts=standing(level.at, lines, scale)) for level in levels)
    strips = [Box(x0, a.at, x1, b.at) for a, b in pairwise(levels)]
    texts = [tuple(runs(strip)) for strip in strips]
    around = zip(levels, [(), *texts], [*texts, ()], strict=True)
    levels = tuple(mended(level, above, below, scale) for level, above, below in around)
    return OpenRows(
        x0, x1, levels, tuple(texts), tuple(tuple(steps(strip)) for strip in strips),
        tuple(line for line in lines if levels[0].at < line.center.y < levels[-1].at), scale,
    )


def _inside(rule: Rule, box: Box, scale: float) -> bool:
    inside = box.y0 - scale < rule.at < box.y1 + scale
    return inside and overlap(rule.start, rule.end, box.x0, box.x1) > 0.5 * (rule.end - rule.start)


def solve_open(parts: Sequence[OpenRows]) -> list[Grid] | None:
    """The grids of a table's pages on the same columns; None where they are no table.

    parts: what each page shows, in order, in one frame (the outer sides of all alike).
    """
    parts = [replace(part, strips=tuple(with_options_joined(part.strips, part.scale))) for part in parts]
    first = parts[0]
    x0, x1, scale = first.x0, first.x1, first.scale
    coded, strips = code_columns([strip for part in parts for strip in part.strips], scale)
    if len(strips) == 1 and not _lone_row(strips[0], first.ys[1] - first.ys[0], scale):
        return None
    shown = _shown(parts)
    fixed = cluster_positions(((x, 1.0) for row in shown for x in row), SAME_BORDER * scale)
    fixed += [x for x in coded if all(abs(x - other) > SAME_BORDER * scale for other in fixed)]
    starts = [0, *accumulate(len(part.strips) for part in parts)]
    gaps = [
        replace(gap, row=gap.row + start) for part, start in zip(parts, starts, strict=False)
        for gap in find_gaps(part.strips, part.ys, part.lines, scale)
    ]
    headed = [row for part in parts for row in grouped_blanks(part.levels, part.strips, x0, x1, scale)]
    gaps = [replace(g, weight=1.0, fused=False) if (g.start, g.end) in headed[g.row] else g for g in gaps]
    xs = [x0, *place_borders(_under_headings(parts), gaps, fixed, scale), x1]
    if len(xs) < 3:
        return None
    inside = [[line for line in part.lines if a < line.center.y < b] for part in parts for a, b in pairwise(part.ys)]
    strips = [parted_at(strip, lines, xs, scale) for strip, lines in zip(strips, inside, strict=True)]
    hard = _hard(xs, shown, headed)
    drawn = {min(xs, key=lambda at: abs(at - x)) for row in _shown(parts, True) for x in row}
    centred = centred_borders(strips, xs, drawn, scale)
    fixed, xs = [*fixed, *(x for x in centred if x not in xs)], centred
    labels, sure = _divide(parts, strips, xs, gaps, hard)
    moved = align_borders(strips, xs, labels, fixed, scale)
    if moved != xs:
        xs, (labels, sure) = moved, _divide(parts, strips, moved, gaps, hard)
    before = [*label_borders(strips, xs, drawn, scale), *answer_borders(strips, xs, drawn, scale)]
    if before:
        xs = sorted([*xs, *before])
        hard = _hard(xs, shown, headed)
        labels, sure = _divide(parts, strips, xs, gaps, hard)
    for part, start in zip(parts[1:], starts[1:], strict=False):
        # A heading printed again is divided as it was the first time.
        for r in range(_repeated(first, part)):
            labels[start + r], sure[start + r] = labels[r], sure[r]
    if not _divided(strips, xs, labels):
        return None
    used = [j for j in range(len(xs)) if any(row[j] for row in labels)]
    return [
        _grid(
            part, [xs[j] for j in used], [[row[j] for j in used] for row in labels[start:end]],
            [[row[j] for j in used] for row in sure[start:end]],
            [{used.index(j) for j in borders if j in used} for borders in hard[start:end]], len(parts) > 1,
        )
        for part, (start, end) in zip(parts, pairwise(starts), strict=True)
    ]


def _divide(
    parts: Sequence[OpenRows], strips: Sequence[Sequence[Run]], xs: Sequence[float], gaps: Sequence[Gap],
    hard: Sequence[set[int]],
) -> tuple[list[list[bool]], list[list[float]]]:
    above, below = _parted(parts, xs)
    scale = parts[0].scale
    return divide_rows(strips, xs, gaps, hard, above, below, _shaded(parts, xs, scale), scale)


def _hard(xs: Sequence[float], shown: Sequence[Sequence[float]], headed: Sequence[Sequence[Run]]) -> list[set[int]]:
    """For each row, the borders that something drawn shows there: ends of rules, shading, rules over two headings."""
    return [
        {min(range(len(xs)), key=lambda j: abs(xs[j] - x)) for x in row} | within(xs, blanks)
        for row, blanks in zip(shown, headed, strict=True)
    ]


def _under_headings(parts: Sequence[OpenRows]) -> list[tuple[Run, ...]]:
    """Each row's runs without the headings that a rule of their own parts from the columns under them.

    They span those columns, so that they are in no border's way.
    """
    out: list[tuple[Run, ...]] = []
    for k, part in enumerate(parts):
        whole = [level.covers(*_inset(part.x0, part.x1)) > 0.95 and not ends for level, ends in _ended(part)]
        head = next((r for r in range(len(part.strips)) if whole[r + 1]), 0)
        head = min(head, DEEPEST, _repeated(parts[0], part) if k else head)
        for r, strip in enumerate(part.strips):
            over = part.levels[r + 1].parts if r < head else ()
            out.append(tuple(run for run in strip if not any(a <= run[0] and run[1] <= b for a, b in over)))
    return out


def _ended(part: OpenRows) -> list[tuple[Level, list[float]]]:
    return [(level, ends_of(level, part.x0, part.x1, part.scale)) for level in part.levels]


def _repeated(first: OpenRows, part: OpenRows) -> int:
    """How many rows at the top of a later page have their texts where those of the first page have them."""
    count = 0
    for above, row in zip(first.strips, part.strips, strict=False):
        if len(above) != len(row) or not row:
            break
        ends = zip((x for run in above for x in run), (x for run in row for x in run), strict=True)
        if any(abs(a - b) > AGAIN * first.scale for a, b in ends):
            break
        count += 1
    return count


def _shown(parts: Sequence[OpenRows], drawn: bool = False) -> list[list[float]]:
    """For each row, the borders that the ends of rules (drawn: no supposed ones) and the steps of shading show."""
    x0, x1, scale = parts[0].x0, parts[0].x1, parts[0].scale
    steps = _steps(parts)
    ends = [
        pairwise([[] if drawn and level.supposed else ends_of(level, x0, x1, scale) for level in part.levels])
        for part in parts
    ]
    return [
        [*above, *below, *(x for x in own if x0 + SIDE * scale < x < x1 - SIDE * scale)]
        for (above, below), own in zip((pair for part in ends for pair in part), steps, strict=True)
    ]


def _shaded(parts: Sequence[OpenRows], xs: Sequence[float], scale: float) -> list[frozenset[int]]:
    """For each row, the borders at which its shading changes."""
    return [
        frozenset(j for j, x in enumerate(xs) if any(abs(x - step) < SAME_BORDER * scale for step in row))
        for row in _steps(parts)
    ]


def _steps(parts: Sequence[OpenRows]) -> list[list[float]]:
    """For each row, where its shading changes. Dense characters darken a stretch, too: no cell begins in a text."""
    reach = BESIDE_TEXT * parts[0].scale
    return shared_steps(
        [
            [step for step in row if not any(a - reach < step.x < b + reach for a, b in strip)]
            for part in parts for row, strip in zip(part.steps, part.strips, strict=True)
        ],
        parts[0].scale,
    )


def _parted(parts: Sequence[OpenRows], xs: Sequence[float]) -> tuple[list[list[bool]], list[list[bool]]]:
    """For each row and column, whether a rule parts it from the row above, below. A page's end parts rows too."""
    above, below = [], []
    for part in parts:
        whole = [[level.covers(*_inset(a, b)) > 0.5 for a, b in pairwise(xs)] for level in part.levels]
        whole[0] = whole[-1] = [True] * (len(xs) - 1)
        above += whole[:-1]
        below += whole[1:]
    return above, below


def _divided(strips: Sequence[Sequence[Run]], xs: Sequence[float], labels: Sequence[Sequence[bool]]) -> bool:
    """Whether texts stand side by side in the cells of a row, and rows enough have several cells."""
    beside = any(
        any(run[1] < x for run in strip) and any(run[0] > x for run in strip)
        for strip, row in zip(strips, labels, strict=True) for x, parts in zip(xs, row, strict=True) if parts
    )
    return beside and (len(labels) == 1 or sum(sum(row[1:-1]) > 0 for row in labels) >= 2)


def _grid(
    part: OpenRows, xs: Sequence[float], labels: Sequence[Sequence[bool]], sure: Sequence[Sequence[float]],
    hard: Sequence[set[int]], every: bool,
) -> Grid:
    lattice = Lattice(list(xs), part.ys, _odds(labels, sure, xs, part.levels, hard))
    lattice.repair()
    return replace(lattice.grid((False, True, False, True), every), structure="partly_ruled")


def _lone_row(strip: Sequence[Run], height: float, scale: float) -> bool:
    """Whether one strip alone is a table's last row on a new page: several texts far apart on one line or two."""
    parted = sum(b[0] - a[1] > WIDE * scale and not spaced(strip, k, scale) for k, (a, b) in enumerate(pairwise(strip)))
    return parted + 1 >= LONE and height < 5 * scale


def _inset(start: float, end: float) -> Run:
    rim = (end - start) / 5
    return start + rim, end - rim


def _evidence(margin: float) -> float:
    """Log-odds of a decision that costs so much less than its contrary: `DECIDED`, straight between its points."""
    (x, y), *rest = DECIDED
    for to_x, to_y in rest:
        if margin < to_x:
            return y + (to_y - y) * max(0.0, margin - x) / (to_x - x)
        x, y = to_x, to_y
    return y


def _odds(
    labels: Sequence[Sequence[bool]], sure: Sequence[Sequence[float]], xs: Sequence[float], levels: Sequence[Level],
    hard: Sequence[set[int]],
) -> dict[Edge, float]:
    """The division as log-odds of a lattice's edges, by how sure each was or whether the end of a rule shows it."""
    odds: dict[Edge, float] = {}
    for i, level in enumerate(levels):
        for j in range(len(xs) - 1):
            odds[True, i, j] = 8.0 * (level.covers(*_inset(xs[j], xs[j + 1])) - 0.5)
    for r, row in enumerate(labels):
        for j in range(len(xs)):
            strength = 4.0 if j in hard[r] and row[j] else _evidence(sure[r][j])
            odds[False, j, r] = strength if row[j] else -strength
    return odds
