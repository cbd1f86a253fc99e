"""Text lines as rows: what stands beside each other, what wraps, and what lies in columns rather than in a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from extractor.elements import Box
from extractor.geometry import median, overlap, union
from extractor.unruled.openrules import Run

# All lengths are text heights.
APART = 1.0  # texts of a row further apart than this stand in different columns
ROWS = 4  # rows that make a table where no rule says so
SAME_ROW = 0.3  # share of the lower text's height that texts of one row have in common
WRAPPED = 0.75  # of the usual distance of rows: a lone line so near the row above goes on from it
FULL = 0.75  # share of the width that text fills in running text set in columns, but in no table


@dataclass(frozen=True)
class TextRow:
    """Text lines on one baseline, or that wrap beside each other."""

    boxes: tuple[Box, ...]
    texts: tuple[Run, ...]

    @classmethod
    def of(cls, boxes: Sequence[Box], scale: float) -> TextRow:
        texts: list[Run] = []
        for x0, x1 in sorted((b.x0, b.x1) for b in boxes):
            if texts and x0 - texts[-1][1] < APART * scale:
                texts[-1] = texts[-1][0], max(texts[-1][1], x1)
            else:
                texts.append((x0, x1))
        return cls(tuple(boxes), tuple(texts))

    @cached_property
    def box(self) -> Box:
        return union(self.boxes)


def text_rows(lines: Sequence[Box], scale: float) -> list[TextRow]:
    """Lines that stand beside each other, from the top; chains of them are one row."""
    groups: list[list[Box]] = []
    for line in sorted(lines, key=lambda b: b.y0):
        if groups and any(
            overlap(line.y0, line.y1, b.y0, b.y1) > SAME_ROW * min(line.height, b.height) for b in groups[-1]
        ):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [TextRow.of(group, scale) for group in groups]


def unwrapped(rows: Sequence[TextRow], scale: float) -> list[TextRow]:
    """Two rows or more, lone lines that go on from the row above joined to it."""
    pitch = median([b.box.center.y - a.box.center.y for a, b in pairwise(rows)])
    out: list[TextRow] = []
    for row in rows:
        near = out and row.box.center.y - max(b.center.y for b in out[-1].boxes) < WRAPPED * pitch
        under = near and any(overlap(*row.texts[0], *text) > 0 for text in out[-1].texts)
        if len(row.texts) == 1 and near and under:
            out[-1] = TextRow.of([*out[-1].boxes, *row.boxes], scale)
        else:
            out.append(row)
    return out


def is_tabular(rows: Sequence[TextRow], full: float = FULL) -> bool:
    """Whether rows have the blanks that tables have and running text in columns has not."""
    box = union([row.box for row in rows])
    fill = [sum(b - a for a, b in row.texts) / max(1e-6, box.width) for row in rows]
    return len(rows) >= ROWS and median(fill) < full


def blocks_of(boxes: Sequence[Box]) -> list[list[Box]]:
    """Lines that stand under each other, from the left."""
    out: list[list[Box]] = []
    end = 0.0
    for box in sorted(boxes, key=lambda b: b.x0):
        if out and box.x0 < end:
            out[-1].append(box)
            end = max(end, box.x1)
        else:
            out.append([box])
            end = box.x1
    return out
