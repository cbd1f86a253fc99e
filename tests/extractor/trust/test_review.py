from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractor.result import Cell, Parts, Table
from extractor.trust.review import SHARE, reason_of, review


def cell(confidence: float, col: int, *flags: str) -> Cell:
    return Cell(
        row=0, col=col, row_span=1, col_span=1, text="1", kind="number", value="1", page=1, bbox=(0, 0, 1, 1),
        polygon=((0, 0), (1, 0), (1, 1), (0, 1)), regions=[], confidence=confidence,
        parts=Parts(text=confidence, place=1.0), flags=list(flags),
    )  # fmt: skip


def table(*cells: Cell) -> Table:
    return Table(
        id="t1", pages=[1], title=None, unit=None, form=None, structure="ruled", n_rows=1, n_cols=len(cells),
        header_rows=0, confidence=0.5, cells=list(cells), checks=[],
    )  # fmt: skip


@given(st.lists(st.floats(0, 0.9995), min_size=1, max_size=60))
def test_the_cells_left_out_keep_the_promise_and_no_shorter_list_does(confidences: list[float]) -> None:
    listed = review([table(*(cell(c, i) for i, c in enumerate(confidences)))], [["whole"] * len(confidences)])
    shown = {item.col for item in listed}
    left = [1 - c for i, c in enumerate(confidences) if i not in shown]
    assert sum(left) <= SHARE * len(left) + 1e-9
    assert [item.confidence for item in listed] == sorted(confidences)[: len(listed)]
    if listed:
        one_more = [*left, 1 - listed[-1].confidence]
        assert sum(one_more) > SHARE * len(one_more) - 1e-9


def test_sure_cells_need_no_review_and_a_broken_sum_is_named() -> None:
    assert review([table(cell(0.9995, 0))], [[""]]) == []
    (item,) = review([table(cell(0.4, 0, "sum_mismatch"), *(cell(0.9995, i) for i in range(1, 9)))], [["whole"] * 9])
    assert (item.table, item.row, item.col, item.page, item.reason) == ("t1", 0, 0, 1, "sum_mismatch")


def test_reasons_are_stable_codes() -> None:
    assert reason_of("worst") == "doubtful_character"
    assert reason_of("table.gained") == "joined_over_pages"
    assert reason_of("strange") == reason_of("missed") == "doubtful_character"
    assert reason_of("column_held") == "unproved"
    assert reason_of("anything else") == "doubtful_grid"
