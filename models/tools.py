"""Everything the extractor needs from outside, made once per process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractor.elements import Grid
    from extractor.ports import Tools


def load_tools(*, models_dir: Path | None = None, threads: int = 2) -> Tools:
    """Load the models (about two seconds) and hand them out as the extractor's ports.

    `threads` is how many cores a model may use. Raises ModelMissing or ModelDamaged.
    """
    # Imported here, because they pull in paddleocr and camelot: `import models.tools` stays light.
    from extractor.ports import Tools
    from models.orientation import PageOrientation
    from models.reader import PaddleReader
    from models.store import manifest

    return Tools(
        reader=PaddleReader(models_dir, threads=threads),
        orientation=PageOrientation(),
        born_digital=_NoGrids(),
        models=tuple((weight.role, weight.name) for weight in manifest()),
    )


class _NoGrids:
    """Holds the place of models.born_digital until it lands."""

    def ruled(self, pdf: str, page: int, password: str | None) -> list[Grid]:
        return []

    def unruled(self, pdf: str, page: int, password: str | None) -> list[Grid]:
        return []
