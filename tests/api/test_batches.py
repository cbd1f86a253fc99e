"""Batches over HTTP, in process, on real SQLite and a real folder, with the workers' own unpacker; jobs end by hand."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import tarfile
import zipfile
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
from tests.handmade import document, merged_table
from workers.batchleases import BatchLeases
from workers.blobs import FolderStore
from workers.database import Database
from workers.desk import MakeDesk
from workers.engines import engine_mark
from workers.jobs import Jobs
from workers.leases import Leases
from workers.locker import open_locker
from workers.pool import Pool
from workers.records import State
from workers.settings import Settings
from workers.tables import batches, blobs, deliveries
from workers.unpacking import Unpacker, UnpackerParts

PDF = b"%PDF-1.7 not much of a document"
RAR = b"Rar!\x1a\x07\x00 and so on"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    with fresh_database(tmp_path / "data") as url:
        monkeypatch.setenv("GEZI_DATABASE_URL", url)
        yield Settings(
            data=tmp_path / "data", redis_url=f"unix://{tmp_path}/none.sock", max_upload_bytes=20_000,
            max_archive_bytes=200_000, min_free_bytes=1,
        )  # fmt: skip


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


def archive(**members: bytes) -> bytes:
    """A zip; a double underscore in a name is a dot."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as out:
        for name, content in members.items():
            out.writestr(name.replace("__", "."), content)
    return sink.getvalue()


def unpack_all(settings: Settings) -> None:
    """What a worker's unpacker does until nothing is left to do."""

    async def run() -> None:
        database = Database(settings.database)
        store, locker = FolderStore(settings.blobs_dir), open_locker(settings)
        jobs = Jobs(database, store, locker, engine=engine_mark(), max_queue=settings.max_queue)
        leases = BatchLeases(database, store, jobs, seconds=30, max_losses=3)
        with Pool(1, MakeDesk(1)) as pool:
            unpacker = Unpacker(UnpackerParts(settings, leases, store, locker, pool))
            running = asyncio.create_task(unpacker.run())
            try:
                async with asyncio.timeout(60):
                    while await _waits(database):
                        await asyncio.sleep(0.05)
            finally:
                unpacker.drain()
                await running
        await leases.close_ended()
        await database.close()

    asyncio.run(run())
    assert [p for p in (settings.data_dir / "scratch").rglob("*") if p.is_file()] == []


async def _waits(database: Database) -> bool:
    open_ = (batches.c.unpacked.is_(None), batches.c.cancelled.is_(None), batches.c.deleted.is_(None))
    async with database.read() as connection:
        return await connection.scalar(sa.select(batches.c.id).where(*open_).limit(1)) is not None


def work_all(settings: Settings, *failing: str) -> int:
    """End every open job as workers would, those of the files named with a failure; how many."""
    content = gzip.compress(to_json(document(merged_table())).encode())

    async def run() -> int:
        database = Database(settings.database)
        leases = Leases(database, seconds=30, max_losses=3)
        n = 0
        while (claim := await leases.claim()) is not None:
            n += 1
            if claim.filename in failing:
                await leases.fail(claim, "damaged_document", "the document is damaged", 1.0)
                continue
            await leases.opened(claim, 2, 2)
            await leases.store_page(claim, 1, b"")
            await leases.store_page(claim, 2, b"")
            key = f"results/default/{claim.job_id}.json.gz"
            await FolderStore(settings.blobs_dir).put(key, content)
            await leases.finish(claim, State.SUCCEEDED, 1.0, key)
        await database.close()
        return n

    return asyncio.run(run())


def post(client: TestClient, content: bytes, **params: object) -> dict[str, object]:
    response = client.post("/v1/batches", files={"file": ("预算.zip", content)}, data=params)  # type: ignore[arg-type]
    assert response.status_code == 202, response.text
    body: dict[str, object] = response.json()
    assert response.headers["location"] == body["links"]["self"]  # type: ignore[index]
    return body


def _problem(response: httpx.Response, status: int, code: str) -> None:
    assert (response.status_code, response.json()["code"]) == (status, code), response.text


def files(settings: Settings) -> list[str]:
    return sorted(p.name for p in settings.blobs_dir.rglob("*") if p.is_file())


def test_an_archive_becomes_documents_and_one_stream_of_results(client: TestClient, settings: Settings) -> None:
    content = archive(**{"市/甲__pdf": PDF + b"1", "市/乙__pdf": PDF + b"2", "坏__rar": RAR, "说明__txt": b"x",
                         "空__pdf": b"", "大__pdf": PDF + bytes(20_000)})  # fmt: skip
    accepted = post(client, content, tags=["2024", "市级"], priority="7", pages="1-2")
    here = f"/v1/batches/{accepted['id']}"
    assert (accepted["state"], accepted["filename"], accepted["kind"]) == ("unpacking", "预算.zip", "archive")
    assert "key_id" not in accepted["options"]  # type: ignore[operator]
    _problem(client.get(f"{here}/results"), 409, "not_ready")
    unpack_all(settings)
    running = client.get(here).json()
    assert running["state"] == "running"
    assert running["counts"] == {
        "total": 6, "queued": 2, "running": 0, "succeeded": 0, "partial": 0, "failed": 0, "cancelled": 0,
        "left_out": 4, "deleted": 0,
    }  # fmt: skip
    members = client.get(f"{here}/members").json()["members"]
    assert {m["name"]: m["error"] and m["error"]["code"] for m in members} == {
        "市/甲.pdf": None, "市/乙.pdf": None, "坏.rar": "unsupported_media", "说明.txt": "no_document",
        "空.pdf": "empty_input", "大.pdf": "too_large",
    }  # fmt: skip
    assert "RAR" in members[2]["error"]["detail"]
    one = client.get(f"/v1/documents/{members[0]['document']}").json()
    assert (one["filename"], one["tags"], one["priority"]) == ("甲.pdf", ["2024", "市级"], 7)
    assert one["options"]["pages"] == "1-2"
    _problem(client.get(f"{here}/results"), 409, "not_ready")
    half = client.get(f"{here}/results", params={"partial": "true"}).text.splitlines()
    assert [json.loads(line)["result"] for line in half] == [None] * 6

    assert work_all(settings, "乙.pdf") == 2
    done = client.get(here).json()
    assert (done["state"], done["pages"]["done"], done["pages"]["total"]) == ("done", 2, 2)
    assert done["pages"]["per_hour"] > 0
    lines = [json.loads(line) for line in client.get(f"{here}/results").text.splitlines()]
    assert [(line["name"], line["state"]) for line in lines][:3] == [
        ("市/甲.pdf", "succeeded"), ("市/乙.pdf", "failed"), ("坏.rar", "left_out"),
    ]  # fmt: skip
    assert lines[1]["error"]["code"] == "damaged_document"
    assert Document.model_validate(lines[0]["result"]).document.filename == "甲.pdf"
    packed = client.get(f"{here}/results", params={"format": "zip", "content": "xlsx"})
    with zipfile.ZipFile(io.BytesIO(packed.content)) as results:
        assert results.testzip() is None
        assert results.namelist() == ["市/甲.xlsx", "index.jsonl"]
        index = [json.loads(line) for line in results.read("index.jsonl").decode().splitlines()]
    assert [line["file"] for line in index][:2] == ["市/甲.xlsx", None]
    _problem(client.get(f"{here}/results", params={"content": "html"}), 400, "bad_request")
    # The archive itself was needed for unpacking only.
    assert accepted["sha256"] not in files(settings)


def test_members_and_batches_are_listed_page_by_page(client: TestClient, settings: Settings) -> None:
    ids = [post(client, archive(**{f"{n}-{i}__pdf": PDF + b"%d%d" % (n, i) for i in range(3)}))["id"] for n in range(3)]
    unpack_all(settings)
    names, cursor = [], -1
    while cursor is not None:
        page = client.get(f"/v1/batches/{ids[0]}/members", params={"limit": 2, "cursor": cursor}).json()
        names += [member["name"] for member in page["members"]]
        cursor = page["next"]
    assert names == ["0-0.pdf", "0-1.pdf", "0-2.pdf"]
    first = client.get("/v1/batches", params={"limit": 2}).json()
    rest = client.get("/v1/batches", params={"limit": 2, "cursor": first["next"]}).json()
    assert [b["id"] for b in first["batches"] + rest["batches"]] == ids[::-1]
    assert first["batches"][0]["counts"]["queued"] == 3
    assert rest["next"] is None


def test_tar_archives_and_encrypted_members(client: TestClient, settings: Settings) -> None:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as out:
        for name in ("甲.pdf", "../外.pdf"):
            info = tarfile.TarInfo(name)
            info.size = len(PDF)
            out.addfile(info, io.BytesIO(PDF))
        link = tarfile.TarInfo("link.pdf")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        out.addfile(link)
    bare = client.post("/v1/batches", content=sink.getvalue(), params={"filename": "a.tar.gz"})
    assert bare.status_code == 202, bare.text
    unpack_all(settings)
    members = client.get(f"/v1/batches/{bare.json()['id']}/members").json()["members"]
    assert [(m["state"], m["error"] and m["error"]["code"]) for m in members] == [
        ("queued", None), ("left_out", "bad_input"), ("left_out", "bad_input"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"content": PDF}, 422, "unsupported_media"),
        ({"content": RAR}, 422, "unsupported_media"),
        ({"content": b""}, 422, "empty_input"),
        ({"content": b"PK\x03\x04" + bytes(200_000)}, 413, "upload_too_large"),
        ({"content": b"PK\x03\x04", "params": {"colour": "red"}}, 422, "invalid_request"),
        ({"json": {"documents": []}}, 422, "invalid_request"),
        ({"json": {"documents": ["0" * 32], "colour": "red"}}, 422, "invalid_request"),
        ({"json": {"documents": ["0" * 32]}}, 404, "not_found"),
        ({"json": {"documents": ["0" * 32]}, "headers": {"idempotency-key": "a b"}}, 400, "bad_request"),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 422, "invalid_request"),
    ],
)
def test_what_is_no_batch_is_refused_and_leaves_nothing(
    client: TestClient, settings: Settings, asked: dict[str, object], status: int, code: str
) -> None:
    _problem(client.post("/v1/batches", **asked), status, code)  # type: ignore[arg-type]
    assert client.get("/v1/batches").json() == {"batches": [], "next": None}
    assert files(settings) == []


def test_a_damaged_archive_is_told_among_its_members(client: TestClient, settings: Settings) -> None:
    batch = post(client, b"PK\x03\x04 no more")
    unpack_all(settings)
    shown = client.get(f"/v1/batches/{batch['id']}").json()
    assert (shown["state"], shown["counts"]["left_out"]) == ("done", 1)
    (member,) = client.get(f"/v1/batches/{batch['id']}/members").json()["members"]
    assert (member["name"], member["error"]["code"]) == ("预算.zip", "damaged_document")


def test_documents_uploaded_before_make_a_batch_and_outlive_it(client: TestClient, settings: Settings) -> None:
    ids = [client.post("/v1/documents", content=PDF + b"%d" % n).json()["id"] for n in range(3)]
    wanted = {"documents": [ids[2], ids[0], ids[2]], "name": "两份"}
    response = client.post("/v1/batches", json=wanted, headers={"Idempotency-Key": "k"})
    assert response.status_code == 202, response.text
    batch = response.json()
    assert (batch["state"], batch["kind"], batch["counts"]["queued"]) == ("running", "list", 2)
    again = client.post("/v1/batches", json=wanted, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json()["id"]) == (200, batch["id"])
    other = client.post("/v1/batches", json={"documents": ids}, headers={"Idempotency-Key": "k"})
    _problem(other, 422, "idempotency_mismatch")
    work_all(settings)
    lines = [json.loads(line) for line in client.get(f"{batch['links']['results']}").text.splitlines()]
    assert [line["document"] for line in lines] == [ids[2], ids[0]]
    assert client.get("/v1/documents", params={"batch": batch["id"]}).json()["documents"][0]["id"] == ids[2]
    client.delete(f"/v1/documents/{ids[0]}")
    shown = client.get(batch["links"]["self"]).json()
    assert (shown["counts"]["deleted"], shown["counts"]["total"]) == (1, 2)
    assert [m["state"] for m in client.get(batch["links"]["members"]).json()["members"]] == ["succeeded", "deleted"]
    assert client.delete(batch["links"]["self"]).status_code == 204
    _problem(client.get(batch["links"]["self"]), 404, "not_found")
    assert client.get(f"/v1/documents/{ids[2]}").status_code == 200


def test_cancel_ends_what_is_open(client: TestClient, settings: Settings) -> None:
    waiting, begun = post(client, archive(a__pdf=PDF)), post(client, archive(b__pdf=PDF + b"b"))
    assert client.post(f"/v1/batches/{waiting['id']}/cancel").json()["state"] == "cancelled"
    unpack_all(settings)
    assert client.get(f"/v1/batches/{waiting['id']}").json()["counts"]["total"] == 0
    cancelled = client.post(f"/v1/batches/{begun['id']}/cancel").json()
    assert (cancelled["state"], cancelled["counts"]["cancelled"]) == ("cancelled", 1)
    assert work_all(settings) == 0
    assert client.get(f"/v1/batches/{begun['id']}/results").status_code == 200


def test_delete_erases_everything_but_what_others_share(client: TestClient, settings: Settings) -> None:
    mine = client.post("/v1/documents", content=PDF).json()
    work_all(settings)
    batch = post(client, archive(a__pdf=PDF, b__pdf=PDF + b"b", c__pdf=PDF + b"c"))
    unpack_all(settings)
    work_all(settings)
    members = client.get(f"/v1/batches/{batch['id']}/members").json()["members"]
    assert members[0]["state"] == "succeeded"  # the same bytes were read before
    kept = members[1]["document"]
    client.post("/v1/batches", json={"documents": [kept]})
    assert client.delete(f"/v1/batches/{batch['id']}").status_code == 204
    for path in ("", "/members", "/results"):
        _problem(client.get(f"/v1/batches/{batch['id']}{path}"), 404, "not_found")
    _problem(client.get(f"/v1/documents/{members[2]['document']}"), 404, "not_found")
    assert client.get(f"/v1/documents/{mine['id']}/result").status_code == 200
    assert client.get(f"/v1/documents/{kept}/result").status_code == 200
    assert len(files(settings)) == 4  # two uploads, two results
    client.delete(f"/v1/documents/{kept}")
    client.delete(f"/v1/documents/{mine['id']}")
    assert files(settings) == []
    _no_blob_is_owned(settings)


def _no_blob_is_owned(settings: Settings) -> None:
    async def run() -> None:
        database = Database(settings.database)
        async with database.read() as connection:
            assert list(await connection.scalars(sa.select(blobs.c.key))) == []
        await database.close()

    asyncio.run(run())


def test_another_tenant_s_batch_is_not_found(client: TestClient, settings: Settings) -> None:
    from workers.keys import Keys

    async def make() -> tuple[str, str]:
        database = Database(settings.database)
        keys = [(await Keys(database).create(tenant, ""))[1] for tenant in ("a", "b")]
        await database.close()
        return keys[0], keys[1]

    mine, theirs = asyncio.run(make())
    response = client.post("/v1/batches", content=archive(a__pdf=PDF), headers={"Authorization": f"Bearer {mine}"})
    here = f"/v1/batches/{response.json()['id']}"
    foreign = {"Authorization": f"Bearer {theirs}"}
    for method, path in (("GET", ""), ("GET", "/members"), ("GET", "/results"), ("POST", "/cancel"), ("DELETE", "")):
        _problem(client.request(method, here + path, headers=foreign), 404, "not_found")
    assert client.get("/v1/batches", headers=foreign).json()["batches"] == []
    assert client.get(here).status_code == 401


def test_documents_are_filtered_by_batch_name_date_and_engine(client: TestClient, settings: Settings) -> None:
    batch = post(client, archive(**{"市/甲__pdf": PDF, "乙__PDF": PDF + b"2"}))
    unpack_all(settings)
    alone = client.post("/v1/documents", files={"file": ("100%_Budget.pdf", PDF + b"3")}).json()
    work_all(settings)

    def names(**params: object) -> list[str]:
        response = client.get("/v1/documents", params=params)  # type: ignore[arg-type]
        assert response.status_code == 200, response.text
        return [document["filename"] for document in response.json()["documents"]]

    assert names(batch=batch["id"]) == ["乙.PDF", "甲.pdf"]
    assert names(batch="0" * 32) == []
    assert names(filename="%_bud") == ["100%_Budget.pdf"]
    assert names(filename="_") == ["100%_Budget.pdf"]
    at = alone["timings"]["created"]
    assert names(since=at) == ["100%_Budget.pdf"]
    assert names(until=at) == ["乙.PDF", "甲.pdf"]
    assert len(names(engine=engine_mark())) == len(names(engine=engine_mark().split("+")[0])) == 3
    assert names(engine="0") == []
    first = client.get("/v1/documents", params={"state": "succeeded", "limit": 2}).json()
    assert names(state="succeeded", cursor=first["next"]) == ["甲.pdf"]
    for wrong in ({"since": "yesterday"}, {"batch": "x"}, {"filename": "\0"}):
        _problem(client.get("/v1/documents", params=wrong), 422, "invalid_request")


def test_a_callback_is_told_once_when_the_last_document_has_ended(client: TestClient, settings: Settings) -> None:
    url = "https://example.org/done"
    batch = post(client, archive(a__pdf=PDF, b__rar=RAR), callback_url=url)
    assert batch["callback_url"] == url
    unpack_all(settings)
    assert _deliveries(settings) == []
    work_all(settings)
    unpack_all(settings)
    unpack_all(settings)
    ((told_url, body),) = _deliveries(settings)
    told = json.loads(body)
    assert (told_url, told["event"], told["batch"]["id"]) == (url, "batch.ended", batch["id"])
    assert (told["batch"]["state"], told["batch"]["left_out"]) == ("done", 1)
    assert told["batch"]["documents"] == {"succeeded": 1}
    refused = client.post("/v1/batches", content=archive(a__pdf=PDF), params={"callback_url": "http://127.0.0.1/x"})
    assert refused.status_code == 422
    client.delete(f"/v1/batches/{batch['id']}")
    assert _deliveries(settings) == []


def _deliveries(settings: Settings) -> list[tuple[str, str]]:
    async def run() -> list[tuple[str, str]]:
        database = Database(settings.database)
        async with database.read() as connection:
            rows = await connection.execute(sa.select(deliveries.c.url, deliveries.c.body))
            found = [(row.url, row.body) for row in rows]
        await database.close()
        return found

    return asyncio.run(run())
