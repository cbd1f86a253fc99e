"""Sums across the forms of whole published documents, as a person states them (`sums/documents/*.json`).

A label names two places that print one amount, whichever of the two sums up; `optional` ones need not be found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bench.truesums import TrueTable
from extractor.kinds.statutory import kind_by_title
from extractor.sums.crosssums import cross_sums
from extractor.sums.ledger import Place
from tests.extractor.labelled import FOLDER, plain_table

Pair = frozenset[Place]


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    name: str
    tables: tuple[TrueTable, ...]
    wanted: frozenset[Pair]
    allowed: frozenset[Pair]


def read(path: Path) -> LabelledDocument:
    data = json.loads(path.read_text("utf8"))
    tables = []
    for raw in data["tables"]:
        plain = plain_table(
            [tuple(cell) for cell in raw["cells"]], raw["header_rows"], title=raw["title"], unit=raw["unit"],
            name=raw["id"],
        )  # fmt: skip
        tables.append(replace(plain, form_kind=kind_by_title(raw["title"])))
    pairs = [(frozenset({place(one["target"]), place(one["term"])}), one) for one in data["promises"]]
    wanted = frozenset(pair for pair, one in pairs if not one.get("optional"))
    return LabelledDocument(path.stem, tuple(tables), wanted, frozenset(pair for pair, _ in pairs))


def place(raw: list[str | int]) -> Place:
    table, row, col = raw
    return str(table), int(row), int(col)


DOCUMENTS = [read(path) for path in sorted((FOLDER / "documents").glob("*.json"))]


def found(tables: tuple[TrueTable, ...]) -> dict[Pair, bool]:
    return {frozenset({one.target, one.terms[0].place}): one.holds for one in cross_sums(tables)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_what_a_person_states_is_found_and_nothing_else(document: LabelledDocument) -> None:
    told = found(document.tables)
    assert document.wanted - told.keys() == set()
    assert told.keys() - document.allowed == set()
    assert all(told.values())
