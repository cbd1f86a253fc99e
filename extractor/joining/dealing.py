"""The characters of text lines dealt out to the cells of grids; a line over several cells is cut between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractor.elements import Box, Grid, TextLine

if TYPE_CHECKING:
    from extractor.ruling.lattice import EdgeEvidence
    from extractor.unruled.openrows import OpenRows

_BORDER = 0.5  # share of an edge that must be drawn to be a border
_TYPE = 0.2  # share by which the heights of two lines of one type differ at most


@dataclass(frozen=True, slots=True)
class FilledGrid:
    """A grid and its text; `lines[i]` are the text lines of `grid.cells[i]`, in reading order."""

    grid: Grid
    lines: tuple[tuple[TextLine, ...], ...]
    rows: OpenRows | None = None  # of a table without vertical rules


def fill_grids(
    grids: Sequence[Grid], lines: Iterable[TextLine], drawn: EdgeEvidence | None = None
) -> tuple[tuple[FilledGrid, ...], tuple[TextLine, ...]]:
    """Give every character to the cell that holds its centre; a line over several cells is cut between them.

    `drawn`: what of an edge is drawn; with it, text that hangs below an open foot stays with its cell.
    """
    inside: dict[tuple[int, int], list[TextLine]] = {}
    outside: list[TextLine] = []
    for line in lines:
        y = line.box.center.y
        near = [
            (t, c, cell.box.x0, cell.box.x1)
            for t, grid in enumerate(grids) if grid.box.y0 <= y <= grid.box.y1
            for c, cell in enumerate(grid.cells) if cell.box.y0 <= y < cell.box.y1
        ]
        places = [next(((t, c) for t, c, x0, x1 in near if x0 <= char.x < x1), None) for char in line.chars]
        for place, piece in _pieces(line, places):
            if place is None and drawn is not None:
                place = _hangs_from(piece, grids, inside, drawn)
            if place is None:
                outside.append(piece)
            else:
                inside.setdefault(place, []).append(piece)
    tables = tuple(
        FilledGrid(grid, tuple(tuple(inside.get((t, c), ())) for c in range(len(grid.cells))))
        for t, grid in enumerate(grids)
    )
    return tables, tuple(outside)


def _hangs_from(
    piece: TextLine, grids: Sequence[Grid], inside: Mapping[tuple[int, int], Sequence[TextLine]], drawn: EdgeEvidence
) -> tuple[int, int] | None:
    """The cell (table, cell) whose text goes on in a line below the table's foot, where no rule closes that.

    A page break ends a row's rules before its text: the line stands next below the cell's last one, in its type,
    between its sides.
    """
    box = piece.box
    for (t, c), own in inside.items():
        cell, last = grids[t].cells[c], own[-1].box
        if cell.row + cell.row_span < grids[t].n_rows or box.center.y < cell.box.y1:
            continue
        near = last.y0 < box.y0 < last.y1 + last.height and abs(box.height - last.height) < _TYPE * last.height
        within = cell.box.x0 <= box.x0 and box.x1 <= cell.box.x1
        if near and within and drawn(True, cell.box.y1, cell.box.x0, cell.box.x1) <= _BORDER:
            return t, c
    return None


def _pieces(
    line: TextLine, places: Sequence[tuple[int, int] | None]
) -> list[tuple[tuple[int, int] | None, TextLine]]:
    """Stretches of a line whose characters stand in one cell; a blank goes with the character before it."""
    if len(set(places)) == 1:
        return [(places[0], line)]
    runs: list[tuple[tuple[int, int] | None, list[int]]] = []
    for i, place in enumerate(places):
        if runs and (place == runs[-1][0] or line.chars[i].text == " "):
            runs[-1][1].append(i)
        else:
            runs.append((place, [i]))
    return [(place, _part(line, run)) for place, run in runs if any(line.chars[i].text != " " for i in run)]


def _part(line: TextLine, run: Sequence[int]) -> TextLine:
    """The characters `run` of a line; its box ends halfway to the neighbours it was cut from."""
    chars = line.chars
    first, last = run[0], run[-1]
    x0 = line.box.x0 if first == 0 else (chars[first - 1].x + chars[first].x) / 2
    x1 = line.box.x1 if last == len(chars) - 1 else (chars[last].x + chars[last + 1].x) / 2
    while chars[last].text == " ":
        last -= 1
    kept = chars[first : last + 1]
    box = Box(min(x0, x1), line.box.y0, max(x0, x1), line.box.y1)
    return TextLine("".join(c.text for c in kept), box, kept)
