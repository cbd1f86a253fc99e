"""What a PDF page paints, read object by object in painting order, in PDF user space (y up).

Form XObjects are entered with their matrices. Coordinates stay in user space; `extractor.source.pdf` turns
them. Colours are judged only as far as rules need it: can it be seen on white paper or not.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium_c

from extractor.affine import IDENTITY, Affine, apply, apply_box, scale_of, then
from extractor.elements import Box

# A stroke or fill lighter than this on white paper (255) cannot be seen in print.
WHITE = 247
_MAX_DEPTH = 12  # nested forms; pdfium itself stops at a similar depth
_FULLY_OPAQUE = 250  # of 255
_INVISIBLE_TEXT = 3  # PDF text rendering mode: neither filled nor stroked
_CLIP_ONLY_TEXT = 7
_THIN_SHARE = 0.1  # thickness by length below which a four-cornered fill is a bar, not a slanted shape


@dataclass(frozen=True, slots=True)
class Segment:
    """A stroked straight line in user space with its drawn width; `order` counts painted objects.

    luma: 0..255 as it looks on white paper, here and below.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    width: float
    luma: float
    order: int


@dataclass(frozen=True, slots=True)
class Fill:
    """A filled axis-parallel rectangle: `dark` where it can be seen on white, `opaque` where it hides what is below."""

    box: Box
    luma: float
    opaque: bool
    order: int

    @property
    def dark(self) -> bool:
        return self.luma < WHITE


@dataclass(frozen=True, slots=True)
class PaintedImage:
    """An image: `matrix` takes the unit square to user space; `handle` is pdfium's own."""

    handle: Any = field(repr=False)
    matrix: Affine = IDENTITY
    order: int = 0
    columns: int = 0
    rows: int = 0

    @property
    def box(self) -> Box:
        return apply_box(self.matrix, Box(0.0, 0.0, 1.0, 1.0))


@dataclass(frozen=True, slots=True)
class PaintedText:
    """A text object: where in the painting order, whether it is drawn at all and in white, the clip that bounds it."""

    order: int
    visible: bool
    white: bool
    size: float  # font size in the object's own space
    matrix: Affine
    clip: Box | None
    outer: Affine = IDENTITY  # from the space of the form it stands in to user space


@dataclass(slots=True)
class Painted:
    """All that a page paints. `texts` by the address of pdfium's object; `other` counts shadings and curves."""

    segments: list[Segment] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    images: list[PaintedImage] = field(default_factory=list)
    texts: dict[int, PaintedText] = field(default_factory=dict)
    other: int = 0

    @property
    def nothing(self) -> bool:
        drawn = any(f.dark for f in self.fills) or any(s.luma < WHITE for s in self.segments)
        return not (drawn or self.images or self.texts or self.other)


def read_painted(page: Any) -> Painted:
    """Walk the objects of a pypdfium2 page."""
    out = Painted()
    for order, (handle, kind, matrix) in enumerate(_objects(page.raw)):
        if kind == pdfium_c.FPDF_PAGEOBJ_PATH:
            _read_path(out, handle, matrix, order)
        elif kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            _read_text(out, handle, matrix, order)
        elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            columns, rows = ctypes.c_uint(), ctypes.c_uint()
            pdfium_c.FPDFImageObj_GetImagePixelSize(handle, columns, rows)
            whole = then(_matrix(handle), matrix)
            out.images.append(PaintedImage(handle, whole, order, columns.value, rows.value))
        else:
            out.other += 1
    return out


def _objects(page: Any) -> Iterator[tuple[Any, int, Affine]]:
    """Page objects in painting order with the map from their container's space to user space."""
    top = ((pdfium_c.FPDFPage_GetObject(page, i), IDENTITY, 0) for i in range(pdfium_c.FPDFPage_CountObjects(page)))
    stack: list[Iterator[tuple[Any, Affine, int]]] = [iter(top)]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
            continue
        handle, matrix, depth = item
        kind = pdfium_c.FPDFPageObj_GetType(handle)
        if kind == pdfium_c.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            stack.append(_inside(handle, then(_matrix(handle), matrix), depth + 1))
        else:
            yield handle, kind, matrix


def _inside(form: Any, matrix: Affine, depth: int) -> Iterator[tuple[Any, Affine, int]]:
    for i in range(pdfium_c.FPDFFormObj_CountObjects(form)):
        yield pdfium_c.FPDFFormObj_GetObject(form, i), matrix, depth


def _matrix(handle: Any) -> Affine:
    m = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFPageObj_GetMatrix(handle, m)
    return (m.a, m.b, m.c, m.d, m.e, m.f)


def _color(handle: Any, stroke: bool) -> tuple[int, int]:
    """Luma 0..255 and alpha 0..255; a pattern, which has no plain colour, counts as black."""
    r, g, b, a = (ctypes.c_uint() for _ in range(4))
    get = pdfium_c.FPDFPageObj_GetStrokeColor if stroke else pdfium_c.FPDFPageObj_GetFillColor
    if not get(handle, r, g, b, a):
        return 0, 255
    return round(0.299 * r.value + 0.587 * g.value + 0.114 * b.value), a.value


def _on_paper(luma: int, alpha: int) -> float:
    """The colour blended with white paper."""
    return 255 - (255 - luma) * alpha / 255


def _read_text(out: Painted, handle: Any, matrix: Affine, order: int) -> None:
    mode = pdfium_c.FPDFTextObj_GetTextRenderMode(handle)
    size = ctypes.c_float()
    pdfium_c.FPDFTextObj_GetFontSize(handle, size)
    stroked = mode in (1, 5)
    luma, alpha = _color(handle, stroked)
    visible = mode not in (_INVISIBLE_TEXT, _CLIP_ONLY_TEXT) and alpha > 0
    address = ctypes.addressof(handle.contents)
    whole = then(_matrix(handle), matrix)
    out.texts[address] = PaintedText(order, visible, luma >= WHITE, size.value, whole, _clip(handle, matrix), matrix)


def _read_path(out: Painted, handle: Any, outer: Affine, order: int) -> None:
    fill_mode, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(handle, fill_mode, stroked)
    if not (fill_mode.value or stroked.value):
        return
    matrix = then(_matrix(handle), outer)
    subpaths, curved = _subpaths(handle, matrix)
    clip = _clip(handle, outer)
    if fill_mode.value:
        luma, alpha = _color(handle, stroke=False)
        blended, opaque = _on_paper(luma, alpha), alpha >= _FULLY_OPAQUE
        for points in subpaths:
            box = _clipped_box(_rectangle(points), clip)
            if box is not None:
                out.fills.append(Fill(box, blended, opaque, order))
            elif blended < WHITE:
                out.other += 1
    luma, alpha = _color(handle, stroke=True) if stroked.value else (255, 0)
    if alpha > 0:
        width = ctypes.c_float()
        pdfium_c.FPDFPageObj_GetStrokeWidth(handle, width)
        drawn = width.value * scale_of(matrix)
        out.other += curved
        for points in subpaths:
            for a, b in pairwise(points):
                segment = _clipped_segment(a, b, drawn, clip)
                if segment is not None:
                    out.segments.append(Segment(*segment, drawn, _on_paper(luma, alpha), order))


def _subpaths(handle: Any, matrix: Affine) -> tuple[list[list[tuple[float, float]]], int]:
    """Straight runs of a path in user space (a closed one ends where it began), and the number of curves in it."""
    runs: list[list[tuple[float, float]]] = []
    start: tuple[float, float] | None = None
    curves = 0
    x, y = ctypes.c_float(), ctypes.c_float()
    for i in range(pdfium_c.FPDFPath_CountSegments(handle)):
        segment = pdfium_c.FPDFPath_GetPathSegment(handle, i)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        point = apply(matrix, x.value, y.value)
        if kind == pdfium_c.FPDF_SEGMENT_LINETO and runs:
            runs[-1].append(point)
        else:
            curves += kind == pdfium_c.FPDF_SEGMENT_BEZIERTO
            runs.append([point])
            if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
                start = point
        if start is not None and pdfium_c.FPDFPathSegment_GetClose(segment) and runs[-1][-1] != start:
            runs[-1].append(start)
    return [run for run in runs if len(run) > 1], curves


def _rectangle(points: list[tuple[float, float]]) -> Box | None:
    """The box that four corners make, or None where the run is not an axis-parallel rectangle.

    A long thin shape counts as one whatever its ends: browsers mitre the corners of borders.
    """
    corners = points[:-1] if len(points) == 5 and points[0] == points[4] else points
    if len(corners) != 4:
        return None
    xs, ys = [p[0] for p in corners], [p[1] for p in corners]
    x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
    box, width, height = Box(x0, y0, x1, y1), x1 - x0, y1 - y0
    if width <= _THIN_SHARE * height or height <= _THIN_SHARE * width:
        return box
    slack = 1e-3 * (width + height)
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if abs(x0 - x1) > slack and abs(y0 - y1) > slack:
            return None
    return box


def _clip(handle: Any, outer: Affine) -> Box | None:
    """Bounding box of the clip in user space: exact for the rectangles that table producers clip to."""
    path = pdfium_c.FPDFPageObj_GetClipPath(handle)
    count = pdfium_c.FPDFClipPath_CountPaths(path) if path else -1
    box: Box | None = None
    for i in range(count):
        points = _clip_points(path, i)
        if not points:
            continue
        if outer is not IDENTITY:
            points = [apply(outer, x, y) for x, y in points]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        one = Box(min(xs), min(ys), max(xs), max(ys))
        box = one if box is None else _overlap(box, one)
    return box


def _clip_points(path: Any, i: int) -> list[tuple[float, float]]:
    """Points of one clip path; of a rectangle only three corners, because thousands of objects carry one each."""
    points: list[tuple[float, float]] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    count = pdfium_c.FPDFClipPath_CountPathSegments(path, i)
    for j in range(count):
        pdfium_c.FPDFPathSegment_GetPoint(pdfium_c.FPDFClipPath_GetPathSegment(path, i, j), x, y)
        points.append((x.value, y.value))
        if j == 2 and count in (4, 5) and _right_angle(*points):
            break
    return points


def _right_angle(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (a[0] == b[0] and b[1] == c[1]) or (a[1] == b[1] and b[0] == c[0])


def _overlap(a: Box, b: Box) -> Box:
    x0, y0 = max(a.x0, b.x0), max(a.y0, b.y0)
    return Box(x0, y0, max(x0, min(a.x1, b.x1)), max(y0, min(a.y1, b.y1)))


def _clipped_box(box: Box | None, clip: Box | None) -> Box | None:
    if box is None or clip is None:
        return box
    cut = _overlap(box, clip)
    return cut if cut.width > 0 or cut.height > 0 else None


def _clipped_segment(
    a: tuple[float, float], b: tuple[float, float], width: float, clip: Box | None
) -> tuple[float, float, float, float] | None:
    """The part of an axis-parallel stroke inside the clip; a slanted one comes back whole or not at all."""
    if clip is None:
        return (*a, *b)
    half = width / 2
    box = Box(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
    if box.x1 < clip.x0 - half or box.x0 > clip.x1 + half or box.y1 < clip.y0 - half or box.y0 > clip.y1 + half:
        return None
    if box.width > half and box.height > half:
        return (*a, *b)
    x0, x1 = max(box.x0, clip.x0 - half), min(box.x1, clip.x1 + half)
    y0, y1 = max(box.y0, clip.y0 - half), min(box.y1, clip.y1 + half)
    return (x0, y0, x1, y1)
