"""Tables without vertical rules: rows from the horizontal rules, columns from whitespace, spans from both.

Every horizontal rule is printed, so a stretch where one is missing is a cell that spans rows, and such a
stretch ends at column borders. The other borders are the fewest positions that pass through the gaps
between the texts of all rows. Which of them part cells in a row is then decided row by row (a shortest
path over the borders): text is never cut, stands at the left, the right or the middle of its cell, and
neighbouring rows are divided alike. What results is labelled on the lattice that ruled tables use too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise

from extractor.elements import Box, Grid, Rule
from extractor.geometry import cluster_positions, intersection, overlap
from extractor.grid import SAME_POSITION, Edge, Lattice

# All lengths are text heights.
LONG = 8.0  # a shorter rule opens no table
STROKE = 1.8  # a shorter rule beside text is a stroke of it
LONE = 4  # texts side by side in a table of one row
ROOM = 0.85  # rules nearer than this have no row between them
SPACED = 2.3  # letter-spacing at most
JOINED = 0.8  # a smaller break in a rule is wear
SIDE = 1.2  # a rule that ends so near the table's side reaches it
SAME_BORDER = 0.6  # ends of rules nearer than this are one border
NARROW, WIDE = 0.25, 1.0  # a gap that says nothing, a gap that surely parts columns
CROSSED = 0.25  # text reaching this far past a border on both sides runs across it
PARTING = 0.7  # weight of a gap that confirms the narrow ones in line with it
MANY = 2.0  # weight of narrow gaps that need no such one
LEAST = 0.7  # weight of the gaps that make a border
FUSED = 0.35  # weight of a gap inside one detected line
THROUGH = 0.5  # narrow gaps that one row with text across them outweighs
TALL_TITLE = 1.35  # a line so much larger than the table's text, above its rules, is a title

LOOSE = 0.5  # of a table's height: vertical rules shorter than this, all together, are none

# Costs of a row's division; each is about the log-odds of what it counts against.
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
BELOW_HEADING = 0.25  # the same of what a heading spans over the headings under it
OFTEN = 2  # rows below the head whose text runs across a border: forms do that, lists of amounts do not
PHRASE = 5.0  # text so long fills a row up
CHANCE = 0.1  # share of the rows in which such a gap may lie by accident
DOUBT = 1.6  # a border in a narrow gap inside one detected line; the wider the gap the less
LETTERED = 1.5  # a border between the characters of a letter-spaced word
TORN = 5.0  # the same in a cell that spans both rows
FIXED = 8.0  # no border where a rule ends
SWEEPS = 6

Run = tuple[float, float]
RunsOf = Callable[[Box], Sequence[Run]]  # a strip of the page -> its runs of text, left to right
Coverage = Callable[[bool, float, float, float], float]  # as `grid.EdgeEvidence`


@dataclass(frozen=True, slots=True)
class Level:
    """Horizontal rules at one height: the stretches they cover, left to right.

    texts: where a line of text stands on that height. No rule runs through it: what seems to is strokes.
    """

    at: float
    parts: tuple[Run, ...]
    texts: tuple[Run, ...] = ()

    def covers(self, start: float, end: float) -> float:
        """Share (0..1) of a stretch that rules cover, where no text stands; 0 if text fills half of it."""
        blocked = sum(overlap(start, end, a, b) for a, b in self.texts)
        if blocked > 0.5 * (end - start):
            return 0.0
        covered = sum(
            overlap(start, end, a, b) - sum(overlap(max(start, a), min(end, b), c, d) for c, d in self.texts)
            for a, b in self.parts
        )
        return covered / max(end - start - blocked, 1e-6)


def find_unruled(
    rules: Sequence[Rule], runs: RunsOf, lines: Sequence[Box], ruled: Sequence[Grid], scale: float
) -> list[Grid]:
    """Tables with horizontal rules only, outside the ruled ones, top to bottom.

    rules, lines (text lines' boxes), ruled: one frame, any unit; scale: text height in that unit.
    """
    free = [
        rule for rule in rules
        if rule.horizontal and rule.end - rule.start > scale and not _through_text(rule, lines, scale)
        and not any(_inside(rule, grid.box, scale) for grid in ruled)
    ]
    found = []
    for levels, x0, x1 in _stacks(_levels(free, scale), lines, scale):
        levels = [replace(level, texts=_standing(level.at, lines, scale)) for level in levels]
        grid = _solve(levels, x0, x1, runs, lines, scale)
        if grid is not None and not any(intersection(grid.box, other.box) for other in ruled):
            found.append(grid)
    return sorted(found, key=lambda g: (g.box.y0, g.box.x0))


def drop_loose_uprights(rules: Sequence[Rule], lines: Sequence[Box], scale: float) -> list[Rule]:
    """Rules without the vertical ones of tables that have none: strokes of characters standing on each other.

    A table's vertical rules cross its horizontal ones or reach from one to the next; strokes do neither.
    """
    loose: set[Rule] = set()
    slack = 0.4 * scale
    level = [r for r in rules if r.horizontal and not _through_text(r, lines, scale)]
    for levels, x0, x1 in _stacks(_levels(level, scale), lines, scale):
        ys = [level.at for level in levels]
        inside = [
            r for r in rules
            if not r.horizontal and x0 - scale < r.at < x1 + scale
            and r.start > ys[0] - scale and r.end < ys[-1] + scale
        ]
        standing = sum(
            r.end - r.start for r in inside
            if any(r.start + slack < y < r.end - slack for y in ys)
            or any(r.start < a + slack and r.end > b - slack for a, b in pairwise(ys))
        )
        if standing < LOOSE * (ys[-1] - ys[0]):
            loose |= set(inside)
    return [rule for rule in rules if rule not in loose]


def _through_text(rule: Rule, lines: Sequence[Box], scale: float) -> bool:
    """Whether most of a rule runs through the inner part of text lines, as strokes in a row do."""
    length = rule.end - rule.start
    if length < STROKE * scale:
        return any(intersection(line, Box(rule.start, rule.at - 1, rule.end, rule.at + 1)) for line in lines)
    return 0.7 * length < sum(
        overlap(rule.start, rule.end, line.x0, line.x1) for line in lines
        if line.y0 + 0.12 * line.height < rule.at < line.y1 - 0.12 * line.height
    )


def _inside(rule: Rule, box: Box, scale: float) -> bool:
    inside = box.y0 - scale < rule.at < box.y1 + scale
    return inside and overlap(rule.start, rule.end, box.x0, box.x1) > 0.5 * (rule.end - rule.start)


def _levels(rules: Sequence[Rule], scale: float) -> list[Level]:
    """Rules gathered by height; breaks smaller than `JOINED` are closed."""
    out = []
    ats = cluster_positions(((r.at, r.end - r.start) for r in rules), SAME_POSITION * scale)
    for at in ats:
        near = sorted((r.start, r.end) for r in rules if min(ats, key=lambda a: abs(a - r.at)) == at)
        parts: list[Run] = []
        for start, end in near:
            if parts and start - parts[-1][1] < JOINED * scale:
                parts[-1] = (parts[-1][0], max(parts[-1][1], end))
            else:
                parts.append((start, end))
        out.append(Level(at, tuple(parts)))
    return _spread(out, scale)


def _spread(levels: Sequence[Level], scale: float) -> list[Level]:
    """Levels with room for text between them: of two that are nearer the one that covers less goes."""
    out: list[Level] = []
    for level in levels:
        if out and level.at - out[-1].at < ROOM * scale:
            if _length(level) > _length(out[-1]):
                out[-1] = level
        else:
            out.append(level)
    return out


def _length(level: Level) -> float:
    return sum(end - start for start, end in level.parts)


def _stacks(
    levels: Sequence[Level], lines: Sequence[Box], scale: float
) -> list[tuple[list[Level], float, float]]:
    """Levels that stand under each other within the same sides, with no title between; at least two."""
    stacks: list[list[Level]] = []
    wide: list[Level] = []  # the widest level of each stack
    for level in levels:
        extent = level.parts[0][0], level.parts[-1][1]
        if stacks:
            sides = wide[-1].parts[0][0], wide[-1].parts[-1][1]
            shared = overlap(*extent, *sides)
            between = [
                line for line in lines
                if stacks[-1][-1].at < line.center.y < level.at and overlap(line.x0, line.x1, *sides) > 0
            ]
            titled = any(_is_title(line, between, scale) for line in between)
            if shared > 0.9 * (extent[1] - extent[0]) and not titled and between:
                stacks[-1].append(level)
                continue
            if shared > 0.9 * (extent[1] - extent[0]) and not titled and level.at - stacks[-1][-1].at < 6 * scale:
                stacks[-1].append(level)
                continue
        stacks.append([level])
        wide.append(level)
    out = []
    for stack in stacks:
        x0 = _middle([level.parts[0][0] for level in stack if level.parts[0][0] < stack[0].parts[0][0] + SIDE * scale])
        x1 = _middle([s.parts[-1][1] for s in stack if s.parts[-1][1] > stack[0].parts[-1][1] - SIDE * scale])
        while len(stack) > 2 and stack[-1].covers(x0, x1) < 0.8:
            stack = stack[:-1]
        if len(stack) >= 2 and x1 - x0 > LONG * scale and stack[0].covers(x0, x1) > 0.8:
            out.append((stack, x0, x1))
    return out


def _is_title(line: Box, between: Sequence[Box], scale: float) -> bool:
    """Whether a line is larger than the table's text and has no other beside it."""
    large = line.height > TALL_TITLE * scale / 0.8 and line.width > 4 * line.height
    return large and not any(
        other is not line and overlap(line.y0, line.y1, other.y0, other.y1) > 0.5 * other.height for other in between
    )


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _solve(
    levels: Sequence[Level], x0: float, x1: float, runs: RunsOf, lines: Sequence[Box], scale: float
) -> Grid | None:
    ys = [level.at for level in levels]
    strips = [tuple(runs(Box(x0, a, x1, b))) for a, b in pairwise(ys)]
    if len(levels) == 2 and not _lone_row(strips[0], ys[1] - ys[0], scale):
        return None
    ends = [_ends(level, x0, x1, scale) for level in levels]
    fixed = cluster_positions(((x, 1.0) for level in ends for x in level), SAME_BORDER * scale)
    gaps = _gaps(strips, ys, lines, scale)
    xs = [x0, *_borders(strips, gaps, fixed, scale), x1]
    if len(xs) < 3:
        return None
    hard = [
        {min(range(len(xs)), key=lambda j: abs(xs[j] - x)) for x in (*above, *below)} for above, below in pairwise(ends)
    ]
    whole = [[level.covers(*_inset(xs[j], xs[j + 1])) > 0.5 for j in range(len(xs) - 1)] for level in levels]
    labels = _divide(strips, xs, gaps, hard, whole, scale)
    beside = any(
        any(run[1] < x for run in strip) and any(run[0] > x for run in strip)
        for strip, row in zip(strips, labels, strict=True) for x, parts in zip(xs, row, strict=True) if parts
    )
    if not beside or (len(labels) > 1 and sum(sum(row[1:-1]) > 0 for row in labels) < 2):
        return None
    odds = _odds(labels, strips, xs, levels, hard)
    lattice = Lattice(xs, ys, odds)
    lattice.repair()
    grid = lattice.grid((False, True, False, True))
    return replace(grid, structure="partly_ruled") if grid.n_cols > 1 else None


def _lone_row(strip: Sequence[Run], height: float, scale: float) -> bool:
    """Whether one strip alone is a table's last row on a new page: several texts far apart on one line or two."""
    parted = sum(b[0] - a[1] > WIDE * scale and not _spaced(a, b, scale) for a, b in pairwise(strip))
    return parted + 1 >= LONE and height < 5 * scale


def _standing(at: float, lines: Sequence[Box], scale: float) -> tuple[Run, ...]:
    """Stretches of a height on which single text lines stand."""
    return tuple(
        (line.x0, line.x1) for line in lines
        if line.height < 2 * scale and line.y0 + 0.25 * line.height < at < line.y1 - 0.25 * line.height
    )


def _inset(start: float, end: float) -> Run:
    rim = (end - start) / 5
    return start + rim, end - rim


def _ends(level: Level, x0: float, x1: float, scale: float) -> list[float]:
    """Where a level's rules end inside the table: borders of the cells that span it."""
    return [
        x for part in level.parts for x in part
        if x0 + SIDE * scale < x < x1 - SIDE * scale
        and not any(a - SAME_BORDER * scale < x < b + SAME_BORDER / 3 * scale for a, b in level.texts)
    ]


@dataclass(frozen=True, slots=True)
class Gap:
    """The space between two neighbouring texts of a row. weight: how surely (0..1) it parts columns."""

    start: float
    end: float
    weight: float
    row: int
    fused: bool  # the detector holds both texts for one line


def _gaps(
    strips: Sequence[Sequence[Run]], ys: Sequence[float], lines: Sequence[Box], scale: float
) -> list[Gap]:
    """Gaps between the texts of each row; what the detector holds for one line hardly has any."""
    out = []
    for r, strip in enumerate(strips):
        own = [line for line in lines if ys[r] < line.center.y < ys[r + 1]]
        for a, b in pairwise(strip):
            weight = _weight(a, b, scale)
            reach = CROSSED * scale
            near = [line for line in own if line.x0 < b[1] and line.x1 > a[0]]
            fused = weight < 1 and any(
                line.x0 < a[1] - reach and line.x1 > b[0] + reach and not any(_apart(line, other) for other in near)
                for line in near
            )
            wrapped = all(_wraps([line for line in near if line.x0 < x1 and line.x1 > x0]) for x0, x1 in (a, b))
            if weight < PARTING and wrapped:
                out.append(Gap(a[1], b[0], PARTING, r, False))
            else:
                out.append(Gap(a[1], b[0], FUSED * weight if fused else weight, r, fused))
    return out


def _wraps(lines: Sequence[Box]) -> bool:
    return any(_apart(a, b) for a, b in combinations(lines, 2))


def _apart(a: Box, b: Box) -> bool:
    """Whether two lines stand under each other: a gap through both is no accident of one."""
    return overlap(a.y0, a.y1, b.y0, b.y1) < 0.3 * min(a.height, b.height)


def _borders(
    strips: Sequence[Sequence[Run]], gaps: Sequence[Gap], fixed: Sequence[float], scale: float
) -> list[float]:
    """The fewest positions, the fixed ones among them, in the gaps between the texts of each row."""
    chosen = list(fixed)
    left = [gap for gap in gaps if gap.weight > 0 and not any(gap.start <= x <= gap.end for x in chosen)]
    reach = CROSSED * scale
    while left:
        marks = sorted({x for gap in left for x in (gap.start, gap.end)})
        best, at = 0.0, 0.0
        for a, b in pairwise(marks):
            x = (a + b) / 2
            here = [(gap.weight, gap.row) for gap in left if gap.start <= x <= gap.end]
            narrow = [(w, r) for w, r in here if w < 1]
            score = sum(w for w, _ in here if w >= 1) + 1e-4 * min(b - a, scale) / scale
            if narrow:
                # Between the rows that have the narrow gap the others must mostly have one too.
                rows = strips[min(r for _, r in narrow) : max(r for _, r in narrow) + 1]
                across = sum(any(start + reach < x < end - reach for start, end in row) for row in rows)
                bonus = sum(w for w, _ in narrow) - THROUGH * across
                if max(w for w, _ in here) >= PARTING or bonus >= MANY:
                    score += max(0.0, bonus)
            if score > best:
                best, at = score, x
        if best < LEAST:
            break
        chosen.append(at)
        left = [gap for gap in left if not gap.start <= at <= gap.end]
    kept = _needed(chosen, fixed, gaps)
    return sorted(x if x in fixed else _clear(x, kept, gaps, strips) for x in kept)


def _clear(x: float, chosen: Sequence[float], gaps: Sequence[Gap], strips: Sequence[Sequence[Run]]) -> float:
    """Where, within the gaps that need a position, the fewest texts of all rows are in its way."""
    own = [g for g in gaps if g.weight > 0 and _passes(x, g)]
    own = [g for g in own if g.weight >= 0.5] or own
    sole = [g for g in own if not any(_passes(other, g) for other in chosen if other != x)] or own
    low, high = max(g.start for g in sole), min(g.end for g in sole)
    runs = [run for strip in strips for run in strip if run[0] < high and run[1] > low]
    marks = sorted({low, high, *(e for run in runs for e in run if low < e < high)})
    if len(marks) < 2:
        return x
    parts = [
        (sum(a < (start + end) / 2 < b for a, b in runs), start - end, (start + end) / 2)
        for start, end in pairwise(marks)
    ]
    return min(parts)[2]


def _passes(x: float, gap: Gap) -> bool:
    return gap.start <= x <= gap.end


def _needed(chosen: Sequence[float], fixed: Sequence[float], gaps: Sequence[Gap]) -> list[float]:
    """Positions without those whose gaps the others pass through as well."""
    kept = list(chosen)
    for x in reversed(chosen):
        rest = [other for other in kept if other != x]
        sole = sum(g.weight for g in gaps if _passes(x, g) and not any(_passes(other, g) for other in rest))
        if x not in fixed and sole < LEAST:
            kept = rest
    return kept


def _weight(a: Run, b: Run, scale: float) -> float:
    """How surely (0..1) the gap between two neighbouring runs parts columns; letter-spacing hardly does."""
    gap = (b[0] - a[1]) / scale
    weight = min(1.0, max(0.0, (gap - NARROW) / (WIDE - NARROW)))
    return 0.3 * weight if _spaced(a, b, scale) else weight


def _spaced(a: Run, b: Run, scale: float) -> bool:
    single = all(0.6 * scale < end - start < 1.25 * scale for start, end in (a, b))
    return single and b[0] - a[1] < SPACED * scale


def _divide(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], gaps: Sequence[Gap], hard: Sequence[set[int]],
    whole: Sequence[Sequence[bool]], scale: float,
) -> list[list[bool]]:
    """For each row, which borders part its cells."""
    n = len(xs) - 1
    labels: list[list[bool]] = []
    # A heading over several columns has a rule under it that ends with it: the head goes on so far.
    head = next((r for r in range(len(strips)) if all(whole[r + 1])), len(strips))
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
        for other, line, unlike in ((r - 1, r, UNLIKE[0]), (r + 1, r + 1, UNLIKE[1])):
            if not 0 <= other < len(rows):
                continue
            for j in range(1, n):
                torn = not (whole[line][j - 1] and whole[line][j])
                if torn:
                    pull = TORN
                else:
                    pull = unlike * (VOID if rows[other].void(j, labels[other]) else 1.0)
                    pull *= BELOW_HEADING if other < r < min(head, DEEPEST) and not labels[other][j] else 1.0
                    pull *= TRAILING if (crossed[j] or r == 0) and rows[r].trails(j) else 1.0
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
        if all(sum(_passes(x, other) for other in fused) <= few for x in xs if _passes(x, gap))
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

    def trails(self, j: int) -> bool:
        """Whether border j stands behind all text of the row: a label, then a long one."""
        parted = sum(b[0] - a[1] > WIDE * self.scale for a, b in pairwise(self.strip))
        if parted > 1 or len(self.strip) < 2:
            return False
        start, end = self.strip[-1]
        return end < self.xs[j] and end - start > PHRASE * self.scale

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
    doubt = [gap.weight / FUSED for gap in row.fused if _passes(x, gap)]
    if doubt:
        return DOUBT * (1 - doubt[0])
    spaced = any(a[1] < x < b[0] and _spaced(a, b, row.scale) for a, b in pairwise(row.strip))
    return LETTERED if spaced else 0.0


def _cell(row: _Row, i: int, k: int) -> float:
    """Cost of one cell between borders i and k."""
    a, b, scale = row.xs[i], row.xs[k], row.scale
    own = [run for run in row.strip if a <= (run[0] + run[1]) / 2 < b]
    cost = MERGED * (k - i - 1)
    if not own:
        return cost + row.blank
    for left, right in pairwise(own):
        hole = (right[0] - left[1]) / scale - WIDE
        if hole > 0:
            cost += min(4.0, HOLE * hole) * (0.2 if _spaced(left, right, scale) else 1.0)
    cost += PARTED * sum(own[0][1] <= gap.start and gap.end <= own[-1][0] for gap in row.parting)
    before, after = (own[0][0] - a) / scale, (b - own[-1][1]) / scale
    askew = min(max(0.0, before - 0.8), max(0.0, after - 0.8), max(0.0, abs(before - after) / 2 - 0.3))
    return cost + min(4.0, ASKEW * askew)


def _odds(
    labels: Sequence[Sequence[bool]], strips: Sequence[Sequence[Run]], xs: Sequence[float],
    levels: Sequence[Level], hard: Sequence[set[int]],
) -> dict[Edge, float]:
    """The division as log-odds of a lattice's edges, stronger where text or the end of a rule speaks for it."""
    odds: dict[Edge, float] = {}
    for i, level in enumerate(levels):
        for j in range(len(xs) - 1):
            odds[True, i, j] = 8.0 * (level.covers(*_inset(xs[j], xs[j + 1])) - 0.5)
    for r, row in enumerate(labels):
        for j in range(len(xs)):
            filled = [
                any(start < xs[b] and end > xs[a] for start, end in strips[r])
                for a, b in ((j - 1, j), (j, j + 1)) if a >= 0 and b < len(xs)
            ]
            strength = 4.0 if j in hard[r] and row[j] else 2.5 if all(filled) else 1.5
            odds[False, j, r] = strength if row[j] else -strength
    return odds
