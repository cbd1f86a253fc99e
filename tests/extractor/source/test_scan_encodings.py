"""Scans as producers store them: JPEG 2000, JBIG2, fax, indexed and spot colours, strips and tiles."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from extractor.elements import RawPage
from extractor.source.documents import open_document
from tests import paper

PICTURE = paper.page_picture()  # 800 x 600 on 400 x 300 points: 144 dpi
INK = PICTURE < 128
Make = Callable[[pikepdf.Pdf], pikepdf.Stream]


def load(path: Path) -> RawPage:
    with open_document(path) as source:
        return source.load(1)


def grey_of(raw: RawPage) -> np.ndarray:
    assert raw.source == "scan"
    assert raw.picture is not None
    return raw.picture if raw.picture.ndim == 2 else cv2.cvtColor(raw.picture, cv2.COLOR_BGR2GRAY)


def fax_rows(ink: np.ndarray) -> bytes:
    """CCITT group 4 data of a picture, black where `ink`, as libtiff writes it into one strip."""
    out = io.BytesIO()
    Image.fromarray(ink).save(out, "TIFF", compression="group4", tiffinfo={278: ink.shape[0]})
    with Image.open(io.BytesIO(out.getvalue())) as tiff:
        assert tiff.tag_v2[262] == 1  # black is zero: what Pillow calls white is coded as black
        start, length = tiff.tag_v2[273][0], tiff.tag_v2[279][0]
    return out.getvalue()[start : start + length]


def jpeg_2000(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    out = io.BytesIO()
    Image.fromarray(PICTURE).save(out, "JPEG2000")
    return paper.image(pdf, out.getvalue(), 800, 600, Name.DeviceGray, Filter=Name.JPXDecode)


def fax(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    parameters = Dictionary(K=-1, Columns=800, Rows=600)
    return paper.image(pdf, fax_rows(INK), 800, 600, Name.DeviceGray, 1, Filter=Name.CCITTFaxDecode,
                       DecodeParms=parameters)


def jbig2(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    """Page information, then one immediate generic region coded in MMR, which is group 4 (ITU-T T.88, 7.4.6, 6.2.6)."""
    size = struct.pack(">II", 800, 600)
    page = struct.pack(">IBBBI", 0, 48, 0, 1, 19) + size + struct.pack(">IIBH", 0, 0, 0, 0)
    region = size + struct.pack(">IIB", 0, 0, 0) + b"\x01" + fax_rows(INK)
    data = page + struct.pack(">IBBBI", 1, 38, 0, 1, len(region)) + region
    return paper.image(pdf, data, 800, 600, Name.DeviceGray, 1, Filter=Name.JBIG2Decode)


def indexed(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    """Sixteen colours, four bits a pixel; ink is entry 9, paper entry 4, as a colour reducer leaves them."""
    shades = bytearray(48)
    shades[12:15], shades[27:30] = b"\xfa\xfb\xf0", b"\x20\x18\x10"
    pixels = np.where(INK, 9, 4).astype(np.uint8)
    packed = (pixels[:, 0::2] << 4) | pixels[:, 1::2]
    palette = Array([Name.Indexed, Name.DeviceRGB, 15, pikepdf.String(bytes(shades))])
    return paper.image(pdf, packed.tobytes(), 800, 600, palette, 4)


def spot_colour(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    """A separation: 255 is full ink of one colour, whose alternate is CMYK black."""
    tint = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0, 0, 0, 0], C1=[0, 0, 0, 1], N=1)
    space = Array([Name.Separation, Name("/Schwarz"), Name.DeviceCMYK, tint])
    return paper.image(pdf, (255 - PICTURE).tobytes(), 800, 600, space)


def cmyk(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    pixels = np.zeros((600, 800, 4), np.uint8)
    pixels[..., 3] = 255 - PICTURE
    return paper.image(pdf, pixels.tobytes(), 800, 600, Name.DeviceCMYK)


def sixteen_bits(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    return paper.image(pdf, (PICTURE.astype(">u2") * 257).tobytes(), 800, 600, Name.DeviceGray, 16)


@pytest.mark.parametrize("make", [jpeg_2000, fax, jbig2, indexed, spot_colour, cmyk, sixteen_bits])
def test_ink_comes_out_where_it_is(tmp_path: Path, make: Make) -> None:
    raw = load(paper.save_scan(tmp_path / "a.pdf", make))
    picture = grey_of(raw)
    assert picture.shape == (600, 800)
    assert raw.dpi == pytest.approx(144)
    assert ((picture < 128) == INK).mean() > 0.999


def pieces(path: Path, columns: int, rows: int, **page_entries: object) -> Path:
    """The picture cut into columns x rows pieces, drawn in a mixed order."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(400, 300))
        page = pdf.pages[0]
        width, height = 800 // columns, 600 // rows
        content, images = [], {}
        for i in range(columns * rows):
            r, c = divmod(i, columns)
            piece = PICTURE[r * height : (r + 1) * height, c * width : (c + 1) * width]
            images[f"/P{i}"] = pdf.make_indirect(
                paper.image(pdf, np.ascontiguousarray(piece).tobytes(), width, height, Name.DeviceGray)
            )
            x, y = c * width / 2, 300 - (r + 1) * height / 2
            content.append(f"q {width / 2} 0 0 {height / 2} {x} {y} cm /P{i} Do Q")
        page.obj.Resources = Dictionary(XObject=Dictionary(images))
        page.obj.Contents = pdf.make_stream(" ".join(content[::2] + content[1::2]).encode())
        for key, value in page_entries.items():
            page.obj[f"/{key}"] = value
        pdf.save(path)
    return path


@pytest.mark.parametrize(("columns", "rows"), [(1, 2), (1, 12), (4, 1), (4, 3)])
def test_strips_and_tiles_keep_their_pixels(tmp_path: Path, columns: int, rows: int) -> None:
    raw = load(pieces(tmp_path / "a.pdf", columns, rows))
    assert raw.dpi == pytest.approx(144)
    assert (grey_of(raw) == PICTURE).all()


def test_tiles_of_a_turned_and_cropped_page(tmp_path: Path) -> None:
    raw = load(pieces(tmp_path / "a.pdf", 4, 3, Rotate=90, CropBox=[100, 50, 400, 300]))
    assert (raw.width, raw.height) == (250, 300)
    assert (grey_of(raw) == np.rot90(PICTURE[:500, 200:], -1)).all()
