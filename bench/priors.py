"""Where a fit starts: for every kind of cell and grid the signs that count, their knots, and reasoned curves.

Documents are few beside what scans can do, and the cells of a table are right or wrong together. So a fit does not
draw curves from nothing: it moves these as far as the data ask (`fitting.py` penalises every step away from them).
What is not listed does not count. Each entry: knots, and what a sign adds to the log-odds there.
"""

from __future__ import annotations

Line = tuple[tuple[float, ...], tuple[float, ...]]
Prior = tuple[float, dict[str, Line]]  # bias, curves

WORDS = ("near", "strange", "worded", "single", "unpaired", "backed", "part_of")
READ: Prior = (6.5, {
    "worst": ((-2, 0, 1, 2, 3, 5, 7, 9), (-7, -6, -5, -4, -2.8, -1.2, -0.4, 0)),
    "whole": ((-9, -4, -1, 1, 3, 5, 8), (-2, -1.5, -1, -0.7, -0.3, -0.1, 0)),
    "rival": ((0, 1, 2, 4, 6), (-1, -0.7, -0.4, -0.1, 0)),
    "unread": ((0, 0.05, 0.2, 0.5), (0, -0.3, -1.2, -2.5)),
    "around": ((0, 0.02, 0.05, 0.1, 0.3), (0, -0.3, -0.7, -1.2, -2.2)),
    "length": ((0, 1.4, 2.3, 3.2, 4.5), (0, 0, -0.1, -0.4, -0.9)),
    "lines": ((0, 1, 2, 4), (0, -0.2, -0.4, -0.7)),
    "height": ((2.6, 2.9, 3.2, 3.5), (-0.8, -0.4, -0.1, 0)),
    "sealed": ((0, 1), (0, -1)),
    "parted": ((0, 1), (0, -0.8)),
    "seam": ((0, 1), (0, -1)),
    "hole": ((0, 1, 2, 4), (0, 0, -0.6, -1)),
    "rim": ((-0.5, 0, 0.1, 0.3), (-1.2, -0.5, -0.1, 0)),
    "loose": ((0, 0.15, 0.3, 0.5), (0, -0.2, -0.6, -1.2)),
    "odd": ((0, 1), (0, -0.2)),
    "misfit": ((0, 1), (0, -2)),
    "glyphs": ((0, 0.7, 1.4), (0, -0.3, -0.5)),
    "lone": ((0, 1), (0, -2)),
    "known": ((0, 0.7, 1.4, 3), (-1, -0.7, -0.4, 0)),
    "near": ((0, 0.7, 1.4, 2.5), (0, -0.3, -0.5, -0.8)),
    "unpaired": ((0, 1), (0, -1.5)),
    "held": ((0, 1, 2), (-2.5, -1, 0)),
    "failed": ((0, 1, 2), (0, -0.8, -1.3)),
    "blamed": ((0, 1), (0, -2)),
    "corrected": ((0, 1), (0, -1)),
    "swap": ((-7, -4, -2, 0), (-3, -1.5, -0.5, 0)),
    "second": ((0.3, 0.7, 0.95, 1), (-2, -1, -0.3, 0)),
    "by_words": ((0, 1), (0, -0.5)),
    "covered": ((0, 0.05, 0.3), (0, -0.3, -1)),
    "missed": ((0, 0.02, 0.1, 0.4), (0, -0.5, -1.5, -2.5)),
    "strange": ((0, 2, 5, 10), (0, -0.5, -1.5, -2.5)),
    "worded": ((0, 0.5, 0.8, 1), (-1.5, -0.8, -0.4, 0)),
    "single": ((0, 1), (0, -3)),
    "contested": ((-2, 0, 1, 2, 3, 5, 7), (-2, -1.5, -1, -0.7, -0.4, -0.1, 0)),
    "backed": ((0, 0.7, 1.4, 3), (-0.6, -0.4, -0.2, 0)),
    "part_of": ((0, 0.7, 1.4, 2.2), (0, -0.7, -1.8, -3)),
    "fringe": ((0, 1), (0, -2)),
    "wide": ((0.1, 0.3, 0.6, 1), (0, -0.2, -0.7, -1.2)),
    "column_held": ((0, 0.7, 2, 3.5), (-0.4, -0.3, -0.1, 0)),
    "row_held": ((0, 0.7, 1.6), (-0.3, -0.1, 0)),
    "sound": ((-2, 0, 2, 4), (-1, -0.5, -0.2, 0)),
})  # fmt: skip
# A number has no words, and sums may prove it.
NUMBER: Prior = (6.5, {name: line for name, line in READ[1].items() if name not in WORDS} | {
    "disordered": ((0, 1, 2), (0, -3, -4)),
})  # fmt: skip
SUMS: Prior = (4.5, {name: READ[1][name] for name in ("held", "failed", "blamed", "corrected", "sound")})
BLANK: Prior = (6.5, {
    "ink": ((0, 0.05, 0.3, 1, 3), (0, -0.7, -2, -3.5, -4.5)),
    "crops": ((0, 1), (0, -3)),
    "sealed": ((0, 1), (0, -0.5)),
    "habit": ((0, 0.5, 0.9, 1), (0, -0.3, -1, -2)),
    "beside": ((0, 0.7, 1), (0, -0.1, -0.4)),
    "parted": ((0, 1), (0, -1)),
    "around": ((0, 0.1, 0.3), (0, -0.7, -1.5)),
    "wear": ((0, 0.05), (0, -0.3)),
    "seam": ((0, 1), (0, -1)),
    "column_held": ((0, 0.7, 2, 3.5), (-0.8, -0.5, -0.2, 0)),
    "row_held": ((0, 0.7, 1.6), (-0.6, -0.3, 0)),
    "sound": ((-2, 0, 2, 4), (-1, -0.5, -0.2, 0)),
})  # fmt: skip
EXACT: Prior = (8.5, {
    "worst": ((-2, 0, 2, 9), (-6, -5, -3, 0)),
    "hole": ((0, 1.5, 3), (0, -0.5, -1)),
    "lines": ((0, 1, 4), (0, -0.2, -0.5)),
    "seam": ((0, 1), (0, -2.5)),
    "length": ((1, 3, 5), (0, -0.2, -0.6)),
    "failed": ((0, 1, 2), (0, -0.2, -0.4)),
})  # fmt: skip
# Of a whole grid, wherever it comes from: joins over pages, contents that no right grid has.
GRID: dict[str, Line] = {
    "around": ((0, 0.05, 0.1, 0.2, 0.4), (0, -0.3, -0.7, -1.8, -3.5)),
    "rows": ((0, 1, 1.8, 2.4), (-5, -3, -1, 0)),
    "cols": ((0, 0.7, 1.4, 1.7), (-5, -1.5, -0.5, 0)),
    "holes": ((0, 0.7, 1.4, 2.2), (0, -0.6, -1.6, -3)),
    "doubles": ((0, 0.7, 1.4), (0, -2, -3.5)),
    "headless": ((0, 1), (0, -0.7)),
    "untitled": ((0, 1), (0, -1.2)),
    "loose_end": ((0, 1), (0, -1.2)),
    "gained": ((0, 1, 2), (0, -4, -5)),
    "seams": ((0, 0.7, 1.6), (0, -1, -1.5)),
    "breaks": ((0, 1, 3), (0, -0.3, -0.6)),
    "blank_rows": ((0, 1, 3), (0, -0.5, -1.5)),
    "blank_cols": ((0, 1, 4), (0, -0.05, -0.3)),
    "mixed": ((0, 0.1, 0.2, 0.4), (0, -0.2, -0.8, -2)),
    "held": ((0, 1.4, 3, 4.5), (-0.9, -0.6, -0.2, 0)),
    "failed": ((0, 0.7, 1.6), (0, -0.7, -1.5)),
    "thin": ((0.2, 0.5, 0.65, 0.8), (-1.5, -1, -0.4, 0)),
    "doubt": ((0, 0.1, 0.5, 1), (0, -0.2, -0.8, -2)),
    "strays": ((0, 0.7, 1.1, 1.6), (0, -2.5, -4, -5)),
    "needless": ((0, 0.7, 1.4), (0, -3.5, -5)),
    "rare": ((0, 0.7, 1.4), (0, -3, -5)),
    "abuts": ((0, 1, 2), (0, -3, -4)),
    "follows": ((0, 1), (0, -3)),
    "dangling": ((0, 0.7, 1.4), (0, -3, -4)),
    "veiled": ((0.4, 1, 2), (0, -1.5, -3)),
    "astray": ((0, 0.4, 0.9, 1.5, 3), (0, -0.8, -1.8, -3, -4)),
    "bare": ((0.02, 0.05, 0.1, 0.3), (0, -0.8, -2, -4)),
}
# A text page draws what it means: a small table is no rest of a larger one.
EXACT_GRID = GRID | {
    "rows": ((0, 1, 1.8, 2.4), (-2, -0.8, -0.2, 0)),
    "held": ((0, 1.4, 3, 4.5), (-0.8, -0.4, -0.2, 0)),
    "loose_end": ((0, 1), (0, -0.8)),
    # What it draws is whole: tables that should be one have been seen to be two.
    "abuts": ((0, 1, 2), (0, -6, -7)),
    "follows": ((0, 1), (0, -6)),
}
# Of a grid seen on a picture.
SEEN: dict[str, Line] = {
    "sides": ((-3, 0, 2, 5, 6.5), (-2, -1.5, -0.8, -0.2, 0)),
    "inner": ((-3, 0, 3, 7), (-1.5, -1, -0.3, 0)),
    "line": ((0, 2, 4, 6.5), (-3, -1.8, -0.8, 0)),
    "parted": ((0, 0.05, 0.1, 0.2, 0.5), (0, -0.1, -0.6, -2, -4)),
    "narrow": ((0.2, 0.5, 0.8), (-2.5, -1.2, 0)),
    "unclosed": ((0, 1, 2), (0, -1.2, -2)),
    "weak": ((0, 0.7, 2, 4.5), (0, -0.5, -1.5, -2.5)),
    "wear": ((0, 0.02, 0.05), (0, -0.2, -0.6)),
}
OWN: dict[str, Line] = {
    "hole": ((0, 1.5, 3), (0, -0.8, -1.5)),
    "double": ((0, 1), (0, -2.5)),
    "seam": ((0, 1), (0, -1)),
    "later": ((0, 1), (0, -0.2)),
    "spans": ((0, 1), (0, -0.2)),
    "held": ((0, 1, 2), (-0.3, -0.1, 0)),
    "failed": ((0, 1, 2), (0, -0.6, -1)),
    "column_held": ((0, 0.7, 2, 3.5), (-0.6, -0.4, -0.2, 0)),
    "row_held": ((0, 0.7, 1.6), (-0.3, -0.1, 0)),
    "low": ((0.2, 0.5, 0.65, 0.8), (-2.5, -2, -0.7, 0)),
    "slim": ((0.2, 0.5, 0.8), (-1.5, -0.8, 0)),
    "empty_rows": ((0, 1, 3), (0, -1, -2)),
    "empty_cols": ((0, 1, 4), (0, -0.1, -0.3)),
    "cut": ((0, 0.7, 1.6, 3), (0, -0.1, -0.4, -1)),
    "stacked": ((0, 0.7, 1.6), (0, -1.5, -2.5)),
}
OWN_RULED: dict[str, Line] = {
    "sides": ((-3, 0, 1, 2, 4, 6.5), (-3.5, -2.5, -1.8, -1.2, -0.4, 0)),
    "inner": ((-3, 0, 2, 5, 7), (-3, -2, -1, -0.2, 0)),
    "above": ((0, 1, 3, 6), (-2.5, -1.5, -0.6, 0)),
    "left": ((0, 1, 3, 6), (-2.5, -1.5, -0.6, 0)),
    "parted": ((0, 1), (0, -0.8)),
}
OWN_OPEN: dict[str, Line] = {
    "sides": ((-1.5, 1.5, 2.5, 4), (-2.5, -0.8, -0.3, 0)),
    "inner": ((-1.5, 1.5, 2.5, 4), (-2.5, -0.8, -0.3, 0)),
    "above": ((0, 1, 3, 4), (-2, -1.2, -0.4, 0)),
    "left": ((0, 1.5, 2.5, 4), (-2, -0.6, -0.2, 0)),
    "across": ((-1.5, 1.5, 2.5), (-0.8, -0.3, 0)),
    "along": ((-1.5, 1.5, 2.5), (-1.2, -0.5, 0)),
    "parted": ((0, 1), (0, -0.8)),
}
# A false line moves only what lies behind it (`above`, `left`): of the whole it says less.
SEEN_BY_CELLS = SEEN | {"line": ((0, 2, 4, 6.5), (-2.2, -1.4, -0.6, 0))}
SEEN_OPEN = {name: SEEN[name] for name in ("parted", "narrow", "weak", "wear")}


def _of_table(curves: dict[str, Line]) -> dict[str, Line]:
    return {f"table.{name}": line for name, line in curves.items()}


PRIORS: dict[str, dict[str, Prior]] = {
    "text": {"read": READ, "number": NUMBER, "blank": BLANK, "exact": EXACT},
    "checks": {"number": SUMS},
    "place": {
        "ruled": (7.5, OWN | OWN_RULED | _of_table(GRID | SEEN_BY_CELLS)),
        "open": (4.5, OWN | OWN_OPEN | _of_table(GRID | SEEN_OPEN)),
        "exact": (8.5, OWN | _of_table(EXACT_GRID)),
    },
    "table": {"ruled": (5.5, GRID | SEEN), "open": (1.5, GRID | SEEN_OPEN), "exact": (6.0, EXACT_GRID)},
}
