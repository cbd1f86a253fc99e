"""Texts of two columns that nearly touch: one run of ink, though no line of text goes on across the border."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.elements import Box
from extractor.unruled.gaps import CROSSED
from extractor.unruled.openrules import Run


def parted_at(strip: Sequence[Run], lines: Sequence[Box], xs: Sequence[float], scale: float) -> tuple[Run, ...]:
    """A row's runs, those cut at a border that all their lines end before or begin behind.

    lines: the row's text lines; xs: the table's borders; scale: text height; all in one unit.
    """
    out: list[Run] = []
    reach = CROSSED * scale
    for start, end in strip:
        rest = start
        own = [line for line in lines if line.x1 > start and line.x0 < end]
        for x in xs:
            before = [line for line in own if line.center.x < x]
            behind = [line for line in own if line.center.x >= x]
            if (
                rest + reach < x < end - reach and before and behind
                and all(line.x1 < x + reach for line in before) and all(line.x0 > x - reach for line in behind)
            ):
                out.append((rest, min(x, max(line.x1 for line in before))))
                rest = max(x, min(line.x0 for line in behind))
        out.append((rest, end))
    return tuple(out)
