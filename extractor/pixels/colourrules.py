"""A table's own coloured rules and the rims of its coloured shading, told from seals' and pens' ink."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from extractor.elements import Picture

SHRINK = 8  # the background is estimated on a copy this many times smaller
BROKEN = 0.012  # of the shorter side: pieces of coloured ink this near are one
STRAIGHT = 0.12  # of the shorter side: a level or upright run as long as this is a rule's, not a seal's ring's
MOST_SEAL = 0.42  # of the page's width and height: larger connected colour is a ruled table's
FRINGE = 0.002  # of the shorter side: around black ink JPEG and the scanner's lens leave colour
RIM = 3 * SHRINK + 1  # pixels: shading's coloured rim is one or two of the background's own, a fill is thicker
SIDE = 8  # times: so much shorter are the pieces of such a run that a seal's side goes between rules
SHORT = 0.03  # of the shorter side: so long are a table's coloured rules at least between those that they meet
ENDS = 0.004  # of the shorter side: so near rules that end alike, or at another, end
EVEN = 0.8  # of its box: a straight run's ink, thinner or thicker in places where a seal lies over it
THICK = 0.008  # of the shorter side: coloured straight runs thicker than this are shading, not rules
TINTED = 0.6  # share of a coloured table's rules that is coloured


def coloured_rules(pale: Picture, dark: Picture, warm: Picture) -> Picture:
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
    own = cv2.max(dark, cv2.min(pale, own))
    return _with_short(cv2.subtract(ruled, _sides(cv2.subtract(known, own), own, run // SIDE)), own, thick)


def _sides(other: Picture, own: Picture, run: int) -> Picture:
    """1 where ink of another colour than a table's rules goes straight for `run` pixels: sides of a square seal.

    They hang together with the rules that they cross. own: 1 where ink may be the rules'.
    """
    runs = [cv2.morphologyEx(other, cv2.MORPH_OPEN, np.ones(side, np.uint8)) for side in ((1, run), (run, 1))]
    found: Picture = cv2.subtract(cv2.dilate(cv2.max(*runs), np.ones((5, 5), np.uint8)), own)
    return found


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


def coloured_rims(pale: Picture) -> Picture:
    """1 where straight coloured runs that nearly touch are together larger than any seal: rims of a table's shading.

    Brought to paper's tone like any ground, shading stays coloured where it ends; a seal that crosses its rim would
    hang together with the whole of it.
    """
    height, width = pale.shape
    run, reach = max(3, round(STRAIGHT * min(height, width))), 2 * max(2, round(FRINGE * min(height, width))) + 1
    straight = [cv2.morphologyEx(pale, cv2.MORPH_OPEN, np.ones(side, np.uint8)) for side in ((1, run), (run, 1))]
    along = cv2.max(*straight)
    found = np.zeros_like(pale)
    for x, y, w, h in pieces(along, (0, 0, width, height)) if cv2.countNonZero(along) else ():
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


def pieces(ink: Picture, within: tuple[int, int, int, int]) -> list[tuple[int, int, int, int]]:
    """Boxes (x, y, width, height) of connected ink inside a box.

    Where a pen crosses black print its colour is interrupted; its pieces are one stroke.
    """
    left, top, width, height = within
    reach = max(5, round(BROKEN * min(ink.shape)))
    joined = cv2.dilate(ink[top : top + height, left : left + width], np.ones((reach, reach), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    return [(left + x, top + y, w, h) for x, y, w, h, _ in stats[1:].tolist()]
