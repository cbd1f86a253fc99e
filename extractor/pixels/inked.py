"""Ink that is characters, told from rules by its size and fullness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

STROKES = 1.6  # text heights: the largest extent of one character
LONGEST_STROKE = 1.35  # text heights: no stroke of a character is longer than this
THIN = 0.3  # text heights: ink thinner than this either way may be a piece of a rule
RIM = 0.1  # text heights: how far a character's blur goes
WIDEST = 0.55  # text heights: thicker dark bars are shading, not rules
BAR, FULLEST = 4.0, 0.65  # text heights, share of its box: longer and fuller ink is a thick rule standing alone
CROSS, SPARSE = 1.1, 0.4  # text heights, share of its box: larger and emptier ink may be the crossing of two rules
LEAN = 0.2  # text heights: ink that is two lines no thicker may be the crossing of two dashes, however small
RIMMED = 0.3  # share of its length along which a grey fill's rim goes beside a rule
WHOLE = 20.0  # times as long as a rule may be thick: so long such a rule is, under a heading of several columns
STUMPS = 0.3  # of a rule along which ends of crossing dashes stand out; characters of a string fill more
SLIM = 0.6  # share of the box across a line of a crossing that the line is thick: more is a dot
THROUGH, LEFT_OVER = 0.8, 0.08  # share of a crossing's box that each line goes through; of its ink beside both
RUN, CROSSED = 5.0, 0.35  # text heights: a run as long is no text's; a crossing rule, blurred, is no thicker
OFF_TRACK = 0.16  # text heights: how far a rule's track may lie off its place, for a page is never flat
FULL = 0.22  # share of its box that a string of characters inks; a rule with a character stuck to it inks less


def characters(mask: Picture, scale: float) -> Picture:
    """1 where connected ink is of the size and fullness of characters: strings and stacks of them too."""
    return characters_and_crosses(mask, scale)[0]


def characters_and_crosses(mask: Picture, scale: float) -> tuple[Picture, Picture]:
    """1 where connected ink is of the size and fullness of characters; 1 where such ink is nothing but a cross.

    Dashes cross, meet and turn in shapes as small as characters, of which 十 and 1 are alike: only a row of dashes
    beside one tells.

    A piece of a rule is thinner than a character, a long one lower; a rule with a character stuck to it is emptier.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    width, height, area = (stats[:, k].astype(np.float32) for k in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, 4))
    large = STROKES * scale
    small = (width <= large) & (height <= large)
    string = ((width <= large) | (height <= large)) & (area > FULL * width * height)
    # A worn rule, a little slanting or with specks on it, fills its box no better, but no string is so low.
    low = np.minimum(width, height) < WIDEST * scale
    bar = (np.maximum(width, height) > BAR * scale) & (low | (area > FULLEST * width * height))
    character = (np.minimum(width, height) >= THIN * scale) & (small | (string & ~bar))
    character[0] = False
    worn = (np.maximum(width, height) > CROSS * scale) & (area < SPARSE * width * height)
    lean = area < LEAN * scale * (width + height)
    cross = np.zeros_like(character)
    for k in np.flatnonzero(character & small & (worn | lean)).tolist():
        x, y, w, h = stats[k, :4].tolist()
        if _is_cross(labels[y : y + h, x : x + w] == k):
            character[k], cross[k] = not worn[k], not worn[k]
    for k in np.flatnonzero(character & ~small & (area < SPARSE * width * height)).tolist():
        x, y, w, h = stats[k, :4].tolist()
        character[k] = not _is_rail(labels[y : y + h, x : x + w] == k, WIDEST * scale)
    ones: Picture = np.stack((character, cross)).astype(np.uint8)
    both: tuple[Picture, Picture] = (ones[0][labels], ones[1][labels])
    return both


def _is_cross(ink: NDArray[np.bool_]) -> bool:
    """Whether all ink of a box lies on one level and one upright line through it: where two rules meet."""
    rows, columns = ink.sum(axis=1) >= THROUGH * ink.shape[1], ink.sum(axis=0) >= THROUGH * ink.shape[0]
    if not (rows.any() and columns.any()):
        return False
    row, column = np.flatnonzero(rows), np.flatnonzero(columns)
    if np.ptp(row) >= len(row) or np.ptp(column) >= len(column):
        return False
    if len(row) > SLIM * ink.shape[0] or len(column) > SLIM * ink.shape[1]:
        return False
    rest = ink.copy()
    rest[max(0, int(row[0]) - 1) : int(row[-1]) + 2] = False
    rest[:, max(0, int(column[0]) - 1) : int(column[-1]) + 2] = False
    return int(rest.sum()) < LEFT_OVER * int(ink.sum())


def _is_rail(ink: NDArray[np.bool_], thickest: float) -> bool:
    """Whether one straight line goes through a long box and little but stumps stands beside it: a rule.

    thickest: pixels; the rim of a grey fill along a rule is as thin, characters are not. A page is level to a few
    pixels: over its breadth a rule may lean by more than it is thick.
    """
    lying = ink if ink.shape[1] > ink.shape[0] else ink.T
    rows = np.flatnonzero(lying.sum(axis=1) >= THROUGH * lying.shape[1])
    if not len(rows) or np.ptp(rows) > SLIM * len(lying):
        return False
    if _beside(lying, rows) < STUMPS:
        return True
    if lying.shape[1] < WHOLE * thickest:
        return False
    level = _levelled(lying)
    share = level.sum(axis=1) / level.shape[1]
    rimmed = np.flatnonzero(share >= RIMMED)
    return bool(share.max() >= THROUGH and np.ptp(rimmed) < thickest and _beside(level, rimmed) < STUMPS)


def _beside(lying: NDArray[np.bool_], rows: NDArray[np.intp]) -> float:
    """Share of the columns that have ink outside a band of rows."""
    rest = np.delete(lying, np.s_[max(0, int(rows[0]) - 1) : int(rows[-1]) + 2], axis=0)
    return float(rest.any(axis=0).mean())


def _levelled(lying: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Ink of a low box with its columns moved up and down, so that what leans along all of it lies level."""
    height, width = lying.shape
    middles = (np.arange(height) @ lying) / np.maximum(lying.sum(axis=0), 1)
    third = max(1, width // 3)
    lean = float(np.median(middles[-third:]) - np.median(middles[:third])) / max(1, width - third)
    rows = np.arange(height)[:, None] + np.round(lean * (np.arange(width) - width / 2)).astype(int)[None, :]
    inside = (rows >= 0) & (rows < height)
    level: NDArray[np.bool_] = lying[rows.clip(0, height - 1), np.arange(width)[None, :]] & inside
    return level


def with_rims(characters: Picture, mask: Picture, scale: float) -> Picture:
    """Characters with their blurred rims: too pale to be ink, yet darker than paper, they would be fine ridges."""
    reach = max(1, round(RIM * scale))
    around = cv2.dilate(characters, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    whole: Picture = characters | (around & (1 - mask))
    return whole


def long_runs(ridge: Picture, scale: float) -> Picture:
    """1 where level ridges longer than any stroke go on straight, over no more than crossing rules.

    Rules whose tone is about that of ink's threshold are ink here and there, in pieces of any shape: that they hang
    together is seen in the ridge alone.
    """
    stroke, crossed = max(5, round(LONGEST_STROKE * scale)), max(3, round(CROSSED * scale)) | 1
    runs = cv2.morphologyEx(np.ascontiguousarray(ridge), cv2.MORPH_OPEN, np.ones((1, stroke), np.uint8))
    runs = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((1, crossed), np.uint8))
    long: Picture = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((1, max(5, round(RUN * scale))), np.uint8))
    return long


def track_at(ridge: Picture, at: float, start: float, end: float, scale: float) -> tuple[int, NDArray[np.uint8]]:
    """The best straight level track near `at`: its first row, three pixels high, and which pixels of it are ridge.

    The track may lie off by a little but must be one: text strokes of a merged cell are dark at many heights, a
    border at one. Empty where the stretch lies outside the page.
    """
    across, along = ridge.shape
    reach = max(2, round(OFF_TRACK * scale))
    x0, x1 = max(0, round(start)), min(along, round(end))
    y0, y1 = max(0, round(at) - reach - 1), min(across, round(at) + reach + 2)
    if x1 <= x0 or y1 - y0 < 3:
        return y0, np.zeros(0, np.uint8)
    band = ridge[y0:y1, x0:x1]
    tracks = band[:-2] | band[1:-1] | band[2:]
    k = int(tracks.sum(axis=1).argmax())
    best: NDArray[np.uint8] = tracks[k]
    return y0 + k, best
