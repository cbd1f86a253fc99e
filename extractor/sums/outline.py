"""Which rows of a table are parts of which: by codes, by numbered labels, by groups, by units, at last by amounts.

Rows are read on one side of a table (`ledger.Side`): income left, spending right are two outlines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from extractor.sums.ledger import LOOK_ALIKE, Ledger, Side, is_total

LineKind = Literal["total", "current", "carry", "item"]

_ORDINALS = (
    re.compile(r"^[一二三四五六七八九十]{1,4}[、.．,，:：]"),
    re.compile(r"^[(（][一二三四五六七八九十]{1,4}"),
    re.compile(r"^\d{1,2}[、.．](?!\d)"),
    re.compile(r"^[(（]\d{1,2}(?!\d)"),
)
_FIRST = re.compile(r"^[(（]?[一1](?:[、.．)）,，])")
_AMONG = re.compile(r"^其中[:：]?")
_CARRY = re.compile(r"结转|结余|弥补")
_CURRENT = re.compile(r"^(?:本年|当年|本期)|小计")
_CODE = re.compile(r"^\d{2,9}$")
_JOINED = re.compile(r"^(\d{3,9})[-—_]?(?=[^\d.,，、%)）年])")
_UNIT = re.compile(
    r"(?:局|委|委员会|办公室|院|校|中学|小学|中心|站|所|队|处|厅|部|会|机关|馆|社|公司|单位|政府|本级|幼儿园|团)(?:[(（].*[)）])?$"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a side. `depth`: of a numbered label 1 … 4, else 0. `among`: a part that 其中 names, not all parts.

    `column`: the first label column with words. `parent`: the line it is a part of, as an index, or None.
    `group`: for a row beside a label that spans rows, that label's first row.
    """

    row: int
    label: str
    kind: LineKind
    code: str = ""
    depth: int = 0
    among: bool = False
    first: bool = False
    column: int = 0
    unit: bool = False
    parent: int | None = None
    group: int | None = None


def outline(ledger: Ledger, side: Side) -> list[Line]:
    """The side's rows with words, in order, each with its parent where codes or labels tell it."""
    lines = [line for row in ledger.rows() if (line := _line(ledger, side, row)) is not None]
    lines = _inherited(ledger, side, lines)
    codes = {line.code for line in lines if line.code}
    if any(code[:end] in codes for code in codes for end in range(1, len(code))):
        return _by_codes(lines)
    return _by_labels(lines)


def _line(ledger: Ledger, side: Side, row: int) -> Line | None:
    words: list[str] = []
    seen: set[tuple[int, int]] = set()
    column, code, group = -1, "", None
    for col in side.labels:
        entry = ledger.at.get((row, col))
        if entry is None or (entry.row, entry.col) in seen or not entry.text:
            continue
        seen.add((entry.row, entry.col))
        if column < 0:
            column = col
        if entry.row_span > 1 and len(side.labels) > 1:
            group = entry.row if group is None else group
            continue
        if _CODE.match(plain := _digits(entry.text)):
            code = code or plain
            continue
        words.append(entry.text)
    label = "".join(words)
    if not label and not code:
        return None
    joined = _JOINED.match(label)
    if not code and joined:
        code, label = joined[1], label[joined.end() :]
    among = bool(_AMONG.match(label))
    bare = _AMONG.sub("", label)
    depth = next((i for i, mark in enumerate(_ORDINALS, 1) if mark.match(bare)), 0)
    return Line(
        row, bare, _kind(bare, depth), code, depth, among, bool(_FIRST.match(bare)), column, bool(_UNIT.search(bare)),
        None, group,
    )


def _digits(text: str) -> str:
    """A code whose digits were taken for letters (22102C2), as digits; any other text as it is."""
    if len(text) < 3 or 2 * sum(c.isdigit() for c in text) <= len(text):
        return text
    return "".join(LOOK_ALIKE.get(c, c) for c in text)


def _kind(label: str, depth: int) -> LineKind:
    if is_total(label) and not depth:
        return "current" if _CURRENT.search(label) else "total"
    return "carry" if _CARRY.search(label) and not depth else "item"


def _inherited(ledger: Ledger, side: Side, lines: Sequence[Line]) -> list[Line]:
    """Codes printed in columns 类 | 款 | 项 put together; a part left out or misprinted is that of the row above."""
    columns: list[int] = []
    for col in side.labels:
        if _is_part(ledger, col):
            columns.append(col)
        elif columns:
            break
    if not 2 <= len(columns) <= 3:
        return list(lines)
    out: list[Line] = []
    above: list[str] = []
    for line in lines:
        parts = [text if _CODE_PART.match(text := ledger.text(line.row, c)) else "" for c in columns]
        deepest = max((i for i, part in enumerate(parts) if part), default=-1)
        if deepest < 0 or line.kind in ("total", "current"):
            out.append(replace(line, code=""))
            continue
        whole = [
            part if (len(part) == (3 if i == 0 else 2)) or i >= len(above) else above[i]
            for i, part in enumerate(parts[: deepest + 1])
        ]
        above = whole
        out.append(replace(line, code="".join(whole)))
    return out


_CODE_PART = re.compile(r"^\d{1,3}$")


def _is_part(ledger: Ledger, col: int) -> bool:
    texts = [text for row in ledger.rows() if (text := ledger.text(row, col)) and ledger.at[row, col].col_span == 1]
    return bool(texts) and all(_CODE_PART.match(text) for text in texts)


def _deeper(one: Line, two: Line) -> bool:
    return bool(one.code) and two.code != one.code and two.code.startswith(one.code)


def _by_codes(lines: Sequence[Line]) -> list[Line]:
    """A code is a part of the nearest code above that begins it; codes below a unit's line are that unit's."""
    classes = {line.code for line in lines if len(line.code) == 3}
    out: list[Line] = []
    stack: list[int] = []
    units: list[int] = []
    for i, line in enumerate(lines):
        if line.kind in ("total", "current"):
            out.append(line)
            stack, units = [], []
            continue
        if line.unit and line.code[:3] not in classes and line.kind == "item":
            while units and not (line.code and lines[units[-1]].code and _deeper(lines[units[-1]], line)):
                units.pop()
            out.append(replace(line, parent=units[-1] if units else None))
            units.append(i)
            stack = []
            continue
        while stack and not (line.code and _deeper(lines[stack[-1]], line)):
            stack.pop()
        parent = stack[-1] if stack else units[-1] if units else None
        out.append(replace(line, parent=parent))
        if line.code:
            stack.append(i)
    return out


def _by_labels(lines: Sequence[Line]) -> list[Line]:
    """一、 holds （一）, which holds 1. and （1）; 其中 and what follows it belong to the line before."""
    out: list[Line] = []
    stack: list[int] = []  # open lines, outermost first
    among: int | None = None
    for i, line in enumerate(lines):
        if line.kind in ("total", "current"):
            out.append(line)
            stack, among = [], None
            continue
        if line.among:
            holder = _holder(out, stack, line)
            among = holder
            out.append(replace(line, parent=holder))
            if line.depth:
                stack = [k for k in stack if not out[k].depth or out[k].depth < line.depth] + [i]
            continue
        if line.depth:
            if line.first and out and out[-1].kind == "carry" and out[-1].depth == 0:
                stack = [i - 1]
            elif stack and out[stack[0]].kind == "carry" and out[stack[0]].depth == 0:
                kept = [stack[0]]
                kept += [k for k in stack[1:] if out[k].depth < line.depth]
                stack = kept
            else:
                stack = [k for k in stack if out[k].depth and out[k].depth < line.depth]
            parent = stack[-1] if stack else None
            inside = among is not None and parent == among
            out.append(replace(line, parent=parent, among=inside))
            among = among if inside else None
            stack = [*stack, i]
            continue
        if line.kind == "carry":
            stack, among = [], None
            out.append(line)
            continue
        out.append(replace(line, parent=among, among=among is not None))
    return out


def _holder(lines: Sequence[Line], stack: Sequence[int], line: Line) -> int | None:
    """The line that a 其中 speaks of: the nearest one that is no such part itself."""
    if line.depth:
        inside = [k for k in stack if lines[k].depth < line.depth]
        if inside:
            return inside[-1]
    for k in range(len(lines) - 1, -1, -1):
        if not lines[k].among and lines[k].kind not in ("total", "current"):
            return k
        if lines[k].kind in ("total", "current"):
            return k
    return None
