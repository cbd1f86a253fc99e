"""numpy's own OpenBLAS held to one thread: its products here take a millisecond, its idle threads spin for many."""

from __future__ import annotations

import ctypes
from pathlib import Path

WHEEL = "numpy.libs"  # where numpy's wheels keep the libraries that they bring, beside the package
LIBRARY = "libscipy_openblas*"
SETTERS = ("scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads")
GETTERS = ("scipy_openblas_get_num_threads64_", "scipy_openblas_get_num_threads")


def one_thread() -> None:
    """Let numpy's matrix products use the calling thread alone, in the whole process.

    A second thread is woken for parts of a millisecond and then waits by spinning, which costs more than it saves.
    numpy offers no other way in; a numpy built on another library, or whose wheel looks otherwise, is left as it is.
    """
    if (setter := _function(SETTERS)) is not None:
        setter(1)


def threads() -> int | None:
    """How many threads numpy's OpenBLAS may use; None where numpy brings none."""
    getter = _function(GETTERS)
    return None if getter is None else int(getter())


def _function(names: tuple[str, ...]) -> ctypes._NamedFuncPointer | None:
    import numpy as np

    for file in sorted((Path(np.__file__).parent.parent / WHEEL).glob(LIBRARY)):
        library = ctypes.CDLL(str(file))  # loaded already: this only finds it again
        for name in names:
            if hasattr(library, name):
                found: ctypes._NamedFuncPointer = getattr(library, name)
                return found
    return None
