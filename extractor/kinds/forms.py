"""What the cells of a table mean: header rows, kinds, number values, the statutory form's name.

Works on anything that has a place and a text, so the same rules serve a page's table (is its first
row a repeated header?) and the whole table joined over pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, Protocol

from extractor.kinds.headings import bare, find_bare_unit, find_unit, without_continued
from extractor.kinds.numbers import number_value

Kind = Literal["header", "label", "number", "text", "empty"]


class Placed(Protocol):
    """A cell as far as its meaning goes."""

    @property
    def row(self) -> int: ...
    @property
    def col(self) -> int: ...
    @property
    def row_span(self) -> int: ...
    @property
    def col_span(self) -> int: ...
    @property
    def text(self) -> str: ...


# No statutory header is deeper: title row, three levels of heads, numbering row.
_DEEPEST_HEADER = 6
_SURELY_COUNTS = 5  # whole numbers in a row that are a numbering though one of them is out of step
# Labels whose neighbour says which project or unit a form is about; at most this many characters.
_LONGEST_LABEL = 16
_IDENTITY = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十\d]+[)）、.]?)?(?:\d{4}年?)?"
    r"(?:(?:项目|部门|预算|一级|二级|专项|资金|申报|填报|实施|主管|承担|编制|政策)*"
    r"(?:名称|编码|代码|单位|部门|负责人|联系人|属性|类别|类型)|填报人|填表人|联系电话|单位名称|部门[(（]单位[)）]名称)"
    r"(?:[(（][^)）]*[)）])?[:：]?$"
)
_BLANK_HEAD = re.compile(r"^(?:[*\-—]+|甲|乙|丙|丁)$")
_COLUMN_HEAD = re.compile(
    r"^.{0,5}(?:预算数?|决算数?|金额|合计|小计|总计|备注|内容|性质|规格|依据|标准|数量|单价|方式|形式|用途|说明|科目|品目)"
    r"(?:[(（][^)）]*[)）])?$"
)
_NUMBERING_WORD = re.compile(r"^(?:栏次|行次|序号|列次|\*+|[-—]+|甲|乙|丙|丁|合计|类|款|项)$")
_FORMULA = re.compile(r"^[(（]?\d{1,2}[)）]?(?:[=＝+＋\-－*×/÷()（）]\d{0,2}|\d{1,2})*$")
_CODE_HEAD = re.compile(
    r"编码|代码|编号|序号|行次|栏次|^[类款项目]$|^(?:科目|功能科目|单位)号$|电话|年份|年度$|邮编|日期|时间"
)
_NAME_HEAD = re.compile(r"科目名称|项目$|名称|支出内容|指标")
_TOTAL = re.compile(r"^(?:合计|总计|小计|本年(?:收入|支出)?合计|收入(?:总计|合计)|支出(?:总计|合计)|[收支]\s*入?总计)$")
_ITEM = re.compile(r"^(?:[（(]?[一二三四五六七八九十]{1,3}[)）、.]|[0-9]{1,2}[、.．](?!\d)|其中[:：]?)")
_SENTENCE = re.compile(r"[。；;！？]|[,，].{6,}")
_LABEL_WORD = re.compile(
    r"(?:指标|名称|部门|单位|金额|合计|小计|总计|目标|情况|依据|类型|类别|负责人|联系人|电话|时间|日期|用途|来源|标准|内容|属性|性质"
    r"|总额|预算数?|资金|拨款|人|概述|任务|结余|支出|收入|构成|必要性|可行性|说明|方案|备注|其他)[:：]?(?:[(（][^)）]*[)）])?$"
)


def header_rows(cells: Sequence[Placed], n_rows: int) -> int:
    """How many leading rows are header: 0 … n_rows - 1.

    A header begins with a row of labels that is no identity row (项目名称 | …) and goes down through
    the cells' row spans, below heads that span columns (their parts must follow), and over a row that
    numbers the columns (栏次 1 2 3, or ** 1 2 3). It never is the whole table.
    """
    starts = _by_row(cells)
    count = reach = 0
    while count < min(n_rows - 1, _DEEPEST_HEADER):
        row = starts.get(count, [])
        within = count < reach
        if not within and not is_numbering_row(row):
            if count and not _goes_on(cells, count):
                break
            if not _could_head(row) or (count == 0 and is_identity_row(cells, 0)):
                break
        reach = max([reach, *(cell.row + cell.row_span for cell in row)])
        count += 1
    if reach > count or reach >= n_rows:
        return 0
    return count


def _by_row(cells: Iterable[Placed]) -> dict[int, list[Placed]]:
    rows: dict[int, list[Placed]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell)
    return {row: sorted(found, key=lambda c: c.col) for row, found in rows.items()}


def _goes_on(cells: Sequence[Placed], row: int) -> bool:
    """Whether the row above ends in heads that span columns, so that their parts stand in `row`."""
    above = [cell for cell in cells if cell.row + cell.row_span == row]
    wide = [cell for cell in above if cell.col_span > 1 and bare(cell.text)]
    for head in wide:
        below = [c for c in cells if c.row == row and head.col <= c.col < head.col + head.col_span]
        if len(below) > 1 and all(bare(c.text) for c in below):
            return True
    return False


def _could_head(row: Sequence[Placed]) -> bool:
    """Labels alone: no amount, no item of a list, no empty cell but a corner, no sentence."""
    filled = [cell for cell in row if bare(cell.text)]
    if not filled or len(row) - len(filled) > max(1, len(row) // 4):
        return False
    first = bare(row[0].text)
    if _TOTAL.match(first) and len(row) > 1 and any(number_value(c.text) for c in row):
        return False
    return not any(number_value(c.text) is not None or is_said(c.text) for c in filled)


def is_said(text: str) -> bool:
    """Whether a text says something rather than names it: a sentence, or an item of a list."""
    item = _ITEM.match(bare(text)) and not bare(text).startswith("其中")
    return bool(_SENTENCE.search(text) or item) or len(bare(text)) > 40


def is_numbering_row(row: Sequence[Placed]) -> bool:
    """Whether a row numbers the columns: at least two whole numbers (one beside 栏次) or formulas such as
    3=1+2, rising from left to right from 1 to 3, and beside them nothing but 栏次, **, 甲 … or blanks."""
    texts = [text for cell in row if (text := bare(cell.text))]
    numbers: list[int] = []
    for text in texts:
        if _FORMULA.match(text):
            numbers.append(int(re.findall(r"\d+", text)[0]))
        elif not _NUMBERING_WORD.match(text):
            return False
    # One digit misread (7 as 1) makes a row that else counts without a gap no less a numbering.
    if len(numbers) >= _SURELY_COUNTS and sum(n != k + numbers[0] for k, n in enumerate(numbers)) == 1:
        return numbers[0] in (1, 2, 3)
    steps = [b - a for a, b in pairwise(numbers)]
    enough = len(numbers) >= 2 or (len(numbers) == 1 and texts[0] in ("栏次", "行次"))
    return enough and numbers[0] in (1, 2, 3) and all(1 <= step <= 2 for step in steps)


def identity(cells: Sequence[Placed], row: int) -> list[tuple[str, str]]:
    """Pairs (label, filled value) of the identity cells in a row: ("项目名称", "公费医疗经费").

    Labels and values stand in turn, after at most one name that spans rows ("基本信息"); a row of column
    heads such as 单位名称 | 单位性质 | 单位规格 has no such pairs.
    """
    line = _by_row(cells).get(row, [])
    if len(line) % 2 and line[0].row_span > 1:
        line = line[1:]
    if len(line) % 2 or len(line) > 6:
        return []
    pairs = list(zip(line[::2], line[1::2], strict=True))
    if any(_heads(bare(value.text)) or not _names_field(bare(label.text)) for label, value in pairs):
        return []
    return [
        (bare(label.text), said)
        for label, value in pairs
        if (said := bare(value.text))
        and _IDENTITY.match(bare(label.text))
        and value.col == label.col + label.col_span
        and not (label.row_span > 1 and value.row_span > 1)
    ]


def _names_field(text: str) -> bool:
    return len(text) <= _LONGEST_LABEL and bool(_IDENTITY.match(text) or _LABEL_WORD.search(text))


def _heads(text: str) -> bool:
    """Whether a text beside an identity label is itself a column's head, not the label's value."""
    return bool(_IDENTITY.match(text) or _COLUMN_HEAD.match(text) or re.match(r"(?:19|20)\d{2}年?(?!\d)", text))


def is_identity_row(cells: Sequence[Placed], row: int) -> bool:
    """Whether a row tells whom or what a form is about (项目名称, 主管部门 …), filled."""
    return bool(identity(cells, row))


def kinds(cells: Sequence[Placed], n_rows: int, n_cols: int, headers: int) -> list[tuple[Kind, str | None]]:
    """Kind and number value of every cell, in order. Number cells always have a value, others never."""
    codes, called = _code_columns(cells, n_cols, headers), _called_codes(cells)
    numeric = {
        (r, c)
        for cell in cells
        if cell.row >= headers and number_value(cell.text) is not None
        for r in range(cell.row, cell.row + cell.row_span)
        for c in range(cell.col, cell.col + cell.col_span)
    }
    out: list[tuple[Kind, str | None]] = []
    for cell in cells:
        value = number_value(cell.text)
        if not cell.text.strip():
            out.append(("empty", None))
        elif cell.row < headers:
            out.append(("header", None))
        elif value is not None and cell.col not in codes and (cell.row, cell.col) not in called:
            out.append(("number", value))
        else:
            out.append(("label" if _is_label(cell, headers, n_cols, numeric, value) else "text", None))
    return out


def _code_columns(cells: Sequence[Placed], n_cols: int, headers: int) -> set[int]:
    """Columns whose whole numbers are codes or running numbers: by their head, else by their form."""
    heads: dict[int, str] = {}
    for cell in cells:
        if cell.row < headers and (text := bare(cell.text)):
            for col in range(cell.col, cell.col + cell.col_span):
                if not _FORMULA.match(text) and not _BLANK_HEAD.match(text):
                    heads[col] = text if cell.col_span == 1 or col not in heads else heads[col]
    out = {col for col, text in heads.items() if _CODE_HEAD.search(text) and not _NAME_HEAD.search(text)}
    for col in range(n_cols):
        body = [bare(c.text) for c in cells if c.row >= headers and c.col == col and c.col_span == 1]
        filled = [text for text in body if text]
        whole = [text for text in filled if re.fullmatch(r"\d+", text)]
        if len(whole) >= 3 and len(whole) >= 0.8 * len(filled) and (_are_subjects(whole) or _count_up(whole)):
            out.add(col)
    return out


def _are_subjects(texts: Sequence[str]) -> bool:
    """Subject codes have 3, 5 or 7 digits and lie under each other: 210, 21011, 2101101."""
    if any(len(text) not in (3, 5, 7) for text in texts):
        return False
    known = set(texts)
    below = [text for text in texts if len(text) > 3]
    return bool(below) and sum(text[:-2] in known for text in below) >= 0.5 * len(below)


def _count_up(texts: Sequence[str]) -> bool:
    numbers = [int(text) for text in texts if len(text) < 5]
    return len(numbers) == len(texts) and all(b - a == 1 for a, b in pairwise(numbers))


def _called_codes(cells: Sequence[Placed]) -> set[tuple[int, int]]:
    """Places of numbers that the cell at their left calls a code or a telephone: 联系电话 | 13800000000."""
    named = {
        (row, cell.col + cell.col_span)
        for cell in cells
        if _CODE_HEAD.search(bare(cell.text))
        for row in range(cell.row, cell.row + cell.row_span)
    }
    return {
        (cell.row, cell.col)
        for cell in cells
        if (cell.row, cell.col) in named and re.fullmatch(r"\d{5,}", bare(cell.text))
    }


def _is_label(cell: Placed, headers: int, n_cols: int, numeric: set[tuple[int, int]], value: str | None) -> bool:
    """Labels name something: codes, row names beside amounts, short field names of a form."""
    text = bare(cell.text)
    if value is not None or re.fullmatch(r"\d+", text):
        return True
    if _SENTENCE.search(cell.text) or len(text) > 40:
        return False
    beside = any((cell.row, col) in numeric for col in range(cell.col + cell.col_span, n_cols))
    if headers:
        return beside or cell.col == 0 or bool(_TOTAL.match(text)) or bool(_ITEM.match(text))
    return len(text) <= _LONGEST_LABEL and (bool(_LABEL_WORD.search(text)) or cell.col == 0 or cell.row_span > 1)


def unit_in_header(cells: Sequence[Placed]) -> str | None:
    """A unit printed inside the table's own head: "预算数（万元）", or 单位：万元 in its first row.

    Units that differ between heads (元 here, 人 there) belong to their columns: then None.
    """
    found: list[str] = []
    for cell in cells:
        if cell.row > _DEEPEST_HEADER or len(bare(cell.text)) > 40:
            continue
        said = find_unit(cell.text) if cell.row <= 1 else None
        if said is not None:
            return said[0]
        if (alone := find_bare_unit(cell.text)) and cell.row < 3 and alone[0].endswith("元"):
            found.append(alone[0])
    return found[0] if found and len(set(found)) == 1 else None


_STATUTORY = (
    "部门收支总表", "部门收入总表", "部门支出总表", "收支预算总表", "收入预算总表", "支出预算总表",
    "部门收入汇总表", "部门支出汇总表", "财政拨款收支总表", "财政拨款收支预算总表", "一般公共预算支出表",
    "一般公共预算支出总表", "一般公共预算基本支出表", "一般公共预算财政拨款支出表", "一般公共预算财政拨款基本支出表",
    "一般公共预算“三公”经费支出表", "财政拨款“三公”经费支出表", "政府性基金预算支出表", "国有资本经营预算支出表",
    "政府采购预算表", "项目支出表", "项目支出绩效目标表", "项目绩效目标表", "项目绩效目标申报表",
    "部门整体支出绩效目标申报表", "部门整体绩效目标申报表", "固定资产占用情况表", "部门机构设置情况表",
)  # fmt: skip
_QUOTES = str.maketrans(dict.fromkeys("“”‘’\"'「」", ""))


def form_name(title: str | None) -> str | None:
    """The statutory form behind a title, under its common name where that is known.

    Year, numbering and quotation marks do not matter: "2020 年部门收支总表" is 部门收支总表. A title that
    ends in 表 but is not known is its own name without the year; anything else is None.
    """
    if not title:
        return None
    core = re.sub(r"^[(（]?[一二三四五六七八九十\d]{1,3}[)）、.]", "", bare(without_continued(title)))
    core = re.sub(r"^(?:附?[表件]\s*[\d一二三四五六七八九十]+(?:[-—]\d+)*[:：]?)", "", core)
    core = re.sub(r"(?:19|20)\d{2}年?度?|二[〇○零O0][〇○零一二三四五六七八九]{2}年度?", "", core)
    core = re.sub(r"[(（][)）]", "", core)  # what a year in brackets leaves
    for name in sorted(_STATUTORY, key=len, reverse=True):
        if core.translate(_QUOTES) == name.translate(_QUOTES):
            return name
    for name in ("项目支出绩效目标表", "项目绩效目标申报表"):
        if core.endswith(name):
            return name
    if core.endswith("绩效目标表"):
        return "项目绩效目标表"
    return core if re.search(r"表(?:\([^()]*\))?$", core) else None
