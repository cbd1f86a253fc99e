from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from extractor.errors import (
    DamagedDocument,
    InputError,
    PasswordRequired,
    TooLarge,
    UnsupportedMedia,
)
from workers.archives import ArchiveLimits, LeftOut, Unpacked, decode_name, unpack

PDF = b"%PDF-1.4\n" + b"x" * 500


def _unpack(archive: Path, tmp_path: Path, **limits: int) -> tuple[dict[str, bytes], dict[str, type | None]]:
    """Documents by label, and what was left out with its error's class; checks that nothing is written elsewhere."""
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    before = {p for p in tmp_path.rglob("*") if scratch not in p.parents}
    taken, left = {}, {}
    for entry in unpack(archive, "a", scratch, limits=ArchiveLimits(**limits)):
        if isinstance(entry, Unpacked):
            assert scratch in entry.path.parents
            taken[entry.label] = entry.path.read_bytes()
        else:
            left[entry.label] = None if entry.error is None else type(entry.error)
    assert {p for p in tmp_path.rglob("*") if scratch not in p.parents} == before
    return taken, left


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return path


def _raw_name_zip(path: Path, names: list[bytes], extra: bytes = b"") -> Path:
    """A zip whose names are raw bytes without the UTF-8 flag, as Windows tools in China write them."""
    body, central = b"", b""
    for name in names:
        fields = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(PDF), len(PDF), len(PDF), len(name), len(extra))
        at = len(body)
        body += b"PK\x03\x04" + fields + name + extra + PDF
        central += b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, at) + name + extra
    end = struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(central), len(body), 0)
    path.write_bytes(body + central + b"PK\x05\x06" + end)
    return path


def test_names_without_the_utf8_flag(tmp_path: Path) -> None:
    names = ["2023年预算/联通.pdf", "部门收支总表.pdf", "plain.pdf"]
    gbk = _raw_name_zip(tmp_path / "gbk.zip", [name.encode("gbk") for name in names])
    assert list(_unpack(gbk, tmp_path)[0]) == [f"a/{name}" for name in names]
    utf8 = _raw_name_zip(tmp_path / "utf8.zip", [name.encode("utf-8") for name in names])
    assert list(_unpack(utf8, tmp_path)[0]) == [f"a/{name}" for name in names]


def test_a_backslash_inside_a_gbk_character_is_no_separator(tmp_path: Path) -> None:
    name = "俓\\乗.pdf"  # both have 0x5C as second byte in GBK
    assert name.encode("gbk").count(b"\\") == 3
    assert list(_unpack(_raw_name_zip(tmp_path / "x.zip", [name.encode("gbk")]), tmp_path)[0]) == ["a/俓/乗.pdf"]


def test_the_unicode_path_field_wins(tmp_path: Path) -> None:
    raw, name = b"????.pdf", "决算公开.pdf".encode()
    body = b"\x01" + zlib.crc32(raw).to_bytes(4, "little") + name
    extra = struct.pack("<HH", 0x7075, len(body)) + body
    assert list(_unpack(_raw_name_zip(tmp_path / "x.zip", [raw], extra), tmp_path)[0]) == ["a/决算公开.pdf"]


def test_decoding_names() -> None:
    assert decode_name("部门".encode("gb18030")) == "部门"
    assert decode_name("部门".encode()) == "部门"
    assert decode_name("㐀𠀀".encode("gb18030")) == "㐀𠀀"
    assert decode_name("效果".encode("gbk")) == "效果"
    # 摘要 and 蟹 are valid UTF-8 in GBK by chance, read as Latin or Arabic letters.
    for word in ("摘要", "联", "行业", "目录"):
        assert decode_name(word.encode("gbk")) == word
    assert decode_name(b"\xff\xff.pdf").endswith(".pdf")


def test_what_is_no_document_is_left_out(tmp_path: Path) -> None:
    members = {
        "a.pdf": PDF, "no-ending": PDF, "读我.txt": b"hello", "__MACOSX/a.pdf": PDF, ".DS_Store": b"x",
        "b.docx": b"PK\x03\x04", "c.rar": b"Rar!\x1a\x07\x00", "sub/": b"",
    }  # fmt: skip
    taken, left = _unpack(_zip(tmp_path / "x.zip", members), tmp_path)
    assert taken == {"a/a.pdf": PDF, "a/no-ending": PDF, "a/b.docx": b"PK\x03\x04", "a/c.rar": b"Rar!\x1a\x07\x00"}
    assert left == {"a/读我.txt": None}


def test_unsafe_paths_and_links(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.pdf")
    link.external_attr = 0o120777 << 16
    unsafe = ["../up.pdf", "/etc/abs.pdf", "C:\\x.pdf", "ok/../../z.pdf"]
    path = _zip(tmp_path / "x.zip", dict.fromkeys([*unsafe, "good.pdf"], PDF))
    with zipfile.ZipFile(path, "a") as out:
        out.writestr(link, "/etc/passwd")
    taken, left = _unpack(path, tmp_path)
    assert list(taken) == ["a/good.pdf"]
    assert len(left) == 5
    assert set(left.values()) == {InputError}


def test_tar_links_and_devices(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    with tarfile.open(path, "w:gz") as out:
        for name, kind in (("s.pdf", tarfile.SYMTYPE), ("h.pdf", tarfile.LNKTYPE), ("d.pdf", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            out.addfile(info)
        for name in ("预算.pdf", "../../up.pdf"):
            info = tarfile.TarInfo(name)
            info.size = len(PDF)
            out.addfile(info, io.BytesIO(PDF))
    taken, left = _unpack(path, tmp_path)
    assert taken == {"a/预算.pdf": PDF}
    assert list(left.values()) == [InputError] * 4


@pytest.mark.parametrize("mode", ["", "gz", "bz2", "xz"])
def test_gbk_names_in_every_tar(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "x.tar"
    with tarfile.open(path, f"w:{mode}", format=tarfile.GNU_FORMAT, encoding="gbk") as out:
        info = tarfile.TarInfo("市级/预算公开表.pdf")
        info.size = len(PDF)
        out.addfile(info, io.BytesIO(PDF))
    assert _unpack(path, tmp_path)[0] == {"a/市级/预算公开表.pdf": PDF}


def test_archives_in_archives_end_at_a_depth(tmp_path: Path) -> None:
    inner = _zip(tmp_path / "1.zip", {"deep.pdf": PDF})
    for n in (2, 3, 4):
        inner = _zip(tmp_path / f"{n}.zip", {f"{n - 1}.zip": inner.read_bytes(), f"{n}.pdf": PDF})
    taken, left = _unpack(inner, tmp_path)
    assert sorted(taken) == ["a/3.zip/2.zip/2.pdf", "a/3.zip/3.pdf", "a/4.pdf"]
    assert left == {"a/3.zip/2.zip/1.zip": TooLarge}


def test_bombs(tmp_path: Path) -> None:
    path = _zip(tmp_path / "x.zip", {"bomb.pdf": b"%PDF-" + bytes(3_000_000), "good.pdf": PDF})
    taken, left = _unpack(path, tmp_path, ratio_from=1_000_000, ratio=100)
    assert (list(taken), left) == (["a/good.pdf"], {"a/bomb.pdf": TooLarge})
    assert _unpack(path, tmp_path, member_bytes=1_000_000)[1] == {"a/bomb.pdf": TooLarge}
    taken, left = _unpack(path, tmp_path, total_bytes=1_000_000)
    assert (taken, left) == ({}, {"a": TooLarge})
    assert _unpack(path, tmp_path, members=1)[1] == {"a": TooLarge}
    many = tmp_path / "x.tar.gz"
    with tarfile.open(many, "w:gz") as out:
        for name, content in (("bomb.txt", bytes(3_000_000)), ("good.pdf", PDF)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))
    taken, left = _unpack(many, tmp_path, member_bytes=1_000_000)
    assert (taken, left) == ({"a/good.pdf": PDF}, {"a/bomb.txt": TooLarge})
    assert _unpack(many, tmp_path, member_bytes=1_000_000, total_bytes=1_000_000)[1] == {"a": TooLarge}


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_run_that_was_broken_off_goes_on_behind_the_entries_it_had(kind: str, tmp_path: Path) -> None:
    inner = _zip(tmp_path / "inner.zip", {"x.pdf": PDF + b"x", "y.txt": b"y", "z.pdf": PDF + b"z"})
    members = {"a.pdf": PDF + b"a", "inner.zip": inner.read_bytes(), "b.pdf": PDF + b"b", "../c.pdf": PDF}
    path = tmp_path / f"outer.{kind}"
    if kind == "zip":
        _zip(path, members)
    else:
        with tarfile.open(path, "w:gz") as out:
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                out.addfile(info, io.BytesIO(content))
    whole = [(entry.label, type(entry)) for entry in unpack(path, "a", tmp_path / "0")]
    assert [label for label, _ in whole] == [
        "a/a.pdf", "a/inner.zip/x.pdf", "a/inner.zip/y.txt", "a/inner.zip/z.pdf", "a/b.pdf", "a/../c.pdf",
    ]  # fmt: skip
    for skip in range(len(whole) + 1):
        scratch = tmp_path / f"skip{skip}"
        rest = list(unpack(path, "a", scratch, skip=skip))
        assert [(entry.label, type(entry)) for entry in rest] == whole[skip:]
        written = [p for p in scratch.rglob("*.pdf") if p.is_file()]
        assert len(written) == sum(kind is Unpacked for _, kind in whole[skip:])


def test_damaged_archives_give_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    noise = b"%PDF-" + bytes(range(256)) * 400
    with tarfile.open(path, "w:gz") as out:
        for name in ("a.pdf", "b.pdf"):
            info = tarfile.TarInfo(name)
            info.size = len(noise)
            out.addfile(info, io.BytesIO(noise))
    path.write_bytes(path.read_bytes()[:-400])
    taken, left = _unpack(path, tmp_path)
    assert "a/a.pdf" in taken
    assert DamagedDocument in left.values()
    broken = _zip(tmp_path / "y.zip", {"a.pdf": noise, "b.pdf": PDF})
    content = bytearray(broken.read_bytes())
    content[60:64] = b"\xff\xff\xff\xff"
    broken.write_bytes(content)
    taken, left = _unpack(broken, tmp_path)
    assert (list(taken), left) == (["a/b.pdf"], {"a/a.pdf": DamagedDocument})
    (tmp_path / "z.zip").write_bytes(b"PK\x03\x04 no more")
    assert _unpack(tmp_path / "z.zip", tmp_path)[1] == {"a": DamagedDocument}
    (tmp_path / "z.gz").write_bytes(b"\x1f\x8bxx")
    assert set(_unpack(tmp_path / "z.gz", tmp_path)[1].values()) <= {UnsupportedMedia, DamagedDocument}


def test_an_encrypted_member_asks_for_a_password(tmp_path: Path) -> None:
    path = _raw_name_zip(tmp_path / "x.zip", [b"a.pdf"])
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature) + offset
        content[at : at + 2] = (1).to_bytes(2, "little")
    path.write_bytes(content)
    assert _unpack(path, tmp_path) == ({}, {"a/a.pdf": PasswordRequired})
    entries = list(unpack(path, "a", tmp_path / "scratch", password="wrong"))
    assert all(isinstance(entry, LeftOut) and isinstance(entry.error, InputError) for entry in entries)
