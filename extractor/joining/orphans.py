"""Headings that a page break parts from their table: title at the foot of one page, table on the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extractor.elements import Box, PageResult, TextLine
from extractor.joining.running import as_read
from extractor.kinds.titles import describe

_MARGIN = 0.08  # share of the page's height at its foot where page numbers stand


def with_orphaned_titles(pages: Sequence[PageResult]) -> tuple[PageResult, ...]:
    """Pages whose untitled first tables have the title, unit and organisation left at the foot of the page before.

    Asked only where lines stand below that page's last table, so that nothing can go on over the break.
    """
    out = list(pages)
    for k in range(1, len(out)):
        before, page = out[k - 1], out[k]
        if page.number != before.number + 1 or not before.tables or not page.tables:
            continue
        first, last = page.tables[0], before.tables[-1]
        if first.title or not first.at_top or last.at_bottom:
            continue
        sheet = as_read(Box(0.0, 0.0, before.width, before.height), before)
        above = as_read(last.box, before)
        boxes = [as_read(line.box, before) for line in before.lines]
        lines = [
            TextLine(line.text, box)
            for line, box in zip(before.lines, boxes, strict=True)
            if box.y1 < sheet.height * (1 - _MARGIN)
        ]
        own = as_read(first.box, page)
        below = Box(own.x0, sheet.y1, own.x1, sheet.y1 + own.height)
        found = describe(lines, below, above.y1, sheet)
        if found.title:
            named = replace(
                first,
                title=found.title,
                unit=first.unit or found.unit,
                organization=first.organization or found.organization,
                fiscal_year=first.fiscal_year or found.fiscal_year,
            )
            out[k] = replace(page, tables=(named, *page.tables[1:]))
    return tuple(out)
