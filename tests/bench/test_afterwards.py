from __future__ import annotations

from pathlib import Path

import pytest

from bench.afterwards import main


def test_a_folder_without_documents_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert "no documents" in capsys.readouterr().err
