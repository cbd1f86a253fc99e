"""Smaller tables: 三公经费, 项目支出, 单位情况, 增减说明."""

from __future__ import annotations

import random

from bench.codes import name_of
from bench.form import Form, Mark, Sheet, h, n, t
from bench.frame import Head, amounts, draw_counting, header, heading
from bench.money import draw_amount, share
from bench.world import World


def travel(world: World, rng: random.Random) -> Form:
    """三公经费: a single wide line, a list of purposes, or both years side by side."""
    name = rng.choice(
        ("一般公共预算“三公”经费支出表", "财政拨款“三公”经费支出预算表", "“三公”经费预算情况表", "‘三公’经费支出表")
    )
    now, before = world.travel, world.travel_before
    shape = rng.choice(("wide", "both", "list", "compared"))
    top = heading(world, rng, name, number=7)
    sheet = Sheet()
    wide = (
        Head("“三公”经费合计"),
        Head("因公出国（境）费"),
        Head("公务用车购置及运行费", (Head("小计"), Head("公务用车购置费"), Head("公务用车运行费"))),
        Head("公务接待费"),
    )

    def flat(money: tuple[int, int, int, int]) -> list[Mark]:
        abroad, purchase, use, guests = money
        return amounts(world, [sum(money), abroad, purchase + use, purchase, use, guests])

    if shape == "wide":
        rows = header(sheet, [Head("单位名称"), *wide] if rng.random() < 0.5 else wide)
        sheet.row(*([h(world.org)] if len(sheet.rows[0]) == 5 else []), *flat(now))
        widths = [*((2.0,) if len(sheet.rows[0]) == 5 else ()), *([1.3] * 6)]
    elif shape == "both":
        rows = header(sheet, [Head(f"{world.year - 1}年预算数", wide), Head(f"{world.year}年预算数", wide)])
        sheet.row(*flat(before), *flat(now))
        widths = [1.0] * 12
    else:
        compared = shape == "compared"
        last = (Head(f"{world.year - 1}年预算数"), Head(f"{world.year}年预算数"), Head("增减额"), Head("增减变化（%）"))
        rows = header(sheet, [Head("项目"), *(last if compared else (Head("预算数"),))])
        for words, indent, new, old in travel_lines(now, before):
            numbers = (
                [*amounts(world, [old, new, new - old]), n(share(new - old, old))]
                if compared
                else amounts(world, [new])
            )
            sheet.row(h(words, indent=indent), *numbers)
        widths = [3.0, *([1.4] * (4 if compared else 1))]
    return sheet.form(
        family=f"travel-{shape}",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=widths,
        landscape=shape == "both",
        notes=["注：“三公”经费包括因公出国（境）费、公务用车购置及运行费和公务接待费。"] if rng.random() < 0.3 else [],
    )


def travel_lines(now: tuple[int, int, int, int], before: tuple[int, int, int, int]) -> list[tuple[str, int, int, int]]:
    return [
        ("合计", 0, sum(now), sum(before)),
        ("1、因公出国（境）费用", 0, now[0], before[0]),
        ("2、公务接待费", 0, now[3], before[3]),
        ("3、公务用车费", 0, now[1] + now[2], before[1] + before[2]),
        ("其中：（1）公务用车运行维护费", 1, now[2], before[2]),
        ("（2）公务用车购置", 2, now[1], before[1]),
    ]


def projects(world: World, rng: random.Random) -> Form:
    """项目支出表: one line for each project, its sources in columns; sometimes grouped by kind of project."""
    name = rng.choice(("项目支出表", "项目支出预算表", "部门项目支出情况表", "专项资金预算汇总表"))
    counting = draw_counting(rng)
    grouped = rng.random() < 0.4
    with_code, with_item = rng.random() < 0.4, rng.random() < 0.45
    labels = [
        Head(word) for word, kept in (("类型", grouped), ("项目编码", with_code), ("功能科目", with_item)) if kept
    ]
    sources = (Head("一般公共预算"), Head("政府性基金预算"), Head("其他资金"))
    heads = [*counting.heads(), *labels, Head("项目名称"), Head("项目单位"), Head("合计"), Head("资金来源", sources)]
    sheet = Sheet()
    rows = header(sheet, heads)
    ordered = sorted(world.projects, key=lambda p: p.lasting)
    serial = 1
    width = len(labels) + 2
    if rng.random() < 0.6:
        everything = [
            sum(p.total for p in ordered),
            *(sum(money) for money in zip(*((p.general, p.fund, p.other) for p in ordered), strict=True)),
        ]
        sheet.row(
            *counting.row(serial),
            h("合计", 1, width, align="center", bold=True),
            *amounts(world, everything or [0] * 4),
        )
        serial += 1
    for lasting in (False, True):
        group = [p for p in ordered if p.lasting == lasting]
        for index, project in enumerate(group):
            marks: list[Mark] = []
            if grouped and index == 0:
                marks.append(h("经常性项目" if lasting else "一次性项目", len(group), align="center"))
            marks += [h(project.code)] if with_code else []
            marks += [h(f"{project.item}{name_of(project.item)}")] if with_item else []
            marks += [h(project.name), h(world.org)]
            sheet.row(
                *counting.row(serial),
                *marks,
                *amounts(world, [project.total, project.general, project.fund, project.other]),
            )
            serial += 1
    top = heading(world, rng, name, number=10)
    sizes = [w for w, kept in ((0.6, grouped), (1.3, with_code), (2.0, with_item)) if kept]
    return sheet.form(
        family="projects" + ("-grouped" if grouped else ""),
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[*counting.widths(), *sizes, 3.2, 2.0, *([1.3] * 4)],
        landscape=rng.random() < 0.7,
    )


def by_unit(world: World, rng: random.Random) -> Form:
    """Income or spending of each subordinate unit, with staff numbers beside the money."""
    name = rng.choice(("部门预算单位构成及收支情况表", "单位基本情况表", "所属单位预算汇总表"))
    counting = draw_counting(rng)
    people = Head("人员情况（人）", (Head("编制数"), Head("实有人数"), Head("离退休人数")))
    money = Head(f"预算支出（{world.numbers.unit}）", (Head("合计"), Head("基本支出"), Head("项目支出")))
    with_kind = rng.random() < 0.5
    kind = (Head("单位性质"), Head("预算级次")) if with_kind else ()
    order = [people, money] if rng.random() < 0.5 else [money, people]
    sheet = Sheet()
    rows = header(sheet, [*counting.heads(), Head("单位名称"), *kind, *order])
    lines = []
    for unit in world.units:
        basic, project = draw_amount(rng, world.numbers, 20, 900), draw_amount(rng, world.numbers, 1, 900)
        posts = rng.randint(3, 120)
        lines.append(
            (unit, [posts, max(1, posts - rng.randint(0, 9)), rng.randint(0, 60)], [basic + project, basic, project])
        )
    totals = ([sum(column) for column in zip(*(line[i] for line in lines), strict=True)] for i in (1, 2))
    heads_total, money_total = totals

    def numbers(counts: list[int], values: list[int]) -> list[Mark]:
        left, right = [n(str(c)) for c in counts], amounts(world, values)
        return left + right if order[0] is people else right + left

    sheet.row(*counting.row(1), h("合计", 1, 1 + len(kind), align="center"), *numbers(heads_total, money_total))
    for index, (unit, counts, values) in enumerate(lines, 2):
        marks = [t("行政单位" if "本级" in unit else "事业单位"), t("二级预算")] if with_kind else []
        sheet.row(*counting.row(index), h(unit), *marks, *numbers(counts, values))
    top = heading(world, rng, name, number=13, unit_above=False)
    return sheet.form(
        family="units",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[*counting.widths(), 3.0, *([1.2] * len(kind)), *([1.1] * 6)],
        landscape=rng.random() < 0.6,
    )


def changes(world: World, rng: random.Random) -> Form:
    """预算增减变化情况: two years' money and a column of reasons in running text."""
    name = rng.choice(("预算收支增减变化情况表", "本年预算与上年预算对比表"))
    sheet = Sheet()
    rows = header(
        sheet,
        [
            Head("项目"),
            Head(f"{world.year - 1}年预算"),
            Head(f"{world.year}年预算"),
            Head("增减"),
            Head("增减原因说明"),
        ],
    )
    reasons = (
        "人员增减变动及工资标准调整，相应调整社会保险缴费基数。",
        "严格落实过紧日子要求，压减一般性支出，从严控制会议、培训和差旅。",
        "上年项目已完成，本年不再安排；新增信息化平台运行维护项目一个。",
        "按照上级文件要求增加专项资金，用于基层站所能力提升。",
        "与上年持平",
        "",
    )
    items = world.of("general")
    parts = (
        (
            "基本支出",
            sum(i.basic for i in items),
            ("人员经费", sum(i.staff for i in items)),
            ("公用经费", sum(i.office for i in items)),
        ),
        ("项目支出", sum(i.project for i in items), None, None),
    )
    old_total = new_total = 0
    written: list[list[Mark]] = []
    for words, money, *under in parts:
        olds = [(label, value, int(value * rng.uniform(0.7, 1.3))) for label, value in (u for u in under if u)]
        old = sum(o for _, _, o in olds) if olds else int(money * rng.uniform(0.5, 1.5))
        old_total, new_total = old_total + old, new_total + money
        written.append([h(words), *amounts(world, [old, money, money - old]), t(rng.choice(reasons))])
        written += [
            [h(label, indent=1), *amounts(world, [o, v, v - o]), t(rng.choice(reasons))] for label, v, o in olds
        ]
    sheet.row(h("支出合计", align="center"), *amounts(world, [old_total, new_total, new_total - old_total]), t(""))
    for marks in written:
        sheet.row(*marks)
    top = heading(world, rng, name, number=14)
    return sheet.form(
        family="changes",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[1.8, 1.3, 1.3, 1.3, 3.6],
        landscape=rng.random() < 0.3,
    )
