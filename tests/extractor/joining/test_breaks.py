from __future__ import annotations

from dataclasses import replace

import pytest

from extractor.elements import Box
from extractor.joining.breaks import Break
from extractor.joining.overpages import join_over_pages
from tests.pageparts import draw, page, part

SURE = Break(likeness=1.0, repeated=True, titled=True, cut=False, room=0.0, ended=False)
LIST = draw("科目 | 预算数", "教育支出 | 3.00", "卫生支出 | 4.00")
MORE = draw("农林水支出 | 5.00", "其他支出 | 6.00")


def doubt(foot: float, *, last: str = "卫生支出", again: bool = False) -> float:
    """Of a list's join over a page, whose first part ends at `foot` (points) with a row named `last`."""
    above = part([replace(c, text=last) if (c.row, c.col) == (2, 0) else c for c in LIST], 1, n_cols=2)
    above = replace(above, box=Box(50, 80, 545, foot))
    (table,) = join_over_pages([page(1, above), page(2, part(LIST if again else MORE, 2, n_cols=2))])
    return table.join_doubt


def test_a_join_with_header_and_title_again_is_hardly_doubtful() -> None:
    assert SURE.doubt < 0.01


@pytest.mark.parametrize(
    "worse", [{"titled": False}, {"repeated": False}, {"room": 0.4}, {"ended": True}, {"likeness": 0.5}]
)
def test_what_makes_a_join_more_doubtful(worse: dict[str, float]) -> None:
    assert replace(SURE, **worse).doubt > SURE.doubt  # type: ignore[arg-type]


def test_a_cell_cut_by_the_break_speaks_for_the_join() -> None:
    plain = replace(SURE, repeated=False, titled=False)
    assert replace(plain, cut=True).doubt < plain.doubt


def test_a_table_that_left_half_its_page_blank_hardly_went_on() -> None:
    assert doubt(790) < 0.1 < doubt(450)
    assert doubt(790, last="合计") > doubt(790)
    assert doubt(790, again=True) < doubt(790)


def test_a_table_of_one_page_has_no_doubtful_join() -> None:
    (table,) = join_over_pages([page(1, part(LIST, 1, n_cols=2))])
    assert (table.breaks, table.join_doubt) == ((), 0.0)
