"""What a page shows of an open table's borders: shading's steps, not the shadows of texts."""

from __future__ import annotations

from extractor.elements import Box
from extractor.unruled.openrows import OpenRows, shown_borders
from extractor.unruled.openrules import Level
from extractor.unruled.steps import Step

EM = 20.0
TEXT = 120.0, 300.0


def rows(steps: list[tuple[Step, ...]], blank: int | None = None) -> OpenRows:
    """Rows with a text of their own and an amount; row `blank` has the amount alone."""
    n = len(steps)
    levels = tuple(Level(100 + 40.0 * k, ((0, 600),)) for k in range(n + 1))
    strips = tuple(((500.0, 590.0),) if k == blank else (TEXT, (500.0, 590.0)) for k in range(n))
    lines = tuple(Box(a, 110 + 40 * k, b, 130 + 40 * k) for k, strip in enumerate(strips) for a, b in strip)
    return OpenRows(0, 600, levels, strips, tuple(steps), lines, EM)


def test_a_faint_step_beside_texts_is_their_shadow() -> None:
    assert shown_borders([rows([(Step(116, 8),)] * 5)]) == [[]] * 5


def test_a_faint_step_beside_texts_counts_where_a_row_shows_it_without_one() -> None:
    assert shown_borders([rows([(Step(116, 8),)] * 5, blank=2)]) == [[116]] * 5


def test_a_clear_step_beside_texts_is_a_border() -> None:
    assert shown_borders([rows([(Step(116, 22),)] * 5)]) == [[116]] * 5
