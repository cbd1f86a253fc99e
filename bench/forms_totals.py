"""Totals of income and spending: 收支总表, 收入总表, 支出总表, 财政拨款收支总表."""

from __future__ import annotations

import random

from bench.codes import CLASSES
from bench.form import Form, Mark, Sheet, h, n
from bench.frame import Head, amounts, draw_codes, draw_counting, header, heading, line_cells, width_of
from bench.world import SOURCES, World, rolled

CHINESE = "一二三四五六七八九十"
Entry = tuple[str, int | None, int]  # words, money (None: no number is printed there), indent


def ordinal(index: int) -> str:
    """一, 二, … 十, 十一, … 二十五."""
    tens, ones = divmod(index, 10)
    head = "" if tens == 0 else "十" if tens == 1 else CHINESE[tens - 1] + "十"
    return head + (CHINESE[ones - 1] if ones else "")


def classes(world: World, rng: random.Random, *budgets: str) -> list[tuple[str, int]]:
    """Spending by functional class, with classes of no money among them where the form lists them all."""
    spent = {line.code: line.total for line in rolled(world.of(*budgets), (3,))}
    if rng.random() < 0.6:
        for code in CLASSES:
            if code != "223" and rng.random() < 0.8:
                spent.setdefault(code, 0)
    return [
        (f"（{ordinal(i)}）{CLASSES[code]}" if len(spent) % 2 else f"{ordinal(i)}、{CLASSES[code]}", money)
        for i, (code, money) in enumerate(sorted(spent.items()), 1)
    ]


def sources(world: World) -> list[tuple[str, int]]:
    granted = (world.spent("general") - world.carried, world.spent("fund"), world.spent("capital"))
    return list(zip(SOURCES, (*granted, *world.own), strict=True))


def padded(entries: list[Entry], length: int) -> list[Entry]:
    return entries + [("", None, 0)] * (length - len(entries))


def cells(world: World, entry: Entry) -> list[Mark]:
    words, money, indent = entry
    total = words.replace("\u3000", "").endswith(("合计", "总计"))
    return [
        h(words, indent=indent, align="center" if total else "", bold=total),
        n("" if money is None else world.money(money)),
    ]


def income_entries(world: World, rng: random.Random) -> list[Entry]:
    listed = [(f"{ordinal(i)}、{name}", money) for i, (name, money) in enumerate(sources(world), 1)]
    entries: list[Entry] = []
    for index, (name, money) in enumerate(listed):
        entries.append((name, money, 0))
        if index == 0 and rng.random() < 0.4:
            fees = money // rng.randint(5, 30)
            entries += [("其中：经费拨款", money - fees, 1), ("非税收入拨款", fees, 2)]
    return entries


def closing(world: World, rng: random.Random) -> tuple[list[Entry], list[Entry]]:
    """The last lines of both sides, which balance."""
    before = world.total - world.carried
    left: list[Entry] = [("本年收入合计", before, 0)]
    right: list[Entry] = [("本年支出合计", world.total, 0)]
    if world.carried or rng.random() < 0.6:
        left.append((rng.choice(("上年结转", "上年结转结余", "使用非财政拨款结余")), world.carried, 0))
        right.append((rng.choice(("结转下年", "年终结转结余")), 0, 0))
    left.append((rng.choice(("收入总计", "收\u3000入\u3000总\u3000计")), world.total, 0))
    right.append((rng.choice(("支出总计", "支\u3000出\u3000总\u3000计")), world.total, 0))
    return left, right


def balance(world: World, rng: random.Random) -> Form:
    """收支总表: income left, spending by function right, totals at the foot."""
    name = rng.choice(("部门收支总表", "收支预算总表", "收支总体情况表", "部门收支总体情况表", "单位收支总表"))
    left = income_entries(world, rng)
    right: list[Entry] = [
        (words, money, 0) for words, money in classes(world, rng, "general", "fund", "capital", "own")
    ]
    left_end, right_end = closing(world, rng)
    body = max(len(left), len(right)) + rng.choice((0, 0, 1))
    left, right = padded(left, body) + left_end, padded(right, body) + right_end
    counting = draw_counting(rng)
    heads = [
        *counting.heads(),
        Head(rng.choice(("收入", "收\u3000\u3000入")), (Head("项目"), Head("预算数"))),
        Head(
            rng.choice(("支出", "支\u3000\u3000出")), (Head(rng.choice(("项目", "项目（按功能分类）"))), Head("预算数"))
        ),
    ]
    by_kind = rng.random() < 0.35
    third: list[Entry] = []
    if by_kind:
        third = kinds_of_spending(world, body, len(right_end))
        heads.append(Head("支出", (Head("项目（按支出性质）"), Head("预算数"))))
    sheet = Sheet()
    rows = header(sheet, heads)
    rows += counting.columns(sheet, 1, width_of(heads) - 1) if counting.serial else 0
    for index, (a, b) in enumerate(zip(left, right, strict=True)):
        marks = [*counting.row(index + 1), *cells(world, a), *cells(world, b)]
        sheet.row(*marks, *(cells(world, third[index]) if by_kind else ()))
    top = heading(world, rng, name)
    return sheet.form(
        family="balance" + ("-kinds" if by_kind else ""),
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        widths=[*counting.widths(), 2.6, 1.4, 2.8, 1.4, *((2.2, 1.4) if by_kind else ())],
        header_rows=rows,
        landscape=by_kind or rng.random() < 0.3,
    )


def kinds_of_spending(world: World, body: int, end: int) -> list[Entry]:
    staff = sum(item.staff for item in world.items)
    office = sum(item.office for item in world.items)
    project = sum(item.project for item in world.items)
    entries: list[Entry] = [
        ("一、基本支出", staff + office, 0),
        ("人员经费", staff, 1),
        ("公用经费", office, 1),
        ("二、项目支出", project, 0),
    ]
    tail: list[Entry] = [
        ("本年支出合计", world.total, 0),
        *((("结转下年", 0, 0),) if end == 3 else ()),
        ("支出总计", world.total, 0),
    ]
    return padded(entries[:body], body) + tail


def income(world: World, rng: random.Random) -> Form:
    """收入总表: by functional code or by unit, one column for each source, up to 16 columns."""
    name = rng.choice(("部门收入总表", "收入预算总表", "部门收入总体情况表", "收入总表"))
    codes, counting = draw_codes(rng), draw_counting(rng)
    grouped = rng.random() < 0.7
    granted: tuple[Head, ...] = (Head("一般公共预算"), Head("政府性基金预算"), Head("国有资本经营预算"))
    granted = (Head("小计"), *granted) if grouped else granted
    rest = tuple(
        Head(word)
        for word in ("财政专户管理资金", "事业收入", "事业单位经营收入", "上级补助收入", "附属单位上缴收入", "其他收入")
    )
    number_heads = [Head("合计"), Head("上年结转"), Head("财政拨款收入", granted), *rest]
    heads = [*counting.heads(), *codes.heads(), *number_heads]
    sheet = Sheet()
    rows = header(sheet, heads)
    labels = len(codes.widths())
    rows += counting.columns(sheet, labels + (1 if counting.serial else 0), width_of(number_heads))

    def money(general: int, fund: int, capital: int, carried: int, own: tuple[int, ...]) -> list[Mark]:
        grants = (general, fund, capital)
        values = [sum(grants) + carried + sum(own), carried, *((sum(grants),) if grouped else ()), *grants, *own]
        return amounts(world, values)

    sheet.row(
        *counting.row(1),
        *codes.total(rng),
        *money(
            world.spent("general") - world.carried,
            world.spent("fund"),
            world.spent("capital"),
            world.carried,
            world.own,
        ),
    )
    lines = {
        budget: {line.code: line.total for line in rolled(world.of(budget))}
        for budget in ("general", "fund", "capital", "own")
    }
    carrier = max(world.of("general"), key=lambda item: item.total).code
    for index, line in enumerate(rolled(world.items), 2):
        carried = world.carried if carrier.startswith(line.code) else 0
        # The own income of a form by code goes to the items that spend it, in proportion of its sources.
        holds = lines["own"].get(line.code, 0) == sum(world.own)
        own = world.own if holds else (0,) * 6
        sheet.row(
            *counting.row(index),
            *line_cells(codes, line),
            *money(
                lines["general"].get(line.code, 0) - carried,
                lines["fund"].get(line.code, 0),
                lines["capital"].get(line.code, 0),
                carried,
                own,
            ),
        )
    top = heading(world, rng, name, number=2)
    return sheet.form(
        family=f"income-{codes.kind}",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[*counting.widths(), *(w * 0.8 for w in codes.widths()), *([1.15] * width_of(number_heads))],
        landscape=True,
    )


def spending(world: World, rng: random.Random) -> Form:
    """支出总表: by functional code; basic and project spending, sometimes split further."""
    name = rng.choice(("部门支出总表", "支出预算总表", "部门支出总体情况表", "支出总表"))
    codes, counting = draw_codes(rng), draw_counting(rng)
    deep = rng.random() < 0.4
    basic = Head("基本支出", (Head("小计"), Head("人员经费"), Head("公用经费"))) if deep else Head("基本支出")
    extra = (
        [Head(word) for word in ("上缴上级支出", "事业单位经营支出", "对附属单位补助支出")]
        if rng.random() < 0.5
        else []
    )
    number_heads = [Head("合计"), basic, Head("项目支出"), *extra]
    sheet = Sheet()
    rows = header(sheet, [*counting.heads(), *codes.heads(), *number_heads])
    rows += counting.columns(sheet, len(codes.widths()) + (1 if counting.serial else 0), width_of(number_heads))

    def money(staff: int, office: int, project: int) -> list[Mark]:
        split = (staff + office, staff, office) if deep else (staff + office,)
        return amounts(world, [staff + office + project, *split, project, *([0] * len(extra))])

    items = world.items
    sheet.row(
        *counting.row(1),
        *codes.total(rng),
        *money(sum(i.staff for i in items), sum(i.office for i in items), sum(i.project for i in items)),
    )
    for index, line in enumerate(rolled(items), 2):
        sheet.row(*counting.row(index), *line_cells(codes, line), *money(line.staff, line.office, line.project))
    top = heading(world, rng, name, number=3)
    wide = width_of(number_heads) > 5
    return sheet.form(
        family=f"spending-{codes.kind}",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[*counting.widths(), *codes.widths(), *([1.3] * width_of(number_heads))],
        landscape=wide or rng.random() < 0.3,
    )


def granted(world: World, rng: random.Random) -> Form:
    """财政拨款收支总表: grants left; spending right with a column for each budget."""
    name = rng.choice(("财政拨款收支总表", "财政拨款收支总体情况表", "财政拨款收支预算总表"))
    budgets = ("general", "fund", "capital")
    money = [world.spent(b) for b in budgets]
    total, before = sum(money), sum(money) - world.carried
    left: list[Entry] = [
        ("一、本年收入", before, 0),
        ("（一）一般公共预算拨款", money[0] - world.carried, 1),
        ("（二）政府性基金预算拨款", money[1], 1),
        ("（三）国有资本经营预算拨款", money[2], 1),
        ("二、上年结转", world.carried, 0),
        ("（一）一般公共预算拨款", world.carried, 1),
        ("（二）政府性基金预算拨款", 0, 1),
        ("（三）国有资本经营预算拨款", 0, 1),
    ]
    spent = {b: {line.code: line.total for line in rolled(world.of(b), (3,))} for b in budgets}
    codes = sorted(code for code in CLASSES if any(code in spent[b] for b in budgets) or rng.random() < 0.5)
    right = [
        (f"（{ordinal(i)}）{CLASSES[code]}", [spent[b].get(code, 0) for b in budgets])
        for i, code in enumerate(codes, 1)
    ]
    body = max(len(left), len(right) + 2)
    with_total = rng.random() < 0.75
    heads = [
        Head("收入", (Head("项目"), Head("金额"))),
        Head(
            "支出",
            (
                Head("项目"),
                *((Head("合计"),) if with_total else ()),
                Head("一般公共预算"),
                Head("政府性基金预算"),
                Head("国有资本经营预算"),
            ),
        ),
    ]
    sheet = Sheet()
    rows = header(sheet, heads)

    def spread(words: str, values: list[int] | None, indent: int = 0) -> list[Mark]:
        numbers = (
            [n("")] * (3 + with_total)
            if values is None
            else amounts(world, ([sum(values)] if with_total else []) + values)
        )
        return [h(words, indent=indent, align="center" if words.endswith("总计") else ""), *numbers]

    lines = [spread("一、本年支出", money), *(spread(w, v, 1) for w, v in right), spread("二、结转下年", [0, 0, 0])]
    lines += [spread("", None)] * (body - len(lines))
    for entry, marks in zip(padded(left, len(lines)), lines, strict=True):
        sheet.row(*cells(world, entry), *marks)
    sheet.row(*cells(world, ("收入总计", total, 0)), *spread("支出总计", money))
    top = heading(world, rng, name, number=4)
    return sheet.form(
        family="granted",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[2.6, 1.3, 2.8, *([1.3] * (3 + with_total))],
        landscape=rng.random() < 0.7,
    )
