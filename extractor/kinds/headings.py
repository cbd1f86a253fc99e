"""The words printed above a budget table, one line at a time: unit, organisation, year, numbering.

Patterns only; which line is the title is for `titles.py`, which also sees where lines stand.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_BARE_UNIT = r"百?万元|亿元|千元|百元|元|人次|人|个|户|辆|件|平方米|万人|万美元|美元|%"
# A recogniser takes the first character of a faint 万元 for one of these.
_MISREAD_UNIT = re.compile(r"[方力刀万]\s*[元无兀充]")
_UNIT_WORD = r"(?:金\s*额\s*|计\s*量\s*|货\s*币\s*)?单\s*[位拉仕]\s*"
_UNIT = re.compile(
    rf"[(（\[【]?\s*{_UNIT_WORD}[:：;；]?\s*(?:人民币\s*)?"
    rf"(?P<unit>百?万\s*元|亿\s*元|千\s*元|百\s*元|[方力刀万]\s*[元无兀充]|{_BARE_UNIT})"
    r"(?:\s*[、,，/和]\s*(?:[\u4e00-\u9fff%]{1,3}))*\s*[)）\]】]?(?=$|\s|[(（])"
)
_UNIT_ALONE = re.compile(rf"[(（\[【]\s*(?P<unit>{_BARE_UNIT})\s*[)）\]】]")
_ORGANIZATION = re.compile(
    r"^(?:预算|编制|填报|填表|公开|主管|申报|编报)?\s*(?:部\s*门|单\s*位)\s*(?:[(（](?:单位|部门|公章|盖章|签章)[)）])?\s*(?:名称)?\s*"
    r"(?:[(（][^)）]{0,6}[)）])?\s*[:：]\s*(?P<name>.+)$"
)
# Some provinces print code and name of the department without a word before it: 450威县医疗保障局.
_CODED_ORGANIZATION = re.compile(
    r"^[\[【(（]?\d{3,9}[\]】)）]?\s*[-—_]?\s*(?P<name>[\u4e00-\u9fff]{2,}"
    r"(?:局|委|委员会|院|厅|办|办公室|中心|处|所|站|校|学校|大队|支队|队|镇|乡|街道|政府|部|会|馆|公司|社)"
    r"(?:[(（][\u4e00-\u9fff]{1,6}[)）])?)$"
)
_NUMBERING = re.compile(
    r"^[(（]?(?:(?:部门|单位|省级|市级|县级|区级|预算|决算)*公开\s*[部门单位]*(?:表|附表)?\s*[-—]?\s*[0-9一二三四五六七八九十]+(?:[-—.]\d+)*\s*表?"
    r"|[附续]?表\s*(?:格)?\s*[0-9一二三四五六七八九十]+(?:[-—.]\d+)*"
    r"|附\s*[件表录]?\s*[0-9一二三四五六七八九十]*(?:[-—.]\d+)*|[预决]算\s*\d+(?:-\d+)*\s*表"
    r"|(?:财|财预|预)\s*[0-9一二三四五六七八九十]+\s*表)[)）]?\s*[:：]?$"
)
_DATED = re.compile(
    r"^(?:填[报表制写]|编制|申报|制表|报送|打印|截[止至])?\s*(?:日\s*期|时\s*间)\s*[:：;；]?"
    r"|^(?:19|20)\d{2}\s*[-年./]\s*\d{1,2}\s*[-月./]\s*\d{1,2}\s*日?$"
)
_YEAR_LINE = re.compile(
    r"^[(（]?\s*(?:预算|决算)?\s*(?:年度|年份)?\s*[:：]?\s*"
    r"(?:(?:19|20)\d{2}|[二2][〇○零0O][\u4e00-\u9fff〇○]{2})\s*年?\s*度?\s*[)）]?$"
)
_PAGE_NUMBER = re.compile(
    r"^(?:[-—–·~\s]*\d{1,4}[-—–·~\s]*|第\s*\d{1,4}\s*页.*|共\s*\d{1,4}\s*页"
    r"|\d{1,4}\s*/\s*\d{1,4}|[IVXivx]{1,5})$"
)
_CONTINUED = re.compile(r"[(（【\[]?\s*(?:续表?|接上表|续上表)\s*[0-9一二三四五六七八九十]*\s*[)）】\]]?$|^续(?=表)")

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*(?:年|(?=[\u4e00-\u9fff]))")
_CHINESE_YEAR = re.compile(r"二\s*[〇○零0Oo]\s*([〇○零一二三四五六七八九0Oo])\s*([〇○零一二三四五六七八九0Oo])\s*年")
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | dict.fromkeys("〇○0Oo", 0)


def folded(text: str) -> str:
    """Widths folded, outer spaces gone, runs of spaces made one."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


@lru_cache(maxsize=65536)
def bare(text: str) -> str:
    """Widths folded and no space left: for comparing what is printed."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def find_unit(text: str) -> tuple[str, str] | None:
    """The bare unit that a line announces ("单位：万元" → "万元") and what is left of the line."""
    folded_text = folded(text)
    found = _UNIT.search(folded_text)
    if found is None:
        return None
    rest = (folded_text[: found.start()] + " " + folded_text[found.end() :]).strip()
    return _as_unit(found["unit"]), rest


def find_bare_unit(text: str) -> tuple[str, str] | None:
    """A unit in parentheses without the word 单位, as in "预算数（万元）", and what is left."""
    folded_text = folded(text)
    found = _UNIT_ALONE.search(folded_text)
    if found is None:
        return None
    return _as_unit(found["unit"]), (folded_text[: found.start()] + folded_text[found.end() :]).strip()


def _as_unit(text: str) -> str:
    unit = bare(text)
    return "万元" if _MISREAD_UNIT.fullmatch(unit) else unit


def find_organization(text: str) -> str | None:
    """The organisation that a line names: after 部门：, 单位名称：, 编制单位： …, or after its code."""
    line = folded(text)
    found = _ORGANIZATION.match(line) or _CODED_ORGANIZATION.match(line)
    if found is None:
        return None
    name = re.sub(r"^[\[【]?\d{3,9}[\]】]?\s*[-—_]?\s*", "", found["name"]).strip(" _")
    return name if len(name) >= 2 and not _UNIT_ALONE.fullmatch(f"({name})") else None


def is_numbering(text: str) -> bool:
    """表1, 附件1, 公开01表, 部门公开表1 …: the number of a table, not its title."""
    return _NUMBERING.match(bare(text)) is not None


def is_dated(text: str) -> bool:
    return _DATED.match(folded(text)) is not None


def is_year_line(text: str) -> bool:
    return _YEAR_LINE.match(bare(text)) is not None


def is_page_number(text: str) -> bool:
    return _PAGE_NUMBER.match(folded(text)) is not None


def without_continued(title: str) -> str:
    """A title without the (续) or 续表 that marks its repetition."""
    return _CONTINUED.sub("", title.strip()).strip()


def is_continued(title: str) -> bool:
    return _CONTINUED.search(title.strip()) is not None


def find_year(text: str) -> int | None:
    """A fiscal year named in a title or line: 2020年, 2020部门…, 二〇二〇年, 预算年度：2021."""
    line = folded(text)
    if is_dated(line):
        return None
    found = _CHINESE_YEAR.search(line)
    if found:
        return 2000 + 10 * _DIGITS[found[1]] + _DIGITS[found[2]]
    found = _YEAR.search(line)
    if found:
        return int(found[1])
    if is_year_line(line) and (found := re.search(r"(?:19|20)\d{2}", line)):
        return int(found[0])
    return None
