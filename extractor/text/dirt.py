"""Points and colons that only a peppered page's specks made, taken out of what was read.

No text ends in a point after a Chinese character or begins with one, no decimal point stands above a number's feet.
Where the ink of such a mark is no larger than the page's specks, it was one. What could be either stays, doubted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from extractor.elements import Box, Char, TextLine
from extractor.text.leftover import Pieces, em_of, is_wide

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.text.specks import Specks

POINTS = frozenset(".·•'‘’`°˙")  # no cell's text begins or ends with one of these, unless it numbers an item (1.)
MARKS = POINTS | frozenset("，,、；;：:。…")  # nor does a text of one line with one of these, but for a colon
COLONS = frozenset("：:；;")
HALF = {True: 0.45, False: 0.22}  # ems: from a wide, a narrow character's middle to its ink's side
REACH = 0.5  # ems: how far from a mark's place its ink lies
FEET = 0.16  # ems: a point's middle lies no higher above a number's feet
LEVEL = 0.1  # ems: and a middle dot's no further from the line's middle
ALIGNED = 0.07  # ems: two points of a colon stand so exactly above each other
SLOT = 1.5  # ems: full-width digits beside each other are one em apart, those on both sides of a mark two
KEPT = 0.95  # the most that a character beside dirt is believed
_WHOLE = re.compile(r"-?[\d,，]+")
_AMOUNT = re.compile(r"-?[\d,，]+[.·•]\d{1,2}")
EITHER = 0.5  # posterior of a mark that may be dirt


def without_dirt(lines: Sequence[TextLine], pieces: Pieces, specks: Specks) -> tuple[TextLine, ...]:
    """A cell's lines, or lines of no table, without marks that specks made."""
    if not specks.size:
        return tuple(lines)
    ending = MARKS if len(lines) == 1 else POINTS
    return tuple(
        line if _wraps_at_point(lines, k)
        else _doubted(line) if _may_lack_point(lines, k)
        else _cleaned(line, pieces, specks.size, ending)
        for k, line in enumerate(lines)
    )


def _may_lack_point(lines: Sequence[TextLine], k: int) -> bool:
    """Whether the last two digits of a number stand in the next line: its point, at the line's end, may be off."""
    after = lines[k + 1].text.strip() if k + 1 < len(lines) else ""
    return len(after) == 2 and after.isdigit() and _WHOLE.fullmatch(lines[k].text.strip()) is not None


def _doubted(line: TextLine) -> TextLine:
    return replace(line, chars=(*line.chars[:-1], replace(line.chars[-1], p=min(EITHER, line.chars[-1].p))))


def _wraps_at_point(lines: Sequence[TextLine], k: int) -> bool:
    """Whether a line is an amount's part up to or from its point, and the rest of it is the line beside it."""
    own = lines[k].text.strip()
    after = lines[k + 1].text.strip() if k + 1 < len(lines) else ""
    before = lines[k - 1].text.strip() if k else ""
    return (own[-1:] in POINTS and after.isdigit() and _AMOUNT.fullmatch(own + after) is not None) or (
        own[:1] in POINTS and _WHOLE.fullmatch(before) is not None and _AMOUNT.fullmatch(before + own) is not None
    )


def _cleaned(line: TextLine, pieces: Pieces, size: float, ending: frozenset[str]) -> TextLine:
    em = em_of(line, pieces.scale)
    read = [char for char in line.chars if char.text.strip()]
    chars = list(read)
    while len(chars) > 1 and chars[-1].text in ending:
        ink = _beyond(chars[-2], chars[-1], 1, line, pieces, em)
        if not _is_dirt(ink, size) or (chars[-1].text in COLONS and _are_colon(ink, em)):
            break
        if chars[-2].text.isdigit() and len(chars) < 4 and _at_feet(ink, line, pieces, em):
            chars[-1] = replace(chars[-1], p=min(EITHER, chars[-1].p))
            break
        chars[-2:] = [_beside(chars[-2])]
    while len(chars) > 1 and chars[0].text in MARKS and _is_dirt(
        _beyond(chars[1], chars[0], -1, line, pieces, em), size
    ):
        chars[:2] = [_beside(chars[1])]
    chars = _inside(chars, line, pieces, size, em)
    if chars == read:
        return line
    spaced = _with_spaces(line.chars, chars)
    return replace(line, text="".join(char.text for char in spaced), chars=spaced)


def _beside(char: Char) -> Char:
    return replace(char, p=min(KEPT, char.p))


def _with_spaces(before: Sequence[Char], kept: Sequence[Char]) -> tuple[Char, ...]:
    """Kept characters with the spaces that stood between them."""
    blanks = [char for char in before if not char.text.strip() and kept[0].x < char.x < kept[-1].x]
    return tuple(sorted((*kept, *blanks), key=lambda char: char.x))


def _beyond(char: Char, mark: Char, way: int, line: TextLine, pieces: Pieces, em: float) -> Picture:
    """Pieces of ink where a mark was read at a line's end (way 1) or head (-1), beyond the character beside it."""
    edge = char.x + way * HALF[is_wide(char)] * em
    far = mark.x + way * REACH * em
    return pieces.within(Box(min(edge, far), line.box.y0, max(edge, far), line.box.y1))


def _is_dirt(ink: Picture, size: float) -> bool:
    """Whether there is ink, and none of it larger than specks."""
    return bool(len(ink)) and float(max((ink[:, 2] - ink[:, 0]).max(), (ink[:, 3] - ink[:, 1]).max())) <= size


def _are_colon(ink: Picture, em: float) -> bool:
    middles = (ink[:, 0] + ink[:, 2]) / 2
    return len(ink) == 2 and abs(float(middles[0] - middles[1])) < ALIGNED * em


def _feet(line: TextLine, pieces: Pieces, em: float) -> float:
    """Height of the feet of a line's large pieces, or of its box."""
    found = pieces.within(line.box)
    tall = found[found[:, 3] - found[:, 1] > 0.4 * em]
    return float(np.median(tall[:, 3])) if len(tall) else line.box.y1


def _at_feet(ink: Picture, line: TextLine, pieces: Pieces, em: float) -> bool:
    middle = float((ink[:, 1] + ink[:, 3]).mean() / 2)
    return abs(_feet(line, pieces, em) - middle) < FEET * em


def _inside(chars: Sequence[Char], line: TextLine, pieces: Pieces, size: float, em: float) -> list[Char]:
    """Characters without points between Chinese ones, and without such above a number's feet."""
    out = list(chars)
    for k in range(len(out) - 2, 0, -1):
        before, mark, after = out[k - 1 : k + 2]
        if mark.text not in POINTS:
            continue
        ink = pieces.within(Box(
            before.x + HALF[is_wide(before)] * em, line.box.y0, after.x - HALF[is_wide(after)] * em, line.box.y1
        ))
        if not _is_dirt(ink, size):
            continue
        wide, digits = (all(ask(c) for c in (before, after)) for ask in (is_wide, _is_digit))
        lowest = float((ink[:, 1] + ink[:, 3]).max() / 2)
        if digits and after.x - before.x > SLOT * em:
            continue  # full-width figures set so far apart have a point of their own width between them
        raised = mark.text == "·" and abs(lowest - line.box.center.y) < LEVEL * em
        if (wide and not raised) or (digits and _feet(line, pieces, em) - lowest > 1.5 * FEET * em):
            out[k - 1 : k + 2] = [_beside(before), _beside(after)]
    return out


def _is_digit(char: Char) -> bool:
    return char.text.isdigit()
