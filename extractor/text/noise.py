"""Pages whose ink is no writing: a scanner's noise, halftones, dirt.

Ink in a cell is read even where the detector saw no line. Noise makes many cells and ink in all of them; each piece
would be read, doubted and read again: half a minute for nothing. That ink is no writing shows when some of it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from extractor.elements import Box, TextLine, Warn

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.ports import Reader

MANY = 400  # pieces of ink; the sample below costs less than a third of reading them
UNSEEN = 2  # pieces to one line that the detector saw: so much ink that is no line to it makes a page doubtful
SAMPLE = 120  # pieces, spread over all, that are read first
BELIEVED = 0.5  # least posterior of what may be writing
# Share of the sample that must be believed. Of cells of 96 poor, faxed and photographed pages at least 0.73 are (worst
# page), of pieces of a page of noise 0.03.
WRITING = 0.25


def read_writing(
    reader: Reader, picture: Picture, boxes: Sequence[Box], n_detected: int
) -> tuple[list[TextLine], tuple[Warn, ...]]:
    """A line for each box (pixels), in the same order, as `Reader.read` gives them. n_detected: lines of the detector.

    Where most of MANY boxes are of ink that is no line to the detector, and nearly none of a sample can be believed,
    their lines stay empty and a warning says so. A cell with ink but without text is not held for empty.
    """
    if len(boxes) >= max(MANY, UNSEEN * n_detected):
        some = boxes[:: len(boxes) // SAMPLE]
        sample = reader.read(picture, some)
        believed = sum(line.text.strip() != "" and line.p >= BELIEVED for line in sample)
        if believed < WRITING * len(sample):
            detail = (
                f"{len(boxes)} pieces of ink stand like text; of {len(sample)} that were read "
                f"{believed} may be writing, so none was kept and the others were not read"
            )
            return [TextLine("", box) for box in boxes], (Warn("noise_not_read", detail),)
    return reader.read(picture, boxes), ()
