"""One column grid for two parts of a table that stand on different pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# Shares of the page's width. A sheet is fed up to 2 % off its place, and each page on its own; a border
# that was deskewed and flattened still wanders by about 1 % within its table.
OUTER = 0.03
# A photographed sheet of which a side was not found: its own place in the picture says less, but columns that are
# all the same, so many and so nearly, have one form behind them.
_OUTER_FAR, _SAME, _MANY = 0.08, 0.004, 5
INNER = 0.012
# A border that no rule draws lies anywhere in the whitespace between two columns.
LOOSE_INNER = 0.03
# Two borders closer than this share of the narrowest column cannot be told apart, so must not be matched.
_NARROWEST = 0.45


@dataclass(frozen=True, slots=True)
class United:
    """Borders of both grids in one, and where each grid's borders (by index) are among them.

    shared: inner borders that both have; fewer: inner borders of the grid that has fewer.
    """

    borders: tuple[float, ...]
    first: tuple[int, ...]
    second: tuple[int, ...]
    shared: int
    fewer: int

    @property
    def likeness(self) -> float:
        """Share of the sparser grid's inner borders that the other one has too; 1 when it has none."""
        return self.shared / self.fewer if self.fewer else 1.0


def unite(first: Sequence[float], second: Sequence[float], inner: float = INNER) -> United | None:
    """Match the column borders of two parts (shares of the page's width, rising); None where the outer ones differ.

    A page hides a border where all its cells span it, so each grid may lack borders that the other has.
    The second grid is first stretched onto the first by its outer borders.
    """
    scale = (first[-1] - first[0]) / (second[-1] - second[0])
    moved = [first[0] + (x - second[0]) * scale for x in second]
    off = max(abs(first[0] - second[0]), abs(first[-1] - second[-1]))
    if off > (_OUTER_FAR if _same_columns(first, moved) else OUTER):
        return None
    narrowest = min(b - a for grid in (first, moved) for a, b in pairwise(grid))
    near = min(inner, _NARROWEST * narrowest)
    pairs = {0: 0, len(moved) - 1: len(first) - 1}
    for j in range(1, len(moved) - 1):
        i = min(range(len(first)), key=lambda i: abs(first[i] - moved[j]))
        back = min(range(len(moved)), key=lambda k: abs(moved[k] - first[i]))
        if back == j and 0 < i < len(first) - 1 and abs(first[i] - moved[j]) <= near:
            pairs[j] = i
    alone = [(moved[j], j) for j in range(len(moved)) if j not in pairs]
    order = sorted([(x, 0, i) for i, x in enumerate(first)] + [(x, 1, j) for x, j in alone])
    place = {(which, index): k for k, (_, which, index) in enumerate(order)}
    return United(
        tuple(x for x, _, _ in order),
        tuple(place[0, i] for i in range(len(first))),
        tuple(place[0, pairs[j]] if j in pairs else place[1, j] for j in range(len(moved))),
        len(pairs) - 2,
        min(len(first), len(moved)) - 2,
    )


def _same_columns(first: Sequence[float], moved: Sequence[float]) -> bool:
    """Whether two grids with the same outer borders have the same inner ones, `_MANY` or more."""
    same = len(first) == len(moved) and all(abs(a - b) <= _SAME for a, b in zip(first, moved, strict=True))
    return same and len(first) - 2 >= _MANY
