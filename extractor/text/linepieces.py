"""Pieces of text lines inside a cell: merged, cut apart, stretched over ink that the detector missed, put in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from extractor.elements import Box
from extractor.geometry import grown, intersection, overlap, union

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

ALONE = 0.4  # text heights: ink not near any text line must be this large one way to be text
BROKEN = (0.22, 0.16)  # text heights: pieces of one worn character, the strokes of 小, stand no further apart; lines do
HANGING = 0.7  # text heights: a mark lower than this that begins within a line may end below it
TALL = 1.75  # text heights: a taller piece may hold two lines


def apart(lines: Sequence[Box]) -> list[Box]:
    """Lines under each other whose boxes overlap (a detector's margins) cut apart half-way."""
    out = list(lines)
    for i in range(len(out)):
        for j in range(i + 1, len(out)):
            a, b = (i, j) if out[i].y0 + out[i].y1 <= out[j].y0 + out[j].y1 else (j, i)
            upper, lower = out[a], out[b]
            beside = overlap(upper.x0, upper.x1, lower.x0, lower.x1)
            if beside > 0 and upper.y1 > lower.y0 and upper.y0 < lower.y0 and upper.y1 < lower.y1:
                middle = (upper.y1 + lower.y0) / 2
                out[a], out[b] = upper._replace(y1=middle), lower._replace(y0=middle)
    return out


def merged(lines: list[Box], scale: float) -> list[Box]:
    """Pieces of one line that overlap (a detector's doubles) as one."""
    out: list[Box] = []
    for line in sorted(lines, key=lambda b: b.x0):
        for k, other in enumerate(out):
            level = overlap(line.y0, line.y1, other.y0, other.y1) > 0.7 * max(line.height, other.height)
            nested = shared_area(line, other) > 0.6 * min(line.area, other.area)
            if nested or (level and line.x0 < other.x1 + 0.1 * scale):
                out[k] = union([line, other])
                break
        else:
            out.append(line)
    return out


def single_lines(line: Box, text: Picture, scale: float) -> list[Box]:
    """A piece tall enough for two lines is split at its blank rows.

    Rows with as little ink as the noise of so wide a line are blank; where a lone character wrapped to the next line,
    its own thin rows are no more than that, and only rows without any ink are.
    """
    if line.height < TALL * scale:
        return [line]
    x0, y0, x1, y1 = pixels(line, text)
    rows = text[y0:y1, x0:x1].sum(axis=1)
    for most in (0.02 * (x1 - x0), 0.0):
        pieces = _inked_rows(rows > most, line, y0, scale)
        if len(pieces) > 1:
            return pieces
    return [line]


def _inked_rows(inked: NDArray[np.bool_], line: Box, y0: int, scale: float) -> list[Box]:
    """The parts of a line, from its pixel row y0, that are tall enough for one; thin ones belong to that above."""
    pieces: list[Box] = []
    start = None
    for y, dark in enumerate([*inked.tolist(), False]):
        if dark and start is None:
            start = y
        elif not dark and start is not None:
            if pieces and (y - start < 0.3 * scale or pieces[-1].height < 0.3 * scale):
                pieces[-1] = pieces[-1]._replace(y1=float(y0 + y))
            else:
                pieces.append(Box(line.x0, y0 + start, line.x1, y0 + y))
            start = None
    tall_enough = [p for p in pieces if p.height >= 0.5 * scale]
    return [grown(p, 0, 0.1 * scale) for p in tall_enough]


def completed(lines: list[Box], marks: list[Box], own: list[Box], text: Picture, scale: float) -> list[Box]:
    """Lines stretched over marks that continue them, and new lines for `own` marks, no specks, that no line holds."""
    lines = _stretched(lines, _loose(lines, marks), scale)
    loose = _loose(lines, marks)
    whole = _together(_loose(lines, own), scale)
    rows = _rows_of_marks([mark for mark in whole if max(mark.width, mark.height) >= ALONE * scale], scale)
    rows = [piece for row in rows for piece in single_lines(row, text, scale)]
    # A point or a comma makes no line, but goes on one that other marks make.
    return lines + _stretched(rows, _loose(rows, loose), scale)


def _loose(lines: Sequence[Box], marks: Sequence[Box]) -> list[Box]:
    held = held_by(marks, lines)
    return [mark for mark, one in zip(marks, held, strict=True) if not one]


def _together(marks: Sequence[Box], scale: float) -> list[Box]:
    """Marks with those united that stand no further apart than `BROKEN`: pieces of a character worn through."""
    out: list[Box] = []
    for mark in marks:
        near = [other for other in out if intersection(grown(mark, BROKEN[0] * scale, BROKEN[1] * scale), other)]
        out = [other for other in out if other not in near] + [union([mark, *near])]
    return out


def _stretched(lines: Sequence[Box], loose: Sequence[Box], scale: float) -> list[Box]:
    out = list(lines)
    for mark in sorted(loose, key=lambda b: b.x0):
        for k, line in enumerate(out):
            level = overlap(mark.y0, mark.y1, line.y0, line.y1) > 0.6 * min(mark.height, line.height)
            # A comma hangs below the line that the detector drew around higher characters.
            low = ALONE * scale <= max(mark.width, mark.height) and mark.height < HANGING * scale
            hangs = low and line.y0 < mark.y0 < line.y1 - 0.25 * mark.height
            gap = max(mark.x0 - line.x1, line.x0 - mark.x1)
            if (level or hangs) and gap < 0.8 * scale:
                out[k] = union([line, mark])
                break
    return out


def _rows_of_marks(marks: list[Box], scale: float) -> list[Box]:
    rows: list[Box] = []
    for mark in sorted(marks, key=lambda b: b.x0):
        for k, row in enumerate(rows):
            level = overlap(mark.y0, mark.y1, row.y0, row.y1) > 0.4 * min(mark.height, row.height)
            if level and mark.x0 - row.x1 < 1.2 * scale:
                rows[k] = union([row, mark])
                break
        else:
            rows.append(mark)
    return [row for row in rows if row.height >= 0.3 * scale or row.width >= 0.45 * scale]


def reading_order(boxes: Sequence[Box]) -> list[Box]:
    return [box for row in in_rows(boxes) for box in row]


def in_rows(boxes: Sequence[Box]) -> list[list[Box]]:
    """Boxes as rows from the top, each from the left. Boxes share a row when they overlap by half in height."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: (b.y0 + b.y1) / 2):
        if rows:
            last = union(rows[-1])
            if overlap(box.y0, box.y1, last.y0, last.y1) > 0.5 * min(box.height, last.height):
                rows[-1].append(box)
                continue
        rows.append([box])
    return [sorted(row, key=lambda b: b.x0) for row in rows]


def pixels(box: Box, picture: Picture) -> tuple[int, int, int, int]:
    height, width = picture.shape[:2]
    return (
        max(0, round(box.x0)), max(0, round(box.y0)), min(width, round(box.x1)), min(height, round(box.y1))
    )


def shared_area(mark: Box, line: Box) -> float:
    shared = intersection(mark, line)
    return 0.0 if shared is None else shared.area


def shared_areas(marks: Sequence[Box], boxes: Sequence[Box]) -> NDArray[np.float64]:
    """What every mark shares with every box, (marks, boxes): a peppered page's cells hold hundreds of marks."""
    one = np.array(marks, np.float64).reshape(-1, 1, 4)
    other = np.array(boxes, np.float64).reshape(1, -1, 4)
    sides = np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2])
    return np.asarray(np.maximum(sides, 0).prod(axis=-1))


def held_by(marks: Sequence[Box], boxes: Sequence[Box]) -> NDArray[np.bool_]:
    """Which marks lie mostly in one of the boxes."""
    half = np.array([0.5 * mark.area for mark in marks]).reshape(-1, 1)
    shared = shared_areas(marks, boxes)
    return np.asarray(((shared > 0) & (shared >= half)).any(axis=1))
