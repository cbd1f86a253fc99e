"""Columns that a rule under a heading groups: a heading with a rule of its own stands over two columns at least.

Where the columns are blank their headings alone tell them apart, and a few single characters, as 类 款 项, look like
the letters of one word set apart. The rule says that they are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from extractor.unruled.division import DEEPEST
from extractor.unruled.gaps import CROSSED, NARROW
from extractor.unruled.openrules import SIDE, Level, Run

ALIKE = 0.75  # times the widest blank between such headings: the others are as wide
LETTER = 1.25  # text heights: width of a single character at most; between such headings every blank counts
OVER = 0.3  # text heights by which a text may reach past the rule over it


def grouped_blanks(
    levels: Sequence[Level], strips: Sequence[Sequence[Run]], x0: float, x1: float, scale: float
) -> list[list[Run]]:
    """For each row, the blanks between its texts that the rules over it show to be headings of columns.

    levels: the n + 1 heights of a table's rules; strips: the texts of its n rows; x0, x1: its sides; all in one unit.
    """
    out: list[list[Run]] = [[] for _ in strips]
    for r in range(1, min(DEEPEST, len(strips))):
        level = levels[r]
        if level.supposed:
            continue
        for start, end in level.parts:
            if start < x0 + SIDE * scale and end > x1 - SIDE * scale:
                break  # a rule from side to side: the head ends here
            over = [run for run in strips[r - 1] if start < (run[0] + run[1]) / 2 < end]
            row, under = _under(levels, strips, r, (start, end), OVER * scale)
            if over and len(under) > 1:
                out[row] += _blanks(under, strips[row + 1 :], scale)
    return out


def _under(
    levels: Sequence[Level], strips: Sequence[Sequence[Run]], r: int, part: Run, reach: float
) -> tuple[int, list[Run]]:
    """The row, and in it the texts, right under a rule: a lower one where headings beside it are of more steps."""
    row = r
    while True:
        texts = [run for run in strips[row] if run[1] > part[0] + reach and run[0] < part[1] - reach]
        if texts or row + 1 == len(strips) or levels[row + 1].covers(*part) > 0.5:
            inside = all(part[0] - reach < a and b < part[1] + reach for a, b in texts)
            return row, texts if inside else []
        row += 1


def _blanks(under: Sequence[Run], others: Sequence[Sequence[Run]], scale: float) -> list[Run]:
    """The widest blanks between headings, where no text of the rows below is in the way of a border."""
    gaps = [(a[1], b[0]) for a, b in pairwise(under)]
    widest = max(b - a for a, b in gaps)
    single = all(end - start < LETTER * scale for start, end in under)
    wide = [(a, b) for a, b in gaps if b - a > (NARROW * scale if single else ALIKE * widest)]
    reach = CROSSED * scale
    crossed = [any(a + reach < (start + end) / 2 < b - reach for row in others for a, b in row) for start, end in wide]
    return [] if widest < NARROW * scale or any(crossed) else wide


def within(borders: Sequence[float], blanks: Sequence[Run]) -> set[int]:
    """The index of the border in each blank, the one nearest its middle."""
    out = set()
    for start, end in blanks:
        inside = [j for j, x in enumerate(borders) if start <= x <= end]
        if inside:
            out.add(min(inside, key=lambda j: abs(borders[j] - (start + end) / 2)))
    return out
