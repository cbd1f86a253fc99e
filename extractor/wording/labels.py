"""Headings and labels that these forms all share: a worn one says itself, whatever the recogniser held possible.

社会沙益指标, 时效指, 二级指标。: no words, one character from a label, and from one only. 项目类型 and 目标名称
are as near to labels and are words of their own, so they stay; so does 量指标, which may be 数量指标 or 质量指标.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from extractor.chinese import is_chinese
from extractor.elements import Char
from extractor.wording.amended import Amendment, Step, alike

LABELS = frozenset({
    "一级指标", "二级指标", "三级指标", "产出指标", "效益指标", "满意度指标", "成本指标", "数量指标",
    "质量指标", "时效指标", "经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标", "经济成本指标",
    "社会成本指标", "生态环境成本指标", "服务对象满意度指标", "绩效指标", "年度绩效指标", "绩效目标",
    "年度绩效目标", "总体目标", "年度总体目标", "长期目标", "中期目标", "绩效指标描述", "指标值确定依据",
    "年度指标值", "实际完成值", "项目名称", "项目类别", "项目属性", "项目单位", "项目负责人", "联系电话",
    "主管部门", "实施单位", "项目实施单位", "资金来源", "项目资金", "年度资金总额", "其中:财政拨款", "其他资金",
    "财政拨款", "部门名称", "单位名称", "预算单位", "单位代码", "单位编码", "科目编码", "科目名称",
    "功能科目名称", "基本支出", "项目支出", "人员经费", "公用经费", "收入总计", "支出总计", "收入合计",
    "支出合计", "本年收入合计", "本年支出合计", "一般公共预算", "政府性基金预算", "国有资本经营预算",
    "公共预算财政拨款", "一般公共预算财政拨款", "政府性基金预算财政拨款", "国有资本经营预算财政拨款",
    "一般公共预算拨款", "政府性基金预算拨款", "财政专户管理资金",
})  # fmt: skip
DIRT = frozenset(".,。、·~*'`-_")  # what a speck beside a label is read as
TOLD = 1.5  # log-odds of a label for what is no words, and one character from it alone


def restored(chars: Sequence[Char], strange: float) -> Amendment | None:
    """How a text becomes the one label that it can be; its price is negative. `strange`: above 0 if it is no words."""
    read = "".join(char.text for char in chars)
    if read in LABELS:
        return None
    if read[:-1] in LABELS and read[-1] in DIRT:
        return Amendment((Step(len(read) - 1, ""),), -TOLD)
    if read[1:] in LABELS and read[0] in DIRT:
        return Amendment((Step(0, ""),), -TOLD)
    near = {label for rest in _rests(read) for label in _holes().get(rest, ())} if strange > 0 else set()
    near = {label for label in near if 0 <= len(label) - len(read) <= 1}
    if len(near) != 1:
        return None
    label = near.pop()
    head, tail = alike(read, label)
    if len(label) == len(read):
        return Amendment((Step(head, label[head]),), -TOLD) if _is_worn(read[head]) else None
    lost = label[head : len(label) - tail]
    return Amendment((Step(head, lost, "before") if head < len(read) else Step(head - 1, lost, "after"),), -TOLD)


def _is_worn(mark: str) -> bool:
    """Whether a character may be what a worn Chinese one is read as; numerals tell labels apart."""
    return mark not in "一二三四五六七八九十" if is_chinese(mark) else (mark.isascii() or not mark.isalnum())


def _rests(text: str) -> set[str]:
    return {text, *(text[:k] + text[k + 1 :] for k in range(len(text)))}


@cache
def _holes() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for label in LABELS:
        for rest in _rests(label):
            found[rest].add(label)
    return {rest: frozenset(labels) for rest, labels in found.items()}
