"""Names with their class's code before them, and the one whose code does not fit its column's order."""

from __future__ import annotations

import pytest

from extractor.assemble import understand
from tests.pageparts import draw, page, part

LIST = ("205教育支出", "206科学技术支出", "207文化旅游支出", "208社会保障支出", "210卫生健康支出", "213农林水支出")


def _held_down(*names: str) -> list[str]:
    drawn = draw("项目 | 金额", *(f"{name} | 1{i}.00" for i, name in enumerate(names)))
    ((table, signed),) = understand([page(1, part(drawn, 1, n_cols=2, title="支出表"))]).signed
    return [cell.text for cell, signs in zip(table.cells, signed.cells, strict=True) if signs.text.series]


@pytest.mark.parametrize("odd", ["20文化旅游支出", "7文化旅游支出", "267文化旅游支出"])
def test_a_name_whose_code_lost_or_changed_a_digit_is_held_down(odd: str) -> None:
    assert _held_down(*LIST[:2], odd, *LIST[3:]) == [odd]


@pytest.mark.parametrize(
    "names",
    [
        LIST,
        (*LIST, "205教育支出", "208社会保障支出"),
        (*LIST[:3], "20701文化和旅游", "2070101行政运行", *LIST[3:]),
        ("200人参加培训", "260人参加培训", "50人参加培训", "210人参加培训", "12人参加培训", "230人参加培训"),
        (*LIST[:2], "7文化旅游支出", LIST[3]),
    ],
    ids=["in order", "begun anew", "its parts", "counts of people", "too few"],
)
def test_other_lists_are_left_alone(names: tuple[str, ...]) -> None:
    assert _held_down(*names) == []
