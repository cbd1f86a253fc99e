"""What every blob store does, on a folder and on a real S3 server; and the service on S3."""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from tests.databases import fresh_database
from tests.paper import save
from tests.workers import test_service
from tests.workers.buckets import BucketServer, bucket_server
from workers import s3
from workers.blobs import BlobStore, check_store
from workers.errors import StorageFailed
from workers.records import State
from workers.s3 import S3Store
from workers.settings import Settings
from workers.stores import open_store


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketServer]:
    with bucket_server(monkeypatch) as running:
        yield running


@pytest.fixture(params=["folder", "s3"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    blobs = request.getfixturevalue("bucket").url if request.param == "s3" else ""
    return Settings(data=tmp_path, blobs=blobs)


def with_store(settings: Settings, story: Callable[[BlobStore], Awaitable[None]]) -> None:
    async def run() -> None:
        store = open_store(settings)
        try:
            await story(store)
        finally:
            await store.close()

    asyncio.run(run())


def test_staged_bytes_are_hashed_counted_and_put_in_place_whole(settings: Settings) -> None:
    async def story(store: BlobStore) -> None:
        content, key = b"0123456789" * 100_000, "uploads/a/ab/abcd"
        staged = await store.stage()
        for start in range(0, len(content), 300_000):
            await staged.write(content[start : start + 300_000])
        await staged.seal()
        assert (staged.size, staged.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        with pytest.raises(StorageFailed):
            await store.get(key)
        await staged.place(key)
        await staged.discard()
        assert await store.get(key) == content
        assert [keys async for keys in store.listing("incoming", -60)] in ([], [[]])
        abandoned = await store.stage()
        await abandoned.write(b"half")
        await abandoned.discard()
        assert [key async for keys in store.listing("uploads", -60) for key in keys] == [key]

    with_store(settings, story)


def test_blobs_are_read_listed_and_erased(settings: Settings) -> None:
    async def story(store: BlobStore) -> None:
        keys = [f"results/a/{n:04}.json.gz" for n in range(7)]
        for key in keys:
            await store.put(key, key.encode())
        await store.put("pages/a/x.png", b"x")
        assert sorted([key async for found in store.listing("results", -60) for key in found]) == keys
        assert [key async for found in store.listing("results", 60) for key in found] == []
        age = await store.age(keys[0])
        assert age is not None
        assert -5 < age < 60
        assert await store.age("results/a/none") is None
        async with store.local(keys[1]) as path:
            assert path.read_bytes() == keys[1].encode()
        for _ in range(2):  # what is not there is erased as well
            await store.erase(keys[0])
        with pytest.raises(StorageFailed):
            await store.get(keys[0])
        for wrong in ("", "a", "../a/b", "uploads/../../x", "uploads//x", "/etc/passwd"):
            with pytest.raises(ValueError, match="key"):
                await store.get(wrong)
        assert await store.has_room(1)
        await check_store(store)
        assert [key async for found in store.listing("checks", -60) for key in found] == []

    with_store(settings, story)


def test_what_was_staged_and_never_placed_is_swept_up(settings: Settings) -> None:
    async def story(store: BlobStore) -> None:
        staged = await store.stage()
        await staged.write(b"x")
        await staged.seal()
        assert await store.sweep(3600) == 0
        assert await store.sweep(-60) == 1
        assert await store.sweep(-60) == 0

    with_store(settings, story)


def test_a_store_that_does_not_answer_is_a_typed_error(bucket: BucketServer, tmp_path: Path) -> None:
    async def story(store: BlobStore) -> None:
        await store.put("uploads/a/b", b"x")
        bucket.stop()
        for ask in (check_store(store), store.get("uploads/a/b"), store.erase("uploads/a/b"), store.age("uploads/a/b")):
            with pytest.raises(StorageFailed):
                await ask
        with pytest.raises(StorageFailed):
            async with store.local("uploads/a/b"):
                pass

    with_store(Settings(data=tmp_path, blobs=bucket.url), story)


def test_a_cache_that_cannot_be_made_is_a_typed_error(bucket: BucketServer, tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file, no folder")

    async def story(store: BlobStore) -> None:
        with pytest.raises(StorageFailed):
            async with store.local("uploads/a/b"):
                pass

    with_store(Settings(data=tmp_path, blobs=bucket.url), story)


def test_files_in_use_stay_others_make_room(
    bucket: BucketServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "CACHE_BYTES", 2500)

    async def story(store: BlobStore) -> None:
        for name in "abc":
            await store.put(f"uploads/t/{name}", name.encode() * 1000)
        async with store.local("uploads/t/a") as first:
            for name in "bc":
                async with store.local(f"uploads/t/{name}") as path:
                    assert path.read_bytes() == name.encode() * 1000
            assert first.read_bytes() == b"a" * 1000
        files = [path.stat().st_size for path in (tmp_path / "cache").rglob("*") if path.is_file()]
        assert sum(files) == 2000
        async with store.local("uploads/t/b") as again:  # fetched once more
            assert again.read_bytes() == b"b" * 1000

    with_store(Settings(data=tmp_path, blobs=bucket.url), story)
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def _leave_a_file_and_die(url: str, cache: str) -> None:
    async def fetch() -> None:
        async with S3Store(url, Path(cache)).local("uploads/t/a"):
            multiprocessing.current_process().kill()

    asyncio.run(fetch())


def test_what_a_dead_process_kept_is_removed_by_the_next(bucket: BucketServer, tmp_path: Path) -> None:
    async def story(store: BlobStore) -> None:
        await store.put("uploads/t/a", b"a")
        child = multiprocessing.get_context("spawn").Process(
            target=_leave_a_file_and_die, args=(bucket.url, str(tmp_path / "cache"))
        )
        child.start()
        await asyncio.to_thread(child.join)
        assert len([path for path in (tmp_path / "cache").iterdir() if path.is_dir()]) == 1
        async with store.local("uploads/t/a") as path:
            assert path.read_bytes() == b"a"
            assert [p for p in (tmp_path / "cache").iterdir() if p.is_dir()] == [path.parent]

    with_store(Settings(data=tmp_path, blobs=bucket.url), story)


def test_documents_are_read_from_s3_and_leave_nothing_there(bucket: BucketServer, tmp_path: Path) -> None:
    path = save(tmp_path / "three.pdf", *[test_service.TABLE] * 3)

    async def story(place: test_service.Shop) -> None:
        store = place.parts.store
        document = await place.ended(await place.upload(path, formats=("html",)))
        assert document.job.state is State.SUCCEEDED
        assert (await place.result(document)).document.n_pages == 3
        assert (await store.get(await place.jobs.picture_key("a", document.id, 3))).startswith(b"\x89PNG")
        await place.jobs.delete("a", document.id)
        for top in ("uploads", "results", "pages"):
            assert [key async for found in store.listing(top, -60) for key in found] == []

    with fresh_database(tmp_path / "db") as url:
        test_service.in_shop(tmp_path, story, blobs=bucket.url, database_url=url)


def test_the_api_takes_uploads_into_s3_and_asks_it_for_its_health(bucket: BucketServer, tmp_path: Path) -> None:
    with fresh_database(tmp_path / "db") as url:
        settings = Settings(
            data=tmp_path, blobs=bucket.url, database_url=url, redis_url="unix:///nowhere/redis.sock", min_free_bytes=1
        )
        with TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
            uploaded = client.post("/v1/documents", files={"file": ("a.pdf", b"%PDF-1.7")})
            assert uploaded.status_code == 202
            assert client.get("/readyz").json()["store"] == "ok"
            assert client.delete(uploaded.json()["links"]["self"]).status_code == 204
            bucket.stop()
            assert client.get("/readyz").json()["store"] == "storage_failed"
            refused = client.post("/v1/documents", files={"file": ("a.pdf", b"%PDF-1.7")})
            assert (refused.status_code, refused.json()["code"]) == (503, "storage_failed")
