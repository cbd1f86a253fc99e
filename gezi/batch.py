"""Many documents over one pool of model processes, page by page; one that fails stops no other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from extractor.elements import PageResult
from extractor.errors import GeziError, ModelError
from gezi.intake import Found, Refused
from gezi.progress import Watcher
from gezi.wiring import assemble
from workers.building import unread_page
from workers.desk import Desk, Facts, OpenDocument, ReadPage
from workers.pool import Pool, Ticket

if TYPE_CHECKING:
    from extractor.result import Document

OPEN_TIMEOUT = 120.0  # seconds; hashing and opening, the child's own start included
PAGE_TIMEOUT = 300.0  # seconds; a page takes about one, on a slow machine with cold models ten


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of every document. `page_timeout` in seconds; a page over it is given up, not the document.

    `repair`: let sums correct numbers that the recogniser held possible.
    """

    pages: str | None = None
    password: str | None = None
    page_timeout: float = PAGE_TIMEOUT
    repair: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry: a document, perhaps with pages that were not read, or an error, or neither."""

    entry: Found | Refused
    document: Document | None = None
    error: GeziError | None = None
    unread: tuple[tuple[int, GeziError], ...] = ()


@dataclass
class _Job:
    """A document on its way: first its opening, then its pages."""

    entry: Found
    opening: Ticket[Facts]
    facts: Facts | None = None
    pages: dict[int, Ticket[PageResult]] = field(default_factory=dict)

    def futures(self) -> list[Future[Any]]:
        futures: list[Future[Any]] = [self.opening.future, *(ticket.future for ticket in self.pages.values())]
        return [future for future in futures if not future.done()]


def run_batch(
    entries: Iterable[Found | Refused], pool: Pool[Desk], wishes: Wishes, watcher: Watcher | None = None
) -> Iterator[Outcome]:
    """Outcomes in the order of the entries. Raises ModelError: without models no document can be read.

    A document more than the pool has processes is kept under way, so that none waits for the next
    to be opened; entries are drawn from the iterator only as far.
    """
    watcher = watcher or Watcher()
    waiting = iter(entries)
    jobs: deque[_Job | Refused] = deque()
    more = True
    while jobs or more:
        while more and len(jobs) <= pool.size:
            entry = next(waiting, None)
            more = entry is not None
            if entry is not None:
                jobs.append(_start(entry, pool, wishes))
        for job in jobs:
            if isinstance(job, _Job):
                _go_on(job, pool, wishes, watcher)
        if jobs and (isinstance(jobs[0], Refused) or not jobs[0].futures()):
            yield _finish(jobs.popleft(), wishes)
            continue
        pending = [future for job in jobs if isinstance(job, _Job) for future in job.futures()]
        if pending:
            wait(pending, return_when=FIRST_COMPLETED)


def _start(entry: Found | Refused, pool: Pool[Desk], wishes: Wishes) -> _Job | Refused:
    if isinstance(entry, Refused):
        return entry
    task = OpenDocument(str(entry.path), wishes.password, wishes.pages)
    return _Job(entry, pool.submit(task, OPEN_TIMEOUT))


def _go_on(job: _Job, pool: Pool[Desk], wishes: Wishes, watcher: Watcher) -> None:
    """Ask for the pages once the document is open."""
    if job.facts is not None or not job.opening.future.done() or job.opening.future.exception() is not None:
        return
    job.facts = job.opening.result()
    watcher.pages_expected(len(job.facts.numbers))
    for number in job.facts.numbers:
        task = ReadPage(str(job.entry.path), number, wishes.password)
        ticket = pool.submit(task, wishes.page_timeout)
        ticket.future.add_done_callback(_teller(watcher, job.entry.label, number))
        job.pages[number] = ticket


def _teller(watcher: Watcher, label: str, number: int) -> Callable[[Future[PageResult]], None]:
    return lambda _: watcher.page_done(label, number)


def _finish(job: _Job | Refused, wishes: Wishes) -> Outcome:
    if isinstance(job, Refused):
        return Outcome(job, error=job.error)
    job.entry.release()
    try:
        facts = job.opening.result()
    except GeziError as error:
        return Outcome(job.entry, error=error)
    pages: list[PageResult] = []
    unread: list[tuple[int, GeziError]] = []
    for number, ticket in job.pages.items():
        try:
            pages.append(ticket.result())
        except ModelError:
            raise
        except GeziError as error:
            unread.append((number, error))
            pages.append(unread_page(number, error))
    return Outcome(job.entry, document=assemble(facts, pages, repair=wishes.repair), unread=tuple(unread))
