"""What a page's own digits look like: templates averaged from its clear numbers.

The digits are cut at their pitch, which the recogniser's places tell roughly and the digits themselves exactly, and
registered to one another, over and over. All is done on lines brought to one size: a digit's advance is PITCH pixels.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractor.elements import TextLine

Pixels = NDArray[np.float32]

DIGITS = "0123456789"
MARKS = ".,"
SIGNS = "%≥≤≧≦><-/()"
NUMBERS = frozenset(DIGITS + MARKS + SIGNS)
PITCH = 28  # pixels that a digit's advance is brought to
HIGH = 44  # height of a template's window: a digit's is 1.3 to 1.5 of its advance
ROOM = 8  # pixels around that window in which a line is registered
CLEAR = 0.97  # least posterior of a digit that is learned from
FEWEST = 6  # clear lines without which a page has no templates
SAMPLES = 3  # clear samples without which a character has none
MOST_LINES = 120  # lines learned from: more make the templates no better
ALIKE = 0.12  # lines whose pitch differs by more are set in another size
ROUNDS = 2  # times that lines are registered to the templates, and these and the advances taken anew
# Of a gradient's weight against the contrast's own: a third lets a character fade away to a side, not turn light on
# dark.
STIFF = 0.3
DRIFTS = (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3)  # advances by which a digit may first stand off its place
SPECK = 1.25  # times the ink of a line's darkest hundredth: darker is no print of its own


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A page's templates. `pitch`: a digit's advance in the picture's pixels; `advance`: of each character, in pitches.

    `means`: (HIGH, PITCH + 1) pictures of unit deviation. `fits`: what `unexplained` needs of each, in the same order.
    """

    pitch: float
    advance: Mapping[str, float]
    means: Mapping[str, Pixels]
    fits: Fits


@dataclass(frozen=True, slots=True)
class Fits:
    """`paper`: (pixels, 3) orthonormal level and slopes. `shapes`: (classes, pixels, 3) each template and its slopes.

    `inverse`, `inner`: (classes, 3, 3) of their products.
    """

    paper: Pixels
    shapes: Pixels
    inverse: Pixels
    inner: Pixels


@dataclass(slots=True)
class PlacedLine:
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
    middle = float(np.median(pitches))
    alike = [one for one in pitches if abs(one / middle - 1.0) <= ALIKE]
    if not alike:
        return None  # half of the numbers are set in one size, half in another, and none in between
    pitch = float(np.mean(alike))
    clear = [(line, crop) for line, crop in clear if abs((_pitch(line) or pitch) / pitch - 1.0) <= ALIKE]
    advance = _advances([line for line, _ in clear], pitch)
    known = [(line, crop) for line, crop in clear if all(c.text in advance for c in line.chars)]
    if len(known) < FEWEST or pitch < 2.0:
        return None
    known = known[:: max(1, len(known) // MOST_LINES)]
    placed = [placed_line(line, line.text, crop, pitch, advance) for line, crop in known]
    means = _averaged(placed, advance)
    for _ in range(ROUNDS):
        for one in placed:
            register(one, means, advance)
        stretch, advance = _refined(placed, means, advance)
        pitch *= stretch
        placed = [placed_line(line, line.text, crop, pitch, advance) for line, crop in known]
        for one in placed:
            register(one, means, advance)
        means = _averaged(placed, advance)
    means = {char: mean for char, mean in means.items() if char in DIGITS + SIGNS}
    return Glyphs(pitch, advance, means, _fits(list(means.values()))) if len(means) > 1 else None


def is_number(text: str) -> bool:
    """Whether a text is made of digits, two at least, with their marks and signs."""
    return sum(map(DIGITS.__contains__, text)) >= 2 and all(char in NUMBERS for char in text)


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


def centres_of(text: str, advance: Mapping[str, float]) -> list[float]:
    """The middles of characters from the left end of their text, in pitches."""
    out, x = [], 0.0
    for char in text:
        out.append(x + advance[char] / 2)
        x += advance[char]
    return out


def placed_line(
    line: TextLine, text: str, crop: NDArray[np.uint8], pitch: float, advance: Mapping[str, float]
) -> PlacedLine:
    scale = PITCH / pitch
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    size = (max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
    shrinks = scale < 1
    large = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC).astype(np.float32)
    ink = np.float32(np.percentile(large, 85)) - large
    # A black speck on pale print would outweigh all else: nothing is darker than what is common in the line.
    ink = np.minimum(ink, SPECK * np.float32(np.percentile(ink, 99)))
    rows = np.clip(ink, 0, None).sum(axis=1)
    middle = float((rows * np.arange(len(rows))).sum() / max(float(rows.sum()), 1e-6))
    pad = PITCH + ROOM
    ink = np.asarray(cv2.copyMakeBorder(ink, pad, pad, pad, pad, cv2.BORDER_REPLICATE), np.float32)
    at = math.floor(line.box.x0)
    centres = centres_of(text, advance)
    offsets = [(c.x - max(at, 0)) * scale - centre * PITCH for c, centre in zip(line.chars, centres, strict=True)]
    clear = tuple(c.p >= CLEAR for c in line.chars)
    return PlacedLine(text, clear, ink, float(np.mean(offsets)) + pad, middle + pad)


def window_at(one: PlacedLine, centre: float) -> Pixels:
    """The window of a character whose middle stands `centre` pitches from its text's left end."""
    at = (one.left + centre * PITCH, one.middle)
    return np.asarray(cv2.getRectSubPix(one.ink, (PITCH + 1, HIGH), at), np.float32)


def _averaged(placed: Sequence[PlacedLine], advance: Mapping[str, float]) -> dict[str, Pixels]:
    sums: dict[str, Pixels] = {}
    counts: dict[str, int] = defaultdict(int)
    for one in placed:
        for char, clear, centre in zip(one.text, one.clear, centres_of(one.text, advance), strict=True):
            if not clear:
                continue
            window = window_at(one, centre)
            window = window / np.float32(float(window.std()) + 1e-3)
            sums[char] = sums[char] + window if char in sums else window
            counts[char] += 1
    return {char: sums[char] / np.float32(counts[char]) for char in sorted(sums) if counts[char] >= SAMPLES}


def register(one: PlacedLine, means: Mapping[str, Pixels], advance: Mapping[str, float]) -> float:
    """Move a line to where its text's templates correlate best with it; the correlation (-1 where there is none)."""
    digits = [means[c] for c in means if c in DIGITS]
    middling = np.mean(digits, axis=0) if digits else None
    width = math.ceil(sum(advance[c] for c in one.text) * PITCH) + PITCH
    drawn = np.zeros((HIGH, width), np.float32)
    for char, centre in zip(one.text, centres_of(one.text, advance), strict=True):
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


def _refined(
    placed: Sequence[PlacedLine], means: Mapping[str, Pixels], advance: Mapping[str, float]
) -> tuple[float, dict[str, float]]:
    """By what factor the pitch is wider than taken, and the advances in that pitch: from where digits really stand.

    A digit's drift from its place grows with the digits and marks before it (least squares over all lines).
    """
    marks = sorted(set(advance) - set(DIGITS))
    counted: list[NDArray[np.float64]] = []
    drifts: list[NDArray[np.float64]] = []
    for one in placed:
        rows, drift = [], []
        for k, (char, centre) in enumerate(zip(one.text, centres_of(one.text, advance), strict=True)):
            if char in DIGITS and char in means and one.clear[k]:
                before = one.text[:k]
                rows.append([sum(c in DIGITS for c in before), *(before.count(mark) for mark in marks)])
                windows = [window_at(one, centre + nudge) for nudge in DRIFTS]
                drift.append(DRIFTS[int(np.argmax([_correlation(w, means[char]) for w in windows]))])
        if len(rows) > 1:
            counted.append(np.array(rows, float) - np.mean(rows, axis=0))
            drifts.append(np.array(drift) - np.mean(drift))
    if not counted:
        return 1.0, dict(advance)
    matrix, wanted = np.concatenate(counted), np.concatenate(drifts)
    inner = matrix.T @ matrix + np.eye(matrix.shape[1])
    moved = np.linalg.solve(inner, matrix.T @ wanted)
    stretch = 1.0 + float(np.clip(moved[0], -0.05, 0.05))
    shifts = dict(zip(marks, np.clip(moved[1:], -0.3, 0.3).tolist(), strict=True))
    refined = {c: max(0.25, (wide + shifts[c]) / stretch) if c in shifts else wide for c, wide in advance.items()}
    return stretch, refined


def _correlation(window: Pixels, mean: Pixels) -> float:
    return float(((window - window.mean()) * mean).sum()) / (float(window.std()) + 1e-3)


def _fits(means: Sequence[Pixels]) -> Fits:
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
    return Fits(paper, stacked, np.linalg.inv(inner + stiff), inner)


def unexplained(windows: Pixels, fits: Fits) -> Pixels:
    """For each template the least share of a window's ink that it leaves, of several windows (n, pixels)."""
    flat = windows - (windows @ fits.paper) @ fits.paper.T
    whole = np.maximum((flat * flat).sum(axis=1), 1e-3)
    products = np.einsum("nx,cxk->cnk", flat, fits.shapes)
    weights = np.einsum("ckl,cnl->cnk", fits.inverse, products)
    left = whole - 2 * (weights * products).sum(axis=2) + np.einsum("cnk,ckl,cnl->cn", weights, fits.inner, weights)
    shares = np.where(weights[:, :, 0] > 0, left / whole, 1.0)
    return np.asarray(np.clip(shares, 1e-3, 1.0).min(axis=1), np.float32)
