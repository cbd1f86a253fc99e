"""The command line as a user meets it: what is printed where, and with which exit code it ends."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from extractor.errors import DamagedDocument, EmptyInput, GeziError, PasswordRequired, PasswordWrong
from extractor.result import Document
from gezi.cli import main
from gezi.exits import NOTHING_FOUND, PARTIAL, USAGE, common_exit
from tests.paper import WIDTH, filled_table, save

SAMPLES = Path(__file__).parents[2] / "samples"
HEAVY = (
    *("numpy", "cv2", "pydantic", "paddleocr", "onnxruntime", "pypdfium2", "camelot", "openpyxl", "PIL", "tqdm"),
    *("httpx", "sqlalchemy", "fastapi"),
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A born-digital page with a table of two columns and three rows."""
    return save(tmp_path / "small.pdf", filled_table([50, 150, WIDTH - 50], [100, 130, 160, 190]))


def _run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gezi.cli", *args]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **env}, check=False)


def test_help_answers_at_once() -> None:
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = _run("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert done.returncode == 0
    assert "extract" in done.stdout
    assert min(spent) < 0.5  # of processor time, which a busy machine does not lengthen
    program = f"import sys, gezi, gezi.cli; gezi.cli.make_parser(); print([m for m in {HEAVY} if m in sys.modules])"
    listed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert listed.stdout.strip() == "[]"


def test_version() -> None:
    done = _run("--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "gezi")


def test_one_document_goes_to_standard_output_and_nothing_else_does(small: Path) -> None:
    done = _run("extract", str(small))
    assert done.returncode == 0, done.stderr
    result = Document.model_validate_json(done.stdout)
    (table,) = result.tables
    assert (table.n_rows, table.n_cols) == (3, 2)
    assert [cell.text for cell in table.cells] == [f"行{r}列{c}" for r in range(3) for c in range(2)]
    assert result.document.filename == "small.pdf"


def test_a_batch_goes_on_past_failures_and_lists_them(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    inbox.mkdir()
    (inbox / "空.pdf").write_bytes(b"")
    (inbox / "说明.docx").write_bytes(b"PK\x03\x04")
    (inbox / "notes.txt").write_bytes(b"x")
    (inbox / "encrypted.pdf").write_bytes((SAMPLES / "encrypted.pdf").read_bytes())
    with zipfile.ZipFile(inbox / "a.zip", "w") as archive:
        archive.write(small, "市/small.pdf")
        archive.writestr("市/坏.rar", b"Rar!\x1a\x07\x00")
    options = ["--out", str(out), "--format", "json,html,xlsx,csv,md", "--jobs", "2"]
    code = main(["extract", str(inbox), str(small), *options])
    told = capsys.readouterr()
    assert code == PARTIAL
    assert told.out == ""
    assert "4 of 6 documents not read" in told.err
    for words in ("empty_input", "password_required", "说明.docx", "a.zip/市/坏.rar", "unsupported:", "1 other file"):
        assert words in told.err
    endings = ("json", "html", "xlsx", "t1.csv", "md")
    assert {p.name for p in out.iterdir()} == {f"{stem}.{end}" for stem in ("small", "small-2") for end in endings}
    results = [json.loads((out / f"{stem}.json").read_text("utf-8")) for stem in ("small", "small-2")]
    assert results[0] == results[1]
    assert load_workbook(out / "small.xlsx").worksheets[0]["B3"].value == "行2列1"
    assert (out / "small.t1.csv").read_bytes().startswith("\ufeff行0列0,行0列1\r\n".encode())


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda p: p.write_bytes(b""), EmptyInput.exit_code),
        (lambda p: p.write_bytes(b"%PDF-1.7\n garbage"), DamagedDocument.exit_code),
        (lambda p: p.write_bytes((SAMPLES / "encrypted.pdf").read_bytes()), PasswordRequired.exit_code),
        (lambda p: None, 10),
        (lambda p: p.write_bytes(b"hello"), 11),
    ],
    ids=["empty", "damaged", "encrypted", "missing", "text"],
)
def test_one_bad_document_ends_with_its_own_code(
    make: object, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.pdf"
    make(path)  # type: ignore[operator]
    assert main(["extract", str(path)]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert "bad.pdf" in told.err


def test_a_wrong_password_and_a_wrong_page_range(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", str(SAMPLES / "encrypted.pdf"), "--password", "no"]) == PasswordWrong.exit_code
    assert main(["extract", str(small), "--pages", "7"]) == 15
    assert "page_range" in capsys.readouterr().err


def test_missing_weights_name_the_command_that_mends_it(small: Path, tmp_path: Path) -> None:
    done = _run("extract", str(small), GEZI_MODELS_DIR=str(tmp_path / "nothing"))
    assert done.returncode == 41
    assert done.stdout == ""
    assert "gezi models fetch" in done.stderr
    verify = _run("models", "verify", GEZI_MODELS_DIR=str(tmp_path / "nothing"))
    assert verify.returncode == 41
    listed = _run("models", "list", GEZI_MODELS_DIR=str(tmp_path / "nothing"))
    assert listed.returncode == 0
    assert "missing" in listed.stdout


def test_wrong_use_is_told_apart(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for args in (
        ["extract"],
        ["extract", str(small), str(small)],
        ["extract", str(tmp_path)],
        ["extract", str(small), "--format", "docx"],
        ["extract", str(small), "--format", "xlsx"],
        ["extract", str(small), "--jobs", "0"],
        ["nonsense"],
    ):
        with pytest.raises(SystemExit) as caught:
            main(args)
        assert caught.value.code == USAGE, args
    capsys.readouterr()


def test_a_folder_without_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    assert main(["extract", str(tmp_path / "in"), "--out", str(tmp_path / "out")]) == NOTHING_FOUND
    assert "no document found" in capsys.readouterr().err


def test_an_output_that_cannot_be_written(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert main(["extract", str(small), "--out", str(tmp_path / "file")]) == 50
    assert "output_error" in capsys.readouterr().err


def test_show_draws_over_the_page(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    target = tmp_path / "page.png"
    assert main(["show", str(small), "-o", str(target)]) == 0
    assert "1 tables, 6 cells" in capsys.readouterr().out
    with Image.open(target) as drawn:
        assert drawn.size == (800, 600)
        colours = drawn.convert("RGB").getcolors(maxcolors=1 << 20)
        assert colours is not None
        greenish = sum(n for n, (r, g, b) in colours if g > r + 20 and g > b + 20)
        assert greenish > 0.2 * drawn.width * drawn.height  # the table covers 22 % of the page
    assert main(["show", str(small), "--page", "9", "-o", str(target)]) == 15


def test_the_shared_exit_code_of_several_failures() -> None:
    def both(*errors: GeziError) -> int:
        return common_exit(errors)

    assert both(PasswordRequired(""), PasswordRequired("")) == 21
    assert both(PasswordRequired(""), PasswordWrong("")) == 20
    assert both(PasswordRequired(""), EmptyInput("")) == 10
    assert both(PasswordRequired(""), GeziError("")) == 1
