"""Smaller tables: 三公经费, 项目支出, 政府采购, 购买服务, 资产, 单位情况, 增减说明."""

from __future__ import annotations

import random

from bench.codes import name_of
from bench.form import Form, Mark, Sheet, h, n, t
from bench.frame import Head, amounts, draw_counting, header, heading
from bench.money import draw_amount, share
from bench.world import World


def travel(world: World, rng: random.Random) -> Form:
    """三公经费: a single wide line, a list of purposes, or both years side by side."""
    name = rng.choice(("一般公共预算“三公”经费支出表", "财政拨款“三公”经费支出预算表", "“三公”经费预算情况表", "‘三公’经费支出表"))
    now, before = world.travel, world.travel_before
    shape = rng.choice(("wide", "both", "list", "compared"))
    top = heading(world, rng, name, number=7)
    sheet = Sheet()
    wide = (
        Head("“三公”经费合计"), Head("因公出国（境）费"),
        Head("公务用车购置及运行费", (Head("小计"), Head("公务用车购置费"), Head("公务用车运行费"))), Head("公务接待费"),
    )  # fmt: skip

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
            numbers = [*amounts(world, [old, new, new - old]), n(share(new - old, old))] if compared else amounts(world, [new])
            sheet.row(h(words, indent=indent), *numbers)
        widths = [3.0, *([1.4] * (4 if compared else 1))]
    return sheet.form(
        family=f"travel-{shape}", name=name, title=top.title, unit=top.unit, above=top.above, tag=top.tag, header_rows=rows,
        widths=widths, landscape=shape == "both",
        notes=["注：“三公”经费包括因公出国（境）费、公务用车购置及运行费和公务接待费。"] if rng.random() < 0.3 else [],
    )  # fmt: skip


def travel_lines(
    now: tuple[int, int, int, int], before: tuple[int, int, int, int]
) -> list[tuple[str, int, int, int]]:
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
    labels = [Head(word) for word, kept in (("类型", grouped), ("项目编码", with_code), ("功能科目", with_item)) if kept]
    sources = (Head("一般公共预算"), Head("政府性基金预算"), Head("其他资金"))
    heads = [*counting.heads(), *labels, Head("项目名称"), Head("项目单位"), Head("合计"), Head("资金来源", sources)]
    sheet = Sheet()
    rows = header(sheet, heads)
    ordered = sorted(world.projects, key=lambda p: p.lasting)
    serial = 1
    width = len(labels) + 2
    if rng.random() < 0.6:
        everything = [sum(p.total for p in ordered), *(sum(money) for money in zip(*((p.general, p.fund, p.other) for p in ordered), strict=True))]
        sheet.row(*counting.row(serial), h("合计", 1, width, align="center", bold=True), *amounts(world, everything or [0] * 4))
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
            sheet.row(*counting.row(serial), *marks, *amounts(world, [project.total, project.general, project.fund, project.other]))
            serial += 1
    top = heading(world, rng, name, number=10)
    sizes = [w for w, kept in ((0.6, grouped), (1.3, with_code), (2.0, with_item)) if kept]
    return sheet.form(
        family="projects" + ("-grouped" if grouped else ""), name=name, title=top.title, unit=top.unit, above=top.above, tag=top.tag,
        header_rows=rows, widths=[*counting.widths(), *sizes, 3.2, 2.0, *([1.3] * 4)], landscape=rng.random() < 0.7,
    )  # fmt: skip


GOODS = (
    ("A02010104", "台式计算机", "台"), ("A02010105", "便携式计算机", "台"), ("A02021003", "A4黑白打印机", "台"),
    ("A02020100", "复印机", "台"), ("A02061804", "空调机", "台"), ("A05010201", "办公桌", "张"), ("A05010301", "办公椅", "把"),
    ("C16010000", "软件开发服务", "项"), ("C21040000", "物业管理服务", "项"), ("C23120301", "车辆维修和保养服务", "批"),
    ("A02030501", "轿车", "辆"), ("A08060301", "基础软件", "套"), ("C23090199", "其他印刷服务", "批"), ("A07100301", "纸制文具", "箱"),
    ("B07010000", "装修工程", "项"), ("C1804010201", "机动车保险服务", "项"),
)  # fmt: skip


def purchase(world: World, rng: random.Random) -> Form:
    """政府采购预算表: goods with quantity, price and amount (quantity times price)."""
    name = rng.choice(("政府采购预算表", "部门政府采购预算", "政府采购情况表"))
    counting = draw_counting(rng)
    style = rng.choice(("catalogue", "plain", "sources"))
    middle = {
        "catalogue": (Head("采购目录编码"), Head("采购品目名称")), "plain": (Head("采购物品名称"),),
        "sources": (Head("采购品目"), Head("采购方式")),
    }[style]  # fmt: skip
    tail: list[Head] = [Head("计量单位"), Head("数量"), Head("单价"), Head("总价")]
    if style == "sources":
        tail = [Head("数量"), Head("单价"), Head("预算金额", (Head("合计"), Head("一般公共预算"), Head("其他资金")))]
    sheet = Sheet()
    rows = header(sheet, [*counting.heads(), Head("项目名称"), *middle, *tail])
    goods = rng.sample(GOODS, rng.randint(2, 9))
    names = [p.name for p in world.projects] or ["公用经费"]
    lines = []
    for code, good, measure in goods:
        quantity = 1 if measure in ("项", "批") else rng.randint(1, 40)
        price = draw_amount(rng, world.numbers, 0.3, 20)
        lines.append((rng.choice(names[:3]), code, good, measure, quantity, price))
    lines.sort(key=lambda line: names.index(line[0]))
    total = sum(line[4] * line[5] for line in lines)
    index = 1
    for position, (project, code, good, measure, quantity, price) in enumerate(lines):
        marks: list[Mark] = []
        if position == 0 or lines[position - 1][0] != project:
            marks.append(h(project, sum(line[0] == project for line in lines)))
        marks += {"catalogue": [h(code), h(good)], "plain": [h(good)],
                  "sources": [h(good), t(rng.choice(("公开招标", "询价", "电子卖场", "协议供货")))]}[style]  # fmt: skip
        cost = quantity * price
        numbers = amounts(world, [price, cost] if style != "sources" else [price, cost, cost, 0])
        sheet.row(*counting.row(index), *marks, *([t(measure, align="center")] if style != "sources" else []), n(str(quantity)), *numbers)
        index += 1
    labels = 1 + len(middle) + (style != "sources")
    sheet.row(*counting.row(index), h("合计", 1, labels, align="center"), n(""), n(""), *amounts(world, [total] if style != "sources" else [total, total, 0]))
    top = heading(world, rng, name, number=11)
    return sheet.form(
        family=f"purchase-{style}", name=name, title=top.title, unit=top.unit, above=top.above, tag=top.tag, header_rows=rows,
        widths=[*counting.widths(), 2.4, *([1.7] * len(middle)), *([1.1] * (4 if style != "sources" else 5))], landscape=rng.random() < 0.5,
    )  # fmt: skip


def assets(world: World, rng: random.Random) -> Form:
    """国有资产占用情况: a short list of counts and values."""
    name = rng.choice(("国有资产占用情况表", "固定资产占用情况表", "部门资产情况表"))
    # The value's unit stands in the header as a rule: the counts have none.
    unit_above = rng.random() < 0.4
    value_head = "价值" if unit_above else f"价值（金额单位：{world.numbers.unit}）"
    sheet = Sheet()
    rows = header(sheet, [Head(rng.choice(("项目", "项\u3000目", "资产类别"))), Head("数量"), Head(value_head)])
    values = [draw_amount(rng, world.numbers, 5, 4000) for _ in range(4)]
    shares = (values[0], values[0] // 2, values[1], values[2], values[3])
    listed = (
        ("1、房屋（平方米）", 0, str(rng.randint(200, 9000))), ("其中：办公用房（平方米）", 1, str(rng.randint(50, 200))),
        ("2、车辆（台、辆）", 0, str(rng.randint(0, 30) or "")), ("3、单价在20万元以上的设备", 0, ""), ("4、其他固定资产", 0, ""),
    )  # fmt: skip
    sheet.row(h("资产总额", align="center"), n(""), n(world.money(sum(values))))
    for (words, indent, count), value in zip(listed, shares, strict=True):
        sheet.row(h(words, indent=indent), n(count), n(world.money(value)))
    top = heading(world, rng, name, number=12, unit_above=unit_above)
    return sheet.form(
        family="assets", name=name, title=top.title, unit=top.unit, above=top.above, tag=top.tag, header_rows=rows,
        widths=[3.0, 1.2, 1.8],
    )  # fmt: skip


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
        lines.append((unit, [posts, max(1, posts - rng.randint(0, 9)), rng.randint(0, 60)], [basic + project, basic, project]))
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
        family="units", name=name, title=top.title, unit=top.unit, above=top.above, tag=top.tag, header_rows=rows,
        widths=[*counting.widths(), 3.0, *([1.2] * len(kind)), *([1.1] * 6)], landscape=rng.random() < 0.6,
    )  # fmt: skip


def changes(world: World, rng: random.Random) -> Form:
    """预算增减变化情况: two years' money and a column of reasons in running text."""
    name = rng.choice(("预算收支增减变化情况表", "本年预算与上年预算对比表"))
    sheet = Sheet()
    rows = header(sheet, [Head("项目"), Head(f"{world.year - 1}年预算"), Head(f"{world.year}年预算"), Head("增减"), Head("增减原因说明")])
    reasons = (
        "人员增减变动及工资标准调整，相应调整社会保险缴费基数。", "严格落实过紧日子要求，压减一般性支出，从严控制会议、培训和差旅。",
        "上年项目已完成，本年不再安排；新增信息化平台运行维护项目一个。", "按照上级文件要求增加专项资金，用于基层站所能力提升。", "与上年持平", "",
    )  # fmt: skip
    items = world.of("general")
    parts = (
        ("基本支出", sum(i.basic for i in items), ("人员经费", sum(i.staff for i in items)), ("公用经费", sum(i.office for i in items))),
        ("项目支出", sum(i.project for i in items), None, None),
    )
    old_total = new_total = 0
    written: list[list[Mark]] = []
    for words, money, *under in parts:
        olds = [(label, value, int(value * rng.uniform(0.7, 1.3))) for label, value in (u for u in under if u)]
        old = sum(o for _, _, o in olds) if olds else int(money * rng.uniform(0.5, 1.5))
        old_total, new_total = old_total + old, new_total + money
        written.append([h(words), *amounts(world, [old, money, money - old]), t(rng.choice(reasons))])
        written += [[h(label, indent=1), *amounts(world, [o, v, v - o]), t(rng.choice(reasons))] for label, v, o in olds]
    sheet.row(h("支出合计", align="center"), *amounts(world, [old_total, new_total, new_total - old_total]), t(""))
    for marks in written:
        sheet.row(*marks)
    top = heading(world, rng, name, number=14)
    return sheet.form(
        family="changes", name=name, title=top.title, unit=top.unit, above=top.above, tag=top.tag, header_rows=rows,
        widths=[1.8, 1.3, 1.3, 1.3, 3.6], landscape=rng.random() < 0.3,
    )  # fmt: skip


def services(world: World, rng: random.Random) -> Form:
    """政府购买服务项目表: three levels of a catalogue with merged cells, mostly text."""
    name = rng.choice(("政府购买服务预算表", "政府购买服务项目支出预算表"))
    catalogue = (
        ("公共服务", "社会保障", ("养老服务", "残疾人服务", "优抚安置服务")), ("公共服务", "公共文化", ("群众文体活动", "文物保护辅助")),
        ("政府履职辅助性服务", "法律服务", ("法律咨询", "诉讼代理")), ("政府履职辅助性服务", "后勤服务", ("物业管理", "印刷和出版", "租赁服务")),
        ("政府履职辅助性服务", "信息化服务", ("数据处理服务", "网络接入服务")),
    )  # fmt: skip
    chosen = [entry for entry in catalogue if rng.random() < 0.75] or list(catalogue[:2])
    sheet = Sheet()
    rows = header(sheet, [Head("政府购买服务目录", (Head("一级"), Head("二级"), Head("三级"))), Head("项目名称"), Head("承接主体类别"), Head("预算金额"), Head("备注")])
    total = 0
    for index, (first, second, thirds) in enumerate(chosen):
        for place, third in enumerate(thirds):
            marks: list[Mark] = []
            if place == 0 and (index == 0 or chosen[index - 1][0] != first):
                marks.append(h(first, sum(len(e[2]) for e in chosen if e[0] == first)))
            if place == 0:
                marks.append(h(second, len(thirds)))
            money = draw_amount(rng, world.numbers, 1, 200)
            total += money
            project = rng.choice(world.projects).name if world.projects else "公用经费"
            sheet.row(*marks, h(third), t(project), t(rng.choice(("企业", "社会组织", "公益二类事业单位"))), n(world.money(money)), t(""))
    sheet.row(h("合计", 1, 5, align="center"), n(world.money(total)), t(""))
    top = heading(world, rng, name, number=15)
    return sheet.form(
        family="services", name=name, title=top.title, unit=top.unit, above=top.above, tag=top.tag, header_rows=rows,
        widths=[1.3, 1.2, 1.5, 2.8, 1.5, 1.3, 0.9], landscape=rng.random() < 0.5,
    )  # fmt: skip
