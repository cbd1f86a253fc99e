"""A result as an XLSX workbook: one sheet a table, merged cells merged, numbers as numbers.

A sheet's cell A1 is the table's row 0, column 0, so that places agree with the JSON. A number is
written as a number where the spreadsheet can show it exactly as printed (or nearly: then a note
holds the print); codes with leading zeros and numbers past 15 digits stay text. Text never becomes
a formula. openpyxl is imported on first use: it would pull numpy into processes that never export.
"""

from __future__ import annotations

import io
import re
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from extractor.export import doubt, heading, note
from extractor.result import Cell, Document, Table

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.worksheet.worksheet import Worksheet

FILLS = {"doubtful": "FFE9A8", "very-doubtful": "FFC0B0"}
HEADER_FILL = "EEF1F5"
MAX_DIGITS = 15  # what a double, and so a spreadsheet, keeps
MAX_SHEET_NAME = 31  # Excel's limit
MAX_COLUMN_WIDTH = 48  # characters; longer texts wrap
DOUBT_OF_EMPTY = 0.5  # an empty cell has no text to check: the fill says enough unless it is very doubtful
_PLAIN = re.compile(r"-?(\d+)(?:\.(\d+))?")
_PRINTED = re.compile(r"(?P<before>\D*?)(?P<whole>\d[\d,]*)(?:\.(?P<fraction>\d+))?(?P<after>\D*)")


class Shown(NamedTuple):
    """How a number is stored: the number, its number format, and whether that shows the print exactly."""

    number: Decimal
    number_format: str
    exact: bool


def shown_number(text: str, value: str | None) -> Shown | None:
    """A number and the number format that shows it as printed; None where it must stay text.

    '1,728.90' -> #,##0.00; '(3.50)' -> 0.00;(0.00) with the brackets literal; '12.5%' keeps the value 12.5.
    """
    plain = _PLAIN.fullmatch(value) if value is not None else None
    if value is None or plain is None:
        return None
    whole, fraction = plain.group(1), plain.group(2) or ""
    if (len(whole) > 1 and whole.startswith("0")) or len((whole + fraction).lstrip("0")) > MAX_DIGITS:
        return None
    number = Decimal(value)
    folded = unicodedata.normalize("NFKC", text.strip())
    printed = _PRINTED.fullmatch(folded)
    fallback = "0." + "0" * len(fraction) if fraction else "0"
    if printed is None:
        return Shown(number, fallback, False)
    digits = printed["whole"].replace(",", "")
    if digits != whole or (printed["fraction"] or "") != fraction:
        return Shown(number, fallback, False)
    grouped = "," in printed["whole"]
    core = ("#,##0" if grouped else "0") + ("." + "0" * len(fraction) if fraction else "")
    exact = text.strip().isascii() or not any(c.isdigit() and not c.isascii() for c in text)
    exact = exact and (not grouped or printed["whole"] == f"{int(digits):,}")
    before, after = printed["before"], printed["after"]
    if (before, after) == ("-", ""):
        return Shown(number, core, exact and number != 0)  # a printed -0.00 would show as 0.00
    if not before and not after:
        return Shown(number, core, exact)
    literal = _literal(before) + core + _literal(after)
    return Shown(number, f"{literal};{literal}", exact)


def _literal(text: str) -> str:
    return '"' + text.replace('"', "") + '"' if text else ""


def to_xlsx(document: Document) -> bytes:
    """The workbook's bytes: the tables in order, then a sheet that lists them."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    taken: set[str] = set()
    names = []
    for table in document.tables:
        name = _sheet_name(heading(table), taken)
        names.append(name)
        _fill_sheet(book.create_sheet(name), table)
    _list_tables(book.create_sheet(_sheet_name("Tables", taken)), document, names)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """Legal in Excel (31 characters, none of []:*?/\\, no apostrophe at an end) and not used yet, whatever the case."""
    base = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", wanted).strip(" '") or "Table"
    name, n = base[:MAX_SHEET_NAME].strip(" '"), 1
    while name.casefold() in taken:
        n += 1
        name = f"{base[: MAX_SHEET_NAME - len(str(n)) - 1].strip(chr(39))}-{n}"
    taken.add(name.casefold())
    return name


def _fill_sheet(sheet: Worksheet, table: Table) -> None:
    from openpyxl.utils import get_column_letter

    widths = [4.0] * table.n_cols
    for cell in table.cells:
        # Place and look go on every covered position: Excel draws a merged cell's border from all of them.
        for row in range(cell.row, cell.row + cell.row_span):
            for col in range(cell.col, cell.col + cell.col_span):
                _style(sheet.cell(row + 1, col + 1), cell)  # type: ignore[arg-type]
        _write(sheet.cell(cell.row + 1, cell.col + 1), cell)  # type: ignore[arg-type]
        if cell.row_span > 1 or cell.col_span > 1:
            sheet.merge_cells(
                start_row=cell.row + 1,
                start_column=cell.col + 1,
                end_row=cell.row + cell.row_span,
                end_column=cell.col + cell.col_span,
            )
        if cell.col_span == 1:
            widest = max((_width(line) for line in cell.text.split("\n")), default=0)
            widths[cell.col] = max(widths[cell.col], min(widest + 2.0, MAX_COLUMN_WIDTH))
    for index, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    if table.header_rows:
        sheet.freeze_panes = f"A{table.header_rows + 1}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _style(target: SheetCell, cell: Cell) -> None:
    from openpyxl.styles import Alignment, Border, PatternFill, Side

    side = Side(style="thin", color="777777")
    target.border = Border(left=side, right=side, top=side, bottom=side)
    across = {"header": "center", "number": "right"}.get(cell.kind, "left")
    target.alignment = Alignment(horizontal=across, vertical="center", wrap_text=True)
    color = FILLS.get(doubt(cell)) or (HEADER_FILL if cell.kind == "header" else None)
    if color:
        target.fill = PatternFill("solid", fgColor=color)


def _write(target: SheetCell, cell: Cell) -> None:
    from openpyxl.comments import Comment

    remarks = []
    number = shown_number(cell.text, cell.value)
    if number is not None:
        target.value = number.number
        target.number_format = number.number_format
        if not number.exact:
            remarks.append(f"printed: {cell.text}")
    elif cell.text:
        _write_text(target, cell.text)
    if cell.flags or (doubt(cell) and (cell.text or cell.confidence < DOUBT_OF_EMPTY)):
        remarks.append(note(cell))
    if remarks:
        target.comment = Comment("\n".join(remarks), "gezi")


def _write_text(target: SheetCell, text: str) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    target.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
    target.data_type = "s"  # else a text that begins with = would be stored as a formula
    target.number_format = "@"
    # Excel keeps the cell as text when it is edited, as if typed with an apostrophe before it.
    target.quotePrefix = text.startswith(("=", "+", "-", "@"))


def _list_tables(sheet: Worksheet, document: Document, names: list[str]) -> None:
    for col, title in enumerate(("id", "sheet", "title", "unit", "pages", "rows", "columns", "confidence"), 1):
        sheet.cell(1, col, title)
    for row, (table, name) in enumerate(zip(document.tables, names, strict=True), 2):
        texts = (table.id, name, table.title or "", table.unit or "", ", ".join(map(str, table.pages)))
        for col, text in enumerate(texts, 1):
            _write_text(sheet.cell(row, col), text)  # type: ignore[arg-type]
        for col, figure in enumerate((table.n_rows, table.n_cols, round(table.confidence, 4)), len(texts) + 1):
            sheet.cell(row, col, figure)
    row = len(names) + 3
    for line in (document.document.filename, *(f"{w.code}: {w.detail}" for w in document.warnings)):
        _write_text(sheet.cell(row, 1), line)  # type: ignore[arg-type]
        row += 1
