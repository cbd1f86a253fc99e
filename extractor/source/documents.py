"""Documents in: what a file is, how many pages it has, and each page as it came in.

`open_document` sniffs the bytes (a file's name is not trusted), refuses what cannot be read with a
typed error and gives a `Source`, from which pages are loaded one by one.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Protocol

import cv2

from extractor.elements import Frame, RawPage, Warn
from extractor.errors import EmptyInput, InputError, PageRange, UnsupportedMedia
from extractor.source.images import open_image
from extractor.source.media import PDF, READABLE, describe, sniff
from extractor.source.pdf import open_pdf

# A3 at 600 dpi is 70 million pixels: more than any office scanner gives, and 210 MB in colour.
MAX_PIXELS = 100_000_000
# A3 at 300 dpi is 17 million pixels. Five-point type is 21 pixels high at 300 dpi: nobody prints finer.
LARGE_PICTURE = 20_000_000
ENOUGH_DPI = 300.0
_HASH_BLOCK = 1 << 20  # bytes read at a time


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may cost. `max_pixels`: of one page's picture, checked before it is decoded or rendered."""

    max_pixels: int = MAX_PIXELS


DEFAULT_LIMITS = Limits()


class PageReader(Protocol):
    """An opened document behind a `Source`: `extractor.source.pdf` and `extractor.source.images` implement it."""

    n_pages: int
    warnings: tuple[Warn, ...]

    def load(self, number: int) -> RawPage: ...

    def close(self) -> None: ...


class Source:
    """An opened document. `warnings` concern the document as a whole (a damaged file that was repaired)."""

    def __init__(self, path: str, sha256: str, media_type: str, reader: PageReader, password: str | None) -> None:
        self.path = path
        self.filename = os.path.basename(path)
        self.sha256 = sha256
        self.media_type = media_type
        self.password = password
        self.n_pages = reader.n_pages
        self.warnings = reader.warnings
        self._reader = reader

    def load(self, number: int) -> RawPage:
        """Page `number` (from 1). Raises PageRange, PageUnreadable, TooLarge."""
        if not 1 <= number <= self.n_pages:
            raise PageRange(f"page {number} asked for; the document has {self.n_pages}")
        return _workable(self._reader.load(number))

    def close(self) -> None:
        self._reader.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_document(
    path: str | os.PathLike[str], *, password: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> Source:
    """Open a PDF, PNG, JPEG or TIFF file.

    Raises an InputError: EmptyInput, UnsupportedMedia, DamagedDocument, NoPages, PasswordRequired,
    PasswordWrong, TooLarge; InputError itself where there is no such file or it may not be read.
    """
    path = os.fspath(path)
    try:
        if os.path.getsize(path) == 0:
            raise EmptyInput("the file is empty")
        media_type = sniff(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"{os.path.basename(path)} cannot be read: {reason.lower()}") from error
    if media_type not in READABLE:
        raise UnsupportedMedia(f"the file is {describe(media_type)}; PDF, PNG, JPEG and TIFF can be read")
    pdf = media_type == PDF
    reader: PageReader = open_pdf(path, password, limits) if pdf else open_image(path, media_type, limits)
    return Source(path, _sha256(Path(path)), media_type, reader, password)


def _workable(raw: RawPage) -> RawPage:
    """A very large picture reduced by a whole factor, by averaging, as far as `ENOUGH_DPI` are kept.

    Other pictures keep their own pixels. Finding rules on an A4 page at 600 dpi takes four times the
    time and twice the memory for the same answer.
    """
    if raw.picture is None or raw.picture.shape[0] * raw.picture.shape[1] <= LARGE_PICTURE:
        return raw
    factor = int(raw.dpi / ENOUGH_DPI + 0.01)
    if factor < 2:
        return raw
    rows, columns = raw.picture.shape[0] // factor, raw.picture.shape[1] // factor
    picture = cv2.resize(
        raw.picture[: rows * factor, : columns * factor], (columns, rows), interpolation=cv2.INTER_AREA
    )
    a, b, c, d, e, f, g, h, i = raw.to_shown.matrix
    frame = Frame((a * factor, b * factor, c, d * factor, e * factor, f, g * factor, h * factor, i))
    return replace(raw, picture=picture, to_shown=frame, dpi=raw.dpi / factor)


def parse_pages(spec: str | None, n_pages: int) -> tuple[int, ...]:
    """Pages named by "1-3,5", "7-" or "-2", sorted and without repeats; all where `spec` is None.

    Raises PageRange where the text is malformed or names a page that is not there.
    """
    if spec is None:
        return tuple(range(1, n_pages + 1))
    pages: set[int] = set()
    for part in spec.split(","):
        match = re.fullmatch(r"\s*(\d*)\s*(?:(-)\s*(\d*))?\s*", part)
        if not match or not (match[1] or match[3]):
            raise PageRange(f"page range {spec!r} is malformed; write 1-3,5")
        first = int(match[1] or 1)
        last = int(match[3] or n_pages) if match[2] else first
        if not 1 <= first <= last <= n_pages:
            raise PageRange(f"pages {part.strip()!r} are not in a document of {n_pages} pages")
        pages.update(range(first, last + 1))
    return tuple(sorted(pages))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()
