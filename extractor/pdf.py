"""PDF pages through pdfium: open, count, the embedded picture of a scanned page, rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from extractor.elements import Frame, RawPage, Warn
from extractor.errors import DamagedDocument, NoPages, PageUnreadable, PasswordRequired, PasswordWrong, TooLarge

if TYPE_CHECKING:
    from extractor.documents import Limits
    from extractor.elements import Picture

POINTS_PER_INCH = 72.0
RENDER_DPI = 200.0  # the resolution office scanners use; nine-point type is 25 pixels high


class PdfReader:
    def __init__(self, path: str, document: Any, limits: Limits) -> None:
        self._path = path
        self._document = document
        self._limits = limits
        self.n_pages = len(document)
        self.warnings: tuple[Warn, ...] = ()

    def load(self, number: int) -> RawPage:
        try:
            page = self._document[number - 1]
        except pdfium.PdfiumError as error:
            raise PageUnreadable(f"page {number} cannot be loaded") from error
        try:
            width, height = page.get_size()
            picture = self._embedded(page, width, height)
            if picture is None:
                picture = self._rendered(page, width, height)
        except pdfium.PdfiumError as error:
            raise PageUnreadable(f"page {number} cannot be decoded") from error
        finally:
            page.close()
        rows, columns = picture.shape[:2]
        to_shown = Frame((width / columns, 0.0, 0.0, 0.0, height / rows, 0.0, 0.0, 0.0, 1.0))
        dpi = columns / width * POINTS_PER_INCH
        return RawPage(number, width, height, "scan", to_shown, picture, dpi)

    def _embedded(self, page: Any, width: float, height: float) -> Picture | None:
        objects = list(page.get_objects(max_depth=2))
        if len(objects) != 1 or objects[0].type != pdfium_c.FPDF_PAGEOBJ_IMAGE or page.get_rotation():
            return None
        a, b, c, d, e, f = objects[0].get_matrix().get()
        if max(abs(a - width), abs(d - height), abs(b), abs(c), abs(e), abs(f)) > 0.01 * width:
            return None
        return _as_picture(objects[0].get_bitmap())

    def _rendered(self, page: Any, width: float, height: float) -> Picture:
        scale = RENDER_DPI / POINTS_PER_INCH
        if width * height * scale * scale > self._limits.max_pixels:
            raise TooLarge("the page is too large to render")
        return _as_picture(page.render(scale=scale))

    def close(self) -> None:
        self._document.close()


def _as_picture(bitmap: Any) -> Picture:
    array = bitmap.to_numpy()
    if array.ndim == 3 and array.shape[2] == 4:
        array = array[:, :, :3]
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim == 3 and bitmap.mode.startswith("RGB"):
        array = cv2.cvtColor(array, cv2.COLOR_RGB2BGR)
    return np.array(array, order="C")


def open_pdf(path: str, password: str | None, limits: Limits) -> PdfReader:
    """Open and count. Raises PasswordRequired, PasswordWrong, DamagedDocument, NoPages."""
    try:
        document = pdfium.PdfDocument(path, password=password)
        pages = len(document)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            if password is None:
                raise PasswordRequired("the document is encrypted") from error
            raise PasswordWrong("the password does not open the document") from error
        raise DamagedDocument("the PDF cannot be opened") from error
    if pages == 0:
        raise NoPages("the PDF has no page")
    return PdfReader(path, document, limits)
