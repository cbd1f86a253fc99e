"""Labels that stand beside several rows of a table without rules."""

from __future__ import annotations

from extractor.elements import Box
from extractor.unruled.spannedrows import Span, spanned_rows

EM = 10.0


def text(x0: float, x1: float, middle: float, lines: int = 1) -> list[Box]:
    first = middle - 6 * (lines - 1)
    return [Box(x0, first + 12 * k - 5, x1, first + 12 * k + 5) for k in range(lines)]


def indicators() -> list[Box]:
    """A head, six rows 24 apart: three groups of two, within one group a label for both; all beside one of six rows."""
    boxes = [box for x in (60, 120, 200, 300) for box in text(x, x + 40, 100)]
    for r in range(6):
        middle = 124 + 24 * r
        boxes += [*text(190, 240, middle), *text(310, 330, middle), *text(370, 380, middle)]
    boxes += [box for g in range(3) for box in text(115, 145, 136 + 48 * g, 2)]
    return boxes + text(20, 30, 184, 4)


def test_labels_at_the_middle_of_their_rows_span_them() -> None:
    found = spanned_rows(indicators(), 10, 400, EM)
    assert found is not None
    assert len(found.rows) == 7
    assert {(span.first, span.last) for span in found.spans if span.x0 > 60} == {(1, 3), (3, 5), (5, 7)}
    assert (1, 7) in {(span.first, span.last) for span in found.spans if span.x0 == 10}


def test_columns_of_one_text_a_row_have_no_such_labels() -> None:
    boxes = [box for r in range(8) for x in (20, 120, 240) for box in text(x, x + 50, 100 + 24 * r)]
    assert spanned_rows(boxes, 10, 300, EM) is None


def test_a_heading_beside_two_steps_of_a_head_is_left_to_the_head() -> None:
    boxes = [*text(120, 180, 100), *text(20, 60, 112), *text(260, 300, 112)]
    boxes += [box for x in (100, 170) for box in text(x, x + 30, 124)]
    boxes += [box for r in range(6) for x in (20, 100, 170, 260) for box in text(x, x + 40, 150 + 24 * r)]
    assert spanned_rows(boxes, 10, 310, EM) is None


def test_a_label_over_two_columns_and_several_rows() -> None:
    boxes = [box for r in range(4) for x in (190, 260, 330) for box in text(x, x + 40, 100 + 24 * r)]
    boxes += text(30, 130, 136, 2)
    boxes += [box for r in range(4, 8) for x in (20, 190, 260, 330) for box in text(x, x + 40, 100 + 24 * r)]
    boxes += [box for g in range(2) for box in text(100, 140, 208 + 48 * g)]
    found = spanned_rows(boxes, 10, 380, EM)
    assert found is not None
    wide = [span for span in found.spans if span.first == 0]
    assert wide == [Span(10, wide[0].x1, 0, 4)]
    assert 140 < wide[0].x1 < 190


def test_lines_that_a_detector_draws_with_a_margin_leave_room_between_rows() -> None:
    boxes = [Box(b.x0, b.y0 - 3, b.x1, b.y1 + 3) for b in indicators()]
    found = spanned_rows(boxes, 10, 400, EM)
    assert found is not None
    assert {(1, 3), (3, 5), (5, 7)} <= {(span.first, span.last) for span in found.spans}


def test_a_tall_text_of_the_last_column_is_its_rows_own() -> None:
    """A remark stands at the height of its row; nothing at its right says that it is a label of others."""
    boxes = [*indicators(), *text(420, 480, 148, 4)]
    found = spanned_rows(boxes, 10, 500, EM)
    assert found is not None
    assert all(span.x1 < 400 for span in found.spans)
