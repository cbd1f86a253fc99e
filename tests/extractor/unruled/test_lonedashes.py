"""Dashes for 0 that no detected line holds."""

from __future__ import annotations

import numpy as np

from extractor.elements import Box
from extractor.unruled.lonedashes import lone_dashes

SCALE = 30.0


def page(*bars: tuple[int, int, int]) -> np.ndarray:
    """Bars (x, y, length) three pixels high."""
    ink = np.zeros((600, 900), np.uint8)
    for x, y, length in bars:
        ink[y : y + 3, x : x + length] = 1
    return ink


def found(*bars: tuple[int, int, int], drawn: np.ndarray | None = None, lines: tuple[Box, ...] = ()) -> list[float]:
    ink = page(*bars)
    out = lone_dashes(ink, np.zeros_like(ink) if drawn is None else drawn, lines, SCALE)
    return sorted(box.x0 for box in out)


def test_a_column_of_dashes_is_seen() -> None:
    column = [(400, 100 + 40 * r, 8) for r in range(4)]
    assert found(*column, (700, 100, 8)) == [400.0] * 4  # one alone may be anything


def test_what_a_detected_line_holds_is_left_to_it() -> None:
    column = [(400, 100 + 40 * r, 8) for r in range(4)]
    assert found(*column, lines=(Box(380, 80, 420, 240),)) == []


def test_the_pieces_of_a_broken_rule_are_no_dashes() -> None:
    pieces = [(100 + 20 * k, 100 + 60 * r, 10) for k in range(20) for r in range(4)]
    assert found(*pieces) == []
    drawn = page((0, 100, 395), (0, 160, 395), (0, 220, 395))
    assert found(*((400, 100 + 60 * r, 12) for r in range(3)), drawn=drawn) == []
