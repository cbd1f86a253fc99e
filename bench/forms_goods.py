"""What is bought and owned: 政府采购, 购买服务, 资产."""

from __future__ import annotations

import random

from bench.form import Form, Mark, Sheet, h, n, t
from bench.frame import Head, amounts, draw_counting, header, heading
from bench.money import draw_amount
from bench.world import World

GOODS = (
    ("A02010104", "台式计算机", "台"),
    ("A02010105", "便携式计算机", "台"),
    ("A02021003", "A4黑白打印机", "台"),
    ("A02020100", "复印机", "台"),
    ("A02061804", "空调机", "台"),
    ("A05010201", "办公桌", "张"),
    ("A05010301", "办公椅", "把"),
    ("C16010000", "软件开发服务", "项"),
    ("C21040000", "物业管理服务", "项"),
    ("C23120301", "车辆维修和保养服务", "批"),
    ("A02030501", "轿车", "辆"),
    ("A08060301", "基础软件", "套"),
    ("C23090199", "其他印刷服务", "批"),
    ("A07100301", "纸制文具", "箱"),
    ("B07010000", "装修工程", "项"),
    ("C1804010201", "机动车保险服务", "项"),
)


def purchase(world: World, rng: random.Random) -> Form:
    """政府采购预算表: goods with quantity, price and amount (quantity times price)."""
    name = rng.choice(("政府采购预算表", "部门政府采购预算", "政府采购情况表"))
    counting = draw_counting(rng)
    style = rng.choice(("catalogue", "plain", "sources"))
    middle = {
        "catalogue": (Head("采购目录编码"), Head("采购品目名称")),
        "plain": (Head("采购物品名称"),),
        "sources": (Head("采购品目"), Head("采购方式")),
    }[style]
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
        marks += {
            "catalogue": [h(code), h(good)],
            "plain": [h(good)],
            "sources": [h(good), t(rng.choice(("公开招标", "询价", "电子卖场", "协议供货")))],
        }[style]
        cost = quantity * price
        numbers = amounts(world, [price, cost] if style != "sources" else [price, cost, cost, 0])
        sheet.row(
            *counting.row(index),
            *marks,
            *([t(measure, align="center")] if style != "sources" else []),
            n(str(quantity)),
            *numbers,
        )
        index += 1
    labels = 1 + len(middle) + (style != "sources")
    sheet.row(
        *counting.row(index),
        h("合计", 1, labels, align="center"),
        n(""),
        n(""),
        *amounts(world, [total] if style != "sources" else [total, total, 0]),
    )
    top = heading(world, rng, name, number=11)
    return sheet.form(
        family=f"purchase-{style}",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[*counting.widths(), 2.4, *([1.7] * len(middle)), *([1.1] * (4 if style != "sources" else 5))],
        landscape=rng.random() < 0.5,
    )


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
        ("1、房屋（平方米）", 0, str(rng.randint(200, 9000))),
        ("其中：办公用房（平方米）", 1, str(rng.randint(50, 200))),
        ("2、车辆（台、辆）", 0, str(rng.randint(0, 30) or "")),
        ("3、单价在20万元以上的设备", 0, ""),
        ("4、其他固定资产", 0, ""),
    )
    sheet.row(h("资产总额", align="center"), n(""), n(world.money(sum(values))))
    for (words, indent, count), value in zip(listed, shares, strict=True):
        sheet.row(h(words, indent=indent), n(count), n(world.money(value)))
    top = heading(world, rng, name, number=12, unit_above=unit_above)
    return sheet.form(
        family="assets",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[3.0, 1.2, 1.8],
    )


def services(world: World, rng: random.Random) -> Form:
    """政府购买服务项目表: three levels of a catalogue with merged cells, mostly text."""
    name = rng.choice(("政府购买服务预算表", "政府购买服务项目支出预算表"))
    catalogue = (
        ("公共服务", "社会保障", ("养老服务", "残疾人服务", "优抚安置服务")),
        ("公共服务", "公共文化", ("群众文体活动", "文物保护辅助")),
        ("政府履职辅助性服务", "法律服务", ("法律咨询", "诉讼代理")),
        ("政府履职辅助性服务", "后勤服务", ("物业管理", "印刷和出版", "租赁服务")),
        ("政府履职辅助性服务", "信息化服务", ("数据处理服务", "网络接入服务")),
    )
    chosen = [entry for entry in catalogue if rng.random() < 0.75] or list(catalogue[:2])
    sheet = Sheet()
    rows = header(
        sheet,
        [
            Head("政府购买服务目录", (Head("一级"), Head("二级"), Head("三级"))),
            Head("项目名称"),
            Head("承接主体类别"),
            Head("预算金额"),
            Head("备注"),
        ],
    )
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
            sheet.row(
                *marks,
                h(third),
                t(project),
                t(rng.choice(("企业", "社会组织", "公益二类事业单位"))),
                n(world.money(money)),
                t(""),
            )
    sheet.row(h("合计", 1, 5, align="center"), n(world.money(total)), t(""))
    top = heading(world, rng, name, number=15)
    return sheet.form(
        family="services",
        name=name,
        title=top.title,
        unit=top.unit,
        above=top.above,
        tag=top.tag,
        header_rows=rows,
        widths=[1.3, 1.2, 1.5, 2.8, 1.5, 1.3, 0.9],
        landscape=rng.random() < 0.5,
    )
