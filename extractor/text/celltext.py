"""The text of a cell from its lines, and what speaks for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from extractor.elements import Box, TextEvidence, TextLine
from extractor.text.linepieces import in_rows

if TYPE_CHECKING:
    from extractor.text.cellink import CellInk

STARTS_ITEM = re.compile(
    r"^\s*(?:[(（]?[一二三四五六七八九十]{1,3}[)）、.．]|[(（]?\d{1,2}[)）、.．:：](?!\d)|[①-⑳]|[-—·•●◆■☐☑]|目标\s*\d)"
)


def join_lines(lines: Sequence[TextLine], cell: Box) -> str:
    """The text of a cell from its lines: rows from the top, wrapped lines joined, "\\n" before a new item.

    A row that ends well before the others do ends its paragraph, where the text is set from the left.
    """
    by_box: dict[Box, list[TextLine]] = {}
    for line in lines:
        if line.text.strip():
            by_box.setdefault(line.box, []).append(line)
    rows = in_rows([box for box, same in by_box.items() for _ in same])
    out, ends_paragraph = "", False
    right = max((row[-1].x1 for row in rows), default=0.0)
    left = min((row[0].x0 for row in rows), default=0.0)
    for row in rows:
        text, reach = "", None
        for box in row:
            line = by_box[box].pop(0)
            gap = 0.0 if reach is None else box.x0 - reach
            apart = gap > 0.9 * box.height
            text += (" " if apart and text else "") + line.text.strip()
            reach = box.x1
        em = row[0].height
        from_left = row[0].x0 - left < 2.5 * em
        if out:
            new_item = STARTS_ITEM.match(text) is not None
            out += "\n" if new_item or ends_paragraph else _seam(out, text)
        out += text
        ends_paragraph = from_left and right - row[-1].x1 > 2.5 * em and right - left > 6 * em
    return out.strip()


def _seam(before: str, after: str) -> str:
    """A space where a line broke between two Latin words, else nothing."""
    ends = before[-1:], after[:1]
    return " " if all(end.isascii() and end.isalpha() for end in ends) else ""


def evidence_of(lines: Sequence[TextLine], ink: CellInk, cell: Box) -> TextEvidence:
    """What speaks for a scanned cell's text."""
    read = [line for line in lines if line.text.strip()]
    if not read:
        return TextEvidence(None, None, 1.0 if not ink.crops else 0.0, ink.ink, sealed=ink.seal, parted=ink.parted)
    posterior, weakest = 1.0, 1.0
    for line in read:
        posterior *= line.p
        weakest = min([weakest, *(char.p for char in line.chars)])
    return TextEvidence(
        posterior, weakest, ink.coverage, ink.ink,
        agreement=min((line.agreement for line in read if line.agreement is not None), default=None),
        by_words=any(line.by_words for line in read),
        sealed=ink.seal,
        hole=hole_in(read),
        rim=rim_of(read, cell),
        parted=ink.parted,
    )


def hole_in(lines: Sequence[TextLine]) -> float:
    """The widest blank between two of a cell's lines side by side, in line heights."""
    return max((
        (b.x0 - a.x1) / max(a.height, 1e-6) for row in in_rows([line.box for line in lines]) for a, b in pairwise(row)
    ), default=0.0)


def rim_of(lines: Sequence[TextLine], cell: Box) -> float:
    """How far a cell's lines keep from its left and right side, in line heights; below 0 they cross it."""
    return min((min(b.x0 - cell.x0, cell.x1 - b.x1) / max(b.height, 1e-6) for b in (line.box for line in lines)),
               default=1.0)
