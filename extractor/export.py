"""One result in the formats people open: JSON, HTML, Markdown, CSV (one text a table) and XLSX.

Pure functions from a `result.Document` to text or bytes; nothing is written here. JSON alone is
complete; the others show every table's cells where they stand, with doubtful ones marked.
The texts come from untrusted documents: HTML and Markdown are escaped, and no text becomes a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from html import escape

from extractor.result import Cell, Document, Table

# Cells below these probabilities are shaded as doubtful and as very doubtful.
DOUBTFUL = 0.9
VERY_DOUBTFUL = 0.5

# A spreadsheet takes a text that begins with one of these for a formula when it opens a CSV file.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

_STYLE = """
body { font: 15px/1.4 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2em; }
table { border-collapse: collapse; margin: .5em 0 2em; }
caption { text-align: left; font-weight: bold; padding: .3em 0; }
caption small { font-weight: normal; color: #555; }
td, th { border: 1px solid #555; padding: .2em .5em; white-space: pre-line; font-weight: normal; text-align: left; }
th { background: #eef1f5; text-align: center; }
.number { text-align: right; }
.doubtful { background: #ffe9a8; }
.very-doubtful { background: #ffc0b0; }
.sum-broken { outline: 2px solid #c00; outline-offset: -2px; }
"""


def to_json(document: Document, *, indent: int | None = None) -> str:
    """The whole result, as `docs/result.schema.json` describes it, without an ASCII escape."""
    return document.model_dump_json(indent=indent)


def rows_of(table: Table) -> list[list[Cell]]:
    """Cells by the row where they begin, left to right; a row covered from above altogether is empty."""
    rows: list[list[Cell]] = [[] for _ in range(table.n_rows)]
    for cell in sorted(table.cells, key=lambda c: (c.row, c.col)):
        rows[cell.row].append(cell)
    return rows


def texts_of(table: Table) -> list[list[str]]:
    """The grid as texts: a merged cell's text at its top-left position, "" at the others it covers."""
    grid = [[""] * table.n_cols for _ in range(table.n_rows)]
    for cell in table.cells:
        grid[cell.row][cell.col] = cell.text
    return grid


def doubt(cell: Cell) -> str:
    """"", "doubtful" or "very-doubtful", by the cell's confidence."""
    if cell.confidence < VERY_DOUBTFUL:
        return "very-doubtful"
    return "doubtful" if cell.confidence < DOUBTFUL else ""


def heading(table: Table) -> str:
    return table.title or table.form or f"Table {table.id.removeprefix('t')}"


def to_csv(table: Table) -> str:
    """One table, RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    sink = io.StringIO()
    writer = csv.writer(sink)
    numbers = {(cell.row, cell.col) for cell in table.cells if cell.value is not None}
    for row, texts in enumerate(texts_of(table)):
        writer.writerow(text if (row, col) in numbers else _harmless(text) for col, text in enumerate(texts))
    return sink.getvalue()


def _harmless(text: str) -> str:
    # A lone sign is how forms print "none"; spreadsheets leave it alone.
    return "'" + text if len(text) > 1 and text.startswith(FORMULA_STARTS) else text


def to_html(document: Document) -> str:
    """A page of its own: tables with real row and column spans, the confidence in each cell's tooltip."""
    info = document.document
    parts = [
        "<!DOCTYPE html>",
        '<html lang="zh-CN"><head><meta charset="utf-8">',
        f"<title>{escape(info.filename)}</title>",
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>{escape(info.filename)}</h1>",
    ]
    for warning in _warnings(document):
        parts.append(f'<p class="warning">{escape(warning)}</p>')
    for table in document.tables:
        parts.extend(_html_table(table))
    outside = [(page.number, [line.text for line in page.lines]) for page in document.pages if page.lines]
    if outside:
        parts.append("<details><summary>Text outside tables</summary>")
        for number, lines in outside:
            parts.append(f"<h2>Page {number}</h2><p>{'<br>'.join(escape(line) for line in lines)}</p>")
        parts.append("</details>")
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _warnings(document: Document) -> Iterator[str]:
    for warning in document.warnings:
        yield f"{warning.code}: {warning.detail}" if warning.detail else warning.code
    for page in document.pages:
        for warning in page.warnings:
            yield f"page {page.number}: {warning.code}" + (f": {warning.detail}" if warning.detail else "")


def _html_table(table: Table) -> Iterator[str]:
    yield f'<table id="{escape(table.id)}">'
    yield f"<caption>{escape(heading(table))} <small>{escape(about(table))}</small></caption>"
    rows = rows_of(table)
    # HTML cuts a span at the end of <thead>, so there is one only where no cell reaches out of the header rows.
    head = table.header_rows
    if any(c.row < head < c.row + c.row_span for c in table.cells):
        head = 0
    for name, part in (("thead", rows[:head]), ("tbody", rows[head:])):
        if part:
            yield f"<{name}>"
            yield from ("<tr>" + "".join(_html_cell(cell) for cell in row) + "</tr>" for row in part)
            yield f"</{name}>"
    yield "</table>"


def _html_cell(cell: Cell) -> str:
    tag = "th" if cell.kind == "header" else "td"
    broken = "sum-broken" if "sum_mismatch" in cell.flags else ""
    names = " ".join(filter(None, ("number" if cell.kind == "number" else "", doubt(cell), broken)))
    spans = "".join(f' {name}="{n}"' for name, n in (("rowspan", cell.row_span), ("colspan", cell.col_span)) if n > 1)
    styled = f' class="{names}"' if names else ""
    return f'<{tag}{spans}{styled} title="{escape(note(cell))}">{escape(cell.text)}</{tag}>'


def about(table: Table) -> str:
    """What stands beside a table's title: unit, pages, confidence."""
    pages = f"page {table.pages[0]}" if len(table.pages) == 1 else f"pages {table.pages[0]}–{table.pages[-1]}"
    return " · ".join(filter(None, (table.unit, pages, f"confidence {table.confidence:.2f}")))


def note(cell: Cell) -> str:
    """A cell's confidence and what it is made of, in one line."""
    parts = f"text {cell.parts.text:.3f}, place {cell.parts.place:.3f}"
    if cell.parts.checks is not None:
        parts += f", checks {cell.parts.checks:.3f}"
    flags = f"; {', '.join(cell.flags)}" if cell.flags else ""
    return f"confidence {cell.confidence:.3f} ({parts}){flags}"


def to_markdown(document: Document) -> str:
    """Pipe tables. There are no merged cells: a text stands at its top-left position. Doubtful ones end in (?)."""
    out = [f"# {_md(document.document.filename)}", ""]
    out.extend(f"> {_md(warning)}\n" for warning in _warnings(document))
    for table in document.tables:
        out += [f"## {_md(heading(table))}", "", _md(about(table)), ""]
        doubts = {(cell.row, cell.col) for cell in table.cells if cell.text and doubt(cell)}
        for row, texts in enumerate(texts_of(table)):
            cells = [_md(text) + (" (?)" if (row, col) in doubts else "") for col, text in enumerate(texts)]
            out.append("| " + " | ".join(cells) + " |")
            if row == 0:
                out.append("|" + " --- |" * table.n_cols)
        out.append("")
    outside = [page for page in document.pages if page.lines]
    if outside:
        out += ["## Text outside tables", ""]
        out.extend(f"{_md(line.text)}  " for page in outside for line in page.lines)
    return "\n".join(out).rstrip() + "\n"


def _md(text: str) -> str:
    for mark in ("\\", "|", "`", "*", "_", "[", "]"):
        text = text.replace(mark, "\\" + mark)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\r", "").replace("\n", "<br>")
