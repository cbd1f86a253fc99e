"""Amounts that two statutory forms of one document print alike: 收支总表 收入总计 = 收入总表 合计, and so on.

A cell counts only where it is clearly the one total of its form. What the forms' titles, heads and units do not
state beyond doubt is promised only where the numbers agree; and a document none of whose forms agree, or most of
whose forms differ, holds forms of several bodies: then nothing is promised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from extractor.kinds.statutory import FormKind
from extractor.sums.crossitems import item_sums
from extractor.sums.formtotals import (
    FUNDS,
    GENERAL,
    Form,
    Total,
    basic_part,
    budgeted,
    grand,
    grand_row,
    of_kind,
    same_amount,
    side_totals,
    whole_column,
)
from extractor.sums.ledger import Summed, folded, read_ledger
from extractor.sums.promises import Promise, support


class Formed(Summed, Protocol):
    """A table that knows which statutory form it is."""

    @property
    def form_kind(self) -> FormKind | None: ...


# Titles of tables that hold a part of what their kind of form holds.
_PARTIAL = re.compile(
    r"机关运行|人员经费|公用经费|工资福利|商品和服务|个人和家庭|项目支出|上年|结转|结余|专项|转移支付"
)
# “三公” items, and what the economic classification calls them.
_TRAVELS = tuple(
    (re.compile(item), re.compile(line))
    for item, line in (
        (r"^(?:[一二三1-3][、.])?因公出国", r"^因公出国"),
        (r"^(?:[一二三1-3][、.])?公务接待", r"^公务接待费?$"),
        (r"公务用车运行|^运行(?:维护)?费", r"^公务用车运行"),
    )
)


def cross_sums(tables: Sequence[Formed]) -> list[Promise]:
    """What the forms of a document promise of each other; the target stands in the form that sums up."""
    forms = [
        Form(table.form_kind, title, read_ledger(table))
        for table in tables
        if table.form_kind is not None and not _PARTIAL.search(title := folded(table.title or ""))
    ]
    found = [one for left, right in _statements(forms) for one in _agreed(left, right)]
    held, told = support(found)
    if told and 2 * held < told:
        return []
    if held:
        told_pairs = {frozenset((one.target, one.terms[0].place)) for one in found}
        found += [one for one in item_sums(forms) if frozenset((one.target, one.terms[0].place)) not in told_pairs]
    return [*(found if held else []), *_travels(of_kind(forms, "travel"), of_kind(forms, "basic"))]


def _travels(travel: Sequence[Form], basic: Sequence[Form]) -> Iterator[Promise]:
    """“三公” items against their lines in the list of basic spending, which may hold less than all of them.

    Projects may pay for the rest, so the lines are at most the items; where both print one amount it is one amount.
    """
    if len(travel) != 1 or len(basic) != 1:
        return
    for item, line in _TRAVELS:
        target, term = _item(travel[0], item), _item(basic[0], line)
        one = same_amount(target, term) if target is not None and term is not None else None
        if one is None or one.expected == 0:
            continue
        if one.holds:
            yield one
        elif one.expected < one.found:
            yield replace(one, relation="at_most")


def _item(form: Form, named: re.Pattern[str]) -> Total | None:
    """The amount of an item that is the label of one row, or the head of one column over one row of amounts."""
    ledger, cols = form.ledger, budgeted(form.ledger)
    first = min(ledger.amounts, default=0)
    rows = {
        row for row in ledger.rows() for col in range(first)
        if (entry := ledger.at.get((row, col))) is not None and entry.row == row and named.search(entry.text)
    }  # fmt: skip
    whole = whole_column(ledger, cols)
    if len(rows) == 1 and whole is not None:
        return form.total(rows.pop(), whole)
    heads = [leaf.start for leaf, _ in ledger.leaves() if leaf.start in ledger.amounts and named.search(leaf.text)]
    row = grand_row(ledger)
    return form.total(row, heads[0]) if len(heads) == 1 and row is not None and not rows else None


def _statements(forms: Sequence[Form]) -> Iterator[tuple[list[Total], list[Total]]]:
    """Totals that must agree: those of the form that sums up, the likeliest first, and those of the others."""
    for side, kind in (("收入", "income"), ("支出", "spending")):
        yield [t for f in of_kind(forms, "balance") for t in side_totals(f, side)], grand(of_kind(forms, kind))
    for kind, mark in FUNDS.items():
        granted = [t for f in of_kind(forms, "granted") for t in side_totals(f, "支出", mark)]
        # One column for all funds says what each is only where there is but one.
        if kind == "general" and not granted:
            granted = [t for f in of_kind(forms, "granted") for t in side_totals(f, "支出", stated=False)]
        yield granted, grand(of_kind(forms, kind), GENERAL if kind == "general" else None)
    basic = [t for f in of_kind(forms, "general") if (t := basic_part(f)) is not None]
    yield basic, grand(of_kind(forms, "basic"), GENERAL)


def _agreed(left: Sequence[Total], right: Sequence[Total]) -> Iterator[Promise]:
    """Each total on the right with the first on the left that prints its amount.

    With none that does, only where either side names one amount beyond doubt.
    """
    sure = len(right) == 1 and len({t.place[0] for t in left}) == 1 and len({t.value for t in left}) == 1
    for term in right:
        pairs = [(target, one) for target in left if (one := same_amount(target, term)) is not None]
        held = [one for _, one in pairs if one.holds and one.found != 0]
        if held:
            yield held[0]
        elif sure and pairs and pairs[0][0].stated and term.stated and pairs[0][0].yuan and term.yuan:
            yield pairs[0][1]
