"""Everything the extractor needs from outside, made once per process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractor.ports import Tools


def load_tools(*, models_dir: Path | None = None, threads: int = 2) -> Tools:
    """Load the models (about two seconds) and hand them out as the extractor's ports.

    `threads` is how many cores a model may use; with more than one, a document's pages overlap. Raises ModelMissing or
    ModelDamaged.
    """
    # Imported here, because they pull in paddleocr and camelot: `import models.tools` stays light.
    import cv2

    from extractor.ports import Tools
    from models.blas import one_thread
    from models.born_digital import CamelotGrids
    from models.calibration import calibration
    from models.orientation import PageOrientation
    from models.reader import PaddleReader
    from models.rulesight import UnetSight
    from models.store import manifest
    from models.strange import wording

    # OpenCV would take every core for work of milliseconds, and its threads spin as they wait for the next.
    cv2.setNumThreads(threads)
    one_thread()
    reader = PaddleReader(models_dir, threads=threads)
    return Tools(
        reader=reader,
        orientation=PageOrientation(reader, models_dir, threads=threads),
        born_digital=CamelotGrids(),
        models=tuple((weight.role, weight.name) for weight in manifest()),
        calibration=calibration(),
        words=wording,
        rule_sight=UnetSight(models_dir, threads=threads),
        ahead=threads > 1,
    )
