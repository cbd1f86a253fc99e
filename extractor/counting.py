"""Rows that number a table's columns (1, 2, 3 … from left to right): what one of them must be, its neighbours say.

Such a number stands alone in its cell, without the company that a recogniser judges size and slant by: a worn 4 is read
as 1, 11 as II. Where most of a row counts on from the left, a cell that does not is read as the number of its place,
so far as the recogniser was in any doubt of what it read.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from extractor.amended import amended, put_in, read_chars, unheld
from extractor.elements import Char
from extractor.headings import bare
from extractor.overpages import WholeCell, WholeTable
from extractor.spellings import NEVER, price

FEWEST = 4  # numbers of a row that count on from the left
MOST_OTHERS = 0.34  # share of its short texts that may not
LONGEST = 3  # characters of such a number, misread
# Log-odds of a place's number against any other in a row that counts.
COUNTED = 9.0
LEAST = 1.0


def with_counts_settled(tables: Sequence[WholeTable]) -> list[WholeTable]:
    """The tables with the numbers of their columns in order, where the recogniser was in doubt of one."""
    out = []
    for table in tables:
        wanted = _wanted(table)
        cells = (_settled(cell, wanted[cell.row, cell.col]) if (cell.row, cell.col) in wanted else cell
                 for cell in table.cells)  # fmt: skip
        out.append(replace(table, cells=tuple(cells)) if wanted else table)
    return out


def _wanted(table: WholeTable) -> Mapping[tuple[int, int], str]:
    """The numbers that rows which count ask for in cells that say otherwise."""
    rows: dict[int, list[WholeCell]] = defaultdict(list)
    for cell in table.cells:
        rows[cell.row].append(cell)
    found: dict[tuple[int, int], str] = {}
    for row in rows.values():
        texts = [bare(cell.text) for cell in row]
        votes = Counter(int(text) - k for k, text in enumerate(texts) if text.isdecimal() and len(text) < LONGEST)
        offset, counted = votes.most_common(1)[0] if votes else (0, 0)
        others = sum(0 < len(text) <= LONGEST for text in texts) - counted
        if counted < FEWEST or others > MOST_OTHERS * (counted + others) or any(len(t) > LONGEST for t in texts[1:]):
            continue
        first = min(k for k, text in enumerate(texts) if text == str(k + offset))
        for k, (cell, text) in enumerate(zip(row, texts, strict=True)):
            if text and k + offset > 0 and k >= first - 1 and text != str(k + offset):
                found[cell.row, cell.col] = str(k + offset)
    return found


def _settled(cell: WholeCell, number: str) -> WholeCell:
    chars = read_chars(cell)
    if not chars or "*" in cell.text:
        return cell
    worth = COUNTED - min(price(chars, number), _unseen(chars, number))
    return amended(cell, put_in(chars, number), 1.0 / (1.0 + math.exp(-worth))) if worth >= LEAST else cell


def _unseen(chars: Sequence[Char], number: str) -> float:
    """Price of a number of as many characters that the recogniser did not name, for all in which it departs."""
    if len(chars) != len(number):
        return NEVER
    return sum(unheld(char) for char, digit in zip(chars, number, strict=True) if char.text != digit)
