from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.elements import PageResult
from extractor.joining.columns import unite
from extractor.joining.overpages import WholeCell, WholeTable, join_over_pages
from tests.pageparts import Drawn, cut, draw, page, part, size, spelled

BUDGET = draw(
    "科目编码 2x1 | 科目名称 2x1 | 合计 2x1 | 其中 1x2",
    "基本支出 | 项目支出",
    "201 | 一般公共服务支出 | 30.00 | 10.00 | 20.00",
    "20131 | 党委办公厅及相关机构事务 | 30.00 | 10.00 | 20.00",
    "208 | 社会保障和就业支出 | 4.00 | 4.00 | ",
    "20805 | 行政事业单位养老支出 | 4.00 | 4.00 | ",
    "合计 1x2 | 34.00 | 14.00 | 20.00",
)
# As in a real procurement table: groups start with a row whose first cells are filled, their details leave them empty.
PURCHASES = draw(
    "品目大类 | 专项名称 | 经济科目 | 物品名称 | 总计",
    "合计 | | | | 60.00",
    "货物 | | | | 50.00",
    " | 设备购置费 | 办公设备 | | 50.00",
    " 2x1 | 2x1 | 2x1 | 计算机 | 30.00",
    "打印机 | 20.00",
    " | 会议费 | 培训 | | 10.00",
    " 2x1 | 2x1 | 2x1 | 会议服务 | 4.00",
    "住宿服务 | 6.00",
)
PERFORMANCE = draw(
    "项目名称 | 医疗救助 1x4",
    "主管部门 | 医疗保障局 | 实施单位 | 医保中心 1x2",
    "绩效指标 7x1 | 一级指标 | 二级指标 | 三级指标 | 指标值",
    "产出指标 4x1 | 数量指标 2x1 | 救助人数 | ≥300人",
    "救助次数 | ≥500次",
    "质量指标 | 救助准确率 | 100%",
    "时效指标 | 拨付及时率 | ≥95%",
    "效益指标 | 社会效益 | 减轻负担 | 明显",
    "满意度指标 | 服务对象满意度 | 患者满意度 | ≥90%",
    "备注 | 无 1x4",
)


def joined(*pages: PageResult) -> tuple[WholeTable, ...]:
    found = join_over_pages(pages)
    for table in found:
        covered = [(c.row + i, c.col + j) for c in table.cells for i in range(c.row_span) for j in range(c.col_span)]
        assert sorted(covered) == [(i, j) for i in range(table.n_rows) for j in range(table.n_cols)]
    return found


def rejoined(form: Sequence[Drawn], at: int, n_cols: int) -> tuple[WholeCell, ...]:
    """Cells of a form that a page break cut above row `at`, put together again."""
    above, below = cut(form, at)
    (table,) = joined(page(1, part(above, 1, n_cols=n_cols)), page(2, part(below, 2, n_cols=n_cols)))
    return table.cells


def test_a_table_goes_on_without_its_header() -> None:
    above, below = cut(BUDGET, 4)
    (table,) = joined(page(1, part(above, 1, n_cols=5, title="支出表", unit="万元")), page(2, part(below, 2, n_cols=5)))
    assert table.pages == (1, 2)
    assert spelled(table.cells) == spelled(BUDGET)


@pytest.mark.parametrize("title", [None, "2020年支出预算表", "2020年支出预算表（续）", "续表"])
def test_a_repeated_header_and_title_stand_once(title: str | None) -> None:
    above, below = cut(BUDGET, 4)
    header = [c for c in BUDGET if c.row < 2]
    below = header + [Drawn(c.row + 2, c.col, c.row_span, c.col_span, c.text) for c in below]
    (table,) = joined(
        page(1, part(above, 1, n_cols=5, title="2020年支出预算表")), page(2, part(below, 2, n_cols=5, title=title))
    )
    assert spelled(table.cells) == spelled(BUDGET)


def test_a_misread_repeated_header_is_still_dropped() -> None:
    above, below = cut(BUDGET, 4)
    header = [Drawn(c.row, c.col, c.row_span, c.col_span, c.text.replace("科目", "料目")) for c in BUDGET if c.row < 2]
    below = header + [Drawn(c.row + 2, c.col, c.row_span, c.col_span, c.text) for c in below]
    (table,) = joined(page(1, part(above, 1, n_cols=5)), page(2, part(below, 2, n_cols=5, shift=0.012)))
    assert spelled(table.cells) == spelled(BUDGET)


def test_blank_groups_of_a_procurement_table_stay_apart() -> None:
    """As d1's pages 12 and 13: title and header printed again, the break between two groups of blanks."""
    above, below = cut(PURCHASES, 6)
    header = [c for c in PURCHASES if c.row < 1]
    below = header + [Drawn(c.row + 1, c.col, c.row_span, c.col_span, c.text) for c in below]
    (table,) = joined(
        page(12, part(above, 12, n_cols=5, title="2017年政府采购预算表")),
        page(13, part(below, 13, n_cols=5, title="2017年政府采购预算表")),
    )
    assert spelled(table.cells) == spelled(PURCHASES)


def test_a_blank_group_cut_in_two_is_one() -> None:
    longer = draw(
        "品目大类 | 专项名称 | 经济科目 | 物品名称 | 总计",
        "货物 | | | | 50.00",
        " | 设备购置费 | 办公设备 | | 50.00",
        " 4x1 | 4x1 | 4x1 | 计算机 | 30.00",
        "打印机 | 5.00",
        "复印机 | 5.00",
        "家具 | 10.00",
    )
    assert spelled(rejoined(longer, 5, n_cols=5)) == spelled(longer)


@pytest.mark.parametrize("at", range(2, 10))
@pytest.mark.parametrize("text_above", [True, False])
def test_spanning_names_close_over_the_break(at: int, text_above: bool) -> None:
    """A spanning cell's text may stand in either part; borders that one page hides come back."""
    above, below = cut(PERFORMANCE, at, text_above=text_above)
    (table,) = joined(page(1, part(above, 1, n_cols=5)), page(2, part(below, 2, n_cols=5)))
    assert spelled(table.cells) == spelled(PERFORMANCE)
    crossing = [c for c in PERFORMANCE if c.row < at < c.row + c.row_span]
    assert sum(len(c.parts) == 2 for c in table.cells) == len(crossing)


def test_a_name_goes_on_over_the_break_with_what_it_spans() -> None:
    """The column of the office has no other name to tell that it is never blank."""
    form = draw(
        "单位 | 项目 | 一级指标 | 二级指标 | 指标值",
        "图书馆 7x1 | 采集 3x1 | 产出指标 2x1 | 数量 | ≥3",
        "质量 | 85%",
        "效益指标 | 社会 | 良好",
        "平台 4x1 | 产出指标 2x1 | 质量 | 90%",
        "时效 | 及时",
        "效益指标 | 社会 | 较好",
        "满意度指标 | 对象 | 80%",
    )
    assert spelled(rejoined(form, 7, n_cols=5)) == spelled(form)


def test_another_block_of_a_form_does_not_tell_what_is_blank() -> None:
    """The column of the second indicators is blank above the funds, far above the break."""
    form = draw(
        "项目名称 | 医疗救助 1x3",
        "主管部门 | 医疗保障局 1x3",
        "项目资金 3x1 | | 预算数 | 执行数",
        "总额 | 3.00 | 2.00",
        "其中：财政 | 3.00 | 2.00",
        "绩效指标 7x1 | 二级指标 | 三级指标 | 指标值",
        "数量指标 | 救助人数 | ≥300人",
        "质量指标 | 救助准确率 | 100%",
        "社会效益 | 减轻负担 | 明显",
        "可持续影响 2x1 | 年限 | 良好",
        "制度 | 良好",
        "满意度 | 患者 | 80%",
    )
    assert spelled(rejoined(form, 10, n_cols=4)) == spelled(form)


def test_a_name_split_between_the_pages_is_joined() -> None:
    above, below = cut(PERFORMANCE, 5)
    above = [
        Drawn(*(c.row, c.col, c.row_span, c.col_span), "产出指" if c.text == "产出指标" else c.text) for c in above
    ]
    below = [Drawn(c.row, c.col, c.row_span, c.col_span, "标" if (c.row, c.col) == (0, 1) else c.text) for c in below]
    (table,) = joined(page(1, part(above, 1, n_cols=5)), page(2, part(below, 2, n_cols=5)))
    assert spelled(table.cells) == spelled(PERFORMANCE)


def test_a_row_cut_in_the_middle_is_one_row() -> None:
    first = "负责贯彻执行国家和省医疗保障法律法规，拟订全县医疗保障政策规划并组织"
    second = "实施；承办县委县政府交办的其他事项。"
    whole = draw(
        "部门名称 | 医疗保障局", "填报人 | 某某", "年度任务 | 无", f"部门职能概述 | {first}{second}", "备注 | 无"
    )
    above = draw("部门名称 | 医疗保障局", "填报人 | 某某", "年度任务 | 无", f"部门职能概述 | {first}")
    below = draw(f" | {second}", "备注 | 无")
    (table,) = joined(page(1, part(above, 1, n_cols=2)), page(2, part(below, 2, n_cols=2)))
    assert spelled(table.cells) == spelled(whole)
    assert [len(c.parts) for c in table.cells if c.row == 3] == [2, 2]


def test_rows_under_one_name_are_not_taken_for_one_cut_row() -> None:
    above, below = cut(PERFORMANCE, 4)
    (table,) = joined(page(1, part(above, 1, n_cols=5)), page(2, part(below, 2, n_cols=5)))
    assert table.n_rows == 10


def test_forms_that_start_anew_are_tables_of_their_own() -> None:
    """As s001/11 to 16: same title, same layout, other projects."""
    forms = []
    for number, name in enumerate(["公费医疗", "行政开办", "城乡救助", "医保政策", "物业管理", "经办事项"], start=1):
        cells = [Drawn(c.row, c.col, c.row_span, c.col_span, c.text.replace("医疗救助", name)) for c in PERFORMANCE]
        forms.append(page(number, part(cells, number, n_cols=5, title="项目绩效目标申报表", unit="万元")))
    assert [t.pages for t in joined(*forms)] == [(n,) for n in range(1, 7)]


def test_untitled_forms_that_start_anew_are_tables_of_their_own() -> None:
    again = [Drawn(c.row, c.col, c.row_span, c.col_span, c.text.replace("医疗救助", "公费医疗")) for c in PERFORMANCE]
    assert len(joined(page(1, part(PERFORMANCE, 1, n_cols=5)), page(2, part(again, 2, n_cols=5)))) == 2


GOALS = draw(
    "绩效目标 | 1.帮助因病困难的城乡居民实施医疗救助。 1x3",
    "一级指标 | 二级指标 | 指标内容 | 指标值",
    "产出指标 | 数量指标 | 救助人次 | 550人次",
    "效益指标 | 社会效益 | 覆盖乡镇率 | 100%",
)


@pytest.mark.parametrize("goal", ["1.帮助因病困难的城乡居民实施医疗救助。", "1.提高医疗保障水平，营造稳定局面。"])
def test_a_goal_told_above_the_same_heads_begins_another_form(goal: str) -> None:
    # The second form's title was lost; its goal may even be the same as the first one's.
    again = [replace(c, text=goal) if (c.row, c.col) == (0, 1) else c for c in GOALS]
    found = joined(page(1, part(GOALS, 1, n_cols=4, title="1、绩效目标表")), page(2, part(again, 2, n_cols=4)))
    assert [t.n_rows for t in found] == [4, 4]


@pytest.mark.parametrize(
    "said",
    [
        {"title": "2020年部门收入总表"},
        {"title": "2021年部门支出总表"},
        {"title": "2020年部门支出总表", "organization": "威县财政局"},
        {"at_top": False},
    ],
)
def test_what_parts_tables(said: dict[str, object]) -> None:
    above, below = cut(BUDGET, 4)
    first = part(above, 1, n_cols=5, title="2020年部门支出总表", organization="威县医疗保障局")
    assert len(joined(page(1, first), page(2, part(below, 2, n_cols=5, **said)))) == 2


def test_other_columns_part_tables() -> None:
    above, below = cut(BUDGET, 4)
    borders = [0.084, 0.2, 0.6, 0.7, 0.8, 0.916]
    assert len(joined(page(1, part(above, 1, n_cols=5)), page(2, part(below, 2, n_cols=5, borders=borders)))) == 2


def test_only_neighbouring_pages_that_lie_alike_go_on() -> None:
    above, below = cut(BUDGET, 4)
    first, second = part(above, 1, n_cols=5), part(below, 2, n_cols=5)
    assert len(joined(page(1, first), page(3, second))) == 2
    assert len(joined(page(1, first), page(2, second, rotation=90))) == 2
    assert len(joined(page(1, first), page(2, second))) == 1


def test_a_total_and_a_new_header_part_untitled_tables() -> None:
    other = draw("项目 | 上年数 | 本年数 | 增减 | 备注", "医疗救助 | 1.00 | 2.00 | 1.00 | ")
    assert len(joined(page(1, part(BUDGET, 1, n_cols=5)), page(2, part(other, 2, n_cols=5)))) == 2


def test_hidden_borders_are_found_again() -> None:
    united = unite([0.1, 0.3, 0.5, 0.9], [0.11, 0.312, 0.71, 0.909])
    assert united is not None
    assert len(united.borders) == 5
    assert united.first == (0, 1, 2, 4)
    assert united.second == (0, 1, 3, 4)
    assert united.likeness == 0.5
    assert unite([0.1, 0.9], [0.2, 0.9]) is None


def test_a_photographed_sheet_whose_side_was_not_found_has_the_same_columns_elsewhere() -> None:
    first = [0.076, 0.1, 0.139, 0.277, 0.4, 0.523, 0.956]
    moved = [(x - 0.04) * 1.01 for x in first]
    united = unite(first, moved)
    assert united is not None
    assert united.likeness == 1.0
    assert unite(first, [x - 0.09 for x in first]) is None
    assert unite(first, [*moved[:3], moved[3] + 0.01, *moved[4:]]) is None
    assert unite(first[:1] + first[-1:], moved[:1] + moved[-1:]) is None


def test_narrow_columns_are_not_confused() -> None:
    united = unite([0.1, 0.3, 0.31, 0.9], [0.1, 0.304, 0.314, 0.9])
    assert united is not None
    assert united.first == united.second == (0, 1, 2, 3)


@st.composite
def tables(draw_from: st.DrawFn) -> list[Drawn]:
    """Statutory-like tables: one header row, names in groups that span rows, amounts or blanks."""
    n_amounts = draw_from(st.integers(1, 4))
    groups = draw_from(st.lists(st.integers(1, 4), min_size=3, max_size=8))
    cells = [
        Drawn(0, c, 1, 1, t) for c, t in enumerate(["类别", "项目名称", *[f"预算数{i}" for i in range(n_amounts)]])
    ]
    row = 1
    for g, height in enumerate(groups):
        cells.append(Drawn(row, 0, height, 1, f"类别甲{g}"))
        for i in range(height):
            cells.append(Drawn(row + i, 1, 1, 1, f"支出项目{g}之{i}"))
            for c in range(n_amounts):
                filled = c == 0 or draw_from(st.booleans())
                cells.append(Drawn(row + i, 2 + c, 1, 1, f"{row + i}.{c}0" if filled else ""))
        row += height
    return sorted(cells, key=lambda c: (c.row, c.col))


@settings(max_examples=150, deadline=None)
@given(tables(), st.data())
def test_splitting_at_any_rows_and_joining_gives_the_table_back(cells: list[Drawn], data: st.DataObject) -> None:
    n_rows, n_cols = size(cells)
    breaks = sorted(data.draw(st.sets(st.integers(2, n_rows - 1), min_size=1, max_size=2)))
    if len(breaks) == 2 and breaks[1] - breaks[0] < 8:  # a page shows at least one whole group
        breaks = breaks[:1]
    repeat, above = data.draw(st.booleans()), data.draw(st.booleans())
    parts, rest, done = [], cells, 0
    for at in breaks:
        head, rest = cut(rest, at - done, text_above=above)
        parts.append(head)
        done = at
    parts.append(rest)
    if repeat:
        header = [c for c in cells if c.row == 0]
        parts[1:] = [header + [Drawn(c.row + 1, c.col, c.row_span, c.col_span, c.text) for c in p] for p in parts[1:]]
    shifts = [data.draw(st.floats(-0.008, 0.008)) for _ in parts]
    pages = [
        page(n, part(p, n, n_cols=n_cols, shift=shift))
        for n, (p, shift) in enumerate(zip(parts, shifts, strict=True), 1)
    ]
    (table,) = joined(*pages)
    assert spelled(table.cells) == spelled(cells)
    given_cells = sum(len(p.tables[0].cells) for p in pages) - (n_cols * (len(parts) - 1) if repeat else 0)
    assert sum(len(c.parts) for c in table.cells) == given_cells


@pytest.mark.skipif("GEZI_REFEREE" not in os.environ, reason="needs the shared bench (GEZI_REFEREE)")
def test_the_real_procurement_table_over_two_pages() -> None:
    """d1's pages 12 and 13 from its truth: cut where the publisher cut it, it comes back whole."""
    truth = json.loads(Path(os.environ["GEZI_REFEREE"], "real", "d1-digital.truth.json").read_text("utf8"))
    cells = [Drawn(c["row"], c["col"], c["row_span"], c["col_span"], c["text"]) for c in truth["tables"][-1]["cells"]]
    above, below = cut(cells, 26)
    header = [c for c in cells if c.row == 0]
    below = header + [Drawn(c.row + 1, c.col, c.row_span, c.col_span, c.text) for c in below]
    title = truth["tables"][-1]["title"]
    (table,) = joined(
        page(12, part(above, 12, n_cols=6, title=title)), page(13, part(below, 13, n_cols=6, title=title))
    )
    assert spelled(table.cells) == spelled(cells)


@pytest.mark.skipif("GEZI_REFEREE" not in os.environ, reason="needs the shared bench (GEZI_REFEREE)")
def test_the_shared_project_forms_are_six() -> None:
    pages = []
    for number, path in enumerate(
        sorted(Path(os.environ["GEZI_REFEREE"], "forms", "s001").glob("1[1-6]-xm-*.html")), 1
    ):
        cells = _from_html(path.read_text("utf8"))
        pages.append(page(number, part(cells, number, n_cols=size(cells)[1], title="项目绩效目标申报表", unit="万元")))
    assert [t.pages for t in joined(*pages)] == [(n,) for n in range(1, 7)]


def _from_html(source: str) -> list[Drawn]:
    rows = []
    for row in re.findall(r"<tr>(.*?)</tr>", source, re.S):
        cells = re.findall(r"<t[dh]([^>]*)>(.*?)</t[dh]>", row, re.S)
        spans = [
            [int(found[1]) if (found := re.search(rf'{name}="(\d+)"', a)) else 1 for name in ("rowspan", "colspan")]
            for a, _ in cells
        ]
        texts = [re.sub(r"<[^>]*>|\||\d+x\d+\s*$", " ", text).strip() for _, text in cells]
        rows.append("|".join(f"{text} {h}x{w}" for text, (h, w) in zip(texts, spans, strict=True)))
    return draw(*rows)
