"""Running heads: what stands at the top of page after page is no table's title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from extractor.elements import Box, PageLine, PageResult
from extractor.headings import bare

# Shares of the page's height: where heads stand, and how far one wanders from page to page on scans.
_TOP = 0.12
_WANDER = 0.02
_SAME_WORDS = 0.85


def without_running_heads(pages: Sequence[PageResult]) -> tuple[PageResult, ...]:
    """Pages whose tables no longer have a running head for their title.

    A title that a publisher prints again over each part of a table is no running head: that one also
    stands at the same height on a page whose own table has another title, or that has no table.
    """
    heads = [(page, [(line, _height(line.box, page)) for line in page.lines]) for page in pages]
    found = {bare(table.title) for page in pages for table in page.tables[:1] if table.title}
    running = {title for title in found if _is_running(title, heads)}
    return tuple(_without(page, running) for page in pages)


def _without(page: PageResult, running: set[str]) -> PageResult:
    if not page.tables or bare(page.tables[0].title or "") not in running:
        return page
    first = page.tables[0]
    return replace(page, tables=(replace(first, title=None), *page.tables[1:]))


def _is_running(title: str, pages: Sequence[tuple[PageResult, Sequence[tuple[PageLine, float]]]]) -> bool:
    places = [
        (y, page)
        for page, lines in pages
        for line, y in lines
        if y < _TOP and SequenceMatcher(None, title, bare(line.text), autojunk=False).ratio() >= _SAME_WORDS
    ]
    own = [y for y, page in places if _titled(page, title)]
    others = [y for y, page in places if not _titled(page, title)]
    return any(abs(y - other) <= _WANDER for y in own for other in others)


def _titled(page: PageResult, title: str) -> bool:
    said = bare(page.tables[0].title or "") if page.tables else ""
    return bool(said) and SequenceMatcher(None, title, said, autojunk=False).ratio() >= _SAME_WORDS


def _height(box: Box, page: PageResult) -> float:
    """Where a line stands on the page turned to be read: 0 at the top, 1 at the foot."""
    height = page.width if page.rotation % 180 else page.height
    return as_read(box, page).center.y / height if height else 0.0


def as_read(box: Box, page: PageResult) -> Box:
    """A box in shown points, in points of the page turned to be read."""
    width, height = page.width, page.height
    x0, y0, x1, y1 = box
    turned = {
        90: Box(height - y1, x0, height - y0, x1),
        180: Box(width - x1, height - y1, width - x0, height - y0),
        270: Box(y0, width - x1, y1, width - x0),
    }
    return turned.get(page.rotation % 360, box)
