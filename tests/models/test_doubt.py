from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import doubt
from models.language import Language, chinese, learned

CHARACTERS = ["", "工", "资", "福", "利", "贷", "2", "5", "8", "0"]
BLANK, WAGE, SALARY, LUCK, GAIN, LOAN = range(6)


def steps(*rows: dict[int, float]) -> doubt.Steps:
    """Steps of a line from each step's shares; the blank has the rest."""
    p = np.zeros((len(rows), len(CHARACTERS)), np.float32)
    for t, row in enumerate(rows):
        for label, share in row.items():
            p[t, label] = share
        p[t, BLANK] += 1.0 - sum(row.values())
    return doubt.few(p)


def text(found: doubt.Steps, labels: tuple[int, ...]) -> str:
    return "".join(CHARACTERS[found.labels[k]] for k in labels)


@pytest.fixture(scope="module")
def wages() -> Language:
    return learned([("工作", 100), ("资金", 100), ("贷款", 100)], ["工资福利"])


def test_a_character_that_almost_vanished_comes_back_where_words_ask_for_it(wages: Language) -> None:
    line = steps({WAGE: 0.99}, {}, {SALARY: 0.15}, {}, {LUCK: 0.99}, {}, {GAIN: 0.99})
    decision = doubt.decide(line, CHARACTERS, wages)
    assert text(line, decision.labels) == "工资福利"
    assert decision.by_words


def test_words_choose_between_two_readings(wages: Language) -> None:
    line = steps({WAGE: 0.99}, {}, {LOAN: 0.6, SALARY: 0.3}, {}, {LUCK: 0.99}, {}, {GAIN: 0.99})
    assert text(line, doubt.decide(line, CHARACTERS, wages).labels) == "工资福利"


def test_a_clear_character_stands_whatever_words_say(wages: Language) -> None:
    line = steps({WAGE: 0.99}, {}, {LOAN: 0.995, SALARY: 0.002}, {}, {LUCK: 0.99}, {}, {GAIN: 0.99})
    decision = doubt.decide(line, CHARACTERS, wages)
    assert text(line, decision.labels) == "工贷福利"
    assert not decision.by_words


def test_nothing_is_read_that_the_recogniser_did_not_see(wages: Language) -> None:
    line = steps({WAGE: 0.99}, {}, {}, {}, {LUCK: 0.99}, {}, {GAIN: 0.99})
    assert text(line, doubt.decide(line, CHARACTERS, wages).labels) == "工福利"


def test_digits_have_no_odds() -> None:
    language = chinese()
    assert all(language.odds("2080", digit) == 0.0 for digit in "0123456789.,")
    assert language.odds("支出2", "0") == 0.0


def test_the_budgets_own_terms_are_known() -> None:
    language = chinese()
    assert language.odds("社会", "保") > 1.0
    assert language.odds("就", "业") > 3.0
    assert language.odds("沈", "业") < language.odds("就", "业")


@given(st.lists(st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4), min_size=1, max_size=9), st.data())
def test_the_path_of_a_text_spells_it(rows: list[list[float]], data: st.DataObject) -> None:
    p = np.array(rows, np.float32)
    line = doubt.Steps((0, 1, 2, 3), p / p.sum(axis=1, keepdims=True))
    decision = doubt.decide(line, CHARACTERS, Language())
    path = doubt.aligned(line, decision.labels).tolist()
    spelled = [k for i, k in enumerate(path) if k and (i == 0 or path[i - 1] != k)]
    assert tuple(spelled) == decision.labels


def test_two_readings_of_a_line_are_meant_label_by_label() -> None:
    first, second = steps({WAGE: 0.9}, {LUCK: 0.5}), steps({WAGE: 0.5, LOAN: 0.4}, {LUCK: 0.7})
    both = doubt.together(first, second)
    place = {label: k for k, label in enumerate(both.labels)}
    assert both.p[0, place[WAGE]] == pytest.approx(0.7)
    assert both.p[0, place[LOAN]] == pytest.approx(0.2)
    assert both.p.sum(axis=1) == pytest.approx([1.0, 1.0], abs=0.01)
