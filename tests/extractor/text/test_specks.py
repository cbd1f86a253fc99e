from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from extractor.elements import Box, Char, Grid, GridCell, TextLine
from extractor.geometry import share_inside, union
from extractor.pixels.ink import find_ink
from extractor.ruling.rules import find_ridges
from extractor.text.cells import lay_out
from extractor.text.dirt import without_dirt
from extractor.text.leftover import Pieces
from extractor.text.specks import Specks, find_specks
from tests.drawn import TEXT, Picture, blank, detected, digits, lattice

XS, YS = (60, 460, 860), (80, 160, 240)
FREE = Box(60, 260, 860, 580)  # where nothing is printed


def table() -> Picture:
    picture = blank()
    lattice(picture, XS, YS)
    return picture


def peppered(picture: Picture, side: int = 2, share: float = 0.4) -> Picture:
    """The picture with specks wherever a speck and its rim find paper, `share` to a squared text height."""
    rng = np.random.default_rng(7)
    height, width = picture.shape
    for _ in range(int(share * height * width / TEXT**2)):
        x, y = rng.integers(8, width - 8), rng.integers(8, height - 8)
        if picture[y - 6 : y + side + 6, x - 6 : x + side + 6].min() == 255:
            picture[y : y + side, x : x + side] = 0
    return picture


def specks_of(picture: Picture) -> Specks:
    ink = find_ink(picture)
    return find_specks(ink, find_ridges(ink, TEXT))


def grid() -> Grid:
    cells = tuple(
        GridCell(r, c, 1, 1, Box(XS[c], YS[r], XS[c + 1], YS[r + 1])) for r in range(2) for c in range(2)
    )
    return Grid(tuple(map(float, XS)), tuple(map(float, YS)), cells)


def test_a_page_with_little_dust_has_no_specks() -> None:
    picture = table()
    digits(picture, "1,728.90", 80, 125)
    for x in range(100, 800, 100):
        picture[300:302, x : x + 2] = 0
    assert specks_of(picture) == Specks()


def test_specks_are_wiped_and_points_of_numbers_stay() -> None:
    picture = table()
    number = digits(picture, "1,728.90", 80, 125)
    clean = picture.copy()
    dirty = peppered(picture)
    found = specks_of(dirty)
    assert found.size == 2
    wiped = found.wiped(dirty)
    part = np.s_[int(number.y0) : int(number.y1), int(number.x0) : int(number.x1)]
    assert (wiped[part] == clean[part]).all()
    # Specks by themselves are gone; a few that fell close together may stand for something.
    free = np.s_[int(FREE.y0) : int(FREE.y1), int(FREE.x0) : int(FREE.x1)]
    assert (wiped[free] < 128).sum() < 0.1 * (dirty[free] < 128).sum()


def test_a_figure_worn_to_specks_is_read_but_not_believed() -> None:
    # 2 of a fax's numbering row: pieces no larger than its specks, but more of them than chance puts together.
    picture = table()
    worn = [(620, 110), (624, 108), (628, 110), (629, 114), (626, 118), (622, 121), (620, 124), (624, 124), (628, 124)]
    for x, y in worn:
        picture[y : y + 2, x : x + 2] = 0
    picture = peppered(picture)
    ink = find_ink(picture)
    ridges = find_ridges(ink, TEXT)
    specks = find_specks(ink, ridges)
    figure = union([Box(x, y, x + 2, y + 2) for x, y in worn])
    assert any(share_inside(figure, box) > 0.95 for box in specks.clusters)
    (cells,) = lay_out([], [grid()], specks.off(ink), ridges, specks).cells
    assert [len(cell.crops) for cell in cells] == [0, 1, 0, 0]
    assert share_inside(figure, cells[1].crops[0]) == 1
    assert cells[1].coverage <= 0.5


def test_specks_in_a_cell_are_no_text_and_stretch_no_line() -> None:
    picture = table()
    number = digits(picture, "3960", 300, 125)
    dirty = peppered(picture)
    dirty[100:102, 440:442] = 0
    ink = find_ink(dirty)
    ridges = find_ridges(ink, TEXT)
    specks = find_specks(ink, ridges)
    (cells,) = lay_out([detected(number)], [grid()], specks.off(ink), ridges, specks).cells
    assert [len(cell.crops) for cell in cells] == [1, 0, 0, 0]
    assert cells[0].crops[0].width < number.width + TEXT
    assert cells[0].crops[0].x1 < 440


def line(text: str, xs: list[float], box: Box) -> TextLine:
    return TextLine(text, box, tuple(Char(c, 0.999, x) for c, x in zip(text, xs, strict=True)))


def page(*marks: tuple[int, int, int]) -> Pieces:
    """Two full characters (at 100 and 124, feet at 124) and square marks (x, y, side)."""
    mask = np.zeros((200, 300), np.uint8)
    mask[102:124, 101:122] = mask[102:124, 125:146] = 1
    for x, y, side in marks:
        mask[y : y + side, x : x + side] = 1
    return Pieces.of(mask, TEXT)


BOX = Box(90, 98, 170, 128)


@pytest.mark.parametrize(("text", "xs", "mark"), [
    ("明显.", [111, 135, 152], (150, 120, 3)),
    ("明显·", [111, 135, 152], (151, 111, 3)),
    (".明显", [93, 111, 135], (92, 118, 3)),
    ("明显：", [111, 135, 152], (150, 119, 3)),
])
def test_a_point_that_a_speck_made_is_taken_out(text: str, xs: list[float], mark: tuple[int, int, int]) -> None:
    (told,) = without_dirt([line(text, xs, BOX)], page(mark), Specks(4.0))
    assert told.text == "明显"
    assert all(char.p < 0.99 for char in told.chars if abs(char.x - mark[0]) < TEXT)


@pytest.mark.parametrize(("text", "xs", "marks", "size"), [
    ("明显.", [111, 135, 152], [(150, 120, 3)], 0.0),  # the page is not peppered
    ("明显。", [111, 135, 152], [(150, 117, 7)], 4.0),  # larger than its specks
    ("明显：", [111, 135, 152], [(150, 108, 3), (150, 119, 3)], 4.0),  # two points, one above the other
])
def test_marks_that_were_printed_stay(
    text: str, xs: list[float], marks: list[tuple[int, int, int]], size: float
) -> None:
    assert [told.text for told in without_dirt([line(text, xs, BOX)], page(*marks), Specks(size))] == [text]


def test_a_point_behind_an_items_number_is_doubted_only() -> None:
    mask = np.zeros((200, 300), np.uint8)
    mask[106:124, 101:111] = 1
    mask[121:124, 114:117] = 1
    (told,) = without_dirt([line("1.", [106, 115], BOX)], Pieces.of(mask, TEXT), Specks(4.0))
    assert told.text == "1."
    assert told.chars[1].p <= 0.5


@pytest.mark.parametrize(("y", "text"), [(121, "1.5"), (108, "15")])
def test_a_decimal_point_stands_at_the_feet(y: int, text: str) -> None:
    mask = np.zeros((200, 300), np.uint8)
    mask[106:124, 101:111] = mask[106:124, 119:129] = 1
    mask[y : y + 3, 114:117] = 1
    (told,) = without_dirt([line("1.5", [106, 115, 124], BOX)], Pieces.of(mask, TEXT), Specks(4.0))
    assert told.text == text


def test_full_width_figures_have_their_point_at_half_height() -> None:
    """０．００ with the point in a width of its own, no larger than the page's specks."""
    mask = np.zeros((200, 300), np.uint8)
    for x in (101, 147, 170):
        mask[104:124, x : x + 12] = 1
    mask[112:115, 129:132] = 1
    read = line("0.00", [107, 130, 153, 176], Box(95, 100, 190, 128))
    (told,) = without_dirt([read], Pieces.of(mask, TEXT), Specks(4.0))
    assert told.text == "0.00"


@pytest.mark.parametrize(("upper", "lower"), [("18914.", "46"), ("18914", ".46")])
def test_an_amount_that_wraps_at_its_point_keeps_it(upper: str, lower: str) -> None:
    mask = np.zeros((200, 300), np.uint8)
    marks = {True: (215, 114), False: (103, 144)}
    x, y = marks[upper.endswith(".")]
    mask[y : y + 3, x : x + 3] = 1
    first = line(upper, [100.0 + 23 * k for k in range(len(upper))], Box(95, 100, 230, 128))
    second = line(lower, [104.0 + 23 * k for k in range(len(lower))], Box(95, 130, 180, 158))
    told = without_dirt([first, second], Pieces.of(mask, TEXT), Specks(4.0))
    assert [one.text for one in told] == [upper, lower]


def test_an_amount_that_wraps_before_its_last_two_digits_is_doubted_without_a_point() -> None:
    first = line("18914", [100.0 + 23 * k for k in range(5)], Box(95, 100, 230, 128))
    second = line("46", [181.0, 204.0], Box(170, 130, 230, 158))
    told = without_dirt([first, second], page(), Specks(4.0))
    assert told[0].p <= 0.5
    assert without_dirt([first, second], page(), Specks())[0].p > 0.9


def test_strokes_smaller_than_usual_are_text_where_specks_are_smaller_still() -> None:
    # 小 above 计 in a narrow cell of a fax: three strokes that do not touch, none as large as a stroke usually is.
    picture = table()
    below = digits(picture, "t+", 620, 148)
    strokes = [(626, 104, 3, 6), (620, 108, 4, 4), (632, 108, 4, 4)]
    for x, y, w, h in strokes:
        picture[y : y + h, x : x + w] = 0
    picture = peppered(picture)
    ink = find_ink(picture)
    ridges = find_ridges(ink, TEXT)
    specks = find_specks(ink, ridges)
    (cells,) = lay_out([detected(below)], [grid()], specks.off(ink), ridges, specks).cells
    small = union([Box(x, y, x + w, y + h) for x, y, w, h in strokes])
    assert [share_inside(small, crop) == 1 for crop in cells[1].crops] == [True, False]


def test_a_full_width_point_is_no_speck() -> None:
    # ２．３: a point no larger than the specks, in the middle of a width of its own.
    picture = table()
    digits(picture, "2", 620, 125)
    point = np.s_[122:124, 645:647]
    digits(picture, "3", 660, 125)
    right = int(np.flatnonzero((picture[105:126, 610:644] < 128).any(axis=0)).max()) + 610
    assert 645 - right > 0.32 * TEXT  # nearer than this every mark was spared before
    picture[point] = 0
    found = specks_of(peppered(picture))
    assert found.size == 2
    assert (found.wiped(picture)[point] == 0).all()


@pytest.mark.parametrize(("y", "stays"), [(114, True), (102, False)])
def test_a_point_in_the_middle_of_a_full_width_stays(y: int, stays: bool) -> None:
    # 0．0: nearly a text height from both figures, where nothing but a point of that width stands.
    picture = table()
    digits(picture, "0", 610, 125)
    digits(picture, "0", 660, 125)
    ends = np.flatnonzero((picture[105:126, 605:690] < 128).any(axis=0)) + 605
    gap = int(np.argmax(np.diff(ends)))
    x = (int(ends[gap]) + int(ends[gap + 1])) // 2
    assert x - ends[gap] > 0.5 * TEXT
    dirty = peppered(picture)
    dirty[100:128, ends[gap] + 1 : ends[gap + 1]] = 255
    dirty[y : y + 2, x : x + 2] = 0
    found = specks_of(dirty)
    assert found.mask is not None
    assert bool(found.mask[y, x]) != stays


def test_what_a_seal_leaves_at_its_rims_is_no_dirt_and_no_figure() -> None:
    ink = find_ink(peppered(table()))
    ridges = find_ridges(ink, TEXT)
    assert find_specks(ink, ridges) != Specks()
    assert find_specks(replace(ink, coloured=np.ones_like(ink.mask)), ridges) == Specks()


def test_marks_in_the_middle_of_a_full_width_between_and_behind_characters_stay() -> None:
    picture = table()
    for x in (150, 178, 230, 258, 310):
        picture[104:126, x : x + 20] = 0
        picture[108:112, x + 4 : x + 16], picture[116:122, x + 4 : x + 16] = 255, 255
    comma, colon, alone = (212, 114), ((345, 108), (345, 119)), (380, 112)
    dirty = peppered(picture)
    dirty[100:130, 200:230], dirty[100:130, 331:420] = 255, 255
    for x, y in (comma, *colon, alone):
        dirty[y : y + 2, x : x + 2] = 0
    mask = specks_of(dirty).mask
    assert mask is not None
    assert [bool(mask[y, x]) for x, y in (comma, *colon, alone)] == [False, False, False, True]
    # One point behind a text is no colon.
    dirty[108:110, 345:347] = 255
    mask = specks_of(dirty).mask
    assert mask is not None
    assert mask[119, 345]
