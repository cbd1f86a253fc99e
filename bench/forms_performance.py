"""Performance forms: 整体绩效目标表, 项目绩效目标申报表, 自评表, with first, second and third level indicators."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from bench.form import Form, Mark, Sheet, h, head, n, t
from bench.phrases import DUTIES, EVIDENCE, goal, goals, third_level
from bench.world import Project, World

LEVELS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("产出指标", ("数量指标", "质量指标", "时效指标", "成本指标")),
    ("效益指标", ("经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标")),
    ("满意度指标", ("服务对象满意度指标",)),
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """A third-level indicator; first and second with their spans where it opens a block, else 0."""

    first: str
    first_rows: int
    second: str
    second_rows: int
    third: str
    value: str


def indicators(rng: random.Random, most: int = 3) -> list[Indicator]:
    """A tree of indicators, flattened; blocks of no second level are left out at random."""
    broken = rng.random() < 0.25  # narrow columns: 满意度\n指标
    out: list[Indicator] = []
    for first, seconds in LEVELS:
        kept = [s for s in seconds if rng.random() < 0.75] or [seconds[0]]
        block: list[Indicator] = []
        for second in kept:
            thirds = [third_level(rng, second) for _ in range(rng.randint(1, most if "产出" in first else 2))]
            for i, (third, value) in enumerate(thirds):
                words = second.replace("指标", "\n指标") if broken and len(second) > 4 else second
                block.append(Indicator(first, 0, words, len(thirds) if i == 0 else 0, third, value))
        opening = block[0]
        block[0] = Indicator(first, len(block), opening.second, opening.second_rows, opening.third, opening.value)
        out += block
    return out


def opening(one: Indicator, first_cols: int = 1, second_cols: int = 1) -> list[Mark]:
    marks = [h(one.first, one.first_rows, first_cols, align="center")] if one.first_rows else []
    return marks + ([h(one.second, one.second_rows, second_cols, align="center")] if one.second_rows else [])


def value(text: str, rs: int = 1, cs: int = 1) -> Mark:
    return n(text, rs, cs, align="center") if any(ch.isdigit() for ch in text) else t(text, rs, cs)


def boxes(rng: random.Random, options: tuple[str, ...]) -> str:
    """Checkboxes, one of them ticked."""
    ticked = rng.randrange(len(options))
    empty = rng.choice(("□", "☐"))
    gap = rng.choice(("  ", "    ", "\u3000"))
    return gap.join((rng.choice(("☑", "☑", "■")) if i == ticked else empty) + word for i, word in enumerate(options)).replace("■", "☑")


def titled(world: World, rng: random.Random, name: str, *, money: bool) -> tuple[str, str, tuple[tuple[str, str, str], ...]]:
    """Title, unit and lines above of a performance form."""
    year, unit = world.year, world.numbers.unit
    title = rng.choice((name, name, f"{year}年{name}", f"{year}年度{name}", f"{name}（{year}年度）"))
    said = f"{rng.choice(('单位', '金额单位'))}：{unit}" if money else ""
    filled = f"填报日期：{year}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日"
    shapes: tuple[tuple[tuple[str, str, str], ...], ...] = (
        (("", f"（{year}年度）", ""), ("", "", said)), ((f"（{year}年度）", filled, said),), ((f"填报单位：{world.org}", "", said),),
        ((filled, "", said),), (("", "", said),),
    )  # fmt: skip
    above = tuple(line for line in rng.choice(shapes) if any(line))
    return title, unit if money else "", above


def project_of(world: World, rng: random.Random) -> Project:
    if world.projects:
        return rng.choice(world.projects)
    return Project("0001", "机关运转保障经费", "2010301", 1200, 0, 0, True, 0)


def identity(world: World, rng: random.Random, project: Project, sheet: Sheet, cols: tuple[int, int, int, int]) -> None:
    """Identity rows over four blocks of `cols` grid columns: name, department, unit, kind."""
    a, b, c, d = cols
    wide = b + c + d
    sheet.row(h("项目名称", 1, a, align="center"), t(project.name, 1, wide))
    if rng.random() < 0.35:
        sheet.row(h("项目编码", 1, a, align="center"), t(project.code, 1, b), h("项目类别", 1, c, align="center"), t("特定目标类", 1, d))
    sheet.row(h(rng.choice(("主管部门", "主管部门及代码")), 1, a, align="center"), t(world.org, 1, b),
              h(rng.choice(("实施单位", "项目实施单位")), 1, c, align="center"), t(rng.choice(world.units), 1, d))  # fmt: skip
    if rng.random() < 0.6:
        sheet.row(h("项目属性", 1, a, align="center"), t(boxes(rng, ("新增项目", "延续项目", "一次性项目")), 1, wide))
    if rng.random() < 0.5:
        sheet.row(h("项目期", 1, a, align="center"), t(f"{world.year}年1月-{world.year}年12月", 1, b),
                  h("项目负责人", 1, c, align="center"), t("", 1, d))  # fmt: skip


def funding(world: World, rng: random.Random, project: Project, sheet: Sheet, cols: tuple[int, int, int]) -> None:
    """Money rows beside a tall label."""
    a, b, c = cols
    unit = world.numbers.unit
    label = rng.choice((f"项目资金\n（{unit}）", f"项目资金（{unit}）", "资金情况"))
    lines = [(rng.choice(("年度资金总额：", "资金总额", "实施期资金总额：")), project.total),
             (rng.choice(("其中：财政拨款", "其中：财政资金")), project.general + project.fund), ("其他资金", project.other)]  # fmt: skip
    if project.upper and rng.random() < 0.5:
        lines.insert(2, ("其中：上级补助", project.upper))
    for i, (words, money) in enumerate(lines):
        first = [h(label, len(lines), a, align="center")] if i == 0 else []
        sheet.row(*first, h(words, 1, b, indent=1 if i else 0), n(world.money(money), 1, c))


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
    sheet.row(h("绩效指标", len(listed) + 1, align="center"), head("一级指标"), head("二级指标"), head("三级指标", 1, 2), head("指标值"), *last)
    for one in listed:
        tail = [t(rng.choice(EVIDENCE))] if extra else []
        sheet.row(*opening(one), t(one.third, 1, 2), value(one.value), *tail)
    title, unit, above = titled(world, rng, name, money=rng.random() < 0.6)
    unit = unit or (world.numbers.unit if any("（" + world.numbers.unit in m.text for row in sheet.rows for m in row) else "")
    return sheet.form(
        family="application", name=name, title=title, unit=unit, above=above, header_rows=0, statutory=False,
        widths=[0.8, 1.0, 1.2, 1.5, 1.2, 1.3, *([1.2] if extra else [])],
    )  # fmt: skip


def plain(world: World, rng: random.Random) -> Form:
    """A plain goals table: the goal over all columns, then indicators with descriptions; no identity rows."""
    project = project_of(world, rng)
    name = f"{rng.randint(1, 20)}、{project.name}绩效目标表"
    sheet = Sheet()
    described = rng.random() < 0.6
    width = 5 + described
    if rng.random() < 0.6:
        sheet.row(h("绩效目标", align="center"), t(goals(rng, 1, 3), 1, width - 1))
    sheet.row(*(head(w) for w in ("一级指标", "二级指标", "三级指标", *(("绩效指标描述",) if described else ()), "指标值", "指标值确定依据")))
    for one in indicators(rng, 2):
        middle = [t(one.third + rng.choice(("情况", "占应完成数的比率", "")))] if described else []
        sheet.row(*opening(one), t(one.third), *middle, value(one.value), t(rng.choice(EVIDENCE)))
    return sheet.form(
        family="plain-goals", name="项目绩效目标表", title=name, unit="", above=(), header_rows=0, statutory=False,
        widths=[1.0, 1.2, 1.7, *([2.0] if described else []), 1.1, 1.4],
    )  # fmt: skip


def yearly(world: World, rng: random.Random) -> Form:
    """Goals and indicators twice: for the whole period and for this year, with past years' values beside."""
    project = project_of(world, rng)
    name = rng.choice(("项目支出绩效目标表", "项目绩效目标申报表"))
    sheet = Sheet()
    sheet.row(h("项目名称", align="center"), t(project.name, 1, 7))
    sheet.row(h("主管部门", align="center"), t(world.org, 1, 3), h("项目执行单位", 1, 2, align="center"), t(rng.choice(world.units), 1, 2))
    sheet.row(h("项目属性", align="center"), t(boxes(rng, ("持续性项目", "新增项目")), 1, 3), h("项目类型", 1, 2, align="center"), t(rng.choice(("部门项目", "专项资金")), 1, 2))
    funding(world, rng, project, sheet, (1, 2, 5))
    sheet.row(h("总体目标", 2, align="center"), head("长期绩效目标", 1, 3), head("年度绩效目标", 1, 4))
    sheet.row(t(goals(rng, 1, 3), 1, 3), t(goals(rng, 2, 3), 1, 4))
    if rng.random() < 0.5:
        sheet.row(h("长期绩效目标表", 1, 8, align="center", bold=True))
    listed = indicators(rng, 2)
    sheet.row(head("目标名称"), head("一级指标"), head("二级指标"), head("三级指标"), head("指标值", 1, 3), head("确定依据"))
    for i, one in enumerate(listed):
        label = [h("长期绩效目标", len(listed), align="center")] if i == 0 else []
        sheet.row(*label, *opening(one), t(one.third), value(one.value, 1, 3), t(rng.choice(EVIDENCE)))
    listed = indicators(rng, 2)
    sheet.row(h("年度绩效目标表", 1, 8, align="center", bold=True))
    sheet.row(*(head(w, 2) for w in ("目标名称", "一级指标", "二级指标", "三级指标")), head("指标值", 1, 3), head("确定依据", 2))
    sheet.row(head("前年"), head("上年"), head("预计当年实现"))
    for i, one in enumerate(listed):
        label = [h("年度绩效目标", len(listed), align="center")] if i == 0 else []
        past = [value(one.value) if rng.random() < 0.5 else t("") for _ in range(2)]
        sheet.row(*label, *opening(one), t(one.third), *past, value(one.value), t(rng.choice(EVIDENCE)))
    title, unit, above = titled(world, rng, name, money=True)
    return sheet.form(
        family="yearly-goals", name=name, title=title, unit=unit, above=above, header_rows=0, statutory=False,
        widths=[0.9, 0.9, 1.1, 1.9, 0.8, 0.8, 0.9, 1.1],
    )  # fmt: skip


def whole(world: World, rng: random.Random) -> Form:
    """部门整体支出绩效目标表: duties, tasks with their money, goals and indicators."""
    name = rng.choice(("部门整体支出绩效目标申报表", "部门整体绩效目标表", "部门（单位）整体支出绩效目标表"))
    sheet = Sheet()
    basic, project = sum(i.basic for i in world.items), sum(i.project for i in world.items)
    sheet.row(h(rng.choice(("部门名称", "部门（单位）名称")), 1, 2, align="center"), t(world.org, 1, 5))
    if rng.random() < 0.5:
        picked = rng.sample(DUTIES, rng.randint(2, 5))
        sheet.row(h("部门职能概述", 1, 2, align="center"), t("\n".join(f"{i}.{d}；" for i, d in enumerate(picked, 1)), 1, 5))
    tasks = rng.sample(world.projects, min(len(world.projects), rng.randint(2, 5))) if rng.random() < 0.7 else []
    if tasks:
        money_head = rng.choice(("预算金额", f"预算金额（{world.numbers.unit}）"))
        if rng.random() < 0.5:
            sheet.row(h("年度主要任务", len(tasks) + 2, 2, align="center"), head("任务名称", 2, 2), head("主要内容", 2), head(money_head, 1, 2))
            sheet.row(head("总额"), head("财政拨款"))
        else:
            sheet.row(h("年度主要任务", len(tasks) + 1, 2, align="center"), head("任务名称", 1, 2), head("主要内容"), head("总额"), head("财政拨款"))
        for task in tasks:
            sheet.row(t(task.name, 1, 2), t(goal(rng)), n(world.money(task.total)), n(world.money(task.general + task.fund)))
    labels = (("预算情况", "资金总额"), ("", "其中：基本支出"), ("", "项目支出"))
    for i, ((label, words), money) in enumerate(zip(labels, (basic + project, basic, project), strict=True)):
        first = [h(label, 3, 2, align="center")] if i == 0 else []
        sheet.row(*first, h(words, 1, 2), n(world.money(money), 1, 3))
    sheet.row(h("年度总体目标", 1, 2, align="center"), t(goals(rng, 2, 5), 1, 5))
    listed = indicators(rng)
    sheet.row(h("年度绩效指标", len(listed) + 1, align="center"), head("一级指标"), head("二级指标"), head("三级指标", 1, 2), head("指标值", 1, 2))
    for one in listed:
        sheet.row(*opening(one), t(one.third, 1, 2), value(one.value, 1, 2))
    title, unit, above = titled(world, rng, name, money=True)
    return sheet.form(
        family="whole", name=name, title=title, unit=unit, above=above, header_rows=0, statutory=False,
        widths=[0.8, 1.0, 1.2, 1.3, 1.9, 0.9, 0.9] if tasks else [0.8, 1.0, 1.2, 1.3, 1.9, 0.9, 0.9],
    ) if tasks else narrowed(sheet, world, rng, name, title, unit, above)  # fmt: skip


def narrowed(
    sheet: Sheet, world: World, rng: random.Random, name: str, title: str, unit: str, above: tuple[tuple[str, str, str], ...]
) -> Form:
    """The same form without a table of tasks: grid columns that no border shows are taken out."""
    del world, rng
    used = sorted({0} | column_starts(sheet))
    where = {start: i for i, start in enumerate(used)}
    end = 7
    rows: list[list[Mark]] = []
    for row, starts in zip(sheet.rows, starts_of(sheet), strict=True):
        new: list[Mark] = []
        for mark, start in zip(row, starts, strict=True):
            stop = start + mark.col_span
            span = (len(used) if stop == end else where[stop]) - where[start]
            new.append(Mark(mark.text, mark.cls, mark.row_span, span, mark.indent, mark.bold, mark.align, mark.header))
        rows.append(new)
    widths = [0.8, 1.0, 1.2, 1.3, 1.9, 0.9, 0.9]
    merged = [sum(widths[a:b]) for a, b in zip(used, [*used[1:], end], strict=True)]
    return Sheet(rows).form(
        family="whole-plain", name=name, title=title, unit=unit, above=above, header_rows=0, statutory=False, widths=merged
    )


def starts_of(sheet: Sheet) -> list[list[int]]:
    """Each mark's first grid column, as rows are laid out."""
    taken: set[tuple[int, int]] = set()
    out: list[list[int]] = []
    for r, row in enumerate(sheet.rows):
        c, starts = 0, []
        for mark in row:
            while (r, c) in taken:
                c += 1
            starts.append(c)
            taken |= {(r + i, c + j) for i in range(mark.row_span) for j in range(mark.col_span)}
            c += mark.col_span
        out.append(starts)
    return out


def column_starts(sheet: Sheet) -> set[int]:
    return {start for starts in starts_of(sheet) for start in starts}


def collected(world: World, rng: random.Random) -> Form:
    """One table of all projects' goals: the project's name and money beside the block of its indicators."""
    name = rng.choice(("部门项目支出绩效目标表", "项目支出绩效目标汇总表", "专项资金绩效目标表"))
    sheet = Sheet()
    with_unit = rng.random() < 0.5
    goal_column = rng.random() < 0.6
    sheet.row(*(head(w) for w in (*(("单位名称",) if with_unit else ()), "项目名称", f"预算数（{world.numbers.unit}）",
                                  *(("绩效目标",) if goal_column else ()), "一级指标", "二级指标", "三级指标", "指标值")))  # fmt: skip
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
        family="collected-goals", name=name, title=title, unit=world.numbers.unit, above=above, header_rows=1, statutory=False,
        widths=[*([1.1] if with_unit else []), 1.5, 1.1, *([2.2] if goal_column else []), 0.9, 1.2, 1.9, 1.0],
        landscape=rng.random() < 0.6,
    )  # fmt: skip


def review(world: World, rng: random.Random) -> Form:
    """项目支出绩效自评表: money spent, rate, weights and points that add up to a hundred."""
    project = project_of(world, rng)
    name = rng.choice(("项目支出绩效自评表", "项目绩效自评表", "预算项目支出绩效评价表"))
    sheet = Sheet()
    sheet.row(h("项目名称", 1, 2, align="center"), t(project.name, 1, 7))
    sheet.row(h("主管部门", 1, 2, align="center"), t(world.org, 1, 3), h("实施单位", 1, 2, align="center"), t(rng.choice(world.units), 1, 2))
    sheet.row(h(f"项目资金\n（{world.numbers.unit}）", 4, 2, align="center"), head(""), head("年初预算数"), head("全年预算数"), head("全年执行数"), head("分值"), head("执行率"), head("得分"))
    spent = project.total * rng.randint(60, 100) // 100
    rate = f"{100 * spent / project.total:.2f}%" if project.total else "0.00%"
    points = f"{10 * spent / project.total:.2f}" if project.total else "0"
    granted = project.general + project.fund
    spent_granted = min(spent, granted)
    for words, plan, done, weighed in (("年度资金总额", project.total, spent, True), ("其中：财政拨款", granted, spent_granted, False), ("其他资金", project.other, spent - spent_granted, False)):
        tail = [n("10"), n(rate), n(points)] if weighed else [n("—"), n(""), n("—")]
        sheet.row(h(words), n(world.money(plan)), n(world.money(plan)), n(world.money(done)), *tail)
    sheet.row(h("年度总体目标", 2, 2, align="center"), head("预期目标", 1, 3), head("实际完成情况", 1, 4))
    sheet.row(t(goals(rng, 1, 3), 1, 3), t(goals(rng, 1, 3), 1, 4))
    listed = indicators(rng, 2)
    sheet.row(h("绩\n效\n指\n标", len(listed) + 1, align="center"), *(head(w) for w in ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施")))
    weights = weigh(rng, len(listed))
    total = float(points)
    for one, weight in zip(listed, weights, strict=True):
        got = weight if rng.random() < 0.8 else weight - 1
        total += got
        sheet.row(*opening(one), t(one.third), value(one.value), value(one.value), n(str(weight)), n(str(got)), t("" if got == weight else goal(rng)))
    sheet.row(h("总分", 1, 6, align="center"), n("100"), n(f"{total:.2f}"), t(""))
    title, _, above = titled(world, rng, name, money=False)
    return sheet.form(
        family="review", name=name, title=title, unit=world.numbers.unit, above=above, header_rows=0, statutory=False,
        widths=[0.5, 0.9, 1.2, 1.6, 1.2, 1.2, 0.7, 0.7, 1.3],
    )  # fmt: skip


def weigh(rng: random.Random, count: int) -> list[int]:
    """`count` positive weights that add up to 90."""
    weights = [90 // count] * count
    for i in range(90 - sum(weights)):
        weights[i] += 1
    rng.shuffle(weights)
    return weights


WRITERS: tuple[Callable[[World, random.Random], Form], ...] = (application, plain, yearly, whole, collected, review)
