"""What a user sees of a run: a bar of pages with their rate and the time left, and at the end what was not read."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from extractor.errors import GeziError, UnsupportedMedia
from gezi.exits import NOTHING_FOUND, PARTIAL, common_exit

if TYPE_CHECKING:
    from tqdm import tqdm

NAME_WIDTH = 60  # columns of a terminal; a longer name loses its beginning


class Watcher:
    """Told about progress; the default does not care."""

    def pages_expected(self, n: int) -> None: ...

    def page_done(self, label: str, number: int) -> None: ...


@dataclass
class Tally:
    """What has become of everything so far."""

    read: int = 0
    others: int = 0  # files that are no documents
    failed: list[tuple[str, GeziError]] = field(default_factory=list)
    unread: list[tuple[str, int, GeziError]] = field(default_factory=list)

    def exit_code(self) -> int:
        if self.failed and not self.read:
            return common_exit([error for _, error in self.failed])
        if self.failed or self.unread:
            return PARTIAL
        return 0 if self.read else NOTHING_FOUND


class Bar(Watcher):
    """Progress by page on a terminal's standard error, else only the lines said."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: tqdm[NoReturn] | None = None
        self._total = 0
        if sys.stderr.isatty() and not quiet:
            from tqdm import tqdm

            self._bar = tqdm(total=0, unit="page", file=sys.stderr, dynamic_ncols=True)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def pages_expected(self, n: int) -> None:
        if self._bar is not None:
            self._total += n
            self._bar.total = self._total
            self._bar.refresh()

    def page_done(self, label: str, number: int) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(f"{os.path.basename(label)} p. {number}", refresh=False)
            self._bar.update(1)

    def pages_done(self, n: int) -> None:
        """Pages of which nothing is known but that they are done."""
        if self._bar is not None and n > 0:
            self._bar.update(n)

    def say(self, line: str) -> None:
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr)
        elif not self._quiet:
            print(line, file=sys.stderr)


def report(tally: Tally) -> None:
    """What was not read, at the end, where nobody overlooks it."""
    for label, number, error in tally.unread:
        print(f"gezi: {label}: page {number} not read: {error.message} ({error.code})", file=sys.stderr)
    total = tally.read + len(tally.failed)
    if total == 1:
        for label, error in tally.failed:
            print(f"gezi: {label}: {error.message} ({error.code})", file=sys.stderr)
    elif tally.failed:
        print(f"gezi: {len(tally.failed)} of {total} documents not read:", file=sys.stderr)
        for line in failure_table(tally.failed):
            print(line, file=sys.stderr)
    if tally.others:
        print(f"gezi: {tally.others} other file(s) are no documents and were left alone", file=sys.stderr)
    if not total:
        print("gezi: no document found", file=sys.stderr)


def failure_table(failed: Sequence[tuple[str, GeziError]]) -> list[str]:
    """A line each: why, which document, the reason in words; in columns that are as wide as they look."""
    rows = [
        ("unsupported:" if isinstance(error, UnsupportedMedia) else "failed:", _shortened(label), error)
        for label, error in failed
    ]
    widest = max(_width(label) for _, label, _ in rows)
    return [
        f"  {kind:12} {label}{' ' * (widest - _width(label))}  {error.message} ({error.code})"
        for kind, label, error in rows
    ]


def _width(text: str) -> int:
    """Columns on a terminal, where Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _shortened(label: str) -> str:
    shown = "".join(c if c.isprintable() else "?" for c in label)
    if _width(shown) <= NAME_WIDTH:
        return shown
    while _width(shown) >= NAME_WIDTH:
        shown = shown[1:]
    return f"…{shown}"
