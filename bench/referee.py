"""Runs on forms and documents that lie outside the tree, with their own renderer, scorer and checker.

A referee is a folder with `render.py FORMS OUT --seed N --levels …`, `tablescore.py TRUTH RESULTS --json OUT`,
`checkresult.py RESULT…`, `forms/` and `real/` (documents beside NAME.truth.json). Its scripts are run, not imported.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.extraction import Way
from bench.report import LevelReport, Report
from bench.run import run


class RefereeFailed(RuntimeError):
    """A referee's script is missing or failed."""


def call(script: Path, *arguments: str, may_fail: bool = False) -> str:
    """Run a referee's script with this Python; its standard output."""
    if not script.exists():
        raise RefereeFailed(f"{script} is missing")
    done = subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, check=False)
    if done.returncode and not may_fail:
        raise RefereeFailed(f"{script.name} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def render(referee: Path, out: Path, seed: int, levels: Sequence[str]) -> None:
    """The referee's forms of a seed; kept if they were rendered before."""
    done = out / ".rendered"
    if done.exists() and done.read_text("utf8") == ",".join(levels):
        return
    shutil.rmtree(out, ignore_errors=True)
    options = ["--levels", ",".join(levels)] if levels else []
    call(referee / "render.py", str(referee / "forms"), str(out), "--seed", str(seed), *options)
    done.write_text(",".join(levels), "utf8")


def copy_real(referee: Path, out: Path, levels: Sequence[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for file in sorted((referee / "real").iterdir()):
        level = file.name.split(".")[0].rpartition("-")[2]
        if file.suffix in (".pdf", ".json") and (not levels or level in levels):
            shutil.copyfile(file, out / file.name)


def judged(referee: Path, report: Report, folders: Sequence[tuple[Path, Path]], work: Path) -> Report:
    """The report with the referee's own figures in place of ours, and its checker's complaints.

    The intervals stay ours: the referee gives none.
    """
    truths, results = work / "all-truth", work / "all-results"
    for folder in (truths, results):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for documents, answers in folders:
        for file in documents.glob("*.truth.json"):
            shutil.copyfile(file, truths / f"{documents.name}-{file.name}")
        for file in answers.glob("*.json"):
            shutil.copyfile(file, results / f"{documents.name}-{file.name}")
    scores = work / "scores.json"
    call(referee / "tablescore.py", str(truths), str(results), "--json", str(scores))
    groups = json.loads(scores.read_text("utf8"))["groups"]
    said = call(
        referee / "checkresult.py", *(str(f) for f in sorted(results.glob("*.json"))), may_fail=True
    ).splitlines()
    levels: dict[str, LevelReport] = {}
    for name, level in report.levels.items():
        complaints = said if name == "all" else [words for words in said if f"-{name}.json:" in words]
        levels[name] = level.model_copy(
            update={
                "figures": {**level.figures, **groups.get(name, {})},
                "breaches": sorted({*level.breaches, *(words.replace(f"{results}/", "") for words in complaints)}),
            }
        )
    return report.model_copy(update={"levels": levels})


def measure(referee: Path, seeds: Sequence[int], levels: Sequence[str], work: Path, way: Way) -> list[Report]:
    """Two reports: the referee's forms in all seeds pooled, and its real documents."""
    if not (referee / "forms").is_dir():
        raise RefereeFailed(f"{referee} has no forms/")
    folders: list[tuple[Path, Path]] = []
    for seed in seeds:
        documents = work / f"seed{seed}"
        print(f"rendering seed {seed}", file=sys.stderr, flush=True)
        render(referee, documents, seed, levels)
        folders.append((documents, work / f"seed{seed}-results"))
    reports = []
    if folders:
        title = f"Shared forms, seeds {', '.join(map(str, seeds))}"
        reports.append(judged(referee, run(folders, levels, title, way), folders, work / "forms"))
    if (referee / "real").is_dir():
        copy_real(referee, work / "real", levels)
        real = [(work / "real", work / "real-results")]
        reports.append(judged(referee, run(real, levels, "Real documents", way), real, work / "realscores"))
    return reports
