from __future__ import annotations

import pytest

from extractor.knownwords import Wording
from models.strange import cut, wording


@pytest.mark.parametrize(
    ("right", "misread"),
    [
        ("总计", "忘计"),
        ("科目名称", "科山名称"),
        ("受益居民满意度", "之益居民满意度"),
        ("举报投诉线索开展专项检查", "举报投诉线索升展专项检查"),
    ],
)
def test_a_misread_character_leaves_a_strange_text(right: str, misread: str) -> None:
    assert wording(right).strange < wording(misread).strange
    assert wording(right).worded > wording(misread).worded


def test_common_words_numbers_and_nothing_are_not_strange() -> None:
    assert [wording(text).strange for text in ("", "1,234.56", "≥90%", "财政拨款", "基本支出和项目支出")] == [0.0] * 5


def test_a_word_broken_over_two_lines_is_one() -> None:
    assert wording("一般公共预算拨\n款收入") == wording("一般公共预算拨款收入")


def test_a_text_without_chinese_has_no_word_to_know() -> None:
    assert wording("1,234.56") == Wording(0.0, 1.0)


def test_the_likeliest_words_are_cut() -> None:
    words = {"财政": 50, "拨款": 40, "政拨": 1}
    assert cut("财政拨款", words, 100) == ["财政", "拨款"]
    assert cut("财拨款", words, 100) == ["财", "拨款"]
    assert cut("", words, 100) == []
