"""How well a picture supports another spelling of a number than the one that was read.

The recogniser keeps for each character its posterior, the runner-up's and, where it was in doubt, a few more, and
what it may have left out beside it; the page's own digits say which others explain a digit's ink about as well. A
wanted text is aligned with the characters read; each step that departs from them costs what recogniser and ink gave the
other character. Marks between digits are the exception: whether
a speck is a comma, a point or dirt is said by the number's form, so they may change at a fixed price.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from extractor.elements import Char
from extractor.kinds.numbers import number_value
from extractor.sums.ledger import LOOK_ALIKE, decimals

MARKS = frozenset(".,:;·、。'`-~_*!")
NEVER = math.inf
OTHER_MARK = 1.2  # price of one mark for another (odds 0.3)
STRAY_MARK = 1.6  # of leaving a mark out that was read (0.2)
LOST_COMMA = 1.2  # of a comma between groups that was not read (0.3)
LOST_POINT = 4.0  # of a point that was not read (0.02): it changes the value
MARK_FOR_ONE = 3.5  # of the digit 1 for a broken stroke read as a mark (0.03)
SOME_DIGIT = 0.1  # share of a digit left out that the recogniser saw something of, but not which
ALIKE = 3.0  # price of a digit for the letter that looks like it (0.05)
SOME_MARK = 4.0  # of a digit for a letter or mark that stands where a digit must, whatever it looks like (0.02)
LOST_FIRST = 4.0  # of a digit before a line that begins with the mark after it (.200.00 for 1,200.00) (0.02)
# A digit for another where the page's own digits were laid over it: EVIDENCE times the logarithm of the shares of ink
# that both leave unexplained, and TRUST times that of the recogniser's posteriors, UNNAMED for a digit it did not name
# (as `models/glyphs.py` weighs them). Of 4,159 digits read right on worn and faxed pages, 11 are explained within a
# sixth as well by some other; of 13 misread ones all are, by the true digit.
EVIDENCE = 25.0
TRUST = 0.5
UNNAMED = 0.002
MOST_READINGS = 24  # readings of a line that are looked at together, the likeliest


@dataclass(frozen=True, slots=True)
class Spelling:
    text: str
    odds: float  # of this text to the text read, by the pixels; 1 where nothing but marks' form speaks


@dataclass(frozen=True, slots=True)
class NumberForm:
    """How a column writes its amounts: thousands parted by commas or not, digits after the point (None: mixed)."""

    commas: bool
    decimals: int | None


def form_of(texts: Iterable[str]) -> NumberForm:
    plain = [unicodedata.normalize("NFKC", text).strip() for text in texts if number_value(text) is not None]
    long = [text for text in plain if len(re.sub(r"\D", "", text.partition(".")[0])) > 3]
    ends = Counter(len(text.partition(".")[2]) for text in plain)
    usual = ends.most_common(1)[0] if ends else (0, 0)
    steady = usual[1] >= 0.8 * len(plain)
    return NumberForm(2 * sum("," in text for text in long) > len(long), usual[0] if steady else None)


def written(value: Decimal, form: NumberForm) -> list[str]:
    """A value as a column would print it, the likeliest first."""
    least = decimals(value.normalize())
    places = [form.decimals] if form.decimals is not None and form.decimals >= least else [least, max(least, 2)]
    out: list[str] = []
    for digits in dict.fromkeys(places):
        for commas in (form.commas, not form.commas):
            text = f"{value:,.{digits}f}" if commas else f"{value:.{digits}f}"
            if text not in out:
                out.append(text)
    return out


def best_spelling(chars: Sequence[Char], value: Decimal, form: NumberForm) -> Spelling | None:
    """The likeliest spelling of a value in the characters read; None where the pixels do not support any."""
    found = [Spelling(text, math.exp(-cost)) for text in written(value, form) if (cost := price(chars, text)) < NEVER]
    return max(found, key=lambda s: s.odds, default=None)


def price(chars: Sequence[Char], wanted: str) -> float:
    """Minus the log of the odds of `wanted` to the text read, by the cheapest alignment; NEVER where there is none."""
    row = [0.0]
    for mark in wanted:
        row.append(row[-1] + _inserted(chars[:1], mark, first=True))
    for i, char in enumerate(chars):
        above = row
        row = [above[0] + _dropped(char)]
        for j, mark in enumerate(wanted):
            row.append(
                min(
                    above[j] + _taken(char, mark),
                    above[j + 1] + _dropped(char),
                    row[j] + _inserted(chars[i : i + 2], mark, first=False),
                )
            )
    return row[-1]


def likely_values(chars: Sequence[Char], form: NumberForm, most: float) -> dict[Decimal, float]:
    """The numbers that the pixels support at a price of at most `most`, with their prices; what was read costs 0."""
    beam: dict[str, float] = {"": 0.0}
    if chars and chars[0].text in MARKS:
        beam.update(dict.fromkeys("123456789", LOST_FIRST))
    for char in chars:
        grown: dict[str, float] = {}
        for said, paid in beam.items():
            for more, cost in _options(char):
                total = paid + cost
                if total <= most and total < grown.get(said + more, NEVER):
                    grown[said + more] = total
        beam = dict(sorted(grown.items(), key=lambda item: item[1])[:MOST_READINGS])
    out: dict[Decimal, float] = {}
    for said, paid in beam.items():
        value = _plain_number(said, form)
        if value is not None and paid < out.get(value, NEVER):
            out[value] = paid
    return out


def _plain_number(said: str, form: NumberForm) -> Decimal | None:
    """A reading as a number of its column; commas are not looked at, digits after the point are."""
    bare = said.replace(",", "")
    plain = number_value(bare)
    if plain is None or (form.decimals is not None and len(plain.partition(".")[2]) != form.decimals):
        return None
    return Decimal(plain)


def _options(char: Char) -> list[tuple[str, float]]:
    """What a character may stand for, with prices: itself, another, nothing, and with one that was left out."""
    read = unicodedata.normalize("NFKC", char.text)
    wanted = {read, *(unicodedata.normalize("NFKC", text) for text, _ in _alternatives(char)), ".", *"0123456789"}
    found = [(text, cost) for text in sorted(wanted) if text and (cost := _taken(char, text)) < NEVER]
    left_out = _dropped(char)
    found += [("", left_out)] if left_out < NEVER else []
    if char.missed:
        after = char.missed_after
        extra = [(d, cost) for d in "0123456789." if (cost := _inserted((char,), d, first=not after)) < NEVER]
        found += [(read + d if after else d + read, cost) for d, cost in extra]
    return found


def _taken(char: Char, wanted: str) -> float:
    """Price of the character wanted at the place of the one read."""
    read = unicodedata.normalize("NFKC", char.text)
    if read == wanted:
        return 0.0
    prices = [_ratio(p, char.p) for text, p in _alternatives(char) if unicodedata.normalize("NFKC", text) == wanted]
    prices.append(_drawn(char, read, wanted))
    if wanted in ".," and read in MARKS:
        prices.append(OTHER_MARK)
    if LOOK_ALIKE.get(read) == wanted:
        prices.append(ALIKE)
    if wanted == "1" and read in ":;":
        prices.append(MARK_FOR_ONE)
    if wanted.isdigit() and not read.isdigit() and read not in ".,":
        prices.append(SOME_MARK)
    return min(prices, default=NEVER)


def _drawn(char: Char, read: str, wanted: str) -> float:
    """Price of a digit for the one read, by the page's own digits and the recogniser together."""
    shares = dict(char.drawn)
    if read not in shares or wanted not in shares:
        return NEVER
    held = max([p for text, p in _alternatives(char) if text == wanted], default=0.0)
    against = EVIDENCE * math.log(shares[wanted] / shares[read]) + TRUST * math.log(char.p / max(held, UNNAMED))
    return max(0.0, against)


def _alternatives(char: Char) -> list[tuple[str, float]]:
    return [(char.runner_up, char.runner_up_p), *char.others] if char.runner_up else list(char.others)


def _ratio(p: float, read: float) -> float:
    return NEVER if p <= 0 else max(0.0, math.log(max(read, 1e-6) / p))


def _dropped(char: Char) -> float:
    """Price of leaving a character out that was read."""
    prices = [STRAY_MARK] if unicodedata.normalize("NFKC", char.text) in MARKS else []
    if not char.runner_up and char.runner_up_p > 0:
        prices.append(_ratio(char.runner_up_p, char.p))
    return min(prices, default=NEVER)


def _inserted(beside: Sequence[Char], wanted: str, *, first: bool) -> float:
    """Price of a character that was not read, after the first of `beside` (or before it, at the beginning)."""
    prices = []
    if wanted == ",":
        lost = any(char.missed and char.missed_after != (first or k == 1) for k, char in enumerate(beside))
        prices.append(0.0 if lost else LOST_COMMA)  # with a digit that was left out, the comma beside it is too
    elif wanted == ".":
        prices.append(LOST_POINT)
    elif first and beside and beside[0].text in MARKS:
        prices.append(LOST_FIRST)
    for k, char in enumerate(beside):
        before = first or k == 1
        if not char.missed or char.missed_after == before:
            continue
        if unicodedata.normalize("NFKC", char.missed) == wanted:
            prices.append(_ratio(char.missed_p, 1.0 - char.missed_p))
        elif wanted.isdigit():
            prices.append(_ratio(SOME_DIGIT * char.missed_p, 1.0 - char.missed_p))
    return min(prices, default=NEVER)
