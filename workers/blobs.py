"""Uploads and results as files of a folder: written beside, flushed, moved into place whole.

A key such as "uploads/TENANT/ab/abcd…" is a path of safe names. The interface keeps to what object
stores can do as well: stage bytes under a passing name, put them in place by key, read, erase.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Protocol

from workers.errors import ServiceError, StorageFailed, StorageFull

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SAFE_KEY = re.compile(r"[a-z0-9_-]+(/[A-Za-z0-9][A-Za-z0-9._-]*)+")
INCOMING = "incoming"
LISTED = 500  # keys at a time
GATHERED = 256 * 1024  # bytes of an upload that are written at a time


class Staged(Protocol):
    """Bytes on their way in, counted; `sha256` is known once sealed. `discard` forgets what was not put in place."""

    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    async def write(self, chunk: bytes) -> None: ...
    async def seal(self) -> None: ...
    async def place(self, key: str) -> None: ...
    async def discard(self) -> None: ...


class BlobStore(Protocol):
    """Raises StorageFull or StorageFailed."""

    async def stage(self) -> Staged: ...
    async def put(self, key: str, content: bytes) -> None: ...
    async def get(self, key: str) -> bytes: ...
    async def erase(self, key: str) -> None: ...
    async def has_room(self, n_bytes: int) -> bool: ...
    def local(self, key: str) -> contextlib.AbstractAsyncContextManager[Path]: ...
    async def sweep(self, older_than: float) -> int: ...
    def listing(self, top: str, older_than: float) -> AsyncIterator[list[str]]: ...
    async def age(self, key: str) -> float | None: ...
    async def close(self) -> None: ...


async def check_store(store: BlobStore) -> None:
    """Write, read and erase something, to know that the store works. Raises StorageFull, StorageFailed."""
    key = f"checks/{secrets.token_hex(8)}"
    await store.put(key, b"gezi")
    await store.get(key)
    await store.erase(key)


def checked_key(key: str) -> str:
    if not _SAFE_KEY.fullmatch(key):
        raise ValueError("not a blob's key")
    return key


class FolderStore:
    """A BlobStore in a folder of one file system (moving into place must be one step)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def stage(self) -> FolderStaged:
        return FolderStaged(self, self.folder / INCOMING / f"{secrets.token_hex(16)}.part")

    async def put(self, key: str, content: bytes) -> None:
        staged = await self.stage()
        try:
            await staged.write(content)
            await staged.seal()
            await staged.place(key)
        finally:
            await staged.discard()

    async def get(self, key: str) -> bytes:
        try:
            return await asyncio.to_thread(self.path(key).read_bytes)
        except OSError as error:
            raise _ours(error) from error

    async def erase(self, key: str) -> None:
        """Erasing what is not there is no error."""
        try:
            await asyncio.to_thread(self.path(key).unlink, missing_ok=True)
        except OSError as error:
            raise _ours(error) from error

    async def has_room(self, n_bytes: int) -> bool:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return (await asyncio.to_thread(shutil.disk_usage, self.folder)).free >= n_bytes
        except OSError as error:
            raise _ours(error) from error

    @contextlib.asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        """The blob as a file for as long as the context lasts; must not be changed."""
        yield self.path(key)

    async def sweep(self, older_than: float) -> int:
        """Remove staged bytes whose writer died, by age in seconds; how many."""
        try:
            return await asyncio.to_thread(self._sweep, time.time() - older_than)
        except OSError as error:
            raise _ours(error) from error

    def _sweep(self, before: float) -> int:
        removed = 0
        for path in (self.folder / INCOMING).glob("*.part"):
            try:
                if path.stat().st_mtime < before:
                    path.unlink()
                    removed += 1
            except FileNotFoundError:  # its writer was alive after all
                continue
        return removed

    async def listing(self, top: str, older_than: float) -> AsyncIterator[list[str]]:
        """The keys under `top` that were put in place longer ago than that, in seconds, some hundreds at a time."""
        try:
            keys = await asyncio.to_thread(self._keys, top, time.time() - older_than)
        except OSError as error:
            raise _ours(error) from error
        for start in range(0, len(keys), LISTED):
            yield keys[start : start + LISTED]

    def _keys(self, top: str, before: float) -> list[str]:
        keys = []
        for folder, _, names in os.walk(self.folder / top):
            for path in (Path(folder, name) for name in names):
                with contextlib.suppress(FileNotFoundError):  # erased meanwhile
                    if path.stat().st_mtime < before:
                        keys.append(path.relative_to(self.folder).as_posix())
        return keys

    async def age(self, key: str) -> float | None:
        """Seconds since the blob was put in place; None where there is none."""
        try:
            return time.time() - (await asyncio.to_thread(self.path(key).stat)).st_mtime
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _ours(error) from error

    async def close(self) -> None:
        return

    def path(self, key: str) -> Path:
        return self.folder / checked_key(key)


class FolderStaged:
    """Bytes are gathered and written together: each write is a change of threads, which costs more than the write."""

    def __init__(self, store: FolderStore, path: Path) -> None:
        self._store = store
        self._path = path
        self._file: BinaryIO | None = None
        self._gathered: list[bytes] = []
        self._waiting = 0  # bytes gathered
        self._hash = hashlib.sha256()
        self._over = False  # nothing lies under the passing name (any more)
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def write(self, chunk: bytes) -> None:
        self._gathered.append(chunk)
        self._waiting += len(chunk)
        self.size += len(chunk)
        if self._waiting >= GATHERED:
            await asyncio.to_thread(self._write)

    def _write(self) -> None:
        gathered, self._gathered, self._waiting = b"".join(self._gathered), [], 0
        self._hash.update(gathered)
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("xb", buffering=0)
            view = memoryview(gathered)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise _ours(error) from error

    async def seal(self) -> None:
        """Everything is written: flush it to the disk."""
        await asyncio.to_thread(self._seal)

    def _seal(self) -> None:
        self._write()
        assert self._file is not None
        try:
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise _ours(error) from error

    async def place(self, key: str) -> None:
        """Move into place, over the same content if that is there already."""
        await asyncio.to_thread(self._place, self._store.path(key))

    def _place(self, target: Path) -> None:
        try:
            try:
                os.replace(self._path, target)
            except FileNotFoundError:  # the first blob of its folder
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(self._path, target)
                for folder in target.parent.parents:
                    _flush_names(folder)
                    if folder == self._store.folder:
                        break
            self._over = True
            _flush_names(target.parent)
        except OSError as error:
            raise _ours(error) from error

    async def discard(self) -> None:
        if self._file is not None and not self._over:
            await asyncio.to_thread(self._discard, self._file)

    def _discard(self, file: BinaryIO) -> None:
        with contextlib.suppress(OSError):  # what a full disk did not take is not wanted any more
            file.close()
        self._path.unlink(missing_ok=True)


def _flush_names(folder: Path) -> None:
    """The names in a folder, too, must outlive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _ours(error: OSError) -> ServiceError:
    if error.errno in FULL:
        return StorageFull("the store is full")
    return StorageFailed("the store cannot be used at the moment")
