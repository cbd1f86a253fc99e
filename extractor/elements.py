"""The frozen values that flow between stages.

Two frames of coordinates exist. *Upright pixels*: the working picture of a page after it was turned
and deskewed, origin top-left. *Shown points*: PDF points of the page as a viewer shows it, origin
top-left. Stages work in upright pixels; `Frame` leads to shown points, once, on the way out.
A born-digital page has no picture; its upright pixels are points of the page turned to be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.unruled.openrows import OpenRows

    Picture = NDArray[Any]  # uint8, (height, width) grey or (height, width, 3) BGR


class Point(NamedTuple):
    x: float
    y: float


class Box(NamedTuple):
    """Axis-parallel box, x0 <= x1, y0 <= y1, y grows downwards."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return max(0.0, self.x1 - self.x0) * max(0.0, self.y1 - self.y0)

    @property
    def center(self) -> Point:
        return Point((self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2)


@dataclass(frozen=True, slots=True)
class Mesh:
    """A bent map of the plane: where the nodes of a square grid go, bilinear between them.

    Node (row, column) stands at (column * step, row * step) and goes to (xs, ys)[row * columns + column].
    Beyond the outermost nodes the outermost squares go on.
    """

    step: float
    columns: int
    xs: tuple[float, ...]
    ys: tuple[float, ...]

    def point(self, x: float, y: float) -> Point:
        across, down = x / self.step, y / self.step
        column = min(max(0, int(across)), self.columns - 2)
        row = min(max(0, int(down)), len(self.xs) // self.columns - 2)
        s, t = across - column, down - row
        k = row * self.columns + column
        corners = (k, k + 1, k + self.columns, k + self.columns + 1)
        shares = ((1 - s) * (1 - t), s * (1 - t), (1 - s) * t, s * t)
        return Point(
            sum(share * self.xs[i] for share, i in zip(shares, corners, strict=True)),
            sum(share * self.ys[i] for share, i in zip(shares, corners, strict=True)),
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """The way from upright pixels to shown points: a 3x3 homography, row by row.

    Before it goes the `mesh` of a page that was bent or photographed: upright pixels to those of the picture.
    """

    matrix: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    mesh: Mesh | None = None

    def point(self, x: float, y: float) -> Point:
        if self.mesh is not None:
            x, y = self.mesh.point(x, y)
        a, b, c, d, e, f, g, h, i = self.matrix
        w = g * x + h * y + i
        return Point((a * x + b * y + c) / w, (d * x + e * y + f) / w)

    def polygon(self, box: Box) -> tuple[Point, Point, Point, Point]:
        """Corners of an upright box as shown, clockwise from the text's own top-left."""
        return (
            self.point(box.x0, box.y0),
            self.point(box.x1, box.y0),
            self.point(box.x1, box.y1),
            self.point(box.x0, box.y1),
        )


def bounds(points: Iterable[Point]) -> Box:
    """Smallest box around points (at least one)."""
    listed = list(points)
    xs, ys = [p.x for p in listed], [p.y for p in listed]
    return Box(min(xs), min(ys), max(xs), max(ys))


@dataclass(frozen=True, slots=True)
class Warn:
    """What a reader of the result must know; `code` is stable."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Char:
    """One recognised character: its posterior, and the runner-up's. x is its centre in upright pixels.

    others: what came third and after, with posteriors, where the character is in doubt. missed: a character that
    may have been left out right before it (or after it, `missed_after`), and the posterior it had there.
    drawn: of a number's digit the share (0..1) of its ink that each of the page's own digits leaves unexplained, for
    the one read and those that explain it about as well; empty where no other does, or none was laid over it.
    """

    text: str
    p: float
    x: float = 0.0
    runner_up: str = ""
    runner_up_p: float = 0.0
    others: tuple[tuple[str, float], ...] = ()
    missed: str = ""
    missed_p: float = 0.0
    missed_after: bool = False
    drawn: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TextLine:
    """A run of text on one baseline, never crossing a rule. `chars` spells `text` one by one.

    `agreement`: of a line that was in doubt and read twice, the share of characters (0..1) that both readings have;
    None for a line read once. `by_words`: known words, or the page's own digits, decided what the recogniser left open.
    """

    text: str
    box: Box
    chars: tuple[Char, ...] = ()
    agreement: float | None = None
    by_words: bool = False

    @property
    def p(self) -> float:
        """Product of the character posteriors: probability that each was read right, if independent."""
        out = 1.0
        for char in self.chars:
            out *= char.p
        return out


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight ruling line. Horizontal: `at` is y, from x `start` to `end`. Vertical: the other way."""

    horizontal: bool
    at: float
    start: float
    end: float
    thickness: float = 1.0


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as it came in.

    `source` is "text" (trustworthy text layer: its `lines` in reading order and the drawn `rules`) or "scan" (`picture`
    as stored in the file or rendered). `to_shown` leads from the picture's pixels (a text page: from
    its own turned points) to shown points. `rotation`: degrees clockwise by which a text page must be
    turned to be read (a scan's is found later). `dpi` is the picture's own resolution.
    """

    number: int
    width: float
    height: float
    source: str
    to_shown: Frame = field(default_factory=Frame)
    picture: Picture | None = field(default=None, compare=False, repr=False)
    dpi: float = 72.0
    rotation: int = 0
    lines: tuple[TextLine, ...] = ()
    rules: tuple[Rule, ...] = ()
    warnings: tuple[Warn, ...] = ()


SUREST = 7.0  # log-odds of an edge beyond which more evidence changes nothing


@dataclass(frozen=True, slots=True)
class PlaceEvidence:
    """What speaks for a cell's place, in log-odds: the least of each kind, at most `SUREST`; below 0 it speaks against.

    sides: of its sides' unit edges for being borders. inner: of the edges that it spans for being none.
    above, left: of the lattice's lines down to its bottom, up to its right side, for being lines of the table,
    and of those dropped there for being none: one too many or too few moves every cell behind it.
    """

    sides: float = SUREST
    inner: float = SUREST
    above: float = SUREST
    left: float = SUREST


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of a grid: its place, its box in upright pixels and the probability that the place is right."""

    row: int
    col: int
    row_span: int
    col_span: int
    box: Box
    place: float = 1.0
    edges: PlaceEvidence = PlaceEvidence()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table's skeleton. Cells tile `len(ys) - 1` rows by `len(xs) - 1` columns exactly.

    `closed` tells, for (left, top, right, bottom), whether a rule was seen on that outer side.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[GridCell, ...]
    structure: str = "ruled"
    closed: tuple[bool, bool, bool, bool] = (True, True, True, True)

    @property
    def box(self) -> Box:
        return Box(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    @property
    def n_rows(self) -> int:
        return len(self.ys) - 1

    @property
    def n_cols(self) -> int:
        return len(self.xs) - 1


@dataclass(frozen=True, slots=True)
class TextEvidence:
    """What speaks for and against a cell's text; `confidence.py` alone makes numbers of it.

    posterior: product of the character posteriors; 1 for an exact text layer, None with no text.
    weakest: the smallest character posterior. coverage: share of the cell's ink inside its text lines
    (1 when blank). ink: share of the cell's inner area that is ink. exact: from a PDF's text layer.
    In heights of its lines: `hole`, the widest blank between two of its lines side by side, and `rim`, how far
    the text keeps from the cell's left and right side. parted: a detected line was cut at one of its borders.
    agreement: the least agreement of two readings among its lines that were in doubt, None where none was.
    by_words: words decided in some line. sealed: share of the cell under coloured ink. strange, worded: as in
    `knownwords.Wording`, where known words were asked.
    """

    posterior: float | None = None
    weakest: float | None = None
    coverage: float = 1.0
    ink: float = 0.0
    exact: bool = False
    hole: float = 0.0
    rim: float = 1.0
    parted: bool = False
    agreement: float | None = None
    by_words: bool = False
    sealed: float = 0.0
    strange: float = 0.0
    worded: float = 1.0


@dataclass(frozen=True, slots=True)
class PageCell:
    """A filled cell on one page; box and polygon in shown points."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    box: Box
    polygon: tuple[Point, Point, Point, Point]
    place: float
    evidence: TextEvidence
    lines: tuple[TextLine, ...] = ()
    flags: tuple[str, ...] = ()
    edges: PlaceEvidence = PlaceEvidence()


@dataclass(frozen=True, slots=True)
class LooseTable:
    """What a table's columns are settled from again, where no rule draws them: upright pixels.

    rows: what the page shows of it. grid: the one it had at first, and lines, evidence and flags of its cells.
    width: of the upright page; frame: the way from it to the page as shown.
    """

    rows: OpenRows
    grid: Grid
    lines: tuple[tuple[TextLine, ...], ...]
    evidence: tuple[TextEvidence, ...]
    flags: tuple[tuple[str, ...], ...]
    width: float
    frame: Frame


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table of one page with what is printed above it, cells sorted by row, then column.

    `box` in shown points. `at_top`, `at_bottom`: no text but running heads and page numbers stands
    above, below it on the page, so that it may go on from or to the neighbouring page.
    `closed_top`, `closed_bottom`: whether a rule closes that side. `text_height` in the picture's pixels
    (0 on a text page). `wear`: share (0..1) of its length that the page's worn rules lack.
    """

    page: int
    n_rows: int
    n_cols: int
    cells: tuple[PageCell, ...]
    box: Box
    columns: tuple[float, ...]  # the n_cols + 1 column borders as shares (0..1) of the upright page's width
    structure: str = "ruled"
    title: str | None = None
    unit: str | None = None
    organization: str | None = None
    fiscal_year: int | None = None
    at_top: bool = False
    at_bottom: bool = False
    closed_top: bool = True
    closed_bottom: bool = True
    text_height: float = 0.0
    wear: float = 0.0
    loose: LooseTable | None = None  # of a table on a scan without vertical rules


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of text outside tables, in shown points."""

    text: str
    box: Box
    p: float


@dataclass(frozen=True, slots=True)
class PageResult:
    """All that one page says. Everything after this is text and geometry: no picture is needed again."""

    number: int
    width: float
    height: float
    rotation: int
    skew: float
    source: str
    tables: tuple[PageTable, ...] = ()
    lines: tuple[PageLine, ...] = ()
    warnings: tuple[Warn, ...] = ()
    seconds: tuple[tuple[str, float], ...] = ()  # wall time by stage
    rules: tuple[tuple[Point, Point], ...] = ()  # ruling lines found, end to end in shown points; for looking at
