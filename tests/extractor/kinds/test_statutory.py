from __future__ import annotations

import pytest

from bench.generate import draw_document
from extractor.kinds.headings import bare
from extractor.kinds.statutory import kind_by_title, kind_by_words

KINDS = {
    "balance": "balance", "income": "income", "spending": "spending", "granted": "granted", "general": "general",
    "basic": "basic", "government": "basic", "travel": "travel", "fund": "fund", "capital": "capital",
    "projects": "projects", "purchase": "purchase", "assets": "assets", "application": "project_goals",
    "plain": "project_goals", "yearly": "project_goals", "review": "project_goals", "whole": "whole_goals",
}  # fmt: skip


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("2020年部门收支总表", "balance"),
        ("2024年预算单位财务收支预算总表", "balance"),
        ("部门收支总体情况表", "balance"),
        ("2020年部门收入汇总表", "income"),
        ("部门预算支出总表", "spending"),
        ("部门预算财政拨款收支总表", "granted"),
        ("2024年预算单位一般公共预算支出功能分类预算表", "general"),
        ("一般公共预算机关运行经费支出预算表", "general"),
        ("2020年一般公共预算基本支出表(经济分类款级)", "basic"),
        ("单位“三公”经费和机关运行经费预算表", "travel"),
        ("部门预算政府基金预算财政拨款支出表", "fund"),
        ("部门预算国有资本经营预算财政拨款支出表", "capital"),
        ("部门政府采购预算", "purchase"),
        ("部门固定资产占用情况表", "assets"),
        ("部门整体支出绩效目标申报表", "whole_goals"),
        ("4、长期护理险财政补助资金绩效目标表", "project_goals"),
        ("2022年度收入支出决算总表", "balance"),
        ("附表1-1：2024年收支预算总表", "balance"),
        ("收入决算表", "income"),
        ("部门综合预算收入总表", "income"),
        ("支出决算表", "spending"),
        ("2024年部门支出预算表", "spending"),
        ("支出预算分类汇总表", "spending"),
        ("财政拨款预算收支总表", "granted"),
        ("财政拨款收入支出决算总表", "granted"),
        ("一般公共预算当年拨款情况表", "general"),
        ("部门综合预算一般公共预算支出明细表（按支出功能分类科目）", "general"),
        ("一般公共服务支出预算表", None),
        ("因公出国（境）费、公务接待费、公务用车购置及运行费预算表", "travel"),
        ("政府性基金预算财政拨款收入支出决算表", "fund"),
        ("部门综合预算专项业务经费支出表", "projects"),
        ("部门预算项目经费支出表", "projects"),
        ("部门专项业务经费一级项目绩效目标表", "project_goals"),
        ("部门综合预算政府采购（资产配置、购买服务）预算表", "purchase"),
        ("部门机构设置情况", None),
        ("本部门2020年政府性基金预算支出为零，与上年持平。", None),
    ],
)
def test_forms_under_provincial_names(title: str, kind: str | None) -> None:
    assert kind_by_title(title) == kind


def test_generated_forms_by_title_and_by_their_words_alone() -> None:
    """By title all; by words only where one form fits, and then never another."""
    named = 0
    for number in range(20):
        for form in draw_document(91, number).forms:
            truth = form.truth()
            kind = KINDS.get(truth["family"].split("-")[0])
            if kind is None:
                continue
            assert kind_by_title(bare(truth["title"])) == kind
            texts = [(c["row"], bare(c["text"])) for c in truth["cells"] if c["text"]]
            head = truth["header_rows"]
            found = kind_by_words(
                [t for row, t in texts if row < max(1, head)], [t for row, t in texts if head <= row < head + 12]
            )
            assert found in (None, kind)
            named += found is not None
    assert named > 10
