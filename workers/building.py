"""Pages on their way from one process to another and into a result."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from extractor.elements import PageResult, Warn
from extractor.errors import GeziError
from workers.desk import Desk, Facts

if TYPE_CHECKING:
    from extractor.result import Engine


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
    return TypeAdapter(PageResult)


def page_bytes(page: PageResult) -> bytes:
    """A page as compressed JSON: unlike a pickle, reading it back runs nothing."""
    return gzip.compress(_adapter().dump_json(page), compresslevel=3, mtime=0)


def page_from(body: bytes) -> PageResult:
    return _adapter().validate_json(gzip.decompress(body))


@dataclass(frozen=True, slots=True)
class ReadPageBytes:
    """Task: as `ReadPage`, packed where the work is done."""

    path: str
    number: int
    password: str | None = None

    def __call__(self, desk: Desk) -> bytes:
        from workers.desk import ReadPage

        return page_bytes(ReadPage(self.path, self.number, self.password)(desk))


@dataclass(frozen=True, slots=True)
class LoadModels:
    """Task: the self-test of a worker. Raises ModelMissing or ModelDamaged."""

    def __call__(self, desk: Desk) -> None:
        desk.tools()


@dataclass(frozen=True, slots=True)
class BuildResult:
    """Task: the document's result as compressed JSON, from the pages' stored bodies."""

    facts: Facts
    pages: Sequence[bytes]

    def __call__(self, desk: Desk) -> bytes:
        from extractor.assemble import build_document
        from extractor.export import to_json

        pages = [page_from(body) for body in self.pages]
        document = build_document(self.facts, pages, engine(), self.facts.warnings)
        return gzip.compress(to_json(document).encode("utf-8", "replace"), mtime=0)
