from __future__ import annotations

import zipfile
from pathlib import Path

from gezi.intake import Found, Names, Refused, find_documents, is_one_document
from workers.kinds import Kind, kind_of, safe_name

PDF = b"%PDF-1.4\n"


def _find(*paths: Path, scratch: Path, skip: Path | None = None) -> list[Found | Refused]:
    return list(find_documents([str(path) for path in paths], scratch, skip=skip))


def test_names_never_clash() -> None:
    names = Names()
    given = ["a.pdf", "a.png", "A.pdf", "a-2.pdf", "a-2.tif", "b.pdf"]
    got = [names.claim(name) for name in given]
    assert got[:2] == ["a", "a-2"]
    assert len({name.casefold() for name in got}) == len(given)


def test_folders_are_walked_in_order_without_results_and_junk(tmp_path: Path) -> None:
    tree, out = tmp_path / "tree", tmp_path / "tree" / "results"
    for name in ("b.pdf", "a/x.pdf", "a/b.PDF", ".hidden/h.pdf", "results/r.pdf", "notes.txt", "d.docx", "Thumbs.db"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(PDF if name.lower().endswith("pdf") else b"x")
    found = _find(tree, scratch=tmp_path, skip=out)
    assert [entry.label.removeprefix(str(tree)) for entry in found] == [
        "/b.pdf", "/d.docx", "/notes.txt", "/a/b.PDF", "/a/x.pdf",
    ]  # fmt: skip
    assert [entry.stem for entry in found if isinstance(entry, Found)] == ["b", "d", "b-2", "x"]
    assert [entry.error for entry in found if isinstance(entry, Refused)] == [None]


def test_a_named_file_is_always_tried_and_a_missing_one_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"x")
    named, missing = _find(tmp_path / "notes.txt", tmp_path / "none.pdf", scratch=tmp_path)
    assert isinstance(named, Found)
    assert isinstance(missing, Refused)
    assert missing.error is not None
    assert missing.error.exit_code == 10


def test_archive_members_are_released_one_by_one(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as out:
        for name in ("市/预算.pdf", "县/预算.pdf"):
            out.writestr(name, PDF)
    stems = []
    for entry in find_documents([str(tmp_path / "x.zip")], scratch):
        assert isinstance(entry, Found)
        assert len([p for p in scratch.rglob("*") if p.is_file()]) == 1
        assert entry.path.name == "预算.pdf"
        stems.append(entry.stem)
        entry.release()
    assert stems == ["预算", "预算-2"]
    assert not list(scratch.rglob("*.pdf"))


def test_what_goes_to_standard_output(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(PDF)
    (tmp_path / "a.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    assert is_one_document([str(tmp_path / "a.pdf")])
    assert is_one_document([str(tmp_path / "none.pdf")])
    assert not is_one_document([str(tmp_path / "a.zip")])
    assert not is_one_document([str(tmp_path)])
    assert not is_one_document([str(tmp_path / "a.pdf")] * 2)


def test_kinds_by_bytes_then_name() -> None:
    assert kind_of(PDF, "x.txt") is Kind.DOCUMENT
    assert kind_of(b"\xff\xd8\xff\xe0", "scan") is Kind.DOCUMENT
    assert kind_of(b"PK\x03\x04", "x.docx") is Kind.FOREIGN
    assert kind_of(b"PK\x03\x04", "x") is Kind.ARCHIVE
    assert kind_of(b"Rar!\x1a\x07\x01\x00", "x.zip") is Kind.FOREIGN
    assert kind_of(b"", "x.pdf") is Kind.DOCUMENT
    assert kind_of(b"PK\x03\x04" + bytes(40) + PDF, "x.zip") is Kind.ARCHIVE  # a PDF stored unpacked
    assert kind_of(b"x" * 257 + b"ustar" + bytes(250) + PDF, "x.tar") is Kind.ARCHIVE
    assert kind_of(bytes(257) + b"ustar", "x") is Kind.ARCHIVE
    assert kind_of(b"hello", "x.txt") is Kind.OTHER


def test_safe_names() -> None:
    assert safe_name("a/b\\c:d?.pdf") == "a_b_c_d_.pdf"
    assert safe_name("...") == "document"
    long = safe_name("预" * 200 + ".pdf")
    assert len(long.encode()) <= 180
    assert long.endswith("预.pdf")
