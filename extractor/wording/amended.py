"""A cell with another text than was read, spelled by what the recogniser itself held possible.

What chooses the text is elsewhere (`wordings`, `codes`); here it is priced character by character and put in.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Literal

from extractor.chinese import is_chinese
from extractor.elements import Char, PageCell, TextLine
from extractor.joining.overpages import WholeCell

SUREST = 0.95  # of a character that was put in for another
NEVER = math.inf
OTHERWISE = 0.1
# A character that the recogniser saw nothing of, where its neighbours stand WIDE to TOO_WIDE times their usual step
# apart: its price.
LEFT_OUT = 2.0
WIDE, TOO_WIDE = 1.65, 2.6
UNNAMED = "\ufffd"  # stands for what a doubted character is, if not the one read
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Step:
    """A character put in for the one read at `at`, or before or after it; "" leaves that out."""

    at: int
    text: str
    beside: Literal["", "before", "after"] = ""


@dataclass(frozen=True, slots=True)
class Amendment:
    """How a text becomes another: its steps, and minus the log of the odds of it to the text read."""

    steps: tuple[Step, ...]
    price: float


def read_chars(cell: WholeCell) -> tuple[Char, ...]:
    """The characters, but spaces, of a cell read from a picture; none where they do not spell its text."""
    lines = [line for _, part in cell.parts for line in part.lines]
    chars = tuple(char for line in lines for char in line.chars if char.text.strip())
    exact = any(part.evidence.exact for _, part in cell.parts)
    if exact or any(len(char.text) != 1 for char in chars) or "".join(c.text for c in chars) != _solid(cell.text):
        return ()
    return chars


def one_step(chars: Sequence[Char], wanted: str) -> Amendment | None:
    """How the pixels support a text that differs by one character (widths folded); None where they do not."""
    read = [plain(char.text) for char in chars]
    head, tail = alike("".join(read), wanted)
    lacking, more = len(wanted) - head - tail, len(read) - head - tail
    if lacking == more == 1:
        return _priced(Step(head, wanted[head]), _taken(chars[head], wanted[head]))
    if (lacking, more) == (0, 1):
        # Of twins either may be the one too many.
        found = [one for k in _twins(read, head) if (one := _dropping(chars, k)) is not None]
        return min(found, key=lambda one: one.price, default=None)
    if (lacking, more) == (1, 0):
        step = Step(head, wanted[head], "before") if head < len(chars) else Step(head - 1, wanted[head], "after")
        return _priced(step, _left_out(chars, head, wanted[head])) if chars else None
    return None


def alike(one: str, other: str) -> tuple[int, int]:
    """How many characters two texts have in common from their beginnings, and then from their ends."""
    most = min(len(one), len(other))
    head = next((k for k in range(most) if one[k] != other[k]), most)
    return head, next((k for k in range(most - head) if one[-1 - k] != other[-1 - k]), most - head)


def _twins(read: Sequence[str], at: int) -> range:
    start = at
    while start and read[start - 1] == read[at]:
        start -= 1
    return range(start, at + 1)


def _dropping(chars: Sequence[Char], at: int) -> Amendment | None:
    char = chars[at]
    held = char.runner_up_p if not char.runner_up else 0.0
    return _priced(Step(at, ""), _ratio(held, char.p))


def _priced(step: Step, price: float) -> Amendment | None:
    return Amendment((step,), price) if price < NEVER else None


def _taken(char: Char, wanted: str) -> float:
    held = sum(p for text, p in ((char.runner_up, char.runner_up_p), *char.others) if text and plain(text) == wanted)
    return _ratio(held, char.p)


def _left_out(chars: Sequence[Char], at: int, wanted: str) -> float:
    """Price of a character that was left out before the one at `at`."""
    beside = [
        chars[k] for k, after in ((at - 1, True), (at, False))
        if 0 <= k < len(chars) and chars[k].missed and chars[k].missed_after == after
    ]  # fmt: skip
    held = max((char.missed_p for char in beside if plain(char.missed) == wanted), default=0.0)
    return min(_ratio(held, 1.0 - held), LEFT_OUT if _is_wide(chars, at) else NEVER)


def _is_wide(chars: Sequence[Char], at: int) -> bool:
    """Whether two full-width characters of one line stand so far apart that there is room for another."""
    steps = [
        b.x - a.x for a, b in pairwise(chars) if b.x > a.x and is_chinese(a.text) and is_chinese(b.text)
    ]  # fmt: skip
    if not 0 < at < len(chars) or len(steps) < 3 or not (is_chinese(chars[at - 1].text) and is_chinese(chars[at].text)):
        return False
    return WIDE * median(steps) <= chars[at].x - chars[at - 1].x <= TOO_WIDE * median(steps)


def _ratio(p: float, read: float) -> float:
    return NEVER if p < _LEAST else max(0.0, math.log(max(read, _LEAST) / p))


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def put_in(chars: Sequence[Char], text: str) -> list[Step]:
    """A text put in for the characters read, each for each; what is over goes to the last."""
    steps = [Step(k, text[k : k + 1]) for k in range(len(chars))]
    steps[-1] = replace(steps[-1], text=text[len(chars) - 1 :])
    return [step for step in steps if step.text != chars[step.at].text]


def amended(cell: WholeCell, steps: Sequence[Step], share: float) -> WholeCell:
    """The cell with its text spelled otherwise. share: probability of the new text among all that were possible."""
    told = {step.at: step for step in steps}
    parts: list[tuple[int, PageCell]] = []
    at = 0
    for page, part in cell.parts:
        lines = []
        for line in part.lines:
            chars: list[Char] = []
            for char in line.chars:
                if not char.text.strip():
                    chars.append(char)
                    continue
                chars += _respelled(char, told[at], share) if at in told else [char]
                at += 1
            lines.append(_retold(line, tuple(chars)))
        flags = tuple(dict.fromkeys((*part.flags, "by_words")))
        # What was strange in the text is what was changed.
        evidence = replace(part.evidence, by_words=True, strange=0.0, worded=1.0)
        parts.append((page, replace(part, lines=tuple(lines), flags=flags, evidence=evidence)))
    return replace(cell, text=_text_with(cell.text, told), parts=tuple(parts))


def unheld(char: Char) -> float:
    """Price of a character that the recogniser did not name: a small share of what it left to all others."""
    return _ratio(OTHERWISE * (1.0 - char.p), char.p)


def doubted(cell: WholeCell, most: Mapping[int, float]) -> WholeCell:
    """The cell with some of its characters (by their place among those that are no spaces) no surer than `most`.

    What they lose goes to a character that nobody named: one without a rival is believed, whatever its posterior.
    """
    k = 0
    parts: list[tuple[int, PageCell]] = []
    for page, part in cell.parts:
        lines = []
        for line in part.lines:
            chars = []
            for char in line.chars:
                chars.append(_less_sure(char, most[k]) if char.text.strip() and k in most else char)
                k += bool(char.text.strip())
            lines.append(replace(line, chars=tuple(chars)))
        parts.append((page, replace(part, lines=tuple(lines))))
    return replace(cell, parts=tuple(parts))


def _less_sure(char: Char, most: float) -> Char:
    if char.p <= most:
        return char
    lost = char.p - most
    if lost <= char.runner_up_p:
        return replace(char, p=most)
    held = ((char.runner_up, char.runner_up_p), *char.others) if char.runner_up else char.others
    return replace(char, p=most, runner_up=UNNAMED, runner_up_p=lost, others=held)


def _retold(line: TextLine, chars: tuple[Char, ...]) -> TextLine:
    if chars == line.chars:
        return line
    return replace(line, text="".join(c.text for c in chars), chars=chars, by_words=True)


def _respelled(char: Char, step: Step, share: float) -> list[Char]:
    p = min(SUREST, share)
    new = Char(step.text, p, char.x, char.text, min(char.p, 1.0 - p))
    if not step.beside:
        return [replace(new, text=mark) for mark in step.text]
    both = [replace(new, runner_up="", runner_up_p=1.0 - p), replace(char, missed="", missed_p=0.0)]
    return both if step.beside == "before" else both[::-1]


def _text_with(text: str, told: Mapping[int, Step]) -> str:
    out: list[str] = []
    at = 0
    for mark in text:
        step = told.get(at) if mark.strip() else None
        beside = "" if step is None else step.beside
        out.append(step.text if step and beside != "after" else mark)
        if step and beside:
            out.append(mark if beside == "before" else step.text)
        at += bool(mark.strip())
    # A line of one character may have been left out.
    return "\n".join(line for line in "".join(out).split("\n") if line.strip()).strip()


def _solid(text: str) -> str:
    return "".join(text.split())
