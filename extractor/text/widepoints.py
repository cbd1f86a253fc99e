"""The point of an amount set in full-width digits (１８９．４６), where the recogniser lost it or took it for another.

Each of its digits and its point fill an em. The recogniser was taught the half-width ones, and drops a dot that stands
alone in a blank as wide as a digit, or reads 0·00, or 0 00: a hundred times the amount, and sure of it. But digits that
stand at one pitch, with twice the pitch in one place, leave no choice what stands there. Where such an amount is
wrapped, its point ends the upper line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import numpy as np

from extractor.elements import Box, Char, TextLine
from extractor.geometry import overlap, union
from extractor.text.leftover import Pieces

# Digit heights: full-width digits stand about 1.4 apart, half-width ones 0.7, and numbers of two columns further.
FULL = (1.15, 1.9)
ONE_STEP = 2.1  # digit heights: a step longer than this is two
EVEN = 0.2  # pitches: how far a step may be off one or two of them
TALL = 0.5  # text heights: a digit is higher, a point lower
SLOT = 0.35  # pitches: a point stands so near the middle of its place
SEEN = 0.9  # probability of a point that its place and its ink show
UNSEEN = 0.75  # of one whose ink is gone
HALF = 0.5  # of a wrapped amount whose point nothing shows; of a sign that may be a point or a comma
DIGITS = frozenset("0123456789")
SIGNS = frozenset(".,·•:、'`")  # what a lost point is read as
GROUP = 3  # digits between commas


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of full-width digits as printed. `xs`: their middles in pixels, `wide`: after which a place is left."""

    digits: tuple[Char, ...]
    xs: tuple[float, ...]
    pitch: float
    wide: tuple[int, ...]


def with_wide_points(lines: tuple[TextLine, ...], pieces: Pieces) -> tuple[TextLine, ...]:
    """A cell's lines with the points of amounts in full-width digits. `pieces`: the page's ink."""
    rows = _rows(lines)
    settings = [_setting(line, pieces) for line in rows]
    if not any(settings):
        return lines
    out = [
        line if own is None else _set(line, own, pieces, last=k == len(rows) - 1)
        for k, (line, own) in enumerate(zip(rows, settings, strict=True))
    ]
    if len(rows) > 1 and all(_is_number(line) for line in out) and not any(SIGNS.intersection(r.text) for r in out):
        for k, own in enumerate(settings[:-1]):
            end = None if own is None else _point(out[k].box, own.xs[-1] + own.pitch, own.pitch, pieces)
            if end is not None:
                return (*out[:k], _ended(out[k], *end), *out[k + 1 :])
        out[-1] = _doubted(out[-1])
    return tuple(out)


def _rows(lines: tuple[TextLine, ...]) -> list[TextLine]:
    """Lines, those of an amount as one that the detector parted at its point's blank."""
    out: list[TextLine] = []
    for line in lines:
        beside = out and overlap(out[-1].box.y0, out[-1].box.y1, line.box.y0, line.box.y1) > 0.5 * line.box.height
        if beside and _is_number(out[-1]) and _is_number(line) and out[-1].box.center.x < line.box.center.x:
            before = out.pop()
            line = replace(
                line, text=before.text + line.text, chars=before.chars + line.chars, box=union([before.box, line.box])
            )
        out.append(line)
    return out


def _is_number(line: TextLine) -> bool:
    return all(char.text in DIGITS or char.text in SIGNS or char.text.isspace() for char in line.chars)


def _setting(line: TextLine, pieces: Pieces) -> Setting | None:
    """How a line's digits stand; None where it is no number, or no ink shows one piece a digit, or not full-width."""
    read = [char for char in line.chars if char.text.strip()]
    digits = tuple(char for char in read if char.text in DIGITS)
    if len(digits) < 2 or not _is_number(line):
        return None
    tall = [box for box in pieces.within(line.box).tolist() if box[3] - box[1] > TALL * pieces.scale]
    if len(tall) != len(digits):
        return None
    height = median(box[3] - box[1] for box in tall)
    xs = tuple((box[0] + box[2]) / 2 for box in tall)
    steps = [b - a for a, b in pairwise(xs)]
    least = min(steps)
    if least <= 0:
        return None  # a line's box that holds ink of the next one: pieces stand above each other
    single = [step for step in steps if step < 1.5 * least]
    pitch = sum(single) / len(single)
    if least > ONE_STEP * height:
        pitch /= 2
    counts = [round(step / pitch) for step in steps]
    even = all(n in (1, 2) and abs(step / pitch - n) <= EVEN for n, step in zip(counts, steps, strict=True))
    if not FULL[0] * height <= pitch <= FULL[1] * height or not even:
        return None
    return Setting(digits, xs, pitch, tuple(k for k, n in enumerate(counts) if n == 2))


def _set(line: TextLine, own: Setting, pieces: Pieces, *, last: bool) -> TextLine:
    """The line with a sign wherever a place is left, and none elsewhere but at the end of a wrapped one."""
    texts = _signs_of(own, line, last)
    if texts is None or not _is_proven(line, own, pieces):
        return line
    chars: list[Char] = []
    for k, (digit, x) in enumerate(zip(own.digits, own.xs, strict=True)):
        chars.append(replace(digit, x=x))
        if k in own.wide:
            text, sure = texts[own.wide.index(k)]
            chars.append(_sign(line, own, k, text, sure, pieces))
    tail = [char for char in line.chars if char.text in SIGNS and char.x > own.digits[-1].x]
    end = None if last or not tail else _point(line.box, own.xs[-1] + own.pitch, own.pitch, pieces)
    if end is not None:
        chars.append(replace(tail[0], text=".", x=end[0]))
    text = "".join(char.text for char in chars)
    return line if text == line.text else replace(line, text=text, chars=tuple(chars))


def _is_proven(line: TextLine, own: Setting, pieces: Pieces) -> bool:
    """Whether the digits leave no choice. No sign that was read is dropped where no place is left for another.

    Two digits have no pitch to go by: they may be two numbers, or a half-width one with its point (6.4).
    """
    if own.wide:
        middle = (own.xs[0] + own.xs[-1]) / 2
        return len(own.digits) > 2 or _point(line.box, middle, own.pitch, pieces) is not None
    within = (char for char in line.chars if char.x < own.digits[-1].x)
    return len(own.digits) > 2 and not any(char.text in SIGNS for char in within)


def _signs_of(own: Setting, line: TextLine, last: bool) -> list[tuple[str, bool]] | None:
    """What stands in each place that is left, and whether that is sure; None where no number has such places."""
    if not own.wide:
        return []
    groups = [b - a for a, b in pairwise((*own.wide, len(own.digits) - 1))]
    if any(size != GROUP for size in groups[:-1]) or (len(groups) > 1 and own.wide[0] >= GROUP):
        return None
    out = [(",", True)] * (len(groups) - 1)
    if groups[-1] != GROUP or own.wide[0] >= GROUP:
        return [*out, (".", True)]
    read = [char.text for char in line.chars if char.text in ".,"]
    return [*out, (read[-1] if read else "," if last else ".", bool(out))]


def _sign(line: TextLine, own: Setting, k: int, text: str, sure: bool, pieces: Pieces) -> Char:
    """The sign between two digits: as sure as it was read there, or as its ink shows it."""
    middle = (own.xs[k] + own.xs[k + 1]) / 2
    before, after = own.digits[k].x, own.digits[k + 1].x
    read = max((char.p for char in line.chars if char.text in SIGNS and before < char.x < after), default=0.0)
    found = _point(line.box, middle, own.pitch, pieces)
    return Char(text, max(read, found[1] if found else UNSEEN) if sure else HALF, middle)


def _point(line: Box, x: float, pitch: float, pieces: Pieces) -> tuple[float, float] | None:
    """Where the ink of a point stands near some place of a line, and how surely it is one; None where there is none.

    On a peppered page a point is no larger than the specks that were taken off.
    """
    room = Box(x - SLOT * pitch, line.y0, x + SLOT * pitch, line.y1)
    most = TALL * pieces.scale
    small = [box for box in pieces.within(room).tolist() if max(box[3] - box[1], box[2] - box[0]) < most]
    if small:
        return (small[0][0] + small[0][2]) / 2, SEEN
    part = pieces.peppered[int(room.y0) : int(room.y1), max(0, int(room.x0)) : int(room.x1)]
    inked = np.flatnonzero(part.any(axis=0))
    if not len(inked) or inked[-1] - inked[0] >= most:
        return None
    return room.x0 + float(inked.mean()), UNSEEN


def _ended(line: TextLine, x: float, p: float) -> TextLine:
    box = line.box._replace(x1=max(line.box.x1, x))
    return replace(line, text=line.text + ".", chars=(*line.chars, Char(".", p, x)), box=box)


def _doubted(line: TextLine) -> TextLine:
    if not line.chars:
        return line
    last = line.chars[-1]
    return replace(line, chars=(*line.chars[:-1], replace(last, p=min(last.p, HALF))))

