"""一 before 般 (一般公共预算), worn away without a trace: one thin level stroke, and no word begins with 般.

It is put in only where the page has room for it, and as no more than likely: whoever counts on it should look.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extractor.chinese import is_chinese
from extractor.elements import Char, TextLine
from extractor.text.leftover import em_of
from extractor.text.reading import DASHES

ONE = "一"
LIKELY = 0.8  # probability of a character that words and an empty place tell
ROOM = 1.2, 1.5  # ems from the cell's side, or from the mark before, to the middle of 般
ABOVE = 3.0  # ems: a line that ends with 一 so near above goes on with 般

_REST = re.compile(r"般(?:公共|行政|债务|性)")


def with_lost_ones(lines: Sequence[TextLine], left: float, scale: float) -> tuple[TextLine, ...]:
    """Lines, from the top, with 一 where 般 lacks it. left: the side of their room, scale: text height, in pixels."""
    return tuple(_mended(line, lines, left, scale) if _REST.search(line.text) else line for line in lines)


def _mended(line: TextLine, lines: Sequence[TextLine], left: float, scale: float) -> TextLine:
    em = em_of(line, scale)
    chars = list(line.chars)
    for k in range(len(chars) - 1, -1, -1):
        if not _REST.match("".join(char.text for char in chars[k:])):
            continue
        before = chars[k - 1] if k else None
        if before is None:
            fits = chars[0].x - left >= ROOM[0] * em and not any(_goes_on(other, line, em) for other in lines)
        else:
            there = any(char.text == ONE for char in chars[max(0, k - 2) : k])  # before a mark that was put in between
            known = there or is_chinese(before.text) or before.text in DASHES
            fits = not known and chars[k].x - before.x >= ROOM[1] * em
        if fits:
            chars.insert(k, Char(ONE, LIKELY, chars[k].x - em))
    if len(chars) == len(line.chars):
        return line
    return replace(line, text="".join(char.text for char in chars), chars=tuple(chars), by_words=True)


def _goes_on(above: TextLine, line: TextLine, em: float) -> bool:
    """Whether a line is the next after one that ends with 一."""
    return above.text.rstrip().endswith(ONE) and 0 < line.box.center.y - above.box.center.y < ABOVE * em
