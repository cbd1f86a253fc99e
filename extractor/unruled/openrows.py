"""What one page shows of a table without vertical rules, and what that says of its borders before they are solved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractor.elements import Box, Grid
from extractor.unruled.division import DEEPEST
from extractor.unruled.openrules import SAME_BORDER, SIDE, Level, Run, ends_of
from extractor.unruled.steps import Step, shared_steps

RunsOf = Callable[[Box], Sequence[Run]]  # a strip of the page -> its runs of text, left to right
StepsOf = Callable[[Box], Sequence[Step]]  # a strip of the page -> where its shading changes, left to right

AGAIN = 0.6  # text heights by which the texts of a heading printed again may miss their first places
BESIDE_TEXT = 0.1  # text heights: what looks like a change of shading so near a text is the text's own
SHADOW = 0.4, 14.0  # text heights from a text, grey levels: so far and so dark the shadow of a low row's text may be


def no_steps(strip: Box) -> Sequence[Step]:
    del strip
    return ()


@dataclass(frozen=True, slots=True)
class OpenRows:
    """All that one page shows of a table without vertical rules; one frame, any unit.

    levels: the n + 1 heights of its rules. strips: the runs of text of its n rows. steps: where, in each row,
    the shading changes. lines: boxes of its text lines. scale: text height. told: for each row, the blanks that the
    texts beside them, once read, tell to part columns.
    """

    x0: float
    x1: float
    levels: tuple[Level, ...]
    strips: tuple[tuple[Run, ...], ...]
    steps: tuple[tuple[Step, ...], ...]
    lines: tuple[Box, ...]
    scale: float
    told: tuple[tuple[Run, ...], ...] = ()

    @property
    def ys(self) -> list[float]:
        return [level.at for level in self.levels]

    @property
    def told_by_row(self) -> tuple[tuple[Run, ...], ...]:
        """`told`, with nothing for each row as long as nothing was read."""
        return self.told or ((),) * len(self.strips)


@dataclass(frozen=True, slots=True)
class OpenGrid:
    """A table, and what it was made of if no vertical rules divide it.

    undivided: how many of its last rows (0 or 1) hold line under line of texts side by side, in no columns yet.
    """

    grid: Grid
    rows: OpenRows | None
    undivided: int = 0


def under_headings(parts: Sequence[OpenRows]) -> list[tuple[Run, ...]]:
    """Each row's runs without the headings that a rule of their own parts from the columns under them.

    They span those columns, so that they are in no border's way.
    """
    out: list[tuple[Run, ...]] = []
    for k, part in enumerate(parts):
        whole = [level.covers(*inset(part.x0, part.x1)) > 0.95 and not ends for level, ends in _ended(part)]
        head = next((r for r in range(len(part.strips)) if whole[r + 1]), 0)
        head = min(head, DEEPEST, repeated_rows(parts[0], part) if k else head)
        for r, strip in enumerate(part.strips):
            over = part.levels[r + 1].parts if r < head else ()
            out.append(tuple(run for run in strip if not any(a <= run[0] and run[1] <= b for a, b in over)))
    return out


def _ended(part: OpenRows) -> list[tuple[Level, list[float]]]:
    return [(level, ends_of(level, part.x0, part.x1, part.scale)) for level in part.levels]


def repeated_rows(first: OpenRows, part: OpenRows) -> int:
    """How many rows at the top of a later page have their texts where those of the first page have them."""
    count = 0
    for above, row in zip(first.strips, part.strips, strict=False):
        if len(above) != len(row) or not row:
            break
        ends = zip((x for run in above for x in run), (x for run in row for x in run), strict=True)
        if any(abs(a - b) > AGAIN * first.scale for a, b in ends):
            break
        count += 1
    return count


def shown_borders(parts: Sequence[OpenRows], drawn: bool = False) -> list[list[float]]:
    """For each row, the borders that the ends of rules (drawn: no supposed ones) and the steps of shading show."""
    x0, x1, scale = parts[0].x0, parts[0].x1, parts[0].scale
    steps = _steps(parts)
    ends = [
        pairwise([[] if drawn and level.supposed else ends_of(level, x0, x1, scale) for level in part.levels])
        for part in parts
    ]
    return [
        [*above, *below, *(x for x in own if x0 + SIDE * scale < x < x1 - SIDE * scale)]
        for (above, below), own in zip((pair for part in ends for pair in part), steps, strict=True)
    ]


def shaded_borders(parts: Sequence[OpenRows], xs: Sequence[float], scale: float) -> list[frozenset[int]]:
    """For each row, the borders at which its shading changes."""
    return [
        frozenset(j for j, x in enumerate(xs) if any(abs(x - step) < SAME_BORDER * scale for step in row))
        for row in _steps(parts)
    ]


def _steps(parts: Sequence[OpenRows]) -> list[list[float]]:
    """For each row, where its shading changes. Dense characters darken a stretch, too: no cell begins in a text.

    A faint change beside a text may be that text's shadow, where a row is hardly higher than its text. It counts where
    another row shows it away from its texts.
    """
    scale = parts[0].scale
    found = [
        [(step, _apart_from(strip, step.x) / scale) for step in row]
        for part in parts for row, strip in zip(part.steps, part.strips, strict=True)
    ]
    plain = [step.x for row in found for step, apart in row if apart >= SHADOW[0] or step.jump >= SHADOW[1]]
    return shared_steps(
        [
            [
                step for step, apart in row
                if apart > BESIDE_TEXT and any(abs(step.x - x) < SAME_BORDER * scale for x in plain)
            ]
            for row in found
        ],
        scale,
    )


def _apart_from(strip: Sequence[Run], x: float) -> float:
    """How far x is from the nearest text of a row, less than 0 within one."""
    return min((max(a - x, x - b) for a, b in strip), default=float("inf"))


def parted_rows(parts: Sequence[OpenRows], xs: Sequence[float]) -> tuple[list[list[bool]], list[list[bool]]]:
    """For each row and column, whether a rule parts it from the row above, below. A page's end parts rows too."""
    above, below = [], []
    for part in parts:
        whole = [[level.covers(*inset(a, b)) > 0.5 for a, b in pairwise(xs)] for level in part.levels]
        whole[0] = whole[-1] = [True] * (len(xs) - 1)
        above += whole[:-1]
        below += whole[1:]
    return above, below


def inset(start: float, end: float) -> Run:
    rim = (end - start) / 5
    return start + rim, end - rim
