"""Running heads: what stands at the top of page after page is no table's title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from extractor.elements import Box, PageLine, PageResult, PageTable
from extractor.joining.repeated import likeness
from extractor.kinds.headings import (
    bare,
    find_bare_unit,
    find_organization,
    find_unit,
    is_continued,
    is_dated,
    is_numbering,
    is_page_number,
    is_year_line,
)

# Shares of the page's height: where heads stand, and how far one wanders from page to page on scans.
_TOP = 0.12
_WANDER = 0.02
_SHEET = 0.06  # the same on photographs, where the topmost line of a page is a head above another page's title
_ABOVE = 0.25  # the same on photographs, where the sheet itself begins lower on one than on the next
_SAID_ABOVE = 2  # other pages with a title of their own below it: at whatever height, the topmost line is no title
_SAME_WORDS = 0.85
_WORDS = 4  # characters: less may be a mark or a stamp's remnant
_LEGIBLE = 0.2  # probability of a line's text: what is read worse is no print, or says nothing sure
# What is left of a worn head: it lies within the head's ends on another page (share of the page's width), is as high,
# and most of its characters are the head's, in their order. What names a form is a title, whatever it is like.
_WITHIN = 0.02
_AS_HIGH = (0.7, 1.4)
_LEFT = 0.6
_FEWEST = 2  # characters
_FORMS = ("表", "明细", "情况", "说明", "目录")

_Tops = Sequence[tuple[PageResult, Sequence[PageLine]]]  # pages with their lines where running heads stand


def with_words_above(pages: Sequence[PageResult]) -> tuple[PageResult, ...]:
    """Pages whose first table is no longer `at_top` where words above it are neither its own nor a running head.

    On one page alone, what stands at its very top is taken for a running head. But that one is printed on other
    pages too, at whatever height where they are photographs; a line that says something of this page only is the
    heading of a table of its own.
    """
    lines = {page.number: _lines_above(page, _ABOVE) for page in pages}
    tops = [(page, _top_lines(page)) for page in pages]
    out = []
    for page in pages:
        others = [bare(line.text) for number, found in lines.items() if number != page.number for line in found]
        own = [
            bare(line.text) for line in _lines_above(page, _TOP)
            if not any(_repeats(bare(line.text), other) for other in others) and not _is_worn_head(line, page, tops)
        ]
        if page.tables and page.tables[0].at_top and any(_heads_table(text, page.tables[0]) for text in own):
            page = replace(page, tables=(replace(page.tables[0], at_top=False), *page.tables[1:]))
        out.append(page)
    return tuple(out)


def _lines_above(page: PageResult, lowest: float) -> list[PageLine]:
    """Legible lines above a page's first table, down to a height (share of the page's)."""
    floor = min(lowest, _height(page.tables[0].box, page) if page.tables else 1.0)
    return [line for line in page.lines if line.p > _LEGIBLE and _height(line.box, page) < floor]


def _repeats(text: str, other: str) -> bool:
    """Whether two pages print the same line; titles that count up (9、… 10、…) are not the same."""
    return [c for c in text if c.isdigit()] == [c for c in other if c.isdigit()] and _alike(text, other)


def _heads_table(text: str, table: PageTable) -> bool:
    """Whether a line says something, and nothing of what is already known of the table below it."""
    if len(text) < _WORDS or text in bare(table.title or "") or is_continued(text):
        return False
    if find_unit(text) or find_bare_unit(text):
        return False
    return not any(test(text) for test in (find_organization, is_dated, is_year_line, is_numbering, is_page_number))


def without_running_heads(pages: Sequence[PageResult]) -> tuple[PageResult, ...]:
    """Pages whose tables no longer have a running head for their title.

    A title that a publisher prints again over each part of a table is no running head: that one also
    stands at the same height on a page whose own table has another title, or that has no table.
    """
    heads = [(page, [(line, _height(line.box, page)) for line in page.lines]) for page in pages]
    found = {bare(table.title) for page in pages for table in page.tables[:1] if table.title}
    running = {title for title in found if _is_running(title, heads)}
    tops = [(page, _top_lines(page)) for page in pages]
    return tuple(_without(page, running | _worn_heads(page, tops)) for page in pages)


def _worn_heads(page: PageResult, tops: _Tops) -> set[str]:
    """A page's title, if it is only what is left of a running head."""
    title = bare(page.tables[0].title or "") if page.tables else ""
    lines = [line for line in page.lines if bare(line.text) == title]
    return {title} if title and any(_is_worn_head(line, page, tops) for line in lines) else set()


def _top_lines(page: PageResult) -> list[PageLine]:
    """Legible lines where running heads stand, but those that the page's own table has for its title."""
    title = bare(page.tables[0].title or "") if page.tables else ""
    return [
        line for line in page.lines
        if line.p > _LEGIBLE and _height(line.box, page) < _TOP and len(bare(line.text)) >= _WORDS
        and bare(line.text) not in title
    ]


def _is_worn_head(line: PageLine, page: PageResult, tops: _Tops) -> bool:
    """Whether a line is what is left of the running head that another page has in the same place."""
    text = bare(line.text)
    if len(text) < _FEWEST or text.endswith(_FORMS) or _height(line.box, page) >= _TOP:
        return False
    return any(
        _in_place(line, page, head, other) and _is_left(text, bare(head.text))
        for other, heads in tops if other is not page for head in heads
    )


def _in_place(line: PageLine, page: PageResult, head: PageLine, other: PageResult) -> bool:
    """Whether a line stands where a head stands on another page, and is about as high."""
    own, box = as_read(line.box, page), as_read(head.box, other)
    width = page.height if page.rotation % 180 else page.width
    wide = other.height if other.rotation % 180 else other.width
    if not (width and wide and box.height) or abs(_height(line.box, page) - _height(head.box, other)) > _WANDER:
        return False
    inside = own.x0 / width >= box.x0 / wide - _WITHIN and own.x1 / width <= box.x1 / wide + _WITHIN
    return inside and _AS_HIGH[0] <= own.height / box.height <= _AS_HIGH[1]


def _is_left(text: str, head: str) -> bool:
    """Whether most characters of a shorter text are a head's, in their order."""
    blocks = SequenceMatcher(None, text, head, autojunk=False).get_matching_blocks()
    return len(text) < len(head) and sum(block.size for block in blocks) >= _LEFT * len(text)


def _without(page: PageResult, running: set[str]) -> PageResult:
    if not page.tables or bare(page.tables[0].title or "") not in running:
        return page
    first = page.tables[0]
    return replace(page, tables=(replace(first, title=None), *page.tables[1:]))


def _is_running(title: str, pages: Sequence[tuple[PageResult, Sequence[tuple[PageLine, float]]]]) -> bool:
    places = [
        (y, page, y == min(height for _, height in lines))
        for page, lines in pages
        for line, y in lines
        if y < _ABOVE and _alike(title, bare(line.text)) and not _is_part(bare(line.text), page)
    ]
    own = [(y, topmost) for y, page, topmost in places if _titled(page, title)]
    others = [(y, topmost and _has_title(page)) for y, page, topmost in places if not _titled(page, title)]
    if any(topmost for _, topmost in own) and sum(above for _, above in others) >= _SAID_ABOVE:
        return True
    return any(
        max(y, other) < _TOP and abs(y - other) <= (_SHEET if topmost and above else _WANDER)
        for y, topmost in own for other, above in others
    )


def _has_title(page: PageResult) -> bool:
    return any(table.title for table in page.tables)


def _is_part(text: str, page: PageResult) -> bool:
    """Whether a line is one of several that say a page's own title."""
    title = bare(page.tables[0].title or "") if page.tables else ""
    return text in title and text != title


def _alike(one: str, other: str) -> bool:
    return likeness(one, other) >= _SAME_WORDS


def _titled(page: PageResult, title: str) -> bool:
    said = bare(page.tables[0].title or "") if page.tables else ""
    return bool(said) and _alike(title, said)


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
