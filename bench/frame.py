"""What forms of one kind share: nested headers, columns of codes, titles and the lines above a table."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.codes import name_of
from bench.form import Mark, Sheet, h, head, n
from bench.world import Line, World


@dataclass(frozen=True, slots=True)
class Head:
    """A header cell with those under it."""

    text: str
    under: tuple[Head, ...] = ()

    def leaves(self) -> int:
        return sum(child.leaves() for child in self.under) or 1

    def depth(self) -> int:
        return 1 + max((child.depth() for child in self.under), default=0)


def header(sheet: Sheet, heads: Sequence[Head]) -> int:
    """Write nested headers; a cell without children reaches down to the last header row. Returns the rows written."""
    depth = max(top.depth() for top in heads)
    level: list[Head] = list(heads)
    for row in range(depth):
        sheet.row(*(head(one.text, 1 if one.under else depth - row, one.leaves()) for one in level))
        level = [child for one in level for child in one.under]
    return depth


def width_of(heads: Sequence[Head]) -> int:
    return sum(one.leaves() for one in heads)


@dataclass(frozen=True, slots=True)
class CodeColumns:
    """How a form prints functional or economic codes: kind is three, two, one, joined or name."""

    kind: str
    top: str
    indented: bool

    def heads(self) -> tuple[Head, ...]:
        match self.kind:
            case "three":
                codes = Head("科目编码", (Head("类"), Head("款"), Head("项")))
                return (Head(self.top, (codes, Head("科目名称"))),) if self.top else (codes, Head("科目名称"))
            case "two":
                codes = Head("科目编码", (Head("类"), Head("款")))
                return (Head(self.top, (codes, Head("科目名称"))),) if self.top else (codes, Head("科目名称"))
            case "one":
                pair = (Head("科目编码"), Head("科目名称"))
                return (Head(self.top, pair),) if self.top else pair
            case "joined":
                return (Head(self.top or "功能科目名称"),)
            case _:
                return (Head(self.top or "项目"),)

    def widths(self) -> tuple[float, ...]:
        return {
            "three": (0.55, 0.45, 0.45, 3.2),
            "two": (0.6, 0.5, 3.2),
            "one": (1.1, 3.2),
            "joined": (3.6,),
            "name": (3.4,),
        }[self.kind]

    def cells(self, code: str, name: str) -> list[Mark]:
        step = {3: 0, 5: 1, 7: 2}[len(code)]
        indent = step if self.indented else 0
        parts = [code[:3], code[3:5], code[5:7]]
        match self.kind:
            case "three":
                return [*(h(part, align="center") for part in parts), h(name, indent=indent)]
            case "two":
                return [*(h(part, align="center") for part in parts[:2]), h(name, indent=indent)]
            case "one":
                return [h(code, indent=indent), h(name, indent=indent)]
            case "joined":
                return [h(f"{code} {name}", indent=indent)]
            case _:
                return [h(name, indent=indent)]

    def total(self, rng: random.Random, text: str = "合计") -> list[Mark]:
        """The cells of the line of totals: the word over all columns, or in the name column alone."""
        columns = len(self.widths())
        if columns > 1 and rng.random() < 0.5:
            return [h(text, 1, columns, align="center", bold=True)]
        return [*(h("") for _ in range(columns - 1)), h(text, align="center", bold=True)]


def draw_codes(rng: random.Random, *, economic: bool = False) -> CodeColumns:
    kind = rng.choices(("two" if economic else "three", "one", "joined", "name"), (32, 44, 14, 10))[0]
    tops = (
        ("", "", "部门预算支出经济分类科目", "经济分类科目")
        if economic
        else ("", "", "功能分类科目", "支出功能分类科目", "科目")
    )
    return CodeColumns(kind, rng.choice(tops), rng.random() < 0.6)


def line_cells(codes: CodeColumns, line: Line) -> list[Mark]:
    return codes.cells(line.code, name_of(line.code))


@dataclass(frozen=True, slots=True)
class Counting:
    """Line numbers (序号) and the line of column numbers (栏次), which some provinces print."""

    serial: bool
    numbered: bool

    def heads(self) -> tuple[Head, ...]:
        return (Head("序号"),) if self.serial else ()

    def widths(self) -> tuple[float, ...]:
        return (0.6,) if self.serial else ()

    def row(self, index: int) -> list[Mark]:
        return [h(str(index), align="center")] if self.serial else []

    def columns(self, sheet: Sheet, labels: int, numbers: int) -> int:
        """Write the line of column numbers under a header of `labels` + `numbers` columns; rows written."""
        if not self.numbered:
            return 0
        if self.serial:
            marks = [head("栏次"), *(head(str(i)) for i in range(1, labels + numbers))]
        else:
            marks = [head("栏次", 1, labels), *(head(str(i)) for i in range(1, numbers + 1))]
        sheet.row(*marks)
        return 1


def draw_counting(rng: random.Random) -> Counting:
    return Counting(rng.random() < 0.22, rng.random() < 0.2)


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over a table: title, lines, unit and a form number."""

    title: str
    above: tuple[tuple[str, str, str], ...]
    unit: str
    tag: str


def heading(
    world: World, rng: random.Random, name: str, *, number: int = 1, money: bool = True, unit_above: bool = True
) -> Heading:
    """A title and the lines above a table. unit_above: False where the header row states the unit itself."""
    year, org = world.year, world.org
    title = rng.choice(
        (
            f"{year}年{name}",
            f"{year}年{name}",
            f"{name}",
            name,
            f"{year}年度{name}",
            f"{org}{year}年{name}",
            f"{number}、{name}",
            f"{name}（{year}年）",
            f"{year}年部门{name}" if not name.startswith("部门") else name,
        )
    )
    tag = rng.choice(
        ("", "", "", f"表{number}", f"公开{number:02d}表", f"附件{number}", f"预算{number:02d}表", f"附表{number}：")
    )
    unit = world.numbers.unit
    said = (
        rng.choice((f"单位：{unit}", f"单位：{unit}", f"金额单位：{unit}", f"单位:{unit}", f"单位： {unit}"))
        if money
        else ""
    )
    said = said if unit_above else ""
    who = rng.choice(
        (
            f"单位名称：{org}",
            f"部门：{org}",
            f"部门名称：{org}",
            f"填报单位：{org}",
            f"编制单位：{org}",
            f"{world.code}{org}",
            org,
        )
    )
    when = rng.choice((f"预算年度：{year}", f"（{year}年度）", f"{year}年度"))
    shapes: list[tuple[tuple[str, str, str], ...]] = [
        ((who, "", said),),
        ((who, "", said),),
        ((who, when, said),),
        ((who, "", ""), ("", "", said)),
        (("", when, ""), (who, "", said)),
    ]
    if said:
        shapes += [(("", "", said),), (("", "", said),)]
    else:
        shapes += [(), ((who, "", when),)]
    above = tuple(line for line in rng.choice(shapes) if any(line))
    return Heading(title, above, unit if money else "", tag)


def amounts(world: World, values: Sequence[int]) -> list[Mark]:
    return [n(world.money(value)) for value in values]


def blank_row(widths: int) -> list[Mark]:
    return [n("") for _ in range(widths)]
