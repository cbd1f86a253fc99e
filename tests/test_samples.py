"""The samples, read with the real models, against what they are known to hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import gezi
from bench.check import breaches
from bench.score import figures, read_table, score_document
from extractor.errors import GeziError
from extractor.export import to_json
from gezi.wiring import own_tools

SAMPLES = Path(__file__).parent.parent / "samples"
EXPECTED = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((SAMPLES / "expected").glob("*.json"))}
# A seal, worn print and a dense form may cost a cell or two; the others have no excuse.
HARD = {"stamp": 0.97, "fax": 0.97, "performance": 0.98}


def _file(name: str) -> Path:
    return next(path for path in SAMPLES.glob(f"{name}.*") if path.suffix in (".pdf", ".tif"))


@pytest.mark.parametrize("name", [name for name, what in EXPECTED.items() if "tables" in what])
def test_a_sample_gives_what_is_expected(name: str) -> None:
    expected: dict[str, Any] = EXPECTED[name]
    result = gezi.extract(_file(name), password=expected.get("password"), tools=own_tools())
    text = to_json(result)
    assert breaches(text) == []
    given = json.loads(text)
    truths, tables = ([read_table(t) for t in side] for side in (expected["tables"], given["tables"]))
    score = figures(score_document(truths, tables))
    floors = dict.fromkeys(("table_exact", "title_acc", "unit_acc"), 1.0)
    floors |= dict.fromkeys(("cell_f1", "number_acc"), HARD.get(name, 1.0))
    low = {key: value for key, floor in floors.items() if (value := score[key]) is not None and value < floor}
    assert low == {}
    assert score["surplus_tables"] == 0
    pages = [table["pages"] for table in expected["tables"] if "pages" in table]
    assert not pages or [table["pages"] for table in given["tables"]] == pages


@pytest.mark.parametrize("name", [name for name, what in EXPECTED.items() if "error" in what])
def test_a_sample_fails_as_it_must(name: str) -> None:
    with pytest.raises(GeziError) as caught:
        gezi.extract(_file(name))
    assert caught.value.code == EXPECTED[name]["error"]


def test_every_sample_has_its_expected_result_and_is_small() -> None:
    files = {path.stem: path.stat().st_size for path in SAMPLES.iterdir() if path.suffix in (".pdf", ".tif")}
    assert set(files) == set(EXPECTED)
    assert len(files) >= 8
    assert max(files.values()) < 1_000_000
    told = (SAMPLES / "README.md").read_text("utf-8")
    assert all(f"`{_file(name).name}`" in told for name in files)
