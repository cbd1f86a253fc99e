"""What leaves by itself: documents past their time, and blobs that nobody owns."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.workers.test_jobs import House, in_house
from workers.errors import NotFound
from workers.records import State
from workers.retention import DAY, Caretaker, sweep_orphans, take_chore
from workers.settings import Settings
from workers.tables import blobs, jobs


async def _finished(place: House, content: bytes, ended: float) -> str:
    document = (await place.accept(content)).document
    claim = await place.leases.claim()
    assert claim is not None
    key = f"results/a/{claim.job_id}.json.gz"
    await place.store.put(key, b"result")
    await place.leases.finish(claim, State.SUCCEEDED, 1.0, key)
    async with place.database.write() as connection:
        await connection.execute(sa.update(jobs).where(jobs.c.id == claim.job_id).values(ended=ended))
    return document.id


def test_documents_leave_after_their_days_and_unfinished_ones_stay(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        now = time.time()
        old = await _finished(place, b"old", now - 8 * DAY)
        young = await _finished(place, b"young", now - 6 * DAY)
        waiting = (await place.accept(b"waiting")).document.id
        await Caretaker(Settings(), place.database, place.store).look()  # by default nothing leaves
        assert (await place.jobs.find("a", old)).id == old
        keeper = Caretaker(Settings(retention_days=7), place.database, place.store)
        await keeper.look()
        with pytest.raises(NotFound):
            await place.jobs.find("a", old)
        for document_id in (young, waiting):
            await place.jobs.find("a", document_id)
        assert len(await place.files()) == 3  # two uploads, one result

    in_house(tmp_path, story)


def test_a_chore_is_done_by_one_and_not_again_before_its_time(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        taken = await asyncio.gather(*(take_chore(place.database, "x", 60.0) for _ in range(5)))
        assert sorted(taken) == [False] * 4 + [True]
        assert not await take_chore(place.database, "x", 60.0)
        assert await take_chore(place.database, "x", 0.0)
        assert await take_chore(place.database, "y", 60.0)

    in_house(tmp_path, story)


def test_bytes_whose_upload_never_ended_are_swept_up_after_a_day(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        for _ in range(2):
            staged = await place.store.stage()
            await staged.write(b"half")
            await staged.seal()
        old, young = sorted(place.store.path("incoming/x").parent.iterdir())
        os.utime(old, (time.time() - 2 * DAY, time.time() - 2 * DAY))
        await Caretaker(Settings(), place.database, place.store).look()
        assert await place.files() == [young.name]

    in_house(tmp_path, story)


def test_only_old_blobs_without_an_owner_are_swept(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        await _finished(place, b"kept", time.time())
        kept = await place.files()
        for key in ("results/a/orphan.json.gz", "pages/a/0r/orphan.png", "uploads/a/0r/orphan", "uploads/a/0r/fresh"):
            await place.store.put(key, b"x")
        for path in place.store.path("uploads/x").parents[1].rglob("*"):
            if path.is_file() and path.name != "fresh":
                os.utime(path, (time.time() - 7200, time.time() - 7200))
        assert await sweep_orphans(place.database, place.store) == 3
        assert await place.files() == sorted([*kept, "fresh"])
        assert await sweep_orphans(place.database, place.store) == 0
        async with place.database.read() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).where(blobs.c.owners < 1)) == 0

    in_house(tmp_path, story)


def test_an_orphan_that_an_upload_takes_over_meanwhile_stays(tmp_path: Path) -> None:
    """The sweep has listed it; then the same bytes are uploaded, before the sweep comes to it."""

    async def story(place: House) -> None:
        first = (await place.accept(b"same", fresh=True)).document
        claim = await place.leases.claim()
        assert claim is not None
        key = claim.upload_key
        async with place.database.write() as connection:  # as if nobody had ever noted it
            await connection.execute(sa.delete(blobs))
        os.utime(place.store.path(key), (time.time() - 7200, time.time() - 7200))
        real = place.store.age

        async def late(asked: str) -> float | None:
            raise AssertionError("it has an owner: nobody asks for its age")

        listed = [keys async for keys in place.store.listing("uploads", 3600)]
        assert listed == [[key]]
        await place.accept(b"same", fresh=True)
        place.store.age = late  # type: ignore[method-assign]
        assert await sweep_orphans(place.database, place.store) == 0
        place.store.age = real  # type: ignore[method-assign]
        assert await place.store.get(key) == b"same"
        assert first.sha256 in key

    in_house(tmp_path, story)


def test_a_document_erased_twice_at_once_takes_no_other_s_blobs(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        first = (await place.accept(b"same", fresh=True)).document
        second = (await place.accept(b"same", fresh=True)).document
        outcomes = await asyncio.gather(
            *(place.jobs.delete("a", first.id) for _ in range(4)), return_exceptions=True
        )
        assert all(outcome is None or isinstance(outcome, NotFound) for outcome in outcomes)
        claim = await place.leases.claim()
        assert claim is not None
        assert claim.document_id == second.id
        assert await place.store.get(claim.upload_key) == b"same"

    in_house(tmp_path, story)
