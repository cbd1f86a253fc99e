"""A PDF written by hand: pages of text in one embedded font, lines and filled boxes."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.truetype import Typeface, subset


@dataclass(slots=True)
class Canvas:
    """One page being drawn. Points, origin top-left; the PDF's own origin is at the foot."""

    width: float
    height: float
    face: Typeface
    parts: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def text(self, x: float, baseline: float, words: str, size: float, *, bold: bool = False) -> None:
        if not words.strip():
            return
        self.used |= set(words)
        codes = "".join(f"{self.face.glyph(char):04X}" for char in words)
        # Office software thickens a face that has no bold cut by stroking its outlines.
        look = f"2 Tr {size / 36:.3f} w" if bold else "0 Tr"
        self.parts.append(f"BT /F1 {size:.2f} Tf {look} {x:.2f} {self.height - baseline:.2f} Td <{codes}> Tj ET")

    def line(self, x0: float, y0: float, x1: float, y1: float, weight: float, dash: str = "") -> None:
        self.parts.append(
            f"{weight:.3f} w [{dash}] 0 d {x0:.2f} {self.height - y0:.2f} m {x1:.2f} {self.height - y1:.2f} l S"
        )

    def fill(self, x0: float, y0: float, x1: float, y1: float, colour: tuple[float, float, float]) -> None:
        red, green, blue = colour
        self.parts.append(
            f"q {red:.3f} {green:.3f} {blue:.3f} rg {x0:.2f} {self.height - y1:.2f} {x1 - x0:.2f} {y1 - y0:.2f} re f Q"
        )

    def box(self, x0: float, y0: float, x1: float, y1: float, weight: float) -> None:
        self.parts.append(f"{weight:.3f} w [] 0 d {x0:.2f} {self.height - y1:.2f} {x1 - x0:.2f} {y1 - y0:.2f} re S")

    def ink(self, colour: tuple[float, float, float]) -> None:
        """The colour of lines from here on."""
        self.parts.append("{:.3f} {:.3f} {:.3f} RG".format(*colour))


def stream(data: bytes, extra: str = "") -> bytes:
    packed = zlib.compress(data, 9)
    return f"<< /Length {len(packed)} /Filter /FlateDecode {extra} >>\nstream\n".encode() + packed + b"\nendstream"


def unicode_map(face: Typeface, chars: Sequence[str]) -> bytes:
    """The ToUnicode map, in blocks of a hundred as the specification asks."""
    lines = ["/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Used def /CMapType 2 def"]
    lines.append("1 begincodespacerange <0000> <FFFF> endcodespacerange")
    for at in range(0, len(chars), 100):
        block = chars[at : at + 100]
        lines.append(f"{len(block)} beginbfchar")
        lines += [f"<{face.glyph(char):04X}> <{char.encode('utf-16-be').hex().upper()}>" for char in block]
        lines.append("endbfchar")
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode()


def font_objects(face: Typeface, chars: Sequence[str], first: int) -> list[bytes]:
    """Five objects, numbered from `first`: the composite font, its descendant, descriptor, file and map."""
    glyphs = sorted({face.glyph(char) for char in chars})
    widths = " ".join(f"{glyph} [{face.width(glyph):.0f}]" for glyph in glyphs)
    name = f"AAAAAA+{face.name}"
    file = subset(face, glyphs)
    descendant = (
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDToGIDMap /Identity /DW 1000 /W [{widths}] "
        f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {first + 2} 0 R >>"
    )
    descriptor = (
        f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [0 -300 1000 1000] /ItalicAngle 0 "
        f"/Ascent {face.ascent:.0f} /Descent {face.descent:.0f} /CapHeight 700 /StemV 80 "
        f"/FontFile2 {first + 3} 0 R >>"
    )
    font = (
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
        f"/DescendantFonts [{first + 1} 0 R] /ToUnicode {first + 4} 0 R >>"
    )
    return [
        font.encode(),
        descendant.encode(),
        descriptor.encode(),
        stream(file, f"/Length1 {len(file)}"),
        stream(unicode_map(face, chars)),
    ]


def write_pdf(pages: Sequence[Canvas], target: Path) -> None:
    """The pages, all in the first one's face, as a file. The same pages give the same bytes."""
    face = pages[0].face
    chars = sorted({char for page in pages for char in page.used} | {" "})
    font_at = 3
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects += font_objects(face, chars, font_at)
    kids = []
    for page in pages:
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.width:.2f} {page.height:.2f}] "
            f"/Contents {len(objects) + 2} 0 R /Resources << /Font << /F1 {font_at} 0 R >> >> >>".encode()
        )
        objects.append(stream("\n".join(page.parts).encode()))
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    out, places = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    target.write_bytes(bytes(out))
