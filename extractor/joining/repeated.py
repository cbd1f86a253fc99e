"""Header rows that the next page of a table prints again."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from extractor.kinds.forms import Placed, header_rows, is_identity_row, is_numbering_row
from extractor.kinds.headings import bare
from extractor.kinds.numbers import number_value

# Mean likeness of header texts under which they are no repetition; a seal may hide half of one.
_SAME_HEADER = 0.7
SAME_ROW = 0.85
_MOST_REPEATED = 6  # rows; no header is deeper


def repeated_rows(upper: Sequence[Placed], n_upper: int, lower: Sequence[Placed], n_lower: int) -> int:
    """How many leading rows of `lower` print the header of `upper` again; both on the same columns."""
    headers = header_rows(upper, n_upper)
    if 0 < headers <= n_lower and _same_rows(upper, lower, headers, _SAME_HEADER):
        return headers
    # A header misjudged in depth: what is printed again word for word, numbers apart, is header.
    for rows in range(min(_MOST_REPEATED, n_upper - 1, n_lower), 0, -1):
        if _same_rows(upper, lower, rows, SAME_ROW) and _heads_only(upper, rows):
            return rows
    # One of the two grids is wrong within the header: compare what is written there.
    said = _text(upper, headers)
    for rows in range(min(headers + 1, n_lower), 0, -1):
        if len(said) >= 8 and _closed(lower, rows) and likeness(said, _text(lower, rows)) > SAME_ROW:
            return rows
    return 0


def _text(cells: Sequence[Placed], rows: int) -> str:
    return "".join(bare(c.text) for c in cells if c.row < rows)


def _closed(cells: Sequence[Placed], rows: int) -> bool:
    return not any(c.row < rows < c.row + c.row_span for c in cells)


def _same_rows(upper: Sequence[Placed], lower: Sequence[Placed], rows: int, least: float) -> bool:
    """Whether the first rows have the same cells with like texts, and none reaches below them."""
    if not _closed(upper, rows) or not _closed(lower, rows):
        return False
    first = {(c.row, c.col, c.row_span, c.col_span): bare(c.text) for c in upper if c.row < rows}
    second = {(c.row, c.col, c.row_span, c.col_span): bare(c.text) for c in lower if c.row < rows}
    if first.keys() != second.keys():
        return False
    filled = [place for place in first if first[place] or second[place]]
    return bool(filled) and sum(likeness(first[p], second[p]) for p in filled) >= least * len(filled)


def _heads_only(cells: Sequence[Placed], rows: int) -> bool:
    for row in range(rows):
        found = [c for c in cells if c.row == row]
        if is_identity_row(cells, row):
            return False
        if not is_numbering_row(found) and any(number_value(c.text) is not None for c in found):
            return False
    return sum(bool(bare(c.text)) for c in cells if c.row < rows) >= 2


def likeness(a: str, b: str) -> float:
    if a == b:
        return 1.0
    # Near-equal readings of the same print share most of their characters in order.
    return SequenceMatcher(None, a, b, autojunk=False).ratio()
