from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.elements import Box, Char, TextLine
from extractor.text.leftover import Pieces
from extractor.text.listed import with_numerals
from extractor.text.widepoints import with_wide_points

TEXT = 20.0  # text height; digits are 16 high
EM = 22


def printed(
    text: str, read: str, *, pitch: int = EM, left: int = 40, top: int = 40, peppered: bool = False
) -> tuple[TextLine, np.ndarray, np.ndarray]:
    """A line as read, the ink of what is printed, a place a character, and the ink of its points alone."""
    ink, points = np.zeros((140, 600), np.uint8), np.zeros((140, 600), np.uint8)
    places = []
    for k, char in enumerate(text):
        x = left + k * pitch
        if char.isdigit():
            ink[top : top + 16, x - 4 : x + 5] = 1
            places.append(float(x))
        elif char in ".,":
            (points if peppered else ink)[top + 8 : top + 11, x - 1 : x + 2] = 1
    chars, digit = [], -1
    for char in read:
        digit += char.isdigit()
        x = places[min(digit, len(places) - 1)] + (0 if char.isdigit() else pitch // 2)
        chars.append(Char(char, 0.97, x))
    box = Box(left - pitch, top - 4, left + len(text) * pitch, top + 20)
    return TextLine(read, box, tuple(chars)), ink, points


def settled(*lines: tuple[TextLine, np.ndarray, np.ndarray]) -> tuple[TextLine, ...]:
    ink = np.maximum.reduce([one for _, one, _ in lines])
    points = np.maximum.reduce([one for _, _, one in lines])
    return with_wide_points(tuple(line for line, _, _ in lines), Pieces.of(ink, TEXT, ink | points))


@pytest.mark.parametrize("read", ["1891469346", "18914693 46", "18914693·46", "1 8914 6 93.46", "1.8914693 46"])
def test_a_place_left_between_wide_digits_is_their_point(read: str) -> None:
    (line,) = settled(printed("18914693.46", read))
    assert line.text == "18914693.46"
    assert min(char.p for char in line.chars) >= 0.9


def test_a_point_whose_ink_is_gone_is_doubted() -> None:
    (line,) = settled(printed("18914693 46", "1891469346"))
    assert line.text == "18914693.46"
    assert min(char.p for char in line.chars) == 0.75


def test_commas_part_groups_of_three() -> None:
    (line,) = settled(printed("1,234,567.80", "1234567 80"))
    assert line.text == "1,234,567.80"


def test_two_digits_are_parted_by_a_point_that_is_seen() -> None:
    (line,) = settled(printed("0.5", "0 5"))
    assert line.text == "0.5"


def test_three_digits_behind_a_single_place_leave_a_choice() -> None:
    (line,) = settled(printed("12,345", "12345"))
    assert line.text == "12,345"
    assert min(char.p for char in line.chars) == 0.5


@pytest.mark.parametrize("peppered", [False, True])
def test_a_wrapped_amount_keeps_its_point(peppered: bool) -> None:
    upper, lower = settled(
        printed("18914693.", "18914693", peppered=peppered), printed("46", "46", left=150, top=80)
    )
    assert (upper.text, lower.text) == ("18914693.", "46")
    assert upper.chars[-1].p == (0.75 if peppered else 0.9)


def test_a_wrapped_amount_without_any_point_is_doubted() -> None:
    upper, lower = settled(printed("18914693", "18914693"), printed("46", "46", left=150, top=80))
    assert (upper.text, lower.text) == ("18914693", "46")
    assert lower.chars[-1].p == 0.5


def test_an_amount_that_the_detector_parted_at_its_point_is_one() -> None:
    left, ink, points = printed("1354323.87", "1354323")
    left = TextLine(left.text, left.box._replace(x1=40 + 6.5 * EM), left.chars)
    right = TextLine(
        "87", left.box._replace(x0=40 + 7.5 * EM, x1=40 + 10 * EM), (Char("8", 0.9, 216.0), Char("7", 0.9, 238.0))
    )
    (line,) = with_wide_points((left, right), Pieces.of(ink, TEXT, points))
    assert line.text == "1354323.87"


@pytest.mark.parametrize(
    ("text", "read", "pitch"),
    [("1234.56", "123456", 11), ("2018 06", "2018 06", 11), ("12345678", "12345678", EM), ("5 3", "5 3", EM),
     ("5 3 7", "5 3 7", 20), ("64", "6.4", 20), ("123", "1.2.3", EM), ("46", "4 6", EM)],
)
def test_other_numbers_stay_as_read(text: str, read: str, pitch: int) -> None:
    one = printed(text, read, pitch=pitch)
    assert settled(one) == (one[0],)


def test_ink_that_is_not_one_piece_a_digit_tells_nothing() -> None:
    one = printed("1234.56", "12456")
    assert settled(one) == (one[0],)


def test_pieces_above_each_other_are_no_digits_side_by_side() -> None:
    ink = np.zeros((140, 600), np.uint8)
    ink[40:56, 100:109] = ink[60:76, 100:109] = 1
    line = TextLine("11", Box(90, 36, 120, 80), (Char("1", 0.9, 100.0), Char("1", 0.9, 110.0)))
    assert with_wide_points((line,), Pieces.of(ink, TEXT)) == (line,)


BOXES = st.tuples(st.integers(0, 560), st.integers(0, 110), st.integers(2, 40), st.integers(2, 30))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(BOXES, max_size=12),
    st.lists(st.tuples(BOXES, st.text("0123456789.,·: 一二、支", max_size=8)), max_size=4),
)
def test_whatever_was_read_wherever_ink_is_it_comes_back_with_a_text(
    inked: list[tuple[int, int, int, int]], read: list[tuple[tuple[int, int, int, int], str]]
) -> None:
    ink = np.zeros((140, 600), np.uint8)
    for x, y, w, h in inked:
        ink[y : y + h, x : x + w] = 1
    lines = tuple(
        TextLine(text, Box(x, y, x + w, y + h), tuple(Char(c, 0.9, x + k * w / 8) for k, c in enumerate(text)))
        for (x, y, w, h), text in read
    )
    pieces = Pieces.of(ink, TEXT)
    out = with_wide_points(lines, pieces)
    assert all(line.text == "".join(char.text for char in line.chars) for line in out)
    listed = with_numerals([(line.box, (line,)) for line in lines], pieces.peppered, TEXT)
    assert all(0 <= k < len(lines) for k in listed)
