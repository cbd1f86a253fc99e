"""The text layer of a PDF page: characters with their places, in lines that never cross a rule."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2.raw as pdfium_c

from extractor.affine import IDENTITY, Affine, apply, apply_box, scale_of
from extractor.elements import Box, Char, Rule, TextLine
from extractor.source.fontmaps import mend
from extractor.source.painted import Painted, PaintedText

if TYPE_CHECKING:
    from numpy.typing import NDArray

# In multiples of the type size.
WIDE_GAP = 1.2  # characters further apart belong to different lines
SAME_BASELINE = 0.3
BACK = 0.6  # how far a character may begin before the last one's end (kerning, squeezed spacing)
ASCENT = 0.88  # the ideographic em box stands this far above the baseline, the rest below
_SLANTED = math.radians(3)  # text this far off the four directions is a watermark, not table text
_ODD_SIZE = 3.0  # a character this many times higher than its font size: a drawn font with units of its own
_ASTRAY = 0.3  # of the type's size: no character stands so far off the baseline of its own text object
_UNMAPPED_P = 0.5  # a character whose code the font does not explain


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character in user space: `box` is advance by font height, `angle` its baseline's, counter-clockwise."""

    text: str
    box: Box
    x: float
    y: float
    size: float
    angle: float
    visible: bool
    mapped: bool
    order: int
    inside: bool  # its centre lies within the clip of its text object
    white: bool = False


def read_glyphs(textpage: Any, painted: Painted) -> list[Glyph]:
    """Characters of the page's own text, in the order the page writes them; blanks that pdfium guesses are left out."""
    glyphs: list[Glyph] = []
    rect = pdfium_c.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    raw = textpage.raw
    known: dict[int, tuple[PaintedText, float, float]] = {}
    for i in range(pdfium_c.FPDFText_CountChars(raw)):
        if pdfium_c.FPDFText_IsGenerated(raw, i) == 1:
            continue
        code = pdfium_c.FPDFText_GetUnicode(raw, i)
        handle = pdfium_c.FPDFText_GetTextObject(raw, i)
        if not handle:
            continue
        address = ctypes.addressof(handle.contents)
        if address not in known:
            paint = painted.texts.get(address)
            if paint is None:
                continue
            a, b = paint.matrix[0], paint.matrix[1]
            known[address] = paint, paint.size * scale_of(paint.matrix), math.atan2(b, a)
        paint, size, angle = known[address]
        pdfium_c.FPDFText_GetLooseCharBox(raw, i, rect)
        pdfium_c.FPDFText_GetCharOrigin(raw, i, x, y)
        box = Box(rect.left, min(rect.bottom, rect.top), rect.right, max(rect.bottom, rect.top))
        at = x.value, y.value
        if _strayed(paint, at, size):
            at, box = apply(paint.outer, *at), apply_box(paint.outer, box)
        text = "-" if code == 2 and pdfium_c.FPDFText_IsHyphen(raw, i) == 1 else chr(code) if code else "\ufffd"
        mapped = pdfium_c.FPDFText_HasUnicodeMapError(raw, i) != 1
        inside = paint.clip is None or _holds(paint.clip, box)
        own = box.height if abs(math.cos(angle)) > 0.5 else box.width
        size = own if own > _ODD_SIZE * size else size
        glyphs.append(
            Glyph(text, box, *at, size, angle, paint.visible, mapped, paint.order, inside, paint.white)
        )
    return _seen(glyphs, painted)


def _strayed(paint: PaintedText, at: tuple[float, float], size: float) -> bool:
    """Whether a character stands off its text's baseline because pdfium left its form's matrix out.

    It does so with text that an ActualText replaces; Chromium writes one for every character whose glyph has two codes.
    """
    if paint.outer == IDENTITY:
        return False
    a, b, _, _, e, f = paint.matrix

    def off(point: tuple[float, float]) -> float:
        return abs((point[1] - f) * a - (point[0] - e) * b) / max(math.hypot(a, b), 1e-9)

    return off(at) > _ASTRAY * size >= off(apply(paint.outer, *at))


def _seen(glyphs: list[Glyph], painted: Painted) -> list[Glyph]:
    """Mark what cannot be seen though it is drawn: under a later opaque fill, or white with nothing dark behind."""
    if not glyphs or not (painted.fills or any(g.white for g in glyphs)):
        return glyphs
    boxes = np.array([g.box for g in glyphs])
    x, y = (boxes[:, :2] + boxes[:, 2:]).T[:, :, None] / 2
    orders = np.array([g.order for g in glyphs])[:, None]
    white = np.array([g.white for g in glyphs])

    def over(fills: Sequence[Box], painted_at: Sequence[int], later: bool) -> NDArray[np.bool_]:
        if not fills:
            return np.zeros(len(glyphs), bool)
        x0, y0, x1, y1 = np.array(fills).T
        when = np.array(painted_at)
        below = when > orders if later else when < orders
        found: NDArray[np.bool_] = ((x0 < x) & (x < x1) & (y0 < y) & (y < y1) & below).any(axis=1)
        return found

    first = int(orders.min())
    covers = [f for f in painted.fills if f.opaque and f.order > first]
    hidden = over([f.box for f in covers], [f.order for f in covers], later=True)
    if white.any():
        backs = [(f.box, f.order) for f in painted.fills if f.dark] + [(i.box, i.order) for i in painted.images]
        hidden |= white & ~over([box for box, _ in backs], [order for _, order in backs], later=False)
    return [replace(g, visible=False) if gone else g for g, gone in zip(glyphs, hidden, strict=True)]


def _holds(outer: Box, box: Box) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return outer.x0 <= x <= outer.x1 and outer.y0 <= y <= outer.y1


def is_blank(text: str) -> bool:
    return not text.strip() or text in "\u200b\u200c\u200d\ufeff\u2060\u00ad"


def main_direction(glyphs: Iterable[Glyph]) -> int:
    """How the page's text runs in user space: 0, 90, 180, 270 degrees counter-clockwise, by the most characters."""
    votes = Counter(direction for g in glyphs if not is_blank(g.text) and (direction := _direction(g)) is not None)
    return votes.most_common(1)[0][0] if votes else 0


def _direction(glyph: Glyph) -> int | None:
    quarter = round(glyph.angle / (math.pi / 2))
    if abs(glyph.angle - quarter * math.pi / 2) > _SLANTED:
        return None
    return quarter % 4 * 90


@dataclass(frozen=True, slots=True)
class _Placed:
    """A character in page points (y down), text running to the right unless `sideways`."""

    text: str
    box: Box
    baseline: float
    size: float
    p: float
    x: float = 0.0  # where the character's advance begins; `box` may hug the ink


def text_lines(
    glyphs: Sequence[Glyph], direction: int, to_page: Affine, page: Box, rules: Sequence[Rule]
) -> tuple[tuple[TextLine, ...], int]:
    """Lines in reading order, and how many characters were left out: outside the page, clipped away or slanted.

    `direction` is the one that runs to the right in the page `to_page` leads to.
    """
    placed: list[_Placed] = []
    sideways: list[_Placed] = []
    left_out = 0
    zoom = scale_of(to_page)
    for glyph in glyphs:
        own = _direction(glyph)
        box = apply_box(to_page, glyph.box)
        if own is None or not _holds(page, box) or not glyph.inside or not glyph.visible:
            left_out += not is_blank(glyph.text)
            continue
        for text in mend(glyph.text):
            p = 1.0 if glyph.mapped else _UNMAPPED_P
            x, y = apply(to_page, glyph.x, glyph.y)
            if own == direction:
                size = glyph.size * zoom or box.height
                box = Box(box.x0, y - ASCENT * size, box.x1, y + (1 - ASCENT) * size)
                placed.append(_Placed(text, box, y, size, p, x))
            else:
                sideways.append(_Placed(text, box, y, glyph.size * zoom or box.width, p, x))
    walls = [r for r in rules if not r.horizontal]
    runs = _merge(_runs(_once(placed), walls), walls)
    lines = [_line(run) for run in runs]
    lines += [_line(run) for run in _sideways_runs(_once(sideways), [r for r in rules if r.horizontal])]
    lines = [line for line in lines if line.text]
    return tuple(sorted(lines, key=lambda line: (line.box.y0 + line.box.y1, line.box.x0))), left_out


def _once(placed: list[_Placed]) -> list[_Placed]:
    """Drop second copies that producers draw for bold or shadowed type."""
    seen: dict[str, list[_Placed]] = {}
    copies: set[int] = set()
    for i, char in sorted(enumerate(placed), key=lambda item: item[1].x):
        reach = 0.2 * char.size or 1.0
        same = seen.setdefault(char.text, [])
        for other in reversed(same):
            if char.x - other.x >= reach:
                break
            if abs(other.baseline - char.baseline) < reach:
                copies.add(i)
        same.append(char)
    return [char for i, char in enumerate(placed) if i not in copies]


def _crossed(walls: Sequence[Rule], left: _Placed, right: _Placed) -> bool:
    """Whether a vertical rule stands between two characters' centres at their height."""
    a, b = sorted((left.box.x0 + left.box.x1, right.box.x0 + right.box.x1))
    middle = (left.box.y0 + left.box.y1) / 2
    return any(a < 2 * w.at < b and w.start < middle < w.end for w in walls)


def _joins(last: _Placed, char: _Placed, gap_limit: float) -> bool:
    size = max(last.size, char.size)
    gap = char.box.x0 - last.box.x1
    return abs(char.baseline - last.baseline) <= SAME_BASELINE * size and -BACK * size <= gap <= gap_limit * size


def _runs(placed: list[_Placed], walls: Sequence[Rule]) -> list[list[_Placed]]:
    """Characters in writing order, cut where the next one does not follow on; a blank joins only between two others."""
    runs: list[list[_Placed]] = []
    blank = False
    for char in placed:
        if is_blank(char.text):
            blank = True
            continue
        last = runs[-1][-1] if runs else None
        if last is not None and _joins(last, char, WIDE_GAP) and not _crossed(walls, last, char):
            if blank:
                between = Box(last.box.x1, last.box.y0, max(last.box.x1, char.box.x0), last.box.y1)
                runs[-1].append(_Placed(" ", between, char.baseline, char.size, 1.0))
            runs[-1].append(char)
        else:
            runs.append([char])
        blank = False
    return runs


def _merge(runs: list[list[_Placed]], walls: Sequence[Rule]) -> list[list[_Placed]]:
    """Runs side by side on one baseline become one, in whatever order the page wrote them."""
    out: list[list[_Placed]] = []
    reach = SAME_BASELINE * max((run[0].size for run in runs), default=1.0) or 1.0
    rows: dict[int, list[list[_Placed]]] = {}
    for run in sorted(runs, key=lambda r: (r[0].box.x0, r[0].baseline)):
        row = math.floor(run[0].baseline / reach)
        near = [other for k in (row - 1, row, row + 1) for other in rows.get(k, ())]
        for other in near:
            if _joins(other[-1], run[0], WIDE_GAP / 2) and not _crossed(walls, other[-1], run[0]):
                gap = run[0].box.x0 - other[-1].box.x1
                if gap > 0.2 * run[0].size and other[-1].text.isascii() and run[0].text.isascii():
                    between = Box(other[-1].box.x1, run[0].box.y0, run[0].box.x0, run[0].box.y1)
                    other.append(_Placed(" ", between, run[0].baseline, run[0].size, 1.0))
                other.extend(run)
                break
        else:
            out.append(list(run))
            rows.setdefault(row, []).append(out[-1])
    return out


def _sideways_runs(placed: list[_Placed], rules: Sequence[Rule]) -> list[list[_Placed]]:
    """Text turned against the page's: one line for each stretch in one column, cut at horizontal rules."""
    runs: list[list[_Placed]] = []
    for char in placed:
        if is_blank(char.text):
            continue
        last = runs[-1][-1] if runs else None
        follows = last is not None and (
            abs(char.box.center.x - last.box.center.x) <= char.size
            and abs(char.box.center.y - last.box.center.y) <= (1 + WIDE_GAP) * char.size
            and not any(
                min(char.box.center.y, last.box.center.y) < r.at < max(char.box.center.y, last.box.center.y)
                and r.start < char.box.center.x < r.end
                for r in rules
            )
        )
        if follows:
            runs[-1].append(char)
        else:
            runs.append([char])
    return runs


def _line(run: list[_Placed]) -> TextLine:
    chars = tuple(Char(c.text, c.p, (c.box.x0 + c.box.x1) / 2) for c in run)
    inked = [c for c in run if c.text != " "]
    box = Box(
        min(c.box.x0 for c in inked),
        min(c.box.y0 for c in inked),
        max(c.box.x1 for c in inked),
        max(c.box.y1 for c in inked),
    )
    return TextLine("".join(c.text for c in chars), box, chars)


def type_size(glyphs: Iterable[Glyph]) -> float:
    """Median type size in points; 10 where there is no text."""
    sizes = [g.size for g in glyphs if g.size > 0 and not is_blank(g.text)]
    return median(sizes) if sizes else 10.0
