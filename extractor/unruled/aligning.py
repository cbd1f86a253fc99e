"""Where exactly the borders between open columns stand: where the texts beside them are set left, right or middle.

The gaps between the texts leave a border much room. Whoever set the table chose its place, and set each cell's text
at the cell's left, at its right or in its middle: the place from which most texts of the column are so set is it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from extractor.unruled.openrules import Run

# All lengths are text heights.
BESIDE = 0.8  # from a side: so near a text is set on it
MIDDLE = 0.3  # by which a text in the middle misses it
PAD = 0.4  # between a side and the text set on it
GAIN = 0.5  # by which all texts together must be set better for a border to move
PASSES = 2
MISSED = 0.1  # by which the end of a rule, or a change of shading, misses the border that it shows
OFTEN = 3  # texts that begin, or end, so little beyond it


def askew(text: Run, start: float, end: float, scale: float) -> float:
    """By how many text heights a text misses the left, the right and the middle of a cell, what is usual left out."""
    before, after = (text[0] - start) / scale, (end - text[1]) / scale
    return min(max(0.0, before - BESIDE), max(0.0, after - BESIDE), max(0.0, abs(before - after) / 2 - MIDDLE))


def align_borders(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], labels: Sequence[Sequence[bool]], fixed: Collection[float],
    scale: float,
) -> list[float]:
    """The borders moved, within the blanks they stand in, to where the texts beside them are set best.

    strips: each row's runs of text. labels: for each row, which borders part its cells. fixed: borders that something
    drawn shows; they and the outer two stay.
    """
    out = list(xs)
    for _ in range(PASSES):
        for j in range(1, len(out) - 1):
            if out[j] not in fixed:
                out[j] = _aligned(strips, out, labels, j, scale)
    return out


def _aligned(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], labels: Sequence[Sequence[bool]], j: int, scale: float
) -> float:
    low, high = xs[j - 1], xs[j + 1]
    cells: list[tuple[Run, float | None, float | None]] = []  # a text beside the border, its cell's other side
    places = [xs[j]]
    for strip, row in zip(strips, labels, strict=True):
        if not row[j]:
            continue
        i = max(m for m in range(j) if row[m])
        k = min(m for m in range(j + 1, len(xs)) if row[m])
        left = [run for run in strip if xs[i] <= (run[0] + run[1]) / 2 < xs[j]]
        right = [run for run in strip if xs[j] <= (run[0] + run[1]) / 2 < xs[k]]
        if left:
            low = max(low, left[-1][1])
            cells.append(((left[0][0], left[-1][1]), xs[i], None))
            places += [left[-1][1] + PAD * scale, left[0][0] + left[-1][1] - xs[i]]
        if right:
            high = min(high, right[0][0])
            cells.append(((right[0][0], right[-1][1]), None, xs[k]))
            places += [right[0][0] - PAD * scale, right[0][0] + right[-1][1] - xs[k]]

    def cost(x: float) -> float:
        return sum(askew(text, x if a is None else a, x if b is None else b, scale) for text, a, b in cells)

    inside = [x for x in places if low < x < high]
    if xs[j] not in inside:
        return xs[j]  # texts reach over it
    best = min(inside, key=lambda x: (cost(x), abs(x - xs[j])))
    return best if cost(best) < cost(xs[j]) - GAIN else xs[j]


def clear_of_texts(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], fixed: Collection[float], scale: float
) -> list[float]:
    """The borders, those of the fixed ones moved that several texts begin a trace before, or end a trace behind.

    What something drawn shows of a border is not as exact as where texts set against it begin.
    """
    runs = [run for strip in strips for run in strip]
    out = list(xs)
    for j, x in enumerate(xs):
        if x not in fixed or j in (0, len(xs) - 1):
            continue
        near = MISSED * scale
        begun = [a for a, _ in runs if x - near < a < x]
        ended = [b for _, b in runs if x < b < x + near]
        if len(begun) >= OFTEN and not any(min(begun) - near < b <= x for _, b in runs):
            out[j] = min(begun)
        elif len(ended) >= OFTEN and not any(x <= a < max(ended) + near for a, _ in runs):
            out[j] = max(ended)
    return out
