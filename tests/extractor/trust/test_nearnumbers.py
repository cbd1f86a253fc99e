"""Amounts a digit away from one that the document says more often."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from extractor.assemble import understand
from tests.pageparts import draw, page, part


def _held_down(*texts: str, labels: str = "") -> list[str]:
    """Which of a column's numbers no sign lets be believed."""
    names = labels.split() or [f"项目{k}" for k in range(len(texts))]
    rows = ("科目名称 | 预算数", *(f"{name} | {text}" for name, text in zip(names, texts, strict=True)))
    ((table, signed),) = understand([page(1, part(draw(*rows), 1, n_cols=2, title="支出表"))]).signed
    return [cell.text for cell, signs in zip(table.cells, signed.cells, strict=True) if signs.text.series]


def test_an_amount_one_digit_from_one_said_more_often_is_held_down() -> None:
    assert _held_down("2,519.18", "2,549.18", "2,549.18", "16.25") == ["2,519.18"]


def test_of_two_said_as_often_what_no_sum_proves_is_held_down() -> None:
    assert _held_down("2,519.18", "2,549.18") == ["2,519.18", "2,549.18"]
    assert _held_down("2,549.18", "2,000.18", "549.00", "2,519.18", labels="合计 一、甲 二、乙 附注") == ["2,519.18"]


@pytest.mark.parametrize(
    "texts",
    [
        ("1,600.00", "1,200.00", "1,200.00"),
        ("210,110.5", "210,150.6", "210,150.6"),
        ("2101101", "2101501", "2101501"),
        ("12.5", "12.4", "12.4"),
    ],
    ids=["round", "two digits", "codes", "short"],
)
def test_numbers_that_may_well_differ_are_not(texts: Sequence[str]) -> None:
    assert _held_down(*texts) == []
