"""Whole pages: a drawn table goes in as a file, cells with texts come out; and what happens when a part fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image

from extractor.elements import Box, PageResult, PageTable, TextLine
from extractor.errors import ModelDamaged
from extractor.pipeline import _laid_out, extract_document, extract_page, read_page, text_height
from extractor.ports import DetectedLine, Tools
from extractor.source.documents import Source, open_document
from extractor.trust.confidence import cell_confidence
from tests import paper
from tests.drawn import Picture, blank, detected, digits, lattice

DPI = 200
XS, YS = (100, 400, 700, 1000, 1300), (200, 250, 300, 350, 400)
# The first row's columns 2 and 3 are one cell, and the last column's rows 2 and 3; one cell is empty.
TEXTS = {
    (0, 0): "2019", (0, 1): "2020", (0, 2): "2021", (1, 0): "208", (1, 1): "1,728.90", (1, 2): "39.60", (1, 3): "704",
    (2, 0): "20805", (2, 1): "15.30", (2, 2): "0.45", (2, 3): "1500.00", (3, 0): "210", (3, 1): "", (3, 2): "64.20",
}  # fmt: skip
PLACES = {key: (1, 2) if key == (0, 2) else (2, 1) if key == (2, 3) else (1, 1) for key in TEXTS}


def drawn_table() -> Picture:
    picture = blank(1400, 1000)
    lattice(picture, XS, YS, 3)
    picture[YS[0] + 3 : YS[1] - 2, XS[3] - 3 : XS[3] + 3] = 255
    picture[YS[3] - 3 : YS[3] + 3, XS[3] + 3 : XS[4] - 2] = 255
    for (row, col), words in TEXTS.items():
        if words:
            middle = (YS[row] + YS[row + PLACES[row, col][0]]) // 2
            digits(picture, words, XS[col] + 40, middle + 10, height=20)
    digits(picture, "2021-08-31", 120, 170, height=20)
    return picture


def skewed(picture: Picture, degrees: float) -> Picture:
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)


def saved(path: Path, *pictures: Picture) -> Path:
    first, *others = [Image.fromarray(picture) for picture in pictures]
    first.save(path, dpi=(DPI, DPI), **({"save_all": True, "append_images": others} if others else {}))
    return path


def read(path: Path, tools: Tools, number: int = 1) -> PageResult:
    with open_document(path) as source:
        return read_page(source, number, tools)


def spelled(table: PageTable) -> dict[tuple[int, int], tuple[int, int, str]]:
    return {(c.row, c.col): (c.row_span, c.col_span, c.text.replace(" ", "")) for c in table.cells}


EXPECTED = {key: (*PLACES[key], text) for key, text in TEXTS.items()}


# ---- with the real models ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def level_page(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> PageResult:
    return read(saved(tmp_path_factory.mktemp("drawn") / "level.png", drawn_table()), tools)


def test_a_drawn_page_comes_back_cell_by_cell(level_page: PageResult) -> None:
    (table,) = level_page.tables
    assert (table.page, table.n_rows, table.n_cols, table.structure) == (1, 4, 4, "ruled")
    assert spelled(table) == EXPECTED
    assert (level_page.source, level_page.rotation, level_page.warnings) == ("scan", 0, ())
    assert level_page.skew == pytest.approx(0, abs=0.03)
    assert [line.text for line in level_page.lines] == ["2021-08-31"]
    assert {name for name, _ in level_page.seconds} >= {"load", "upright", "detect", "rules", "read"}


def test_boxes_are_points_of_the_page_as_shown(level_page: PageResult) -> None:
    points = 72 / DPI
    assert (level_page.width, level_page.height) == pytest.approx((1400 * points, 1000 * points), abs=0.01)
    (table,) = level_page.tables
    assert table.box == pytest.approx([v * points for v in (XS[0], YS[0], XS[-1], YS[-1])], abs=0.5)
    for cell in table.cells:
        x0, y0, x1, y1 = cell.box
        spans = cell.row_span, cell.col_span
        edges = XS[cell.col], YS[cell.row], XS[cell.col + spans[1]], YS[cell.row + spans[0]]
        assert cell.box == pytest.approx([v * points for v in edges], abs=0.5)
        assert cell.polygon == ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
        for line in cell.lines:
            assert x0 <= line.box.x0 <= line.box.x1 <= x1
            assert y0 <= line.box.y0 <= line.box.y1 <= y1
    assert table.columns == pytest.approx([x / 1400 for x in XS], abs=0.002)


def test_what_is_clear_is_believed_and_the_blank_too(level_page: PageResult) -> None:
    (table,) = level_page.tables
    beliefs = {(c.row, c.col): cell_confidence(c.place, c.evidence, c.text) for c in table.cells}
    assert min(b.both for b in beliefs.values()) > 0.8
    assert beliefs[3, 1].text > 0.99
    assert max(b.both for b in beliefs.values()) < 1


@pytest.mark.parametrize(("degrees", "turns"), [(1.4, 0), (-0.8, 2)])
def test_a_crooked_page_gives_the_same_cells_and_polygons_that_follow_them(
    tools: Tools, tmp_path: Path, degrees: float, turns: int
) -> None:
    picture = np.ascontiguousarray(np.rot90(skewed(drawn_table(), degrees), turns))
    page = read(saved(tmp_path / "crooked.png", picture), tools)
    assert page.rotation == 90 * turns
    assert page.skew == pytest.approx(-degrees, abs=0.05)
    (table,) = page.tables
    assert spelled(table) == EXPECTED
    first, last = table.cells[0].polygon, table.cells[-1].polygon
    # Where the table's own corners went, by the same rotation.
    matrix = cv2.getRotationMatrix2D((700, 500), -degrees, 1)
    corner, opposite = matrix @ (XS[0], YS[0], 1), matrix @ (XS[-2], YS[-1], 1)
    if turns == 2:
        corner, opposite = (1400, 1000) - corner, (1400, 1000) - opposite
    assert first[0] == pytest.approx(corner * 72 / DPI, abs=1)
    assert last[2] == pytest.approx(opposite * 72 / DPI, abs=1)
    for cell in table.cells:
        xs, ys = [p.x for p in cell.polygon], [p.y for p in cell.polygon]
        assert cell.box == pytest.approx((min(xs), min(ys), max(xs), max(ys)))
        assert 0 <= cell.box.x0 < cell.box.x1 <= page.width
        assert 0 <= cell.box.y0 < cell.box.y1 <= page.height


def test_a_blank_page_is_an_empty_result(tools: Tools, tmp_path: Path) -> None:
    page = read(saved(tmp_path / "blank.png", blank(600, 800)), tools)
    assert (page.tables, page.lines, page.warnings) == ((), (), ())


@pytest.mark.parametrize("height", [24, 60])
def test_a_thumbnail_with_dashes_and_dark_fills_is_an_empty_result(tools: Tools, tmp_path: Path, height: int) -> None:
    picture = blank(900, height)
    picture[height // 2 : height // 2 + 3, 20:880] = 0
    picture[2:20, 100:500] = 60
    page = read(saved(tmp_path / "thumbnail.png", picture), tools)
    assert (page.tables, page.warnings) == ((), ())


def test_a_document_of_drawn_and_typed_pages(tools: Tools, tmp_path: Path) -> None:
    picture = cv2.resize(drawn_table(), None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    height, width = picture.shape
    scan = paper.save_scan(
        tmp_path / "scan.pdf",
        lambda pdf: paper.image(pdf, picture.tobytes(), width, height, pikepdf.Name.DeviceGray),
        f"{width * 0.45} 0 0 {height * 0.45} 0 0 cm",
        MediaBox=pikepdf.Array([0, 0, width * 0.45, height * 0.45]),
    )
    typed = paper.save(tmp_path / "typed.pdf", paper.filled_table([50, 150, 250], [100, 130, 160]))
    with pikepdf.open(scan) as whole, pikepdf.open(typed) as other:
        whole.pages.extend(other.pages)
        whole.save(tmp_path / "mixed.pdf")
    seen: list[int] = []
    with open_document(tmp_path / "mixed.pdf") as source:
        document = extract_document(source, tools, on_page=lambda page: seen.append(page.number))
    assert seen == [1, 2]
    assert document.document.kind == "mixed"
    assert [page.source for page in document.pages] == ["scan", "text"]
    drawn, digital = document.tables
    assert {(c.row, c.col): (c.row_span, c.col_span, c.text.replace(" ", "")) for c in drawn.cells} == EXPECTED
    assert [c.text for c in digital.cells] == ["行0列0", "行0列1", "行1列0", "行1列1"]
    assert all(c.value == "1728.90" for c in drawn.cells if c.text == "1,728.90")
    assert all(0 < c.confidence < 1 for t in document.tables for c in t.cells)


# ---- with readers that fail ----------------------------------------------------------------------------------


class Upright:
    def upright_probabilities(self, picture: Picture) -> tuple[float, float, float, float]:
        return 1.0, 0.0, 0.0, 0.0


@dataclass
class Told:
    """A reader that finds the lines it is told and reads what `says` makes of a crop's number."""

    lines: Sequence[DetectedLine] = ()
    says: str = ""
    asked: list[Box] = field(default_factory=list)

    def detect(self, picture: Picture) -> list[DetectedLine]:
        return list(self.lines)

    def read(self, picture: Picture, boxes: Sequence[Box]) -> list[TextLine]:
        self.asked += boxes
        return [TextLine(self.says, box) for box in boxes]


class Broken(Told):
    def detect(self, picture: Picture) -> list[DetectedLine]:
        raise ModelDamaged("the weights of text_detection are damaged")


class NoGrids:
    def ruled(self, pdf: str, page: int, password: str | None) -> list[object]:
        raise AssertionError("a scan has no text layer to ask")

    unruled = ruled


def faked(reader: Told) -> Tools:
    return Tools(reader, Upright(), NoGrids())  # type: ignore[arg-type]


def drawn_source(tmp_path: Path, *pictures: Picture) -> Source:
    return open_document(saved(tmp_path / "drawn.tif", *pictures))


def test_a_reader_that_reads_nothing_leaves_doubtful_cells_not_blank_ones(tmp_path: Path) -> None:
    picture = drawn_table()
    lines = [detected(Box(140, 210, 240, 240))]
    with drawn_source(tmp_path, picture) as source:
        page = extract_page(source.load(1), source, faked(Told(lines)))
    (table,) = page.tables
    assert {key: (rows, cols) for key, (rows, cols, _) in spelled(table).items()} == PLACES
    assert {c.text for c in table.cells} == {""}
    for cell in table.cells:
        belief = cell_confidence(cell.place, cell.evidence, cell.text)
        if TEXTS[cell.row, cell.col]:
            assert belief.text < 0.7, TEXTS[cell.row, cell.col]
        else:
            assert belief.text > 0.99


def test_only_cells_with_ink_are_read(tmp_path: Path) -> None:
    reader = Told([detected(Box(140, 210, 240, 240))], says="7")
    with drawn_source(tmp_path, drawn_table()) as source:
        page = extract_page(source.load(1), source, faked(reader))
    (table,) = page.tables
    assert len(reader.asked) == sum(bool(text) for text in TEXTS.values())
    assert {(c.row, c.col) for c in table.cells if not c.text} == {key for key, text in TEXTS.items() if not text}


def test_lines_to_write_on_are_looked_for_among_all_straight_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In ____年 a stroke of 年 sets out beside the line's end, as a seal's ring does past a chord of it."""
    monkeypatch.setattr("extractor.pipeline.drop_leaning", lambda *_: [])
    with drawn_source(tmp_path, drawn_table()) as source:
        laid = _laid_out(source.load(1), faked(Told([detected(Box(140, 210, 240, 240))])))
    assert not laid.rules
    assert len(laid.straight) > len(XS)


@pytest.mark.parametrize("x", [XS[1], XS[3]])
def test_a_border_along_which_a_streak_lies_is_found(tmp_path: Path, x: int) -> None:
    picture = drawn_table()
    assert PLACES[0, 2] == (1, 2)  # the streak at XS[3] runs through this cell, where no border is
    picture[:, x - 1 : x + 1] = 0
    with drawn_source(tmp_path, picture) as source:
        laid = _laid_out(source.load(1), faked(Told([detected(Box(140, 210, 240, 240))])))
    (grid,) = laid.grids
    assert {(c.row, c.col): (c.row_span, c.col_span) for c in grid.cells} == PLACES


def test_without_any_detected_line_a_page_still_has_a_scale(tmp_path: Path) -> None:
    assert text_height([], 1800) == pytest.approx(20)
    with drawn_source(tmp_path, blank(800, 600)) as source:
        assert extract_page(source.load(1), source, faked(Told())).tables == ()


def test_a_broken_model_is_no_page_s_fault(tmp_path: Path) -> None:
    with drawn_source(tmp_path, drawn_table()) as source, pytest.raises(ModelDamaged):
        extract_document(source, faked(Broken()))


def test_a_page_that_cannot_be_read_is_a_warning_and_the_others_come_back(tmp_path: Path) -> None:
    path = tmp_path / "three.tif"
    first, *others = [Image.fromarray(drawn_table()) for _ in range(3)]
    first.save(path, dpi=(DPI, DPI), save_all=True, append_images=others, compression="tiff_deflate")
    with Image.open(path) as image:
        image.seek(1)
        start = image.tag_v2[273][0]
    data = bytearray(path.read_bytes())
    data[start : start + 50] = b"\xff" * 50
    path.write_bytes(bytes(data))
    reader = Told([detected(Box(140, 210, 240, 240))], says="7")
    with open_document(path) as source:
        document = extract_document(source, faked(reader))
    assert [page.number for page in document.pages] == [1, 2, 3]
    assert [[w.code for w in page.warnings] for page in document.pages] == [[], ["page_unreadable"], []]
    assert [table.pages for table in document.tables] == [[1], [3]]


def test_pages_begun_ahead_come_out_as_those_read_one_by_one(tools: Tools, tmp_path: Path) -> None:
    picture = drawn_table()
    with drawn_source(tmp_path, picture, blank(), np.ascontiguousarray(picture[::-1, ::-1]), picture) as source:
        alone = extract_document(source, replace(tools, ahead=False))
        ahead = extract_document(source, replace(tools, ahead=True))
    assert ahead == alone
    assert [page.number for page in ahead.pages] == [1, 2, 3, 4]
    assert {1, 3, 4} == {number for table in ahead.tables for number in table.pages}


def test_a_broken_model_is_told_of_pages_begun_ahead_too(tmp_path: Path) -> None:
    with drawn_source(tmp_path, blank(), drawn_table()) as source, pytest.raises(ModelDamaged):
        extract_document(source, replace(faked(Broken()), ahead=True))


def test_pages_can_be_chosen(tmp_path: Path) -> None:
    reader = Told([detected(Box(140, 210, 240, 240))], says="7")
    with drawn_source(tmp_path, blank(), drawn_table(), blank()) as source:
        document = extract_document(source, faked(reader), pages=[2])
    assert [page.number for page in document.pages] == [2]
    assert [table.pages for table in document.tables] == [[2]]
