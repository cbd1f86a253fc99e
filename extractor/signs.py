"""What speaks for and against a cell's text, its place and a whole grid: the plain numbers that confidence is made of.

Each sign is one float of a frozen value, computed from what the stages kept (`TextEvidence`, `PlaceEvidence`, the
characters' posteriors) and from the table around the cell. No sign knows what kind of scan a page is. Lengths are
in text heights, log-odds are kept within ±`SUREST` of the grid or ±`CERTAIN` of the characters.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from extractor.elements import SUREST, PageCell, TextLine
from extractor.evidence import Evidence
from extractor.headings import bare
from extractor.ledger import Place
from extractor.meaning import MeantCell, MeantTable
from extractor.numbers import number_value
from extractor.overpages import WholeCell, WholeTable

CERTAIN = 9.0  # log-odds of a character beyond which the recogniser's figure says nothing more
MANY = 3  # sums of one number: more say no more
HOLE = 1.5  # a blank so wide between two lines side by side may hide a border
WEAK = 2.0  # log-odds below which an edge counts as doubtful
_DIGITS = re.compile(r"\d")
_NUMBERS = re.compile(r"-?\d[\d,]*\.\d{1,2}(?!\d)")
_OPEN, _CLOSE = re.compile(r"[(（\[【《“]"), re.compile(r"[)）\]】》”]")
_LONGEST_NAME = 24  # characters; what is longer is a sentence, said once
_GLYPHS = re.compile(r"[-—–_一|/·;~°Oo○〇日曰口]")


@dataclass(frozen=True, slots=True)
class TextSigns:
    """Of a cell's text. kind: "read" from a picture, "blank" (nothing read there), "exact" (a text layer).

    worst: log-odds of the least sure character. whole: of all characters together. rival: log of the least ratio of
    a character's posterior to its runner-up's. unsure: characters below 0.9. unread: share of ink outside the lines
    read. length: log of the number of characters. lines: lines after the first. height: log of the text's height in
    pixels. sealed, parted, seam: under a seal, cut by a border, by a page break (0 or 1). wear, around: of the
    page's rules, and mean doubt of the worst characters in the rest of the table. hole, rim: as in `TextEvidence`.
    loose: log of how wide its characters are set beside the table's. odd: digits in what is no number. misfit: a
    number written unlike its column's others. glyphs: log of 1 + characters easily taken for others; lone: one such
    is all. known: log of how often the document says the same. near: the same for the commonest other text that
    differs by one character. unpaired: brackets without their other half. ink: percent of a blank cell's area.
    crops: something was read and nothing came of it. habit, beside: share of filled cells in its column, in its
    row.
    """

    kind: str
    worst: float = CERTAIN
    whole: float = CERTAIN
    rival: float = CERTAIN
    unsure: float = 0.0
    unread: float = 0.0
    length: float = 0.0
    lines: float = 0.0
    height: float = 3.0
    sealed: float = 0.0
    parted: float = 0.0
    seam: float = 0.0
    wear: float = 0.0
    around: float = 0.0
    hole: float = 0.0
    rim: float = 1.0
    loose: float = 0.0
    odd: float = 0.0
    misfit: float = 0.0
    glyphs: float = 0.0
    lone: float = 0.0
    known: float = 0.0
    near: float = 0.0
    unpaired: float = 0.0
    ink: float = 0.0
    crops: float = 0.0
    habit: float = 0.0
    beside: float = 0.0
    in_sums: float = 0.0
    held: float = 0.0
    failed: float = 0.0
    blamed: float = 0.0
    corrected: float = 0.0
    swap: float = 0.0
    second: float = 1.0
    by_words: float = 0.0
    covered: float = 0.0


@dataclass(frozen=True, slots=True)
class TableSigns:
    """Of a whole grid. kind: "ruled" or "open" on a picture, "exact" on a text page.

    sides, inner, line: the least log-odds of all cells' evidence of that kind. weak: log of 1 + cells with a
    doubtful edge. wear, around: as in `TextSigns`. height: log of the text's height in pixels. rows, cols: logs of
    their numbers. breaks: page breaks inside. seams: log of 1 + cells joined over them. gained: columns that no
    single page has. holes, doubles: logs of 1 + cells with a hole, with two numbers. parted: share of cells cut at
    a border. blank_cols, blank_rows: wholly blank ones. mixed: mean over columns of how evenly numbers and words
    share them. narrow: the least width or height of a cell that spans nothing. headless, untitled: 0 or 1.
    loose_end: it begins or ends a page as a table does that goes on. unclosed: outer sides above and below that no
    rule closes. held, failed: logs of 1 + numbers that keep a sum, that only break some.
    """

    kind: str
    sides: float = SUREST
    inner: float = SUREST
    line: float = SUREST
    weak: float = 0.0
    wear: float = 0.0
    around: float = 0.0
    height: float = 3.0
    rows: float = 0.0
    cols: float = 0.0
    breaks: float = 0.0
    seams: float = 0.0
    gained: float = 0.0
    holes: float = 0.0
    doubles: float = 0.0
    parted: float = 0.0
    blank_cols: float = 0.0
    blank_rows: float = 0.0
    mixed: float = 0.0
    narrow: float = 3.0
    headless: float = 0.0
    untitled: float = 0.0
    loose_end: float = 0.0
    unclosed: float = 0.0
    held: float = 0.0
    failed: float = 0.0


@dataclass(frozen=True, slots=True)
class PlaceSigns:
    """Of a cell's place in its table, whose own signs stand beside these.

    sides, inner, above, left: its `PlaceEvidence`. place: log-odds of the grid's own product. spans: it spans
    several positions. seam, later: cut by a page break; on a later page than the table's first. hole, double,
    parted, rim: as in `TextSigns` and `TableSigns`. blank: without text. across, along: the least log-odds of
    sides in its column, in its row. deep: log of rows above it. head: in a header row. held, failed: as in `TextSigns`.
    """

    sides: float = SUREST
    inner: float = SUREST
    above: float = SUREST
    left: float = SUREST
    place: float = SUREST
    spans: float = 0.0
    seam: float = 0.0
    later: float = 0.0
    hole: float = 0.0
    double: float = 0.0
    parted: float = 0.0
    rim: float = 1.0
    blank: float = 0.0
    across: float = SUREST
    along: float = SUREST
    deep: float = 0.0
    head: float = 0.0
    held: float = 0.0
    failed: float = 0.0


@dataclass(frozen=True, slots=True)
class CellSigns:
    text: TextSigns
    place: PlaceSigns


@dataclass(frozen=True, slots=True)
class SignedTable:
    """A table's signs and those of its cells, in the order of `WholeTable.cells`."""

    table: TableSigns
    cells: tuple[CellSigns, ...]


def signs_of(tables: Sequence[MeantTable], seen: Mapping[Place, Evidence]) -> tuple[SignedTable, ...]:
    """Signs of a document's tables, in their order. `seen`: what sums say of their numbers."""
    whole = [table.whole for table in tables]
    said = Said.of(tables)
    return tuple(_signed(table, seen, said, _loose_end(whole, i)) for i, table in enumerate(tables))


@dataclass(frozen=True, slots=True)
class Said:
    """What a document's cells say, how often, and texts that differ from each other by one character.

    `holes` maps a text without one of its characters to those texts: two that share such a rest are near.
    """

    counts: Mapping[str, int]
    holes: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, tables: Sequence[MeantTable]) -> Said:
        counts = Counter(bare(c.text) for table in tables for c in table.cells if c.text)
        holes: dict[str, set[str]] = {}
        for text in counts:
            for rest in _rests(text):
                holes.setdefault(rest, set()).add(text)
        return cls(counts, {rest: frozenset(texts) for rest, texts in holes.items() if len(texts) > 1})

    def often(self, text: str) -> float:
        return math.log(self.counts.get(bare(text), 1) or 1)

    def near(self, text: str) -> float:
        own = bare(text)
        others = {other for rest in _rests(own) for other in self.holes.get(rest, ()) if other != own}
        return math.log1p(max((self.counts[other] for other in others), default=0))


def _rests(text: str) -> set[str]:
    """A text and what is left of it without any one character. Of numbers and of paragraphs nothing is asked."""
    if not 3 <= len(text) <= _LONGEST_NAME or number_value(text) is not None:
        return set()
    return {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}


def log_odds(p: float, most: float) -> float:
    """Log-odds of a probability, within ±most."""
    if p <= 0.0:
        return -most
    if p >= 1.0:
        return most
    return max(-most, min(most, math.log(p / (1.0 - p))))


def _signed(table: MeantTable, seen: Mapping[Place, Evidence], said: Said, loose_end: bool) -> SignedTable:
    whole, headers = table.whole, table.header_rows
    around, first = _Around.of(whole, headers), whole.pages[0]
    sums = [seen.get((table.id, cell.row, cell.col)) for cell in table.cells]
    cells = tuple(
        CellSigns(_text_signs(c, whole, around, said, own), _place_signs(c.whole, headers, first, around, own))
        for c, own in zip(table.cells, sums, strict=True)
    )
    return SignedTable(_table_signs(whole, headers, around, loose_end, sums), cells)


def _loose_end(tables: Sequence[WholeTable], i: int) -> bool:
    """Whether a table and a neighbour meet at a page break with nothing between them, and yet are two."""

    def meet(a: WholeTable, b: WholeTable) -> bool:
        untitled = not b.first.title or b.first.title == a.first.title
        return b.pages[0] == a.pages[-1] + 1 and a.last.at_bottom and b.first.at_top and untitled

    return (i > 0 and meet(tables[i - 1], tables[i])) or (i + 1 < len(tables) and meet(tables[i], tables[i + 1]))


@dataclass(frozen=True, slots=True)
class _Around:
    """What a cell's signs ask of its table."""

    doubt: float  # mean over its text cells of 1 - the worst character's posterior
    filled: int
    loose: float  # median of `_set_width`
    formats: Mapping[int, str]  # column -> how most of its numbers are written
    across: Mapping[int, float]
    along: Mapping[int, float]
    column: Mapping[int, float]  # share of its cells below the header that are filled
    row: Mapping[int, float]

    @classmethod
    def of(cls, table: WholeTable, headers: int) -> _Around:
        filled = [c for c in table.cells if c.text]
        worst = [1.0 - (c.evidence.weakest if c.evidence.weakest is not None else 1.0) for c in filled]
        widths = [w for c in filled if (w := _set_width(c)) is not None]
        written: dict[int, Counter[str]] = {}
        across: dict[int, float] = {}
        along: dict[int, float] = {}
        columns: dict[int, list[bool]] = {}
        rows: dict[int, list[bool]] = {}
        for c in table.cells:
            sides = min(part.edges.sides for _, part in c.parts)
            for col in range(c.col, c.col + c.col_span):
                across[col] = min(across.get(col, SUREST), sides)
            for row in range(c.row, c.row + c.row_span):
                along[row] = min(along.get(row, SUREST), sides)
                rows.setdefault(row, []).append(bool(c.text))
            if c.row >= headers and c.col_span == 1:
                columns.setdefault(c.col, []).append(bool(c.text))
                if number_value(c.text) is not None:
                    written.setdefault(c.col, Counter())[_written(c.text)] += 1
        return cls(
            sum(worst), len(filled), median(widths) if widths else 1.0,
            {col: counted.most_common(1)[0][0] for col, counted in written.items() if counted.total() > 2},
            across, along,
            {col: sum(cells) / len(cells) for col, cells in columns.items()},
            {row: sum(cells) / len(cells) for row, cells in rows.items()},
        )

    def besides(self, own: float) -> float:
        """The mean doubt without a cell's own."""
        return (self.doubt - own) / max(1, self.filled - 1)


def _written(number: str) -> str:
    """How a number is written: digits after its point, whether thousands are parted."""
    whole, _, cents = number.strip().partition(".")
    digits = len(_DIGITS.findall(whole))
    return f"{len(_DIGITS.findall(cents))}{',' if ',' in whole else '' if digits > 3 else '?'}"


def _unlike(number: str, usual: str) -> bool:
    own = _written(number)
    commas = own[1:], usual[1:]
    return own[0] != usual[0] or (commas[0] != commas[1] and "?" not in commas)


def _lines(cell: WholeCell) -> list[TextLine]:
    return [line for _, part in cell.parts for line in part.lines]


def _set_width(cell: WholeCell) -> float | None:
    """Width of a one-line text by what its characters ask: a full width each, half of one for Latin and digits."""
    lines = _lines(cell)
    if len(lines) != 1 or len(lines[0].text) < 2:
        return None
    box = lines[0].box
    long, high = max(box.width, box.height), min(box.width, box.height)
    ems = sum(0.55 if ord(char) < 0x2E80 else 1.0 for char in lines[0].text)
    return long / max(high * ems, 1e-6)


def _text_signs(
    meant: MeantCell, table: WholeTable, around: _Around, said: Said, sums: Evidence | None
) -> TextSigns:
    cell, text = meant.whole, meant.text
    evidence = cell.evidence
    kind = "exact" if evidence.exact else "read" if text else "blank"
    chars = [char for line in _lines(cell) for char in line.chars]
    weakest = 1.0 if evidence.weakest is None else evidence.weakest
    rivals = (math.log(max(c.p, 1e-6) / max(c.runner_up_p, 1e-4)) for c in chars if c.runner_up)
    width = _set_width(cell)
    number = number_value(text) is not None
    usual = around.formats.get(cell.col)
    return TextSigns(
        kind=kind,
        worst=log_odds(weakest, CERTAIN),
        whole=log_odds(1.0 if evidence.posterior is None else evidence.posterior, CERTAIN),
        rival=max(-CERTAIN, min([CERTAIN, *rivals])),
        unsure=float(sum(c.p < 0.9 for c in chars)),
        unread=1.0 - evidence.coverage,
        length=math.log(max(1, len(text))),
        lines=float(max(0, len(_lines(cell)) - 1)),
        height=_height(table),
        sealed=float("under_seal" in cell.flags),
        parted=float(evidence.parted),
        seam=float(len(cell.parts) > 1),
        wear=_wear(table),
        around=around.besides(1.0 - weakest if text else 0.0),
        hole=max(0.0, evidence.hole),
        rim=evidence.rim,
        loose=0.0 if width is None else math.log(max(width, 1e-3) / around.loose),
        odd=float(bool(_DIGITS.search(text)) and not number),
        misfit=float(number and usual is not None and cell.col_span == 1 and _unlike(text, usual)),
        glyphs=math.log1p(len(_GLYPHS.findall(text))),
        lone=float(len(text) == 1 and _GLYPHS.match(text) is not None),
        known=said.often(text),
        near=said.near(text),
        unpaired=float(abs(len(_OPEN.findall(text)) - len(_CLOSE.findall(text)))),
        ink=100.0 * evidence.ink,
        crops=float(not text and evidence.coverage <= 0),
        habit=around.column.get(cell.col, 0.5),
        beside=around.row.get(cell.row, 0.5),
        in_sums=float(sums is not None),
        held=0.0 if sums is None else float(min(MANY, sums.held)),
        failed=0.0 if sums is None else float(min(MANY, sums.failed)),
        blamed=float(sums is not None and sums.alone),
        corrected=float(meant.read_as is not None),
        swap=0.0 if meant.odds is None else log_odds(meant.odds / (1.0 + meant.odds), CERTAIN),
        second=1.0 if evidence.agreement is None else evidence.agreement,
        by_words=float(evidence.by_words),
        covered=evidence.sealed,
    )


def _height(table: WholeTable) -> float:
    pixels = [part.text_height for part in (table.first, table.last) if part.text_height > 0]
    return math.log(min(pixels)) if pixels else 4.0


def _wear(table: WholeTable) -> float:
    return max(table.first.wear, table.last.wear)


def _place_signs(
    cell: WholeCell, headers: int, first_page: int, around: _Around, sums: Evidence | None
) -> PlaceSigns:
    edges = [part.edges for _, part in cell.parts]
    evidence = cell.evidence
    first = cell.parts[0][0]
    return PlaceSigns(
        sides=min(e.sides for e in edges),
        inner=min(e.inner for e in edges),
        above=min(e.above for e in edges),
        left=min(e.left for e in edges),
        place=log_odds(cell.place, SUREST),
        spans=float(cell.row_span * cell.col_span > 1),
        seam=float(len(cell.parts) > 1),
        later=float(first != first_page),
        hole=max(0.0, evidence.hole),
        double=float(_double(cell)),
        parted=float(evidence.parted),
        rim=evidence.rim,
        blank=float(not cell.text),
        across=min(around.across.get(c, SUREST) for c in range(cell.col, cell.col + cell.col_span)),
        along=min(around.along.get(r, SUREST) for r in range(cell.row, cell.row + cell.row_span)),
        deep=math.log1p(cell.row),
        head=float(cell.row < headers),
        held=0.0 if sums is None else float(min(MANY, sums.held)),
        failed=0.0 if sums is None else float(min(MANY, sums.failed)),
    )


def _double(cell: WholeCell) -> bool:
    """Whether a cell holds two amounts: two cells, most likely."""
    return len(cell.text) < 60 and len(_NUMBERS.findall(cell.text)) > 1


def _table_signs(
    table: WholeTable, headers: int, around: _Around, loose_end: bool, sums: Sequence[Evidence | None]
) -> TableSigns:
    cells = table.cells
    filled = [c for c in cells if c.text]
    edges = [part.edges for c in cells for _, part in c.parts]
    exact = any(c.evidence.exact for c in cells)
    parts = (table.first, table.last)
    wide = [min(c.box.width, c.box.height) for _, c in _singles(cells)]
    return TableSigns(
        kind="exact" if exact else "ruled" if all(p.structure == "ruled" for p in parts) else "open",
        sides=min((e.sides for e in edges), default=SUREST),
        inner=min((e.inner for e in edges), default=SUREST),
        line=min((min(e.above, e.left) for e in edges), default=SUREST),
        weak=math.log1p(sum(min(e.sides, e.inner) < WEAK for e in edges)),
        wear=_wear(table),
        around=around.doubt / max(1, around.filled),
        height=_height(table),
        rows=math.log(max(1, table.n_rows)),
        cols=math.log(max(1, table.n_cols)),
        breaks=float(len(table.pages) - 1),
        seams=math.log1p(sum(len(c.parts) > 1 for c in cells)),
        gained=float(max(0, table.n_cols - max(p.n_cols for p in parts))),
        holes=math.log1p(sum(c.evidence.hole > HOLE for c in filled)),
        doubles=math.log1p(sum(_double(c) for c in filled)),
        parted=sum(c.evidence.parted for c in filled) / max(1, len(filled)),
        blank_cols=float(sum(share == 0 for share in around.column.values())),
        blank_rows=float(sum(share == 0 for share in around.row.values())),
        mixed=_mixed(cells, headers),
        narrow=min(wide, default=0.0) / max(1e-6, _line_height(filled)),
        headless=float(headers == 0),
        untitled=float(not table.first.title),
        loose_end=float(loose_end),
        unclosed=float((not table.first.closed_top) + (not table.last.closed_bottom)),
        held=math.log1p(sum(one is not None and one.held > 0 for one in sums)),
        failed=math.log1p(sum(one is not None and one.failed > 0 and not one.held for one in sums)),
    )


def _singles(cells: Sequence[WholeCell]) -> list[tuple[int, PageCell]]:
    return [part for c in cells for part in c.parts if part[1].row_span == 1 and part[1].col_span == 1]


def _line_height(cells: Sequence[WholeCell]) -> float:
    heights = [min(line.box.width, line.box.height) for c in cells for line in _lines(c)]
    return median(heights) if heights else 10.0


def _mixed(cells: Sequence[WholeCell], headers: int) -> float:
    """Mean over columns of the lesser share of numbers and words among their filled cells below the header."""
    columns: dict[int, list[bool]] = {}
    for c in cells:
        if c.row >= headers and c.col_span == 1 and c.text:
            columns.setdefault(c.col, []).append(number_value(c.text) is not None)
    shares = [sum(flags) / len(flags) for flags in columns.values() if len(flags) > 2]
    return sum(min(s, 1 - s) for s in shares) / max(1, len(shares))
