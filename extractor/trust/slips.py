"""Numbers of a broken sum of which one digit alone, read otherwise, would make it hold.

合计 2,221.43 over 660.10, 1,282.56 and 281.77 fails by 3.00: a 4 read as 1 in the total mends it, no one digit of any
part does. A worn digit does just that, and a sum broken in print or by a lost row seldom asks for a single digit of a
single number. What the page shows may still be sure of the digit (a 4 that lost its slant is a 1), so a person
should look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from extractor.sums.evidence import Evidence, places, shortfall
from extractor.sums.ledger import Place
from extractor.sums.promises import Promise

FEWEST = 3  # figures of a number: with fewer nearly any gap is one digit


def slips(found: Iterable[Promise], seen: Mapping[Place, Evidence]) -> frozenset[Place]:
    """Places of such numbers, the only ones of their sums; not those that keep another sum."""
    out: set[Place] = set()
    for one in found:
        if one.holds or one.unread or one.relation != "equals":
            continue
        blamed = [place for place in places(one) if _is_slip(one, place)]
        if len(blamed) == 1 and not seen[blamed[0]].held:
            out.add(blamed[0])
    return frozenset(out)


def _is_slip(one: Promise, place: Place) -> bool:
    gap = shortfall(one, place)
    if gap is None:
        return False
    value = one.found if place == one.target else next(part.value for part in one.terms if part.place == place)
    return _a_digit_apart(value, value + gap)


def _a_digit_apart(read: Decimal, wanted: Decimal) -> bool:
    """Whether two numbers of the same length and sign differ in one digit, the first no zero put in before."""
    places_after = max(0, -int(read.as_tuple().exponent), -int(wanted.normalize().as_tuple().exponent))
    one, other = (f"{number:.{places_after}f}" for number in (read, wanted))
    if len(one) != len(other) or (read < 0) != (wanted < 0):
        return False
    figures = sum(char.isdigit() for char in one)
    return figures >= FEWEST and sum(a != b for a, b in zip(one, other, strict=True)) == 1
