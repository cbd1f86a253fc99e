"""What differs between two results of one document: tables that came, went or changed, and their changed cells.

Both results are in the frame of the same pages, so that tables and cells are matched by where they lie: a
row that was found only now does not make every cell below it a changed one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Literal

from pydantic import Field

from extractor.result import BBox, Cell, Document, Model, Table

Kind = Literal["added", "removed", "changed"]

TABLE_OVERLAP = 0.1  # share of two tables' common area from which they may be the same table
TITLE_BONUS = 0.5  # what an equal title weighs beside the overlap
CELL_OVERLAP = 0.3  # share of two cells' common area from which they may be the same cell
_CONTENT = ("text", "value", "kind", "row_span", "col_span")
_PLACE = ("row", "col")
_DESCRIPTION = ("title", "unit", "form", "structure", "n_rows", "n_cols", "header_rows", "pages")


class CellThen(Model):
    """A cell in one of the two results."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    kind: str
    value: str | None
    confidence: float
    page: int
    bbox: BBox


class CellChange(Model):
    """`fields`: which of text, value, kind, row_span and col_span differ."""

    change: Kind
    fields: list[str]
    before: CellThen | None
    after: CellThen | None


class TableChange(Model):
    """A table with differences. `before`, `after`: its ids; `fields`: what differs in its description."""

    change: Kind
    before: str | None = Field(examples=["t1"])
    after: str | None = Field(examples=["t1"])
    title: str | None
    pages: list[int]
    fields: list[str]
    cells: list[CellChange]


class ChangeCounts(Model):
    """`cells_moved`: alike but for their row or column; they are not listed."""

    tables_added: int = 0
    tables_removed: int = 0
    tables_changed: int = 0
    tables_same: int = 0
    cells_added: int = 0
    cells_removed: int = 0
    cells_changed: int = 0
    cells_moved: int = 0
    cells_same: int = 0


class Changes(Model):
    """Tables in the later result's order, then those that went."""

    counts: ChangeCounts
    tables: list[TableChange]


def changes(before: Document, after: Document) -> Changes:
    """What became of `before`'s tables in `after`. Both are results of the same document."""
    partners = _table_partners(before.tables, after.tables)
    counts: dict[str, int] = defaultdict(int)
    found: list[TableChange] = []
    for table in after.tables:
        earlier = partners.get(table.id)
        change = _whole(table, "added", counts) if earlier is None else _compared(earlier, table, counts)
        counts[f"tables_{'same' if change is None else change.change}"] += 1
        if change is not None:
            found.append(change)
    kept = {table.id for table in partners.values()}
    for table in before.tables:
        if table.id not in kept:
            counts["tables_removed"] += 1
            found.append(_whole(table, "removed", counts))
    return Changes(counts=ChangeCounts(**counts), tables=found)


def _table_partners(before: Sequence[Table], after: Sequence[Table]) -> dict[str, Table]:
    """The earlier table of each later one, the surest pairs first."""
    pairs = []
    boxes = {id(table): _hulls(table) for table in (*before, *after)}
    for earlier in before:
        for later in after:
            overlap = _hull_overlap(boxes[id(earlier)], boxes[id(later)])
            if overlap >= TABLE_OVERLAP:
                same_title = earlier.title is not None and earlier.title == later.title
                pairs.append((overlap + TITLE_BONUS * same_title, earlier, later))
    partners: dict[str, Table] = {}
    taken: set[str] = set()
    for _, earlier, later in sorted(pairs, key=lambda pair: -pair[0]):
        if earlier.id not in taken and later.id not in partners:
            partners[later.id] = earlier
            taken.add(earlier.id)
    return partners


def _hulls(table: Table) -> dict[int, BBox]:
    """The box around a table's cells on each of its pages."""
    hulls: dict[int, BBox] = {}
    for page, box in (place for cell in table.cells for place in _places(cell)):
        x0, y0, x1, y1 = hulls.get(page, box)
        hulls[page] = (min(x0, box[0]), min(y0, box[1]), max(x1, box[2]), max(y1, box[3]))
    return hulls


def _places(cell: Cell) -> Iterable[tuple[int, BBox]]:
    return [(region.page, region.bbox) for region in cell.regions] or [(cell.page, cell.bbox)]


def _hull_overlap(first: dict[int, BBox], second: dict[int, BBox]) -> float:
    """Common area over all area, on all pages together."""
    common = sum(_common(first[page], second[page]) for page in first.keys() & second.keys())
    total = sum(map(_area, first.values())) + sum(map(_area, second.values())) - common
    return common / total if total > 0 else 0.0


def _area(box: BBox) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _common(a: BBox, b: BBox) -> float:
    return _area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))


def _overlap(a: Cell, b: Cell) -> float:
    """Of two cells on one page; 1.0 where both have no area and lie at the same place."""
    common, total = _common(a.bbox, b.bbox), _area(a.bbox) + _area(b.bbox)
    if total <= 0:
        return float(a.bbox == b.bbox)
    return common / (total - common)


def _whole(table: Table, change: Literal["added", "removed"], counts: dict[str, int]) -> TableChange:
    counts[f"cells_{change}"] += len(table.cells)
    came = change == "added"
    cells = [_one_sided(cell, change) for cell in table.cells]
    return TableChange(
        change=change, before=None if came else table.id, after=table.id if came else None, title=table.title,
        pages=table.pages, fields=[], cells=cells,
    )  # fmt: skip


def _compared(before: Table, after: Table, counts: dict[str, int]) -> TableChange | None:
    """None where nothing differs."""
    partners = _cell_partners(before.cells, after.cells)
    listed: list[CellChange] = []
    for position, cell in enumerate(after.cells):
        earlier = partners.get(position)
        if earlier is None:
            counts["cells_added"] += 1
            listed.append(_one_sided(cell, "added"))
            continue
        fields = [name for name in _CONTENT if getattr(before.cells[earlier], name) != getattr(cell, name)]
        if fields:
            counts["cells_changed"] += 1
            then = _then(before.cells[earlier])
            listed.append(CellChange(change="changed", fields=fields, before=then, after=_then(cell)))
        else:
            moved = any(getattr(before.cells[earlier], name) != getattr(cell, name) for name in _PLACE)
            counts["cells_moved" if moved else "cells_same"] += 1
    kept = set(partners.values())
    gone = [cell for position, cell in enumerate(before.cells) if position not in kept]
    counts["cells_removed"] += len(gone)
    listed += [_one_sided(cell, "removed") for cell in gone]
    fields = [name for name in _DESCRIPTION if getattr(before, name) != getattr(after, name)]
    if not listed and not fields:
        return None
    return TableChange(
        change="changed", before=before.id, after=after.id, title=after.title, pages=after.pages, fields=fields,
        cells=listed,
    )  # fmt: skip


def _cell_partners(before: Sequence[Cell], after: Sequence[Cell]) -> dict[int, int]:
    """The earlier cell's position of each later cell's: those that overlap most first, each once."""
    shelves = _Shelves(before)
    pairs = []
    for later, cell in enumerate(after):
        for earlier in shelves.near(cell):
            overlap = _overlap(before[earlier], cell)
            if overlap >= CELL_OVERLAP:
                same_text = before[earlier].text == cell.text
                pairs.append((-overlap, not same_text, later, earlier))
    partners: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, later, earlier in sorted(pairs):
        if later not in partners and earlier not in taken:
            partners[later] = earlier
            taken.add(earlier)
    return partners


class _Shelves:
    """Cells by page and height, so that each is compared with its neighbours only."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        heights = [cell.bbox[3] - cell.bbox[1] for cell in cells if cell.bbox[3] > cell.bbox[1]]
        self._height = median(heights) if heights else 1.0
        self._shelves: dict[tuple[int, int], list[int]] = defaultdict(list)
        for position, cell in enumerate(cells):
            for shelf in self._of(cell):
                self._shelves[shelf].append(position)

    def _of(self, cell: Cell) -> list[tuple[int, int]]:
        first, last = int(cell.bbox[1] // self._height), int(cell.bbox[3] // self._height)
        return [(cell.page, number) for number in range(first, last + 1)]

    def near(self, cell: Cell) -> set[int]:
        return {position for shelf in self._of(cell) for position in self._shelves.get(shelf, ())}


def _one_sided(cell: Cell, change: Literal["added", "removed"]) -> CellChange:
    came = change == "added"
    return CellChange(
        change=change, fields=[], before=None if came else _then(cell), after=_then(cell) if came else None
    )


def _then(cell: Cell) -> CellThen:
    return CellThen(**{name: getattr(cell, name) for name in CellThen.model_fields})
