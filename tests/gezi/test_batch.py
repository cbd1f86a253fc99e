"""Documents over the pool: what happens when pages, processes or models fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from extractor.elements import TextLine
from extractor.errors import ModelMissing, PageUnreadable, WorkerDied
from extractor.ports import DetectedLine, Tools
from gezi.batch import Outcome, Watcher, Wishes, run_batch
from gezi.intake import Found
from models.born_digital import CamelotGrids
from tests.paper import WIDTH, filled_table, save
from workers.desk import Desk
from workers.pool import Pool

TABLE = filled_table([50, 150, WIDTH - 50], [100, 130, 160, 190])


class Blind:
    """Reader and orientation for pages that need neither."""

    def detect(self, picture: object) -> list[DetectedLine]:
        raise AssertionError("a born-digital page needs no reader")

    def read(self, picture: object, boxes: object) -> list[TextLine]:
        raise AssertionError("a born-digital page needs no reader")

    def upright_probabilities(self, picture: object) -> tuple[float, float, float, float]:
        raise AssertionError("a born-digital page needs no reader")


@dataclass
class FaultyDesk(Desk):
    """Fails in one way on its second page; without a fault it reads born-digital pages only."""

    fault: str

    def __post_init__(self) -> None:
        super().__init__(threads=1)
        self.pages = 0

    def tools(self) -> Tools:
        self.pages += 1
        if self.pages == 2:
            if self.fault == "crash":
                os.kill(os.getpid(), signal.SIGKILL)
            if self.fault == "hang":
                time.sleep(600)
            if self.fault == "unreadable":
                raise PageUnreadable("page 2 cannot be decoded")
            if self.fault == "models":
                raise ModelMissing("gone")
        return Tools(reader=Blind(), orientation=Blind(), born_digital=CamelotGrids())


@dataclass(frozen=True)
class MakeFaulty:
    fault: str

    def __call__(self) -> FaultyDesk:
        return FaultyDesk(self.fault)


class Count(Watcher):
    def __init__(self) -> None:
        self.expected, self.done = 0, 0

    def pages_expected(self, n: int) -> None:
        self.expected += n

    def page_done(self, label: str, number: int) -> None:
        self.done += 1


@pytest.fixture(scope="module")
def three_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("batch") / "three.pdf", TABLE, TABLE, TABLE)


def _batch(fault: str, *paths: Path, timeout: float = 300) -> tuple[list[Outcome], Count]:
    count = Count()
    entries = [Found(str(path), path, path.stem) for path in paths]
    with Pool(1, MakeFaulty(fault)) as pool:
        return list(run_batch(entries, pool, Wishes(page_timeout=timeout), count)), count


@pytest.mark.parametrize(
    ("fault", "code"), [("crash", "worker_died"), ("hang", "timed_out"), ("unreadable", "page_unreadable")]
)
def test_a_page_that_fails_costs_only_itself(fault: str, code: str, three_pages: Path) -> None:
    timeout = 300.0
    if fault == "hang":  # given up in a time in which this machine, as busy as it is, starts a process and reads pages
        began = time.monotonic()
        _batch("", three_pages)
        timeout = max(4.0, 3 * (time.monotonic() - began))
    (outcome,), count = _batch(fault, three_pages, timeout=timeout)
    assert [(number, error.code) for number, error in outcome.unread] == [(2, code)]
    assert outcome.document is not None
    assert [page.number for page in outcome.document.pages] == [1, 2, 3]
    assert [[w.code for w in page.warnings] for page in outcome.document.pages] == [[], [code], []]
    assert {p for table in outcome.document.tables for p in table.pages} == {1, 3}
    assert (count.expected, count.done) == (3, 3)


def test_without_models_the_run_ends(three_pages: Path) -> None:
    with pytest.raises(ModelMissing):
        _batch("models", three_pages, three_pages)


def test_outcomes_come_in_the_order_of_the_entries(three_pages: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 nothing")
    one = save(tmp_path / "one.pdf", TABLE)
    outcomes, count = _batch("", three_pages, bad, one, bad, three_pages)
    assert [outcome.entry.label for outcome in outcomes] == [str(p) for p in (three_pages, bad, one, bad, three_pages)]
    assert [outcome.error is None for outcome in outcomes] == [True, False, True, False, True]
    assert count.done == 7


def test_a_process_that_dies_while_opening_fails_its_document_only(three_pages: Path, tmp_path: Path) -> None:
    entries = [Found("a", three_pages, "a"), Found("b", three_pages, "b")]
    with Pool(1, MakeDying(str(tmp_path / "died"))) as pool:
        first, second = run_batch(entries, pool, Wishes())
    assert isinstance(first.error, WorkerDied)
    assert second.error is None


class DyingDesk(FaultyDesk):
    """Its process dies when the very first document of all is opened."""

    def __init__(self, mark: str) -> None:
        super().__init__("")
        self.mark = Path(mark)

    def source(self, path: str, password: str | None) -> object:  # type: ignore[override]
        if not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().source(path, password)


@dataclass(frozen=True)
class MakeDying:
    mark: str

    def __call__(self) -> DyingDesk:
        return DyingDesk(self.mark)


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_ends_everything_at_once(tmp_path: Path) -> None:
    # More pages than any machine reads before the interrupt comes.
    path = save(tmp_path / "many.pdf", *[TABLE] * 600)
    command = [sys.executable, "-m", "gezi.cli", "extract", str(path), "--out", str(tmp_path / "out"), "--jobs", "2"]
    # A test run in the background has inherited an ignored SIGINT; a user's terminal gives the default.
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=_heed_interrupts)
    parent = psutil.Process(run.pid)
    deadline = time.monotonic() + 120
    while len(parent.children()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    children = parent.children(recursive=True)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=20)
    assert run.returncode == 130, told
    assert told == "gezi: interrupted\n"
    psutil.wait_procs(children, timeout=10)
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)
    assert not list((tmp_path / "out").iterdir())
