"""Borders of open columns from their headings alone: a heading stands in the middle of its column.

From a side of the table the middle of the first heading gives the first border, this and the next heading the next
one, and so on: each is reflected at a heading's middle. That the last reflection meets the table's other side proves
them all, for a single heading set otherwise would put it elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from extractor.geometry import median
from extractor.unruled.aligning import BESIDE, PAD, askew
from extractor.unruled.gaps import WIDE, run_together
from extractor.unruled.openrules import Run

# Lengths are text heights.
HEADS = 4  # rows from the top in which a column's heading is sought
LEAST = 3  # columns that prove anything
PAIR = 2, 0.25  # columns between drawn borders that prove it, too; by which what their headings say differs at most
MISSED = 0.1, 0.25  # by which the last border misses the side: for every heading, and at most for all of them
SPANNING = 0.1  # share of the rows at most, or one, whose texts moved borders cut: such a text spans columns
CROSSED = 0.25  # a text that reaches so far past a border on both sides runs across it
TOUCHED = 0.1  # between where a border is and where texts set against it say that it is
OFF = 0.08  # from such a text to its border, where the blank is so wide: a mark at a cell's very side is no mark
LABELS = 2  # of a form, one under another, at least
SAME_MIDDLE, SAME_START = 0.12, 0.2  # by which the middles of such labels differ, the starts of what stands behind them
UNEVEN = 0.5  # by which the widths of such labels differ at least: others may be set on a side
ANSWERED = 0.25  # by which the place that a label's middle gives misses the one that its answer's does
KNOWN = 0.8  # from a border: so near is no other
COLON = 0.6  # by which the middles of labels differ at most
ASKEW = 0.5  # by which labels stand off the cell that the borders they have would make


def centred_borders(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], fixed: Collection[float], scale: float,
    shown: Sequence[Collection[float]] = (),
) -> list[float]:
    """The borders moved to where headings stand in the middle between them; those stay that this does not prove.

    strips: each row's runs of text. fixed: borders that something drawn shows; they and the outer two stay.
    scale: text height. shown: for each row, those of them that something drawn shows there: between two of these
    headings may stand in any row, as those do below a form's first list that another heading spans.
    """
    known = [j for j, x in enumerate(xs) if j in (0, len(xs) - 1) or x in fixed]
    out = list(xs)
    for a, b in pairwise(known):
        pair = b - a == PAIR[0] and xs[a] in fixed and xs[b] in fixed
        if b - a < LEAST and not pair:
            continue
        within = [r for r, at in enumerate(shown) if r >= HEADS and xs[a] in at and xs[b] in at]
        for row in (*range(min(HEADS, len(strips))), *within):
            # A table's first rows make one head; further down a row is one alone, and what is under it is its own.
            heads, first, under = (strips, row, strips) if row < HEADS else (strips[row : row + 1], 0, strips[row:])
            found = _reflected(xs[a], [_middle(heads, xs, j, first, scale) for j in range(a, b)])
            most = PAIR[1] if pair else min(MISSED[1], MISSED[0] * (b - a))
            if found is None or abs(found[-1] - xs[b]) > most * scale:
                continue
            if pair:  # half of what they miss is each one's
                found = [found[0] - (xs[b] - found[1]) / 2, found[1]]
            moved = [*out[: a + 1], *found[:-1], *out[b:]]
            below = [_without_heading(strip, xs[a] + xs[b], scale) for strip in under[:row]] + list(under[row:])
            if _rising(moved) and _more_crossed(below, out, moved, scale) <= max(1.0, SPANNING * len(under)):
                out = [x if x in xs else _beside_texts(x, strips, scale) for x in moved]
                break
    return out


def _without_heading(strip: Sequence[Run], ends: float, scale: float) -> list[Run]:
    """A row's runs without what stands in the very middle between borders (ends: their sum): it spans the columns."""
    return [run for run in strip if abs(sum(run) - ends) / 2 >= SAME_MIDDLE * scale]


def _beside_texts(x: float, strips: Sequence[Sequence[Run]], scale: float) -> float:
    """A border just behind the texts that end, or before those that begin, at it or a little beyond it."""
    reach, off = TOUCHED * scale, OFF * scale
    end = max((b for strip in strips for _, b in strip if x - off < b < x + reach), default=-inf)
    start = min((a for strip in strips for a, _ in strip if x - reach < a < x + off), default=inf)
    if (end > -inf) == (start < inf):
        return x
    if end > -inf:
        return min(end + off, (end + min((a for strip in strips for a, _ in strip if a >= end), default=inf)) / 2)
    return max(start - off, (start + max((b for strip in strips for _, b in strip if b <= start), default=-inf)) / 2)


def _middle(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], j: int, row: int, scale: float
) -> float | None:
    """The middle of the text that stands in column j alone: in a row or, where it has none, in those above or below."""
    reach = CROSSED * scale
    for strip in (*strips[row::-1], *strips[row + 1 : HEADS]):
        own = [run for run in strip if run[1] > xs[j] and run[0] < xs[j + 1]]
        own = [run for run in own if run[1] > xs[j] + reach and run[0] < xs[j + 1] - reach]
        if own:
            alone = own[0][0] > xs[j] - reach and own[-1][1] < xs[j + 1] + reach
            return (own[0][0] + own[-1][1]) / 2 if alone else None
    return None


def _reflected(start: float, middles: Sequence[float | None]) -> list[float] | None:
    out = [start]
    for middle in middles:
        if middle is None:
            return None
        out.append(2 * middle - out[-1])
    return out[1:]


def _rising(xs: Sequence[float]) -> bool:
    return all(a < b for a, b in pairwise(xs))


def _more_crossed(strips: Sequence[Sequence[Run]], xs: Sequence[float], moved: Sequence[float], scale: float) -> int:
    """In how many rows texts run across moved borders, or stand on their other side, that did not before."""
    reach = CROSSED * scale

    def crosses(strip: Sequence[Run], x: float) -> bool:
        return any(a + reach < x < b - reach for a, b in strip)

    def passes(strip: Sequence[Run], old: float, new: float) -> bool:
        low, high = min(old, new), max(old, new)
        return any(low < (a + b) / 2 < high and not a < old < b for a, b in strip)

    return sum(
        any(
            (crosses(strip, new) and not crosses(strip, old)) or passes(strip, old, new)
            for old, new in zip(xs, moved, strict=True)
        )
        for strip in strips
    )


def label_borders(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], fixed: Collection[float], scale: float
) -> list[float]:
    """Borders before a form's second labels, where only drawn borders of other rows stand and do not fit them.

    Labels of several widths with one middle stand in the middle of one column, and what they ask for begins behind its
    other side: the border before them is that side, reflected at their middle. All as in `centred_borders`.
    """
    seen = []
    for strip in strips:
        texts = run_together(strip, WIDE * scale)
        seen += [(texts[k - 1], texts[k], texts[k + 1 : k + 2]) for k in range(1, len(texts))]
    out: list[float] = []
    for _, label, after in seen:
        alike = [one for one in seen if abs(sum(one[1]) - sum(label)) / 2 < SAME_MIDDLE * scale]
        widths = [text[1] - text[0] for _, text, _ in alike]
        starts = [behind[0][0] for _, _, behind in alike if behind]
        if not after or len(alike) < LABELS or max(widths) - min(widths) < UNEVEN * scale:
            continue
        if max(starts) - min(starts) > SAME_START * scale:
            continue
        border = _before([(one[0][1], one[1]) for one in alike], min(starts), (xs, fixed), scale)
        if border is not None and all(abs(border - x) > SAME_START * scale for x in out):
            out.append(border)
    return out


def _before(
    labels: Sequence[tuple[float, Run]], behind: float, borders: tuple[Sequence[float], Collection[float]], scale: float
) -> float | None:
    """The border before labels, each with the end of the text before it, if those known do not fit."""
    xs, fixed = borders
    start, end = max(before for before, _ in labels), min(text[0] for _, text in labels)
    last = max(text[1] for _, text in labels)
    side = min((x for x in xs if last < x <= behind), key=lambda x: abs(x - behind + PAD * scale), default=None)
    known = [x for x in xs if start < x < end]
    if side is None or not known or any(x not in fixed for x in known):
        return None
    if max(askew(text, known[-1], side, scale) for _, text in labels) < ASKEW:
        return None
    middle = sum(sum(text) / 2 for _, text in labels) / len(labels)
    border = 2 * middle - side
    return border if max(start, known[-1]) < border < end else None


def answer_borders(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], fixed: Collection[float], scale: float
) -> list[float]:
    """Borders between a form's labels and their answers where both stand in the middle, and no border is there yet.

    From a drawn border the middle of the label, from the table's right side that of the answer give the same place.
    Two rows with labels of several widths agree in it, or a text that ends before a known border stands in the middle
    between it and that one.
    """
    seen: list[tuple[float, float]] = []  # a place, the width of its label
    rows = [run_together(strip, WIDE * scale) for strip in strips]
    for texts in rows:
        if len(texts) < 2:
            continue
        label, answer = texts[-2:]
        before = texts[-3][1] if len(texts) > 2 else xs[0]
        place = sum(answer) - xs[-1]
        for side in (x for x in (xs[0], *fixed) if before <= x < label[0]):
            if abs(sum(label) - side - place) < ANSWERED * scale and label[1] < place < answer[0]:
                seen.append((place, label[1] - label[0]))
    out: list[float] = []
    for place, _ in seen:
        widths = [width for other, width in seen if abs(other - place) < SAME_START * scale]
        widths += [
            b - a for texts in rows for a, b in texts for x in xs[:-1]
            if place < a and b < x and abs(a + b - place - x) < ANSWERED * scale
        ]
        known = [x for x in (*xs, *out) if abs(x - place) < KNOWN * scale]
        if not known and len(widths) >= LABELS and max(widths) - min(widths) > UNEVEN * scale:
            out.append(place)
    return out


def even_borders(strips: Sequence[Sequence[Run]], xs: Sequence[float], scale: float) -> list[float]:
    """Borders before a form's amounts that stand in the middle, where the labels before them are set on a side.

    Amounts of several widths with one middle, each a row's last text behind a label that is set on a known border,
    stand in the middle of a cell that ends at the table's right side: it begins where that is reflected. No known
    border may be there, and none in the blank before them may fit them.
    """
    seen, side = [], max(xs)
    for strip in strips:
        texts = run_together(strip, WIDE * scale)
        if len(texts) < 2 or side - texts[-1][1] < BESIDE * scale:
            continue
        label, answer = texts[-2:]
        if any(0 <= label[0] - x < BESIDE * scale for x in xs):
            seen.append((label, answer))
    out: list[float] = []
    for _, answer in seen:
        alike = [one for one in seen if abs(sum(one[1]) - sum(answer)) / 2 < SAME_MIDDLE * scale]
        widths = [b - a for _, (a, b) in alike]
        if len(alike) <= LABELS or max(widths) - min(widths) < UNEVEN * scale:
            continue
        place = 2 * median([sum(text) / 2 for _, text in alike]) - side
        start, end = max(label[1] for label, _ in alike), min(text[0] for _, text in alike)
        known = [x for x in xs if start < x < end]
        fits = [x for x in known if max(askew(text, x, side, scale) for _, text in alike) < ASKEW]
        near = any(abs(place - x) < KNOWN * scale for x in (*xs, *out))
        if known and not fits and not near and start < place < end:
            out.append(place)
    return out


def amount_borders(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], shown: Sequence[Sequence[float]], scale: float
) -> list[float]:
    """Borders between a form's labels and their amounts where the labels stand in the middle, the amounts at a side.

    Labels of several widths with one middle stand in the middle of a cell: it ends where the border before them, which
    something drawn shows in their own rows (shown: for each row), is reflected at that middle. No known border may be
    there, and no other label before such amounts may be set otherwise.
    """
    seen: list[Asked] = []
    for strip, drawn in zip(strips, shown, strict=True):
        texts = run_together(strip, WIDE * scale)
        sides = [max((x for x in drawn if x < label[0]), default=None) for label in texts]
        seen += [
            Asked(side, label, after)
            for side, before, label, after in zip(sides, [(xs[0], xs[0]), *texts], texts, texts[1:], strict=False)
            if side is not None and before[1] <= side
        ]
    out: list[float] = []
    for one in seen:
        asked = [other for other in seen if abs(other.after[1] - one.after[1]) < SAME_START * scale]
        asked = [other for other in asked if abs(other.side - one.side) < SAME_START * scale]
        border = _behind(one, asked, scale)
        if border is not None and all(abs(border - x) > KNOWN * scale for x in (*xs, *out)):
            out.append(border)
    return out


@dataclass(frozen=True, slots=True)
class Asked:
    """A label with the drawn border before it and the amount behind it."""

    side: float
    label: Run
    after: Run

    @property
    def middle(self) -> float:
        return (self.label[0] + self.label[1]) / 2


def _behind(one: Asked, asked: Sequence[Asked], scale: float) -> float | None:
    """The border behind a label and those in the same column, if they stand in its middle."""
    alike = [other for other in asked if abs(other.middle - one.middle) < SAME_MIDDLE * scale]
    widths = [other.label[1] - other.label[0] for other in alike]
    if len(alike) < LABELS or max(widths) - min(widths) < UNEVEN * scale:
        return None
    # A colon takes up half its width only, so that a label which ends with one seems to stand aside.
    if any(abs(other.middle - one.middle) > COLON * scale for other in asked):
        return None
    border = 2 * median([other.middle for other in alike]) - median([other.side for other in alike])
    inside = all(other.label[1] < border < other.after[0] for other in asked)
    return border if inside else None
