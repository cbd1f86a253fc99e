"""Results read anew: versions beside each other, their differences, and many at once by filter."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api.app import create_app
from extractor.export import to_json
from extractor.result import Document
from tests.databases import fresh_database
from tests.handmade import cell, document, table
from workers.blobs import FolderStore
from workers.database import Database
from workers.engines import engine_mark
from workers.leases import Leases
from workers.locker import open_locker
from workers.records import State
from workers.settings import Settings
from workers.tables import jobs

PDF = b"%PDF-1.7 not much of a document"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    with fresh_database(tmp_path / "data") as url:
        monkeypatch.setenv("GEZI_DATABASE_URL", url)
        yield Settings(data=tmp_path / "data", redis_url=f"unix://{tmp_path}/none.sock", min_free_bytes=1, max_queue=4)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


def result(amount: str) -> Document:
    return document(table([cell(0, 0, "合计"), cell(0, 1, amount, value=amount)]))


def work(settings: Settings, amount: str | None, engine: str | None = None) -> bytes | None:
    """End the next job with a result that tells this amount, or with a failure; the password that it had."""

    async def run() -> bytes | None:
        database = Database(settings.database)
        leases = Leases(database, seconds=30, max_losses=3, engine=engine)
        claim = await leases.claim()
        assert claim is not None
        if amount is None:
            await leases.fail(claim, "damaged_document", "the document is damaged", 1.0)
        else:
            key = f"results/default/{claim.job_id}.json.gz"
            await FolderStore(settings.blobs_dir).put(key, gzip.compress(to_json(result(amount)).encode()))
            await leases.opened(claim, 1, 1)
            await leases.finish(claim, State.SUCCEEDED, 1.0, key)
        await database.close()
        return claim.password

    return asyncio.run(run())


def _problem(response: httpx.Response, status: int, code: str) -> None:
    assert (response.status_code, response.json()["code"]) == (status, code), response.text


def _amount(response: httpx.Response) -> str:
    assert response.status_code == 200, response.text
    text: str = response.json()["tables"][0]["cells"][1]["text"]
    return text


def files(settings: Settings) -> list[str]:
    return sorted(p.name for p in settings.blobs_dir.rglob("*") if p.is_file())


def test_a_new_version_stands_beside_the_old_one(client: TestClient, settings: Settings) -> None:
    uploaded = client.post("/v1/documents", content=PDF, params={"pages": "1"}).json()
    here = f"/v1/documents/{uploaded['id']}"
    _problem(client.post(f"{here}/reprocess"), 409, "not_ready")
    _problem(client.get(f"{here}/diff"), 404, "not_found")
    work(settings, "10.00", engine="0.0.9+old")
    again = client.post(f"{here}/reprocess", json={"priority": 8})
    assert again.status_code == 202, again.text
    shown = again.json()
    assert (shown["version"], shown["state"], shown["priority"]) == (2, "queued", 8)
    assert shown["options"] == uploaded["options"]
    assert shown["engine"] == engine_mark()
    # The old result is to be had while the new one is on its way.
    old = client.get(f"{here}/result")
    assert (_amount(old), old.headers["gezi-version"]) == ("10.00", "1")
    _problem(client.get(f"{here}/result", params={"version": 2}), 409, "not_ready")
    _problem(client.get(f"{here}/result", params={"version": 3}), 404, "not_found")
    _problem(client.get(f"{here}/diff", params={"from": 1, "to": 2}), 409, "not_ready")
    work(settings, "12.00", engine=engine_mark())
    new = client.get(f"{here}/result")
    assert (_amount(new), new.headers["gezi-version"]) == ("12.00", "2")
    assert _amount(client.get(f"{here}/result", params={"version": 1})) == "10.00"
    assert client.get(f"{here}/tables/t1", params={"version": 1}).json()["cells"][1]["text"] == "10.00"
    versions = client.get(f"{here}/versions").json()["versions"]
    assert [(v["version"], v["state"], v["engine"]) for v in versions] == [
        (2, "succeeded", engine_mark()), (1, "succeeded", "0.0.9+old"),
    ]  # fmt: skip
    assert _amount(client.get(versions[1]["result"])) == "10.00"

    told = client.get(f"{here}/diff").json()
    assert told["before"] == {"version": 1, "engine": "0.0.9+old"}
    assert told["changes"]["counts"]["cells_changed"] == 1
    (changed,) = told["changes"]["tables"][0]["cells"]
    assert (changed["before"]["value"], changed["after"]["value"]) == ("10.00", "12.00")
    assert client.get(f"{here}/diff", params={"from": 2, "to": 1}).json()["after"]["version"] == 1
    for wrong in ({"from": 0}, {"to": "x"}):
        _problem(client.get(f"{here}/diff", params=wrong), 422, "invalid_request")

    _problem(client.delete(f"{here}/versions/2"), 409, "not_ready")
    assert client.delete(f"{here}/versions/1").status_code == 204
    _problem(client.get(f"{here}/result", params={"version": 1}), 404, "not_found")
    assert len(files(settings)) == 2
    assert client.post(f"{here}/reprocess").json()["version"] == 3
    work(settings, "13.00")
    assert client.delete(here).status_code == 204
    assert files(settings) == []


def test_a_new_version_that_fails_leaves_the_old_result(client: TestClient, settings: Settings) -> None:
    here = f"/v1/documents/{client.post('/v1/documents', content=PDF).json()['id']}"
    work(settings, "10.00")
    client.post(f"{here}/reprocess")
    work(settings, None)
    shown = client.get(here).json()
    assert (shown["state"], shown["version"], shown["error"]["code"]) == ("failed", 2, "damaged_document")
    assert _amount(client.get(f"{here}/result")) == "10.00"
    _problem(client.get(f"{here}/result", params={"version": 2}), 409, "no_result")


def test_results_are_shared_within_one_engine_only(client: TestClient, settings: Settings) -> None:
    client.post("/v1/documents", content=PDF)
    work(settings, "10.00", engine="0.0.9+old")
    assert client.post("/v1/documents", content=PDF).status_code == 202
    work(settings, "12.00", engine=engine_mark())
    same = client.post("/v1/documents", content=PDF)
    assert (same.status_code, same.json()["state"]) == (200, "succeeded")
    assert _amount(client.get(same.json()["links"]["result"])) == "12.00"


def test_an_engine_s_mark_changes_with_its_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workers import engines

    marks = []
    for content in ("one", "one", "two"):
        (tmp_path / "models").mkdir(exist_ok=True)
        (tmp_path / "models" / "manifest.toml").write_text(content)
        monkeypatch.setattr(engines, "_ROOT", tmp_path)
        marks.append(engines.engine_mark.__wrapped__())
    assert marks[0] == marks[1] != marks[2]


def test_a_password_is_told_again_and_kept_no_longer_than_before(client: TestClient, settings: Settings) -> None:
    uploaded = client.post("/v1/documents", content=PDF, headers={"X-Document-Password": "geheim"}).json()
    work(settings, "10.00")
    client.post(f"/v1/documents/{uploaded['id']}/reprocess", json={"password": "geheim"})
    locked = work(settings, "10.00")
    assert locked is not None
    assert open_locker(settings).unlock(locked) == "geheim"

    async def kept() -> set[bytes | None]:
        database = Database(settings.database)
        async with database.read() as connection:
            found = set(await connection.scalars(sa.select(jobs.c.password)))
        await database.close()
        return found

    assert asyncio.run(kept()) == {None}


def test_many_are_read_anew_by_filter_as_a_batch(client: TestClient, settings: Settings) -> None:
    ids = []
    for n, tag in enumerate(("a", "a", "b")):
        ids.append(client.post("/v1/documents", content=PDF + b"%d" % n, params={"tags": tag}).json()["id"])
        work(settings, "10.00", engine="0.0.9+old" if n else engine_mark())
    waiting = client.post("/v1/documents", content=PDF + b"w", params={"tags": "a"}).json()["id"]
    nothing = client.post("/v1/reprocess", json={"engine": "0.0.8"})
    assert (nothing.status_code, nothing.json()["counts"]["total"], nothing.json()["state"]) == (202, 0, "done")
    response = client.post("/v1/reprocess", json={"tag": "a", "engine": "0.0.9"})
    assert response.status_code == 202, response.text
    batch = response.json()
    assert (batch["kind"], batch["state"], batch["counts"]["queued"]) == ("reprocess", "running", 1)
    members = client.get(batch["links"]["members"]).json()["members"]
    assert [member["document"] for member in members] == [ids[1]]
    assert client.get(f"/v1/documents/{ids[1]}").json()["priority"] == 2
    assert client.get(f"/v1/documents/{waiting}").json()["version"] == 1
    # What this engine has read is left alone unless asked for; what waits already is never asked twice.
    rest = client.post("/v1/reprocess", json={}).json()
    assert rest["counts"]["total"] == 1
    _problem(client.post("/v1/reprocess", json={"fresh": True, "tag": "zzz", "colour": "red"}), 422, "invalid_request")
    client.delete(batch["links"]["self"])
    assert client.get(f"/v1/documents/{ids[1]}").status_code == 200


def test_more_than_the_queue_takes_is_refused_as_a_whole(client: TestClient, settings: Settings) -> None:
    for n in range(3):
        client.post("/v1/documents", content=PDF + b"%d" % n)
        work(settings, "10.00", engine="0.0.9+old")
    for n in range(2):
        client.post("/v1/documents", content=PDF + b"w%d" % n)
    _problem(client.post("/v1/reprocess", json={}), 503, "queue_full")
    assert {d["version"] for d in client.get("/v1/documents").json()["documents"]} == {1}
    assert client.get("/v1/batches").json()["batches"] == []


def test_reading_anew_counts_for_the_key_that_brought_the_document(client: TestClient, settings: Settings) -> None:
    from workers.keys import Keys, Limits

    async def make() -> str:
        database = Database(settings.database)
        _, secret = await Keys(database).create("a", "", Limits(max_waiting=1))
        await database.close()
        return secret

    mine = {"Authorization": f"Bearer {asyncio.run(make())}"}
    read = client.post("/v1/documents", content=PDF, headers=mine).json()
    work(settings, "10.00", engine="old")
    assert client.post("/v1/documents", content=PDF + b"w", headers=mine).status_code == 202
    refused = client.post(f"/v1/documents/{read['id']}/reprocess", headers=mine)
    assert refused.status_code == 429, refused.text
    assert client.post("/v1/reprocess", json={}, headers=mine).status_code == 429
    assert client.get(f"/v1/documents/{read['id']}", headers=mine).json()["version"] == 1


def test_another_tenant_s_versions_are_not_found(client: TestClient, settings: Settings) -> None:
    from workers.keys import Keys

    async def make() -> tuple[str, str]:
        database = Database(settings.database)
        made = [(await Keys(database).create(tenant, ""))[1] for tenant in ("a", "b")]
        await database.close()
        return made[0], made[1]

    mine, theirs = asyncio.run(make())
    uploaded = client.post("/v1/documents", content=PDF, headers={"Authorization": f"Bearer {mine}"}).json()
    work(settings, "10.00", engine="old")
    foreign = {"Authorization": f"Bearer {theirs}"}
    here = f"/v1/documents/{uploaded['id']}"
    for method, path in (("POST", "/reprocess"), ("GET", "/versions"), ("GET", "/diff"), ("DELETE", "/versions/1")):
        _problem(client.request(method, here + path, headers=foreign), 404, "not_found")
    assert client.post("/v1/reprocess", json={}, headers=foreign).json()["counts"]["total"] == 0
