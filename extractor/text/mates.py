"""Brackets without their mate, and the arcs among left-over ink that are it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from extractor.elements import Box, TextLine
from extractor.text.leftover import Leftover

OPENING, CLOSING = "(（[［【〔〈《", ")）]］】〕〉》"


def mates(lines: Sequence[TextLine], free: Sequence[tuple[int, Leftover]]) -> dict[Box, str]:
    """Which pieces are brackets, because they are bent so and another asks for its mate; and which brackets."""
    arcs = [((k, mark.box.center.x), mark) for k, mark in free if mark.kind in ("(", ")")]
    if not arcs:
        return {}
    found: dict[Box, str] = {}
    for at, text in _unpaired(lines):
        opens = text in OPENING
        mate = (CLOSING if opens else OPENING)[(OPENING if opens else CLOSING).index(text)]
        bent = [
            one for one in arcs
            if one[1].kind == (")" if opens else "(") and one[1].box not in found and (one[0] > at) == opens
        ]
        if bent:
            nearest = min(bent, key=lambda one: one[0]) if opens else max(bent, key=lambda one: one[0])
            found[nearest[1].box] = mate
    rest = sorted((one for one in arcs if one[1].box not in found), key=lambda one: one[0])
    for (_, left), (_, right) in pairwise(rest):
        if (left.kind, right.kind) == ("(", ")"):
            found[left.box], found[right.box] = "（", "）"
    return found


def _unpaired(lines: Sequence[TextLine]) -> list[tuple[tuple[int, float], str]]:
    """Brackets without their mate, each with its line and x."""
    open_ones: list[tuple[tuple[int, float], str]] = []
    alone: list[tuple[tuple[int, float], str]] = []
    for k, line in enumerate(lines):
        for char in line.chars:
            if char.text in OPENING:
                open_ones.append(((k, char.x), char.text))
            elif char.text in CLOSING:
                if open_ones:
                    open_ones.pop()
                else:
                    alone.append(((k, char.x), char.text))
    return alone + open_ones
