"""Pages in their shown frame: embedded pictures at their own resolution, else rendered."""

from __future__ import annotations

import zlib
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from pikepdf import Dictionary, Name

from extractor.elements import RawPage
from extractor.errors import PageUnreadable
from extractor.source.documents import open_document
from tests import paper

PICTURE = paper.page_picture()  # 800 x 600 on 400 x 300 points: 144 dpi
WHOLE = "400 0 0 300 0 0 cm"


def grey(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    return paper.image(pdf, PICTURE.tobytes(), 800, 600, Name.DeviceGray)


def load(path: Path, number: int = 1) -> RawPage:
    with open_document(path) as source:
        return source.load(number)


def picture_of(raw: RawPage) -> np.ndarray:
    assert raw.source == "scan"
    assert raw.picture is not None
    return raw.picture


def mark_as_shown(raw: RawPage) -> tuple[float, float]:
    """Centre of the dark block, in shown points."""
    picture = picture_of(raw)
    dark = (picture if picture.ndim == 2 else picture[..., 1]) < 100
    solid = cv2.erode(dark.astype(np.uint8), np.ones((9, 9), np.uint8))
    rows, columns = np.nonzero(solid)
    return tuple(raw.to_shown.point(float(columns.mean()), float(rows.mean())))


class TestEmbedded:
    def test_pixels_come_as_they_are_stored(self, tmp_path: Path) -> None:
        raw = load(paper.save_scan(tmp_path / "a.pdf", grey))
        assert (picture_of(raw) == PICTURE).all()
        assert raw.dpi == pytest.approx(144)
        assert mark_as_shown(raw) == pytest.approx((86.5, 45), abs=1.5)

    def test_jpeg_grey_stays_grey_and_colour_is_bgr(self, tmp_path: Path) -> None:
        def grey_jpeg(pdf: pikepdf.Pdf) -> pikepdf.Stream:
            return paper.image(pdf, paper.jpeg(PICTURE), 800, 600, Name.DeviceGray, Filter=Name.DCTDecode)

        def red_jpeg(pdf: pikepdf.Pdf) -> pikepdf.Stream:
            red = np.zeros((60, 80, 3), np.uint8)
            red[...] = (200, 30, 10)
            return paper.image(pdf, paper.jpeg(red, "RGB"), 80, 60, Name.DeviceRGB, Filter=Name.DCTDecode)

        assert picture_of(load(paper.save_scan(tmp_path / "grey.pdf", grey_jpeg))).shape == (600, 800)
        red = picture_of(load(paper.save_scan(tmp_path / "red.pdf", red_jpeg)))
        assert red.shape == (60, 80, 3)
        assert red[30, 40].astype(int) == pytest.approx((10, 30, 200), abs=4)

    @pytest.mark.parametrize("inverted", [False, True])
    def test_one_bit_with_either_palette(self, tmp_path: Path, inverted: bool) -> None:
        bits = PICTURE > 128
        shades = pikepdf.String(b"\xff\0" if inverted else b"\0\xff")
        palette = pikepdf.Array([Name.Indexed, Name.DeviceGray, 1, shades])

        def one_bit(pdf: pikepdf.Pdf) -> pikepdf.Stream:
            stored = ~bits if inverted else bits
            return paper.image(pdf, np.packbits(stored, axis=1).tobytes(), 800, 600, palette, 1)

        picture = picture_of(load(paper.save_scan(tmp_path / "a.pdf", one_bit)))
        assert picture.shape[:2] == (600, 800)
        assert ((picture.reshape(600, 800, -1)[..., 0] > 128) == bits).all()

    def test_decode_array_and_stencil_mask_come_out_black_on_white(self, tmp_path: Path) -> None:
        packed = np.packbits(PICTURE > 128, axis=1).tobytes()
        turned_over = np.packbits(PICTURE <= 128, axis=1).tobytes()

        def decoded(pdf: pikepdf.Pdf) -> pikepdf.Stream:
            return paper.image(pdf, turned_over, 800, 600, Name.DeviceGray, 1, Decode=[1, 0])

        def stencil(pdf: pikepdf.Pdf) -> pikepdf.Stream:
            stream = paper.image(pdf, packed, 800, 600, Name.DeviceGray, 1, ImageMask=True)
            del stream.ColorSpace
            return stream

        for make in (decoded, stencil):
            picture = picture_of(load(paper.save_scan(tmp_path / "a.pdf", make)))
            small = cv2.resize(picture, (80, 60), interpolation=cv2.INTER_AREA)
            ours = cv2.resize(PICTURE, (80, 60), interpolation=cv2.INTER_AREA)
            assert abs(small.astype(int) - ours).mean() < 6

    def test_cmyk_jpeg(self, tmp_path: Path) -> None:
        def cmyk(pdf: pikepdf.Pdf) -> pikepdf.Stream:
            data = paper.jpeg(PICTURE, "CMYK")
            return paper.image(pdf, data, 800, 600, Name.DeviceCMYK, Filter=Name.DCTDecode, Decode=[1, 0] * 4)

        picture = picture_of(load(paper.save_scan(tmp_path / "a.pdf", cmyk)))
        light = picture[..., 1] if picture.ndim == 3 else picture
        small = cv2.resize(light, (80, 60), interpolation=cv2.INTER_AREA)
        ours = cv2.resize(PICTURE, (80, 60), interpolation=cv2.INTER_AREA)
        assert abs(small.astype(int) - ours).mean() < 25

    def test_image_data_that_ends_too_early_is_said(self, tmp_path: Path) -> None:
        whole = paper.jpeg(PICTURE)

        def cut_jpeg(pdf: pikepdf.Pdf) -> pikepdf.Stream:
            return paper.image(pdf, whole[: len(whole) // 2], 800, 600, Name.DeviceGray, Filter=Name.DCTDecode)

        def cut_pixels(pdf: pikepdf.Pdf) -> pikepdf.Stream:
            return paper.image(pdf, zlib.compress(PICTURE[:300].tobytes()), 800, 600, Name.DeviceGray,
                               Filter=Name.FlateDecode)

        for make in (cut_jpeg, cut_pixels):
            assert [w.code for w in load(paper.save_scan(tmp_path / "a.pdf", make)).warnings] == ["picture_cut_off"]
        assert load(paper.save_scan(tmp_path / "a.pdf", grey)).warnings == ()

    def test_undecodable_image(self, tmp_path: Path) -> None:
        def garbage(pdf: pikepdf.Pdf) -> pikepdf.Stream:
            return paper.image(pdf, b"garbage" * 10, 800, 600, Name.DeviceGray, Filter=Name.DCTDecode)

        with pytest.raises(PageUnreadable):
            load(paper.save_scan(tmp_path / "a.pdf", garbage))

    def test_inline_image(self, tmp_path: Path) -> None:
        tiny = np.full((30, 40), 255, np.uint8)
        tiny[3:6, 4:13] = 0
        data = tiny.tobytes().hex()
        content = f"q {WHOLE} BI /W 40 /H 30 /BPC 8 /CS /G /F /AHx ID {data}> EI Q"
        raw = load(paper.save(tmp_path / "a.pdf", content))
        assert (picture_of(raw) == tiny).all()

    def test_fax_pixels_become_square(self, tmp_path: Path) -> None:
        def fax(pdf: pikepdf.Pdf) -> pikepdf.Stream:
            return paper.image(pdf, PICTURE[::2].tobytes(), 800, 300, Name.DeviceGray)

        raw = load(paper.save_scan(tmp_path / "a.pdf", fax))
        assert picture_of(raw).shape == (600, 800)
        assert mark_as_shown(raw) == pytest.approx((86.5, 45), abs=2)

    @pytest.mark.parametrize("rotate", [0, 90, 180, 270, -90, 450])
    def test_rotate_turns_the_pixels_without_resampling(self, tmp_path: Path, rotate: int) -> None:
        raw = load(paper.save_scan(tmp_path / "a.pdf", grey, Rotate=rotate))
        assert (picture_of(raw) == np.rot90(PICTURE, -(rotate // 90))).all()
        assert (raw.width, raw.height) == ((400, 300) if rotate % 180 == 0 else (300, 400))
        x, y = 86.5, 45.0
        expected = {0: (x, y), 90: (300 - y, x), 180: (400 - x, 300 - y), 270: (y, 400 - x)}[rotate % 360]
        assert mark_as_shown(raw) == pytest.approx(expected, abs=1.5)

    @pytest.mark.parametrize(
        ("placement", "expected"),
        [
            ("-400 0 0 300 400 0 cm", PICTURE[:, ::-1]),
            ("400 0 0 -300 0 300 cm", PICTURE[::-1]),
            ("0 300 -400 0 400 0 cm", np.rot90(PICTURE)),
            ("0 300 400 0 0 0 cm", None),
        ],
    )
    def test_mirrored_and_turned_placements(
        self, tmp_path: Path, placement: str, expected: np.ndarray | None
    ) -> None:
        """The picture is what a viewer shows, whatever the matrix does."""
        raw = load(paper.save_scan(tmp_path / "a.pdf", grey, placement))
        rendering = rendered(tmp_path / "a.pdf", picture_of(raw).shape[1], picture_of(raw).shape[0])
        if expected is not None and expected.shape == picture_of(raw).shape:
            assert (picture_of(raw) == expected).all()
        assert abs(rendering.astype(int) - picture_of(raw)).mean() < 12

    def test_crop_box_cuts_the_picture(self, tmp_path: Path) -> None:
        raw = load(paper.save_scan(tmp_path / "a.pdf", grey, CropBox=[100, 50, 400, 300]))
        assert (raw.width, raw.height) == (300, 250)
        assert (picture_of(raw) == PICTURE[:500, 200:]).all()

    def test_user_unit_enlarges_the_page(self, tmp_path: Path) -> None:
        raw = load(paper.save_scan(tmp_path / "a.pdf", grey, UserUnit=2.5))
        assert (raw.width, raw.height) == (1000, 750)
        assert (picture_of(raw) == PICTURE).all()
        assert raw.dpi == pytest.approx(144 / 2.5)

    def test_picture_with_margins_keeps_its_pixels(self, tmp_path: Path) -> None:
        raw = load(paper.save_scan(tmp_path / "a.pdf", grey, "200 0 0 150 50 100 cm"))
        assert (picture_of(raw) == PICTURE).all()
        assert raw.dpi == pytest.approx(288)
        assert mark_as_shown(raw) == pytest.approx((50 + 86.5 / 2, 50 + 45 / 2), abs=1.5)


class TestRendered:
    def test_slanted_picture(self, tmp_path: Path) -> None:
        raw = load(paper.save_scan(tmp_path / "a.pdf", grey, "390 20 -15 290 15 0 cm"))
        assert raw.dpi == pytest.approx(200, abs=8)
        assert picture_of(raw).shape[1] >= 400 / 72 * 199

    def test_what_is_drawn_over_a_scan_is_seen(self, tmp_path: Path) -> None:
        raw = load(paper.save_scan(tmp_path / "a.pdf", grey, after="1 1 1 rg 0 0 400 300 re f"))
        assert (picture_of(raw) == 255).all()

    def test_outlined_text_is_a_scan(self, tmp_path: Path) -> None:
        raw = load(paper.save(tmp_path / "a.pdf", "50 50 m 60 90 80 90 90 50 c h f"))
        assert picture_of(raw).shape == (834, 1112)
        assert picture_of(raw).min() == 0

    def test_small_type_is_rendered_finer(self, tmp_path: Path) -> None:
        with pikepdf.open(paper.save(tmp_path / "a.pdf", paper.text(20, 50, "收支" * 20, 5.0))) as pdf:
            pdf.pages[0].obj.Resources.Font.F1 = paper.garbled_font(pdf)
            pdf.save(tmp_path / "b.pdf")
        raw = load(tmp_path / "b.pdf")
        assert [w.code for w in raw.warnings] == ["garbled_text"]
        assert raw.dpi == pytest.approx(300, abs=1)

    def test_filled_form_fields_are_seen(self, tmp_path: Path) -> None:
        """What stands in an annotation's appearance is part of the page."""
        path = paper.save(tmp_path / "a.pdf", paper.text(50, 200, "本年收入"))
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            page = pdf.pages[0]
            appearance = pdf.make_stream(paper.text(2, 5, "支出预算").encode())
            appearance.Type, appearance.Subtype, appearance.BBox = Name.XObject, Name.Form, [0, 0, 100, 20]
            appearance.Resources = page.obj.Resources
            field = Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="a", Rect=[50, 100, 150, 120], F=4,
                AP=Dictionary(N=pdf.make_indirect(appearance)),
            )
            page.obj.Annots = pikepdf.Array([pdf.make_indirect(field)])
            pdf.Root.AcroForm = Dictionary(Fields=page.obj.Annots)
            pdf.save(path)
        raw = load(path)
        assert [line.text for line in raw.lines] == ["本年收入", "支出预算"]


def rendered(path: Path, width: int, height: int) -> np.ndarray:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        page = document[0].render(scale=3, grayscale=True).to_numpy().squeeze()
    return cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA)


def test_pages_are_judged_one_by_one(tmp_path: Path) -> None:
    whole = paper.save_scan(tmp_path / "scan.pdf", grey)
    drawn = paper.save(tmp_path / "text.pdf", paper.text(50, 50, "收入预算"), "")
    with pikepdf.open(whole) as pdf, pikepdf.open(drawn) as other:
        pdf.pages.extend(other.pages)
        pdf.save(tmp_path / "mixed.pdf")
    with open_document(tmp_path / "mixed.pdf") as source:
        assert [source.load(n).source for n in (1, 2, 3)] == ["scan", "text", "text"]
