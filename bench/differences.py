"""What is wrong in a document's result, cell by cell: for whoever mends the extractor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from bench.score import Place, Table, fold, pair, read_table, tiles


def at(place: Place) -> str:
    row, col, rows, cols = place
    return f"{row},{col}" + (f" ({rows}x{cols})" if (rows, cols) != (1, 1) else "")


def between(truth: Table, given: Table) -> Iterator[str]:
    """Cells of the truth that are missing or read wrong, and cells that the truth has not."""
    wanted = {cell.place: cell for cell in truth.cells}
    got = {cell.place: cell for cell in given.cells}
    for key in ("title", "unit"):
        true, said = getattr(truth, key), getattr(given, key)
        if fold(true) != fold(said):
            yield f"{key} {true!r} came as {said!r}"
    for place in sorted(wanted.keys() | got.keys()):
        if place not in got:
            yield f"{at(place)} {wanted[place].text!r} is missing"
        elif place not in wanted:
            yield f"{at(place)} {got[place].text!r} is not in the truth"
        elif fold(wanted[place].text) != fold(got[place].text):
            sure = got[place].confidence
            yield f"{at(place)} {wanted[place].text!r} came as {got[place].text!r}" + (
                f", confidence {sure:.3f}" if sure is not None else ""
            )


def differences(truth_file: Path, result_file: Path, most: int) -> Iterator[str]:
    """Lines for a document; at most `most` a table."""
    raw = json.loads(truth_file.read_text("utf8"))["tables"]
    truths = [read_table(table) for table in raw]
    answers = json.loads(result_file.read_text("utf8"))["tables"] if result_file.exists() else []
    given = [table for table in map(read_table, answers) if tiles(table)]
    if len(given) < len(answers):
        yield f"{len(answers) - len(given)} result tables do not tile"
    matched = pair(truths, given)
    for i, (truth, j) in enumerate(zip(truths, matched, strict=True)):
        name = f"table {i} {raw[i].get('family', '')} {truth.title!r}"
        if j is None:
            yield f"{name}: not found"
            continue
        wrong = list(between(truth, given[j]))
        yield f"{name}: {len(wrong)} differences" if wrong else f"{name}: right"
        yield from (f"  {line}" for line in wrong[:most])
    for j, table in enumerate(given):
        if j not in matched:
            texts = " | ".join(cell.text for cell in table.cells[:8])
            yield f"surplus table {j} of {len(table.cells)} cells: {texts}"
