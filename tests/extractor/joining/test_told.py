"""What texts, once read, tell of columns that no rule draws."""

from __future__ import annotations

from dataclasses import replace

from extractor.elements import Box, Frame, Grid, GridCell, LooseTable, PageResult, TextEvidence
from extractor.joining.settling import settle_columns
from extractor.joining.told import told_by_text
from extractor.unruled.borderless import solve_open
from extractor.unruled.openrows import OpenRows
from extractor.unruled.openrules import Level
from tests.extractor.joining.test_settling import EM, HEIGHT, WIDTH, Word, line, open_rows, page_table

COUNT = "一二三四五六"


def settled(rows: list[list[Word]], grid: Grid | None = None) -> list[list[str]]:
    """The texts of a page's one table, row by row, once its texts have been heard."""
    seen, lines = open_rows(rows)
    if grid is None:
        (grid,) = solve_open([seen]) or ()
    table = page_table(1, seen, lines, grid)
    (page,) = settle_columns([PageResult(1, WIDTH, HEIGHT, 0, 0.0, "scan", (table,))])
    (table,) = page.tables
    return [[cell.text for cell in table.cells if cell.row == r] for r in range(table.n_rows)]


def test_no_cell_begins_with_a_mark_that_never_begins_a_line() -> None:
    heads: list[Word] = [("项目", 180), ("预算数", 420), ("上年数", 700)]
    items: list[list[Word]] = [
        [(char, 105), ("、公共服务支出"[: 5 + k % 3], 140), (f"{100 + k}.00", 480), (f"{200 + k}.00", 840)]
        for k, char in enumerate(COUNT)
    ]
    rows = settled([heads, *items])
    assert [len(row) for row in rows] == [3] * 7
    assert rows[1][0] == "一、公共服务"


def test_two_characters_set_apart_that_are_one_heading_are_one_cell() -> None:
    items: list[list[Word]] = [[(f"收入{k}", 110), (f"{100 + k}.00", 580), (f"{200 + k}.00", 840)] for k in range(5)]
    rows = settled([[("收", 530), ("入", 595)], [("项目", 220), ("预算数", 560), ("上年数", 800)], *items])
    assert "收 入" in rows[0]


def test_amounts_that_touch_each_other_stand_in_columns_of_their_own() -> None:
    heads: list[Word] = [("项目", 150), ("合计", 360), ("基本支出", 520), ("项目支出", 760)]
    items: list[list[Word]] = [
        [("教育支出", 110), ("816,436.61", 377), ("126,436.61", 579), ("0.00", 850)] for _ in range(4)
    ]
    total: list[Word] = [("合计", 150), ("134,059,485.17220,643,205.74", 340), ("0.00", 850)]
    rows = settled([heads, *items, total])
    assert rows[-1] == ["合计", "134,059,485.17", "220,643,205.74", "0.00"]


def test_a_number_is_not_parted_behind_its_point() -> None:
    heads: list[Word] = [("项目", 150), ("合计", 560), ("人员经费", 780)]
    items: list[list[Word]] = [
        [("教育支出", 110), (f"59{k}.", 545), ("17", 597), (f"29{k}.", 800), ("65", 852)] for k in range(6)
    ]
    rows = settled([heads, *items])
    assert [len(row) for row in rows] == [3] * 7
    assert rows[1] == ["教育支出", "590.17", "290.65"]


def test_numbers_that_wrap_behind_their_points_stay_apart() -> None:
    heads: list[Word] = [("项目", 150), ("合计", 560), ("人员经费", 780)]
    items: list[list[Word]] = [[("教育支出", 110), (f"23{k}479.", 540), (f"16{k}558.", 625)] for k in range(6)]
    seen, lines = open_rows([heads, *items])
    (grid,) = solve_open([seen]) or ()
    lines += [line("72", 550 + 85 * c, 132 + 40 * r) for r in range(1, 7) for c in (0, 1)]
    table = page_table(1, seen, lines, grid)
    assert table.loose is not None
    assert told_by_text(table.loose).strips == seen.strips


def wrapped_heading(end_at: float, second: str = "对附属单位补助支") -> OpenRows:
    """What a heading row tells whose last two headings are one line; its wrapped end's middle stands so far right."""
    heads = [line("项目", 150, 120), line("事业单位经营支出", 500, 120), line(second, 672, 120)]
    whole = replace(heads[1], text=heads[1].text + second, box=Box(500, 110, heads[2].box.x1, 130),
                    chars=heads[1].chars + heads[2].chars)
    end = line("出", end_at - EM / 2, 144)
    body = [line("教育支出", 110, 200)]
    levels = tuple(Level(y, ((100, 900),)) for y in (100, 180, 220))
    strips = (tuple((one.box.x0, one.box.x1) for one in heads), ((110.0, 190.0),))
    lines = (heads[0], whole, end, *body)
    rows = OpenRows(100, 900, levels, strips, ((), ()), tuple(one.box for one in lines), EM)
    grid = Grid(
        (100, 480, 900), (100, 180, 220),
        tuple(
            GridCell(r, c, 1, 1, Box(x0, y0, x1, y1))
            for r, (y0, y1) in enumerate(((100, 180), (180, 220)))
            for c, (x0, x1) in enumerate(((100, 480), (480, 900)))
        ),
    )
    own = ((heads[0],), (whole, end), tuple(body), ())
    return told_by_text(LooseTable(rows, grid, own, tuple(TextEvidence() for _ in own), ((),) * 4, WIDTH, Frame()))


def test_of_two_headings_held_for_one_line_one_that_wraps_shows_where_it_begins() -> None:
    assert wrapped_heading(752).told == (((660, 672),), ())


def test_a_heading_with_a_blank_that_wraps_as_a_whole_is_one() -> None:
    for middle in (666, 510, 700):  # under the middle of all, where it begins, under no middle
        assert not any(wrapped_heading(middle).told)
    assert not any(wrapped_heading(752, "（附属单位补助支").told)


def test_an_items_numeral_in_brackets_and_its_text_are_one_cell() -> None:
    texts = ("教育支出", "科学技术支出", "住房保障支出", "其他支出", "农林水支出", "交通运输支出")
    items: list[list[Word]] = [
        [(f"({char})", 110), (text, 162), (f"{100 + k}.00", 580), (f"{200 + k}.00", 840)]
        for k, (char, text) in enumerate(zip(COUNT, texts, strict=True))
    ]
    heads: list[Word] = [("项目", 220), ("预算数", 560), ("上年数", 800)]
    assert settled([heads, *items])[1:] == [
        [f"({char}){text}", f"{100 + k}.00", f"{200 + k}.00"]
        for k, (char, text) in enumerate(zip(COUNT, texts, strict=True))
    ]


def test_a_numeral_that_stands_further_off_has_a_column_of_its_own() -> None:
    items: list[list[Word]] = [
        [(f"({char})", 110), ("教育支出", 200), (f"{k}.00", 580)] for k, char in enumerate(COUNT)
    ]
    heads: list[Word] = [("序号", 110), ("项目", 220), ("预算数", 560)]
    assert settled([heads, *items])[1] == ["(一)", "教育支出", "0.00"]


def test_two_headings_that_begin_alike_stand_in_columns_of_their_own() -> None:
    heads: list[Word] = [("小计", 180), ("公务用车购置费", 330), ("公务用车运行费", 484), ("公务接待费", 740)]
    values: list[Word] = [("5.91", 255), ("5.91", 584), ("23.65", 845)]
    seen, lines = open_rows([heads, values])
    both = line("公务用车购置费 公务用车运行费", 330, 120)
    both = replace(both, box=Box(330, 110, 624, 130), chars=tuple(
        replace(char, x=char.x + (4 if k > 7 else 0)) for k, char in enumerate(both.chars)
    ))
    boxes = (lines[0].box, both.box, *(one.box for one in lines[3:]))
    lines = [lines[0], both, *lines[3:]]
    seen = replace(seen, lines=boxes)
    (grid,) = solve_open([seen]) or ()
    assert grid.n_cols == 3
    table = page_table(1, seen, lines, grid)
    (page,) = settle_columns([PageResult(1, WIDTH, HEIGHT, 0, 0.0, "scan", (table,))])
    assert [cell.text for cell in page.tables[0].cells if cell.row == 0] == [
        "小计", "公务用车购置费", "公务用车运行费", "公务接待费"
    ]


def test_what_a_row_gives_to_choose_from_is_one_cell() -> None:
    heads: list[Word] = [("项目名称", 110), ("设备更新改造", 420)]
    kinds: list[Word] = [("项目属性", 110), ("□新增项目", 420), ("☑延续项目", 560), ("□一次性项目", 695)]
    items: list[list[Word]] = [[("一级指标", 110), (f"数量{k}", 420), (f"{100 + k}", 700)] for k in range(4)]
    rows = settled([heads, kinds, *items])
    assert any(text.startswith("□新增项目") and text.endswith("□一次性项目") for text in rows[1])


def test_headings_of_codes_a_character_each_stand_in_columns_of_their_own() -> None:
    """The first of them may be a line of its own, while the others' codes stand as near as words do."""
    heads: list[Word] = [("类", 110), ("款 项", 150), ("科目名称", 300), ("合计", 830)]
    items: list[list[Word]] = [
        [("205", 108), ("01", 150), ("01", 180), (f"教育支出{k}", 260), (f"{100 + k}.00", 820)] for k in range(4)
    ]
    rows = settled([heads, *items])
    assert rows[0][:4] == ["类", "款", "项", "科目名称"]
    assert rows[1][:3] == ["205", "01", "01"]
