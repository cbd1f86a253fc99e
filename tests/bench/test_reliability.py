"""`make reliability`: missing pages are read, in any folder; a document that cannot be read ends the run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bench.reliability import main

SAMPLES = Path(__file__).parents[2] / "samples"


def truth(folder: Path, name: str) -> None:
    expected = json.loads((SAMPLES / "expected/digital.json").read_text("utf8"))
    (folder / f"{name}.truth.json").write_text(json.dumps(expected | {"level": "digital"}), "utf8")


def test_a_folder_s_missing_pages_are_read_and_reported(tmp_path: Path) -> None:
    truth(tmp_path, "sample-digital")
    shutil.copyfile(SAMPLES / "digital.pdf", tmp_path / "sample-digital.pdf")
    assert main(["--folder", str(tmp_path), "--out", str(tmp_path)]) == 0
    told = (tmp_path / "reliability.md").read_text("utf8")
    assert f"documents of {tmp_path.name}: 1 documents, 3 pages" in told
    assert "| digital | " in told
    assert "| sample | " in told
    assert all(f"| {part} | " in told for part in ("text", "place", "checks"))
    assert "| all | " in told.partition("## Tables")[2]
    assert (tmp_path / "reliability.png").stat().st_size > 0


def test_a_document_that_cannot_be_read_ends_the_run(tmp_path: Path) -> None:
    truth(tmp_path, "lost-digital")
    with pytest.raises(SystemExit, match="not every document was read"):
        main(["--folder", str(tmp_path), "--out", str(tmp_path)])
    assert not (tmp_path / "reliability.md").exists()
