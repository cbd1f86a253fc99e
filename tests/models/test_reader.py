from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from extractor.elements import Box
from extractor.ports import Tools
from extractor.source.documents import open_document
from models import reader, stacked

SAMPLES = Path(__file__).parents[2] / "samples"
INK, PAPER = 25, 250


def written(text: str, size: int = 30, margin: int = 8) -> NDArray[np.uint8]:
    """A grey picture of one line, `margin` pixels around its ink."""
    font = ImageFont.load_default(size)
    x0, y0, x1, y1 = (round(edge) for edge in font.getbbox(text))
    picture = Image.new("L", (x1 - x0 + 2 * margin, y1 - y0 + 2 * margin), PAPER)
    ImageDraw.Draw(picture).text((margin - x0, margin - y0), text, font=font, fill=INK)
    return np.array(picture)


def whole(picture: NDArray[np.uint8]) -> Box:
    return Box(0, 0, picture.shape[1], picture.shape[0])


def read(tools: Tools, picture: NDArray[np.uint8]) -> str:
    (line,) = tools.reader.read(picture, [whole(picture)])
    return line.text


@pytest.mark.parametrize("text", ["1,728.90", "3960", "704", "0.00", "-15.3", "100,000.00", "2019", "10.00", "35.02"])
@pytest.mark.parametrize("margin", [1, 4, 12])
def test_numbers_are_read_exactly(tools: Tools, text: str, margin: int) -> None:
    assert read(tools, written(text, margin=margin)) == text


@pytest.mark.parametrize("digit", list("23456789"))
def test_single_digits_are_read_in_tight_and_loose_crops(tools: Tools, digit: str) -> None:
    assert [read(tools, written(digit, size, margin)) for size, margin in ((28, 3), (28, 10), (60, 6))] == [digit] * 3


@pytest.mark.parametrize("size", [18, 24, 30, 44])
@pytest.mark.parametrize("text", ["/", "1", "7"])
def test_a_slash_alone_is_no_digit_and_a_digit_alone_no_slash(tools: Tools, text: str, size: int) -> None:
    picture = written(text, size, margin=4)
    (line,) = tools.reader.read(picture, [whole(picture)])
    assert line.text == text
    assert line.chars[0].p > 0.6


def test_a_line_far_wider_than_the_recogniser_was_trained_on(tools: Tools) -> None:
    text = " ".join(f"{n * 7919 % 100000:05d}" for n in range(24))
    picture = written(text, size=26)
    assert picture.shape[1] * 48 / picture.shape[0] > 2000
    assert read(tools, picture).replace(" ", "") == text.replace(" ", "")


def test_a_line_reads_the_same_in_any_company_colour_and_place(tools: Tools) -> None:
    texts = ["1,728.90", "7", "2020-08-31", "4.50", "1234567890.12", "88"]
    crops = [written(text) for text in texts]
    page = np.full((80 * len(crops), 400), PAPER, np.uint8)
    boxes = []
    for i, crop in enumerate(crops):
        height, width = crop.shape
        page[80 * i + 5 : 80 * i + 5 + height, 20 + 3 * i : 20 + 3 * i + width] = crop
        boxes.append(Box(20 + 3 * i, 80 * i + 5, 20 + 3 * i + width, 80 * i + 5 + height))
    together = tools.reader.read(page, boxes)
    assert [line.text for line in together] == texts
    assert [line.box for line in together] == boxes
    backwards = tools.reader.read(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), boxes[::-1])[::-1]
    assert [line.text for line in backwards] == texts
    for line, crop in zip(together, crops, strict=True):
        (alone,) = tools.reader.read(crop, [whole(crop)])
        assert [c.p for c in alone.chars] == pytest.approx([c.p for c in line.chars], abs=1e-3)


def test_characters_stand_where_their_ink_is(tools: Tools) -> None:
    picture = np.full((50, 600), PAPER, np.uint8)
    centres = [60, 180, 300, 420, 540]
    for centre, digit in zip(centres, "24689", strict=True):
        crop = written(digit, margin=2)
        left = centre - crop.shape[1] // 2
        picture[10 : 10 + crop.shape[0], left : left + crop.shape[1]] = crop
    (line,) = tools.reader.read(picture, [Box(0.0, 2.0, 600.0, 40.0)])
    found = {char.text: char.x for char in line.chars}
    for centre, digit in zip(centres, "24689", strict=True):
        assert found[digit] == pytest.approx(centre, abs=12)


def test_chars_spell_the_text_and_carry_posteriors(tools: Tools) -> None:
    picture = written("1,728.90")
    (line,) = tools.reader.read(picture, [whole(picture)])
    assert "".join(char.text for char in line.chars) == line.text
    assert all(0 < char.p <= 1 and char.runner_up != char.text for char in line.chars)
    smeared = cv2.GaussianBlur(cv2.resize(picture, None, fx=0.3, fy=0.3), (3, 3), 0)
    (unsure,) = tools.reader.read(smeared, [whole(smeared)])
    assert unsure.p < line.p


def test_boxes_without_pixels_or_ink_do_no_harm(tools: Tools) -> None:
    picture = np.full((40, 100), PAPER, np.uint8)
    boxes = [Box(120, 0, 150, 30), Box(10, 10, 10, 30), Box(-50, -50, -10, -10), Box(0, 0, 100, 40)]
    assert [line.text for line in tools.reader.read(picture, boxes)] == ["", "", "", ""]
    assert tools.reader.read(picture, []) == []
    assert tools.reader.detect(picture) == []


def test_digits_one_above_another(tools: Tools) -> None:
    digits = [written(digit, margin=5) for digit in "2468"]
    width = max(digit.shape[1] for digit in digits)
    picture = np.vstack([np.pad(d, ((0, 0), (0, width - d.shape[1])), constant_values=PAPER) for d in digits])
    assert read(tools, picture) == "2468"


@pytest.mark.parametrize("rows", [("21", "0"), ("21", "3"), ("1", "1"), ("20", "8"), ("221", "02")])
def test_a_code_that_a_narrow_cell_wraps_within_one_detected_box(tools: Tools, rows: tuple[str, str]) -> None:
    """Across, 21 over 0 reads as 21, and surely."""
    lines = [written(row, margin=9) for row in rows]
    width = max(line.shape[1] for line in lines)
    sides = [((0, 0), ((width - line.shape[1]) // 2, (width - line.shape[1] + 1) // 2)) for line in lines]
    picture = np.vstack([np.pad(line, side, constant_values=PAPER) for line, side in zip(lines, sides, strict=True)])
    assert read(tools, picture) == "".join(rows)


@pytest.mark.parametrize("turns", [1, -1])
@pytest.mark.parametrize("text", ["2019.05", "3,728.90"])
def test_a_line_turned_on_its_side(tools: Tools, text: str, turns: int) -> None:
    assert read(tools, np.ascontiguousarray(np.rot90(written(text), turns))) == text


def test_a_tall_box_is_split_between_characters_not_within_them() -> None:
    picture = np.full((120, 40, 3), PAPER, np.uint8)
    for top in (5, 17, 29):  # 三
        picture[top : top + 4, 5:35] = INK
    picture[50:80, 5:35] = INK
    picture[90:118, 5:35] = INK
    pieces = stacked.split(picture, Box(100, 200, 140, 320))
    assert len(pieces) == 3
    assert [piece.y0 for piece in pieces] + [320] == pytest.approx([200, 241, 285, 320])
    assert {(piece.x0, piece.x1) for piece in pieces} == {(100, 140)}


@given(st.lists(st.integers(0, 200).map(lambda n: n * 16), max_size=60))
def test_batches_hold_every_crop_once_and_one_width_each(widths: list[int]) -> None:
    batches = reader._batches(widths)
    assert sorted(i for batch in batches for i in batch) == [i for i, width in enumerate(widths) if width]
    for batch in batches:
        assert len({widths[i] for i in batch}) == 1
        assert len(batch) == 1 or len(batch) * widths[batch[0]] <= reader.BATCH_PIXELS


def test_lines_of_a_scan_are_found_and_read(tools: Tools) -> None:
    with open_document(SAMPLES / "scan.pdf") as source:
        picture = source.load(1).picture
    assert picture is not None
    lines = tools.reader.detect(picture)
    assert 100 < len(lines) < 140
    texts = [line.text for line in tools.reader.read(picture, [line.box for line in lines])]
    assert any("合计" in text for text in texts)
    assert sum(any(character.isdigit() for character in text) for text in texts) > 30


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_the_four_turns_of_a_scan_are_told_apart(tools: Tools, turns: int) -> None:
    with open_document(SAMPLES / "scan.pdf") as source:
        picture = source.load(1).picture
    assert picture is not None
    turned = np.ascontiguousarray(np.rot90(picture, turns))  # counter-clockwise; to be undone clockwise
    quick = tools.orientation.upright_probabilities(turned)
    slow = tools.orientation.read_both_ways(turned)  # type: ignore[attr-defined]
    for probabilities in (quick, slow):
        assert sum(probabilities) == pytest.approx(1, abs=1e-6)
        assert int(np.argmax(probabilities)) == turns


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_table_of_nothing_but_numbers_is_told_apart(tools: Tools, turns: int) -> None:
    rows = [
        np.hstack([np.pad(written(f"{(r * 7919 + c * 104729) % 99991 / 100:,.2f}", 22), ((0, 0), (0, 140)),
                          constant_values=PAPER)[:, :170] for c in range(5)])[:34]
        for r in range(24)
    ]  # fmt: skip
    height = min(row.shape[0] for row in rows)
    page = np.pad(np.vstack([row[:height] for row in rows]), 60, constant_values=PAPER)
    probabilities = tools.orientation.upright_probabilities(np.ascontiguousarray(np.rot90(page, turns)))
    assert int(np.argmax(probabilities)) == turns


@pytest.mark.parametrize("shape", [(1200, 850), (850, 1200, 3), (20, 30), (1, 1)])
def test_an_empty_page_is_upright(tools: Tools, shape: tuple[int, ...]) -> None:
    probabilities = tools.orientation.upright_probabilities(np.full(shape, PAPER, np.uint8))
    assert int(np.argmax(probabilities)) == 0


def test_importing_the_wiring_loads_no_model_library() -> None:
    code = (
        "import sys, models.tools, models.store; "
        "print([m for m in ('paddleocr', 'paddlex', 'onnxruntime', 'cv2', 'numpy', 'camelot') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_loading_and_reading_say_nothing(tools: Tools) -> None:
    code = (
        "import numpy; from models.tools import load_tools; from extractor.elements import Box; "
        "t = load_tools(); t.reader.detect(numpy.full((200, 200), 255, numpy.uint8)); "
        "t.reader.read(numpy.full((40, 90), 255, numpy.uint8), [Box(0, 0, 90, 40)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_posteriors_tell_a_page_from_one_upside_down(tools: Tools) -> None:
    with open_document(SAMPLES / "scan.pdf") as source:
        picture = source.load(1).picture
    assert picture is not None
    boxes = [line.box for line in tools.reader.detect(picture)][:6]
    height, width = picture.shape[:2]
    over = [Box(width - b.x1, height - b.y1, width - b.x0, height - b.y0) for b in boxes]
    upright = tools.reader.posteriors(picture, boxes)  # type: ignore[attr-defined]
    turned = tools.reader.posteriors(np.rot90(picture, 2), over)  # type: ignore[attr-defined]
    assert all(0 <= p <= 1 for p in [*upright, *turned])
    assert np.mean(upright) > 0.95 > np.mean(turned) + 0.1
    assert tools.reader.posteriors(picture, []) == []  # type: ignore[attr-defined]
