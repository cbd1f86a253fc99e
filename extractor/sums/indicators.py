"""Performance forms as trees: 一级指标 / 二级指标 / 三级指标 and what each is to reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from extractor.sums.ledger import Entry, Ledger, Summed, folded, read_ledger

Comparison = Literal["≥", "≤", ">", "<", "=", "定性"]

_LEVELS = (re.compile(r"^一级指标"), re.compile(r"^二级指标"), re.compile(r"^(?:三级指标|指标内容|指标名称)"))
_VALUE = re.compile(r"指标值|目标值|完成值|实现值|^预期|^预计|^(?:19|20)\d{2}年?|^前年|^上年|^当年|^本年")
_NO_VALUE = re.compile(r"依据|标准|说明|备注|偏差|分值|得分|权重|描述")
_SIGNS: tuple[tuple[re.Pattern[str], Comparison], ...] = (
    (re.compile(r"≥|≧|>=|》=?|不低于|不少于|不小于|大于等于|至少|高于或等于"), "≥"),
    (re.compile(r"≤|≦|<=|《=?|不高于|不超过|不多于|不大于|小于等于|控制在"), "≤"),
    (re.compile(r"[>＞]|大于|超过|高于"), ">"),
    (re.compile(r"[<＜]|小于|低于|少于"), "<"),
)
_NUMBER = re.compile(r"^(\d[\d,]*(?:\.\d+)?(?:[-~—至](?=\d)\d[\d,]*(?:\.\d+)?)?)(\D{0,12})$")
_BOUNDS: tuple[tuple[re.Pattern[str], Comparison], ...] = (
    (re.compile(r"(?<=.)及?以上$"), "≥"),
    (re.compile(r"(?<=.)及?(?:以下|以内|之内)$"), "≤"),
)
_BY = re.compile(r"增|减|提高|提升|降|上升|压缩")  # 下降5% is no amount to be reached
# 各类培训4次, 年度盗窃事故0次: the amount at the end of its words, with a unit that counts or measures. An ordinal
# (第3次), a range's or a list's end and a date are none.
_AT_END = re.compile(
    r"^\D{0,10}[\u4e00-\u9fff](?<![第前后])(\d[\d,]*(?:\.\d+)?)((?:[万亿]?(?:人次|平方米|公里|[次人份个件本册张台套辆户所家场篇条项名米吨元㎡]"
    r"|小时|分钟|天))|%)$"
)
_MEASURE = re.compile(r"^(\d[\d,]*(?:\.\d+)?)([kc]?m[23²³])$")  # 2759.9m2
_UNIT_IN_NAME = re.compile(r"\(([^()]{1,6})\)$")  # 参保人数(人)
_DATE = re.compile(
    r"^\d{4}年|^\d{1,2}月(?!\d)|\d{1,2}日前"
    r"|^(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])(?:[-/.]\d{1,2})?日?(?:前|底|$)"
)


@dataclass(frozen=True, slots=True)
class Goal:
    """What an indicator is to reach under one head: `value` a plain decimal (or two, "6-9"), None for words alone."""

    head: str
    text: str
    comparison: Comparison
    value: str | None
    unit: str | None
    place: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator of level 1, 2 or 3; goals stand at level 3."""

    level: int
    name: str
    place: tuple[int, int]
    under: tuple[Indicator, ...] = ()
    goals: tuple[Goal, ...] = ()


@dataclass(frozen=True, slots=True)
class _Heads:
    """Where a list of indicators has its levels, and its value columns with their words; rows `start` … `stop` - 1."""

    levels: tuple[int, int, int]
    values: tuple[tuple[int, str], ...]
    start: int
    stop: int


def indicators(table: Summed) -> tuple[Indicator, ...]:
    """All trees of a table, in the order of its lists; none where the table has no 一级指标 … 三级指标."""
    ledger = read_ledger(table)
    return tuple(one for heads in _lists(ledger) for one in _tree(ledger, heads, range(heads.start, heads.stop), 0))


def _lists(ledger: Ledger) -> Iterator[_Heads]:
    entries = sorted(ledger.entries(), key=lambda e: (e.row, e.col))
    starts = [e for e in entries if _LEVELS[0].match(e.text)]
    for nth, first in enumerate(starts):
        line = [e for e in entries if e.row <= first.row < e.row + e.row_span]
        levels = [next((e for e in line if mark.match(e.text)), None) for mark in _LEVELS]
        two, three = levels[1], levels[2]
        if two is None or three is None:
            continue
        start = max(e.row + e.row_span for e in (first, two, three))
        last = starts[nth + 1].row if nth + 1 < len(starts) else ledger.table.n_rows
        stop = next((r for r in range(start, last) if not _listed(ledger, r, first.col, three.col)), last)
        yield _Heads((first.col, two.col, three.col), _values(ledger, three, first.row, start), start, stop)


def _listed(ledger: Ledger, row: int, first: int, third: int) -> bool:
    """Whether a row still lists indicators: its first and third level are cells of their own with words."""
    one, three = ledger.at.get((row, first)), ledger.at.get((row, third))
    return one is not None and three is not None and one is not three and bool(one.text) and one.value is None


def _values(ledger: Ledger, third: Entry, top: int, start: int) -> tuple[tuple[int, str], ...]:
    """Columns of goals right of the third level, with the words of their heads."""
    out: list[tuple[int, str]] = []
    for col in range(third.col + third.col_span, ledger.table.n_cols):
        heads: list[str] = []
        seen: set[int] = set()
        for row in range(top, start):
            entry = ledger.at.get((row, col))
            if entry is not None and id(entry) not in seen and entry.text:
                seen.add(id(entry))
                heads.append(entry.text)
        words = "/".join(heads)
        begins = any(e.col == col for r in range(top, start) if (e := ledger.at.get((r, col))) is not None)
        if heads and begins and _VALUE.search(words) and not _NO_VALUE.search(heads[0].replace("指标值", "")):
            out.append((col, words))
    return tuple(out)


def _tree(ledger: Ledger, heads: _Heads, rows: range, level: int) -> tuple[Indicator, ...]:
    """Indicators of a level in rows; neighbours of one name are one (a form prints 产出指标 beside each row)."""
    col = heads.levels[level]
    groups: list[tuple[Entry, list[int]]] = []
    for row in rows:
        entry = ledger.at.get((row, col))
        if entry is None:
            continue
        same = groups and (groups[-1][0] is entry or (level < 2 and groups[-1][0].text == entry.text))
        if same:
            groups[-1][1].append(row)
        else:
            groups.append((entry, [row]))
    out: list[Indicator] = []
    for entry, own in groups:
        under = _tree(ledger, heads, range(own[0], own[-1] + 1), level + 1) if level < 2 else ()
        goals = _goals(ledger, heads, own[0]) if level == 2 else ()
        if entry.text or goals or under:
            out.append(Indicator(level + 1, entry.text, (entry.row, entry.col), under, goals))
    return tuple(out)


def _goals(ledger: Ledger, heads: _Heads, row: int) -> tuple[Goal, ...]:
    out: list[Goal] = []
    for col, words in heads.values:
        entry = ledger.at.get((row, col))
        if entry is not None and entry.text and entry.col == col:
            one = goal(entry.text, words, (entry.row, entry.col))
            said = _UNIT_IN_NAME.search(ledger.text(row, heads.levels[2]))
            out.append(replace(one, unit=said[1]) if one.value is not None and one.unit is None and said else one)
    return tuple(out)


def goal(text: str, head: str = "", place: tuple[int, int] = (0, 0)) -> Goal:
    """What a text such as ≥90%, 不少于12次 or 明显提高 asks for."""
    said = folded(text)
    comparison: Comparison = "="
    for sign, meaning in _SIGNS:
        found = sign.search(said)
        if found is not None and re.match(r"\D{0,4}\d", said[found.end() :]):
            comparison, said = meaning, said[found.end() :].lstrip("=")
            break
    for ending, meaning in _BOUNDS if comparison == "=" else ():
        if ending.search(said) is not None and re.search(r"\d", said):
            comparison, said = meaning, ending.sub("", said)
    number = None if _DATE.search(said) else _NUMBER.match(said) or _MEASURE.match(said)
    if number is None and not (_DATE.search(said) or _BY.search(said)):
        number = _AT_END.match(said)
    if number is None:
        return Goal(head, text, "定性", None, None, place)
    return Goal(head, text, comparison, number[1].replace(",", ""), number[2] or None, place)


def count(trees: Sequence[Indicator]) -> int:
    """Indicators of the third level."""
    return sum(1 if one.level == 3 else count(one.under) for one in trees)
