"""What a sum is and whether the printed numbers keep it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from extractor.sums.ledger import Ledger, Place, Relation, Rule, decimals

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Part:
    """A term of a sum: where it stands, what it is multiplied by, and its number (0 where it reads as none)."""

    place: Place
    factor: Decimal = ONE
    value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Promise:
    """`target` = sum of factor x term (or: at least that sum), as the form promises.

    A ratio's last term divides: target = sum of factor x term over all others / the last. `expected` is what the terms
    give, `found` what is printed; empty terms count as nothing. `tolerance` allows for rounding in the last
    printed digit.
    """

    rule: Rule
    relation: Relation
    target: Place
    terms: tuple[Part, ...]
    expected: Decimal
    found: Decimal
    tolerance: Decimal
    rich: bool = False  # two or more terms are not zero
    unread: tuple[Place, ...] = ()  # of target and terms, those that are printed but read as no number

    @property
    def holds(self) -> bool:
        if self.unread:
            return False
        if self.relation == "at_most":
            return self.expected <= self.found + self.tolerance
        return abs(self.expected - self.found) <= self.tolerance

    @property
    def misread(self) -> bool:
        """Whether it fails by as much as one misread digit of a number with three or more makes: 500.00, not 517.33."""
        if self.holds or self.unread or self.relation != "equals":
            return False
        lacking = abs(self.expected - self.found).normalize()
        largest = max(abs(self.expected), abs(self.found))
        return len(lacking.as_tuple().digits) == 1 and largest >= 100 * Decimal(1).scaleb(-max(0, decimals(self.found)))

    @property
    def exact(self) -> bool:
        return self.expected == self.found


@dataclass(frozen=True, slots=True)
class Claim:
    """A sum said of rows or columns before it is looked at in every column or row: places are grid positions."""

    rule: Rule
    target: tuple[int, int]
    terms: tuple[tuple[int, int], ...]
    factors: tuple[Decimal, ...] = ()
    relation: Relation = "equals"


def rounding(step: Decimal, terms: int) -> Decimal:
    """How far a sum of rounded numbers may stray: errors of half a unit each add up like a random walk."""
    return step * max(1, int(math.sqrt(terms + 1) / 2))


def promise(ledger: Ledger, claim: Claim) -> Promise | None:
    """The claim with its numbers; None where the target or all terms are empty: nothing is promised then."""
    target = ledger.number(*claim.target)
    unread = [claim.target] if target is None and ledger.garbled(*claim.target) else []
    if target is None and not unread:
        return None
    factors = claim.factors or (ONE,) * len(claim.terms)
    parts: list[Part] = []
    total, count = Decimal(0), 0
    for (row, col), factor in zip(claim.terms, factors, strict=True):
        entry = ledger.number(row, col)
        if entry is None or entry.value is None:
            if ledger.garbled(row, col):
                unread.append((row, col))
                parts.append(Part((ledger.table.id, row, col), factor))
            continue
        parts.append(Part((ledger.table.id, row, col), factor, entry.value))
        total += factor * entry.value
        count += entry.value != 0
    if not parts:
        return None
    place = (ledger.table.id, *claim.target)
    step = Decimal("0.1") if target is not None and target.percent else ledger.step
    found = target.value if target is not None and target.value is not None else Decimal(0)
    copied = len(parts) == 1 and claim.relation == "equals" and claim.rule != "part_of"  # nothing was rounded
    return Promise(
        claim.rule, claim.relation, place, tuple(parts), total, found,
        Decimal(0) if copied else rounding(step, count), count > 1,
        tuple((ledger.table.id, row, col) for row, col in unread),
    )  # fmt: skip


def promises(ledger: Ledger, claims: Iterable[Claim]) -> list[Promise]:
    return [found for claim in claims if (found := promise(ledger, claim)) is not None]


def support(found: Sequence[Promise]) -> tuple[int, int]:
    """How many sums hold, of how many that could fail (a zero or a lone equal number proves nothing)."""
    telling = [p for p in found if not p.unread and (p.found != 0 or p.expected != 0)]
    return sum(p.holds for p in telling), len(telling)


def believed(found: Sequence[Promise], *, stated: bool) -> bool:
    """Whether a group of sums is a promise at all.

    What a form states itself (合计 beside its parts, a code's own parts) stands until most of its sums fail, and
    a single one may fail: published tables contain errors. One that a single misread digit explains does not count
    against the others. What only the numbers suggest must hold.
    """
    held, told = support(found)
    if stated:
        excused = sum(one.misread for one in found) if held else 0
        return 2 * held >= told - excused or told == 1
    return held > 0 and 3 * held >= 2 * told


def telling(found: Sequence[Promise]) -> bool:
    """Whether some sum of a group holds with two or more terms that are not zero: chance rarely does that."""
    return any(p.holds and p.rich for p in found)
