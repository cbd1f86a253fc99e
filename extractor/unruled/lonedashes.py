"""Dashes that spreadsheets print for 0 and that the detector of text lines passes over: small, alone in their cells.

They tell where a column stands as well as amounts do, and a border found without them may run right through them.
One alone may be anything; a column of them stands in line, a row from each other, at one end or in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2

from extractor.elements import Box

if TYPE_CHECKING:
    from extractor.elements import Picture

# All lengths are text heights.
LEAST, LONGEST = 0.18, 1.1  # a dash's length
THICKEST = 0.22
FLAT = 1.8  # times its height a dash is long, at least
IN_LINE = 0.12  # by which the ends, or the middles, of a column's dashes differ
ROW = 0.9  # from one to the next of them at least
SERIES = 3  # dashes that make a column
BESIDE = 1.2  # pieces of one broken rule are no further apart
LEVEL = 0.15  # by which those differ in height
CLEAR = 0.5, 0.2  # beside, above and below a dash nothing of a rule is drawn


def lone_dashes(ink: Picture, drawn: Picture, lines: Sequence[Box], scale: float) -> list[Box]:
    """Dashes in columns outside the detected lines; pixels.

    ink: 1 where ink is that is no rule's; drawn: where rules are. scale: text height.
    """
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    x, y, wide, high = (stats[1:, k] for k in range(4))
    flat = (wide >= LEAST * scale) & (wide <= LONGEST * scale) & (high <= THICKEST * scale) & (wide >= FLAT * high)
    bars = [
        Box(float(a), float(b), float(a + w), float(b + h))
        for a, b, w, h in zip(x[flat], y[flat], wide[flat], high[flat], strict=True)
    ]
    bars = [bar for bar in bars if not any(_holds(line, bar) for line in lines) and not _on_rule(bar, drawn, scale)]
    alone = [bar for bar in bars if not any(other != bar and _next(bar, other, scale) for other in bars)]
    out: set[int] = set()
    for places in ([bar.x1 for bar in alone], [bar.center.x for bar in alone], [bar.x0 for bar in alone]):
        run: list[int] = []
        for k in sorted(range(len(alone)), key=places.__getitem__):
            if run and places[k] - places[run[-1]] > IN_LINE * scale:
                run = []
            run.append(k)
            ys = sorted(alone[m].center.y for m in run)
            if len(run) >= SERIES and all(b - a > ROW * scale for a, b in pairwise(ys)):
                out.update(run)
    return [alone[k] for k in sorted(out)]


def _holds(line: Box, bar: Box) -> bool:
    return line.x0 <= bar.center.x <= line.x1 and line.y0 <= bar.center.y <= line.y1


def _on_rule(bar: Box, drawn: Picture, scale: float) -> bool:
    beside, above = CLEAR[0] * scale, CLEAR[1] * scale
    x0, y0 = max(0, round(bar.x0 - beside)), max(0, round(bar.y0 - above))
    return bool(drawn[y0 : round(bar.y1 + above), x0 : round(bar.x1 + beside)].any())


def _next(bar: Box, other: Box, scale: float) -> bool:
    """Whether two bars are pieces of one broken rule: at one height, with little between them."""
    apart = max(bar.x0, other.x0) - min(bar.x1, other.x1)
    return abs(bar.center.y - other.center.y) < LEVEL * scale and apart < BESIDE * scale
