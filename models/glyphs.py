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
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from extractor.elements import Char, TextLine

Pixels = NDArray[np.float32]

DIGITS = "0123456789"
MARKS = ".,"
SIGNS = "%≥≤≧≦><-/()"
NUMBERS = frozenset(DIGITS + MARKS + SIGNS)
UNKNOWN = "X"  # a place in a number where the recogniser saw what no number has
PITCH = 28  # pixels that a digit's advance is brought to
HIGH = 44  # height of a template's window: a digit's is 1.3 to 1.5 of its advance
ROOM = 8  # pixels around that window in which a line is registered
CLEAR = 0.97  # least posterior of a line whose digits are learned from
FEWEST = 6  # clear lines without which a page has no templates
SAMPLES = 3  # clear samples without which a character has none
MOST_LINES = 120  # lines learned from: more make the templates no better
ALIKE = 0.12  # lines whose pitch differs by more are set in another size
ROUNDS = 2  # times that lines are registered to the templates and these averaged anew
# Of a gradient's weight against the contrast's own: a third lets a character fade away to a side, not turn light on
# dark.
STIFF = 0.3
NUDGES = (-0.1, -0.05, 0.0, 0.05, 0.1)  # advances by which a character may stand off its line's pitch
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
REGISTERED = 0.5  # least correlation of a line with its templates: below it something else is in the crop


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A page's templates. `pitch`: a digit's advance in the picture's pixels; `advance`: of each character, in pitches.

    `means`: (HIGH, PITCH + 1) pictures of unit deviation. `fits`: what `_residuals` needs of each, in the same order.
    """

    pitch: float
    advance: Mapping[str, float]
    means: Mapping[str, Pixels]
    fits: _Fits


@dataclass(frozen=True, slots=True)
class _Fits:
    """`paper`: (pixels, 3) orthonormal level and slopes. `shapes`: (classes, pixels, 3) each template and its slopes.

    `inverse`, `inner`: (classes, 3, 3) of their products.
    """

    paper: Pixels
    shapes: Pixels
    inverse: Pixels
    inner: Pixels


@dataclass(slots=True)
class _Placed:
    """A line's ink brought to PITCH. `left`: x of its text's left end, `middle`: y of its digits' middle, in it.

    `clear`: for each character whether it was read clearly.
    """

    text: str
    clear: tuple[bool, ...]
    ink: Pixels
    left: float
    middle: float


def learned(lines: Sequence[TextLine], crops: Sequence[NDArray[np.uint8]]) -> Glyphs | None:
    """Templates from a page's clear numbers, None where it has too few. `crops`: (height, width, 3), one a line."""
    clear = [
        (line, crop) for line, crop in zip(lines, crops, strict=True)
        if crop.size and is_number(line.text) and 2 * sum(c.p >= CLEAR for c in line.chars) > len(line.chars)
    ]
    pitches = [pitch for line, _ in clear if (pitch := _pitch(line)) is not None]
    if len(pitches) < FEWEST:
        return None
    pitch = float(np.median(pitches))
    pitch = float(np.mean([one for one in pitches if abs(one / pitch - 1.0) <= ALIKE]))
    clear = [(line, crop) for line, crop in clear if abs((_pitch(line) or pitch) / pitch - 1.0) <= ALIKE]
    advance = _advances([line for line, _ in clear], pitch)
    known = [(line, crop) for line, crop in clear if all(c.text in advance for c in line.chars)]
    if len(known) < FEWEST or pitch < 2.0:
        return None
    step = max(1, len(known) // MOST_LINES)
    placed = [_placed(line, line.text, crop, pitch, advance) for line, crop in known[::step]]
    means = _averaged(placed, advance)
    for _ in range(ROUNDS):
        for one in placed:
            _register(one, means, advance)
        means = _averaged(placed, advance)
    means = {char: mean for char, mean in means.items() if char in DIGITS + SIGNS}
    return Glyphs(pitch, advance, means, _fits(list(means.values()))) if len(means) > 1 else None


def is_number(text: str) -> bool:
    """Whether a text is made of digits, two at least, with their marks and signs."""
    return sum(map(DIGITS.__contains__, text)) >= 2 and all(char in NUMBERS for char in text)


def settle(line: TextLine, crop: NDArray[np.uint8], glyphs: Glyphs) -> TextLine:
    """A number with each character as the page's templates and the recogniser together have it likeliest.

    A new character is as sure as it is among all that either held possible, SUREST at most.
    """
    if not crop.size or all(c.p >= SURE for c in line.chars):
        return line
    text = _slots(line)
    shares = _shares_of(line, text, crop, glyphs) if text else []
    if not _borne_out(line, shares):
        return line
    chars = tuple(_chosen(char, own) for char, own in zip(line.chars, shares, strict=False))
    if all(a.text == b.text for a, b in zip(line.chars, chars, strict=True)):
        return line
    return replace(line, text="".join(c.text for c in chars), chars=chars, by_words=True)


def _borne_out(line: TextLine, shares: Sequence[Mapping[str, float]]) -> bool:
    """Whether the digits that the recogniser is sure of are, by and large, those that the templates show.

    A line in another font, bold or slanted, is no match for this page's templates.
    """
    clear = [(char.text, own) for char, own in zip(line.chars, shares, strict=False) if own and char.p >= CLEAR]
    agreed = sum(min(own, key=own.__getitem__) == text for text, own in clear)
    return agreed > 0 and agreed >= AGREED * len(clear)


def _slots(line: TextLine) -> str:
    """A number's characters as the page's templates know them, X for a doubtful one that no number has; or nothing."""
    own = [c.text for c in line.chars]
    foreign = [k for k, c in enumerate(own) if c not in NUMBERS]
    digits = sum(c in DIGITS for c in own)
    if digits < 2 or 2 * len(foreign) > digits or any(line.chars[k].p >= CLEAR for k in foreign):
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
    if any(c not in glyphs.advance and c != UNKNOWN for c in text[1:-1]):
        return nothing
    advance = dict.fromkeys(text, 1.0) | dict(glyphs.advance)
    one = _placed(line, text, crop, glyphs.pitch, advance)
    if _register(one, glyphs.means, advance) < REGISTERED:
        return nothing
    windows = [
        np.stack([_window(one, centre + nudge).ravel() for nudge in NUDGES]) for centre in _centres(text, advance)
    ]
    inked = [float(w[len(NUDGES) // 2].var()) for w in windows]
    least = PALEST * float(np.median([ink for ink, char in zip(inked, text, strict=True) if char in DIGITS]))
    for k, char in enumerate(text):
        if char in DIGITS + UNKNOWN and inked[k] >= least:
            shares = zip(glyphs.means, _shares(windows[k], glyphs.fits).tolist(), strict=True)
            nothing[k] = {c: share for c, share in shares if c in DIGITS or (c == "%" and k == len(text) - 1)}
    return nothing


def _chosen(char: Char, shares: Mapping[str, float]) -> Char:
    """A character, or the one that its ink has for likelier by far than the recogniser has for less likely."""
    if not shares or (char.text in NUMBERS and char.text not in shares):
        return char
    held = {**dict(char.others), char.runner_up: char.runner_up_p, char.text: char.p}
    worths = {
        c: TRUST * math.log(max(held.get(c, 0.0), LEAST)) - EVIDENCE * math.log(share) for c, share in shares.items()
    }
    best = max(worths, key=worths.__getitem__)
    if best == char.text:
        return char
    total = sum(math.exp(worth - worths[best]) for worth in worths.values())
    p = min(SUREST, 1.0 / total)
    return replace(char, text=best, p=p, runner_up=char.text, runner_up_p=min(char.p, 1.0 - p), others=())


def _pitch(line: TextLine) -> float | None:
    """Pixels from one digit to the next in the longest run of them, None for fewer than three."""
    best: tuple[int, float] | None = None
    chars, start = line.chars, 0
    for k in range(len(chars) + 1):
        if k == len(chars) or chars[k].text not in DIGITS:
            if k - start >= 3 and (best is None or k - start > best[0]):
                best = (k - start, (chars[k - 1].x - chars[start].x) / (k - start - 1))
            start = k + 1
    return None if best is None or best[1] <= 0 else best[1]


def _advances(lines: Sequence[TextLine], pitch: float) -> dict[str, float]:
    """The advance of each character seen often enough between or beside digits, in pitches."""
    seen: dict[str, list[float]] = defaultdict(list)
    for line in lines:
        chars = line.chars
        for k, char in enumerate(chars):
            before = chars[k - 1] if k and chars[k - 1].text in DIGITS else None
            after = chars[k + 1] if k + 1 < len(chars) and chars[k + 1].text in DIGITS else None
            if char.text in DIGITS or before is after is None:
                continue
            if before and after:
                seen[char.text].append((after.x - before.x) / pitch - 1.0)
            elif char.text not in MARKS:
                step = after.x - char.x if after else char.x - before.x if before else pitch
                seen[char.text].append(2.0 * step / pitch - 1.0)
    found = {c: min(2.2, max(0.3, float(np.mean(all_)))) for c, all_ in seen.items() if len(all_) >= SAMPLES}
    return found | dict.fromkeys(DIGITS, 1.0)


def _centres(text: str, advance: Mapping[str, float]) -> list[float]:
    """The middles of characters from the left end of their text, in pitches."""
    out, x = [], 0.0
    for char in text:
        out.append(x + advance[char] / 2)
        x += advance[char]
    return out


def _placed(
    line: TextLine, text: str, crop: NDArray[np.uint8], pitch: float, advance: Mapping[str, float]
) -> _Placed:
    scale = PITCH / pitch
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    size = (max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
    shrinks = scale < 1
    large = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC).astype(np.float32)
    ink = np.float32(np.percentile(large, 85)) - large
    rows = np.clip(ink, 0, None).sum(axis=1)
    middle = float((rows * np.arange(len(rows))).sum() / max(float(rows.sum()), 1e-6))
    pad = PITCH + ROOM
    ink = np.asarray(cv2.copyMakeBorder(ink, pad, pad, pad, pad, cv2.BORDER_REPLICATE), np.float32)
    at = math.floor(line.box.x0)
    centres = _centres(text, advance)
    offsets = [(c.x - max(at, 0)) * scale - centre * PITCH for c, centre in zip(line.chars, centres, strict=True)]
    clear = tuple(c.p >= CLEAR for c in line.chars)
    return _Placed(text, clear, ink, float(np.mean(offsets)) + pad, middle + pad)


def _window(one: _Placed, centre: float) -> Pixels:
    """The window of a character whose middle stands `centre` pitches from its text's left end."""
    at = (one.left + centre * PITCH, one.middle)
    return np.asarray(cv2.getRectSubPix(one.ink, (PITCH + 1, HIGH), at), np.float32)


def _averaged(placed: Sequence[_Placed], advance: Mapping[str, float]) -> dict[str, Pixels]:
    sums: dict[str, Pixels] = {}
    counts: dict[str, int] = defaultdict(int)
    for one in placed:
        for char, clear, centre in zip(one.text, one.clear, _centres(one.text, advance), strict=True):
            if not clear:
                continue
            window = _window(one, centre)
            window = window / np.float32(float(window.std()) + 1e-3)
            sums[char] = sums[char] + window if char in sums else window
            counts[char] += 1
    return {char: sums[char] / np.float32(counts[char]) for char in sorted(sums) if counts[char] >= SAMPLES}


def _register(one: _Placed, means: Mapping[str, Pixels], advance: Mapping[str, float]) -> float:
    """Move a line to where its text's templates correlate best with it; the correlation (-1 where there is none)."""
    digits = [means[c] for c in means if c in DIGITS]
    middling = np.mean(digits, axis=0) if digits else None
    width = math.ceil(sum(advance[c] for c in one.text) * PITCH) + PITCH
    drawn = np.zeros((HIGH, width), np.float32)
    for char, centre in zip(one.text, _centres(one.text, advance), strict=True):
        template = means.get(char, middling if char in DIGITS else None)
        if template is not None:
            half = max(3, min(PITCH // 2, round(advance[char] * PITCH / 2)))
            x = round((centre + 0.5) * PITCH)
            drawn[:, x - half : x + half] = template[:, PITCH // 2 - half : PITCH // 2 + half]
    x, y = round(one.left - PITCH / 2), round(one.middle - HIGH / 2)
    reach, rise = PITCH // 2, PITCH // 4
    top, left = max(0, y - rise), max(0, x - reach)
    part = one.ink[top : y + rise + HIGH, left : x + reach + width]
    if part.shape[0] < HIGH or part.shape[1] < width or not drawn.any():
        return -1.0
    scores = cv2.matchTemplate(part, drawn, cv2.TM_CCOEFF_NORMED)
    _, best, _, (dx, dy) = cv2.minMaxLoc(scores)
    one.left += left + dx - x
    one.middle += top + dy - y
    return float(best)


def _fits(means: Sequence[Pixels]) -> _Fits:
    down, across = np.mgrid[-1 : 1 : HIGH * 1j, -1 : 1 : (PITCH + 1) * 1j].astype(np.float32)
    level = np.stack([np.ones(down.size, np.float32), across.ravel(), down.ravel()], axis=1)
    paper = np.linalg.qr(level)[0]
    shapes = []
    for mean in means:
        own = mean.ravel()[:, None] * level
        shapes.append(own - paper @ (paper.T @ own))
    stacked = np.stack(shapes)
    inner = stacked.transpose(0, 2, 1) @ stacked
    stiff = np.zeros_like(inner)
    for k, mean in enumerate(means):
        stiff[k, 1, 1] = stiff[k, 2, 2] = STIFF * float((mean * mean).sum())
    return _Fits(paper, stacked, np.linalg.inv(inner + stiff), inner)


def _shares(windows: Pixels, fits: _Fits) -> Pixels:
    """For each template the least share of a window's ink that it leaves, of several windows (n, pixels)."""
    flat = windows - (windows @ fits.paper) @ fits.paper.T
    whole = np.maximum((flat * flat).sum(axis=1), 1e-3)
    products = np.einsum("nx,cxk->cnk", flat, fits.shapes)
    weights = np.einsum("ckl,cnl->cnk", fits.inverse, products)
    left = whole - 2 * (weights * products).sum(axis=2) + np.einsum("cnk,ckl,cnl->cn", weights, fits.inner, weights)
    shares = np.where(weights[:, :, 0] > 0, left / whole, 1.0)
    return np.asarray(np.clip(shares, 1e-3, 1.0).min(axis=1), np.float32)

