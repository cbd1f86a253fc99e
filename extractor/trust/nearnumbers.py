"""Long numbers that differ by one digit from one said more often in the document (2,519.18 beside nine 2,549.18).

A budget says the same amount in many places: above and below a sum, by function and by item. A worn digit makes
another amount of one of them, and where the same fold wore both of two sums, these still agree. Two amounts of five
figures and more hardly ever differ by one digit by chance (4 of 2,278 in the truth of 40 documents): the rarer one is
not to be believed, whatever its sums say. Of two that are said as often, only one that no sum proves is doubted.
Round ones do differ so (1,600.00 and 1,200.00), and codes, and are left alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set

from extractor.joining.meaning import MeantTable
from extractor.sums.ledger import Place

FEWEST = 5  # figures, without zeros at either end
_AMOUNT = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


def near_numbers(tables: Sequence[MeantTable], proven: Set[Place]) -> frozenset[Place]:
    """Places (table's id, row, column) of the numbers that differ so from one that stands more often, or as often.

    `proven`: places of numbers that keep a sum.
    """
    said = {
        (table.id, cell.row, cell.col): text
        for table in tables for cell in table.cells if _is_long(text := cell.text.strip())
    }
    counts = Counter(said.values())
    near: dict[str, set[str]] = defaultdict(set)
    for text in counts:
        for rest in _rests(text):
            near[rest].add(text)
    alike = [texts for texts in near.values() if len(texts) > 1]
    rarer, as_often = set[str](), set[str]()
    for texts in alike:
        most = max(map(counts.__getitem__, texts))
        often = {text for text in texts if counts[text] == most}
        rarer |= texts - often
        as_often |= often if len(often) > 1 else set()
    return frozenset(
        place for place, text in said.items() if text in rarer or (text in as_often and place not in proven)
    )


def _is_long(text: str) -> bool:
    if not _AMOUNT.fullmatch(text) or not ("." in text or "," in text):
        return False
    return len(re.sub(r"\D", "", text).strip("0")) >= FEWEST


def _rests(text: str) -> Iterator[str]:
    """A number with each of its digits in turn left open."""
    return (f"{text[:k]}?{text[k + 1 :]}" for k, char in enumerate(text) if char.isdigit())
