"""Small PDF files drawn by hand, with everything that producers do to a page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

WIDTH, HEIGHT = 400.0, 300.0


def text(x: float, y: float, words: str, size: float = 10.0, mode: int = 0) -> str:
    """Words at a baseline point, in the Chinese standard font of `save`."""
    return f"\nBT /F1 {size} Tf {mode} Tr {x} {y} Td <{words.encode('utf-16-be').hex()}> Tj ET\n"


def line(x0: float, y0: float, x1: float, y1: float, width: float = 0.5) -> str:
    return f"\n{width} w {x0} {y0} m {x1} {y1} l S\n"


def bar(x: float, y: float, width: float, height: float) -> str:
    return f"\n{x} {y} {width} {height} re f\n"


def lattice(xs: Sequence[float], ys: Sequence[float], width: float = 0.5) -> str:
    """Rules of a full grid, each drawn as one stroke."""
    out = "".join(line(xs[0], y, xs[-1], y, width) for y in ys)
    return out + "".join(line(x, ys[0], x, ys[-1], width) for x in xs)


def filled_table(xs: Sequence[float], ys: Sequence[float]) -> str:
    """A full grid with 行N列M in every cell; ys from the bottom up."""
    out = lattice(xs, ys)
    for r in range(len(ys) - 1):
        for c in range(len(xs) - 1):
            out += text(xs[c] + 3, ys[-2 - r] + 5, f"行{r}列{c}")
    return out


def save(
    path: Path,
    *contents: str,
    size: tuple[float, float] = (WIDTH, HEIGHT),
    xobjects: dict[str, Dictionary | pikepdf.Stream] | None = None,
    **page_entries: object,
) -> Path:
    """One page for each content stream; `xobjects` and page entries (Rotate, CropBox …) go to every page."""
    with pikepdf.new() as pdf:
        font = chinese_font(pdf)
        images = {f"/{name}": pdf.make_indirect(value) for name, value in (xobjects or {}).items()}
        for content in contents:
            pdf.add_blank_page(page_size=size)
            page = pdf.pages[-1]
            page.obj.Resources = Dictionary(Font=Dictionary(F1=font), XObject=Dictionary(images))
            page.obj.Contents = pdf.make_stream(content.encode())
            for key, value in page_entries.items():
                page.obj[f"/{key}"] = value
        pdf.save(path)
    return path


def chinese_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """STSong-Light, not embedded, encoded in UCS-2: its text layer is exact without a character map."""
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=Name("/STSong-Light"), Flags=6, FontBBox=[-25, -254, 1000, 880],
        ItalicAngle=0, Ascent=880, Descent=-120, CapHeight=880, StemV=93,
    )
    descendant = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType0, BaseFont=Name("/STSong-Light"),
        CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="GB1", Supplement=4),
        FontDescriptor=pdf.make_indirect(descriptor), DW=1000, W=Array([1, 95, 500]),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/STSong-Light-UniGB-UCS2-H"),
            Encoding=Name("/UniGB-UCS2-H"), DescendantFonts=[pdf.make_indirect(descendant)],
        )
    )


def garbled_font(pdf: pikepdf.Pdf, target: int = 0xE000) -> pikepdf.Object:
    """Helvetica whose character map leads to `target` and the codes after it."""
    lines = "\n".join(f"<{code:02x}> <{target + code:04x}>" for code in range(0x20, 0x7F))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{0x7F - 0x20} beginbfchar\n{lines}\nendbfchar\nendcmap end end"
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding,
            ToUnicode=pdf.make_stream(cmap.encode()),
        )
    )


def page_picture(width: int = 800, height: int = 600) -> np.ndarray:
    """A grey page with a mark in its upper left quarter and a grid below, so that any turn shows."""
    picture = np.full((height, width), 255, np.uint8)
    picture[height // 10 : height // 5, width // 10 : width // 3] = 40
    picture[height // 2 :: height // 10, width // 10 : -width // 10] = 0
    picture[height // 2 :, width // 10 :: width // 5] = 0
    return picture


def jpeg(picture: np.ndarray, mode: str = "L", quality: int = 95) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).convert(mode).save(out, "JPEG", quality=quality)
    return out.getvalue()


def image(
    pdf: pikepdf.Pdf, data: bytes, width: int, height: int, color: object, bits: int = 8, **entries: object
) -> pikepdf.Stream:
    """An image XObject with raw data (pikepdf compresses on its own where no Filter is given)."""
    stream = pdf.make_stream(data)
    stream.Type, stream.Subtype = Name.XObject, Name.Image
    stream.Width, stream.Height, stream.BitsPerComponent = width, height, bits
    stream.ColorSpace = color
    for key, value in entries.items():
        stream[f"/{key}"] = value
    return stream


def save_scan(
    path: Path,
    stream_of: object,
    placement: str = f"{WIDTH} 0 0 {HEIGHT} 0 0 cm",
    before: str = "",
    after: str = "",
    **page_entries: object,
) -> Path:
    """A page whose picture is what `stream_of(pdf)` makes, placed by a matrix, with content before and after it."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(WIDTH, HEIGHT))
        page = pdf.pages[0]
        picture = pdf.make_indirect(stream_of(pdf))  # type: ignore[operator]
        page.obj.Resources = Dictionary(Font=Dictionary(F1=chinese_font(pdf)), XObject=Dictionary(Im=picture))
        page.obj.Contents = pdf.make_stream(f"{before} q {placement} /Im Do Q {after}".encode())
        for key, value in page_entries.items():
            page.obj[f"/{key}"] = value
        pdf.save(path)
    return path
