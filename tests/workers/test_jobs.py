"""Jobs on a real SQLite file and a real folder: what is accepted, claimed, kept, lost and erased."""

from __future__ import annotations

import asyncio
import os
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.databases import SERVER, fresh_database
from workers.blobs import FolderStore
from workers.claiming import PATIENCE
from workers.database import Database
from workers.errors import DatabaseFailed, IdempotencyMismatch, NotFound, QueueFull, StorageFailed, StorageFull
from workers.jobs import Jobs
from workers.leases import LeaseLost, Leases
from workers.locker import Locker
from workers.purging import purge
from workers.records import Accepted, Filter, State, Wishes, new_id
from workers.tables import blobs, checkpoints, jobs


@dataclass
class House:
    database: Database
    store: FolderStore
    jobs: Jobs
    leases: Leases
    locker: Locker

    async def accept(self, content: bytes = b"%PDF-", tenant: str = "a", **wishes: object) -> Accepted:
        staged = await self.store.stage()
        await staged.write(content)
        await staged.seal()
        try:
            return await self.jobs.accept(tenant, staged, Wishes(**{"filename": "a.pdf", **wishes}))  # type: ignore[arg-type]
        finally:
            await staged.discard()

    async def files(self) -> list[str]:
        return sorted(p.name for p in self.store.path("uploads/x").parents[1].rglob("*") if p.is_file())

    async def change(self, **values: object) -> None:
        async with self.database.write() as connection:
            await connection.execute(sa.update(jobs).values(**values))


@asynccontextmanager
async def house(folder: Path, url: str, *, max_queue: int = 100, max_losses: int = 2) -> AsyncIterator[House]:
    database = Database(url)
    await database.migrate()
    store, locker = FolderStore(folder / "blobs"), Locker("s" * 40)
    jobs_ = Jobs(database, store, locker, engine="1", max_queue=max_queue)
    try:
        yield House(database, store, jobs_, Leases(database, seconds=30.0, max_losses=max_losses), locker)
    finally:
        await database.close()


def in_house(folder: Path, story: Callable[[House], Awaitable[None]], **settings: int) -> None:
    async def run(url: str) -> None:
        async with house(folder, url, **settings) as place:
            await story(place)

    with fresh_database(folder / "db") as url:
        asyncio.run(run(url))


def test_ids_sort_by_time_and_are_version_7() -> None:
    first = new_id()
    time.sleep(0.002)
    second = new_id()
    assert first < second
    assert (first[12], first[16] in "89ab", len(first)) == ("7", True, 32)


def test_a_migrated_database_has_the_tables_of_the_code(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from workers.tables import metadata

    async def story(place: House) -> None:
        await place.database.migrate()  # a second time: nothing to do
        async with place.database.read() as connection:
            differences = await connection.run_sync(
                lambda c: compare_metadata(MigrationContext.configure(c), metadata)
            )
        assert differences == []

    in_house(tmp_path, story)


def test_accepted_bytes_are_in_the_store_and_the_row_is_queued(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        accepted = await place.accept(b"%PDF-1", tags=("b", "a", "a"))
        assert accepted.is_new
        document = await place.jobs.find("a", accepted.document.id)
        assert (document.job.state, document.size, document.tags) == (State.QUEUED, 6, ("a", "b"))
        claim = await place.leases.claim()
        assert claim is not None
        assert await place.store.get(claim.upload_key) == b"%PDF-1"

    in_house(tmp_path, story)


def test_a_worker_is_told_what_was_asked_for(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        await place.accept(b"1", repair=False, formats=("xlsx", "html"), pages="2", priority=8, key_id="k")
        claim = await place.leases.claim()
        assert claim is not None
        told = (claim.repair, claim.formats, claim.pages, claim.priority, claim.key_id)
        assert told == (False, "html,xlsx", "2", 8, "k")

    in_house(tmp_path, story)


def test_another_tenant_s_document_is_not_found(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        document = (await place.accept()).document
        for ask in (place.jobs.find, place.jobs.cancel, place.jobs.delete):
            with pytest.raises(NotFound):
                await ask("b", document.id)
        assert await place.jobs.listing("b", Filter()) == []

    in_house(tmp_path, story)


def test_an_idempotency_key_gives_the_same_document_and_refuses_another(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        first = await place.accept(idempotency_key="k", password="p")
        again = await place.accept(idempotency_key="k", password="p")
        assert (again.document.id, again.is_new) == (first.document.id, False)
        with pytest.raises(IdempotencyMismatch):
            await place.accept(b"%PDF-other", idempotency_key="k", password="p")
        with pytest.raises(IdempotencyMismatch):
            await place.accept(idempotency_key="k", password="q")
        other = await place.accept(tenant="b", idempotency_key="k")
        assert other.is_new

    in_house(tmp_path, story)


def test_a_finished_result_is_shared_by_content_and_lives_until_its_last_owner_goes(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        first = (await place.accept()).document
        claim = await place.leases.claim()
        assert claim is not None
        await place.store.put("results/a/r.json.gz", b"result")
        await place.leases.finish(claim, State.SUCCEEDED, 1.0, "results/a/r.json.gz")
        second = (await place.accept(filename="b.pdf")).document
        assert (second.job.state, second.job.result_key) == (State.SUCCEEDED, "results/a/r.json.gz")
        assert second.id != first.id
        for fresh in ({"fresh": True}, {"pages": "1"}, {"tenant": "b"}):
            assert (await place.accept(**fresh)).document.job.state is State.QUEUED  # type: ignore[arg-type]
        await place.jobs.delete("a", first.id)
        assert await place.store.get("results/a/r.json.gz") == b"result"
        await place.jobs.delete("a", second.id)
        with pytest.raises(StorageFailed):
            await place.store.get("results/a/r.json.gz")

    in_house(tmp_path, story)


def test_deleting_everything_leaves_no_row_and_no_file(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        for content in (b"1", b"1", b"2"):
            await place.accept(content, fresh=True)
        claim = await place.leases.claim()
        assert claim is not None
        await place.leases.store_page(claim, 1, b"page")
        for document in await place.jobs.listing("a", Filter()):
            await place.jobs.delete("a", document.id)
        async with place.database.read() as connection:
            for table in (jobs, checkpoints, blobs):
                assert await connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0
        assert await place.files() == []
        with pytest.raises(LeaseLost):
            await place.leases.store_page(claim, 2, b"page")

    in_house(tmp_path, story)


def test_a_full_queue_refuses_and_keeps_nothing(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        await place.accept(b"1")
        with pytest.raises(QueueFull):
            await place.accept(b"2")
        assert len(await place.files()) == 1

    in_house(tmp_path, story, max_queue=1)


def test_the_list_pages_and_filters(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        ids = [(await place.accept(str(n).encode(), tags=(f"t{n % 2}", "100%"))).document.id for n in range(5)]
        newest = await place.jobs.listing("a", Filter(limit=2))
        assert [d.id for d in newest] == sorted(ids, reverse=True)[:2]  # within a millisecond chance decides
        rest = await place.jobs.listing("a", Filter(limit=10, before=newest[-1].id))
        assert {d.id for d in newest} | {d.id for d in rest} == set(ids)
        assert len(rest) == 3
        assert {d.id for d in await place.jobs.listing("a", Filter(tag="t1"))} == {ids[1], ids[3]}
        assert len(await place.jobs.listing("a", Filter(tag="100%"))) == 5
        assert await place.jobs.listing("a", Filter(tag="t%")) == []
        assert await place.jobs.listing("a", Filter(state=State.FAILED)) == []

    in_house(tmp_path, story)


def test_claims_go_by_priority_then_fair_between_tenants_then_short_before_long(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        long = (await place.accept(b"long")).document
        claim = await place.leases.claim()
        assert claim is not None
        await place.leases.opened(claim, 200, 200)
        await place.leases.give_back(claim, 1.0)
        short = (await place.accept(b"short")).document
        other = (await place.accept(b"other", tenant="b")).document
        urgent = (await place.accept(b"urgent", priority=9)).document
        order = []
        while (claim := await place.leases.claim()) is not None:
            order.append(claim.document_id)
        assert order == [urgent.id, other.id, short.id, long.id]

    in_house(tmp_path, story)


def test_a_turn_given_back_uses_no_attempt_and_a_loss_uses_one(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        document = (await place.accept(password="p")).document
        first = await place.leases.claim()
        assert first is not None
        assert first.password is not None
        assert place.locker.unlock(first.password) == "p"
        await place.leases.store_page(first, 1, b"one")
        await place.leases.give_back(first, 1.0)
        second = await place.leases.claim()
        assert second is not None
        assert await place.leases.done_pages(second) == {1: b"one"}
        with pytest.raises(LeaseLost):
            await place.leases.store_page(first, 2, b"two")
        assert (await place.jobs.find("a", document.id)).job.attempts == 1
        await place.change(lease_until=time.time() - 1)
        assert (await place.leases.reap()).requeued == 1
        assert await place.leases.claim() is None  # not before a pause
        await place.change(not_before=0.0)
        third = await place.leases.claim()
        assert third is not None
        assert await place.leases.done_numbers(third) == {1}
        with pytest.raises(LeaseLost):
            await place.leases.finish(second, State.SUCCEEDED, 1.0, "results/a/two")
        assert (await place.jobs.find("a", document.id)).job.attempts == 2
        await place.change(lease_until=time.time() - 1)
        assert (await place.leases.reap()).failed == 1
        job = (await place.jobs.find("a", document.id)).job
        assert (job.state, job.error_code) == (State.FAILED, "worker_died")
        async with place.database.read() as connection:
            assert (await connection.execute(sa.select(jobs.c.password))).scalar() is None

    in_house(tmp_path, story)


def test_cancel_takes_the_lease_away(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        document = (await place.accept()).document
        claim = await place.leases.claim()
        assert claim is not None
        assert await place.leases.still_held([claim.lease]) == {claim.lease}
        assert (await place.jobs.cancel("a", document.id)).job.state is State.CANCELLED
        assert await place.leases.still_held([claim.lease]) == set()
        with pytest.raises(LeaseLost):
            await place.leases.fail(claim, "timed_out", "", 1.0)
        assert await place.leases.claim() is None
        assert (await place.jobs.cancel("a", document.id)).job.state is State.CANCELLED

    in_house(tmp_path, story)


def test_tenants_take_turns_whatever_the_length_of_their_queues(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        for n in range(6):
            await place.accept(b"many" + str(n).encode(), tenant="a")
        for n in range(2):
            await place.accept(b"few" + str(n).encode(), tenant="b")
        order = []
        for _ in range(6):  # one process: nothing else is under way when a job is claimed
            claim = await place.leases.claim()
            assert claim is not None
            order.append(claim.tenant)
            await place.leases.fail(claim, "too_large", "", 0.1)
        assert order == ["a", "b", "a", "b", "a", "a"]

    in_house(tmp_path, story)


def test_a_long_document_that_waited_does_not_hold_up_short_ones_for_good(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        long = (await place.accept(b"long")).document
        claim = await place.leases.claim()
        assert claim is not None
        await place.leases.opened(claim, 200, 200)
        await place.leases.give_back(claim, 1.0)
        # An hour ago; but it had a turn just now, so that a short document still goes first.
        await place.change(queued=time.time() - 3600.0)
        short = (await place.accept(b"short")).document
        order = []
        while (claim := await place.leases.claim()) is not None:
            order.append(claim.document_id)
        assert order == [short.id, long.id]

    in_house(tmp_path, story)


def test_what_has_low_priority_is_not_put_off_for_ever(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        low = (await place.accept(b"low", priority=0)).document
        claimed = []
        for n in range(PATIENCE):
            await place.accept(b"high" + str(n).encode(), priority=9)
            claim = await place.leases.claim()
            assert claim is not None
            claimed.append(claim.document_id)
            await place.leases.fail(claim, "too_large", "", 0.1)
        assert claimed.index(low.id) == PATIENCE - 1

    in_house(tmp_path, story)


def test_two_workers_never_claim_the_same_job(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        for n in range(6):
            await place.accept(str(n).encode())
        claims = await asyncio.gather(*(place.leases.claim() for _ in range(10)))
        taken = [claim.job_id for claim in claims if claim is not None]
        assert len(taken) == len(set(taken)) == 6

    in_house(tmp_path, story)


@pytest.mark.skipif(bool(SERVER), reason="PostgreSQL locks no whole database")
def test_a_database_locked_for_a_while_is_waited_for(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        async with place.database.write():
            late = asyncio.create_task(place.accept())
            await asyncio.sleep(0.5)
            assert not late.done()
        assert (await late).is_new

    in_house(tmp_path, story)


@pytest.mark.skipif(bool(SERVER), reason="PostgreSQL's writers do not wait for each other")
def test_writers_of_one_process_have_their_turns_in_order(tmp_path: Path) -> None:
    """SQLite alone lets whoever asks at the right moment go first: of many uploads one waited for seconds."""

    async def story(place: House) -> None:
        order: list[int] = []

        async def write(number: int) -> None:
            async with place.database.write() as connection:
                await connection.execute(sa.select(jobs.c.id))
                order.append(number)

        async with place.database.write():
            writers = [asyncio.create_task(write(number)) for number in range(30)]
            await asyncio.sleep(0.3)
        await asyncio.gather(*writers)
        assert order == list(range(30))

    in_house(tmp_path, story)


def test_a_database_that_cannot_be_opened_is_our_error(tmp_path: Path) -> None:
    (tmp_path / "gezi.db").mkdir()

    async def run() -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'gezi.db'}")
        with pytest.raises(DatabaseFailed):
            await database.migrate()
        await database.close()
        await asyncio.sleep(0.1)  # aiosqlite's thread of a failed connection reports to the loop once more

    asyncio.run(run())


def test_purging_erases_what_ended_long_ago_and_nothing_else(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        old = (await place.accept(b"old")).document
        await place.jobs.cancel("a", old.id)
        await place.change(ended=100.0)
        waiting = (await place.accept(b"waiting")).document
        fresh = (await place.accept(b"fresh")).document
        await place.jobs.cancel("a", fresh.id)
        assert await purge(place.database, place.store, 200.0) == 1
        assert {d.id for d in await place.jobs.listing("a", Filter())} == {waiting.id, fresh.id}
        assert len(await place.files()) == 2

    in_house(tmp_path, story)


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        store = FolderStore(tmp_path)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))  # the nearest thing to a small disk without root
        try:
            with pytest.raises(StorageFull):
                await store.put("uploads/a/b", b"x" * 20_000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
        assert not await store.has_room(1 << 60)

    asyncio.run(run())


def test_staged_bytes_that_nobody_wants_leave_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        store = FolderStore(tmp_path)
        staged = await store.stage()
        await staged.write(b"x")
        await staged.discard()
        assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
        orphan = await store.stage()
        await orphan.write(b"x")
        await orphan.seal()
        assert await store.sweep(3600) == 0
        for part in tmp_path.rglob("*.part"):
            os.utime(part, (0, 0))
        assert await store.sweep(3600) == 1
        with pytest.raises(ValueError, match="key"):
            await store.get("uploads/../../etc/passwd")

    asyncio.run(run())
