"""`gezi.extract`: one document in this process, as `gezi extract` does it in others."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from gezi.wiring import own_tools

if TYPE_CHECKING:
    from extractor.elements import PageResult
    from extractor.ports import Tools
    from extractor.result import Document

# The process's own models must not be used by two threads at once.
_own_tools_lock = threading.Lock()


def extract(
    path: str | os.PathLike[str],
    *,
    pages: str | None = None,
    password: str | None = None,
    tools: Tools | None = None,
    progress: Callable[[PageResult], None] | None = None,
    repair: bool = True,
) -> Document:
    """Read a PDF, PNG, JPEG or TIFF file's tables.

    `pages` is a range such as "1-3,5"; `progress` is called with each page as it is done. With `repair`, numbers
    are corrected where their sums determine them and the recogniser held them possible. The models
    are loaded on the first call and kept; calls from several threads wait for each other unless each
    brings `tools` of its own. Raises a subclass of `extractor.errors.GeziError`; a single page that
    cannot be read does not raise but comes back with a warning.
    """
    from extractor.pipeline import extract_document
    from extractor.source.documents import open_document, parse_pages

    with open_document(path, password=password) as source:
        numbers = parse_pages(pages, source.n_pages)
        if tools is not None:
            return extract_document(source, tools, numbers, progress, repair=repair)
        with _own_tools_lock:
            return extract_document(source, own_tools(), numbers, progress, repair=repair)
