"""What could mend a failed sum: one number as the sum asks for it, or two that are asked for together.

The numbers come from the sums; what the pixels say of each is its `Spelling`. Which of these changes is made, if
any, is for `repairs.py`.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extractor.elements import Char
from extractor.joining.meaning import MeantCell, MeantTable
from extractor.sums.evidence import places, shortfall
from extractor.sums.ledger import Place, decimals, folded
from extractor.sums.promises import Promise
from extractor.sums.spellings import NumberForm, Spelling, best_spelling, form_of, likely_values

_LONG = re.compile(r"\d\D?\d{3}$")
DEAREST = 5.3  # price of a reading that may be one of two changed together (odds 0.005)
DEAREST_BROKEN = 7.6  # the same of what cannot be right as it was read (odds 0.0005)
DEAREST_PAIR = 8.0
MOST_WRONG, LEAST_WRONG = 0.2, 0.005  # bounds of how often a number of a document is taken to be wrong
LONGEST = 60  # numbers of a sum in which pairs are looked for


@dataclass(frozen=True, slots=True)
class Change:
    """Another number at a place, and how the pixels support it.

    `broken`: what stands there reads as no number, or as one with more or fewer digits after its point than the table
    prints. `price`: minus the log-odds of the change, before any sum; to what was read, or (of a broken number,
    which must become some other) to all others that the pixels support.
    """

    place: Place
    value: Decimal
    spelling: Spelling
    broken: bool
    price: float


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums, their places, and for each place the sums it is in (as indices)."""

    found: Sequence[Promise]
    places: Sequence[Sequence[Place]]
    of_place: Mapping[Place, Sequence[int]]

    @classmethod
    def of(cls, found: Sequence[Promise]) -> Sums:
        own = [places(one) for one in found]
        inside: dict[Place, list[int]] = defaultdict(list)
        for k, inner in enumerate(own):
            for place in inner:
                inside[place].append(k)
        return cls(found, own, inside)

    def wrong(self) -> float:
        """How often a number of these sums is wrong, by how many sums fail."""
        tested = sum(len(inner) for inner in self.places)
        failed = sum(not one.holds for one in self.found)
        return min(MOST_WRONG, max(LEAST_WRONG, failed / max(1, tested)))

    def failed(self) -> Iterator[int]:
        """Sums that fail and could be mended by one change or two."""
        for k, one in enumerate(self.found):
            if one.relation == "equals" and not one.holds and len(one.unread) < 3:
                yield k


class Readings:
    """What the pixels of a document's numbers support, worked out where it is asked for."""

    def __init__(self, tables: Sequence[MeantTable]) -> None:
        self._cells = {(table.id, cell.row, cell.col): cell for table in tables for cell in table.cells}
        self._forms = {table.id: _forms(table) for table in tables}
        self._known: dict[Place, Mapping[Decimal, float]] = {}

    def as_number(self, place: Place, value: Decimal) -> Change | None:
        """A number at a place, if the pixels support it in any spelling but the one that stands there."""
        cell = self._cells[place]
        chars = _chars(cell)
        if not chars or cell.read_as is not None or value <= 0:
            return None
        spelling = best_spelling(chars, value, self._form(place))
        if spelling is None or spelling.text == cell.text:
            return None
        price = -math.log(spelling.odds)
        broken = self._broken(place)
        if broken:
            others = sum(math.exp(-cost) for other, cost in self._values(place).items() if other != value)
            price = math.log(1.0 + others / spelling.odds)
        return Change(place, value, spelling, broken, price)

    def likeliest(self, place: Place) -> Change | None:
        """What a number that reads as none is most likely meant to be."""
        values = self._values(place)
        return self.as_number(place, min(values, key=values.__getitem__)) if values else None

    def likely(self, place: Place) -> tuple[Change, ...]:
        """All other numbers at a place that the pixels support well."""
        cell = self._cells[place]
        own = Decimal(cell.value) if cell.value is not None else None
        tried = (self.as_number(place, value) for value in self._values(place) if value != own)
        return tuple(one for one in tried if one is not None)

    def _values(self, place: Place) -> Mapping[Decimal, float]:
        """Numbers that the pixels support, each with its price against what was read."""
        if place not in self._known:
            most = DEAREST_BROKEN if self._broken(place) else DEAREST
            chars = _chars(self._cells[place])
            self._known[place] = likely_values(chars, self._form(place), most) if chars else {}
        return self._known[place]

    def _form(self, place: Place) -> NumberForm:
        return self._forms[place[0]][place[2]]

    def _broken(self, place: Place) -> bool:
        value, asked = self._cells[place].value, self._form(place).decimals
        return value is None or (asked is not None and decimals(Decimal(value)) != asked)


def singles(sums: Sums, readings: Readings) -> list[Change]:
    """What failed sums ask of their numbers, each taken as the only one at fault."""
    asked: dict[tuple[Place, Decimal], None] = {}
    for k in sums.failed():
        one = sums.found[k]
        for place in (one.unread or sums.places[k]) if len(one.unread) < 2 else ():
            value = _wanted(one, place)
            if value is not None:
                asked[place, value] = None
    found = (readings.as_number(place, value) for place, value in sorted(asked))
    return [one for one in found if one is not None]


def together(sums: Sums, readings: Readings) -> list[tuple[Change, ...]]:
    """Numbers of one sum that read as none, where the likeliest that each can be makes the sum hold."""
    out: dict[tuple[tuple[Place, Decimal], ...], tuple[Change, ...]] = {}
    for k, one in enumerate(sums.found):
        if one.relation != "equals" or len(one.unread) < 2 or len(sums.places[k]) > LONGEST:
            continue
        meant = [change for place in dict.fromkeys(one.unread) if (change := readings.likeliest(place)) is not None]
        if len(meant) == len(set(one.unread)) and changed(one, {m.place: m.value for m in meant}).holds:
            out[tuple((m.place, m.value) for m in meant)] = tuple(meant)
    return list(out.values())


def pairs(sums: Sums, readings: Readings, alone: Sequence[Change]) -> list[tuple[Change, Change]]:
    """Two numbers that mend a failed sum together, and one with another in a sum that it would not let hold."""
    out: dict[tuple[tuple[Place, Decimal], tuple[Place, Decimal]], tuple[Change, Change]] = {}
    for one, two in (*_inside(sums, readings), *_chained(sums, readings, alone)):
        first, second = sorted((one, two), key=lambda change: change.place)
        if first.place != second.place:
            out[(first.place, first.value), (second.place, second.value)] = (first, second)
    return list(out.values())


def _inside(sums: Sums, readings: Readings) -> Iterator[tuple[Change, Change]]:
    for k in sums.failed():
        one = sums.found[k]
        if len(sums.places[k]) > LONGEST:
            continue
        lacking = one.found - one.expected
        steps = [
            (step, change)
            for place in sums.places[k]
            for change in readings.likely(place)
            if (step := _step(one, place, change.value)) is not None
        ]
        by_step: dict[Decimal, list[Change]] = defaultdict(list)
        for step, change in steps:
            by_step[step].append(change)
        for step, change in steps:
            for other in by_step.get(lacking - step, ()):
                meant = {change.place, other.place}
                cheap = change.price + other.price <= DEAREST_PAIR
                if cheap and change.place < other.place and meant.issuperset(one.unread):
                    yield change, other


def _chained(sums: Sums, readings: Readings, alone: Sequence[Change]) -> Iterator[tuple[Change, Change]]:
    """A number that some sum asks for, with a second one that another sum of the first then asks for."""
    for change in alone:
        for k in sums.of_place[change.place]:
            after = changed(sums.found[k], {change.place: change.value})
            if after.holds or after.relation != "equals" or len(after.unread) > 1:
                continue
            for place in after.unread or sums.places[k]:
                value = _wanted(after, place) if place != change.place else None
                other = readings.as_number(place, value) if value is not None else None
                if other is not None and change.price + other.price <= DEAREST_PAIR:
                    yield change, other


def _step(one: Promise, place: Place, value: Decimal) -> Decimal | None:
    """By how much another number at a place lets the terms grow against the target."""
    before = _value(one, place)
    gap = shortfall(replace(one, found=Decimal(1), expected=Decimal(0)), place)
    return None if gap is None or gap == 0 else (value - before) / gap


def _wanted(one: Promise, place: Place) -> Decimal | None:
    """The number at a place that makes a sum hold exactly."""
    gap = shortfall(one, place)
    return None if gap is None else _value(one, place) + gap


def _value(one: Promise, place: Place) -> Decimal:
    """A number of a sum as it stands; nothing where it could not be read."""
    if place in one.unread:
        return Decimal(0)
    if place == one.target:
        return one.found
    return next(part.value for part in one.terms if part.place == place)


def changed(one: Promise, values: Mapping[Place, Decimal]) -> Promise:
    """A sum with other numbers at some places."""
    touched = [place for place in values if place == one.target or any(part.place == place for part in one.terms)]
    if not touched:
        return one
    unread = tuple(place for place in one.unread if place not in values)
    found = values.get(one.target, one.found)
    terms = tuple(replace(part, value=values.get(part.place, part.value)) for part in one.terms)
    grown = sum((new.factor * (new.value - old.value) for new, old in zip(terms, one.terms, strict=True)), Decimal(0))
    return replace(one, found=found, expected=one.expected + grown, terms=terms, unread=unread)


def _forms(table: MeantTable) -> dict[int, NumberForm]:
    """How each column writes its numbers: commas as the column, digits after the point as the whole table."""
    numbers = [cell for cell in table.cells if cell.value is not None and not cell.text.endswith("%")]
    whole = form_of(cell.text for cell in numbers)
    columns: dict[int, list[str]] = defaultdict(list)
    for cell in numbers:
        columns[cell.col].append(cell.text)
    own = {col: form_of(texts) for col, texts in columns.items()}
    # A column without an amount of four digits before its point does not tell.
    told = {col for col, texts in columns.items() if any(_LONG.search(text.partition(".")[0]) for text in texts)}
    commas = {col: own[col].commas if col in told else whole.commas for col in range(table.n_cols)}
    return {col: NumberForm(parted, whole.decimals) for col, parted in commas.items()}


def _chars(cell: MeantCell) -> tuple[Char, ...]:
    """The characters of a cell that was read from a picture, none of another; of a number wrapped over lines, all."""
    lines = [line for _, part in cell.whole.parts for line in part.lines if line.text.strip()]
    exact = any(part.evidence.exact for _, part in cell.whole.parts)
    chars = tuple(char for line in lines for char in line.chars)
    if exact or folded("".join(char.text for char in chars)) != folded(cell.text):
        return ()
    return chars
