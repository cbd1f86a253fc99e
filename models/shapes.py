"""The shapes that a page's numbers have, as odds for a number in doubt.

Where one cell says ≥90% and a hundred others ≥95%, a cell that may say ≥9u1 or ≥90% says the latter. Shapes are
counted in the lines that were read clearly; digits count as one another, so that no amount is preferred to another
of its kind for its digits. Like the odds of words these choose among what the recogniser held possible.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

LONGEST = 14  # characters: beyond this a line is a sentence with a number in it
# A shape never seen counts as if a page had shown it half a time, so the first time it is seen clearly makes it three
# times as likely.
UNSEEN = 0.5
# What performance forms hold more than anything counts as if every page had shown it ten times: where 6 and % are as
# likely, ≥906 is ≥90%.
USUAL = {"≥00%": 10.0, "≤00%": 10.0}
MOST = 4.0  # natural logarithm: no shape is more than 55 times as likely as one never seen
_AMOUNT = re.compile(r"(-?)(\d+|\d{1,3}(?:,\d{3})+)(\.\d{1,2})?")
_BOUNDS = str.maketrans("≧≦＞＜％，。．－（）", "≥≤><%,..-()")


class PageShapes:
    """How often each shape of number stands clearly on a page."""

    def __init__(self, clear: Iterable[str] = ()) -> None:
        self._seen = Counter(key for text in clear if (key := shape(text)) is not None)

    def odds(self, text: str) -> float:
        """Natural logarithm of how many times likelier a text's shape is than one never seen; 0 for no number."""
        key = shape(text)
        return 0.0 if key is None else min(MOST, math.log1p((self._seen[key] + USUAL.get(key, 0.0)) / UNSEEN))


def shape(text: str) -> str | None:
    """A number's shape: its digits as 0, an amount whatever its length as #; None for a text without digits."""
    folded = text.strip().translate(_BOUNDS)
    if not 1 <= len(folded) <= LONGEST or not any(map(str.isdigit, folded)):
        return None
    amount = _AMOUNT.fullmatch(folded)
    if amount:
        sign, whole, cents = amount.groups(default="")
        # A bare whole number may be a code, whose length is its shape; groups and cents make an amount. Below a
        # thousand nothing tells whether a page writes groups.
        if "," in whole or cents:
            grouped = "," if "," in whole else "" if len(whole) < 4 else "0"
            return f"{sign}#{grouped}.{max(0, len(cents) - 1)}"
        return sign + "0" * len(whole)
    # 100% stands on many a page and says nothing for 290%, which may be ≥90%.
    return folded if re.fullmatch(r"\d{3}%", folded) else re.sub(r"\d", "0", folded)
