"""A list for a person: the fewest cells to look at so that the others can be trusted.

`SHARE` is the promise: of the cells that are not on the list, an expected 0.1 % at most is wrong. As confidences
are probabilities, the expected number of wrong cells is the sum of what each lacks to 1, and taking the least
sure cells first is the shortest way.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.result import Cell, Review, Table

SHARE = 0.001
REASONS = {
    "worst": "doubtful_character",
    "contested": "doubtful_character",
    "backed": "doubtful_character",
    "fringe": "doubtful_character",
    "whole": "doubtful_character",
    "rival": "doubtful_character",
    "unsure": "doubtful_character",
    "missed": "doubtful_character",
    "wide": "doubtful_character",
    "strange": "doubtful_character",
    "worded": "doubtful_character",
    "second": "doubtful_character",
    "by_words": "doubtful_character",
    "swap": "doubtful_character",
    "corrected": "doubtful_character",
    "around": "worn_text",
    "unread": "ink_left_unread",
    "ink": "ink_in_blank",
    "crops": "ink_in_blank",
    "habit": "blank_unlike_column",
    "beside": "blank_unlike_row",
    "height": "small_text",
    "table.height": "small_text",
    "sealed": "under_seal",
    "covered": "under_seal",
    "parted": "text_cut_by_border",
    "rim": "text_cut_by_border",
    "table.parted": "text_cut_by_border",
    "cut": "text_cut_by_border",
    "seam": "cut_by_page_break",
    "later": "joined_over_pages",
    "table.breaks": "joined_over_pages",
    "table.seams": "joined_over_pages",
    "table.gained": "joined_over_pages",
    "table.loose_end": "joined_over_pages",
    "table.follows": "joined_over_pages",
    "table.dangling": "joined_over_pages",
    "table.doubt": "joined_over_pages",
    "hole": "two_texts_in_one_cell",
    "double": "two_texts_in_one_cell",
    "stacked": "two_texts_in_one_cell",
    "table.holes": "two_texts_in_one_cell",
    "table.doubles": "two_texts_in_one_cell",
    "odd": "odd_number",
    "misfit": "odd_number",
    "near": "unlike_other_cells",
    "part_of": "unlike_other_cells",
    "disordered": "odd_number",
    "series": "out_of_series",
    "known": "unlike_other_cells",
    "unpaired": "unlike_other_cells",
    "glyphs": "look_alikes",
    "lone": "look_alikes",
    "single": "look_alikes",
    "lines": "long_text",
    "length": "long_text",
    "wear": "worn_rules",
    "table.wear": "worn_rules",
    "table.around": "worn_text",
    "sides": "doubtful_border",
    "across": "doubtful_border",
    "along": "doubtful_border",
    "place": "doubtful_border",
    "inner": "doubtful_span",
    "spans": "doubtful_span",
    "table.inner": "doubtful_span",
    "failed": "sum_mismatch",
    "held": "unproved",
    "column_held": "unproved",
    "row_held": "unproved",
    "sound": "unproved",
}
GRID = "doubtful_grid"  # any other sign of a table: rows or columns may be wrong as a whole


def reason_of(sign: str) -> str:
    """The stable code of the sign that speaks most against a cell."""
    return REASONS.get(sign, GRID)


def review(tables: Sequence[Table], signs: Sequence[Sequence[str]]) -> list[Review]:
    """The cells to look at, the least sure first. `signs[t][c]`: what speaks most against cell c of table t."""
    cells = [
        (cell.confidence, t, c, cell) for t, table in enumerate(tables) for c, cell in enumerate(table.cells)
    ]
    cells.sort(key=lambda item: item[:3])
    doubt, left = sum(1.0 - confidence for confidence, *_ in cells), len(cells)
    out = []
    for confidence, t, c, cell in cells:
        if doubt <= SHARE * left:
            break
        out.append(_item(tables[t], cell, signs[t][c]))
        doubt, left = doubt - (1.0 - confidence), left - 1
    return out


def _item(table: Table, cell: Cell, sign: str) -> Review:
    return Review(
        table=table.id, row=cell.row, col=cell.col, page=cell.page, bbox=cell.bbox, confidence=cell.confidence,
        reason="sum_mismatch" if "sum_mismatch" in cell.flags else reason_of(sign),
    )
