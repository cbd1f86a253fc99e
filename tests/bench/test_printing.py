"""Forms on paper: the HTML and the hand-written PDF say what the truth says."""

from __future__ import annotations

import random
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from bench.form import Form, Sheet, h
from bench.generate import draw_document, write_document
from bench.paper import PrintingFailed, chromium, css, document_html, print_pdf
from bench.score import fold
from bench.spread import Press, faces, print_sheets, printable, usable
from bench.style import Style, bared, draw_style, opened
from bench.truetype import Typeface, load, read_tables, subset

needs_fonts = pytest.mark.skipif(not faces(), reason="no embeddable Chinese font is installed")
needs_chromium = pytest.mark.skipif(chromium() is None, reason="chromium is not installed")


class Tables(HTMLParser):
    """Cells of every table: (row, text, row span, column span); the repeated title is no cell."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[tuple[int, str, int, int]]] = []
        self.row = -1
        self.cell: list[str] | None = None
        self.spans = (1, 1)
        self.over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self.tables.append([])
            self.row = -1
        elif tag == "tr":
            self.row += 1
        elif tag == "td":
            self.over = "over" in (given.get("class") or "").split()
            self.row -= self.over
            self.cell = []
            self.spans = (int(given["rowspan"] or 1), int(given["colspan"] or 1)) if not self.over else (1, 1)
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "td" and self.cell is not None:
            if not self.over:
                self.tables[-1].append((self.row, "".join(self.cell).strip(), *self.spans))
            self.cell = None


def test_a_column_without_a_cell_of_its_own_has_a_width() -> None:
    """Left to itself a browser gives it none, and two borders of the truth are printed as one."""
    sheet = Sheet()
    sheet.row(h("一", 1, 2), h("二"))
    sheet.row(h("三"), h("四", 1, 2))
    sheet.row(h("五", 1, 2), h("六"))
    hidden = sheet.form(family="f", name="n", title="t", unit="", widths=(1, 1, 1), header_rows=0)
    sheet.row(h("七"), h("八"), h("九"))
    shown = sheet.form(family="f", name="n", title="t", unit="", widths=(1, 1, 1), header_rows=0)
    style = replace(draw_style(random.Random(1)), even_columns=True)
    widths = [document_html([form], style, org="某局", year=2020).count("<col ") for form in (hidden, shown)]
    assert widths == [3, 0]


@pytest.mark.parametrize("number", range(12))
def test_html_holds_the_truth(number: int) -> None:
    drawn = draw_document(77, number)
    for style in (drawn.style, opened(drawn.style), replace(drawn.style, repeat="titled")):
        parser = Tables()
        parser.feed(document_html(drawn.items, style, org=drawn.world.org, year=drawn.world.year))
        printed = parser.tables
        wanted = [
            [(c["row"], c["text"], c["row_span"], c["col_span"]) for c in form.truth()["cells"]] for form in drawn.forms
        ]
        assert printed == wanted


def text_of(file: Path) -> str:
    document = pypdfium2.PdfDocument(str(file))
    try:
        return fold("".join(page.get_textpage().get_text_range() for page in document))
    finally:
        document.close()


@needs_fonts
@pytest.mark.parametrize("number", range(4))
def test_the_written_pdf_says_every_cell_once(number: int, tmp_path: Path) -> None:
    drawn = draw_document(78, number)
    style = replace(drawn.style, repeat="nothing", page_number="", running_head="")
    target = tmp_path / "a.pdf"
    print_sheets(drawn.items, style, target, org=drawn.world.org, year=drawn.world.year)
    printed = text_of(target)
    wanted = [fold(p.mark.text) for form in drawn.forms for p in form.cells]
    wanted += [fold(form.title) for form in drawn.forms]
    for form in drawn.forms:
        for placed in form.cells:
            assert all(char in printed for char in fold(placed.mark.text)), placed.mark.text
    lines = sum(
        len(fold(text))
        for item in drawn.items
        if not isinstance(item, Form)
        for text in (item.heading, *item.paragraphs)
    )
    lines += sum(
        len(fold(text)) for form in drawn.forms for text in (form.tag, *form.notes, *(w for a in form.above for w in a))
    )
    assert abs(len(printed) - sum(map(len, wanted)) - lines) <= 0.01 * len(printed)


@needs_fonts
def test_the_written_pdf_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    drawn = draw_document(79, 0)
    for name in ("a", "b"):
        print_sheets(drawn.items, drawn.style, tmp_path / name, org=drawn.world.org, year=drawn.world.year)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@needs_fonts
@pytest.mark.parametrize("size", [9.0, 9.001, 9.002, 9.003])
def test_a_face_is_chosen_that_has_every_character(
    size: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one lacks the minus sign it printed a hollow box, which no reader can read as one."""
    if not any(face.glyph("−") for face in usable(faces())):
        pytest.skip("no font that is installed here has a minus sign")
    chosen: list[Typeface] = []

    def opened_press(style: Style, face: Typeface, *rest: Any) -> Press:
        chosen.append(face)
        return Press(style, face, *rest)

    monkeypatch.setattr("bench.spread.Press", opened_press)
    drawn = draw_document(78, 0)
    form = next(item for item in drawn.items if isinstance(item, Form))
    first = replace(form.cells[0], mark=replace(form.cells[0].mark, text="−59.0"))
    changed = replace(form, cells=(first, *form.cells[1:]))
    print_sheets([changed], replace(drawn.style, size=size), tmp_path / "a.pdf", org="甲", year=2020)
    assert chosen[0].glyph("−")


@needs_fonts
def test_what_no_face_has_is_not_printed_as_a_hollow_box(tmp_path: Path) -> None:
    drawn = draw_document(78, 0)
    form = next(item for item in drawn.items if isinstance(item, Form))
    first = replace(form.cells[0], mark=replace(form.cells[0].mark, text="\ue123"))  # of the private use area
    changed = replace(form, cells=(first, *form.cells[1:]))
    assert printable([form])
    assert not printable([changed])
    with pytest.raises(PrintingFailed, match="every character"):
        print_sheets([changed], drawn.style, tmp_path / "a.pdf", org="甲", year=2020)


@needs_fonts
def test_a_subset_keeps_the_outlines_asked_for() -> None:
    face = load(faces()[0])
    glyph, other = face.glyph("算"), face.glyph("预")
    tables = read_tables(subset(face, [glyph]))
    offsets = (
        memoryview(tables["loca"]).cast("I")
        if False
        else [int.from_bytes(tables["loca"][4 * i : 4 * i + 4], "big") for i in range(len(tables["loca"]) // 4)]
    )
    assert glyph
    assert other
    assert offsets[glyph + 1] > offsets[glyph]
    assert offsets[other + 1] == offsets[other]
    assert 900 <= face.width(glyph) <= 1100
    assert face.width(face.glyph("1")) < face.width(glyph)


@needs_chromium
def test_chromium_prints_a_document(tmp_path: Path) -> None:
    drawn = draw_document(80, 1)
    target = tmp_path / "a.pdf"
    print_pdf(document_html(drawn.items, drawn.style, org=drawn.world.org, year=drawn.world.year), target)
    printed = text_of(target)
    for form in drawn.forms:
        assert fold(form.title) in printed
        assert all(char in printed for placed in form.cells for char in fold(placed.mark.text))


@needs_fonts
def test_a_document_is_written_in_every_level_with_its_truth(tmp_path: Path) -> None:
    drawn = draw_document(81, 2)
    drawn = replace(drawn, style=replace(drawn.style, printer="spread"), items=drawn.items[:1])
    names = list(write_document(drawn, ("digital", "fax+turned", "stamp+photo"), tmp_path))
    assert names == [f"{drawn.name}-{level}" for level in ("digital", "fax+turned", "stamp+photo")]
    counts = []
    for name in names:
        document = pypdfium2.PdfDocument(str(tmp_path / f"{name}.pdf"))
        counts.append(len(document))
        document.close()
        assert (tmp_path / f"{name}.truth.json").exists()
    assert len(set(counts)) == 1
    assert text_of(tmp_path / f"{names[0]}.pdf")
    assert not text_of(tmp_path / f"{names[1]}.pdf")


def test_an_open_style_has_no_vertical_rules() -> None:
    style = opened(draw_style(random.Random(1)))
    assert not style.vertical
    assert not style.sides


def test_a_bare_style_prints_no_rule() -> None:
    drawn = draw_document(20, 1)
    sheet = css(bared(drawn.style), "", 2024)
    assert "border:none;" in sheet
    assert not bared(drawn.style).horizontal
