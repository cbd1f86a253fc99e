"""The pool keeps its promises with real processes: results, errors, kills, replacement."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from extractor.errors import Cancelled, GeziError, PasswordWrong, TimedOut, WorkerDied
from workers.pool import Pool, Recycle


class Desk:
    """What a child owns: it counts the tasks that ran on it."""

    def __init__(self) -> None:
        self.count = 0


@dataclass(frozen=True)
class Count:
    wear: int = 1

    def __call__(self, desk: Desk) -> tuple[int, int]:
        desk.count += 1
        return os.getpid(), desk.count


@dataclass(frozen=True)
class Standing:
    """The child's niceness, its session and what Linux weighs that session with, "" where it does not."""

    def __call__(self, desk: Desk) -> tuple[int, int, str]:
        group = Path("/proc/self/autogroup")
        return os.nice(0), os.getsid(0), group.read_text().strip() if group.exists() else ""


@dataclass(frozen=True)
class Sleep:
    seconds: float

    def __call__(self, desk: Desk) -> int:
        time.sleep(self.seconds)
        return os.getpid()


@dataclass(frozen=True)
class Stick:
    """Sleep in native code that holds the interpreter's lock: no other thread of the process runs."""

    seconds: int

    def __call__(self, desk: Desk) -> None:
        ctypes.PyDLL(None).sleep(self.seconds)


@dataclass(frozen=True)
class Crash:
    def __call__(self, desk: Desk) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Fail:
    expected: bool

    def __call__(self, desk: Desk) -> None:
        print("noise on standard output")
        if self.expected:
            raise PasswordWrong("no")
        raise ZeroDivisionError


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool[Desk]]:
    with Pool(1, Desk) as made:
        yield made


def test_a_child_keeps_its_desk_and_errors_come_back_typed(pool: Pool[Desk]) -> None:
    first, second = (pool.submit(Count()).result() for _ in range(2))
    assert second == (first[0], first[1] + 1)
    with pytest.raises(PasswordWrong, match="no"):
        pool.submit(Fail(expected=True)).result()
    with pytest.raises(GeziError) as caught:
        pool.submit(Fail(expected=False)).result()
    assert caught.value.code == "internal"
    assert pool.submit(Count()).result()[0] == first[0]


def test_a_crash_fails_its_own_task_only(pool: Pool[Desk]) -> None:
    crash, after = pool.submit(Crash()), pool.submit(Count())
    with pytest.raises(WorkerDied):
        crash.result()
    assert after.result()[1] == 1  # a new child with a new desk


def test_a_timeout_kills_the_work(pool: Pool[Desk]) -> None:
    pid = pool.submit(Count()).result()[0]
    started = time.monotonic()
    with pytest.raises(TimedOut):
        pool.submit(Sleep(60), timeout=0.3).result()
    assert time.monotonic() - started < 50  # of the 60 that the work would take
    assert not _runs(pid)


def test_cancel_stops_running_and_waiting_work(pool: Pool[Desk]) -> None:
    pid = pool.submit(Count()).result()[0]
    running, waiting = pool.submit(Sleep(60)), pool.submit(Sleep(60))
    time.sleep(0.2)
    waiting.cancel()
    running.cancel()
    assert not wait([running.future, waiting.future], timeout=10).not_done
    for ticket in (running, waiting):
        with pytest.raises(Cancelled):
            ticket.result()
    assert not _runs(pid)


def test_children_are_recycled_by_count_and_by_memory() -> None:
    with Pool(1, Desk, Recycle(tasks=2)) as pool:
        seen = [pool.submit(Count()).result() for _ in range(4)]
    assert [n for _, n in seen] == [1, 2, 1, 2]
    with Pool(1, Desk, Recycle(tasks=2)) as pool:
        uncounted = [pool.submit(Count(wear=0)).result()[1] for _ in range(3)]
        counted = [pool.submit(Count()).result()[1] for _ in range(3)]
    assert (uncounted, counted) == ([1, 2, 3], [4, 5, 1]), "only tasks that wear a child are counted"
    with Pool(1, Desk, Recycle(rss=1)) as pool:
        pids = [pool.submit(Count()).result()[0] for _ in range(2)]
    assert pids[0] != pids[1]


def test_children_step_back_for_other_processes_where_that_is_asked_for(pool: Pool[Desk]) -> None:
    assert pool.submit(Standing()).result()[:2] == (os.nice(0), os.getsid(0))
    with Pool(1, Desk, niceness=3) as stepping_back:
        niceness, session, group = stepping_back.submit(Standing()).result()
    assert niceness == min(19, os.nice(0) + 3)
    assert session != os.getsid(0)
    assert not group or group.endswith(" nice 3")


def test_a_task_that_cannot_travel_fails_where_it_is_submitted(pool: Pool[Desk]) -> None:
    with pytest.raises((AttributeError, pickle.PicklingError, TypeError)):
        pool.submit(lambda desk: 1)
    assert pool.submit(Count()).result()


def test_two_children_work_side_by_side_and_close_leaves_none() -> None:
    with Pool(2, Desk) as pool:
        tickets = [pool.submit(Sleep(0.5)) for _ in range(2)]
        pids = {ticket.result() for ticket in tickets}
    assert len(pids) == 2
    assert not any(_runs(pid) for pid in pids)


def test_leaving_the_block_with_an_error_kills_what_runs() -> None:
    started = time.monotonic()
    with pytest.raises(KeyError), Pool(1, Desk) as pool:  # noqa: PT012
        ticket = pool.submit(Sleep(60))
        raise KeyError
    assert time.monotonic() - started < 50  # of the 60 that the work would take
    with pytest.raises(Cancelled):
        ticket.result()


@pytest.mark.parametrize("stuck", [False, True], ids=["working", "stuck in native code"])
def test_children_die_with_their_parent(stuck: bool, tmp_path: object) -> None:
    if stuck and sys.platform != "linux":
        pytest.skip("only Linux's kernel ends a process with its parent")
    program = textwrap.dedent("""
        import os, sys, time
        from tests.workers.test_pool import Count, Desk, Sleep, Stick
        from workers.pool import Pool
        if __name__ == "__main__":
            pool = Pool(1, Desk)
            print(pool.submit(Count()).result()[0], flush=True)
            pool.submit(TASK(120))
            time.sleep(120)
    """).replace("TASK", "Stick" if stuck else "Sleep")
    script = f"{tmp_path}/parent.py"
    with open(script, "w", encoding="utf-8") as file:
        file.write(program)
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    env = {**os.environ, "PYTHONPATH": root}
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=env)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.5)  # the second task begins
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 60
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
