"""Which characters are Chinese ones, and the numerals that items are counted with."""

from __future__ import annotations

DIGITS = "零一二三四五六七八九"


def is_chinese(char: str) -> bool:
    """Whether a character is a common Chinese one (of Unicode's first block of them); no other text is."""
    return "\u4e00" <= char <= "\u9fff"


def numeral_value(text: str) -> int | None:
    """1 to 99 as items are numbered (二十三), None of what is no such number (十十)."""
    tens, ten, ones = text.rpartition("十")
    if not text or len(tens) > 1 or len(ones) > 1 or any(char not in DIGITS for char in tens + ones):
        return None
    return 10 * (DIGITS.index(tens) if tens else len(ten)) + (DIGITS.index(ones) if ones else 0)


def numeral_of(number: int) -> str:
    """1 to 99 as items are numbered."""
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else DIGITS[tens] + "十") + (DIGITS[ones] if ones else "")
