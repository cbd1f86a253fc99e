"""Just enough TrueType to embed the glyphs a page uses: character map, widths, and a subset font file.

Table layouts follow the OpenType specification (cmap formats 4 and 12, glyf, loca, hmtx, hhea, head, maxp).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

KEPT = ("cvt ", "fpgm", "prep", "head", "hhea", "maxp", "hmtx")
COMPOSITE_MORE, COMPOSITE_WORDS, COMPOSITE_SCALE, COMPOSITE_XY, COMPOSITE_MATRIX = 0x20, 0x01, 0x08, 0x40, 0x80
CHECKSUM_MAGIC = 0xB1B0AFBA


class FontUnusable(ValueError):
    """The file holds no TrueType outlines or no Unicode character map."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font's tables and what is read from them. Widths are in thousandths of the em."""

    name: str
    tables: dict[str, bytes]
    glyphs: dict[int, int]
    units: int
    advances: tuple[int, ...]
    offsets: tuple[int, ...]
    ascent: float
    descent: float

    def glyph(self, char: str) -> int:
        return self.glyphs.get(ord(char), 0)

    def width(self, glyph: int) -> float:
        return 1000 * self.advances[min(glyph, len(self.advances) - 1)] / self.units

    def measure(self, text: str, size: float) -> float:
        """The width of a text in points."""
        return sum(self.width(self.glyph(char)) for char in text) * size / 1000


def read_tables(data: bytes, index: int = 0) -> dict[str, bytes]:
    start = struct.unpack_from(">I", data, 12 + 4 * index)[0] if data[:4] == b"ttcf" else 0
    count = struct.unpack_from(">H", data, start + 4)[0]
    tables: dict[str, bytes] = {}
    for i in range(count):
        tag, _, offset, length = struct.unpack_from(">4sIII", data, start + 12 + 16 * i)
        tables[tag.decode("latin1")] = data[offset : offset + length]
    return tables


def character_map(table: bytes) -> dict[int, int]:
    """Code point to glyph, from the widest Unicode subtable."""
    found: dict[int, bytes] = {}
    for i in range(struct.unpack_from(">H", table, 2)[0]):
        platform, _, offset = struct.unpack_from(">HHI", table, 4 + 8 * i)
        kind = struct.unpack_from(">H", table, offset)[0]
        if platform in (0, 3) and kind in (4, 12):
            found[kind] = table[offset:]
    if 12 in found:
        groups = struct.unpack_from(">I", found[12], 12)[0]
        out: dict[int, int] = {}
        for i in range(groups):
            first, last, glyph = struct.unpack_from(">III", found[12], 16 + 12 * i)
            out |= {code: glyph + code - first for code in range(first, last + 1)}
        return out
    if 4 not in found:
        raise FontUnusable("no Unicode character map")
    return segments(found[4])


def segments(sub: bytes) -> dict[int, int]:
    """A format 4 subtable."""
    count = struct.unpack_from(">H", sub, 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", sub, 14)
    starts = struct.unpack_from(f">{count}H", sub, 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}H", sub, 16 + 4 * count)
    at = 16 + 6 * count
    ranges = struct.unpack_from(f">{count}H", sub, at)
    out: dict[int, int] = {}
    for i, (end, start, delta, offset) in enumerate(zip(ends, starts, deltas, ranges, strict=True)):
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code
            if offset:
                place = at + 2 * i + offset + 2 * (code - start)
                glyph = struct.unpack_from(">H", sub, place)[0] if place + 2 <= len(sub) else 0
                if not glyph:
                    continue
            out[code] = (glyph + delta) & 0xFFFF
    return out


@cache
def load(path: str) -> Typeface:
    """The first face of a .ttf or .ttc file. Raises FontUnusable, OSError."""
    tables = read_tables(Path(path).read_bytes())
    if "glyf" not in tables:
        raise FontUnusable(f"{path}: no TrueType outlines")
    units, long_offsets = (
        struct.unpack_from(">H", tables["head"], 18)[0],
        struct.unpack_from(">h", tables["head"], 50)[0],
    )
    ascent, descent = struct.unpack_from(">hh", tables["hhea"], 4)
    metrics = struct.unpack_from(">H", tables["hhea"], 34)[0]
    count = struct.unpack_from(">H", tables["maxp"], 4)[0]
    raw = struct.unpack_from(f">{count + 1}{'I' if long_offsets else 'H'}", tables["loca"])
    return Typeface(
        name=Path(path).stem,
        tables=tables,
        glyphs=character_map(tables["cmap"]),
        units=units,
        advances=tuple(struct.unpack_from(">H", tables["hmtx"], 4 * i)[0] for i in range(metrics)),
        offsets=raw if long_offsets else tuple(2 * offset for offset in raw),
        ascent=1000 * ascent / units,
        descent=1000 * descent / units,
    )


def outline(face: Typeface, glyph: int) -> bytes:
    return face.tables["glyf"][face.offsets[glyph] : face.offsets[glyph + 1]]


def components(data: bytes) -> list[int]:
    """Glyphs that a composite glyph is made of."""
    if len(data) < 10 or struct.unpack_from(">h", data)[0] >= 0:
        return []
    out, at, flags = [], 10, COMPOSITE_MORE
    while flags & COMPOSITE_MORE:
        flags, glyph = struct.unpack_from(">HH", data, at)
        out.append(glyph)
        at += 4 + (4 if flags & COMPOSITE_WORDS else 2)
        at += 2 if flags & COMPOSITE_SCALE else 4 if flags & COMPOSITE_XY else 8 if flags & COMPOSITE_MATRIX else 0
    return out


def subset(face: Typeface, glyphs: Iterable[int]) -> bytes:
    """A font file with the same glyph numbers in which all other outlines are empty."""
    wanted, queue = {0}, list(glyphs)
    while queue:
        glyph = queue.pop()
        if glyph not in wanted:
            wanted.add(glyph)
            queue += components(outline(face, glyph))
    glyf, loca = bytearray(), [0]
    for glyph in range(len(face.offsets) - 1):
        if glyph in wanted:
            data = outline(face, glyph)
            glyf += data + bytes(-len(data) % 4)
        loca.append(len(glyf))
    tables = {tag: face.tables[tag] for tag in KEPT if tag in face.tables}
    head = bytearray(tables["head"])
    struct.pack_into(">I", head, 8, 0)
    struct.pack_into(">h", head, 50, 1)
    tables |= {"head": bytes(head), "glyf": bytes(glyf), "loca": struct.pack(f">{len(loca)}I", *loca)}
    return assemble(tables)


def checksum(data: bytes) -> int:
    padded = data + bytes(-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF


def assemble(tables: dict[str, bytes]) -> bytes:
    count = len(tables)
    power = count.bit_length() - 1
    out = bytearray(struct.pack(">IHHHH", 0x00010000, count, 16 << power, power, 16 * count - (16 << power)))
    at, body = 12 + 16 * count, bytearray()
    head_at = 0
    for tag, data in sorted(tables.items()):
        if tag == "head":
            head_at = at + len(body)
        out += struct.pack(">4sIII", tag.encode("latin1"), checksum(data), at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    font = out + body
    struct.pack_into(">I", font, head_at + 8, (CHECKSUM_MAGIC - checksum(bytes(font))) & 0xFFFFFFFF)
    return bytes(font)
