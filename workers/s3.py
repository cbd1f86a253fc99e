"""Uploads and results in a bucket of an S3-compatible object store.

Bytes on their way in lie under incoming/ and are copied into place by the store itself: an object is
there whole or not at all. Credentials, region and endpoint come from the usual AWS_* variables. Parts
of uploads that never ended are the bucket's to forget (a lifecycle rule for incomplete uploads).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store as Bucket

from workers.blobs import INCOMING, LISTED, checked_key
from workers.errors import SettingsWrong, StorageFailed

CACHE_BYTES = 1 << 30  # of uploads kept as files while they are read; those in use are kept beyond it
CHUNK = 1 << 20
REQUEST = "60s"
CONNECT = "5s"
RETRIES = 3
RETRY_FOR = timedelta(seconds=20)


class S3Store:
    """A BlobStore at s3://bucket/prefix. `cache`: a folder of this machine for uploads that are being read."""

    def __init__(self, url: str, cache: Path) -> None:
        place = urlsplit(url)
        if place.scheme != "s3" or not place.hostname:
            raise SettingsWrong("GEZI_BLOBS must be a folder or s3://bucket/prefix")
        endpoint = os.environ.get("AWS_ENDPOINT_URL", os.environ.get("AWS_ENDPOINT", ""))
        try:
            self._bucket = Bucket(
                place.netloc,
                prefix=place.path.strip("/") or None,
                client_options={
                    "timeout": REQUEST, "connect_timeout": CONNECT, "allow_http": endpoint.startswith("http://"),
                },
                retry_config={"max_retries": RETRIES, "retry_timeout": RETRY_FOR},
            )  # fmt: skip
        except (BaseError, ValueError) as error:
            raise SettingsWrong("GEZI_BLOBS or the AWS_* variables beside it cannot be used") from error
        self._cache = Cache(cache)

    async def stage(self) -> S3Staged:
        name = f"{INCOMING}/{secrets.token_hex(16)}.part"
        return S3Staged(self._bucket, name)

    async def put(self, key: str, content: bytes) -> None:
        with _ours():
            await obstore.put_async(self._bucket, checked_key(key), content)

    async def get(self, key: str) -> bytes:
        with _ours():
            found = await obstore.get_async(self._bucket, checked_key(key))
            return bytes(await found.bytes_async())

    async def erase(self, key: str) -> None:
        """Erasing what is not there is no error."""
        with _ours(), contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._bucket, checked_key(key))

    async def has_room(self, n_bytes: int) -> bool:
        return True

    @contextlib.asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        """The blob as a file for as long as the context lasts; must not be changed."""
        with _ours():
            entry = self._cache.enter(key)
        try:
            if not entry.path.exists():
                await self._fetch(key, entry.path)
            yield entry.path
        finally:
            self._cache.leave(entry)

    async def _fetch(self, key: str, path: Path) -> None:
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            with _ours():
                found = await obstore.get_async(self._bucket, checked_key(key))
                with part.open("xb") as file:
                    async for chunk in found.stream(min_chunk_size=CHUNK):
                        file.write(chunk)
                part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    async def sweep(self, older_than: float) -> int:
        """Remove staged bytes whose writer died, by age in seconds; how many."""
        names = [key async for keys in self.listing(INCOMING, older_than) for key in keys]
        for name in names:
            with _ours():
                await obstore.delete_async(self._bucket, name)
        return len(names)

    async def listing(self, top: str, older_than: float) -> AsyncIterator[list[str]]:
        """The keys under `top` that were put in place longer ago than that, in seconds, some hundreds at a time."""
        before = time.time() - older_than
        with _ours():
            async for found in obstore.list(self._bucket, prefix=top, chunk_size=LISTED):
                yield [item["path"] for item in found if item["last_modified"].timestamp() < before]

    async def age(self, key: str) -> float | None:
        """Seconds since the blob was put in place; None where there is none."""
        with _ours():
            try:
                found = await obstore.head_async(self._bucket, checked_key(key))
            except FileNotFoundError:
                return None
            return time.time() - found["last_modified"].timestamp()

    async def close(self) -> None:
        self._cache.close()


class S3Staged:
    def __init__(self, bucket: Bucket, name: str) -> None:
        self._bucket = bucket
        self._name = name
        self._writer = obstore.open_writer_async(bucket, name)
        self._hash = hashlib.sha256()
        self._there = False
        self._size = 0

    @property
    def size(self) -> int:
        return self._size

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def write(self, chunk: bytes) -> None:
        with _ours():
            await self._writer.write(chunk)
        self._hash.update(chunk)
        self._size += len(chunk)

    async def seal(self) -> None:
        """Everything is written: it lies in the store, under a passing name."""
        with _ours():
            await self._writer.close()
        self._there = True

    async def place(self, key: str) -> None:
        """Copy into place, over the same content if that is there already; `discard` removes the passing name."""
        with _ours():
            await obstore.copy_async(self._bucket, self._name, checked_key(key))

    async def discard(self) -> None:
        if not self._there:
            return
        self._there = False
        # What stays behind is swept up later: the answer to the client does not depend on it.
        with contextlib.suppress(StorageFailed), _ours():
            await obstore.delete_async(self._bucket, self._name)


@dataclass(slots=True)
class Entry:
    path: Path
    users: int = 0


class Cache:
    """Files of one process, the least lately used ones removed beyond CACHE_BYTES.

    Its folder is locked while the process lives, so that others can tell and remove those of the dead.
    """

    def __init__(self, top: Path) -> None:
        self._top = top
        self._folder: Path | None = None
        self._lock: IO[str] | None = None
        self._entries: dict[str, Entry] = {}

    def enter(self, key: str) -> Entry:
        """The file's place, to be left again; it may not be filled yet."""
        folder = self._open()
        entry = self._entries.pop(key, None) or Entry(folder / hashlib.sha256(key.encode()).hexdigest())
        self._entries[key] = entry  # now the last: the one used latest
        entry.users += 1
        return entry

    def leave(self, entry: Entry) -> None:
        entry.users -= 1
        sizes = {key: e.path.stat().st_size if e.path.exists() else 0 for key, e in self._entries.items()}
        total = sum(sizes.values())
        for key, other in list(self._entries.items()):
            if total <= CACHE_BYTES:
                return
            if other.users == 0:
                other.path.unlink(missing_ok=True)
                del self._entries[key]
                total -= sizes[key]

    def close(self) -> None:
        if self._folder is not None and self._lock is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._lock.close()
            self._folder, self._lock = None, None

    def _open(self) -> Path:
        if self._folder is None:
            self._top.mkdir(parents=True, exist_ok=True)
            for other in self._top.glob("*.lock"):
                _remove_if_dead(other)
            name = secrets.token_hex(8)
            self._lock = (self._top / f"{name}.lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            self._folder = self._top / name
            self._folder.mkdir()
        return self._folder


def _remove_if_dead(lock: Path) -> None:
    try:
        with lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
    except (BlockingIOError, FileNotFoundError):  # it lives, or another process was first
        return


@contextlib.contextmanager
def _ours() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise StorageFailed("the store cannot be used at the moment") from error
