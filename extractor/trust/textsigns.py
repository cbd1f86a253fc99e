"""The signs of a cell's text: its characters, what the table and the document say beside it, and the sums."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from extractor.elements import TextLine
from extractor.joining.meaning import MeantCell, MeantTable
from extractor.joining.overpages import WholeCell, WholeTable
from extractor.joining.sureness import SURE, Sureness, lines_of, sureness, told
from extractor.kinds.headings import bare
from extractor.kinds.numbers import number_value
from extractor.sums.evidence import Evidence
from extractor.sums.independence import Digit, doubtful
from extractor.trust.signs import CERTAIN, MANY, MOST_BACKED, TextSigns, log_odds

_DIGITS = re.compile(r"\d")
_OPEN, _CLOSE = re.compile(r"[(（\[【《“]"), re.compile(r"[)）\]】》”]")
_LONGEST_NAME = 24  # characters; what is longer is a sentence, said once
_GLYPHS = re.compile(r"[-—–_一|/·;~°Oo○〇日曰口]")
_FRINGE = re.compile(r"^[.,:;'`·、，。：；]|[.,;'`·、，；]$")
_CHINESE = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Said:
    """What a document's cells say, how often, and texts that differ from each other by one character.

    `holes` maps a text without one of its characters to those texts: two that share such a rest are near. `longer`:
    how often the commonest of them stands. `pairs`: in how many cells two characters stand side by side. `alike`: how
    many cells have a number with the same digit in doubt: they may be misread alike, and are no evidence of each other.
    """

    counts: Mapping[str, int]
    holes: Mapping[str, frozenset[str]]
    longer: Mapping[str, int]
    pairs: Mapping[str, int]
    alike: Mapping[tuple[str, Digit], int]

    @classmethod
    def of(cls, tables: Sequence[MeantTable]) -> Said:
        counts = Counter(bare(c.text) for table in tables for c in table.cells if c.text)
        holes: dict[str, set[str]] = {}
        longer: dict[str, int] = {}
        for text, count in counts.items():
            for rest in _rests(text):
                holes.setdefault(rest, set()).add(text)
            for rest in _shorter(text):
                longer[rest] = max(count, longer.get(rest, 0))
        near = {rest: frozenset(texts) for rest, texts in holes.items() if len(texts) > 1}
        pairs = Counter(pair for table in tables for c in table.cells for pair in _pairs(c.text))
        alike = Counter((bare(c.text), digit) for table in tables for c in table.cells for digit in doubtful(c))
        return cls(counts, near, longer, pairs, alike)

    def often(self, cell: MeantCell) -> float:
        own = bare(cell.text)
        unsure = max((self.alike[own, digit] for digit in doubtful(cell)), default=1)
        return math.log(max(1, self.counts.get(own, 1) - unsure + 1))

    def near(self, text: str) -> float:
        own = bare(text)
        others = {other for rest in _rests(own) for other in self.holes.get(rest, ()) if other != own}
        return math.log1p(max((self.counts[other] for other in others), default=0))

    def part_of(self, text: str) -> float:
        own = bare(text)
        return max(0.0, math.log1p(self.longer.get(own, 0)) - math.log1p(self.counts.get(own, 0)))

    def backed(self, lines: Iterable[TextLine]) -> float:
        """Of the least backed unsure character: log of 1 + other cells that have it beside the same neighbour."""
        least = MOST_BACKED
        for line in lines:
            chars = [char for char in line.chars if told(char.text)]
            shown = [told(char.text) for char in chars]
            for i, char in enumerate(chars):
                if Sureness.of(char).p < SURE:
                    beside = (shown[i - 1] + shown[i] if i else "", "".join(shown[i : i + 2]))
                    cells = max(self.pairs.get(pair, 0) for pair in beside)
                    least = min(least, math.log1p(max(0, cells - 1)))
        return least


def _shorter(text: str) -> set[str]:
    """What is left of a name without any one character."""
    if not 2 <= len(text) <= _LONGEST_NAME or number_value(text) is not None:
        return set()
    return {text[:i] + text[i + 1 :] for i in range(len(text))}


def _pairs(text: str) -> set[str]:
    """Neighbouring characters, as a reader tells them."""
    shown = [one for one in map(told, text) if one]
    return {a + b for a, b in pairwise(shown)}


def _rests(text: str) -> set[str]:
    """A text and what is left of it without any one character. Of numbers and of paragraphs nothing is asked."""
    if not 3 <= len(text) <= _LONGEST_NAME or number_value(text) is not None:
        return set()
    return {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}


@dataclass(frozen=True, slots=True)
class Around:
    """What a cell's text signs ask of its table."""

    doubt: float  # sum over its text cells of 1 - the least sure character's posterior
    filled: int
    loose: float  # median of `_set_width`
    height: float  # log of the text's height in pixels
    wear: float
    formats: Mapping[int, str]  # column -> how most of its numbers are written
    counted: frozenset[int]  # rows that only number the columns
    column: Mapping[int, float]  # share of its cells below the header that are filled
    row: Mapping[int, float]

    @classmethod
    def of(cls, table: WholeTable, headers: int) -> Around:
        filled = [c for c in table.cells if c.text]
        widths = [w for c in filled if (w := _set_width(c)) is not None]
        counted = _counted_rows(table)
        written: dict[int, Counter[str]] = {}
        columns: dict[int, list[bool]] = {}
        rows: dict[int, list[bool]] = {}
        for c in table.cells:
            for row in range(c.row, c.row + c.row_span):
                rows.setdefault(row, []).append(bool(c.text))
            if c.row >= headers and c.col_span == 1:
                columns.setdefault(c.col, []).append(bool(c.text))
                if number_value(c.text) is not None and c.row not in counted:
                    written.setdefault(c.col, Counter())[_written(c.text)] += 1
        return cls(
            sum(1.0 - _least(c) for c in filled), len(filled), median(widths) if widths else 1.0,
            height_of(table), wear_of(table),
            {col: kinds.most_common(1)[0][0] for col, kinds in written.items() if kinds.total() > 2}, counted,
            {col: sum(cells) / len(cells) for col, cells in columns.items()},
            {row: sum(cells) / len(cells) for row, cells in rows.items()},
        )

    def besides(self, own: float) -> float:
        """The mean doubt without a cell's own."""
        return (self.doubt - own) / max(1, self.filled - 1)


def _least(cell: WholeCell) -> float:
    """The posterior of its least sure character, 1 for a text layer's own."""
    if cell.evidence.exact:
        return 1.0 if cell.evidence.weakest is None else cell.evidence.weakest
    return min((one.p for one in sureness(lines_of(cell))), default=1.0)


def _counted_rows(table: WholeTable) -> frozenset[int]:
    """Rows that number the columns: 1, 2, 3 … from left to right, and nothing else but marks."""
    rows: dict[int, list[str]] = {}
    for c in table.cells:
        rows.setdefault(c.row, []).append(c.text)
    found = set()
    for row, texts in rows.items():
        whole = [int(text) for text in texts if text.isdecimal() and len(text) < 3]
        steady = all(b == a + 1 for a, b in pairwise(whole))
        if len(whole) > 2 and steady and not any(_CHINESE.search(text) or "." in text for text in texts):
            found.add(row)
    return frozenset(found)


def height_of(table: WholeTable) -> float:
    """Log of the text's height in pixels; 4 where there are none."""
    pixels = [part.text_height for part in (table.first, table.last) if part.text_height > 0]
    return math.log(min(pixels)) if pixels else 4.0


def wear_of(table: WholeTable) -> float:
    return max(table.first.wear, table.last.wear)


def _written(number: str) -> str:
    """How a number is written: digits after its point, whether thousands are parted."""
    whole, _, cents = number.strip().partition(".")
    digits = len(_DIGITS.findall(whole))
    return f"{len(_DIGITS.findall(cents))}{',' if ',' in whole else '' if digits > 3 else '?'}"


def _unlike(number: str, usual: str) -> bool:
    own = _written(number)
    commas = own[1:], usual[1:]
    return own[0] != usual[0] or (commas[0] != commas[1] and "?" not in commas)


def _ems(char: str) -> float:
    """Width of a character in full widths: half of one for Latin and digits, less for marks."""
    return 1.0 if ord(char) >= 0x2E80 else 0.3 if char in ".,:;'" else 0.55


def _set_width(cell: WholeCell) -> float | None:
    """Width of a one-line text by what its characters ask."""
    lines = lines_of(cell)
    if len(lines) != 1 or len(lines[0].text) < 2:
        return None
    box = lines[0].box
    long, high = max(box.width, box.height), min(box.width, box.height)
    return long / max(high * sum(map(_ems, lines[0].text)), 1e-6)


def _widest_step(line: TextLine) -> float:
    """Log of how much wider the widest step between neighbouring characters is than the line's median step."""
    chars = [char for char in line.chars if told(char.text)]
    spaced = {i for i, char in enumerate(line.chars) if not told(char.text)}
    if len(chars) < 4 or spaced or line.box.width < line.box.height:
        return 0.0
    steps = [2 * (b.x - a.x) / (_ems(a.text) + _ems(b.text)) for a, b in pairwise(chars)]
    usual = median(steps)
    return math.log(max(steps) / usual) if usual > 0 else 0.0


def text_signs(
    meant: MeantCell, around: Around, said: Said, sums: Evidence | None, held: tuple[float, float], sound: float,
    disordered: float = 0.0, odd: bool = False,
) -> TextSigns:  # fmt: skip
    """A cell's. `held`: numbers in its columns, its rows, that keep sums (logs); `sound`: the document's numbers;
    `disordered`: of a code, as `disordered_codes` has it; `odd`: whether it breaks a series."""
    cell, text = meant.whole, meant.text
    evidence, lines = cell.evidence, lines_of(cell)
    sure = sureness(lines)
    least = _least(cell)
    every = math.prod(one.p for one in sure)
    if evidence.exact and evidence.posterior is not None:
        every = evidence.posterior
    rivals = (math.log(max(one.p, 1e-6) / max(one.rival, 1e-4)) for one in sure if one.rival > 0)
    width = _set_width(cell)
    number, digits = number_value(text) is not None, _DIGITS.search(text) is not None
    figures = digits and _CHINESE.search(text) is None
    usual = None if cell.row in around.counted else around.formats.get(cell.col)
    return TextSigns(
        kind="exact" if evidence.exact else "number" if figures else "read" if text else "blank",
        worst=log_odds(least, CERTAIN),
        whole=log_odds(every, CERTAIN),
        rival=max(-CERTAIN, min([CERTAIN, *rivals])),
        unsure=float(sum(one.p < SURE for one in sure)),
        unread=1.0 - evidence.coverage,
        length=math.log(max(1, len(text))),
        lines=float(max(0, len(lines) - 1)),
        height=around.height,
        sealed=float("under_seal" in cell.flags),
        parted=float(evidence.parted),
        seam=float(len(cell.parts) > 1),
        wear=around.wear,
        around=around.besides(1.0 - least if text else 0.0),
        hole=max(0.0, evidence.hole),
        rim=evidence.rim,
        loose=0.0 if width is None else abs(math.log(max(width, 1e-3) / around.loose)),
        odd=float(figures and not number),
        misfit=float(number and usual is not None and cell.col_span == 1 and _unlike(text, usual)),
        glyphs=math.log1p(len(_GLYPHS.findall(text))),
        lone=float(len(text) == 1 and _GLYPHS.match(text) is not None),
        known=said.often(meant),
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
        missed=max((char.missed_p for line in lines for char in line.chars if told(char.missed)), default=0.0),
        wide=max((_widest_step(line) for line in lines), default=0.0),
        strange=evidence.strange,
        worded=evidence.worded,
        single=float(len(text) == 1 and not figures and _GLYPHS.match(text) is None),
        column_held=held[0],
        row_held=held[1],
        sound=sound,
        contested=log_odds(min((one.among for one in sure), default=1.0), CERTAIN),
        backed=said.backed(lines),
        part_of=said.part_of(text),
        fringe=float(len(text) > 1 and _FRINGE.search(text) is not None),
        disordered=disordered,
        series=float(odd and not evidence.exact),
    )
