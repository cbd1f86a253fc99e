from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from extractor.elements import Box, PageCell, PageLine, PageResult, PageTable, Point
from extractor.joining.overpages import WholeCell, WholeTable, join_over_pages
from extractor.trust.gridsigns import Layout, layout_of
from tests.pageparts import LEFT, RIGHT, ROW, TOP, draw, page, part

BODY = draw("项目|预算数|备注", "工资|1.00|无", "办公|2.00|无", "差旅|3.00|无", "印刷|4.00|无")
WIDE = (RIGHT - LEFT) / 3
Segment = tuple[Point, Point]


def across(y: float) -> Segment:
    return Point(LEFT, y), Point(RIGHT, y)


def down(x: float, start: float = TOP, end: float = TOP + 5 * ROW) -> Segment:
    return Point(x, start), Point(x, end)


RULES = (*(across(TOP + ROW * r) for r in range(6)), *(down(LEFT + WIDE * c) for c in range(4)))


def seen(table: PageTable, rules: Iterable[Segment] = (), **said: object) -> Layout:
    shown = page(1, table, rules=tuple(rules), **said)
    return layout_of(join_over_pages([shown]), 0, {1: shown})


def test_a_grid_on_its_rules_leaves_nothing() -> None:
    assert seen(part(BODY, 1, n_cols=3), RULES) == Layout()


def test_a_rule_that_no_border_follows_is_astray() -> None:
    found = seen(part(BODY, 1, n_cols=3), [*RULES, down(LEFT + WIDE / 2, TOP + ROW, TOP + 4 * ROW)])
    assert found.astray == pytest.approx(3.0, abs=0.2)
    assert found.bare == 0


def test_borders_without_a_rule_are_bare() -> None:
    rules = [rule for rule in RULES if rule != down(LEFT + WIDE)]
    # Both its neighbours have that border: 10 of 30 row heights upright, 2 of 6 sides, beside those across.
    share = 10 * ROW / (30 * ROW + 30 * WIDE)
    assert seen(part(BODY, 1, n_cols=3), rules).bare == pytest.approx(share)


def test_rules_of_a_bent_page_are_its_borders() -> None:
    """A rule is kept by its ends; borders follow the paper between them."""

    def bent(cell: PageCell) -> PageCell:
        corners = tuple(p._replace(x=p.x + 9 * (0 < p.y - TOP < 5 * ROW)) for p in cell.polygon)
        return replace(cell, polygon=corners)  # type: ignore[arg-type]

    table = part(BODY, 1, n_cols=3)
    found = seen(replace(table, cells=tuple(bent(cell) for cell in table.cells)), RULES[6:])
    assert found.astray == 0


def test_a_line_that_parts_nothing_is_needless_and_in_one_place_rare() -> None:
    rows = ("项目|预算数 1x2|备注", "工资|1.00 1x2|无", "办公||2.00|无", "差旅|3.00 1x2|无", "印刷|4.00 1x2|无")
    found = seen(part(draw(*rows), 1, n_cols=4))
    assert (found.needless, found.rare) == (1, 1)


def test_a_blank_column_has_lines_that_part_nothing() -> None:
    rows = draw("项目||预算数", "工资||1.00", "办公||2.00", "差旅||3.00", "印刷||4.00")
    found = seen(part(rows, 1, n_cols=3))
    assert (found.needless, found.rare) == (0, 0)


@pytest.mark.parametrize(
    ("gap", "titled", "abuts"),
    [(5 * ROW, True, 0), (5 * ROW, False, 1), (ROW, True, 1), (ROW, False, 2)],
)
def test_tables_that_should_be_one(gap: float, titled: bool, abuts: int) -> None:
    above = part(BODY, 1, n_cols=3)
    below = replace(above, box=Box(LEFT, above.box.y1 + gap, RIGHT, above.box.y1 + gap + 5 * ROW), title="别的表")
    y = above.box.y1 + gap / 2
    line = PageLine("年度目标", Box(250, y - 3, 300, y + 3), 0.99)
    shown = page(1, above, below, lines=(line,) if titled else ())
    assert layout_of(join_over_pages([shown]), 0, {1: shown}).abuts == abuts


@pytest.mark.parametrize(("words", "abuts"), [(("年度目标表",), 1), (("年度目标表", "单位：万元"), 0)])
def test_a_title_with_its_unit_parts_two_tables_and_a_title_row_alone_may_not(
    words: tuple[str, ...], abuts: int
) -> None:
    above = part(BODY, 1, n_cols=3)
    start = above.box.y1
    below = replace(above, box=Box(LEFT, start + 1.5 * ROW, RIGHT, start + 6.5 * ROW))
    heights = [start + (i + 1) * 1.5 * ROW / (len(words) + 1) for i in range(len(words))]
    lines = tuple(PageLine(text, Box(250, y - 3, 300, y + 3), 0.99) for text, y in zip(words, heights, strict=True))
    shown = page(1, above, below, lines=lines)
    assert layout_of(join_over_pages([shown]), 0, {1: shown}).abuts == abuts


@pytest.mark.parametrize(("title", "cols", "follows"), [(None, 3, True), ("新表", 3, False), (None, 4, False)])
def test_a_table_with_the_columns_of_the_page_before_may_be_its_rest(
    title: str | None, cols: int, follows: bool
) -> None:
    rest = draw(*["|".join("甲乙丙丁"[:cols])] * 4)
    pages = [page(1, part(BODY, 1, n_cols=3)), page(2, part(rest, 2, n_cols=cols, title=title))]
    whole = [table for one in pages for table in join_over_pages([one])]
    shown = {one.number: one for one in pages}
    assert [layout_of(whole, i, shown).follows for i in range(2)] == [follows, follows]


@pytest.mark.parametrize(("left", "follows"), [(0.0, True), (0.02, False)])
def test_a_table_whose_last_columns_stand_on_the_page_before_may_be_its_rest(left: float, follows: bool) -> None:
    """Columns of the part before may have been lost: what is left of them is no chance."""
    few, many = (draw(*["|".join("甲乙丙丁戊己"[first:])] * 4) for first in (2, 0))
    above = replace(part(few, 1, n_cols=4), columns=(0.3, 0.4, 0.55, 0.7, 0.9))
    below = replace(part(many, 2, n_cols=6), columns=(0.1, 0.2, *(x + left for x in above.columns)))
    pages = [page(1, above), page(2, below)]
    whole = [table for one in pages for table in join_over_pages([one])]
    shown = {one.number: one for one in pages}
    assert [layout_of(whole, i, shown).follows for i in range(2)] == [follows, follows]


def _joined(first: Sequence[PageCell], second: Sequence[PageCell], spans: int, pages: list[PageResult]) -> WholeTable:
    whole = join_over_pages(pages[:1])[0]
    cells = [WholeCell(c.row, c.col, c.row_span, c.col_span, c.text, ((1, c),)) for c in first]
    cells += [WholeCell(c.row + spans, c.col, c.row_span, c.col_span, c.text, ((2, c),)) for c in second]
    return replace(whole, pages=(1, 2), n_rows=spans + 2, cells=tuple(cells))


def test_a_blank_that_begins_a_page_below_a_long_cell_dangles() -> None:
    above = part(draw("单位|项目", "财政局 3x1|甲", "乙", "丙"), 1, n_cols=2)
    below = part(draw("|丁", "|戊"), 2, n_cols=2)
    pages = [page(1, above), page(2, below)]
    table = _joined(above.cells, below.cells, 4, pages)
    assert layout_of([table], 0, {1: pages[0], 2: pages[1]}).dangling == 1


def _heights(rows: int) -> list[tuple[int, float]]:
    return [(r, TOP + ROW * r) for r in range(rows + 1)]


def test_rules_where_a_page_break_cuts_a_cell_of_many_rows_are_its_borders() -> None:
    above = part(draw("单位|项目", "财政局 2x1|甲", "乙"), 1, n_cols=2)
    below = part(draw("财政局 2x1|丙", "丁"), 2, n_cols=2)
    middle = (LEFT + RIGHT) / 2
    rules = []
    for rows, joined in ((3, 2), (2, 1)):
        starts = {joined: middle}
        levels = [(across(y)[0]._replace(x=starts.get(r, LEFT)), across(y)[1]) for r, y in _heights(rows)]
        rules.append((*levels, *(down(x, TOP, TOP + ROW * rows) for x in (LEFT, middle, RIGHT))))
    pages = [page(1, above, rules=rules[0]), page(2, below, rules=rules[1])]
    joined_table = _joined(above.cells, below.cells, 3, pages)
    upper, lower = (next(c for c in joined_table.cells if c.text == "财政局" and c.parts[0][0] == n) for n in (1, 2))
    whole = replace(upper, row_span=4, parts=(*upper.parts, *lower.parts))
    cells = tuple(whole if c is upper else c for c in joined_table.cells if c is not lower)
    said = layout_of([replace(joined_table, cells=cells)], 0, {1: pages[0], 2: pages[1]})
    assert (said.astray, said.bare) == (0, 0)
