"""Pages on their way from one process to another and into a result."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, ClassVar

from pydantic import TypeAdapter

from extractor.elements import PageResult, Warn
from extractor.errors import GeziError, PageUnreadable
from workers.desk import Desk, Facts
from workers.exports import Format

if TYPE_CHECKING:
    from extractor.elements import RawPage
    from extractor.result import Engine
    from extractor.source.documents import Source


def engine() -> Engine:
    """Gezi's version and the weights of its manifest."""
    from extractor.result import Engine
    from models.store import manifest

    return Engine(version=version("gezi"), models={weight.role: weight.name for weight in manifest()})


def unread_page(number: int, error: GeziError) -> PageResult:
    """Stands for a page that could not be read, with the reason as its warning; its size is not known."""
    return PageResult(number, 0.0, 0.0, 0, 0.0, "scan", warnings=(Warn(error.code, error.message),))


@cache
def _adapter() -> TypeAdapter[PageResult]:
    from extractor.unruled.openrows import OpenRows

    adapter = TypeAdapter(PageResult)
    # `extractor.elements` names it for the type checker only: the import would go in a circle.
    adapter.rebuild(_types_namespace={"OpenRows": OpenRows})
    return adapter


def page_bytes(page: PageResult) -> bytes:
    """A page as compressed JSON: unlike a pickle, reading it back runs nothing."""
    return gzip.compress(_adapter().dump_json(page), compresslevel=3, mtime=0)


def page_from(body: bytes) -> PageResult:
    return _adapter().validate_json(gzip.decompress(body))


@dataclass(frozen=True, slots=True)
class PackedPage:
    """A page on its way. `seconds`: by stage; `picture`: the page as shown, a PNG, if one was asked for and made."""

    body: bytes
    seconds: tuple[tuple[str, float], ...]
    picture: bytes | None


@dataclass(frozen=True, slots=True)
class ReadPagePacked:
    """Task: as `ReadPage`, packed where the work is done, with its picture at `dpi` (0: none)."""

    path: str
    number: int
    password: str | None = None
    dpi: float = 0.0

    def __call__(self, desk: Desk) -> PackedPage:
        from extractor.pipeline import extract_page

        source = desk.source(self.path, self.password)
        raw = source.load(self.number)
        page = extract_page(raw, source, desk.tools())
        return PackedPage(page_bytes(page), page.seconds, self._picture(source, raw))

    def _picture(self, source: Source, raw: RawPage) -> bytes | None:
        from extractor.shown import shown_png

        if self.dpi == 0.0:
            return None
        try:
            return shown_png(source, raw, self.dpi)
        except PageUnreadable:  # a page that was read is worth more than its picture
            return None


@dataclass(frozen=True, slots=True)
class LoadModels:
    """Task: the self-test of a worker. Raises ModelMissing or ModelDamaged."""

    wear: ClassVar[int] = 0

    def __call__(self, desk: Desk) -> None:
        desk.tools()


@dataclass(frozen=True, slots=True)
class Built:
    """A document's result: compressed JSON, and the further formats that were asked for."""

    json: bytes
    others: tuple[tuple[Format, bytes], ...]


@dataclass(frozen=True, slots=True)
class BuildResult:
    """Task: the document's result, from the pages' stored bodies."""

    wear: ClassVar[int] = 0

    facts: Facts
    pages: Sequence[bytes]
    formats: tuple[Format, ...] = ()
    repair: bool = True

    def __call__(self, desk: Desk) -> Built:
        from extractor.assemble import build_document
        from extractor.export import to_json
        from models.calibration import calibration
        from workers.exports import render

        pages = [page_from(body) for body in self.pages]
        told = self.facts.warnings
        document = build_document(self.facts, pages, engine(), told, calibration(), repair=self.repair)
        packed = gzip.compress(to_json(document).encode("utf-8", "replace"), mtime=0)
        return Built(packed, tuple((wanted, render(document, wanted).content) for wanted in self.formats))
