"""Borders before a form's second label in a row, as 主管部门 … 实施单位 …, that no other row shows.

A label stands in the middle of its cell, and what it asks for begins on that cell's right side. Where no known border
before the label fits it, the border is that side, reflected at the label's middle.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.geometry import median
from extractor.unruled.aligning import BESIDE, askew
from extractor.unruled.gaps import CROSSED, WIDE, run_together
from extractor.unruled.openrules import Run

# Lengths are text heights.
TEXTS = 4  # a label, what it asks for, another label, what that asks for
ASKED = 2  # texts of a form's other rows
OTHERS = 2  # such rows at least, for each with two labels
ASKEW = 0.5  # by which the label stands off the cell that a known border would make
SAME = 0.3  # by which the places differ that labels of several rows give
KNOWN = 0.8  # from a border: so near is no other


def second_label_borders(strips: Sequence[Sequence[Run]], xs: Sequence[float], scale: float) -> list[float]:
    """The border before the second labels of a form's rows, if none of those known fits them; one at most.

    strips: each row's runs of text. xs: the borders known. scale: text height.
    """
    rows = [run_together(strip, WIDE * scale) for strip in strips]
    places: list[float] = []
    start, end = xs[0], xs[-1]
    for first, value, label, answer in (texts for texts in rows if len(texts) == TEXTS):
        on = [[x for x in xs if a[1] < x <= b[0] < x + BESIDE * scale] for a, b in ((first, value), (label, answer))]
        if not all(on):
            continue
        side = max(on[1])
        before = [x for x in xs if value[1] - CROSSED * scale < x < label[0]]
        if any(askew(label, x, side, scale) < ASKEW for x in before):
            return []
        places.append(sum(label) - side)
        start, end = max(start, value[1]), min(end, label[0])
    if not places or max(places) - min(places) > SAME * scale:
        return []
    if OTHERS * len(places) > sum(len(texts) == ASKED for texts in rows):
        return []
    place = median(places)
    near = any(abs(x - place) < KNOWN * scale for x in xs)
    return [place] if start < place < end and not near else []
