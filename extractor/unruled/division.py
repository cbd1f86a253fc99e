"""Which borders part the cells of a row, row by row: a shortest path over the borders.

Text is never cut, stands at the left, the right or the middle of its cell, and neighbouring rows are
divided alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from extractor.unruled.aligning import BESIDE
from extractor.unruled.codecolumns import parting_elsewhere
from extractor.unruled.formrows import (
    answered_rows,
    asked_borders,
    before_second_labels,
    is_labelled,
    middled_rows,
    unanswered_rows,
    under_one_label,
)
from extractor.unruled.gaps import PARTING, WIDE, Gap, passes
from extractor.unruled.openrules import Run
from extractor.unruled.rowcosts import ALIKE, BLANK, HEAD_BLANK, LETTERED, RUNS_ON, Row, crossing, lettered
from extractor.unruled.rowroles import (
    OFTEN,
    behind,
    each_centred,
    headed_borders,
    led_columns,
    listed_rows,
    over_columns,
    roofed_borders,
    set_in_alike,
)

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
ASKED = 1.0  # the border that is likely theirs where several such rows show none; others in the blank cost so much
ALIGNED = 0.12  # by which texts that begin alike differ
CHANCE = 0.1  # share of the rows in which such a gap may lie by accident
TORN = 5.0  # a border in one of two rows that no rule parts there
PARTED = 0.8  # share of a list's rows that have the border between its headings
LISTED = 0.6  # a border that a list's row lacks: its rows are all divided alike
HEADED = 3.0  # a border under a heading in the middle over what a rule of its own parts from it
LEADS = 2.5  # a border under a label that stands in the middle of its row's first columns, as that of a total does
CENTRED = 1.0  # a border between two headings, or behind one label, in the very middle of its column
CHOSEN = 0.3  # what a border is worth at most that one of several in a blank is taken for
EQUAL = 0.01  # by which two divisions of a row that cost the same differ at most
NEARLY = 0.5  # by which a text misses the middle of a cell whose borders are not known to a text's breadth
SWEEPS = 6
TOGETHER = 1.0  # by which a border that no row has must cost less in all of them than in none


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
    doubted, parted = _doubted(xs, gaps, len(strips), scale), parting_elsewhere(strips, scale)
    rows = [
        Row(
            tuple(strip), tuple(xs), [g for g in doubted if g.row == r],
            [g for g in gaps if g.row == r and g.weight >= PARTING and (g.stepped or g.end - g.start <= WIDE * scale)],
            [g for g in gaps if g.row == r and g.fused and not _begins(g, gaps, scale)], frozenset(h), scale,
            HEAD_BLANK if r < min(head, DEEPEST) else BLANK,
            behind(strips, above, below, r, n), parted[r], set_in_alike(strips, r, scale),
        )
        for r, (strip, h) in enumerate(zip(strips, hard, strict=True))
    ]
    for row in rows:
        labels.append(row.divide([0.0] * (n + 1)))
    listed = listed_rows(rows, min(head, DEEPEST))
    form = not any(listed) and sum(row.odd and len(row.texts) == 2 for row in rows) >= FORM_ROWS
    beside = under_one_label(answered_rows(rows, clear=0.0), rows, above)
    seconds = before_second_labels(rows)
    answered = sorted({*(answered_rows(rows) if form else ()), *beside})
    for r in answered:
        # Its amount takes up the rest of the row: a form has no blank cell between a label and what it asks for.
        rows[r].blank = HEAD_BLANK
        rows[r].cells.clear()
        labels[r] = _under_second(rows[r], rows[r].divide([0.0] * (n + 1)), seconds)
    blank = unanswered_rows(rows, sorted({*answered, *middled_rows(rows, labels)}), above)
    leads = [
        led_columns(rows, r, all(above[r]) and all(below[r])) if r >= min(head, DEEPEST) else range(0)
        for r in range(len(rows))
    ]

    headed = [headed_borders(rows, r, below[r]) for r in range(len(rows))]
    labelled = [is_labelled(row) for row in rows]

    def pulls(r: int) -> list[float]:
        """For each border, what having it costs less not having it, by what the rows above and below have."""
        out = [-LISTED if listed[r] else 0.0] * (n + 1)
        for j in leads[r]:
            out[j] += LEADS
        for j in headed[r]:
            out[j] += HEADED
        if r + 1 < len(rows):
            for j in roofed_borders(rows[r], rows[r + 1], labels[r + 1]):
                out[j] += HEADED
        if labelled[r]:
            out[1] -= CENTRED
        if r in answered:
            # Its amount stands under the second label and the value of the rows over it, not under the value alone.
            out[max(j for j in range(n) if rows[r].xs[j] < rows[r].texts[-1][0])] += UNDER_VALUE
            best, others = asked_borders(answered, rows, labels).get(r, (0, []))
            out[best] -= ASKED
            for j in others:
                out[j] += ASKED
        for j in rows[r].unfilled() if form and all(above[r]) and all(below[r]) else ():
            out[j] += UNFILLED
        if r < min(head, DEEPEST) and any(listed):
            # Headings of one character over narrow columns, as of codes, look like the characters of one word.
            for j in over_columns(rows[r]):
                parted = sum(labels[k][j] for k, one in enumerate(listed) if one)
                if parted >= PARTED * sum(listed):
                    out[j] -= LETTERED if lettered(rows[r], j) else 0.0
                    out[j] -= CENTRED if each_centred(rows[r], j) else 0.0
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
                    pull *= LED if j in leads[other] else 1.0
                    pull *= BELOW_HEADING if other < r < min(head, DEEPEST) and not labels[other][j] else 1.0
                    pull *= TRAILING if rows[r].trails(j) else 1.0
                out[j] += -pull if labels[other][j] else pull
        return out

    stacks = _stacks(above, n)

    def settle(sweeps: int) -> None:
        for sweep in range(sweeps):
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

    def given_to_all(j: int) -> bool:
        """Give a border that no row has to all rows that it cuts no text of, if so it costs less; whether it does."""
        free = [r for r, row in enumerate(rows) if crossing(row, j) < RUNS_ON]
        if not any(rows[r].worth(labels[r], j) < 0 for r in free):
            return False
        cost = sum(rows[r].worth(labels[r], j) + pulls(r)[j] / 2 for r in free)
        for r in free:
            labels[r][j] = True
        cost += sum(pulls(r)[j] for r in free) / 2
        if cost < -TOGETHER:
            return True
        for r in free:
            labels[r][j] = False
        return False

    settle(SWEEPS)
    # Row by row none has it, as its neighbours lack it: all together may.
    unused = [j for j in range(1, n) if not any(label[j] for label in labels)]
    added = [j for j in unused if given_to_all(j)]
    if added:
        settle(SWEEPS)
    return labels, [margins(rows, labels, r, pulls(r)) for r in range(len(rows))]


def _under_second(row: Row, label: list[bool], seconds: Sequence[int]) -> list[bool]:
    """A row's division, its amount's cell begun where the second labels of other rows do, if that costs no more."""
    (_, start), (end, _) = row.texts[-2:]
    blank = [j for j in range(1, len(label) - 1) if start < row.xs[j] < end]
    taken, others = [j for j in blank if label[j]], [j for j in blank if j in seconds]
    if len(taken) != 1 or not others:
        return label
    moved = list(label)
    moved[taken[0]], moved[others[-1]] = False, True
    return moved if _cost(row, moved) <= _cost(row, label) + EQUAL else label


def _cost(row: Row, label: Sequence[bool]) -> float:
    return sum(row.cell(i, k) for i, k in pairwise(j for j, part in enumerate(label) if part))


def margins(
    rows: Sequence[Row], labels: Sequence[Sequence[bool]], r: int, pull: Sequence[float]
) -> list[float]:
    """By how much each border of a row, or its absence, costs less than its contrary, the row's others as they are.

    Where borders of other rows stand in one blank, some of them this row's, too, nothing may tell which: neither text
    beside the one taken, in this row or in those over and under it that are divided alike, is set on it or in the
    middle of the cell that it makes. Then any other might be it: that other rows have it is no proof.
    """
    row, label = rows[r], labels[r]
    out = [0.0, *(abs(row.worth(label, j) + pull[j]) for j in range(1, len(label) - 1)), 0.0]
    for left, right in pairwise(row.texts):
        blank = [j for j in range(1, len(label) - 1) if left[1] < row.xs[j] < right[0]]
        taken = [j for j in blank if label[j]]
        if len(taken) == 1 and len(blank) > 1 and not _is_told(rows, labels, r, taken[0]):
            for j in blank:
                out[j] = min(out[j], CHOSEN)
    return out


def _is_told(rows: Sequence[Row], labels: Sequence[Sequence[bool]], r: int, j: int) -> bool:
    """Whether a row, or one of those next to it that have the same cells beside border j, shows that it is there."""
    label = labels[r]
    i, k = max(m for m in range(j) if label[m]), min(m for m in range(j + 1, len(label)) if label[m])
    first, last = r, r
    while first and list(labels[first - 1][i : k + 1]) == list(label[i : k + 1]):
        first -= 1
    while last + 1 < len(rows) and list(labels[last + 1][i : k + 1]) == list(label[i : k + 1]):
        last += 1
    return any(j in row.hard or _is_set(row, i, j, k) for row in rows[first : last + 1])


def _is_set(row: Row, i: int, j: int, k: int) -> bool:
    """Whether a text beside border j, in the cells from border i to border k, is set on it or in its cell's middle.

    A text that is set on the other side of its cell, too, may well reach so near to the border by chance.
    """
    left, border, right = row.xs[i], row.xs[j], row.xs[k]
    near = BESIDE * row.scale
    before = [text for text in row.texts if left < text[1] <= border]
    after = [text for text in row.texts if border <= text[0] < right]
    return any(
        border - text[1] < near
        or (abs(sum(text) - left - border) / 2 < NEARLY * row.scale and text[0] not in row.starts)
        for text in before[-1:] if before[0][0] - left > near
    ) or any(
        text[0] - border < near or abs(sum(text) - border - right) / 2 < NEARLY * row.scale
        for text in after[:1] if right - after[-1][1] > near
    )


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
