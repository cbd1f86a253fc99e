"""From the recogniser's raw output to characters with posteriors.

The network gives, for every time step (eight pixels of the line's picture), a distribution over
"nothing new here" (the blank, class 0) and 18,709 characters (connectionist temporal classification,
Graves et al. 2006). The greedy path is taken; what it leaves open is kept for the confidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLANK = 0


@dataclass(frozen=True, slots=True)
class Emission:
    """A character of the greedy path.

    `step` is where it was emitted (a mean weighted by posterior, from 0), `p` its posterior,
    `runner_up` the class that came second there (BLANK: nothing), `runner_up_p` its posterior.
    """

    label: int
    step: float
    p: float
    runner_up: int
    runner_up_p: float


def decode(posteriors: NDArray[np.float32], best: NDArray[np.int64]) -> tuple[Emission, ...]:
    """Characters of one line. `posteriors`: (steps, classes), rows sum to 1; `best`: (steps,), the row maxima's places.

    Equal neighbours are one character, emitted at its surest step. What stands against a character
    also shows between the steps that emit it: the posterior that a blank step gives to labels
    which would make the text another one counts against the nearer neighbour.
    """
    runs = _runs(best)
    if not runs:
        return ()
    emissions = [_emit(posteriors, start, stop) for start, stop in runs]
    doubts = _doubts(posteriors, best, runs)
    return tuple(
        Emission(e.label, e.step, e.p * (1.0 - doubt), e.runner_up, e.runner_up_p)
        for e, doubt in zip(emissions, doubts, strict=True)
    )


def _runs(best: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Stretches [start, stop) of one and the same label, blanks left out."""
    if best.size == 0:
        return []
    edges = np.flatnonzero(np.diff(best)) + 1
    starts, stops = [0, *edges.tolist()], [*edges.tolist(), int(best.size)]
    return [(a, b) for a, b in zip(starts, stops, strict=True) if best[a] != BLANK]


def _emit(posteriors: NDArray[np.float32], start: int, stop: int) -> Emission:
    label_p = None
    row = posteriors[start:stop]
    label = int(row[0].argmax())
    label_p = row[:, label]
    peak = int(label_p.argmax())
    at_peak = row[peak].copy()
    p = float(at_peak[label])
    at_peak[label] = -1.0
    second = int(at_peak.argmax())
    step = float(np.average(np.arange(start, stop), weights=label_p))
    return Emission(label, step, min(p, 1.0), second, float(at_peak[second]))


def _doubts(posteriors: NDArray[np.float32], best: NDArray[np.int64], runs: list[tuple[int, int]]) -> list[float]:
    """For each run, the largest share that a neighbouring blank step gives to a label that is neither
    blank nor one of the two characters it stands between."""
    doubts = [0.0] * len(runs)
    bounds = [(-1, -1), *runs, (int(best.size), int(best.size))]
    labels = [BLANK, *(int(best[start]) for start, _ in runs), BLANK]
    for gap in range(len(runs) + 1):
        start, stop = max(bounds[gap][1], 0), bounds[gap + 1][0]
        if start >= stop:
            continue
        legal = posteriors[start:stop, BLANK].astype(np.float64)
        for label in {labels[gap], labels[gap + 1]} - {BLANK}:
            legal = legal + posteriors[start:stop, label]
        worst = int(legal.argmin())
        doubt = min(max(1.0 - float(legal[worst]), 0.0), 1.0)
        left = gap > 0 and (gap == len(runs) or worst < (stop - start) / 2)
        owner = gap - 1 if left else gap
        doubts[owner] = max(doubts[owner], doubt)
    return doubts
