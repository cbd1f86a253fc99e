"""Whether a PDF page is read from its own text or from its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractor.elements import Box, Warn
from extractor.fontmaps import garbled
from extractor.painted import Painted
from extractor.textlayer import Glyph, is_blank

_FULL_PAGE = 0.8  # share of the page that pictures cover where they are what was scanned
_LARGE_PICTURE = 0.2  # a picture this large beside text may hold a table of its own
_SMALL_PICTURE = 0.03  # below this it is an emblem
_FEW_RULES = 4  # a table's frame: with that many drawn rules, a full-page picture is mere background
_HIDDEN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """`source` as in `RawPage`. `reason` says why a page that has text is not trusted with it."""

    source: str
    reason: str = ""
    warnings: tuple[Warn, ...] = ()


def judge(painted: Painted, glyphs: Sequence[Glyph], page: Box, n_rules: int) -> Verdict:
    """`page` in user space; `n_rules` counts the rules that the page draws."""
    inked = [g for g in glyphs if not is_blank(g.text) and _holds(page, g.box)]
    if painted.nothing:
        return Verdict("text")
    if not inked:
        return Verdict("scan")
    if sum(not g.visible for g in inked) > _HIDDEN_SHARE * len(inked):
        return _distrust("invisible_text", "the text layer is invisible: recognised text behind a picture")
    reason = garbled([g.text for g in inked], sum(not g.mapped for g in inked))
    if reason:
        return _distrust("garbled_text", reason)
    covered = [_share(image.box, page) for image in painted.images]
    if sum(covered) >= _FULL_PAGE:
        top = max(image.order for image, share in zip(painted.images, covered, strict=True) if share > 0)
        if sum(g.order < top for g in inked) > _HIDDEN_SHARE * len(inked):
            return _distrust("covered_text", "a full-page picture covers the text")
        if n_rules < _FEW_RULES:
            return _distrust("text_over_picture", "a full-page picture lies behind the text")
        return Verdict("text")
    bare = [
        share
        for image, share in zip(painted.images, covered, strict=True)
        if share >= _SMALL_PICTURE and not any(_holds(image.box, g.box) for g in inked)
    ]
    if sum(bare) >= _LARGE_PICTURE:
        return _distrust("picture_on_page", "pictures beside the text may hold text of their own")
    if bare:
        return Verdict("text", "", (Warn("picture_not_read", f"{len(bare)} picture(s) beside the text"),))
    return Verdict("text")


def _distrust(code: str, reason: str) -> Verdict:
    return Verdict("scan", reason, (Warn(code, reason),))


def _share(box: Box, page: Box) -> float:
    width = min(box.x1, page.x1) - max(box.x0, page.x0)
    height = min(box.y1, page.y1) - max(box.y0, page.y0)
    return max(0.0, width) * max(0.0, height) / page.area if page.area else 0.0


def _holds(outer: Box, inner: Box) -> bool:
    x, y = (inner.x0 + inner.x1) / 2, (inner.y0 + inner.y1) / 2
    return outer.x0 <= x <= outer.x1 and outer.y0 <= y <= outer.y1
