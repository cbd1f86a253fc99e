"""A second printing path, without a browser: forms laid out as spreadsheet software exports them.

Columns have fixed widths, every row is as high as its text needs, a page ends between rows, a merged cell that
a page break cuts is drawn in two parts, rules are strokes, thin filled boxes or one box a cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.form import Form, Placed
from bench.paper import Item, PrintingFailed, Prose
from bench.pdfwriter import Canvas, write_pdf
from bench.style import Style
from bench.truetype import FontUnusable, Typeface, load

FACES = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/truetype/arphic/ukai.ttc",
)
A4 = (595.28, 841.89)
LEADING = 1.22  # line pitch over font size
MM = 72 / 25.4
SPARE = 1.02  # a number that fits to the hair would be wrapped by rounding
SMALLEST = 5.0  # points: below this nobody exports a table


def faces() -> list[str]:
    """Font files that are installed here and can be embedded."""
    return [path for path in FACES if Path(path).exists()]


def wrap(face: Typeface, text: str, size: float, width: float) -> list[str]:
    """Lines of a text in a box of `width` points, broken between any two characters, as Chinese is."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for char in paragraph:
            step = face.measure(char, size)
            if line and used + step > width:
                lines.append(line)
                line, used = "", 0.0
            line, used = line + char, used + step
        lines.append(line)
    return lines


def rgb(colour: str) -> tuple[float, float, float]:
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    return int(digits[:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:], 16) / 255


@dataclass(frozen=True, slots=True)
class Layout:
    """A form measured for its page: column borders in points, row heights, font size, wrapped lines by cell."""

    xs: tuple[float, ...]
    heights: tuple[float, ...]
    size: float
    lines: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class Press:
    """Prints items page after page. Long-lived state: the open page and how far down it is full."""

    style: Style
    face: Typeface
    org: str
    year: int
    pages: list[Canvas]
    y: float = 0.0
    covered: bool = False  # the open page is a cover: nothing else goes on it

    @property
    def margin(self) -> float:
        return self.style.margin * MM

    @property
    def page(self) -> Canvas:
        return self.pages[-1]

    def new_page(self, *, landscape: bool) -> None:
        width, height = A4[::-1] if landscape else A4
        canvas = Canvas(width, height, self.face)
        canvas.ink(rgb(self.style.colour))
        self.pages.append(canvas)
        self.y = self.margin
        self.covered = False
        if self.style.running_head:
            self.centred(self.style.running_head.format(org=self.org, year=self.year), self.margin * 0.6, 8.0)

    def centred(self, words: str, baseline: float, size: float, *, bold: bool = False) -> None:
        x = (self.page.width - self.face.measure(words, size)) / 2
        self.page.text(x, baseline, words, size, bold=bold)

    def line_of(self, left: str, middle: str, right: str, size: float) -> None:
        """One line above a table: left, middle and right parts."""
        self.y += size * 1.5
        baseline = self.y - size * 0.3
        self.page.text(self.margin, baseline, left, size)
        if middle:
            self.centred(middle, baseline, size)
        self.page.text(self.page.width - self.margin - self.face.measure(right, size), baseline, right, size)

    def heading(self, form: Form) -> None:
        size = self.style.size
        if form.tag:
            sides = (form.tag, "", "") if self.style.tag_side == "left" else ("", "", form.tag)
            self.line_of(*sides, size)
        large = size * self.style.title_scale
        for line in wrap(self.face, form.title, large, self.page.width - 2 * self.margin):
            self.y += large * 1.35
            self.centred(line, self.y - large * 0.25, large, bold=self.style.bold_heads)
        for left, middle, right in form.above:
            self.line_of(left, middle, right, size)
        self.y += size * 0.4

    def prose(self, prose: Prose) -> None:
        self.new_page(landscape=False)
        size = self.style.size * 1.1
        self.y += size * 3
        self.centred(prose.heading, self.y, size * 1.6)
        self.y += size * 2
        for paragraph in prose.paragraphs:
            for line in wrap(self.face, "　　" + paragraph, size, self.page.width - 2 * self.margin):
                if self.y > self.page.height - self.margin:
                    self.new_page(landscape=False)
                self.y += size * 1.9
                self.page.text(self.margin, self.y, line, size)
        self.covered = prose.kind == "cover"

    def measure(self, form: Form) -> Layout:
        """Column borders, and a font size at which the longest unbreakable number fits its column."""
        room = self.page.width - 2 * self.margin
        total = sum(form.widths)
        xs = [self.margin]
        for width in form.widths:
            xs.append(xs[-1] + room * width / total)
        size, pad = self.style.size, self.style.padding[1]
        for placed in form.cells:
            if placed.mark.cls == "n" and placed.mark.text:
                space = xs[placed.col + placed.mark.col_span] - xs[placed.col] - 2 * pad
                needs = self.face.measure(placed.mark.text, size) * SPARE
                size = min(size, size * space / max(needs, 1.0))
        size = max(size, SMALLEST)
        lines, needed = [], [size * self.style.height] * form.n_rows
        for placed in form.cells:
            mark = placed.mark
            space = xs[placed.col + mark.col_span] - xs[placed.col] - 2 * pad
            words = tuple(wrap(self.face, "　" * mark.indent + mark.text, size, max(space, size)))
            lines.append(words)
            height = (len(words) * LEADING + 0.5) * size + 2 * self.style.padding[0]
            lacking = height - sum(needed[placed.row : placed.row + mark.row_span])
            if lacking > 0:
                needed[placed.row + mark.row_span - 1] += lacking
        return Layout(tuple(xs), tuple(needed), size, tuple(lines))

    def form(self, form: Form) -> None:
        """A form on the open page where style and room allow it, else on new ones."""
        fits = bool(self.pages) and self.style.together and (self.page.width > self.page.height) == form.landscape
        fits = fits and not self.covered
        if not fits or self.y > self.page.height * 0.55:
            self.new_page(landscape=form.landscape)
        else:
            self.y += self.style.size * 2
        self.heading(form)
        layout = self.measure(form)
        repeated = form.header_rows if self.style.repeat != "nothing" and form.header_rows < form.n_rows else 0
        first = 0
        while first < form.n_rows:
            head = repeated if first else 0
            y = self.y + sum(layout.heights[:head])
            last = first
            # A row higher than a page is drawn past its foot rather than never.
            while last < form.n_rows and (last == first or y + layout.heights[last] <= self.page.height - self.margin):
                y += layout.heights[last]
                last += 1
            if head:
                self.rows(form, layout, 0, head)
            self.rows(form, layout, first, last)
            first = last
            if first < form.n_rows:
                self.new_page(landscape=form.landscape)
                if self.style.repeat == "titled" and repeated:
                    self.heading(form)
        for note in form.notes:
            self.line_of(note, "", "", self.style.size)

    def rows(self, form: Form, layout: Layout, first: int, last: int) -> None:
        """Draw rows first..last - 1 from the current height down; cells that reach out of them are cut."""
        ys = [self.y]
        for height in layout.heights[first:last]:
            ys.append(ys[-1] + height)
        parts = []
        for placed, lines in zip(form.cells, layout.lines, strict=True):
            top, bottom = max(placed.row, first), min(placed.row + placed.mark.row_span, last)
            if top < bottom:
                box = (
                    layout.xs[placed.col],
                    ys[top - first],
                    layout.xs[placed.col + placed.mark.col_span],
                    ys[bottom - first],
                )
                parts.append((placed, lines, box))
                if placed.mark.header and self.style.shade != "none":
                    self.page.fill(*box, rgb(self.style.shade))
        for placed, lines, box in parts:
            self.borders(form, placed, box)
            # The text of a cut cell stands in its larger part.
            seen = (box[3] - box[1]) / sum(layout.heights[placed.row : placed.row + placed.mark.row_span])
            if seen > 0.5 or (seen == 0.5 and placed.row >= first):
                self.words(placed, lines, box, layout.size)
        self.rule(layout.xs[0], ys[-1], layout.xs[-1], ys[-1])
        self.frame(layout.xs[0], ys[0], layout.xs[-1], ys[-1])
        self.y = ys[-1]

    def words(self, placed: Placed, lines: Sequence[str], box: tuple[float, float, float, float], size: float) -> None:
        mark, style = placed.mark, self.style
        align = mark.align or {"h": style.label_align, "n": style.number_align, "t": "left"}[mark.cls]
        x0, y0, x1, y1 = box
        pad, pitch = style.padding[1], size * LEADING
        top = (y0 + y1 - len(lines) * pitch) / 2 if style.middle else y0 + style.padding[0] + size * 0.15
        for i, line in enumerate(lines):
            width = self.face.measure(line, size)
            x = {"left": x0 + pad, "center": (x0 + x1 - width) / 2, "right": x1 - pad - width}[align]
            self.page.text(
                x, top + (i + 0.82) * pitch, line, size, bold=mark.bold or (mark.header and style.bold_heads)
            )

    def borders(self, form: Form, placed: Placed, box: tuple[float, float, float, float]) -> None:
        x0, y0, x1, y1 = box
        style = self.style
        if style.drawing == "boxes" and style.vertical and style.sides and style.line in ("solid", "double"):
            self.page.box(x0, y0, x1, y1, style.rule)
            return
        # Top and left alone: every inner edge is some cell's top or left, and dashes drawn twice would close up.
        self.rule(x0, y0, x1, y0)
        if style.vertical and (placed.col or style.sides):
            self.rule(x0, y0, x0, y1)
        if style.vertical and style.sides and placed.col + placed.mark.col_span == form.n_cols:
            self.rule(x1, y0, x1, y1)

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        style, half = self.style, self.style.rule / 2
        if y0 == y1 and not style.horizontal:
            return
        if style.drawing == "fills" and style.line in ("solid", "double"):
            self.page.fill(x0 - half, y0 - half, x1 + half, y1 + half, rgb(style.colour))
        else:
            dash = {"dotted": f"{style.rule:.2f} {2 * style.rule:.2f}", "dashed": "3 2"}.get(style.line, "")
            self.page.line(x0, y0, x1, y1, style.rule, dash)

    def frame(self, x0: float, y0: float, x1: float, y1: float) -> None:
        style = self.style
        if not style.horizontal or (style.outer <= style.rule and style.line != "double"):
            return
        gaps = (0.0, -2.0) if style.line == "double" else (0.0,)
        weight = style.rule if style.line == "double" else style.outer
        for gap in gaps:
            for y in (y0 + gap, y1 - gap):
                self.page.line(x0, y, x1, y, weight)
            if style.sides and style.vertical:
                for x in (x0 + gap, x1 - gap):
                    self.page.line(x, y0 + gap, x, y1 - gap, weight)

    def number_pages(self) -> None:
        for number, canvas in enumerate(self.pages, 1):
            words = self.style.page_number.format(n=number, of=len(self.pages))
            x = (canvas.width - self.face.measure(words, 8.0)) / 2
            canvas.text(x, canvas.height - self.margin * 0.45, words, 8.0)


def usable(paths: Sequence[str]) -> Iterator[Typeface]:
    for path in paths:
        try:
            yield load(path)
        except FontUnusable:
            continue


def printable(items: Sequence[Item]) -> bool:
    """Whether a font is installed that has all of the forms' characters; a box to tick (☐) few have."""
    return any(_has_all(face, items) for face in usable(faces()))


def _has_all(face: Typeface, items: Sequence[Item]) -> bool:
    chars = {char for item in items if isinstance(item, Form) for p in item.cells for char in p.mark.text} - {"\n"}
    return all(map(face.glyph, chars))


def print_sheets(items: Sequence[Item], style: Style, target: Path, *, org: str, year: int) -> None:
    """Print items to a PDF. Raises PrintingFailed where no font that can be embedded has all characters."""
    # Three of the four have no minus sign (−), none a box to tick (☐): what is printed would not be the truth.
    fit = [face for face in usable(faces()) if _has_all(face, items)]
    if not fit:
        raise PrintingFailed(
            "no embeddable font that is installed has every character (fonts-wqy-microhei, fonts-arphic-uming …)"
        )
    face = fit[int(style.size * 1000) % len(fit)]
    press = Press(style, face, org, year, [])
    for item in items:
        if isinstance(item, Form):
            press.form(item)
        else:
            press.prose(item)
    press.number_pages()
    write_pdf(press.pages, target)
