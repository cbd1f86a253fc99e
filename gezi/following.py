"""Documents on a server, followed until their work has ended, and their results fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from extractor.errors import GeziError
from extractor.result import Document
from gezi.errors import error_of
from gezi.outputs import write_results
from gezi.progress import Bar, Tally
from gezi.remote import Remote, Server

WAIT = 2.0  # seconds of one long poll
WINDOW = 32  # documents that are followed at a time; the server works on more than one


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document whose work has ended: its result written to `files`, or the error."""

    files: tuple[Path, ...] = ()
    pages: int = 0
    unread: tuple[tuple[int, GeziError], ...] = ()
    error: GeziError | None = None


Settle = Callable[[Fetched], None]


@dataclass(slots=True)
class _Followed:
    id: str
    label: str
    stem: str
    settle: Settle
    done: int = 0
    expected: int = 0


class Follower:
    """`folder`: where results go, None where only the ends are wanted."""

    def __init__(self, server: Server, folder: Path | None, formats: tuple[str, ...], tally: Tally, bar: Bar) -> None:
        self._server = server
        self._folder = folder
        self._formats = formats
        self._tally = tally
        self._bar = bar
        self._open: list[_Followed] = []

    def follow(self, remote: Remote, label: str, stem: str, settle: Settle = lambda _: None) -> None:
        """Take one more; waits while too many are followed already."""
        self._open.append(_Followed(remote.id, label, stem, settle))
        if not self._ended(self._open[-1], remote):
            while len(self._open) >= WINDOW:
                self._look()

    def finish(self) -> None:
        """Until all have ended."""
        while self._open:
            self._look()

    def _look(self) -> None:
        """Ask for each once; the oldest is waited for a little."""
        for position, followed in enumerate(list(self._open)):
            self._ended(followed, self._server.document(followed.id, 0.0 if position else WAIT))

    def _ended(self, followed: _Followed, remote: Remote) -> bool:
        total = remote.pages_total or 0
        self._bar.pages_expected(total - followed.expected)
        self._bar.pages_done(remote.pages_done - followed.done)
        followed.expected, followed.done = total, remote.pages_done
        if not remote.ended:
            return False
        self._open.remove(followed)
        followed.settle(self.fetch(remote, followed.label, followed.stem))
        return True

    def fetch(self, remote: Remote, label: str, stem: str) -> Fetched:
        """The result of a document whose work has ended, written and counted. Raises OutputError."""
        if not remote.has_result:
            error = remote.error or error_of("internal", "the work ended without a result")
            self._tally.failed.append((label, error))
            return Fetched(error=error)
        self._tally.read += 1
        if self._folder is None:
            self._bar.say(f"{label}: {remote.state}, {remote.pages_done} page{'s'[: remote.pages_done != 1]}")
            return Fetched(pages=remote.pages_done)
        document = self._server.result(remote.id)
        files = tuple(write_results(document, self._folder, stem, self._formats))
        unread = unread_pages(document)
        self._tally.unread += [(label, number, error) for number, error in unread]
        pages, tables = len(document.pages), len(document.tables)
        where = files[0] if files else self._folder
        self._bar.say(f"{label}: {pages} page{'s'[: pages != 1]}, {tables} table{'s'[: tables != 1]} -> {where}")
        return Fetched(files, pages, unread)


def unread_pages(document: Document) -> tuple[tuple[int, GeziError], ...]:
    """Pages that stand for some that could not be read: they have no size, and the reason as their warning."""
    return tuple(
        (page.number, error_of(page.warnings[0].code, page.warnings[0].detail))
        for page in document.pages
        if page.width == 0 and page.warnings
    )
