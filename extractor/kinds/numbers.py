"""Numbers as these forms print them, as plain decimal strings.

`number_value` decides by the text alone. Whether "2080505" is an amount or a subject code is for
`forms.py`, which knows the column.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Dashes that a printer or a recogniser puts where a minus is meant; NFKC folds the full-width ones.
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2010": "-", "\u2011": "-", "负": "-"})

# Groups of three after a leading group of one to three, or no groups at all.
_PLAIN = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+)(?:\.\d+)?")
_AROUND_MARKS = re.compile(r"\s*([.,])\s*")


@lru_cache(maxsize=65536)
def number_value(text: str) -> str | None:
    """The printed number as a plain decimal string, or None where the text is not a number.

    Takes full-width digits, thousands separators (commas of either width, spaces between groups of
    three), a minus in any style (−, －, 负, parentheses of either width), a currency sign before and
    a percent sign after: the value is as printed, "12.5" for "12.5%". A whole number with leading
    zeros ("0050") is a code, not a number.
    """
    folded = unicodedata.normalize("NFKC", text).strip().translate(_MINUS)
    # A reader may put a space beside a separator; between digits it must divide groups of three.
    folded = _AROUND_MARKS.sub(r"\1", folded)
    negative = False
    if folded.startswith("(") and folded.endswith(")"):
        negative, folded = True, folded[1:-1].strip()
    folded = folded.removeprefix("¥").lstrip()
    if folded.startswith(("-", "+")):
        if negative:
            return None
        negative, folded = folded.startswith("-"), folded[1:].lstrip().removeprefix("¥").lstrip()
    folded = folded.removesuffix("%").rstrip()
    if not _PLAIN.fullmatch(folded):
        return None
    plain = folded.replace(",", "").replace(" ", "")
    if re.match(r"0\d", plain):
        return None
    return f"-{plain}" if negative else plain
