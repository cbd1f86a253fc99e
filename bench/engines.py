"""How often camelot's grids and a page's own vector rules win on born-digital pages, and what each costs.

    python -m bench.engines FILE.pdf…

Reads every born-digital page twice as the extractor does (the second time counts: imports and font
caches are warm then) and prints, for each winner, pages, processor seconds a page (one thread; a busy
machine does not stretch them) and camelot's share of them; then why camelot's grids were refused.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from extractor.digital import solve_page
from extractor.elements import Grid
from extractor.ports import BornDigitalGrids
from extractor.source.documents import open_document
from models.born_digital import CamelotGrids


@dataclass(frozen=True, slots=True)
class Measured:
    """One page: who won, why camelot did not, seconds of loading and solving together, camelot's part of them."""

    engine: str
    refused: str
    seconds: float
    camelot_seconds: float


class Timed:
    """A port's grids, with the processor seconds that they took so far."""

    def __init__(self, grids: BornDigitalGrids) -> None:
        self._grids = grids
        self.seconds = 0.0

    def ruled(self, pdf: str, page: int, password: str | None) -> list[Grid]:
        start = time.process_time()
        found = self._grids.ruled(pdf, page, password)
        self.seconds += time.process_time() - start
        return found

    def unruled(self, pdf: str, page: int, password: str | None) -> list[Grid]:
        start = time.process_time()
        found = self._grids.unruled(pdf, page, password)
        self.seconds += time.process_time() - start
        return found


def measure(paths: Iterable[Path], grids: BornDigitalGrids) -> list[Measured]:
    """Every born-digital page of the documents; scanned pages are passed over."""
    out: list[Measured] = []
    for path in paths:
        with open_document(path) as source:
            for number in range(1, source.n_pages + 1):
                raw = source.load(number)
                if raw.source != "text":
                    continue
                solve_page(raw, source, grids)
                timed = Timed(grids)
                start = time.process_time()
                page = solve_page(source.load(number), source, timed)
                seconds = time.process_time() - start
                out.append(Measured(page.engine, page.refused, seconds, timed.seconds))
    return out


def report(pages: Sequence[Measured]) -> str:
    lines = [f"{'winner':10}{'pages':>7}{'mean s':>9}{'median s':>10}{'worst s':>9}{'camelot s':>11}"]
    for engine in ("camelot", "vector", "none"):
        own = [page for page in pages if page.engine == engine]
        if own:
            seconds = [page.seconds for page in own]
            camelot = mean(page.camelot_seconds for page in own)
            figures = f"{mean(seconds):9.3f}{median(seconds):10.3f}{max(seconds):9.3f}{camelot:11.3f}"
            lines.append(f"{engine:10}{len(own):7}{figures}")
    for reason, count in Counter(page.refused for page in pages if page.refused).most_common():
        lines.append(f"camelot refused: {reason}: {count}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    print(report(measure(parser.parse_args().files, CamelotGrids())))


if __name__ == "__main__":
    main()
