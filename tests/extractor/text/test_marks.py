from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from extractor.elements import Box, Char, Rule, TextLine
from extractor.pixels.ink import find_ink
from extractor.ports import DetectedLine
from extractor.ruling.rules import find_ridges, find_rules
from extractor.text.cellink import CellInk
from extractor.text.celltext import join_lines
from extractor.text.fillins import with_fill_ins
from extractor.text.leftover import Pieces
from extractor.text.marks import Found, mend
from extractor.text.quotes import with_quotes
from extractor.text.specks import Specks
from tests.drawn import TEXT, Picture, blank, character, lattice, level, upright

CELL = Box(40, 40, 860, 90)
EM = 26  # pixels from one drawn character to the next
TOP = 52
FACE = 27  # pixels: the em of characters that `writing` draws, by their ink


@dataclass
class Told:
    """Reads the boxes it is asked for as told, in turn; nothing once all is told."""

    texts: list[TextLine] = field(default_factory=list)
    asked: list[Box] = field(default_factory=list)

    def detect(self, picture: Picture) -> list[DetectedLine]:
        return []

    def read(self, picture: Picture, boxes: Sequence[Box]) -> list[TextLine]:
        self.asked += boxes
        told, self.texts = self.texts[: len(boxes)], self.texts[len(boxes) :]
        return told + [TextLine("", box) for box in boxes[len(told) :]]


def page() -> Picture:
    picture = blank(900, 130)
    lattice(picture, (40, 860), (40, 90))
    return picture


def writing(picture: Picture, text: str, x: int, p: float = 0.99) -> tuple[Char, ...]:
    """Characters drawn side by side from x on, as they are read; a "~" is read but not drawn, a " " neither."""
    chars = []
    for k, char in enumerate(text):
        if char not in "~ ":
            character(picture, x + k * EM, TOP, 23)
        if char != " ":
            chars.append(Char(char, p, x + k * EM + 12))
    return tuple(chars)


def line_of(*runs: tuple[Char, ...]) -> TextLine:
    chars = tuple(char for run in runs for char in run)
    box = Box(chars[0].x - 16, TOP - 3, chars[-1].x + 16, TOP + 27)
    return TextLine("".join(char.text for char in chars), box, chars)


def pieces_of(picture: Picture) -> Pieces:
    ink = find_ink(picture)
    ridges = find_ridges(ink, TEXT)
    return Pieces.of(ink.faint & (1 - ridges.drawn), ridges.scale)


def mended(picture: Picture, *lines: TextLine, reader: Told | None = None) -> Found:
    ink = find_ink(picture)
    ridges = find_ridges(ink, TEXT)
    own = CellInk(tuple(line.box for line in lines))
    (found,) = mend([(CELL, own, lines)], find_rules(ridges), ink, pieces_of(picture), reader or Told(), picture)
    return found


def text(found: Found) -> str:
    return join_lines(found.lines, CELL)


def box_at(picture: Picture, x: int, *, tick: bool, worn: bool = False) -> None:
    lattice(picture, (x, x + 20), (TOP + 1, TOP + 21))
    if tick:
        cv2.line(picture, (x + 5, TOP + 10), (x + 9, TOP + 15), (0,), 2)
        cv2.line(picture, (x + 9, TOP + 15), (x + 17, TOP + 4), (0,), 2)
    if worn:
        picture[TOP + 4 : TOP + 9, x + 17 : x + 24] = 255
        picture[TOP + 19 : TOP + 24, x + 3 : x + 10] = 255


def arc(picture: Picture, x: int, *, opening: bool) -> None:
    centre, turn = ((x + 22, TOP + 11), 180) if opening else ((x - 14, TOP + 11), 0)
    cv2.ellipse(picture, centre, (20, 16), 0, turn - 45, turn + 45, (0,), 2)


@pytest.mark.parametrize(("tick", "mark"), [(True, "☑"), (False, "☐")])
def test_a_box_that_was_not_read_is_put_in(tick: bool, mark: str) -> None:
    picture = page()
    left, right = writing(picture, "常年性项目", 60), writing(picture, "延续性项目", 60 + 7 * EM)
    box_at(picture, 60 + 5 * EM + 16, tick=tick)
    found = mended(picture, line_of(left, right))
    assert text(found) == f"常年性项目{mark}延续性项目"
    assert found.whole
    assert found.lines[0].p < 0.95


def test_a_worn_box_is_known_beside_whole_ones() -> None:
    def read(*, alone: bool) -> str:
        picture = page()
        left, right = writing(picture, "常年性项目", 60), writing(picture, "延续性项目", 60 + 7 * EM)
        box_at(picture, 60 + 5 * EM + 16, tick=True, worn=True)
        last: tuple[Char, ...] = ()
        if not alone:
            box_at(picture, 60 + 12 * EM + 16, tick=False)
            last = (Char("☐", 0.6, 60 + 12 * EM + 26),)
        return text(mended(picture, line_of(left, right, last)))

    assert read(alone=False) == "常年性项目☑延续性项目☐"
    assert read(alone=True) == "常年性项目延续性项目"


def test_a_character_with_a_frame_that_was_read_stays_alone() -> None:
    picture = page()
    chars = writing(picture, "人口国田", 60)
    assert mended(picture, line_of(chars)).lines == (line_of(chars),)


def test_a_bracket_without_its_mate_finds_it_in_the_ink() -> None:
    picture = page()
    left, middle = writing(picture, "财政拨款", 60), writing(picture, "补助", 60 + 5 * EM)
    arc(picture, 60 + 4 * EM + 12, opening=True)
    arc(picture, 60 + 7 * EM + 10, opening=False)
    found = mended(picture, line_of(left, middle, (Char("）", 0.99, 60 + 7 * EM + 6),)))
    assert text(found) == "财政拨款（补助）"
    assert found.whole


def test_brackets_that_were_both_lost_are_put_in_as_a_pair() -> None:
    picture = page()
    left, middle = writing(picture, "公共项目", 60), writing(picture, "专项资金", 60 + 5 * EM)
    right = writing(picture, "支出", 60 + 10 * EM)
    arc(picture, 60 + 4 * EM + 12, opening=True)
    arc(picture, 60 + 9 * EM + 10, opening=False)
    assert text(mended(picture, line_of(left, middle, right))) == "公共项目（专项资金）支出"


def test_an_arc_that_no_bracket_asks_for_is_left_unread() -> None:
    picture = page()
    left, right = writing(picture, "财政拨款", 60), writing(picture, "补助", 60 + 5 * EM)
    arc(picture, 60 + 4 * EM + 12, opening=True)
    found = mended(picture, line_of(left, right))
    assert (text(found), found.whole) == ("财政拨款补助", False)


def test_a_lone_stroke_before_a_character_is_one() -> None:
    picture = page()
    chars = writing(picture, "级指标", 60 + EM)
    level(picture, TOP + 11, 61, 61 + 22)
    assert text(mended(picture, line_of(chars))) == "一级指标"


def test_a_line_to_write_on_has_as_many_marks_as_half_ems() -> None:
    picture = page()
    left, right = writing(picture, "从", 60), writing(picture, "年至", 60 + 5 * EM)
    level(picture, TOP + 22, 60 + EM + 14, 60 + EM + 14 + round(3.1 * FACE))
    assert text(mended(picture, line_of(left, right))) == "从______年至"


@pytest.mark.parametrize("face", [1.0, 1.12])
def test_marks_of_a_line_to_write_on_are_counted_by_the_character_beside_it(face: float) -> None:
    # Larger than the page's usual text, so the page's em would count one too many; faces differ in the width of "_".
    picture = page()
    size = 26
    character(picture, 200, TOP, size)
    level(picture, TOP + size - 2, 200 - 6 - round(5 * 0.5 * face * (size + 1) / 0.92), 200 - 6)
    line = TextLine("年", Box(194, TOP - 3, 240, TOP + size + 3), (Char("年", 0.99, 216),))
    assert text(mended(picture, line)) == "_____年"


def test_strokes_of_characters_in_a_row_are_nothing_to_write_on() -> None:
    # Level strokes of two bold characters touch; the recogniser's places for them are a third of an em off.
    picture = page()
    chars = writing(picture, "资金收入", 60)
    level(picture, TOP + 22, 58, 58 + 2 * EM)
    for k in range(2):
        level(picture, TOP + 16, 64 + k * EM, 80 + k * EM)
    shifted = (Char("资", 0.99, 64), Char("金", 0.99, 60 + EM + 19), *chars[2:])
    rule = Rule(True, TOP + 22.0, 58.0, 58.0 + 2 * EM, 1.0)
    lines = (line_of(shifted),)
    assert with_fill_ins(CELL, lines, (rule,), find_ink(picture).faint, pieces_of(picture)) == lines


@pytest.mark.parametrize(
    ("place", "size", "told"),
    [((780, 64), (8, 3), "-"), ((780, 64), (6, 6), ""), ((780, 42), (8, 3), ""), ((780, 64), (4, 2), "")],
    ids=["a dash", "a dot", "at the border", "a speck"],
)
def test_a_short_dash_alone_in_its_cell(place: tuple[int, int], size: tuple[int, int], told: str) -> None:
    picture = page()
    (x, y), (width, height) = place, size
    picture[y : y + height, x : x + width] = 0
    assert text(mended(picture)) == told


def test_two_short_dashes_are_not_counted() -> None:
    picture = page()
    picture[64:67, 780:788] = 0
    picture[64:67, 500:508] = 0
    assert text(mended(picture)) == ""


def test_a_line_under_text_is_nothing_to_write_on() -> None:
    picture = page()
    chars = writing(picture, "从二〇年至", 60)
    level(picture, TOP + 25, 60 + EM, 60 + 4 * EM)
    assert text(mended(picture, line_of(chars))) == "从二〇年至"


def test_a_rule_from_side_to_side_is_nothing_to_write_on() -> None:
    picture = page()
    chars = writing(picture, "年至", 60)
    level(picture, TOP + 25, 60 + 2 * EM, 860)
    assert text(mended(picture, line_of(chars))) == "年至"


@pytest.mark.parametrize("count", [3, 5, 6])
def test_a_row_of_dots_is_counted(count: int) -> None:
    picture = page()
    for k in range(count):
        cv2.circle(picture, (100 + 9 * k, 66), 1, (0,), -1)
    assert text(mended(picture)) == "." * count


@pytest.mark.parametrize(
    "places", [[(100, 66), (109, 66)], [(100, 66), (109, 72), (118, 66)], [(100, 66), (109, 66), (140, 66)]]
)
def test_specks_are_no_row_of_dots(places: list[tuple[int, int]]) -> None:
    picture = page()
    for x, y in places:
        cv2.circle(picture, (x, y), 1, (0,), -1)
    assert mended(picture).lines == ()


def star(picture: Picture, x: int) -> None:
    for angle in range(0, 180, 60):
        way = np.array([np.cos(np.radians(angle + 30)), np.sin(np.radians(angle + 30))])
        a, b = (tuple((np.array([x, 62]) + side * 5 * way).round().astype(int).tolist()) for side in (1, -1))
        cv2.line(picture, a, b, (0,), 2)


@pytest.mark.parametrize(("read", "p"), [("大大", 0.9), ("*★", 0.7), ("申市", 0.8), ("49", 0.4)])
def test_small_blobs_read_as_characters_are_stars(read: str, p: float) -> None:
    picture = page()
    star(picture, 100)
    star(picture, 113)
    line = TextLine(read, Box(92, 53, 121, 71), (Char(read[0], p, 100), Char(read[1], p, 113)))
    assert text(mended(picture, line)) == "**"


def test_what_was_read_for_sure_is_no_star() -> None:
    picture = page()
    star(picture, 100)
    star(picture, 113)
    line = TextLine("xx", Box(92, 53, 121, 71), (Char("x", 0.9, 100), Char("x", 0.9, 113)))
    assert text(mended(picture, line)) == "xx"


def with_a_lost_character() -> tuple[Picture, tuple[Char, ...]]:
    picture = page()
    left, right = writing(picture, "日常", 60), writing(picture, "公需要", 60 + 3 * EM)
    x = 60 + 2 * EM
    cv2.line(picture, (x + 2, TOP + 2), (x + 20, TOP + 20), (0,), 2)
    cv2.line(picture, (x + 20, TOP + 2), (x + 2, TOP + 20), (0,), 2)
    return picture, (*left, Char("办", 0.99, x + 12), *right)


def test_a_character_left_out_is_read_again_with_its_line() -> None:
    picture, every = with_a_lost_character()
    first = line_of((*every[:2], *every[3:]))
    reader = Told([TextLine("", CELL), line_of(every)])
    found = mended(picture, first, reader=reader)
    assert text(found) == "日常办公需要"
    assert found.whole
    assert len(reader.asked) == 2


def test_ink_that_nobody_can_read_takes_trust_from_its_cell() -> None:
    picture, every = with_a_lost_character()
    first = line_of((*every[:2], *every[3:]))
    found = mended(picture, first)
    assert found.lines == (first,)
    assert found.covering(CellInk((first.box,))).coverage <= 0.5


def test_a_page_full_of_left_over_ink_is_not_read_again() -> None:
    picture = blank(900, 1300)
    cells = []
    for k in range(60):
        lattice(picture, (40, 860), (40 + 20 * k, 60 + 20 * k))
    for k in range(60):
        upright(picture, 300, 44 + 20 * k, 56 + 20 * k, 8)
        line = TextLine("年", Box(60, 42 + 20 * k, 400, 58 + 20 * k), (Char("年", 0.9, 70),))
        cells.append((Box(40, 40 + 20 * k, 860, 60 + 20 * k), CellInk((line.box,)), (line,)))
    ink = find_ink(picture)
    ridges = find_ridges(ink, TEXT)
    reader = Told()
    found = mend(cells, find_rules(ridges), ink, pieces_of(picture), reader, picture)
    assert reader.asked == []
    assert not any(one.whole for one in found)


def test_a_box_read_as_mouth_is_one_where_others_stand() -> None:
    def read(text_before: str, x: int) -> str:
        picture = page()
        left = writing(picture, text_before, 60)
        box_at(picture, x, tick=False)
        after = writing(picture, "其他", x + 30)
        return text(mended(picture, line_of(left, (Char("口", 0.7, x + 10),), after)))

    # 口 right behind 人 is a mouth, whatever stands before.
    assert read("☐项目", 60 + 3 * EM + 14) == "☐项目☐其他"
    assert read("☐人", 60 + 2 * EM) == "☐人口其他"
    assert read("项目", 60 + 3 * EM + 14) == "项目口其他"


def chevron(picture: Picture, x: int) -> None:
    for shift in (0, 5):
        way = np.array([[x + shift, TOP + 1], [x + shift + 5, TOP + 11], [x + shift, TOP + 21]])
        cv2.polylines(picture, [way], False, (0,), 1, cv2.LINE_AA)


@pytest.mark.parametrize(("read_elsewhere", "sign"), [("", "》"), ("≥", "≥")])
def test_a_sign_before_a_number_is_told_by_the_page_or_by_its_shape(read_elsewhere: str, sign: str) -> None:
    picture = blank(900, 400)
    cells = []
    for k in range(4):
        lattice(picture, (40, 860), (40 + 50 * k, 90 + 50 * k))
        part = picture[50 * k :]
        chevron(part, 60)
        character(part, 90, TOP, 23)
        character(part, 116, TOP, 23)
        read = (Char(read_elsewhere, 0.95, 66),) if k and read_elsewhere else ()
        chars = (*read, Char("9", 0.99, 102), Char("5", 0.99, 128))
        line = TextLine("".join(c.text for c in chars), Box(56, TOP - 3 + 50 * k, 150, TOP + 27 + 50 * k), chars)
        cells.append((CELL._replace(y0=40 + 50 * k, y1=90 + 50 * k), CellInk((line.box,)), (line,)))
    ink = find_ink(picture)
    ridges = find_ridges(ink, TEXT)
    found = mend(cells, find_rules(ridges), ink, pieces_of(picture), Told(), picture)
    assert text(found[0]) == f"{sign}95"


def test_a_worn_line_to_write_on_is_whole_again_up_to_the_next_character() -> None:
    picture = page()
    left, right = writing(picture, "从", 60), writing(picture, "年至", 60 + 6 * EM)
    start = 60 + EM + 8
    level(picture, TOP + 22, start, start + round(4.2 * FACE))
    picture[TOP + 18 : TOP + 26, start + 44 : start + 62] = 255
    assert text(mended(picture, line_of(left, right))) == "从________年至"


@pytest.mark.parametrize("read", ["", "’"])
def test_quotation_marks_that_a_title_lost_come_back_as_a_pair(read: str) -> None:
    picture = page()
    left, middle = writing(picture, "公共预算", 60), writing(picture, "三公", 60 + 5 * EM)
    right = writing(picture, "经费", 60 + 8 * EM)
    for x in (60 + 4 * EM + 10, 60 + 7 * EM + 10):
        cv2.line(picture, (x, TOP + 2), (x + 2, TOP + 6), (0,), 2)
    told = (Char("’", 0.9, 60 + 7 * EM + 11),) if read else ()
    assert with_quotes(line_of(left, middle, told, right), pieces_of(picture)).text == "公共预算‘三公’经费"


def test_dirt_between_characters_is_no_quotation_mark() -> None:
    picture = page()
    left, right = writing(picture, "公共预算", 60), writing(picture, "三公经费", 60 + 5 * EM)
    cv2.line(picture, (60 + 4 * EM + 10, TOP + 2), (60 + 4 * EM + 12, TOP + 6), (0,), 2)
    line = line_of(left, right)
    assert with_quotes(line, pieces_of(picture)) == line


def spaced(picture: Picture, step: int) -> TextLine:
    """A title's characters, `step` pixels from one to the next, with dirt high between the first and the last two."""
    chars = []
    for k, char in enumerate("一般公共预算"):
        character(picture, 60 + k * step, TOP, FACE)
        chars.append(Char(char, 0.99, 60 + k * step + FACE / 2))
    for x in ((2 * k + 1) * step // 2 + 60 + FACE // 2 - 1 for k in (0, 4)):
        cv2.line(picture, (x, TOP + 2), (x + 2, TOP + 5), (0,), 2)
    return TextLine("一般公共预算", Box(55, TOP - 4, 65 + 6 * step, TOP + EM), tuple(chars))


def test_dirt_in_a_title_set_apart_is_no_quotation_mark() -> None:
    picture = blank(900, 180)
    line = spaced(picture, round(1.8 * EM))
    assert with_quotes(line, pieces_of(picture)) == line


def test_what_is_no_larger_than_the_page_s_specks_is_no_quotation_mark() -> None:
    picture = page()
    left, right = writing(picture, "公共", 60), writing(picture, "经费", 60 + 6 * EM)
    middle = writing(picture, "三公", 60 + 3 * EM)
    for x in (60 + 2 * EM + 10, 60 + 5 * EM + 10):
        cv2.line(picture, (x, TOP + 2), (x + 2, TOP + 6), (0,), 2)
    line = line_of(left, middle, right)
    assert with_quotes(line, pieces_of(picture)).text == "公共‘三公’经费"
    assert with_quotes(line, pieces_of(picture), Specks(8.0)) == line


@pytest.mark.parametrize("em", [EM, 2 * EM])
def test_dots_of_characters_are_no_quotation_marks(em: int) -> None:
    # Those of 汇 stand one above another; and a title's characters are larger than the page's.
    picture = blank(900, 180)
    chars = []
    for k, char in enumerate("收入汇总汇表"):
        x = 60 + k * em
        character(picture, x + (em // 3 if char == "汇" else 0), TOP, em - em // 8 - (em // 3 if char == "汇" else 0))
        if char == "汇":
            for y in (0.1, 0.4, 0.7):
                cv2.line(picture, (x, round(TOP + y * em)), (x + 2, round(TOP + y * em) + 4), (0,), 2)
        # The recogniser's places are coarse.
        chars.append(Char(char, 0.99, x + em / 2 + (em / 6 if char == "汇" else 0)))
    line = TextLine("收入汇总汇表", Box(55, TOP - 4, 65 + 6 * em, TOP + em + 4), tuple(chars))
    assert with_quotes(line, pieces_of(picture)) == line


@pytest.mark.parametrize("read", ["一", "_", "—"])
def test_a_line_to_write_on_that_was_read_as_one_stroke_is_counted(read: str) -> None:
    picture = page()
    left, right = writing(picture, "从", 60), writing(picture, "年至", 60 + 5 * EM)
    start, length = 60 + EM + 8, round(3.5 * FACE)
    level(picture, TOP + 22, start, start + length)
    told = (Char(read, 0.9, start + length / 3),)
    assert text(mended(picture, line_of(left, told, right))) == "从_______年至"


def column(picture: Picture, first: str, *, pieces: Sequence[tuple[int, int]]) -> list[TextLine]:
    """Three characters one above another, and above them a level stroke in pieces; read as `first` if that is told."""
    for a, b in pieces:
        level(picture, 60 + 13, 100 + a, 100 + b)
    lines = [TextLine(first, Box(100, 62, 126, 84), (Char(first, 0.9, 113),))] if first else []
    for k, text in enumerate("级指标", 1):
        character(picture, 100, 60 + k * EM, 23)
        lines.append(TextLine(text, Box(98, 57 + k * EM, 128, 57 + (k + 1) * EM), (Char(text, 0.99, 113),)))
    return lines


@pytest.mark.parametrize(
    ("first", "pieces", "said"),
    [
        ("-", [(2, 24)], "一级指标"),
        ("", [(2, 24)], "一级指标"),
        ("", [(2, 9), (11, 16), (18, 24)], "一级指标"),
        ("", [(2, 7)], "级指标"),
        ("", [(-30, 24)], "级指标"),
    ],
)
def test_a_level_stroke_above_characters_that_stand_in_a_column_is_one(
    first: str, pieces: Sequence[tuple[int, int]], said: str
) -> None:
    picture = blank(900, 220)
    cell = Box(60, 40, 170, 180)
    lattice(picture, (60, 170), (40, 180))
    lines = column(picture, first, pieces=pieces)
    ink = find_ink(picture)
    ridges = find_ridges(ink, TEXT)
    told = (cell, CellInk(tuple(line.box for line in lines)), tuple(lines))
    (found,) = mend([told], find_rules(ridges), ink, pieces_of(picture), Told(), picture)
    assert "".join(line.text for line in found.lines) == said
