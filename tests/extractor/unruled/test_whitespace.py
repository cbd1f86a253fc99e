"""Tables without any rule, and what looks a little like one."""

from __future__ import annotations

from extractor.elements import Box, Grid
from extractor.unruled.openrows import OpenGrid
from extractor.unruled.whitespace import find_borderless

EM = 20.0
Text = tuple[float, float, float]  # x0, x1, middle


def find(texts: list[Text], taken: list[Box] | None = None) -> list[OpenGrid]:
    def runs(strip: Box) -> list[tuple[float, float]]:
        out: list[tuple[float, float]] = []
        for x0, x1 in sorted((x0, x1) for x0, x1, y in texts if strip.y0 < y < strip.y1):
            if out and x0 <= out[-1][1]:
                out[-1] = (out[-1][0], max(x1, out[-1][1]))
            else:
                out.append((x0, x1))
        return out

    return find_borderless([Box(x0, y - 12, x1, y + 12) for x0, x1, y in texts], runs, taken or [], EM)


def places(grid: Grid) -> set[tuple[int, int, int, int]]:
    return {(c.row, c.col, c.row_span, c.col_span) for c in grid.cells}


def budget(top: float = 200) -> list[Text]:
    """A title and a unit, two rows of headings (the second column group over two), six rows; one name wraps."""
    texts: list[Text] = [(380, 620, 100), (800, 890, 150)]
    texts += [(560, 840, top), (160, 240, top + 40), (520, 600, top + 40), (780, 860, top + 40)]
    for r in range(6):
        y = top + 80 + 40 * r
        texts += [(110, 330, y), (530, 600, y), (790, 860, y)]
    return [*texts, (110, 160, top + 80 + 40 * 5 + 26)]


def test_rows_and_columns_come_from_where_texts_stand() -> None:
    (found,) = find(budget())
    grid = found.grid
    assert grid.structure == "borderless"
    assert grid.n_cols == 3
    assert grid.closed == (False, False, False, False)
    rows = {(r, c, 1, 1) for r in range(grid.n_rows - 6, grid.n_rows) for c in range(3)}
    assert rows <= places(grid)
    assert grid.box.y0 > 160, "title and unit are no rows"
    assert grid.box.y1 > 510, "the wrapped line goes with the last row"
    assert all(0 < cell.place < 1 for cell in grid.cells)


def test_running_text_lists_and_signatures_are_no_tables() -> None:
    prose: list[Text] = [(100, 900, 100 + 35 * k) for k in range(20)]
    columns: list[Text] = [
        (x, x + 250, 100 + 35 * k) for k in range(20) for x in (100, 380, 660)
    ]
    listed: list[Text] = [
        (x0, x1, 100 + 35 * k) for k in range(12) for x0, x1 in ((100, 120), (160, 400 + 30 * (k % 5)))
    ]
    signed: list[Text] = [(100, 300, 100), (420, 560, 100), (700, 880, 100), (420, 560, 150), (420, 600, 200)]
    for texts in (prose, columns, listed, signed, []):
        assert find(texts) == []


def test_what_another_table_holds_is_left_to_it() -> None:
    assert find(budget(), [Box(90, 80, 900, 600)]) == []


def wrapped_names() -> list[Text]:
    """Rows 44 apart, lines of a name that wraps 28 apart; what stands beside such a name stands at its middle."""
    texts: list[Text] = [(140, 220, 100), (420, 480, 100), (620, 680, 100), (820, 880, 100)]
    y = 144.0
    for wraps in (False, True, True, False, False, True, False):
        names = [y, y + 28] if wraps else [y]
        texts += [(100, 300 if k == 0 else 160, at) for k, at in enumerate(names)]
        texts += [(x, x + 70, (names[0] + names[-1]) / 2) for x in (420, 620, 820)]
        y = names[-1] + 44
    return texts


def test_a_name_that_wraps_beside_its_numbers_is_one_row() -> None:
    (found,) = find(wrapped_names())
    assert found.grid.n_rows == 8
    assert found.grid.n_cols == 4
    assert len(found.grid.cells) == 32


def test_rows_of_one_line_are_not_taken_for_lines_of_one_text() -> None:
    texts: list[Text] = [(x, x + 70, 100 + 30 * r) for r in range(9) for x in (100, 300, 500)]
    (found,) = find(texts)
    assert found.grid.n_rows == 9


def stepped_head() -> list[Text]:
    """A heading over three columns of five, its rule not drawn; the first and the last one stand at mid-height."""
    texts: list[Text] = [(460, 540, 100), (140, 200, 122), (900, 940, 122)]
    texts += [(x, x + 40, 144) for x in (320, 480, 640)]
    return texts + [(x, x + 60, 200 + 44 * r) for r in range(6) for x in (130, 310, 470, 630, 890)]


def test_a_heading_over_columns_beside_headings_at_mid_height() -> None:
    (found,) = find(stepped_head())
    assert {(0, 0, 2, 1), (0, 1, 1, 3), (0, 4, 2, 1), (1, 1, 1, 1), (1, 2, 1, 1), (1, 3, 1, 1)} <= places(found.grid)
    assert (found.grid.n_rows, found.grid.n_cols) == (8, 5)


def test_a_last_row_of_few_texts_belongs_to_the_table() -> None:
    texts: list[Text] = [(x, x + 70, 100 + 44 * r) for r in range(6) for x in (100, 300, 500)]
    (found,) = find([*texts, (300, 370, 364), (500, 570, 364)])
    assert found.grid.n_rows == 7


def test_rows_of_two_texts_among_full_ones_and_at_both_ends_belong_to_the_table() -> None:
    texts: list[Text] = []
    for r, blank in enumerate((False, True, False, False, False, True, True)):
        texts += [(100, 260, 100 + 40 * r), (700, 780, 100 + 40 * r)]
        texts += [] if blank else [(400, 460, 100 + 40 * r)]
    (found,) = find([(300, 620, 30), *texts])
    assert (found.grid.n_rows, found.grid.n_cols) == (7, 3)


def test_columns_that_most_rows_leave_blank() -> None:
    texts: list[Text] = [(x, x + 80, 100) for x in (100, 300, 500, 640, 780)]
    for r in range(1, 12):
        texts += [(450, 600, 100 + 40 * r)]
        texts += [(60, 190, 100 + 40 * r), (310, 380, 100 + 40 * r)] if r < 5 else []
        texts += [(640 + 20, 720, 100 + 40 * r)] if r % 3 == 0 else []
    (found,) = find(texts)
    assert found.grid.n_rows >= 10


def test_second_lines_of_several_wrapped_cells_are_no_rows() -> None:
    """Set at the top, three or more texts of a row wrap: their second lines stand side by side as a row's texts do."""
    texts: list[Text] = []
    y = 100.0
    for r in range(8):
        texts += [(x, x + 110, y) for x in (100, 250, 400, 550, 700)]
        if r % 2:
            texts += [(x, x + 50, y + 26) for x in (100, 250, 400)]
        y += 66 if r % 2 else 40
    (found,) = find(texts)
    assert found.grid.n_rows == 8


def test_labels_beside_several_rows() -> None:
    texts: list[Text] = [(x, x + 80, 100) for x in (100, 300, 500, 700)]
    for r in range(6):
        texts += [(x, x + 80, 148 + 48 * r) for x in (500, 700)] + [(320, 360, 148 + 48 * r)]
    texts += [(100, 180, 172 + 96 * g) for g in range(3)]
    (found,) = find(texts)
    assert {(1, 0, 2, 1), (3, 0, 2, 1), (5, 0, 2, 1)} <= places(found.grid)
    assert (found.grid.n_rows, found.grid.n_cols) == (7, 4)


def test_rows_over_the_first_full_one_with_labels_between_them_are_the_tables() -> None:
    """A page that begins amid a table: its first rows have two texts, and labels beside two of them stand between."""
    texts: list[Text] = []
    for r in range(12):
        y = 100 + 44 * r
        texts += [(480, 560, y), (800, 870, y)]
        texts += [(100, 180, y), (320, 400, y)] if r > 3 else []
    texts += [(320, 400, 122), (320, 400, 210)]
    (found,) = find(texts)
    assert found.grid.n_rows == 12
    assert {(0, 1, 2, 1), (2, 1, 2, 1)} <= places(found.grid)


def test_headings_in_two_steps_whose_boxes_the_detector_drew_unevenly() -> None:
    """Boxes of close lines differ in height by nearly a half: the highest of them is no title."""
    texts = stepped_head()
    lines = [Box(x0, y - 10, x1, y + 10) if y == 144 else Box(x0, y - 13.5, x1, y + 13.5) for x0, x1, y in texts]

    def runs(strip: Box) -> list[tuple[float, float]]:
        return sorted((x0, x1) for x0, x1, y in texts if strip.y0 < y < strip.y1)

    (found,) = find_borderless(lines, runs, [], EM)
    assert {(0, 0, 2, 1), (0, 1, 1, 3), (0, 4, 2, 1)} <= places(found.grid)


def under_its_lines(head: list[Text]) -> list[Text]:
    """A table of five columns under such a head, and over that whose it is and its unit, at the table's sides."""
    rows: list[Text] = [(x, x + 60, 200 + 44 * r) for r in range(6) for x in (130, 310, 470, 630, 890)]
    return [(130, 330, 60), (860, 950, 60), *head, *rows]


def test_whose_the_table_is_and_its_unit_are_no_headings_over_a_head_in_two_steps() -> None:
    head: list[Text] = [(460, 540, 100), (140, 200, 122), (900, 940, 122)]
    head += [(x, x + 40, 144) for x in (320, 480, 640)]
    (found,) = find(under_its_lines(head))
    assert {(0, 0, 2, 1), (0, 1, 1, 3), (0, 4, 2, 1), (1, 1, 1, 1), (1, 2, 1, 1), (1, 3, 1, 1)} <= places(found.grid)
    assert (found.grid.n_rows, found.grid.n_cols) == (8, 5)


def test_headings_in_two_steps_all_set_at_the_top_of_their_cells() -> None:
    head: list[Text] = [(140, 200, 100), (460, 540, 100), (900, 940, 100)]
    head += [(x, x + 40, 144) for x in (320, 480, 640)]
    (found,) = find(under_its_lines(head))
    assert {(0, 0, 2, 1), (0, 1, 1, 3), (0, 4, 2, 1), (1, 1, 1, 1), (1, 2, 1, 1), (1, 3, 1, 1)} <= places(found.grid)
    assert (found.grid.n_rows, found.grid.n_cols) == (8, 5)


def test_a_first_row_of_a_body_that_leaves_columns_blank_is_no_step_of_a_head() -> None:
    texts: list[Text] = [(x, x + 60, 100) for x in (130, 310, 470, 630, 890)]
    texts += [(310, 370, 144), (470, 530, 144)]
    texts += [(x, x + 60, 188 + 44 * r) for r in range(6) for x in (130, 310, 470, 630, 890)]
    (found,) = find(texts)
    assert all(cell.row_span == 1 for cell in found.grid.cells)


def test_a_head_in_two_steps_over_labels_beside_several_rows() -> None:
    texts: list[Text] = [(150, 310, 100), (520, 580, 122), (720, 780, 122), (110, 150, 144), (310, 350, 144)]
    for r in range(6):
        texts += [(x, x + 80, 184 + 48 * r) for x in (510, 700)] + [(310, 350, 184 + 48 * r)]
    texts += [(100, 180, 208 + 96 * g) for g in range(3)]
    (found,) = find(texts)
    assert {(0, 0, 1, 2), (0, 2, 2, 1), (0, 3, 2, 1), (1, 0, 1, 1), (1, 1, 1, 1), (2, 0, 2, 1)} <= places(found.grid)
    assert (found.grid.n_rows, found.grid.n_cols) == (8, 4)


def test_no_rule_of_a_table_without_rules_counts_as_drawn() -> None:
    """Borders that its rules' ends show would be kept where they are, and others reckoned from them."""
    (found,) = find(stepped_head())
    assert found.rows is not None
    assert all(level.supposed for level in found.rows.levels)
