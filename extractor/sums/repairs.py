"""Numbers corrected where sums determine them and the pixels support it.

A sum that fails says what each of its numbers would have to be, were it alone at fault, and which two of them would
have to be what. A change is made only if the recogniser itself held the numbers possible, no sum is broken by it,
and no other change mends the same sum nearly as well. What a document printed wrong stays: its pixels support
nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extractor.joining.meaning import MeantCell, MeantTable
from extractor.sums.checks import promised
from extractor.sums.crosssums import cross_sums
from extractor.sums.ledger import Place
from extractor.sums.moves import Change, Readings, Sums, changed, pairs, singles, together
from extractor.sums.promises import Promise

# Least odds (of the corrected text to the text read, by the pixels alone) for a number that one sum asks for, two,
# three or more; and the same for what cannot be right as it was read.
LEAST_ODDS = (0.02, 0.005, 0.001)
LEAST_BROKEN = (0.01, 0.0005, 0.0005)
LEAST_SCORE = 0.0
LEAST_PAIR = 0.5  # of two numbers changed at once: there are many pairs, so chance mends a sum more often
RIVAL = 5.0  # another correction of the same sum must be so much less likely
PER_SUM = 3.0  # log-odds that a sum adds for the correction it asks for
ROUNDS = 4  # a corrected number can complete sums that determine others


@dataclass(frozen=True, slots=True)
class Correction:
    """One number, or two, as sums and pixels say. `gained`: sums that are made to hold; `left`: that still fail."""

    changes: tuple[Change, ...]
    gained: frozenset[int]
    left: frozenset[int]
    score: float = 0.0

    @property
    def values(self) -> dict[Place, Decimal]:
        return {change.place: change.value for change in self.changes}

    def agrees(self, other: Correction) -> bool:
        """Whether one of two corrections is part of the other."""
        own, others = self.values.items(), other.values.items()
        return own <= others or others <= own


def repaired(tables: Sequence[MeantTable]) -> list[MeantTable]:
    """The tables with numbers corrected that their sums determine; `read_as` keeps what was read."""
    out = list(tables)
    for _ in range(ROUNDS):
        found = [one for one in (*promised(out), *cross_sums(out)) if one.rule != "ratio"]
        fixes = {change.place: change for fix in _corrections(out, found) for change in fix.changes}
        fixes = fixes or _proved(out)
        if not fixes:
            break
        out = [_with(table, fixes) for table in out]
    return out


def _proved(tables: Sequence[MeantTable]) -> dict[Place, Change]:
    """What reads as no number and is most likely meant to be the one that its sums want.

    A sum whose numbers read as none (1,907,03) is often not seen as one at all. With the likeliest number at each such
    place all sums are looked for once more; those that hold prove their numbers, unless another one fails.
    """
    readings = Readings(tables)
    meant = {
        (table.id, cell.row, cell.col): change
        for table in tables for cell in table.cells
        if cell.value is None and sum(map(str.isdigit, cell.text)) > 1
        and (change := readings.likeliest((table.id, cell.row, cell.col))) is not None
        and change.spelling.odds >= LEAST_BROKEN[0] and change.price < math.log(RIVAL)
    }  # fmt: skip
    if not meant:
        return {}
    sums = Sums.of([one for one in promised([_with(table, meant) for table in tables]) if one.rule != "ratio"])

    def proved(place: Place) -> bool:
        own = [one for k in sums.of_place.get(place, ()) if (one := sums.found[k]).relation == "equals"]
        return any(one.rich for one in own) and all(one.holds and one.found != 0 for one in own)

    return {place: change for place, change in meant.items() if proved(place)}


def _with(table: MeantTable, fixes: Mapping[Place, Change]) -> MeantTable:
    def fixed(cell: MeantCell) -> MeantCell:
        fix = fixes.get((table.id, cell.row, cell.col))
        if fix is None:
            return cell
        read = cell.text if cell.read_as is None else cell.read_as
        odds = fix.spelling.odds * (1.0 if cell.odds is None else cell.odds)
        return replace(
            cell, text=fix.spelling.text, kind="number", value=_plain(fix.spelling.text), read_as=read, odds=odds
        )

    if not any(place[0] == table.id for place in fixes):
        return table
    return replace(table, cells=tuple(fixed(cell) for cell in table.cells))


def _plain(text: str) -> str:
    return text.replace(",", "")


def _corrections(tables: Sequence[MeantTable], found: Sequence[Promise]) -> list[Correction]:
    """Corrections that do not disturb each other: of those that touch the same sum or number, the best."""
    if all(one.holds for one in found):
        return []
    sums, readings = Sums.of(found), Readings(tables)
    alone = [(change,) for change in singles(sums, readings)]
    more = (*pairs(sums, readings, [one for (one,) in alone]), *together(sums, readings))
    tried = [fix for changes in (*alone, *more) if (fix := _weighed(changes, sums)) is not None]
    return _chosen([_scored(one, tried, sums) for one in tried], sums)


def _weighed(changes: tuple[Change, ...], sums: Sums) -> Correction | None:
    """A correction with what it does to all sums of its numbers; None where it breaks one, where one of its numbers
    mends none, or where the pixels are against it."""
    values = {change.place: change.value for change in changes}
    gained: set[int] = set()
    left: set[int] = set()
    for k in {k for place in values for k in sums.of_place[place]}:
        one, after = sums.found[k], changed(sums.found[k], values)
        if one.holds and not after.holds and (one.found != 0 or one.expected != 0):
            return None
        if after.unread:
            continue
        if not one.holds and after.holds and one.relation == "equals":
            gained.add(k)
        if not after.holds:
            left.add(k)
    for change in changes:
        own = len(gained.intersection(sums.of_place[change.place]))
        least = (LEAST_BROKEN if change.broken else LEAST_ODDS)[min(own, 3) - 1]
        if not own or change.spelling.odds < least:
            return None
    return Correction(changes, frozenset(gained), frozenset(left))


def _scored(fix: Correction, tried: Sequence[Correction], sums: Sums) -> Correction:
    """The correction with its log-odds.

    A sum that still fails speaks against it as far as no other of its numbers is likely to be wrong: a long sum of
    a worn page fails anyway. It says nothing where another correction, which some other sum asks for, would mend it
    together with this one.
    """
    against = 0.0
    right = 1.0 - sums.wrong()
    for k in fix.left:
        after = changed(sums.found[k], fix.values)
        mended = any(
            len(o.changes) == 1 and o.changes[0].place not in fix.values and changed(after, o.values).holds
            for o in tried if k in o.left
        )  # fmt: skip
        against -= 0.0 if mended else math.log(1.0 - right ** (len(sums.places[k]) - 1))
    score = PER_SUM * len(fix.gained) - sum(change.price for change in fix.changes) - against
    return replace(fix, score=score)


def _chosen(tried: Sequence[Correction], sums: Sums) -> list[Correction]:
    chosen: list[Correction] = []
    settled: set[int] = set()
    for fix in sorted(tried, key=lambda f: -f.score):
        least = LEAST_SCORE if len(fix.changes) == 1 else LEAST_PAIR
        taken = {change.place for other in chosen for change in other.changes}
        if fix.score < least or fix.gained & settled or fix.values.keys() & taken:
            continue
        rivals = [o for o in tried if o.gained & fix.gained and o not in chosen and not o.agrees(fix)]
        if any(o.score > fix.score - math.log(RIVAL) for o in rivals):
            settled |= fix.gained  # two ways to mend one sum: neither is taken
            continue
        chosen.append(fix)
        touched = {p for k in fix.gained for p in sums.places[k]}
        settled |= {k for p in touched for k in sums.of_place[p] if not sums.found[k].holds}
    return chosen
