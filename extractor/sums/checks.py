"""The sums that tables promise by their headers, codes, labels and numbers, and what they say of each number.

A failed sum is reported as printed: published budgets contain errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractor.sums.columnsums import column_sums
from extractor.sums.groupsums import group_sums
from extractor.sums.ledger import Place, Summed, read_ledger
from extractor.sums.promises import Promise
from extractor.sums.rowsums import row_sums


def find_sums(tables: Sequence[Summed]) -> list[Promise]:
    """Every sum of the tables, in the order of tables and targets; each is said once.

    A sum with a number that could not be read says nothing: `promised` has those too.
    """
    return [one for one in promised(tables) if not one.unread]


def promised(tables: Sequence[Summed]) -> list[Promise]:
    """Every sum, also those with printed numbers that read as none (`unread`)."""
    return [one for table in tables for one in _table_sums(table)]


def table_sums(table: Summed) -> list[Promise]:
    """The sums of one table."""
    return find_sums([table])


def _table_sums(table: Summed) -> list[Promise]:
    ledger = read_ledger(table)
    if not ledger.amounts:
        return []
    if not ledger.body:
        return _once(group_sums(ledger))
    return _once([*row_sums(ledger), *column_sums(ledger), *group_sums(ledger)])


def _once(found: Iterable[Promise]) -> list[Promise]:
    """Promises without repeats (two rules may state one sum), by target."""
    seen: dict[tuple[Place, str, frozenset[tuple[Place, object]]], Promise] = {}
    for one in found:
        key = (one.target, one.relation, frozenset((part.place, part.factor) for part in one.terms))
        seen.setdefault(key, one)
    return sorted(seen.values(), key=lambda p: (p.target[1], p.target[2]))
