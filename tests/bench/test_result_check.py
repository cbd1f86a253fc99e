"""The contract check finds each kind of breach, and none in a result that keeps the contract."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from bench.check import breaches
from bench.report import LevelReport, Report, markdown, page, read

Json = dict[str, Any]


def result() -> Json:
    def one(row: int, col: int, text: str, kind: str, value: str | None = None) -> Json:
        x, y = 50 + 100 * col, 100 + 20 * row
        return {
            "row": row,
            "col": col,
            "row_span": 1,
            "col_span": 1,
            "text": text,
            "kind": kind,
            "value": value,
            "page": 1,
            "bbox": [x, y, x + 100, y + 20],
            "polygon": [[x, y], [x + 100, y], [x + 100, y + 20], [x, y + 20]],
            "regions": [],
            "confidence": 0.99,
            "parts": {"text": 0.99, "place": 1.0, "checks": None},
            "flags": [],
        }

    table = {
        "id": "t1",
        "pages": [1],
        "title": "收支总表",
        "unit": "万元",
        "form": None,
        "structure": "ruled",
        "n_rows": 1,
        "n_cols": 2,
        "header_rows": 0,
        "confidence": 0.9,
        "cells": [one(0, 0, "合计", "label"), one(0, 1, "1,728.90", "number", "1728.90")],
        "checks": [],
    }
    shown = {
        "number": 1,
        "width": 595.3,
        "height": 841.9,
        "rotation": 0,
        "skew": 0.0,
        "source": "scan",
        "lines": [],
        "warnings": [],
    }
    info = {
        "sha256": "0",
        "filename": "a.pdf",
        "media_type": "application/pdf",
        "n_pages": 1,
        "kind": "scanned",
        "organization": None,
        "fiscal_year": None,
    }
    engine = {"name": "gezi", "version": "0", "models": {}}
    return {
        "schema_version": "1.0",
        "engine": engine,
        "document": info,
        "pages": [shown],
        "tables": [table],
        "warnings": [],
    }


def test_a_good_result_has_no_breach() -> None:
    assert breaches(json.dumps(result())) == []


def number(doc: Json) -> Json:
    cell: Json = doc["tables"][0]["cells"][1]
    return cell


BREAKS: dict[str, tuple[Callable[[Json], object], str]] = {
    "a key is missing": (lambda d: d.pop("warnings"), "warnings"),
    "a confidence is null": (lambda d: number(d).update(confidence=None), "confidence"),
    "an unknown kind": (lambda d: number(d).update(kind="money"), "kind"),
    "a unit with its word": (lambda d: d["tables"][0].update(unit="单位：万元"), "not bare"),
    "more header rows than rows": (lambda d: d["tables"][0].update(header_rows=2), "header rows"),
    "a cell missing": (lambda d: d["tables"][0]["cells"].pop(), "positions"),
    "cells overlap": (lambda d: number(d).update(col=0), "overlap"),
    "an unknown page": (lambda d: number(d).update(page=7), "page 7 unknown"),
    "a box off the page": (lambda d: number(d).update(bbox=[0, 0, 900, 20]), "outside page"),
    "an empty box": (lambda d: number(d).update(bbox=[50, 10, 50, 20]), "outside page"),
    "a number without its value": (lambda d: number(d).update(value="1,728.90"), "number with value"),
    "text in an empty cell": (lambda d: number(d).update(kind="empty"), "kind empty"),
    "a value in an empty cell": (lambda d: number(d).update(kind="empty", text=""), "empty with value"),
    "untrimmed text": (lambda d: number(d).update(text=" 1 "), "not trimmed"),
    "ids repeat": (lambda d: d["tables"].append(copy.deepcopy(d["tables"][0])), "repeats"),
    "a region on no page": (lambda d: number(d).update(regions=[{"page": 3, "bbox": [0, 0, 1, 1]}]), "page 3 unknown"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_each_breach_is_named(name: str) -> None:
    doc = result()
    spoil, words = BREAKS[name]
    spoil(doc)
    found = breaches(json.dumps(doc))
    assert any(words in line for line in found), found


def test_a_check_must_name_cells() -> None:
    doc = result()
    doc["tables"][0]["checks"] = [
        {
            "rule": "row_total",
            "relation": "equals",
            "target": {"table": "t1", "row": 0, "col": 1},
            "terms": [{"table": "t1", "row": 0, "col": 5, "factor": "1"}],
            "expected": "1",
            "found": "1",
            "tolerance": "0.01",
            "holds": True,
        }
    ]
    assert any("names no cell" in line for line in breaches(json.dumps(doc)))


def test_a_report_is_a_page_of_figures(tmp_path: Any) -> None:
    level = LevelReport(
        figures={"tables": 3, "surplus_tables": 0, "cell_f1": 0.9876, "auroc": None},
        intervals={"cell_f1": (0.95, 0.99)},
        documents=2,
        pages=4,
        seconds_a_page=0.512,
        cpu_seconds_a_page=0.9,
        failed=["a: damaged_document"],
        breaches=[],
    )
    report = Report(
        title="Generated forms",
        machine="2 cores",
        commit="abc1234+",
        peak_memory_mb=1234.4,
        levels={"good": level, "all": level},
    )
    file = tmp_path / "r.json"
    file.write_text(report.model_dump_json(), "utf8")
    assert read(file) == report
    text = markdown(report)
    assert "0.988 (0.950–0.990)" in text
    assert "1234 MB" in text
    assert "a: damaged_document" in text
    assert text.index("| all |") < text.index("| good |")
    assert page([report]).startswith("# Benchmarks")
