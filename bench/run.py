"""Run the extractor over documents with truth, one after another in one warm process, and measure it."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psutil

from bench.check import breaches
from bench.interval import intervals
from bench.report import Figures, Interval, LevelReport, Report
from bench.score import Tally, figures, read_table, score_document

SAMPLE_SECONDS = 0.2
MEGABYTE = 1_000_000


def processor() -> float:
    """Seconds of processor time that this process and its children, living and ended, have used."""
    own = psutil.Process().cpu_times()
    living = sum(sum(child.cpu_times()[:2]) for child in psutil.Process().children(recursive=True))
    return float(own.user + own.system + own.children_user + own.children_system + living)


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
    """The highest memory of all processes together while the block ran, sampled five times a second."""

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


@dataclass(frozen=True, slots=True)
class Extracted:
    """One document's run. seconds: wall time; cpu: processor time of all processes; error: a failure's code or ""."""

    name: str
    level: str
    pages: int
    seconds: float
    cpu: float
    error: str
    breaches: tuple[str, ...]


def levels_of(directory: Path, wanted: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(name, level) of every truth file, in order of names."""
    for file in sorted(directory.glob("*.truth.json")):
        name = file.name.removesuffix(".truth.json")
        level = json.loads(file.read_text("utf8")).get("level", "all")
        if not wanted or level in wanted:
            yield name, level


def document_file(directory: Path, name: str) -> Path:
    for ending in (".pdf", ".tif", ".png", ".jpg"):
        if (file := directory / f"{name}{ending}").exists():
            return file
    raise FileNotFoundError(f"{directory / name}: no document beside its truth")


def extract_all(directory: Path, results: Path, wanted: Sequence[str], say: Callable[[str], None]) -> list[Extracted]:
    """Extract every document of a folder into results/NAME.json. A document that fails leaves no file and goes on."""
    import gezi
    from extractor.errors import GeziError
    from models.tools import load_tools

    tools = load_tools()
    results.mkdir(parents=True, exist_ok=True)
    out: list[Extracted] = []
    names = list(levels_of(directory, wanted))
    if names:  # the first page pays for the models' first run, which is not a page's price
        try:
            gezi.extract(document_file(directory, names[0][0]), pages="1", tools=tools)
        except GeziError as error:
            say(f"warming up: {error.code}")
    for name, level in names:
        target = results / f"{name}.json"
        target.unlink(missing_ok=True)
        start, used = time.perf_counter(), processor()
        try:
            document = gezi.extract(document_file(directory, name), tools=tools)
            text = document.model_dump_json()
        except GeziError as error:
            out.append(Extracted(name, level, 0, time.perf_counter() - start, processor() - used, error.code, ()))
            say(f"{name}: {error.code}: {error.message}")
            continue
        seconds, cpu = time.perf_counter() - start, processor() - used
        target.write_text(text, "utf8")
        found = tuple(breaches(text))
        out.append(Extracted(name, level, document.document.n_pages, seconds, cpu, "", found))
        say(f"{name}: {document.document.n_pages} pages, {seconds:.2f} s, processor {cpu:.2f} s")
        for words in found[:3]:
            say(f"  breach: {words}")
    return out


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


def commit() -> str:
    """The tree's short commit, with + where tracked files were changed; "unknown" outside a checkout."""
    here = Path(__file__).parent

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(here), *words], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    name = git("rev-parse", "--short", "HEAD")
    return (name + ("+" if git("status", "--porcelain", "-uno") else "")) if name else "unknown"


def run(directories: Sequence[tuple[Path, Path]], wanted: Sequence[str], title: str) -> Report:
    """Extract and score folders of (documents with truth, results); a report with every level and all together."""

    def say(words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    cores = psutil.cpu_count(logical=True)
    load = os.getloadavg()[0]  # what others ran meanwhile: wall time means little on a busy machine
    machine = f"{cores} cores ({platform.machine()}), Python {platform.python_version()}, load {load:.1f} at the start"
    version = commit()  # of the code as loaded, before a long run lets the tree move on
    by_level: dict[str, tuple[list[Tally], list[Extracted]]] = {}
    with MemoryWatch() as memory:
        runs = [(d, r, extract_all(d, r, wanted, say)) for d, r in directories]
    for directory, results, extracted in runs:
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
