"""The gaps between the texts of each row of a table without upright rules, and how surely each parts columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from extractor.elements import Box
from extractor.geometry import overlap
from extractor.unruled.openrules import Run

# All lengths are text heights.
LETTER = 0.52, 1.25  # width of a character; 目 is narrow, digits are narrower
SPACED = 2.3  # letter-spacing at most
NARROW, WIDE = 0.25, 1.0  # a gap that says nothing, a gap that surely parts columns
CROSSED = 0.25  # text reaching this far past a border on both sides runs across it
PARTING = 0.7  # weight of a gap that confirms the narrow ones in line with it
INDENT, TOUCHES = 4.5, 0.5  # by which a first line is set in at most; from its end: so near a line reaches to a blank
FUSED = 0.35  # weight of a gap inside one detected line
EVEN = 1.5  # times the gap of two characters: others of a letter-spaced word are as near
HEADS = 2  # rows from the top that may be headings of blank columns
OPTIONS, EVENLY = 3.0, 0.15  # between what is given to choose from, at most; by which two such blanks differ
UNEVEN = 0.5  # by which such texts differ in width: texts of one width are set evenly apart in columns, too
SET = 0.3  # between where texts of rows begin, or end, that stand in one column
TOGETHER = 0.6  # a gap between the digits of a number at most
COUNTED = 5  # single characters in a row that counts the columns at least
CENTRED = 0.45  # by which the middle of a wrapped text's last line misses that of the others
UNDER = 0.3  # of the lower one's height that lines under each other have in common at most
CLOSE = 3.0, 0.45  # so little a first line is set in, the same may be more: found boxes are higher than characters
STEPPED, LEVEL = 0.35, 0.25  # off the height of any line beside it at least; off the middle of all of them at most
BESIDE = 2  # rows next to those with a narrow gap that are asked for it too


@dataclass(frozen=True, slots=True)
class Gap:
    """The space between two neighbouring texts of a row. weight: how surely (0..1) it parts columns.

    stepped: a label beside it stands at the height of no line of the text on its other side.
    """

    start: float
    end: float
    weight: float
    row: int
    fused: bool  # the detector holds both texts for one line
    stepped: bool = False


def find_gaps(
    strips: Sequence[Sequence[Run]], ys: Sequence[float], lines: Sequence[Box], scale: float
) -> list[Gap]:
    """Gaps between the texts of each row; what the detector holds for one line hardly has any."""
    out = []
    for r, strip in enumerate(strips):
        own = [line for line in lines if ys[r] < line.center.y < ys[r + 1]]
        centred = _between_centred(strip, own, scale)
        for k, (a, b) in enumerate(pairwise(strip)):
            weight = _weight(strip, k, scale)
            reach = CROSSED * scale
            near = [line for line in own if line.x0 < b[1] and line.x1 > a[0]]
            if _indented(a, b, near, scale):
                continue
            across = [line for line in near if line.x0 < a[1] - reach and line.x1 > b[0] + reach]
            fused = weight < 1 and bool(across) and not _seen_twice(a, b, across, near)
            wrapped = all(_wraps([line for line in near if line.x0 < x1 and line.x1 > x0]) for x0, x1 in (a, b))
            if _stepped(a, b, near, scale):
                out.append(Gap(a[1], b[0], 1.0, r, False, True))
                continue
            if weight < 1 and k in centred:
                out.append(Gap(a[1], b[0], 1.0, r, False))
                continue
            # Characters of wrapped text stand under each other: a gap inside every line is one of theirs.
            if weight < PARTING and wrapped and len(across) < len(near):
                out.append(Gap(a[1], b[0], PARTING, r, False))
            else:
                out.append(Gap(a[1], b[0], FUSED * weight if fused else weight, r, fused))
    return out


def counted_gaps(strips: Sequence[Sequence[Run]], scale: float) -> list[Run]:
    """The blanks of a row that numbers the columns, 1 2 3 …: one border lies in each of them.

    It is known by what it holds, a few digits in each column, and by no other row's holding more texts.
    """
    texts = [run_together(strip, TOGETHER * scale) for strip in strips]
    numbered = [
        row for row in texts
        if _counted(row, scale) and all(b[0] - a[1] > WIDE * scale for a, b in pairwise(row))
    ]
    most = max((len(row) for row in numbered), default=0)
    if not most or any(len(run_together(strip, WIDE * scale)) > most for strip in strips):
        return []
    row = next(row for row in numbered if len(row) == most)
    return [(a[1], b[0]) for a, b in pairwise(row)]


def run_together(strip: Sequence[Run], near: float) -> list[Run]:
    """A row's runs, left to right, those that are no further apart than `near` put together."""
    out: list[Run] = []
    for start, end in strip:
        if out and start - out[-1][1] <= near:
            out[-1] = out[-1][0], end
        else:
            out.append((start, end))
    return out


def _counted(strip: Sequence[Run], scale: float) -> bool:
    """Whether a row holds nothing but single characters, as one that counts the columns does."""
    return len(strip) >= COUNTED and all(end - start < LETTER[1] * scale for start, end in strip)


def with_options_joined(strips: Sequence[Sequence[Run]], scale: float) -> list[tuple[Run, ...]]:
    """Each row's runs, those of what it gives to choose from put together.

    Such texts, three or more, are set evenly apart however wide they are, where no texts of other rows begin or end
    but several run on.
    """
    texts = [run_together(strip, WIDE * scale) for strip in strips]
    out = [tuple(strip) for strip in strips]
    for r in range(HEADS, len(strips)):
        others = [text for k, row in enumerate(texts) if k != r for text in row]
        for start, end in _between_options(texts[r], others, scale):
            inner = [run for run in out[r] if run[1] == start or run[0] == end]
            at = out[r].index(inner[0])
            out[r] = (*out[r][:at], (inner[0][0], inner[1][1]), *out[r][at + 2 :])
    return out


def _between_options(texts: Sequence[Run], others: Sequence[Run], scale: float) -> list[Run]:
    chosen: set[Run] = set()
    for three in zip(texts, texts[1:], texts[2:], strict=False):
        blanks = [(a[1], b[0]) for a, b in pairwise(three)]
        apart, widths = [b - a for a, b in blanks], [b - a for a, b in three]
        evenly = abs(apart[0] - apart[1]) < EVENLY * scale and max(apart) < OPTIONS * scale
        if evenly and max(widths) - min(widths) > UNEVEN * scale and all(_in_texts(b, others, scale) for b in blanks):
            chosen.update(blanks)
    return sorted(chosen)


def _in_texts(blank: Run, others: Sequence[Run], scale: float) -> bool:
    """Whether texts of other rows, two at least, run through a blank, and fewer end or begin at it."""
    before = sum(abs(end - blank[0]) < SET * scale for _, end in others)
    behind = sum(abs(start - blank[1]) < SET * scale for start, _ in others)
    through = sum(a < blank[0] - CROSSED * scale and b > blank[1] + CROSSED * scale for a, b in others)
    return max(before, behind) < BESIDE <= through


def _between_centred(strip: Sequence[Run], lines: Sequence[Box], scale: float) -> frozenset[int]:
    """Indices of the gaps between texts that wrap, each with the end of its own under its middle."""
    ends = [line for line in lines if any(line.y0 > other.center.y for other in lines if _over(other, line))]
    groups = [
        (i, k)
        for i in range(len(strip)) for k in range(i, len(strip))
        if all(b[0] - a[1] < WIDE * scale for a, b in pairwise(strip[i : k + 1]))
        and _centred((strip[i][0], strip[k][1]), ends, scale)
    ] if len(ends) > 1 else []
    starts = {i for i, _ in groups}
    return frozenset(k for _, k in groups if k + 1 in starts)


def _over(upper: Box, lower: Box) -> bool:
    return overlap(upper.x0, upper.x1, lower.x0, lower.x1) > 0.5 * lower.width


def _centred(text: Run, ends: Sequence[Box], scale: float) -> bool:
    """Whether the lower lines over a stretch, one or more, are narrower than it and stand under its middle."""
    own = [end for end in ends if text[0] < end.center.x < text[1]]
    middle, width = (text[0] + text[1]) / 2, text[1] - text[0]
    return bool(own) and all(abs(end.center.x - middle) < CENTRED * scale and end.width < 0.8 * width for end in own)


def _indented(a: Run, b: Run, near: Sequence[Box], scale: float) -> bool:
    """Whether the text behind a blank is a first line set in, with its last, short one below it on the other side.

    Texts of two cells stand beside each other, at least those of their lines that reach to the blank.
    """
    before = [line for line in near if line.x0 < a[1] and line.x1 > a[1] - TOUCHES * scale]
    behind = [line for line in near if line.x1 > b[0] and line.x0 < b[0] + TOUCHES * scale]
    under = CLOSE[1] if b[0] - a[0] < CLOSE[0] * scale else UNDER
    below = all(_apart(line, other, under) and line.center.y > other.center.y for line in before for other in behind)
    # Beside a first line that is set in nothing stands over the last one.
    over = any(
        overlap(line.x0, line.x1, upper.x0, upper.x1) > 0 and not _apart(upper, other)
        for line in before for other in behind for upper in near if upper not in (line, other)
    )
    return b[0] - a[1] < INDENT * scale and bool(before) and bool(behind) and below and not over


def _stepped(a: Run, b: Run, near: Sequence[Box], scale: float) -> bool:
    """Whether the lines before a blank, or behind it, stand in the middle of those on its other side, between them.

    A label has its lines in the middle of its cell's height; where its text has one more they are half a line off.
    """
    before = [line for line in near if line.x0 < a[1] and line.x1 > a[1] - TOUCHES * scale]
    behind = [line for line in near if line.x1 > b[0] and line.x0 < b[0] + TOUCHES * scale]
    if len(before) == len(behind) or min(len(before), len(behind)) == 0 or any(line in behind for line in before):
        return False
    off = min(abs(line.center.y - other.center.y) for line in before for other in behind)
    heights = [sum(line.center.y for line in lines) / len(lines) for lines in (before, behind)]
    return off > STEPPED * scale and abs(heights[0] - heights[1]) < LEVEL * scale


def _seen_twice(a: Run, b: Run, across: Sequence[Box], near: Sequence[Box]) -> bool:
    """Whether a gap in a detected line goes through another one, too, or has others above or below on both sides."""
    if _wraps(across):
        return True
    sides = [[line for line in near if line.x0 < x1 and line.x1 > x0] for x0, x1 in (a, b)]
    return all(any(_apart(line, other) for line in across for other in side) for side in sides)


def _wraps(lines: Sequence[Box]) -> bool:
    return any(_apart(a, b) for a, b in combinations(lines, 2))


def _apart(a: Box, b: Box, under: float = UNDER) -> bool:
    """Whether two lines stand under each other: a gap through both is no accident of one."""
    return overlap(a.y0, a.y1, b.y0, b.y1) < under * min(a.height, b.height)


def passes(x: float, gap: Gap) -> bool:
    return gap.start <= x <= gap.end


def _weight(strip: Sequence[Run], k: int, scale: float) -> float:
    """How surely (0..1) the gap behind run k parts columns; letter-spacing hardly does."""
    gap = (strip[k + 1][0] - strip[k][1]) / scale
    weight = min(1.0, max(0.0, (gap - NARROW) / (WIDE - NARROW)))
    return 0.3 * weight if spaced(strip, k, scale) else weight


def spaced(strip: Sequence[Run], k: int, scale: float) -> bool:
    """Whether the gap behind run k is one between the characters of a letter-spaced word.

    Such a word stands alone: single characters as near to something longer are columns, as of codes, and so is a row
    of nothing else.
    """
    if not all(_single(run, scale) for run in strip[k : k + 2]) or strip[k + 1][0] - strip[k][1] >= SPACED * scale:
        return False
    most = min(SPACED * scale, EVEN * (strip[k + 1][0] - strip[k][1]))
    near = [i for i, (a, b) in enumerate(pairwise(strip)) if b[0] - a[1] < most]
    first, last = k, k + 1
    while first - 1 in near:
        first -= 1
    while last in near:
        last += 1
    return all(_single(run, scale) for run in strip[first : last + 1]) and not _counted(strip, scale)


def _single(run: Run, scale: float) -> bool:
    return LETTER[0] * scale < run[1] - run[0] < LETTER[1] * scale
