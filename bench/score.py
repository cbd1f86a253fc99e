"""Scoring of extracted tables against truth tables.

Figures, 0..1 and the higher the better unless said otherwise:

  table_found     truth tables to which a result table was matched by half of their texts
  table_exact     truth tables whose whole grid of cells (place and span) is right
  cell_f1         cells right in place, span and text
  struct_f1       cells right in place and span
  merged_f1       the same over cells that span more than one position
  text_acc        of the cells whose place is right: equal text
  number_acc      truth number cells whose value begins at the right position
  title_acc, unit_acc    of the matched truth tables that have one: printed the same
  surplus_tables  result tables that no truth table has (a count); all their cells are wrong
  ece             expected calibration error over 15 bins (lower is better)
  auroc           how well confidence ranks right cells above wrong ones
  coverage_at_99, precision_at_99    of non-empty cells: the share with confidence >= 0.99, and how
                  many of those are right
  wrong_trusted   wrong cells with confidence >= 0.99 in 10,000 non-empty cells (lower is better)

A result table whose cells do not tile its grid counts as no table. Confidence is judged on
non-empty result cells and on empty ones where the truth has text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FOLDED = {
    "。": ".",
    "、": ",",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "—": "-",
    "–": "-",
    "≧": "≥",
    "≦": "≤",
    "□": "☐",
    "●": "·",
    "•": "·",
}
BINS = 15
TRUSTED = 0.99
MATCHED, FOUND = 0.2, 0.5
Place = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of either side; cls is the truth's, value and confidence are the result's."""

    place: Place
    text: str
    cls: str = ""
    value: str | None = None
    confidence: float | None = None
    rated: bool = False  # the result gives a confidence, be it null

    @property
    def merged(self) -> bool:
        return self.place[2] * self.place[3] > 1


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    unit: str
    cells: tuple[Cell, ...]


def read_table(raw: Mapping[str, Any]) -> Table:
    """A table of a truth or a result file, as parsed from JSON."""
    cells = tuple(
        Cell(
            place=(c["row"], c["col"], c.get("row_span", 1), c.get("col_span", 1)),
            text=c["text"],
            cls=c.get("cls", ""),
            value=c.get("value"),
            confidence=c.get("confidence"),
            rated="confidence" in c,
        )
        for c in raw["cells"]
    )
    return Table(raw.get("title") or "", raw.get("unit") or "", cells)


def fold(text: str) -> str:
    """Text without what no reader would call an error: widths, spaces, look-alike marks."""
    marked = "".join(FOLDED.get(char, char) for char in unicodedata.normalize("NFKC", text))
    return "".join(unicodedata.normalize("NFKC", marked).split())


def decimal(text: str) -> str | None:
    """The number in a cell's text in one canonical spelling, or None where there is none."""
    plain = fold(text).replace(",", "").replace("−", "-").replace("负", "-")
    if found := re.fullmatch(r"\((\d+(?:\.\d+)?)\)", plain):
        plain = "-" + found[1]
    found = re.fullmatch(r"(-?)(\d+)(?:\.(\d+))?", plain)
    if not found:
        return None
    sign, whole, fraction = found[1], found[2].lstrip("0") or "0", (found[3] or "").rstrip("0")
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


def tiles(table: Table) -> bool:
    """Whether the cells cover a rectangle from (0, 0) exactly once."""
    positions: Counter[tuple[int, int]] = Counter()
    for row, col, rows, cols in (cell.place for cell in table.cells):
        if min(row, col) < 0 or min(rows, cols) < 1:
            return False
        positions.update((r, c) for r in range(row, row + rows) for c in range(col, col + cols))
    if not positions or max(positions.values()) > 1:
        return False
    height, width = 1 + max(r for r, _ in positions), 1 + max(c for _, c in positions)
    return len(positions) == height * width


def f1(hits: float, truths: float, given: float) -> float:
    return 2 * hits / (truths + given) if truths + given else 1.0


def likeness(truth: Table, given: Table) -> float:
    """F1 over the bags of non-empty texts; two blank tables are alike."""
    a, b = (Counter(folded for cell in table.cells if (folded := fold(cell.text))) for table in (truth, given))
    return f1((a & b).total(), a.total(), b.total())


def pair(truths: Sequence[Table], given: Sequence[Table]) -> list[int | None]:
    """For each truth table the index of its result table: greedily the most alike first, then the nearest in order."""
    ranked = sorted(
        ((likeness(t, g), -abs(i - j), i, j) for i, t in enumerate(truths) for j, g in enumerate(given)), reverse=True
    )
    matched: list[int | None] = [None] * len(truths)
    used: set[int] = set()
    for alike, _, i, j in ranked:
        if alike >= MATCHED and matched[i] is None and j not in used:
            matched[i] = j
            used.add(j)
    return matched


@dataclass(slots=True)
class Tally:
    """Counts that add up over tables, and every judged (confidence, right)."""

    n: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[float, bool]] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Tally:
        self.n.update(other.n)
        self.samples += other.samples
        return self


def expected(truth: Table) -> Counter[str]:
    numbers = sum(cell.cls == "n" and decimal(cell.text) is not None for cell in truth.cells)
    merged = sum(cell.merged for cell in truth.cells)
    return Counter(tables=1, cells=len(truth.cells), merged=merged, numbers=numbers)


def score_table(truth: Table, given: Table | None) -> Tally:
    """One truth table against its result table, or against nothing."""
    tally = Tally(expected(truth))
    if given is None:
        return tally
    n, wanted = tally.n, {cell.place: cell for cell in truth.cells}
    got = {cell.place: cell for cell in given.cells}
    starts = {cell.place[:2]: cell for cell in given.cells}
    n["found"] = int(likeness(truth, given) >= FOUND)
    n["exact"] = int(wanted.keys() == got.keys())
    n["given_cells"] = len(given.cells)
    n["given_merged"] = sum(cell.merged for cell in given.cells)
    for place in wanted.keys() & got.keys():
        n["placed"] += 1
        n["merged_hit"] += wanted[place].merged
        n["right"] += fold(wanted[place].text) == fold(got[place].text)
    for cell in truth.cells:
        number = decimal(cell.text) if cell.cls == "n" else None
        other = starts.get(cell.place[:2])
        if number is not None and other is not None:
            n["numbers_right"] += decimal(other.value or other.text) == number
    for key, wanted_words, words in (("title", truth.title, given.title), ("unit", truth.unit, given.unit)):
        n[f"{key}s"] = int(bool(fold(wanted_words)))
        n[key] = int(bool(fold(wanted_words)) and fold(wanted_words) == fold(words))
    tally.samples = [judged for cell in given.cells if (judged := judge(cell, wanted.get(cell.place))) is not None]
    return tally


def judge(cell: Cell, truth: Cell | None) -> tuple[float, bool] | None:
    """(confidence, right) of a result cell; None for one that is rightly empty or gives no confidence."""
    text, wanted = fold(cell.text), "" if truth is None else fold(truth.text)
    if not cell.rated or not (text or wanted):
        return None
    return (1.0 if cell.confidence is None else cell.confidence), truth is not None and text == wanted


def score_surplus(given: Table) -> Tally:
    samples = [judged for cell in given.cells if fold(cell.text) and (judged := judge(cell, None)) is not None]
    merged = sum(cell.merged for cell in given.cells)
    return Tally(Counter(surplus_tables=1, given_cells=len(given.cells), given_merged=merged), samples)


def score_document(truths: Sequence[Table], given: Sequence[Table]) -> Tally:
    """All tables of a document, found or not, and the surplus."""
    whole = [table for table in given if tiles(table)]
    matched = pair(truths, whole)
    tally = Tally(Counter(untiled=len(given) - len(whole)))
    for truth, j in zip(truths, matched, strict=True):
        tally += score_table(truth, None if j is None else whole[j])
    for j, table in enumerate(whole):
        if j not in matched:
            tally += score_surplus(table)
    return tally


def auroc(samples: Sequence[tuple[float, bool]]) -> float | None:
    """Area under the ROC curve by ranks, ties sharing their mean rank; None with one class only."""
    right = sum(ok for _, ok in samples)
    wrong = len(samples) - right
    if not right or not wrong:
        return None
    by_confidence: dict[float, list[int]] = {}
    for confidence, ok in samples:
        group = by_confidence.setdefault(confidence, [0, 0])
        group[ok] += 1
    below = area = 0.0
    for confidence in sorted(by_confidence):
        bad, good = by_confidence[confidence]
        area += good * (below + bad / 2)
        below += bad
    return area / (right * wrong)


def binned(samples: Sequence[tuple[float, bool]]) -> dict[str, float]:
    """Sums from which ece and the figures at 0.99 follow; they add up over documents."""
    sums = {"rated": 0.0, "trusted": 0.0, "trusted_right": 0.0} | {f"gap{i}": 0.0 for i in range(BINS)}
    for confidence, ok in samples:
        sums[f"gap{min(int(confidence * BINS), BINS - 1)}"] += confidence - ok
        sums["rated"] += 1
        sums["trusted"] += confidence >= TRUSTED
        sums["trusted_right"] += ok and confidence >= TRUSTED
    return sums


RATIOS: dict[str, tuple[str, str]] = {
    "table_found": ("found", "tables"),
    "table_exact": ("exact", "tables"),
    "text_acc": ("right", "placed"),
    "number_acc": ("numbers_right", "numbers"),
    "title_acc": ("title", "titles"),
    "unit_acc": ("unit", "units"),
    "coverage_at_99": ("trusted", "rated"),
    "precision_at_99": ("trusted_right", "trusted"),
}
F1S: dict[str, tuple[str, str, str]] = {
    "cell_f1": ("right", "cells", "given_cells"),
    "struct_f1": ("placed", "cells", "given_cells"),
    "merged_f1": ("merged_hit", "merged", "given_merged"),
}


def figures(tally: Tally) -> dict[str, float | None]:
    """The figures of the module's docstring; None where there is nothing to divide by."""
    n: dict[str, float] = {**tally.n, **binned(tally.samples)}
    out: dict[str, float | None] = {key: n.get(key, 0) for key in ("tables", "surplus_tables", "untiled", "cells")}
    out |= {key: f1(n.get(a, 0), n.get(b, 0), n.get(c, 0)) for key, (a, b, c) in F1S.items()}
    out |= {key: n.get(a, 0) / n[b] if n.get(b) else None for key, (a, b) in RATIOS.items()}
    rated = n.get("rated", 0)
    out["ece"] = sum(abs(n.get(f"gap{i}", 0)) for i in range(BINS)) / rated if rated else None
    out["wrong_trusted"] = 10_000 * (n["trusted"] - n["trusted_right"]) / rated if rated else None
    out["auroc"] = auroc(tally.samples)
    return out
