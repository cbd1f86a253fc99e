"""Whether a PDF page is read from its own text or from its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractor.elements import Box, Warn
from extractor.source.fontmaps import garbled
from extractor.source.painted import Painted
from extractor.source.textlayer import Glyph, is_blank

_FULL_PAGE = 0.8  # share of the page that pictures cover where they are what was scanned
_LARGE_PICTURE = 0.2  # a picture this large beside text may hold a table of its own
_SMALL_PICTURE = 0.03  # below this it is an emblem
_FEW_RULES = 4  # a table's frame: with that many drawn rules, a full-page picture is mere background
_HIDDEN_SHARE = 0.5
_BACKGROUND = 0.5  # share of the page's text that a mere background picture carries
# Text turned into outlines: shapes are counted that are no rectangles; a form with real text has a handful.
_OUTLINES = 150
_OUTLINES_PER_CHARACTER = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`source` as in `RawPage`. A warning says why a page that has text is not trusted with it."""

    source: str
    warnings: tuple[Warn, ...] = ()


def judge(painted: Painted, glyphs: Sequence[Glyph], page: Box, n_rules: int) -> Verdict:
    """`page` in user space; `n_rules` counts the rules that the page draws."""
    if painted.nothing:
        return Verdict("text")
    inked = [g for g in glyphs if not is_blank(g.text) and _holds(page, g.box)]
    shown = [g for g in inked if g.visible]
    if not inked:
        return Verdict("scan")
    if len(shown) <= (1 - _HIDDEN_SHARE) * len(inked):
        return _distrust("invisible_text", "the text layer is invisible: recognised text behind a picture")
    reason = garbled([g.text for g in shown], sum(not g.mapped for g in shown))
    if reason:
        return _distrust("garbled_text", reason)
    if painted.other >= _OUTLINES and painted.other > _OUTLINES_PER_CHARACTER * len(shown):
        return _distrust("outlined_text", "most of the page is drawn in outlines, which may be text")
    return _judge_pictures(painted, shown, page, n_rules)


def _judge_pictures(painted: Painted, shown: Sequence[Glyph], page: Box, n_rules: int) -> Verdict:
    """What pictures beside, behind or over good text mean: is one of them the page itself?"""
    shares = [(image, _share(image.box, page)) for image in painted.images]
    if sum(share for _, share in shares) >= _FULL_PAGE:
        top = max(image.order for image, share in shares if share > 0)
        if sum(g.order < top for g in shown) > _HIDDEN_SHARE * len(shown):
            return _distrust("covered_text", "a full-page picture covers the text")
        if n_rules < _FEW_RULES:
            return _distrust("text_over_picture", "a full-page picture lies behind the text")
        return Verdict("text")
    apart = [
        share for image, share in shares
        if share >= _SMALL_PICTURE and sum(_holds(image.box, g.box) for g in shown) < _BACKGROUND * len(shown)
    ]
    if sum(apart) >= _LARGE_PICTURE:
        return _distrust("picture_on_page", "pictures beside the text may hold text of their own")
    if apart:
        return Verdict("text", (Warn("picture_not_read", f"{len(apart)} picture(s) beside the text"),))
    return Verdict("text")


def _distrust(code: str, reason: str) -> Verdict:
    return Verdict("scan", (Warn(code, reason),))


def _share(box: Box, page: Box) -> float:
    width = min(box.x1, page.x1) - max(box.x0, page.x0)
    height = min(box.y1, page.y1) - max(box.y0, page.y0)
    return max(0.0, width) * max(0.0, height) / page.area if page.area else 0.0


def _holds(outer: Box, inner: Box) -> bool:
    x, y = (inner.x0 + inner.x1) / 2, (inner.y0 + inner.y1) / 2
    return outer.x0 <= x <= outer.x1 and outer.y0 <= y <= outer.y1
