"""What a row among others is: one of a list, a total's, one with headings over headings, over values or over items."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from extractor.geometry import misalignment
from extractor.unruled.gaps import CROSSED, UNEVEN, WIDE, run_together
from extractor.unruled.rowcosts import RUNS_ON, Row, crossing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractor.unruled.openrules import Run

SET_IN = 0.4  # by which a text misses the side or the middle of a cell that it is set on
EXACT = 0.12  # the same of one that stands in the very middle
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
