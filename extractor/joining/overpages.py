"""Tables that run over pages: which go on, and how their parts become one.

A table goes on when the next page begins with its body rows, with or without its header rows and title
printed again; a form that starts anew, its identity rows filled again, is a new table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extractor.elements import PageCell, PageResult, PageTable, TextEvidence
from extractor.joining.beside import columns_again
from extractor.joining.breaks import Break, room_below
from extractor.joining.columns import INNER, LOOSE_INNER, United, unite
from extractor.joining.cutcells import Seam, close_seam
from extractor.joining.repeated import SAME_ROW, likeness, repeated_rows
from extractor.kinds.forms import header_rows, identity, is_identity_row, is_said
from extractor.kinds.headings import bare, without_continued
from extractor.kinds.numbers import number_value

# Share of the sparser page's inner column borders that the other page must have too. With a title
# printed again other forms of the same width are near, so more is asked.
_ALIKE_UNTITLED = 0.5
_ALIKE_TITLED = 0.75
_IDENTITY_ROWS = 4  # a form says within its first rows what it is about
_HEAD_WORDS = ("项目", "科目", "金额", "预算数", "合计", "序号", "编码", "名称", "决算数", "单位")
_TOTALS = ("总计", "合计", "收入总计", "支出总计")


@dataclass(frozen=True, slots=True)
class WholeCell:
    """A cell of a table over all its pages; `parts` are what its pages show of it, in order."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    parts: tuple[tuple[int, PageCell], ...]

    @property
    def place(self) -> float:
        return min(cell.place for _, cell in self.parts)

    @property
    def evidence(self) -> TextEvidence:
        """The parts' evidence together: all must be read right."""
        found = [cell.evidence for _, cell in self.parts]
        if len(found) == 1:
            return found[0]
        posterior: float | None = None
        for one in found:
            if one.posterior is not None:
                posterior = one.posterior * (1.0 if posterior is None else posterior)
        weakest = [one.weakest for one in found if one.weakest is not None]
        return TextEvidence(
            posterior,
            min(weakest, default=None),
            min(e.coverage for e in found),
            max(e.ink for e in found),
            all(e.exact for e in found),
            hole=max(e.hole for e in found),
            rim=min(e.rim for e in found),
            parted=any(e.parted for e in found),
            agreement=min((e.agreement for e in found if e.agreement is not None), default=None),
            by_words=any(e.by_words for e in found),
            sealed=max(e.sealed for e in found),
            strange=max(e.strange for e in found),
            worded=min(e.worded for e in found),
        )

    @property
    def flags(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(flag for _, cell in self.parts for flag in cell.flags))


@dataclass(frozen=True, slots=True)
class WholeTable:
    """A table over all its pages, in one grid; cells sorted by row, then column.

    `last`: its part on the last page. `breaks`: the page breaks it goes on over, with what spoke for that.
    """

    pages: tuple[int, ...]
    n_rows: int
    n_cols: int
    cells: tuple[WholeCell, ...]
    columns: tuple[float, ...]
    first: PageTable
    last: PageTable
    breaks: tuple[Break, ...] = ()

    @property
    def join_doubt(self) -> float:
        """0..1: how doubtful the most doubtful of its joins over pages is; 0 for a table of one page."""
        return max((b.doubt for b in self.breaks), default=0.0)


def join_over_pages(pages: Sequence[PageResult]) -> tuple[WholeTable, ...]:
    """All tables of a document in reading order, those that run over pages in one piece."""
    done: list[WholeTable] = []
    beside = 0  # pages to come whose first table was taken to the right of the one before
    before: PageResult | None = None
    for k, page in enumerate(pages):
        for index, part in enumerate(page.tables):
            if index == 0 and beside:
                beside -= 1
                continue
            whole, joined = _whole(part), None
            if index == len(page.tables) - 1:
                whole, beside = _widened(whole, pages[k:])
            if index == 0 and before is not None and before.tables and _follows(before, page):
                joined = _joined(done[-1], whole, room_below(before.tables[-1], before))
            if joined is not None:
                done[-1] = joined
            else:
                done.append(whole)
        before = page
    return tuple(done)


def _widened(table: WholeTable, pages: Sequence[PageResult]) -> tuple[WholeTable, int]:
    """The last table of the first page with the columns that go on on the next pages, and on how many."""
    for count, (before, page) in enumerate(pairwise(pages)):
        part = page.tables[0] if page.tables else None
        if part is None or not _follows(before, page) or not _same_title(table.first.title, part.title):
            return table, count
        again = columns_again(table.first, part)
        if again is None:
            return table, count
        table = _beside(table, part, again)
        if len(page.tables) > 1:
            return table, count + 1
    return table, len(pages) - 1


def _beside(table: WholeTable, part: PageTable, again: int) -> WholeTable:
    """The table with a part at its right, but for the part's leading columns that stand there already."""
    move = table.n_cols - again
    new = [replace(c, col=c.col + move) for c in _whole(part).cells if c.col >= again]
    offset = table.columns[-1] - part.columns[again]
    return replace(
        table,
        pages=(*table.pages, part.page),
        n_cols=table.n_cols + part.n_cols - again,
        cells=tuple(sorted((*table.cells, *new), key=lambda c: (c.row, c.col))),
        columns=table.columns + tuple(x + offset for x in part.columns[again + 1 :]),
        last=part,
        breaks=(*table.breaks, Break(1.0, again > 0, bool(part.title), False, 0.0, False)),
    )


def _follows(before: PageResult, page: PageResult) -> bool:
    """Whether two pages follow each other and lie the same way."""

    def landscape(p: PageResult) -> bool:
        return (p.width > p.height) != (p.rotation % 180 == 90)

    return page.number == before.number + 1 and landscape(before) == landscape(page)


def _whole(part: PageTable) -> WholeTable:
    cells = tuple(
        WholeCell(c.row, c.col, c.row_span, c.col_span, c.text, ((part.page, c),))
        for c in sorted(part.cells, key=lambda c: (c.row, c.col))
    )
    return WholeTable((part.page,), part.n_rows, part.n_cols, cells, part.columns, part, part)


def _joined(table: WholeTable, below: WholeTable, room: float) -> WholeTable | None:
    """The table with what stands on the next page; None where that is a table of its own.

    room: share of the page's height left blank below the table.
    """
    part = below.first
    drawn = "ruled" in (table.first.structure, part.structure)
    united = unite(table.columns, below.columns, INNER if drawn else LOOSE_INNER)
    if united is None or not _same_title(table.first.title, part.title):
        return None
    titled = bool(part.title and without_continued(part.title))
    if united.likeness < (_ALIKE_TITLED if titled else _ALIKE_UNTITLED):
        return None
    upper = _on_grid(table.cells, united.first)
    lower = _on_grid(below.cells, united.second)
    repeated = repeated_rows(upper, table.n_rows, lower, part.n_rows)
    if _starts_anew(table, part, repeated) or _says_anew(upper, lower, repeated):
        return None
    # Words between the pages that are neither title nor running head part two tables, unless the head is all there.
    if not (titled and repeated) and not (part.at_top and table.last.at_bottom):
        return None
    if not repeated and _new_head(table, part):
        return None
    if repeated and (titled or _says(lower, repeated)) and _same_first_row(upper, table.n_rows, lower, repeated):
        return None
    whole = _append(table, below, united, upper, lower, repeated)
    cut = len(whole.cells) < len(upper) + sum(c.row >= repeated for c in lower)
    ended = any(bare(c.text) in _TOTALS for c in upper if c.row + c.row_span == table.n_rows)
    seen = Break(united.likeness, repeated > 0, titled, cut, room, ended)
    return replace(whole, breaks=(*table.breaks, *below.breaks, seen))


def _on_grid(cells: Sequence[WholeCell], borders: Sequence[int]) -> tuple[WholeCell, ...]:
    """Cells moved onto the united columns: `borders[i]` is where their border i now stands."""
    if list(borders) == list(range(len(borders))):
        return tuple(cells)
    return tuple(replace(c, col=borders[c.col], col_span=borders[c.col + c.col_span] - borders[c.col]) for c in cells)


def _append(
    table: WholeTable,
    part: WholeTable,
    united: United,
    upper: Sequence[WholeCell],
    lower: Sequence[WholeCell],
    repeated: int,
) -> WholeTable:
    below = tuple(replace(c, row=c.row - repeated) for c in lower if c.row >= repeated)
    pages = (*table.pages, *part.pages)
    if not below:  # the page prints the header alone
        cells, n_rows = tuple(upper), table.n_rows
    else:
        is_open = not table.last.closed_bottom and not part.first.closed_top
        headers = header_rows(upper, table.n_rows)
        seam = close_seam(upper, table.n_rows, below, headers=headers, is_open=is_open)
        cells = _sewn(upper, table.n_rows, below, seam)
        n_rows = table.n_rows + part.n_rows - repeated - (1 if seam.cut_row else 0)
    first = replace(
        table.first,
        unit=table.first.unit or part.first.unit,
        organization=table.first.organization or part.first.organization,
        fiscal_year=table.first.fiscal_year or part.first.fiscal_year,
    )
    return WholeTable(pages, n_rows, len(united.borders) - 1, cells, united.borders, first, part.last)


def _sewn(upper: Sequence[WholeCell], n_upper: int, lower: Sequence[WholeCell], seam: Seam) -> tuple[WholeCell, ...]:
    """Cells of both parts in one grid, those that the seam joins as one."""
    overlap = 1 if seam.cut_row else 0
    taken = set(seam.pairs.values())
    cells: list[WholeCell] = []
    for i, cell in enumerate(upper):
        if i in seam.pairs:
            other = lower[seam.pairs[i]]
            text = seam.texts[i]
            span = cell.row_span + other.row_span - overlap
            cell = replace(cell, row_span=span, text=text, parts=cell.parts + other.parts)
        cells.append(cell)
    cells += [replace(c, row=c.row + n_upper - overlap) for j, c in enumerate(lower) if j not in taken]
    return tuple(sorted(cells, key=lambda c: (c.row, c.col)))


def _same_title(title: str | None, again: str | None) -> bool:
    """Whether a title (None: no title) may head a table's next page: none, 续表, or the same one.

    收入总表 and 支出总表 differ by two characters, 2020年 and 2020年度 by one more: one misread character is all that
    is forgiven, and no digit.
    """
    second = bare(without_continued(again or ""))
    if not second:
        return True
    first = bare(without_continued(title or ""))
    if [c for c in first if c.isdigit()] != [c for c in second if c.isdigit()]:
        return False
    if first == second:
        return True
    if len(first) != len(second) or len(first) < 8:
        return False
    return sum(a != b for a, b in zip(first, second, strict=True)) <= 1


def _starts_anew(table: WholeTable, part: PageTable, repeated: int) -> bool:
    """Whether the part tells again whom or what the form is about: by identity rows, or by its organisation."""
    said, again = table.first.organization, part.organization
    if said and again and likeness(bare(said), bare(again)) < 0.6:
        return True
    rows = [r for r in range(repeated, min(part.n_rows, repeated + _IDENTITY_ROWS)) if is_identity_row(part.cells, r)]
    if not rows:
        return False
    if part.title and without_continued(part.title):
        return True
    labels = [label for r in rows for label, _ in identity(part.cells, r)]
    known = [label for r in range(min(table.n_rows, _IDENTITY_ROWS)) for label, _ in identity(table.cells, r)]
    return any(likeness(a, b) > 0.7 for a in labels for b in known)


def _says(cells: Sequence[WholeCell], rows: int) -> list[WholeCell]:
    """Cells of the first rows that say something: a form's goal above its column heads, say."""
    return [c for c in cells if c.row < rows and is_said(c.text)]


def _says_anew(upper: Sequence[WholeCell], lower: Sequence[WholeCell], repeated: int) -> bool:
    """Whether rows that look like a header printed again say something else: a form about something else."""
    places = {(c.row, c.col): c.text for c in upper}
    return any(
        likeness(bare(c.text), bare(places.get((c.row, c.col), ""))) < SAME_ROW for c in _says(lower, repeated)
    )


def _same_first_row(upper: Sequence[WholeCell], n_upper: int, lower: Sequence[WholeCell], repeated: int) -> bool:
    """Whether the body begins again with the same names: the form filled for somebody else."""
    headers = max(header_rows(upper, n_upper), repeated)
    first = [bare(c.text) for c in upper if c.row == headers and number_value(c.text) is None and bare(c.text)]
    second = [bare(c.text) for c in lower if c.row == repeated and number_value(c.text) is None and bare(c.text)]
    return bool(first) and first == second


def _new_head(table: WholeTable, part: PageTable) -> bool:
    """Whether an untitled part begins with a header of its own, after a total closed the table before."""
    headers = header_rows(part.cells, part.n_rows)
    if not headers or not header_rows(table.cells, table.n_rows):
        return False
    closed = any(bare(c.text) in _TOTALS for c in table.cells if c.row + c.row_span == table.n_rows)
    heads = [bare(c.text) for c in part.cells if c.row < headers and bare(c.text)]
    worded = sum(any(word in text for word in _HEAD_WORDS) for text in heads)
    return closed or (len(heads) >= 3 and 2 * worded > len(heads))
