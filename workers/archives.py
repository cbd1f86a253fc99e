"""Documents inside archives (zip, tar and tar's compressed kinds), taken out one at a time.

Archives are untrusted: a member's path never decides where a file is written, links are not
followed, sizes are counted while they are unpacked, and nesting ends at a depth. What is left out
is listed with its reason.
"""

from __future__ import annotations

import lzma
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from extractor.errors import (
    DamagedDocument,
    GeziError,
    InputError,
    OutputError,
    PasswordRequired,
    PasswordWrong,
    TooLarge,
    UnsupportedMedia,
)
from workers.kinds import HEAD_BYTES, Kind, kind_of, safe_name

BLOCK = 1 << 20
UTF8_FLAG = 0x800  # zip: the name is UTF-8
ENCRYPTED_FLAG = 0x1
UNICODE_PATH = 0x7075  # zip extra field with the name in UTF-8
_MEMBER_TOO_LARGE = "the archive's member is larger than what is taken"
DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError)


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What one archive, with all that is nested in it, may unpack to.

    The ratio of a member's size to its packed size counts from `ratio_from` bytes on: blank bilevel
    scans pack a thousandfold too, but they are small.
    """

    members: int = 20_000
    member_bytes: int = 2 << 30
    total_bytes: int = 16 << 30
    ratio: int = 200
    ratio_from: int = 128 << 20
    depth: int = 3


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A document taken out of an archive: `label` is archive/member, `path` where it lies until it is released."""

    label: str
    path: Path


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was not taken out and why; `error` is None for files that are no documents at all."""

    label: str
    error: GeziError | None


@dataclass(frozen=True, slots=True)
class _Passed:
    """A document that was not unpacked because an earlier run dealt with it."""


@dataclass
class _Unpacking:
    """The running count of one outermost archive."""

    limits: ArchiveLimits
    scratch: Path
    password: str | None
    skip: int = 0
    entries: int = 0
    members: int = 0
    total: int = 0

    @property
    def passes_over(self) -> bool:
        """Whether the next entry was dealt with in an earlier run."""
        return self.entries < self.skip

    def count_member(self) -> None:
        self.members += 1
        if self.members > self.limits.members:
            raise TooLarge(f"the archive has more than {self.limits.members} members")

    def count_bytes(self, n: int) -> None:
        self.total += n
        if self.total > self.limits.total_bytes:
            raise TooLarge(f"the archive unpacks to more than {self.limits.total_bytes} bytes")


def unpack(
    archive: Path,
    label: str,
    scratch: Path,
    password: str | None = None,
    limits: ArchiveLimits | None = None,
    skip: int = 0,
) -> Generator[Unpacked | LeftOut, None, None]:
    """Documents of an archive in its own order, unpacked lazily into `scratch` one by one.

    `skip`: so many entries are passed over without writing them; the order is the same in every run.
    The caller removes each file when done with it. Errors of the archive come back as
    `LeftOut`; raises OutputError where `scratch` cannot be written.
    """
    state = _Unpacking(limits or ArchiveLimits(), scratch, password, skip)
    for entry in _members(archive, label, state, depth=1):
        passed = state.passes_over
        state.entries += 1
        if not passed:
            assert not isinstance(entry, _Passed)
            yield entry


def _members(archive: Path, label: str, state: _Unpacking, depth: int) -> Iterator[Unpacked | LeftOut | _Passed]:
    if depth > state.limits.depth:
        yield LeftOut(label, TooLarge(f"archives are nested deeper than {state.limits.depth}"))
        return
    try:
        with archive.open("rb") as file:
            is_zip = file.read(2) == b"PK"
        read = _zip_members if is_zip else _tar_members
        for entry in read(archive, label, state):
            if isinstance(entry, Unpacked) and kind_of(entry.path, entry.path.name) is Kind.ARCHIVE:
                yield from _members(entry.path, entry.label, state, depth + 1)
                shutil.rmtree(entry.path.parent, ignore_errors=True)
            else:
                yield entry
    except DAMAGE:
        yield LeftOut(label, DamagedDocument("the archive is damaged; what came before the damage was read"))
    except OSError:  # gzip and bz2 report damage as OSError
        yield LeftOut(label, DamagedDocument("the archive cannot be read to its end"))
    except TooLarge as error:
        yield LeftOut(label, error)


def _zip_members(archive: Path, label: str, state: _Unpacking) -> Iterator[Unpacked | LeftOut | _Passed]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            state.count_member()
            name = zip_name(info)
            if name.endswith("/") or is_junk(name):
                continue
            inside = f"{label}/{name}"
            try:
                _refuse_unsafe(name, link=stat.S_ISLNK(info.external_attr >> 16))
                with closing(_open_zip_member(opened, info, state)) as stream:
                    yield _take(stream, name, inside, (info.file_size, info.compress_size), state)
            except InputError as error:
                if isinstance(error, TooLarge) and state.total > state.limits.total_bytes:
                    raise
                yield LeftOut(inside, error)
            except DAMAGE:
                yield LeftOut(inside, DamagedDocument("the archive's member is damaged"))


def _open_zip_member(opened: zipfile.ZipFile, info: zipfile.ZipInfo, state: _Unpacking) -> IO[bytes]:
    encrypted = bool(info.flag_bits & ENCRYPTED_FLAG)
    if encrypted and state.password is None:
        raise PasswordRequired("the archive's member is encrypted")
    try:
        return opened.open(info, pwd=state.password.encode() if encrypted and state.password else None)
    except NotImplementedError:
        raise UnsupportedMedia("the archive's member is packed or encrypted in a way that is not supported") from None
    except RuntimeError:  # zipfile's way of saying that the password is wrong
        raise PasswordWrong("the password does not open the archive's member") from None


def _tar_members(archive: Path, label: str, state: _Unpacking) -> Iterator[Unpacked | LeftOut | _Passed]:
    try:
        opened = tarfile.open(archive, "r:*")  # noqa: SIM115 - closed below; opening has an error of its own
    except tarfile.ReadError:
        yield LeftOut(
            label, UnsupportedMedia("not an archive that can be read (zip, tar, tar.gz, tar.bz2, tar.xz)")
        )
        return
    packed = max(1, archive.stat().st_size)
    with opened:
        for info in opened:
            state.count_member()
            name = decode_name(info.name.encode("utf-8", "surrogateescape"))
            if info.isdir() or is_junk(name):
                continue
            inside = f"{label}/{name}"
            if info.size > state.limits.member_bytes:
                state.count_bytes(info.size)  # going past a member unpacks it
                yield LeftOut(inside, TooLarge(_MEMBER_TOO_LARGE))
                continue
            try:
                _refuse_unsafe(name, link=not info.isreg())
                stream = opened.extractfile(info)
                if stream is not None:
                    with closing(stream):
                        yield _take(stream, name, inside, (info.size, packed), state)
            except TooLarge:
                raise
            except InputError as error:
                yield LeftOut(inside, error)


def _refuse_unsafe(name: str, *, link: bool) -> None:
    parts = PurePosixPath(name).parts
    if name.startswith("/") or name[1:2] == ":" or ".." in parts or "\0" in name:
        raise InputError("the member's path leads out of the archive")
    if link:
        raise InputError("the member is a link or a device, not a file")


def _take(
    stream: IO[bytes], name: str, label: str, sizes: tuple[int, int], state: _Unpacking
) -> Unpacked | LeftOut | _Passed:
    """Copy a member into a folder of its own if its first bytes or its name make it a document or an archive.

    `sizes`: as the archive tells them, unpacked and packed.
    """
    told, packed = sizes
    head = stream.read(HEAD_BYTES)
    kind = kind_of(head, name)
    if kind is Kind.OTHER:
        return LeftOut(label, None)
    if state.passes_over and kind is not Kind.ARCHIVE:
        state.count_bytes(told)
        return _Passed()
    folder = state.scratch / f"{state.members:06d}"
    while folder.exists():  # a nested archive counts on from its outer one, but be sure
        folder = folder.with_name(folder.name + "_")
    folder.mkdir(parents=True)
    target = folder / safe_name(PurePosixPath(name).name)
    size, limits = 0, state.limits
    try:
        with target.open("xb") as out:
            block = head
            while block:
                size += len(block)
                state.count_bytes(len(block))
                if size > limits.member_bytes:
                    raise TooLarge(_MEMBER_TOO_LARGE)
                if size > limits.ratio_from and size > limits.ratio * max(1, packed):
                    raise TooLarge("the archive's member unpacks to far more than is plausible")
                _write(out, block)
                block = stream.read(BLOCK)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Unpacked(label, target)


def _write(out: IO[bytes], block: bytes) -> None:
    """Told apart from what fails on reading: then the archive is at fault, here the disk. Raises OutputError."""
    try:
        out.write(block)
    except OSError as error:
        raise OutputError(f"cannot unpack: {os.strerror(error.errno or 0)}") from error


def zip_name(info: zipfile.ZipInfo) -> str:
    """A zip member's name. Without the UTF-8 flag, tools in China write GBK and some write UTF-8 all the same."""
    if info.flag_bits & UTF8_FLAG:
        name = info.orig_filename
    else:
        raw = info.orig_filename.encode("cp437")  # as zipfile decoded it
        name = _unicode_path(info.extra, raw) or decode_name(raw)
    return name.replace("\\", "/")


def decode_name(raw: bytes) -> str:
    """Bytes of a file name as text: ASCII, UTF-8 or GB 18030, else what cp437 makes of them.

    Two GBK characters can be valid UTF-8 by chance, but then they read as letters between U+0080 and
    U+07FF (Latin, Greek, Cyrillic, Arabic), which no Chinese name is made of.
    """
    utf8, gbk = _decoded(raw, "utf-8"), _decoded(raw, "gb18030")
    if utf8 is not None and (utf8.isascii() or gbk is None):
        return utf8
    if utf8 is not None and any(c >= "\u0800" for c in utf8):
        return utf8
    return gbk if gbk is not None else raw.decode("cp437")


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """Info-ZIP's Unicode Path field (0x7075): version 1, CRC-32 of the raw name, the name in UTF-8."""
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == UNICODE_PATH and body[:1] == b"\x01" and body[1:5] == zlib.crc32(raw).to_bytes(4, "little"):
            return _decoded(body[5:], "utf-8")
    return None


def is_junk(name: str) -> bool:
    """What operating systems leave behind in folders and archives."""
    parts = PurePosixPath(name).parts
    base = parts[-1].casefold() if parts else ""
    return "__MACOSX" in parts or base.startswith(".") or base in {"thumbs.db", "desktop.ini"} or name.endswith(os.sep)
