"""Which changes of shading in a table's rows are borders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

ALIKE = 0.5  # of a table's usual step: a weaker one is a smear or a lone character's shadow
CHANCE, ALONE = 0.75, 3  # share of such steps that stand in another row too, how many do not: by chance fewer, more
SAME = 0.4  # text heights: steps of two rows nearer than this are one border


class Step(NamedTuple):
    """A change of tone at x, by `jump` grey levels."""

    x: float
    jump: float


def shared_steps(rows: Sequence[Sequence[Step]], scale: float) -> list[list[float]]:
    """For each row of a table, x of those steps that are as strong as its shading and stand in another row too."""
    jumps = sorted(step.jump for row in rows for step in row)
    if not jumps:
        return [[] for _ in rows]
    least = ALIKE * jumps[3 * len(jumps) // 4]
    strong = [[step.x for step in row if step.jump >= least] for row in rows]
    shared = [
        [
            x for x in row
            if any(abs(x - other) < SAME * scale for k, xs in enumerate(strong) if k != r for other in xs)
        ]
        for r, row in enumerate(strong)
    ]
    every, told = sum(map(len, strong)), sum(map(len, shared))
    if told < CHANCE * every and every - told > ALONE:
        return [[] for _ in rows]  # grain and uneven light
    return shared
