"""Names settled by what else a document calls the same: its own words decide between the recogniser's alternatives.

Budgets say the same names over and over: items in three or four tables, statutory names of the classification. A
text that nobody else says, one character away from one that is said clearly elsewhere (or that is such a name), is
likely that one, if the recogniser held the character possible. Figures and numerals are never changed here: names that
differ by one of these are different names.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from extractor.elements import Char
from extractor.joining.overpages import WholeCell, WholeTable
from extractor.kinds.headings import bare
from extractor.wording.amended import Amendment, Step, alike, amended, doubted, one_step, plain, read_chars, unheld
from extractor.wording.classification import names
from extractor.wording.labels import restored

SHORTEST, LONGEST = 3, 40  # characters of a name: what is longer is a sentence, said once
CLEAR = 0.9  # least posterior in a text that speaks for itself
DOUBTED = 0.2  # how much one with a lesser one counts
STATUTORY = 3.0  # clear sayings that a name of the classification counts for
# … and any text that nobody says. Of 21,006 names in 187 documents 381 are said once and one character away from
# another name, mostly short ones; but the two characters look alike (to the recogniser) in next to none.
UNSAID = 0.005
LEAST = 1.0  # log-odds from which a name is taken
# Characters that part names which are otherwise alike.
_TELLING = re.compile(r"[\d〇零一二三四五六七八九十百千万A-Za-zⅠ-Ⅻ①-⑳甲乙丙丁上下本前后年月]")
# Marks that one saying of a name may have and another not: what was read with MARKED or more is printed.
_QUOTES = re.compile("[\"“”'‘’《》〈〉]")
MARKED = 0.8
_CHINESE = re.compile("[\u4e00-\u9fff]")
# What stands before a name: its code, its number among others.
_HEAD = re.compile(r"^(?:\d{1,9}(?=[\u4e00-\u9fff])|[(]?[一二三四五六七八九十\d]{1,3}[)、.,]{1,2})?[-:.、]?")


@dataclass(frozen=True, slots=True)
class Names:
    """How often each text is said clearly, and the texts that share all but one of their characters."""

    said: Mapping[str, float]
    holes: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, said: Mapping[str, float]) -> Names:
        return cls(said, _holes(said))

    def near(self, text: str) -> Iterator[str]:
        """Texts of as many characters, one less or one more, all others alike."""
        for rest in rests(text):
            yield from self.holes.get(rest, ())
            yield from _statutory().get(rest, ())


def _holes(texts: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for text in texts:
        for rest in rests(text):
            found[rest].add(text)
    return {rest: frozenset(own) for rest, own in found.items()}


def rests(text: str) -> set[str]:
    """A text and what is left of it without any one character."""
    return {text, *(text[:k] + text[k + 1 :] for k in range(len(text)))}


@cache
def _statutory() -> Mapping[str, frozenset[str]]:
    return _holes(_classified())


@cache
def _classified() -> frozenset[str]:
    """The classification's names; 支出 at their ends is often left out."""
    full = {bare(name) for name in names().values()}
    return frozenset(name for name in {*full, *(one.removesuffix("支出") for one in full)} if len(name) >= SHORTEST)


def with_names_settled(tables: Sequence[WholeTable]) -> list[WholeTable]:
    """The tables with each name as the document calls it elsewhere, where the pixels support that."""
    read = {id(cell): read_chars(cell) for table in tables for cell in table.cells if _is_name(cell.text)}
    said: dict[str, float] = defaultdict(float)
    for table in tables:
        for cell in table.cells:
            if id(cell) in read:
                said[_parted(cell.text)[1]] += _weight(read[id(cell)])
    known = Names.of(said)

    def settled(cell: WholeCell) -> WholeCell:
        chars = read.get(id(cell), ())
        return _settled(cell, chars, known) if chars else cell

    return [replace(table, cells=tuple(settled(cell) for cell in table.cells)) for table in tables]


def _is_name(text: str) -> bool:
    return SHORTEST <= len(_parted(text)[1]) <= LONGEST and _CHINESE.search(text) is not None


def _parted(text: str) -> tuple[int, str]:
    """Where a name begins in a text without spaces, and the name."""
    whole = bare(text)
    found = _HEAD.match(whole)
    start = found.end() if found else 0
    return start, whole[start:]


def _weight(chars: Sequence[Char]) -> float:
    """Clear sayings that a cell's text counts for; a text layer's is clear."""
    return 1.0 if all(char.p >= CLEAR for char in chars) else DOUBTED


def _settled(cell: WholeCell, chars: Sequence[Char], known: Names) -> WholeCell:
    start, own = _parted(cell.text)
    if own in _classified() or start + len(own) != len(chars):
        return cell
    stands = math.log(UNSAID + max(0.0, known.said[own] - _weight(chars)))
    best: tuple[float, Amendment] | None = None
    doubtful: dict[int, float] = {}
    for text in sorted({*known.near(own)} - {own}):
        if any(_TELLING.match(mark) for mark in _apart(own, text)):
            continue
        said = known.said.get(text, 0.0) + STATUTORY * (text in _classified())
        worth = math.log(UNSAID + said) - stands
        change = one_step(chars[start:], text)
        if change and any(_is_printed_mark(chars[start:], step) for step in change.steps):
            continue
        if change and worth - change.price >= LEAST and (best is None or worth - change.price > best[0]):
            best = worth - change.price, change
        if len(own) == len(text):
            # Another character stands there for the recogniser, or one that it hardly names: the less is it sure.
            k = start + alike(own, text)[0]
            price = change.price if change else unheld(chars[k])
            doubtful[k] = min(doubtful.get(k, 1.0), 1.0 / (1.0 + math.exp(worth - price)))
    if best is None and known.said[own] <= _weight(chars):
        told = restored(tuple(replace(char, text=plain(char.text)) for char in chars[start:]), cell.evidence.strange)
        best = None if told is None else (-told.price, told)
    if best is None:
        return doubted(cell, doubtful) if doubtful else cell
    steps = [replace(step, at=step.at + start) for step in best[1].steps]
    return amended(cell, steps, 1.0 / (1.0 + math.exp(-best[0])))


def _is_printed_mark(chars: Sequence[Char], step: Step) -> bool:
    """Whether a step would leave out a quotation mark that was clearly read at an end of a name; within it is dirt."""
    char = chars[step.at]
    at_end = step.at in (0, len(chars) - 1)
    return at_end and not step.text and char.p >= MARKED and _QUOTES.match(char.text) is not None


def _apart(one: str, other: str) -> str:
    """The characters in which two texts differ."""
    head, tail = alike(one, other)
    return one[head : len(one) - tail] + other[head : len(other) - tail]

