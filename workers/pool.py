"""A pool of processes that can be killed, each owning its own models.

A model pipeline must not be shared between threads, native code can crash or hang, and a timeout
that only stops waiting leaves the work running. So every piece of work runs in a child process that
is killed on timeout, on cancel and when the parent dies, and is replaced. Children are recycled
after a number of tasks or past a size in memory, because libraries leak.

In the parent one thread tends each child; it only waits and never touches a model:

    with Pool(2, make_desk) as pool:
        ticket = pool.submit(ReadPage("a.pdf", 1), timeout=60)
        result = ticket.result()

A task is a picklable callable that takes what `make_desk` made in the child.
"""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Generic, TypeVar

import psutil

from extractor.errors import Cancelled, GeziError, TimedOut, WorkerDied

D = TypeVar("D")
T = TypeVar("T")

log = logging.getLogger(__name__)

RECYCLE_AFTER = 1000  # pages
PR_SET_PDEATHSIG = 1  # prctl(2)
GRACE = 5.0  # seconds for an idle child to leave by itself when the pool closes


@dataclass(frozen=True, slots=True)
class Recycle:
    """When a child is replaced between two tasks: after `tasks` of them, or past `rss` bytes of memory.

    A task whose attribute `wear` is 0 is not counted: a child is worn by pages, not by what stands around them.
    """

    tasks: int = RECYCLE_AFTER
    rss: int | None = None


class Ticket(Generic[T]):
    """One submitted task. `future` serves concurrent.futures.wait and asyncio.wrap_future."""

    def __init__(self, task: Callable[[Any], T], timeout: float | None) -> None:
        self.pickled = pickle.dumps(task)  # here, so that a task that cannot travel fails where it was submitted
        self.wear: int = getattr(task, "wear", 1)
        self.timeout = timeout
        self.future: Future[T] = Future()
        self._lock = threading.Lock()
        self._child: Child[Any] | None = None
        self._unwanted = False

    def result(self, timeout: float | None = None) -> T:
        """The task's value. Raises what the task raised, TimedOut, WorkerDied or Cancelled."""
        return self.future.result(timeout)

    def cancel(self) -> None:
        """Stop the task: a waiting one never starts, a running one's process is killed."""
        with self._lock:
            self._unwanted = True
            if self._child is not None:
                self._child.kill()

    def run(self, child: Child[Any]) -> None:
        """Run on a child and settle the future (called by the thread that tends the child)."""
        with self._lock:
            self._child = child
            unwanted = self._unwanted
        try:
            value = None if unwanted else child.run(self.pickled, self.timeout, self.wear)
        except GeziError as error:
            self.fail(error)
        else:
            self._settle(value=value)

    def fail(self, error: GeziError) -> None:
        self._settle(error=error)

    def _settle(self, value: T | None = None, error: GeziError | None = None) -> None:
        with self._lock:
            self._child = None
            if self._unwanted:
                error = Cancelled("the work was cancelled")
        if error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(value)  # type: ignore[arg-type]


class Pool(Generic[D]):
    """`size` child processes that start when first needed. `make_desk` must be picklable; it runs once a child.

    `niceness`: how far children step back for other processes of the machine, 0 to 19.
    """

    def __init__(
        self, size: int, make_desk: Callable[[], D], recycle: Recycle | None = None, *, niceness: int = 0
    ) -> None:
        if size < 1:
            raise ValueError("a pool needs at least one process")
        self.size = size
        self._make_desk = make_desk
        self._recycle = recycle or Recycle()
        self._niceness = niceness
        self._waiting: queue.SimpleQueue[Ticket[Any] | None] = queue.SimpleQueue()
        self._closed = False
        self._lock = threading.Lock()
        self._open_tickets: set[Ticket[Any]] = set()
        self._threads = [threading.Thread(target=self._tend, name=f"pool-{n}", daemon=True) for n in range(size)]
        for thread in self._threads:
            thread.start()

    def submit(self, task: Callable[[D], T], timeout: float | None = None) -> Ticket[T]:
        """Queue a task, first come first served. `timeout`: seconds from its start (the child's own start included)."""
        ticket: Ticket[T] = Ticket(task, timeout)
        with self._lock:
            if self._closed:
                raise RuntimeError("the pool is closed")
            self._open_tickets.add(ticket)
        ticket.future.add_done_callback(lambda _: self._forget(ticket))
        self._waiting.put(ticket)
        return ticket

    def close(self, *, kill: bool = False) -> None:
        """Finish what was submitted (or cancel it all) and end the children."""
        with self._lock:
            self._closed = True
            tickets = list(self._open_tickets) if kill else []
        for ticket in tickets:
            ticket.cancel()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Pool[D]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close(kill=kind is not None)

    def _forget(self, ticket: Ticket[Any]) -> None:
        with self._lock:
            self._open_tickets.discard(ticket)

    def _tend(self) -> None:
        child: Child[D] | None = None
        while (ticket := self._waiting.get()) is not None:
            if child is None or child.is_spent(self._recycle):
                if child is not None:
                    child.end()
                    child = None
                try:
                    child = Child(self._make_desk, self._niceness)
                except OSError:  # no memory or no process left for another child
                    ticket.fail(WorkerDied("no process could be started for the work"))
                    continue
            ticket.run(child)
        if child is not None:
            child.end()


@dataclass(frozen=True, slots=True)
class _Done:
    value: object


@dataclass(frozen=True, slots=True)
class _Failed:
    error: GeziError


class Child(Generic[D]):
    """One child process and the parent's end of its pipe. One task at a time."""

    def __init__(self, make_desk: Callable[[], D], niceness: int) -> None:
        context = multiprocessing.get_context("spawn")  # fork would copy threads' locks in whatever state they are
        self._pipe, far = context.Pipe()
        self._process: SpawnProcess = context.Process(target=_serve, args=(far, make_desk, niceness), daemon=True)
        self._process.start()
        far.close()
        self._wear = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def run(self, pickled: bytes, timeout: float | None, wear: int = 1) -> Any:
        """The pickled task's value. Raises its own GeziError, TimedOut or WorkerDied (then the child is gone)."""
        self._wear += wear
        end = None if timeout is None else monotonic() + timeout
        try:
            self._pipe.send_bytes(pickled)
            ready = wait([self._pipe, self._process.sentinel], None if end is None else max(0.0, end - monotonic()))
            if not ready:
                self._bury()
                raise TimedOut(f"the work took longer than {timeout:g} s and was stopped")
            outcome = self._pipe.recv()
        except (EOFError, OSError):  # the other end is closed: the process is gone
            self._bury()
            raise WorkerDied("the process that did the work ended unexpectedly") from None
        if isinstance(outcome, _Failed):
            raise outcome.error
        return outcome.value

    def is_spent(self, recycle: Recycle) -> bool:
        if not self._process.is_alive() or self._wear >= recycle.tasks:
            return True
        if recycle.rss is None:
            return False
        try:
            return bool(psutil.Process(self._process.pid).memory_info().rss > recycle.rss)
        except psutil.NoSuchProcess:
            return True

    def kill(self) -> None:
        self._process.kill()

    def _bury(self) -> None:
        self._process.kill()
        self._process.join()  # its pipe closes before it is gone: without this it would look alive for a moment

    def end(self) -> None:
        """Let an idle child leave; kill it if it does not."""
        self._pipe.close()
        self._process.join(GRACE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _serve(pipe: Connection, make_desk: Callable[[], D], niceness: int) -> None:
    """A child's life: make the desk, then work off tasks until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle: it kills us
    if niceness:
        _step_back(niceness)
    os.dup2(2, 1)  # libraries that print must not write into the parent's results
    if sys.platform == "linux":  # the kernel does it even where native code hangs and holds the interpreter's lock
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    desk = make_desk()
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        pipe.send(_outcome(task, desk))


def _step_back(niceness: int) -> None:
    """Let others go first, here and, where Linux weighs sessions instead of processes (autogroup), there as well."""
    os.nice(niceness)
    os.setsid()
    with suppress(OSError):  # a kernel without it, or a /proc that is read-only: then nice alone counts
        Path("/proc/self/autogroup").write_text(str(niceness))


def _outcome(task: Callable[[D], object], desk: D) -> _Done | _Failed:
    try:
        return _Done(task(desk))
    except GeziError as error:
        return _Failed(error.with_traceback(None))
    except Exception:  # the one place of this process that catches what nobody expected
        log.exception("a task failed in a way nobody expected")
        return _Failed(GeziError("internal error; the log tells more"))


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
