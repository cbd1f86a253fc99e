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

from extractor.fills import on_fills

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Box, Picture

SHRINK = 8  # the background is estimated on a copy this many times smaller
RIM = 3 * SHRINK + 1  # pixels: shading's coloured rim is one or two of the background's own, a fill is thicker
COLOURFUL = 45  # spread between channels (of 255) beyond which ink is coloured, JPEG's blur of colour included
PALE = 26  # the same of a seal's paler parts, which are taken for its own where they touch COLOURFUL ones
OWN = 0.1  # share of a pale piece that is COLOURFUL; in JPEG's blur of colour around print nothing is
LEAST_SEAL = 0.03  # of the page's shorter side: smaller coloured ink is print (on A4 this is 6 mm)
BROKEN = 0.012  # of the shorter side: pieces of coloured ink this near are one
STRAIGHT = 0.12  # of the shorter side: a level or upright run as long as this is a rule's, not a seal's ring's
MOST_SEAL = 0.42  # of the page's width and height: larger connected colour is a ruled table's
SHORT = 0.03  # of the shorter side: so long are a table's coloured rules at least between those that they meet
ENDS = 0.004  # of the shorter side: so near rules that end alike, or at another, end
EVEN = 0.8  # of its box: a straight run's ink, thinner or thicker in places where a seal lies over it
THICK = 0.008  # of the shorter side: coloured straight runs thicker than this are shading, not rules
TINTED = 0.6  # share of a coloured table's rules that is coloured
STRONGER = (1.5, 2.0, 2.7)  # times COLOURFUL: ink on a coloured fill that hangs together with it below
FRINGE = 0.002  # of the shorter side: around black ink JPEG and the scanner's lens leave colour
AWAY, HOLLOW = 0.6, 0.4  # share of a pale seal's ink that is no fringe; the most of its box that its strokes fill
PRINT = 0.5  # of the paper's tone: pale seals are lighter
DARK = 0.72  # of the paper's tone: darker than this is ink
FAINT = 0.8  # of the paper's tone: hairlines of small print are no darker; at this characters run together


@dataclass(frozen=True, slots=True)
class Ink:
    """`clean`: grey picture, paper at 255, coloured ink faded. `mask`: 1 where black ink is,
    `faint`: where it or its thinnest strokes are.

    `coloured`: 1 where coloured ink lies (seals, pens), None on a grey page.
    """

    clean: Picture
    mask: Picture
    faint: Picture
    coloured: Picture | None = None


def find_ink(picture: Picture) -> Ink:
    """Even the light of a grey or BGR page and set coloured ink apart."""
    if picture.ndim == 2:
        return _ink(_even(picture), picture)
    blue, green, red = (_even(channel) for channel in cv2.split(picture))
    brightest = cv2.max(cv2.max(blue, green), red)
    spread: Picture = cv2.blur(cv2.subtract(brightest, cv2.min(cv2.min(blue, green), red)), (3, 3))
    coloured = cv2.threshold(spread, COLOURFUL, 1, cv2.THRESH_BINARY)[1]
    grey = cv2.cvtColor(cv2.merge([blue, green, red]), cv2.COLOR_BGR2GRAY)
    seen = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    pale: Picture = cv2.threshold(spread, PALE, 1, cv2.THRESH_BINARY)[1]
    if cv2.countNonZero(pale) < 0.0002 * coloured.size:
        return _ink(grey, seen)
    dark: Picture = (grey < PRINT * 255).astype(np.uint8)
    warm = (red > blue).astype(np.uint8)
    # A table's own rules and shading, in whatever colour, stay.
    ruled = _lattice(pale, dark, warm)
    if not cv2.countNonZero(ruled):
        ruled = _rims(pale)
    coloured = cv2.subtract(coloured, ruled)
    pale = _pale_ink(cv2.subtract(pale, ruled), coloured, dark)
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
    return Ink(clean, mask, faint, coloured)


def _lattice(pale: Picture, dark: Picture, warm: Picture) -> Picture:
    """1 where coloured rules of a table run: thin straight runs that together are larger than any seal.

    pale: 1 where anything is as colourful as PALE; dark: where it is as dark as print; warm: where it is redder than
    blue. Where a seal of another colour crosses them they are black, as where two of them would be printed on each
    other.
    """
    height, width = pale.shape
    whole = cv2.max(pale, dark)
    run, thick = (max(3, round(share * min(height, width))) for share in (STRAIGHT, THICK))
    thin = np.zeros_like(pale)
    for along, across in (((1, run), (thick, 1)), ((run, 1), (1, thick))):
        runs = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones(along, np.uint8))
        bars = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones(across, np.uint8))
        thin = cv2.max(thin, cv2.subtract(runs, bars))
    if not cv2.countNonZero(thin):
        return thin
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(thin, np.ones((5, 5), np.uint8)), connectivity=8)
    large = (stats[:, cv2.CC_STAT_WIDTH] > MOST_SEAL * width) | (stats[:, cv2.CC_STAT_HEIGHT] > MOST_SEAL * height)
    inked, tinted = (np.bincount(labels[ink > 0], minlength=len(stats)) for ink in (thin, cv2.min(thin, pale)))
    large &= tinted > TINTED * inked
    large[0] = False
    ruled: Picture = large.astype(np.uint8)[labels]
    known = cv2.min(ruled, pale)
    if not cv2.countNonZero(known):
        return ruled
    own = warm if 2 * cv2.countNonZero(cv2.min(known, warm)) > cv2.countNonZero(known) else 1 - warm
    return _with_short(ruled, cv2.max(dark, cv2.min(pale, own)), thick)


def _with_short(ruled: Picture, own: Picture, thick: int) -> Picture:
    """Coloured rules with the shorter ones that they hold: a table of two rows has no upright as long as STRAIGHT.

    own: 1 where ink is as warm or cold as theirs. They are straight, begin at one rule and end at another or, where no
    rule closes the table, beside each other; a seal's ring bends, and the strokes of its characters end anywhere.
    """
    least, slack = (max(3, round(share * min(ruled.shape))) for share in (SHORT, ENDS))
    found = np.zeros_like(ruled)
    for turned in (False, True):
        ink, met, out = (view.T if turned else view for view in (own, ruled, found))
        runs = cv2.morphologyEx(np.ascontiguousarray(ink), cv2.MORPH_OPEN, np.ones((least, 1), np.uint8))
        runs = cv2.subtract(runs, cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((1, thick), np.uint8)))
        _, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
        ends: list[tuple[int, tuple[int, int, int, int], bool, bool]] = []
        for label, (x, y, w, h, area) in enumerate(stats.tolist()):
            if label and h >= least and area > EVEN * w * h and not met[y : y + h, x : x + w].all():
                sides = np.s_[max(0, x - slack) : x + w + slack]
                first, last = (bool(met[max(0, at - slack) : at + slack + 1, sides].any()) for at in (y, y + h))
                ends.append((label, (x, y, w, h), first, last))
        for label, (x, y, w, h), first, last in ends:
            beside = [o for o in ends if o[0] != label]
            first |= any(last and o[3] and abs(o[1][1] - y) < slack for o in beside)
            last |= any(first and o[2] and abs(o[1][1] + o[1][3] - y - h) < slack for o in beside)
            if first and last:
                part = labels[y : y + h, x : x + w] == label
                out[y : y + h, x : x + w][part] = 1
    # Their rims are coloured too.
    joined: Picture = cv2.max(ruled, cv2.dilate(found, np.ones((5, 5), np.uint8)))
    return joined


def _rims(pale: Picture) -> Picture:
    """1 where straight coloured runs that nearly touch are together larger than any seal: rims of a table's shading.

    Brought to paper's tone like any ground, shading stays coloured where it ends; a seal that crosses its rim would
    hang together with the whole of it.
    """
    height, width = pale.shape
    run, reach = max(3, round(STRAIGHT * min(height, width))), 2 * max(2, round(FRINGE * min(height, width))) + 1
    straight = [cv2.morphologyEx(pale, cv2.MORPH_OPEN, np.ones(side, np.uint8)) for side in ((1, run), (run, 1))]
    along = cv2.max(*straight)
    found = np.zeros_like(pale)
    for x, y, w, h in _pieces(along, (0, 0, width, height)) if cv2.countNonZero(along) else ():
        if w > MOST_SEAL * width or h > MOST_SEAL * height:
            part = np.s_[y : y + h, x : x + w]
            # A dark fill is coloured all over: taken off, what is left beside its letters would be as small as a seal.
            apart = cv2.copyMakeBorder(along[part], 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
            solid = cv2.erode(apart, np.ones((RIM, RIM), np.uint8))
            if not cv2.countNonZero(solid):
                found[part] = along[part]
    # They are ragged, and what is left of them would still hang together.
    ragged: Picture = cv2.dilate(found, np.ones((reach, reach), np.uint8))
    return ragged


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
    found = [(box, coloured, 0) for box in _pieces(coloured, (0, 0, width, height))]
    for (x, y, w, h), ink, parted in found:
        large = w > MOST_SEAL * width or h > MOST_SEAL * height
        if large and parted <= len(STRONGER):
            # A red seal and the blue hand across it are two, and so are a seal and the paler shading under it.
            if parted == 0:
                own = [cv2.min(coloured, warm), cv2.min(coloured, 1 - warm)]
            else:
                strong = (spread > STRONGER[parted - 1] * COLOURFUL).astype(np.uint8)
                own = [cv2.min(ink, strong)]
            found += [(box, part, parted + 1) for part in own for box in _pieces(part, (x, y, w, h))]
        elif not large and min(w, h) >= LEAST_SEAL * min(height, width) and not _is_straight(ink, (x, y, w, h)):
            part = np.s_[y : y + h, x : x + w]
            # Where a seal had to be told from a table's colours, only what is like the seal is the seal's.
            over[part] = 1 if parted == 0 else cv2.max(over[part], cv2.dilate(ink[part], fringe))
    near = cv2.dilate(coloured, fringe)
    return cv2.min(near, over), cv2.min(coloured, over)


def _pale_ink(pale: Picture, coloured: Picture, dark: Picture) -> Picture:
    """The ink of seals pressed so lightly that few parts of them are COLOURFUL, the ring's pieces too small alone.

    Where none is, it lies on bare paper still, and the colour that JPEG leaves around print does not.
    """
    reach = 2 * max(2, round(FRINGE * min(pale.shape))) + 1
    away = cv2.subtract(pale, cv2.dilate(dark, np.ones((reach, reach), np.uint8)))
    own = np.zeros_like(pale)
    for x, y, w, h in _pieces(pale, (0, 0, pale.shape[1], pale.shape[0])):
        part = np.s_[y : y + h, x : x + w]
        if min(w, h) < LEAST_SEAL * min(pale.shape):
            continue
        inked = cv2.countNonZero(pale[part])
        bare = cv2.countNonZero(away[part]) > AWAY * inked and inked < HOLLOW * w * h
        if bare or cv2.countNonZero(coloured[part]) > OWN * inked:
            own[part] = pale[part]
    return own


def _pieces(ink: Picture, within: tuple[int, int, int, int]) -> list[tuple[int, int, int, int]]:
    """Boxes (x, y, width, height) of connected ink inside a box.

    Where a pen crosses black print its colour is interrupted; its pieces are one stroke.
    """
    left, top, width, height = within
    reach = max(5, round(BROKEN * min(ink.shape)))
    joined = cv2.dilate(ink[top : top + height, left : left + width], np.ones((reach, reach), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    return [(left + x, top + y, w, h) for x, y, w, h, _ in stats[1:].tolist()]


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
