"""What stands above a table: its title, unit, organisation and year."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from extractor.elements import Box, TextLine
from extractor.kinds.headings import (
    bare,
    find_bare_unit,
    find_organization,
    find_unit,
    find_year,
    folded,
    is_dated,
    is_numbering,
    is_page_number,
    is_year_line,
)

# Words that end the name of a table; they decide for a line that is neither large nor centred.
_TITLE_END = re.compile(r"(?:表|情况|明细|预算|决算|清单|目录|总览|汇总|一览)(?:[(（][^()（）]{1,30}[)）]?)?\d*$")
_PROSE = re.compile(r"^[注备]注?[:：]|[。；;]|[,，].*[,，].*[,，]|[:：]$|^[(（]?[一二三四五六七八九十]+[)）、].*[,，]")
_OPENING, _CLOSING = "(（“‘《【[", ")）”’》】]"
_SAME_SIZE = 0.65  # two lines of one type are at least so alike in height or advance
_LONGEST_TITLE = 90  # characters, over all its lines; no statutory name comes near
_WORDS_BELOW = 2  # lines of words below a heading: they are what it heads, if a title of its own stands over the table
_WORDS = 6  # characters: less may be a mark or what is left of a stamp


@dataclass(frozen=True, slots=True)
class Above:
    """What is printed above a table. `used`: indexes (into the lines given) of the lines that say it."""

    title: str | None = None
    unit: str | None = None
    organization: str | None = None
    fiscal_year: int | None = None
    used: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A candidate for the title: text, place, and the lines it is made of."""

    text: str
    box: Box
    height: float
    lines: tuple[int, ...]


def describe(lines: Sequence[TextLine], table: Box, floor: float, page: Box) -> Above:
    """Title, unit, organisation and year of the table whose outer box is `table`.

    `lines` are the page's text lines outside tables, any order; only those between `floor` (the
    bottom of the table above, or the page's top) and the table count. All in the upright frame.
    The title is the largest, most central and nearest line that is no meta line; it may wrap. A heading with lines of
    words below it heads those (a list of contents, say), where the table has a title of its own.
    """
    scale = median([line.box.height for line in lines]) if lines else 0.0
    above = [
        i
        for i, line in enumerate(lines)
        if line.text.strip() and line.box.center.y > floor and line.box.y1 < table.y0 + 0.6 * line.box.height
    ]
    rows = _rows(lines, above)
    unit, organization, used, rest = _meta(lines, rows)
    title = _title(lines, rest, table, page, scale)
    year = None
    if title is not None:
        used |= set(title.lines)
        year = find_year(title.text)
    for i in reversed(above):
        year = year or (find_year(lines[i].text) if i in used else None)
    text = _tidy(title.text) if title is not None else None
    if text is not None and (found := find_unit(text) or find_bare_unit(text)) and found[1]:
        if unit is None:
            unit = found[0]
        if find_unit(text):
            text = found[1]
    return Above(text, unit, organization, year, tuple(sorted(used)))


def _rows(lines: Sequence[TextLine], indexes: Sequence[int]) -> list[list[int]]:
    """Line indexes in rows from the top, each from left to right; lines that overlap by half share a row."""
    rows: list[list[int]] = []
    for i in sorted(indexes, key=lambda i: lines[i].box.center.y):
        box = lines[i].box
        for row in rows[-2:]:
            other = lines[row[-1]].box
            overlap = min(box.y1, other.y1) - max(box.y0, other.y0)
            if overlap > 0.5 * min(box.height, other.height):
                row.append(i)
                break
        else:
            rows.append([i])
    return [sorted(row, key=lambda i: lines[i].box.x0) for row in rows]


def _meta(
    lines: Sequence[TextLine], rows: Sequence[Sequence[int]]
) -> tuple[str | None, str | None, set[int], list[list[int]]]:
    """Unit and organisation (nearest to the table first), lines used for them, and the lines left by row."""
    unit: str | None = None
    organization: str | None = None
    used: set[int] = set()
    left: list[list[int]] = []
    for row in reversed(rows):
        rest: list[int] = []
        split = _split_unit(lines, row)
        if split is not None and unit is None:
            unit = split[0]
            used |= set(split[1])
        for i in row:
            text = lines[i].text
            if split is not None and i in split[1]:
                continue
            found = find_unit(text)
            remainder = found[1] if found else text
            if found and (is_numbering(remainder) or not _like_title(remainder)):
                unit = unit or found[0]
                used.add(i)
            alone = find_bare_unit(text)
            if alone and not bare(alone[1]):
                unit = unit or alone[0]
                used.add(i)
                continue
            name = next((n for part in _parts(remainder) if (n := find_organization(part))), None)
            if name is not None:
                organization = organization or name
                used.add(i)
            elif any(test(text) for test in (is_dated, is_year_line, is_numbering)):
                used.add(i)
            elif not is_page_number(text) and i not in used:
                rest.append(i)
        left.insert(0, rest)
    return unit, organization, used, [row for row in left if row]


def _parts(text: str) -> list[str]:
    """A line's parts where a text layer joined what wide gaps divide; the whole comes first."""
    return [folded(text), *(p for p in re.split(r"\s{2,}", text.strip()) if p)]


def _split_unit(lines: Sequence[TextLine], row: Sequence[int]) -> tuple[str, tuple[int, ...]] | None:
    """A unit that stands in several pieces of one row: "单位：" and "万元", or "单", "位：万元"."""
    for size in (2, 3, 4):
        for start in range(len(row) - size, -1, -1):
            pieces = tuple(row[start : start + size])
            if any(find_unit(lines[i].text) for i in pieces):
                continue
            found = find_unit("".join(bare(lines[i].text) for i in pieces))
            if found and not found[1]:
                return found[0], pieces
    return None


def _like_title(text: str) -> bool:
    return _TITLE_END.search(bare(text)) is not None and find_organization(text) is None


def _title(
    lines: Sequence[TextLine], rows: Sequence[Sequence[int]], table: Box, page: Box, scale: float
) -> _Piece | None:
    pieces = [piece for row in rows for piece in _merged(lines, row)]
    best: _Piece | None = None
    most = 0.0
    words = 0  # lines below the best that are no title
    for piece in _unwrapped(pieces, table, page):
        score = _score(piece, table, page, scale)
        if score == 0:
            words += len(bare(piece.text)) >= _WORDS
        elif score >= most or (words >= _WORDS_BELOW and _is_named(piece, table, page)):
            best, most, words = piece, score, 0
    return best


def _merged(lines: Sequence[TextLine], row: Sequence[int]) -> list[_Piece]:
    """Pieces of one row joined over the gaps of letter-spaced titles (up to three heights, same size)."""
    out: list[_Piece] = []
    for i in row:
        line = lines[i]
        if out:
            last = out[-1]
            height = max(last.height, line.box.height)
            alike = min(last.height, line.box.height) > 0.7 * height
            if alike and line.box.x0 - last.box.x1 < 3 * height:
                box = Box(last.box.x0, min(last.box.y0, line.box.y0), line.box.x1, max(last.box.y1, line.box.y1))
                out[-1] = _Piece(last.text + line.text.strip(), box, height, (*last.lines, i))
                continue
        out.append(_Piece(line.text.strip(), line.box, line.box.height, (i,)))
    return out


def _score(piece: _Piece, table: Box, page: Box, scale: float) -> float:
    """How much a piece looks like a title; 0 for one that cannot be.

    Size counts most (a title is printed half as large again as the table), then being centred on
    table or page, then its words; among equals the nearest to the table wins.
    """
    text = bare(piece.text)
    if len(text) < 2 or _PROSE.search(text) or not re.search(r"[\u4e00-\u9fffA-Za-z]{2}", text):
        return 0.0
    large = piece.height / scale if scale else 1.0
    centred = _is_centred(piece, table, page)
    worded = _TITLE_END.search(text) is not None
    if not worded and not (centred and large > 1.15):
        return 0.0
    far = (table.y0 - piece.box.y1) / max(page.height, 1.0)
    return min(large, 3.0) + (1.0 if centred else 0.0) + (1.0 if worded else 0.0) - min(far, 1.0)


def _is_centred(piece: _Piece, table: Box, page: Box) -> bool:
    span = max(table.width, 0.3 * page.width)
    off = min(abs(piece.box.center.x - table.center.x), abs(piece.box.center.x - page.center.x)) / span
    return off < 0.06


def _is_named(piece: _Piece, table: Box, page: Box) -> bool:
    """Whether a piece is a title by its words and its place, whatever stands higher on the page."""
    return _is_centred(piece, table, page) and _TITLE_END.search(bare(piece.text)) is not None


def _unwrapped(pieces: Sequence[_Piece], table: Box, page: Box) -> list[_Piece]:
    """Pieces from the top, those that wrap over lines in one; its box is that of the widest line.

    A line goes on with the next when it fills the width or leaves a bracket open, or when the next is
    only a bracket of the same size: "（功能分类项级）".
    """
    full = 0.8 * max(table.width, 0.5 * page.width)
    out: list[tuple[_Piece, _Piece]] = []  # the whole, and its last line
    for piece in pieces:
        for k, (whole, last) in enumerate(out):
            short = len(bare(whole.text + piece.text)) <= _LONGEST_TITLE
            if short and piece.box.center.y > last.box.y1 and _wraps(last, piece, full):
                box = max(whole.box, piece.box, key=lambda box: box.width)
                box = Box(box.x0, min(whole.box.y0, piece.box.y0), box.x1, max(whole.box.y1, piece.box.y1))
                height = max(whole.height, piece.height)
                out[k] = (_Piece(whole.text + piece.text, box, height, (*whole.lines, *piece.lines)), piece)
                break
        else:
            out.append((piece, piece))
    return [whole for whole, _ in out]


def _wraps(upper: _Piece, lower: _Piece, full: float) -> bool:
    height = max(upper.height, lower.height)
    if not _same_size(upper, lower) or lower.box.y0 - upper.box.y1 > 1.2 * height:
        return False
    if abs(upper.box.center.x - lower.box.center.x) > max(upper.box.width, lower.box.width) / 2:
        return False
    upper_text, lower_text = bare(upper.text), bare(lower.text)
    if _PROSE.search(upper_text) or _PROSE.search(lower_text):
        return False
    is_open = sum(c in _OPENING for c in upper_text) > sum(c in _CLOSING for c in upper_text)
    bracketed = lower_text[0] in _OPENING and lower_text[-1] in _CLOSING
    return is_open or bracketed or upper.box.width > full


def _same_size(a: _Piece, b: _Piece) -> bool:
    """Whether two pieces are set in type of one size: by the height of their boxes, or by their advance.

    A detector draws a long line's box tighter than a short one's of the same type, that of one or two
    characters much more; but a line is as long as its characters are wide.
    """
    pairs = ((a.height, b.height), (_advance(a), _advance(b)))
    return any(min(one, other) >= _SAME_SIZE * max(one, other) for one, other in pairs)


def _advance(piece: _Piece) -> float:
    """Width of a full-width character of a piece, as printed."""
    ems = sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.5 for c in bare(piece.text))
    return piece.box.width / max(ems, 0.5)


def _tidy(text: str) -> str:
    """A title as printed, its wide inner gaps gone: "2020 年 部 门" keeps nothing but single spaces."""
    text = re.sub(r"\s+", " ", text).strip()
    # A detector cuts the closing bracket off, most of whose box is blank; no title ends in an open one.
    opened = max(text.rfind("("), text.rfind("（"))
    if opened > max(text.rfind(")"), text.rfind("）")) and len(text) - opened > 2:
        text += "）" if text[opened] == "（" else ")"
    # Letter-spaced Chinese is one word; a space beside a digit or letter is kept as printed.
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", text)
