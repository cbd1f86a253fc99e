from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from extractor.elements import Box, Char, TextLine
from models import glyphs, templates
from models.shapes import PageShapes

PITCH, HEIGHT, LEFT = 11, 22, 6
PAPER, INK = 225, 60
NONE = PageShapes()
NUMBERS = ["1,728.90", "305.46", "2,549.18", "87.30", "613.52", "94.07", "4,068.35", "712.69", "58.41", "903.26"]


def drawn(text: str, faded: int | None = None) -> NDArray[np.uint8]:
    """A number at a fixed pitch, blurred; the character `faded` is pale, its left side almost gone."""
    large = np.full((HEIGHT * 4, (2 * LEFT + PITCH * len(text)) * 4), float(PAPER), np.float32)
    for k, char in enumerate(text):
        at = ((LEFT + PITCH * k) * 4 + 4, HEIGHT * 4 - 20)
        cv2.putText(large, char, at, cv2.FONT_HERSHEY_SIMPLEX, 1.7, (float(INK),), 6)
    picture = cv2.resize(cv2.GaussianBlur(large, (0, 0), 3.5), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    if faded is not None:
        x = LEFT + PITCH * faded
        picture[:, x : x + PITCH] = PAPER - np.linspace(0.2, 0.8, PITCH) * (PAPER - picture[:, x : x + PITCH])
    noise = np.random.default_rng(len(text)).normal(0, 2.0, picture.shape)
    return np.asarray(cv2.cvtColor((picture + noise).clip(0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)


def read(text: str, doubts: dict[int, Char] | None = None) -> TextLine:
    """The line as the recogniser saw it: each character where it stands, but for a step's coarseness."""
    chars = tuple(
        Char(c, 0.999, LEFT + PITCH * (k + 0.5) + (1.0 if k % 2 else -1.0)) if not doubts or k not in doubts
        else Char(c, doubts[k].p, LEFT + PITCH * (k + 0.5), doubts[k].runner_up, doubts[k].runner_up_p)
        for k, c in enumerate(text)
    )
    return TextLine(text, Box(0, 0, 2 * LEFT + PITCH * len(text), HEIGHT), chars)


@pytest.fixture(scope="module")
def page() -> templates.Glyphs:
    numbers = NUMBERS * 3
    found = templates.learned([read(text) for text in numbers], [drawn(text) for text in numbers])
    assert found is not None
    return found


def test_a_page_tells_its_pitch_and_its_digits(page: templates.Glyphs) -> None:
    assert page.pitch == pytest.approx(PITCH, rel=0.04)
    assert set(page.means) == set("0123456789")


def test_a_page_of_two_sizes_with_none_between_has_no_templates() -> None:
    lines = [read(text) for text in NUMBERS]
    wide = [replace(line, chars=tuple(replace(c, x=3 * c.x) for c in line.chars)) for line in lines]
    crops = [drawn(text) for text in NUMBERS]
    assert templates.learned([*lines, *wide], [*crops, *crops]) is None


def test_a_faded_digit_is_told_by_what_is_left_of_it(page: templates.Glyphs) -> None:
    line = read("2,349.13", {2: Char("3", 0.7, runner_up="5", runner_up_p=0.2), 7: Char("3", 0.9, 0, "8", 0.08)})
    settled = glyphs.settle(line, drawn("2,549.18", faded=7), page, NONE)
    assert settled.text == "2,549.18"
    assert settled.by_words
    assert all(settled.chars[k].p <= glyphs.SUREST for k in (2, 7))
    assert settled.chars[2].runner_up == "3"


def test_a_digit_read_without_doubt_stands_whatever_its_ink_shows(page: templates.Glyphs) -> None:
    line = read("2,349.13", {2: Char("3", 0.7, runner_up="5", runner_up_p=0.2), 7: Char("3", 0.993, 0, "8", 0.003)})
    assert glyphs.settle(line, drawn("2,549.18"), page, NONE).text == "2,549.13"


def test_what_no_number_has_becomes_the_digit_that_its_ink_shows(page: templates.Glyphs) -> None:
    line = read("1,60v.00", {4: Char("v", 0.9, runner_up="0", runner_up_p=0.06)})
    assert glyphs.settle(line, drawn("1,608.00"), page, NONE).text == "1,608.00"


def test_a_doubtful_digit_that_its_ink_bears_out_stands(page: templates.Glyphs) -> None:
    line = read("305.46", {0: Char("3", 0.5, runner_up="8", runner_up_p=0.45)})
    assert glyphs.settle(line, drawn("305.46"), page, NONE) == line


def test_a_blank_place_becomes_no_digit(page: templates.Glyphs) -> None:
    line = read("30v.46", {2: Char("v", 0.4)})
    assert glyphs.settle(line, drawn("30 .46"), page, NONE).text == "30v.46"


@pytest.mark.parametrize("text", ["合计", "2019年度", "A4"])
def test_words_are_left_alone(page: templates.Glyphs, text: str) -> None:
    line = read(text, {0: Char("", 0.3)})
    assert glyphs.settle(line, drawn("305.46"), page, NONE) == line


def test_a_line_of_another_size_is_left_alone(page: templates.Glyphs) -> None:
    crop = cv2.resize(drawn("305.46"), None, fx=2.0, fy=2.0)
    chars = tuple(Char(c, 0.6, 2 * (LEFT + PITCH * (k + 0.5)), "8", 0.3) for k, c in enumerate("305.46"))
    line = TextLine("305.46", Box(0, 0, crop.shape[1], crop.shape[0]), chars)
    assert glyphs.settle(line, np.asarray(crop, np.uint8), page, NONE) == line


@pytest.mark.parametrize(
    ("seen", "printed", "faded"), [("305.4", "305.46", 5), ("05.46", "305.46", 0), ("35.46", "305.46", 1)]
)
def test_a_faded_digit_that_was_not_read_is_put_in(page: templates.Glyphs, seen: str, printed: str, faded: int) -> None:
    """Before the number, behind it and where its pitch leaves a gap."""
    whole = read(printed)
    chars = tuple(c for k, c in enumerate(whole.chars) if k != faded)
    line = replace(whole, text=seen, chars=(replace(chars[0], p=0.9), *chars[1:]))
    settled = glyphs.settle(line, drawn(printed, faded=faded), page, PageShapes(["87.30"]))
    assert settled.text == printed
    assert settled.chars[faded].p <= glyphs.MISSED


def test_nothing_is_put_in_beside_a_whole_number(page: templates.Glyphs) -> None:
    line = read("305.46", {0: Char("3", 0.9)})
    crop = cv2.copyMakeBorder(drawn("305.46"), 0, 0, 12, 12, cv2.BORDER_REPLICATE)
    chars = tuple(replace(c, x=c.x + 12) for c in line.chars)
    wide = replace(line, box=Box(0, 0, crop.shape[1], HEIGHT), chars=chars)
    assert glyphs.settle(wide, np.asarray(crop, np.uint8), page, NONE) == wide


def test_marks_narrower_than_digits_are_learned() -> None:
    narrow = [text.replace(",", "") for text in NUMBERS] * 3
    crops, lines = [], []
    for text in narrow:
        crop = drawn(text)
        x = LEFT + PITCH * text.index(".")
        crops.append(np.delete(crop, range(x + 3, x + 7), axis=1))  # the point's advance is 7 of 11 pixels
        chars = tuple(
            Char(c, 0.999, LEFT + PITCH * (k + 0.5) - (4 if k > text.index(".") else 2 if c == "." else 0))
            for k, c in enumerate(text)
        )
        lines.append(TextLine(text, Box(0, 0, crops[-1].shape[1], HEIGHT), chars))
    found = templates.learned(lines, crops)
    assert found is not None
    assert found.advance["."] == pytest.approx(7 / PITCH, abs=0.08)


def test_few_numbers_teach_nothing() -> None:
    assert templates.learned([read(t) for t in NUMBERS[:3]], [drawn(t) for t in NUMBERS[:3]]) is None
    assert templates.learned([], []) is None


def test_a_number_that_fills_its_crop_is_settled_too(page: templates.Glyphs) -> None:
    """There is no room to put a digit in before or behind it; its own digits can be told all the same."""
    line = read("2,349.13", {2: Char("3", 0.7, runner_up="5", runner_up_p=0.2), 7: Char("3", 0.9, 0, "8", 0.08)})
    tight = np.ascontiguousarray(drawn("2,549.18")[:, LEFT - 1 : 1 - LEFT])
    chars = tuple(replace(c, x=c.x - LEFT + 1) for c in line.chars)
    moved = replace(line, box=Box(0, 0, tight.shape[1], HEIGHT), chars=chars)
    assert glyphs.settle(moved, tight, page, NONE).text == "2,549.18"


def test_what_else_explains_a_digit_s_ink_is_kept_for_the_sums(page: templates.Glyphs) -> None:
    """A 9 that was read almost for sure as 3: the ink says so; of the other digits nothing else comes near."""
    line = glyphs.weighed(read("305.46", {0: Char("3", 0.98)}), drawn("905.46"), page)
    shares = dict(line.chars[0].drawn)
    assert shares["9"] < shares["3"]
    assert line.text == "305.46"
    assert all(not char.drawn for k, char in enumerate(line.chars) if k in (2, 3, 4))
    assert glyphs.weighed(read("合计"), drawn("905.46"), page) == read("合计")
