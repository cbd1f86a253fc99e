"""PDF pages through pdfium: open, count, and each page as text or picture in its shown frame."""

from __future__ import annotations

import mmap
import re
import threading
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from extractor.affine import Affine, frame_of, inverse, then, turn
from extractor.elements import Box, RawPage, Warn
from extractor.errors import (
    DamagedDocument,
    Encrypted,
    NoPages,
    PageUnreadable,
    PasswordRequired,
    PasswordWrong,
)
from extractor.source.pagekind import judge
from extractor.source.pagepicture import POINTS_PER_INCH, as_picture, embedded_picture, is_cut_off, rendered_picture
from extractor.source.painted import Painted, read_painted
from extractor.source.textlayer import Glyph, is_blank, main_direction, read_glyphs, text_lines, type_size
from extractor.source.vectorrules import find_vector_rules

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.source.documents import Limits

# Annotations that carry what the reader must see: free text and filled form fields. Seals are left off.
_CONTENT_ANNOTATIONS = (pdfium_c.FPDF_ANNOT_FREETEXT, pdfium_c.FPDF_ANNOT_WIDGET)
_TAIL = 2048  # bytes at a file's end within which its trailer must stand
_MAX_RULES = 3000  # the densest forms draw a few hundred; maps and plans draw thousands
_MAX_STREAM = 1 << 26  # bytes of one object stream looked at for page attributes


_pdfium = threading.Lock()  # pdfium is not thread-safe, not even across documents


class PdfReader:
    """Pages of one PDF file."""

    def __init__(self, document: Any, limits: Limits, warnings: tuple[Warn, ...], scaled: bool) -> None:
        self._document = document
        self._limits = limits
        self._damaged = bool(warnings)
        self._scaled = scaled
        self.n_pages = len(document)
        self.warnings = warnings

    def load(self, number: int) -> RawPage:
        """Raises PageUnreadable, TooLarge."""
        try:
            with _pdfium:
                page = self._open_page(number)
                try:
                    return self._read(page, number)
                finally:
                    page.close()
        except pdfium.PdfiumError as error:
            raise PageUnreadable(f"page {number} cannot be decoded") from error

    def close(self) -> None:
        with _pdfium:
            self._document.close()

    def _open_page(self, number: int) -> Any:
        page = self._document[number - 1]
        if _has_content_annotations(page):
            flat = pdfium_c.FPDFPage_Flatten(page.raw, pdfium_c.FLAT_NORMALDISPLAY)
            if flat == pdfium_c.FLATTEN_SUCCESS:
                page.close()
                page = self._document[number - 1]
        return page

    def _read(self, page: Any, number: int) -> RawPage:
        box = Box(*page.get_bbox())
        if not (box.width > 0 and box.height > 0):
            raise PageUnreadable(f"page {number} has no area")
        unit = self._user_unit(number)
        to_shown, width, height = _scaled(turn(box, page.get_rotation()), unit)
        painted = read_painted(page)
        if self._damaged and painted.nothing:
            raise PageUnreadable(f"page {number} of the damaged file has lost its content")
        glyphs = _glyphs(page, painted)
        direction = main_direction(glyphs)
        to_page, page_width, page_height = _scaled(turn(box, direction), unit)
        turned = Box(0.0, 0.0, page_width, page_height)
        rules = find_vector_rules(painted, to_page, turned, type_size(glyphs) * unit)
        drawing = len(rules) > _MAX_RULES
        if drawing:
            rules = ()
        verdict = judge(painted, glyphs, box, len(rules))
        raw = RawPage(number, width, height, verdict.source, warnings=verdict.warnings)
        if verdict.source == "scan":
            return self._scan(page, raw, painted, glyphs, to_shown)
        lines, left_out = text_lines(glyphs, direction, to_page, turned, rules)
        if drawing:
            raw = _warned(raw, "rules_not_read", "the page is a drawing of many lines")
        if left_out:
            raw = _warned(raw, "text_not_shown", f"{left_out} characters")
        return replace(
            raw,
            to_shown=frame_of(then(inverse(to_page), to_shown)),
            rotation=(direction - page.get_rotation()) % 360,
            lines=lines,
            rules=rules,
        )

    def _scan(
        self, page: Any, raw: RawPage, painted: Painted, glyphs: list[Glyph], to_shown: Affine
    ) -> RawPage:
        shown = Box(0.0, 0.0, raw.width, raw.height)
        limit = self._limits.max_pixels
        found = embedded_picture(page, painted, to_shown, shown, limit)
        if found is None:
            smallest = _small_type([g for g in glyphs if g.visible])
            found = rendered_picture(page, painted, to_shown, shown, smallest, limit)
        picture, to_points = found
        if any(is_cut_off(page, image) for image in painted.images):
            raw = _warned(raw, "picture_cut_off", "the page's image data ends too early")
        dpi = POINTS_PER_INCH / to_points[0]
        return replace(raw, to_shown=frame_of(to_points), picture=picture, dpi=dpi)

    def _user_unit(self, number: int) -> float:
        """The page's UserUnit, which pdfium does not tell: read from a copy of the page, written out plainly."""
        if not self._scaled:
            return 1.0
        copy = pdfium.PdfDocument.new()
        try:
            copy.import_pages(self._document, [number - 1])
            out = BytesIO()
            copy.save(out)
        finally:
            copy.close()
        found = re.search(rb"/UserUnit\s+([\d.]+)", out.getvalue())
        return float(found[1]) if found and float(found[1]) > 0 else 1.0


def draw_page(path: str, number: int, password: str | None, columns: int) -> Picture:
    """Page `number` of a PDF as a viewer shows it, `columns` pixels wide. Raises PageUnreadable."""
    try:
        with _pdfium, pdfium.PdfDocument(path, password=password) as document:
            page = document[number - 1]
            return as_picture(page.render(scale=columns / page.get_width()))
    except (pdfium.PdfiumError, ZeroDivisionError) as error:
        raise PageUnreadable(f"page {number} cannot be drawn") from error


def _warned(raw: RawPage, code: str, detail: str) -> RawPage:
    return replace(raw, warnings=(*raw.warnings, Warn(code, detail)))


def _scaled(turned: tuple[Affine, float, float], unit: float) -> tuple[Affine, float, float]:
    m, width, height = turned
    return then(m, (unit, 0.0, 0.0, unit, 0.0, 0.0)), width * unit, height * unit


def _glyphs(page: Any, painted: Painted) -> list[Glyph]:
    if not painted.texts:
        return []
    textpage = page.get_textpage()
    try:
        return read_glyphs(textpage, painted)
    finally:
        textpage.close()


def _small_type(glyphs: list[Glyph]) -> float:
    """Type size that nine tenths of the characters exceed; 0 without text."""
    sizes = sorted(g.size for g in glyphs if g.size > 0 and not is_blank(g.text))
    return sizes[len(sizes) // 10] if sizes else 0.0


def _has_content_annotations(page: Any) -> bool:
    for i in range(pdfium_c.FPDFPage_GetAnnotCount(page.raw)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page.raw, i)
        if not annotation:
            continue
        kind = pdfium_c.FPDFAnnot_GetSubtype(annotation)
        pdfium_c.FPDFPage_CloseAnnot(annotation)
        if kind in _CONTENT_ANNOTATIONS:
            return True
    return False


def open_pdf(path: str, password: str | None, limits: Limits) -> PdfReader:
    """Open and count. Raises PasswordRequired, PasswordWrong, Encrypted, DamagedDocument, NoPages."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data, _pdfium:
        return _open(path, data, password, limits)


def _open(path: str, data: mmap.mmap, password: str | None, limits: Limits) -> PdfReader:
    try:
        document = pdfium.PdfDocument(path, password=password)
    except pdfium.PdfiumError as error:
        if _sound_end(data) and _counts_no_page(data):  # pdfium calls it malformed
            raise NoPages("the PDF has no page") from error
        raise _opening_error(error, password) from error
    if len(document) == 0:
        document.close()
        raise NoPages("the PDF has no page")
    return PdfReader(document, limits, _repairs(data, document), _may_scale(data))


def _opening_error(error: pdfium.PdfiumError, password: str | None) -> Encrypted | DamagedDocument:
    code = getattr(error, "err_code", None)
    if code == pdfium_c.FPDF_ERR_PASSWORD:
        if password is None:
            return PasswordRequired("the document is encrypted; a password is needed")
        return PasswordWrong("the password does not open the document")
    if code == pdfium_c.FPDF_ERR_SECURITY:
        return Encrypted("the document is protected in a way that no password opens")
    return DamagedDocument("the PDF is truncated or broken and cannot be opened")


def _repairs(data: mmap.mmap, document: Any) -> tuple[Warn, ...]:
    """What must be said of a file that pdfium had to repair. Raises DamagedDocument where no page survived."""
    if _sound_end(data):
        return ()
    lost = [number for number in range(1, len(document) + 1) if not _has_content(document, number)]
    if len(lost) == len(document):
        document.close()
        raise DamagedDocument("the PDF is truncated or broken: none of its pages can be recovered")
    detail = f"pages without content: {', '.join(map(str, lost))}" if lost else "every page has content"
    return (Warn("damaged_repaired", f"the file's end or index is broken and was rebuilt; {detail}"),)


def _has_content(document: Any, number: int) -> bool:
    try:
        page = document[number - 1]
    except pdfium.PdfiumError:
        return False
    try:
        return bool(pdfium_c.FPDFPage_CountObjects(page.raw) > 0)
    finally:
        page.close()


def _sound_end(data: mmap.mmap) -> bool:
    """Whether the trailer at the end points at a cross-reference table or stream."""
    found = re.search(rb"startxref\s+(\d+)\s+%%EOF", data[-_TAIL:])
    if not found:
        return False
    starts = (int(found[1]), int(found[1]) + max(0, data.find(b"%PDF-", 0, 1024)))  # offsets may count from either
    return any(re.match(rb"\s*(xref|\d+\s+\d+\s+obj)", data[start : start + 40]) for start in starts)


def _may_scale(data: mmap.mmap) -> bool:
    """Whether a page may state a UserUnit: plainly, within an object stream, or unseen in an encrypted file."""
    if data.find(b"/ObjStm") >= 0 and data.find(b"/Encrypt") >= 0:
        return True
    return any(
        float(value) != 1.0
        for part in _plain_parts(data)
        for value in re.findall(rb"/UserUnit\s+(\d+\.?\d*)", part)
    )


def _counts_no_page(data: mmap.mmap) -> bool:
    parts = list(_plain_parts(data))
    return any(re.search(rb"/Count\s+0\b", part) for part in parts) and not any(
        re.search(rb"/Type\s*/Page\b", part) for part in parts
    )


def _plain_parts(data: mmap.mmap) -> Iterator[mmap.mmap | bytes]:
    """The file itself, then what its object streams hold, as far as it can be inflated."""
    yield data
    if data.find(b"/ObjStm") < 0:
        return
    for found in re.finditer(rb"/ObjStm[^\0]{0,400}?stream\r?\n", data):
        try:
            yield zlib.decompressobj().decompress(data[found.end() : found.end() + _MAX_STREAM], _MAX_STREAM)
        except zlib.error:
            continue
