"""The totals of a statutory form: which of its cells is the one total of a list, a side, a fund or 基本支出."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from extractor.kinds.statutory import FormKind
from extractor.sums.ledger import IN_YUAN, Ledger, Place, Side, sides
from extractor.sums.promises import Part, Promise

_HALF = Decimal("0.5")
GENERAL = re.compile(r"一般公共预算")
# What the column of each fund is called in forms that set funds side by side.
FUNDS: dict[FormKind, re.Pattern[str]] = {
    "general": re.compile(r"^一般公共预算(?:财政)?(?:拨款)?(?:支出)?$"),
    "fund": re.compile(r"^政府性基金(?:预算)?(?:财政)?(?:拨款)?(?:支出)?$"),
    "capital": re.compile(r"^国有资本经营(?:预算)?(?:财政)?(?:拨款)?(?:支出)?$"),
}
_YEAR = re.compile(r"20\d\d")
_GRAND = re.compile(r"^(?:部门|单位)?(?:本年|当年)?(?:收入|支出)?(?:预算)?(?:合计|总计|共计)$")
_WHOLE = re.compile(r"^(?:20\d\d年|本年|部门|收入|支出|预算|经费|金额|项目)*(?:合计|总计|共计|总额)数?$")
_SIDE_TOTAL = re.compile(r"^(?P<year>本年|当年|本期)?(?P<side>收入|支出)?(?:预算)?(?P<sum>合计|总计|小计)$")
_THIS_YEAR = re.compile(r"^(?:一、)?(?P<year>本年|当年)(?P<side>收入|支出)(?P<sum>)$")
_BUDGET = re.compile(r"^(?:20\d\d年|本年|当年)(?:度)?预算(?:数|安排)?$")
_BESIDE = re.compile(r"执行|决算|上年|增减|增长|比")
_SIDE = re.compile(r"^(?:本年|当年)?(?:财政拨款)?(收入|支出)$")
_BASIC = re.compile(r"^基本支出(?:小计|合计)?$")


@dataclass(frozen=True, slots=True)
class Total:
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
class Form:
    kind: FormKind
    title: str
    ledger: Ledger

    def total(self, row: int, col: int, *, stated: bool = True) -> Total | None:
        entry = self.ledger.number(row, col)
        unit = self.ledger.table.unit
        if entry is None or entry.value is None or entry.percent or (unit and unit not in IN_YUAN):
            return None
        year = _YEAR.search(self.title)
        return Total(
            (self.ledger.table.id, row, col), entry.value, IN_YUAN.get(unit or ""), self.ledger.step,
            year.group() if year else None, "决算" in self.title, stated and bool(self.title),
        )  # fmt: skip


def of_kind(forms: Iterable[Form], kind: str) -> list[Form]:
    return [form for form in forms if form.kind == kind]


def grand(forms: Iterable[Form], named: re.Pattern[str] | None = None) -> list[Total]:
    """The grand totals of lists; in doubt where `named` is not found in the title."""
    out: list[Total] = []
    for form in forms:
        row, col = grand_row(form.ledger), whole_column(form.ledger, budgeted(form.ledger))
        if row is None or col is None:
            continue
        total = form.total(row, col, stated=named is None or bool(named.search(form.title)))
        out += [total] if total is not None else []
    return out


def grand_row(ledger: Ledger) -> int | None:
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


def budgeted(ledger: Ledger) -> list[int]:
    """A list's amount columns; of one that compares years, those of the budget: 2023年执行数 | 2024年预算数 | 增减."""
    cols = sorted(ledger.amounts)
    over = [head for head in ledger.heads if any(head.start <= col < head.stop for col in cols)]
    budget = [head for head in over if _BUDGET.match(head.text)]
    if len(budget) != 1 or not all(head is budget[0] or _BESIDE.search(head.text) for head in over):
        return cols
    return [col for col in cols if budget[0].start <= col < budget[0].stop]


def whole_column(ledger: Ledger, cols: Sequence[int]) -> int | None:
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


def side_totals(
    form: Form, side: str, fund: re.Pattern[str] | None = None, *, stated: bool = True
) -> list[Total]:
    """收入总计, 收入合计, 本年收入合计 of a form with two sides (of one fund's column): those that stand there."""
    ledger = form.ledger
    found: dict[int, Total] = {}
    for part in sides(ledger):
        col = whole_column(ledger, part.amounts) if fund is None else fund_column(ledger, part, fund)
        for row in ledger.rows() if col is not None else ():
            rank = rank_of(ledger, part, row, side)
            total = form.total(row, col, stated=stated) if rank is not None and col is not None else None
            if rank is None or total is None:
                continue
            if rank in found and found[rank].value != total.value:
                return []  # two totals of one name: a person would not know which
            found.setdefault(rank, total)
    return [found[rank] for rank in sorted(found)]


def rank_of(ledger: Ledger, part: Side, row: int, side: str) -> int | None:
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


def fund_column(ledger: Ledger, part: Side, fund: re.Pattern[str]) -> int | None:
    cols = [leaf.start for leaf, _ in ledger.leaves() if leaf.start in part.amounts and fund.match(leaf.text)]
    return cols[0] if len(cols) == 1 else None


def basic_part(form: Form) -> Total | None:
    """The total of 基本支出 in a list of spending: a column of that name, or 小计 under it."""
    row, amounts = grand_row(form.ledger), budgeted(form.ledger)
    if row is None or whole_column(form.ledger, amounts) is None:
        return None
    cols = [
        leaf.start
        for leaf, above in form.ledger.leaves()
        if leaf.start in amounts
        and (_BASIC.match(leaf.text) or (above and _BASIC.match(above[-1].text) and leaf.text in {"小计", "合计"}))
    ]
    return form.total(row, cols[0], stated=bool(GENERAL.search(form.title))) if len(cols) == 1 else None


def same_amount(target: Total, term: Total) -> Promise | None:
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
