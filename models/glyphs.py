"""A page's own digits, learned where they were read for sure and laid over those in doubt.

One page is printed in one font, at one size, by one worn machine: what its digits look like after all that, its
clear numbers show hundreds of times over. Their crops are cut at the digits' pitch, registered to one another and
averaged, one template for each character. A digit in doubt is then explained by each template in turn, with a
contrast of its own that may change across the character (a patch that faded), and what no contrast explains
decides. After document image decoding (Kopec and Chou 1994) and the adaptive classifier of Tesseract (Smith 2007).
The recogniser, which looks for any of 18,709 characters in any font, misreads most what is half faded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from extractor.elements import Char, TextLine
from models.shapes import PageShapes
from models.templates import (
    CLEAR,
    DIGITS,
    NUMBERS,
    PITCH,
    ROOM,
    SIGNS,
    Glyphs,
    PlacedLine,
    centres_of,
    placed_line,
    register,
    unexplained,
    window_at,
)

NUDGES = (-0.1, -0.05, 0.0, 0.05, 0.1)  # advances by which a character may stand off its line's pitch
UNKNOWN = "\ufffd"  # a place in a number where the recogniser saw nothing, or what no number has
# A digit that was missed: where so much more room is than two neighbours take, pitches; with so much of the others'
# variance of ink; where a template leaves no more of it unexplained than AT_END beside a number, WITHIN in a gap of one
# (beside numbers that lack nothing it leaves 0.73 and more); and never surer than MISSED.
ROOMY = 0.65
INKED = 0.05
AT_END = 0.6
WITHIN = 0.7
MISSED = 0.7
PROPER = re.compile(r"-?(?:\d+|\d{1,3}(?:[.,]\d{3})+)(?:\.\d{1,2})?|[≥≤≧≦><]?\d{1,3}(?:\.\d+)?%?")
PALEST = 0.02  # of a line's middling variance of ink: a place with less is blank, not a faded character
AGREED = 0.75  # of a line's clear digits: below this it is set in another font than the page's numbers
SURE = 0.995  # a line whose characters are all as sure is not looked at
# Logarithm of the odds between two characters: EVIDENCE times that of the shares of ink which they leave unexplained,
# and TRUST times that of the recogniser's posteriors, LEAST for one that it did not name. Of all 470 numbers of four
# worn documents, 26 digits were better explained by another template than by the digit read: 22 of them were misread,
# one of these with a posterior of 0.998; where the shares differed by more than a twelfth, all but one.
EVIDENCE = 25.0
TRUST = 0.5
LEAST = 0.002
SUREST = 0.95
FARTHEST = 7.0  # logarithm of the odds beyond which a template's character is not named at all
# A character read with READ or more stands unless a template leaves no more than BORNE of its ink unexplained; one read
# with STANDS or more stands (templates were wrong in all three such on seven worn documents).
READ = 0.9
STANDS = 0.99
BORNE = 0.5
REGISTERED = 0.5  # least correlation of a line with its templates: below it something else is in the crop


def in_doubt(line: TextLine) -> bool:
    """Whether a line is a number that templates could better: one character at least is not as sure as can be."""
    return any(c.p < SURE for c in line.chars) and bool(_slots(line))


def settle(line: TextLine, crop: NDArray[np.uint8], glyphs: Glyphs, shapes: PageShapes) -> TextLine:
    """A number with each character as the page's templates and the recogniser together have it likeliest.

    A digit that was left out is put in where the number's pitch leaves room for it, there is ink, and a template
    explains it, so long as the page's numbers have such shapes. A new character is as sure as it is among all that
    either held possible, SUREST at most.
    """
    if not crop.size or not in_doubt(line):
        return line
    for roomy in (_with_room(line, glyphs), line):
        found = _settled(roomy, crop, glyphs)
        if found.text == line.text:
            continue  # with room put in, a line may no longer fit the templates
        if len(found.chars) == len(line.chars) or _likelier(found.text, line.text, shapes):
            return found
    return line


def weighed(line: TextLine, crop: NDArray[np.uint8], glyphs: Glyphs) -> TextLine:
    """A number with what the page's templates leave unexplained of each digit (`Char.drawn`), as read and otherwise.

    Nothing is decided: what a number could be instead is asked later, by the sums.
    """
    if not crop.size or not in_doubt(line):
        return line
    text = _slots(line)
    shares = _shares_of(line, text, crop, glyphs)
    if not _borne_out(line, shares):
        return line
    near = [_near(char.text, own) if own else () for char, own in zip(line.chars, shares, strict=True)]
    return replace(line, chars=tuple(replace(c, drawn=own) for c, own in zip(line.chars, near, strict=True)))


def _near(text: str, shares: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """The shares of the character read and of all that explain its ink nearly as well, the best first.

    Nothing where no other does, or where the page has no template of the character read.
    """
    if text not in shares:
        return ()
    most = math.exp(FARTHEST / EVIDENCE) * shares[text]
    near = [(c, round(share, 4)) for c, share in sorted(shares.items(), key=lambda item: item[1]) if share <= most]
    return tuple(near) if len(near) > 1 else ()


def _settled(line: TextLine, crop: NDArray[np.uint8], glyphs: Glyphs) -> TextLine:
    shares = _shares_of(line, _slots(line), crop, glyphs)
    if not _borne_out(line, shares):
        shares = [{} for _ in line.chars]
    chosen = (_chosen(char, own) for char, own in zip(line.chars, shares, strict=True))
    chars = tuple(char for char in chosen if char.text != UNKNOWN)
    return replace(line, text="".join(c.text for c in chars), chars=chars, by_words=True)


def _with_room(line: TextLine, glyphs: Glyphs) -> TextLine:
    """A number with an unknown character wherever its pitch leaves room for one, and before and after it."""
    chars = line.chars
    out = [Char(UNKNOWN, 0.0, chars[0].x - glyphs.pitch)]
    for k, char in enumerate(chars):
        if k:
            wide = sum(glyphs.advance.get(c.text, 1.0) for c in (chars[k - 1], char)) / 2
            if char.x - chars[k - 1].x > (wide + ROOMY) * glyphs.pitch:
                out.append(Char(UNKNOWN, 0.0, (char.x + chars[k - 1].x) / 2))
        out.append(char)
    out.append(Char(UNKNOWN, 0.0, chars[-1].x + glyphs.pitch))
    return replace(line, text="".join(c.text for c in out), chars=tuple(out))


def _likelier(text: str, before: str, shapes: PageShapes) -> bool:
    """Whether a text with more digits is a number of the page's kinds, no less than it was without them."""
    return re.fullmatch(PROPER, text) is not None and shapes.odds(text) >= shapes.odds(before)


def _borne_out(line: TextLine, shares: Sequence[Mapping[str, float]]) -> bool:
    """Whether the digits that the recogniser is sure of are, by and large, those that the templates show.

    A line in another font, bold or slanted, is no match for this page's templates.
    """
    clear = [(char.text, own) for char, own in zip(line.chars, shares, strict=False) if own and char.p >= CLEAR]
    agreed = sum(min(own, key=own.__getitem__) == text for text, own in clear)
    return agreed > 0 and agreed >= AGREED * len(clear)


def _slots(line: TextLine) -> str:
    """A number's characters as the page's templates know them, UNKNOWN for what no number has; or nothing."""
    own = [c.text for c in line.chars]
    foreign = [k for k, c in enumerate(own) if c not in NUMBERS and c != UNKNOWN]
    digits = sum(c in DIGITS for c in own)
    if digits < 2 or 2 * len(foreign) > digits or any(line.chars[k].p >= SURE for k in foreign):
        return ""
    if any(own[k].isspace() and not _within_digits(own, k) for k in foreign):
        return ""
    return "".join(UNKNOWN if c not in NUMBERS else c for c in own)


def _within_digits(own: Sequence[str], k: int) -> bool:
    return 0 < k < len(own) - 1 and own[k - 1] not in SIGNS and own[k + 1] not in SIGNS


def _shares_of(line: TextLine, text: str, crop: NDArray[np.uint8], glyphs: Glyphs) -> list[dict[str, float]]:
    """For each character of a text, the share of its ink (0..1) that each template leaves unexplained.

    Any digit may stand for a digit, or for what no number has, and a number may end in %. Empty for marks and signs,
    for a place without ink, and for all where the line does not fit the page's templates.
    """
    nothing: list[dict[str, float]] = [{} for _ in text]
    if any(c not in glyphs.advance and c != UNKNOWN for c in text.strip(UNKNOWN)[1:-1]):
        return nothing
    advance = dict.fromkeys(text, 1.0) | dict(glyphs.advance)
    one = placed_line(line, text, crop, glyphs.pitch, advance)
    if register(one, glyphs.means, advance) < REGISTERED:
        return nothing
    centres = centres_of(text, advance)
    windows = [np.stack([window_at(one, centre + nudge).ravel() for nudge in NUDGES]) for centre in centres]
    inked = [float(w[len(NUDGES) // 2].var()) for w in windows]
    middling = float(np.median([ink for ink, char in zip(inked, text, strict=True) if char in DIGITS]))
    last = len(text.rstrip(UNKNOWN)) - 1 if line.chars[-1].text == UNKNOWN else len(text) - 1
    for k, char in enumerate(text):
        missed = line.chars[k].text == UNKNOWN
        if missed and not _inside(one, centres[k]):
            continue
        if char in DIGITS + UNKNOWN and inked[k] >= (INKED if missed else PALEST) * middling:
            shares = zip(glyphs.means, unexplained(windows[k], glyphs.fits).tolist(), strict=True)
            own = {c: share for c, share in shares if c in DIGITS or (c == "%" and k == last)}
            if not missed or min(own.values()) <= (WITHIN if 0 < k < len(text) - 1 else AT_END):
                nothing[k] = own
    return nothing


def _inside(one: PlacedLine, centre: float) -> bool:
    """Whether most of a character's window lies in the crop, not in the paper put around it."""
    x = one.left + centre * PITCH - (PITCH + ROOM)
    return bool(0.1 * PITCH <= x <= one.ink.shape[1] - 2 * (PITCH + ROOM) - 0.1 * PITCH)


def _chosen(char: Char, shares: Mapping[str, float]) -> Char:
    """A character, or the one that its ink has for likelier by far than the recogniser has for less likely."""
    if not shares or (char.text in NUMBERS and char.text not in shares):
        return char
    missed = char.text == UNKNOWN
    held = {**dict(char.others), char.runner_up: char.runner_up_p, char.text: char.p}
    worths = {
        c: TRUST * math.log(max(held.get(c, 0.0), LEAST)) - EVIDENCE * math.log(share) for c, share in shares.items()
    }
    best = max(worths, key=worths.__getitem__)
    if best == char.text or char.p >= STANDS or (char.p >= READ and shares[best] > BORNE):
        return char
    total = sum(math.exp(worth - worths[best]) for worth in worths.values())
    p = min(SUREST, 1.0 / total)
    if missed:
        return replace(char, text=best, p=min(p, MISSED))
    return replace(char, text=best, p=p, runner_up=char.text, runner_up_p=min(char.p, 1.0 - p), others=())
