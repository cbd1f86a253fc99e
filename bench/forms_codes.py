"""Tables by codes: 一般公共预算支出表, 基本支出表, 政府性基金, 国有资本经营, 支出按政府经济分类."""

from __future__ import annotations

import random
from collections import defaultdict

from bench.codes import ECONOMIC, GOVERNMENT, GOVERNMENT_CLASSES, OFFICE_EXPENSE
from bench.form import Form, Mark, Sheet, h, n
from bench.frame import Head, amounts, draw_codes, draw_counting, header, heading, line_cells, width_of
from bench.money import share, split
from bench.world import Item, World, rolled


def general(world: World, rng: random.Random) -> Form:
    """一般公共预算支出表: by functional code, sometimes beside last year's money and the change."""
    name = rng.choice(("一般公共预算支出表", "一般公共预算支出情况表", "一般公共预算财政拨款支出表"))
    codes, counting = draw_codes(rng), draw_counting(rng)
    compared = rng.random() < 0.45
    this = (Head("小计"), Head("基本支出"), Head("项目支出"))
    if compared:
        number_heads = [
            Head(f"{world.year - 1}年执行数"),
            Head(f"{world.year}年预算数", this),
            Head(f"{world.year}年预算数比{world.year - 1}年执行数", (Head("增减额"), Head("增减%"))),
        ]
    else:
        people = (Head("人员经费"), Head("公用经费")) if rng.random() < 0.5 else ()
        basic = Head("基本支出", (Head("小计"), *people)) if people else Head("基本支出")
        number_heads = [Head("合计"), basic, Head("项目支出")]
    deep = not compared and width_of(number_heads) == 5
    sheet = Sheet()
    rows = header(sheet, [*counting.heads(), *codes.heads(), *number_heads])
    rows += counting.columns(sheet, len(codes.widths()) + (1 if counting.serial else 0), width_of(number_heads))
    lines = rolled(world.of("general"))
    change = {line.code: rng.uniform(0.6, 1.4) for line in lines if len(line.code) == 7}
    items = {item.code: item.total for item in world.of("general")}

    def before(prefix: str) -> int:
        return sum(int(money * change[code]) for code, money in items.items() if code.startswith(prefix))

    def money(code: str, staff: int, office: int, project: int) -> list[Mark]:
        total = staff + office + project
        if compared:
            old = before(code)
            marks = amounts(world, [old, total, staff + office, project, total - old])
            return [*marks, n(share(total - old, old))]
        split = (staff + office, staff, office) if deep else (staff + office,)
        return amounts(world, [total, *split, project])

    general_items = world.of("general")
    sums = (
        sum(i.staff for i in general_items),
        sum(i.office for i in general_items),
        sum(i.project for i in general_items),
    )
    body = [(line_cells(codes, line), money(line.code, line.staff, line.office, line.project)) for line in lines]
    total = (codes.total(rng), money("", *sums))
    for index, (labels, numbers) in enumerate([*body, total] if rng.random() < 0.25 else [total, *body], 1):
        sheet.row(*counting.row(index), *labels, *numbers)
    top = heading(world, rng, name, number=5)
    return sheet.form(
        family=f"general-{codes.kind}" + ("-compared" if compared else ""),
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        landscape=compared or rng.random() < 0.2,
        widths=[*counting.widths(), *codes.widths(), *([1.35] * width_of(number_heads))],
    )


def basic(world: World, rng: random.Random) -> Form:
    """基本支出表: by economic code, staff and office money apart."""
    name = rng.choice(("一般公共预算基本支出表", "一般公共预算基本支出情况表", "一般公共预算财政拨款基本支出表"))
    codes, counting = draw_codes(rng, economic=True), draw_counting(rng)
    split = rng.random() < 0.6
    numbers = (Head("合计"), Head("人员经费"), Head("公用经费")) if split else (Head("金额"),)
    number_heads = [Head(f"{world.year}年基本支出", numbers)] if rng.random() < 0.6 else list(numbers)
    sheet = Sheet()
    rows = header(sheet, [*counting.heads(), *codes.heads(), *number_heads])
    rows += counting.columns(sheet, len(codes.widths()) + (1 if counting.serial else 0), width_of(number_heads))
    sums: dict[str, int] = defaultdict(int)
    for code, money in world.economic:
        sums[code[:3]] += money
        sums[code] += money

    def money_of(amount: int, code: str) -> list[Mark]:
        people = amount if code[:3] in ("301", "303") else 0
        return amounts(world, [amount, people, amount - people] if split else [amount])

    people = sum(money for code, money in world.economic if code[:3] in ("301", "303"))
    everything = sum(money for _, money in world.economic)
    total = amounts(world, [everything, people, everything - people] if split else [everything])
    sheet.row(*counting.row(1), *codes.total(rng, rng.choice(("合计", "合\u3000计", "总计"))), *total)
    for index, code in enumerate(sorted(sums), 2):
        sheet.row(*counting.row(index), *codes.cells(code, ECONOMIC[code]), *money_of(sums[code], code))
    top = heading(world, rng, name, number=6)
    return sheet.form(
        family=f"basic-{codes.kind}",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[*counting.widths(), *codes.widths(), *([1.5] * width_of(number_heads))],
    )


def two_economies(world: World, rng: random.Random) -> Form:
    """基本支出表 in both economic classifications: department codes and the government codes they fall under."""
    name = rng.choice(("一般公共预算基本支出表", "基本支出预算表（按经济分类）"))
    narrow = rng.random() < 0.6
    by_code = (Head("类"), Head("款"), Head("科目名称")) if narrow else (Head("科目编码"), Head("科目名称"))
    heads = [Head("部门预算支出经济分类科目", by_code), Head("政府预算支出经济分类科目", by_code), Head("金额")]
    sheet = Sheet()
    rows = header(sheet, heads)
    width = 6 if narrow else 4
    everything = sum(money for _, money in world.economic)
    sheet.row(h("合计", 1, width, align="center", bold=True), n(world.money(everything)))

    def pair(code: str, name: str, *, rs: int = 1) -> list[Mark]:
        parts = (code[:3], code[3:]) if narrow else (code,)
        return [*(h(part, rs, align="center") for part in parts), h(name, rs, indent=len(code) // 5)]

    sums: dict[str, int] = defaultdict(int)
    for code, money in world.economic:
        sums[code[:3]] += money
    previous = ""
    for code, money in world.economic:
        if code[:3] != previous:
            previous = code[:3]
            blank = [h("") for _ in range(width // 2)]
            sheet.row(*pair(previous, ECONOMIC[previous]), *blank, n(world.money(sums[previous])))
        sheet.row(*pair(code, ECONOMIC[code]), *pair(*GOVERNMENT.get(code, OFFICE_EXPENSE)), n(world.money(money)))
    top = heading(world, rng, name, number=6)
    side = (0.5, 0.5, 2.6) if narrow else (0.9, 2.6)
    return sheet.form(
        family="basic-two-economies",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[*side, *side, 1.5],
    )


def matrix(world: World, rng: random.Random) -> Form:
    """支出 by functional code against economic classes: up to 20 columns on a landscape page."""
    name = rng.choice(("支出预算表（按经济分类）", "部门支出明细表", "支出按经济科目分类预算表"))
    codes = draw_codes(rng)
    picked: dict[str, list[str]] = {}
    for third, most in (("301", 4), ("302", 4), ("303", 2)):
        known = [code for code, _ in world.economic if code.startswith(third)]
        if known:
            picked[third] = known[: rng.randint(1, most)]
    groups = [Head(ECONOMIC[c], (Head("小计"), *(Head(ECONOMIC[d]) for d in picked[c]), Head("其他"))) for c in picked]
    number_heads = [Head("总计"), Head("基本支出", (Head("合计"), *groups)), Head("项目支出")]
    sheet = Sheet()
    rows = header(sheet, [*codes.heads(), *number_heads])
    people, things = [c for c in picked if c != "302"], [c for c in picked if c == "302"]
    people, things = people or things, things or people
    table = {item.code: economic_row(rng, item, picked, people, things) for item in world.of("general")}

    def money(prefix: str) -> list[Mark]:
        columns = [
            sum(column) for column in zip(*(v for code, v in table.items() if code.startswith(prefix)), strict=True)
        ]
        project = sum(item.project for item in world.of("general") if item.code.startswith(prefix))
        values, at, whole = [], 0, 0
        for c in picked:
            part = columns[at : at + len(picked[c]) + 1]
            at += len(part)
            whole += sum(part)
            values += [sum(part), *part]
        return amounts(world, [whole + project, whole, *values, project])

    sheet.row(*codes.total(rng), *money(""))
    for line in rolled(world.of("general")):
        sheet.row(*line_cells(codes, line), *money(line.code))
    top = heading(world, rng, name, number=7)
    return sheet.form(
        family="matrix",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[*(w * 0.7 for w in codes.widths()), *([1.0] * width_of(number_heads))],
        landscape=True,
    )


def economic_row(
    rng: random.Random, item: Item, picked: dict[str, list[str]], people: list[str], things: list[str]
) -> list[int]:
    """An item's basic spending under each picked economic code and each class's 其他, in the order of columns."""
    shares: dict[str, list[int]] = {c: [0] * (len(codes) + 1) for c, codes in picked.items()}
    for money, where in ((item.staff, people), (item.office, things)):
        slots = [(c, i) for c in where for i in range(len(shares[c]))]
        for (c, i), part in zip(slots, split(rng, money, len(slots)), strict=True):
            shares[c][i] += part
    return [value for column in shares.values() for value in column]


def government(world: World, rng: random.Random) -> Form:
    """Basic spending rolled up by the government's own economic codes."""
    name = rng.choice(("一般公共预算基本支出表（政府经济分类）", "按政府预算支出经济分类的基本支出表"))
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for code, money in world.economic:
        key = GOVERNMENT.get(code, OFFICE_EXPENSE)
        sums[key] += money
        sums[(key[0][:3], GOVERNMENT_CLASSES[key[0][:3]])] += money
    codes, counting = draw_codes(rng, economic=True), draw_counting(rng)
    sheet = Sheet()
    unit_above = rng.random() < 0.6
    amount_head = "预算数" if unit_above else f"预算数（{world.numbers.unit}）"
    rows = header(sheet, [*counting.heads(), *codes.heads(), Head(amount_head), Head("备注")])
    rows += counting.columns(sheet, len(codes.widths()) + (1 if counting.serial else 0), 2)
    for index, ((code, label), money) in enumerate(sorted(sums.items()), 1):
        sheet.row(*counting.row(index), *codes.cells(code, label), n(world.money(money)), h(""))
    total = sum(money for _, money in world.economic)
    sheet.row(*counting.row(len(sums) + 1), *codes.total(rng), n(world.money(total)), h(""))
    top = heading(world, rng, name, number=6, unit_above=unit_above)
    return sheet.form(
        family="government",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[*counting.widths(), *codes.widths(), 1.6, 1.2],
    )


def budget_of(world: World, rng: random.Random, budget: str) -> Form:
    """政府性基金 or 国有资本经营 spending; where there is none the table is printed empty with a note."""
    word = {"fund": "政府性基金预算", "capital": "国有资本经营预算"}[budget]
    name = rng.choice((f"{word}支出表", f"{word}财政拨款支出表", f"{word}支出情况表"))
    codes, counting = draw_codes(rng), draw_counting(rng)
    grouped = rng.random() < 0.5
    numbers = (Head("小计"), Head("基本支出"), Head("项目支出"))
    number_heads = [Head("本年支出", numbers)] if grouped else [Head("合计"), *numbers[1:]]
    if budget == "fund" and grouped and rng.random() < 0.4:
        number_heads = [Head("上年结转和结余"), Head("本年收入"), *number_heads, Head("年末结转和结余")]
    sheet = Sheet()
    rows = header(sheet, [*counting.heads(), *codes.heads(), *number_heads])
    rows += counting.columns(sheet, len(codes.widths()) + (1 if counting.serial else 0), width_of(number_heads))
    long = width_of(number_heads) == 6
    items = world.of(budget)

    def money(amount: int) -> list[Mark]:
        values = [amount, 0, amount]
        return amounts(world, [0, amount, *values, 0] if long else values)

    notes: list[str] = []
    if items:
        sheet.row(*counting.row(1), *codes.total(rng), *money(sum(item.total for item in items)))
        for index, line in enumerate(rolled(items), 2):
            sheet.row(*counting.row(index), *line_cells(codes, line), *money(line.total))
    else:
        blanks = len(codes.widths()) + width_of(number_heads)
        if rng.random() < 0.5:
            sheet.row(*counting.row(1), *codes.total(rng), *(n("") for _ in range(width_of(number_heads))))
        for index in range(rng.randint(1, 5)):
            sheet.row(*counting.row(index + 2), *(h("") for _ in range(blanks)))
        notes = [
            rng.choice(
                (
                    f"注：本部门{world.year}年没有使用{word}安排的支出，故本表无数据。",
                    f"备注：我单位无{word}支出，空表列示。",
                    f"说明：{world.org}{world.year}年无{word}拨款。",
                )
            )
        ]
    top = heading(world, rng, name, number=8 if budget == "fund" else 9)
    return sheet.form(
        family=f"{budget}" + ("" if items else "-empty"),
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        notes=notes,
        widths=[*counting.widths(), *codes.widths(), *([1.3] * width_of(number_heads))],
        landscape=long,
    )


def fund(world: World, rng: random.Random) -> Form:
    return budget_of(world, rng, "fund")


def capital(world: World, rng: random.Random) -> Form:
    return budget_of(world, rng, "capital")
