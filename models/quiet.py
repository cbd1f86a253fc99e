"""Import paddleocr without its look-up of model hosts, without its talk, and on the headless OpenCV build.

paddlex asks the installed distributions for "opencv-contrib-python" by name before it will touch a
picture. The headless build is the same library without windows (and without libGL, which servers
lack), under another name; `_HeadlessStandsIn` answers for it while paddleocr is imported.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType

WANTED = "opencv-contrib-python"
INSTALLED = "opencv-contrib-python-headless"


class _HeadlessStandsIn(importlib.metadata.DistributionFinder):
    """Finds INSTALLED when asked for WANTED (the standard library's hook for finding distributions)."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """No module is ever found here."""

    def find_distributions(
        self, context: importlib.metadata.DistributionFinder.Context | None = None
    ) -> Iterable[importlib.metadata.Distribution]:
        if context is not None and context.name == WANTED:
            yield from importlib.metadata.distributions(name=INSTALLED)


@contextmanager
def _headless_standing_in() -> Iterator[None]:
    stand_in = _HeadlessStandsIn()
    sys.meta_path.append(stand_in)
    try:
        yield
    finally:
        sys.meta_path.remove(stand_in)


def import_paddleocr() -> ModuleType:
    """The paddleocr module (a second and 150 MB the first time)."""
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    with warnings.catch_warnings(), _headless_standing_in():
        warnings.simplefilter("ignore")
        import paddleocr
    for name in ("paddlex", "ppocr"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return paddleocr  # type: ignore[no-any-return]
