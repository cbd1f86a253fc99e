"""One department's budget year, drawn at random and consistent: every form of a document is a view of it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from bench.codes import CAPITAL_ITEMS, COMMON_ITEMS, ECONOMIC, FUND_ITEMS, ITEMS, SECTIONS
from bench.money import NumberStyle, draw_amount, draw_style, split

PLACES = (
    "青禾县",
    "临溪市",
    "东岭区",
    "平河县",
    "云石县",
    "南塘区",
    "白沙市",
    "长泽县",
    "北辰新区",
    "和顺县",
    "石桥区",
    "金川县",
    "桃源乡",
    "望江县",
    "通海市",
    "双柳区",
    "清源县",
    "安岭市",
    "凤台区",
    "滨湖区",
    "兴隆县",
    "永昌市",
    "高坪区",
    "太和县",
    "江城哈尼族彝族自治县",
    "经济技术开发区",
)
OFFICES = (
    ("财政局", "20106"),
    ("审计局", "20108"),
    ("统计局", "20105"),
    ("发展和改革局", "20104"),
    ("市场监督管理局", "20138"),
    ("司法局", "20406"),
    ("公安局交通警察大队", "20402"),
    ("教育体育局", "20501"),
    ("第二中学", "20502"),
    ("科学技术局", "20601"),
    ("文化和旅游局", "20701"),
    ("图书馆", "20701"),
    ("人力资源和社会保障局", "20801"),
    ("民政局", "20802"),
    ("退役军人事务局", "20828"),
    ("残疾人联合会", "20811"),
    ("卫生健康局", "21001"),
    ("疾病预防控制中心", "21004"),
    ("医疗保障局", "21015"),
    ("生态环境分局", "21101"),
    ("综合行政执法局", "21201"),
    ("环境卫生管理站", "21205"),
    ("农业农村局", "21301"),
    ("林业和草原局", "21302"),
    ("水务局", "21303"),
    ("交通运输局", "21401"),
    ("自然资源和规划局", "22001"),
    ("气象局", "22005"),
    ("应急管理局", "22401"),
    ("人民政府办公室", "20103"),
    ("纪委监委", "20111"),
    ("总工会", "20129"),
    ("商务局", "20113"),
    ("中共委员会组织部", "20132"),
    ("党政综合办公室", "20131"),
)
PROJECT_HEADS = (
    "信息化平台运行维护",
    "执法办案业务经费",
    "专项检查工作经费",
    "设备更新改造",
    "基层站所能力提升",
    "办公用房维修改造",
    "宣传教育活动经费",
    "第三方评估服务",
    "数据采集与分析",
    "惠民补助资金",
    "重点工程前期费",
    "村级防疫员补助",
    "聘用人员经费",
    "档案数字化加工",
    "行业人才培训",
    "公共服务设施管护",
    "安全隐患排查整治",
    "老旧管网改造",
    "环境整治奖补资金",
    "智慧监管系统建设（二期）",
    "乡镇卫生院药品零差率补助",
    "农村饮水安全巩固提升工程",
    "城乡居民大病保险市级配套资金",
    "中央财政转移支付2023年提前批资金（农资〔2022〕118号）",
    "非税收入征管成本性支出",
    "扫黑除恶专项斗争工作经费",
)
PROJECT_KINDS = ("", "", "", "（一期）", "项目", "—本级", "（非税）", "专项资金", "（2022年结转）")
SOURCES = (
    "一般公共预算拨款收入",
    "政府性基金预算拨款收入",
    "国有资本经营预算拨款收入",
    "财政专户管理资金收入",
    "事业收入",
    "事业单位经营收入",
    "上级补助收入",
    "附属单位上缴收入",
    "其他收入",
)


@dataclass(frozen=True, slots=True)
class Item:
    """Money for one functional item code: staff and office (基本支出), project (项目支出), of one budget."""

    code: str
    staff: int
    office: int
    project: int
    budget: str  # general | fund | capital | own

    @property
    def basic(self) -> int:
        return self.staff + self.office

    @property
    def total(self) -> int:
        return self.basic + self.project


@dataclass(frozen=True, slots=True)
class Project:
    """A project: its item's code, its money by general budget, fund and other sources, and its years."""

    code: str
    name: str
    item: str
    general: int
    fund: int
    other: int
    lasting: bool
    upper: int  # of which paid by a higher level of government

    @property
    def total(self) -> int:
        return self.general + self.fund + self.other


@dataclass(frozen=True, slots=True)
class World:
    """A department, its year and its money; amounts in the smallest printed unit."""

    place: str
    office: str
    code: str
    year: int
    numbers: NumberStyle
    items: tuple[Item, ...]
    economic: tuple[tuple[str, int], ...]  # basic spending of the general budget by 5-digit code
    projects: tuple[Project, ...]
    own: tuple[int, ...]  # income by SOURCES[3:], sums to the own-budget items
    carried: int  # 上年结转, already part of the items' money of the general budget
    travel: tuple[int, int, int, int]  # 三公: abroad, car purchase, car running, reception
    travel_before: tuple[int, int, int, int]
    units: tuple[str, ...]  # subordinate units

    @property
    def org(self) -> str:
        return self.place + self.office

    def money(self, amount: int) -> str:
        return self.numbers.show(amount)

    def of(self, *budgets: str) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.budget in budgets)

    def spent(self, *budgets: str) -> int:
        return sum(item.total for item in self.of(*budgets))

    @property
    def total(self) -> int:
        return sum(item.total for item in self.items)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table by codes: a class, section or item with the sums of what is under it."""

    code: str
    staff: int
    office: int
    project: int

    @property
    def basic(self) -> int:
        return self.staff + self.office

    @property
    def total(self) -> int:
        return self.basic + self.project


def rolled(items: Iterable[Item], levels: tuple[int, ...] = (3, 5, 7)) -> tuple[Line, ...]:
    """Items and the sums of their sections and classes, in the order of codes; `levels`: code lengths to keep."""
    sums: dict[str, list[int]] = {}
    for item in items:
        for length in levels:
            line = sums.setdefault(item.code[:length], [0, 0, 0])
            line[0] += item.staff
            line[1] += item.office
            line[2] += item.project
    return tuple(Line(code, *money) for code, money in sorted(sums.items()))


def draw_items(rng: random.Random, numbers: NumberStyle, section: str, *, rich: bool) -> list[Item]:
    def amount(low: float, high: float) -> int:
        return draw_amount(rng, numbers, low, high)

    main = sorted(code for code in ITEMS if code.startswith(section))
    main = rng.sample(main, min(len(main), rng.randint(1, 4 if rich else 2)))
    items = [
        Item(code, amount(80, 3000), amount(10, 400), amount(5, 4000) if rng.random() < 0.8 else 0, "general")
        for code in main
    ]
    common = rng.sample(COMMON_ITEMS, rng.randint(3, len(COMMON_ITEMS)) if rich else rng.randint(1, 3))
    items += [Item(code, amount(1, 120), 0, 0, "general") for code in common]
    if rich:
        others = [
            code for code in ITEMS if code[:5] != section and code not in COMMON_ITEMS + FUND_ITEMS + CAPITAL_ITEMS
        ]
        items += [Item(code, 0, 0, amount(1, 900), "general") for code in rng.sample(others, rng.randint(0, 6))]
    if rng.random() < 0.55:
        items += [Item(code, 0, 0, amount(5, 5000), "fund") for code in rng.sample(FUND_ITEMS, rng.randint(1, 4))]
    if rng.random() < 0.35:
        items += [Item(code, 0, 0, amount(2, 500), "capital") for code in rng.sample(CAPITAL_ITEMS, rng.randint(1, 3))]
    if rng.random() < 0.5:
        items.append(Item(main[0], amount(1, 200), amount(1, 60), amount(1, 300), "own"))
    return sorted(items, key=lambda item: (item.code, item.budget))


def draw_economic(rng: random.Random, items: Iterable[Item]) -> tuple[tuple[str, int], ...]:
    general = [item for item in items if item.budget == "general"]
    staff, office = sum(item.staff for item in general), sum(item.office for item in general)
    codes = [code for code in ECONOMIC if len(code) == 5]
    people = [code for code in codes if code[:3] in ("301", "303")]
    things = [code for code in codes if code[:3] in ("302", "310")]
    chosen_people = rng.sample(people, rng.randint(5, len(people)))
    chosen_things = rng.sample(things, rng.randint(6, len(things)))
    money = dict(zip(chosen_people, split(rng, staff, len(chosen_people)), strict=True))
    money |= dict(zip(chosen_things, split(rng, office, len(chosen_things)), strict=True))
    return tuple((code, amount) for code, amount in sorted(money.items()) if amount)


def draw_projects(rng: random.Random, items: Iterable[Item], section: str) -> tuple[Project, ...]:
    """Projects whose money adds up to the items' project spending, by item."""
    projects: list[Project] = []
    names = rng.sample(PROJECT_HEADS, len(PROJECT_HEADS))
    serial = rng.randint(1, 40)
    for item in items:
        if not item.project or len(projects) >= len(names):
            continue
        parts = min(rng.choice((1, 1, 2, 3)), len(names) - len(projects))
        for money in split(rng, item.project, parts):
            if not money:
                continue
            by = {"general": (money, 0, 0), "fund": (0, money, 0)}.get(item.budget, (0, 0, money))
            upper = rng.choice((0, 0, money // 2, money))
            code = f"{section[:3]}{rng.randint(10, 99)}{serial:04d}"
            serial += rng.randint(1, 9)
            projects.append(
                Project(
                    code, names[len(projects)] + rng.choice(PROJECT_KINDS), item.code, *by, rng.random() < 0.6, upper
                )
            )
    return tuple(projects)


def draw_world(rng: random.Random) -> World:
    numbers = draw_style(rng)
    place, (office, section) = rng.choice(PLACES), rng.choice(OFFICES)
    if section not in SECTIONS:
        raise KeyError(section)
    items = draw_items(rng, numbers, section, rich=rng.random() < 0.75)
    own = sum(item.total for item in items if item.budget == "own")
    own_parts = split(rng, own, 6) if own else [0] * 6
    general = sum(item.total for item in items if item.budget == "general")

    def small() -> int:
        return draw_amount(rng, numbers, 0.5, 60)

    travel = (
        small() if rng.random() < 0.3 else 0,
        small() if rng.random() < 0.3 else 0,
        small() if rng.random() < 0.8 else 0,
        small() if rng.random() < 0.85 else 0,
    )
    before = tuple(max(0, money + rng.choice((0, 0, 1, -1)) * small() // 3) for money in travel)
    heads = ("本级", "机关服务中心", "信息中心", "综合执法大队", "事务中心", "培训学校", "城东管理所", "质量检测站")
    units = tuple(
        place + office + ("（本级）" if head == "本级" else head) for head in heads[: rng.randint(1, len(heads))]
    )
    return World(
        place=place,
        office=office,
        code=str(rng.randint(101, 899)) + rng.choice(("", "001")),
        year=rng.randint(2016, 2026),
        numbers=numbers,
        items=tuple(items),
        economic=draw_economic(rng, items),
        projects=draw_projects(rng, items, section),
        own=tuple(own_parts),
        carried=general // rng.randint(8, 40) if rng.random() < 0.4 else 0,
        travel=travel,
        travel_before=(before[0], before[1], before[2], before[3]),
        units=units,
    )
