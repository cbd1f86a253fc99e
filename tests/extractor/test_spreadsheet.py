from __future__ import annotations

import io

import pytest
from openpyxl import Workbook, load_workbook

from extractor.result import Table
from extractor.spreadsheet import shown_number, to_xlsx
from tests.handmade import cell, document, merged_table, table


def _book(*tables: Table) -> Workbook:
    return load_workbook(io.BytesIO(to_xlsx(document(*tables))))


def test_cells_stand_at_their_places_and_merges_are_real() -> None:
    sheet = _book(merged_table())["收支总表"]
    assert {str(r) for r in sheet.merged_cells.ranges} == {"A1:A2", "B1:C1"}
    assert [sheet["A1"].value, sheet["B1"].value, sheet["B2"].value] == ["项目", "金额", "小计"]
    assert sheet["C4"].value == "第一段\n第二段"


def test_numbers_are_numbers_shown_as_printed() -> None:
    sheet = _book(merged_table())["收支总表"]
    assert (sheet["B3"].value, sheet["B3"].number_format) == (1728.90, "#,##0.00")
    assert (sheet["B4"].value, sheet["B4"].number_format) == (-5, "0.00")


def test_text_is_never_a_formula() -> None:
    sheet = _book(merged_table())["收支总表"]
    assert sheet["C3"].data_type == "s"
    assert sheet["C3"].value == "=HYPERLINK(1)"
    assert sheet["C3"].quotePrefix


def test_doubtful_cells_are_filled_and_noted() -> None:
    sheet = _book(merged_table())["收支总表"]
    assert sheet["C3"].fill.fgColor.rgb.endswith("FFC0B0")
    assert "0.400" in sheet["C3"].comment.text
    assert sheet["B4"].fill.fgColor.rgb.endswith("FFE9A8")
    assert "sum_mismatch" in sheet["B4"].comment.text
    assert sheet["A3"].comment is None


def test_sheets_of_equal_or_impossible_names() -> None:
    long = "表" * 40
    titles = ["收支/总表", "收支:总表", long, long, None, "Tables", "'"]
    book = _book(*(merged_table(f"t{n}", title) for n, title in enumerate(titles, 1)))
    assert len(book.sheetnames) == len(titles) + 1
    assert book.sheetnames[:3] == ["收支 总表", "收支 总表-2", "表" * 31]
    assert all(0 < len(name) <= 31 for name in book.sheetnames)
    listed = book.worksheets[-1]
    assert [listed.cell(row, 2).value for row in range(2, 9)] == book.sheetnames[:-1]


def test_a_document_without_tables_is_a_workbook_all_the_same() -> None:
    assert len(_book().sheetnames) == 1


def test_control_characters_do_not_break_the_file() -> None:
    assert _book(table([cell(0, 0, "a\x07b")]))["收支总表"]["A1"].value == "a\ufffdb"


@pytest.mark.parametrize(
    ("text", "value", "number", "number_format", "exact"),
    [
        ("1728.90", "1728.90", "1728.90", "0.00", True),
        ("1,728.90", "1728.90", "1728.90", "#,##0.00", True),
        ("12", "12", "12", "0", True),
        ("-3", "-3", "-3", "0", True),
        ("0.00", "0.00", "0.00", "0.00", True),
        ("(3.50)", "-3.50", "-3.50", '"("0.00")";"("0.00")"', True),
        ("−3.50", "-3.50", "-3.50", '"−"0.00;"−"0.00', True),
        ("负3.5", "-3.5", "-3.5", '"负"0.0;"负"0.0', True),
        ("12.5%", "12.5", "12.5", '0.0"%";0.0"%"', True),
        ("１２３", "123", "123", "0", False),
        ("1,72", "172", "172", "#,##0", False),
        ("1 728", "1728", "1728", "0", False),
        ("-0.00", "-0.00", "-0.00", "0.00", False),
    ],
)
def test_number_formats(text: str, value: str, number: str, number_format: str, exact: bool) -> None:
    shown = shown_number(text, value)
    assert shown is not None
    assert (str(shown.number), shown.number_format, shown.exact) == (number, number_format, exact)


@pytest.mark.parametrize(
    ("text", "value"), [("0050", "0050"), ("编码", None), ("1234567890123456", "1234567890123456"), ("x", "NaN")]
)
def test_codes_and_long_digits_stay_text(text: str, value: str | None) -> None:
    assert shown_number(text, value) is None
    sheet = _book(table([cell(0, 0, text, kind="number", value=value)]))["收支总表"]
    assert (sheet["A1"].data_type, sheet["A1"].value, sheet["A1"].number_format) == ("s", text, "@")
