"""Seconds a page by level: how runs become rows, and which documents are taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.levelspeed import Read, files_of, main, measure, rows_of, table


def test_a_level_is_the_median_of_its_documents_and_a_document_that_of_its_repetitions() -> None:
    fast = [Read(2.0, 1.0, 2, 40), Read(20.0, 10.0, 2, 40), Read(2.2, 1.2, 2, 40)]
    slow = [Read(3.0, 2.9, 1, 50)]
    (fax, photo) = rows_of([("fax", fast), ("photo", slow), ("fax", [Read(3.1, 2.0, 1, 20)])])
    assert (fax.level, fax.documents, fax.pages) == ("fax", 2, 3)
    assert fax.wall == pytest.approx((1.1 + 3.1) / 2)
    assert fax.processor == pytest.approx((0.6 + 2.0) / 2)
    assert fax.lines == pytest.approx(20)
    assert (photo.level, photo.wall) == ("photo", 3.0)
    told = table([fax, photo], "2 cores, load 0.1")
    assert told.startswith("2 cores, load 0.1")
    assert "photo" in told


def test_documents_are_read_in_turns_after_one_to_warm_up() -> None:
    seen: list[str] = []

    def read(file: Path) -> Read:
        seen.append(file.name)
        return Read(1.0, 1.0, 1, 1)

    measure([("good", Path("a.pdf")), ("fax", Path("b.pdf"))], read, 2)
    assert seen == ["a.pdf", "a.pdf", "b.pdf", "a.pdf", "b.pdf"]


def test_a_folder_gives_so_many_documents_of_each_level(tmp_path: Path) -> None:
    for number in range(3):
        for level in ("good", "fax"):
            name = f"n{number}-{level}"
            (tmp_path / f"{name}.pdf").write_bytes(b"%PDF-1.4")
            (tmp_path / f"{name}.truth.json").write_text(json.dumps({"level": level}), "utf8")
    taken = files_of(tmp_path, ["fax", "good"], 2)
    assert [(level, file.name) for level, file in taken] == [
        ("fax", "n0-fax.pdf"), ("fax", "n1-fax.pdf"), ("good", "n0-good.pdf"), ("good", "n1-good.pdf"),
    ]  # fmt: skip


def test_a_folder_without_documents_or_an_unknown_level_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--folder", str(tmp_path)]) == 1
    assert "no documents" in capsys.readouterr().err
    assert main(["--levels", "sepia"]) == 1
    assert "sepia" in capsys.readouterr().err
