"""Archives become documents: a part of each worker that unpacks batches beside the reading of pages.

An archive is not trusted, so it is opened in a process of its own that is killed when it takes too long or
when the batch is cancelled. It unpacks a part into a scratch folder; this process takes that part over,
document by document, and asks for the next.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from extractor.errors import Cancelled, EmptyInput, GeziError, TooLarge, UnsupportedMedia, WorkerError
from extractor.source.media import describe, sniff
from workers.archives import ArchiveLimits, LeftOut, Unpacked, unpack
from workers.batchleases import BatchClaim, BatchLeases, LeftOutEntry
from workers.batchrecords import NO_DOCUMENT
from workers.blobs import BlobStore
from workers.desk import Desk
from workers.errors import QueueFull, Unavailable
from workers.events import say
from workers.kinds import Kind, kind_of, readable
from workers.leases import LeaseLost
from workers.locker import Locker
from workers.pool import Pool
from workers.records import Wishes
from workers.settings import Settings

IDLE = 2.0  # seconds between two looks for work
PAUSE = 20.0  # seconds before going on when the queue or the disk is full
BLOCK = 1 << 20
PART_ENTRIES = 200  # taken out at a time
PART_BYTES = 256 << 20
STALE_SCRATCH = 24 * 3600.0  # seconds after which a folder of a worker that died is swept up

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an archive. A document lies at `path`; anything else has a `code` that says why not."""

    position: int
    name: str
    path: Path | None
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    entries: tuple[Entry, ...]
    is_last: bool


@dataclass(frozen=True, slots=True)
class UnpackPart:
    """Task: the next entries of an archive, behind the first `skip`, unpacked into `folder`.

    `max_bytes`: the largest document taken. Raises OutputError where `folder` cannot be written.
    """

    archive: Path
    label: str
    folder: Path
    password: str | None
    limits: ArchiveLimits
    max_bytes: int
    skip: int

    def __call__(self, _: Desk) -> Part:
        entries: list[Entry] = []
        size = 0
        with closing(unpack(self.archive, self.label, self.folder, self.password, self.limits, self.skip)) as found:
            for position, entry in enumerate(found, self.skip):
                described = self._described(position, entry)
                entries.append(described)
                size += 0 if described.path is None else described.path.stat().st_size
                if len(entries) >= PART_ENTRIES or size >= PART_BYTES:
                    return Part(tuple(entries), is_last=False)
        return Part(tuple(entries), is_last=True)

    def _described(self, position: int, entry: Unpacked | LeftOut) -> Entry:
        name = readable(entry.label.removeprefix(f"{self.label}/"))
        if isinstance(entry, LeftOut):
            if entry.error is None:
                return Entry(position, name, None, NO_DOCUMENT, "the file is no document")
            return Entry(position, name, None, entry.error.code, entry.error.message)
        refusal = self._refusal(entry.path)
        if refusal is None:
            return Entry(position, name, entry.path)
        shutil.rmtree(entry.path.parent, ignore_errors=True)
        return Entry(position, name, None, refusal.code, refusal.message)

    def _refusal(self, path: Path) -> GeziError | None:
        size = path.stat().st_size
        if size == 0:
            return EmptyInput("the file is empty")
        if size > self.max_bytes:
            return TooLarge(f"a document may have {self.max_bytes} bytes")
        if kind_of(path, path.name) is Kind.FOREIGN:
            return UnsupportedMedia(f"the file is {describe(sniff(path))}; PDF, PNG, JPEG and TIFF can be read")
        return None


@dataclass(frozen=True, slots=True)
class UnpackerParts:
    """What an unpacker works with. `pool`: one process, apart from those that read pages."""

    settings: Settings
    leases: BatchLeases
    store: BlobStore
    locker: Locker
    pool: Pool[Desk]


class Unpacker:
    """`run` works until `drain` is called."""

    def __init__(self, parts: UnpackerParts) -> None:
        self._parts = parts
        self._draining = asyncio.Event()
        self._scratch = parts.settings.data_dir / "scratch"

    def drain(self) -> None:
        self._draining.set()

    async def run(self) -> None:
        """Unpack what waits, close what has ended, erase what was deleted, until told to stop."""
        await asyncio.to_thread(self._sweep)
        while not self._draining.is_set():
            try:
                claim = await self._parts.leases.claim()
                if claim is not None:
                    await self._turn(claim)
                    continue
                await self._parts.leases.close_ended()
                await self._parts.leases.release_cancelled()
                await self._parts.leases.erase_deleted()
            except Unavailable as error:
                say(log, "batches_put_off", logging.WARNING, code=error.code)
            try:
                await asyncio.wait_for(self._draining.wait(), IDLE)
            except TimeoutError:
                continue

    async def _turn(self, claim: BatchClaim) -> None:
        """Unpack one archive, as far as it goes. Raises Unavailable where the outcome cannot be stored now."""
        leases = self._parts.leases
        folder = self._scratch / secrets.token_hex(8)
        try:
            await self._unpack(claim, folder)
        except LeaseLost:
            say(log, "batch_taken_away", batch=claim.batch_id)
        except (QueueFull, Unavailable) as error:
            say(log, "batch_put_off", logging.WARNING, batch=claim.batch_id, code=error.code)
            await self._give_back(claim, PAUSE)
        except WorkerError as error:
            say(log, "unpacking_lost", logging.WARNING, batch=claim.batch_id, code=error.code)
            await self._give_back(claim, lost=True)
        except GeziError as error:
            say(log, "batch_failed", logging.WARNING, batch=claim.batch_id, code=error.code)
            await leases.fail(claim, error.code, error.message)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _give_back(self, claim: BatchClaim, wait: float = 0.0, *, lost: bool = False) -> None:
        try:
            await self._parts.leases.give_back(claim, wait, lost=lost)
        except LeaseLost:
            say(log, "batch_taken_away", batch=claim.batch_id)

    async def _unpack(self, claim: BatchClaim, folder: Path) -> None:
        password = None if claim.password is None else self._parts.locker.unlock(claim.password)
        settings, skip = self._parts.settings, claim.entries
        limits = ArchiveLimits(
            members=settings.max_batch_members,
            member_bytes=max(settings.max_archive_bytes, settings.max_upload_bytes),
            total_bytes=settings.max_unpacked_bytes,
        )
        async with self._parts.store.local(claim.upload_key) as path:
            while True:
                task = UnpackPart(path, claim.filename, folder, password, limits, settings.max_upload_bytes, skip)
                part = await self._run(claim, task)
                skip += len(part.entries)
                if not await self._take_over(claim, part, password):
                    await self._give_back(claim)
                    return
                if part.is_last:
                    break
        await self._parts.leases.finish(claim)
        say(log, "batch_unpacked", batch=claim.batch_id, entries=skip)

    async def _run(self, claim: BatchClaim, task: UnpackPart) -> Part:
        """The task's outcome; while it runs, the lease is renewed. Raises LeaseLost when the batch is taken away."""
        ticket = self._parts.pool.submit(task, self._parts.settings.unpack_timeout)
        outcome = asyncio.wrap_future(ticket.future)
        try:
            while not (await asyncio.wait({outcome}, timeout=min(IDLE, self._parts.settings.lease / 3)))[0]:
                await self._parts.leases.renew(claim)
        except BaseException:
            ticket.cancel()
            raise
        try:
            return await outcome
        except Cancelled:  # the pool is closing
            raise LeaseLost from None

    async def _take_over(self, claim: BatchClaim, part: Part, password: str | None) -> bool:
        """Store a part's entries in their order; False when the worker was told to stop before it was done."""
        left_out: list[LeftOutEntry] = []
        renewed = time.monotonic()
        for entry in part.entries:
            if entry.path is None:
                left_out.append(LeftOutEntry(entry.position, entry.name, entry.code, entry.detail))
                continue
            await self._parts.leases.add_left_out(claim, left_out)
            left_out = []
            if self._draining.is_set():
                return False
            if time.monotonic() - renewed > self._parts.settings.lease / 3:
                await self._parts.leases.renew(claim)
                renewed = time.monotonic()
            await self._take_over_one(claim, entry, entry.path, password)
        await self._parts.leases.add_left_out(claim, left_out)
        return True

    async def _take_over_one(self, claim: BatchClaim, entry: Entry, path: Path, password: str | None) -> None:
        wishes = member_wishes(claim, path.name, password)
        staged = await self._parts.store.stage()
        try:
            with path.open("rb") as file:
                while block := await asyncio.to_thread(file.read, BLOCK):
                    await staged.write(block)
            await staged.seal()
            await self._parts.leases.add_document(claim, entry.position, entry.name, staged, wishes)
        finally:
            await staged.discard()
        await asyncio.to_thread(shutil.rmtree, path.parent, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove what workers that died have left in the scratch folder."""
        if not self._scratch.is_dir():
            return
        for folder in self._scratch.iterdir():
            try:
                if folder.stat().st_mtime < time.time() - STALE_SCRATCH:
                    shutil.rmtree(folder, ignore_errors=True)
            except FileNotFoundError:
                continue


def member_wishes(claim: BatchClaim, filename: str, password: str | None) -> Wishes:
    """What is asked of one member: what was asked of all."""
    # As `options_of` wrote them, whose types the upload checked; JSON knows no tuples.
    options = {name: tuple(told) if isinstance(told, list) else told for name, told in claim.options.items()}
    return Wishes(filename=filename, password=password, **options)  # type: ignore[arg-type]
