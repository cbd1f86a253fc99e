"""Signs in amounts that wear made others of: told by how the column writes its amounts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.extractor.wording.test_wordings import changed, least, read

HEAD = "科目名称 | 合计"


def _column(*texts: str) -> Sequence[str]:
    return (HEAD, *(f"项目{k} | {text}" for k, text in enumerate(texts)))


@pytest.mark.parametrize(
    ("read", "told"),
    [("13:50", "13.50"), ("0:00", "0.00"), ("5;002.50", "5,002.50"), ("12,345:67", "12,345.67"), ("(12:30)", "(12.30)"),
     ("1:239:261:02", "1,239,261.02")],
)  # fmt: skip
def test_a_sign_among_amounts_with_cents(read: str, told: str) -> None:
    rows = _column("1,234.50", read, "16.25", "88.88", "7.00")
    assert changed(rows, {}) == {(2, 1): told}


def test_a_comma_that_lost_its_tail_among_whole_amounts() -> None:
    rows = _column("1,100", "4.400", "3,300", "7,700", "900")
    assert changed(rows, {}) == {(2, 1): "4,400"}
    cell = read(rows, {})[2, 1]
    assert "by_words" in cell.flags
    assert least(cell) <= 0.95


@pytest.mark.parametrize(
    "texts",
    [
        ("9:30", "10:15", "14:00", "16.25", "8:45"),
        ("1,100", "4.400", "3,300", "7,700", "0.125"),
        ("1,100.00", "4.400", "3,300.00", "7,700.00", "9.00"),
        ("1.100", "4.400", "3.300", "7.700", "9.000"),
        ("16.25", "88.88", "7.00", "1:5", "9.50"),
    ],
    ids=["times", "three decimals", "cents", "nothing tells", "no amount"],
)  # fmt: skip
def test_what_the_column_does_not_tell_stays(texts: Sequence[str]) -> None:
    assert changed(_column(*texts), {}) == {}


@pytest.mark.parametrize(
    ("text", "others", "told"),
    [
        ("284 16", ("1,234.50", "16.25", "88.88"), "284.16"),
        ("12,284 16", ("1,234.50", "16.25", "88.88"), "12,284.16"),
        ("857 795856", ("166.41273", "48.707135", "110.108564"), "857.795856"),
    ],
)
def test_a_point_that_was_worn_off_comes_back_where_its_blank_is_left(
    text: str, others: Sequence[str], told: str
) -> None:
    cell = read(_column(text, *others), {})[1, 1]
    assert cell.text == told
    assert cell.parts[0][1].lines[0].text == told
    assert least(cell) <= 0.95


@pytest.mark.parametrize("others", [("1,234", "16", "88"), ("1,234.5", "16.2", "88.8"), ("甲", "乙", "丙")])
def test_a_blank_in_a_number_that_nothing_tells_is_doubted(others: Sequence[str]) -> None:
    cell = read(_column("284 16", *others), {})[1, 1]
    assert cell.text == "284 16"
    assert least(cell) <= 0.5


def test_codes_that_are_set_with_a_blank_stay() -> None:
    cell = read(_column("208 16", "208 17", "210 01", "210 02"), {})[1, 1]
    assert cell.text == "208 16"
    assert least(cell) > 0.9
