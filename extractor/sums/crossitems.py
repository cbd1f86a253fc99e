"""Amounts that two statutory forms of one document print under one name: 项目支出 a row here, a column there.

A form's amount is named by its row and its column, those of totals and of 合计 left out: what is left is the same
whichever way a form lies. Names are compared without their numbering and, of income, without 拨款, 资金, 收入.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractor.sums.formtotals import (
    FUNDS,
    Form,
    Total,
    budgeted,
    fund_column,
    grand,
    grand_row,
    of_kind,
    rank_of,
    same_amount,
    side_totals,
    whole_column,
)
from extractor.sums.ledger import Ledger, Side, is_total, sides
from extractor.sums.promises import Promise

Name = frozenset[str]

_NUMBERED = re.compile(r"^(?:[一二三四五六七八九十]+[、.]|\d+[、.]|\([一二三四五六七八九十\d]+\)[、.]?)")
_SOURCE = re.compile(r"(?:预算)?(?:财政)?(?:拨款)?(?:补助)?(?:资金)?(?:收入)?$")
_GRANT = "财政拨款"
_BASIC = "基本支出"
_PARTS = frozenset({"小计", "合计"})
FEW = 3  # amounts that agree, for one that does not, before that one is said to be wrong


def item_sums(forms: Sequence[Form]) -> list[Promise]:
    """What the forms of one body promise of each other beside their totals."""
    balance, granted = of_kind(forms, "balance"), of_kind(forms, "granted")
    income = [_items(form, "收入") for form in balance]
    spending = [_items(form, "支出") for form in balance]
    pairs = [
        (income, [_listed(form, "收入") for form in of_kind(forms, "income")]),
        (spending, [_listed(form, "支出") for form in of_kind(forms, "spending")]),
        (income, [_items(form, "收入") for form in granted]),
        ([_items(form, "支出", FUNDS["general"]) for form in granted],
         [_listed(form, "支出") for form in of_kind(forms, "general")]),
    ]  # fmt: skip
    out = [one for left, right in pairs for one in _alike(left, right)]
    grants = [own[name] for own in income if (name := frozenset({_GRANT})) in own]
    out += _equal(grants, [total for form in granted for total in side_totals(form, "收入")])
    basic = [own[name] for own in (_items(form, "支出") for form in granted) if (name := frozenset({_BASIC})) in own]
    return out + _equal(basic, grand(of_kind(forms, "basic")))


def _alike(left: Sequence[dict[Name, Total]], right: Sequence[dict[Name, Total]]) -> Iterator[Promise]:
    """Amounts of one name in two forms: those that agree, and where most do also those that differ."""
    if len(left) != 1 or len(right) != 1:
        return
    found = [
        one for name, target in left[0].items()
        if name in right[0] and (one := same_amount(target, right[0][name])) is not None
    ]  # fmt: skip
    held = [one for one in found if one.holds and one.found != 0]
    failed = [one for one in found if not one.holds]
    if len(held) < len(failed):
        return
    yield from held
    if len(held) >= FEW * len(failed):
        yield from failed


def _equal(targets: Sequence[Total], terms: Sequence[Total]) -> list[Promise]:
    """Each term with the first target that prints its amount; what differs may hold more than the other."""
    out = []
    for term in terms:
        held = [one for t in targets if (one := same_amount(t, term)) is not None and one.holds and one.found != 0]
        out += held[:1]
    return out


def _items(form: Form, side: str, fund: re.Pattern[str] | None = None) -> dict[Name, Total]:
    """Amounts of one side of a form by name; of one fund's column only where one is asked for."""
    out: dict[Name, Total] = {}
    ledger = form.ledger
    for part in sides(ledger):
        ranks = {row: rank for row in ledger.rows() if (rank := rank_of(ledger, part, row, side)) is not None}
        whole = whole_column(ledger, part.amounts) if fund is None else fund_column(ledger, part, fund)
        if not ranks or (fund is not None and whole is None):
            continue
        final = min(ranks.values())
        for row in ledger.rows():
            if row in ranks and ranks[row] != final:
                continue
            named = "" if row in ranks else _row_name(ledger, part, row, side)
            columns = part.amounts if fund is None else [col for col in part.amounts if col == whole]
            _add(out, form, row, named, {col: "" if col == whole else _column_name(ledger, col) for col in columns})
    return out


def _listed(form: Form, side: str) -> dict[Name, Total]:
    """Amounts of a list by name."""
    ledger, out = form.ledger, dict[Name, Total]()
    cols = budgeted(ledger)
    whole, last = whole_column(ledger, cols), grand_row(ledger)
    names = {col: "" if col == whole else _source(_column_name(ledger, col), side) for col in cols}
    labels = Side(tuple(range(min(cols, default=0))), tuple(cols))
    for row in ledger.rows():
        _add(out, form, row, "" if row == last else _row_name(ledger, labels, row, side), names)
    return out


def _add(out: dict[Name, Total], form: Form, row: int, named: str | None, columns: dict[int, str | None]) -> None:
    """A row's amounts by name; the first of a name stands, as classes come before their parts."""
    for col, head in columns.items():
        name = frozenset(part for part in (named, head) if part)
        total = form.total(row, col) if named is not None and head is not None and name else None
        if total is not None:
            out.setdefault(name, total)


def _row_name(ledger: Ledger, part: Side, row: int, side: str) -> str | None:
    """A row's label without its numbering, None of one that names nothing of its own; 小计 is what it stands beside."""
    texts = []
    for col in part.labels:
        entry = ledger.at.get((row, col))
        if entry is not None and entry.row == row and entry.value is None and not _is_code(entry.text):
            texts.append(entry.text)
    texts = [text for text in dict.fromkeys(texts) if text]
    if len(texts) > 1 and texts[-1] in _PARTS:
        texts.pop()
    if not texts or is_total(texts[-1]):
        return None
    return _source(_NUMBERED.sub("", texts[-1]), side)


def _is_code(text: str) -> bool:
    return text.isascii() and not any(char.isalpha() for char in text)


def _column_name(ledger: Ledger, col: int) -> str | None:
    """A column's head; of 小计 the head above it."""
    for leaf, above in ledger.leaves():
        if leaf.start == col:
            return above[-1].text if above and leaf.text in _PARTS else leaf.text or None
    return None


def _source(name: str | None, side: str) -> str | None:
    if name is None or side != "收入":
        return name
    return _SOURCE.sub("", name) or _GRANT
