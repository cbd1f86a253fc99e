"""Borders before a form's second label in a row, as 主管部门 … 实施单位 …, that no other row shows.

A label stands in the middle of its cell, and what it asks for begins on that cell's right side. Where no known border
before the label fits it, the border is that side, reflected at the label's middle.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

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
PROVED = 0.25  # by which a place differs from that which amounts in the middle give
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


def with_proved_label(
    strips: Sequence[Sequence[Run]], xs: Sequence[float], drawn: Collection[float], scale: float
) -> list[float]:
    """The borders, those beside a form's second label moved to where it and amounts in the middle prove them.

    What the first label asks for shows how far from its border such a text begins. So far before what the second one
    asks for its own stands, and reflected at the label's middle this gives the border before it; the amounts' middle
    gives the same one, reflected from the table's right side. drawn: borders that something drawn shows; they stay.
    """
    rows = [run_together(strip, WIDE * scale) for strip in strips]
    answers = [texts[-1] for texts in rows if len(texts) in (ASKED, ASKED + 1)]
    places = [sum(text) - xs[-1] for text in answers if xs[-1] - text[1] > BESIDE * scale]
    for first, value, label, answer in (texts for texts in rows if len(texts) == TEXTS):
        before = max((x for x in xs if first[1] < x <= value[0] < x + BESIDE * scale), default=None)
        if before is None:
            continue
        side = answer[0] - (value[0] - before)
        place = sum(label) - side
        if not (value[1] < place < label[0] and label[1] < side):
            continue
        if sum(abs(place - other) < PROVED * scale for other in places) < ASKED:
            continue
        blanks = (value[1], label[0]), (label[1], answer[0])
        known = [[x for x in xs if a < x < b] for a, b in blanks]
        loose = [x for inside in known for x in inside]
        moved = sorted([*(x for x in xs if x not in loose), place, side])
        if all(len(inside) == 1 for inside in known) and not any(x in drawn for x in loose) and _parts(rows, xs, moved):
            return moved
    return list(xs)


def _parts(rows: Sequence[Sequence[Run]], xs: Sequence[float], moved: Sequence[float]) -> bool:
    """Whether moved borders part all texts that the borders parted."""
    blanks = [(a[1], b[0]) for row in rows for a, b in pairwise(row)]
    return all(any(a < x < b for x in moved) for a, b in blanks if any(a < x < b for x in xs))
