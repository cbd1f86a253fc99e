"""The sides of a grey heading are rules of no table, where none is drawn."""

from __future__ import annotations

import numpy as np

from extractor.elements import Rule
from extractor.pixels.filledges import without_fill_edges
from extractor.pixels.ink import find_ink
from tests import drawn

SCALE = 20.0
EDGES = [Rule(True, 104, 60, 840, 6), Rule(True, 156, 60, 840, 6)]


def heading() -> drawn.Picture:
    """A page with one grey band, 60 pixels high."""
    picture = drawn.blank(900, 1200)
    picture[100:160, 60:840] = 175
    return picture


def test_the_sides_of_a_grey_heading_are_no_rules_where_none_is_drawn() -> None:
    assert without_fill_edges(EDGES, find_ink(heading()), SCALE) == []


def test_they_stay_where_a_rule_is_drawn_on_the_page() -> None:
    picture = heading()
    drawn.level(picture, 300, 60, 840)
    rules = [*EDGES, Rule(True, 300, 60, 840, 2)]
    assert without_fill_edges(rules, find_ink(picture), SCALE) == rules


def test_a_pale_hairline_is_drawn() -> None:
    picture = np.full_like(drawn.blank(900, 1200), 255)
    rules = [Rule(True, 300, 60, 840, 2)]
    assert without_fill_edges(rules, find_ink(picture), SCALE) == rules
