"""Which engine reads a document: Gezi's version and a mark of the weights and calibrations that go with it.

Results are shared between uploads of the same bytes only within one engine, and are read anew by filter when
it has changed. The mark is made of the data files' bytes, so that new weights under the same version count as
another engine. No model code is imported: the API asks as well.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

# Weights are named with their hashes in the manifest; calibrations lie beside the code that uses them.
_DATA = (("models", "*.toml"), ("models", "*.json"), ("extractor", "*.json"))
_ROOT = Path(__file__).parents[1]
_DIGITS = 8


@cache
def engine_mark() -> str:
    """Such as "0.1.0+3f9a1c02"."""
    told = hashlib.sha256()
    for room, pattern in _DATA:
        for path in sorted((_ROOT / room).glob(pattern)):
            told.update(f"{room}/{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return f"{version('gezi')}+{told.hexdigest()[:_DIGITS]}"
