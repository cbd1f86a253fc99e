"""Text lines into the rows of a table that no rule parts: which lines wrap within a row, whatever stands beside them.

Lines of one cell stand nearer than rows do, and the texts of one row have their middles, or their tops, on one
height. Which neighbouring bands of lines are one row is the cheapest division of all of them (a shortest path).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from extractor.elements import Box
from extractor.geometry import median, overlap
from extractor.unruled.textrows import TextRow, blocks_of, text_rows

# Lengths are text heights.
BESIDE = 3  # texts side by side in a full row at least
FILLED = 0.6  # of the usual number of texts in such rows: those of a full one
PITCHES = 3  # full rows next to each other that tell how far rows are apart
NEARER = 0.87  # of the rows' usual distance: lines nearer than this may be one text's
LOOSER = 1.12  # of the usual distance of a text's lines: the widest
LINES = 0.9  # share of the nearer distances that a text's lines are taken to have
SOLID = 0.9  # the nearest that a text's lines stand
SET_ALIKE = 1.3  # times the nearest distance of a text's lines: any of them, all being of one type
NEAREST = 1.6  # the farthest that a text's lines stand
FEWER = 0.7  # share of a row's second lines that have fewer texts than its first ones
REACH = 6.0  # how far below a line the next one of its text is sought
DEEPEST = 9  # bands of lines in one row at most
MISSED = 0.25  # by which texts of one row miss its middle or its top
LARGER = 1.5  # times as high as the page's usual text: a title
# Costs are about log-odds.
ASKEW = 2.0  # a text height past that
HOLED = 10.0  # times the share by which two lines of a text are too far apart
LONE = 1.0, 0.5  # a row of one text, of two
TORN = 1.0  # rows as near as the lines of a text


def join_wrapped(rows: Sequence[TextRow], scale: float) -> list[TextRow]:
    """Bands of text lines, top to bottom, put together to rows; as they are where full rows are too few to tell."""
    beside = sorted(len(row.texts) for row in rows if len(row.texts) >= BESIDE)
    full = max(BESIDE, FILLED * beside[len(beside) // 2]) if beside else BESIDE
    pitch = _pitch(rows, full, scale)
    if pitch is None:
        return list(rows)
    line = _line_step([box for row in rows for box in row.boxes], pitch, scale)
    largest = LARGER * median([box.height for row in rows for box in row.boxes])
    best, came = [0.0], [0]
    for k in range(1, len(rows) + 1):
        options = []
        for i in range(max(0, k - DEEPEST), k):
            torn = _torn(rows[i - 1], rows[i], pitch, line) if i else 0.0
            cost = best[i] + torn + _cost(rows[i:k], full, line, largest, scale)
            options.append((cost, -i))
        cost, first = min(options)
        best.append(cost)
        came.append(-first)
    out: list[TextRow] = []
    k = len(rows)
    while k:
        i = came[k]
        out.append(rows[i] if k - i == 1 else _one(rows[i:k], scale))
        k = i
    return out[::-1]


def _one(rows: Sequence[TextRow], scale: float) -> TextRow:
    return TextRow.of([box for row in rows for box in row.boxes], scale)


def _pitch(rows: Sequence[TextRow], full: float, scale: float) -> float | None:
    """The distance of rows of one line: that of the nearer full ones (texts of others wrap), one after another."""
    fulls = [row for row in rows if len(row.texts) >= full]
    steps = sorted((b.box.center.y - a.box.center.y, len(b.texts) / len(a.texts)) for a, b in pairwise(fulls))
    if len(steps) < PITCHES:
        return None
    # Where several texts of a row wrap, their second lines are full rows, too: nearer, and with fewer texts.
    wide = [k for k in range(1, len(steps)) if steps[k][0] > SET_ALIKE * steps[k - 1][0]]
    for k in wide[:1]:
        fewer = sum(share < 1 for _, share in steps[:k])
        if steps[k - 1][0] < NEAREST * scale and fewer > FEWER * k and len(steps) - k >= PITCHES:
            steps = steps[k:]
    return steps[len(steps) // 4][0]


def _line_step(boxes: Sequence[Box], pitch: float, scale: float, share: float = LINES) -> float:
    """The widest usual distance of lines that are nearer to the next one below than rows are; 0 where there is none.

    share: of such distances that are no wider.
    """
    ordered = sorted(boxes, key=lambda b: b.center.y)
    steps = []
    for k, box in enumerate(ordered):
        for other in ordered[k + 1 :]:
            step = other.center.y - box.center.y
            if step > REACH * scale:
                break
            if step > box.height / 2 and overlap(box.x0, box.x1, other.x0, other.x1) > 0:
                steps.append(step)
                break
    near = sorted(step for step in steps if SOLID * scale < step < NEARER * pitch)
    # A text that wraps stands nearer to the rows over and under it than rows of one line do, too.
    near = [step for step in near if step < SET_ALIKE * near[int((1 - LINES) * len(near))]]
    return near[min(len(near) - 1, int(share * len(near)))] if near else 0.0


def _torn(upper: TextRow, lower: TextRow, pitch: float, line: float) -> float:
    """What it costs to hold two bands for different rows."""
    under = [
        b.center.y - a.center.y
        for a in upper.boxes for b in lower.boxes if overlap(a.x0, a.x1, b.x0, b.x1) > 0
    ]
    if under:
        return TORN if min(under) < LOOSER * line else 0.0
    return TORN if lower.box.center.y - upper.box.center.y < NEARER * pitch else 0.0


def _cost(rows: Sequence[TextRow], full: float, line: float, largest: float, scale: float) -> float:
    """What it costs to hold bands of lines for one row."""
    if len(rows) == 1:
        return LONE[len(rows[0].texts) - 1] if len(rows[0].texts) < BESIDE else 0.0
    highest = max(box.height for row in rows for box in row.boxes)
    beside = any(_alike(a, b) >= full and not _wraps(a, b, line) for a, b in pairwise(rows))
    if beside or highest > largest:
        return float("inf")
    blocks = blocks_of([box for row in rows for box in row.boxes])
    holes = 0.0
    for block in blocks:
        lines = text_rows(block, scale)
        for a, b in pairwise(lines):
            step = b.box.center.y - a.box.center.y
            holes += max(0.0, step / line - LOOSER) if line else float("inf")
    ends = [(min(b.y0 for b in block), max(b.y1 for b in block)) for block in blocks]
    y0, y1 = max(ends, key=lambda end: end[1] - end[0])
    middles = sum(max(0.0, abs(a + b - y0 - y1) / 2 / scale - MISSED) for a, b in ends)
    tops = sum(max(0.0, abs(a - y0) / scale - MISSED) for a, _ in ends)
    return HOLED * holes + ASKEW * min(middles, tops)


def line_step_of(boxes: Sequence[Box], scale: float) -> float:
    """The usual distance of a text's lines, from lines alone; 0 where none is as near as that."""
    return _line_step(boxes, NEAREST * scale / NEARER, scale, 0.5)


def _wraps(a: TextRow, b: TextRow, line: float) -> bool:
    """Whether a band stands under another as the next lines of its texts do, some of which are at their end."""
    return b.box.center.y - a.box.center.y < LOOSER * line and len(b.texts) < len(a.texts)


def _alike(a: TextRow, b: TextRow) -> int:
    """In how many columns two bands have texts under each other."""
    return sum(any(overlap(*one, *other) > 0 for other in b.texts) for one in a.texts)
