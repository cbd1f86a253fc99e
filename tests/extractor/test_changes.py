"""What differs between two results: matched by place, told cell by cell."""

from __future__ import annotations

import time
from collections.abc import Sequence

from extractor.changes import Changes, changes
from extractor.result import Cell, Document, Table
from tests.handmade import cell, document, table

ROWS = [["项目", "金额"], ["基本支出", "10.00"], ["项目支出", "20.00"]]


def _cells(rows: Sequence[Sequence[str]], *, at: float = 0.0) -> list[Cell]:
    """Cells of 50 x 10 points, `at` points below their usual place."""
    made = []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            box = (50.0 * c, 10.0 * r + at, 50.0 * (c + 1), 10.0 * (r + 1) + at)
            made.append(cell(r, c, text).model_copy(update={"bbox": box}))
    return made


def _document(*tables: Table) -> Document:
    return document(*tables)


def _counts(found: Changes) -> dict[str, int]:
    return {name: number for name, number in found.counts.model_dump().items() if number}


def test_the_same_result_has_no_changes() -> None:
    same = _document(table(_cells(ROWS)))
    found = changes(same, same)
    assert found.tables == []
    assert _counts(found) == {"tables_same": 1, "cells_same": 6}


def test_a_changed_text_is_one_changed_cell_with_both_sides() -> None:
    before = _document(table(_cells(ROWS)))
    after = _document(table(_cells([*ROWS[:2], ["项目支出", "26.00"]])))
    found = changes(before, after)
    assert _counts(found) == {"tables_changed": 1, "cells_changed": 1, "cells_same": 5}
    (changed,) = found.tables
    (one,) = changed.cells
    assert (one.change, one.fields) == ("changed", ["text"])
    assert one.before is not None
    assert one.after is not None
    assert (one.before.text, one.after.text, one.after.row, one.after.col) == ("20.00", "26.00", 2, 1)


def test_a_row_found_later_moves_the_others_and_changes_none() -> None:
    inserted = [cell(0, c, text).model_copy(update={"bbox": (50.0 * c, 0.0, 50.0 * (c + 1), 10.0)})
                for c, text in enumerate(["部门", "合计"])]  # fmt: skip
    below = [c.model_copy(update={"row": c.row + 1}) for c in _cells(ROWS, at=10.0)]
    before, after = _document(table(_cells(ROWS, at=10.0))), _document(table([*inserted, *below]))
    found = changes(before, after)
    assert _counts(found) == {"tables_changed": 1, "cells_added": 2, "cells_moved": 6}
    assert found.tables[0].fields == ["n_rows"]
    back = changes(after, before)
    assert _counts(back) == {"tables_changed": 1, "cells_removed": 2, "cells_moved": 6}
    assert {c.before.text for c in back.tables[0].cells if c.before is not None} == {"部门", "合计"}


def test_a_merged_cell_parted_is_a_change_and_an_addition() -> None:
    wide = cell(0, 0, "项目金额", col_span=2).model_copy(update={"bbox": (0.0, 0.0, 100.0, 10.0)})
    before = _document(table([wide, *_cells(ROWS)[2:]]))
    found = changes(before, _document(table(_cells(ROWS))))
    assert _counts(found) == {"tables_changed": 1, "cells_changed": 1, "cells_added": 1, "cells_same": 4}
    (changed,) = [c for c in found.tables[0].cells if c.change == "changed"]
    assert set(changed.fields) == {"text", "col_span"}


def test_tables_are_matched_by_place_and_title_not_by_number() -> None:
    upper, lower = table(_cells(ROWS), id="t1", title="甲"), table(_cells(ROWS, at=100.0), id="t2", title="乙")
    renumbered = lower.model_copy(update={"id": "t1"})
    found = changes(_document(upper, lower), _document(renumbered))
    assert _counts(found) == {"tables_removed": 1, "tables_same": 1, "cells_removed": 6, "cells_same": 6}
    (gone,) = found.tables
    assert (gone.change, gone.before, gone.after, gone.title) == ("removed", "t1", None, "甲")
    came = changes(_document(renumbered), _document(upper, lower))
    assert [(t.change, t.after) for t in came.tables] == [("added", "t1")]


def test_a_new_title_is_told_without_cells() -> None:
    before, after = table(_cells(ROWS), title="收支总表"), table(_cells(ROWS), title="收支预算总表")
    found = changes(_document(before), _document(after))
    assert (found.tables[0].fields, found.tables[0].cells) == (["title"], [])


def test_a_table_on_another_page_is_another_table() -> None:
    moved = [c.model_copy(update={"page": 2}) for c in _cells(ROWS)]
    found = changes(_document(table(_cells(ROWS))), _document(table(moved)))
    assert _counts(found) == {"tables_added": 1, "tables_removed": 1, "cells_added": 6, "cells_removed": 6}


def test_long_tables_are_compared_without_comparing_every_pair() -> None:
    rows = [[f"{r}", f"{r}.00", f"{r}.01", f"{r}.02"] for r in range(2000)]
    before, after = _document(table(_cells(rows))), _document(table(_cells([["x"] * 4, *rows[1:]])))
    began = time.process_time()
    assert _counts(changes(before, after))["cells_changed"] == 4
    assert time.process_time() - began < 20.0  # all pairs would take minutes
