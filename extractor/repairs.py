"""Numbers corrected where sums determine them and the pixels support it.

A sum that fails says what each of its numbers would have to be, were it alone at fault. The change is made only if
the recogniser itself held that number possible, every sum that the number was in agrees, and no other number
could be blamed as well. What a document printed wrong stays: its pixels support nothing else.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extractor.checks import promised
from extractor.elements import Char
from extractor.evidence import places, shortfall
from extractor.ledger import Place, folded
from extractor.meaning import MeantCell, MeantTable
from extractor.promises import Promise
from extractor.spellings import NumberForm, Spelling, best_spelling, form_of

# Least odds (of the corrected text to the text read, by the pixels alone) for a number that one sum asks for, and
# that two or more ask for; for what reads as no number, which is wrong as it stands.
ONE_SUM = 0.02
MORE_SUMS = 0.005
UNREAD = 0.0005
STILL = 2.5  # log-odds that a sum takes which still fails: another of its numbers must be wrong as well
STILL_UNREAD = 1.0  # the same of a number that reads as none, which must become some number
LEAST_SCORE = -1.0
RIVAL = 5.0  # another correction of the same sum must be so much less likely
PER_SUM = 3.0  # log-odds that a sum adds for the correction it asks for
ROUNDS = 3  # a corrected number can complete sums that determine others

Values = Mapping[Place, Decimal | None]


@dataclass(frozen=True, slots=True)
class Correction:
    """A number as its sums and its pixels say it. `gained`: sums that it makes hold; `left`: that still fail."""

    place: Place
    value: Decimal
    spelling: Spelling
    unread: bool
    gained: frozenset[int]
    left: frozenset[int]
    score: float = 0.0


def repaired(tables: Sequence[MeantTable]) -> list[MeantTable]:
    """The tables with numbers corrected that their sums determine; `read_as` keeps what was read."""
    out = list(tables)
    for _ in range(ROUNDS):
        found = [one for one in promised(out) if one.rule != "ratio"]
        fixes = _corrections(out, found)
        if not fixes:
            break
        out = [_with(table, {fix.place: fix for fix in fixes}) for table in out]
    return out


def _with(table: MeantTable, fixes: Mapping[Place, Correction]) -> MeantTable:
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
    cells = {(table.id, cell.row, cell.col): cell for table in tables for cell in table.cells}
    inside: dict[Place, list[int]] = defaultdict(list)
    for k, one in enumerate(found):
        for place in places(one):
            inside[place].append(k)
    forms = {table.id: _forms(table) for table in tables}
    tried: list[Correction] = []
    for place, value in sorted(_asked(found), key=lambda a: (a[0], a[1])):
        cell = cells[place]
        chars = _chars(cell)
        if not chars or cell.read_as is not None:
            continue
        spelling = best_spelling(chars, value, forms[place[0]][place[2]])
        if spelling is not None and spelling.text != cell.text:
            fix = _weighed(place, value, spelling, found, inside[place], cell)
            tried += [fix] if fix is not None else []
    return _chosen([fix for one in tried if (fix := _scored(one, tried, found)) is not None], found)


def _forms(table: MeantTable) -> dict[int, NumberForm]:
    """How each column writes its numbers: commas as the column, digits after the point as the whole table."""
    numbers = [cell for cell in table.cells if cell.value is not None and not cell.text.endswith("%")]
    whole = form_of(cell.text for cell in numbers)
    columns: dict[int, list[str]] = defaultdict(list)
    for cell in numbers:
        columns[cell.col].append(cell.text)
    own = {col: form_of(texts) for col, texts in columns.items()}
    commas = {col: own[col].commas if col in own else whole.commas for col in range(table.n_cols)}
    return {col: NumberForm(parted, whole.decimals) for col, parted in commas.items()}


def _asked(found: Sequence[Promise]) -> set[tuple[Place, Decimal]]:
    """What failed sums ask of their numbers, each taken as the only one at fault."""
    asked: set[tuple[Place, Decimal]] = set()
    for one in found:
        if one.relation != "equals" or one.holds or len(one.unread) > 1:
            continue
        for place in one.unread or places(one):
            value = _wanted(one, place)
            if value is not None and value > 0:
                asked.add((place, value))
    return asked


def _wanted(one: Promise, place: Place) -> Decimal | None:
    """The number at a place that makes a sum hold exactly."""
    gap = shortfall(one, place)
    if gap is None:
        return None
    return _value(one, place) + gap


def _value(one: Promise, place: Place) -> Decimal:
    """A number of a sum as it stands; nothing where it could not be read."""
    if place in one.unread:
        return Decimal(0)
    if place == one.target:
        return one.found
    return next(part.value for part in one.terms if part.place == place)


def _chars(cell: MeantCell) -> tuple[Char, ...]:
    """The characters of a cell that was read from a picture as one line; none else."""
    lines = [line for _, part in cell.whole.parts for line in part.lines if line.text.strip()]
    exact = any(part.evidence.exact for _, part in cell.whole.parts)
    if len(lines) != 1 or exact or folded("".join(c.text for c in lines[0].chars)) != folded(cell.text):
        return ()
    return lines[0].chars


def _weighed(
    place: Place, value: Decimal, spelling: Spelling, found: Sequence[Promise], own: Iterable[int], cell: MeantCell
) -> Correction | None:
    """A correction with what it does to all sums of its number; None where it breaks one or the pixels are against."""
    gained: set[int] = set()
    left: set[int] = set()
    for k in own:
        one = found[k]
        after = _after(one, place, value)
        if one.holds and not after.holds and (one.found != 0 or one.expected != 0):
            return None
        if after.unread:
            continue
        if not one.holds and after.holds and one.relation == "equals":
            gained.add(k)
        if not after.holds:
            left.add(k)
    least = ONE_SUM if len(gained) < 2 else MORE_SUMS
    least = UNREAD if cell.value is None else least
    if not gained or spelling.odds < least:
        return None
    return Correction(place, value, spelling, cell.value is None, frozenset(gained), frozenset(left))


def _scored(fix: Correction, tried: Sequence[Correction], found: Sequence[Promise]) -> Correction | None:
    """The correction with its log-odds. A sum that still fails counts less against it where another correction,
    which some other sum asks for, would mend it together with this one."""
    alone = 0
    for k in fix.left:
        after = _after(found[k], fix.place, fix.value)
        inside = set(places(after)) - {fix.place}
        alone += not any(o.place in inside and _after(after, o.place, o.value).holds for o in tried)
    still = STILL_UNREAD if fix.unread else STILL
    score = math.log(fix.spelling.odds) + PER_SUM * len(fix.gained) - still * alone
    return replace(fix, score=score) if score > LEAST_SCORE else None


def _after(one: Promise, place: Place, value: Decimal) -> Promise:
    """A sum with another number at a place."""
    change = value - _value(one, place)
    unread = tuple(p for p in one.unread if p != place)
    if place == one.target:
        return replace(one, found=value, unread=unread)
    factor = sum((part.factor for part in one.terms if part.place == place), Decimal(0))
    terms = tuple(replace(part, value=value) if part.place == place else part for part in one.terms)
    return replace(one, expected=one.expected + factor * change, terms=terms, unread=unread)


def _chosen(tried: Sequence[Correction], found: Sequence[Promise]) -> list[Correction]:
    chosen: list[Correction] = []
    settled: set[int] = set()
    for fix in sorted(tried, key=lambda f: -f.score):
        if fix.gained & settled or any(fix.place == other.place for other in chosen):
            continue
        rivals = [o for o in tried if o is not fix and o.gained & fix.gained and o not in chosen]
        if any(o.score > fix.score - math.log(RIVAL) for o in rivals):
            settled |= fix.gained  # two ways to mend one sum: neither is taken
            continue
        chosen.append(fix)
        touched = {p for k in fix.gained for p in places(found[k])}
        settled |= {k for k, one in enumerate(found) if not one.holds and touched & set(places(one))}
    return chosen
