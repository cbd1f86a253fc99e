"""Long numbers that differ by one digit from one said more often in the document (2,519.18 beside nine 2,549.18).

A budget says the same amount in many places: above and below a sum, by function and by item. A worn digit makes
another amount of one of them, and where the same rule or fold wore both of two sums, these still agree. Two amounts of
five figures and more hardly ever differ by one digit by chance: the rarer one is no longer believed in that digit.
Round ones do (1,600.00 and 1,200.00), and codes, and are left alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from extractor.amended import doubted, read_chars
from extractor.overpages import WholeCell, WholeTable

FEWEST = 5  # figures, without zeros at either end
DOUBT = 0.5  # probability of the digit that differs
_AMOUNT = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


def with_near_numbers_doubted(tables: Sequence[WholeTable]) -> list[WholeTable]:
    """The tables with such a number's digit doubted, where the other number stands more often."""
    counts = Counter(text for table in tables for cell in table.cells if _is_long(text := cell.text.strip()))
    near: dict[str, list[str]] = defaultdict(list)
    for text in counts:
        for rest in _rests(text):
            near[rest].append(text)
    if all(len(texts) < 2 for texts in near.values()):
        return list(tables)
    return [replace(table, cells=tuple(_told(cell, counts, near) for cell in table.cells)) for table in tables]


def _is_long(text: str) -> bool:
    if not _AMOUNT.fullmatch(text) or not ("." in text or "," in text):
        return False
    return len(re.sub(r"\D", "", text).strip("0")) >= FEWEST


def _rests(text: str) -> Iterator[str]:
    """A number with each of its digits in turn left open."""
    return (f"{text[:k]}?{text[k + 1 :]}" for k, char in enumerate(text) if char.isdigit())


def _told(cell: WholeCell, counts: Mapping[str, int], near: Mapping[str, Sequence[str]]) -> WholeCell:
    text = cell.text.strip()
    if text not in counts or not read_chars(cell):
        return cell
    open_ = [k for k, char in enumerate(text) if char.isdigit()]
    most = {
        k: DOUBT for k, rest in zip(open_, _rests(text), strict=True)
        if any(counts[other] > counts[text] for other in near[rest])
    }
    return doubted(cell, most) if most else cell
