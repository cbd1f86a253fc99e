"""Narrow columns of codes side by side, as 类 款 项: digits that stand in the same few places row after row.

Between such columns there is hardly more room than between two words, and their headings, a character each, look like
one word set apart. But groups of digits begin and end alike in many rows, and headings stand over the middle of each
group: neither a word nor a code written with blanks in one cell has that. The same holds where they stand as far apart
as the characters of a word that is set wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractor.geometry import median
from extractor.unruled.gaps import SPACED, spaced
from extractor.unruled.openrules import Run

# Lengths are text heights.
GROUP = 2.2  # width of a group of digits at most
APART = 1.0  # between two groups; what is further apart parts columns anyhow, but for what looks like one word
ALIKE = 0.2  # by which groups of one column differ at either end
ROWS = 4  # in which the groups stand alike
LETTER = 1.25  # width of a heading at most
OVER = 0.3  # by which a heading misses the middle of what it stands over
CROSSED = 0.25  # a text that reaches so far past both sides of the blank runs across it
ODD = 0.25  # of the rows that have the groups: so many others may have text across the blank
HEADS = 5  # rows from the top in which headings are sought


@dataclass(frozen=True, slots=True)
class Pair:
    """Two groups of digits that stand side by side in many rows."""

    left: Run
    right: Run

    @property
    def border(self) -> float:
        return (self.left[1] + self.right[0]) / 2


def code_columns(strips: Sequence[Sequence[Run]], scale: float) -> tuple[list[float], list[tuple[Run, ...]]]:
    """The borders between columns of codes that have headings of their own, and each row's runs with these parted.

    strips: each row's runs of text, left to right. Headings that stand so near that they are one run are cut.
    """
    out = [tuple(strip) for strip in strips]
    borders: list[float] = []
    for chain in _chains(_pairs(strips, (0.0, APART), scale), scale):
        groups = [chain[0].left, *(pair.right for pair in chain)]
        for r in range(min(HEADS, len(out))):
            parted = _headings(out[r], groups, scale)
            if parted is not None:
                out[r] = parted
                borders += [pair.border for pair in chain]
                break
    return sorted([*borders, *_wide_apart(strips, scale)]), out


def _wide_apart(strips: Sequence[Sequence[Run]], scale: float) -> list[float]:
    """The borders between groups that stand as far apart as characters of one word may, each with its own heading."""
    pairs = _pairs(strips, (APART, SPACED), scale)
    for strip in strips[:HEADS]:
        # So far apart no two headings are one run, and one run over both groups is one heading.
        headed = [pair for pair in pairs if _headings(strip, (pair.left, pair.right), scale) == tuple(strip)]
        # A narrow code may be as wide as the heading over it, but not all: such a row is one of codes itself.
        if any(
            not any(max(abs(x - y) for x, y in zip(group, run, strict=True)) < ALIKE * scale for run in strip)
            for pair in headed for group in (pair.left, pair.right)
        ):
            return [pair.border for pair in headed]
    return []


def parting_elsewhere(strips: Sequence[Sequence[Run]], scale: float) -> list[frozenset[int]]:
    """For each row, the runs behind which a letter-spaced word would go on, if other rows did not part columns there.

    Two of their texts end and begin at the same places, and they are no such words.
    """
    pairs = [
        [(k, a, b, spaced(strip, k, scale)) for k, (a, b) in enumerate(pairwise(strip))] for strip in strips
    ]
    plain = [(a[1], b[0]) for row in pairs for _, a, b, word in row if not word]
    return [
        frozenset(
            k for k, a, b, word in row
            if word and sum(max(abs(a[1] - x), abs(b[0] - y)) < ALIKE * scale for x, y in plain) >= ROWS
        )
        for row in pairs
    ]


def between_codes(
    strips: Sequence[Sequence[Run]], borders: Sequence[float], scale: float
) -> list[list[Run]]:
    """For each row, the blanks between texts that stand close on both sides of a border of columns of codes."""
    return [
        [
            (a[1], b[0]) for a, b in pairwise(strip)
            if b[0] - a[1] < SPACED * scale and any(a[1] <= x <= b[0] for x in borders)
        ]
        for strip in strips
    ]


def _pairs(strips: Sequence[Sequence[Run]], blank: Run, scale: float) -> list[Pair]:
    """Pairs of groups, left to right, that stand alike in rows enough, hardly a row having text across the blank.

    blank: what is between them at least, and less than what.
    """
    least, most = blank[0] * scale, blank[1] * scale
    seen = [
        (a, b) for strip in strips for a, b in pairwise(strip)
        if max(a[1] - a[0], b[1] - b[0]) < GROUP * scale and least <= b[0] - a[1] < most
    ]
    near = [
        {k for k, other in enumerate(seen) if max(abs(x - y) for x, y in _ends(one, other)) < ALIKE * scale}
        for one in seen
    ]
    out: list[Pair] = []
    left = set(range(len(seen)))
    while left:
        together = max((near[k] & left for k in sorted(left)), key=len)
        if len(together) < ROWS:
            break
        left -= together
        best = [seen[k] for k in sorted(together)]
        pair = Pair(
            (median([a[0] for a, _ in best]), median([a[1] for a, _ in best])),
            (median([b[0] for _, b in best]), median([b[1] for _, b in best])),
        )
        reach = CROSSED * scale
        across = sum(
            any(a < pair.left[1] - reach and b > pair.right[0] + reach for a, b in strip) for strip in strips[HEADS:]
        )
        if across <= ODD * len(best):
            out.append(pair)
    return sorted(out, key=lambda pair: pair.left)


def _ends(one: tuple[Run, Run], other: tuple[Run, Run]) -> list[tuple[float, float]]:
    return [ends for a, b in zip(one, other, strict=True) for ends in zip(a, b, strict=True)]


def _chains(pairs: Sequence[Pair], scale: float) -> list[list[Pair]]:
    """Pairs of which each begins with the group that the one before ends with."""
    out: list[list[Pair]] = []
    for pair in pairs:
        if out and all(abs(a - b) < ALIKE * scale for a, b in zip(out[-1][-1].right, pair.left, strict=True)):
            out[-1].append(pair)
        else:
            out.append([pair])
    return out


def _headings(strip: Sequence[Run], groups: Sequence[Run], scale: float) -> tuple[Run, ...] | None:
    """A row's runs, parted between the groups, if they are headings of these; None if not.

    Each group has a heading of its own over its middle, or two headings and more are one run as wide as their groups.
    No other text stands beside them among the groups, and one blank at least shows.
    """
    reach = OVER * scale
    own = [run for run in strip if run[1] > groups[0][0] - reach and run[0] < groups[-1][1] + reach]
    if len(own) < 2:
        return None
    cut: list[Run] = []
    first = 0
    for run in own:
        last = next(
            (k for k in range(first, len(groups)) if abs(sum(run) / 2 - (groups[first][0] + groups[k][1]) / 2) < reach),
            None,
        )
        if last is None:
            return None
        wide = run[1] - run[0]
        if wide >= LETTER * scale and (last == first or wide < groups[last][0] - groups[first][1]):
            return None
        if last > first and wide >= LETTER * scale:
            cut += _parted(run, groups[first : last + 1])
        elif last == first:
            cut.append(run)
        else:
            return None
        first = last + 1
    if first != len(groups):
        return None
    at = strip.index(own[0])
    return (*strip[:at], *cut, *strip[at + len(own) :])


def _parted(run: Run, groups: Sequence[Run]) -> list[Run]:
    blanks = [(a[1], b[0]) for a, b in pairwise(groups)]
    return list(zip([run[0], *(b for _, b in blanks)], [*(a for a, _ in blanks), run[1]], strict=True))
