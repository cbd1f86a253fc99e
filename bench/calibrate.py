"""python -m bench.calibrate: fit models/confidence.json on generated documents (`make calibrate`).

Steps, each resumed where it was left: generate documents (`--documents`), extract their pages in `--processes`
processes, judge every cell by the score's rule, fit. `--fit-only` fits on the pages that are there, `--folder` on pages
that other runs kept (`python -m bench run DIR --pages`). With `--grids` only these kinds of grids get new scales.
Documents of another seed are kept for `python -m bench.reliability`.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.cases import Document, JudgedTable, judged_documents
from bench.extraction import commit
from bench.fitting import Cases, Numbers, fit_bend, fit_scale, sums
from bench.pages import PAGES, extract_pages, generate_some
from bench.priors import PRIORS
from extractor.trust.calibration import FORMAT, KINDS, Calibration, Provenance, Scale, faults
from models.calibration import read

WORK = Path("build/calibration")
TARGET = Path("models/confidence.json")
SEED = 7100
HELD_SEED = 7200
PENALTY = {"text": 0.3, "checks": 0.3, "place": 1.0, "table": 2.0}
TABLE = 5.0  # cells that a table counts for when places are fitted: they are right or wrong together
LEVELS = 2.0  # levels that a document counts for, however many it was aged to
# The generator draws layouts, dotted rules and damage that fail far more often than documents as published do.
# Misplaced cells count less by as much as makes their share this one: assumed, and stated in docs/confidence.md.
MISPLACED = {"ruled": 0.012, "open": 0.03, "exact": 0.001}
# The same of misread cells, as a factor: the generator wears and blurs more than offices do.
MISREAD = 0.4
UNCOUNTED = 0.1  # weight of rightly empty cells, which no reader looks at and no score counts
ODDS = 12.0


def fit(documents: Sequence[Document], provenance: Provenance) -> Calibration:
    """A calibration from judged documents."""
    cells = [
        (d, table, cell) for d, document in enumerate(documents) for table in document.tables for cell in table.cells
    ]
    of_document = _groups(documents)
    group = of_document[np.array([d for d, _, _ in cells])]
    weight = np.array([1.0 if cell.counted else UNCOUNTED for _, _, cell in cells])
    place_right = np.array([float(cell.place) for _, _, cell in cells])
    text_right = np.array([float(cell.text) for _, _, cell in cells])
    read_as = np.array([cell.signs.text.kind for _, _, cell in cells])
    ruled_as = np.array([table.signs.kind for _, table, _ in cells])

    # Where rows or columns moved, a right place may hold another cell's text: texts are judged in whole grids.
    whole = np.array([table.exact for _, table, _ in cells]) & (place_right > 0)
    texts, text_odds = {}, np.zeros(len(cells))
    words = _columns([cell.signs.text for _, _, cell in cells])
    for kind in KINDS["text"]:
        own = (read_as == kind) & whole
        # Every blank of a fitting kind counts in full, and so does a text that was lost.
        usual = np.where(text_right > 0, 1.0, MISREAD) * weight if kind != "blank" else np.ones(len(cells))
        cases = Cases(words, text_right, usual, group).only(own)
        texts[kind], odds = fit_scale(cases, PRIORS["text"][kind], PENALTY["text"])
        text_odds[read_as == kind] = _applied(texts[kind], words, read_as == kind)
        text_odds[own] = odds

    asked = (words["in_sums"] > 0) & whole
    sums_say = Cases(words, text_right, np.where(text_right > 0, 1.0, MISREAD) * weight, group).only(asked)
    checks = {"number": fit_scale(sums_say, PRIORS["checks"]["number"], PENALTY["checks"])[0]}

    places, both_curves = {}, {}
    alone = _alone(of_document)
    shared = weight * np.array([min(1.0, TABLE / len(table.cells)) * LEVELS * alone[d] for d, table, _ in cells])
    signs = _columns([cell.signs.place for _, _, cell in cells])
    around = _columns([table.signs for _, table, _ in cells])
    signs |= {f"table.{name}": values for name, values in around.items()}
    for kind in KINDS["place"]:
        own = ruled_as == kind
        usual = _at_usual_share(place_right, shared, own, MISPLACED[kind])
        cases = Cases(signs, place_right, usual, group).only(own)
        places[kind], odds = fit_scale(cases, PRIORS["place"][kind], PENALTY["place"])
        p = _p(odds) * _p(text_odds[own])
        counted = np.array([cell.counted for _, _, cell in cells])[own]
        misread = np.where((place_right > 0) & (text_right == 0), MISREAD, 1.0)
        both_curves[kind] = fit_bend(_odds(p)[counted], text_right[own][counted], (usual * misread)[own][counted])
    return Calibration(FORMAT, (provenance,), texts, places, _table_scales(documents), checks, both_curves)


def renewed(old: Calibration, new: Calibration, grids: Sequence[str]) -> Calibration:
    """`old` with the scales that `new` has for these kinds of grids."""
    own = set(grids)
    kept = [replace(one, grids=tuple(kind for kind in one.grids if kind not in own)) for one in old.provenance]
    # The first one stays, whatever is left of it: the texts and checks are its.
    told = (*kept[:1], *(one for one in kept[1:] if one.grids), replace(new.provenance[0], grids=tuple(grids)))
    place, table, both = (
        {**getattr(old, part), **{kind: getattr(new, part)[kind] for kind in grids}}
        for part in ("place", "table", "both")
    )
    return Calibration(FORMAT, told, old.text, place, table, old.checks, both)


def _at_usual_share(right: Numbers, weight: Numbers, own: NDArray[np.bool_], share: float) -> Numbers:
    """Weights with those of the wrong cases scaled so that they make up a share of all."""
    good, bad = float(weight[own & (right > 0)].sum()), float(weight[own & (right == 0)].sum())
    factor = min(1.0, share / (1 - share) * good / max(bad, 1e-9))
    return np.where(right > 0, weight, weight * factor)


def _table_scales(documents: Sequence[Document]) -> dict[str, Scale]:
    tables: list[tuple[int, JudgedTable]] = [(d, t) for d, document in enumerate(documents) for t in document.tables]
    columns = _columns([t.signs for _, t in tables])
    right = np.array([float(t.exact) for _, t in tables])
    kinds = np.array([t.signs.kind for _, t in tables])
    of_document = _groups(documents)
    group, alone = of_document[np.array([d for d, _ in tables])], _alone(of_document)
    cases = Cases(columns, right, np.array([LEVELS * alone[d] for d, _ in tables]), group)
    out = {}
    for kind in KINDS["table"]:
        # A grid is wrong as a whole more often than one of its cells is.
        usual = _at_usual_share(right, cases.weight, kinds == kind, min(0.5, 2 * MISPLACED[kind]))
        own = Cases(columns, right, usual, group).only(kinds == kind)
        out[kind] = fit_scale(own, PRIORS["table"][kind], PENALTY["table"])[0]
    return out


def _groups(documents: Sequence[Document]) -> NDArray[np.int64]:
    """A document's levels show the same forms: they go to one fold together."""
    names = [document.name.rsplit("-", 1)[0] for document in documents]
    known = sorted(set(names))
    return np.array([known.index(name) for name in names])


def _alone(groups: NDArray[np.int64]) -> Numbers:
    """What each document counts for, where all levels of one count together as one: they fail alike."""
    out: Numbers = 1.0 / np.bincount(groups)[groups]
    return out


def _columns(signs: Sequence[object]) -> dict[str, Numbers]:
    names = [name for name in type(signs[0]).__slots__ if name != "kind"]  # type: ignore[attr-defined]
    return {name: np.array([float(getattr(one, name)) for one in signs]) for name in names}


def _applied(scale: Scale, signs: dict[str, Numbers], mask: NDArray[np.bool_]) -> Numbers:
    out: Numbers = np.asarray(np.interp(sums(scale, signs, mask), scale.bend.at, scale.bend.adds))
    return out


def _p(odds: Numbers) -> Numbers:
    return 1.0 / (1.0 + np.exp(-odds))


def _odds(p: Numbers) -> Numbers:
    p = np.clip(p, 1e-6, 1 - 1e-6)
    out: Numbers = np.log(p / (1 - p))
    return out


def provenance_of(documents: Sequence[Document], seeds: Sequence[int]) -> Provenance:
    cells = [cell for document in documents for table in document.tables for cell in table.cells]
    return Provenance(
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        commit=commit(),
        seeds=tuple(seeds),
        documents=len(documents),
        pages=sum(document.pages for document in documents),
        cells=len(cells),
        tables=sum(len(document.tables) for document in documents),
        right=round(sum(cell.place and cell.text for cell in cells) / max(1, len(cells)), 4),
        levels=tuple(sorted({document.level for document in documents})),
        grids=KINDS["place"],
    )


def _seeds(folders: Sequence[Path]) -> list[int]:
    """The generator's seeds of the documents that a fit on these folders takes."""
    kept = [file for folder in folders for file in folder.glob(f"*{PAGES}")]
    truths = [file.with_name(file.name.removesuffix(PAGES) + ".truth.json") for file in kept]
    return sorted({json.loads(truth.read_text("utf8"))["seed"] for truth in truths})


def write(calibration: Calibration, target: Path) -> None:
    text = json.dumps(asdict(calibration), ensure_ascii=False, indent=1)
    target.write_text(_compact(text) + "\n", "utf8")


def _compact(text: str) -> str:
    """Lists of numbers on one line each."""
    import re

    return re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), text)


def main(arguments: Sequence[str] | None = None) -> int:
    top = argparse.ArgumentParser(prog="python -m bench.calibrate", description=__doc__)
    top.add_argument("--work", type=Path, default=WORK, help="where documents and pages are kept")
    top.add_argument("--seed", type=int, default=SEED)
    top.add_argument("--documents", type=int, default=80, help="generated documents, each in three of nine levels")
    # How seldom a text page's place is wrong takes many of them to know, and they cost next to nothing.
    top.add_argument("--text-documents", type=int, default=80, help="as many more as text pages only")
    top.add_argument("--processes", type=int, default=1)
    top.add_argument("--fit-only", action="store_true")
    top.add_argument("--folder", type=Path, nargs="+", help="fit on the pages kept in these folders instead")
    top.add_argument("--grids", nargs="+", choices=KINDS["place"], help="renew these kinds' scales in --out only")
    top.add_argument("--out", type=Path, default=TARGET)
    args = top.parse_args(arguments)
    folders = args.folder or [args.work / f"seed{args.seed}"]
    if not args.fit_only and not args.folder:
        generate_some(folders[0], args.seed, args.documents, args.text_documents)
        extract_pages(folders[0], args.processes)
    documents = [document for folder in folders for document in judged_documents(folder)]
    if not documents:
        print(f"calibrate: no extracted documents in {', '.join(map(str, folders))}", file=sys.stderr)
        return 1
    calibration = fit(documents, provenance_of(documents, _seeds(folders)))
    if args.grids:
        calibration = renewed(read(args.out), calibration, args.grids)
    if wrong := faults(calibration):
        print("calibrate:", *wrong, sep="\n  ", file=sys.stderr)
        return 1
    write(calibration, args.out)
    given = calibration.provenance[-1]
    print(f"{args.out}: {given.documents} documents, {given.pages} pages, {given.cells} cells, {given.right:.1%} right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
