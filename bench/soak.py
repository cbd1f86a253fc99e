"""Whether the service's memory grows: many pages of many kinds, and the whole process tree watched.

    python -m bench.soak [--pages 2000] [--recycle 500]

The samples are uploaded over and over, a few at a time, until so many pages were read. Model processes
are replaced after `--recycle` pages, no sooner. After the first 300 pages the tree's memory (what
processes share counted once) may grow by less than 5 %: the medians of each further stretch of pages are held against
that of the stretch before. Prints a line a stretch; exit 1 when the growth is larger or a document fails.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

from bench.run import resident
from bench.serving import MIB, SAMPLES, Service, service

WARM = 300  # pages after which memory must not grow
STRETCH = 50  # pages whose samples of memory give one median
MOST_GROWTH = 0.05
LOOK = 1.0  # seconds between two samples
AT_ONCE = 4  # documents waiting or running
STILL = 600.0  # seconds without a page after which the run is given up
NAMES = (
    "scan.pdf",
    "digital.pdf",
    "stamp.pdf",
    "over-pages.pdf",
    "performance.pdf",
    "fax.tif",
    "published.pdf",
    "sideways.pdf",
)


@dataclass(slots=True)
class Run:
    """`open`: pages done by id of documents under way; `samples`: bytes by stretch of pages."""

    done: int = 0
    open: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    samples: dict[int, list[int]] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        return self.done + sum(self.open.values())


def step(run: Run, running: Service, names: Iterator[str]) -> None:
    """Look at the documents under way, upload new ones for those that ended, and note the memory."""
    for document_id in list(run.open):
        document = running.document(document_id)
        run.open[document_id] = document["pages"]["done"]
        if document["state"] in ("queued", "running"):
            continue
        run.done += run.open.pop(document_id)
        if document["state"] != "succeeded":
            run.failed.append(f"{document['filename']}: {document['state']} {document['error']}")
        running.client.delete(f"/v1/documents/{document_id}").raise_for_status()
    while len(run.open) < AT_ONCE:
        name = next(names)
        run.open[running.upload((SAMPLES / name).read_bytes(), filename=name)] = 0
    run.samples.setdefault(run.pages // STRETCH, []).append(resident(running.family()))


def soak(pages: int, recycle: int) -> Run:
    run, names = Run(), cycle(NAMES)
    with service(recycle_pages=recycle) as running:
        told, moved, began = -1, time.monotonic(), time.monotonic()
        while run.pages < pages:
            before = run.pages
            step(run, running, names)
            now = time.monotonic()
            moved = now if run.pages > before else moved
            if now - moved > STILL:
                raise SystemExit(f"no page was read in {STILL:g} s; {run.pages} were before")
            if run.pages // STRETCH > told + 1:
                told = run.pages // STRETCH - 1
                line = f"{(told + 1) * STRETCH:>6} pages {now - began:>7.0f} s"
                print(line + f" {statistics.median(run.samples.get(told, [0])) / MIB:>7.0f} MiB", flush=True)
            time.sleep(LOOK)
    return run


def growth(run: Run, warm: int = WARM) -> float | None:
    """Of the largest median after the warm pages over that of the stretch that ended them; None: too few pages."""
    medians = {stretch: statistics.median(samples) for stretch, samples in run.samples.items()}
    first = warm // STRETCH - 1
    later = [median for stretch, median in medians.items() if stretch > first]
    base = [median for stretch, median in medians.items() if stretch == first]
    return max(later) / base[0] - 1 if later and base else None


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--recycle", type=int, default=500, help="pages after which a model process is replaced")
    told = parser.parse_args(arguments)
    run = soak(told.pages, told.recycle)
    for line in run.failed:
        print(f"FAILED {line}")
    grown = growth(run)
    if grown is None:
        print(f"{run.pages} pages; too few to tell growth, which is looked at after {WARM}")
    else:
        print(f"{run.pages} pages; memory grew by {grown:.1%} after the first {WARM} (at most {MOST_GROWTH:.0%})")
    return 1 if run.failed or (grown is not None and grown >= MOST_GROWTH) else 0


if __name__ == "__main__":
    sys.exit(main())
