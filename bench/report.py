"""A run's figures as JSON and as a Markdown page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

Figures = dict[str, float | None]
Interval = tuple[float, float]

ORDER = ("all", "digital", "good", "turned", "stamp", "open", "bare", "photo", "fax", "poor")
SHOWN = (
    "table_found",
    "table_exact",
    "cell_f1",
    "struct_f1",
    "merged_f1",
    "text_acc",
    "number_acc",
    "title_acc",
    "unit_acc",
    "ece",
    "auroc",
    "precision_at_99",
    "coverage_at_99",
    "wrong_trusted",
)


class LevelReport(BaseModel):
    """One level. intervals: 95 % by bootstrap over documents. seconds_a_page: median over
    documents of wall time, cpu_seconds_a_page of processor time (two cores can spend two in one)."""

    model_config = ConfigDict(frozen=True)

    figures: Figures
    intervals: dict[str, Interval]
    documents: int
    pages: int
    seconds_a_page: float | None
    cpu_seconds_a_page: float | None
    failed: list[str]
    breaches: list[str]


class Report(BaseModel):
    """A whole run. commit: of the tree that ran, with + where tracked files had changed.

    peak_memory_mb: all processes together, in 10^6 bytes.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    note: str = ""
    machine: str
    commit: str
    peak_memory_mb: float
    levels: dict[str, LevelReport]


def shown(value: float | None, interval: Interval | None) -> str:
    if value is None:
        return "–"
    digits = 1 if value > 1 else 3
    text = f"{value:.{digits}f}"
    return f"{text} ({interval[0]:.{digits}f}–{interval[1]:.{digits}f})" if interval else text


def ordered(levels: Sequence[str]) -> list[str]:
    return sorted(levels, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def markdown(report: Report) -> str:
    """A section: one line for each level, figures with their intervals, then failures and breaches."""
    lines = [f"## {report.title}", ""]
    memory = f"all processes together peak at {report.peak_memory_mb:.0f} MB"
    lines.append(f"Commit {report.commit}; {report.machine}; {memory}.")
    if report.note:
        lines += ["", report.note]
    lines += [
        "",
        "| level | documents | pages | tables | surplus | s a page | cpu s a page | " + " | ".join(SHOWN) + " |",
    ]
    lines.append("|" + "---|" * (7 + len(SHOWN)))
    failed: list[str] = []
    broken: list[str] = []
    for name in ordered(list(report.levels)):
        level = report.levels[name]
        times = ["–" if s is None else f"{s:.2f}" for s in (level.seconds_a_page, level.cpu_seconds_a_page)]
        counts = [f"{level.figures.get(key) or 0:.0f}" for key in ("tables", "surplus_tables")]
        cells = [shown(level.figures.get(key), level.intervals.get(key)) for key in SHOWN]
        lines.append("| " + " | ".join([name, str(level.documents), str(level.pages), *counts, *times, *cells]) + " |")
        if name == "all":
            failed, broken = level.failed, level.breaches
    lines += ["", f"Documents that gave no result: {len(failed)}. Breaches of the contract: {len(broken)}."]
    lines += [f"- {words}" for words in [*failed, *broken][:20]]
    return "\n".join(lines) + "\n"


def page(reports: Sequence[Report]) -> str:
    """docs/benchmarks.md."""
    day = time.strftime("%Y-%m-%d", time.gmtime())
    intro = f"""# Benchmarks

Measured {day}. Tables are written by `python -m bench` and put on this page by its `report`; the notes
are words given with `--note`. A + after a commit: with changes that were not committed.

Generated forms come from `bench/` (new departments, layouts and styles for every seed), shared forms and
real documents from outside the tree. Values in brackets are 95 % intervals, bootstrapped over documents.
Seconds a page are the median over documents, models warm, one process; where the load at the start is far
above 0 other work shared the cores, and processor seconds tell more than wall time. `bench/score.py` says what
each figure means; `wrong_trusted` and `ece` are better when lower.

An interval of 1.000–1.000 says only that no document failed: a bootstrap of perfect documents cannot spread.
With n documents and no failure, a failure rate of up to 3/n stays possible (95 %, rule of three). Figures on
documents that were open while the extractor was written are no measure of unseen ones; the title of each
section says which seeds it holds.
"""
    return intro + "\n" + "\n".join(markdown(report) for report in reports)


def read(file: Path) -> Report:
    return Report.model_validate_json(file.read_text("utf8"))
