"""Streaks that a device drew from edge to edge of a page: dirt on the glass of a fax or a scanner.

They are as straight as rules and cross a table's, but they begin before its first rule of the other direction and
end after its last one, in both of the page's margins, where no other rule ends.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter

from extractor.elements import Rule

PAST = 1.0  # text heights: how far past the outermost crossing rules no rule of a table goes
ACROSS = 0.9  # of the page: a streak's pieces and the gaps between them are as long
WHOLE = 0.6  # of that length: ink; the rest was worn off or lies under other ink
LEAST = 2.0  # text heights: what is shorter may be a stroke, of which a page of text has many; its ends say nothing
ALIKE = 0.6  # text heights: rules that end so near to each other end at one side of a table, drawn or not
SIDE = 2  # rules at least that end at an inner rule and where a track ends: that is a table's side, not the paper's
ON_TRACK = 0.25  # text heights: pieces this near across are on one track
EDGES = 0.97  # of the page: so long a track runs into both its edges, as no rule of a table with margins does
AT_END = 0.5  # text heights: a rule that ends so near another ends at it
SIDES = 0.3  # share of the ends of the rules that cross tracks: where so many lie at them, they are a table's sides
SLOPE = 0.02  # a deskewed page's streak leans as much as the page did: pieces of one lie on such a track


def drop_streaks(rules: Sequence[Rule], size: tuple[float, float], scale: float) -> list[Rule]:
    """Rules without streaks and their pieces. size: the page's width and height; scale: text height; all in pixels.

    Where most rules run past those they cross, or shorter ones end where they do, the table is open at its sides, and
    they are no streaks; but what runs into both edges of the page across rules that all end elsewhere is one, be there
    other rules beside it or not.
    """
    lost: set[Rule] = set()
    for horizontal in (True, False):
        alike = [rule for rule in rules if rule.horizontal == horizontal]
        others = [rule for rule in rules if rule.horizontal != horizontal]
        page = size[0] if horizontal else size[1]
        streaks: list[list[Rule]] = []
        tracks = sorted(alike, key=attrgetter("at"))
        reach = _off_track(scale, page)  # no piece of a rule's track lies further off
        for rule in alike:
            near = tracks[
                bisect_left(tracks, rule.at - reach, key=attrgetter("at")) :
                bisect_right(tracks, rule.at + reach, key=attrgetter("at"))
            ]  # fmt: skip
            pieces = [piece for piece in near if _one_track(rule, piece, scale)]
            if not any(rule in streak for streak in streaks) and _is_streak(pieces, others, page, scale):
                streaks.append(pieces)
        if not streaks:
            continue
        found = {piece for streak in streaks for piece in streak}
        ended = [
            rule for rule in alike
            if rule not in found and rule.end - rule.start > LEAST * scale and _ends_at_another([rule], others, scale)
        ]
        streaks = [streak for streak in streaks if not _ends_at_a_side(streak, ended, scale)]
        found = {piece for streak in streaks for piece in streak}
        if len(ended) > len(streaks) or (streaks and _foreign(streaks, others, page, scale)):
            lost |= found
    return [rule for rule in rules if rule not in lost]


def _foreign(streaks: Sequence[Sequence[Rule]], others: Sequence[Rule], page: float, scale: float) -> bool:
    """Whether tracks from edge to edge of the page have nothing to do with the rules that they cross.

    On a page whose tables have level rules only, no other upright rule tells how a table's own ones end.
    """
    if any(_end(streak) - _start(streak) < EDGES * page for streak in streaks):
        return False
    ats = [piece.at for streak in streaks for piece in streak]
    crossing = [other for other in others if any(other.start < at < other.end for at in ats)]
    near = [
        any(abs(end - at) < AT_END * scale for at in ats)
        for other in others for end in (other.start, other.end) if other.end - other.start > scale
    ]
    return len(crossing) > len(streaks) and sum(near) < SIDES * len(near)


def _start(pieces: Sequence[Rule]) -> float:
    return min(piece.start for piece in pieces)


def _end(pieces: Sequence[Rule]) -> float:
    return max(piece.end for piece in pieces)


def _one_track(rule: Rule, piece: Rule, scale: float) -> bool:
    apart = max(0.0, piece.start - rule.end, rule.start - piece.end)
    return abs(piece.at - rule.at) < _off_track(scale, apart) and (piece is rule or apart > 0)


def _off_track(scale: float, apart: float) -> float:
    """How far off a streak's track a piece of it may lie that is so far from the next, all in pixels."""
    return ON_TRACK * scale + SLOPE * apart / 2


def _is_streak(pieces: Sequence[Rule], others: Sequence[Rule], page: float, scale: float) -> bool:
    start, end = _start(pieces), _end(pieces)
    if end - start < ACROSS * page or sum(piece.end - piece.start for piece in pieces) < WHOLE * (end - start):
        return False
    return not _ends_at_another(pieces, others, scale)


def _ends_at_a_side(pieces: Sequence[Rule], ended: Sequence[Rule], scale: float) -> bool:
    """Whether rules that part some rows of a table only go as far as a track does: to a side that is not drawn."""
    start, end = _start(pieces), _end(pieces)
    return max(
        sum(abs(rule.start - start) < ALIKE * scale for rule in ended),
        sum(abs(rule.end - end) < ALIKE * scale for rule in ended),
    ) >= SIDE


def _ends_at_another(pieces: Sequence[Rule], others: Sequence[Rule], scale: float) -> bool:
    """Whether one of the rules that a track crosses or meets is not left behind at both its ends."""
    start, end = _start(pieces), _end(pieces)
    crossed = [other for other in others if any(other.start - scale < p.at < other.end + scale for p in pieces)]
    return any(not start + PAST * scale < other.at < end - PAST * scale for other in crossed)
