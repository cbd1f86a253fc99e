"""Documents with truth through the extractor: one process or several, each with models of its own.

What was measured of a document is kept beside its result, so that a run that was stopped can go on.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import psutil

from bench.check import breaches
from extractor.elements import PageResult
from extractor.ports import Tools

RECORDS = ".runs"  # in the folder of results: what was measured of each


@dataclass(frozen=True, slots=True)
class Extracted:
    """One document's run. seconds: wall time; cpu: processor time of its process and that one's children;
    error: a failure's code or ""; commit: of the code that ran."""

    name: str
    level: str
    pages: int
    seconds: float
    cpu: float
    error: str
    breaches: tuple[str, ...]
    commit: str


@dataclass(frozen=True, slots=True)
class Way:
    """How documents are extracted. processes: more than one work side by side, one thread each. resume: documents
    that the same commit has extracted before are not extracted again. pages: each document's pages are kept beside
    it, as `make reliability FOLDER=…` reads them."""

    processes: int = 1
    resume: bool = False
    pages: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A document to extract: its folder, the folder for its result, its name and level, the code's commit."""

    directory: Path
    results: Path
    name: str
    level: str
    commit: str

    @property
    def record(self) -> Path:
        return self.results / RECORDS / f"{self.name}.json"


def commit() -> str:
    """The tree's short commit, with + where tracked files were changed; "unknown" outside a checkout."""
    here = Path(__file__).parent

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(here), *words], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    name = git("rev-parse", "--short", "HEAD")
    return (name + ("+" if git("status", "--porcelain", "-uno") else "")) if name else "unknown"


def processor() -> float:
    """Seconds of processor time that this process and its children, living and ended, have used."""
    own = psutil.Process().cpu_times()
    living = sum(sum(child.cpu_times()[:2]) for child in psutil.Process().children(recursive=True))
    return float(own.user + own.system + own.children_user + own.children_system + living)


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


def kept(task: Task) -> Extracted | None:
    """What an earlier run of the same code kept of this document."""
    if not task.record.exists():
        return None
    told = json.loads(task.record.read_text("utf8"))
    run = Extracted(**{**told, "breaches": tuple(told["breaches"])})
    whole = bool(run.error) or (task.results / f"{task.name}.json").exists()
    return run if whole and run.commit == task.commit and not run.commit.endswith("+") else None


@cache
def tools_of(threads: int) -> Tools:
    """This process's models."""
    from models.tools import load_tools

    return load_tools(threads=threads)


def warm(threads: int, first: Path) -> None:
    """Read a page: the first one pays for the models' first run, which is not a page's price."""
    import gezi
    from extractor.errors import GeziError

    with suppress(GeziError):  # told when the document's turn comes
        gezi.extract(first, pages="1", tools=tools_of(threads))


def extract_one(task: Task, threads: int, keep_pages: bool) -> Extracted:
    """Extract one document into results/NAME.json. One that fails leaves no result but its error's code."""
    import gezi
    from bench.pages import PAGES, write_pages
    from extractor.errors import GeziError

    file = document_file(task.directory, task.name)
    target = task.results / f"{task.name}.json"
    target.unlink(missing_ok=True)
    start, used = time.perf_counter(), processor()
    pages: list[PageResult] = []
    error = text = ""
    found: tuple[str, ...] = ()
    try:
        document = gezi.extract(file, tools=tools_of(threads), progress=pages.append)
        text = document.model_dump_json()
    except GeziError as raised:
        error = raised.code
    seconds, cpu = time.perf_counter() - start, processor() - used
    if not error:
        target.write_text(text, "utf8")
        found = tuple(breaches(text))
        if keep_pages:
            write_pages(task.directory / f"{task.name}{PAGES}", pages)
    run = Extracted(task.name, task.level, len(pages), seconds, cpu, error, found, task.commit)
    task.record.write_text(json.dumps(asdict(run)), "utf8")
    return run


def told(run: Extracted) -> str:
    if run.error:
        return f"{run.name}: {run.error}"
    words = f"{run.name}: {run.pages} pages, {run.seconds:.2f} s, processor {run.cpu:.2f} s"
    return "\n  breach: ".join([words, *run.breaches[:3]])


def extract_all(
    folders: Sequence[tuple[Path, Path]], wanted: Sequence[str], way: Way, say: Callable[[str], None]
) -> list[list[Extracted]]:
    """Extract all documents of folders (documents, results), a list of runs a folder."""
    version = commit()  # of the code as loaded, before a long run lets the tree move on
    tasks = [[Task(d, r, name, level, version) for name, level in levels_of(d, wanted)] for d, r in folders]
    for _, results in folders:
        (results / RECORDS).mkdir(parents=True, exist_ok=True)
    done = {task: run for folder in tasks for task in folder if way.resume and (run := kept(task))}
    open_tasks = [task for folder in tasks for task in folder if task not in done]
    if not open_tasks:
        return [[done[task] for task in folder] for folder in tasks]
    start = (2 if way.processes == 1 else 1, document_file(open_tasks[0].directory, open_tasks[0].name))
    if way.processes == 1:
        warm(*start)
        for task in open_tasks:
            done[task] = extract_one(task, start[0], way.pages)
            say(told(done[task]))
    else:
        with ProcessPoolExecutor(way.processes, get_context("spawn"), warm, start) as pool:
            runs = pool.map(extract_one, open_tasks, repeat(start[0]), repeat(way.pages))
            for task, run in zip(open_tasks, runs, strict=True):
                done[task] = run
                say(told(run))
    return [[done[task] for task in folder] for folder in tasks]
