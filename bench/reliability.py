"""python -m bench.reliability: how far the confidences can be trusted, on documents never used for fitting.

Writes docs/reliability.png (reliability diagram and risk-coverage curve by level) and docs/reliability.md (ECE, Brier
score, what 0.99 is worth, by level and by form; the same of the parts of a confidence and of whole tables). Without
`--folder`, documents of a seed that `make calibrate` does not use are generated; a folder holds NAME.truth.json and
NAME.pdf. Pages are extracted once and kept there (NAME.pages.json, `bench.pages`).
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.calibrate import HELD_SEED, WORK
from bench.cases import Document, judged_documents
from bench.pages import extract_pages, generate_some
from bench.score import BINS, auroc, binned
from extractor.trust.calibration import Calibration
from extractor.trust.confidence import calibrated
from extractor.trust.signs import SignedTable
from models.calibration import calibration

Sample = tuple[float, bool]


@dataclass(frozen=True, slots=True)
class Judged:
    """Samples of cells that the score counts, by level and by document (of whatever level); of tables by level.

    parts: `parts.text` of the cells in their right place, `parts.place`, `parts.checks` of those that have one.
    """

    levels: Mapping[str, list[Sample]]
    forms: Mapping[str, list[Sample]]
    parts: Mapping[str, list[Sample]]
    tables: Mapping[str, list[Sample]]


def judged(documents: Sequence[Document], given: Calibration) -> Judged:
    """What was said of every cell and table, and whether it was right."""
    levels, forms, parts, tables = (defaultdict[str, list[Sample]](list) for _ in range(4))
    for document in documents:
        for one in document.tables:
            table = calibrated(SignedTable(one.signs, tuple(cell.signs for cell in one.cells)), given)
            tables[document.level].append((_down(table.grid), one.exact))
            for cell, belief in zip(one.cells, table.cells, strict=True):
                if not cell.counted:
                    continue
                whole = (_down(belief.both), cell.text)
                levels[document.level].append(whole)
                forms[document.name.rsplit("-", 1)[0]].append(whole)
                parts["place"].append((_down(belief.place), cell.place))
                if cell.place:
                    parts["text"].append((_down(belief.text), cell.text))
                if cell.place and belief.checks is not None:
                    parts["checks"].append((_down(belief.checks), cell.text))
    return Judged(levels, forms, parts, tables)


def _down(p: float) -> float:
    """Rounded down, as in a result."""
    return int(p * 10_000) / 10_000


def row(name: str, found: Sequence[Sample]) -> str:
    sums = binned(found)
    total = max(1, len(found))
    wrong = sum(not ok for _, ok in found)
    ece = sum(abs(sums.get(f"gap{i}", 0.0)) for i in range(BINS)) / total
    brier = sum((p - ok) ** 2 for p, ok in found) / total
    area = auroc(found)
    trusted = sums["trusted"]
    bad = 10_000 * (trusted - sums["trusted_right"]) / total
    return (
        f"| {name} | {len(found)} | {wrong} | {ece:.4f} | {brier:.4f} | {'–' if area is None else f'{area:.3f}'} "
        f"| {trusted / total:.3f} | {bad:.1f} |"
    )


def table(groups: Mapping[str, list[Sample]], what: str = "cells") -> str:
    head = f"| | {what} | wrong | ECE | Brier | AUROC | at 0.99 or more | wrong among those, per 10,000 |"
    return "\n".join([head, "|---|---|---|---|---|---|---|---|", *(row(k, groups[k]) for k in sorted(groups))])


def draw(levels: Mapping[str, list[Sample]], file: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 4), dpi=80)
    everything = [one for found in levels.values() for one in found]
    edges = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0])
    given = np.array([p for p, _ in everything])
    right_ones = np.array([ok for _, ok in everything], float)
    where = np.digitize(given, edges[1:-1])
    filled = [k for k in range(len(edges) - 1) if (where == k).sum() >= 10]
    left.plot([0, 1], [0, 1], color="#999", linewidth=1)
    left.plot([given[where == k].mean() for k in filled], [right_ones[where == k].mean() for k in filled], "o-")
    left.set(xlabel="confidence", ylabel="share that was right", title=f"{len(everything)} cells")
    for level in sorted(levels):
        ordered = sorted(levels[level], reverse=True)
        risk = np.cumsum([not ok for _, ok in ordered]) / np.arange(1, len(ordered) + 1)
        right.plot(np.arange(1, len(ordered) + 1) / len(ordered), 100 * risk, label=level)
    right.set(xlabel="share of cells kept, surest first", ylabel="wrong among them, %", title="risk and coverage")
    right.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(file)
    pyplot.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    top = argparse.ArgumentParser(prog="python -m bench.reliability", description=__doc__)
    top.add_argument("--folder", type=Path, help="documents with truth (default: generated ones)")
    top.add_argument("--work", type=Path, default=WORK)
    top.add_argument("--documents", type=int, default=30)
    top.add_argument("--processes", type=int, default=1)
    top.add_argument("--source", help="what the documents are, said in the report")
    top.add_argument("--out", type=Path, default=Path("docs"))
    args = top.parse_args(arguments)
    folder = args.folder or args.work / f"seed{HELD_SEED}"
    source = args.source or f"documents of {folder.name}"
    if args.folder is None:
        generate_some(folder, HELD_SEED, args.documents)
        source = args.source or "generated documents of a seed of their own"
    extract_pages(folder, args.processes)
    documents = judged_documents(folder)
    if not documents:
        print(f"reliability: no extracted documents in {folder}", file=sys.stderr)
        return 1
    given = calibration()
    fitted = "; ".join(
        f"{', '.join(one.grids)}: {one.date}, commit {one.commit}, {one.documents} documents"
        for one in given.provenance
    )
    found = judged(documents, given)
    draw(found.levels, args.out / "reliability.png")
    pages = sum(document.pages for document in documents)
    command = "make reliability" + (" FOLDER=…" if args.folder else "")
    text = (
        f"# Reliability of confidences\n\nWritten by `{command}` on {source}: {len(documents)} documents, "
        f"{pages} pages, none used for fitting. Calibrated on other documents, by kind of grid: {fitted}.\n\n"
        f"![Reliability diagram and risk-coverage curves](reliability.png)\n\n## By level\n\n{table(found.levels)}\n\n"
        f"## By part\n\n`text` and `checks` of the cells in their right place.\n\n{table(found.parts)}\n\n"
        f"## Tables\n\nRight is a table whose cells all have their right place and spans.\n\n"
        f"{table({**found.tables, 'all': [one for own in found.tables.values() for one in own]}, 'tables')}\n\n"
        f"## By document\n\n{table(found.forms)}\n"
    )
    (args.out / "reliability.md").write_text(text, "utf8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
