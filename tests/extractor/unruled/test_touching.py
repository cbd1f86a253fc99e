"""Texts of two columns that nearly touch are parted where no line goes on across the border."""

from __future__ import annotations

from extractor.elements import Box
from extractor.unruled.touching import parted_at

EM = 20.0


def test_a_run_is_cut_where_all_its_lines_end_or_begin() -> None:
    lines = [Box(100, 0, 198, 20), Box(203, -12, 400, 8), Box(203, 10, 300, 30)]
    assert parted_at([(100, 400)], lines, [0, 200, 500], EM) == ((100, 198), (203, 400))


def test_a_line_across_the_border_holds_it_together() -> None:
    lines = [Box(100, 0, 198, 20), Box(203, -12, 400, 8), Box(150, 10, 300, 30)]
    assert parted_at([(100, 400)], lines, [0, 200, 500], EM) == ((100, 400),)
