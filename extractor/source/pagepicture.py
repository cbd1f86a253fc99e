"""The picture of a PDF page: the embedded scan as it is stored, else a rendering."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from extractor.affine import Affine, apply_box, inverse, then
from extractor.elements import Box
from extractor.errors import TooLarge
from extractor.source.painted import WHITE, Painted, PaintedImage
from extractor.source.pieces import Piece, put_together

if TYPE_CHECKING:
    from extractor.elements import Picture

POINTS_PER_INCH = 72.0
RENDER_DPI = 200.0  # the resolution office scanners use; nine-point type is 25 pixels high
FINE_DPI = 300.0  # for small type
LOWEST_DPI = 100.0  # below it five-point type falls under seven pixels and cannot be read
HIGHEST_DPI = 400.0  # a rendering gains nothing above it
SMALL_TYPE = 6.5  # points
_PLAIN = {"FlateDecode", "LZWDecode", "RunLengthDecode", "ASCIIHexDecode", "ASCII85Decode"}
_JPEG_TAIL = 64  # bytes: some scanners pad after the end marker
_SIGNIFICANT = 0.05  # share of the page from which an image's resolution matters
_SAME_RESOLUTION = 1.03  # a scan whose two resolutions differ by more has pixels that are not square
_PREVIEW = 160  # pixels along the long side, enough to tell a right picture from a flipped or inverted one
_ALIKE = 0.9  # correlation of the two previews
_MOST_PIECES = 2000  # strips of a few rows each; more images are drawings made of dots
_FLAT = 3.0  # grey levels; below this spread a preview is blank and correlation means nothing
_NEAR = 12.0  # mean difference of previews in grey levels


def embedded_picture(
    page: Any, painted: Painted, to_shown: Affine, shown: Box, max_pixels: int
) -> tuple[Picture, Affine] | None:
    """The page's scan in the shown orientation and its map to shown points; None where only rendering is right.

    One image, or strips and tiles that make one. Turning and mirroring by quarter turns moves pixels without
    resampling them. The result is compared with a small rendering, so that masks, decode arrays and unusual
    colour spaces cannot slip through. Raises TooLarge, pdfium's own errors.
    """
    images = _scanned_images(painted)
    if not images:
        return None
    if any(i.columns * i.rows > max_pixels for i in images):
        raise TooLarge(f"an image of {images[0].columns} x {images[0].rows} pixels")
    placed = [_placed(image, to_shown) for image in images]
    if not all(square_on for _, square_on in placed):
        return None
    pieces = [_upright_piece(page, image, m) for image, (m, _) in zip(images, placed, strict=True)]
    found = [piece for piece in pieces if piece is not None]
    whole = None if len(found) < len(pieces) else found[0] if len(found) == 1 else put_together(found, max_pixels)
    if whole is None:
        return None
    picture, to_points = _cropped(whole.picture, whole.to_points, shown)
    picture, to_points = square_pixels(picture, to_points)
    if picture.size == 0 or not _looks_right(page, picture, to_points, shown):
        return None
    return np.ascontiguousarray(picture), to_points


def _placed(image: PaintedImage, to_shown: Affine) -> tuple[Affine, bool]:
    """The map from the image's pixels to shown points, and whether it stands at a quarter turn."""
    columns, rows = max(1, image.columns), max(1, image.rows)
    unit: Affine = (1.0 / columns, 0.0, 0.0, -1.0 / rows, 0.0, 1.0)
    to_points = then(then(unit, image.matrix), to_shown)
    return to_points, _square_on(to_points, columns, rows)


def _upright_piece(page: Any, image: PaintedImage, to_points: Affine) -> Piece | None:
    picture = as_picture(pdfium.PdfObject(image.handle, page=page).get_bitmap(render=False))
    if picture.shape[:2] != (max(1, image.rows), max(1, image.columns)):
        return None
    return Piece(*_upright(picture, to_points))


def _scanned_images(painted: Painted) -> list[PaintedImage]:
    """The images that alone are to be seen, in painting order: nothing is drawn over them or beside them."""
    images = sorted(painted.images, key=lambda i: i.order)
    if not images or painted.other or len(images) > _MOST_PIECES:
        return []
    first = images[0].order
    orders = [t.order for t in painted.texts.values() if t.visible]
    orders += [fill.order for fill in painted.fills] + [segment.order for segment in painted.segments]
    if any(order > first for order in orders):
        return []
    union = Box(
        min(i.box.x0 for i in images), min(i.box.y0 for i in images),
        max(i.box.x1 for i in images), max(i.box.y1 for i in images),
    )  # fmt: skip
    if any(not _within(fill.box, union) for fill in painted.fills if fill.dark):
        return []
    return [] if any(segment.luma < WHITE for segment in painted.segments) else images


def _within(inner: Box, outer: Box) -> bool:
    return outer.x0 <= inner.x0 and outer.y0 <= inner.y0 and inner.x1 <= outer.x1 and inner.y1 <= outer.y1


def _square_on(m: Affine, columns: int, rows: int) -> bool:
    """Whether the image stands at a quarter turn to within one of its own pixels."""
    a, b, c, d, _, _ = m
    straight, across = max(abs(a), abs(d)), max(abs(b), abs(c))
    stray, size = (across, straight) if straight >= across else (straight, across)
    return size > 0 and stray * max(columns, rows) < size


def _upright(picture: Picture, m: Affine) -> tuple[Picture, Affine]:
    """Transpose and flip until x grows to the right and y downwards."""
    a, b, c, d, e, f = m
    if abs(b) > abs(a):
        picture = picture.swapaxes(0, 1)
        a, b, c, d = c, d, a, b
    rows, columns = picture.shape[:2]
    if a < 0:
        picture, a, e = picture[:, ::-1], -a, e + a * columns
    if d < 0:
        picture, d, f = picture[::-1], -d, f + d * rows
    return picture, (a, 0.0, 0.0, d, e, f)


def _cropped(picture: Picture, m: Affine, shown: Box) -> tuple[Picture, Affine]:
    """Cut off what lies outside the shown page, whole pixels only."""
    rows, columns = picture.shape[:2]
    seen = apply_box(inverse(m), shown)
    x0, y0 = max(0, math.floor(seen.x0 + 0.5)), max(0, math.floor(seen.y0 + 0.5))
    x1, y1 = min(columns, math.ceil(seen.x1 - 0.5)), min(rows, math.ceil(seen.y1 - 0.5))
    if (x0, y0, x1, y1) == (0, 0, columns, rows):
        return picture, m
    a, _, _, d, e, f = m
    return picture[y0:y1, x0:x1], (a, 0.0, 0.0, d, e + a * x0, f + d * y0)


def square_pixels(picture: Picture, m: Affine) -> tuple[Picture, Affine]:
    """Stretch the coarser side where the two resolutions differ (faxes: 204 x 98 dpi); else leave the pixels alone."""
    a, _, _, d, e, f = m
    if max(a, d) <= _SAME_RESOLUTION * min(a, d):
        return picture, m
    rows, columns = picture.shape[:2]
    fine = min(a, d)
    size = (max(1, round(columns * a / fine)), max(1, round(rows * d / fine)))
    stretched = cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_CUBIC)
    return stretched, (a * columns / size[0], 0.0, 0.0, d * rows / size[1], e, f)


def _looks_right(page: Any, picture: Picture, m: Affine, shown: Box) -> bool:
    """Compare with pdfium's own small rendering of the page."""
    scale = _PREVIEW / max(shown.width, shown.height)
    rendering = _grey(as_picture(page.render(scale=scale * _user_scale(page, shown))))
    rows, columns = rendering.shape[:2]
    place = apply_box(then(m, (columns / shown.width, 0.0, 0.0, rows / shown.height, 0.0, 0.0)),
                      Box(0.0, 0.0, picture.shape[1], picture.shape[0]))
    x0, y0, x1, y1 = (round(v) for v in place)
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(columns, max(x1, x0 + 1)), min(rows, max(y1, y0 + 1))
    theirs = rendering[y0:y1, x0:x1].astype(np.float64)
    ours = cv2.resize(_grey(np.ascontiguousarray(picture)), (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    ours = ours.astype(np.float64)
    if abs(ours - theirs).mean() > _NEAR:
        return False
    if min(ours.std(), theirs.std()) < _FLAT:
        return True
    return float(np.corrcoef(ours.ravel(), theirs.ravel())[0, 1]) >= _ALIKE


def _user_scale(page: Any, shown: Box) -> float:
    """Pdfium's points by shown points: below 1 where the page states a UserUnit."""
    return float(page.get_width()) and shown.width / float(page.get_width())


def _grey(picture: Picture) -> Picture:
    return picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)


def rendered_picture(
    page: Any, painted: Painted, to_shown: Affine, shown: Box, small_type: float, max_pixels: int
) -> tuple[Picture, Affine]:
    """Render with annotations. Raises TooLarge before anything large is decoded or drawn, pdfium's own errors."""
    if any(i.columns * i.rows > max_pixels for i in painted.images):
        raise TooLarge("an image on the page is above the pixel limit")
    dpi = FINE_DPI if 0 < small_type < SMALL_TYPE else RENDER_DPI
    for image in painted.images:
        box = apply_box(to_shown, image.box)
        if box.area >= _SIGNIFICANT * shown.area:
            dpi = max(dpi, min(HIGHEST_DPI, POINTS_PER_INCH * image_scale(image, to_shown)))
    inches = shown.area / POINTS_PER_INCH**2
    dpi = min(dpi, math.sqrt(max_pixels / inches)) if inches > 0 else dpi
    if dpi < LOWEST_DPI:
        raise TooLarge(f"a page of {shown.width:.0f} x {shown.height:.0f} points")
    picture = as_picture(page.render(scale=dpi / POINTS_PER_INCH * _user_scale(page, shown)))
    rows, columns = picture.shape[:2]
    return picture, (shown.width / columns, 0.0, 0.0, shown.height / rows, 0.0, 0.0)


def is_cut_off(page: Any, image: PaintedImage) -> bool:
    """Whether an image's data ends before its pixels do: a JPEG without end marker, too few bytes of plain pixels.

    Decoders fill the rest with grey or black without a word.
    """
    handle = image.handle
    names = [_filter_name(handle, i) for i in range(pdfium_c.FPDFImageObj_GetImageFilterCount(handle))]
    if names == ["DCTDecode"]:
        return b"\xff\xd9" not in _data(pdfium_c.FPDFImageObj_GetImageDataRaw, handle)[-_JPEG_TAIL:]
    if names and set(names) <= _PLAIN:
        about = pdfium_c.FPDF_IMAGEOBJ_METADATA()
        pdfium_c.FPDFImageObj_GetImageMetadata(handle, page.raw, about)
        needed = image.rows * ((image.columns * about.bits_per_pixel + 7) // 8)
        return bool(pdfium_c.FPDFImageObj_GetImageDataDecoded(handle, None, 0) < needed)
    return False


def _filter_name(handle: Any, i: int) -> str:
    name = _data(lambda h, out, size: pdfium_c.FPDFImageObj_GetImageFilter(h, i, out, size), handle)
    return name[:-1].decode("latin-1")


def _data(get: Callable[[Any, Any, int], int], handle: Any) -> bytes:
    size = get(handle, None, 0)
    out = ctypes.create_string_buffer(size)
    get(handle, out, size)
    return out.raw


def image_scale(image: PaintedImage, to_shown: Affine) -> float:
    """Pixels by shown point along the image's finer side."""
    a, b, c, d, _, _ = then(image.matrix, to_shown)
    across, down = math.hypot(a, b), math.hypot(c, d)
    return max(image.columns / across if across else 0.0, image.rows / down if down else 0.0)


def as_picture(bitmap: Any) -> Picture:
    """A pdfium bitmap as grey (h, w), where it has no colour, or BGR (h, w, 3); a copy, alpha on white."""
    array = bitmap.to_numpy()
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim == 2:
        return np.array(array, order="C")
    color = array[:, :, :3]
    if array.shape[2] == 4 and bitmap.mode in ("BGRA", "RGBA"):
        alpha = array[:, :, 3:].astype(np.uint16)
        color = ((color * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    if bitmap.mode.startswith("RGB"):
        color = color[:, :, ::-1]
    if _colourless(color[::37, ::41]) and _colourless(color):
        return np.array(color[:, :, 0], order="C")
    return np.array(color, order="C")


def _colourless(picture: Picture) -> bool:
    """Whether all three channels say the same, as in renderings of black on white and grey palettes."""
    return np.array_equal(picture[..., 0], picture[..., 1]) and np.array_equal(picture[..., 1], picture[..., 2])
