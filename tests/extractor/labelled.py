"""Published tables with the sums a person reads off them (`sums/*.json`), and truth tables as the finder takes them.

A statement is about columns (target and terms are rows), about rows (target and terms are columns), or about single
places. Where the target or all terms are empty, nothing is stated. `optional` ones may be found but need not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.truesums import TrueCell, TrueTable
from extractor.kinds.forms import kinds
from extractor.sums.promises import Promise

FOLDER = Path(__file__).parent / "sums"
Stated = tuple[str, tuple[int, int], frozenset[tuple[int, int]]]  # relation, target, printed terms


def plain_table(
    cells: Sequence[tuple[int, int, int, int, str]], header_rows: int, *, title: str | None = None,
    unit: str | None = None, name: str = "t1",
) -> TrueTable:  # fmt: skip
    bare = [TrueCell(*cell) for cell in cells]
    n_rows = max(c.row + c.row_span for c in bare)
    n_cols = max(c.col + c.col_span for c in bare)
    meant = kinds(bare, n_rows, n_cols, header_rows)
    full = (
        TrueCell(c.row, c.col, c.row_span, c.col_span, c.text, kind, value)
        for c, (kind, value) in zip(bare, meant, strict=True)
    )
    return TrueTable(name, title, unit, None, n_rows, n_cols, header_rows, tuple(full))


@dataclass(frozen=True, slots=True)
class Labelled:
    name: str
    table: TrueTable
    wanted: frozenset[Stated]
    allowed: frozenset[Stated]


def labelled() -> list[Labelled]:
    return [_labelled(path) for path in sorted(FOLDER.glob("*.json"))]


def _labelled(path: Path) -> Labelled:
    data = json.loads(path.read_text("utf8"))
    table = plain_table([tuple(c) for c in data["cells"]], data["header_rows"], title=data["title"], unit=data["unit"])
    numbers = {(c.row, c.col) for c in table.cells if c.value is not None}
    wanted: set[Stated] = set()
    allowed: set[Stated] = set()
    for statement in data["promises"]:
        for target, terms in _places(statement):
            printed = frozenset(terms) & numbers
            if target in numbers and printed:
                stated = (statement.get("relation", "equals"), target, frozenset(printed))
                (allowed if statement.get("optional") else wanted).add(stated)
    return Labelled(path.stem, table, frozenset(wanted), frozenset(allowed | wanted))


def _places(statement: dict[str, Any]) -> Iterator[tuple[tuple[int, int], list[tuple[int, int]]]]:
    if "columns" in statement:
        for col in _numbers(statement["columns"]):
            yield (statement["target"], col), [(row, col) for row in _numbers(statement["terms"])]
    elif "rows" in statement:
        for row in _numbers(statement["rows"]):
            yield (row, statement["target"]), [(row, col) for col in _numbers(statement["terms"])]
    else:
        row, col = statement["target"]
        yield (row, col), [(r, c) for r, c in statement["terms"]]


def _numbers(spec: str) -> list[int]:
    out: list[int] = []
    for part in spec.split(","):
        first, _, last = part.partition("-")
        out += range(int(first), int(last or first) + 1)
    return out


def stated(promise: Promise) -> Stated:
    terms = frozenset((row, col) for _, row, col in (part.place for part in promise.terms))
    return promise.relation, promise.target[1:], terms
