"""Series of a table's columns and rows, and what breaks them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from extractor.trust.sequences import out_of_series
from tests.pageparts import Drawn, draw


@dataclass(frozen=True, slots=True)
class Headed:
    cells: tuple[Drawn, ...]
    header_rows: int = 1


def column(*texts: str) -> frozenset[int]:
    """Rows, from 0 below the header, that break a series of a column of labels or amounts."""
    cells = draw("项目 | 说明", *(f"{text} | " for text in texts))
    return frozenset(row - 1 for row, col in out_of_series(Headed(tuple(cells))) if col == 0)


def test_items_in_cells_over_several_columns_count_too() -> None:
    rows = (f"{text} 1x2 | 1.00" for text in ("1. 印制", "2. 宣传", "3. 监督", "1. 经费", "5. 维护"))
    cells = draw("项目 1x2 | 金额", *rows)
    assert {spot for spot in out_of_series(Headed(tuple(cells))) if spot[1] == 0} == {(4, 0)}


@pytest.mark.parametrize(
    ("texts", "odd"),
    [
        (("一、教育", "二、科技", "二、文化", "四、社保", "五、卫生"), {2}),
        (("一、教育", "二、科技", "三 文化", "四、社保", "五、卫生"), {2}),
        (("教育", "二、科技", "三、文化", "四、社保", "五、卫生"), {0}),
        (("十八、甲", "十九、乙", "二十、丙", "二十、丁", "二十二、戊"), {3}),
        (("一、教育", "二、科技", "三，文化", "四、社保", "五、卫生"), set()),
        (("一、教育", "其中：高等教育", "二、科技", "三、文化", "四、社保"), set()),
        (("一、教育", "二、科技", "四、社保", "五、卫生", "六、住房"), set()),
        (("一、收入", "二、支出", "三、结余", "一、人员", "二、公用", "三、项目"), set()),
        (("一、教育", "三 文化", "三、科技"), set()),
        (("1. 印制", "2. 宣传", "3. 监督", "1. 经费", "5. 维护"), {3}),
        (("1、差旅", "公务接待", "3、会议", "4、培训", "5、办公"), {1}),
        (("1. 印制", "2. 宣传", "1. 监督", "2. 经费", "2.50"), set()),
    ],
    ids=["twice", "no mark", "the first", "beyond ten", "another mark", "a part", "a gap", "begun anew", "too few",
         "in figures", "without its figure", "begun anew in figures"],
)
def test_items_are_numbered_without_gaps(texts: tuple[str, ...], odd: set[int]) -> None:
    assert column(*texts) == odd


@pytest.mark.parametrize(
    ("texts", "odd"),
    [
        (("1", "2", "3", "", "5", "6"), {3}),
        (("1", "2", "3", "1", "5", "6"), {3}),
        (("1", "2", "3", "4", "5", "6"), set()),
        (("1", "", "", "2", "3", "4"), set()),
        (("3", "8", "2", "9", "5", "4"), set()),
        (("01", "02", "03", "05", "99", "07"), set()),
    ],
    ids=["a blank", "another number", "whole", "rows without", "amounts", "codes"],
)
def test_serial_numbers_count_without_gaps(texts: tuple[str, ...], odd: set[int]) -> None:
    assert column(*texts) == odd


def test_numbers_of_columns_count_too() -> None:
    cells = draw("甲 | 乙 | 丙 | 丁 | 戊 | 己", "1 | 2 | 3 | | 5 | 6", "20 | 7.50 | 9.20 | 1.00 | 3.00 | 4.00")
    assert out_of_series(Headed(tuple(cells))) == {(1, 3)}


@pytest.mark.parametrize(
    ("texts", "odd"),
    [
        (("10.50", "7.25", "659.4", "3.00", "12.80", "1.11"), {2}),
        (("10.5", "7.25", "659.4", "3.17", "12.83", "1.11"), set()),
        (("10.50", "7.25", "659", "3.00", "12.80", "1.11"), set()),
        (("10.50", "7.2", "659.4", "3.00", "12.8", "1.11"), set()),
    ],
    ids=["a digit less", "not filled up", "a whole number", "mixed"],
)
def test_amounts_filled_up_with_zeros_have_as_many_digits(texts: tuple[str, ...], odd: set[int]) -> None:
    assert column(*texts) == odd
