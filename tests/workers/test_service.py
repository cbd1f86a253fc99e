"""The worker with real processes, SQLite and files; pages are born digital, so that no models are loaded."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import psutil
import pytest
import sqlalchemy as sa

from extractor.elements import (
    Box,
    Char,
    Frame,
    Grid,
    GridCell,
    LooseTable,
    PageCell,
    PageResult,
    PageTable,
    Point,
    TextEvidence,
    TextLine,
    Warn,
)
from extractor.result import Document
from extractor.unruled.openrows import OpenRows
from extractor.unruled.openrules import Level
from extractor.unruled.steps import Step
from tests.databases import fresh_database
from tests.paper import WIDTH, filled_table, save
from tests.workers.faulty import MakeFaultyDesk
from workers.building import page_bytes, page_from
from workers.database import Database
from workers.errors import NoPicture
from workers.exports import Format
from workers.jobs import Jobs
from workers.leases import Leases
from workers.locker import Locker
from workers.pool import Pool
from workers.records import State, StoredDocument, Wishes
from workers.service import Parts, Worker
from workers.settings import Settings
from workers.stores import open_store
from workers.tables import checkpoints, jobs

TABLE = filled_table([50, 150, WIDTH - 50], [100, 130, 160, 190])


@dataclass
class Shop:
    parts: Parts
    jobs: Jobs
    plan: Path
    worker: Worker
    running: asyncio.Task[None]

    async def upload(self, path: Path, tenant: str = "a", **wishes: object) -> str:
        staged = await self.parts.store.stage()
        await staged.write(path.read_bytes())
        await staged.seal()
        told = {"filename": path.name, "fresh": True, **wishes}
        accepted = await self.jobs.accept(tenant, staged, Wishes(**told))  # type: ignore[arg-type]
        await self.worker.wake()
        return accepted.document.id

    async def until(
        self, document_id: str, met: Callable[[StoredDocument], bool], tenant: str = "a"
    ) -> StoredDocument:
        end = time.monotonic() + 180
        while not met(document := await self.jobs.find(tenant, document_id)):
            assert time.monotonic() < end, document
            await asyncio.sleep(0.05)
        return document

    async def ended(self, document_id: str) -> StoredDocument:
        return await self.until(document_id, lambda document: document.job.state.ended)

    async def result(self, document: StoredDocument) -> Document:
        assert document.job.result_key is not None
        return Document.model_validate_json(gzip.decompress(await self.parts.store.get(document.job.result_key)))

    def begun(self) -> list[int]:
        return [int(line) for line in self.plan.with_name("begun").read_text().split()]


@asynccontextmanager
async def shop(folder: Path, **changes: object) -> AsyncIterator[Shop]:
    told = {"data": folder, "processes": 1, "turn_pages": 2, "lease": 30.0, "drain": 20.0, **changes}
    settings = Settings(**told)  # type: ignore[arg-type]
    database = Database(settings.database)
    await database.migrate()
    store, locker, plan = open_store(settings), Locker("s" * 40), folder / "plan"
    pool = Pool(settings.processes, MakeFaultyDesk(plan))
    parts = Parts(settings, database, store, locker, pool)
    worker = Worker(parts)
    running = asyncio.create_task(worker.run())
    jobs_ = Jobs(database, store, locker, engine="1", max_queue=100)
    try:
        yield Shop(parts, jobs_, plan, worker, running)
    finally:
        worker.drain()
        await asyncio.wait_for(running, 30)
        await asyncio.to_thread(pool.close, kill=True)
        await store.close()
        await database.close()


def in_shop(folder: Path, story: Callable[[Shop], Awaitable[None]], **settings: object) -> None:
    async def run() -> None:
        async with shop(folder, **settings) as place:
            await story(place)

    asyncio.run(run())


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every shop of a test works on the same database."""
    with fresh_database(tmp_path) as url:
        monkeypatch.setenv("GEZI_DATABASE_URL", url)
        yield


@pytest.fixture(scope="module")
def three_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("service") / "three.pdf", TABLE, TABLE, TABLE)


def test_a_document_is_read_in_turns_and_leaves_only_its_result(three_pages: Path, tmp_path: Path) -> None:
    async def story(place: Shop) -> None:
        document = await place.ended(await place.upload(three_pages))
        job = document.job
        assert (job.state, job.pages_done, job.pages_total, job.n_pages) == (State.SUCCEEDED, 3, 3, 3)
        assert job.attempts == 1
        found = await place.result(document)
        assert (found.document.filename, found.document.sha256) == ("three.pdf", document.sha256)
        assert [page.number for page in found.pages] == [1, 2, 3]
        assert "行1列1" in {cell.text for table in found.tables for cell in table.cells}
        async with place.parts.database.read() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(checkpoints)) == 0
        some = await place.ended(await place.upload(three_pages, pages="2"))
        assert [page.number for page in (await place.result(some)).pages] == [2]

    in_shop(tmp_path, story)


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ("crash", State.PARTIAL, "worker_died"),
        ("crash_once", State.SUCCEEDED, None),
        ("hang", State.PARTIAL, "timed_out"),
        ("unreadable", State.PARTIAL, "page_unreadable"),
    ],
)
def test_a_page_that_fails_costs_only_itself(
    fault: str, state: State, code: str | None, three_pages: Path, tmp_path: Path
) -> None:
    took = 0.0

    async def measure(place: Shop) -> None:
        nonlocal took
        began = time.monotonic()
        await place.ended(await place.upload(three_pages))
        took = time.monotonic() - began

    async def story(place: Shop) -> None:
        document = await place.ended(await place.upload(three_pages))
        assert (document.job.state, document.job.pages_done) == (state, 3)
        warnings = [[w.code for w in page.warnings] for page in (await place.result(document)).pages]
        assert warnings == [[], [code] if code else [], []]

    if fault == "hang":  # given up in a time in which this machine, as busy as it is, starts a process and reads pages
        in_shop(tmp_path, measure)
    (tmp_path / "plan").write_text(json.dumps({"2": fault}))
    in_shop(tmp_path, story, page_timeout=max(4.0, 3 * took) if fault == "hang" else 300.0)


def test_a_document_of_which_no_page_can_be_read_fails(three_pages: Path, tmp_path: Path) -> None:
    (tmp_path / "plan").write_text(json.dumps(dict.fromkeys("123", "unreadable")))

    async def story(place: Shop) -> None:
        job = (await place.ended(await place.upload(three_pages))).job
        assert (job.state, job.error_code, job.result_key) == (State.FAILED, "page_unreadable", None)

    in_shop(tmp_path, story)


def test_what_is_no_document_fails_with_its_code(three_pages: Path, tmp_path: Path) -> None:
    locked, noise = tmp_path / "locked.pdf", tmp_path / "noise.pdf"
    with pikepdf.open(three_pages) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    noise.write_bytes(b"nothing of the kind")

    async def story(place: Shop) -> None:
        cases = [
            (noise, {}, "unsupported_media"),
            (locked, {}, "password_required"),
            (locked, {"password": "wrong"}, "password_wrong"),
            (locked, {"password": "secret"}, None),
            (three_pages, {"pages": "7"}, "page_range"),
            (three_pages, {}, "too_large"),
        ]
        for path, wishes, code in cases:
            job = (await place.ended(await place.upload(path, **{"pages": "1", **wishes} if wishes else {}))).job
            assert (job.error_code, job.state) == (code, State.SUCCEEDED if code is None else State.FAILED)
        async with place.parts.database.read() as connection:
            assert set(await connection.scalars(sa.select(jobs.c.password))) == {None}

    in_shop(tmp_path, story, max_pages=2)


def test_cancel_kills_the_work_within_two_seconds(three_pages: Path, tmp_path: Path) -> None:
    (tmp_path / "plan").write_text('{"2": "hang"}')

    async def story(place: Shop) -> None:
        document_id = await place.upload(three_pages)
        hanging = tmp_path / "hanging"
        await place.until(document_id, lambda _: hanging.exists() and hanging.read_text() != "")
        pid = int(hanging.read_text())
        began = time.monotonic()
        await place.jobs.cancel("a", document_id)
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() - began < 2.0
            await asyncio.sleep(0.02)
        (tmp_path / "plan").write_text("{}")
        assert (await place.ended(await place.upload(three_pages))).job.state is State.SUCCEEDED
        assert (await place.jobs.find("a", document_id)).job.state is State.CANCELLED

    in_shop(tmp_path, story)


def test_a_worker_that_drains_gives_back_and_another_goes_on(three_pages: Path, tmp_path: Path) -> None:
    async def first(place: Shop) -> None:
        document_id = await place.upload(three_pages)
        (tmp_path / "id").write_text(document_id)
        await place.until(document_id, lambda document: document.job.pages_done >= 1)

    async def second(place: Shop) -> None:
        document = await place.ended((tmp_path / "id").read_text())
        assert (document.job.state, document.job.attempts, document.job.pages_done) == (State.SUCCEEDED, 1, 3)
        assert place.begun() == [1, 2, 3]

    in_shop(tmp_path, first, turn_pages=1)
    in_shop(tmp_path, second, turn_pages=1)


def test_a_job_whose_worker_was_lost_goes_on_from_its_checkpoints(three_pages: Path, tmp_path: Path) -> None:
    async def prepare(place: Shop) -> None:
        """As after kill -9: a claim that nobody renews, with one page done."""
        place.worker.drain()
        await place.running
        document_id = await place.upload(three_pages)
        (tmp_path / "id").write_text(document_id)
        leases = Leases(place.parts.database, seconds=0.5, max_losses=3)
        claim = await leases.claim()
        assert claim is not None
        await leases.store_page(claim, 1, page_bytes(PageResult(1, 100.0, 100.0, 0, 0.0, "text")))

    async def go_on(place: Shop) -> None:
        document = await place.ended((tmp_path / "id").read_text())
        assert (document.job.state, document.job.attempts) == (State.SUCCEEDED, 2)
        assert sorted(place.begun()) == [2, 3]
        assert (await place.result(document)).pages[0].width == 100.0

    in_shop(tmp_path, prepare)
    in_shop(tmp_path, go_on, lease=4.0)


def test_pages_are_kept_as_pictures_and_results_in_the_formats_asked_for(three_pages: Path, tmp_path: Path) -> None:
    async def story(place: Shop) -> None:
        document = await place.ended(await place.upload(three_pages, formats=("xlsx", "html", "json")))
        for number in (1, 2, 3):
            key = await place.jobs.picture_key("a", document.id, number)
            assert (await place.parts.store.get(key)).startswith(b"\x89PNG\r\n")
        keys = {wanted: await place.jobs.export_key(document.job.id, wanted) for wanted in Format}
        assert [keys[Format.MD], keys[Format.CSV], keys[Format.JSON]] == [None] * 3
        assert b"<table" in await place.parts.store.get(keys[Format.HTML] or "")
        assert (await place.parts.store.get(keys[Format.XLSX] or "")).startswith(b"PK")
        again = await place.ended(await place.upload(three_pages))  # read anew: the same pictures
        assert await place.jobs.picture_key("a", again.id, 1) == await place.jobs.picture_key("a", document.id, 1)
        for each in (document, again):
            await place.jobs.delete("a", each.id)
        folder = place.parts.settings.blobs_dir
        assert [path for path in folder.rglob("*") if path.is_file()] == []

    in_shop(tmp_path, story)


def test_without_pictures_none_are_kept(three_pages: Path, tmp_path: Path) -> None:
    async def story(place: Shop) -> None:
        document = await place.ended(await place.upload(three_pages))
        with pytest.raises(NoPicture):
            await place.jobs.picture_key("a", document.id, 1)

    in_shop(tmp_path, story, page_picture_dpi=0)


def test_short_documents_do_not_wait_for_a_long_one(tmp_path: Path) -> None:
    long = save(tmp_path / "long.pdf", *[TABLE] * 12)
    short = save(tmp_path / "short.pdf", TABLE)

    async def story(place: Shop) -> None:
        long_id = await place.upload(long)
        await place.until(long_id, lambda document: document.job.pages_done >= 1)
        for document_id in [await place.upload(short) for _ in range(3)]:
            await place.ended(document_id)
        assert not (await place.jobs.find("a", long_id)).job.state.ended
        await place.ended(long_id)

    in_shop(tmp_path, story)


def test_ten_short_documents_do_not_wait_for_200_pages(tmp_path: Path) -> None:
    long = save(tmp_path / "long.pdf", *[TABLE] * 200)
    short = save(tmp_path / "short.pdf", TABLE)

    async def story(place: Shop) -> None:
        long_id = await place.upload(long)
        await place.until(long_id, lambda document: document.job.pages_done >= 2)
        ids = [await place.upload(short) for _ in range(10)]
        before = len(place.begun())
        for document_id in ids:
            await place.ended(document_id)
        meanwhile = [number for number in place.begun()[before:] if number != 1]
        # What was under way when they came, and the claims that go to whatever waits longest: a tenth of them, and
        # on a busy machine there are more claims. Waiting for the long one would mean nearly all of its 200 pages.
        assert len(meanwhile) <= 20
        found = await place.jobs.find("a", long_id)
        assert not found.job.state.ended
        await place.jobs.cancel("a", long_id)

    in_shop(tmp_path, story, turn_pages=8)


def test_a_tenant_s_first_document_does_not_wait_for_another_s_queue(tmp_path: Path) -> None:
    long = save(tmp_path / "long.pdf", *[TABLE] * 3)

    async def story(place: Shop) -> None:
        theirs = [await place.upload(long) for _ in range(12)]
        await place.until(theirs[0], lambda document: document.job.pages_done >= 1)
        mine = await place.upload(long, tenant="b")
        await place.until(mine, lambda document: document.job.state.ended, tenant="b")
        open_still = [not (await place.jobs.find("a", each)).job.state.ended for each in theirs]
        assert sum(open_still) >= 6
        for each in theirs:
            await place.jobs.cancel("a", each)

    in_shop(tmp_path, story)


def test_a_document_over_its_time_comes_back_in_part(three_pages: Path, tmp_path: Path) -> None:
    async def story(place: Shop) -> None:
        document = await place.ended(await place.upload(three_pages))
        assert document.job.state is State.PARTIAL
        codes = [[w.code for w in page.warnings] for page in (await place.result(document)).pages]
        assert codes == [[], ["timed_out"], ["timed_out"]]

    in_shop(tmp_path, story, turn_pages=1, document_timeout=0.001)


def test_a_page_survives_its_storing() -> None:
    line = TextLine("预算", Box(0.1, 1, 2, 3), (Char("预", 0.9, 1.0, "顶", 0.05), Char("算", 1.0)))
    corners = (Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1))
    cell = PageCell(0, 0, 1, 2, "预算", Box(0, 0, 1, 1), corners, 0.5, TextEvidence(0.9, 0.8), (line,), ("clipped",))
    rows = OpenRows(0.0, 9.0, (Level(1.0, ((0.0, 9.0),)),), (((1.0, 2.0),),), ((Step(3.0, -8.0),),), (line.box,), 5.0)
    grid = Grid((0.0, 9.0), (0.0, 5.0), (GridCell(0, 0, 1, 1, Box(0, 0, 9, 5)),))
    loose = LooseTable(rows, grid, ((line,),), (TextEvidence(0.9, 0.8),), ((),), 100.0, Frame())
    box = Box(0, 0, 1, 1)
    table = PageTable(1, 1, 2, (cell,), box, (0.0, 0.5, 1.0), title="表", fiscal_year=2024, loose=loose)
    rules = ((Point(0, 0), Point(1, 1)),)
    page = PageResult(1, 595.3, 841.9, 90, 0.5, "scan", (table,), (), (Warn("x", "y"),), (("read", 0.1),), rules)
    assert page_from(page_bytes(page)) == page
