"""What a file is, by its first bytes and its name: worth opening, an archive, or neither."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path, PurePath

HEAD_BYTES = 4096
TAR_MAGIC_AT = 257
MAX_NAME_BYTES = 180  # file systems take 255; results add endings such as ".t12.csv"

_DOCUMENT_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
_ARCHIVE_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
# Not read, but likely to hold what the user wants: they are listed, so that nobody takes them for read.
_FOREIGN_MAGIC = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MSCF")
_DOCUMENT_ENDINGS = {".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff"}
_ARCHIVE_ENDINGS = {".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".gz", ".bz2", ".xz"}
_FOREIGN_ENDINGS = {
    *(".rar", ".7z", ".cab", ".ofd", ".ceb", ".caj", ".doc", ".docx", ".docm", ".rtf", ".odt", ".wps"),
    *(".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".et", ".ppt", ".pptx", ".dps", ".odp"),
    *(".bmp", ".gif", ".webp", ".heic", ".heif", ".jp2", ".djvu", ".xps", ".epub"),
}


class Kind(Enum):
    DOCUMENT = "document"  # by its bytes or its name a PDF or picture; whether it can be read is seen on opening
    ARCHIVE = "archive"
    FOREIGN = "foreign"  # a kind of document or archive that is not read
    OTHER = "other"  # no document


def kind_of(content: bytes | Path, name: str) -> Kind:
    """Judge a file by its first HEAD_BYTES (or the file itself) and its name; the bytes come first."""
    if isinstance(content, Path):
        with content.open("rb") as file:
            content = file.read(HEAD_BYTES)
    ending = PurePath(name).suffix.casefold()
    if content.startswith(_FOREIGN_MAGIC):
        return Kind.FOREIGN
    # Before the PDF's mark, which need not come first: an archive may hold a PDF unpacked near its start.
    if content.startswith(_ARCHIVE_MAGIC) or content[TAR_MAGIC_AT : TAR_MAGIC_AT + 5] == b"ustar":
        return Kind.FOREIGN if ending in _FOREIGN_ENDINGS else Kind.ARCHIVE  # docx, xlsx and ofd are zip files inside
    if b"%PDF-" in content[:1024] or content.startswith(_DOCUMENT_MAGIC):
        return Kind.DOCUMENT
    if ending in _FOREIGN_ENDINGS:
        return Kind.FOREIGN
    if ending in _ARCHIVE_ENDINGS:
        return Kind.ARCHIVE
    return Kind.DOCUMENT if ending in _DOCUMENT_ENDINGS else Kind.OTHER


def safe_name(name: str) -> str:
    """A name that every file system takes: no separators, control or reserved characters, not too long."""
    cleaned = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]', "_", name).strip(" .") or "document"
    cleaned = cleaned.encode("utf-8", "replace").decode("utf-8")
    stem, ending = PurePath(cleaned).stem, PurePath(cleaned).suffix
    while len((stem + ending).encode()) > MAX_NAME_BYTES and len(stem) > 1:
        stem = stem[:-1]
    return (stem + ending) if len((stem + ending).encode()) <= MAX_NAME_BYTES else stem[:40]


def readable(name: str) -> str:
    """A member's name without what no database or terminal takes: control characters, lone surrogates."""
    shown = "".join("_" if ord(c) < 32 or ord(c) == 127 else c for c in name)
    return shown.encode("utf-8", "replace").decode("utf-8")
