"""Rows of forms: which ask for one thing and which for two, and where their answers begin."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from extractor.unruled.aligning import BESIDE
from extractor.unruled.gaps import WIDE
from extractor.unruled.rowcosts import Row
from extractor.unruled.rowroles import EXACT, LIST_ROWS, OFTEN, SET_IN

if TYPE_CHECKING:
    from collections.abc import Sequence


MOST_LABELS = 3  # texts of a form's row with one amount: a label over rows, a label and the amount
LABELS_AND_VALUES = 4  # texts of a form's row that asks for two things
AT_SIDE = 1.0  # from a side: so near an amount is set on it, so far it is not
CLEAR = 0.4  # between a label and the border behind it at least
LEAST_BLANK, FAR = 0.6, 1.5  # between a label and its text; times the widest blank within either


def answered_rows(rows: Sequence[Row], clear: float = AT_SIDE) -> list[int]:
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


def asked_borders(
    answered: Sequence[int], rows: Sequence[Row], labels: Sequence[Sequence[bool]]
) -> dict[int, tuple[int, list[int]]]:
    """For answered rows, the border that is most likely theirs, and the others between their labels and amounts.

    Rows next to each other, answered alike, have one border there. Where nothing shows it, it is the first that only
    rows over them have (labels: which borders part each row): it was made for the form's head. If the list below has
    all of them, it is the one next to the labels: a cell is hardly made wider than what stands in it by far. Not where
    amounts of a list stand over or under theirs: their columns are its.
    """
    out: dict[int, tuple[int, list[int]]] = {}
    for group in _groups(answered):
        scale, xs = rows[group[0]].scale, rows[group[0]].xs
        start, end = max(rows[r].texts[-2][1] for r in group), min(rows[r].texts[-1][0] for r in group)
        side = max(rows[r].texts[-1][1] for r in group)
        beside = [rows[r].texts for r in (group[0] - 1, group[-1] + 1) if 0 <= r < len(rows)]
        listed = any(len(texts) >= LIST_ROWS and abs(texts[-1][1] - side) < SET_IN * scale for texts in beside)
        between = [j for j, x in enumerate(xs[:-1]) if start + CLEAR * scale < x < end]
        shown = any(start < xs[j] < end for r in group for j in rows[r].hard)
        if len(group) >= OFTEN and not listed and not shown and len(between) > 1:
            over = [labels[r] for r in range(group[0])]
            under = [labels[r] for r in range(group[-1] + 1, len(rows)) if len(rows[r].texts) >= LIST_ROWS]
            heads = [j for j in between if any(row[j] for row in over) and not any(row[j] for row in under)]
            best = min(heads or between)
            out |= {r: (best, [j for j in between if j != best]) for r in group}
    return out


def _groups(answered: Sequence[int]) -> list[list[int]]:
    """Such rows, those next to each other, or with one unanswered row between them, together."""
    out: list[list[int]] = []
    for r in answered:
        if out and r - out[-1][-1] <= 2:
            out[-1].append(r)
        else:
            out.append([r])
    return out


def before_second_labels(rows: Sequence[Row]) -> list[int]:
    """The borders before the second labels of a form's rows: a label and what it asks for, twice.

    Each label but the first stands in the very middle of the cell before what it asks for.
    """
    out = set()
    for row in rows:
        if len(row.texts) != LABELS_AND_VALUES:
            continue
        _, value, label, answer = row.texts
        before = [j for j, x in enumerate(row.xs) if value[1] < x < label[0]]
        sides = [x for x in row.xs if label[1] < x <= answer[0] < x + BESIDE * row.scale]
        out |= {j for j in before if any(abs(sum(label) - row.xs[j] - x) / 2 < EXACT * row.scale for x in sides)}
    return sorted(out)


def under_one_label(answered: Sequence[int], rows: Sequence[Row], above: Sequence[Sequence[bool]]) -> list[int]:
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


def middled_rows(rows: Sequence[Row], labels: Sequence[Sequence[bool]]) -> list[int]:
    """Rows of a form with an amount in the middle of a last cell of several columns, two at least of the same ones."""
    begun: dict[int, int] = {}
    for r, (row, label) in enumerate(zip(rows, labels, strict=True)):
        k = max(j for j, part in enumerate(label[:-1]) if part)
        if 2 <= len(row.texts) <= MOST_LABELS and k < len(label) - 2:
            (_, before), amount = row.texts[-2:]
            if before <= row.xs[k] and abs(sum(amount) - row.xs[k] - row.xs[-1]) / 2 < EXACT * row.scale:
                begun[r] = k
    return [r for r, k in begun.items() if list(begun.values()).count(k) >= OFTEN]


def unanswered_rows(rows: Sequence[Row], answered: Sequence[int], above: Sequence[Sequence[bool]]) -> dict[int, int]:
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


def is_labelled(row: Row) -> bool:
    """Whether the row begins with a label in the very middle of the first column and a text set on that one's border.

    The blank between them is wider by far than those within the text.
    """
    xs, scale = row.xs, row.scale
    label = [run for run in row.strip if run[1] <= xs[1]]
    text = row.strip[len(label) :]
    if not label or not text or abs(label[0][0] + label[-1][1] - xs[0] - xs[1]) / 2 >= EXACT * scale:
        return False
    own = [b[0] - a[1] for part in (label, text) for a, b in pairwise(part) if b[0] - a[1] <= WIDE * scale]
    blank = text[0][0] - label[-1][1]
    wide = blank > LEAST_BLANK * scale and blank > FAR * max(own, default=0)
    return wide and 0 <= text[0][0] - xs[1] < BESIDE * scale
