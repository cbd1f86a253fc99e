"""Tables of born-digital pages, with the real camelot."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from extractor.digital import DigitalPage, digital_page
from extractor.elements import Box, Grid, GridCell
from extractor.ports import Tools
from extractor.source.documents import open_document
from models.born_digital import CamelotGrids
from tests import paper
from tests.paper import bar, filled_table, lattice, line, text

XS, YS = [50, 130, 210, 290], [100, 130, 160, 190]
Cells = dict[tuple[int, int, int, int], str]


class NoReader:
    """Stands where a born-digital page never reaches."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        raise AssertionError(f"a born-digital page asked for {name}")


class Fixed:
    """Grids given beforehand, and a count of how often they were asked for."""

    def __init__(self, grids: list[Grid]) -> None:
        self.grids, self.asked = grids, 0

    def ruled(self, pdf: str, page: int, password: str | None) -> list[Grid]:
        self.asked += 1
        return self.grids

    unruled = ruled


def read(path: Path, grids: object | None = None) -> DigitalPage:
    tools = Tools(NoReader(), NoReader(), grids or CamelotGrids())  # type: ignore[arg-type]
    with open_document(path) as source:
        return digital_page(source.load(1), source, tools)


def drawn(tmp_path: Path, content: str, grids: object | None = None, **entries: object) -> DigitalPage:
    return read(paper.save(tmp_path / "page.pdf", content, **entries), grids)  # type: ignore[arg-type]


def cells_of(page: DigitalPage, number: int = 0) -> Cells:
    table = page.tables[number]
    return {
        (cell.row, cell.col, cell.row_span, cell.col_span): "".join(line.text for line in lines)
        for cell, lines in zip(table.grid.cells, table.lines, strict=True)
    }


def full(rows: int, columns: int) -> Cells:
    return {(r, c, 1, 1): f"行{r}列{c}" for r in range(rows) for c in range(columns)}


@pytest.mark.parametrize("grids", [None, Fixed([])], ids=["camelot", "vector"])
class TestBothEngines:
    def test_full_grid(self, tmp_path: Path, grids: object) -> None:
        page = drawn(tmp_path, filled_table(XS, YS) + text(50, 250, "二〇二四年部门收支预算总表"), grids)
        assert page.engine == ("vector" if grids else "camelot")
        assert cells_of(page) == full(3, 3)
        assert [line.text for line in page.outside] == ["二〇二四年部门收支预算总表"]

    def test_merged_header(self, tmp_path: Path, grids: object) -> None:
        rules = line(50, 100, 290, 100) + line(50, 130, 290, 130) + line(130, 160, 290, 160) + line(50, 190, 290, 190)
        rules += line(50, 100, 50, 190) + line(130, 100, 130, 190) + line(210, 100, 210, 160) + line(290, 100, 290, 190)
        words = text(60, 155, "项目") + text(180, 172, "本年支出预算") + text(140, 142, "基本")
        words += text(220, 142, "项目支出")
        words += text(60, 112, "合计") + text(140, 112, "1,234.50") + text(220, 112, "704")
        assert cells_of(drawn(tmp_path, rules + words, grids)) == {
            (0, 0, 2, 1): "项目", (0, 1, 1, 2): "本年支出预算", (1, 1, 1, 1): "基本", (1, 2, 1, 1): "项目支出",
            (2, 0, 1, 1): "合计", (2, 1, 1, 1): "1,234.50", (2, 2, 1, 1): "704",
        }

    def test_shaded_header_on_white_fills(self, tmp_path: Path, grids: object) -> None:
        """White under everything, title included, grey behind the header: neither makes rows."""
        fills = "1 g " + bar(50, 100, 240, 180) + "0.85 g " + bar(50, 160, 240, 30) + "0 g "
        page = drawn(tmp_path, fills + filled_table(XS, YS) + text(100, 250, "二〇二四年预算总表"), grids)
        assert [table.grid.n_rows for table in page.tables] == [3]
        assert cells_of(page) == full(3, 3)

    def test_borders_drawn_cell_by_cell(self, tmp_path: Path, grids: object) -> None:
        content = filled_table(XS, YS).split("\nBT", 1)
        boxes = "".join(
            f" 1 w {XS[c]} {YS[r]} {XS[c + 1] - XS[c]} {YS[r + 1] - YS[r]} re S" for r in range(3) for c in range(3)
        )
        assert cells_of(drawn(tmp_path, boxes + "\nBT" + content[1], grids)) == full(3, 3)

    def test_double_and_thick_outer_rules(self, tmp_path: Path, grids: object) -> None:
        frame = "".join(line(48, y, 292, y) for y in (98, 192)) + "".join(line(x, 98, x, 192) for x in (48, 292))
        thick = bar(50, 158.5, 240, 3)
        assert cells_of(drawn(tmp_path, filled_table(XS, YS) + frame + thick, grids)) == full(3, 3)

    def test_blank_cells_stay_blank_and_empty_forms_are_tables(self, tmp_path: Path, grids: object) -> None:
        """Camelot throws nearly blank grids away; a form without entries is still a form."""
        page = drawn(tmp_path, lattice([50 + 40 * i for i in range(7)], [60 + 20 * i for i in range(9)])
                     + text(52, 205, "科目码"), grids)
        assert (page.tables[0].grid.n_rows, page.tables[0].grid.n_cols) == (8, 6)
        assert [t for t in cells_of(page).values() if t] == ["科目码"]
        assert page.engine == "vector"

    def test_two_tables_of_one_page(self, tmp_path: Path, grids: object) -> None:
        content = filled_table(XS, [40, 60, 80]) + filled_table(XS[:3], [200, 220, 240]) + text(50, 150, "附表说明文字")
        page = drawn(tmp_path, content, grids)
        assert [(t.grid.n_rows, t.grid.n_cols) for t in page.tables] == [(2, 2), (2, 3)]

    @pytest.mark.parametrize("rotate", [0, 90, 180, 270])
    @pytest.mark.parametrize("turn", ["1 0 0 1 0 0", "0 1 -1 0 400 0", "0 -1 1 0 0 400"])
    def test_turned_pages(self, tmp_path: Path, grids: object, rotate: int, turn: str) -> None:
        content = f"q {turn} cm {filled_table(XS, YS)} Q"
        assert cells_of(drawn(tmp_path, content, grids, size=(400, 400), Rotate=rotate)) == full(3, 3)

    def test_crop_box_and_user_unit(self, tmp_path: Path, grids: object) -> None:
        page = drawn(tmp_path, filled_table(XS, YS), grids, CropBox=[40, 90, 400, 300], UserUnit=2)
        assert cells_of(page) == full(3, 3)
        assert page.tables[0].grid.box == pytest.approx((20, 220, 500, 400), abs=3)

    @pytest.mark.parametrize(("row", "tables"), [(16, 1), (34, 2)])
    def test_a_title_row_between_open_sides(self, tmp_path: Path, grids: object, row: float, tables: int) -> None:
        """A row of one cell meets no upright; what is higher than the rows is a title between two tables."""
        low, high = [100, 116, 132], [132 + row, 148 + row, 164 + row]
        rules = "".join(line(50, y, 290, y) for y in low + high)
        rules += "".join(line(x, 100, x, 132) for x in (130, 210)) + line(170, high[0], 170, high[2])
        words = "".join(text(53, y + 4, "名称") + text(215, y + 4, "12.50") for y in low[:2] + high[:2])
        page = drawn(tmp_path, rules + words + text(140, 132 + row / 2 - 4, "年度目标"), grids)
        assert len(page.tables) == tables
        if tables == 1:
            assert (page.tables[0].grid.n_rows, page.tables[0].grid.n_cols) == (5, 4)
            assert cells_of(page)[2, 0, 1, 4] == "年度目标"
            assert page.tables[0].grid.closed == (False, True, False, True)

    def test_an_underlined_title_right_above_a_table(self, tmp_path: Path, grids: object) -> None:
        """Its underline lies nearer to the frame than rules that meet may miss each other."""
        title = text(130, 199, "收支总表", size=20) + line(130, 196, 210, 196)
        page = drawn(tmp_path, filled_table(XS, YS) + title, grids)
        assert cells_of(page) == full(3, 3)

    def test_text_that_hangs_below_rules_cut_by_the_page(self, tmp_path: Path, grids: object) -> None:
        """A page break ends the last row's rules before the last line of its text; a note is no such line."""
        rules = "".join(line(50, y, 290, y) for y in (130, 160)) + line(210, 100, 290, 100)
        rules += "".join(line(x, 100, x, 160) for x in (50, 210, 290))
        words = text(53, 141, "名称") + text(215, 141, "金额") + text(215, 112, "3.00")
        words += text(53, 116, "按时完成宣传任务") + text(53, 103, "及时拨付资金确保") + text(53, 90, "有始有终")
        page = drawn(tmp_path, rules + words + text(53, 60, "注：单位万元"), grids)
        assert cells_of(page)[1, 0, 1, 1] == "按时完成宣传任务及时拨付资金确保有始有终"
        assert [line.text for line in page.outside] == ["注：单位万元"]

    def test_open_outer_sides(self, tmp_path: Path, grids: object) -> None:
        words = "".join(text(XS[c] + 3, YS[-2 - r] + 5, f"行{r}列{c}") for r in range(3) for c in range(3))
        rules = "".join(line(50, y, 290, y) for y in YS) + line(130, 100, 130, 190) + line(210, 100, 210, 190)
        page = drawn(tmp_path, rules + words, grids)
        assert cells_of(page) == full(3, 3)
        assert page.tables[0].grid.closed == (False, True, False, True)


class TestSelfCheck:
    def check(self, tmp_path: Path, grids: list[Grid], more: str = "") -> DigitalPage:
        return drawn(tmp_path, filled_table(XS, YS) + more, Fixed(grids))

    def grid(self, xs: list[float], ys: list[float], cells: list[tuple[int, int, int, int]] | None = None) -> Grid:
        """Grid with y down from user-space positions; full where no cells are given."""
        down = [paper.HEIGHT - y for y in reversed(ys)]
        places = cells or [(r, c, 1, 1) for r in range(len(ys) - 1) for c in range(len(xs) - 1)]
        boxes = tuple(
            GridCell(r, c, rs, cs, Box(xs[c], down[r], xs[c + cs], down[r + rs])) for r, c, rs, cs in places
        )
        return Grid(tuple(xs), tuple(down), boxes)

    def test_right_grid_passes(self, tmp_path: Path) -> None:
        assert self.check(tmp_path, [self.grid(XS, YS)]).engine == "camelot"

    @pytest.mark.parametrize(
        ("case", "said"),
        [("nothing", "no table"), ("ghost row", "not drawn"), ("lost rule", "unused"), ("false span", "no border"),
         ("overlap", "tile")],
    )
    def test_wrong_grids_are_refused(self, tmp_path: Path, case: str, said: str) -> None:
        singles = [(r, c, 1, 1) for r in range(3) for c in range(3)]
        grids = {
            "nothing": [],
            "ghost row": [self.grid(XS, [100, 115, 130, 160, 190])],
            "lost rule": [self.grid(XS, YS[:3])],
            "false span": [self.grid(XS, YS, [(0, 0, 1, 2), *singles[2:]])],
            "overlap": [self.grid(XS, YS, [(0, 0, 2, 2), *singles[1:]])],
        }[case]
        page = self.check(tmp_path, grids)
        assert page.engine == "vector"
        assert said in page.refused
        assert cells_of(page) == full(3, 3)


class TestWithoutRules:
    def test_prose_never_pays_for_camelot(self, tmp_path: Path) -> None:
        prose = "".join(text(40, 250 - 20 * i, f"本年预算{i}23.4万元，比上年增加{i}.5万元。") for i in range(8))
        fixed = Fixed([])
        page = drawn(tmp_path, prose + line(40, 40, 300, 40), fixed)
        assert (page.engine, page.tables, fixed.asked) == ("none", (), 0)
        assert len(page.outside) == 8

    def test_a_list_of_contents_is_no_table(self, tmp_path: Path) -> None:
        content = "".join(
            text(40, y, str(i)) + text(80, y, "部门预算情况说明") + text(300, y, str(3 * i))
            for i, y in enumerate(range(250, 70, -20))
        )
        fixed = Fixed([])
        assert drawn(tmp_path, content, fixed).tables == ()
        assert fixed.asked == 0

    def test_columns_of_numbers_are_a_table(self, tmp_path: Path) -> None:
        rows = [("科目名称", "上年数", "本年数"), *[(f"第{i}项支出", f"{i}23.45", f"{i}67.80") for i in range(1, 8)]]
        content = "".join(
            text(40 + 110 * c, 260 - 25 * r, words) for r, row in enumerate(rows) for c, words in enumerate(row)
        )
        page = drawn(tmp_path, content)
        assert page.engine == "open"
        assert page.tables[0].grid.structure == "borderless"
        assert [t for t in cells_of(page).values() if t] == [words for row in rows for words in row]

    def test_one_column_of_amounts_is_enough_and_its_unit_stands_above(self, tmp_path: Path) -> None:
        rows = [("单位名称：某局", "2024年", "单位：元"), ("科目", "名称", "金额")]
        rows += [("类", f"第{i}项支出", f"{i}，２３４．５０") for i in range(1, 8)]
        content = "".join(
            text(40 + 110 * c, 260 - 25 * r, words) for r, row in enumerate(rows) for c, words in enumerate(row)
        )
        page = drawn(tmp_path, content, width=480)
        assert (page.tables[0].grid.n_rows, page.tables[0].grid.n_cols) == (8, 3)
        assert page.tables[0].grid.structure == "borderless"

    def test_rules_between_rows_alone_make_a_table_with_its_spans(self, tmp_path: Path) -> None:
        rows = [("收入", "", "支出", ""), ("项目", "金额", "项目", "金额")]
        rows += [(f"第{i}项收入", f"{i}23.45", f"第{i}项支出", f"{i}67.80") for i in range(1, 6)]
        xs = (90, 0, 310, 0)
        content = "".join(
            text(xs[c] if r == 0 else 40 + 110 * c, 260 - 25 * r, words)
            for r, row in enumerate(rows) for c, words in enumerate(row) if words
        )
        content += "".join(line(30, 275 - 25 * r, 450, 275 - 25 * r) for r in range(8))
        page = drawn(tmp_path, content, width=480)
        assert page.engine == "open"
        assert page.tables[0].grid.structure == "partly_ruled"
        assert [t for t in cells_of(page).values() if t] == [words for row in rows for words in row if words]
        assert page.tables[0].grid.n_cols == 4


@pytest.mark.parametrize("seed", range(25))
def test_any_partition_into_rectangles_comes_back(tmp_path: Path, seed: int) -> None:
    """Property: cells merged at random, each drawn by its own sides, come back exactly, no character lost."""
    rng = random.Random(seed)
    rows, columns = rng.randint(2, 7), rng.randint(2, 6)
    cells = cut(rng, 0, 0, rows, columns)
    xs = [40.0 + 50 * c for c in range(columns + 1)]
    ys = [280.0 - 30 * r for r in range(rows + 1)]
    content, expected = "", {}
    for r, c, rs, cs in cells:
        x0, y0, x1, y1 = xs[c], ys[r + rs], xs[c + cs], ys[r]
        content += f" 0.6 w {x0} {y0} {x1 - x0} {y1 - y0} re S"
        expected[r, c, rs, cs] = f"{r}行{c}列"
        content += text(x0 + 4, (y0 + y1) / 2 - 4, expected[r, c, rs, cs])
    used_rows = sorted({r for r, *_ in cells} | {r + rs for r, _, rs, _ in cells})
    used_columns = sorted({c for _, c, *_ in cells} | {c + cs for _, c, _, cs in cells})
    wanted = {
        (used_rows.index(r), used_columns.index(c), used_rows.index(r + rs) - used_rows.index(r),
         used_columns.index(c + cs) - used_columns.index(c)): words
        for (r, c, rs, cs), words in expected.items()
    }
    page = drawn(tmp_path, content)
    if len(wanted) == 1:
        assert page.tables == ()
    else:
        assert cells_of(page) == wanted


def cut(rng: random.Random, r: int, c: int, rows: int, columns: int) -> list[tuple[int, int, int, int]]:
    """A partition by random guillotine cuts: (row, col, row_span, col_span)."""
    if (rows == 1 and columns == 1) or rng.random() < 0.12:
        return [(r, c, rows, columns)]
    if columns == 1 or (rows > 1 and rng.random() < 0.5):
        k = rng.randint(1, rows - 1)
        return cut(rng, r, c, k, columns) + cut(rng, r + k, c, rows - k, columns)
    k = rng.randint(1, columns - 1)
    return cut(rng, r, c, rows, k) + cut(rng, r, c + k, rows, columns - k)
