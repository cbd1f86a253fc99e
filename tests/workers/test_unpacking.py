"""Archives on their way into documents: workers that are lost, told to stop, or find no room."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from extractor.errors import OutputError
from tests.databases import fresh_database
from workers import unpacking
from workers.archives import ArchiveLimits
from workers.batches import Batches
from workers.batchleases import BatchClaim, BatchLeases
from workers.batchrecords import BatchState, StoredBatch
from workers.blobs import FolderStore
from workers.database import Database
from workers.desk import Desk, MakeDesk
from workers.jobs import Jobs
from workers.leases import LeaseLost
from workers.locker import Locker
from workers.pool import Pool
from workers.records import Filter, Wishes
from workers.settings import Settings
from workers.tables import batches
from workers.unpacking import Unpacker, UnpackerParts, UnpackPart

PDF = b"%PDF-1.7 "


@dataclass
class Yard:
    settings: Settings
    database: Database
    store: FolderStore
    jobs: Jobs
    batches: Batches
    leases: BatchLeases
    pool: Pool[Desk]

    def unpacker(self) -> Unpacker:
        return Unpacker(UnpackerParts(self.settings, self.leases, self.store, Locker("s" * 40), self.pool))

    async def accept(self, folder: Path, n: int, **wishes: object) -> str:
        path = folder / "batch.zip"
        with zipfile.ZipFile(path, "w") as out:
            for i in range(n):
                out.writestr(f"{i:03d}.pdf", PDF + b"%d" % i)
                out.writestr(f"{i:03d}.txt", b"x")
        staged = await self.store.stage()
        await staged.write(path.read_bytes())
        await staged.seal()
        told = Wishes(**{"filename": "batch.zip", **wishes})  # type: ignore[arg-type]
        return (await self.batches.accept_archive("a", staged, told)).batch.id

    async def until(self, batch_id: str, met: Callable[[StoredBatch], bool]) -> StoredBatch:
        async with asyncio.timeout(60):
            while not met(batch := await self.batches.find("a", batch_id)):
                await asyncio.sleep(0.01)
        return batch

    async def names(self, batch_id: str) -> list[str]:
        """Checks that every document is there once and at its place."""
        members = await self.batches.members("a", batch_id, -1, 1000)
        assert [member.position for member in members] == list(range(len(members)))
        documents = {member.document_id for member in members if member.document_id is not None}
        stored = await self.jobs.listing("a", Filter(batch=batch_id, limit=1000))
        assert documents == {document.id for document in stored}
        assert len(await self.jobs.listing("a", Filter(limit=1000))) == len(documents)
        return [member.name for member in members if member.document_id is not None]


@asynccontextmanager
async def yard(folder: Path, url: str, **settings: object) -> AsyncIterator[Yard]:
    told = Settings(**{"data": folder, "database_url": url, "lease": 1.0, **settings})  # type: ignore[arg-type]
    database = Database(url)
    await database.migrate()
    store, locker = FolderStore(told.blobs_dir), Locker("s" * 40)
    jobs = Jobs(database, store, locker, engine="1", max_queue=told.max_queue)
    leases = BatchLeases(database, store, jobs, seconds=told.lease, max_losses=told.max_losses)
    pool = Pool(1, MakeDesk(1))
    try:
        yield Yard(told, database, store, jobs, Batches(database, store, jobs, locker), leases, pool)
    finally:
        await asyncio.to_thread(pool.close, kill=True)
        await database.close()


def in_yard(folder: Path, story: Callable[[Yard], Awaitable[None]], **settings: object) -> None:
    async def run(url: str) -> None:
        async with yard(folder, url, **settings) as place:
            await story(place)

    with fresh_database(folder / "db") as url:
        asyncio.run(run(url))


async def _run(unpacker: Unpacker, act: Awaitable[object]) -> None:
    running = asyncio.create_task(unpacker.run())
    try:
        await act
    finally:
        unpacker.drain()
        await running


def _unpacked(batch: StoredBatch) -> bool:
    return batch.unpacked is not None


WHOLE = [f"{i:03d}.pdf" for i in range(30)]


def test_an_unpacker_that_stops_gives_back_and_another_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "PART_ENTRIES", 7)

    async def story(place: Yard) -> None:
        batch_id = await place.accept(tmp_path, 30)
        await _run(place.unpacker(), place.until(batch_id, lambda batch: batch.entries > 10))
        assert (await place.batches.find("a", batch_id)).state is BatchState.UNPACKING
        await _run(place.unpacker(), place.until(batch_id, _unpacked))
        assert await place.names(batch_id) == WHOLE

    in_yard(tmp_path, story)


KILLED = """
import asyncio, sys
from pathlib import Path
from tests.workers.test_unpacking import yard

async def run():
    async with yard(Path(sys.argv[1]), sys.argv[2]) as place:
        await place.unpacker().run()

asyncio.run(run())
"""


def test_a_worker_killed_while_it_unpacks_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    async def story(place: Yard) -> None:
        batch_id = await place.accept(tmp_path, 30)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GEZI_")}
        for least in (5, 25):  # killed twice, once near the beginning and once later
            command = [sys.executable, "-c", KILLED, str(tmp_path), place.settings.database_url]
            child = subprocess.Popen(command, env=environment, start_new_session=True)
            try:
                await place.until(batch_id, lambda batch, n=least: batch.entries >= n)  # type: ignore[misc]
            finally:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        await _run(place.unpacker(), place.until(batch_id, _unpacked))
        assert await place.names(batch_id) == WHOLE

    in_yard(tmp_path, story, max_losses=5)


def test_a_batch_that_costs_every_worker_is_closed_and_keeps_what_was_unpacked(tmp_path: Path) -> None:
    async def story(place: Yard) -> None:
        batch_id = await place.accept(tmp_path, 3)
        for _ in range(2):
            assert await place.leases.claim() is not None
            await asyncio.sleep(1.1)
        assert await place.leases.claim() is None
        batch = await place.batches.find("a", batch_id)
        assert (batch.state, batch.error_code) == (BatchState.FAILED, "worker_died")

    in_yard(tmp_path, story, max_losses=2)


def test_a_full_queue_makes_the_archive_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "PAUSE", 0.1)
    monkeypatch.setattr(unpacking, "IDLE", 0.1)

    async def story(place: Yard) -> None:
        batch_id = await place.accept(tmp_path, 30)

        async def fill_and_empty() -> None:
            await place.until(batch_id, lambda batch: batch.counts.open == 10)
            await asyncio.sleep(0.5)
            assert (await place.batches.find("a", batch_id)).counts.open == 10
            for _ in range(3):
                for document in await place.jobs.listing("a", Filter(limit=1000)):
                    await place.jobs.cancel("a", document.id)
                await place.until(batch_id, lambda batch: batch.counts.open == 10 or _unpacked(batch))
            await place.until(batch_id, _unpacked)

        await _run(place.unpacker(), fill_and_empty())
        assert await place.names(batch_id) == WHOLE

    in_yard(tmp_path, story, max_queue=10)


def test_who_lost_the_lease_writes_nothing(tmp_path: Path) -> None:
    async def story(place: Yard) -> None:
        batch_id = await place.accept(tmp_path, 3, password="geheim")
        claim = await place.leases.claim()
        assert claim is not None
        assert Locker("s" * 40).unlock(claim.password or b"") == "geheim"
        await place.batches.cancel("a", batch_id)
        staged = await place.store.stage()
        await staged.write(PDF)
        await staged.seal()
        for act in (
            place.leases.add_document(claim, 0, "a.pdf", staged, Wishes("a.pdf")),
            place.leases.finish(claim),
            place.leases.renew(claim),
        ):
            with pytest.raises(LeaseLost):
                await act
        await staged.discard()
        assert await place.names(batch_id) == []
        await place.leases.release_cancelled()
        async with place.database.read() as connection:
            row = (await connection.execute(sa.select(batches))).one()
        assert (row.password, row.upload_key) == (None, None)
        assert [p for p in place.settings.blobs_dir.rglob("*") if p.is_file()] == []

    in_yard(tmp_path, story)


def test_the_end_of_a_batch_is_announced_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    announced: list[str] = []

    async def note(_: object, batch_id: str) -> None:
        announced.append(batch_id)

    monkeypatch.setattr("workers.batchleases.announce", note)

    async def story(place: Yard) -> None:
        batch_id = await place.accept(tmp_path, 2)
        assert await place.leases.close_ended() == 0
        await _run(place.unpacker(), place.until(batch_id, _unpacked))
        assert await place.leases.close_ended() == 0
        for document in await place.jobs.listing("a", Filter()):
            await place.jobs.cancel("a", document.id)
        outcomes = await asyncio.gather(*(place.leases.close_ended() for _ in range(3)))
        assert (sum(outcomes), announced) == (1, [batch_id])

    in_yard(tmp_path, story)


def test_a_deleted_batch_is_erased_by_a_worker_where_the_api_died(tmp_path: Path) -> None:
    async def story(place: Yard) -> None:
        batch_id = await place.accept(tmp_path, 3)
        await _run(place.unpacker(), place.until(batch_id, _unpacked))
        async with place.database.write() as connection:
            await connection.execute(sa.update(batches).values(deleted=1.0))
        await place.leases.erase_deleted()
        assert await place.jobs.listing("a", Filter()) == []
        async with place.database.read() as connection:
            assert (await connection.execute(sa.select(batches))).first() is None
        assert [p for p in place.settings.blobs_dir.rglob("*") if p.is_file()] == []

    in_yard(tmp_path, story)


def test_a_disk_without_room_is_not_the_archive_s_fault(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("a.pdf", PDF + bytes(3_000_000))
    task = UnpackPart(tmp_path / "a.zip", "a.zip", tmp_path / "out", None, ArchiveLimits(), 1 << 30, 0)
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(OutputError):
            task(MakeDesk(1)())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    part = replace(task, folder=tmp_path / "more")(MakeDesk(1)())
    assert ([entry.name for entry in part.entries], part.is_last) == (["a.pdf"], True)


def test_names_that_no_database_takes_are_made_readable() -> None:
    assert unpacking.readable("a\0b\n\udcff.pdf") == "a_b_?.pdf"


def test_every_option_of_an_upload_reaches_the_members() -> None:
    from workers.batches import options_of

    wishes = Wishes(
        "x.zip", "1-2", "p", 7, ("t", "u"), fresh=True, idempotency_key="k", callback_url="https://example.org",
        formats=("xlsx",),
    )  # fmt: skip
    claim = BatchClaim("b", "l", "a", "x.zip", "k", json.loads(json.dumps(options_of(wishes))), None, 0)
    member = unpacking.member_wishes(claim, "甲.pdf", "p")
    assert member == replace(wishes, filename="甲.pdf", idempotency_key=None, callback_url=None)
