"""Tables of a text page that no vertical rules divide, from where its characters stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractor.elements import Box, Grid, Rule, TextLine
from extractor.unruled.borderless import find_unruled
from extractor.unruled.openrows import OpenGrid
from extractor.unruled.tablewords import is_beside_table, is_named_table
from extractor.unruled.underheads import with_bodies
from extractor.unruled.whitespace import find_borderless

PARTED = 0.6  # text heights between two characters that a column's gap parts; a word's blank is 0.25 to 0.5
NARROW, WIDE = 0.5, 0.95  # text heights: width of a Latin character, of a Chinese one
JOINED = 0.28  # text heights: characters nearer than this are one run


def find_open(
    rules: Sequence[Rule], lines: Sequence[TextLine], ruled: Sequence[Grid], scale: float, numbers: bool
) -> list[OpenGrid]:
    """Tables of a text page without vertical rules.

    Those without any rule only where `numbers` stand in columns, or their words say that they are tables.
    """
    boxes = [box for line in lines for box in _words(line)]
    runs = TextRuns(tuple(box for line in lines for box in _letters(line)))
    found = find_unruled(rules, runs, boxes, ruled, scale)
    # What is printed above a table, its unit and whose it is, and the notes below it, may stand as its columns do.
    boxes = [box for line in lines if not is_beside_table(line.text) for box in _words(line)]
    found, bare = with_bodies(
        found, lambda taken: find_borderless(boxes, runs, [*(one.box for one in ruled), *taken], scale), runs
    )
    return found + [one for one in bare if numbers or is_named_table(one.grid.box, lines)]


def _words(line: TextLine) -> list[Box]:
    """A line's box cut where a blank is wider than any between words: the layer may hold a whole row for one line."""
    letters = _letters(line)
    cuts = [k for k in range(1, len(letters)) if letters[k].x0 - letters[k - 1].x1 > PARTED * line.box.height]
    ends = [0, *cuts, len(letters)]
    return [Box(letters[a].x0, line.box.y0, letters[b - 1].x1, line.box.y1) for a, b in pairwise(ends) if b > a]


def _letters(line: TextLine) -> list[Box]:
    """A box for each character of a line: the layer tells where their middles are, their kind how wide they are."""
    em = line.box.height
    return [
        Box(char.x - half, line.box.y0, char.x + half, line.box.y1)
        for char in line.chars if char.text != " "
        for half in ((NARROW if char.text.isascii() else WIDE) * em / 2,)
    ]


@dataclass(frozen=True, slots=True)
class TextRuns:
    """Runs (x0, x1) of text in a strip of the page, as `inkruns.InkRuns` gives them for a scan."""

    letters: tuple[Box, ...]

    def __call__(self, strip: Box) -> list[tuple[float, float]]:
        inside = sorted(
            (b.x0, b.x1, b.height) for b in self.letters
            if strip.y0 < b.center.y < strip.y1 and b.x1 > strip.x0 and b.x0 < strip.x1
        )
        runs: list[tuple[float, float]] = []
        for x0, x1, em in inside:
            if runs and x0 <= runs[-1][1] + JOINED * em:
                runs[-1] = runs[-1][0], max(runs[-1][1], x1)
            else:
                runs.append((x0, x1))
        return runs
