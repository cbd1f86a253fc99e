"""Worn labels of the forms, restored where they can be one label only."""

from __future__ import annotations

import pytest

from extractor.elements import Char
from extractor.wording.labels import LABELS, restored


def _as(text: str, strange: float = 2.0) -> str:
    """The text as it is restored: characters left out, put in or taken for others."""
    found = restored([Char(mark, 0.99, 10.0 * k) for k, mark in enumerate(text)], strange)
    if found is None:
        return text
    (step,) = found.steps
    before, own, after = text[: step.at], text[step.at], text[step.at + 1 :]
    return before + {"before": step.text + own, "after": own + step.text, "": step.text}[step.beside] + after


@pytest.mark.parametrize(
    ("worn", "label"),
    [
        ("社会沙益指标", "社会效益指标"),
        ("时效指", "时效指标"),
        ("本指标", "成本指标"),
        ("其中:财政款", "其中:财政拨款"),
        ("服务对象满,度指标", "服务对象满意度指标"),
        ("绩x目标", "绩效目标"),
    ],
)
def test_what_is_no_words_and_near_one_label_is_that(worn: str, label: str) -> None:
    assert _as(worn) == label
    assert _as(worn, 0.0) == worn


@pytest.mark.parametrize(("dirty", "label"), [("二级指标。", "二级指标"), (",实际完成值", "实际完成值")])
def test_dirt_beside_a_label_is_left_out(dirty: str, label: str) -> None:
    assert _as(dirty, 0.0) == label


@pytest.mark.parametrize("text", ["量指标", "四级指标", "年度绩效目标表", "收入总计", "乙级指标"])
def test_what_may_be_another_is_left(text: str) -> None:
    assert _as(text) == text


def test_a_label_is_left_as_it_is() -> None:
    assert all(_as(label) == label for label in LABELS)
