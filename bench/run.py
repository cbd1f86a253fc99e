"""Run the extractor over documents with truth and measure it."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import psutil

from bench.extraction import Extracted, Way, commit, extract_all
from bench.interval import intervals
from bench.report import Figures, Interval, LevelReport, Report
from bench.score import Tally, figures, read_table, score_document

SAMPLE_SECONDS = 1.0  # what a sample costs grows with the memory: five a second took a tenth of a core
MEGABYTE = 1_000_000


def family(pid: int | None = None) -> list[psutil.Process]:
    """A process, this one unless another is named, and all its children."""
    own = psutil.Process(pid)
    return [own, *own.children(recursive=True)]


def resident(processes: Sequence[psutil.Process]) -> int:
    """Bytes of memory of processes together; shared pages count once where Linux tells (PSS)."""
    total = 0
    for process in processes:
        try:
            info = process.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it has just ended
        total += getattr(info, "pss", info.rss)
    return total


class MemoryWatch:
    """The highest memory of all processes together while the block ran, sampled once a second."""

    def __init__(self) -> None:
        self.peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, resident(family()))

    def __enter__(self) -> MemoryWatch:
        self.peak = resident(family())
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()


def tally_of(directory: Path, results: Path, name: str) -> Tally:
    truth = json.loads((directory / f"{name}.truth.json").read_text("utf8"))
    answer = results / f"{name}.json"
    given = json.loads(answer.read_text("utf8"))["tables"] if answer.exists() else []
    return score_document([read_table(t) for t in truth["tables"]], [read_table(t) for t in given])


def level_report(tallies: Sequence[Tally], runs: Sequence[Extracted]) -> LevelReport:
    whole = Tally()
    for tally in tallies:
        whole += tally
    per_page = [run.seconds / run.pages for run in runs if run.pages]
    spread: dict[str, Interval] = dict(intervals(tallies))
    cpu = [run.cpu / run.pages for run in runs if run.pages]
    values: Figures = figures(whole)
    return LevelReport(
        figures=values,
        intervals=spread,
        documents=len(runs),
        pages=sum(run.pages for run in runs),
        seconds_a_page=statistics.median(per_page) if per_page else None,
        cpu_seconds_a_page=statistics.median(cpu) if cpu else None,
        failed=[f"{run.name}: {run.error}" for run in runs if run.error],
        breaches=[f"{run.name}: {words}" for run in runs for words in run.breaches],
    )


def run(
    directories: Sequence[tuple[Path, Path]],
    wanted: Sequence[str],
    title: str,
    way: Way,
) -> Report:
    """Extract and score folders of (documents with truth, results); a report with every level and all together."""

    def say(words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    cores = psutil.cpu_count(logical=True)
    load = os.getloadavg()[0]  # what others ran meanwhile: wall time means little on a busy machine
    machine = f"{cores} cores ({platform.machine()}), Python {platform.python_version()}, load {load:.1f} at the start"
    if way.processes > 1:
        machine += f"; {way.processes} processes side by side"
    version = commit()
    by_level: dict[str, tuple[list[Tally], list[Extracted]]] = {}
    with MemoryWatch() as memory:
        runs = extract_all(directories, wanted, way, say)
    for (directory, results), extracted in zip(directories, runs, strict=True):
        for one in extracted:
            tally = tally_of(directory, results, one.name)
            for level in (one.level, "all"):
                tallies, pages = by_level.setdefault(level, ([], []))
                tallies.append(tally)
                pages.append(one)
    return Report(
        title=title,
        commit=version,
        machine=machine,
        peak_memory_mb=memory.peak / MEGABYTE,
        levels={level: level_report(*by_level[level]) for level in sorted(by_level)},
    )
