"""Tables with a few horizontal rules only (三线表): above and below the head and at the foot, none between rows.

Between two rules of a table that has one under each row there is one row, however many lines wrap in it. Where
several rows of texts stand there in columns, line beside line, rules are supposed between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from extractor.elements import Box
from extractor.openrules import Level, Run
from extractor.textrows import ROWS, TextRow, is_tabular, text_rows, unwrapped

MOST = 0.5  # share of a table's height that such stretches take up; else it has a rule under each row
BESIDE = 3  # columns of texts side by side
FIRST = 0.7  # share of the rows in which the first column names something; a number before a wrapped row stands alone
FILLED = 0.5  # share of the rows in which the other columns have texts
EVEN = 1.2  # text heights by which the lines of a text that wraps differ in width, all but its last


def with_supposed_rules(
    levels: Sequence[Level], lines: Sequence[Box], x0: float, x1: float, scale: float
) -> list[Level]:
    """Levels of one table, top to bottom, with those supposed between its rows where it has few of its own.

    lines: the page's text lines (boxes); x0, x1: the table's sides; scale: text height. One frame, any unit.
    """
    between = [_rows_between(a, b, lines, x0, x1, scale) for a, b in pairwise(levels)]
    tall = sum(b.at - a.at for (a, b), rows in zip(pairwise(levels), between, strict=True) if rows)
    if tall < MOST * (levels[-1].at - levels[0].at):
        return list(levels)
    out = [levels[0]]
    for level, rows in zip(levels[1:], between, strict=True):
        out += [Level((a.box.y1 + b.box.y0) / 2, ((x0, x1),)) for a, b in pairwise(rows)]
        out.append(level)
    return out


def _rows_between(
    upper: Level, lower: Level, lines: Sequence[Box], x0: float, x1: float, scale: float
) -> list[TextRow]:
    """The rows that stand between two rules, if they are more than one."""
    inside = [b for b in lines if upper.at < b.center.y < lower.at and x0 - scale < b.center.x < x1 + scale]
    rows = text_rows(inside, scale)
    if len(rows) < ROWS:
        return []
    rows = unwrapped(rows, scale)
    return rows if is_tabular(rows) and _in_columns(rows, scale) else []


def _in_columns(rows: Sequence[TextRow], scale: float) -> bool:
    """Whether rows name something and say it in columns, rather than being the lines that wrap in one row's cells."""
    columns = _columns(rows)
    filled = [[[run for run in row.texts if a <= run[0] and run[1] <= b] for row in rows] for a, b in columns]
    shares = [sum(map(bool, column)) / len(rows) for column in filled]
    if len(columns) < BESIDE or shares[0] < FIRST or sum(share >= FILLED for share in shares) < BESIDE:
        return False
    return not all(_wraps([run for runs in column for run in runs], scale) for column in filled)


def _columns(rows: Sequence[TextRow]) -> list[Run]:
    """Stretches in which texts of all rows overlap, left to right."""
    columns: list[Run] = []
    for a, b in sorted(run for row in rows for run in row.texts):
        if columns and a <= columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], b)
        else:
            columns.append((a, b))
    return columns


def _wraps(column: Sequence[Run], scale: float) -> bool:
    """Whether a column's lines are those of one text: all but the last equally wide."""
    widths = [b - a for a, b in column[:-1]]
    return not widths or max(widths) - min(widths) < EVEN * scale
