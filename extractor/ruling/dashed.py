"""Dashed and dotted rules: thin marks at equal distances on one straight track, filled into whole rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.ruling.dashmarks import STRICT_GAPS, Marks, alike, marks_in, share_of
from extractor.ruling.dashposts import add_posts, solid_runs
from extractor.ruling.dashtracks import Track, add_going_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture

THICKEST = 0.55  # text heights: a run of marks higher than this holds more than a rule
GAP = 0.65  # text heights: the widest gap in a dashed rule
SHORTEST = 3.0  # text heights: a shorter row of marks is punctuation
PERIOD = 1.2  # text heights: the longest dash and gap together
LONG_DASH, LONG_PERIOD = 1.0, 2.5  # text heights: no digit has a stroke as long; the longest such dash and gap together
LEAST_DASHES = 5
SPECK, FLANK = 0.15, 3.0  # text heights, of the gap: a worn spot is smaller, and the rule on both its sides this long
LONELY = 0.08  # share of ink beside a dashed rule; beside strokes of text there is more
# Rows of strokes were at most 0.53 dark with 0.67 of their gaps alike, dashed rules at least 0.65 and 0.69
# (14 pairs of damages, one form); both were measured over more than 20 text heights.
LONG = 12.0  # text heights
PALEST = 0.25  # share of the shortest dots' track that is ridge
DARK = 0.58  # share of a long track that is ridge
REGULAR = 0.6  # share of its gaps that are alike
# The edge of a line of text inks whole characters' strokes beside its track: its three in 24 densest rows held at most
# 0.58 of its ridge, and at most 0.58 of its periods were alike; of dashed rules on faxes and photographs one was more.
PLAIN = 0.62  # share of its ridge there, or of its periods that are alike
# Strokes beside one another have no printer: of no six of them, over 60 pages at all damages, were more than 0.78
# of the gaps and of the periods alike; of dashed rules, whatever stands beside them, 0.95.
STRICT = 0.87  # share of gaps and of periods alike, among STRICT_GAPS
BARRED = 0.5  # share of the dashes that bars end in: rules that cross a dashed one are fewer
EQUAL = 0.75  # of a short row's gaps, dashes and periods
TRACK = 0.25  # text heights: how far a rule of a deskewed page strays
THIN = 0.3  # text heights: strokes of text make higher runs; a pen's across a rule does too, but leaves it PLAIN
A_STYLE = 3  # plain dashed rules tell how a page's printer dashes
# Dashes that begin anew at every cell leave shorter gaps where cells meet, and none longer than the printer's.
BEGUN, BEGUN_GAPS, BEGUN_SIDES = 0.45, 0.9, 0.16  # share of such a track that is ridge, of its gaps, of ink beside it
FOREIGN = 3.0  # times the usual gap
STRANGE, STRANGE_DASH = 1.5, 0.35  # times the usual gap, share of the usual dash: strokes are further off
OWN_DASHES = 0.7  # share of a short row's dashes as long as the printer's: the others lie where cells meet
RUN_ON = 0.8  # share of such a short track that is ridge, where blur closes most of these gaps
BLURRED = 0.06  # text heights: of shorter gaps some are not seen at all
SAME_GAP = 1.0  # pixels between the usual gaps of two rules that one printer drew
IN_TEXT = 0.65  # share of a long row's gaps that are alike, and of its ridge in its densest rows, amid text


@dataclass(frozen=True, slots=True)
class _Style:
    """The gap and the dash that a page's plain dashed rules have, pixels."""

    gap: float
    dash: float


def dashed_rules(level: Picture, upright: Picture, mask: Picture, scale: float) -> tuple[Picture, Picture, bool]:
    """Level and upright dashed and dotted rules of a page, filled (0 or 1), and whether it is ruled with dashes.

    level, upright: 1 where such rules may be. mask: 1 where ink is. scale: text height in pixels. A page's plain dashed
    rules tell the printer's gap, both directions together, for low rows have few dashes on their sides; shorter or
    dirtier rows of marks with that gap are rules too.
    """
    standing = np.ascontiguousarray(upright.T)
    found = _found(level, mask, scale), _found(standing, mask.T, scale)
    usual = _usual([*found[0], *found[1]], scale)
    # A fax has finer pixels across than down: where one direction has enough rules by itself, these tell its gap.
    own = [usual if (style := _usual(one, scale)) is None else style for one in found]
    lying, up = _drawn(found[0], level, own[0], scale), _drawn(found[1], standing, own[1], scale)
    if usual is not None and usual.gap < BLURRED * scale:
        lying, up = lying | _run_together(level, scale), up | _run_together(standing, scale)
    if usual is not None:
        rails = lying | solid_runs(level, scale), up | solid_runs(standing, scale)
        gaps = [(style.gap, style.dash) if style else (usual.gap, usual.dash) for style in own]
        add_posts(lying, level, rails[1].T, mask, gaps[0], scale)
        add_posts(up, standing, rails[0].T, mask.T, gaps[1], scale)
    return lying, np.ascontiguousarray(up.T), usual is not None


def _run_together(ridge: Picture, scale: float) -> Picture:
    """Level ridges with the gaps filled that blur left of the printer's: too few and too short to count them.

    They are shorter than the paper between two lines of text.
    """
    return cv2.morphologyEx(ridge, cv2.MORPH_CLOSE, np.ones((1, (round(SPECK * scale) + 1) | 1), np.uint8))


def _found(ridge: Picture, mask: Picture, scale: float) -> list[tuple[Marks, bool]]:
    """Level rows of marks, and whether each is surely a dashed rule."""
    found = [marks for box in _runs(ridge, scale) if (marks := _marks(ridge, mask, box, scale))]
    return [(marks, _is_surely_dashed(marks, scale)) for marks in found]


def _usual(found: Sequence[tuple[Marks, bool]], scale: float) -> _Style | None:
    """The printer's gap and dash, None where no more than a few rules are plainly dashed."""
    plain = [marks for marks, known in found if known and _is_regular(marks, scale)]
    if len(plain) < A_STYLE:
        return None
    gaps, dashes = [np.median(marks.gaps) for marks in plain], [np.median(marks.dashes) for marks in plain]
    return _Style(float(np.median(gaps)), float(np.median(dashes)))


def _drawn(found: Sequence[tuple[Marks, bool]], ridge: Picture, usual: _Style | None, scale: float) -> Picture:
    out = np.zeros_like(ridge)
    tracks = []
    for marks, known in found:
        same = usual is not None and _is_alike(marks, usual, scale)
        if not (known or same) or (usual is not None and _is_foreign(marks, usual, scale)):
            continue
        regular = _is_regular(marks, scale)
        dashes = regular or not known
        _fill(out, marks, _without_usual_gaps(marks, usual) if dashes else _without_specks(marks, scale))
        if (regular or same) and len(marks.gaps) >= STRICT_GAPS:
            tracks.append(_track(marks))
    add_going_on(out, ridge, tracks)
    return out


def _track(marks: Marks) -> Track:
    first, last = marks.dense
    gap, dash = float(np.median(marks.gaps)), float(np.median(marks.dashes))
    return Track(first, last, marks.x, marks.x + marks.w, gap, dash)


def _runs(ridge: Picture, scale: float) -> list[tuple[int, int, int, int]]:
    """Boxes (x, y, w, h) of long level rows of marks."""
    gap = max(3, round(GAP * scale)) | 1
    length = max(5, round(SHORTEST * scale))
    # One pixel of height taken together, so that a track may change its row.
    taller = cv2.dilate(ridge, np.ones((3, 1), np.uint8))
    closed = cv2.morphologyEx(taller, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    runs = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    return [(x, y, w, h) for x, y, w, h, _ in stats[1:].tolist()]


def _marks(ridge: Picture, mask: Picture, box: tuple[int, int, int, int], scale: float) -> Marks | None:
    x, y, w, h = box
    if h <= THICKEST * scale:
        return marks_in(ridge, mask, box, scale)
    # Text that touches a rule all along makes the run thicker; the rule is its most regular track.
    height = round(TRACK * scale)
    if w < LONG * scale or h > 3 * scale:
        return None
    tracks = [marks_in(ridge, mask, (x, top, w, height), scale) for top in range(y, y + h - height + 1)]
    regular = [(alike(marks.gaps), k) for k, marks in enumerate(tracks) if _is_regular(marks, scale)]
    return tracks[max(regular)[1]] if regular else None


def _is_surely_dashed(marks: Marks, scale: float) -> bool:
    """Text may begin right beside a dashed rule, but not on both of its sides all along.

    Low rows are full of it; there the dashes themselves must be the proof.
    """
    if marks.in_rows:
        return False
    if _is_strict(marks, STRICT_GAPS, scale):
        return True
    if max(marks.sides) < LONELY:
        return marks.dark > 0.93 or _is_regular(marks, scale)
    beside_text = min(marks.sides) < 0.5 * LONELY and marks.w > 6 * scale and marks.dark < 0.9
    return beside_text and _is_regular(marks, scale)


def _is_regular(marks: Marks, scale: float) -> bool:
    """Whether marks are dashes at equal distances.

    Short rows must have equal dashes too. In long ones crossing rules, text that touches and noise make dashes
    of many lengths, yet the gaps stay the printer's own and the track darker than any row of strokes.
    """
    gaps = marks.gaps
    if len(gaps) < _expected(marks, LEAST_DASHES, scale):
        return False
    if _is_strict(marks, STRICT_GAPS, scale):
        return True
    regular, periods = alike(gaps), marks.periods
    plain = marks.narrow(scale) > PLAIN or alike(periods) > PLAIN
    if marks.w > LONG * scale and marks.dark > DARK and regular > REGULAR and plain:
        return True
    equal = (gaps, marks.dashes[1:-1], periods)
    return marks.dark > PALEST and all(alike(lengths) > EQUAL for lengths in equal) and marks.barred < BARRED


def _expected(marks: Marks, least: int, scale: float) -> float:
    """How many gaps a dashed rule as long as these marks has at least; dashes longer than any stroke may be few."""
    dashes = marks.dashes
    period = LONG_PERIOD if len(dashes) and float(np.median(dashes)) > LONG_DASH * scale else PERIOD
    return max(least, 0.8 * marks.w / (period * scale))


def _is_strict(marks: Marks, least: int, scale: float) -> bool:
    """Whether at least so many gaps, and the periods, are as alike as no row of strokes has them."""
    gaps = marks.gaps
    if len(gaps) < _expected(marks, least, scale) or marks.dark < PALEST:
        return False
    return min(alike(gaps), alike(marks.own_periods)) > STRICT


def _is_alike(marks: Marks, usual: _Style, scale: float) -> bool:
    """Whether marks are as dark as a dashed rule and have the gaps that the page's other dashed rules have.

    Short ones where text stands on both sides, and cells meet at every few dashes, must have their dashes too.
    """
    gaps = marks.gaps
    if not len(gaps) or marks.in_rows or (marks.h > THIN * scale and marks.narrow(scale) < PLAIN):
        return False
    if marks.dark > RUN_ON and max(marks.sides) < LONELY and (gaps <= 2 * usual.gap).all():
        return True
    if len(gaps) < LEAST_DASHES:
        return False
    if marks.dark > BEGUN and np.mean(gaps <= usual.gap + SAME_GAP) > BEGUN_GAPS:
        same = max(alike(marks.periods), alike(marks.dashes)) > STRICT
        same = len(gaps) >= STRICT_GAPS and (same or share_of(marks.dashes, usual.dash) > OWN_DASHES)
        if same or max(marks.sides) < BEGUN_SIDES:
            return True
    if len(gaps) < _expected(marks, LEAST_DASHES, scale):
        return False
    if abs(float(np.median(gaps)) - usual.gap) > SAME_GAP:
        return False
    if _is_strict(marks, LEAST_DASHES, scale):
        return True
    if marks.dark < DARK or alike(gaps) < REGULAR:
        return False
    # Text may stand on both sides of a long row all along, as of a narrow column of codes.
    in_text = marks.w > LONG * scale and min(alike(gaps), marks.narrow(scale)) > IN_TEXT
    return in_text or min(marks.sides) < LONELY


def _is_foreign(marks: Marks, usual: _Style, scale: float) -> bool:
    """Whether the gaps of a pale row, short or with one mark between rules, are far wider than the page's rules' are.

    A column's brackets, one in each row, with the dashed rules between them are marks at equal distances too.
    """
    gaps = marks.gaps
    if marks.dark > DARK or not len(gaps) or (marks.w > LONG * scale and not marks.one_a_row):
        return False
    return float(np.median(gaps)) > FOREIGN * usual.gap + SAME_GAP


def _fill(out: Picture, marks: Marks, filled: NDArray[np.uint8]) -> None:
    first, last = marks.dense
    out[first : last + 1, marks.x : marks.x + marks.w] = filled


def _without_usual_gaps(marks: Marks, usual: _Style | None) -> NDArray[np.uint8]:
    """A track with gaps up to twice the usual ones filled, its own and the printer's: longer ones are not of dashes.

    At its ends strokes of text on the same track, which keep other distances and are no dashes, stay as they are.
    """
    filled, gaps = marks.track.copy(), marks.gaps
    if not len(gaps):
        return filled
    most = 2.0 * max(float(np.median(gaps)), 0.0 if usual is None else usual.gap) + 1
    first, last = (0, len(gaps)) if usual is None else _own_gaps(marks, usual)
    for end, gap in zip(marks.steps[1:-1:2].tolist()[first:last], gaps.tolist()[first:last], strict=True):
        if gap <= most:
            filled[end : end + gap] = 1
    return filled


def _own_gaps(marks: Marks, usual: _Style) -> tuple[int, int]:
    """Between which gaps a track is the printer's: at its ends strokes have neither his gap nor his dash."""
    gaps, dashes = marks.gaps.tolist(), marks.dashes.tolist()

    def foreign(gap: int, dash: int) -> bool:
        return gap > STRANGE * usual.gap and abs(dash - usual.dash) > STRANGE_DASH * usual.dash

    first, last = 0, len(gaps)
    while first < last and foreign(gaps[first], dashes[first]):
        first += 1
    while last > first and foreign(gaps[last - 1], dashes[last]):
        last -= 1
    return first, last


def _without_specks(marks: Marks, scale: float) -> NDArray[np.uint8]:
    """A solid rule's track with its worn spots filled.

    A longer gap, or one beside a mere mark, is a cell that the rule does not divide: its text stands there,
    with blank above and below.
    """
    steps = marks.steps.tolist()
    filled = marks.track.copy()
    for k in range(1, len(steps) - 1, 2):
        gap = steps[k + 1] - steps[k]
        flank = min(steps[k] - steps[k - 1], steps[k + 2] - steps[k + 1])
        if gap <= SPECK * scale and flank >= FLANK * gap:
            filled[steps[k] : steps[k + 1]] = 1
    return filled


