"""A line in doubt, decided between the recogniser's own alternatives.

What two readings of a line (as it is, and sharpened) say together is searched for the likeliest text
(prefix beam search over the recogniser's steps, Hannun et al. 2014), with the odds of Chinese words as
tie-breaker. Only labels that the recogniser itself gave LEAST or more take part: nothing is invented.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from extractor.chinese import is_chinese
from models import ctc
from models.shapes import PageShapes

LEAST = 1e-3  # posterior from which a label of a step is an alternative
# … and its share of the step's best: below it nothing that words say brings an alternative up. A quarter of what words
# mend is lost at a fiftieth, nothing at a two-hundredth, and a character read with 0.995 stands.
ODDS = 0.005
WIDTH = 8  # prefixes kept after each step
# Weight of the words' odds against the recogniser's. On 911 worn cells, 152 of them misread, 0.2 mends 20, 0.4 mends
# 23, 0.7 mends 33 and spoils two (general words alone), and beyond 0.7 nothing changes.
TRUST = 0.7
# Logarithm of how much rarer an amount with wrong separators is than a misread separator.
MISSHAPEN = -4.0
_AMOUNT = re.compile(r"\d{1,3}(?:[.,]\d{3})*[.,]\d{2}")
_FOREIGN = re.compile(
    r"\d+[A-Za-z*°:|]+[\d.,]*\d{3,}|\d+[A-Za-z*°|][\d.]+\.\d\d|\d{4,}\.?\d?[A-Za-z=*°|]\d?|[A-Za-z€=*°|]\d{4,}\.\d\d"
)
# A long number that stands clearly elsewhere on the page (an amount and its total, a code) is e^2, seven times, as
# likely as another that differs by a digit.
REPEATED = 2.0
LONG = 6  # digits
NO_SHAPES = PageShapes()
_TINY = 1e-300

Beams = dict[tuple[int, ...], tuple[float, float, float]]


class Odds(Protocol):
    """How much likelier a character is after a text than anywhere, as a natural logarithm."""

    def odds(self, before: str, char: str) -> float: ...


@dataclass(frozen=True, slots=True)
class Steps:
    """What a line's steps say, few labels only. `labels[0]` is the blank; `p`: (steps, labels)."""

    labels: tuple[int, ...]
    p: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Decision:
    """The text chosen, the probability that it has among all candidates, and whether odds made the choice."""

    labels: tuple[int, ...]
    share: float
    by_odds: bool


def few(posteriors: NDArray[np.float32]) -> Steps:
    """The labels that any step of a line, (steps, classes), gives LEAST or more."""
    strong = np.flatnonzero(posteriors.max(axis=0) >= LEAST)
    labels = (ctc.BLANK, *(label for label in strong.tolist() if label != ctc.BLANK))
    return Steps(labels, np.ascontiguousarray(posteriors[:, list(labels)]))


def together(first: Steps, second: Steps) -> Steps:
    """The mean of two readings of one line with as many steps."""
    labels = (ctc.BLANK, *sorted({*first.labels, *second.labels} - {ctc.BLANK}))
    place = {label: k for k, label in enumerate(labels)}
    p = np.zeros((len(first.p), len(labels)), np.float32)
    for steps in (first, second):
        p[:, [place[label] for label in steps.labels]] += steps.p / 2
    return Steps(labels, p)


def emissions(steps: Steps, path: NDArray[np.int64]) -> tuple[ctc.Emission, ...]:
    """Characters along a path of places in `steps.labels`, one for each step."""
    return tuple(
        replace(
            e,
            label=steps.labels[e.label],
            runner_up=steps.labels[e.runner_up],
            others=tuple((steps.labels[label], p) for label, p in e.others),
            missed=steps.labels[e.missed],
        )
        for e in ctc.decode(steps.p, path)
    )


def greedy(steps: Steps) -> NDArray[np.int64]:
    """The path of each step's best label."""
    return np.asarray(steps.p.argmax(axis=1), np.int64)


def decide(
    steps: Steps,
    characters: Sequence[str],
    odds: Odds,
    before: str = "",
    repeated: frozenset[str] = frozenset(),
    shapes: PageShapes = NO_SHAPES,
) -> Decision:
    """The likeliest text with the odds of words and of numbers counted in, as places in `steps.labels`.

    `before`: the line that this one wraps. `repeated`: long numbers that stand clearly elsewhere on the page.
    `shapes`: those of the page's clear numbers.
    """
    texts = [characters[label] if k else "" for k, label in enumerate(steps.labels)]
    # Prefix -> probability that its last step was blank, that it was not, and the words' logarithmic odds.
    beams: Beams = {(): (1.0, 0.0, 0.0)}
    said: dict[tuple[tuple[int, ...], int], float] = {}

    def word_odds(last: tuple[int, ...], k: int) -> float:
        """TRUST in label k after the last two labels of a prefix: the same few are asked for at every step."""
        if (known := said.get((last, k))) is None:
            context = before[-2:] + "".join(texts[one] for one in last)
            said[last, k] = known = TRUST * odds.odds(context, texts[k])
        return known

    for row in steps.p.tolist():
        floor = max(LEAST, ODDS * max(row))
        beams = _widened(beams, [(k, p) for k, p in enumerate(row) if p >= floor], word_odds)
    by_sight = max(beams, key=lambda prefix: beams[prefix][0] + beams[prefix][1])
    worths: dict[tuple[int, ...], float] = {}
    for prefix, held in beams.items():
        text = "".join(texts[k] for k in prefix)
        again = REPEATED if text in repeated else 0.0
        worths[prefix] = _worth((prefix, held)) + misshapen(text) + again + shapes.odds(text)
    chosen = max(worths, key=worths.__getitem__)
    total = sum(math.exp(worth - worths[chosen]) for worth in worths.values())
    return Decision(chosen, 1.0 / total, chosen != by_sight)


def long_numbers(texts: Iterable[str]) -> frozenset[str]:
    """Those of the texts that are numbers of LONG digits or more."""
    return frozenset(t for t in texts if re.fullmatch(r"[\d.,]+", t) and sum(map(str.isdigit, t)) >= LONG)


def misshapen(text: str) -> float:
    """Logarithmic odds against a text that looks like a number but is none; 0 for any other.

    2.549.18 and 7,62 have the wrong separators; a letter or sign between digits (2C0.00, 210*599) is none.
    """
    if _AMOUNT.fullmatch(text):
        *groups, cents = re.split("[.,]", text)
        proper = ",".join(groups) + "." + cents
        return 0.0 if text in (proper, proper.replace(",", "")) else MISSHAPEN
    return MISSHAPEN if _FOREIGN.fullmatch(text) else 0.0


def _worth(item: tuple[tuple[int, ...], tuple[float, float, float]]) -> float:
    blank, other, odds = item[1]
    return math.log(blank + other + _TINY) + odds


def _widened(
    beams: Beams, options: Sequence[tuple[int, float]], word_odds: Callable[[tuple[int, ...], int], float]
) -> Beams:
    """The best prefixes after one more step. word_odds: of a label after the last two of a prefix."""
    new: Beams = {}

    def put(prefix: tuple[int, ...], blank: float, other: float, odds: float) -> None:
        had = new.get(prefix, (0.0, 0.0, odds))
        new[prefix] = (had[0] + blank, had[1] + other, odds)

    for prefix, (blank, other, odds) in beams.items():
        last = prefix[-1] if prefix else ctc.BLANK
        last_two = prefix[-2:]
        for k, p in options:
            if k == ctc.BLANK:
                put(prefix, (blank + other) * p, 0.0, odds)
                continue
            if k == last:
                put(prefix, 0.0, other * p, odds)
            start = blank if k == last else blank + other
            if start > 0:
                put((*prefix, k), 0.0, start * p, odds + word_odds(last_two, k))
    best = sorted(new.items(), key=_worth, reverse=True)[:WIDTH]
    most = max(blank + other for _, (blank, other, _) in best) or 1.0
    return {prefix: (blank / most, other / most, odds) for prefix, (blank, other, odds) in best}


def aligned(steps: Steps, labels: Sequence[int]) -> NDArray[np.int64]:
    """The likeliest path of places that spells `labels` (Viterbi over blank, label, blank …)."""
    spelled = [ctc.BLANK]
    for label in labels:
        spelled += [label, ctc.BLANK]
    states = np.array(spelled)
    # A label may follow the one before it without a blank between them, unless both are the same.
    leaps = np.zeros(len(states), bool)
    leaps[3::2] = states[3::2] != states[1:-2:2]
    logs = np.log(np.maximum(steps.p, 1e-12))[:, states]
    score = np.full(len(states), -np.inf)
    score[:2] = logs[0, :2]
    back = np.zeros(logs.shape, np.int64)
    for t in range(1, len(logs)):
        one = np.concatenate([[-np.inf], score[:-1]])
        two = np.where(leaps, np.concatenate([[-np.inf, -np.inf], score[:-2]])[: len(states)], -np.inf)
        choices = np.stack([score, one, two])
        back[t] = choices.argmax(axis=0)
        score = choices.max(axis=0) + logs[t]
    at = len(states) - 1 if len(states) == 1 or score[-1] >= score[-2] else len(states) - 2
    path = np.zeros(len(logs), np.int64)
    for t in range(len(logs) - 1, -1, -1):
        path[t] = states[at]
        at -= int(back[t, at])
    return path


def has_odds(steps: Steps, characters: Sequence[str]) -> bool:
    """Whether any alternative is a Chinese character or a digit, so that words or shapes have a say."""
    return any(is_chinese(characters[label]) or characters[label].isdigit() for label in steps.labels[1:])
