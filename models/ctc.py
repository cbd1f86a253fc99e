"""From the recogniser's raw output to characters with posteriors.

The network gives, for every time step (eight pixels of the line's picture), a distribution over
"nothing new here" (the blank, class 0) and 18,709 characters (connectionist temporal classification,
Graves et al. 2006). The greedy path is taken; what it leaves open is kept for the confidence. On 1,500
real crops the product of these posteriors tells right lines from wrong ones as well as the exact
probability of the text over all paths does (area under the curve 0.896 both), and better than the
plain product of maxima (0.879).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

BLANK = 0
SURE = 0.995  # of a character emitted above this, what came third does not matter
LEAST = 0.002  # posteriors below this are noise of the softmax
OTHERS = 3  # further labels kept of a character in doubt


@dataclass(frozen=True, slots=True)
class Emission:
    """A character of the greedy path.

    `step` is where it was emitted (mean of its steps weighted by posterior, from 0), `p` its
    posterior, `runner_up` the class that came second there (BLANK: nothing), `runner_up_p` its posterior;
    `others` those that came next, of a character in doubt. `missed`: the label most likely left out right before
    it (or after it, `missed_after`), as the blank steps beside it show, with its posterior there.
    """

    label: int
    step: float
    p: float
    runner_up: int
    runner_up_p: float
    others: tuple[tuple[int, float], ...] = ()
    missed: int = BLANK
    missed_p: float = 0.0
    missed_after: bool = False


def decode(posteriors: NDArray[np.float32], best: NDArray[np.int64]) -> tuple[Emission, ...]:
    """Characters of one line. `posteriors`: (steps, classes), rows sum to 1; `best`: (steps,), the row maxima's places.

    Equal neighbours are one character, emitted at its surest step. What stands against a character
    also shows between the steps that emit it: the posterior that a blank step gives to labels
    which would make the text another one counts against the nearer neighbour.
    """
    path: list[int] = best.tolist()
    runs = _runs(path)
    if not runs:
        return ()
    # Columns as plain lists: lines are short, and a numpy call costs more than the few numbers it would handle.
    columns: dict[int, list[float]] = {
        label: posteriors[:, label].tolist() for label in {BLANK, *(path[start] for start, _ in runs)}
    }
    labels = [path[start] for start, _ in runs]
    peaks = [max(range(*run), key=columns[label].__getitem__) for label, run in zip(labels, runs, strict=True)]
    rows = posteriors[peaks]
    places = np.arange(len(peaks))
    rows[places, labels] = -1.0
    seconds = rows.argmax(axis=1)
    second_p: list[float] = rows[places, seconds].tolist()
    doubts, where = _doubts(columns, labels, runs, len(path))
    return tuple(
        Emission(
            label=label,
            step=_centre(columns[label], *run),
            p=min(columns[label][peak], 1.0) * (1.0 - doubt),
            runner_up=int(second),
            runner_up_p=p,
            others=_others(rows[k], int(second)) if columns[label][peak] < SURE else (),
            **_missed(posteriors, where[k], (label, *labels[k - 1 : k], *labels[k + 1 : k + 2]), peak),
        )
        for k, (label, run, peak, second, p, doubt) in enumerate(
            zip(labels, runs, peaks, seconds, second_p, doubts, strict=True)
        )
    )


def _others(row: NDArray[np.float32], second: int) -> tuple[tuple[int, float], ...]:
    """What came third to fifth where a character was emitted (its own posterior is taken out of the row)."""
    row[second], kept = -1.0, float(row[second])
    count = min(OTHERS, len(row))
    places = np.argpartition(row, -count)[-count:]
    found = sorted(((int(c), float(row[c])) for c in places), key=lambda o: -o[1])
    row[second] = kept
    return tuple(one for one in found if one[1] >= LEAST)


class _Missed(TypedDict):
    missed: int
    missed_p: float
    missed_after: bool


def _missed(posteriors: NDArray[np.float32], step: int, known: Sequence[int], peak: int) -> _Missed:
    """The likeliest label of the blank step that speaks most against a character, its own neighbours apart."""
    if step < 0:
        return _Missed(missed=BLANK, missed_p=0.0, missed_after=False)
    row = posteriors[step].copy()
    row[[BLANK, *known]] = -1.0
    label = int(row.argmax())
    p = float(row[label])
    if p < LEAST:
        return _Missed(missed=BLANK, missed_p=0.0, missed_after=False)
    return _Missed(missed=label, missed_p=p, missed_after=step > peak)


def _runs(path: Sequence[int]) -> list[tuple[int, int]]:
    """Stretches [start, stop) of one and the same label, blanks left out."""
    runs: list[tuple[int, int]] = []
    start = 0
    for step in range(1, len(path) + 1):
        if step == len(path) or path[step] != path[start]:
            if path[start] != BLANK:
                runs.append((start, step))
            start = step
    return runs


def _centre(column: Sequence[float], start: int, stop: int) -> float:
    """Mean of the steps start … stop - 1 weighted by their posteriors (a maximum of a distribution is never 0)."""
    weights = column[start:stop]
    return start + sum(offset * weight for offset, weight in enumerate(weights)) / sum(weights)


def _doubts(
    columns: dict[int, list[float]], labels: Sequence[int], runs: Sequence[tuple[int, int]], steps: int
) -> tuple[list[float], list[int]]:
    """For each character, what the blank steps beside it say against it, and the step that says most (-1: none does).

    That is the largest share that one of them gives to a label that is neither blank nor one of the two
    characters it stands between; between twins (00), also the probability that no step is blank, which
    would make them one.
    """
    doubts = [0.0] * len(runs)
    where = [-1] * len(runs)
    blank = columns[BLANK]
    nothing = [0.0] * steps
    stops = [0, *(stop for _, stop in runs)]
    starts = [*(start for start, _ in runs), steps]
    for gap, (begin, end) in enumerate(zip(stops, starts, strict=True)):
        left = columns[labels[gap - 1]] if gap > 0 else nothing
        right = columns[labels[gap]] if gap < len(runs) else nothing
        twins = left is right
        if twins:
            doubts[gap] = math.prod(left[begin:end])
        for step in range(begin, end):
            legal = blank[step] + left[step] + (0.0 if twins else right[step])
            nearer_left = gap == len(runs) or (gap > 0 and 2 * step < begin + end - 1)
            owner = gap - 1 if nearer_left else gap
            against = min(max(1.0 - legal, 0.0), 1.0)
            if against > doubts[owner]:
                doubts[owner] = against
                where[owner] = step if against >= LEAST else -1
    return doubts, where
