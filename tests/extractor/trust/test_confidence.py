from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.elements import TextEvidence
from extractor.trust.confidence import cell_confidence, line_confidence, table_confidence

shares = st.floats(0, 1)
evidences = st.builds(
    TextEvidence,
    posterior=st.none() | shares,
    weakest=shares,
    coverage=shares,
    ink=st.floats(0, 0.6),
    exact=st.booleans(),
)
texts = st.sampled_from(["", "收入", "1,728.90"])
SURE = TextEvidence(posterior=1.0, weakest=1.0, coverage=1.0, ink=0.1)


@given(shares, evidences, texts)
def test_beliefs_are_probabilities_and_no_cell_is_certain(place: float, evidence: TextEvidence, text: str) -> None:
    belief = cell_confidence(place, evidence, text)
    assert 0 <= belief.text < 1
    assert 0 <= belief.place <= place
    assert belief.place < 1
    assert belief.both <= min(belief.text, belief.place)


@given(shares, evidences, texts, st.data())
def test_less_evidence_never_makes_a_cell_surer(
    place: float, evidence: TextEvidence, text: str, data: st.DataObject
) -> None:
    worse = replace(
        evidence,
        posterior=evidence.posterior and data.draw(st.floats(0, evidence.posterior)),
        coverage=data.draw(st.floats(0, evidence.coverage)),
    )
    before = cell_confidence(place, evidence, text)
    after = cell_confidence(data.draw(st.floats(0, place)), worse, text)
    assert after.text <= before.text + 1e-12
    assert after.place <= before.place
    assert after.both <= before.both + 1e-12


@given(st.floats(0, 0.6), st.floats(0, 0.6))
def test_an_empty_cell_is_the_more_doubtful_the_more_ink_is_in_it(a: float, b: float) -> None:
    more, less = (cell_confidence(1, TextEvidence(ink=ink), "").text for ink in (max(a, b), min(a, b)))
    assert more <= less


def test_an_empty_cell_with_a_word_of_ink_in_it_is_doubtful() -> None:
    blank, speck, word = (cell_confidence(1, TextEvidence(ink=ink), "").text for ink in (0.0, 0.003, 0.06))
    assert blank > 0.99
    assert blank > speck > word
    assert word < 0.5


def test_text_that_nothing_speaks_for_is_doubtful() -> None:
    assert cell_confidence(1, TextEvidence(posterior=None, ink=0.1), "收入").text <= 0.6


def test_ink_outside_the_lines_read_makes_text_doubtful() -> None:
    whole, most, half = (cell_confidence(1, replace(SURE, coverage=c), "收入").text for c in (1.0, 0.9, 0.5))
    assert whole > most > half
    assert half < 0.5


def test_a_text_layer_is_trusted_more_than_the_best_reading() -> None:
    exact = cell_confidence(1, TextEvidence(1.0, 1.0, exact=True), "收入").text
    read = cell_confidence(1, replace(SURE, posterior=0.999), "收入").text
    assert 0.99 < read < exact < 1


@given(shares, shares)
def test_a_line_is_as_sure_as_its_characters(a: float, b: float) -> None:
    assert 0 <= line_confidence(min(a, b)) <= line_confidence(max(a, b)) < 1


@given(st.lists(shares, min_size=1, max_size=30), st.integers(0, 29), st.data())
def test_a_table_is_no_surer_than_its_worst_cell(places: list[float], k: int, data: st.DataObject) -> None:
    whole = table_confidence(places)
    assert 0 <= whole <= min(places)
    assert whole < 1
    k %= len(places)
    worse = [*places[:k], data.draw(st.floats(0, places[k])), *places[k + 1 :]]
    assert table_confidence(worse) <= whole + 1e-12
    assert table_confidence([*places, places[k]]) <= whole + 1e-12


def test_a_large_table_needs_surer_cells() -> None:
    assert table_confidence([0.99] * 10) == pytest.approx(0.95, abs=0.02)
    assert table_confidence([0.99] * 400) < 0.2
