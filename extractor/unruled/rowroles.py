"""What a row among others is: one of a list, a form's answered one, a total's, one with headings over headings."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from extractor.geometry import misalignment
from extractor.unruled.aligning import BESIDE
from extractor.unruled.gaps import CROSSED, UNEVEN, WIDE, run_together
from extractor.unruled.rowcosts import RUNS_ON, Row, crossing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractor.unruled.openrules import Run

MOST_LABELS = 3  # texts of a form's row with one amount: a label over rows, a label and the amount
LABELS_AND_VALUES = 4  # texts of a form's row that asks for two things
AT_SIDE = 1.0  # from a side: so near an amount is set on it, so far it is not
SET_IN = 0.4  # by which a text misses the side or the middle of a cell that it is set on
EXACT = 0.12  # the same of one that stands in the very middle
CLEAR = 0.4  # between a label and the border behind it at least
LEAST_BLANK, FAR = 0.6, 1.5  # between a label and its text; times the widest blank within either
SET_IN_ROWS = 3  # other rows whose texts are set in alike
WORD = 2.5  # width of such a text at least: figures in the middle of a column begin alike by chance
SET_UNDER = 0.8, 2.3  # by which two texts are set in under the one above them
OFTEN = 2  # rows whose texts begin or end alike
LIST_ROWS = 3  # rows below the head of a list at least
ROOFS, OVER = 2, 0.25  # headings of a row that stand in the middle over what is below them; by which they miss it
ODD_ROWS = 0.2  # share of a list's rows at most whose text runs across borders


def behind(
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


def set_in_alike(strips: Sequence[Sequence[Run]], r: int, scale: float) -> tuple[float, ...]:
    """Where texts of a row begin as texts of other lengths do in several rows: they are set in, as items of a list.

    Two rows next to each other are enough where they are set in by a character or two under the text that begins right
    above them, as 其中： and 其他 are under a sum.
    """
    texts = [run_together(strip, WIDE * scale) for strip in strips]

    def alike(start: float, end: float, k: int) -> bool:
        return any(abs(start - a) < EXACT * scale and abs(end - b) > UNEVEN * scale for a, b in texts[k])

    def under(start: float, end: float) -> bool:
        others = (row for row in reversed(texts[:r]) if not any(abs(start - a) < EXACT * scale for a, _ in row))
        above = next(others, ())
        return end - start > WORD * scale and any(
            SET_UNDER[0] * scale < start - a < SET_UNDER[1] * scale and b > (start + end) / 2 for a, b in above
        )

    beside = [k for k in (r - 1, r + 1) if 0 <= k < len(texts)]
    return tuple(
        start for start, end in texts[r]
        if sum(alike(start, end, k) for k in range(len(texts)) if k != r) >= SET_IN_ROWS
        or (any(alike(start, end, k) for k in beside) and under(start, end))
    )


def listed_rows(rows: Sequence[Row], head: int) -> list[bool]:
    """For each row, whether it is one of a list: of many rows in which hardly a text runs across a border."""
    across = [any(crossing(row, j) >= RUNS_ON for j in range(1, len(row.xs) - 1)) for row in rows]
    body = across[head:]
    if len(body) < LIST_ROWS or sum(body) > ODD_ROWS * len(body):
        return [False] * len(rows)
    return [r >= head and not across[r] and len(row.texts) > 1 for r, row in enumerate(rows)]


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


def over_columns(row: Row) -> list[int]:
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


def each_centred(row: Row, j: int) -> bool:
    """Whether the texts next to a border stand in the very middle of their columns."""
    before = next(run for run in reversed(row.strip) if run[1] <= row.xs[j])
    after = next(run for run in row.strip if run[0] >= row.xs[j])
    sides = zip((before, after), row.xs[j - 1 : j + 1], row.xs[j : j + 2], strict=True)
    return all(abs(run[0] + run[1] - a - b) / 2 < EXACT * row.scale for run, a, b in sides)


def headed_borders(rows: Sequence[Row], r: int, below: Sequence[bool]) -> list[int]:
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


def roofed_borders(row: Row, below: Row, label: Sequence[bool]) -> list[int]:
    """The borders under a row's headings that stand each in the very middle over a cell of the row below, all of them.

    label: which borders part the row below. Two such headings or more, over texts each of several columns (预期目标 and
    实际完成情况 over what a form tells of them), are as wide as these, whatever columns other rows have there.
    """
    xs, near = row.xs, OVER * row.scale
    sides = [j for j, part in enumerate(label) if part]
    spans = [(i, k) for i, k in pairwise(sides) if any(xs[i] < sum(run) / 2 < xs[k] for run in below.strip)]
    roofs = [
        (i, k) for start, end in row.texts for i, k in spans
        if k > i + 1 and abs(start + end - xs[i] - xs[k]) / 2 < near
    ]
    if len(roofs) < ROOFS or len(roofs) < len([text for text in row.texts if text[0] > xs[roofs[0][0]]]):
        return []
    return [j for i, k in roofs for j in range(i + 1, k)]


def led_columns(rows: Sequence[Row], r: int, closed: bool) -> range:
    """The borders under the row's first text where that stands in the middle of several columns from the left.

    closed: whether rules part the whole row from those over and under it. Then a text in the very middle of several
    columns is theirs even if it stands at a side of one of them, where the row is blank before it or where that
    column's texts are set otherwise. So does a total behind its number, with all columns but that of the numbers.
    A text that begins where those of several rows do, and is not in the very middle of any, is set in as they are.
    """
    row = rows[r]
    if not row.strip:
        return range(0)
    (start, end), xs, scale = row.texts[0], row.xs, row.scale
    i = max((j for j, x in enumerate(xs) if x <= start), default=0)
    sides = start - xs[i], xs[i + 1] - end
    missed, best = _spanned(row, 0)
    if missed >= EXACT and start in row.starts:
        return range(0)
    if missed >= SET_IN or abs(sides[0] - sides[1]) / 2 < SET_IN * scale:
        return _led_behind_number(rows, r) if closed and not i else range(0)
    if i and (sides[1] < -CROSSED * scale or min(sides) >= SET_IN * scale):
        return range(1, best)
    return range(1, best) if closed and missed < EXACT and (i or not _set_alike(rows, r, row.texts[0])) else range(0)


def _spanned(row: Row, k: int) -> tuple[float, int]:
    """The border up to which the row's text k stands best in the middle behind border k, and by how much it misses."""
    (start, end), xs = row.texts[k], row.xs
    i = max((j for j, x in enumerate(xs) if x <= start), default=0)
    after = row.texts[k + 1][0] if len(row.texts) > k + 1 else xs[-1]
    drawn = min((j for j in row.hard if j > k), default=len(xs) - 1)  # what it leads goes no further than that
    over = [
        (abs(start + end - xs[k] - xs[j]) / 2 / row.scale, j)
        for j in range(max(k + 2, i + 1), drawn + 1) if xs[j] <= after
    ]
    return min(over, default=(SET_IN, 0))


def _led_behind_number(rows: Sequence[Row], r: int) -> range:
    """The borders under a row's second text if it stands behind a number in the very middle of columns blank before it.

    Neither is it in the middle of a column of its own nor set as other texts there are.
    """
    row = rows[r]
    texts, xs = row.texts, row.xs
    if len(texts) < 2 or texts[0][1] > xs[1] or texts[1][0] < xs[2]:
        return range(0)
    i = max(j for j, x in enumerate(xs[:-1]) if x <= texts[1][0])
    missed, best = _spanned(row, 1)
    own = texts[1][1] <= xs[i + 1] and abs(sum(texts[1]) - xs[i] - xs[i + 1]) / 2 < SET_IN * row.scale
    return range(2, best) if missed < EXACT and not own and not _set_as_most(rows, r, texts[1], i) else range(0)


def _set_alike(rows: Sequence[Row], r: int, text: Run) -> bool:
    """Whether the first text of another row begins, ends or has its middle where this one has."""
    return any(
        misalignment(*text, *other.strip[0]) < SET_IN * rows[r].scale
        for k, other in enumerate(rows) if k != r and other.strip and other.strip[0][0] < other.xs[1]
    )


def _set_as_most(rows: Sequence[Row], r: int, text: Run, i: int) -> bool:
    """Whether a text is set on what most first texts of column i are set on: their starts, their ends or middles."""
    xs, near = rows[r].xs, SET_IN * rows[r].scale
    firsts = [next((run for run in other.strip if run[1] > xs[i]), None) for k, other in enumerate(rows) if k != r]
    own = [first for first in firsts if first is not None and first[0] < xs[i + 1]]
    places = [[run[0] for run in own], [run[1] for run in own], [sum(run) / 2 for run in own]]
    alike = [[sum(abs(x - y) < near for y in kind) for x in kind] for kind in places]
    most = max(range(3), key=lambda m: max(alike[m], default=0))
    at = (text[0], text[1], sum(text) / 2)[most]
    return any(abs(at - x) < near and count >= OFTEN for x, count in zip(places[most], alike[most], strict=True))
