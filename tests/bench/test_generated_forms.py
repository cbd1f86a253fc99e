"""The generator's content: every form tiles, and its numbers keep the sums that the form promises."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal

import pytest

from bench.codes import CLASSES, ECONOMIC, ITEMS, SECTIONS
from bench.form import Form, Sheet, Untileable, h, n, t, without_hidden_columns
from bench.forms import WRITERS, draw_forms, possible
from bench.money import NumberStyle, split
from bench.score import decimal, read_table, tiles
from bench.world import draw_world, rolled

SEEDS = range(40)


def written(*names: str) -> list[Form]:
    """Forms of these writers over all seeds."""
    out = []
    for seed in SEEDS:
        for name in names:
            rng = random.Random(f"{seed}/{name}")
            world = draw_world(rng)
            if possible(WRITERS[name], world):
                out.append(WRITERS[name](world, rng))
    return out


def grid(form: Form) -> dict[tuple[int, int], str]:
    return {position: placed.mark.text for placed in form.cells for position in placed.positions()}


def amount(text: str) -> Decimal | None:
    plain = decimal(text)
    return None if plain is None else Decimal(plain)


def money(text: str) -> Decimal:
    """A number cell's amount; what stands for nothing is nothing."""
    return amount(text) or Decimal(0)


@pytest.mark.parametrize("name", WRITERS)
def test_every_form_tiles_and_shows_all_its_borders(name: str) -> None:
    for form in written(name):
        truth = form.truth()
        assert tiles(read_table(truth))
        assert {cell["row"] for cell in truth["cells"]} == set(range(form.n_rows))
        assert {cell["col"] for cell in truth["cells"]} == set(range(form.n_cols))
        assert form.title.strip()
        assert len(form.widths) == form.n_cols
        assert 0 <= form.header_rows < form.n_rows


def test_there_are_many_layouts() -> None:
    families = {form.family for form in written(*WRITERS)}
    assert len(WRITERS) >= 20
    assert len(families) >= 35


def test_a_unit_is_bare_and_printed() -> None:
    for form in written(*WRITERS):
        assert form.unit in ("", "万元", "元", "千元")
        seen = "".join(text for line in form.above for text in line) + "".join(p.mark.text for p in form.cells)
        if form.unit and form.unit not in seen:
            assert not form.above  # a form may print no line at all above its table
            pytest.fail(f"{form.family}: unit {form.unit} is nowhere printed")


CODED = ("general", "income", "spending", "matrix", "fund", "capital", "basic", "government")


@pytest.mark.parametrize("name", CODED)
def test_codes_roll_up_in_every_column(name: str) -> None:
    """Sections add up to their class and items to their section, column by column, with one column of codes."""
    checked = 0
    for form in written(name):
        cells = grid(form)
        coded: dict[int, str] = {}
        for row in range(form.header_rows, form.n_rows):
            words = [cells[row, col] for col in range(min(2, form.n_cols))]
            known = [
                w
                for w in words
                if w.isdigit()
                and (w in CLASSES or w in SECTIONS or w in ITEMS or w in ECONOMIC or w[:3].startswith("50"))
            ]
            if len(known) == 1 and len(known[0]) in (3, 5, 7):
                coded[row] = known[0]
        if len(coded) < 3:
            continue
        # 501 … are the government's own codes; serial numbers never have three digits here.
        columns = [c for c in range(2, form.n_cols) if any(amount(cells[r, c]) is not None for r in coded)]
        columns = [c for c in columns if not any("%" in cells[r, c] for r in coded)]
        shorter = {3: 0, 5: 3, 7: 5}
        for col in columns:
            sums: dict[str, Decimal] = defaultdict(Decimal)
            own: dict[str, Decimal] = {}
            for row, code in coded.items():
                own[code] = money(cells[row, col])
                if shorter[len(code)]:
                    sums[code[: shorter[len(code)]]] += own[code]
            for code, total in sums.items():
                if code in own:
                    assert own[code] == total, (form.family, code, col)
                    checked += 1
    assert checked > 20


def column_of(form: Form, word: str, last: bool = True) -> int:
    """The column over which a header cell of one column says `word`."""
    found = [p.col for p in form.cells if p.mark.header and p.mark.text == word and p.mark.col_span == 1]
    return found[-1 if last else 0]


@pytest.mark.parametrize(
    ("name", "whole", "parts"),
    [("spending", "合计", ("基本支出", "项目支出")), ("general", "合计", ("基本支出", "项目支出"))],
)
def test_rows_add_up(name: str, whole: str, parts: tuple[str, str]) -> None:
    checked = 0
    for form in written(name):
        heads = {p.mark.text for p in form.cells if p.mark.header and p.mark.col_span == 1}
        if not {whole, *parts} <= heads or "上缴上级支出" in heads:
            continue
        cells = grid(form)
        for row in range(form.header_rows, form.n_rows):
            figures = [money(cells[row, column_of(form, word)]) for word in (whole, *parts)]
            assert figures[0] == figures[1] + figures[2]
            checked += 1
    assert checked > 50


def test_income_balances_spending() -> None:
    for form in written("balance", "granted"):
        cells, last = grid(form), form.n_rows - 1
        income, spent = [p.col for p in form.cells if p.row == last and "总" in p.mark.text][:2]
        budgets = [p.col for p in form.cells if p.row == last and p.col > spent and p.mark.cls == "n"]
        by_budget = form.family == "granted" and len(budgets) == 3  # three budgets and no column of their sum
        out = sum(money(cells[last, col]) for col in (budgets if by_budget else budgets[:1]))
        assert money(cells[last, income + 1]) == out > 0, form.family


def test_projects_add_up_to_their_total() -> None:
    checked = 0
    for form in written("projects"):
        cells = grid(form)
        total = [p.row for p in form.cells if p.mark.text == "合计" and not p.mark.header]
        if not total:
            continue
        for col in range(form.n_cols - 4, form.n_cols):
            rows = [r for r in range(form.header_rows, form.n_rows) if r != total[0]]
            assert money(cells[total[0], col]) == sum(money(cells[r, col]) for r in rows)
            checked += 1
    assert checked > 20


def test_an_income_total_is_the_spending_total_of_its_world() -> None:
    for seed in SEEDS:
        world = draw_world(random.Random(seed))
        assert sum(world.own) == world.spent("own")
        assert sum(line.total for line in rolled(world.items, (3,))) == world.total
        assert sum(project.total for project in world.projects) <= sum(item.project for item in world.items)
        office = sum(m for c, m in world.economic if c[:3] in ("302", "310"))
        assert office == sum(item.office for item in world.of("general"))


def test_the_same_seed_draws_the_same_forms() -> None:
    def draw(seed: int) -> list[object]:
        rng = random.Random(seed)
        return [form.truth() for form in draw_forms(draw_world(rng), rng, 4)]

    assert draw(5) == draw(5) != draw(6)


@pytest.mark.parametrize(
    ("style", "value", "printed"),
    [
        (NumberStyle("万元", 2, True, "", "minus"), 123456789, "1,234,567.89"),
        (NumberStyle("万元", 2, False, "", "brackets"), -350, "(3.50)"),
        (NumberStyle("万元", 2, False, "0", "dash"), 0, "0.00"),
        (NumberStyle("元", 0, False, "—", "word"), 0, "—"),
        (NumberStyle("元", 0, False, "", "word"), -12, "负12"),
        (NumberStyle("万元", 4, False, "", "dash", trimmed=True), -125000, "−12.5"),
        (NumberStyle("万元", 2, False, "", "minus", full_width=True), 1250, "１２．５０"),
    ],
)
def test_numbers_are_printed_in_their_style(style: NumberStyle, value: int, printed: str) -> None:
    assert style.show(value) == printed


def test_every_printed_amount_is_read_back_as_itself() -> None:
    rng = random.Random(0)
    for seed in range(200):
        style = draw_world(random.Random(seed)).numbers
        value = rng.randint(-(10**9), 10**9)
        assert amount(style.show(value)) == Decimal(value).scaleb(-style.decimals)


def test_split_keeps_the_total() -> None:
    rng = random.Random(3)
    for total in (0, 1, 7, 100, 98765):
        for parts in (1, 2, 9):
            shares = split(rng, total, parts)
            assert sum(shares) == total
            assert len(shares) == parts
            assert min(shares) >= 0


def test_rows_that_do_not_tile_are_refused() -> None:
    hole = Sheet([[h("a"), h("b")], [h("c")]])
    hidden = Sheet([[h("a", 1, 2)], [t("b", 1, 2)]])
    for sheet in (hole, hidden):
        with pytest.raises(Untileable):
            sheet.form(family="x", name="x", title="x", unit="", widths=[1, 1], header_rows=0)


def test_hidden_columns_are_taken_out() -> None:
    sheet, widths = without_hidden_columns(Sheet([[h("a", 1, 2), h("b")], [n("1", 1, 2), n("2")]]), [1.0, 2.0, 4.0])
    form = sheet.form(family="x", name="x", title="x", unit="", widths=widths, header_rows=1)
    assert form.n_cols == 2
    assert form.widths == (3.0, 4.0)
