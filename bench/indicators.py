"""What performance forms share: the tree of indicators, identity rows, money rows, checkboxes, titles."""

from __future__ import annotations

import random
from dataclasses import dataclass

from bench.form import Mark, Sheet, h, n, t
from bench.phrases import third_level
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
    return gap.join(
        (rng.choice(("☑", "☑", "■")) if i == ticked else empty) + word for i, word in enumerate(options)
    ).replace("■", "☑")


def titled(
    world: World, rng: random.Random, name: str, *, money: bool
) -> tuple[str, str, tuple[tuple[str, str, str], ...]]:
    """Title, unit and lines above of a performance form."""
    year, unit = world.year, world.numbers.unit
    title = rng.choice((name, name, f"{year}年{name}", f"{year}年度{name}", f"{name}（{year}年度）"))
    said = f"{rng.choice(('单位', '金额单位'))}：{unit}" if money else ""
    filled = f"填报日期：{year}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日"
    shapes: tuple[tuple[tuple[str, str, str], ...], ...] = (
        (("", f"（{year}年度）", ""), ("", "", said)),
        ((f"（{year}年度）", filled, said),),
        ((f"填报单位：{world.org}", "", said),),
        ((filled, "", said),),
        (("", "", said),),
    )
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
        sheet.row(
            h("项目编码", 1, a, align="center"),
            t(project.code, 1, b),
            h("项目类别", 1, c, align="center"),
            t("特定目标类", 1, d),
        )
    sheet.row(
        h(rng.choice(("主管部门", "主管部门及代码")), 1, a, align="center"),
        t(world.org, 1, b),
        h(rng.choice(("实施单位", "项目实施单位")), 1, c, align="center"),
        t(rng.choice(world.units), 1, d),
    )
    if rng.random() < 0.6:
        sheet.row(h("项目属性", 1, a, align="center"), t(boxes(rng, ("新增项目", "延续项目", "一次性项目")), 1, wide))
    if rng.random() < 0.5:
        sheet.row(
            h("项目期", 1, a, align="center"),
            t(f"{world.year}年1月-{world.year}年12月", 1, b),
            h("项目负责人", 1, c, align="center"),
            t("", 1, d),
        )


def funding(world: World, rng: random.Random, project: Project, sheet: Sheet, cols: tuple[int, int, int]) -> None:
    """Money rows beside a tall label."""
    a, b, c = cols
    unit = world.numbers.unit
    label = rng.choice((f"项目资金\n（{unit}）", f"项目资金（{unit}）", "资金情况"))
    lines = [
        (rng.choice(("年度资金总额：", "资金总额", "实施期资金总额：")), project.total),
        (rng.choice(("其中：财政拨款", "其中：财政资金")), project.general + project.fund),
        ("其他资金", project.other),
    ]
    if project.upper and rng.random() < 0.5:
        lines.insert(2, ("其中：上级补助", project.upper))
    for i, (words, money) in enumerate(lines):
        first = [h(label, len(lines), a, align="center")] if i == 0 else []
        sheet.row(*first, h(words, 1, b, indent=1 if i else 0), n(world.money(money), 1, c))
