"""What a file is, by its bytes: a name may lie."""

from __future__ import annotations

import zipfile
from pathlib import Path

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
READABLE = (PDF, PNG, JPEG, TIFF)
ZIP = "application/zip"
UNKNOWN = "application/octet-stream"

_HEAD = 1024  # bytes within which a PDF's header may stand (ISO 32000-1, annex H)
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0+", TIFF),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"\0\0\0\x0cjP  \r\n", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/jp2"),
    (b"AT&TFORM", "image/vnd.djvu"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
    (b"CAJ", "application/x-caj"),
    (b"HN", "application/x-caj"),
)
# Members that tell what a ZIP container really is.
_CONTAINERS = (
    ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("OFD.xml", "application/ofd"),
    ("content.xml", "application/vnd.oasis.opendocument"),
)
_NAMES = {
    "application/vnd.rar": "a RAR archive",
    "application/x-7z-compressed": "a 7z archive",
    ZIP: "a ZIP archive",
    "application/x-ole-storage": "an old Office document (doc, xls, ppt or wps)",
    "application/gzip": "a gzip archive",
    "application/x-bzip2": "a bzip2 archive",
    "application/x-xz": "an xz archive",
    "application/x-tar": "a tar archive",
    "image/gif": "a GIF image",
    "image/bmp": "a BMP image",
    "image/jp2": "a JPEG 2000 image",
    "image/webp": "a WebP image",
    "image/heic": "a HEIC image",
    "image/vnd.djvu": "a DjVu document",
    "application/rtf": "an RTF document",
    "application/postscript": "a PostScript document",
    "application/x-caj": "a CAJ document",
    "application/ofd": "an OFD document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "a Word document (docx)",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "an Excel workbook (xlsx)",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "a PowerPoint presentation (pptx)",
    "application/vnd.oasis.opendocument": "an OpenDocument file",
    "text/html": "an HTML page",
    "text/xml": "an XML file",
    "text/plain": "a text file",
}


def sniff(path: str | Path) -> str:
    """Media type of a file's content; `application/octet-stream` for what is not known. Raises OSError."""
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    for start, kind in _STARTS:
        if head.startswith(start):
            return _container(path) if kind == ZIP else kind
    if b"%PDF-" in head:
        return PDF
    if head[257:262] == b"ustar":
        return "application/x-tar"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif"):
        return "image/heic"
    return _text(head)


def describe(media_type: str) -> str:
    """The kind in words, for a message: "a RAR archive"."""
    return _NAMES.get(media_type, "of an unknown kind")


def _container(path: str | Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ZIP
    return next((kind for member, kind in _CONTAINERS if member in names), ZIP)


def _text(head: bytes) -> str:
    if not head or b"\0" in head:
        return UNKNOWN
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    if start.startswith(b"<?xml"):
        return "text/xml"
    for encoding in ("utf-8", "gb18030"):
        try:
            head[:-4].decode(encoding)
        except UnicodeDecodeError:
            continue
        controls = sum(byte < 9 or 13 < byte < 32 for byte in head)
        return "text/plain" if controls == 0 else UNKNOWN
    return UNKNOWN
