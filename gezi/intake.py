"""From the paths a user names to the documents in them: files, folders, archives, each with a name of its own."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from extractor.errors import GeziError, InputError
from workers.archives import ArchiveLimits, LeftOut, is_junk, unpack
from workers.kinds import Kind, kind_of, safe_name


@dataclass(frozen=True, slots=True)
class Found:
    """A document to be read. `label`: how the user knows it; `stem`: its results' name, unique in this run."""

    label: str
    path: Path
    stem: str
    scratch: Path | None = None  # the folder to remove when done

    def release(self) -> None:
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Refused:
    """What is not read; `error` is None for a file that is no document at all."""

    label: str
    error: GeziError | None


class Names:
    """Hands out names for results: a document's own, or with -2, -3 … where that is taken (whatever the case)."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, filename: str) -> str:
        stem = PurePath(safe_name(filename)).stem
        name, n = stem, 1
        while _folded(name) in self._taken:
            n += 1
            name = f"{stem}-{n}"
        self.take(name)
        return name

    def take(self, name: str) -> None:
        """Hand this one out no more."""
        self._taken.add(_folded(name))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def find_documents(
    paths: Sequence[str],
    scratch: Path,
    *,
    password: str | None = None,
    skip: Path | None = None,
    limits: ArchiveLimits | None = None,
) -> Iterator[Found | Refused]:
    """Every document under `paths`, in order, archives unpacked one member at a time into `scratch`.

    A path that is named is always taken for a document; in folders and archives, files that are
    clearly none are `Refused` without an error. `skip`: a folder that is not walked into (the results').
    """
    names = Names()
    for path in paths:
        for file, named in _files(path, skip):
            yield from _look(file, named, names, scratch, password, limits)


def is_one_document(paths: Sequence[str]) -> bool:
    """Whether the paths name a single file that is no archive, so that its result can go to standard output."""
    if len(paths) != 1 or os.path.isdir(paths[0]):
        return False
    try:
        return kind_of(Path(paths[0]), paths[0]) is not Kind.ARCHIVE
    except OSError:
        return True


def _files(path: str, skip: Path | None) -> Iterator[tuple[str, bool]]:
    if not os.path.isdir(path):
        yield path, True
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and not _same(os.path.join(folder, f), skip))
        for file in sorted(files):
            if not is_junk(file):
                yield os.path.join(folder, file), False


def _same(path: str, other: Path | None) -> bool:
    return other is not None and os.path.realpath(path) == os.path.realpath(other)


@dataclass(frozen=True, slots=True)
class Named:
    """A file as it lies there, archive or document."""

    label: str
    path: Path
    kind: Kind


def list_files(paths: Sequence[str], skip: Path | None = None) -> Iterator[Named | Refused]:
    """As `find_documents`, without looking into archives."""
    for path in paths:
        for file, named in _files(path, skip):
            try:
                kind = kind_of(Path(file), file)
            except OSError as error:
                yield Refused(file, InputError(f"the file cannot be read: {os.strerror(error.errno or 0)}"))
                continue
            yield Named(file, Path(file), kind) if named or kind is not Kind.OTHER else Refused(file, None)


def _look(
    file: str, named: bool, names: Names, scratch: Path, password: str | None, limits: ArchiveLimits | None
) -> Iterator[Found | Refused]:
    path = Path(file)
    try:
        kind = kind_of(path, file)
    except OSError as error:
        yield Refused(file, InputError(f"the file cannot be read: {os.strerror(error.errno or 0)}"))
        return
    if kind is Kind.ARCHIVE:
        for entry in unpack(path, file, scratch, password, limits):
            if isinstance(entry, LeftOut):
                yield Refused(entry.label, entry.error)
            else:
                yield Found(entry.label, entry.path, names.claim(entry.path.name), entry.path.parent)
    elif named or kind is not Kind.OTHER:
        # A foreign kind goes on as a document: opening it gives the error that names what it is.
        yield Found(file, path, names.claim(path.name))
    else:
        yield Refused(file, None)
