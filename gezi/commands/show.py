"""`gezi show`: what was found on a page, drawn over it."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageFont

from extractor.errors import InputError, PageUnreadable
from gezi.extraction import extract
from gezi.outputs import write_file

if TYPE_CHECKING:
    from extractor.elements import PageResult
    from extractor.result import BBox, Cell, Document
    from extractor.source.documents import Source

DPI = 144.0  # of the drawing; a page is then about 1200 x 1700 pixels
SCALE = DPI / 72.0
LABEL_HEIGHT = 11  # pixels; small enough for a narrow row
FILL_ALPHA = 70
RULE_COLOUR = (30, 80, 220, 160)
LINE_COLOUR = (120, 120, 120, 160)


def run(args: argparse.Namespace) -> int:
    """Write the picture; the return value is the exit code."""
    seen: list[PageResult] = []
    document = extract(args.file, pages=str(args.page), password=args.password, progress=seen.append)
    page = page_picture(args.file, args.page, args.password)
    drawn = draw(page, document, seen[0], args.page)
    sink = io.BytesIO()
    drawn.save(sink, "PNG")
    write_file(Path(args.output), sink.getvalue())
    cells = [cell for table in document.tables for cell in table.cells]
    for warning in document.pages[0].warnings:
        print(f"page {args.page}: {warning.code}: {warning.detail}")
    worst = f", lowest confidence {min(c.confidence for c in cells):.3f}" if cells else ""
    print(f"{args.output}: {len(document.tables)} tables, {len(cells)} cells{worst}")
    return 0


def page_picture(path: str, number: int, password: str | None) -> Image.Image:
    """The page as a viewer shows it, at DPI. Raises as `open_document` and `Source.load`."""
    from extractor.source.documents import open_document

    with open_document(path, password=password) as source:
        if source.media_type == "application/pdf":
            return _rendered(path, number, password)
        return _warped(source, number)


def _rendered(path: str, number: int, password: str | None) -> Image.Image:
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(path, password=password) as document:
            picture: Image.Image = document[number - 1].render(scale=SCALE).to_pil()
    except pypdfium2.PdfiumError as error:
        raise PageUnreadable(f"page {number} cannot be drawn") from error
    return picture.convert("RGB")


def _warped(source: Source, number: int) -> Image.Image:
    """A picture in the frame of shown points: upright as its own orientation tag says."""
    import cv2
    import numpy as np

    raw = source.load(number)
    if raw.picture is None:
        raise InputError("the image has no picture")
    to_pixels = np.diag((SCALE, SCALE, 1.0)) @ np.array(raw.to_shown.matrix, float).reshape(3, 3)
    size = (max(1, round(raw.width * SCALE)), max(1, round(raw.height * SCALE)))
    shown: Any = cv2.warpPerspective(raw.picture, to_pixels, size, flags=cv2.INTER_AREA)
    return Image.fromarray(shown[..., ::-1] if shown.ndim == 3 else shown).convert("RGB")


def draw(page: Image.Image, document: Document, found: PageResult, number: int) -> Image.Image:
    """Cells tinted from red (doubtful) over yellow to green (sure), each with row,column and confidence; rules blue."""
    layer = Image.new("RGBA", page.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    font = ImageFont.load_default(LABEL_HEIGHT)
    cells = [cell for table in document.tables for cell in table.cells]
    for cell in cells:
        _tint(pen, cell, number)
    for start, end in found.rules:
        pen.line([(start.x * SCALE, start.y * SCALE), (end.x * SCALE, end.y * SCALE)], RULE_COLOUR, 3)
    for line in found.lines:
        pen.rectangle(_scaled(tuple(line.box)), outline=LINE_COLOUR)
    for cell in cells:
        if cell.page == number:
            x0, y0, _, _ = _scaled(cell.bbox)
            pen.text((x0 + 2, y0 + 1), f"{cell.row},{cell.col}: {cell.confidence:.2f}", (0, 0, 160, 255), font)
    return Image.alpha_composite(page.convert("RGBA"), layer).convert("RGB")


def _tint(pen: ImageDraw.ImageDraw, cell: Cell, number: int) -> None:
    colour = colour_of(cell.confidence)
    if cell.page == number:
        corners = [(x * SCALE, y * SCALE) for x, y in cell.polygon]
        pen.polygon(corners, fill=(*colour, FILL_ALPHA), outline=(*colour, 255))
    for region in cell.regions:
        if region.page == number and cell.page != number:
            pen.rectangle(_scaled(region.bbox), fill=(*colour, FILL_ALPHA), outline=(*colour, 255))


def _scaled(box: BBox | tuple[float, ...]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    return x0 * SCALE, y0 * SCALE, x1 * SCALE, y1 * SCALE


def colour_of(confidence: float) -> tuple[int, int, int]:
    """Red up to 0.5, yellow at 0.9, green at 1: most cells lie above 0.9, where the eye must tell them apart."""
    if confidence < 0.9:
        return (230, round(200 * max(0.0, confidence - 0.5) / 0.4), 0)
    return (round(230 * (1 - confidence) / 0.1), 200, 0)
