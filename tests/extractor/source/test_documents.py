from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from extractor.errors import (
    DamagedDocument,
    EmptyInput,
    GeziError,
    InputError,
    NoPages,
    PageRange,
    PageUnreadable,
    PasswordRequired,
    PasswordWrong,
    TooLarge,
    UnsupportedMedia,
)
from extractor.source.documents import Limits, open_document, parse_pages
from tests import paper


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def png(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("spec", "pages"),
    [(None, (1, 2, 3, 4, 5)),
     ("1-3,5", (1, 2, 3, 5)), ("4-", (4, 5)), ("-2", (1, 2)), ("2 , 2", (2,)), ("5,1", (1, 5))],
)
def test_page_ranges(spec: str | None, pages: tuple[int, ...]) -> None:
    assert parse_pages(spec, 5) == pages


@pytest.mark.parametrize("spec", ["", "-", "0", "6", "3-2", "1-6", "a", "1;2", "1-2-3"])
def test_malformed_page_ranges(spec: str) -> None:
    with pytest.raises(PageRange):
        parse_pages(spec, 5)


def test_what_is_known_of_a_source(tmp_path: Path) -> None:
    path = paper.save(tmp_path / "预算.pdf", paper.text(50, 50, "收入"), "")
    with open_document(path) as source:
        assert (source.filename, source.media_type, source.n_pages) == ("预算.pdf", "application/pdf", 2)
        assert len(source.sha256) == 64
        with pytest.raises(PageRange):
            source.load(3)


class TestBadInput:
    @pytest.mark.parametrize(
        ("head", "said"),
        [
            (b"Rar!\x1a\x07\x01\x00", "RAR"),
            (b"7z\xbc\xaf\x27\x1c\x00\x04", "7z"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "old Office"),
            (b"GIF89a" + bytes(20), "GIF"),
            (b"<!DOCTYPE html><html>", "HTML"),
            ("部门预算公开".encode("gb18030"), "text"),
            (bytes(range(256)), "unknown"),
        ],
    )
    def test_unsupported_kinds_are_named(self, tmp_path: Path, head: bytes, said: str) -> None:
        with pytest.raises(UnsupportedMedia) as caught:
            open_document(written(tmp_path / "file.pdf", head))
        assert said in caught.value.message
        assert caught.value.code == "unsupported_media"

    @pytest.mark.parametrize(("member", "said"), [("word/document.xml", "docx"), ("OFD.xml", "OFD"), ("a.pdf", "ZIP")])
    def test_zip_containers_are_told_apart(self, tmp_path: Path, member: str, said: str) -> None:
        path = tmp_path / "file"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, "x")
        with pytest.raises(UnsupportedMedia, match=said):
            open_document(path)

    def test_empty_file(self, tmp_path: Path) -> None:
        with pytest.raises(EmptyInput):
            open_document(written(tmp_path / "empty.pdf", b""))

    def test_header_only(self, tmp_path: Path) -> None:
        with pytest.raises(DamagedDocument):
            open_document(written(tmp_path / "head.pdf", b"%PDF-1.7\nnothing follows"))

    def test_no_pages(self, tmp_path: Path) -> None:
        path = tmp_path / "none.pdf"
        with pikepdf.new() as pdf:
            pdf.save(path)
        with pytest.raises(NoPages):
            open_document(path)

    @pytest.mark.parametrize("share", [0.1, 0.4])
    def test_truncated_before_any_page_survives(self, tmp_path: Path, share: float) -> None:
        whole = paper.save(tmp_path / "whole.pdf", *[paper.text(50, 50 + i, "收入") for i in range(4)]).read_bytes()
        with pytest.raises(DamagedDocument):
            open_document(written(tmp_path / "cut.pdf", whole[: int(len(whole) * share)]))

    def test_lost_index_is_rebuilt_and_said(self, tmp_path: Path) -> None:
        whole = paper.save(tmp_path / "whole.pdf", paper.text(50, 50, "收入预算")).read_bytes()
        with open_document(written(tmp_path / "cut.pdf", whole[: whole.rindex(b"startxref")])) as source:
            assert [w.code for w in source.warnings] == ["damaged_repaired"]
            assert source.load(1).lines[0].text == "收入预算"

    def test_lost_page_of_a_repaired_file_is_unreadable(self, tmp_path: Path) -> None:
        whole = paper.save(tmp_path / "whole.pdf", paper.text(50, 50, "收入"), paper.text(50, 50, "支出")).read_bytes()
        with pikepdf.open(io.BytesIO(whole)) as pdf:
            contents = [page.obj.Contents.objgen[0] for page in pdf.pages]
        cut = whole[: whole.rindex(b"startxref")].replace(f"\n{contents[1]} 0 obj".encode(), b"\n999 0 obj")
        with open_document(written(tmp_path / "cut.pdf", cut)) as source:
            assert "2" in source.warnings[0].detail
            assert source.load(1).source == "text"
            with pytest.raises(PageUnreadable):
                source.load(2)

    def test_encrypted(self, tmp_path: Path) -> None:
        path = tmp_path / "locked.pdf"
        with pikepdf.open(paper.save(tmp_path / "open.pdf", paper.text(50, 50, "收入"))) as pdf:
            pdf.save(path, encryption=pikepdf.Encryption(owner="owner", user="secret"))
        with pytest.raises(PasswordRequired):
            open_document(path)
        with pytest.raises(PasswordWrong):
            open_document(path, password="guess")
        with open_document(path, password="secret") as source:
            assert source.load(1).source == "text"

    def test_absurd_page_is_refused_before_it_is_rendered(self, tmp_path: Path) -> None:
        curve = "0 0 m 10 10 20 20 14000 14000 c S"
        path = paper.save(tmp_path / "wall.pdf", curve, "", size=(14400, 14400))
        with open_document(path) as source:
            with pytest.raises(TooLarge):
                source.load(1)
            assert source.load(2).source == "text"

    def test_huge_embedded_image_is_refused_before_it_is_decoded(self, tmp_path: Path) -> None:
        path = paper.save_scan(
            tmp_path / "bomb.pdf",
            lambda pdf: paper.image(pdf, bytes(10), 60000, 60000, pikepdf.Name.DeviceGray, 8),
        )
        with open_document(path) as source, pytest.raises(TooLarge):
            source.load(1)

    def test_images_without_pixels(self, tmp_path: Path) -> None:
        with pytest.raises(NoPages):
            open_document(written(tmp_path / "zero.png", png(0, 0)))

    def test_decompression_bomb(self, tmp_path: Path) -> None:
        for side in (20_000, 60_000):
            with pytest.raises(TooLarge):
                open_document(written(tmp_path / "bomb.png", png(side, side)))

    def test_pixel_limit_can_be_set(self, tmp_path: Path) -> None:
        Image.new("L", (200, 100)).save(tmp_path / "a.png")
        with pytest.raises(TooLarge):
            open_document(tmp_path / "a.png", limits=Limits(max_pixels=19_999))

    @pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
    def test_truncated_images(self, tmp_path: Path, name: str) -> None:
        noise = np.random.default_rng(1).integers(0, 255, (200, 200), np.uint8)
        Image.fromarray(noise).save(tmp_path / name)
        data = (tmp_path / name).read_bytes()
        for share in (0.02, 0.5):
            with pytest.raises(DamagedDocument):
                open_document(written(tmp_path / name, data[: int(len(data) * share)]))

    def test_no_crash_of_any_prefix(self, tmp_path: Path) -> None:
        """Whatever remains of a file, the answer is a document or one of our errors."""
        whole = paper.save(tmp_path / "whole.pdf", paper.text(50, 50, "收入"), paper.text(50, 50, "支出")).read_bytes()
        for end in range(1, len(whole), max(1, len(whole) // 40)):
            try:
                with open_document(written(tmp_path / "cut.pdf", whole[:end])) as source:
                    for number in range(1, source.n_pages + 1):
                        source.load(number)
            except GeziError:
                continue


class TestImages:
    def shown(self, path: Path) -> tuple[float, float]:
        with open_document(path) as source:
            raw = source.load(1)
            assert raw.picture is not None
            corner = raw.to_shown.point(raw.picture.shape[1], raw.picture.shape[0])
            assert corner == pytest.approx((raw.width, raw.height))
            return raw.width, raw.height

    def test_points_by_stated_resolution_else_200(self, tmp_path: Path) -> None:
        picture = Image.new("L", (600, 300), 255)
        picture.save(tmp_path / "bare.png")
        picture.save(tmp_path / "stated.png", dpi=(300, 300))
        picture.save(tmp_path / "placeholder.jpg", dpi=(1, 1))
        assert self.shown(tmp_path / "bare.png") == pytest.approx((216, 108))
        assert self.shown(tmp_path / "stated.png") == pytest.approx((144, 72), rel=1e-3)
        assert self.shown(tmp_path / "placeholder.jpg") == pytest.approx((216, 108))

    def test_grey_stays_grey_and_colour_is_bgr(self, tmp_path: Path) -> None:
        Image.new("L", (20, 10), 90).save(tmp_path / "grey.png")
        Image.new("RGB", (20, 10), (255, 0, 10)).save(tmp_path / "red.png")
        with open_document(tmp_path / "grey.png") as source:
            assert (source.load(1).picture == 90).all()
        with open_document(tmp_path / "red.png") as source:
            picture = source.load(1).picture
            assert picture is not None
            assert picture.shape == (10, 20, 3)
            assert tuple(picture[0, 0]) == (10, 0, 255)

    @pytest.mark.parametrize(
        ("mode", "color", "name"),
        [("1", 1, "a.png"), ("P", 0, "a.png"), ("LA", (0, 0), "a.png"), ("RGBA", (0, 0, 0, 0), "a.png"),
         ("CMYK", (0, 0, 0, 0), "a.jpg"), ("I;16", 65535, "a.png"), ("CMYK", (0, 0, 0, 0), "a.tif"),
         ("F", 1.0, "a.tif")],
    )
    def test_white_of_every_mode_is_white(self, tmp_path: Path, mode: str, color: object, name: str) -> None:
        picture = Image.new(mode, (40, 30), color)  # type: ignore[arg-type]
        if mode == "P":
            picture.putpalette([255, 255, 255] * 256)
        picture.save(tmp_path / name)
        with open_document(tmp_path / name) as source:
            got = source.load(1).picture
            assert got is not None
            assert got.dtype == np.uint8
            assert got.min() >= 250
            assert got.ndim == (3 if mode in ("RGBA", "CMYK") else 2)

    def test_exif_orientation_is_applied(self, tmp_path: Path) -> None:
        picture = Image.fromarray(paper.page_picture(300, 200))
        exif = Image.Exif()
        exif[274] = 6  # the camera was held so that the picture must be turned clockwise by 90
        picture.save(tmp_path / "turned.jpg", exif=exif, dpi=(100, 100))
        with open_document(tmp_path / "turned.jpg") as source:
            raw = source.load(1)
            assert raw.picture is not None
            assert raw.picture.shape == (300, 200)
            assert (raw.width, raw.height) == pytest.approx((144, 216))
            assert raw.picture[60, 170] < 100  # the mark, upper left before, stands upper right now

    def test_tiff_pages_and_fax_resolution(self, tmp_path: Path) -> None:
        pages = [Image.new("1", (204 * 2, 98 * 3), 1) for _ in range(3)]
        pages[0].save(tmp_path / "fax.tif", save_all=True, append_images=pages[1:], dpi=(204, 98), compression="group4")
        with open_document(tmp_path / "fax.tif") as source:
            assert source.n_pages == 3
            raw = source.load(2)
            assert (raw.width, raw.height) == pytest.approx((144, 216))
            assert raw.picture is not None
            assert raw.picture.shape == (612, 408)
            assert raw.dpi == pytest.approx(204)

    def test_a_broken_frame_leaves_the_others(self, tmp_path: Path) -> None:
        noise = [Image.fromarray(np.random.default_rng(i).integers(0, 255, (99, 99), np.uint8)) for i in range(3)]
        noise[0].save(tmp_path / "a.tif", save_all=True, append_images=noise[1:], compression="tiff_deflate")
        data = bytearray((tmp_path / "a.tif").read_bytes())
        with Image.open(tmp_path / "a.tif") as opened:
            opened.seek(1)
            start = opened.tag_v2[273][0]
        data[start : start + 50] = b"\xff" * 50
        with open_document(written(tmp_path / "b.tif", bytes(data))) as source:
            assert source.load(1).picture is not None
            with pytest.raises(PageUnreadable):
                source.load(2)
            assert source.load(3).picture is not None

    def test_only_very_large_pictures_are_reduced_and_never_below_300_dpi(self, tmp_path: Path) -> None:
        Image.new("L", (5000, 4200), 200).save(tmp_path / "fine.png", dpi=(600, 600))
        Image.new("L", (5000, 4200), 200).save(tmp_path / "wide.png", dpi=(400, 400))
        Image.new("L", (2000, 1000), 200).save(tmp_path / "small.png", dpi=(600, 600))
        expected = {"fine.png": (2100, 2500), "wide.png": (4200, 5000), "small.png": (1000, 2000)}
        for name, shape in expected.items():
            with open_document(tmp_path / name) as source:
                raw = source.load(1)
            assert raw.picture is not None
            assert raw.picture.shape == shape
            assert raw.to_shown.point(shape[1], shape[0]) == pytest.approx((raw.width, raw.height))
            assert (raw.picture == 200).all()

    def test_further_pictures_of_a_png_are_said(self, tmp_path: Path) -> None:
        frames = [Image.new("L", (30, 30), i) for i in (0, 255)]
        frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
        with open_document(tmp_path / "a.png") as source:
            assert source.n_pages == 1
            assert [w.code for w in source.warnings] == ["further_pictures"]


def test_a_file_that_is_not_there_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_document(tmp_path / "budget.pdf")
    assert caught.value.code == "bad_input"
    assert "budget.pdf" in caught.value.message
