"""Sums along a row, promised by the header: totals beside their parts, differences of two years, shares.

合计 | 基本支出 (小计 | 人员经费 | 公用经费) | 项目支出 promises 合计 = 小计 + 项目支出 and 小计 = 人员经费 + 公用经费
in every row. Which side of a total its parts stand on, and whether flat heads repeat others in detail, is
settled by the numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations, permutations

from extractor.sums.ledger import Head, Ledger, Relation, Rule, decimals, is_remark, is_total
from extractor.sums.promises import Claim, Part, Promise, believed, promises, rounding, support, telling

_AMONG = re.compile(r"^其中")
_CHANGE = re.compile(r"增减|比.*(?:增|减)|差额|变动额")
_SHARE = re.compile(r"%|占比|比例|比重|率$|增长|增减")
_COUNTED = re.compile(r"数量|单价|人数|编制数|面积|台数|辆数")
MINUS = Decimal(-1)
HUNDRED = Decimal(100)


def row_sums(ledger: Ledger) -> list[Promise]:
    found: list[Promise] = []
    for level in _levels(ledger.heads):
        found += _totals(ledger, level)
    found += _changes(ledger)
    found += _shares(ledger)
    return found


def _levels(heads: Sequence[Head]) -> Iterator[Sequence[Head]]:
    if heads:
        yield heads
    for head in heads:
        yield from _levels(head.under)


def _totals(ledger: Ledger, level: Sequence[Head]) -> list[Promise]:
    """Sums of the total heads among siblings."""
    found: list[Promise] = []
    leaves = [(i, head) for i, head in enumerate(level) if not head.under and head.start in ledger.amounts]
    marks = [i for i, head in leaves if is_total(head.text)]
    if not marks and len(leaves) > 2:
        return _unnamed(ledger, level)
    for nth, i in enumerate(marks):
        stop = marks[nth + 1] if nth + 1 < len(marks) else len(level)
        start = marks[nth - 1] + 1 if nth else 0
        right = _run(ledger, level[i + 1 : stop])
        left = _run(ledger, list(reversed(level[start:i])))
        target = level[i].start
        found += _best(ledger, target, [right, list(reversed(left))])
    return found


def _unnamed(ledger: Ledger, level: Sequence[Head]) -> list[Promise]:
    """The first of sibling heads as their total, though its head does not say so (it was misread): if nearly all
    rows say so and three of them add up two numbers or more."""
    parts = _run(ledger, level[1:])
    if level[0].under or level[0].start not in ledger.amounts or len(parts) != len(level) - 1:
        return []
    found = _rows(ledger, level[0].start, _columns(ledger, parts))
    held, told = support(found)
    rich = sum(one.holds and one.rich for one in found)
    return found if rich >= 3 and 3 * held >= 2 * told else []


def _run(ledger: Ledger, heads: Sequence[Head]) -> list[Head]:
    """The heads next to a total that hold amounts, up to the first that holds words."""
    out: list[Head] = []
    for head in heads:
        columns = range(head.start, head.stop)
        if any(c in ledger.amounts for c in columns) and not _COUNTED.search(head.text):
            out.append(head)
        elif _words(ledger, columns) and not is_remark(head.text):
            break
    return out


def _words(ledger: Ledger, columns: range) -> bool:
    """Whether columns hold texts that are no shares."""
    if any(c in ledger.percents for c in columns):
        return False
    return any(ledger.text(row, c) for row in ledger.rows() for c in columns)


def _best(ledger: Ledger, target: int, runs: Sequence[Sequence[Head]]) -> list[Promise]:
    """The first reading of the terms that most rows keep; else the first that the header states, if not disproved."""
    readings: list[tuple[list[int], Relation]] = []
    for run in runs:
        among = [head for head in run if _AMONG.match(head.text)]
        if among and len(among) == len(run):
            readings.append((_columns(ledger, run), "at_most"))
            continue
        plain = [head for head in run if not _AMONG.match(head.text) and not _CHANGE.search(head.text)]
        if plain:
            readings.append((_columns(ledger, plain), "equals"))
    tried = [(_rows(ledger, target, columns, relation), columns) for columns, relation in readings if columns]
    for found, _ in tried:
        if believed(found, stated=False) and (telling(found) or len(tried) == 1):
            return found
    for _, columns in tried:
        flat = _nested(ledger, target, columns)
        if flat:
            return flat
    for found, columns in tried:
        if len(columns) > 1 and support(found)[1] and believed(found, stated=True):
            return found
    return []


def _columns(ledger: Ledger, heads: Sequence[Head]) -> list[int]:
    """The columns that stand for heads in a sum: a group's own total, else all its parts."""
    out: list[int] = []
    for head in heads:
        if not head.under:
            out += [head.start] if head.start in ledger.amounts else []
            continue
        own = [c.start for c in head.under if not c.under and is_total(c.text) and c.start in ledger.amounts]
        if not own and any(_CHANGE.search(c.text) for c in head.under):
            continue
        out += own[:1] or _columns(ledger, head.under)
    return out


def _rows(ledger: Ledger, target: int, columns: Sequence[int], relation: Relation = "equals") -> list[Promise]:
    rule: Rule = "part_of" if relation == "at_most" else "row_total"
    return promises(
        ledger,
        (Claim(rule, (row, target), tuple((row, c) for c in columns), (), relation) for row in ledger.rows()),
    )


def _nested(ledger: Ledger, target: int, columns: Sequence[int]) -> list[Promise]:
    """Flat heads of which some repeat others in detail: 合计 | 基本支出 | 人员经费 | 公用经费 | 项目支出."""
    roots: list[int] = []
    found: list[Promise] = []
    for column in reversed(columns):
        for size in range(2, len(roots) + 1):
            inner = _rows(ledger, column, roots[:size])
            if len(inner) > 1 and believed(inner, stated=False) and telling(inner):
                found += inner
                roots = roots[size:]
                break
        roots = [column, *roots]
    if not found or len(roots) < 2:
        return []
    outer = _rows(ledger, target, roots)
    return [*outer, *found] if believed(outer, stated=False) and telling(outer) else []


def _changes(ledger: Ledger) -> list[Promise]:
    """增减额 = this year - last year (or the other way, whichever the numbers keep)."""
    found: list[Promise] = []
    leaves = _leaves(ledger)
    for head, path in leaves:
        if head.start not in ledger.amounts or not _CHANGE.search(path):
            continue
        left = [(o.start, p) for o, p in leaves if o.start < head.start and o.start in ledger.amounts]
        others = [start for start, p in left if not _CHANGE.search(p)]
        tries = [
            promises(
                ledger,
                (Claim("row_total", (r, head.start), ((r, a), (r, b)), (Decimal(1), MINUS)) for r in ledger.rows()),
            )
            for one, two in combinations(reversed(others), 2)
            for a, b in ((one, two), (two, one))
        ]
        kept: list[list[Promise]] = [t for t in tries if believed(t, stated=False) and telling(t)]
        if kept:
            found += _most_held(kept)
    return found


def _most_held(tries: Sequence[list[Promise]]) -> list[Promise]:
    return max(tries, key=lambda found: support(found)[0])


def _leaves(ledger: Ledger) -> list[tuple[Head, str]]:
    """The lowest heads with the words above them."""
    return [(leaf, "".join(head.text for head in (*above, leaf))) for leaf, above in ledger.leaves()]


def _shares(ledger: Ledger) -> list[Promise]:
    """Percent columns: the amounts whose quotient they are, if one reading fits the rows.

    Of two amounts of the row (增减额 in last year's), of two years' difference in the earlier one, or of the
    row's amount in that of a total row (占比).
    """
    found: list[Promise] = []
    amounts = [leaf.start for leaf, _ in _leaves(ledger) if leaf.start in ledger.amounts]
    for head, path in _leaves(ledger):
        if head.start not in ledger.percents or not _SHARE.search(path):
            continue
        kept = [
            t for t in _share_readings(ledger, head.start, amounts)
            if len(t) > 1 and believed(t, stated=False) and len({p.found for p in t if p.holds}) > 1
        ]  # fmt: skip
        if kept:
            found += _most_held(kept)
    return found


def _share_readings(ledger: Ledger, col: int, amounts: Sequence[int]) -> Iterator[list[Promise]]:
    """What a percent column may be of, as ratios of its rows."""

    def of(parts: Sequence[tuple[int, Decimal]], below: int, whole: int = 0) -> list[Promise]:
        """Each row's amounts by its amount in the column `below`, or by that of the row `whole` (never 0)."""
        tried = (
            ratio(ledger, (row, col), [((row, c), factor) for c, factor in parts], (whole or row, below))
            for row in ledger.rows()
            if row != whole
        )
        return [one for one in tried if one is not None]

    pairs = list(permutations(amounts, 2))
    labels = range(min(amounts, default=0))
    totals = [row for row in ledger.rows() if any(is_total(ledger.text(row, c)) for c in labels)]
    yield from (of([(one, HUNDRED)], two) for one, two in pairs)
    yield from (of([(one, HUNDRED), (two, -HUNDRED)], two) for one, two in pairs)
    yield from (of([(one, HUNDRED)], one, row) for row in totals for one in amounts)


Share = tuple[tuple[int, int], Decimal]  # a place and its factor


def ratio(
    ledger: Ledger, target: tuple[int, int], parts: Sequence[Share], whole: tuple[int, int]
) -> Promise | None:
    """target = sum of factor x part / whole, or None where one of them is not printed."""
    share, below = ledger.number(*target), ledger.number(*whole)
    if share is None or share.value is None or below is None or not below.value:
        return None
    name = ledger.table.id
    terms: list[Part] = []
    for place, factor in parts:
        entry = ledger.number(*place)
        if entry is None or entry.value is None:
            return None
        terms.append(Part((name, *place), factor, entry.value))
    step = Decimal(1).scaleb(-decimals(share.value))
    expected = (sum((part.factor * part.value for part in terms), Decimal(0)) / below.value).quantize(step)
    terms.append(Part((name, *whole), value=below.value))
    return Promise("ratio", "equals", (name, *target), tuple(terms), expected, share.value, rounding(step, 2))
