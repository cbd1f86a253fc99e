"""The fewest positions through the blanks between the texts of each row: the borders of columns that no rule draws."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from extractor.unruled.gaps import BESIDE, CROSSED, PARTING, Gap, counted_gaps, passes
from extractor.unruled.openrules import Run

# All lengths are text heights.
POKES = 0.15  # text reaching so far past a border that is drawn: there is no second one before it
MANY = 2.0  # weight of narrow gaps that need no such one
LEAST = 0.7  # weight of the gaps that make a border
SURE = 0.5  # weight of gaps beside which others, if there are not many, have no say where the border stands
HEADINGS, PROVED = 4, 3  # rows from the top in which such are; gaps of one that prove another
ALIKE, LEAST_HEAD = 1.1, 0.45  # times the width of the gap they prove; its least width
THROUGH = 0.5  # narrow gaps that one row with text across them outweighs
ELSEWHERE = 0.03  # the same of a row far from them: forms divide such rows in other ways, lists do not


def place_borders(
    strips: Sequence[Sequence[Run]], gaps: Sequence[Gap], fixed: Sequence[float], scale: float
) -> list[float]:
    """The fewest positions, the fixed ones among them, in the gaps between the texts of each row."""
    chosen = list(fixed)
    poke = POKES * scale
    left = [gap for gap in gaps if gap.weight > 0 and not any(gap.start - poke <= x <= gap.end + poke for x in chosen)]
    reach = CROSSED * scale
    between = counted_gaps(strips, scale)
    while left:
        marks = sorted({x for gap in left for x in (gap.start, gap.end)})
        best, at = 0.0, 0.0
        for a, b in pairwise(marks):
            x = (a + b) / 2
            if any(start < x < end and any(start < other < end for other in chosen) for start, end in between):
                continue
            here = [(gap.weight, gap.row) for gap in left if passes(x, gap)]
            narrow = [(w, r) for w, r in here if w < 1]
            score = sum(w for w, _ in here if w >= 1) + 1e-4 * min(b - a, scale) / scale
            if narrow:
                # Between the rows that have the narrow gap, and next to them, the others must mostly have one too.
                rows = strips[max(0, min(r for _, r in narrow) - BESIDE) : max(r for _, r in narrow) + 1 + BESIDE]
                across = sum(any(start + reach < x < end - reach for start, end in row) for row in rows)
                every = sum(any(start + reach < x < end - reach for start, end in strip) for strip in strips)
                bonus = sum(w for w, _ in narrow) - THROUGH * across - ELSEWHERE * (every - across)
                if max(w for w, _ in here) >= PARTING or bonus >= MANY:
                    score += max(0.0, bonus)
            if score > best:
                best, at = score, x
        if best < LEAST:
            break
        chosen.append(at)
        left = [gap for gap in left if not passes(at, gap)]
    kept = _needed(chosen, fixed, gaps)
    like = _like_others(kept, strips, gaps, scale)
    return sorted([*(x if x in fixed else _clear(x, kept, gaps, strips) for x in kept), *like])


def _like_others(
    chosen: Sequence[float], strips: Sequence[Sequence[Run]], gaps: Sequence[Gap], scale: float
) -> list[float]:
    """Borders in the narrow gaps of a row of headings whose other gaps, as narrow as they, are borders in other rows.

    Of a column that is blank, or nearly so, only its heading tells; no text of any row is in such a border's way.
    """
    out: list[float] = []
    for r in range(min(HEADINGS, len(strips))):
        own = [gap for gap in gaps if gap.row == r]
        parted = [gap for gap in own if any(passes(x, gap) for x in chosen)]
        for gap in own:
            width = gap.end - gap.start
            middle = (gap.start + gap.end) / 2
            alike = sum(other.end - other.start < ALIKE * width for other in parted)
            within = any(a + CROSSED * scale < middle < b - CROSSED * scale for strip in strips for a, b in strip)
            if gap not in parted and alike >= PROVED and width > LEAST_HEAD * scale and not within:
                out.append(middle)
    return out


def _clear(x: float, chosen: Sequence[float], gaps: Sequence[Gap], strips: Sequence[Sequence[Run]]) -> float:
    """Where, within the gaps that need a position, the fewest texts of all rows are in its way."""
    own = [g for g in gaps if g.weight > 0 and passes(x, g)]
    if sum(g.weight for g in own if g.weight < SURE) < LEAST:
        own = [g for g in own if g.weight >= SURE] or own
    sole = [g for g in own if not any(passes(other, g) for other in chosen if other != x)] or own
    low, high = max(g.start for g in sole), min(g.end for g in sole)
    runs = [run for strip in strips for run in strip if run[0] < high and run[1] > low]
    marks = sorted({low, high, *(e for run in runs for e in run if low < e < high)})
    if len(marks) < 2:
        return x
    parts = [
        (sum(a < (start + end) / 2 < b for a, b in runs), start - end, (start + end) / 2)
        for start, end in pairwise(marks)
    ]
    return min(parts)[2]


def _needed(chosen: Sequence[float], fixed: Sequence[float], gaps: Sequence[Gap]) -> list[float]:
    """Positions without those whose gaps the others pass through as well."""
    kept = list(chosen)
    for x in reversed(chosen):
        rest = [other for other in kept if other != x]
        sole = sum(g.weight for g in gaps if passes(x, g) and not any(passes(other, g) for other in rest))
        if x not in fixed and sole < LEAST:
            kept = rest
    return kept
