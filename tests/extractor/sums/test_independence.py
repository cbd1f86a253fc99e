"""What sums say nothing about: numbers that may be misread alike, and a last digit that only rounding would excuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from extractor.assemble import Understood, understand
from extractor.elements import Box, Char, PageCell, TextEvidence, TextLine
from extractor.sums.independence import doubtful
from tests.pageparts import draw, page, part

HEAD = "单位 | 合计 | 工资 | 会议费"
ONE_PART = ("本级 | 10.6 | 10.6 |", "所属一所 | 34.9 | 21.6 | 13.3", "所属二所 | 12.4 | 2.1 | 10.3")


def _understood(rows: Sequence[str], unsure: dict[tuple[int, int], Sequence[float]]) -> Understood:
    """A table with numbers as read from a picture, `unsure`: the posteriors of their characters, by place."""
    table = part(draw(HEAD, *rows), 1, n_cols=4, title="支出表")

    def read(cell: PageCell) -> PageCell:
        if (cell.row, cell.col) not in unsure:
            return cell
        own = zip(cell.text, unsure[cell.row, cell.col], strict=True)
        chars = tuple(Char(char, p, 12.0 * i) for i, (char, p) in enumerate(own))
        line = TextLine(cell.text, Box(0, 0, 12.0 * len(chars), 12), chars)
        return replace(cell, lines=(line,), evidence=TextEvidence(0.5, min(char.p for char in chars)))

    return understand([page(1, replace(table, cells=tuple(map(read, table.cells))))])


def _held(said: Understood, *spots: tuple[int, int]) -> list[int]:
    return [said.seen[table, *spot].held if (table, *spot) in said.seen else 0
            for spot in spots for table in [said.signed[0][0].id]]  # fmt: skip


FIRST, SECOND = (0.5, 0.99, 0.99, 0.99), (0.99, 0.99, 0.99, 0.5)


@pytest.mark.parametrize(
    ("total", "own", "held"),
    [(FIRST, FIRST, [0, 0]), (FIRST, SECOND, [1, 1]), (FIRST, (0.99,) * 4, [1, 1])],
    ids=["the same digit", "another digit", "a sure one"],
)
def test_a_total_proves_its_one_part_only_where_not_the_same_digit_is_in_doubt(
    total: Sequence[float], own: Sequence[float], held: list[int]
) -> None:
    assert _held(_understood(ONE_PART, {(1, 1): total, (1, 2): own}), (1, 1), (1, 2)) == held


def test_a_digit_misread_in_a_total_and_in_a_part_keeps_their_sum_and_the_other_part_is_proved() -> None:
    rows = ("本级 | 132.3 | 131.2 | 1.1", *ONE_PART[1:])
    doubt = (0.5, 0.99, 0.99, 0.99, 0.99)
    assert _held(_understood(rows, {(1, 1): doubt, (1, 2): doubt}), (1, 1), (1, 2), (1, 3)) == [0, 0, 1]


def test_of_two_parts_one_misread_breaks_the_sum_whatever_the_other_is() -> None:
    rows = ("本级 | 262.4 | 131.2 | 131.2", *ONE_PART[1:])
    doubt = (0.5, 0.99, 0.99, 0.99, 0.99)
    assert _held(_understood(rows, {(1, 2): doubt, (1, 3): doubt}), (1, 2), (1, 3)) == [1, 1]


def test_a_text_said_elsewhere_with_the_same_digit_in_doubt_is_not_known_by_it() -> None:
    rows = ("本级 | 10.6 | 10.6 |", "所属一所 | 34.9 | 21.6 | 13.3")

    def known(own: Sequence[float], other: Sequence[float]) -> list[float]:
        ((table, signed),) = _understood(rows, {(1, 1): own, (1, 2): other}).signed
        return [
            cell.text.known > 0 for one, cell in zip(table.cells, signed.cells, strict=True) if one.text == "10.6"
        ]

    assert known(FIRST, FIRST) == [False, False]
    assert known(FIRST, SECOND) == [True, True]


def test_of_a_number_put_in_by_sums_every_digit_is_in_doubt() -> None:
    ((table, _),) = _understood(ONE_PART, {}).signed
    cell = next(one for one in table.cells if one.text == "34.9")
    assert not doubtful(cell)
    assert doubtful(replace(cell, read_as="84.9")) == {(1, "3"), (0, "4"), (99, "."), (-1, "9")}


def _rows(last: str) -> list[str]:
    return [*(f"单位{i} | {10 + 2 * i} | {i} | {10 + i}" for i in range(1, 8)), last]


def test_a_sum_that_strays_by_its_last_digit_proves_nothing_where_all_others_are_exact() -> None:
    assert _held(_understood(_rows("单位八 | 345 | 225 | 119"), {}), (8, 1), (8, 2), (1, 1)) == [0, 0, 1]
    assert _held(_understood(_rows("单位八 | 344 | 225 | 119"), {}), (8, 1), (8, 2)) == [1, 1]


def test_a_document_that_rounds_keeps_its_evidence() -> None:
    rows = [*_rows("单位八 | 345 | 225 | 119"), "单位九 | 31 | 15 | 15", "单位十 | 46 | 22 | 25"]
    assert _held(_understood(rows, {}), (8, 1), (9, 1), (10, 1)) == [1, 1, 1]
