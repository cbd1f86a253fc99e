from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models import ctc

CLASSES = 7


def output(path: list[int], p: list[float]) -> NDArray[np.float32]:
    """A network's output whose greedy path is `path` with posterior p, the rest shared evenly."""
    rows = np.empty((len(path), CLASSES), np.float32)
    for step, (label, sure) in enumerate(zip(path, p, strict=True)):
        rows[step] = (1 - sure) / (CLASSES - 1)
        rows[step, label] = sure
    return rows


def decode(rows: NDArray[np.float32]) -> tuple[ctc.Emission, ...]:
    return ctc.decode(rows, rows.argmax(axis=1))


def collapsed(path: list[int]) -> list[int]:
    return [label for i, label in enumerate(path) if label != ctc.BLANK and (i == 0 or path[i - 1] != label)]


steps = st.lists(st.tuples(st.integers(0, CLASSES - 1), st.floats(0.3, 1.0)), max_size=40)


@given(steps)
def test_the_greedy_path_collapses_to_its_characters(drawn: list[tuple[int, float]]) -> None:
    path = [label for label, _ in drawn]
    read = decode(output(path, [p for _, p in drawn]))
    assert [e.label for e in read] == collapsed(path)


@given(steps)
def test_posteriors_are_probabilities_and_steps_go_forward(drawn: list[tuple[int, float]]) -> None:
    read = decode(output([label for label, _ in drawn], [p for _, p in drawn]))
    assert all(0 <= e.p <= 1 and 0 <= e.runner_up_p <= 1 for e in read)
    assert all(e.runner_up != e.label for e in read)
    assert all(a.step < b.step for a, b in itertools.pairwise(read))
    assert all(0 <= e.step <= len(drawn) - 1 for e in read)


@given(st.lists(st.integers(1, CLASSES - 1), min_size=1, max_size=12), st.integers(0, 11), st.floats(0.05, 0.3))
def test_a_character_that_a_blank_step_half_saw_lowers_a_neighbour(text: list[int], place: int, seen: float) -> None:
    path = [label for character in text for label in (character, ctc.BLANK, ctc.BLANK)]
    rows = output(path, [1.0] * len(path))
    assert np.prod([e.p for e in decode(rows)]) == 1.0
    gap = 3 * (place % len(text)) + 1
    beside = {0, text[place % len(text)], text[(place + 1) % len(text)]}
    other = next(label for label in range(CLASSES) if label not in beside)
    rows[gap, ctc.BLANK] -= seen
    rows[gap, other] += seen
    assert abs(np.prod([e.p for e in decode(rows)]) - (1 - seen)) < 1e-5


def test_a_blank_step_that_leans_to_its_own_neighbour_is_no_doubt() -> None:
    rows = output([3, 0, 0, 4], [1.0] * 4)
    rows[1, [0, 3]] = 0.6, 0.4
    rows[2, [0, 4]] = 0.6, 0.4
    assert [round(e.p, 5) for e in decode(rows)] == [1.0, 1.0]


def test_a_vanishing_gap_between_twins_is_a_doubt() -> None:
    """3, blank, 3 is "33"; were the blank a 3, it would be "3"."""
    rows = output([3, 0, 3], [1.0] * 3)
    assert [e.label for e in decode(rows)] == [3, 3]
    rows[1, [0, 3]] = 0.6, 0.4
    assert np.prod([e.p for e in decode(rows)]) < 0.65


def test_the_runner_up_is_the_second_at_the_surest_step() -> None:
    rows = output([0, 2, 2, 0], [1.0] * 4)
    rows[1, [2, 5]] = 0.6, 0.4
    rows[2, [2, 6]] = 0.9, 0.1
    (read,) = decode(rows)
    assert (read.label, read.runner_up) == (2, 6)
    assert abs(read.p - 0.9) < 1e-6
    assert abs(read.runner_up_p - 0.1) < 1e-6
    assert abs(read.step - (1 * 0.6 + 2 * 0.9) / 1.5) < 1e-6


def test_nothing_but_blanks_is_no_text() -> None:
    assert decode(output([0, 0, 0], [1.0] * 3)) == ()
    assert ctc.decode(np.empty((0, CLASSES), np.float32), np.empty(0, np.int64)) == ()
