"""Repairs counted: what sums determine, what was mended, and printed errors that must come back as printed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.falsehoods import Falsehood, falsified
from bench.generate import draw_document
from bench.pages import write_pages
from bench.repairs import FALSE, Case, count, main
from bench.truesums import determined
from extractor.elements import Box, Char, PageResult, PageTable, TextLine
from tests.pageparts import draw, page, part

SAMPLES = Path(__file__).parents[2] / "samples"
ROWS = (
    "科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出",
    " | 合计 | 30.00 | 18.00 | 12.00",
    "208 | 社会保障和就业支出 | 10.00 | 8.00 | 2.00",
    "210 | 卫生健康支出 | 20.00 | 10.00 | {}",
)


def printed(last: str) -> dict[str, Any]:
    """The truth: what is printed, sums right or wrong."""
    cells = [
        {"row": r, "col": c, "row_span": 1, "col_span": 1, "text": text.strip(), "cls": "t"}
        for r, line in enumerate(ROWS)
        for c, text in enumerate(line.format(last).split("|"))
    ]
    table = {"title": "支出表", "unit": "万元", "n_rows": 4, "n_cols": 5, "header_rows": 1, "cells": cells}
    return {"level": "fax", "tables": [table]}


def read(last: str, doubt: Char | None = None) -> PageResult:
    """The page as read: the last number's second character in doubt."""
    drawn = part(draw(*(row.format(last) for row in ROWS)), 1, n_cols=5, title="支出表")

    def lines(row: int, col: int, said: str) -> tuple[TextLine, ...]:
        chars = [Char(c, 0.999) for c in said]
        if (row, col) == (3, 4) and doubt is not None:
            chars[1] = doubt
        return (TextLine(said, Box(0, 0, 1, 1), tuple(chars)),) if said else ()

    def with_lines(table: PageTable) -> PageTable:
        return replace(table, cells=tuple(replace(c, lines=lines(c.row, c.col, c.text)) for c in table.cells))

    return page(1, with_lines(drawn))


def test_a_wrong_number_that_a_sum_determines_is_counted_and_its_repair_too() -> None:
    doubt = Char("9", 0.7, runner_up="0", runner_up_p=0.25)
    (mended,) = count("one", printed("10.00"), [read("19.00", doubt)]).cases
    assert mended == Case(0, 3, 4, "10.00", "19.00", "10.00", wrong=True, determined=True)
    assert (mended.kind, mended.right) == ("right", True)
    (left,) = count("one", printed("10.00"), [read("19.00")]).cases
    assert (left.kind, left.now) == ("left, determined", "19.00")
    assert count("one", printed("10.00"), [read("10.00")]).cases == ()


def test_a_printed_error_that_is_turned_back_is_a_wrong_repair() -> None:
    """19.00 is printed, and the recogniser held the 10.00 of the sums possible."""
    was = [Falsehood((0, 3, 4), "10.00")]
    doubt = Char("9", 0.7, runner_up="0", runner_up_p=0.25)
    told = count("one", printed("19.00"), [read("19.00", doubt)], was)
    (case,) = told.cases
    assert (case.kind, case.turned_back, case.right, case.determined) == ("TURNED BACK", True, False, False)
    assert (told.falsified, told.false) == (True, 1)
    assert count("one", printed("19.00"), [read("19.00")], was).cases == ()


def test_a_text_that_belongs_to_a_neighbour_is_no_misread_number() -> None:
    assert count("one", printed("10.00"), [read("卫生健康支出")]).cases == ()


def test_numbers_of_sums_that_fail_are_not_determined() -> None:
    assert (0, 3, 4) in determined(printed("10.00")["tables"])
    assert (0, 3, 4) not in determined(printed("19.00")["tables"])


def test_false_sums_are_printed_and_told() -> None:
    """The truth of a falsified document is what is printed; what it was keeps its sums."""
    drawn = draw_document(7300, 3)
    false, told = falsified(drawn)
    assert told
    assert falsified(drawn) == (false, told)
    before, after = ([form.truth() for form in document.forms] for document in (drawn, false))
    assert {one.spot for one in told} <= determined(before)
    changed = {
        (k, one["row"], one["col"]): one["text"]
        for k, (old, new) in enumerate(zip(before, after, strict=True))
        for one, other in zip(old["cells"], new["cells"], strict=True) if one["text"] != other["text"]
    }
    assert changed == {one.spot: one.was for one in told}


def test_a_folder_is_counted_and_pages_are_read_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Pages that are there are not read again: there is no document beside them. Those missing are read."""
    expected = json.loads((SAMPLES / "expected/digital.json").read_text("utf8"))
    (tmp_path / "sample-fax.truth.json").write_text(json.dumps(expected | {"level": "fax"}), "utf8")
    shutil.copyfile(SAMPLES / "digital.pdf", tmp_path / "sample-fax.pdf")
    (tmp_path / "false-fax.truth.json").write_text(json.dumps(printed("19.00")), "utf8")
    (tmp_path / f"false-fax{FALSE}").write_text('[{"spot": [0, 3, 4], "was": "10.00"}]', "utf8")
    doubt = Char("9", 0.7, runner_up="0", runner_up_p=0.25)
    write_pages(tmp_path / "false-fax.pages.json", [read("19.00", doubt)])
    assert main(["--folder", str(tmp_path), "--list"]) == 0
    told = capsys.readouterr().out
    assert "false-fax t0 (3, 4) TURNED BACK: '19.00' read '19.00', now '10.00'" in told
    assert "| fax, false sums | 1 | 0 | 0 | 0 | 1 | 1 (100.0%) | 1 | 1 |" in told
    assert "| fax | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |" in told
    (tmp_path / "sample-fax.pdf").unlink()
    assert main(["--folder", str(tmp_path)]) == 0
