"""Where the rooms meet: models into the extractor, pages into a document with the engine's name on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractor.elements import PageResult
    from extractor.ports import Tools
    from extractor.result import Document
    from workers.desk import Facts


@cache
def own_tools() -> Tools:
    """This process's models, loaded once. Raises ModelMissing or ModelDamaged."""
    from models.tools import load_tools

    return load_tools()


def assemble(facts: Facts, pages: Sequence[PageResult], *, repair: bool = True) -> Document:
    """A document's result from its pages, read in whatever process."""
    from extractor.assemble import build_document
    from models.calibration import calibration
    from workers.building import engine

    return build_document(facts, pages, engine(), facts.warnings, calibration(), repair=repair)
