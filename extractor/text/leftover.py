"""Ink of a line that none of its characters explains, and what it is by its shape.

The recogniser drops marks that it seldom sees (a ticked box) or that stand apart (a bracket, a lone 一), and is sure of
the rest. But each character that it gave stands somewhere in the line: connected ink with no character in reach is
left over. Only shapes that are unlike any other character are named; lengths are in ems, the width of a full
character.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.chinese import is_chinese
from extractor.elements import Box, Char, TextLine
from extractor.geometry import union
from extractor.text.markshapes import kind_of

if TYPE_CHECKING:
    from extractor.elements import Picture

EM = 0.88  # of a text height: a full character's width, where a line does not tell its own
REACH, NARROW_REACH = 0.62, 0.42  # ems: ink so near a character's centre, a digit's, is its own
BROAD = frozenset("%％‰≥≤≧≦“”《》…—①②③④⑤⑥⑦⑧⑨⑩")  # not Chinese, and as wide or in pieces as far apart
FEWEST_STEPS, BLANK = 3, 1.35
LARGE = 0.4  # ems: ink smaller than this both ways may be dirt
TOGETHER = 0.12  # ems: pieces as near as this across are one mark
HAIR, LONG = 0.12, 1.2  # ems: what is thinner than the first and longer than the second is a rest of a rule
FINE = 0.004  # squared text heights: less ink is a speck


@dataclass(frozen=True, slots=True)
class Leftover:
    """Ink in a line that no character explains. `kind`: "☐", "☑", "(", ")", "一", or "" if its shape tells nothing."""

    box: Box
    kind: str
    em: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """Connected ink of a page's text, from the top: boxes (n, 4) as x0, y0, x1, y1, their middles' y, and the mask.

    `peppered`: the mask with the specks that were taken off it.
    """

    boxes: Picture
    middles: Picture
    mask: Picture
    peppered: Picture
    scale: float

    @classmethod
    def of(cls, mask: Picture, scale: float, peppered: Picture | None = None) -> Pieces:
        """`mask`: 1 where text is inked, rules taken off. `scale`: text height in pixels."""
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        x, y, w, h, area = stats[1:].T
        kept = area >= FINE * scale * scale
        boxes = np.stack([x, y, x + w, y + h], axis=1)[kept].astype(np.float32)
        middles = (boxes[:, 1] + boxes[:, 3]) / 2
        order = middles.argsort()
        return cls(boxes[order], middles[order], mask, mask if peppered is None else peppered, scale)

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
    steps = steps_of(line)
    own = EM * scale
    if len(steps) < FEWEST_STEPS:
        return own
    # The recogniser's places are coarse, so steps are averaged; a blank or a lost mark between two is no step.
    usual = [step for step in steps if step <= BLANK * median(steps)]
    em = sum(usual) / len(usual)
    # A title's characters are larger than the page's, but those set apart no higher than it.
    return em if 0.5 * own < em < max(2.0 * own, line.box.height) else own


def steps_of(line: TextLine) -> list[float]:
    """From each full character of a line to the next; 一 may be what a line to write on was read as, so it is none."""
    return [b.x - a.x for a, b in pairwise(line.chars) if is_wide(a) and is_wide(b) and "一" not in (a.text, b.text)]


def is_wide(char: Char) -> bool:
    """Whether a character fills a full em and one only: a Chinese one."""
    return is_chinese(char.text)


def leftovers(line: TextLine, cell: Box, pieces: Pieces) -> list[Leftover]:
    """What is left over in and right beside a line, from the left."""
    em = em_of(line, pieces.scale)
    box = line.box
    room = Box(max(cell.x0, box.x0 - 1.2 * em), box.y0, min(cell.x1, box.x1 + 1.2 * em), box.y1)
    found, free = free_pieces(line, room, pieces)
    if not len(free):
        return []
    marks = _together([Box(*map(float, one)) for one in free], em)
    middle = middle_of(found, box)
    return [
        Leftover(mark, kind_of(pieces.cut(mark), mark, middle, em), em)
        for mark in marks if max(mark.width, mark.height) >= LARGE * em and not _is_hair(mark, em)
    ]


def free_pieces(line: TextLine, room: Box, pieces: Pieces, reach: float = REACH) -> tuple[Picture, Picture]:
    """All pieces in some room around a line, and those that none of its characters explains; none of an empty line."""
    found = pieces.within(room)
    chars = [char for char in line.chars if char.text.strip()]
    if not len(found) or not chars:
        return found, found[:0]
    return found, found[~_explained(found, chars, em_of(line, pieces.scale), reach)]


def _is_hair(mark: Box, em: float) -> bool:
    thin, long = sorted((mark.width, mark.height))
    return thin < HAIR * em / 2 or (thin < HAIR * em and long > LONG * em)


def _explained(found: Picture, chars: Sequence[Char], em: float, far: float) -> Picture:
    """For each piece whether a character's centre lies in it, or so near its own that it is a part of that."""
    xs = np.array([char.x for char in chars], np.float32)
    broad = np.array([is_wide(char) or char.text in BROAD for char in chars])
    reach = np.where(broad, far, NARROW_REACH).astype(np.float32) * em
    centres = (found[:, 0] + found[:, 2]) / 2
    inside = (xs >= found[:, :1]) & (xs <= found[:, 2:3])
    near = np.abs(xs - centres[:, None]) < reach
    explained: Picture = np.asarray((inside | near).any(axis=1))
    return explained


def middle_of(found: Picture, line: Box) -> float:
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
