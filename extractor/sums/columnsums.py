"""Sums down a column: totals of rows, codes rolled up, numbered lists, groups, both sides of a balance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from extractor.sums.ledger import Ledger, Relation, Rule, Side, is_total, sides
from extractor.sums.outline import Line, outline
from extractor.sums.promises import Claim, Promise, believed, promises, support, telling

Lines = Sequence[Line]


def column_sums(ledger: Ledger) -> list[Promise]:
    found: list[Promise] = []
    tops: list[tuple[Side, Line]] = []
    for side in sides(ledger):
        if not side.labels:
            continue
        own, top = _side_sums(ledger, side)
        found += own
        if top is not None:
            tops.append((side, top))
    return found + _balances(ledger, tops)


def _side_sums(ledger: Ledger, side: Side) -> tuple[list[Promise], Line | None]:
    """All sums of one side, and its last total (that of income or of spending)."""
    lines = outline(ledger, side)
    stepped = _stepped(ledger, side, lines)
    if stepped:
        return stepped, None
    found, lines = _parts(ledger, side, lines)
    totals, top = _totals(ledger, side, lines)
    if not totals or not believed(totals, stated=False):
        folded = _folded(ledger, side, lines)
        if folded:
            return folded, top
    return found + totals, top


def _sum(
    ledger: Ledger, side: Side, target: Line, terms: Lines, rule: Rule, relation: Relation = "equals"
) -> list[Promise]:
    return promises(
        ledger,
        (
            Claim(rule, _at(ledger, target, col), tuple(_at(ledger, t, col) for t in terms), (), relation)
            for col in side.amounts
        ),
    )


def _at(ledger: Ledger, target: Line, col: int) -> tuple[int, int]:
    """Where a line's number stands; a label that reaches over the side (当年支出小计) has it to its right."""
    entry = ledger.at.get((target.row, col))
    if entry is not None and entry.value is None and entry.text and entry.col < col:
        return target.row, entry.col + entry.col_span
    return target.row, col


def _parts(ledger: Ledger, side: Side, lines: list[Line]) -> tuple[list[Promise], list[Line]]:
    """Sums of lines that have parts; lines in groups and runs get their parents on the way."""
    found: list[Promise] = []
    lines = _grouped(lines)
    lines = _runs(ledger, side, lines)
    coded = [f for i in _parents(lines) if lines[i].code for f in _of(ledger, side, lines, i, "code_rollup")]
    if believed(coded, stated=True) or len(coded) < 3:
        found += coded
    else:
        found += [p for p in coded if p.holds and p.rich]
    for i in _parents(lines):
        if not lines[i].code:
            own = _of(ledger, side, lines, i, "column_total")
            found += own if believed(own, stated=True) else []
    return found, lines


def _parents(lines: Lines) -> list[int]:
    return sorted({line.parent for line in lines if line.parent is not None})


def _of(ledger: Ledger, side: Side, lines: Lines, parent: int, rule: Rule) -> list[Promise]:
    whole = [line for line in lines if line.parent == parent and not line.among]
    among = [line for line in lines if line.parent == parent and line.among]
    found = _sum(ledger, side, lines[parent], whole, rule) if whole else []
    if among:
        complete = _complete(lines[parent].label, among)
        own = _sum(ledger, side, lines[parent], among, "column_total" if complete else "part_of",
                   "equals" if complete else "at_most")  # fmt: skip
        found += own
    return found


def _complete(whole: str, parts: Lines) -> bool:
    """Whether what 其中 names is known to be all: vehicles bought and run, money by all its sources."""
    names = "".join(part.label for part in parts)
    if "用车" in whole and "购置" in names and "运行" in names:
        return True
    return len(parts) > 1 and parts[-1].label.startswith(("其他资金", "其它资金"))


def _grouped(lines: list[Line]) -> list[Line]:
    """Rows beside a label that spans them: with a 小计 among them, the others are its parts."""
    out = list(lines)
    for group in {line.group for line in lines if line.group is not None}:
        inside = [i for i, line in enumerate(lines) if line.group == group]
        totals = [i for i in inside if lines[i].kind in ("total", "current")]
        if len(totals) != 1 or len(inside) < 2:
            continue
        for i in inside:
            out[i] = replace(out[i], parent=totals[0]) if i != totals[0] else replace(out[i], kind="item")
    if not any(line.kind == "total" and line.group is None for line in lines):
        return out
    # Groups of one row: 政府性基金 | 小计 is a line like any other.
    firsts = {line.column for line in lines if line.group is not None}
    return [
        replace(line, kind="item") if line.kind == "current" and line.label != "小计" and line.label.endswith("小计")
        and line.column in firsts and not line.label.startswith(("本年", "当年")) else line
        for line in out
    ]  # fmt: skip


def _runs(ledger: Ledger, side: Side, lines: list[Line]) -> list[Line]:
    """Lines without mark among marked ones are parts of the line above where they add up to it."""
    if not any(line.depth or line.code for line in lines):
        return lines
    out = list(lines)
    i = len(out) - 1
    while i >= 0:
        plain = 0
        while i + plain + 1 < len(out) and _plain(out[i + plain + 1]):
            plain += 1
        if out[i].kind == "item" and not out[i].among:
            for size in range(plain, 0, -1):
                run = out[i + 1 : i + 1 + size]
                sums = _sum(ledger, side, out[i], [t for t in run if t.parent is None], "column_total")
                if sums and believed(sums, stated=False) and telling(sums):
                    out[i + 1 : i + 1 + size] = [
                        t if t.parent is not None else replace(t, parent=i) for t in run
                    ]
                    break
        i -= 1
    return out


def _plain(line: Line) -> bool:
    return line.kind == "item" and not line.depth and not line.code and not line.among


def _totals(ledger: Ledger, side: Side, lines: list[Line]) -> tuple[list[Promise], Line | None]:
    """Each total with the reading of its terms that the numbers keep best."""
    marked = any(line.depth or line.code for line in lines)
    found: list[Promise] = []
    totals = [i for i, line in enumerate(lines) if line.kind in ("total", "current")]
    for nth, i in enumerate(totals):
        readings = _readings(lines, totals, nth, marked)
        tried = [sums for terms in readings if terms and (sums := _sum(ledger, side, lines[i], terms, "column_total"))]
        kept = [t for t in tried if believed(t, stated=False)]
        carried = nth and lines[totals[nth - 1]].kind == "current" and lines[i].kind == "total"
        rich = [t for t in kept if telling(t) or (carried and t is tried[0])]
        stated = [t for t in tried[:1] if believed(t, stated=True)]
        found += (rich or kept or stated or [[]])[0]
    return found, lines[totals[-1]] if totals else None


def _readings(lines: Lines, totals: Sequence[int], nth: int, marked: bool) -> list[list[Line]]:
    """What a total may be the sum of, the likeliest first."""
    at = totals[nth]
    before = totals[nth - 1] if nth else -1
    after = totals[nth + 1] if nth + 1 < len(totals) else len(lines)

    def roots(start: int, stop: int) -> list[Line]:
        inside = [line for line in lines[start:stop] if line.parent is None and not line.among]
        known = [line for line in inside if line.depth or line.code or line.kind == "carry"]
        return known if marked and known else [line for line in inside if line.kind in ("item", "carry")]

    def loose(start: int, stop: int) -> list[Line]:
        return [line for line in lines[start:stop] if line.parent is None and not line.among and line.kind == "item"]

    above, below = roots(before + 1, at), roots(at + 1, after)
    readings: list[list[Line]] = []
    if nth and lines[before].kind == "current" and lines[at].kind == "total":
        readings.append([lines[before], *above])
    if above:
        readings.append(above)
    if below and not (nth and lines[at].kind == "total" and above):
        readings.append(below)
        readings.append(roots(at + 1, len(lines)))
    if nth:
        readings.append([lines[before], *above])
        readings.append([lines[k] for k in totals[:nth]])
        readings.append(roots(0, at))
    if nth + 1 < len(totals):
        readings.append([lines[k] for k in totals[nth + 1 :]])
    readings += [loose(before + 1, at), loose(at + 1, after)]
    return readings


def _stepped(ledger: Ledger, side: Side, lines: Lines) -> list[Promise]:
    """Sums of a list that is indented by columns: rows whose words begin further right are parts of the row above."""
    if len({line.column for line in lines}) < 2 or any(line.code for line in lines):
        return []
    stack: list[int] = []
    stepped: list[Line] = []
    for i, line in enumerate(lines):
        top = line.kind in ("total", "current")
        while stack and (top or lines[stack[-1]].column >= line.column):
            stack.pop()
        stepped.append(replace(line, parent=stack[-1] if stack else None, among=False))
        if not top:
            stack.append(i)
    found = [f for i in _parents(stepped) for f in _of(ledger, side, stepped, i, "column_total")]
    totals, _ = _totals(ledger, side, stepped)
    steady = found and believed(found, stated=False) and telling(found)
    return totals + found if steady and believed(totals, stated=False) and telling(totals) else []


def _folded(ledger: Ledger, side: Side, lines: Lines) -> list[Promise]:
    """Sums that only the amounts show: a row is the sum of the rows after it where all its amounts say so.

    Read from the bottom up; believed where the one total is the sum of what is left.
    """
    totals = [line for line in lines if line.kind in ("total", "current")]
    if len(totals) != 1 or any(line.code or line.depth for line in lines):
        return []
    items = [line for line in lines if line.kind in ("item", "carry")]
    for single in (False, True):
        found: list[Promise] = []
        roots: list[Line] = []
        for line in reversed(items):
            sizes: Iterable[int] = range(1 if single else 2, len(roots) + 1)
            for size in sizes:
                sums = _sum(ledger, side, line, roots[:size], "column_total")
                held, told = support(sums)
                # One part alone must be its whole to the digit: near ones are common among small amounts.
                if told and held == told and (all(p.exact for p in sums) if size == 1 else telling(sums)):
                    found += sums
                    roots = roots[size:]
                    break
            roots = [line, *roots]
        outer = _sum(ledger, side, totals[0], roots, "column_total")
        if found and outer and believed(outer, stated=False) and telling(outer):
            return found + outer
    return []


def _balances(ledger: Ledger, tops: Sequence[tuple[Side, Line]]) -> list[Promise]:
    """收入总计 = 支出总计, whatever sides they stand on. A side with a column for each budget has the sum of them."""
    incomes = [(side, line) for side, line in tops if _says(ledger, side, line) == "收"]
    spendings = [(side, line) for side, line in tops if _says(ledger, side, line) == "支"]
    if not incomes:
        return []
    side, line = incomes[0]
    income = _at(ledger, line, side.amounts[0])
    found: list[Promise] = []
    for other, top in spendings:
        if top.kind != line.kind:
            continue
        first = promises(ledger, [Claim("balance", _at(ledger, top, other.amounts[0]), (income,))])
        if len(other.amounts) > 1 and not is_total(_head(ledger, other.amounts[0])):
            terms = tuple(_at(ledger, top, col) for col in other.amounts)
            parted = promises(ledger, [Claim("balance", income, terms)])
            found += parted if not any(p.holds for p in first) or any(p.holds for p in parted) else first
        else:
            found += first
    return found


def _says(ledger: Ledger, side: Side, line: Line) -> str:
    """收 or 支: what a total is of, by its label, else (总计 beside 总计) by a head over its side; or ""."""
    above = (ledger.text(row, side.labels[0]) for row in range(ledger.body))
    for text in (line.label, *above):
        kinds = {mark for mark in "收支" if mark in text}
        if len(kinds) == 1:
            return kinds.pop()
    return ""


def _head(ledger: Ledger, col: int) -> str:
    """The words right above a column's first row, column numbers left out."""
    texts = [text for row in range(ledger.body) if (text := ledger.text(row, col)) and not text.isdigit()]
    return texts[-1] if texts else ""
