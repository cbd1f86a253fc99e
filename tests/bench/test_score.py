"""The scorer against cases worked out by hand, and against a referee's scorer where one is given."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from bench.generate import draw_document, truth_of
from bench.interval import intervals
from bench.score import (
    Cell,
    Table,
    Tally,
    auroc,
    decimal,
    figures,
    fold,
    pair,
    read_table,
    score_document,
    tiles,
)

Raw = dict[str, object]


def cell(row: int, col: int, text: str, spans: tuple[int, int] = (1, 1), **more: object) -> Raw:
    return {"row": row, "col": col, "row_span": spans[0], "col_span": spans[1], "text": text, **more}


def truth() -> Raw:
    """Two rows: a title cell over two columns, a label and a number."""
    cells = [cell(0, 0, "收入", (1, 2), cls="h"), cell(1, 0, "合计", cls="h"), cell(1, 1, "1,728.90", cls="n")]
    return {"title": "收支总表", "unit": "万元", "cells": cells}


def given(*cells: Raw, title: str = "收支总表", unit: str | None = "万元") -> Raw:
    return {"title": title, "unit": unit, "cells": list(cells)}


def scored(truths: list[Raw], answers: list[Raw]) -> dict[str, float | None]:
    return figures(score_document([read_table(t) for t in truths], [read_table(a) for a in answers]))


def right_cells(confidence: float = 0.995) -> list[Raw]:
    return [
        cell(0, 0, "收入", (1, 2), confidence=confidence),
        cell(1, 0, "合 计", confidence=confidence),
        cell(1, 1, "1,728.90", value="1728.90", confidence=confidence),
    ]


def test_a_right_table_is_all_right() -> None:
    out = scored([truth()], [given(*right_cells())])
    for key in (
        "table_found",
        "table_exact",
        "cell_f1",
        "struct_f1",
        "merged_f1",
        "number_acc",
        "title_acc",
        "unit_acc",
    ):
        assert out[key] == 1.0, key
    assert out["surplus_tables"] == 0
    assert out["wrong_trusted"] == 0
    assert out["coverage_at_99"] == 1.0
    assert out["ece"] == pytest.approx(0.005)
    assert out["auroc"] is None  # nothing is wrong


def test_a_split_cell_by_hand() -> None:
    """The merged cell comes apart into 收入 and a blank, and the number is misread at 0.6."""
    answer = given(
        cell(0, 0, "收入", confidence=0.99),
        cell(0, 1, "", confidence=0.9),
        cell(1, 0, "合计", confidence=0.99),
        cell(1, 1, "1,723.90", value="1723.90", confidence=0.6),
        title="收支总表（一）",
        unit=None,
    )
    out = scored([truth()], [answer])
    assert out["table_found"] == 1.0  # 收入 and 合计 of 3 and 3 texts: 4 / 6
    assert out["table_exact"] == 0.0
    assert out["struct_f1"] == pytest.approx(2 * 2 / (3 + 4))  # 合计 and the number stand right
    assert out["cell_f1"] == pytest.approx(2 * 1 / (3 + 4))  # only 合计 is also read right
    assert out["merged_f1"] == 0.0
    assert out["text_acc"] == 0.5
    assert out["number_acc"] == 0.0
    assert out["title_acc"] == 0.0
    assert out["unit_acc"] == 0.0
    # Judged are 收入 (wrong: its place), 合计 (right) and the number (wrong); the blank is blank in no truth cell.
    assert out["coverage_at_99"] == pytest.approx(2 / 3)
    assert out["precision_at_99"] == 0.5
    assert out["wrong_trusted"] == pytest.approx(10_000 / 3)
    assert out["auroc"] == pytest.approx(0.75)  # above 0.6, level with the other 0.99
    # Bin 14 holds 0.99 wrong and 0.99 right: |1.98 - 1|; bin 9 holds 0.6 wrong: 0.6.
    assert out["ece"] == pytest.approx((0.98 + 0.6) / 3)


def test_a_lost_text_is_judged_although_the_cell_came_back_empty() -> None:
    cells = right_cells(0.5)
    cells[1] = cell(1, 0, "", confidence=0.5)
    tally = score_document([read_table(truth())], [read_table(given(*cells))])
    assert sorted(ok for _, ok in tally.samples) == [False, True, True]


def test_a_null_confidence_counts_as_certain() -> None:
    cells = [{**c, "confidence": None} for c in right_cells()]
    assert scored([truth()], [given(*cells)])["coverage_at_99"] == 1.0


def test_tables_that_are_missing_surplus_or_untiled() -> None:
    assert scored([truth()], [])["cell_f1"] == 0.0
    surplus = given(cell(0, 0, "别的表", confidence=0.995))
    out = scored([truth()], [given(*right_cells()), surplus])
    assert out["surplus_tables"] == 1
    assert out["cell_f1"] == pytest.approx(2 * 3 / (3 + 4))
    assert out["wrong_trusted"] == pytest.approx(10_000 / 4)
    untiled = given(*right_cells(), cell(3, 3, "x", confidence=1.0))
    out = scored([truth()], [untiled])
    assert out["table_found"] == 0.0
    assert out["untiled"] == 1


def test_matching_prefers_the_most_alike_and_uses_each_once() -> None:
    def table(*texts: str) -> Table:
        return Table("", "", tuple(Cell((i, 0, 1, 1), text) for i, text in enumerate(texts)))

    truths = [table("a", "b", "c"), table("a", "b", "d")]
    assert pair(truths, [table("a", "b", "d"), table("a", "b", "c")]) == [1, 0]
    assert pair(truths, [table("a", "b", "c")]) == [0, None]
    assert pair(truths, [table("x", "y")]) == [None, None]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1,728.90", "1728.9"),
        ("(3.50)", "-3.5"),
        ("（３．５０）", "-3.5"),
        ("负12", "-12"),
        ("−0.10", "-0.1"),
        ("007", "7"),
        ("0.00", "0"),
        ("12%", None),
        ("—", None),
        ("", None),
        ("1.2.3", None),
    ],
)
def test_numbers_in_one_spelling(text: str, plain: str | None) -> None:
    assert decimal(text) == plain


def test_folding_forgives_widths_spaces_and_look_alikes() -> None:
    assert fold("（一）、 收\u3000入：≧９０％") == fold("(一),收入:≥90%")
    assert fold("□新增") == fold("☐新增")
    assert fold("收入") != fold("支出")


def test_tiling() -> None:
    def at(*places: tuple[int, int, int, int]) -> Table:
        return Table("", "", tuple(Cell(place, "") for place in places))

    assert tiles(at((0, 0, 1, 2), (1, 0, 1, 1), (1, 1, 1, 1)))
    assert not tiles(at())
    assert not tiles(at((0, 0, 1, 1), (1, 1, 1, 1)))
    assert not tiles(at((0, 0, 2, 2), (1, 1, 1, 1)))
    assert not tiles(at((0, 0, 0, 1)))


def test_auroc_by_hand() -> None:
    assert auroc([(0.9, True), (0.8, False), (0.7, True), (0.1, False)]) == pytest.approx(0.75)
    assert auroc([(0.5, True), (0.5, False)]) == 0.5
    assert auroc([(0.5, True)]) is None


def test_intervals_hold_the_figure_and_vanish_without_spread() -> None:
    good = score_document([read_table(truth())], [read_table(given(*right_cells()))])
    bad = score_document([read_table(truth())], [])
    spread = intervals([good, bad] * 20)
    low, high = spread["table_found"]
    assert low < 0.5 < high
    assert low > 0.3
    assert high < 0.7
    assert intervals([good] * 5)["cell_f1"] == (1.0, 1.0)
    assert intervals([]) == {}
    assert "auroc" not in spread


def worn(tables: list[Raw], rng: random.Random) -> list[Raw]:
    """Answers as a poor reader gives them: cells misread, lost, split, whole tables missing or invented."""
    out: list[Raw] = []
    for table in tables:
        cells: list[Raw] = []
        for old in table["cells"]:  # type: ignore[attr-defined]  # parsed JSON
            new: Raw = {**old, "confidence": round(rng.random() ** 0.1, 3) if rng.random() < 0.95 else None}
            del new["cls"]
            if rng.random() < 0.15:
                new["text"] = rng.choice(("", str(new["text"])[1:], str(new["text"]) + "1"))
            if old["col_span"] > 1 and rng.random() < 0.2:
                cells.append({**new, "col_span": 1})
                new |= {"col": old["col"] + 1, "col_span": old["col_span"] - 1, "text": ""}
            cells.append(new)
        if rng.random() < 0.1:
            cells.pop()
        if rng.random() < 0.9:
            title = table["title"] if rng.random() < 0.7 else "别的"
            out.append({"title": title, "unit": table["unit"] if rng.random() < 0.7 else None, "cells": cells})
    if rng.random() < 0.3 and out:
        out.append({"title": "", "unit": None, "cells": [{**c, "text": "多"} for c in out[0]["cells"]]})  # type: ignore[attr-defined]
    return out


@pytest.mark.skipif("GEZI_REFEREE" not in os.environ, reason="GEZI_REFEREE (a folder with tablescore.py) is not set")
def test_the_referee_finds_the_same(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    (tmp_path / "given").mkdir()
    whole = Tally()
    for number in range(25):
        drawn = draw_document(82, number)
        true = truth_of(drawn, "good", 1)
        answers = worn(json.loads(json.dumps(true["tables"])), random.Random(number))
        (tmp_path / "truth" / f"{drawn.name}.truth.json").write_text(json.dumps(true), "utf8")
        (tmp_path / "given" / f"{drawn.name}.json").write_text(json.dumps({"tables": answers}), "utf8")
        whole += score_document([read_table(t) for t in true["tables"]], [read_table(a) for a in answers])
    script, out = Path(os.environ["GEZI_REFEREE"], "tablescore.py"), tmp_path / "out.json"
    command = [sys.executable, str(script), str(tmp_path / "truth"), str(tmp_path / "given"), "--json", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    theirs = json.loads(out.read_text("utf8"))["groups"]["all"]
    ours = figures(whole)
    compared = [key for key in theirs if key in ours]
    assert len(compared) >= 15
    for key in compared:
        assert ours[key] == pytest.approx(theirs[key], abs=1e-12), key
