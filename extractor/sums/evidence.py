"""What sums say of each number: how many it keeps, how many it breaks, and whether it alone breaks them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal

from extractor.sums.ledger import Place
from extractor.sums.promises import Promise

FEWEST = 5  # exact sums that show a document not to round
OFTEN = 5  # where it rounds, at least one sum in so many strays by its last digit


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of one number. held, failed: equalities it takes part in that are kept and prove it, or not kept (a part of a
    whole that is larger says nothing). alone: it is the one number whose change would mend all its failed sums, and it
    keeps none.
    """

    held: int
    failed: int
    alone: bool


def evidence(
    found: Sequence[Promise], silent: Callable[[Promise], Set[Place]] = lambda _: frozenset()
) -> dict[Place, Evidence]:
    """By place, for every number that takes part in a sum which says something.

    `silent`: about which of its numbers a sum that holds says nothing all the same.
    """
    held: dict[Place, int] = defaultdict(int)
    proved: dict[Place, int] = defaultdict(int)
    broken: dict[Place, list[Promise]] = defaultdict(list)
    rounded = _rounded(found)
    for one in found:
        if one.holds and not (_says(one) and (one.exact or rounded or not _whole(one))):
            continue
        unsaid = silent(one) if one.holds else frozenset()
        for place in places(one):
            if one.holds:
                held[place] += 1
                proved[place] += place not in unsaid
            else:
                broken[place].append(one)
    return {
        place: Evidence(proved[place], len(broken[place]), _alone(place, held, broken))
        for place in {**held, **broken} if proved[place] or broken[place]
    }


def _says(one: Promise) -> bool:
    """Whether a sum that holds is evidence: nothing is learnt from zeros, nor from a part below its whole."""
    return one.found != 0 and (one.relation == "equals" or one.exact)


def _rounded(found: Sequence[Promise]) -> bool:
    """Whether sums that hold but for the last digit are the document's rounding: elsewhere that digit was misread."""
    kept = [one for one in found if one.holds and one.rich and _whole(one)]
    loose = sum(not one.exact for one in kept)
    return len(kept) - loose < FEWEST or OFTEN * loose >= len(kept)


def _whole(one: Promise) -> bool:
    """Whether a sum adds up without dividing."""
    return one.rule != "ratio" and one.relation == "equals"


def places(one: Promise) -> list[Place]:
    """Target and terms of a sum, each once: a ratio can name a number twice."""
    return list(dict.fromkeys([one.target, *(part.place for part in one.terms)]))


def shortfall(one: Promise, place: Place) -> Decimal | None:
    """By how much the number at a place must grow for the sum to hold exactly; None where that is not linear."""
    if one.rule == "ratio" or one.relation != "equals":
        return None
    if place == one.target:
        return one.expected - one.found
    factors = [part.factor for part in one.terms if part.place == place]
    return (one.found - one.expected) / factors[0] if len(factors) == 1 and factors[0] != 0 else None


def _alone(place: Place, held: dict[Place, int], broken: dict[Place, list[Promise]]) -> bool:
    """Blame: all failed sums of a number ask the same of it, it keeps no other, and no neighbour can be blamed so."""
    if not _blamable(place, held, broken):
        return False
    own = broken[place]
    for other in {p for one in own for p in places(one)} - {place}:
        if _blamable(other, held, broken) and len(broken[other]) >= len(own):
            return False
    return True


def _blamable(place: Place, held: dict[Place, int], broken: dict[Place, list[Promise]]) -> bool:
    return not held[place] and bool(broken[place]) and agreed(place, broken[place]) is not None


def agreed(place: Place, failed: Iterable[Promise]) -> Decimal | None:
    """What all failed sums say a number lacks, within their tolerances; None where they differ."""
    wanted = [(gap, one.tolerance) for one in failed if (gap := shortfall(one, place)) is not None]
    if not wanted:
        return None
    first, _ = min(wanted, key=lambda w: w[1])
    return first if all(abs(gap - first) <= tolerance for gap, tolerance in wanted) else None
