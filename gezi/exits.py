"""Exit codes that no error class carries; the others are `extractor.errors`' own (docs/errors.md lists all)."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.errors import GeziError

USAGE = 2  # argparse's own
PARTIAL = 3  # some documents or pages were not read; the others were
NOTHING_FOUND = 4  # no document in the folders and archives named
INTERRUPTED = 130  # Ctrl-C, as shells have it


def common_exit(errors: Sequence[GeziError]) -> int:
    """For a run in which every document failed: the code of the nearest class that all the errors share.

    One password missing and another wrong: 20 (encrypted). A missing password and an empty file: 10
    (bad input).
    """
    shared = [c for c in type(errors[0]).__mro__ if issubclass(c, GeziError)]
    for error in errors[1:]:
        shared = [c for c in shared if isinstance(error, c)]
    return shared[0].exit_code
