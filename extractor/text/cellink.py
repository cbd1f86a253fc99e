"""What is to be read in a cell, and the cells whose ink is hardly any: worn to pieces, pale, or only detected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.elements import Box, TextLine
from extractor.geometry import grown, intersection, union
from extractor.text.linepieces import pixels, reading_order

if TYPE_CHECKING:
    from extractor.elements import Picture

SEALED = 0.01  # share of a cell under coloured ink from which it is flagged
PALE = 18.0  # tones by which the faintest strokes are darker than their paper, once noise is smoothed
PALE_RIM = 0.2  # text heights beside a border where its blur lies
SEEN_NOISE = 4.0  # times the noise: the same where the detector saw a line
FREE_RIM = 0.3  # text heights from a border, where its blur is none
FAINT_STROKE = 0.3  # text heights: a stroke of it is as long
HALF_SEEN = 0.5  # coverage of what was read from pale strokes
AROUND_WORN = 0.5  # text heights of paper around figures worn to pieces; closer, 2 of 3 were read as nothing
MARGIN = 0.14  # text heights of paper left around ink for the recogniser


@dataclass(frozen=True, slots=True)
class CellInk:
    """What is to be read in a cell: crops, share of inner area inked, share of the ink inside the crops.

    parted: a detected line goes on beyond one of the cell's upright borders.
    `seal`: share of the inner area under coloured ink that was put over the page.
    """

    crops: tuple[Box, ...]
    ink: float = 0.0
    coverage: float = 1.0
    seal: float = 0.0
    parted: bool = False

    @property
    def sealed(self) -> bool:
        return self.seal > SEALED


def with_unread(cell: CellInk, read: Sequence[TextLine]) -> CellInk:
    """A cell with a crop of which nothing was read beside others that were: part of its text may be missing."""
    told = [bool(line.text.strip()) for line in read]
    return replace(cell, coverage=min(cell.coverage, HALF_SEEN)) if any(told) and not all(told) else cell


def worn_ink(worn: Sequence[Box], inner: Box, mask: Picture, scale: float) -> CellInk:
    """A cell whose only ink are figures worn to pieces: read, but never believed."""
    crop = intersection(grown(union(worn), 1.5 * AROUND_WORN * scale, AROUND_WORN * scale), inner)
    return CellInk(() if crop is None else (crop,), float(mask.mean()), HALF_SEEN)


def seen_ink(parts: Sequence[Box], cell: Box, clean: Picture, pale: float, scale: float) -> CellInk:
    """A cell without ink in which the detector, that sees shapes, saw a line: read, but never believed.

    Only where a stroke is to be seen, if a faint one, for a detector sees lines in dust too. What reaches into the cell
    from beside it is no line of its own.
    """
    own = [
        part for part in parts
        if cell.x0 < part.x0 and part.x1 < cell.x1 and cell.y0 < part.y0 and part.y1 < cell.y1
        and (free := intersection(part, grown(cell, -FREE_RIM * scale, -FREE_RIM * scale)))
        and _has_stroke(free, clean, scale)
    ]
    return CellInk(tuple(reading_order(own)), pale, HALF_SEEN if own else 1.0)


def _has_stroke(part: Box, clean: Picture, scale: float) -> bool:
    x0, y0, x1, y1 = pixels(part, clean)
    smooth = cv2.blur(clean[y0:y1, x0:x1], (3, 3)).astype(np.float32)
    paper = float(np.percentile(smooth, 75))
    noise = 1.4826 * float(np.median(np.abs(smooth[smooth >= paper] - paper)))
    faint = (smooth < paper - max(PALE, SEEN_NOISE * noise)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(faint, connectivity=8)
    return bool((stats[1:, 2:4].max(axis=1, initial=0) >= FAINT_STROKE * scale).any())


def pale_ink(inner: Box, clean: Picture, scale: float) -> CellInk:
    """A cell without ink, looked at again for strokes so faded that only their shape stands out of the paper's noise.

    What is found is read, but never believed: its coverage is HALF_SEEN.
    """
    x0, y0, x1, y1 = pixels(grown(inner, -PALE_RIM * scale, -PALE_RIM * scale), clean)
    if x1 - x0 < 0.5 * scale or y1 - y0 < 0.5 * scale:
        return CellInk(())
    smooth = cv2.blur(clean[y0:y1, x0:x1], (3, 3))
    paper = float(np.median(smooth))
    noise = 1.4826 * float(np.median(np.abs(smooth.astype(np.float32) - paper)))
    pale = (smooth < paper - max(PALE, 5.0 * noise)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(pale, connectivity=8)
    marks = [
        Box(x0 + x, y0 + y, x0 + x + w, y0 + y + h)
        for x, y, w, h, _ in stats[1:].tolist()
        if x > 0 and y > 0 and x + w < x1 - x0 and y + h < y1 - y0  # a shadow or a rule's fringe comes from the rim
    ]
    strokes = [mark for mark in marks if 0.4 * scale <= mark.height <= 1.3 * scale and mark.width <= 1.3 * scale]
    if not strokes or len(marks) > 4 * len(strokes):
        # Pieces of strokes that nobody could read still make emptiness doubtful.
        return CellInk((), float(pale.mean()) if any(mark.height >= 0.25 * scale for mark in marks) else 0.0)
    box = union(strokes)
    if box.height > 1.4 * scale:
        return CellInk(())
    crop = intersection(grown(box, 2 * MARGIN * scale, MARGIN * scale), inner)
    return CellInk(() if crop is None else (crop,), float(pale.mean()), HALF_SEEN)
