"""Light evened out and ink set apart by colour: what later stages measure on.

A page's paper is brought to white by dividing by an estimate of the background (the brightest tone
around every spot, from a small copy of the page). Coloured ink (seals, handwriting) is taken off by
looking, where a spot is colourful, at its brightest channel: red or blue ink is bright there, black is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.pixels.colourrules import FRINGE, MOST_SEAL, SHRINK, STRAIGHT, coloured_rims, coloured_rules, pieces
from extractor.pixels.fills import on_fills

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Box, Picture

COLOURFUL = 45  # spread between channels (of 255) beyond which ink is coloured, JPEG's blur of colour included
PALE = 26  # the same of a seal's paler parts, which are taken for its own where they touch COLOURFUL ones
WEAK = 13  # the same of what a seal that fades out leaves; JPEG leaves as much wherever there is print
PRESSED = 0.3  # share of a seal that is COLOURFUL where it is pressed evenly; its rims are weak too
FADED, ONE_HUE = 0.25, 0.9  # shares of a fading seal: what lies away from print, or is PALE there; what is of its hue
OWN = 0.1  # share of a pale piece that is COLOURFUL; in JPEG's blur of colour around print nothing is
YELLOWER, LEAST_LIGHT = 0.6, 50  # times green and red differ that blue is less than both; tone, where hues mean little
BESIDE = 72  # spread between channels of ink that is sure to be no print on yellow shading, nor its grain
LEAST_SEAL = 0.03  # of the page's shorter side: smaller coloured ink is print (on A4 this is 6 mm)
FLAT, ONE_STROKE, WAVERS = 2.0, 0.7, 0.25  # times LEAST_SEAL long; share of it one stroke; of its thickness off a line
STRONGER = (1.5, 2.0, 2.7)  # times COLOURFUL: ink on a coloured fill that hangs together with it below
AWAY, HOLLOW = 0.6, 0.4  # share of a pale seal's ink that is no fringe; the most of its box that its strokes fill
SPARSE = 1.5  # pixels of ink for each one of a seal's width and height, at least
PRINT = 0.5  # of the paper's tone: pale seals are lighter
DARK = 0.72  # of the paper's tone: darker than this is ink
FAINT = 0.8  # of the paper's tone: hairlines of small print are no darker; at this characters run together


@dataclass(frozen=True, slots=True)
class Ink:
    """`clean`: grey picture, paper at 255, coloured ink faded. `mask`: 1 where black ink is,
    `faint`: where it or its thinnest strokes are.

    `coloured`: 1 where coloured ink lies (seals, pens), None on a grey page. `seen`: the page in grey with its own
    light, where that is uneven.
    """

    clean: Picture
    mask: Picture
    faint: Picture
    coloured: Picture | None = None
    seen: Picture | None = None


def find_ink(picture: Picture) -> Ink:
    """Even the light of a grey or BGR page and set coloured ink apart."""
    if picture.ndim == 2:
        return _ink(_even(picture), picture)
    blue, green, red = (_even(channel) for channel in cv2.split(picture))
    brightest = cv2.max(cv2.max(blue, green), red)
    spread: Picture = cv2.blur(cv2.subtract(brightest, cv2.min(cv2.min(blue, green), red)), (3, 3))
    spread = _but_yellow(spread, blue, cv2.min(green, red), brightest)
    coloured = cv2.threshold(spread, COLOURFUL, 1, cv2.THRESH_BINARY)[1]
    grey = cv2.cvtColor(cv2.merge([blue, green, red]), cv2.COLOR_BGR2GRAY)
    seen = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    pale: Picture = cv2.threshold(spread, PALE, 1, cv2.THRESH_BINARY)[1]
    if cv2.countNonZero(pale) < 0.0002 * coloured.size:
        return _ink(grey, seen)
    dark: Picture = (grey < PRINT * 255).astype(np.uint8)
    warm = (red > blue).astype(np.uint8)
    # A table's own rules and shading, in whatever colour, stay.
    ruled = coloured_rules(pale, dark, warm)
    if not cv2.countNonZero(ruled):
        ruled = coloured_rims(pale)
    coloured = cv2.subtract(coloured, ruled)
    weak: Picture = cv2.threshold(spread, WEAK, 1, cv2.THRESH_BINARY)[1]
    pale = _pale_ink(cv2.subtract(pale, ruled), cv2.subtract(weak, ruled), coloured, dark, warm)
    near, coloured = (
        cv2.max(one, other)
        for one, other in zip(_overprints(coloured, warm, spread), _overprints(pale, warm, spread), strict=True)
    )
    near = cv2.subtract(near, ruled)
    clean = grey.copy()
    if not cv2.countNonZero(near):
        return _ink(grey, seen)
    ys, xs = np.nonzero(near)
    channels = np.stack([blue[ys, xs], green[ys, xs], red[ys, xs]])
    clean[ys, xs] = _faded(channels, spread[ys, xs])
    return _ink(clean, seen, coloured)


def _but_yellow(spread: Picture, blue: Picture, lesser: Picture, brightest: Picture) -> Picture:
    """How colourful a page is, yellow and beige shading not counted, nor what print and grain leave beside it.

    No seal and no pen has such ink, and a coloured heading's corners are as large as a seal. lesser: the darker one of
    green and red.
    """
    # Red ink's green is no lighter than its blue, and blue ink's blue the lightest, however pale.
    yellow, off = (cv2.blur(cv2.subtract(*pair), (5, 5)) for pair in ((lesser, blue), (brightest, lesser)))
    more: Picture = cv2.subtract(yellow, cv2.convertScaleAbs(off, alpha=YELLOWER))
    more[lesser <= LEAST_LIGHT] = 0
    own: Picture = cv2.threshold(more, 0, 255, cv2.THRESH_BINARY)[1]
    weak: Picture = cv2.threshold(spread, BESIDE, 255, cv2.THRESH_BINARY_INV)[1]
    beside = cv2.min(cv2.dilate(own, np.ones((7, 7), np.uint8)), weak)
    return cv2.bitwise_and(spread, cv2.bitwise_not(cv2.max(own, beside)))


def is_overprint(ink: Ink, box: Box) -> bool:
    """Whether what is in a box (upright pixels) is a seal's or a pen's ink rather than the page's print."""
    if ink.coloured is None:
        return False
    part = np.s_[max(0, round(box.y0)) : max(0, round(box.y1)), max(0, round(box.x0)) : max(0, round(box.x1))]
    return int(ink.coloured[part].sum()) > int((ink.mask[part] & (1 - ink.coloured[part])).sum())


def _ink(clean: Picture, seen: Picture, coloured: Picture | None = None) -> Ink:
    """Ink of a page brought to white (`clean`). seen: the same, grey, with its light and its seals."""
    light = _light(seen)
    level = on_fills(clean, seen, np.full_like(seen, 255) if light is None else light)
    mask, faint = ((level < tone * 255).astype(np.uint8) for tone in (DARK, FAINT))
    return Ink(clean, mask, faint, coloured, None if light is None else seen)


def _overprints(coloured: Picture, warm: Picture, spread: Picture) -> tuple[Picture, Picture]:
    """Coloured ink that was put over the page, first with its fringe, then bare: seals and pens.

    `warm`: 1 where a spot is redder than blue; `spread`: how colourful it is. Coloured print is left as it is:
    letters are small, and a table's shading spans much of the page. A seal or a stroke of a pen is larger than
    letters in both directions and not made of straight runs; what is inside its box (the characters in a seal's
    ring) belongs to it.
    """
    height, width = coloured.shape
    over = np.zeros_like(coloured)
    fringe = np.ones((5, 5), np.uint8)
    found: list[tuple[tuple[int, int, int, int], Picture, int]]
    found = [(box, coloured, 0) for box in pieces(coloured, (0, 0, width, height))]
    for (x, y, w, h), ink, parted in found:
        large = w > MOST_SEAL * width or h > MOST_SEAL * height
        if large and parted <= len(STRONGER):
            # A red seal and the blue hand across it are two, and so are a seal and the paler shading under it.
            if parted == 0:
                own = [cv2.min(coloured, warm), cv2.min(coloured, 1 - warm)]
            else:
                strong = (spread > STRONGER[parted - 1] * COLOURFUL).astype(np.uint8)
                own = [cv2.min(ink, strong)]
            found += [(box, part, parted + 1) for part in own for box in pieces(part, (x, y, w, h))]
        elif not large and _is_overprint_shape(ink, (x, y, w, h)):
            part = np.s_[y : y + h, x : x + w]
            # Where a seal had to be told from a table's colours, only what is like the seal is the seal's.
            over[part] = 1 if parted == 0 else cv2.max(over[part], cv2.dilate(ink[part], fringe))
    near = cv2.dilate(coloured, fringe)
    return cv2.min(near, over), cv2.min(coloured, over)


def _pale_ink(pale: Picture, weak: Picture, coloured: Picture, dark: Picture, warm: Picture) -> Picture:
    """The ink of seals pressed so lightly that few parts of them are COLOURFUL, the ring's pieces too small alone.

    Where none is, it lies on bare paper still, and the colour that JPEG leaves around print does not.
    """
    reach = 2 * max(2, round(FRINGE * min(pale.shape))) + 1
    clear = 1 - cv2.dilate(dark, np.ones((reach, reach), np.uint8))
    away = cv2.min(pale, clear)
    own = _fading(pale, cv2.min(weak, clear), away, coloured, warm)
    for x, y, w, h in pieces(pale, (0, 0, pale.shape[1], pale.shape[0])):
        part = np.s_[y : y + h, x : x + w]
        if min(w, h) < LEAST_SEAL * min(pale.shape):
            continue
        inked = cv2.countNonZero(pale[part])
        # What is pale of two rules that cross is sparser than any seal's strokes.
        bare = cv2.countNonZero(away[part]) > AWAY * inked and SPARSE * (w + h) < inked < HOLLOW * w * h
        if bare or cv2.countNonZero(coloured[part]) > OWN * inked:
            own[part] = cv2.max(own[part], pale[part])
    return own


def _fading(pale: Picture, weak: Picture, away: Picture, coloured: Picture, warm: Picture) -> Picture:
    """The ink of seals that were pressed on one side only: on the other it is WEAK, but hollow and of one hue.

    weak: where it is weak, away: where it is pale, both without the fringe of print, whose hues are mixed.
    """
    height, width = pale.shape
    own, every = np.zeros_like(pale), cv2.max(pale, weak)
    for hue in (warm, 1 - warm):
        ink = cv2.min(every, hue)
        for x, y, w, h in pieces(ink, (0, 0, width, height)):
            if min(w, h) < LEAST_SEAL * min(height, width) or w > MOST_SEAL * width or h > MOST_SEAL * height:
                continue
            part = np.s_[y : y + h, x : x + w]
            inked, clear, paler, strong, whole = (
                cv2.countNonZero(one[part]) for one in (ink, weak, away, coloured, every)
            )
            hollow = max(ONE_HUE * whole, SPARSE * (w + h)) < inked < HOLLOW * w * h
            if hollow and clear > FADED * inked and paler > FADED * clear and strong < PRESSED * inked:
                own[part] = cv2.max(own[part], ink[part])
    return own


def _is_overprint_shape(ink: Picture, box: tuple[int, int, int, int]) -> bool:
    """Whether ink in a box may be a seal's or a pen's: large both ways and not straight, or one wavering stroke."""
    _, _, w, h = box
    least = LEAST_SEAL * min(ink.shape)
    return not _is_straight(ink, box) if min(w, h) >= least else max(w, h) >= FLAT * least and _wavers(ink, box)


def _wavers(ink: Picture, box: tuple[int, int, int, int]) -> bool:
    """Whether flat ink in a box is one stroke, as of a pen that went along a line, and not as straight as a rule.

    A string of coloured characters has several strokes above each other nearly everywhere, and gaps.
    """
    x, y, w, h = box
    part = ink[y : y + h, x : x + w] if w > h else ink[y : y + h, x : x + w].T
    runs = (np.diff(part.astype(np.int8), axis=0, prepend=0) == 1).sum(axis=0)
    one = runs == 1
    if one.mean() < ONE_STROKE:
        return False
    thick = part.sum(axis=0, dtype=np.int64)[one]
    centres = (np.arange(len(part)) @ part)[one] / thick
    along = np.flatnonzero(one)
    off = centres - np.polyval(np.polyfit(along, centres, 1), along)
    return float(np.sqrt(np.mean(off**2))) > max(1.5, WAVERS * float(np.median(thick)))


def _is_straight(ink: Picture, box: tuple[int, int, int, int]) -> bool:
    """Whether ink in a box is made of level and upright runs longer than a seal's ring has."""
    x, y, w, h = box
    run = max(3, round(STRAIGHT * min(ink.shape)))
    near = cv2.dilate(ink[y : y + h, x : x + w], np.ones((5, 5), np.uint8))
    straight = np.zeros_like(near)
    for kernel in (np.ones((1, run), np.uint8), np.ones((run, 1), np.uint8)):
        # Beyond the box is no ink of this piece.
        runs = cv2.morphologyEx(near, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
        straight = cv2.max(straight, runs)
    return int(straight.sum()) > 0.6 * int(near.sum())


def _faded(channels: NDArray[np.uint8], spread: Picture) -> NDArray[np.uint8]:
    """Tone (0..255) of coloured spots, channels (3, n), as if their own ink were not there.

    The ink of each hue is brought to white by its own tone in its brightest channel: that leaves what
    is darker than the ink, which is the black under it.
    """
    hue = channels.argmax(axis=0)
    brightest: NDArray[np.uint8] = channels.max(axis=0)
    out = brightest.copy()
    for k in range(3):
        own = hue == k
        if not own.any():
            continue
        strong = brightest[own & (spread > 1.5 * COLOURFUL)]
        if not len(strong):
            strong = brightest[own & (spread >= np.percentile(spread[own], 60))]  # a seal that is pale all over
        if len(strong):
            # Black under the ink pulls the lower tones down; the upper half is ink on paper.
            tone = max(64.0, float(np.percentile(strong, 40)))
            out[own] = np.minimum(255.0, brightest[own].astype(np.float32) * (255.0 / tone)).astype(np.uint8)
    return out


def _even(channel: Picture) -> Picture:
    """A channel with its background brought to 255."""
    background = _light(channel)
    return channel if background is None else cv2.divide(channel, background, scale=255)


def _light(channel: Picture) -> Picture | None:
    """The background's tone all over a channel, None where it is white everywhere."""
    height, width = channel.shape
    small = cv2.resize(channel, (max(1, width // SHRINK), max(1, height // SHRINK)), interpolation=cv2.INTER_AREA)
    # The brightest tone within a few characters is paper; the median then keeps shaded blocks' edges.
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 5)
    if int(paper.min()) >= 250:
        return None
    return cv2.resize(np.maximum(paper, 16), (width, height), interpolation=cv2.INTER_LINEAR)
