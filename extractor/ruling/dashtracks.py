"""A dashed rule that goes on: short rows of its own dashes further along its track.

A border that merged cells interrupt may come back for a single low row (类, 款 and 项 under 科目编码). So few dashes
prove nothing by themselves; but on the very track of a rule that is dashed for certain, as long as its dashes, as
thick and as far apart, they are the same rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

FEWEST = 4  # dashes in a row
STRAYS = 1  # pixel by which the track may change its row
SAME_GAP = 1.5  # pixels: a scan's doing
SAME_DASH = 0.35  # share by which a dash may be longer or shorter
BESIDE = 3  # pixels on both sides of the track: a bar that crosses it has ink there, a dash by a character on one


@dataclass(frozen=True, slots=True)
class Track:
    """Rows first to last of a level dashed rule, where it was found (start, end), its usual gap and dash; pixels."""

    first: int
    last: int
    start: int
    end: int
    gap: float
    dash: float


def add_going_on(out: Picture, ridge: Picture, tracks: Sequence[Track]) -> None:
    """Fill (1) in `out` what goes on of level dashed rules. ridge: 1 where level rules may be."""
    for track in tracks:
        top, bottom = max(0, track.first - STRAYS), min(len(ridge), track.last + STRAYS + 1)
        strip = ridge[top:bottom].max(axis=0)
        strip[track.start : track.end] = 0
        around = _most(ridge[max(0, top - BESIDE) : top]) & _most(ridge[bottom : bottom + BESIDE])
        for start, end in _rows_of_dashes(strip, around, track):
            out[track.first : track.last + 1, start:end] = 1


def _most(side: Picture) -> NDArray[np.bool_]:
    return np.asarray(2 * side.sum(axis=0, dtype=np.int64) > max(1, len(side)))


def _rows_of_dashes(strip: Picture, around: NDArray[np.bool_], track: Track) -> list[tuple[int, int]]:
    """From where to where at least FEWEST dashes like the track's own follow each other."""
    steps = np.flatnonzero(np.diff(strip.astype(np.int8), prepend=0, append=0))
    starts, ends = steps[::2], steps[1::2]
    wide = np.abs(ends - starts - track.dash) <= max(SAME_GAP, SAME_DASH * track.dash)
    bare = np.array([around[a:b].mean() < 0.5 for a, b in zip(starts, ends, strict=True)], np.bool_)
    out, first = [], 0
    for k in range(1, len(starts) + 1):
        follows = (
            k < len(starts) and (wide & bare)[k - 1 : k + 1].all()
            and abs(starts[k] - ends[k - 1] - track.gap) <= SAME_GAP
        )
        if not follows:
            if k - first >= FEWEST:
                out.append(_with_cut_ones(starts, ends, (first, k - 1), track))
            first = k
    return out


def _with_cut_ones(
    starts: NDArray[np.int64], ends: NDArray[np.int64], row: tuple[int, int], track: Track
) -> tuple[int, int]:
    """A row's first and last pixel with the dashes next to it, which a crossing rule cuts short or makes longer."""

    def cut(gap: int, dash: int) -> bool:
        return abs(gap - track.gap) <= 2 * SAME_GAP and dash < 2 * track.dash

    a, b = row
    if a > 0 and cut(starts[a] - ends[a - 1], ends[a - 1] - starts[a - 1]):
        a -= 1
    if b < len(starts) - 1 and cut(starts[b + 1] - ends[b], ends[b + 1] - starts[b + 1]):
        b += 1
    return int(starts[a]), int(ends[b])
