"""Which changes of shading in a table's rows are borders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

ALIKE = 0.5  # of a table's usual step: a weaker one is a smear or a lone character's shadow
CHANCE = 0.6  # share of such steps that stand in another row, too: where fewer do, grain and uneven light made them
SAME = 0.4  # text heights: steps of two rows nearer than this are one border


class Step(NamedTuple):
    """A change of tone at x, by `jump` grey levels."""

    x: float
    jump: float


def shared_steps(rows: Sequence[Sequence[Step]], scale: float) -> list[list[float]]:
    """For each row of a table, x of those steps that are as strong as its shading and stand in another row too."""
    every = sorted(step.jump for row in rows for step in row)
    if not every:
        return [[] for _ in rows]
    least = ALIKE * every[3 * len(every) // 4]
    strong = [[step.x for step in row if step.jump >= least] for row in rows]
    shared = [
        [
            x for x in row
            if any(abs(x - other) < SAME * scale for k, xs in enumerate(strong) if k != r for other in xs)
        ]
        for r, row in enumerate(strong)
    ]
    if sum(map(len, shared)) < CHANCE * sum(map(len, strong)):
        return [[] for _ in rows]
    return shared
