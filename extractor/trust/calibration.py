"""What turns signs into probabilities: sums of curves, plain data fitted by `make calibrate`.

A `Scale` adds one curve's value a sign to a bias and gets log-odds; a last curve bends them to how often such
cells were right. Curves are straight between their knots and level beyond them, and each rises or falls as
`RISING` and `FALLING` say: more evidence never makes a cell less sure. Method: a generalised additive model with
monotone piecewise-linear terms (Hastie and Tibshirani 1990), then isotonic calibration.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise

from extractor.trust.signs import PlaceSigns, TableSigns, TextSigns

FORMAT = 3
KINDS = {
    "text": ("read", "number", "blank", "exact"),
    "place": ("ruled", "open", "exact"),
    "table": ("ruled", "open", "exact"),
    "checks": ("number",),
}
# Signs that speak for being right the larger they are, and those that speak against. The others may do both.
RISING = frozenset({
    "second", "swap", "worst", "whole", "rival", "height", "rim", "known", "place", "sides", "inner", "above",
    "left", "across", "along", "line", "narrow", "held", "table.sides", "table.inner", "table.line", "table.height",
    "table.narrow", "table.held", "thin", "table.thin", "low", "slim", "column_held", "row_held", "sound",
    "worded", "contested", "backed",
})  # fmt: skip
FALLING = frozenset({
    "covered", "lone", "by_words", "unsure", "unread", "sealed", "parted", "seam", "wear", "around", "hole", "odd",
    "misfit", "ink", "crops", "lines", "habit", "beside", "double", "doubles", "holes", "blank_cols", "blank_rows",
    "mixed", "headless", "untitled", "loose_end", "unclosed", "gained", "weak", "seams", "breaks", "later",
    "glyphs", "failed", "blamed", "near", "unpaired", "table.weak", "table.wear", "table.around", "table.breaks",
    "table.seams", "table.gained", "table.holes", "table.doubles", "table.parted", "table.blank_cols",
    "table.blank_rows", "table.mixed", "table.headless", "table.untitled", "table.loose_end", "table.unclosed",
    "table.failed", "missed", "wide", "strange", "corrected", "doubt", "table.doubt", "empty_rows", "empty_cols", "cut",
    "stacked", "strays", "table.strays", "length", "loose",
    "single", "part_of", "fringe", "table.astray", "table.bare", "table.needless", "table.rare", "table.abuts",
    "table.follows", "table.dangling", "astray", "bare", "needless", "rare", "abuts", "follows", "dangling",
    "disordered", "veiled", "table.veiled",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Curve:
    """Piecewise linear: `adds[i]` at `at[i]` (rising), level outside."""

    at: tuple[float, ...]
    adds: tuple[float, ...]

    def __call__(self, x: float) -> float:
        at, adds = self.at, self.adds
        if x <= at[0]:
            return adds[0]
        if x >= at[-1]:
            return adds[-1]
        i = bisect_right(at, x)
        return adds[i - 1] + (adds[i] - adds[i - 1]) * (x - at[i - 1]) / (at[i] - at[i - 1])


@dataclass(frozen=True, slots=True)
class Scale:
    """Log-odds from signs by name: `bend(bias + sum of curves)`."""

    bias: float
    curves: Mapping[str, Curve]
    bend: Curve

    def log_odds(self, signs: Mapping[str, float]) -> float:
        return self.judge(signs)[0]

    def judge(self, signs: Mapping[str, float]) -> tuple[float, str]:
        """Log-odds, and the name of the sign that takes most from them (at its best a sign takes nothing)."""
        total, least, name = self.bias, 0.0, ""
        for sign, curve in self.curves.items():
            adds = curve(signs[sign])
            total += adds
            if adds < least:
                least, name = adds, sign
        return self.bend(total), name


@dataclass(frozen=True, slots=True)
class Provenance:
    """What some scales were fitted on. `seeds` are the generator's; `right`: share of the cells that were right.

    grids: the kinds of grids whose scales these are (`place`, `table` and `both`). Texts and checks are the first's.
    """

    date: str
    commit: str
    seeds: tuple[int, ...]
    documents: int
    pages: int
    cells: int
    tables: int
    right: float
    levels: tuple[str, ...]
    grids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scales by kind of reading and of grid (`KINDS`), and a last curve over both together on a picture.

    `checks` knows of a number's text only what its sums say. `both` bends the log-odds of (text right and place
    right), which are not independent, per kind of grid.
    """

    format: int
    provenance: tuple[Provenance, ...]
    text: Mapping[str, Scale]
    place: Mapping[str, Scale]
    table: Mapping[str, Scale]
    checks: Mapping[str, Scale]
    both: Mapping[str, Curve]


def faults(given: Calibration) -> list[str]:
    """What is wrong with a calibration as data, in words; nothing if it can be used."""
    found = [] if given.format == FORMAT else [f"format {given.format} instead of {FORMAT}"]
    tables = {f"table.{field.name}" for field in fields(TableSigns)}
    words = {field.name for field in fields(TextSigns)}
    known = {
        "text": words,
        "checks": words,
        "place": {field.name for field in fields(PlaceSigns)} | tables,
        "table": {field.name for field in fields(TableSigns)},
    }
    for part, kinds in KINDS.items():
        scales: Mapping[str, Scale] = getattr(given, part)
        found += [f"{part}: no scale for {kind}" for kind in kinds if kind not in scales]
        for kind, scale in scales.items():
            found += [f"{part}.{kind}: unknown sign {name}" for name in scale.curves if name not in known[part]]
            for name, curve in scale.curves.items():
                found += [f"{part}.{kind}.{name}: {words}" for words in _crooked(name, curve)]
            found += [f"{part}.{kind}: bend: {words}" for words in _crooked("place", scale.bend)]
    found += [f"both: no curve for {kind}" for kind in KINDS["place"] if kind not in given.both]
    if sorted(kind for one in given.provenance for kind in one.grids) != sorted(KINDS["place"]):
        found.append(f"provenance: not once of each of {KINDS['place']}")
    return found + [f"both.{kind}: {words}" for kind, curve in given.both.items() for words in _crooked("place", curve)]


def _crooked(name: str, curve: Curve) -> list[str]:
    if not curve.at or len(curve.at) != len(curve.adds) or not all(map(math.isfinite, (*curve.at, *curve.adds))):
        return ["not a curve"]
    if any(b <= a for a, b in pairwise(curve.at)):
        return ["knots do not rise"]
    if name in RISING and any(b < a for a, b in pairwise(curve.adds)):
        return ["falls where it must rise"]
    if name in FALLING and any(b > a for a, b in pairwise(curve.adds)):
        return ["rises where it must fall"]
    return []
