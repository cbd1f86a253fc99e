from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from extractor.assemble import understand
from extractor.elements import Box, Char, PageCell, PageLine, PageResult, PageTable, TextEvidence, TextLine
from extractor.joining.sureness import Sureness, sureness, told
from extractor.trust.confidence import believe
from extractor.trust.signs import MOST_BACKED, SignedTable
from models.calibration import calibration
from tests.pageparts import LEFT, RIGHT, ROW, TOP, draw, page, part

NUMBERS = draw("项目|预算数|决算数", "合计|6.00|6.00", "工资|1.00|1.00", "办公|2.00|2.00", "差旅|3.00|3.00", "其他||")


def signed(*pages: PageResult) -> list[SignedTable]:
    return [signs for _, signs in understand(pages).signed]


def with_line(table: PageTable, place: tuple[int, int], chars: Sequence[Char], **said: float) -> PageTable:
    """The table with one cell's text as read from a picture."""
    line = TextLine("".join(c.text for c in chars), Box(0, 0, 12.0 * len(chars), 12), tuple(chars))
    evidence = replace(TextEvidence(0.5, min(c.p for c in chars)), **said)  # type: ignore[arg-type]

    def changed(cell: PageCell) -> PageCell:
        if (cell.row, cell.col) != place:
            return cell
        return replace(cell, text=line.text, lines=(line,), evidence=evidence)

    return replace(table, cells=tuple(changed(cell) for cell in table.cells))


def read(text: str, p: float = 0.999) -> list[Char]:
    return [Char(char, p, 12.0 * i) for i, char in enumerate(text)]


@pytest.mark.parametrize("other", ["(", "（"])
def test_a_look_alike_is_no_rival(other: str) -> None:
    doubtful = Char("（", 0.55, 0.0, other, 0.4, ((")", 0.02),))
    assert Sureness.of(doubtful).p == pytest.approx(0.95)
    assert Sureness.of(doubtful).rival == 0.02


def test_another_character_is_a_rival_and_a_space_is_nothing() -> None:
    line = TextLine("3 万", Box(0, 0, 30, 10), (Char("3", 0.6, 0.0, "8", 0.4), Char(" ", 0.3), Char("万", 0.99)))
    assert sureness([line]) == [Sureness(0.6, 0.4, 0.4), Sureness(0.99, 0.0)]
    assert told("　") == ""


def test_a_doubtful_space_does_not_make_a_text_doubtful() -> None:
    spaced = [*read("205"), Char(" ", 0.4), *read("教育")]
    table = part(NUMBERS, 1, n_cols=3)
    (sure,) = signed(page(1, with_line(table, (2, 0), read("205教育"))))
    (same,) = signed(page(1, with_line(table, (2, 0), spaced)))
    at = [(c.row, c.col) for c in NUMBERS].index((2, 0))
    assert same.cells[at].text.worst == sure.cells[at].text.worst > 6


def test_a_character_left_out_is_seen_by_its_posterior_and_by_its_gap() -> None:
    gap = [Char(char, 0.999, x, missed="3" if x == 24 else "", missed_p=0.3 if x == 24 else 0.0)
           for char, x in zip("58000", (0.0, 24.0, 36.0, 48.0, 60.0), strict=True)]  # fmt: skip
    table = part(NUMBERS, 1, n_cols=3)
    (whole,) = signed(page(1, with_line(table, (2, 1), gap)))
    at = [(c.row, c.col) for c in NUMBERS].index((2, 1))
    assert whole.cells[at].text.missed == 0.3
    assert whole.cells[at].text.wide == pytest.approx(0.693, abs=0.01)


def test_what_words_say_of_a_cell_is_its_sign() -> None:
    (whole,) = signed(page(1, with_line(part(NUMBERS, 1, n_cols=3), (2, 0), read("忘计"), strange=3.5, worded=0.5)))
    assert [(cell.text.strange, cell.text.worded) for cell in whole.cells if cell.text.strange] == [(3.5, 0.5)]


def test_digits_without_chinese_are_a_number_and_one_character_may_be_a_rest() -> None:
    numbers = part(NUMBERS, 1, n_cols=3)
    at = [(c.row, c.col) for c in NUMBERS].index((2, 1))
    (table,) = signed(page(1, with_line(numbers, (2, 1), read("20805.", 0.6))))
    assert table.cells[at].text.kind == "number"
    assert table.cells[at].text.single == 0
    (table,) = signed(page(1, with_line(numbers, (2, 1), [*read("205", 0.6), *read("教育")])))
    assert table.cells[at].text.kind == "read"
    assert table.cells[at].text.single == 0
    (table,) = signed(page(1, with_line(numbers, (2, 1), read("年"))))
    assert table.cells[at].text.single == 1


def test_numbers_that_keep_a_sum_speak_for_their_neighbours() -> None:
    (whole,) = signed(page(1, part(NUMBERS, 1, n_cols=3)))
    by_place = {(c.row, c.col): signs for c, signs in zip(NUMBERS, whole.cells, strict=True)}
    assert by_place[2, 1].place.held == 1
    assert by_place[5, 1].text.kind == "blank"
    assert by_place[5, 1].text.column_held > by_place[5, 1].text.row_held == 0
    assert by_place[2, 0].place.row_held > 0
    assert by_place[2, 1].text.sound > 0


def test_a_row_that_only_numbers_the_columns_is_not_written_oddly() -> None:
    rows = draw("甲|乙|丙", "1|2|3", "合计|6.00|6.00", "工资|1.00|1.00", "办公|2.00|2.00", "差旅|3.00|3.00")
    (whole,) = signed(page(1, part(rows, 1, n_cols=3)))
    assert not any(cell.text.misfit for cell in whole.cells)


def test_a_false_line_through_a_row_is_seen_behind_it_only() -> None:
    table = part(NUMBERS, 1, n_cols=3)
    at = TOP + 3 * ROW

    def moved(cell: PageCell) -> PageCell:
        """The third line drawn in the middle of the third row."""
        x0, y0, x1, y1 = cell.box
        y0, y1 = (y - ROW / 2 if y == at else y for y in (y0, y1))
        corners = tuple(p._replace(y=y) for p, y in zip(cell.polygon, (y0, y0, y1, y1), strict=True))
        return replace(cell, box=Box(x0, y0, x1, y1), polygon=corners)  # type: ignore[arg-type]

    (whole,) = signed(page(1, replace(table, cells=tuple(moved(cell) for cell in table.cells))))
    low = {c.row: signs.place.low for c, signs in zip(NUMBERS, whole.cells, strict=True)}
    assert low[0] == low[1] == 1.0
    assert low[2] == low[5] == pytest.approx(0.5)
    assert whole.table.thin == pytest.approx(0.5)


@pytest.mark.parametrize(("x", "y", "count"), [(LEFT - 30, TOP + 20, 1), (RIGHT + 5, TOP + 20, 1), (LEFT, TOP - 9, 0)])
def test_text_beside_a_table_speaks_against_it(x: float, y: float, count: int) -> None:
    line = PageLine("单位名称", Box(x, y, x + 20, y + 8), 0.99)
    (whole,) = signed(page(1, part(NUMBERS, 1, n_cols=3), lines=(line,)))
    assert (whole.table.strays > 0) == bool(count)


def test_a_lost_line_is_seen_from_its_row_on() -> None:
    rows = draw("项目|预算数", "合计|6.00", "工资 办公|1.00 2.00", "差旅|3.00")
    (whole,) = signed(page(1, part(rows, 1, n_cols=2)))
    assert [signs.place.stacked > 0 for signs in whole.cells] == [False] * 4 + [True] * 4


@pytest.mark.parametrize(("text", "whole", "part_of"), [("级指标", "一级指标", True), ("二级指标", "一级指标", False)])
def test_a_text_that_stands_elsewhere_with_a_character_more_has_lost_one(text: str, whole: str, part_of: bool) -> None:
    rows = draw(f"{text}|数量", f"{whole}|1.00", f"{whole}|2.00", f"{whole}|3.00")
    (found,) = signed(page(1, part(rows, 1, n_cols=2)))
    assert (found.cells[0].text.part_of > 0) == part_of
    assert found.cells[2].text.part_of == 0


@pytest.mark.parametrize(
    ("text", "fringe"), [("持续.", 1), ("50201.", 1), ("、主要内容", 1), ("-", 0), ("其中：", 0), ("记录完整。", 0)]
)
def test_a_mark_that_no_text_ends_with_is_seen(text: str, fringe: int) -> None:
    rows = draw("项目|内容", f"工资|{text}", "办公|长期", "差旅|长期")
    (found,) = signed(page(1, part(rows, 1, n_cols=2)))
    assert found.cells[3].text.fringe == fringe


def test_a_weak_character_without_a_rival_is_not_contested() -> None:
    faint, doubted = Char("万", 0.6, runner_up="", runner_up_p=0.4), Char("万", 0.6, runner_up="方", runner_up_p=0.4)
    assert Sureness.of(faint).among == 1.0
    assert Sureness.of(doubted).among == pytest.approx(0.6)


def test_an_unsure_character_is_backed_by_other_cells_with_its_neighbour() -> None:
    rows = draw("项目|内容", "数量指标|长期", "可持续影响指标|长期", "服务对象满意度指标|长期")
    table = part(rows, 1, n_cols=2)
    weak = [Char("数", 0.99), Char("量", 0.99), Char("指", 0.6), Char("标", 0.99)]
    odd = [Char("长", 0.6), Char("期", 0.99)]
    (found,) = signed(page(1, with_line(with_line(table, (1, 0), weak), (1, 1), odd)))
    by_place = {(c.row, c.col): signs.text for c, signs in zip(rows, found.cells, strict=True)}
    assert by_place[1, 0].backed == pytest.approx(math.log1p(2))  # 指标 stands in two other cells
    assert by_place[1, 1].backed == pytest.approx(math.log1p(2))
    assert by_place[2, 0].backed == MOST_BACKED


@pytest.mark.parametrize(("sealed", "veiled"), [(0.2, 1.6), (0.0, 0.0)])
def test_two_texts_apart_in_a_cell_under_a_seal_may_hide_a_border(sealed: float, veiled: float) -> None:
    table = with_line(part(NUMBERS, 1, n_cols=3), (2, 0), read("数量单价"), hole=1.6, sealed=sealed)
    (whole,) = signed(page(1, table))
    assert whole.table.veiled == veiled


@pytest.mark.parametrize(
    ("codes", "odd"),
    [
        ("208 20805 2080501 2080505 210 21011 2101101", {}),
        ("208 20805 2080601 2080505 2080506 2080507 2080508 210 21011 2101101", {2: 2.0}),  # 20806 is nowhere
        ("208 20805 2080501 2080505 210 11011 2101101", {5: 1.0}),
        ("210 21011 2101101 2101102 208 20805 2080505", {}),  # a list that begins anew
        ("101 305 204 102 877 310 205", {}),  # no list of codes at all
    ],
)
def test_codes_out_of_their_columns_order_are_seen(codes: str, odd: dict[int, float]) -> None:
    rows = ["编码|名称|数", *(f"{code}|名称|{i}.00" for i, code in enumerate(codes.split()))]
    (whole,) = signed(page(1, part(draw(*rows), 1, n_cols=3)))
    found = [cell.text.disordered for cell in whole.cells[::3]]
    assert found == [0.0, *(odd.get(i, 0.0) for i in range(len(rows) - 1))]


@pytest.mark.parametrize(("exact", "odd"), [(False, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]), (True, [0.0] * 6)])
def test_a_text_layer_may_break_a_series(exact: bool, odd: list[float]) -> None:
    drawn = part(draw("项目 | 数", *(f"{n}、甲 | 1.00" for n in "一二二四五")), 1, n_cols=2)
    cells = tuple(replace(cell, evidence=replace(cell.evidence, exact=exact)) for cell in drawn.cells)
    (whole,) = signed(page(1, replace(drawn, cells=cells)))
    assert [cell.text.series for cell in whole.cells[::2]] == odd


def test_a_text_beside_a_character_that_was_not_read_is_not_believed_for_standing_elsewhere() -> None:
    table = part(draw("指标|值", "甲|95%", "乙|95%", "丙|95%"), 1, n_cols=2)
    lost = with_line(table, (3, 1), read("95%"), posterior=0.999, coverage=0.5)
    ((meant, signs),) = understand((page(1, lost),)).signed
    found = believe(meant, signs, calibration())
    assert found.cells[-1].text < 0.99


@pytest.mark.parametrize(("structure", "kind"), [("ruled", "exact"), ("partly_ruled", "open"), ("borderless", "open")])
def test_a_text_layer_makes_no_inferred_border_surer(structure: str, kind: str) -> None:
    table = replace(part(NUMBERS, 1, n_cols=3), structure=structure)
    exact = tuple(replace(cell, evidence=replace(cell.evidence, exact=True)) for cell in table.cells)
    (signs,) = signed(page(1, replace(table, cells=exact), source="text"))
    assert signs.table.kind == kind


@pytest.mark.parametrize("structure", ["borderless", "few_rules"])
def test_no_cell_of_a_table_whose_rows_no_rule_parts_is_all_but_certain(structure: str) -> None:
    table = replace(part(NUMBERS, 1, n_cols=3), structure=structure)
    ((meant, signs),) = understand((page(1, table),)).signed
    found = believe(meant, signs, None)
    assert max(cell.both for cell in found.cells) < 0.99
    assert found.grid < 0.99
