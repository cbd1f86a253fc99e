"""Amounts a digit away from one that the document says more often."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.extractor.test_wordings import least, read

HEAD = "科目名称 | 合计"


def _column(*texts: str) -> Sequence[str]:
    return (HEAD, *(f"项目{k} | {text}" for k, text in enumerate(texts)))


def test_an_amount_one_digit_from_one_said_more_often_is_doubted() -> None:
    cells = read(_column("2,519.18", "2,549.18", "2,549.18", "16.25"), {})
    assert cells[1, 1].text == "2,519.18"
    assert least(cells[1, 1]) <= 0.5
    assert all(least(cells[row, 1]) > 0.9 for row in (2, 3, 4))


@pytest.mark.parametrize(
    "texts",
    [
        ("1,600.00", "1,200.00", "1,200.00"),
        ("2,519.18", "2,549.18"),
        ("210,110.5", "210,150.6", "210,150.6"),
        ("2101101", "2101501", "2101501"),
        ("12.5", "12.4", "12.4"),
    ],
    ids=["round", "as often", "two digits", "codes", "short"],
)
def test_numbers_that_may_well_differ_stay(texts: Sequence[str]) -> None:
    cells = read(_column(*texts), {})
    assert all(least(cells[row + 1, 1]) > 0.9 for row in range(len(texts)))
