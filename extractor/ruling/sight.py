"""A second look at borders of which too little ink is left: what a learned rule detector says of them.

The detector draws worn rules through nearly always, but it also goes on with a rule where aligned ones stop, across
a merged cell. So it is believed only where the page shows a trace of the rule too, away from text; and as it is slow,
it is not run before an edge is in such doubt. On clean pages that hardly ever happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.ports import RuleSight
    from extractor.ruling.borders import Borders

TRACE = 0.25  # of an edge's length: less ink than this may be specks, and the detector's word a mere habit
DRAWN = 0.85  # mean likelihood along an edge from which the detector is believed; across merged cells it says less
BELIEVED = 0.95  # probability of such a border
BESIDE = 0.25  # text heights: how far the detector's track may lie beside the lattice's line
INSET = 0.12  # text heights at both ends of an edge, where the crossing rules lie


@dataclass(frozen=True, slots=True)
class SeenRules:
    """How likely (0..255) each spot lies on a level or an upright rule; `step`: upright pixels to a spot of it."""

    level: Picture
    upright: Picture
    step: float

    def drawn(self, horizontal: bool, at: float, start: float, end: float, beside: float) -> float:
        """Mean likelihood (0..1) along an edge; all in upright pixels. `beside`: how far off its track may lie."""
        seen = self.level if horizontal else self.upright.T
        reach = max(1.0, beside / self.step)
        y0, y1 = max(0, round(at / self.step - reach)), round(at / self.step + reach) + 1
        x0 = max(0, round(start / self.step))
        band = seen[y0:y1, x0 : max(x0 + 1, round(end / self.step))]
        return float(band.max(axis=0).mean()) / 255 if band.size else 0.0


@dataclass(frozen=True)
class SecondLook:
    """The detector's word on edges of one page, seen once and only if any edge is in doubt."""

    borders: Borders
    sight: RuleSight
    picture: Picture

    @cached_property
    def seen(self) -> SeenRules:
        return self.sight.see(self.picture)

    def evidence(self, horizontal: bool, at: float, start: float, end: float) -> float:
        """Probability (0..1) that a border stands on an edge that looks like none; 0 where nothing speaks for it."""
        if self.borders.trace(horizontal, at, start, end) < TRACE:
            return 0.0
        scale = self.borders.ridges.scale
        inset = min(INSET * scale, (end - start) / 8)
        drawn = self.seen.drawn(horizontal, at, start + inset, end - inset, BESIDE * scale)
        return BELIEVED if drawn >= DRAWN else 0.0
