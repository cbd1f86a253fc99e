"""Whether numbers stand in columns under each other: a table, even where no rule says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractor.elements import TextLine, bounds
from extractor.geometry import cluster_positions, overlap
from extractor.kinds.headings import folded

NUMBER = re.compile(r"[-+−(（]?\d{1,3}(,?\d{3})*(\.\d+)?[)）%％]?")
# Amounts have decimals, separators or four digits; page numbers and item numbers have none of them.
_AMOUNT = re.compile(r"[.,]\d|\d{4}")
# So many numbers under each other, in so many columns side by side, mean a table.
_DEEP = 4
_WIDE = 2


def number_columns(lines: Sequence[TextLine], scale: float, wide: int = _WIDE) -> bool:
    """Whether numbers stand in columns: right or left edges under each other, `wide` columns side by side."""
    numbers = [line for line in lines if NUMBER.fullmatch(folded(line.text))]
    if len(numbers) < _DEEP * wide:
        return False
    columns: list[list[TextLine]] = []
    for at in cluster_positions(((n.box.x1, 1.0) for n in numbers), scale):
        column = [n for n in numbers if abs(n.box.x1 - at) < scale / 2]
        amounts = sum(_AMOUNT.search(folded(n.text)) is not None for n in column)
        if len(column) >= _DEEP and amounts > len(column) / 2:
            columns.append(column)
    beside = columns if wide == 1 else [
        c for c in columns
        if any(o is not c and overlap(*_extent(c), *_extent(o)) > 0 for o in columns)
    ]
    return len(beside) >= wide


def _extent(column: Sequence[TextLine]) -> tuple[float, float]:
    box = bounds(line.box.center for line in column)
    return box.y0, box.y1
