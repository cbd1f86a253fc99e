"""numpy's matrix products keep to one thread once the models are loaded."""

from __future__ import annotations

from extractor.ports import Tools
from models import blas


def test_loaded_models_leave_numpy_one_thread(tools: Tools) -> None:
    assert tools.models
    assert blas.threads() in (None, 1)
