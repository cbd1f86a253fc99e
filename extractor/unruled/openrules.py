"""Tables without vertical rules: which horizontal rules stand under each other and make one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractor.elements import Box, Rule
from extractor.geometry import cluster_positions, intersection, overlap
from extractor.ruling.grid import SAME_POSITION

# All lengths are text heights.
LONG = 8.0  # a shorter rule opens no table
STROKE = 1.8  # a shorter rule beside text is a stroke of it
ROOM = 0.85  # rules nearer than this have no row between them
JOINED = 0.8  # a smaller break in a rule is wear
SIDE = 1.2  # a rule that ends so near the table's side reaches it
SAME_BORDER = 0.6  # ends of rules nearer than this are one border
WORN = 2.0  # a break no wider, with text across it above or below, is wear: no cell that spans rows stands there
NARROW = 2.5  # a cell over rows at the table's side is wider than this, or says something
ACROSS = 0.5  # text reaches so far past a break on both sides
PAST = 0.4  # a rule that reaches so far past a line of text at both ends is no stroke of it
LARGER = 1.15  # times the table's lines: a title with a line of its own kind below it, as 部门 and 单位, is so high
ALONE_LARGER = 1.1  # times, the same of a title with no such line
NO_SMALLER = 0.9  # times, the same of a title in the very middle over such a line
BETWEEN = 0.8  # times, the same where something stands at both sides of that line: boxes' heights differ by so much
CLEAR = 0.6  # of its height: so far such titles stand from the rule over them
CLEARER = 1.3  # times as far as one with nothing below it stands from the rule under it
VERY_MIDDLE = 0.6  # by which such a title misses the table's middle
SHORT = 0.5  # share of the table's width: what stands at a side under a title is no longer
CENTRED = 1.5  # by which a title misses the table's middle
AT_SIDE = 2.5  # from a side: where 部门 begins and 单位 ends
TALL_TITLE = 1.35  # a line so much larger than the table's text, above its rules, is a title
TALLER = 1.3  # times the usual height of lines' boxes: where a page leans all boxes are higher than their text

LOOSE = 0.5  # of a table's height: vertical rules shorter than this, all together, are none
OUTER_ROW = 4.0  # text heights: the first or last row of a table without a frame is hardly higher

Run = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Level:
    """Horizontal rules at one height: the stretches they cover, left to right.

    texts: where a line of text stands on that height. No rule runs through it: what seems to is strokes.
    supposed: that it is not drawn; where its stretches end is a guess.
    """

    at: float
    parts: tuple[Run, ...]
    texts: tuple[Run, ...] = ()
    supposed: bool = False

    def covers(self, start: float, end: float) -> float:
        """Share (0..1) of a stretch that rules cover, where no text stands; 0 if text fills half of it."""
        blocked = sum(overlap(start, end, a, b) for a, b in self.texts)
        if blocked > 0.5 * (end - start):
            return 0.0
        covered = sum(
            overlap(start, end, a, b) - sum(overlap(max(start, a), min(end, b), c, d) for c, d in self.texts)
            for a, b in self.parts
        )
        return covered / max(end - start - blocked, 1e-6)

def drop_loose_uprights(rules: Sequence[Rule], lines: Sequence[Box], scale: float) -> list[Rule]:
    """Rules without the vertical ones of tables that have none: strokes of characters standing on each other.

    A table's vertical rules cross its horizontal ones or reach from one to the next; strokes do neither. Those of a
    table without a frame go on into its first or last row, beyond the rule below or above that.
    """
    loose: set[Rule] = set()
    slack = 0.4 * scale
    level = [r for r in rules if r.horizontal and not through_text(r, lines, scale)]
    for levels, x0, x1 in find_stacks(find_levels(level, scale), lines, scale):
        ys = [level.at for level in levels]
        near = [
            r for r in rules
            if not r.horizontal and x0 - scale < r.at < x1 + scale
            and r.start > ys[0] - OUTER_ROW * scale and r.end < ys[-1] + OUTER_ROW * scale
        ]
        inside = [r for r in near if r.start > ys[0] - scale and r.end < ys[-1] + scale]
        standing = sum(
            min(r.end, ys[-1]) - max(r.start, ys[0]) for r in near
            if any(r.start + slack < y < r.end - slack for y in ys)
            or any(r.start < a + slack and r.end > b - slack for a, b in pairwise(ys))
        )
        if standing < LOOSE * (ys[-1] - ys[0]):
            loose |= set(inside)
    return [rule for rule in rules if rule not in loose]


def through_text(rule: Rule, lines: Sequence[Box], scale: float) -> bool:
    """Whether most of a rule runs through the inner part of text lines, as strokes in a row do."""
    length = rule.end - rule.start
    if length < STROKE * scale:
        return any(intersection(line, Box(rule.start, rule.at - 1, rule.end, rule.at + 1)) for line in lines)
    return 0.7 * length < sum(
        overlap(rule.start, rule.end, line.x0, line.x1) for line in lines
        if line.y0 + (rim := _rim(rule, line, scale)) < rule.at < line.y1 - rim
    )


def _rim(rule: Rule, line: Box, scale: float) -> float:
    """How far into a line's box what is no stroke of it may lie: deeper if it reaches past both of the line's ends.

    The detector takes a rule right above or below a text into its box.
    """
    past = rule.start < line.x0 - PAST * scale and rule.end > line.x1 + PAST * scale
    return (0.2 if past else 0.12) * line.height


def _inside(rule: Rule, box: Box, scale: float) -> bool:
    inside = box.y0 - scale < rule.at < box.y1 + scale
    return inside and overlap(rule.start, rule.end, box.x0, box.x1) > 0.5 * (rule.end - rule.start)


def find_levels(rules: Sequence[Rule], scale: float) -> list[Level]:
    """Rules gathered by height; breaks smaller than `JOINED` are closed."""
    out = []
    ats = cluster_positions(((r.at, r.end - r.start) for r in rules), SAME_POSITION * scale)
    nearest = [min(ats, key=lambda a: abs(a - r.at)) for r in rules]
    for at in ats:
        near = sorted((r.start, r.end) for r, own in zip(rules, nearest, strict=True) if own == at)
        parts: list[Run] = []
        for start, end in near:
            if parts and start - parts[-1][1] < JOINED * scale:
                parts[-1] = (parts[-1][0], max(parts[-1][1], end))
            else:
                parts.append((start, end))
        out.append(Level(at, tuple(parts)))
    return _spread(out, scale)


def _spread(levels: Sequence[Level], scale: float) -> list[Level]:
    """Levels with room for text between them: of two that are nearer the one that covers less goes."""
    out: list[Level] = []
    for level in levels:
        if out and level.at - out[-1].at < ROOM * scale:
            if _length(level) > _length(out[-1]):
                out[-1] = level
        else:
            out.append(level)
    return out


def _length(level: Level) -> float:
    return sum(end - start for start, end in level.parts)


def find_stacks(
    levels: Sequence[Level], lines: Sequence[Box], scale: float
) -> list[tuple[list[Level], float, float]]:
    """Levels that stand under each other within the same sides, with no title between; at least two."""
    stacks: list[list[Level]] = []
    wide: list[Level] = []  # the widest level of each stack
    for level in levels:
        extent = level.parts[0][0], level.parts[-1][1]
        if stacks:
            sides = wide[-1].parts[0][0], wide[-1].parts[-1][1]
            shared = overlap(*extent, *sides)
            between = [
                line for line in lines
                if stacks[-1][-1].at < line.center.y < level.at and overlap(line.x0, line.x1, *sides) > 0
            ]
            titled = any(_is_title(line, between, sides, lines, scale) for line in between) or _is_head(
                between, (stacks[-1][-1].at, level.at), sides, lines, scale
            )
            if shared > 0.9 * (extent[1] - extent[0]) and not titled and between:
                stacks[-1].append(level)
                continue
            if shared > 0.9 * (extent[1] - extent[0]) and not titled and level.at - stacks[-1][-1].at < 6 * scale:
                stacks[-1].append(level)
                continue
        stacks.append([level])
        wide.append(level)
    out = []
    for stack in stacks:
        x0 = _middle([level.parts[0][0] for level in stack if level.parts[0][0] < stack[0].parts[0][0] + SIDE * scale])
        x1 = _middle([s.parts[-1][1] for s in stack if s.parts[-1][1] > stack[0].parts[-1][1] - SIDE * scale])
        while len(stack) > 2 and stack[-1].covers(x0, x1) < 0.8:
            stack = stack[:-1]
        if len(stack) >= 2 and x1 - x0 > LONG * scale and stack[0].covers(x0, x1) > 0.8:
            out.append((stack, x0, x1))
    return out


def _is_title(line: Box, between: Sequence[Box], sides: Run, lines: Sequence[Box], scale: float) -> bool:
    """Whether a line is larger than the text between a table's sides and has no other beside it."""
    usual = _middle([other.height for other in lines if sides[0] < other.center.x < sides[1]] or [0.0])
    large = line.height > max(TALL_TITLE * scale / 0.8, TALLER * usual) and line.width > 4 * line.height
    return large and not any(
        other is not line and overlap(line.y0, line.y1, other.y0, other.y1) > 0.5 * other.height for other in between
    )


def _is_head(between: Sequence[Box], rules: Run, sides: Run, lines: Sequence[Box], scale: float) -> bool:
    """Whether what stands between two rules (their heights) is the next table's title and what stands beside it.

    Such a title need not be much larger than the tables' text: it stands alone in the middle, over 部门 and 单位, and
    perhaps over its year, in the middle as well. Above it a note to the table before, or the number of the next one,
    may stand at a side. A title with nothing below it stands clear of the rule above it.
    """
    inside = [line.height for line in lines if sides[0] < line.center.x < sides[1]]
    return bool(inside) and any(_heads(line, between, rules, sides, _middle(inside), scale) for line in between)


def _heads(title: Box, between: Sequence[Box], rules: Run, sides: Run, usual: float, scale: float) -> bool:
    (x0, x1), (above, below) = sides, rules
    notes = [line for line in between if line.y1 < title.center.y]
    rest = [line for line in between if line.y0 > title.center.y]
    missed = abs(title.center.x - (x0 + x1) / 2)
    if len(notes) + len(rest) + 1 < len(between) or missed > CENTRED * scale or title.width < 4 * title.height:
        return False

    def at_side(line: Box) -> bool:
        return line.x0 < x0 + AT_SIDE * scale or line.x1 > x1 - AT_SIDE * scale

    beside = [line for line in rest if at_side(line)]
    if not all(map(at_side, notes)) or not all(
        abs(line.center.x - (x0 + x1) / 2) < CENTRED * scale
        or any(overlap(line.y0, line.y1, b.y0, b.y1) > 0.5 * line.height for b in beside)
        for line in rest
    ):
        return False
    room, larger = title.y0 - above, title.height / usual
    if not beside:
        foot = max(line.y1 for line in (title, *rest))
        return larger > ALONE_LARGER and room > CLEAR * title.height and room > CLEARER * (below - foot)
    if larger > LARGER:
        return True
    # One hardly larger than the text stands in the very middle, on a height of its own, over one line of short texts,
    # or over 部门 at one side and 单位 at the other, a line lower.
    own = title.y0 + title.height / 4, title.y1 - title.height / 4
    level = all(overlap(a.y0, a.y1, b.y0, b.y1) > 0.3 * a.height for a, b in pairwise(beside))
    left, right = min(line.x0 for line in beside), max(line.x1 for line in beside)
    both = left < x0 + AT_SIDE * scale and right > x1 - AT_SIDE * scale
    return (
        larger > (BETWEEN if both else NO_SMALLER) and missed < VERY_MIDDLE * scale
        and (level or (both and len(beside) == 2)) and room > CLEAR * title.height
        and all(line.width < SHORT * (x1 - x0) for line in beside)
        and not any(overlap(*own, line.y0, line.y1) for line in (*notes, *rest))
    )


def mended(level: Level, above: Sequence[Run], below: Sequence[Run], scale: float) -> Level:
    """A level without the small breaks that text crosses in the row above or below (their runs)."""
    parts: list[Run] = []
    for start, end in level.parts:
        if parts and start - parts[-1][1] < WORN * scale and any(
            a < parts[-1][1] - ACROSS * scale and b > start + ACROSS * scale for a, b in (*above, *below)
        ):
            parts[-1] = parts[-1][0], end
        else:
            parts.append((start, end))
    return Level(level.at, tuple(parts), level.texts, level.supposed)


def to_sides(levels: Sequence[Level], strips: Sequence[Sequence[Run]], sides: Run, scale: float) -> tuple[Level, ...]:
    """Levels whose rules reach the table's sides where hardly a character has room between and none stands there.

    strips: the runs of the rows between them. A cell over two rows, so narrow, would be blank: a rule's end is worn.
    """
    (x0, x1), out = sides, list(levels)
    near, slack = SIDE * scale, SAME_BORDER / 3 * scale
    for k in range(1, len(levels) - 1):
        parts, texts = list(levels[k].parts), [*strips[k - 1], *strips[k], *levels[k].texts]
        beside = (levels[k - 1].parts, levels[k + 1].parts)
        start, end = parts[0][0], parts[-1][1]
        left = all(other[0][0] - x0 < near for other in beside) and not any(a < start - slack for a, _ in texts)
        right = all(x1 - other[-1][1] < near for other in beside) and not any(b > end + slack for _, b in texts)
        if left and near < start - x0 < NARROW * scale:
            parts[0] = x0, parts[0][1]
        if right and near < x1 - end < NARROW * scale:
            parts[-1] = parts[-1][0], x1
        out[k] = Level(levels[k].at, tuple(parts), levels[k].texts, levels[k].supposed)
    return tuple(out)


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]

def standing(at: float, lines: Sequence[Box], scale: float) -> tuple[Run, ...]:
    """Stretches of a height on which single text lines stand."""
    return tuple(
        (line.x0, line.x1) for line in lines
        if line.height < 2 * scale and line.y0 + 0.25 * line.height < at < line.y1 - 0.25 * line.height
    )


def ends_of(level: Level, x0: float, x1: float, scale: float) -> list[float]:
    """Where a level's rules end inside the table: borders of the cells that span it."""
    return [
        x for part in level.parts for x in part
        if x0 + SIDE * scale < x < x1 - SIDE * scale
        and not any(a - SAME_BORDER / 3 * scale < x < b + SAME_BORDER / 3 * scale for a, b in level.texts)
    ]
