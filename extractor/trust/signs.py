"""What speaks for and against a cell's text, its place and a whole grid: the plain numbers that confidence is made of.

Each sign is one float of a frozen value, computed from what the stages kept (`TextEvidence`, `PlaceEvidence`, the
characters' posteriors) and from the table around the cell: `textsigns` and `placesigns` do it, `signing` for a whole
document. No sign knows what kind of scan a page is. Lengths are in text heights, log-odds are kept within ±`SUREST`
of the grid or ±`CERTAIN` of the characters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from extractor.elements import SUREST

CERTAIN = 9.0  # log-odds of a character beyond which the recogniser's figure says nothing more
MANY = 3  # sums of one number: more say no more
MOST_BACKED = 3.0  # log of 1 + cells: more say no more


@dataclass(frozen=True, slots=True)
class TextSigns:
    """Of a cell's text. kind: "read" from a picture, "number" (the same, digits without Chinese), "blank" (nothing
    read there), "exact" (a text layer).

    worst: log-odds of the least sure character. whole: of all characters together. rival: log of the least ratio of a
    character's posterior to its runner-up's. unsure: characters below 0.9; all four without spaces, and with a
    character's look-alikes (（ and () as one with it. missed: posterior of the likeliest character left out. wide: log
    of how much wider than its line's others the widest step from one character to the next is. strange, worded: as in
    `Wording`. unread: share of ink outside the lines read. length: log of the number of characters. lines: lines
    after the first. height: log of the text's height in pixels. sealed, parted, seam: under a seal, cut by a border,
    by a page break (0 or 1). wear, around: of the page's rules, and mean doubt of the worst characters in the rest of
    the table. hole, rim: as in `TextEvidence`. loose: log of how much wider or closer its characters are set than the
    table's. odd: digits in what is neither number nor Chinese. misfit: a number written unlike its column's others.
    glyphs: log of 1 + characters easily taken for others; lone: one such is all; single: any other character is.
    known: log of how often the document says the same. near: the same for the commonest other text that differs by
    one character. unpaired: brackets without their other half. ink: percent of a blank cell's area. crops: something
    was read and nothing came of it. habit, beside: share of filled cells in its column, in its row. in_sums, held,
    failed, blamed: whether sums say anything of it, how many it keeps, breaks, whether it alone breaks them.
    column_held, row_held: logs of 1 + other numbers in its columns, its rows, that keep a sum. sound: log-odds of the
    document's numbers for keeping sums. corrected, swap: put in for another by sums, log-odds of that by the pixels.
    second: agreement of two readings. by_words, covered: as in `TextEvidence`. contested: like `worst`, of what the
    characters found alone share among them: a character without a rival is sure to be that one, if it is any. backed:
    log of 1 + other cells that have the least backed of its unsure characters beside the same neighbour. part_of: by
    how much the commonest text that is this one and a character more is commoner than it (logs). fringe: it begins
    or ends with a mark that no text begins or ends with. disordered: as in `disordered_codes`. series: 1 for a
    text read from a picture that breaks a series or a sum (`sequences`, `disordered_names`, `nearnumbers`, `slips`); no
    curve, it holds the text down.
    """

    kind: str
    worst: float = CERTAIN
    whole: float = CERTAIN
    rival: float = CERTAIN
    unsure: float = 0.0
    unread: float = 0.0
    length: float = 0.0
    lines: float = 0.0
    height: float = 3.0
    sealed: float = 0.0
    parted: float = 0.0
    seam: float = 0.0
    wear: float = 0.0
    around: float = 0.0
    hole: float = 0.0
    rim: float = 1.0
    loose: float = 0.0
    odd: float = 0.0
    misfit: float = 0.0
    glyphs: float = 0.0
    lone: float = 0.0
    known: float = 0.0
    near: float = 0.0
    unpaired: float = 0.0
    ink: float = 0.0
    crops: float = 0.0
    habit: float = 0.0
    beside: float = 0.0
    in_sums: float = 0.0
    held: float = 0.0
    failed: float = 0.0
    blamed: float = 0.0
    corrected: float = 0.0
    swap: float = 0.0
    second: float = 1.0
    by_words: float = 0.0
    covered: float = 0.0
    missed: float = 0.0
    wide: float = 0.0
    strange: float = 0.0
    worded: float = 1.0
    single: float = 0.0
    column_held: float = 0.0
    row_held: float = 0.0
    sound: float = 0.0
    contested: float = CERTAIN
    backed: float = MOST_BACKED
    part_of: float = 0.0
    fringe: float = 0.0
    disordered: float = 0.0
    series: float = 0.0


@dataclass(frozen=True, slots=True)
class TableSigns:
    """Of a whole grid. kind: "open" where not all its borders are drawn, else "exact" on a text page, "ruled" on a
    picture.

    sides, inner, line: the least log-odds of all cells' evidence of that kind. weak: log of 1 + cells with a
    doubtful edge. wear, around: as in `TextSigns`. height: log of the text's height in pixels. rows, cols: logs of
    their numbers. breaks: page breaks inside. seams: log of 1 + cells joined over them. gained: columns that no
    single page has. holes, doubles: logs of 1 + cells with a hole, with two numbers. parted: share of cells cut at
    a border. blank_cols, blank_rows: wholly blank ones. mixed: mean over columns of how evenly numbers and words
    share them. narrow: the narrowest column's width, in low rows' heights. headless, untitled: 0 or 1.
    loose_end: it begins or ends a page as a table does that goes on. unclosed: outer sides above and below that no
    rule closes. held, failed: logs of 1 + numbers that keep a sum, that only break some. thin: height of the
    lowest row beside a line's. doubt: of its most doubtful join over pages. strays: log of 1 + lines of text
    beside it that no table holds. astray, bare, needless, rare, abuts, follows, dangling: as in `gridsigns.Layout`,
    counts and lengths as logs of 1 + them. veiled: the widest blank between two texts side by side in a cell under a
    seal, which may have taken the border there, in text heights.
    """

    kind: str
    sides: float = SUREST
    inner: float = SUREST
    line: float = SUREST
    weak: float = 0.0
    wear: float = 0.0
    around: float = 0.0
    height: float = 3.0
    rows: float = 0.0
    cols: float = 0.0
    breaks: float = 0.0
    seams: float = 0.0
    gained: float = 0.0
    holes: float = 0.0
    doubles: float = 0.0
    parted: float = 0.0
    blank_cols: float = 0.0
    blank_rows: float = 0.0
    mixed: float = 0.0
    narrow: float = 3.0
    headless: float = 0.0
    untitled: float = 0.0
    loose_end: float = 0.0
    unclosed: float = 0.0
    held: float = 0.0
    failed: float = 0.0
    thin: float = 1.0
    doubt: float = 0.0
    strays: float = 0.0
    astray: float = 0.0
    bare: float = 0.0
    needless: float = 0.0
    rare: float = 0.0
    abuts: float = 0.0
    follows: float = 0.0
    dangling: float = 0.0
    veiled: float = 0.0


@dataclass(frozen=True, slots=True)
class PlaceSigns:
    """Of a cell's place in its table, whose own signs stand beside these.

    sides, inner, above, left: its `PlaceEvidence`. place: log-odds of the grid's own product. spans: it spans
    several positions. seam, later: cut by a page break; on a later page than the table's first. hole, double,
    parted, rim: as in `TextSigns` and `TableSigns`. blank: without text. across, along: the least log-odds of
    sides in its column, in its row. deep: log of rows above it. head: in a header row. held, failed, column_held,
    row_held: as in `TextSigns`. What a false or a lost line before it leaves behind, down to its own row or column:
    low: height of the lowest row beside a line's; slim: width of the narrowest column, in low rows' heights;
    empty_rows, empty_cols: wholly blank ones; cut: log of 1 + cells whose text a border cuts, in columns up to its
    own; stacked: log of 1 + cells with two amounts, in rows down to its own.
    """

    sides: float = SUREST
    inner: float = SUREST
    above: float = SUREST
    left: float = SUREST
    place: float = SUREST
    spans: float = 0.0
    seam: float = 0.0
    later: float = 0.0
    hole: float = 0.0
    double: float = 0.0
    parted: float = 0.0
    rim: float = 1.0
    blank: float = 0.0
    across: float = SUREST
    along: float = SUREST
    deep: float = 0.0
    head: float = 0.0
    held: float = 0.0
    failed: float = 0.0
    column_held: float = 0.0
    row_held: float = 0.0
    low: float = 1.0
    slim: float = 3.0
    empty_rows: float = 0.0
    empty_cols: float = 0.0
    cut: float = 0.0
    stacked: float = 0.0


@dataclass(frozen=True, slots=True)
class CellSigns:
    text: TextSigns
    place: PlaceSigns


@dataclass(frozen=True, slots=True)
class SignedTable:
    """A table's signs and those of its cells, in the order of `WholeTable.cells`."""

    table: TableSigns
    cells: tuple[CellSigns, ...]


def log_odds(p: float, most: float) -> float:
    """Log-odds of a probability, within ±most."""
    if p <= 0.0:
        return -most
    if p >= 1.0:
        return most
    return max(-most, min(most, math.log(p / (1.0 - p))))
