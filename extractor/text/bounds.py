"""A sign before a number (》98%, ≥95%) that was not read: told by the page's other signs, or by its own shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from extractor.elements import Box, Char, TextLine
from extractor.geometry import union
from extractor.text.leftover import Leftover, Pieces, em_of
from extractor.text.markshapes import bracket

SIGNS = frozenset("》《≥≤≧≦〉〈><＞＜")
CLEAR = 0.8  # posterior of a sign that others are told by
FEWEST = 2  # of them on a page
COMMON = 0.8  # share of the page's signs that are the same
LIKELY = 0.8  # probability of a sign told by others, and of one told by its shape
ALIKE = 0.3  # share by which its width and height may differ from theirs
BENT = {"(": "<《", ")": ">》"}  # what looks like a bracket there, wide and narrow
SIZES = ((0.2, 0.65), (0.6, 1.1))  # ems: its width and height
RUN_TOGETHER = 0.45  # ems: two blurred strokes together are no thicker
NARROW = 1.6  # height by width: 》 is narrow, > and ＞ are not


class PageSigns:
    """The sign that a page's numbers bear, if nearly all bear one and the same, and its size."""

    def __init__(self, lines: Sequence[TextLine], pieces: Pieces) -> None:
        self._pieces = pieces
        told = [(line, chars) for line in lines if (chars := _signed(line)) is not None]
        counts = Counter(chars[0].text for _, chars in told)
        usual, times = counts.most_common(1)[0] if counts else ("", 0)
        self._usual = usual if times >= max(FEWEST, COMMON * counts.total()) else ""
        sizes = [
            size for line, chars in told if chars[0].text == self._usual
            if (size := self._size(line, chars)) is not None
        ]
        self._size_of_it = (median(w for w, _ in sizes), median(h for _, h in sizes)) if sizes else None

    def sign(self, mark: Leftover, line: TextLine) -> Char | None:
        """The sign that a left-over piece at the head of a number is, None where nothing tells."""
        chars = [char for char in line.chars if char.text.strip()]
        if not chars or not chars[0].text.isdigit() or mark.box.center.x > chars[0].x:
            return None
        size = (mark.box.width / mark.em, mark.box.height / mark.em)
        known = self._size_of_it
        if known and all(abs(own - its) <= ALIKE * its for own, its in zip(size, known, strict=True)):
            return Char(self._usual, LIKELY, mark.box.center.x)
        if not all(low <= own <= high for own, (low, high) in zip(size, SIZES, strict=True)):
            return None
        kind = bracket(self._pieces.cut(mark.box), mark.em, RUN_TOGETHER)
        if not kind:
            return None
        return Char(BENT[kind][mark.box.height >= NARROW * mark.box.width], LIKELY, mark.box.center.x)

    def _size(self, line: TextLine, chars: Sequence[Char]) -> tuple[float, float] | None:
        """Width and height of a line's sign in ems."""
        em = em_of(line, self._pieces.scale)
        middle = (chars[0].x + chars[1].x) / 2
        found = self._pieces.within(Box(line.box.x0, line.box.y0, middle, line.box.y1)).tolist()
        own = union([Box(*one) for one in found]) if found else None
        return None if own is None or own.x1 > chars[1].x else (own.width / em, own.height / em)


def _signed(line: TextLine) -> list[Char] | None:
    """The characters of a clear line that a sign and a digit begin."""
    chars = [char for char in line.chars if char.text.strip()]
    head = len(chars) > 1 and chars[0].text in SIGNS and chars[1].text.isdigit() and chars[0].p >= CLEAR
    return chars if head else None
