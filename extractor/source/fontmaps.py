"""Characters that fonts name wrongly: what can be mended, and when a text layer is garbled."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

# Radicals that PDF producers write where the ideograph of the same shape was meant (a font's glyph has
# one name only). NFKC folds the Kangxi block, not this supplement.
_RADICALS = dict(
    zip(
        "⺁⺈⺌⺍⺎⺟⺠⺮⺶⻁⻄⻅⻆⻉⻋⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻡⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "厂刀小⺍兀母民竹羊虎西见角贝车長长长门雨青韦页风飞食馬马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)
# Check boxes of the symbol fonts that Word writes, in their private codes.
_SYMBOLS = {
    "\uf0a8": "☐", "\uf06f": "☐", "\uf071": "☐", "\uf0fe": "☑", "\uf0fd": "☑", "\uf052": "☑", "\uf053": "☑",
    "\uf0a3": "☐", "\uf0fc": "✓", "\uf0b7": "·", "\uf06c": "●", "\uf06e": "■", "\uf0d8": "➢", "\uf0e0": "→",
}
# Of the ideographs of a Chinese administrative text nearly all are among the 3,755 of GB 2312's first
# level; of ideographs drawn at random from the whole set fewer than half are.
_RARE_SHARE = 0.3
_SIMPLIFIED = ("gb2312", 0xB0, 0xD7)
_TRADITIONAL = ("big5", 0xA4, 0xC6)
_WRONG_SHARE = 0.1
_FEWEST = 8  # characters, below which shares mean nothing


def mend(text: str) -> str:
    """One character of a text layer as it was meant; "" for what prints nothing."""
    if text in _SYMBOLS:
        return _SYMBOLS[text]
    if text in _RADICALS:
        return _RADICALS[text]
    code = ord(text[0])
    if 0x2F00 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF:
        return unicodedata.normalize("NFKC", text)
    if 0xFB00 <= code <= 0xFB06:  # ligatures
        return unicodedata.normalize("NFKC", text)
    if text in "\u200b\u200c\u200d\ufeff\u2060\u00ad":
        return ""
    if text in "\u00a0\u2002\u2003\u2009\u3000\t\r\n":
        return " "
    return text


def garbled(texts: Sequence[str], unmapped: int) -> str:
    """Why these characters cannot be what is printed, or "". `unmapped`: how many codes the fonts do not explain."""
    shown = [mended for text in texts if (mended := mend(text)).strip()]
    if len(shown) < _FEWEST:
        return "broken character map" if shown and all(_wrong(t) for t in shown) else ""
    if unmapped > _WRONG_SHARE * len(shown):
        return "codes without a character"
    wrong = sum(_wrong(text) for text in shown)
    if wrong > _WRONG_SHARE * len(shown):
        return "broken character map"
    latin = sum(0xA1 <= ord(t) <= 0x24F and t not in "·×÷±°§²³¥" for t in shown)
    if latin > _WRONG_SHARE * len(shown):
        return "mojibake"
    ideographs = [t for t in shown if "\u3400" <= t <= "\u9fff" or ord(t) > 0x20000]
    rare = min(sum(not _common(t, *level) for t in ideographs) for level in (_SIMPLIFIED, _TRADITIONAL))
    if len(ideographs) >= _FEWEST and rare > _RARE_SHARE * len(ideographs):
        return "implausible Chinese"
    return ""


def _wrong(text: str) -> bool:
    """Characters that no published document prints: private, unassigned, controls, replacement, strange scripts."""
    code = ord(text[0])
    return (
        unicodedata.category(text[0]) in ("Co", "Cn", "Cc", "Cs")
        or code == 0xFFFD
        or 0x0250 <= code <= 0x036F
        or 0x0530 <= code <= 0x1CFF
        or 0xA000 <= code <= 0xABFF
        or 0xAC00 <= code <= 0xD7AF
    )


def _common(text: str, encoding: str, first: int, last: int) -> bool:
    """Whether an ideograph is of a national set's first level, given by its lead bytes."""
    try:
        return first <= text.encode(encoding)[0] <= last
    except UnicodeEncodeError:
        return False
