"""Amounts that two statutory forms of one document print alike: 收支总表 收入总计 = 收入总表 合计, and so on.

A cell counts only where it is clearly the one total of its form. What the forms' titles, heads and units do not
state beyond doubt is promised only where the numbers agree; and a document none of whose forms agree, or most of
whose forms differ, holds forms of several bodies: then nothing is promised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from extractor.ledger import IN_YUAN, Ledger, Place, Side, Summed, folded, read_ledger, sides
from extractor.promises import Part, Promise, support
from extractor.statutory import FormKind


class Formed(Summed, Protocol):
    """A table that knows which statutory form it is."""

    @property
    def form_kind(self) -> FormKind | None: ...


_HALF = Decimal("0.5")
# Titles of tables that hold a part of what their kind of form holds.
_PARTIAL = re.compile(
    r"机关运行|人员经费|公用经费|工资福利|商品和服务|个人和家庭|项目支出|上年|结转|结余|专项|转移支付"
)
_GENERAL = re.compile(r"一般公共预算")
_YEAR = re.compile(r"20\d\d")
_GRAND = re.compile(r"^(?:部门|单位)?(?:本年|当年)?(?:收入|支出)?(?:预算)?(?:合计|总计|共计)$")
_WHOLE = re.compile(r"^(?:20\d\d年|本年|部门|收入|支出|预算|经费|金额|项目)*(?:合计|总计|共计|总额)数?$")
_SIDE_TOTAL = re.compile(r"^(?P<year>本年|当年|本期)?(?P<side>收入|支出)?(?:预算)?(?P<sum>合计|总计|小计)$")
_THIS_YEAR = re.compile(r"^(?:一、)?(?P<year>本年|当年)(?P<side>收入|支出)(?P<sum>)$")
_BUDGET = re.compile(r"^(?:20\d\d年|本年|当年)(?:度)?预算(?:数|安排)?$")
_BESIDE = re.compile(r"执行|决算|上年|增减|增长|比")
_SIDE = re.compile(r"^(?:本年|当年)?(?:财政拨款)?(收入|支出)$")
_BASIC = re.compile(r"^基本支出(?:小计|合计)?$")
_FUNDS: tuple[tuple[FormKind, re.Pattern[str]], ...] = (
    ("general", re.compile(r"^一般公共预算(?:财政)?(?:拨款)?(?:支出)?$")),
    ("fund", re.compile(r"^政府性基金(?:预算)?(?:财政)?(?:拨款)?(?:支出)?$")),
    ("capital", re.compile(r"^国有资本经营(?:预算)?(?:财政)?(?:拨款)?(?:支出)?$")),
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


@dataclass(frozen=True, slots=True)
class _Total:
    """The total of a form. yuan: 元 in its unit, None where none is printed. step: one of its table's last digit.
    stated: its form leaves no doubt about what it is the total of.
    """

    place: Place
    value: Decimal
    yuan: Decimal | None
    step: Decimal
    year: str | None
    final: bool
    stated: bool


@dataclass(frozen=True, slots=True)
class _Form:
    kind: FormKind
    title: str
    ledger: Ledger

    def total(self, row: int, col: int, *, stated: bool = True) -> _Total | None:
        entry = self.ledger.number(row, col)
        unit = self.ledger.table.unit
        if entry is None or entry.value is None or entry.percent or (unit and unit not in IN_YUAN):
            return None
        year = _YEAR.search(self.title)
        return _Total(
            (self.ledger.table.id, row, col), entry.value, IN_YUAN.get(unit or ""), self.ledger.step,
            year.group() if year else None, "决算" in self.title, stated and bool(self.title),
        )  # fmt: skip


def cross_sums(tables: Sequence[Formed]) -> list[Promise]:
    """What the forms of a document promise of each other; the target stands in the form that sums up."""
    forms = [
        _Form(table.form_kind, title, read_ledger(table))
        for table in tables
        if table.form_kind is not None and not _PARTIAL.search(title := folded(table.title or ""))
    ]
    found = [one for left, right in _statements(forms) for one in _agreed(left, right)]
    held, told = support(found)
    if told and 2 * held < told:
        return []
    return [*(found if held else []), *_travels(_of(forms, "travel"), _of(forms, "basic"))]


def _travels(travel: Sequence[_Form], basic: Sequence[_Form]) -> Iterator[Promise]:
    """“三公” items against their lines in the list of basic spending, which may hold less than all of them.

    Projects may pay for the rest, so the lines are at most the items; where both print one amount it is one amount.
    """
    if len(travel) != 1 or len(basic) != 1:
        return
    for item, line in _TRAVELS:
        target, term = _item(travel[0], item), _item(basic[0], line)
        one = _promise(target, term) if target is not None and term is not None else None
        if one is None or one.expected == 0:
            continue
        if one.holds:
            yield one
        elif one.expected < one.found:
            yield replace(one, relation="at_most")


def _item(form: _Form, named: re.Pattern[str]) -> _Total | None:
    """The amount of an item that is the label of one row, or the head of one column over one row of amounts."""
    ledger, cols = form.ledger, _budgeted(form.ledger)
    first = min(ledger.amounts, default=0)
    rows = {
        row for row in ledger.rows() for col in range(first)
        if (entry := ledger.at.get((row, col))) is not None and entry.row == row and named.search(entry.text)
    }  # fmt: skip
    whole = _whole_column(ledger, cols)
    if len(rows) == 1 and whole is not None:
        return form.total(rows.pop(), whole)
    heads = [leaf.start for leaf, _ in ledger.leaves() if leaf.start in ledger.amounts and named.search(leaf.text)]
    row = _grand_row(ledger)
    return form.total(row, heads[0]) if len(heads) == 1 and row is not None and not rows else None


def _statements(forms: Sequence[_Form]) -> Iterator[tuple[list[_Total], list[_Total]]]:
    """Totals that must agree: those of the form that sums up, the likeliest first, and those of the others."""
    for side, kind in (("收入", "income"), ("支出", "spending")):
        yield [t for f in _of(forms, "balance") for t in _side_totals(f, side)], _grand(_of(forms, kind))
    for kind, mark in _FUNDS:
        granted = [t for f in _of(forms, "granted") for t in _side_totals(f, "支出", mark)]
        # One column for all funds says what each is only where there is but one.
        if kind == "general" and not granted:
            granted = [t for f in _of(forms, "granted") for t in _side_totals(f, "支出", stated=False)]
        yield granted, _grand(_of(forms, kind), _GENERAL if kind == "general" else None)
    basic = [t for f in _of(forms, "general") if (t := _basic_part(f)) is not None]
    yield basic, _grand(_of(forms, "basic"), _GENERAL)


def _of(forms: Iterable[_Form], kind: str) -> list[_Form]:
    return [form for form in forms if form.kind == kind]


def _grand(forms: Iterable[_Form], named: re.Pattern[str] | None = None) -> list[_Total]:
    """The grand totals of lists; in doubt where `named` is not found in the title."""
    out: list[_Total] = []
    for form in forms:
        row, col = _grand_row(form.ledger), _whole_column(form.ledger, _budgeted(form.ledger))
        if row is None or col is None:
            continue
        total = form.total(row, col, stated=named is None or bool(named.search(form.title)))
        out += [total] if total is not None else []
    return out


def _grand_row(ledger: Ledger) -> int | None:
    """The one row 合计 of a list (总计 before 合计); the only row of a list without labels."""
    first = min(ledger.amounts, default=0)
    rows = {
        row: entry.text
        for row in ledger.rows()
        for col in range(first)
        if (entry := ledger.at.get((row, col))) is not None and entry.row == row and _GRAND.match(entry.text)
    }
    if not rows:
        own = [row for row in ledger.rows() if any(ledger.number(row, col) for col in ledger.amounts)]
        return own[0] if len(own) == 1 and first == 0 else None
    whole = [row for row, text in rows.items() if text.endswith("总计")] or list(rows)
    return whole[0] if len(whole) == 1 else None


def _budgeted(ledger: Ledger) -> list[int]:
    """A list's amount columns; of one that compares years, those of the budget: 2023年执行数 | 2024年预算数 | 增减."""
    cols = sorted(ledger.amounts)
    over = [head for head in ledger.heads if any(head.start <= col < head.stop for col in cols)]
    budget = [head for head in over if _BUDGET.match(head.text)]
    if len(budget) != 1 or not all(head is budget[0] or _BESIDE.search(head.text) for head in over):
        return cols
    return [col for col in cols if budget[0].start <= col < budget[0].stop]


def _whole_column(ledger: Ledger, cols: Sequence[int]) -> int | None:
    """Of amount columns the one for all of them: the only one, or 合计 under no head that covers only some.

    小计 says as much only under a head that covers them all.
    """
    if len(cols) == 1:
        return cols[0]
    whole = [
        leaf.start
        for leaf, above in ledger.leaves()
        if leaf.start in cols and (_WHOLE.match(leaf.text) or (above and leaf.text == "小计"))
        and all(head.start <= cols[0] and cols[-1] < head.stop for head in above)
    ]  # fmt: skip
    return whole[0] if len(whole) == 1 else None


def _side_totals(
    form: _Form, side: str, fund: re.Pattern[str] | None = None, *, stated: bool = True
) -> list[_Total]:
    """收入总计, 收入合计, 本年收入合计 of a form with two sides (of one fund's column): those that stand there."""
    ledger = form.ledger
    found: dict[int, _Total] = {}
    for part in sides(ledger):
        col = _whole_column(ledger, part.amounts) if fund is None else _fund_column(ledger, part, fund)
        for row in ledger.rows() if col is not None else ():
            rank = _rank(ledger, part, row, side)
            total = form.total(row, col, stated=stated) if rank is not None and col is not None else None
            if rank is None or total is None:
                continue
            if rank in found and found[rank].value != total.value:
                return []  # two totals of one name: a person would not know which
            found.setdefault(rank, total)
    return [found[rank] for rank in sorted(found)]


def _rank(ledger: Ledger, part: Side, row: int, side: str) -> int | None:
    """Which total of a side a row is: 0 总计, 1 合计, 2 this year's; None if none."""
    for col in part.labels:
        entry = ledger.at.get((row, col))
        text = entry.text if entry is not None and entry.row == row else ""
        match = _SIDE_TOTAL.match(text) or _THIS_YEAR.match(text)
        if match is None or (match["sum"] == "小计" and not match["year"]):
            continue
        heads = {m[1] for r in range(ledger.body) if (m := _SIDE.match(ledger.text(r, col)))}
        if (match["side"] or (heads.pop() if len(heads) == 1 else None)) != side:
            return None
        return 2 if match["year"] else 0 if match["sum"] == "总计" else 1
    return None


def _fund_column(ledger: Ledger, part: Side, fund: re.Pattern[str]) -> int | None:
    cols = [leaf.start for leaf, _ in ledger.leaves() if leaf.start in part.amounts and fund.match(leaf.text)]
    return cols[0] if len(cols) == 1 else None


def _basic_part(form: _Form) -> _Total | None:
    """The total of 基本支出 in a list of spending: a column of that name, or 小计 under it."""
    row, amounts = _grand_row(form.ledger), _budgeted(form.ledger)
    if row is None or _whole_column(form.ledger, amounts) is None:
        return None
    cols = [
        leaf.start
        for leaf, above in form.ledger.leaves()
        if leaf.start in amounts
        and (_BASIC.match(leaf.text) or (above and _BASIC.match(above[-1].text) and leaf.text in {"小计", "合计"}))
    ]
    return form.total(row, cols[0], stated=bool(_GENERAL.search(form.title))) if len(cols) == 1 else None


def _agreed(left: Sequence[_Total], right: Sequence[_Total]) -> Iterator[Promise]:
    """Each total on the right with the first on the left that prints its amount.

    With none that does, only where either side names one amount beyond doubt.
    """
    sure = len(right) == 1 and len({t.place[0] for t in left}) == 1 and len({t.value for t in left}) == 1
    for term in right:
        pairs = [(target, one) for target in left if (one := _promise(target, term)) is not None]
        held = [one for _, one in pairs if one.holds and one.found != 0]
        if held:
            yield held[0]
        elif sure and pairs and pairs[0][0].stated and term.stated and pairs[0][0].yuan and term.yuan:
            yield pairs[0][1]


def _promise(target: _Total, term: _Total) -> Promise | None:
    """The same amount in two units; None for different years, or budget and final account."""
    if target.final != term.final or (target.year and term.year and target.year != term.year):
        return None
    to, of = target.yuan or term.yuan or Decimal(1), term.yuan or target.yuan or Decimal(1)
    factor = of / to
    coarser = max(target.step, term.step * factor)
    return Promise(
        "cross_table", "equals", target.place, (Part(term.place, factor, term.value),),
        factor * term.value, target.value, _HALF * coarser,
    )  # fmt: skip
