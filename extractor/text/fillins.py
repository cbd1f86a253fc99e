"""Places left to be filled in: a line to write on (____年) and a row of dots (……), which no recogniser counts.

A line to write on is a level rule with both ends free inside a cell, level with the feet of the text beside it; it has
as many characters "_" as half ems fit in its length. Dots are as many as there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from extractor.elements import Box, Char, Rule, TextLine
from extractor.geometry import union
from extractor.text.leftover import FEWEST_STEPS, Pieces, em_of, is_wide, steps_of

if TYPE_CHECKING:
    from extractor.elements import Picture

UNDERSCORES = "_＿一—–-"  # what a line to write on is read as
HALF_EM = 0.525  # ems: width of "_", 0.5 in Song faces and up to 0.56 in sans ones
INKED = 0.92  # ems: the longer side of a Chinese character's ink
LIKELY = (0.7, 1.5)  # of a page's usual em: one told by ink
SHORTEST = 2  # characters of a line to write on
FREE_END = 0.2  # ems: its ends keep so far from the cell's sides
CLEAR = 0.12  # ems: and it so far from the cell's upper and lower side
FEET = (-0.15, 0.3)  # ems: its height below the feet of the text beside it
BESIDE = 0.8  # ems: how near the text stands
OVER = 0.3  # ems: a character further inside its ends stands on it: the line is drawn under text
COUNTED = 0.75  # probability that as many marks were printed as were counted
DOT = (0.06, 0.3)  # ems: a dot's side
ROUND = 1.7  # its longer side by the shorter
FEWEST = 3  # dots in a row
PITCH = (0.15, 1.1)  # ems: from dot to dot
EVEN = 0.25  # of the pitch: how far one may differ
BAND = 0.1  # ems: a line's ink lies so near it
ABOVE = (0.35, 0.18)  # ems: above it there is none between these
STOOD_ON = 0.25  # share of its length with ink there, from which it is strokes of characters in a row, not a line
BROKEN = 1.2  # ems: a gap that wear left in it, with no character over it
PIECE = 0.08  # ems: ink beyond such a gap that is no speck
ALIKE = 2.2  # the largest dot's ink by the smallest's
LEVEL = 0.08  # ems: how far a dot stands off its row


def with_fill_ins(
    cell: Box, lines: Sequence[TextLine], rules: Sequence[Rule], ink: Picture, pieces: Pieces
) -> tuple[TextLine, ...]:
    """A cell's lines with "_" for each half em of a level rule that stands free beside them. All in pixels.

    `rules`: the level ones; `ink`: 1 where the page is inked, rules too; `pieces`: its text's ink without them.
    """
    out = list(lines)
    for rule in rules:
        for k, line in enumerate(out):
            em = _em_beside(line, pieces)
            if not _is_free(rule, cell, em) or _is_stood_on(rule, ink, em):
                continue
            filled = _filled(line, _whole(rule, line, cell, ink, em), em)
            if filled is not None:
                out[k] = filled
                break
    return tuple(out)


def _em_beside(line: TextLine, pieces: Pieces) -> float:
    """A line's em; where too few characters stand side by side to tell it, by the size of their ink."""
    em = em_of(line, pieces.scale)
    if len(steps_of(line)) >= FEWEST_STEPS:
        return em
    sizes = []
    for char in line.chars:
        around = Box(char.x - 0.5 * em, line.box.y0, char.x + 0.5 * em, line.box.y1)
        found = pieces.within(around) if is_wide(char) and char.text not in UNDERSCORES else ()
        if len(found):
            box = union([Box(*map(float, one)) for one in found])
            sizes.append(max(box.width, box.height) / INKED)
    own = median(sizes) if sizes else em
    return own if LIKELY[0] * em < own < LIKELY[1] * em else em


def _whole(rule: Rule, line: TextLine, cell: Box, ink: Picture, em: float) -> Rule:
    """A rule out to the ends of its ink, over gaps that wear left, but not under a character.

    Where strokes come down to it from above it ends.
    """
    left, right = round(cell.x0 + FREE_END * em), round(cell.x1 - FREE_END * em)
    rows = [max(0, round(rule.at + share * em)) for share in (-BAND, BAND, -ABOVE[0], -ABOVE[1])]
    own = ink[rows[0] : rows[1] + 1, left:right].any(axis=0)
    own &= ~ink[rows[2] : rows[3] + 1, left:right].any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], own.astype(np.int8), [0]]))).reshape(-1, 2) + left
    over = [char.x for char in line.chars if char.text.strip() and char.text not in UNDERSCORES]
    pieces = [
        (a, b) for a, b in edges.tolist()
        if b - a >= PIECE * em and all(abs((a + b) / 2 - x) > 0.5 * em for x in over)  # or it is a character's foot
    ]
    start, end = rule.start, rule.end

    def joined(a: float, b: float) -> bool:
        return b - a <= BROKEN * em and not any(a <= x <= b for x in over)

    for a, b in reversed(pieces):
        if a < start and joined(b, start):
            start = float(a)
    for a, b in pieces:
        if b > end and joined(end, a):
            end = float(b)
    return replace(rule, start=start, end=end)


def _is_free(rule: Rule, cell: Box, em: float) -> bool:
    return (
        cell.x0 + FREE_END * em < rule.start and rule.end < cell.x1 - FREE_END * em
        and cell.y0 + CLEAR * em < rule.at < cell.y1 - CLEAR * em
    )


def _is_stood_on(rule: Rule, ink: Picture, em: float) -> bool:
    """Whether ink stands over much of a rule: level strokes of neighbours (资金) or a bold 一 and 级 that touch.

    Where the recogniser saw characters tells less: it may be off by a third of an em, and so may a line's box.
    """
    top, foot = max(0, round(rule.at - ABOVE[0] * em)), max(0, round(rule.at - ABOVE[1] * em))
    over = ink[top : foot + 1, max(0, round(rule.start)) : round(rule.end)].any(axis=0)
    return over.size > 0 and float(over.mean()) > STOOD_ON


def _filled(line: TextLine, rule: Rule, em: float) -> TextLine | None:
    """A line with a rule beside it as so many "_", None where it stands elsewhere or characters stand on it."""
    feet = line.box.y1 - 0.15 * line.box.height
    if not FEET[0] * em < rule.at - feet < FEET[1] * em:
        return None
    # What was read of the line itself, wherever on it, is no character that stands on it.
    own = [
        char for char in line.chars
        if char.text in UNDERSCORES and rule.start - OVER * em < char.x < rule.end + OVER * em
    ]
    others = [char for char in line.chars if char.text.strip() and char not in own]
    if not others or any(rule.start + OVER * em < char.x < rule.end - OVER * em for char in others):
        return None
    gap = min(max(rule.start - char.x, char.x - rule.end) for char in others)
    count = round((rule.end - rule.start) / (HALF_EM * em))
    if gap > (0.5 + BESIDE) * em or count < SHORTEST:
        return None
    if len(own) == count and all(char.text in "_＿" for char in own):
        return None
    middle = (rule.start + rule.end) / 2
    before = [char for char in line.chars if char not in own and char.x < middle]
    after = [char for char in line.chars if char not in own and char.x >= middle]
    step = (rule.end - rule.start) / count
    marks = [Char("_", COUNTED if not k else 1.0, rule.start + (k + 0.5) * step) for k in range(count)]
    chars = (*before, *marks, *after)
    box = union([line.box, Box(rule.start, line.box.y0, rule.end, line.box.y1)])
    return replace(line, text="".join(char.text for char in chars), chars=chars, box=box)


def dots(found: Picture, cell: Box, em: float) -> TextLine | None:
    """The row of dots that all of a blank cell's ink is, None for any other. `found`: boxes (n, 4) of its ink."""
    sides = found[:, 2:] - found[:, :2]
    if not FEWEST <= len(found) <= cell.width / (PITCH[0] * em):
        return None
    large, small = sides.max(axis=1), sides.min(axis=1)
    steps = np.diff((found[:, 0] + found[:, 2]) / 2)
    heights = (found[:, 1] + found[:, 3]) / 2
    pitch = float(np.median(steps))
    inked = sides.prod(axis=1)
    is_row = (
        bool((small >= DOT[0] * em).all() and (large <= DOT[1] * em).all())
        and bool((large <= ROUND * small + 1).all())
        and PITCH[0] * em <= pitch <= PITCH[1] * em
        and bool((np.abs(steps - pitch) <= EVEN * pitch + 1).all())
        and float(inked.max()) <= ALIKE * float(inked.min())
        and bool((np.abs(heights - np.median(heights)) <= LEVEL * em + 1).all())
        and float(found[0, 0]) > cell.x0 + FREE_END * em and float(found[-1, 2]) < cell.x1 - FREE_END * em
    )
    if not is_row:
        return None
    x0, y0, x1, y1 = float(found[0, 0]), float(found[:, 1].min()), float(found[-1, 2]), float(found[:, 3].max())
    box = Box(x0, y0 - 0.5 * em, x1, y1 + 0.2 * em)
    chars = tuple(
        Char(".", COUNTED if not k else 1.0, float(left + right) / 2) for k, (left, _, right, _) in enumerate(found)
    )
    return TextLine("." * len(chars), box, chars)
