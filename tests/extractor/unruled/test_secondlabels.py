"""A form's second label in a row, where no other row shows the border before it."""

from __future__ import annotations

from extractor.unruled.borderless import solve_open
from extractor.unruled.openrows import OpenRows
from extractor.unruled.openrules import Level, Run
from extractor.unruled.secondlabels import second_label_borders

EM = 25.0
SIDES = (0.0, 1390.0)
# 主管部门 | name | 实施单位 | name, in a form of a title, an attribute, three amounts and a list of indicators.
LABELS: tuple[Run, ...] = ((127, 228), (365, 518), (934, 1088), (1138, 1368))
NAMED: tuple[Run, ...] = ((127, 229), (366, 571), (590, 658))
KIND: tuple[Run, ...] = ((127, 229), (366, 467), (474, 490), (509, 610), (617, 632), (652, 777), (783, 800))
AMOUNTS: list[tuple[Run, ...]] = [
    ((128, 229), (366, 553), (1331, 1378)), ((391, 449), (470, 572), (1330, 1378)), ((391, 493),),
]
ITEMS: list[tuple[float, tuple[Run, ...]]] = [
    (158, ((28, 130), (207, 309), (425, 526), (812, 913), (1220, 1296))),
    (595, ((207, 309), (425, 526), (603, 808), (1214, 1302))),
    (358, ((603, 861), (1235, 1283))), (595, ((424, 526), (603, 757), (1204, 1316))),
    (595, ((603, 731), (1204, 1316))), (158, ((603, 757), (1203, 1316))),
    (595, ((206, 309), (425, 526), (603, 757), (1139, 1188))), (358, ((451, 500), (603, 810), (1139, 1188))),
    (158, ((426, 526), (603, 835), (1139, 1188))), (0, ((194, 322), (385, 565), (603, 782), (1229, 1290))),
]


def form() -> OpenRows:
    rows: list[tuple[float, tuple[Run, ...]]] = [  # where the rule under each row begins
        (0, NAMED), (0, LABELS), (0, KIND), *zip((358, 358, 0), AMOUNTS, strict=True), (0, ((28, 130), (166, 1136))),
        *ITEMS,
    ]
    levels = (Level(0.0, (SIDES,)), *(Level(40.0 * k, ((start, SIDES[1]),)) for k, (start, _) in enumerate(rows, 1)))
    strips = tuple(strip for _, strip in rows)
    return OpenRows(*SIDES, levels, strips, tuple(() for _ in strips), (), EM)


def test_the_border_before_a_second_label_is_that_behind_it_reflected_at_its_middle() -> None:
    (grid,) = solve_open([form()]) or ()
    assert [cell.col_span for cell in grid.cells if cell.row == 1] == [2, 2, 1, 1]
    assert abs(grid.xs[4] - (934 + 1088 - grid.xs[5])) < 1


def test_the_amounts_of_a_form_begin_where_its_second_labels_do() -> None:
    (grid,) = solve_open([form()]) or ()
    for r in (3, 4, 5):
        assert [(cell.col, cell.col_span) for cell in grid.cells if cell.row == r][-2:] == [(2, 2), (4, 2)]


def test_a_label_that_fits_a_known_border_needs_no_other() -> None:
    strips = [LABELS, NAMED, ((28, 130), (166, 1136)), ((366, 553), (1331, 1378))]
    xs = [0.0, 158.0, 358.0, 1130.0, 1390.0]
    assert second_label_borders(strips, xs, EM) == [2 * 1011 - 1130.0]
    assert second_label_borders(strips, sorted([*xs, 925.0]), EM) == []


def test_a_list_of_four_columns_has_no_second_labels() -> None:
    assert second_label_borders([LABELS] * 6, [0.0, 158.0, 358.0, 1130.0, 1390.0], EM) == []


def middled_form() -> OpenRows:
    """The same with amounts in the middle, whose start hides where the second label's cell ends."""
    amount: Run = (1128, 1175)
    rows: list[tuple[float, tuple[Run, ...]]] = [
        (0, ((130, 229), (366, 566), (584, 732))), (0, ((92, 267), (366, 641), (972, 1071), (1147, 1373))),
        (361, ((79, 179), (197, 264), (366, 466), amount)), (361, ((392, 450), (468, 567), amount)),
        (361, ((392, 450), (468, 567), amount)), (0, ((392, 491),)), (0, ((131, 230), (367, 720), (738, 897))),
        (0, ((31, 130), (166, 1165))), (161, ((31, 130), (214, 310), (432, 531), (822, 921), (1235, 1309))),
        (601, ((211, 311), (432, 531), (608, 784), (1260, 1286))), (601, ((432, 531), (608, 732), (1149, 1248))),
        (361, ((608, 959), (1238, 1310))), (161, ((608, 732), (1217, 1329))),
        (601, ((212, 311), (432, 531), (609, 834), (1149, 1323))),
        (0, ((200, 324), (395, 569), (608, 884), (1241, 1305))),
    ]
    levels = (
        Level(0.0, ((0.0, 1404.0),)), *(Level(48.0 * k, ((start, 1404.0),)) for k, (start, _) in enumerate(rows, 1))
    )
    strips = tuple(strip for _, strip in rows)
    return OpenRows(0.0, 1404.0, levels, strips, tuple(() for _ in strips), (), 27.2)


def test_amounts_in_the_middle_prove_the_border_before_a_second_label() -> None:
    (grid,) = solve_open([middled_form()]) or ()
    for r in (2, 3, 4, 5):
        assert [(cell.col, cell.col_span) for cell in grid.cells if cell.row == r][-2:] == [(2, 2), (4, 2)]
    assert abs(grid.xs[4] - (2 * 1151.5 - 1404)) < 8
