"""Whether words say that texts in columns are a table: its title, its headings; and which lines stand beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractor.elements import Box, TextLine
from extractor.kinds.headings import bare, find_organization, find_unit, is_dated, is_numbering, is_year_line

FEW = 3  # headings that name a table's columns
ABOVE = 8  # heights of a title: so far above its table it may stand
TITLE_LENGTH = 4, 50  # characters of a title

_TITLE = re.compile(r"[\u4e00-\u9fff][^。；]*表(?:[(（][^()（）]*[)）])*$")
_HEADING = re.compile(
    r"^[\u4e00-\u9fff“”（）()/]{0,10}(?:项目|科目|指标|指标值|金额|合计|小计|总计|[预决]算数?|编码|名称|类型|数量|单位|备注|序号|支出|收入|收支|目标"
    r"|资金|拨款|分值|得分|执行率|完成值|部门|类别|内容|用途|来源|[类款项])(?:[(（][^()（）]*[)）])?$"
)
_HEADING_WITH_UNIT = re.compile(r"[\u4e00-\u9fff]{1,8}(?<!表)[(（](?:金额|计量)?单位[:：][^()（）]+[)）]$")
_NOTE = re.compile(r"^(?:备?注|说明|附注)\d*[:：]|^(?:填表|制表|填报|审核|联系|负责)人[:：]|^(?:联系)?电话[:：]")


def is_beside_table(text: str) -> bool:
    """Whether a line is one of those printed over or under a table: unit, organisation, date, numbering, note."""
    if _HEADING_WITH_UNIT.match(bare(text)):
        return False
    if find_unit(text) is not None or find_organization(text) is not None or _NOTE.match(bare(text)):
        return True
    # A date or a year alone may be what an indicator asks for, or an amount.
    return ((is_dated(text) or is_year_line(text)) and not bare(text)[:1].isdigit()) or is_numbering(text)


def is_named_table(box: Box, lines: Sequence[TextLine]) -> bool:
    """Whether a page's lines name what stands in `box` a table: a title above it, or headings in it."""
    inside = [line for line in lines if box.y0 < line.box.center.y < box.y1 and box.x0 < line.box.center.x < box.x1]
    if sum(_HEADING.match(bare(part)) is not None for line in inside for part in line.text.split()) >= FEW:
        return True
    above = [line for line in lines if 0 < box.y0 - line.box.center.y < ABOVE * line.box.height]
    shortest, longest = TITLE_LENGTH
    return any(
        shortest <= len(bare(line.text)) <= longest and _TITLE.search(bare(line.text)) is not None for line in above
    )
