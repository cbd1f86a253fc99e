"""What a line can say: impossible characters give way to the recogniser's own runner-up.

A character and its full-width form are one reading. Two confusions that no context-free reader avoids
on worn pages: a letter or colon inside a number (871:07, 3Q216, a lone O), and the character 一 read as a
dash (-级指标). Only what the recogniser itself held possible is taken; the new character's probability is
what it had among the possible ones.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from extractor.chinese import is_chinese
from extractor.elements import Char, TextLine

NUMERIC = frozenset("0123456789.,，-−%()（）+")
LOOKS_NUMERIC = {"O": "0", "o": "0", "Q": "0", "D": "0", "〇": "0", "l": "1", "I": "1", "|": "1", "S": "5", "B": "8",
                 ":": ".", "：": ".", ";": ".", "；": ".", "、": ".", "·": ".", "。": ".", "'": ".", "`": "."}
DASHES = frozenset("-—–_~－")
# Characters that 一 stands before in these forms; before others a dash may be a dash.
AFTER_ONE = frozenset("级般步次体站定致律项年个些流切线方旦直时事手人户同部口")
# Characters that make a word with 一; before other ones 一本级 is the dash of 项目名称—本级.
WITH_ONE = frozenset("统同唯单专划均任逐之第合万")
# A bound of a share (half of all and more, in full percents or one digit after the point) with % read as 96 or 06.
_SHARE = re.compile(r"[≥≤≧≦><＞＜](?:[5-9]\d(?:\.\d)?|100)([90o]6)")
# Nothing counts less than none, no share is more than the whole.
_IMPOSSIBLE = re.compile(r"[<＜]0(?![.\d])|[>＞]100[%％]")
BOUNDS = {">": "≥≧", "＞": "≥≧", "<": "≤≦", "＜": "≤≦"}
USUALLY = 40.0  # bounds of a budget's indicators that are ≥ or ≤, to one that is > or <
_WIDTHS = str.maketrans("，：；（）％。、“”‘’—–－□•●", ",:;()%.,\"\"\'\'---☐··")
CENTRED = frozenset("·•・∙⋅")
_CENTRED = re.compile(r"(?=.*\d)[-−(（]?[\d,，]*[·•・∙⋅]\d*[%％)）]?")
_MIXED_YEAR = re.compile(r"〔(?:19|20)\d\d[\]］】)）]|[\[［【(（](?:19|20)\d\d〕")
# A point before 年 after a year, or before a count's unit: a speck. 1.年度目标 is an item, so a short number alone must
# be all of its text.
_AFTER_YEAR = re.compile(r"(?<![\d.．·])(?:19|20)\d\d([.．·])年")
_BEFORE_UNIT = re.compile(
    r"[≥≤≧≦><＞＜]?[\d,]*\d([.．·]) ?(?:[万亿]?元|[份年个次人户家名场项件批]|人次|批次)"
)
_PARTED = re.compile(r"-?\d{1,3}(?:[,，]\d{3})+")  # thousands parted by commas
ORPHANS = frozenset("、，。）)；")  # no text begins with one: what stood before it was not read
HALF_READ = 0.3  # probability of a text whose beginning is missing for all that can be told
FORCED = 0.9  # a mark that the rest of a number leaves no choice about is right, unless the rest is misread
LEAST = 0.02  # a runner-up below this is noise of the softmax, not a second reading


def plausible(line: TextLine) -> TextLine:
    """The line with impossible characters replaced by the recogniser's second reading, where it had one."""
    chars = _digits(_centred_point(_percent(_bound(tuple(_same_reading(char) for char in line.chars)))))
    chars = _dash_for_one(_one_for_dash(_stray_point(_grouped(_point(chars)))))
    chars = _without_speck(_year_in_pair(_numbered(chars)))
    if chars and chars[0].text in ORPHANS:
        chars = (replace(chars[0], p=min(chars[0].p, HALF_READ)), *chars[1:])
    return line if chars == line.chars else replace(line, text="".join(c.text for c in chars), chars=chars)


def _same_reading(char: Char) -> Char:
    """Two widths of one character are one reading: its probability is that of both together."""
    if not char.runner_up or char.text == char.runner_up or _folded(char.text) != _folded(char.runner_up):
        return char
    return replace(char, p=min(1.0, char.p + char.runner_up_p), runner_up="", runner_up_p=0.0)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_WIDTHS)


def _digits(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """In a line that is a number but for a few look-alikes, the look-alikes as digits and points."""
    text = "".join(c.text for c in chars)
    foreign = [k for k, c in enumerate(chars) if c.text not in NUMERIC]
    if not foreign or any(chars[k].text not in LOOKS_NUMERIC for k in foreign):
        return chars
    digits = sum(c.text.isdigit() for c in chars)
    if digits < 2 * len(foreign) and not (len(chars) == 1 and chars[0].runner_up == "0"):
        return chars
    if re.fullmatch(r"(?:[01]?\d|2[0-4])[:：][0-5]\d(?:[:：][0-5]\d)?", text) and chars[foreign[0]].p > 0.95:
        return chars  # a time of day, read without doubt
    out = list(chars)
    for k in foreign:
        swapped = _runner_up(chars[k], LOOKS_NUMERIC[chars[k].text])
        if swapped is None:
            return chars
        out[k] = swapped
    return tuple(out)


def _centred_point(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """In a number, a dot at half its height as the point that it is: full-width faces set it there (０．００).

    A number that wraps may end or begin its line with it.
    """
    text = "".join(c.text for c in chars)
    if len(text) != len(chars) or not _CENTRED.fullmatch(text):
        return chars
    return tuple(replace(c, text=".") if c.text in CENTRED else c for c in chars)


def _point(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """In a number, a comma before its last one or two digits as the point that it must be."""
    if len(chars) < 3 or any(c.text not in NUMERIC for c in chars):
        return chars
    for k in (len(chars) - 2, len(chars) - 3):
        if chars[k].text in ",，" and all(c.text.isdigit() for c in chars[k + 1 :]):
            point = _runner_up(replace(chars[k], text=","), ".")
            if point is None and k == len(chars) - 3 and _PARTED.fullmatch("".join(c.text for c in chars[:k])):
                point = replace(chars[k], text=".", p=FORCED, runner_up=",", runner_up_p=1 - FORCED)  # 1,907,03
            return chars if point is None else (*chars[:k], point, *chars[k + 1 :])
    return chars


def _percent(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """A share whose % was read as two digits, as it must be: ≥7096 for ≥70%."""
    text = "".join(c.text for c in chars)
    found = _SHARE.fullmatch(text)
    if found is None or len(text) != len(chars):
        return chars
    at = found.start(1)
    first, second = chars[at : at + 2]
    p = FORCED * max(first.p, second.p)
    told = replace(first, text="%", p=p, x=(first.x + second.x) / 2, runner_up=first.text, runner_up_p=1 - p, others=())
    return (*chars[:at], told, *chars[at + 2 :])


def _bound(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """> and < before a number, whose lower stroke is blurred, as the ≥ and ≤ that indicators usually have.

    Of 26 on worn pages all but one were ≥, at a posterior of 0.02 to 0.63; the one that was > had none of it.
    """
    if len(chars) < 2 or chars[0].text not in BOUNDS or not chars[1].text.isdigit():
        return chars
    char = chars[0]
    wanted, held = BOUNDS[char.text], 0.0
    for text, p in ((char.runner_up, char.runner_up_p), *char.others):
        held = max(held, p if text and text in wanted else 0.0)
    if _IMPOSSIBLE.match("".join(c.text for c in chars)):
        held = max(held, FORCED)
    if held < LEAST:
        return chars
    likely = USUALLY * held
    p = min(FORCED, likely / (likely + max(char.p, LEAST)))
    told = replace(char, text=wanted[0], p=p, runner_up=char.text, runner_up_p=1 - p, others=())
    return (told, *chars[1:])


def _grouped(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """In an amount, a point between groups of three digits as the comma that it must be (2.549.18)."""
    if not re.fullmatch(r"-?\d{1,3}(?:[.,，]\d{3})+\.\d{2}", "".join(c.text for c in chars)):
        return chars
    return tuple(
        replace(c, text=",", p=max(c.runner_up_p if c.runner_up in ",，" else 0.0, FORCED * (1 - c.runner_up_p)),
                runner_up=".", runner_up_p=0.0) if c.text == "." and k < len(chars) - 3 else c
        for k, c in enumerate(chars)
    )


def _stray_point(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """A number without a point after its last digit: a speck beside it."""
    text = "".join(c.text for c in chars)
    if re.fullmatch(r"-?[\d,]*\d\.\d{1,2}[.,、。·]", text):
        return (*chars[:-2], replace(chars[-2], p=chars[-2].p * FORCED))
    return chars


def _without_speck(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """A whole number and its unit without a point between them (截止2021.年, 90.万元)."""
    text = "".join(c.text for c in chars)
    found = _AFTER_YEAR.search(text) or _BEFORE_UNIT.fullmatch(text)
    if found is None or len(text) != len(chars):
        return chars
    k = found.start(1)
    return (*chars[: k - 1], replace(chars[k - 1], p=chars[k - 1].p * FORCED), *chars[k + 1 :])


def _numbered(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """A dot after an item's Chinese numeral as the 、 that it is (四·公共安全支出)."""
    head = re.match(r"[一二三四五六七八九十]{1,3}[·.•](?=[\u4e00-\u9fff])", "".join(c.text for c in chars))
    if head is None or any(len(c.text) != 1 for c in chars[: head.end()]):
        return chars
    k = head.end() - 1
    told = replace(chars[k], text="、", p=FORCED, runner_up=chars[k].text, runner_up_p=1 - FORCED)
    return (*chars[:k], told, *chars[k + 1 :])


def _year_in_pair(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """A document number's year between a bracket and another kind's mate (〔2017]) in a pair of the rarer kind."""
    text = "".join(c.text for c in chars)
    if len(text) != len(chars):
        return chars
    out = list(chars)
    for found in _MIXED_YEAR.finditer(text):
        for k, mate in ((found.start(), "〔"), (found.end() - 1, "〕")):
            if out[k].text != mate:
                p = max(FORCED, out[k].runner_up_p if out[k].runner_up == mate else 0.0)
                out[k] = replace(out[k], text=mate, p=p, runner_up=out[k].text, runner_up_p=1 - p, others=())
    return tuple(out)


def _runner_up(char: Char, wanted: str) -> Char | None:
    """The character as `wanted`, with what the recogniser gave it once the impossible reading is out."""
    if char.runner_up != wanted or char.runner_up_p < LEAST:
        return None
    p = char.runner_up_p / max(char.runner_up_p, 1 - char.p)
    return replace(char, text=wanted, p=p, runner_up=char.text, runner_up_p=min(char.p, 1 - p))


def _one_for_dash(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """Dashes (one, or one read twice) before a character that 一 stands before, as 一."""
    out: list[Char] = []
    k = 0
    while k < len(chars):
        end = k
        while end < len(chars) and chars[end].text in DASHES:
            end += 1
        run = chars[k:end]
        if len(run) == 2 and out and out[-1].text in "（(" and end < len(chars) and chars[end].text in "）)":
            out.append(replace(run[0], text="一", p=FORCED * max(c.p for c in run), runner_up=run[0].text,
                               runner_up_p=1 - FORCED))
            k = end
            continue
        if 1 <= len(run) <= 2 and end < len(chars) and chars[end].text in AFTER_ONE:
            if out and out[-1].text == "一":
                k = end  # 一 and then its own tail as a dash
                continue
            if not out or is_chinese(out[-1].text) or out[-1].text in "（(“\"、，。 ":
                held = max(run[0].runner_up_p if run[0].runner_up in ("一", "—") else 0.0, 1 - run[0].p)
                out.append(replace(run[0], text="一", p=max(0.5, min(0.9, held)), runner_up=run[0].text,
                                   runner_up_p=min(run[0].p, 0.5)))
                k = end
                continue
        out.append(chars[k])
        k += 1
    return tuple(out)


def _dash_for_one(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """一 between a name and 本级 as the dash that it must be."""
    text = "".join(c.text for c in chars)
    k = text.find("一本级")
    name = k > 0 and len(text) == len(chars) and (is_chinese(text[k - 1]) or text[k - 1] in "）)")
    if not name or text[k - 1] in WITH_ONE:
        return chars
    told = replace(chars[k], text="—", p=max(FORCED, 1 - chars[k].p), runner_up="一", runner_up_p=1 - FORCED)
    return (*chars[:k], told, *chars[k + 1 :])
