"""About which of its numbers a sum that holds says nothing: those that may be misread alike.

A total with a single part says its number twice, and what wears one wears the other: −0.6 read as 10.6 in both keeps
the sum. So does a digit misread in a total and in one of its parts, at the same place. A sum proves a doubtful digit
only where no other number of it has the same digit at the same place, as doubtful. No more does a text that stands
elsewhere with the same digit in doubt speak for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from extractor.joining.meaning import MeantCell, MeantTable
from extractor.joining.sureness import SURE, Sureness, lines_of, told
from extractor.sums.evidence import places
from extractor.sums.ledger import Place
from extractor.sums.promises import Promise

_POINT = 99  # stands for the place of a point, which has none
_SIGNS = frozenset("-+()")

Digit = tuple[int, str]  # its power of ten, and what was read there


def doubtful_digits(tables: Iterable[MeantTable]) -> dict[Place, frozenset[Digit]]:
    """By place, what may be another character in every number that was read from a picture and has such."""
    return {
        (table.id, cell.row, cell.col): found
        for table in tables for cell in table.cells if (found := doubtful(cell))
    }


def unproved(one: Promise, digits: Mapping[Place, frozenset[Digit]]) -> frozenset[Place]:
    """Places of the numbers of a sum that could be misread together without breaking it."""
    if one.rule == "ratio":
        return frozenset()
    moved = {part.place: _shift(part.factor) for part in one.terms}
    unsure = {
        place: {(power if power == _POINT else power + moved.get(place, 0), char) for power, char in digits[place]}
        for place in places(one) if place in digits
    }
    # A number's own rise is made good by its total's, or by that of what is taken from the same total.
    side = {part.place: part.factor < 0 for part in one.terms} | {one.target: True}
    return frozenset(
        place for place, own in unsure.items()
        if any(own & others and side[place] != side[other] for other, others in unsure.items())
    )


def _shift(factor: Decimal) -> int:
    """Powers of ten by which a factor (10,000 between two units) moves a number's digits."""
    return factor.adjusted() if factor.normalize().as_tuple().digits == (1,) else 0


def doubtful(cell: MeantCell) -> frozenset[Digit]:
    """Of a number its doubtful characters, all of one that sums put for what was read; of anything else nothing."""
    if cell.kind != "number":
        return frozenset()
    shown = [one for one in map(told, cell.text) if one]
    if cell.read_as is not None:
        return frozenset(zip(_powers(shown), shown, strict=True))
    chars = [char for line in lines_of(cell.whole) for char in line.chars if told(char.text)]
    if [told(char.text) for char in chars] != shown:
        return frozenset()
    return frozenset(
        (power, own) for power, own, char in zip(_powers(shown), shown, chars, strict=True)
        if Sureness.of(char).p < SURE
    )


def _powers(shown: Sequence[str]) -> list[int]:
    """The power of ten of each digit; of a sign that of the place before the first digit; of a point or comma none."""
    power = sum(char.isdigit() for char in shown[: shown.index(".") if "." in shown else len(shown)])
    out = []
    for char in shown:
        power -= char.isdigit()
        out.append(power if char.isdigit() or char in _SIGNS else _POINT)
    return out
