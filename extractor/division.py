"""Which borders part the cells of a row, row by row: a shortest path over the borders.

Text is never cut, stands at the left, the right or the middle of its cell, and neighbouring rows are
divided alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from extractor.gaps import CROSSED, PARTING, WIDE, Gap, passes
from extractor.openrules import Run
from extractor.rowcosts import ALIKE, BLANK, HEAD_BLANK, LETTERED, RUNS_ON, Row, crossing, lettered

# Costs are about the log-odds of what they count against; lengths are text heights.
DEEPEST = 4  # rows of a head at most
UNLIKE = 0.8, 0.4  # a border that the row above lacks, that the row below lacks
VOID = 0.7  # share of that where the other row is blank on both sides of the border
TRAILING = 0.15  # the same behind the text that fills a row up: it may well span the rest
OTHER_KIND = 0.35  # the same of a row whose shading stands elsewhere: its labels do, too
LED = 0.2  # the same of a total over leading columns over and under the rows beside it
BELOW_HEADING = 0.25  # the same of what a heading spans over the headings under it
FORM_ROWS = 2  # rows of a label and a text over several columns: forms have them, lists of amounts do not
UNFILLED = 1.2  # a border behind all text of a form's row: its last cell takes up the rest
UNDER_VALUE = 0.5  # the last border before the amount of a row that has no other text behind its label
MOST_LABELS = 3  # texts of a form's row with one amount: a label over rows, a label and the amount
AT_SIDE = 1.0  # from a side: so near an amount is set on it, so far it is not
ALIGNED = 0.12  # by which texts that begin alike differ
OFTEN = 2  # rows whose texts begin or end alike
CHANCE = 0.1  # share of the rows in which such a gap may lie by accident
TORN = 5.0  # a border in one of two rows that no rule parts there
PARTED = 0.8  # share of a list's rows that have the border between its headings
LISTED = 0.6  # a border that a list's row lacks: its rows are all divided alike
HEADED = 3.0  # a border under a heading in the middle over what a rule of its own parts from it
LEADS = 2.5  # a border under a label that stands in the middle of its row's first columns, as that of a total does
SET_IN = 0.4  # by which a text misses the side or the middle of a cell that it is set on
EXACT = 0.12  # the same of one that stands in the very middle
CENTRED = 1.0  # a border between two headings, each in the very middle of its column
LIST_ROWS = 3  # rows below the head of a list at least
ODD_ROWS = 0.2  # share of a list's rows at most whose text runs across borders
SWEEPS = 6


def divide_rows(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], gaps: Sequence[Gap], hard: Sequence[set[int]],
    above: Sequence[Sequence[bool]], below: Sequence[Sequence[bool]], shaded: Sequence[frozenset[int]], scale: float,
) -> tuple[list[list[bool]], list[list[float]]]:
    """For each row, which borders part its cells, and by how much (about log-odds) each costs less than its contrary.

    hard: the borders that something drawn shows in that row. above, below: for each column of a row,
    whether a rule parts it from the row over, under it. shaded: the borders at which a row's shading changes.
    """
    n = len(xs) - 1
    labels: list[list[bool]] = []
    # A heading over several columns has a rule under it that ends with it: the head goes on so far.
    head = next((r + 1 for r in range(len(strips)) if all(below[r])), len(strips))
    doubted = _doubted(xs, gaps, len(strips), scale)
    rows = [
        Row(
            tuple(strip), tuple(xs), [g for g in doubted if g.row == r],
            [g for g in gaps if g.row == r and g.weight >= PARTING and g.end - g.start <= WIDE * scale],
            [g for g in gaps if g.row == r and g.fused and not _begins(g, gaps, scale)], frozenset(h), scale,
            HEAD_BLANK if r < min(head, DEEPEST) else BLANK,
            _behind(strips, above, below, r, n),
        )
        for r, (strip, h) in enumerate(zip(strips, hard, strict=True))
    ]
    for row in rows:
        labels.append(row.divide([0.0] * (n + 1)))
    listed = _listed(rows, min(head, DEEPEST))
    form = not any(listed) and sum(row.odd and len(row.texts) == 2 for row in rows) >= FORM_ROWS
    answered = sorted({*(_answered(rows) if form else ()), *_under_one_label(_answered(rows, clear=0.0), rows, above)})
    for r in answered:
        # Its amount takes up the rest of the row: a form has no blank cell between a label and what it asks for.
        rows[r].blank = HEAD_BLANK
        rows[r].cells.clear()
    blank = _unanswered(rows, answered, above)
    leads = [
        _leads(rows, r, all(above[r]) and all(below[r])) if r >= min(head, DEEPEST) else 0 for r in range(len(rows))
    ]

    headed = [_headed(rows, r, below[r]) for r in range(len(rows))]

    def pulls(r: int) -> list[float]:
        """For each border, what having it costs less not having it, by what the rows above and below have."""
        out = [-LISTED if listed[r] else 0.0] * (n + 1)
        for j in range(1, leads[r]):
            out[j] += LEADS
        for j in headed[r]:
            out[j] += HEADED
        if r in answered:
            # Its amount stands under the second label and the value of the rows over it, not under the value alone.
            out[max(j for j in range(n) if rows[r].xs[j] < rows[r].texts[-1][0])] += UNDER_VALUE
        for j in rows[r].unfilled() if form and all(above[r]) and all(below[r]) else ():
            out[j] += UNFILLED
        if r < min(head, DEEPEST) and any(listed):
            # Headings of one character over narrow columns, as of codes, look like the characters of one word.
            for j in _over_columns(rows[r]):
                parted = sum(labels[k][j] for k, one in enumerate(listed) if one)
                if parted >= PARTED * sum(listed):
                    out[j] -= LETTERED if lettered(rows[r], j) else 0.0
                    out[j] -= CENTRED if _each_centred(rows[r], j) else 0.0
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
                    pull *= LED if leads[other] > j else 1.0
                    pull *= BELOW_HEADING if other < r < min(head, DEEPEST) and not labels[other][j] else 1.0
                    pull *= TRAILING if rows[r].trails(j) else 1.0
                out[j] += -pull if labels[other][j] else pull
        return out

    stacks = _stacks(above, n)
    for sweep in range(SWEEPS):
        order = range(len(rows)) if sweep % 2 == 0 else range(len(rows) - 1, -1, -1)
        for r in order:
            labels[r] = rows[r].divide(pulls(r))
        for r, like in blank.items():
            if not any(part and crossing(rows[r], j) >= RUNS_ON for j, part in enumerate(labels[like][1:-1], 1)):
                labels[r] = list(labels[like])
        for j, stack in stacks:
            # Rows that no rule parts beside a border have it all or none: one alone cannot change its mind.
            outer = [(r, pulls(r)[j] - _torn_pull(r, j, labels, above, below)) for r in stack]
            gain = sum(rows[r].worth(labels[r], j) + pull for r, pull in outer)
            for r in stack:
                labels[r][j] = gain < 0
    return labels, [_margins(row, label, pulls(r)) for r, (row, label) in enumerate(zip(rows, labels, strict=True))]


def _margins(row: Row, label: Sequence[bool], pull: Sequence[float]) -> list[float]:
    """By how much each border, or its absence, costs less than its contrary, the row's others as they are."""
    return [0.0, *(abs(row.worth(label, j) + pull[j]) for j in range(1, len(label) - 1)), 0.0]


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


def _listed(rows: Sequence[Row], head: int) -> list[bool]:
    """For each row, whether it is one of a list: of many rows in which hardly a text runs across a border."""
    across = [any(crossing(row, j) >= RUNS_ON for j in range(1, len(row.xs) - 1)) for row in rows]
    body = across[head:]
    if len(body) < LIST_ROWS or sum(body) > ODD_ROWS * len(body):
        return [False] * len(rows)
    return [r >= head and not across[r] and len(row.texts) > 1 for r, row in enumerate(rows)]


def _answered(rows: Sequence[Row], clear: float = AT_SIDE) -> list[int]:
    """Rows of a form with an amount at the table's right side, borders of other rows in the blank before it.

    clear: text heights by which it stands behind the last of these.
    """
    out: list[int] = []
    for r, row in enumerate(rows):
        texts, scale = row.texts, row.scale
        apart = 1 + sum(b[0] - a[1] > WIDE * scale for a, b in pairwise(texts))  # 其中： parts a label from nothing
        if not 2 <= apart <= MOST_LABELS or row.xs[-1] - texts[-1][1] > AT_SIDE * scale:
            continue
        amount = texts[-1][0]
        between = [x for x in row.xs if texts[-2][1] < x < amount]
        if len(between) > 1 and amount - between[-1] > clear * scale:
            out.append(r)
    ends = {r: rows[r].strip[-1][1] for r in out}
    return [r for r in out if sum(abs(ends[r] - end) < SET_IN * rows[r].scale for end in ends.values()) >= OFTEN]


def _under_one_label(answered: Sequence[int], rows: Sequence[Row], above: Sequence[Sequence[bool]]) -> list[int]:
    """Those of such rows that share a label over rows with another: a list's rows have a first cell each."""
    out = set()
    for r in answered:
        parted = above[r].index(True) if any(above[r]) else 0
        pair = rows[r - 1 : r + 1]
        if r - 1 in answered and parted and all(above[r][parted:]) and all(
            row.texts[-2][1] > row.xs[parted] for row in pair
        ):
            out |= {r - 1, r}
    return sorted(out)


def _unanswered(rows: Sequence[Row], answered: Sequence[int], above: Sequence[Sequence[bool]]) -> dict[int, int]:
    """Rows that share a label over rows with an answered one and lack an amount, each with that one."""
    out: dict[int, int] = {}
    for r in answered:
        for step in (-1, 1):
            other = r + step
            while 0 <= other < len(rows) and other not in answered and not above[max(other, other - step)][0]:
                if rows[other].texts and rows[other].texts[-1][0] <= rows[r].texts[-2][1]:
                    out.setdefault(other, r)
                other += step
    return out


def _over_columns(row: Row) -> list[int]:
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


def _each_centred(row: Row, j: int) -> bool:
    """Whether the texts next to a border stand in the very middle of their columns."""
    before = next(run for run in reversed(row.strip) if run[1] <= row.xs[j])
    after = next(run for run in row.strip if run[0] >= row.xs[j])
    sides = zip((before, after), row.xs[j - 1 : j + 1], row.xs[j : j + 2], strict=True)
    return all(abs(run[0] + run[1] - a - b) / 2 < EXACT * row.scale for run, a, b in sides)


def _headed(rows: Sequence[Row], r: int, below: Sequence[bool]) -> list[int]:
    """The borders under a heading that stands, wherever in a table, over columns with headings of their own.

    below: for each column, whether a rule parts it from the next row. Beside such a rule cells span both rows; over its
    middle stands one text, under it a text in each column.
    """
    out: list[int] = []
    if r + 1 == len(rows) or all(below):
        return out
    xs, scale = rows[r].xs, rows[r].scale
    starts = [j for j, part in enumerate(below) if part and (j == 0 or not below[j - 1])]
    for i in starts:
        k = next((j for j in range(i, len(below)) if not below[j]), len(below))
        own = [text for text in rows[r].texts if xs[i] < (text[0] + text[1]) / 2 < xs[k]]
        under = [any(a < sum(run) / 2 < b for run in rows[r + 1].strip) for a, b in pairwise(xs[i : k + 1])]
        if len(own) == 1 and abs(sum(own[0]) - xs[i] - xs[k]) / 2 < SET_IN * scale and all(under):
            out += range(i + 1, k)
    return out


def _leads(rows: Sequence[Row], r: int, closed: bool) -> int:
    """Over how many columns from the left the row's first text stands in the middle; 0 if it is one column's.

    closed: whether rules part the whole row from those over and under it. Then a text in the very middle of several
    columns is theirs even if it stands at a side of one of them, where the row is blank before it or where that
    column's texts are set otherwise.
    """
    row = rows[r]
    if not row.strip:
        return 0
    (start, end), xs, scale = row.texts[0], row.xs, row.scale
    i = max((j for j, x in enumerate(xs) if x <= start), default=0)
    sides = start - xs[i], xs[i + 1] - end
    after = row.texts[1][0] if len(row.texts) > 1 else xs[-1]
    drawn = min((j for j in row.hard if j), default=len(xs) - 1)  # what it leads goes no further than that
    over = [
        (abs(start + end - xs[0] - xs[j]) / 2 / scale, j)
        for j in range(max(2, i + 1), drawn + 1) if xs[j] <= after
    ]
    missed, best = min(over, default=(SET_IN, 0))
    if missed >= SET_IN or abs(sides[0] - sides[1]) / 2 < SET_IN * scale:
        return 0
    if i and (sides[1] < -CROSSED * scale or min(sides) >= SET_IN * scale):
        return best
    return best if closed and missed < EXACT and (i or not _set_alike(rows, r, (start, end))) else 0


def _set_alike(rows: Sequence[Row], r: int, text: Run) -> bool:
    """Whether the first text of another row begins, ends or has its middle where this one has."""
    ends = (text[0], text[1], sum(text) / 2)
    return any(
        abs(x - y) < SET_IN * rows[r].scale
        for k, other in enumerate(rows) if k != r and other.strip and other.strip[0][0] < other.xs[1]
        for x, y in zip(ends, (*other.strip[0], sum(other.strip[0]) / 2), strict=True)
    )


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


def _begins(gap: Gap, gaps: Sequence[Gap], scale: float) -> bool:
    """Whether the text behind a gap inside one detected line is another cell's: it begins where texts of other rows do.

    The gap is also wider by far than all others of that row's lines: a text's own gaps, as beside boxes, are alike.
    """
    own = [other for other in gaps if other.row == gap.row and other.fused and other != gap]
    if any(other.end - other.start > ALIKE * (gap.end - gap.start) for other in own):
        return False
    return sum(abs(g.end - gap.end) < ALIGNED * scale for g in gaps if g.weight >= 1 and g.row != gap.row) >= OFTEN


def _aligned(gap: Gap, gaps: Sequence[Gap], scale: float) -> bool:
    """Whether the text behind a gap begins, or the one before it ends, where wide gaps of other rows end or begin."""
    wide = [other for other in gaps if other.weight >= 1 and other.row != gap.row]
    begins = sum(abs(other.end - gap.end) < ALIGNED * scale for other in wide)
    ends = sum(abs(other.start - gap.start) < ALIGNED * scale for other in wide)
    return max(begins, ends) >= OFTEN
