"""Grids of born-digital pages through camelot-py 2.x: lattice for ruled tables, network for unruled ones."""

from __future__ import annotations

import logging
import struct
import zlib
from typing import TYPE_CHECKING, Any

from extractor.elements import Box, Grid, GridCell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Rows and columns guessed from how text lines up: wrong at least as often as right on budget forms.
UNRULED_PLACE = 0.5

# Without the grouping of text boxes by flow, which camelot never looks at and whose cost grows with the
# square of the text: a page of 7,000 characters takes 0.2 s instead of 4.
_LAYOUT = {"boxes_flow": None}

# What camelot and the PDF parser under it raise on documents in the wild: both walk foreign object trees
# without checks. A page on which they fail is decided by its own vector rules, so none of this is fatal.
_THEIR_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RecursionError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


# They also log every broken object; without a handler Python would print that on standard error.
for _library in ("camelot", "playa"):
    logging.getLogger(_library).addHandler(logging.NullHandler())


class CamelotGrids:
    """`extractor.ports.BornDigitalGrids`. Camelot is imported at the first call: it costs 0.6 s and 90 MB.

    Grids come in points, origin top-left, of the page turned to be read: camelot turns a page whose text
    runs sideways before it looks at it.
    """

    def ruled(self, pdf: str, page: int, password: str | None) -> list[Grid]:
        """Lattice on the PDF's own strokes, without rendering: 0.1 s a page where the rendered way takes 0.4 s."""
        return [_grid(table, spans=True) for table in _read(pdf, page, password, flavor="lattice", engine="vector")]

    def unruled(self, pdf: str, page: int, password: str | None) -> list[Grid]:
        """Network: rows and columns from how text lines up."""
        return [_grid(table, spans=False) for table in _read(pdf, page, password, flavor="network")]


def _read(pdf: str, page: int, password: str | None, **options: str) -> Sequence[Any]:
    import camelot
    from playa.exceptions import PDFException

    try:
        tables = camelot.read_pdf(
            pdf, pages=str(page), password=password, suppress_stdout=True, layout_kwargs=_LAYOUT, **options
        )
    except (*_THEIR_FAILURES, PDFException):
        return []
    return [table for table in tables if table.rows and table.cols]


def _grid(table: Any, spans: bool) -> Grid:
    """Camelot's cells know on which of their sides a rule was seen; cells open to each other are one."""
    height = float(table.pdf_size[1])
    xs = (*(float(left) for left, _ in table.cols), float(table.cols[-1][1]))
    ys = (*(height - float(top) for top, _ in table.rows), height - float(table.rows[-1][1]))
    place = 1.0 if spans else UNRULED_PLACE
    cells = tuple(
        GridCell(r0, c0, r1 - r0 + 1, c1 - c0 + 1, Box(xs[c0], ys[r0], xs[c1 + 1], ys[r1 + 1]), place)
        for r0, c0, r1, c1 in (_blocks(table.cells) if spans else _singles(len(ys) - 1, len(xs) - 1))
    )
    return Grid(xs, ys, cells, "ruled" if spans else "borderless")


def _singles(rows: int, columns: int) -> Iterator[tuple[int, int, int, int]]:
    return ((r, c, r, c) for r in range(rows) for c in range(columns))


def _blocks(cells: Sequence[Sequence[Any]]) -> list[tuple[int, int, int, int]]:
    """Inclusive (row, col, row, col) rectangles that tile the grid, each the hull of cells open to each other."""
    rows, columns = len(cells), len(cells[0])
    owner = {(r, c): {(r, c)} for r in range(rows) for c in range(columns)}

    def unite(a: tuple[int, int], b: tuple[int, int]) -> None:
        if owner[a] is not owner[b]:
            joined = owner[a] | owner[b]
            for place in joined:
                owner[place] = joined

    for r in range(rows):
        for c in range(columns):
            if c + 1 < columns and not (cells[r][c].right or cells[r][c + 1].left):
                unite((r, c), (r, c + 1))
            if r + 1 < rows and not (cells[r][c].bottom or cells[r + 1][c].top):
                unite((r, c), (r + 1, c))
    while True:
        blocks = {_hull(group) for group in owner.values()}
        if sum((r1 - r0 + 1) * (c1 - c0 + 1) for r0, c0, r1, c1 in blocks) == rows * columns:
            return sorted(blocks)
        for r0, c0, r1, c1 in blocks:  # a group that is no rectangle swallows what its hull holds
            for r in range(r0, r1 + 1):
                for c in range(c0, c1 + 1):
                    unite((r0, c0), (r, c))


def _hull(group: set[tuple[int, int]]) -> tuple[int, int, int, int]:
    rows, columns = [r for r, _ in group], [c for _, c in group]
    return min(rows), min(columns), max(rows), max(columns)
