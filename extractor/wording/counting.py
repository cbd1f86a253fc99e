"""Cells that number a table's columns or rows (1, 2, 3 …, 一级指标, 二级指标 …): what one must be, its neighbours say.

Such a number stands alone in its cell, without the company that a recogniser judges size and slant by: a worn 4 is read
as 1, 11 as II. Where most of the cells beside it, or above and below, count on by one, a cell that does not is read as
the number of its place, so far as the recogniser was in any doubt of what it read.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from extractor.chinese import is_chinese
from extractor.elements import Char
from extractor.joining.overpages import WholeCell, WholeTable
from extractor.kinds.headings import bare
from extractor.sums.spellings import NEVER, price
from extractor.wording.amended import amended, doubted, put_in, read_chars, unheld

NEAR = 6  # cells to either side that are asked
FEWEST = 4  # of them that count on by one
MOST_OTHERS = 0.34  # share of short texts without a Chinese character among them that may not
LONGEST = 3  # characters of such a number, misread
# Log-odds of a place's number against any other in a row that counts.
COUNTED = 9.0
_LEVEL = re.compile(r"([一二三四五])级(.+)")
LEVELS = "一二三四五"
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
    """The numbers that rows and columns which count ask for in cells that say otherwise."""
    rows: dict[int, list[WholeCell]] = defaultdict(list)
    columns: dict[int, list[WholeCell]] = defaultdict(list)
    for cell in table.cells:
        rows[cell.row].append(cell)
        columns[cell.col].append(cell)
    found = {spot: text for cells in rows.values() for spot, text in _levels(cells).items()}
    for cells in (*rows.values(), *columns.values()):
        texts = [bare(cell.text) for cell in cells]
        if sum(map(_counts, texts)) < FEWEST:
            continue
        for k, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            number = _asked(texts, k) if 0 < len(text) <= LONGEST else None
            if number is not None and text != str(number):
                found[cell.row, cell.col] = str(number)
    return found


def _levels(row: Sequence[WholeCell]) -> Mapping[tuple[int, int], str]:
    """Of headings 一级指标, 二级指标 … side by side the one that is said twice, as that of its place."""
    told = [(cell, found) for cell in row if (found := _LEVEL.fullmatch(bare(cell.text)))]
    wrong = [(cell, LEVELS[k] + "级" + m[2]) for k, (cell, m) in enumerate(told) if k < 5 and m[1] != LEVELS[k]]
    twice = len({m[1] for _, m in told}) < len(told) <= len(LEVELS) and len({m[2] for _, m in told}) == 1
    return {(cell.row, cell.col): text for cell, text in wrong} if twice and len(wrong) == 1 else {}


def _asked(texts: Sequence[str], k: int) -> int | None:
    """The number that those around the text at `k` ask for."""
    near = [at for at in range(max(0, k - NEAR), min(len(texts), k + NEAR + 1)) if at != k]
    votes = Counter(int(texts[at]) - at for at in near if _counts(texts[at]))
    offset, counted = votes.most_common(1)[0] if votes else (0, 0)
    short = sum(_is_short(texts[at]) for at in near)
    if counted < FEWEST or short - counted > MOST_OTHERS * short or k + offset < 1:
        return None
    return k + offset


def _counts(text: str) -> bool:
    return text.isdecimal() and len(text) <= LONGEST


def _is_short(text: str) -> bool:
    return 0 < len(text) <= LONGEST and not any(map(is_chinese, text))


def _settled(cell: WholeCell, number: str) -> WholeCell:
    chars = read_chars(cell)
    if not chars or "*" in cell.text:
        return cell
    worth = COUNTED - min(price(chars, number), _unseen(chars, number))
    if worth < LEAST and not number.isdecimal():
        return doubted(cell, {0: 1.0 / (1.0 + math.exp(worth))})
    return amended(cell, put_in(chars, number), 1.0 / (1.0 + math.exp(-worth))) if worth >= LEAST else cell


def _unseen(chars: Sequence[Char], number: str) -> float:
    """Price of a number of as many characters that the recogniser did not name, for all in which it departs."""
    if len(chars) != len(number):
        return NEVER
    return sum(unheld(char) for char, digit in zip(chars, number, strict=True) if char.text != digit)
