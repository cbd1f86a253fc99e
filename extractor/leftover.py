"""Ink of a line that none of its characters explains, and what it is by its shape.

The recogniser drops marks that it seldom sees (a ticked box) or that stand apart (a bracket, a lone 一), and is sure of
the rest. But each character that it gave stands somewhere in the line: connected ink with no character in reach is
left over. Only shapes that are unlike any other character are named; lengths are in ems, the width of a full
character.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.elements import Box, Char, TextLine
from extractor.geometry import union

if TYPE_CHECKING:
    from extractor.elements import Picture

EM = 0.88  # of a text height: a full character's width, where a line does not tell its own
REACH, NARROW_REACH = 0.62, 0.42  # ems: ink so near a character's centre, a digit's, is its own
BROAD = frozenset("%％‰≥≤≧≦“”《》…—①②③④⑤⑥⑦⑧⑨⑩")  # not Chinese, and as wide or in pieces as far apart
LARGE = 0.4  # ems: ink smaller than this both ways may be dirt
TOGETHER = 0.12  # ems: pieces as near as this across are one mark
SIDE = (0.5, 1.15)  # ems: a box's side
SQUARE = 1.35  # its longer side by the shorter
STANDING = 0.42  # ems: a straight run of ink as long as this may be a side
WHOLE = 0.75  # share of a side that is inked
WORN = 0.45  # the same where boxes stand in the same cell
TICKED = (0.06, 0.5)  # share of a box's inside that a tick inks; an empty one's is clean, and 国 has more
ARC = (0.7, 1.5)  # ems: a bracket's height
SLIM = 0.45  # ems: its width
STROKE = (0.55, 1.2)  # ems: length of a lone level stroke
FLAT = 0.22  # ems: its thickness
MIDDLE = 0.25  # ems: how far from its line's middle it may stand
HAIR = 0.12  # ems: what is thinner and longer than a character is a rest of a rule
FINE = 0.004  # squared text heights: less ink is a speck


@dataclass(frozen=True, slots=True)
class Leftover:
    """Ink in a line that no character explains. `kind`: "☐", "☑", "(", ")", "一", or "" if its shape tells nothing."""

    box: Box
    kind: str
    em: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """Connected ink of a page's text, from the top: boxes (n, 4) as x0, y0, x1, y1, their middles' y, and the mask."""

    boxes: Picture
    middles: Picture
    mask: Picture
    scale: float

    @classmethod
    def of(cls, mask: Picture, scale: float) -> Pieces:
        """`mask`: 1 where text is inked, rules taken off. `scale`: text height in pixels."""
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        x, y, w, h, area = stats[1:].T
        kept = area >= FINE * scale * scale
        boxes = np.stack([x, y, x + w, y + h], axis=1)[kept].astype(np.float32)
        middles = (boxes[:, 1] + boxes[:, 3]) / 2
        order = middles.argsort()
        return cls(boxes[order], middles[order], mask, scale)

    def within(self, area: Box) -> Picture:
        """Boxes, from the left, of pieces whose middle lies in an area."""
        first, last = np.searchsorted(self.middles, [area.y0, area.y1])
        boxes = self.boxes[first:last]
        across = (boxes[:, 0] + boxes[:, 2]) / 2
        boxes = boxes[(across >= area.x0) & (across <= area.x1)]
        found: Picture = boxes[boxes[:, 0].argsort()]
        return found

    def cut(self, box: Box) -> Picture:
        part: Picture = self.mask[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)]
        return part


def em_of(line: TextLine, scale: float) -> float:
    """Width of a full character of a line in pixels: its characters' own distance, where four stand in a row."""
    best = (0, 0.0)
    start = 0
    chars = line.chars
    for k in range(1, len(chars) + 1):
        if k == len(chars) or not (is_wide(chars[k]) and is_wide(chars[k - 1])):
            if k - 1 - start > best[0]:
                best = (k - 1 - start, (chars[k - 1].x - chars[start].x) / (k - 1 - start))
            start = k
    own = EM * scale
    return best[1] if best[0] >= 3 and 0.5 * own < best[1] < 2.0 * own else own


def is_wide(char: Char) -> bool:
    """Whether a character fills a full em and one only: a Chinese one."""
    return "\u4e00" <= char.text <= "\u9fff"


def leftovers(line: TextLine, cell: Box, pieces: Pieces) -> list[Leftover]:
    """What is left over in and right beside a line, from the left."""
    em = em_of(line, pieces.scale)
    box = line.box
    room = Box(max(cell.x0, box.x0 - 1.2 * em), box.y0, min(cell.x1, box.x1 + 1.2 * em), box.y1)
    found = pieces.within(room)
    chars = [char for char in line.chars if char.text.strip()]
    if not len(found) or not chars:
        return []
    free = found[~_explained(found, chars, em)]
    if not len(free):
        return []
    marks = _together([Box(*map(float, one)) for one in free], em)
    middle = _middle(found, box)
    return [
        Leftover(mark, kind_of(pieces.cut(mark), mark, middle, em), em)
        for mark in marks if max(mark.width, mark.height) >= LARGE * em and not _is_hair(mark, em)
    ]


def _is_hair(mark: Box, em: float) -> bool:
    thin, long = sorted((mark.width, mark.height))
    return thin < HAIR * em / 2 or (thin < HAIR * em and long > STROKE[1] * em)


def _explained(found: Picture, chars: Sequence[Char], em: float) -> Picture:
    """For each piece whether a character's centre lies in it, or so near its own that it is a part of that."""
    xs = np.array([char.x for char in chars], np.float32)
    broad = np.array([is_wide(char) or char.text in BROAD for char in chars])
    reach = np.where(broad, REACH, NARROW_REACH).astype(np.float32) * em
    centres = (found[:, 0] + found[:, 2]) / 2
    inside = (xs >= found[:, :1]) & (xs <= found[:, 2:3])
    near = np.abs(xs - centres[:, None]) < reach
    explained: Picture = np.asarray((inside | near).any(axis=1))
    return explained


def _middle(found: Picture, line: Box) -> float:
    """Height of a line's middle: that of its tall pieces, or its box's."""
    tall = found[found[:, 3] - found[:, 1] > 0.5 * line.height]
    return float(np.median((tall[:, 1] + tall[:, 3]) / 2)) if len(tall) else line.center.y


def _together(marks: Sequence[Box], em: float) -> list[Box]:
    out: list[Box] = []
    for mark in marks:
        if out and mark.x0 - out[-1].x1 < TOGETHER * em:
            out[-1] = union([out[-1], mark])
        else:
            out.append(mark)
    return out


def kind_of(ink: Picture, box: Box, middle: float, em: float) -> str:
    """What a mark is by its shape, "" for none that can be told. `ink`: 1 where inked; `middle`: its line's, a y."""
    if box.width < SLIM * em and ARC[0] * em <= box.height <= ARC[1] * em:
        return bracket(ink, em)
    if STROKE[0] * em <= box.width <= STROKE[1] * em and box.height <= FLAT * em:
        return "一" if abs(box.center.y - middle) <= MIDDLE * em else ""
    return tick_box(ink, em)


def bracket(ink: Picture, em: float) -> str:
    """"(" or ")" where a tall mark is one thin arc bent to that side, else ""."""
    rows = ink.sum(axis=1)
    inked = rows > 0
    if inked.mean() < 0.85 or rows[inked].mean() > 0.24 * em:
        return ""
    heights = np.flatnonzero(inked)
    across = (ink[inked] * np.arange(ink.shape[1])).sum(axis=1) / rows[inked]
    part = max(1, len(heights) // 5)
    top, bottom = float(across[:part].mean()), float(across[-part:].mean())
    third = len(heights) // 3
    centre = float(across[third : len(heights) - third].mean())
    bend = (top + bottom) / 2 - centre
    # Both ends lie on the same side of its middle: a slash's do not.
    if min(abs(top - centre), abs(bottom - centre)) < 0.04 * em or (top - centre) * (bottom - centre) <= 0:
        return ""
    return "(" if bend > 0 else ")"


def tick_box(ink: Picture, em: float, whole: float = WHOLE) -> str:
    """"☐" or "☑" where a mark is a square with four straight sides, `whole` of each inked at least, else ""."""
    frame = _frame(ink, em, whole)
    if frame is None:
        return ""
    x0, y0, x1, y1 = frame
    rim = max(2, round(0.22 * (x1 - x0)))
    inside = ink[y0 + rim : y1 - rim + 1, x0 + rim : x1 - rim + 1]
    share = float(inside.mean()) if inside.size else 0.0
    return "☐" if share <= TICKED[0] else "☑" if share <= TICKED[1] else ""


def _frame(ink: Picture, em: float, whole: float) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of the square that straight runs of ink make; a tick may go beyond it."""
    gap, run = max(2, round(0.15 * em)), max(4, round(STANDING * em))
    run = run if whole >= WHOLE else max(4, round(0.75 * run))
    padded = cv2.copyMakeBorder(ink, run, run, run, run, cv2.BORDER_CONSTANT, value=(0,))
    sides = []
    for axis in (1, 0):
        along, across = ((1, run), (1, gap)) if axis == 1 else ((run, 1), (gap, 1))
        joined = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones(across, np.uint8))
        straight = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones(along, np.uint8))
        places = np.flatnonzero(straight.any(axis=axis)) - run
        if not len(places):
            return None
        sides.append((int(places[0]), int(places[-1])))
    (top, bottom), (left, right) = sides
    high, wide = bottom - top + 1, right - left + 1
    small, large = sorted((high, wide))
    if small < SIDE[0] * em or large > SIDE[1] * em or large > SQUARE * small:
        return None
    band = max(1, round(0.1 * em))
    own = ink[max(0, top) : bottom + 1, max(0, left) : right + 1]
    coverages = (own[:band].any(0), own[-band:].any(0), own[:, :band].any(1), own[:, -band:].any(1))
    if min(float(side.mean()) for side in coverages) < whole:
        return None
    return left, top, right, bottom
