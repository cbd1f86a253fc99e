"""Performance forms of one project: 项目绩效目标申报表, 绩效目标表, 自评表."""

from __future__ import annotations

import random

from bench.form import Form, Sheet, h, head, n, t
from bench.indicators import boxes, funding, identity, indicators, opening, project_of, titled, value
from bench.phrases import EVIDENCE, goal, goals
from bench.world import World


def application(world: World, rng: random.Random) -> Form:
    """项目绩效目标申报表, seven columns: identity, money, goals, indicators with their evidence."""
    project = project_of(world, rng)
    name = rng.choice(("项目绩效目标申报表", "项目支出绩效目标申报表", "项目支出绩效目标表", "预算项目绩效目标表"))
    sheet = Sheet()
    extra = rng.random() < 0.5
    # Columns: goal label | first | second | third (2) | value | evidence; the third level spans two of them.
    identity(world, rng, project, sheet, (2, 2, 1, 2 + extra - 1))
    width = 6 + extra - 1 + 1
    funding(world, rng, project, sheet, (2, 2, width - 4))
    if rng.random() < 0.5:
        sheet.row(h("立项依据", 1, 2, align="center"), t(goal(rng) + "。", 1, width - 2))
    sheet.row(h("总体目标", 1, 1, align="center"), t(goals(rng, 2, 4), 1, width - 1))
    listed = indicators(rng)
    last = [head("指标值确定依据")] if extra else []
    sheet.row(
        h("绩效指标", len(listed) + 1, align="center"),
        head("一级指标"),
        head("二级指标"),
        head("三级指标", 1, 2),
        head("指标值"),
        *last,
    )
    for one in listed:
        tail = [t(rng.choice(EVIDENCE))] if extra else []
        sheet.row(*opening(one), t(one.third, 1, 2), value(one.value), *tail)
    title, unit, above = titled(world, rng, name, money=rng.random() < 0.6)
    return sheet.form(
        family="application",
        name=name,
        title=title,
        unit=unit,
        above=above,
        header_rows=0,
        statutory=False,
        widths=[0.8, 1.0, 1.2, 1.5, 1.2, 1.3, *([1.2] if extra else [])],
    )


def plain(world: World, rng: random.Random) -> Form:
    """A plain goals table: the goal over all columns, then indicators with descriptions; no identity rows."""
    project = project_of(world, rng)
    name = f"{rng.randint(1, 20)}、{project.name}绩效目标表"
    sheet = Sheet()
    described = rng.random() < 0.6
    width = 5 + described
    if rng.random() < 0.6:
        sheet.row(h("绩效目标", align="center"), t(goals(rng, 1, 3), 1, width - 1))
    sheet.row(
        *(
            head(w)
            for w in (
                "一级指标",
                "二级指标",
                "三级指标",
                *(("绩效指标描述",) if described else ()),
                "指标值",
                "指标值确定依据",
            )
        )
    )
    for one in indicators(rng, 2):
        middle = [t(one.third + rng.choice(("情况", "占应完成数的比率", "")))] if described else []
        sheet.row(*opening(one), t(one.third), *middle, value(one.value), t(rng.choice(EVIDENCE)))
    return sheet.form(
        family="plain-goals",
        name="项目绩效目标表",
        title=name,
        unit="",
        above=(),
        header_rows=0,
        statutory=False,
        widths=[1.0, 1.2, 1.7, *([2.0] if described else []), 1.1, 1.4],
    )


def yearly(world: World, rng: random.Random) -> Form:
    """Goals and indicators twice: for the whole period and for this year, with past years' values beside."""
    project = project_of(world, rng)
    name = rng.choice(("项目支出绩效目标表", "项目绩效目标申报表"))
    sheet = Sheet()
    sheet.row(h("项目名称", align="center"), t(project.name, 1, 7))
    sheet.row(
        h("主管部门", align="center"),
        t(world.org, 1, 3),
        h("项目执行单位", 1, 2, align="center"),
        t(rng.choice(world.units), 1, 2),
    )
    sheet.row(
        h("项目属性", align="center"),
        t(boxes(rng, ("持续性项目", "新增项目")), 1, 3),
        h("项目类型", 1, 2, align="center"),
        t(rng.choice(("部门项目", "专项资金")), 1, 2),
    )
    funding(world, rng, project, sheet, (1, 2, 5))
    sheet.row(h("总体目标", 2, align="center"), head("长期绩效目标", 1, 3), head("年度绩效目标", 1, 4))
    sheet.row(t(goals(rng, 1, 3), 1, 3), t(goals(rng, 2, 3), 1, 4))
    if rng.random() < 0.5:
        sheet.row(h("长期绩效目标表", 1, 8, align="center", bold=True))
    listed = indicators(rng, 2)
    sheet.row(
        head("目标名称"), head("一级指标"), head("二级指标"), head("三级指标"), head("指标值", 1, 3), head("确定依据")
    )
    for i, one in enumerate(listed):
        label = [h("长期绩效目标", len(listed), align="center")] if i == 0 else []
        sheet.row(*label, *opening(one), t(one.third), value(one.value, 1, 3), t(rng.choice(EVIDENCE)))
    listed = indicators(rng, 2)
    sheet.row(h("年度绩效目标表", 1, 8, align="center", bold=True))
    sheet.row(
        *(head(w, 2) for w in ("目标名称", "一级指标", "二级指标", "三级指标")),
        head("指标值", 1, 3),
        head("确定依据", 2),
    )
    sheet.row(head("前年"), head("上年"), head("预计当年实现"))
    for i, one in enumerate(listed):
        label = [h("年度绩效目标", len(listed), align="center")] if i == 0 else []
        past = [value(one.value) if rng.random() < 0.5 else t("") for _ in range(2)]
        sheet.row(*label, *opening(one), t(one.third), *past, value(one.value), t(rng.choice(EVIDENCE)))
    title, unit, above = titled(world, rng, name, money=True)
    return sheet.form(
        family="yearly-goals",
        name=name,
        title=title,
        unit=unit,
        above=above,
        header_rows=0,
        statutory=False,
        widths=[0.9, 0.9, 1.1, 1.9, 0.8, 0.8, 0.9, 1.1],
    )


def review(world: World, rng: random.Random) -> Form:
    """项目支出绩效自评表: money spent, rate, weights and points that add up to a hundred."""
    project = project_of(world, rng)
    name = rng.choice(("项目支出绩效自评表", "项目绩效自评表", "预算项目支出绩效评价表"))
    sheet = Sheet()
    sheet.row(h("项目名称", 1, 2, align="center"), t(project.name, 1, 7))
    sheet.row(
        h("主管部门", 1, 2, align="center"),
        t(world.org, 1, 3),
        h("实施单位", 1, 2, align="center"),
        t(rng.choice(world.units), 1, 2),
    )
    sheet.row(
        h(f"项目资金\n（{world.numbers.unit}）", 4, 2, align="center"),
        head(""),
        head("年初预算数"),
        head("全年预算数"),
        head("全年执行数"),
        head("分值"),
        head("执行率"),
        head("得分"),
    )
    spent = project.total * rng.randint(60, 100) // 100
    rate = f"{100 * spent / project.total:.2f}%" if project.total else "0.00%"
    points = f"{10 * spent / project.total:.2f}" if project.total else "0"
    granted = project.general + project.fund
    spent_granted = min(spent, granted)
    for words, plan, done, weighed in (
        ("年度资金总额", project.total, spent, True),
        ("其中：财政拨款", granted, spent_granted, False),
        ("其他资金", project.other, spent - spent_granted, False),
    ):
        tail = [n("10"), n(rate), n(points)] if weighed else [n("—"), n(""), n("—")]
        sheet.row(h(words), n(world.money(plan)), n(world.money(plan)), n(world.money(done)), *tail)
    sheet.row(h("年度总体目标", 2, 2, align="center"), head("预期目标", 1, 3), head("实际完成情况", 1, 4))
    sheet.row(t(goals(rng, 1, 3), 1, 3), t(goals(rng, 1, 3), 1, 4))
    listed = indicators(rng, 2)
    sheet.row(
        h("绩\n效\n指\n标", len(listed) + 1, align="center"),
        *(
            head(w)
            for w in (
                "一级指标",
                "二级指标",
                "三级指标",
                "年度指标值",
                "实际完成值",
                "分值",
                "得分",
                "偏差原因分析及改进措施",
            )
        ),
    )
    weights = weigh(rng, len(listed))
    total = float(points)
    for one, weight in zip(listed, weights, strict=True):
        got = weight if rng.random() < 0.8 else weight - 1
        total += got
        sheet.row(
            *opening(one),
            t(one.third),
            value(one.value),
            value(one.value),
            n(str(weight)),
            n(str(got)),
            t("" if got == weight else goal(rng)),
        )
    sheet.row(h("总分", 1, 6, align="center"), n("100"), n(f"{total:.2f}"), t(""))
    # 万元 stands in a label beside the money rows alone, not above the table nor in its header: no unit in truth.
    title, _, above = titled(world, rng, name, money=False)
    return sheet.form(
        family="review",
        name=name,
        title=title,
        unit="",
        above=above,
        header_rows=0,
        statutory=False,
        widths=[0.5, 0.9, 1.2, 1.6, 1.2, 1.2, 0.7, 0.7, 1.3],
    )


def weigh(rng: random.Random, count: int) -> list[int]:
    """`count` positive weights that add up to 90."""
    weights = [90 // count] * count
    for i in range(90 - sum(weights)):
        weights[i] += 1
    rng.shuffle(weights)
    return weights
