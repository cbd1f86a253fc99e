"""Stars (**) in place of a code, which the recogniser takes for small Chinese characters (火火, 大, 申市).

No Chinese character is as small as half its line's others: two or three small blobs alike, as wide as high, dark in
their middle, are stars unless they were read as something else for sure.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extractor.elements import Box, Char, TextLine
from extractor.text.leftover import EM, Pieces, is_wide

if TYPE_CHECKING:
    from extractor.elements import Picture

STAR = "*"
MOST = 3  # stars in a row
SMALL = (0.25, 0.62)  # ems: a star's side
SQUARE = 1.5  # its longer side by the shorter
ALIKE = 1.35  # the largest star's side by the smallest's
LEVEL = 0.15  # ems: how far one stands off the row
FULL = 0.6  # share of a star's middle that is inked
SURE = 0.97  # mean posterior from which a Chinese character so small is believed
UNSURE = 0.6  # the same of any other character
SEEN = 0.85  # probability of a star
MARKS = frozenset("*＊★☆※×✱")


def as_stars(line: TextLine, pieces: Pieces) -> TextLine:
    """The line as stars where its ink is nothing else; any other line as it is."""
    chars = [char for char in line.chars if char.text.strip()]
    if not 1 <= len(chars) <= MOST or all(char.text == STAR for char in chars):
        return line
    mean = sum(char.p for char in chars) / len(chars)
    foreign = any(is_wide(char) or char.text in MARKS for char in chars)
    if mean >= (SURE if foreign else UNSURE):
        return line
    em = EM * pieces.scale
    blobs = _blobs(pieces, line.box, em)
    if not 1 <= len(blobs) <= MOST or not all(_is_star(pieces.cut(blob), blob, em) for blob in blobs):
        return line
    if len(blobs) == 1 and chars[0].text not in MARKS:
        return line
    sides = [max(blob.width, blob.height) for blob in blobs]
    heights = [blob.center.y for blob in blobs]
    if max(sides) > ALIKE * min(sides) + 1 or max(heights) - min(heights) > LEVEL * em + 1:
        return line
    stars = tuple(Char(STAR, SEEN if not k else 1.0, blob.center.x) for k, blob in enumerate(blobs))
    return replace(line, text=STAR * len(stars), chars=stars, by_words=True)


def _blobs(pieces: Pieces, line: Box, em: float) -> list[Box]:
    """A line's ink, what stands over or in one another as one."""
    out: list[Box] = []
    for x0, y0, x1, y1 in pieces.within(line).tolist():
        if out and x0 < out[-1].x1 - 0.05 * em:
            last = out[-1]
            out[-1] = Box(last.x0, min(last.y0, y0), max(last.x1, x1), max(last.y1, y1))
        else:
            out.append(Box(x0, y0, x1, y1))
    return out


def _is_star(ink: Picture, box: Box, em: float) -> bool:
    small = all(SMALL[0] * em <= side <= SMALL[1] * em for side in (box.width, box.height))
    if not small or max(box.width, box.height) > SQUARE * min(box.width, box.height):
        return False
    height, width = ink.shape
    middle = ink[height // 3 : height - height // 3, width // 3 : width - width // 3]
    return bool(middle.size) and float(middle.mean()) > FULL
