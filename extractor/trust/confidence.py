"""Where confidence is made, and nowhere else: signs and a calibration in, probabilities out.

A cell is right when its text and its place (row, column, spans) are both right. `signs.py` says what speaks for and
against each, a fitted `Calibration` (`calibration.py`, data in `models/confidence.json`) what that is worth.
Without a calibration, as in tests of other stages, reasoned formulas stand in; their figures are not measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

from extractor.elements import TextEvidence
from extractor.joining.meaning import MeantTable
from extractor.trust.calibration import Calibration, Scale
from extractor.trust.signs import CellSigns, PlaceSigns, SignedTable, TableSigns, TextSigns

MOST_ON_SCAN = 0.9995  # nothing read from a picture is certain
MOST_EXACT = 0.9999  # a trusted text layer is what the publisher wrote, but character maps and grids can lie
MOST_BARE = 0.95  # every row and column of a table without any rule is inferred: too few are right to be surer
MOST_ODD = 0.3  # a text that breaks a series: reasoned, as printed forms seldom skip a number, and worn ones misread it
# A text beside ink of a character's size that none of its characters explains, reasoned: 95% that stands elsewhere as
# such may here have lost its ≥.
MOST_UNREAD = 0.95
EXACT_TEXT = 0.9995
BLANK = 0.999  # a cell without any ink
INK_SEEN = 0.0005  # share of a cell's inner area that specks alone rarely ink
UNREAD = 0.5  # a cell with a mark large enough to be text, in which the recogniser read nothing
HELD = 20.0  # how much likelier a right number keeps a sum than a wrong one
BROKEN = 0.4  # how much likelier a right number is in a failed sum than a wrong one
BLAMED = 0.05  # the same where no other number explains the failure
USUAL = 50.0  # odds that a number is right, before its sums are asked
LOST = 0.6  # share of its cells that a wrong grid puts elsewhere
GRAVE = 3  # a grid's lesser doubts are of single cells, whose own signs say so: they count by this power
SHARPEN = 0.9  # characters are not read independently: the product of their posteriors is too low
_TEXT, _PLACE, _TABLE = (tuple(f.name for f in fields(signs)) for signs in (TextSigns, PlaceSigns, TableSigns))


@dataclass(frozen=True, slots=True)
class Belief:
    """Probability that a cell's text is right, that its place is right, and both.

    `checks`: that a number is right as far as its sums alone can say; None where they say nothing.
    """

    text: float
    place: float
    both: float
    checks: float | None = None
    against: str = ""


@dataclass(frozen=True, slots=True)
class TableBelief:
    """Probability that a whole grid is right, and the beliefs of its cells in their order."""

    grid: float
    cells: tuple[Belief, ...]


def believe(table: MeantTable, signed: SignedTable, calibration: Calibration | None) -> TableBelief:
    """The beliefs of a table and its cells."""
    found = _reasoned(table, signed) if calibration is None else calibrated(signed, calibration)
    drawn = not {"borderless", "few_rules"} & {part.structure for part in (table.whole.first, table.whole.last)}
    return found if drawn else _held(found)


def _held(found: TableBelief) -> TableBelief:
    """The beliefs of a table whose rows hardly a rule parts: a row or a column too many shows on none of its cells."""
    cells = tuple(
        replace(one, place=min(MOST_BARE, one.place), both=min(MOST_BARE, one.both)) for one in found.cells
    )
    return TableBelief(min(MOST_BARE, found.grid), cells)


def calibrated(signed: SignedTable, calibration: Calibration) -> TableBelief:
    """Beliefs as a calibration has them."""
    kind = signed.table.kind
    own = {name: float(getattr(signed.table, name)) for name in _TABLE if name != "kind"}
    odds = calibration.table[kind].log_odds(own)
    around = {f"table.{name}": value for name, value in own.items()}
    # A grid that is wrong as a whole takes cells with it, whatever speaks for their own borders.
    placed = 1.0 - LOST * (1.0 - _probability(odds)) ** GRAVE
    cells = tuple(_cell_belief(cell, kind, around, placed, calibration) for cell in signed.cells)
    most = MOST_EXACT if kind == "exact" else MOST_ON_SCAN
    # A grid is right only when every cell of it is: no surer than its least sure place.
    worst = min((cell.place for cell in cells), default=most)
    return TableBelief(min(most, worst, _probability(odds)), cells)


def _cell_belief(
    cell: CellSigns, kind: str, around: Mapping[str, float], placed: float, calibration: Calibration
) -> Belief:
    """`placed`: what no cell of its grid is surer of than."""
    most = MOST_EXACT if kind == "exact" else MOST_ON_SCAN
    words = {name: float(getattr(cell.text, name)) for name in _TEXT if name != "kind"}
    text, no_word = _scaled(calibration.text[cell.text.kind], words)
    if cell.text.series and text > MOST_ODD:
        text, no_word = MOST_ODD, "series"
    if kind != "exact" and cell.text.unread >= UNREAD and text > MOST_UNREAD:
        text, no_word = MOST_UNREAD, "unread"
    spot = {name: float(getattr(cell.place, name)) for name in _PLACE}
    place, no_spot = _scaled(calibration.place[kind], {**spot, **around})
    if placed < place:
        place, no_spot = placed, "grid"
    both = text * place
    bent = _probability(calibration.both[kind](math.log(both / (1.0 - both)))) if 0.0 < both < 1.0 else both
    # Only what comes out is held to `most`: held before, the product of two sure halves could not reach it.
    whole = min(most, text, place, bent)
    checks = min(most, _probability(calibration.checks["number"].log_odds(words))) if cell.text.in_sums else None
    return Belief(min(most, text), min(most, place), whole, checks, no_word if text < place else no_spot)


def _scaled(scale: Scale, signs: Mapping[str, float]) -> tuple[float, str]:
    """A probability, and the sign that takes most from it."""
    log_odds, against = scale.judge(signs)
    return _probability(log_odds), against


def _probability(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))


def line_confidence(p: float) -> float:
    """Confidence of a line of text outside tables from the product of its character posteriors."""
    return min(MOST_ON_SCAN, math.pow(p, SHARPEN))


def _reasoned(table: MeantTable, signed: SignedTable) -> TableBelief:
    cells = tuple(
        with_sums(cell_confidence(cell.whole.place, cell.whole.evidence, cell.text), own.text, cell.odds)
        for cell, own in zip(table.cells, signed.cells, strict=True)
    )
    return TableBelief(table_confidence(cell.place for cell in table.whole.cells), cells)


def with_sums(belief: Belief, signs: TextSigns, corrected: float | None = None) -> Belief:
    """Reasoned: the belief in a number that takes part in sums, by Bayes' rule on the odds that it is right.

    A wrong number keeps a sum by chance only; a right one can be in a failed sum through a neighbour's fault.
    `corrected`: the odds, by the pixels, of a text that sums put for the one read (None: it is as read).
    """
    if corrected is not None:
        text = belief.text * corrected / (1.0 + corrected)
        belief = Belief(text, belief.place, text * belief.place, against=belief.against)
    if not signs.in_sums:
        return belief
    prior = min(max(belief.text * belief.place, 1e-4), MOST_ON_SCAN)
    shift = HELD ** min(signs.held, 2) * (BLAMED if signs.blamed else BROKEN ** min(signs.failed, 2))
    odds, alone = prior / (1.0 - prior) * shift, USUAL * shift
    given, checks = (min(MOST_ON_SCAN, o / (1.0 + o)) for o in (odds, alone))
    return Belief(belief.text, belief.place, given, checks, "failed" if given < prior else belief.against)


def cell_confidence(place: float, evidence: TextEvidence, text: str) -> Belief:
    """Reasoned: a cell's belief from its grid's evidence (`place`, 0..1) and its reading's."""
    words, place = _text(evidence, text), min(MOST_ON_SCAN, place)
    return Belief(words, place, words * place, against="whole" if words < place else "place")


def _text(evidence: TextEvidence, text: str) -> float:
    if evidence.exact:
        return EXACT_TEXT * (1.0 if evidence.weakest is None else evidence.weakest)
    if not text:
        # Ink that nobody could read makes emptiness doubtful, the more of it the more.
        blank = BLANK if evidence.ink < INK_SEEN else max(0.1, BLANK - 40.0 * evidence.ink)
        return blank if evidence.coverage > 0 else min(UNREAD, blank)
    posterior = 0.5 if evidence.posterior is None else evidence.posterior
    unread = max(0.0, 1.0 - evidence.coverage)
    return min(MOST_ON_SCAN, math.pow(posterior, SHARPEN) * max(0.05, 1.0 - 1.5 * unread))


def table_confidence(places: Iterable[float]) -> float:
    """Reasoned: probability that a whole grid is right. Its cells share borders, so the worst places decide."""
    product, worst = 1.0, 1.0
    for place in places:
        product *= place
        worst = min(worst, place)
    # Each inner border is counted by both its cells: the square root takes one of them back.
    return min(MOST_ON_SCAN, worst, max(product, 1e-12) ** 0.5) if worst > 0 else 0.0
