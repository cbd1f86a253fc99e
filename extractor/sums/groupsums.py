"""Sums inside forms that are no lists: rows beside a label that spans them (收入构成: 财政拨款, 其他资金, 合计)."""

from __future__ import annotations

import re

from extractor.sums.ledger import Entry, Ledger, is_total
from extractor.sums.promises import Claim, Promise, believed, promises
from extractor.sums.rowsums import HUNDRED, ratio

_RATE = re.compile(r"(?:执行|完成|支出)率")
_SPENT = re.compile(r"执行数|支出数|完成数|使用数|决算数|实际(?:支出|执行)")
_PLANNED = re.compile(r"预算|计划")


def group_sums(ledger: Ledger) -> list[Promise]:
    found: list[Promise] = []
    totals: list[tuple[Entry, Entry]] = []
    for group in ledger.entries():
        if group.row_span < 2 or group.value is not None or not group.text:
            continue
        rows = _labels(ledger, group)
        target = _target(rows)
        if target is None:
            continue
        own = _best(ledger, target, [row for row in rows if row is not target])
        if own:
            found += own
            totals.append((group, target))
        found += [*_shares(ledger, target, rows), *_rates(ledger, group)]
    return found + _balance(ledger, totals) + _points(ledger)


def _best(ledger: Ledger, target: Entry, parts: list[Entry]) -> list[Promise]:
    """The sum of the parts, a 其中 below another 其中 being a part of that one where the numbers say so."""
    among = [row for row in parts if row.text.startswith("其中")]
    readings = [parts, [row for row in parts if row not in among[1:]]] if len(among) > 1 else [parts]
    tried = [_sums(ledger, target, reading) for reading in readings]
    held = [own for own in tried if own and all(p.holds for p in own)]
    stated = [own for own in tried[-1:] if believed(own, stated=True)]
    return (held or stated or [[]])[0]


def _sums(ledger: Ledger, target: Entry, parts: list[Entry]) -> list[Promise]:
    columns = range(target.col + target.col_span, ledger.table.n_cols)
    claims = (Claim("column_total", (target.row, col), tuple((row.row, col) for row in parts)) for col in columns)
    return [one for one in promises(ledger, claims) if one.holds or not _percent(ledger, one)]


def _labels(ledger: Ledger, group: Entry) -> list[Entry]:
    """The labels right of a group's label, one a row, if all its rows have one."""
    col = group.col + group.col_span
    out: list[Entry] = []
    for row in range(group.row, group.row + group.row_span):
        entry = ledger.at.get((row, col))
        if entry is None or entry.row_span > 1 or entry.col != col or entry.value is not None:
            return []
        if not entry.text and not out:
            continue  # the corner of the group's own heads
        if not entry.text:
            return []
        out.append(entry)
    return out


def _target(rows: list[Entry]) -> Entry | None:
    """The one label that names a sum; of several the first, where all others are its parts (资金总额, 其中 …)."""
    totals = [row for row in rows if is_total(row.text)]
    if len(totals) == 1 and len(rows) > 1:
        return totals[0]
    return None


def _percent(ledger: Ledger, one: Promise) -> bool:
    entry = ledger.number(one.target[1], one.target[2])
    return entry is not None and entry.percent


def _shares(ledger: Ledger, target: Entry, rows: list[Entry]) -> list[Promise]:
    """Percentages in the group's rows: each row's amount to the left in the total row's."""
    found: list[Promise] = []
    for row in rows:
        for col in range(target.col + target.col_span, ledger.table.n_cols):
            share = ledger.number(row.row, col)
            if share is None or not share.percent or row is target:
                continue
            for left in range(col - 1, target.col, -1):
                amount = ledger.number(row.row, left)
                if amount is not None and not amount.percent:
                    one = ratio(ledger, (row.row, col), [((row.row, left), HUNDRED)], (target.row, left))
                    found += [one] if one is not None else []
                    break
    return found if believed(found, stated=True) else []


def _rates(ledger: Ledger, group: Entry) -> list[Promise]:
    """执行率 in a group's rows: what was spent by what was planned, by the heads in the group's own first row."""
    heads = {
        entry.col: entry.text
        for col in range(group.col + group.col_span, ledger.table.n_cols)
        if (entry := ledger.at.get((group.row, col))) is not None and entry.value is None and entry.row == group.row
    }
    spent = [col for col, text in heads.items() if _SPENT.search(text) and not _RATE.search(text)]
    planned = [col for col, text in heads.items() if _PLANNED.search(text) and col not in spent]
    found = [
        one
        for col, text in heads.items() if _RATE.search(text)
        for row in range(group.row + 1, group.row + group.row_span)
        for part in spent[-1:]
        for whole in planned[-1:]
        if (one := ratio(ledger, (row, col), [((row, part), HUNDRED)], (row, whole))) is not None
    ]  # fmt: skip
    return found if believed(found, stated=False) else []


def _balance(ledger: Ledger, totals: list[tuple[Entry, Entry]]) -> list[Promise]:
    """收入构成's total against 支出构成's."""
    incomes = [t for t in totals if t[0].text.startswith("收入")]
    spendings = [t for t in totals if t[0].text.startswith("支出")]
    if len(incomes) != 1 or len(spendings) != 1:
        return []
    one, two = incomes[0][1], spendings[0][1]
    claims = [
        Claim("balance", (two.row, col), ((one.row, col),))
        for col in range(one.col + one.col_span, ledger.table.n_cols)
        if (entry := ledger.number(two.row, col)) is not None and not entry.percent
    ]
    return promises(ledger, claims)


def _points(ledger: Ledger) -> list[Promise]:
    """总分 of a review: all points under the heads 分值 and 得分."""
    found: list[Promise] = []
    entries = ledger.entries()
    for final in (e for e in entries if e.text == "总分" and e.col == 0):
        for word in ("分值", "得分"):
            heads = sorted((e.row, e.col) for e in entries if e.text == word and e.row < final.row)
            if not heads:
                continue
            ends = [*(row for row, _ in heads[1:]), final.row]
            terms = tuple(
                (row, col) for (start, col), end in zip(heads, ends, strict=True) for row in range(start + 1, end)
            )
            own = promises(ledger, [Claim("column_total", (final.row, heads[-1][1]), terms)])
            found += [one for one in own if one.holds]
    return found
