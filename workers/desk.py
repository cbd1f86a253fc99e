"""What a model process owns, and the tasks that run there: open a document, read one of its pages.

A desk loads the models when the first page asks for them and keeps the last document open, so that
the pages of one document, asked for one by one, do not open it again and again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from extractor.elements import PageResult, Warn

if TYPE_CHECKING:
    from extractor.ports import Tools
    from extractor.source.documents import Source


@dataclass(frozen=True, slots=True)
class Facts:
    """An opened document without its pages; picklable. `numbers`: the pages asked for, from 1, sorted."""

    sha256: str
    filename: str
    media_type: str
    n_pages: int
    numbers: tuple[int, ...]
    warnings: tuple[Warn, ...] = ()


class Desk:
    """One process's models and open document. Never shared between threads."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._tools: Tools | None = None
        self._source: Source | None = None
        self._key: tuple[str, str | None, int] | None = None

    def tools(self) -> Tools:
        """Raises ModelMissing or ModelDamaged."""
        if self._tools is None:
            from models.tools import load_tools

            self._tools = load_tools(threads=self._threads)
        return self._tools

    def source(self, path: str, password: str | None) -> Source:
        """The open document at `path`. Raises an InputError."""
        from extractor.source.documents import open_document

        key = (path, password, os.stat(path).st_mtime_ns)
        if self._source is None or self._key != key:
            if self._source is not None:
                self._source.close()
            self._source, self._key = None, None
            self._source = open_document(path, password=password)
            self._key = key
        return self._source


@dataclass(frozen=True, slots=True)
class MakeDesk:
    """What `workers.pool.Pool` calls in each new child."""

    threads: int

    def __call__(self) -> Desk:
        return Desk(self.threads)


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """Task: what the document is and which pages are asked for. Raises an InputError."""

    wear: ClassVar[int] = 0  # no page of a child's life
    path: str
    password: str | None = None
    pages: str | None = None

    def __call__(self, desk: Desk) -> Facts:
        from extractor.source.documents import parse_pages

        source = desk.source(self.path, self.password)
        numbers = parse_pages(self.pages, source.n_pages)
        return Facts(source.sha256, source.filename, source.media_type, source.n_pages, numbers, source.warnings)


@dataclass(frozen=True, slots=True)
class ReadPage:
    """Task: one page's story. Raises PageUnreadable, TooLarge or a ModelError."""

    path: str
    number: int
    password: str | None = None

    def __call__(self, desk: Desk) -> PageResult:
        from extractor.pipeline import extract_page

        source = desk.source(self.path, self.password)
        return extract_page(source.load(self.number), source, desk.tools())
