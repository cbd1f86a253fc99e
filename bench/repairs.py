"""python -m bench.repairs: how many wrong numbers the sums mend, and how many numbers they spoil (`make repairs`).

Without `--folder`, forms of a seed are generated as they are and once more with false sums (`bench.falsehoods`), aged
to `--levels`; a folder holds NAME.truth.json and NAME.pdf. Pages are read once and kept there (NAME.pages.json), so
that a run that was stopped goes on and a change of the repairs is counted in seconds. A change of the reading wants
the pages read anew: `--anew`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.cases import ALIKE, likeness_of
from bench.falsehoods import Falsehood, falsified
from bench.generate import draw_document, write_document
from bench.pages import PAGES, extract_pages, read_pages
from bench.score import Cell, Table, fold, pair, read_table, tiles
from bench.truesums import determined
from extractor.assemble import understand
from extractor.elements import PageResult
from extractor.joining.meaning import MeantCell, MeantTable
from extractor.kinds.numbers import number_value

WORK = Path("build/repairs")
SEED = 7300  # neither fitted on nor used for reliability
DOCUMENTS = 12
LEVELS = ("poor", "fax")
FALSE = ".false.json"  # beside a truth: which of its numbers were made false


@dataclass(frozen=True, slots=True)
class Case:
    """A number that was read wrong, or repaired. true: as printed ("" where no number belongs); now: after repairs.

    wrong: it was read wrong, in the right place. determined: a sum of the truth determines it. was: of a number
    printed false, what its sums want.
    """

    table: int
    row: int
    col: int
    true: str
    read: str
    now: str
    wrong: bool
    determined: bool
    was: str = ""

    @property
    def repaired(self) -> bool:
        return self.now != self.read

    @property
    def right(self) -> bool:
        return same(self.now, self.true)

    @property
    def turned_back(self) -> bool:
        """Whether a number printed false was repaired into what the sums want."""
        return bool(self.was) and self.repaired and same(self.now, self.was)

    @property
    def kind(self) -> str:
        if self.turned_back:
            return "TURNED BACK"
        if self.repaired:
            return "right" if self.right else "WRONG"
        return "left, determined" if self.determined else "left"


@dataclass(frozen=True, slots=True)
class Counted:
    """A document's cases. falsified: its sums were made false; false: numbers made so that came back in their place."""

    name: str
    level: str
    cases: tuple[Case, ...]
    falsified: bool
    false: int


def same(one: str, other: str) -> bool:
    """Whether two texts are one number, however they are written."""
    a, b = number_value(one), number_value(other)
    return a is not None and b is not None and Decimal(a) == Decimal(b)


def count(
    name: str, truth: Mapping[str, Any], pages: Sequence[PageResult], false: Sequence[Falsehood] = ()
) -> Counted:
    """All numbers of a document that were read wrong or repaired."""
    meant = [table for table, _ in understand(pages).signed]
    given = [_as_read(table) for table in meant]
    tiled = [k for k, table in enumerate(given) if tiles(table)]
    truths = [read_table(raw) for raw in truth["tables"]]
    known, was = determined(truth["tables"]), {one.spot: one.was for one in false}
    of_given = {tiled[j]: k for k, j in enumerate(pair(truths, [given[i] for i in tiled])) if j is not None}
    cases: list[Case] = []
    came = 0
    for k, table in enumerate(meant):
        number = of_given.get(k)
        wanted = {} if number is None else {cell.place: cell for cell in truths[number].cells}
        texts = Counter(fold(cell.text) for cell in wanted.values())
        for cell in table.cells:
            meant_cell = wanted.get((cell.row, cell.col, cell.row_span, cell.col_span))
            spot = (-1 if number is None else number, cell.row, cell.col)
            came += meant_cell is not None and spot in was
            if (case := _case(cell, meant_cell, texts)) is not None:
                true, read, now, wrong = case
                known_here = wrong and spot in known
                cases.append(Case(*spot, true, read, now, wrong, known_here, was.get(spot, "")))
    return Counted(name, truth["level"], tuple(cases), bool(was), came)


def _case(cell: MeantCell, meant: Cell | None, texts: Mapping[str, int]) -> tuple[str, str, str, bool] | None:
    """True, read and final text, and whether it was read wrong in the right place; None of a number that is right.

    A text that belongs to another cell and is unlike this one's was read right and stands wrong: no misread number.
    """
    read = cell.text if cell.read_as is None else cell.read_as
    true = meant.text if meant is not None and number_value(meant.text) is not None else ""
    said = fold(read)
    moved = texts[said] > 0 and len(said) > 1 and likeness_of(said, fold(true)) < ALIKE
    wrong = bool(true and said) and not same(read, true) and not moved
    return (true, read, cell.text, wrong) if wrong or cell.read_as is not None else None


def _as_read(table: MeantTable) -> Table:
    cells = (
        Cell((c.row, c.col, c.row_span, c.col_span), c.text if c.read_as is None else c.read_as) for c in table.cells
    )
    return Table("", "", tuple(cells))


def counted(folder: Path, levels: Sequence[str]) -> Iterator[Counted]:
    """Every document of a folder whose pages were read."""
    for file in sorted(folder.glob(f"*{PAGES}")):
        name = file.name.removesuffix(PAGES)
        truth = json.loads((folder / f"{name}.truth.json").read_text("utf8"))
        if not levels or truth["level"] in levels:
            yield count(name, truth, read_pages(file), read_falsehoods(folder / f"{name}{FALSE}"))


def read_falsehoods(file: Path) -> list[Falsehood]:
    if not file.exists():
        return []
    told = json.loads(file.read_text("utf8"))
    return [Falsehood((table, row, col), one["was"]) for one in told for table, row, col in [one["spot"]]]


def generate(folder: Path, seed: int, documents: int, levels: Sequence[str], *, false: bool) -> None:
    """Documents of a seed at each level, as drawn or with false sums. What is there is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(documents):
        drawn = draw_document(seed, number)
        told: tuple[Falsehood, ...] = ()
        if false:
            drawn, told = falsified(drawn)
            if not told:
                continue
        missing = [level for level in levels if not (folder / f"{drawn.name}-{level}.truth.json").exists()]
        text = json.dumps([asdict(one) for one in told], ensure_ascii=False)
        for level in missing if told else ():
            (folder / f"{drawn.name}-{level}{FALSE}").write_text(text, "utf8")
        for name in write_document(drawn, missing, folder):
            print(name, file=sys.stderr, flush=True)


COLUMNS = (
    "", "documents", "read wrong", "determined by a sum", "of these mended", "repairs", "wrong repairs",
    "printed false", "turned back",
)  # fmt: skip


def row(name: str, found: Sequence[Counted]) -> str:
    cases = [case for one in found for case in one.cases]
    known = [case for case in cases if case.determined]
    mended = sum(case.repaired and case.right for case in known)
    repairs = [case for case in cases if case.repaired]
    bad = sum(not case.right for case in repairs)
    return (
        f"| {name} | {len(found)} | {sum(case.wrong for case in cases)} | {len(known)} | {_share(mended, len(known))} "
        f"| {len(repairs)} | {_share(bad, len(repairs))} | {sum(one.false for one in found)} "
        f"| {sum(case.turned_back for case in cases)} |"
    )


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})" if whole else "0"


def table(found: Sequence[Counted]) -> str:
    """The counts by level, as Markdown; documents with false sums apart."""
    groups: dict[str, list[Counted]] = defaultdict(list)
    for one in found:
        groups[one.level + (", false sums" if one.falsified else "")].append(one)
    lines = [row(name, groups[name]) for name in sorted(groups)]
    return "\n".join([f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|", *lines, row("all", found)])


def main(arguments: Sequence[str] | None = None) -> int:
    top = argparse.ArgumentParser(prog="python -m bench.repairs", description=__doc__)
    top.add_argument("--folder", type=Path, action="append", help="documents with truth (default: generated ones)")
    top.add_argument("--work", type=Path, default=WORK)
    top.add_argument("--seed", type=int, default=SEED)
    top.add_argument("--documents", type=int, default=DOCUMENTS, help="generated ones, as many again with false sums")
    top.add_argument("--levels", type=lambda text: text.replace(",", " ").split(), default=list(LEVELS))
    top.add_argument("--processes", type=int, default=1)
    top.add_argument("--anew", action="store_true", help="read all pages again")
    top.add_argument("--list", action="store_true", help="every number that was read wrong or repaired")
    args = top.parse_args(arguments)
    folders = args.folder or [args.work / f"seed{args.seed}", args.work / f"seed{args.seed}-false"]
    if not args.folder:
        for folder, false in zip(folders, (False, True), strict=True):
            generate(folder, args.seed, args.documents, args.levels, false=false)
    found: list[Counted] = []
    for folder in folders:
        if args.anew:
            for file in folder.glob(f"*{PAGES}"):
                file.unlink()
        extract_pages(folder, args.processes, args.levels)
        found += counted(folder, args.levels)
    if not found:
        print(f"repairs: no documents in {', '.join(map(str, folders))}", file=sys.stderr)
        return 1
    for one in found if args.list else ():
        for case in one.cases:
            words = f"{one.name} t{case.table} ({case.row}, {case.col}) {case.kind}: {case.true!r} read {case.read!r}"
            print(f"{words}, now {case.now!r}" if case.repaired else words)
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
