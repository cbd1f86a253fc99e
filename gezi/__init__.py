"""Gezi reads scanned and messy PDFs of Chinese budget disclosures and gives back every table, cell by cell.

`gezi.extract(path)` does in Python what `gezi extract` does on the command line. Importing this
package loads nothing heavy; models are loaded by the first extraction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gezi.extraction import extract

__all__ = ["__version__", "extract"]

__version__: str


def __getattr__(name: str) -> object:
    if name == "extract":
        from gezi.extraction import extract

        return extract
    if name == "__version__":
        from importlib.metadata import version

        return version("gezi")
    raise AttributeError(f"module 'gezi' has no attribute {name!r}")
