"""Which grids are tables: those that can hold text, and no two in one place.

Of those that overlap the ones that explain the page best are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.elements import Box, Grid
from extractor.geometry import overlap, share_inside

ROOM = 1.0  # text heights: tables that overlap less share no text, as those of a crooked page whose boxes touch
WHOLE = 0.8  # share of a text line in one cell: less is cut by a border
LINE_RIM = 0.15  # of a detected line's height: its ink may reach so far beyond its box
UNDERLINE = 0.35  # the same of the rule under a title: so far below
ENDS = 1.0  # the same: so far it goes on beyond the title's ends


def apart(grids: Sequence[Grid], lines: Sequence[Box], scale: float) -> list[int]:
    """Indices, in order, of tables that do not overlap. lines: text lines' boxes; scale: text height, in one unit.

    Parts of one worn lattice that were not seen to hang together come as several grids that reach into each other. The
    one whose cells hold most text lines whole is kept, between equals the one whose cells have the longest sides.
    """
    kept: list[int] = []
    for k in sorted(range(len(grids)), key=lambda k: _explained(grids[k], lines), reverse=True):
        if not any(_same_spot(grids[k].box, grids[other].box, scale) for other in kept):
            kept.append(k)
    return sorted(kept)


def _same_spot(a: Box, b: Box, scale: float) -> bool:
    wide, high = overlap(a.x0, a.x1, b.x0, b.x1), overlap(a.y0, a.y1, b.y0, b.y1)
    return min(wide, high) > ROOM * scale


def _explained(grid: Grid, lines: Sequence[Box]) -> tuple[int, float]:
    whole = sum(any(share_inside(line, cell.box) > WHOLE for cell in grid.cells) for line in lines)
    return whole, sum(cell.box.width + cell.box.height for cell in grid.cells)


def is_table(grid: Grid, lines: Sequence[Box], scale: float) -> bool:
    """Whether a grid can hold text: it is large enough, and no text line (pixels, as detected) holds all of it.

    A seal's or a letter's strokes are small; a bold title's strokes may meet over several characters, or all of them
    stand on the rule under it, but within its line. A table of one low row is longer than the line that the detector
    makes of its cells.
    """
    box = grid.box
    if box.height <= 1.2 * scale or box.width <= 4 * scale:
        return False
    beside = LINE_RIM if all(grid.closed) else ENDS  # the rule under a title closes no side
    return not any(
        line.x0 - beside * line.height < box.x0 and box.x1 < line.x1 + beside * line.height
        and line.y0 - LINE_RIM * line.height < box.y0 and box.y1 < line.y1 + UNDERLINE * line.height
        for line in lines
    )
