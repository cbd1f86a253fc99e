"""What speaks against a classification code (208, 20805, 2080501): its column's order and its parents there."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from extractor.joining.meaning import MeantCell, MeantTable

_CODE = re.compile(r"\d{3,9}")
_CLASS = re.compile(r"2\d\d(?:\d\d){0,2}")  # of the budget's functions, as their list numbers them
_NAMED = re.compile(r"(\d{1,7})\s*[\u4e00-\u9fff]{3}")
FEWEST = 5  # codes of a column
MOSTLY = 0.8  # share of a column's filled cells that are codes
RARE = 5  # no more than one in so many is odd: else the column is no such list


def disordered_codes(table: MeantTable) -> dict[tuple[int, int], float]:
    """By row and column: 1 for a code without which its column is in order there, 1 for one that lacks its parent.

    Codes rise from row to row as their digits are compared from the left; a list may begin anew. Of two out of order
    either may be the wrong one.
    """
    columns: dict[int, list[MeantCell]] = {}
    for cell in table.cells:
        if cell.row >= table.header_rows and cell.col_span == 1 and cell.text:
            columns.setdefault(cell.col, []).append(cell)
    found: dict[tuple[int, int], float] = {}
    for filled in columns.values():
        cells = sorted((cell for cell in filled if _CODE.fullmatch(cell.text)), key=lambda cell: cell.row)
        if len(cells) < max(FEWEST, MOSTLY * len(filled)):
            continue
        codes = [cell.text for cell in cells]
        for odd in (_out_of_order(codes), _orphans(codes)):
            for i in odd if RARE * len(odd) <= len(codes) else ():
                spot = cells[i].row, cells[i].col
                found[spot] = found.get(spot, 0.0) + 1.0
    return found


def disordered_names(table: MeantTable) -> frozenset[tuple[int, int]]:
    """By row and column: names with their class's code before them (216商业服务业等支出) of which a digit was lost or
    misread (16商业…, 211… between 213… and 215…): without them their column is in order there."""
    columns: dict[int, list[tuple[int, str]]] = {}
    for cell in sorted(table.cells, key=lambda cell: cell.row):
        if cell.row >= table.header_rows and cell.col_span == 1 and (m := _NAMED.match(cell.text.strip())):
            columns.setdefault(cell.col, []).append((cell.row, m[1]))
    found = set()
    for col, named in columns.items():
        codes = [code for _, code in named]
        if sum(_CLASS.fullmatch(code) is not None for code in codes) < max(FEWEST, MOSTLY * len(codes)):
            continue
        odd = _out_of_order(codes)
        found |= {(named[i][0], col) for i in odd if RARE * len(odd) <= len(codes)}
    return frozenset(found)


def _out_of_order(codes: Sequence[str]) -> list[int]:
    """Codes between two that are in order without them."""
    inner = range(1, len(codes) - 1)
    return [i for i in inner if codes[i - 1] <= codes[i + 1] and not codes[i - 1] <= codes[i] <= codes[i + 1]]


def _orphans(codes: Sequence[str]) -> list[int]:
    """Codes whose beginning, as long as the next shorter codes of the column, is no code of it."""
    lengths, known = sorted({len(code) for code in codes}), set(codes)
    out = []
    for i, code in enumerate(codes):
        shorter = bisect_left(lengths, len(code))
        if shorter and code[: lengths[shorter - 1]] not in known:
            out.append(i)
    return out
