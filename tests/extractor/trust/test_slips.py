"""Numbers of which one digit, read otherwise, would make their broken sum hold."""

from __future__ import annotations

import pytest

from extractor.assemble import understand
from tests.pageparts import draw, page, part


def _held_down(*texts: str) -> list[str]:
    """Which of a row's numbers no sign lets be believed: a total beside its parts."""
    rows = ("单位 | 合计 | 工资 | 会议费 | 培训费", "本级 | " + " | ".join(texts))
    ((table, signed),) = understand([page(1, part(draw(*rows), 1, n_cols=5, title="支出表"))]).signed
    return [cell.text for cell, signs in zip(table.cells, signed.cells, strict=True) if signs.text.series]


def test_the_one_number_that_a_single_digit_would_mend_is_held_down() -> None:
    assert _held_down("2,221.43", "660.10", "1,282.56", "281.77") == ["2,221.43"]


@pytest.mark.parametrize(
    "texts",
    [
        ("2,224.43", "660.10", "1,282.56", "281.77"),
        ("2,258.97", "660.10", "1,282.56", "281.77"),
        ("2,221.43", "660.10", "1,282.56", "271.77"),
    ],
    ids=["holds", "two digits", "another number as well"],
)
def test_numbers_of_other_sums_are_not(texts: tuple[str, ...]) -> None:
    assert _held_down(*texts) == []
