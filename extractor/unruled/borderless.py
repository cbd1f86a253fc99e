"""Tables without vertical rules: rows from the horizontal rules, columns from whitespace, spans from both.

Every horizontal rule is printed, so a stretch where one is missing is a cell that spans rows, and such a
stretch ends at column borders, as shading does. The other borders are the fewest positions that pass through
the gaps between the texts of all rows (`gaps`). Which of them part cells in a row is then decided row by row
(`division`). What results is labelled on the lattice that ruled tables use too. A table's pages are solved
together (`settling`): what a page shows of it is kept in `OpenRows`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from extractor.elements import Box, Grid
from extractor.geometry import cluster_positions, intersection, overlap
from extractor.ruling.lattice import Edge, Lattice
from extractor.unruled.aligning import align_borders, clear_of_texts
from extractor.unruled.bordersets import place_borders
from extractor.unruled.centring import (
    amount_borders,
    answer_borders,
    centred_borders,
    even_borders,
    label_borders,
)
from extractor.unruled.codecolumns import between_codes, code_columns
from extractor.unruled.cuttop import with_cut_top
from extractor.unruled.division import divide_rows
from extractor.unruled.fewrules import with_supposed_rules
from extractor.unruled.footbelow import with_row_below
from extractor.unruled.gaps import WIDE, Gap, find_gaps, spaced, with_options_joined
from extractor.unruled.grouped import grouped_blanks, within
from extractor.unruled.headabove import with_head_above
from extractor.unruled.oneheading import values_spanned
from extractor.unruled.openrows import (
    OpenGrid,
    OpenRows,
    inset,
    no_steps,
    parted_rows,
    repeated_rows,
    shaded_borders,
    shown_borders,
    under_headings,
)
from extractor.unruled.openrules import (
    SAME_BORDER,
    Level,
    Run,
    find_levels,
    find_stacks,
    mended,
    standing,
    through_text,
    to_sides,
)
from extractor.unruled.secondlabels import second_label_borders, with_proved_label
from extractor.unruled.touching import parted_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractor.elements import Rule
    from extractor.unruled.openrows import RunsOf, StepsOf

# How often decisions of so small a margin were right, as log-odds that the curves of confidences know.
DECIDED = (0.0, 0.0), (0.3, 0.3), (0.6, 1.0), (1.0, 2.0), (1.5, 2.5), (3.0, 4.0)
LONE = 4  # texts side by side in a table of one row



def find_unruled(
    rules: Sequence[Rule], runs: RunsOf, lines: Sequence[Box], ruled: Sequence[Grid], scale: float,
    steps: StepsOf = no_steps,
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
    every = with_cut_top(find_levels(free, scale), lines, scale)
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
    levels = to_sides([mended(level, above, below, scale) for level, above, below in around], texts, (x0, x1), scale)
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
    shown = shown_borders(parts)
    fixed = cluster_positions(((x, 1.0) for row in shown for x in row), SAME_BORDER * scale)
    fixed += [x for x in coded if all(abs(x - other) > SAME_BORDER * scale for other in fixed)]
    starts = [0, *accumulate(len(part.strips) for part in parts)]
    gaps = [
        replace(gap, row=gap.row + start) for part, start in zip(parts, starts, strict=False)
        for gap in find_gaps(part.strips, part.ys, part.lines, scale)
    ]
    headed = [row for part in parts for row in grouped_blanks(part.levels, part.strips, x0, x1, scale)]
    told = [row for part in parts for row in part.told_by_row]
    between = between_codes(strips, coded, scale)
    headed = [[*a, *b, *c] for a, b, c in zip(headed, told, between, strict=True)]
    gaps = [replace(g, weight=1.0, fused=False) if (g.start, g.end) in headed[g.row] else g for g in gaps]
    xs = [x0, *place_borders(under_headings(parts), gaps, fixed, scale), x1]
    if len(xs) < 3:
        return None
    inside = [[line for line in part.lines if a < line.center.y < b] for part in parts for a, b in pairwise(part.ys)]
    strips = [parted_at(strip, lines, xs, scale) for strip, lines in zip(strips, inside, strict=True)]
    hard = _hard(xs, shown, headed)
    ruled = shown_borders(parts, True)
    ends = [{min(xs, key=lambda at: abs(at - x)) for x in row} for row in ruled]
    drawn = {x for row in ends for x in row} | {x for x in coded if x in xs}
    centred = centred_borders(strips, xs, drawn, scale, ends)
    cleared = clear_of_texts(strips, centred, drawn, scale)
    drawn = {new for old, new in zip(centred, cleared, strict=True) if old in drawn}
    fixed, xs = [*fixed, *(x for x in cleared if x not in xs)], cleared
    labels, sure = _divide(parts, strips, xs, gaps, hard)
    moved = align_borders(strips, xs, labels, fixed, scale)
    if moved != xs:
        xs, (labels, sure) = moved, _divide(parts, strips, moved, gaps, hard)
    proved = with_proved_label(strips, xs, drawn, scale)
    if proved != xs:
        xs, hard = proved, _hard(proved, shown, headed)
        labels, sure = _divide(parts, strips, xs, gaps, hard)
    before = [*label_borders(strips, xs, drawn, scale), *answer_borders(strips, xs, drawn, scale)]
    before += amount_borders(strips, [*xs, *before], ruled, scale)
    before += even_borders(strips, [*xs, *before], scale)
    before += second_label_borders(strips, sorted([*xs, *before]), scale)
    if before:
        xs = sorted([*xs, *before])
        hard = _hard(xs, shown, headed)
        labels, sure = _divide(parts, strips, xs, gaps, hard)
    labels, sure = values_spanned(strips, xs, labels, sure, hard, scale)
    for part, start in zip(parts[1:], starts[1:], strict=False):
        # A heading printed again is divided as it was the first time.
        for r in range(repeated_rows(first, part)):
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
    above, below = parted_rows(parts, xs)
    scale = parts[0].scale
    return divide_rows(strips, xs, gaps, hard, above, below, shaded_borders(parts, xs, scale), scale)


def _hard(xs: Sequence[float], shown: Sequence[Sequence[float]], headed: Sequence[Sequence[Run]]) -> list[set[int]]:
    """For each row, the borders that something drawn shows there: ends of rules, shading, rules over two headings."""
    return [
        {min(range(len(xs)), key=lambda j: abs(xs[j] - x)) for x in row} | within(xs, blanks)
        for row, blanks in zip(shown, headed, strict=True)
    ]


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
            odds[True, i, j] = 8.0 * (level.covers(*inset(xs[j], xs[j + 1])) - 0.5)
    for r, row in enumerate(labels):
        for j in range(len(xs)):
            strength = 4.0 if j in hard[r] and row[j] else _evidence(sure[r][j])
            odds[False, j, r] = strength if row[j] else -strength
    return odds
