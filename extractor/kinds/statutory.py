"""The forms that a department must publish, under whatever name its province gives them.

By the title, else (a table without one) by the words of its header and first rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

FormKind = Literal[
    "balance", "income", "spending", "granted", "general", "basic", "travel", "fund", "capital", "projects",
    "whole_goals", "project_goals", "purchase", "assets",
]  # fmt: skip

NAMES: dict[FormKind, str] = {
    "balance": "收支总表",
    "income": "收入总表",
    "spending": "支出总表",
    "granted": "财政拨款收支总表",
    "general": "一般公共预算支出表",
    "basic": "一般公共预算基本支出表",
    "travel": "“三公”经费支出表",
    "fund": "政府性基金预算支出表",
    "capital": "国有资本经营预算支出表",
    "projects": "项目支出表",
    "whole_goals": "整体绩效目标表",
    "project_goals": "项目绩效目标表",
    "purchase": "政府采购预算表",
    "assets": "国有资产占用情况表",
}
# The first that a title fits: narrower names stand before those they contain.
_BY_TITLE: tuple[tuple[FormKind, re.Pattern[str]], ...] = (
    ("whole_goals", re.compile(r"整体(?:支出)?绩效|(?:部门|单位)绩效目标")),
    ("project_goals", re.compile(r"绩效(?:目标|自评|评价)")),
    ("travel", re.compile(r"三公|因公出国.*公务接待")),
    ("fund", re.compile(r"政府性?基金")),
    ("capital", re.compile(r"国有资本经营")),
    ("purchase", re.compile(r"政府采购|采购预算")),
    ("assets", re.compile(r"(?:国有|固定)资产.*(?:情况|占用|使用)|部门资产情况")),
    ("granted", re.compile(r"财政拨款(?:预算|决算)?收(?:入)?支")),
    ("basic", re.compile(r"基本支出")),
    ("general", re.compile(r"一般公共预算.*(?:支出|当年拨款)|财政拨款支出")),
    ("projects", re.compile(r"项目(?:经费)?支出|专项业务经费支出|专项资金(?:预算)?(?:汇总|明细|安排)")),
    ("balance", re.compile(r"收支(?:出)?(?:预算)?总|收支(?:预算|情况)?表|收入支出(?:预算|决算)?总")),
    ("income", re.compile(r"收入(?:预算|决算)?(?:总|汇总|情况|表)")),
    ("spending", re.compile(r"支出(?:预算|决算)?(?:总|汇总|总体|分类汇总)|(?:^|部门|单位|年度?)支出(?:预算|决算)?表")),
)
_NOTE = re.compile(r"(?:[(（][^()（）]*[)）])+$")  # （2024年）, （按经济分类）
_TABLE = re.compile(r"表$|情况$|预算$|明细$|一览$")


def kind_by_title(title: str) -> FormKind | None:
    """Which form a title names; `title` without white space. A sentence that speaks of one is no title."""
    if len(title) > 80 or not _TABLE.search(_NOTE.sub("", title)):
        return None
    return next((kind for kind, mark in _BY_TITLE if mark.search(title)), None)


def kind_by_words(heads: Iterable[str], labels: Iterable[str]) -> FormKind | None:
    """Which form the words of a header and the labels of the first rows belong to, where only one fits."""
    head, label = "|".join(heads), "|".join(labels)
    both = f"{head}|{label}"
    if "三级指标" in both and "一级指标" in both:
        return "whole_goals" if re.search(r"整体|部门职能|支出构成|部门(?:\(单位\))?名称", both) else "project_goals"
    if "三公" in both or ("因公出国" in both and "公务接待" in both and "工资福利" not in both):
        return "travel"
    if re.search(r"采购(?:品目|目录|物品|方式)", head):
        return "purchase"
    if "价值" in head and "数量" in head and re.search(r"房屋|车辆", label):
        return "assets"
    if "政府性基金预算支出" in head:
        return "fund"
    if "国有资本经营预算支出" in head:
        return "capital"
    if "一般公共预算基本支出" in head or ("人员经费" in head and "公用经费" in head and "项目支出" not in head):
        return "basic"
    if "一般公共预算支出" in head:
        return "general"
    if "编码" not in head and all(re.search(rf"(?:^|\|)(?:本年)?{side}(?:\||$)", head) for side in ("收入", "支出")):
        return "granted" if "政府性基金预算" in head and "一般公共预算" in head else "balance"
    if "事业收入" in head and re.search(r"财政拨款|上级补助收入", head):
        return "income"
    if "基本支出" in head and "项目支出" in head and re.search(r"上缴上级|上解上级|附属单位", head):
        return "spending"
    return None
