"""Performance forms of a whole department: 部门整体绩效目标表, 项目绩效目标汇总表."""

from __future__ import annotations

import random

from bench.form import Form, Mark, Sheet, h, head, n, t, without_hidden_columns
from bench.indicators import indicators, opening, project_of, titled, value
from bench.phrases import DUTIES, goal, goals
from bench.world import World


def whole(world: World, rng: random.Random) -> Form:
    """部门整体支出绩效目标表: duties, tasks with their money, goals and indicators."""
    name = rng.choice(("部门整体支出绩效目标申报表", "部门整体绩效目标表", "部门（单位）整体支出绩效目标表"))
    sheet = Sheet()
    basic, project = sum(i.basic for i in world.items), sum(i.project for i in world.items)
    sheet.row(h(rng.choice(("部门名称", "部门（单位）名称")), 1, 2, align="center"), t(world.org, 1, 5))
    if rng.random() < 0.5:
        picked = rng.sample(DUTIES, rng.randint(2, 5))
        sheet.row(
            h("部门职能概述", 1, 2, align="center"), t("\n".join(f"{i}.{d}；" for i, d in enumerate(picked, 1)), 1, 5)
        )
    tasks = rng.sample(world.projects, min(len(world.projects), rng.randint(2, 5))) if rng.random() < 0.7 else []
    if tasks:
        money_head = rng.choice(("预算金额", f"预算金额（{world.numbers.unit}）"))
        if rng.random() < 0.5:
            sheet.row(
                h("年度主要任务", len(tasks) + 2, 2, align="center"),
                head("任务名称", 2, 2),
                head("主要内容", 2),
                head(money_head, 1, 2),
            )
            sheet.row(head("总额"), head("财政拨款"))
        else:
            sheet.row(
                h("年度主要任务", len(tasks) + 1, 2, align="center"),
                head("任务名称", 1, 2),
                head("主要内容"),
                head("总额"),
                head("财政拨款"),
            )
        for task in tasks:
            sheet.row(
                t(task.name, 1, 2), t(goal(rng)), n(world.money(task.total)), n(world.money(task.general + task.fund))
            )
    labels = (("预算情况", "资金总额"), ("", "其中：基本支出"), ("", "项目支出"))
    for i, ((label, words), money) in enumerate(zip(labels, (basic + project, basic, project), strict=True)):
        first = [h(label, 3, 2, align="center")] if i == 0 else []
        sheet.row(*first, h(words, 1, 2), n(world.money(money), 1, 3))
    sheet.row(h("年度总体目标", 1, 2, align="center"), t(goals(rng, 2, 5), 1, 5))
    listed = indicators(rng)
    sheet.row(
        h("年度绩效指标", len(listed) + 1, align="center"),
        head("一级指标"),
        head("二级指标"),
        head("三级指标", 1, 2),
        head("指标值", 1, 2),
    )
    for one in listed:
        sheet.row(*opening(one), t(one.third, 1, 2), value(one.value, 1, 2))
    title, unit, above = titled(world, rng, name, money=True)
    widths = [0.8, 1.0, 1.2, 1.3, 1.9, 0.9, 0.9]
    if not tasks:
        sheet, widths = without_hidden_columns(sheet, widths)
    return sheet.form(
        family="whole" if tasks else "whole-plain",
        name=name,
        title=title,
        unit=unit,
        above=above,
        header_rows=0,
        statutory=False,
        widths=widths,
    )


def collected(world: World, rng: random.Random) -> Form:
    """One table of all projects' goals: the project's name and money beside the block of its indicators."""
    name = rng.choice(("部门项目支出绩效目标表", "项目支出绩效目标汇总表", "专项资金绩效目标表"))
    sheet = Sheet()
    with_unit = rng.random() < 0.5
    goal_column = rng.random() < 0.6
    sheet.row(
        *(
            head(w)
            for w in (
                *(("单位名称",) if with_unit else ()),
                "项目名称",
                f"预算数（{world.numbers.unit}）",
                *(("绩效目标",) if goal_column else ()),
                "一级指标",
                "二级指标",
                "三级指标",
                "指标值",
            )
        )
    )
    chosen = rng.sample(world.projects, min(len(world.projects), rng.randint(2, 4))) or [project_of(world, rng)]
    blocks = [indicators(rng, 1 + (rng.random() < 0.4)) for _ in chosen]
    for place, (project, block) in enumerate(zip(chosen, blocks, strict=True)):
        for i, one in enumerate(block):
            marks: list[Mark] = []
            if i == 0:
                marks += [h(world.org, sum(map(len, blocks)))] if with_unit and place == 0 else []
                marks += [h(project.name, len(block)), n(world.money(project.total), len(block))]
                marks += [t(goals(rng, 1, 2), len(block))] if goal_column else []
            sheet.row(*marks, *opening(one), t(one.third), value(one.value))
    title, _, above = titled(world, rng, name, money=False)
    return sheet.form(
        family="collected-goals",
        name=name,
        title=title,
        unit=world.numbers.unit,
        above=above,
        header_rows=1,
        statutory=False,
        widths=[*([1.1] if with_unit else []), 1.5, 1.1, *([2.2] if goal_column else []), 0.9, 1.2, 1.9, 1.0],
        landscape=rng.random() < 0.6,
    )
