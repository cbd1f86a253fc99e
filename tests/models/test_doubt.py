from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import doubt
from models.language import Language, PageLanguage, chinese, learned

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
    assert decision.by_odds


def test_words_choose_between_two_readings(wages: Language) -> None:
    line = steps({WAGE: 0.99}, {}, {LOAN: 0.6, SALARY: 0.3}, {}, {LUCK: 0.99}, {}, {GAIN: 0.99})
    assert text(line, doubt.decide(line, CHARACTERS, wages).labels) == "工资福利"


def test_a_clear_character_stands_whatever_words_say(wages: Language) -> None:
    line = steps({WAGE: 0.99}, {}, {LOAN: 0.995, SALARY: 0.002}, {}, {LUCK: 0.99}, {}, {GAIN: 0.99})
    decision = doubt.decide(line, CHARACTERS, wages)
    assert text(line, decision.labels) == "工贷福利"
    assert not decision.by_odds


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


def number(*rows: dict[str, float]) -> tuple[doubt.Steps, list[str]]:
    signs = ["", *sorted({sign for row in rows for sign in row})]
    p = np.zeros((len(rows), len(signs)), np.float32)
    for t, row in enumerate(rows):
        for sign, share in row.items():
            p[t, signs.index(sign)] = share
        p[t, 0] += 1.0 - sum(row.values())
    return doubt.Steps(tuple(range(len(signs))), p), signs


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([{"7": 0.99}, {",": 0.85, ".": 0.1}, {"6": 0.99}, {"2": 0.99}], "7.62"),
        ([{"2": 0.99}, {"C": 0.7, "0": 0.2}, {}, {"0": 0.99}, {".": 0.99}, {"0": 0.99}, {}, {"0": 0.99}], "200.00"),
        ([{"1": 0.99}, {"2": 0.99}, {":": 0.8, ".": 0.1}, {"3": 0.99}, {"0": 0.99}], "12:30"),
        ([{"6": 0.55, "8": 0.44}, {"9": 0.99}, {".": 0.99}, {"4": 0.99}, {"0": 0.99}], "69.40"),
    ],
)
def test_shapes_that_no_number_has_give_way_and_digits_do_not(rows: list[dict[str, float]], wanted: str) -> None:
    line, signs = number(*rows)
    decision = doubt.decide(line, signs, Language())
    assert "".join(signs[k] for k in decision.labels) == wanted


def test_a_wrapped_character_goes_with_the_line_above() -> None:
    line, signs = number({"日": 0.8, "目": 0.19})
    alone, wrapped = (doubt.decide(line, signs, chinese(), before) for before in ("", "经常性项"))
    assert [signs[d.labels[0]] for d in (alone, wrapped)] == ["日", "目"]


def test_a_pages_own_names_count_where_they_stand_clearly_elsewhere() -> None:
    page = PageLanguage(Language(), ["东岙湖区税务局"])
    assert page.odds("东", "岙") > 1.0
    assert page.odds("东", "奥") == 0.0


def test_an_amount_that_stands_clearly_elsewhere_is_likelier_than_one_digit_beside_it() -> None:
    rows = [{d: 0.99} for d in "85431"] + [{"3": 0.6, "8": 0.35}, {"9": 0.99}, {"3": 0.99}]
    line, signs = number(*rows)
    known = doubt.long_numbers(["85431893", "12", "合计"])
    chosen = [doubt.decide(line, signs, Language(), "", repeated) for repeated in (frozenset(), known)]
    assert ["".join(signs[k] for k in decision.labels) for decision in chosen] == ["85431393", "85431893"]


def test_a_sign_or_letter_at_a_numbers_end_is_none() -> None:
    assert doubt.misshapen("63450000.0C") < 0
    assert doubt.misshapen("€3450000.00") < 0
    assert all(doubt.misshapen(text) == 0 for text in ("63450000.00", "12:30", "A4", "2019-2020", "1.2.3", "45%", "3D"))
