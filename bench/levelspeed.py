"""Seconds and processor seconds a page of each level, with the machine's load named.

    python -m bench.levelspeed [--folder DIR] [--levels good,fax,…] [--count N] [--repetitions N]

One process with the models that `gezi extract` loads, warm. Documents are those of the own generator, or a folder's
(NAME.pdf beside NAME.truth.json, which names the level). They are read in turns, a repetition after the other, so that
every level meets the same moods of the machine; a document counts with its median. What else ran is told by the load
average before and after: on a busy machine only the processor seconds mean something, and these too grow by a
half or more, because neighbours share the caches.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.extraction import document_file, levels_of, processor
from bench.generate import generate
from bench.levels import damages

LEVELS = ("digital", "good", "stamp", "poor", "fax", "photo")
SEED = 1
FORMED = Path("build/speed")  # where generated documents are kept
REPETITIONS = 3


@dataclass(frozen=True, slots=True)
class Read:
    """One run over a document: wall and processor seconds, pages, and the lines read on them."""

    wall: float
    processor: float
    pages: int
    lines: int


@dataclass(frozen=True, slots=True)
class Row:
    """A level's documents: how many, their pages, medians over documents of seconds a page, mean lines a page."""

    level: str
    documents: int
    pages: int
    wall: float
    processor: float
    lines: float


def rows_of(runs: Sequence[tuple[str, Sequence[Read]]]) -> list[Row]:
    """A row a level, in the order in which levels come. runs: each document's level and its repetitions."""
    out = []
    for level in dict.fromkeys(level for level, _ in runs):
        own = [reads for name, reads in runs if name == level]
        pages = [reads[0].pages for reads in own]
        out.append(Row(
            level, len(own), sum(pages),
            statistics.median(statistics.median(r.wall / r.pages for r in reads) for reads in own),
            statistics.median(statistics.median(r.processor / r.pages for r in reads) for reads in own),
            sum(reads[0].lines for reads in own) / sum(pages),
        ))  # fmt: skip
    return out


def table(rows: Sequence[Row], machine: str) -> str:
    heads = f"{'level':<12} {'documents':>9} {'pages':>6} {'s a page':>9} {'cpu s a page':>13} {'lines a page':>13}"
    lines = [
        machine, heads,
        *(
            f"{r.level:<12} {r.documents:>9} {r.pages:>6} {r.wall:>9.2f} {r.processor:>13.2f} {r.lines:>13.0f}"
            for r in rows
        ),
    ]  # fmt: skip
    return "\n".join(lines)


def machine_of(before: float, after: float) -> str:
    return (
        f"{os.cpu_count() or 1} cores ({platform.machine()}), Python {platform.python_version()}, "
        f"load {before:.1f} before, {after:.1f} after (of which up to two are this run itself)"
    )


def reader() -> Callable[[Path], Read]:
    from gezi import extract
    from models.tools import load_tools

    tools = load_tools()

    def read(file: Path) -> Read:
        wall, used = time.perf_counter(), processor()
        document = extract(file, tools=tools)
        document.model_dump_json()
        wall, used = time.perf_counter() - wall, processor() - used
        lines = sum(len(page.lines) for page in document.pages)
        lines += sum(1 for found in document.tables for cell in found.cells if cell.text)
        return Read(wall, used, max(1, len(document.pages)), lines)

    return read


def measure(files: Sequence[tuple[str, Path]], read: Callable[[Path], Read], repetitions: int) -> list[Row]:
    """Rows of the files' levels: the first file once to warm the models up, then all in turns."""
    read(files[0][1])
    laps: list[list[Read]] = [[] for _ in files]
    for _ in range(repetitions):
        for lap, (_, file) in zip(laps, files, strict=True):
            lap.append(read(file))
    return rows_of([(level, lap) for lap, (level, _) in zip(laps, files, strict=True)])


def files_of(folder: Path, levels: Sequence[str], count: int) -> list[tuple[str, Path]]:
    """Up to `count` documents of each level. Raises FileNotFoundError where there is none."""
    known = list(levels_of(folder, levels))
    files = [
        (level, document_file(folder, name)) for level in levels
        for name, _ in [(n, k) for n, k in known if k == level][:count]
    ]  # fmt: skip
    if not files:
        raise FileNotFoundError(f"{folder}: no documents of {', '.join(levels)} with their truth beside them")
    return files


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.levelspeed", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--folder", type=Path, help="documents with truth (default: the own generator's)")
    parser.add_argument("--levels", default=",".join(LEVELS), help="default: %(default)s")
    parser.add_argument("--count", type=int, default=3, help="documents a level")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    options = parser.parse_args(arguments)
    levels = options.levels.replace(",", " ").split()
    folder = options.folder
    try:
        for level in levels:
            damages(level)
        if folder is None:
            folder = FORMED
            for name in generate(folder, SEED, options.count, levels):
                print(name, file=sys.stderr, flush=True)
        files = files_of(folder, levels, options.count)
    except (FileNotFoundError, ValueError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    before = os.getloadavg()[0]
    rows = measure(files, reader(), options.repetitions)
    print(table(rows, machine_of(before, os.getloadavg()[0])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
