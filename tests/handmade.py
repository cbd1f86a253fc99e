"""Small results written by hand, for tests of what happens to a result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from extractor.result import Cell, Document, DocumentInfo, Engine, Line, Page, Parts, Table, Warning_

Kind = Literal["header", "label", "number", "text", "empty"]


def cell(
    row: int,
    col: int,
    text: str,
    *,
    row_span: int = 1,
    col_span: int = 1,
    kind: Kind | None = None,
    value: str | None = None,
    confidence: float = 0.99,
    flags: Sequence[str] = (),
) -> Cell:
    box = (10.0 * col, 10.0 * row, 10.0 * (col + col_span), 10.0 * (row + row_span))
    x0, y0, x1, y1 = box
    return Cell(
        row=row,
        col=col,
        row_span=row_span,
        col_span=col_span,
        text=text,
        kind=kind or ("number" if value is not None else "text" if text else "empty"),
        value=value,
        page=1,
        bbox=box,
        polygon=((x0, y0), (x1, y0), (x1, y1), (x0, y1)),
        regions=[],
        confidence=confidence,
        parts=Parts(text=confidence, place=1.0),
        flags=list(flags),
    )


def table(cells: Sequence[Cell], *, id: str = "t1", title: str | None = "收支总表", header_rows: int = 1) -> Table:
    return Table(
        id=id,
        pages=[1],
        title=title,
        unit="万元",
        form=None,
        structure="ruled",
        n_rows=max(c.row + c.row_span for c in cells),
        n_cols=max(c.col + c.col_span for c in cells),
        header_rows=header_rows,
        confidence=0.9,
        cells=list(cells),
        checks=[],
    )


def document(*tables: Table, filename: str = "预算.pdf", lines: Sequence[str] = ()) -> Document:
    outside = [Line(text=text, bbox=(0, 0, 1, 1), confidence=0.9) for text in lines]
    page = Page(
        number=1, width=595, height=842, rotation=0, skew=0.0, source="scan", lines=outside,
        warnings=[Warning_(code="low_resolution", detail="96 dpi")],
    )  # fmt: skip
    return Document(
        engine=Engine(version="0", models={}),
        document=DocumentInfo(
            sha256="0" * 64, filename=filename, media_type="application/pdf", n_pages=1, kind="scanned"
        ),
        pages=[page],
        tables=list(tables),
        warnings=[],
    )


def merged_table(id: str = "t1", title: str | None = "收支总表") -> Table:
    """收入 | 金额 (two columns wide) over 项目 rows, one number with separators, one doubtful cell."""
    return table(
        [
            cell(0, 0, "项目", row_span=2, kind="header"),
            cell(0, 1, "金额", col_span=2, kind="header"),
            cell(1, 1, "小计", kind="header"),
            cell(1, 2, "备注", kind="header"),
            cell(2, 0, "一、<财政>拨款"),
            cell(2, 1, "1,728.90", value="1728.90"),
            cell(2, 2, "=HYPERLINK(1)", confidence=0.4, flags=["under_seal"]),
            cell(3, 0, "科目|编码"),
            cell(3, 1, "-5.00", value="-5.00", confidence=0.8, flags=["sum_mismatch"]),
            cell(3, 2, "第一段\n第二段"),
        ],
        id=id,
        title=title,
        header_rows=2,
    )
