"""Text lines into cells: cut at borders, ink that the detector missed, order inside a cell.

A cell is blank when no ink is left in it once rules, specks and coloured ink are taken off; only
cells with ink are read, because a recogniser invents text in an empty crop.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.elements import Box, Grid, TextEvidence, TextLine
from extractor.geometry import grown, intersection, overlap, union
from extractor.specks import NO_SPECKS

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.ink import Ink
    from extractor.ports import DetectedLine
    from extractor.rules import Ridges
    from extractor.specks import Specks

THIN_PIECE = 0.3  # text heights: a strip of a text line narrower than this beyond a border is overshoot
SPECK = 0.28  # text heights: ink smaller than this both ways is a speck, or punctuation beside other ink
COMMA, HEAD_GAP = 0.15, 0.8  # text heights: a comma's size, and how far before a line's first character it stands
ALONE = 0.4  # text heights: ink not near any text line must be this large one way to be text
BROKEN = (0.22, 0.16)  # text heights: pieces of one worn character, the strokes of 小, stand no further apart; lines do
SEALED = 0.01  # share of a cell under coloured ink from which it is flagged
PALE = 18.0  # tones by which the faintest strokes are darker than their paper, once noise is smoothed
PALE_RIM = 0.2  # text heights beside a border where its blur lies
SEEN_NOISE = 4.0  # times the noise: the same where the detector saw a line
FREE_RIM = 0.3  # text heights from a border, where its blur is none
FAINT_STROKE = 0.3  # text heights: a stroke of it is as long
HALF_SEEN = 0.5  # coverage of what was read from pale strokes
AROUND_WORN = 0.5  # text heights of paper around figures worn to pieces; closer, 2 of 3 were read as nothing
HANGING = 0.7  # text heights: a mark lower than this that begins within a line may end below it
MARGIN = 0.14  # text heights of paper left around ink for the recogniser
TALL = 1.75  # text heights: a taller piece may hold two lines
STARTS_ITEM = re.compile(
    r"^\s*(?:[(（]?[一二三四五六七八九十]{1,3}[)）、.．]|[(（]?\d{1,2}[)）、.．:：](?!\d)|[①-⑳]|[-—·•●◆■☐☑]|目标\s*\d)"
)


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


@dataclass(frozen=True, slots=True)
class Layout:
    """`cells[g][k]`: what to read in cell k of grid g. `outside`: text lines of no table."""

    cells: tuple[tuple[CellInk, ...], ...]
    outside: tuple[Box, ...] = field(default=())


def lay_out(
    detected: Sequence[DetectedLine], grids: Sequence[Grid], ink: Ink, ridges: Ridges, specks: Specks = NO_SPECKS
) -> Layout:
    """Decide what to read where: detected lines cut at borders, completed by ink that was missed.

    `ink` is without the page's specks.
    """
    scale = ridges.scale
    text: Picture = ink.faint & (1 - ridges.drawn)
    inside: list[list[list[Box]]] = [[[] for _ in grid.cells] for grid in grids]
    parted: set[tuple[int, int]] = set()
    outside: list[Box] = []
    for line in detected:
        home = [g for g, grid in enumerate(grids) if _belongs(line.box, grid.box)]
        if not home:
            outside.append(line.box)
        for g in home:
            for k, cell in enumerate(grids[g].cells):
                if cell.box.y0 >= line.box.y1 or cell.box.y1 <= line.box.y0:
                    continue  # as `intersection` would say, for most cells of most pages
                part = intersection(line.box, cell.box)
                if part and part.width >= THIN_PIECE * scale and part.height >= 0.4 * min(line.box.height, scale):
                    inside[g][k].append(part)
                    if part.width < line.box.width - THIN_PIECE * scale:
                        parted.add((g, k))
    cells = tuple(
        tuple(
            replace(_cell_ink(cell.box, inside[g][k], text, ink, scale, specks), parted=(g, k) in parted)
            for k, cell in enumerate(grid.cells)
        )
        for g, grid in enumerate(grids)
    )
    return Layout(cells, tuple(outside))


def _belongs(line: Box, table: Box) -> bool:
    shared = intersection(line, table)
    return shared is not None and shared.area > 0.35 * line.area


def _cell_ink(cell: Box, parts: list[Box], text: Picture, ink: Ink, scale: float, specks: Specks) -> CellInk:
    coloured = ink.coloured
    # The border's own ink, wherever within its tolerance it lies, is not the cell's.
    rim = min(0.14 * scale, 0.12 * cell.height, 0.12 * cell.width)
    inner = grown(cell, -rim, -rim)
    x0, y0, x1, y1 = _pixels(inner, text)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return CellInk(())
    mask = text[y0:y1, x0:x1]
    seal = 0.0 if coloured is None else float(coloured[y0:y1, x0:x1].mean())
    marks = _marks(mask, x0, y0, scale, specks.least(SPECK * scale))
    if not marks or _are_dots(marks, scale):
        if worn := specks.worn_in(inner):
            return _worn_ink(worn, inner, mask, scale)
        if seal > 0:
            return CellInk((), seal=seal)
        pale = _pale_ink(inner, ink.clean, scale)
        return pale if pale.crops else _seen_ink(parts, cell, ink.clean, pale.ink, scale)
    local = Box(x0, y0, x1, y1)
    lines = [p for p in (intersection(part, local) for part in parts) if p is not None]
    lines = [piece for line in _merged(lines, scale) for piece in _single_lines(line, text, scale)]
    lines = _merged(lines, scale)
    # Rests of a seal are no text of their own; black ink beside and under it is.
    black = marks if coloured is None else [mark for mark in marks if not _tinted(mark, coloured)]
    own = [mark for mark in black if not specks.may_be(mark)]
    lines = _completed(lines, black, own, text, scale)
    # Lines that a detector drew askew hold less when they are cut apart: what none holds any more comes back.
    lines = _completed(_apart(lines), black, own, text, scale)
    owned: dict[Box, list[Box]] = {line: [] for line in lines}
    for mark in marks:
        best = max(lines, key=lambda line: _shared(mark, line), default=None)
        if best is not None and _shared(mark, best) >= 0.5 * mark.area:
            owned[best].append(mark)
    crops = []
    for line, own in owned.items():
        if own:
            # Ink that reaches into the next line's (touching characters) does not stretch this one, and
            # faded ink that the detector saw but the mask did not stays in.
            tight = intersection(union(own), grown(line, scale, 0.2 * scale))
            crop = tight and intersection(grown(tight, 2 * MARGIN * scale, MARGIN * scale), local)
            crop = crop and union([crop, line._replace(y0=crop.y0, y1=crop.y1)])
            if crop is not None:
                crops.append(crop)
    crops = _merged(crops, scale)
    total = sum(mark.area for mark in marks)
    covered = sum(mark.area for mark in marks if any(_mostly_in(mark, crop) for crop in crops))
    return CellInk(tuple(_reading_order(crops)), float(mask.mean()), covered / total, seal)


def _worn_ink(worn: Sequence[Box], inner: Box, mask: Picture, scale: float) -> CellInk:
    """A cell whose only ink are figures worn to pieces: read, but never believed."""
    crop = intersection(grown(union(worn), 1.5 * AROUND_WORN * scale, AROUND_WORN * scale), inner)
    return CellInk(() if crop is None else (crop,), float(mask.mean()), HALF_SEEN)


def _seen_ink(parts: Sequence[Box], cell: Box, clean: Picture, pale: float, scale: float) -> CellInk:
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
    return CellInk(tuple(_reading_order(own)), pale, HALF_SEEN if own else 1.0)


def _has_stroke(part: Box, clean: Picture, scale: float) -> bool:
    x0, y0, x1, y1 = _pixels(part, clean)
    smooth = cv2.blur(clean[y0:y1, x0:x1], (3, 3)).astype(np.float32)
    paper = float(np.percentile(smooth, 75))
    noise = 1.4826 * float(np.median(np.abs(smooth[smooth >= paper] - paper)))
    faint = (smooth < paper - max(PALE, SEEN_NOISE * noise)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(faint, connectivity=8)
    return bool((stats[1:, 2:4].max(axis=1, initial=0) >= FAINT_STROKE * scale).any())


def _pale_ink(inner: Box, clean: Picture, scale: float) -> CellInk:
    """A cell without ink, looked at again for strokes so faded that only their shape stands out of the paper's noise.

    What is found is read, but never believed: its coverage is HALF_SEEN.
    """
    x0, y0, x1, y1 = _pixels(grown(inner, -PALE_RIM * scale, -PALE_RIM * scale), clean)
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


def _pixels(box: Box, picture: Picture) -> tuple[int, int, int, int]:
    height, width = picture.shape[:2]
    return (
        max(0, round(box.x0)), max(0, round(box.y0)), min(width, round(box.x1)), min(height, round(box.y1))
    )


def _marks(mask: Picture, x0: int, y0: int, scale: float, least: float) -> list[Box]:
    """Connected ink of a cell as boxes, specks (below `least`) left out unless beside larger ink (points, commas)."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    height, width = mask.shape
    boxes = []
    for x, y, w, h, area in stats[1:count].tolist():
        # What hugs the rim along most of it is a rest of the border.
        along_side = (x == 0 or x + w == width) and w < 0.2 * scale and h > 0.7 * height
        along_top = (y == 0 or y + h == height) and h < 0.2 * scale and w > 0.7 * scale
        if along_side or along_top or area < 0.006 * scale * scale:
            continue
        boxes.append(Box(x0 + x, y0 + y, x0 + x + w, y0 + y + h))
    large = [b for b in boxes if max(b.width, b.height) >= least]
    return large + [
        b for b in boxes
        if max(b.width, b.height) < least
        and any(_near(b, other, 0.6 * scale) or _is_head(b, other, scale) for other in large)
    ]


def _are_dots(marks: Sequence[Box], scale: float) -> bool:
    """Whether a cell's only ink are points in a row: no character is so low all over, and `marks` counts them."""
    return max(max(mark.width, mark.height) for mark in marks) < SPECK * scale and union(marks).height < ALONE * scale


def _near(a: Box, b: Box, distance: float) -> bool:
    return intersection(grown(a, distance, distance * 0.5), b) is not None


def _is_head(mark: Box, other: Box, scale: float) -> bool:
    """Whether a mark is 、 or ， at a line's head: its ink stands left below in a full width, so far from the next."""
    low = other.y0 + 0.4 * other.height < mark.center.y < other.y1 + 0.25 * scale
    return low and 0 < other.x0 - mark.x1 < HEAD_GAP * scale and max(mark.width, mark.height) >= COMMA * scale


def _shared(mark: Box, line: Box) -> float:
    shared = intersection(mark, line)
    return 0.0 if shared is None else shared.area


def _mostly_in(mark: Box, line: Box) -> bool:
    shared = intersection(mark, line)
    return shared is not None and shared.area >= 0.5 * mark.area


def _apart(lines: Sequence[Box]) -> list[Box]:
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


def _merged(lines: list[Box], scale: float) -> list[Box]:
    """Pieces of one line that overlap (a detector's doubles) as one."""
    out: list[Box] = []
    for line in sorted(lines, key=lambda b: b.x0):
        for k, other in enumerate(out):
            level = overlap(line.y0, line.y1, other.y0, other.y1) > 0.7 * max(line.height, other.height)
            nested = _shared(line, other) > 0.6 * min(line.area, other.area)
            if nested or (level and line.x0 < other.x1 + 0.1 * scale):
                out[k] = union([line, other])
                break
        else:
            out.append(line)
    return out


def _single_lines(line: Box, text: Picture, scale: float) -> list[Box]:
    """A piece tall enough for two lines is split at its blank rows."""
    if line.height < TALL * scale:
        return [line]
    x0, y0, x1, y1 = _pixels(line, text)
    rows = text[y0:y1, x0:x1].sum(axis=1)
    inked = rows > 0.02 * (x1 - x0)
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
    return [grown(p, 0, 0.1 * scale) for p in tall_enough] if len(tall_enough) > 1 else [line]


def _tinted(mark: Box, coloured: Picture) -> bool:
    x0, y0, x1, y1 = _pixels(grown(mark, 2, 2), coloured)
    return float(coloured[y0:y1, x0:x1].mean()) > 0.35


def _completed(lines: list[Box], marks: list[Box], own: list[Box], text: Picture, scale: float) -> list[Box]:
    """Lines stretched over marks that continue them, and new lines for `own` marks, no specks, that no line holds."""
    lines = _stretched(lines, _loose(lines, marks), scale)
    loose = _loose(lines, marks)
    whole = _together(_loose(lines, own), scale)
    rows = _rows_of_marks([mark for mark in whole if max(mark.width, mark.height) >= ALONE * scale], scale)
    rows = [piece for row in rows for piece in _single_lines(row, text, scale)]
    # A point or a comma makes no line, but goes on one that other marks make.
    return lines + _stretched(rows, _loose(rows, loose), scale)


def _loose(lines: Sequence[Box], marks: Sequence[Box]) -> list[Box]:
    return [mark for mark in marks if not any(_mostly_in(mark, line) for line in lines)]


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


def _reading_order(boxes: Sequence[Box]) -> list[Box]:
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


def join_lines(lines: Sequence[TextLine], cell: Box) -> str:
    """The text of a cell from its lines: rows from the top, wrapped lines joined, "\\n" before a new item.

    A row that ends well before the others do ends its paragraph, where the text is set from the left.
    """
    by_box: dict[Box, list[TextLine]] = {}
    for line in lines:
        if line.text.strip():
            by_box.setdefault(line.box, []).append(line)
    rows = in_rows([box for box, same in by_box.items() for _ in same])
    out, ends_paragraph = "", False
    right = max((row[-1].x1 for row in rows), default=0.0)
    left = min((row[0].x0 for row in rows), default=0.0)
    for row in rows:
        text, reach = "", None
        for box in row:
            line = by_box[box].pop(0)
            gap = 0.0 if reach is None else box.x0 - reach
            apart = gap > 0.9 * box.height
            text += (" " if apart and text else "") + line.text.strip()
            reach = box.x1
        em = row[0].height
        from_left = row[0].x0 - left < 2.5 * em
        if out:
            new_item = STARTS_ITEM.match(text) is not None
            out += "\n" if new_item or ends_paragraph else _seam(out, text)
        out += text
        ends_paragraph = from_left and right - row[-1].x1 > 2.5 * em and right - left > 6 * em
    return out.strip()


def _seam(before: str, after: str) -> str:
    """A space where a line broke between two Latin words, else nothing."""
    ends = before[-1:], after[:1]
    return " " if all(end.isascii() and end.isalpha() for end in ends) else ""


def evidence_of(lines: Sequence[TextLine], ink: CellInk, cell: Box) -> TextEvidence:
    """What speaks for a scanned cell's text."""
    read = [line for line in lines if line.text.strip()]
    if not read:
        return TextEvidence(None, None, 1.0 if not ink.crops else 0.0, ink.ink, sealed=ink.seal, parted=ink.parted)
    posterior, weakest = 1.0, 1.0
    for line in read:
        posterior *= line.p
        weakest = min([weakest, *(char.p for char in line.chars)])
    return TextEvidence(
        posterior, weakest, ink.coverage, ink.ink,
        agreement=min((line.agreement for line in read if line.agreement is not None), default=None),
        by_words=any(line.by_words for line in read),
        sealed=ink.seal,
        hole=hole_in(read),
        rim=rim_of(read, cell),
        parted=ink.parted,
    )


def hole_in(lines: Sequence[TextLine]) -> float:
    """The widest blank between two of a cell's lines side by side, in line heights."""
    return max((
        (b.x0 - a.x1) / max(a.height, 1e-6) for row in in_rows([line.box for line in lines]) for a, b in pairwise(row)
    ), default=0.0)


def rim_of(lines: Sequence[TextLine], cell: Box) -> float:
    """How far a cell's lines keep from its left and right side, in line heights; below 0 they cross it."""
    return min((min(b.x0 - cell.x0, cell.x1 - b.x1) / max(b.height, 1e-6) for b in (line.box for line in lines)),
               default=1.0)
