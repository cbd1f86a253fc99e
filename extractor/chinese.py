"""Which characters are Chinese ones."""

from __future__ import annotations


def is_chinese(char: str) -> bool:
    """Whether a character is a common Chinese one (of Unicode's first block of them); no other text is."""
    return "\u4e00" <= char <= "\u9fff"
