"""The sides of grey headings taken for rules, where no rule is drawn at all: they make no tables.

The light of a page is estimated coarsely, so that a rim of each fill looks dark. In a table with rules such an edge
lies on one, or is one's place; in a table without any it parts a heading from its rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from extractor.elements import Rule
from extractor.pixels.ink import Ink

THICK = 0.15  # text heights: such a rim is thicker, a pale hairline is not
DRAWN = 0.5  # share of a rule's length on which there is ink that is no fill's
LONG = 8.0  # text heights: shorter rules tell of no table


def without_fill_edges(rules: Sequence[Rule], ink: Ink, scale: float) -> list[Rule]:
    """The rules (upright pixels), without level ones where none of these, as long as a table's, is drawn."""
    level = [rule for rule in rules if rule.horizontal and rule.end - rule.start > LONG * scale]
    if not level or any(rule.thickness < THICK * scale or _is_drawn(rule, ink) for rule in level):
        return list(rules)
    return [rule for rule in rules if not rule.horizontal]


def _is_drawn(rule: Rule, ink: Ink) -> bool:
    half = max(1.0, rule.thickness / 2)
    rows = slice(max(0, round(rule.at - half)), round(rule.at + half) + 1)
    strip = ink.faint[rows, max(0, round(rule.start)) : max(0, round(rule.end))]
    return strip.size == 0 or float(np.mean(strip.any(axis=0))) > DRAWN
