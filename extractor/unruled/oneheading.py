"""Values under one heading that stands in the middle over several columns: each is a cell of all of them.

A form that holds two lists, one below the other, has the columns of both. Where a heading of one stands in the very
middle over several columns of the other, the cells beside it would be blank headings, and its values, set at the left
side of all those columns or in the middle of them, never two in a row, would stand in several columns with blanks
beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractor.unruled.aligning import BESIDE
from extractor.unruled.gaps import WIDE, run_together
from extractor.unruled.openrules import Run

MIDDLE = 0.3  # text heights by which a text misses the middle of what it stands in the middle of
VALUES = 3  # under such a heading at least
SHOWN = 3.0  # by how much such a division costs less than its contrary (as `division` says it)


def values_spanned(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], labels: Sequence[Sequence[bool]],
    sure: Sequence[Sequence[float]], hard: Sequence[set[int]], scale: float,
) -> tuple[list[list[bool]], list[list[float]]]:
    """The rows' borders (`labels`, with how `sure` each is) without those that such a heading and its values span.

    strips: each row's runs of text. hard: the borders that something drawn shows in each row. scale: text height.
    """
    out, margins = [list(row) for row in labels], [list(row) for row in sure]
    texts = [run_together(strip, WIDE * scale) for strip in strips]
    for i in range(1, len(xs) - 2):
        for k in range(len(xs) - 1, i + 1, -1):
            for first, end in _blocks(out, i, k):
                inside = [_within(texts[r], xs[i], xs[k]) for r in range(first, end)]
                if not any(any(row[i + 1 : k]) for row in out[first:end]) or _drawn(hard[first:end], i, k):
                    continue
                if _headed(inside, xs[i], xs[k], scale):
                    for r in range(first, end):
                        out[r][i + 1 : k] = [False] * (k - i - 1)
                        margins[r][i + 1 : k] = [SHOWN] * (k - i - 1)
    return out, margins


def _blocks(labels: Sequence[Sequence[bool]], i: int, k: int) -> Iterator[tuple[int, int]]:
    """The longest stretches of rows, `first` to before `end`, that have both borders i and k."""
    first = None
    for r in range(len(labels) + 1):
        both = r < len(labels) and labels[r][i] and labels[r][k]
        if both and first is None:
            first = r
        elif not both and first is not None:
            yield first, r
            first = None


def _drawn(hard: Sequence[set[int]], i: int, k: int) -> bool:
    return any(i < j < k for row in hard for j in row)


def _within(texts: Sequence[Run], a: float, b: float) -> list[Run]:
    return [text for text in texts if text[1] > a and text[0] < b]


def _headed(inside: Sequence[Sequence[Run]], a: float, b: float, scale: float) -> bool:
    """Whether the first row's text stands in the middle between a and b, each other row's there or at the left side."""
    (head, *rows) = inside
    if len(head) != 1 or not _middle(head[0], a, b, scale) or any(len(row) > 1 for row in rows):
        return False
    values = [row[0] for row in rows if row]
    set_on = [_middle(text, a, b, scale) or 0 <= text[0] - a < BESIDE * scale for text in values]
    return len(values) >= VALUES and all(set_on) and all(text[1] <= b for text in values)


def _middle(text: Run, a: float, b: float, scale: float) -> bool:
    return a <= text[0] and text[1] <= b and abs(sum(text) - a - b) / 2 < MIDDLE * scale
