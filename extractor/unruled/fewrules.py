"""Tables with a few horizontal rules only (三线表): above and below the head and at the foot, none between rows.

Between two rules of a table that has one under each row there is one row, however many lines wrap in it. Where
several rows of texts stand there in columns, line beside line, rules are supposed between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractor.elements import Box
from extractor.geometry import median
from extractor.unruled.headlevels import head_borders
from extractor.unruled.openrules import Level, Run
from extractor.unruled.textrows import ROWS, TextRow, is_tabular, text_rows, unwrapped
from extractor.unruled.wrappedrows import join_wrapped

MOST = 0.5  # share of a table's height that such stretches take up; else it has a rule under each row
BESIDE = 3  # columns of texts side by side
FIRST = 0.7  # share of the rows in which the first column names something; a number before a wrapped row stands alone
FILLED = 0.5  # share of the rows in which the other columns have texts
FEW = 4  # levels of a table that has few
SIDE = 0.2  # text heights by which amounts miss the side that they are set on
UNEVEN = 0.8  # text heights by which amounts differ in width
EVEN = 1.2  # text heights by which the lines of a text that wraps differ in width, all but its last


@dataclass(frozen=True, slots=True)
class Ruling:
    """The levels of one table, top to bottom; supposed: whether hardly a rule parts its rows, found or not.

    undivided: rows may stand between its last two levels that were not found.
    """

    levels: tuple[Level, ...]
    supposed: bool
    undivided: bool = False


def with_supposed_rules(
    levels: Sequence[Level], lines: Sequence[Box], x0: float, x1: float, scale: float
) -> Ruling:
    """The levels of a table, with those supposed between its rows where it has few of its own.

    lines: the page's text lines (boxes); x0, x1: the table's sides; scale: text height. One frame, any unit.
    """
    bands = [_bands(a, b, lines, x0, x1, scale) for a, b in pairwise(levels)]
    between = [_rows_between(own, scale) for own in bands]
    height = MOST * (levels[-1].at - levels[0].at)
    tall = sum(b.at - a.at for (a, b), rows in zip(pairwise(levels), between, strict=True) if rows)
    if tall < height:
        thick = sum(b.at - a.at for (a, b), own in zip(pairwise(levels), bands, strict=True) if _many(own))
        supposed = len(levels) <= FEW and thick >= height
        # A table of one row under a head in steps has three rules, too.
        inner = _in_head(bands, x0, x1, scale) if len(levels) < FEW and not _many(bands[-1]) else []
        return Ruling((levels[0], *inner, *levels[1:]), supposed or bool(inner), supposed and _many(bands[-1]))
    out = [levels[0]]
    if not between[0]:
        out += _in_head(bands, x0, x1, scale)
    for level, rows in zip(levels[1:], between, strict=True):
        out += [Level((a.box.y1 + b.box.y0) / 2, ((x0, x1),)) for a, b in pairwise(rows)]
        out.append(level)
    return Ruling(tuple(out), True)


def _in_head(bands: Sequence[Sequence[TextRow]], x0: float, x1: float, scale: float) -> list[Level]:
    """The borders within a table's head, the first of its stretches between two rules."""
    body = [box for own in bands[1:] for row in own for box in row.boxes]
    return [Level(one.at, one.parts, supposed=True) for one in head_borders(bands[0], body, x0, x1, scale)]


def _bands(
    upper: Level, lower: Level, lines: Sequence[Box], x0: float, x1: float, scale: float
) -> list[TextRow]:
    """The bands of text lines that stand between two rules."""
    inside = [b for b in lines if upper.at < b.center.y < lower.at and x0 - scale < b.center.x < x1 + scale]
    return text_rows(inside, scale)


def _many(bands: Sequence[TextRow]) -> bool:
    """Whether texts of several rows may stand in these bands of lines, most of which hold some side by side."""
    return len(bands) >= ROWS and 2 * sum(len(row.texts) >= BESIDE for row in bands) > len(bands)


def _rows_between(bands: Sequence[TextRow], scale: float) -> list[TextRow]:
    """The rows that bands of lines between two rules are, if they are more than one."""
    if len(bands) < ROWS:
        return []
    joined = join_wrapped(bands, scale)
    rows = unwrapped(bands, scale) if len(joined) == len(bands) else joined
    return rows if is_tabular(rows) and _in_columns(rows, scale) else []


def _in_columns(rows: Sequence[TextRow], scale: float) -> bool:
    """Whether rows name something and say it in columns, rather than being the lines that wrap in one row's cells."""
    filled = _columns([row.texts for row in rows])
    shares = [sum(map(bool, column)) / len(rows) for column in filled]
    if len(filled) >= BESIDE and shares[0] >= FIRST and sum(share >= FILLED for share in shares) >= BESIDE:
        return not all(_wraps([run for runs in column for run in runs], scale) for column in filled)
    # Amounts may stand nearer to the next column's texts than texts of a row commonly do, and most rows may lack one.
    filled = _columns([[(box.x0, box.x1) for box in row.boxes] for row in rows])
    amounts = any(_amounts([run for runs in column for run in runs], scale) for column in filled[1:])
    return amounts and len(filled) >= BESIDE and sum(map(bool, filled[0])) >= FIRST * len(rows)


def _columns(rows: Sequence[Sequence[Run]]) -> list[list[list[Run]]]:
    """The stretches in which texts of all rows overlap, left to right: for each, what every row has there."""
    columns: list[Run] = []
    for a, b in sorted(run for row in rows for run in row):
        if columns and a <= columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], b)
        else:
            columns.append((a, b))
    return [[[run for run in row if a <= run[0] and run[1] <= b] for row in rows] for a, b in columns]


def _amounts(column: Sequence[Run], scale: float) -> bool:
    """Whether a column's texts are set on its right side and differ in width, as amounts, but no text's lines, do."""
    if len(column) < ROWS - 1:
        return False
    widths = sorted({b - a for a, b in column})
    end = median([b for _, b in column])
    return all(abs(b - end) < SIDE * scale for _, b in column) and widths[-1] - widths[0] > UNEVEN * scale


def _wraps(column: Sequence[Run], scale: float) -> bool:
    """Whether a column's lines are those of one text: all but the last equally wide."""
    widths = [b - a for a, b in column[:-1]]
    return not widths or max(widths) - min(widths) < EVEN * scale
