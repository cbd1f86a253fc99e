"""Rows of a table without rules in which labels stand beside several rows, as those of indicators do.

Such a label stands on no row's height, but at the middle of those that are its own (or, where texts are set at the
top, on the first one's). So rows are the heights on which most texts stand that leave each other room; whatever
stands between two of them, or over more than one, is a label of several, and how many follows from its place: in a
column without blanks each label's rows begin where the last one's end and lie evenly around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractor.elements import Box
from extractor.geometry import misalignment, overlap, union
from extractor.unruled.openrules import Run
from extractor.unruled.textrows import TextRow
from extractor.unruled.wrappedrows import line_step_of

# Lengths are text heights.
LEVEL = 0.25  # by which the middles of a row's texts differ
ALIGNED = 0.6  # by which the ends or middles of a text's lines differ
LOOSER = 1.12  # of the usual distance of a text's lines: the widest
FULL = 3  # texts that surely make a row
ROOM = 0.45  # of the usual blank between rows: the least
USUAL = 0.25  # of the blanks between rows next to each other, from the narrowest: the usual one
LEAST_ROOM = 0.15  # blank between rows that tells them from lines of a text
CLOSE = 0.2  # blank between two columns: the least
HEAD = 3  # rows that may be a head: labels of several of them alone are headings
OFF = 0.35  # by which a label misses the middle of its rows
OFF_MORE = 0.015  # the same for each row more: how high a head or a last row is, is guessed
NAMED = 0.7  # share of a label's rows that have texts at its right: it names them
MISSED = 3.0  # what it costs to miss it by one more, in log-odds
BLANK = 0.8  # what a row without a label costs
WORST = 1.0  # cost of a label's place at which it is not believed


@dataclass(frozen=True, slots=True)
class Span:
    """A label's rows, first to last (that one not included), and its column's stretch."""

    x0: float
    x1: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SpannedRows:
    """Rows from the top, the heights of the n + 1 borders, and the labels that stand beside more than one row."""

    rows: tuple[TextRow, ...]
    ys: tuple[float, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """The lines of one cell; at: the height of its middle, or of its first line where texts are set at the top."""

    lines: tuple[Box, ...]
    box: Box
    at: float


def spanned_rows(boxes: Sequence[Box], x0: float, x1: float, scale: float) -> SpannedRows | None:
    """Rows of a table's text lines with the labels of several; None where there are none. x0, x1: the table's sides."""
    texts = _texts([_trimmed(box, scale) for box in boxes], scale)
    levels = _levels(texts, scale)
    strong = [_height(level) for level in levels if len(level) >= FULL]
    if len(strong) < FULL:
        return None
    reach = [_reach(level, strong) for level in levels]
    chosen = _roomiest(levels, reach, scale)
    rows = [levels[k] for k in chosen]
    own = [reach[k] for k in chosen]
    room = [b[0] - a[1] for a, b in pairwise(own)]
    rim = max(LEAST_ROOM * scale, sorted(room)[len(room) // 4] / 2) if room else LEAST_ROOM * scale
    ys = [own[0][0] - rim, *((a[1] + b[0]) / 2 for a, b in pairwise(own)), own[-1][1] + rim]
    heights = [_height(level) for level in rows]
    loose = [text for k, level in enumerate(levels) if k not in chosen for text in level]
    for level, height in zip(rows, heights, strict=True):
        loose += [t for t in level if any(t.box.y0 < h < t.box.y1 for h in heights if h != height)]
    if not loose:
        return None
    spans = _spans(texts, loose, ys, heights, (x0, x1), scale)
    if not any(span.last > HEAD for span in spans):
        return None
    return SpannedRows(tuple(_dealt(texts, ys, scale)), tuple(ys), tuple(spans))


def _trimmed(box: Box, scale: float) -> Box:
    """A line's box as high as its text: the margin that a detector draws may be all the blank between rows."""
    if box.height <= scale:
        return box
    return Box(box.x0, box.center.y - scale / 2, box.x1, box.center.y + scale / 2)


def _texts(boxes: Sequence[Box], scale: float) -> list[_Text]:
    """Lines put together to texts, as far as they stand as near as lines do and are set alike."""
    looser = LOOSER * line_step_of(boxes, scale)
    blocks: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: b.center.y):
        over = [
            block for block in blocks
            if overlap(block[-1].x0, block[-1].x1, box.x0, box.x1) > 0
            and box.height / 2 < box.center.y - block[-1].center.y < looser
            and misalignment(block[-1].x0, block[-1].x1, box.x0, box.x1) < ALIGNED * scale
        ]
        if len(over) == 1:
            over[0].append(box)
        else:
            blocks.append([box])
    middles = [union(block).center.y for block in blocks]
    firsts = [block[0].center.y for block in blocks]
    lone = [y for block, y in zip(blocks, middles, strict=True) if len(block) == 1]
    wrapped = [k for k, block in enumerate(blocks) if len(block) > 1]
    centred = sum(any(abs(middles[k] - y) < LEVEL * scale for y in lone) for k in wrapped)
    at_top = sum(any(abs(firsts[k] - y) < LEVEL * scale for y in lone) for k in wrapped)
    heights = firsts if at_top > centred else middles
    return [_Text(tuple(block), union(block), y) for block, y in zip(blocks, heights, strict=True)]


def _levels(texts: Sequence[_Text], scale: float) -> list[list[_Text]]:
    """Texts on one height, from the top."""
    out: list[list[_Text]] = []
    for text in sorted(texts, key=lambda t: t.at):
        if out and text.at - _height(out[-1]) < LEVEL * scale:
            out[-1].append(text)
        else:
            out.append([text])
    return out


def _height(level: Sequence[_Text]) -> float:
    return sum(text.at for text in level) / len(level)


def _reach(level: Sequence[_Text], strong: Sequence[float]) -> tuple[float, float]:
    """From where to where the texts of a level reach, but those that stand beside other rows as well."""
    at = _height(level)
    others = [h for h in strong if abs(h - at) > 1e-6]
    own = [t for t in level if not any(t.box.y0 < h < t.box.y1 for h in others)] or list(level)
    return min(t.box.y0 for t in own), max(t.box.y1 for t in own)


def _roomiest(levels: Sequence[Sequence[_Text]], reach: Sequence[tuple[float, float]], scale: float) -> list[int]:
    """The levels with the most texts that leave each other the usual blank between rows."""
    full = [k for k, level in enumerate(levels) if len(level) >= FULL]
    blanks = sorted(reach[b][0] - reach[a][1] for a, b in pairwise(full))
    usual = [blank for blank in blanks if blank > LEAST_ROOM * scale] or [LEAST_ROOM * scale]
    least = max(LEAST_ROOM * scale, ROOM * usual[int(USUAL * len(usual))])
    best: list[tuple[int, int]] = []  # the most texts of rows that end with this level, the row before it
    for k, level in enumerate(levels):
        before = [(best[i][0], i) for i in range(k) if reach[k][0] - reach[i][1] >= least]
        most, came = max(before, default=(0, -1))
        best.append((most + len(level) * len(level), came))
    out: list[int] = []
    k = max(range(len(best)), key=lambda k: best[k][0])
    while k >= 0:
        out.append(k)
        k = best[k][1]
    return out[::-1]


def _columns(
    texts: Sequence[_Text], ys: Sequence[float], heights: Sequence[float], scale: float
) -> list[tuple[float, float]]:
    """The stretches in which texts stand under each other, from the left; a text over several of them makes none."""
    out: list[tuple[float, float]] = []
    for text in sorted(texts, key=lambda one: one.box.width):
        near = [k for k, column in enumerate(out) if _touches(text, column, scale)]
        if not near:
            out.append((text.box.x0, text.box.x1))
        elif len(near) == 1:
            out[near[0]] = min(text.box.x0, out[near[0]][0]), max(text.box.x1, out[near[0]][1])
    out.sort()
    merged = out[:1]
    for column in out[1:]:
        both = merged[-1][0], max(merged[-1][1], column[1])
        left, right, whole = (
            _labels([t for t in texts if _within(t, stretch, scale)], texts, stretch, ys, heights, scale)[0]
            for stretch in (merged[-1], column, both)
        )
        # Texts of one column that are set differently would leave rows blank if they were columns of their own.
        if column[0] < merged[-1][1] or (whole < left + right and not _beside(texts, merged[-1], column, ys, scale)):
            merged[-1] = both
        else:
            merged.append(column)
    return merged


def _touches(text: _Text, column: Run, scale: float) -> bool:
    return overlap(text.box.x0 - CLOSE * scale, text.box.x1 + CLOSE * scale, *column) > 0


def _within(text: _Text, column: Run, scale: float) -> bool:
    return column[0] - CLOSE * scale < text.box.x0 and text.box.x1 < column[1] + CLOSE * scale


def _beside(texts: Sequence[_Text], one: Run, other: Run, ys: Sequence[float], scale: float) -> bool:
    """Whether texts of two columns stand beside each other in some row."""
    strips = list(enumerate(pairwise(ys)))
    rows = [
        {r for t in texts if _within(t, column, scale) for r, (a, b) in strips if a < t.box.y1 and t.box.y0 < b}
        for column in (one, other)
    ]
    return bool(rows[0] & rows[1])


def _spans(
    texts: Sequence[_Text], loose: Sequence[_Text], ys: Sequence[float], heights: Sequence[float],
    sides: Run, scale: float,
) -> list[Span]:
    """The labels of several rows, column by column; some stand over several columns, too."""
    columns = _columns(texts, ys, heights, scale)
    borders = [sides[0], *((a[1] + b[0]) / 2 for a, b in pairwise(columns)), sides[1]]
    over: dict[tuple[int, int], list[_Text]] = {}
    for text in texts:
        at = [k for k, column in enumerate(columns) if _touches(text, column, scale)]
        over.setdefault((at[0], at[-1]), []).append(text)
    out: list[Span] = []
    for (i, j), labels in sorted(over.items()):
        if any(text in loose for text in labels):
            _, found = _labels(labels, texts, (columns[i][0], columns[j][1]), ys, heights, scale)
            right = [t.at for t in texts if t.box.x0 >= borders[j + 1]]
            filled = [any(y0 < at < y1 for at in right) for y0, y1 in pairwise(ys)]
            out += [
                Span(borders[i], borders[j + 1], a, b) for a, b in found
                if b - a > 1 and sum(filled[a:b]) >= NAMED * (b - a)
            ]
    return out


def _labels(
    labels: Sequence[_Text], texts: Sequence[_Text], column: Run, ys: Sequence[float], heights: Sequence[float],
    scale: float,
) -> tuple[float, list[tuple[int, int]]]:
    """The rows of each label in a stretch of the width, and what they cost. Other texts there part its rows."""
    labels = sorted(labels, key=lambda t: t.at)
    others = [t for t in texts if t not in labels and overlap(t.box.x0, t.box.x1, *column) > 0]
    barred = [any(a < t.at < b for t in others) for a, b in pairwise(ys)]
    cost, out, first = 0.0, [], 0
    for r, stop in enumerate([*barred, True]):
        if stop:
            own = [t for t in labels if ys[first] < t.at < ys[r]]
            more, found = _shared_out(own, ys, heights, first, r, scale)
            cost += more
            out += found
            first = r + 1
    return cost, out


def _shared_out(
    labels: Sequence[_Text], ys: Sequence[float], heights: Sequence[float], first: int, last: int, scale: float
) -> tuple[float, list[tuple[int, int]]]:
    """What the cheapest division of rows first to last (not included) among labels costs, and each one's rows."""
    n = len(labels)
    best: dict[tuple[int, int], tuple[float, tuple[int, int], float]] = {(first, 0): (0.0, (first, 0), 0.0)}
    for row in range(first, last):
        for k in range(n + 1):
            if (row, k) not in best:
                continue
            cost = best[row, k][0]
            steps = [((row + 1, k), BLANK)]
            if k < n:
                steps += [
                    ((j, k + 1), _misplaced(labels[k], ys, heights, row, j, scale)) for j in range(row + 1, last + 1)
                ]
            for at, more in steps:
                if at not in best or cost + more < best[at][0]:
                    best[at] = cost + more, (row, k), more
    at = last, n
    if at not in best:
        return float("inf"), []
    whole, out = best[at][0], []
    while at != (first, 0):
        _, came, more = best[at]
        if came[1] < at[1] and more < WORST:
            out.append((came[0], at[0]))
        at = came
    return whole, out[::-1]


def _misplaced(
    label: _Text, ys: Sequence[float], heights: Sequence[float], first: int, last: int, scale: float
) -> float:
    """What it costs a label to stand where it does if rows first to last (not included) are its own."""
    at_top = abs(label.at - label.box.center.y) > 1e-6
    missed = abs(label.at - (heights[first] if at_top else (ys[first] + ys[last]) / 2)) / scale
    if label.box.y0 < ys[first] - OFF * scale or label.box.y1 > ys[last] + OFF * scale:
        missed += 1.0
    return MISSED * max(0.0, missed - OFF - OFF_MORE * (last - first - 1))


def _dealt(texts: Sequence[_Text], ys: Sequence[float], scale: float) -> list[TextRow]:
    """Each row with the texts whose place is in it."""
    out = []
    for a, b in pairwise(ys):
        own = [t for t in texts if a <= t.at < b]
        out.append(TextRow.of([line for t in own for line in t.lines], scale))
    return out
