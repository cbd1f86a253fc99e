from __future__ import annotations

import pytest

from models.shapes import MOST, PageShapes, shape


@pytest.mark.parametrize(
    ("one", "other"),
    [("1,889.78", "2,104,549.18"), ("44.46", "578.15"), ("≥90%", "≧85%"), ("12人", "48人"), ("2101299", "2050204")],
)
def test_numbers_of_one_kind_have_one_shape(one: str, other: str) -> None:
    assert shape(one) == shape(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [("44.46", "44.4"), ("≥90%", "≥901"), ("100%", "290%"), ("1200.00", "1,200.00"), ("210129", "2101299")],
)
def test_numbers_of_two_kinds_have_two(one: str, other: str) -> None:
    assert shape(one) != shape(other)


@pytest.mark.parametrize("text", ["", "合计", "按照2021年度部门预算批复的文件要求执行"])
def test_words_have_none(text: str) -> None:
    assert shape(text) is None
    assert PageShapes([text]).odds(text) == 0.0


def test_whether_a_page_groups_its_thousands_is_not_told_by_hundreds() -> None:
    page = PageShapes(["200.00"] * 20)
    assert page.odds("1,200.00") == page.odds("1200.00") == 0.0


def test_odds_grow_with_what_a_page_shows_up_to_a_limit() -> None:
    once, often = PageShapes(["≥95%", "合计"]), PageShapes(["≥95%"] * 99)
    assert 0 < once.odds("≥90%") < often.odds("≥90%") == MOST
    assert often.odds("≥9u1") == 0.0


def test_a_share_that_is_bounded_is_usual_before_a_page_shows_one() -> None:
    assert PageShapes().odds("≥90%") > PageShapes().odds("≥906") + 2.0
    assert PageShapes().odds("≤15%") > PageShapes().odds("≤156") + 2.0
