"""Codes settled by the names beside them: what a document says elsewhere of a name, and the classification.

A budget's code stands to the left of its name, in a cell of its own or in the same one. Where the code read is none
that anybody gives this name, and another is, at a price that the recogniser's own alternatives bear, that one is
taken; where they bear none, the code is not trusted. Nor is one before its name that lacks digits, where those of its
column have them all (a column of codes alone may be too narrow for some, and prints them cut off). One lost digit
comes back.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache

from extractor.elements import Char
from extractor.joining.overpages import WholeCell, WholeTable
from extractor.kinds.headings import bare
from extractor.sums.spellings import MARKS, price
from extractor.wording.amended import NEVER, Step, alike, amended, doubted, plain, put_in, read_chars, unheld
from extractor.wording.classification import names

CLEAR = 0.95  # least posterior of a code that speaks for its name
STATUTORY = 3.0  # clear sayings that the classification counts for
UNSAID = 0.003  # … and a code that nobody gives a name
BROKEN = 0.1  # how much less still, where what was read is no code
TAKEN = 0.01  # … or the classification's code of another name
LEAST = 1.0  # log-odds from which a code is taken
FITS = 2.0  # log-odds for each of the two codes above and below that a code goes with
FEWEST = 3  # codes of a column without which it is none of codes
LACKING = 0.3  # most that a digit of a code with lost digits is sure of
WHOLE = 0.8  # share of a column's other codes that have such lengths
LENGTHS = frozenset({3, 5, 7, 9})  # digits of codes; a column too narrow for its codes prints others
_CODE = re.compile(r"[1-9]\d{2,8}")
_NEARLY = re.compile(r"[\dA-Za-z.,:;°'!|]{2,9}")
_BOTH = re.compile(r"(\d[\d.,:;°'!|]{0,7})[-—]?([\u4e00-\u9fff].+)")


@dataclass(frozen=True, slots=True)
class Coded:
    """A cell with a code. `chars`: the code's; `name`: as it is compared; `beside`: the codes above and below;
    `clipped`: whether another of its column is clearly printed with as many digits, which no code has; `lacking`:
    whether it has too few, in one cell with its name, among others that have not."""

    cell: WholeCell
    text: str
    chars: tuple[Char, ...]
    name: str
    beside: tuple[str, ...] = ()
    clipped: bool = False
    lacking: bool = False

    @property
    def is_clear(self) -> bool:
        return _CODE.fullmatch(self.text) is not None and all(char.p >= CLEAR for char in self.chars)


def with_codes_settled(tables: Sequence[WholeTable]) -> list[WholeTable]:
    """The tables with each code as its name has it elsewhere, where the pixels support that."""
    found = [one for table in tables for one in _coded(table)]
    said: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one in found:
        if one.is_clear:
            said[one.name][one.text] += 1.0
    told = {id(one.cell): _settled(one, said.get(one.name, {})) for one in found if one.chars}
    return [replace(table, cells=tuple(told.get(id(cell), cell) for cell in table.cells)) for table in tables]


def _coded(table: WholeTable) -> Iterator[Coded]:
    """Codes with their names: in a column to the left of the names', or in one cell with them."""
    at = {(cell.row, cell.col): cell for cell in table.cells if cell.text}
    columns: dict[int, list[Coded]] = defaultdict(list)
    named: dict[int, list[Coded]] = defaultdict(list)
    for cell in at.values():
        text = bare(cell.text)
        beside = at.get((cell.row, cell.col + cell.col_span))
        if _NEARLY.fullmatch(text) and beside is not None and re.search("[\u4e00-\u9fff]", beside.text):
            columns[cell.col].append(Coded(cell, text, read_chars(cell), _name(beside.text)))
        elif both := _BOTH.fullmatch(text):
            named[cell.col].append(Coded(cell, both[1], read_chars(cell)[: len(both[1])], _name(both[2])))
    for column in named.values():
        for k, one in enumerate(column):
            yield replace(one, lacking=_is_lacking(one, [*column[:k], *column[k + 1 :]]))
    for column in columns.values():
        if sum(_CODE.fullmatch(one.text) is not None for one in column) >= max(FEWEST, 0.6 * len(column)):
            for k, one in enumerate(column):
                near = (*column[max(0, k - 1) : k], *column[k + 1 : k + 2])
                clipped = len(one.text) not in LENGTHS and any(
                    other.is_clear and len(other.text) == len(one.text) for other in column if other is not one
                )
                yield replace(one, beside=tuple(other.text for other in near), clipped=clipped)


def _is_lacking(one: Coded, others: Sequence[Coded]) -> bool:
    """Whether digits alone were read, as many as no code has, where the other codes have them all."""
    whole = sum(_CODE.fullmatch(other.text) is not None and len(other.text) in LENGTHS for other in others)
    return one.text.isdecimal() and len(one.text) not in LENGTHS and whole >= max(FEWEST, WHOLE * len(others))


def _name(text: str) -> str:
    return bare(text).removesuffix("支出")


@cache
def _statutory() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for code, name in names().items():
        found[_name(name)].add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


def _settled(one: Coded, said: Mapping[str, float]) -> WholeCell:
    statutory = _statutory().get(one.name, frozenset())
    if one.text in statutory:
        return one.cell
    others = said.get(one.text, 0.0) - one.is_clear
    stands = math.log((UNSAID + max(0.0, others)) * (1.0 if _CODE.fullmatch(one.text) else BROKEN))
    if statutory and one.text in names():
        stands += math.log(TAKEN)
    best: tuple[float, str] | None = None
    doubtful: dict[int, float] = {}
    siblings = {near[:-2] + one.text[-2:] for near in one.beside if len(near) == len(one.text)}
    for code in sorted({*said, *statutory, *siblings} - {one.text}):
        if one.clipped and len(code) != len(one.text):
            continue
        worth = math.log(UNSAID + said.get(code, 0.0) + STATUTORY * (code in statutory)) - stands
        worth += FITS * (_fitting(code, one.beside) - _fitting(one.text, one.beside))
        cost = price(_as_code(one.chars), code)
        if cost < NEVER and worth - cost >= LEAST and (best is None or worth - cost > best[0]):
            best = worth - cost, code
        if cost == NEVER and len(code) == len(one.text):
            differ = [k for k in range(len(code)) if code[k] != one.text[k]]
            if len(differ) == 1:
                (k,) = differ
                doubtful[k] = min(doubtful.get(k, 1.0), 1.0 / (1.0 + math.exp(worth - unheld(one.chars[k]))))
    if best is None and one.lacking:
        return _with_lost_digits(one, statutory | said.keys())
    if best is not None:
        return amended(one.cell, put_in(one.chars, best[1]), 1.0 / (1.0 + math.exp(-best[0])))
    return doubted(one.cell, doubtful) if doubtful else one.cell


def _with_lost_digits(one: Coded, codes: Set[str]) -> WholeCell:
    """The cell of a code that lacks digits: with the one digit that the only such code of its name has more, and
    hardly trusted either way. `codes`: its name's."""
    longer = [code for code in codes if len(code) == len(one.text) + 1 and _is_left_of(one.text, code)]
    if len(longer) != 1:
        return doubted(one.cell, dict.fromkeys(range(len(one.text)), LACKING))
    head, _ = alike(one.text, longer[0])
    at_end = head == len(one.text)
    step = Step(head - at_end, longer[0][head], "after" if at_end else "before")
    return amended(one.cell, [step], LACKING)


def _is_left_of(rest: str, whole: str) -> bool:
    """Whether a text is another one without some of its characters."""
    left = iter(whole)
    return all(char in left for char in rest)


def _fitting(code: str, beside: Sequence[str]) -> int:
    """How many of the codes above and below belong to it, it to them, or both to one group."""
    return sum(near.startswith(code) or code.startswith(near) or near[:-2] == code[:-2] for near in beside)


def _as_code(chars: Sequence[Char]) -> list[Char]:
    """The characters with every mark as one that a digit may stand for: a code has no points."""
    return [replace(char, text="!") if plain(char.text) in MARKS else char for char in chars]

