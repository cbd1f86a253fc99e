"""The story of a page and of a document, every stage in order. Read this first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from extractor.assemble import build_document
from extractor.digital import digital_page
from extractor.elements import (
    Box,
    Grid,
    PageResult,
    RawPage,
    Rule,
    TextEvidence,
    TextLine,
    Warn,
)
from extractor.errors import PageUnreadable, TooLarge
from extractor.geometry import median
from extractor.joining.filling import fill, told_lines, with_proof
from extractor.joining.pagetables import Canvas, Filled, describe_tables, shown_rules
from extractor.knownwords import with_words
from extractor.pixels.filledges import without_fill_edges
from extractor.pixels.grain import without_grain
from extractor.pixels.ink import find_ink, is_overprint
from extractor.pixels.screens import without_screens
from extractor.result import Document, Engine
from extractor.ruling.borders import HALF, find_borders
from extractor.ruling.grid import solve_grids
from extractor.ruling.handdrawn import drop_handdrawn, drop_slivers
from extractor.ruling.leaning import drop_leaning
from extractor.ruling.rules import find_ridges, find_rules
from extractor.ruling.samespot import apart, is_table
from extractor.ruling.sight import SecondLook
from extractor.ruling.streaks import drop_streaks
from extractor.ruling.strokes import drop_crossed, drop_strokes
from extractor.sheets.upright import set_upright
from extractor.source.ahead import one_ahead
from extractor.text.cellink import with_unread
from extractor.text.cells import lay_out
from extractor.text.celltext import hole_in, rim_of
from extractor.text.centredspans import with_centred_headings
from extractor.text.dirt import without_dirt
from extractor.text.leftover import Pieces
from extractor.text.lostone import with_lost_ones
from extractor.text.marks import mend
from extractor.text.noise import read_writing
from extractor.text.quotes import with_quotes
from extractor.text.reading import plausible
from extractor.text.specks import find_specks
from extractor.text.turnedlines import with_turned
from extractor.unruled.borderless import find_unruled
from extractor.unruled.inkruns import InkRuns
from extractor.unruled.openrules import drop_loose_uprights
from extractor.unruled.rowless import with_rows
from extractor.unruled.shades import ShadeSteps
from extractor.unruled.underheads import with_bodies
from extractor.unruled.whitespace import find_borderless

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.pixels.ink import Ink
    from extractor.ports import DetectedLine, Tools
    from extractor.ruling.rules import Ridges
    from extractor.sheets.upright import Upright
    from extractor.source.documents import Source
    from extractor.text.cells import Layout
    from extractor.text.specks import Specks
    from extractor.trust.calibration import Calibration
    from extractor.unruled.openrows import OpenRows

DETECTED_HEIGHT = 0.8  # text height as a share of the detector's box, which it draws around it with a margin
LEAST_HEIGHT = 4.0  # pixels: nobody reads smaller text, and what is measured in text heights must not vanish


@dataclass(slots=True)
class Clock:
    """Wall seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class LaidOut:
    """What is known of a scanned page before its lines are read; upright pixels.

    `raw`: the page as loaded, without its picture; `readable`: the picture that lines are read on; `detected`: how many
    lines the detector found; `straight`: all straight rules, `rules`: those that are borders; `wear`: as in
    `PageTable`; `rows`: of each grid without vertical rules; `ink`: without grain, `bare`: without specks too.
    """

    raw: RawPage
    clock: Clock
    page: Upright
    ink: Ink
    readable: Picture
    scale: float
    detected: int
    straight: tuple[Rule, ...]
    rules: tuple[Rule, ...]
    ridges: Ridges
    wear: float
    grids: tuple[Grid, ...]
    rows: tuple[OpenRows | None, ...]
    specks: Specks
    bare: Ink
    layout: Layout


def extract_document(
    source: Source,
    tools: Tools,
    pages: Sequence[int] | None = None,
    on_page: Callable[[PageResult], None] | None = None,
    *,
    repair: bool = True,
) -> Document:
    """All tables of the given pages (from 1; None: all). A page that cannot be read becomes a warning on it.

    `repair`: let sums correct numbers that the recogniser held possible (`extractor/sums/repairs.py`).
    """
    results = []
    numbers = range(1, source.n_pages + 1) if pages is None else pages
    with closing(one_ahead(numbers, partial(_begin_page, source, tools), ahead=tools.ahead)) as begun:
        for page in begun:
            result = _finish_page(page, tools)
            if on_page is not None:
                on_page(result)
            results.append(result)
    return assemble_document(source, results, tools.models, tools.calibration, repair=repair)


def assemble_document(
    source: Source,
    pages: Sequence[PageResult],
    models: Sequence[tuple[str, str]],
    calibration: Calibration | None = None,
    *,
    repair: bool = True,
) -> Document:
    """The document from its pages' results: tables joined over pages, named, every cell with its confidence."""
    from importlib.metadata import version

    engine = Engine(version=version("gezi"), models=dict(models))
    return build_document(source, pages, engine, source.warnings, calibration, repair=repair)


def read_page(source: Source, number: int, tools: Tools) -> PageResult:
    """One page, loaded and extracted; an unreadable one gives an empty result with a warning."""
    return _finish_page(_begin_page(source, tools, number), tools)


def extract_page(raw: RawPage, source: Source, tools: Tools) -> PageResult:
    """Tables and lines of one page: by its own text where that can be trusted, else by its picture."""
    return _text_page(raw, source, tools) if raw.source == "text" else _read_lines(_laid_out(raw, tools), tools)


def _begin_page(source: Source, tools: Tools, number: int) -> PageResult | LaidOut:
    """One page as far as it goes without reading lines of a picture."""
    start = time.perf_counter()
    try:
        raw = source.load(number)
    except (PageUnreadable, TooLarge) as error:
        return PageResult(number, 0.0, 0.0, 0, 0.0, "scan", warnings=(Warn(error.code, error.message),))
    clock = Clock({"load": time.perf_counter() - start})
    return _text_page(raw, source, tools, clock) if raw.source == "text" else _laid_out(raw, tools, clock)


def _finish_page(begun: PageResult | LaidOut, tools: Tools) -> PageResult:
    return begun if isinstance(begun, PageResult) else _read_lines(begun, tools)


def _text_page(raw: RawPage, source: Source, tools: Tools, clock: Clock | None = None) -> PageResult:
    clock = clock or Clock()
    with clock.stage("digital"):
        page = digital_page(raw, source, tools)
    sideways = raw.rotation in (90, 270)
    width, height = (raw.height, raw.width) if sideways else (raw.width, raw.height)
    every = [line for table in page.tables for lines in table.lines for line in lines] + list(page.outside)
    scale = median([line.box.height for line in every]) if every else 10.0
    canvas = Canvas(raw.to_shown, width, height, scale)
    filled = [
        Filled(
            t.grid, t.lines,
            tuple(_exact(own, cell.box) for own, cell in zip(t.lines, t.grid.cells, strict=True)),
            tuple(() for _ in t.lines), t.rows,
        )
        for t in page.tables
    ]
    with clock.stage("tables"):
        tables, lines = describe_tables(raw.number, filled, page.outside, canvas)
    return PageResult(
        raw.number, raw.width, raw.height, raw.rotation, 0.0, "text", tables, lines,
        (*raw.warnings, *page.warnings), tuple(clock.seconds.items()), shown_rules(raw.rules, raw.to_shown),
    )


def _exact(lines: Sequence[TextLine], cell: Box) -> TextEvidence:
    """Evidence of a text layer: as good as its least certain character (one that the font does not explain)."""
    weakest = min((char.p for line in lines for char in line.chars), default=1.0)
    return TextEvidence(weakest, weakest, exact=True, hole=hole_in(lines), rim=rim_of(lines, cell))


def _laid_out(raw: RawPage, tools: Tools, clock: Clock | None = None) -> LaidOut:
    """A scanned page's story up to the question what its lines say."""
    clock = clock or Clock()
    with clock.stage("upright"):
        seen = raw if raw.picture is None else replace(raw, picture=without_screens(raw.picture))
        page = set_upright(seen, tools.orientation)
    with clock.stage("ink"):
        ink, text, readable = _inked(page.picture)
    with clock.stage("detect"):
        detected = tools.reader.detect(readable)
    scale = text_height(detected, page.picture.shape[0])
    boxes = [line.box for line in detected]
    with clock.stage("rules"):
        ink, text, ridges = _ridged(ink, text, scale)
        straight, rules, streaked = _rules(ink, ridges, boxes, scale)
        if streaked and page.bare is not None:
            # What lay under a streak, a border along it too, is known once the rules have told it from one of theirs.
            page = replace(page, picture=page.bare, bare=None)
            ink, text, readable = _inked(page.picture)
            ink, text, ridges = _ridged(ink, text, scale)
            straight, rules, _ = _rules(ink, ridges, boxes, scale)
        borders = find_borders(ridges, rules, boxes)
    with clock.stage("grid"):
        second = None if tools.rule_sight is None else SecondLook(borders, tools.rule_sight, readable).evidence
        solved = solve_grids(rules, scale, borders.evidence, worn=borders.worn, second=second, in_part=borders.in_part)
        grids = [with_rows(grid, boxes, scale) for grid in solved if is_table(grid, boxes, scale)]
        specks = find_specks(text, ridges)
        bare, readable = specks.off(text), specks.wiped(readable)
        runs = InkRuns(bare, ridges, tuple(boxes))
        drawn, steps = without_fill_edges(rules, ink, scale), ShadeSteps(page.picture, scale)
        opened, unruled = with_bodies(
            find_unruled(drawn, runs, boxes, grids, scale, steps),
            lambda taken: find_borderless(boxes, runs, [*(grid.box for grid in grids), *taken], scale), runs,
        )
        opened += unruled
        every = [*grids, *(found.grid for found in opened)]
        loose = (*(None for _ in grids), *(found.rows for found in opened))
        kept = apart(every, boxes, scale)
        grids, rows = [every[k] for k in kept], [loose[k] for k in kept]
    with clock.stage("layout"):
        layout = lay_out(detected, grids, bare, ridges, specks)
        whole = [with_centred_headings(grid, own, scale) for grid, own in zip(grids, layout.cells, strict=True)]
        grids, layout = [grid for grid, _ in whole], replace(layout, cells=tuple(own for _, own in whole))
    wear = 1.0 - borders.half / HALF
    return LaidOut(
        replace(raw, picture=None), clock, page, text, readable, scale, len(detected), tuple(straight), tuple(rules),
        ridges, wear, tuple(grids), tuple(rows), specks, bare, layout,
    )


def _inked(picture: Picture) -> tuple[Ink, Ink, Picture]:
    """A page's ink for its rules and, without grain, for its text, and the picture that lines are read on."""
    ink, plain = find_ink(picture), without_grain(picture)
    return ink, ink if plain is picture else find_ink(plain), ink.clean if ink.coloured is not None else plain


def _ridged(ink: Ink, text: Ink, scale: float) -> tuple[Ink, Ink, Ridges]:
    """Both kinds of ink, and what looks like rules; where these are grain's own dots, that of the text's ink."""
    ridges = find_ridges(ink, scale)
    return (text, text, find_ridges(text, scale)) if text is not ink and ridges.screened else (ink, text, ridges)


def _rules(ink: Ink, ridges: Ridges, boxes: Sequence[Box], scale: float) -> tuple[list[Rule], list[Rule], bool]:
    """All straight rules, those that are borders, and whether streaks were among them."""
    height, width = ink.mask.shape
    straight = find_rules(ridges)  # with lines to write on, beside whose ends characters lean
    rules = drop_slivers(drop_leaning(straight, ink.mask, scale), ridges.level, ridges.upright, scale)
    drawn = drop_handdrawn(rules, ink.mask, scale)
    rules = drop_streaks(drawn, (width, height), scale)
    streaked = len(rules) < len(drawn)
    rules = drop_crossed(rules, boxes, ink.mask, scale)
    return straight, drop_loose_uprights(drop_strokes(rules, boxes, scale), boxes, scale), streaked


def _read_lines(laid: LaidOut, tools: Tools) -> PageResult:
    """A scanned page's story from its lines to its tables."""
    clock, ink, scale, layout = laid.clock, laid.ink, laid.scale, laid.layout
    bare, specks, grids, readable = laid.bare, laid.specks, laid.grids, laid.readable
    with clock.stage("read"):
        crops = [crop for grid in layout.cells for cell in grid for crop in cell.crops]
        seen, warnings = read_writing(tools.reader, readable, [*crops, *layout.outside], laid.detected)
        unruled = 1 - laid.ridges.drawn
        pieces = Pieces.of(bare.faint & unruled, scale, ink.faint & unruled)
        read = iter([plausible(line) for line in seen])
    with clock.stage("marks"):
        said = [[tuple(next(read) for _ in cell.crops) for cell in cells] for cells in layout.cells]
        inks = [list(map(with_unread, cells, texts)) for cells, texts in zip(layout.cells, said, strict=True)]
        own = [
            [without_dirt(lines, pieces, specks) for lines in with_turned(
                [told_lines(lines) for lines in texts], tools.reader, readable)]
            for texts in said
        ]
        found = iter(mend(
            [
                (cell.box, inked, lines)
                for grid, cells, texts in zip(grids, inks, own, strict=True)
                for cell, inked, lines in zip(grid.cells, cells, texts, strict=True)
            ],
            laid.straight, bare, pieces, tools.reader, readable,
        ))
        free = [line for one in read if one.text.strip() for line in without_dirt([one], pieces, specks)]
        beside = with_lost_ones([with_quotes(line, pieces, specks) for line in free], 0.0, scale)
    with clock.stage("tables"):
        filled = [
            fill(grid, cells, found, own, pieces)
            for grid, cells, own in zip(grids, inks, laid.rows, strict=True)
        ]
        filled, spared = with_proof(filled, beside, scale)
        filled = [replace(one, evidence=with_words(one.lines, one.evidence, tools.words)) for one in filled]
        height, width = laid.page.picture.shape[:2]
        canvas = Canvas(laid.page.frame, width, height, scale, scale, laid.wear)
        outside = [*spared, *beside]
        stamps = frozenset(line.box for line in outside if is_overprint(ink, line.box))
        tables, lines = describe_tables(laid.raw.number, filled, outside, canvas, stamps)
    raw, page = laid.raw, laid.page
    return PageResult(
        raw.number, raw.width, raw.height, page.rotation, page.skew, "scan", tables, lines,
        (*raw.warnings, *warnings), tuple(clock.seconds.items()), shown_rules(laid.rules, page.frame),
    )


def text_height(detected: Sequence[DetectedLine], page_height: int) -> float:
    """Height of the page's body text in pixels; on a page without text, that of 45 lines on it."""
    heights = [min(line.box.width, line.box.height) for line in detected]
    return max(LEAST_HEIGHT, DETECTED_HEIGHT * median(heights) if heights else page_height / 90)
