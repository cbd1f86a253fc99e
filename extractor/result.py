"""The result's wire shape, version 1.0: the pydantic models are its source of truth.

`docs/result.schema.json` is generated from them (`make schema`); a test keeps the two the same.
Fields may be added; none may be renamed, dropped or change meaning without a new `schema_version`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
BBox = tuple[float, float, float, float]
XY = tuple[float, float]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Warning_(Model):
    code: str
    detail: str = ""


class Engine(Model):
    name: Literal["gezi"] = "gezi"
    version: str
    models: dict[str, str]


class DocumentInfo(Model):
    sha256: str
    filename: str
    media_type: str
    n_pages: int
    kind: Literal["scanned", "digital", "mixed"]
    organization: str | None = None
    fiscal_year: int | None = None


class Line(Model):
    """Text outside tables."""

    text: str
    bbox: BBox
    confidence: Probability


class Page(Model):
    """Points, origin top-left, the page as a viewer shows it. Turn it `rotation` degrees clockwise to read it."""

    number: int
    width: float
    height: float
    rotation: Literal[0, 90, 180, 270]
    skew: float
    source: Literal["scan", "text"]
    lines: list[Line]
    warnings: list[Warning_]


class Region(Model):
    """One part of a cell that a page break cut."""

    page: int
    bbox: BBox


class Parts(Model):
    """What a cell's confidence is made of; `checks` is null where no sum takes part."""

    text: Probability
    place: Probability
    checks: Probability | None = None


class Cell(Model):
    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    kind: Literal["header", "label", "number", "text", "empty"]
    value: str | None
    page: int
    bbox: BBox
    polygon: tuple[XY, XY, XY, XY]
    regions: list[Region]
    confidence: Probability
    parts: Parts
    flags: list[str]
    read_as: str | None = None  # where sums corrected the text (flag "corrected"): what was read


class CellRef(Model):
    table: str
    row: int
    col: int


class Term(CellRef):
    factor: str = "1"


class Check(Model):
    """One sum that the form promises, and whether the printed numbers keep it."""

    rule: Literal["row_total", "column_total", "code_rollup", "balance", "part_of", "ratio", "cross_table"]
    relation: Literal["equals", "at_most"]
    target: CellRef
    terms: list[Term]
    expected: str
    found: str
    tolerance: str
    holds: bool


class Goal(Model):
    """What an indicator is to reach under one head of its form. `value`: a plain decimal, or two ("6-9"), or null."""

    head: str
    text: str
    comparison: Literal["≥", "≤", ">", "<", "=", "定性"]
    value: str | None
    unit: str | None
    cell: CellRef


class Indicator(Model):
    """An indicator of a performance form, level 1 to 3, with those under it; goals stand at level 3."""

    level: Literal[1, 2, 3]
    name: str
    cell: CellRef
    under: list[Indicator]
    goals: list[Goal]


class Table(Model):
    id: str
    pages: list[int]
    title: str | None
    unit: str | None
    form: str | None
    structure: Literal["ruled", "partly_ruled", "borderless"]
    n_rows: int
    n_cols: int
    header_rows: int
    confidence: Probability
    cells: list[Cell]
    checks: list[Check]
    form_type: str | None = None  # the statutory form's common name, whatever its province calls it
    indicators: list[Indicator] = []  # of performance forms, else empty


class Review(CellRef):
    """A cell that a person should look at, where it stands, and why (docs/confidence.md lists the reasons)."""

    page: int
    bbox: BBox
    confidence: Probability
    reason: str


class Document(Model):
    """One document's result.

    `review`: the fewest cells to look at so that of the others an expected 0.1 % at most is wrong, the worst first.
    """

    schema_version: Literal["1.0"] = "1.0"
    engine: Engine
    document: DocumentInfo
    pages: list[Page]
    tables: list[Table]
    review: list[Review] = []
    warnings: list[Warning_]
