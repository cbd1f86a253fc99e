"""Forms with false sums: some printed numbers are changed before printing, and the truth is what is printed.

Published budgets contain errors. A repair that turned one back would hide what the document says.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.form import Form
from bench.generate import Drawn
from bench.truesums import Spot, determined

SHARE = 0.04  # of a document's numbers that sums determine: as one or two in a form
DIGITS = "123456789"  # what a digit is changed to; no 0, lest a number begin with it


@dataclass(frozen=True, slots=True)
class Falsehood:
    """A number that is printed otherwise than its sums want it: where, and what it was."""

    spot: Spot
    was: str


def falsified(drawn: Drawn) -> tuple[Drawn, tuple[Falsehood, ...]]:
    """The document with one digit changed in some of the numbers that sums determine; the same for the same document.

    A document with no such number comes back as it is.
    """
    rng = random.Random(f"{drawn.name}/false")
    spots = sorted(determined([form.truth() for form in drawn.forms]))
    chosen = set(rng.sample(spots, min(len(spots), max(1, round(SHARE * len(spots))))))
    told: list[Falsehood] = []
    items = list(drawn.items)
    at = [k for k, item in enumerate(items) if isinstance(item, Form)]
    for number, (k, form) in enumerate(zip(at, drawn.forms, strict=True)):
        own = {(row, col) for table, row, col in chosen if table == number}
        items[k], changed = _changed(form, own, rng)
        told += [Falsehood((number, row, col), was) for row, col, was in changed]
    return replace(drawn, name=f"false-{drawn.name}", items=tuple(items)), tuple(told)


def _changed(
    form: Form, spots: set[tuple[int, int]], rng: random.Random
) -> tuple[Form, Sequence[tuple[int, int, str]]]:
    cells, told = [], []
    for placed in form.cells:
        text = placed.mark.text
        where = [k for k, char in enumerate(text) if char.isdigit()]
        if (placed.row, placed.col) in spots and where:
            k = rng.choice(where)
            other = rng.choice([digit for digit in DIGITS if digit != text[k]])
            told.append((placed.row, placed.col, text))
            placed = replace(placed, mark=replace(placed.mark, text=text[:k] + other + text[k + 1 :]))
        cells.append(placed)
    return replace(form, cells=tuple(cells)), told
