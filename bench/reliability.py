"""python -m bench.reliability: how far the confidences can be trusted, on documents never used for fitting.

Writes docs/reliability.png (reliability diagram and risk-coverage curve by level) and docs/reliability.md (ECE, Brier
score, what 0.99 is worth, by level and by form). Without `--folder`, documents of a seed that `make calibrate` does
not use are generated; a folder holds NAME.truth.json and NAME.pdf. Pages are extracted once and kept there
(NAME.pages.json, `bench.pages`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.calibrate import HELD_SEED, WORK
from bench.cases import Document, judged_documents
from bench.pages import extract_pages, generate_some
from bench.score import BINS, auroc, binned
from extractor.calibration import Calibration
from extractor.confidence import calibrated
from extractor.signs import SignedTable
from models.calibration import calibration

Sample = tuple[float, bool]


def samples(document: Document, given: Calibration) -> list[Sample]:
    """(confidence, right) of every cell that the score counts."""
    out = []
    for table in document.tables:
        beliefs = calibrated(SignedTable(table.signs, tuple(cell.signs for cell in table.cells)), given).cells
        # Rounded down as in a result.
        out += [
            (int(belief.both * 10_000) / 10_000, cell.text)
            for cell, belief in zip(table.cells, beliefs, strict=True) if cell.counted
        ]
    return out


def grouped(documents: Sequence[Document], given: Calibration) -> tuple[dict[str, list[Sample]], ...]:
    """Samples by level, and by document (of whatever level): one form's or one department's."""
    levels: dict[str, list[Sample]] = {}
    forms: dict[str, list[Sample]] = {}
    for document in documents:
        own = samples(document, given)
        levels.setdefault(document.level, []).extend(own)
        forms.setdefault(document.name.rsplit("-", 1)[0], []).extend(own)
    return levels, forms


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


def table(groups: Mapping[str, list[Sample]]) -> str:
    head = "| | cells | wrong | ECE | Brier | AUROC | at 0.99 or more | wrong among those, per 10,000 cells |"
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
    levels, forms = grouped(documents, given)
    draw(levels, args.out / "reliability.png")
    pages = sum(document.pages for document in documents)
    command = "make reliability" + (" FOLDER=…" if args.folder else "")
    text = (
        f"# Reliability of confidences\n\nWritten by `{command}` on {source}: {len(documents)} documents, "
        f"{pages} pages, none used for fitting. Calibration of {given.provenance.date}, commit "
        f"{given.provenance.commit}, fitted on {given.provenance.documents} other documents.\n\n"
        f"![Reliability diagram and risk-coverage curves](reliability.png)\n\n## By level\n\n{table(levels)}\n\n"
        f"## By document\n\n{table(forms)}\n"
    )
    (args.out / "reliability.md").write_text(text, "utf8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
