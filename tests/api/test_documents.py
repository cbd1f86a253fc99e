"""The API in process, on real SQLite and a real folder; no queue answers here, which it must bear."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from api.app import create_app
from api.problems import STATUS, status_of
from extractor.export import to_json
from extractor.result import Document
from tests.databases import fresh_database
from tests.handmade import document, merged_table
from workers import errors
from workers.blobs import FolderStore
from workers.database import Database
from workers.leases import Leases
from workers.pictures import PagePicture
from workers.records import State
from workers.settings import Settings

PDF = b"%PDF-1.7 not much of a document"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    with fresh_database(tmp_path / "data") as url:
        monkeypatch.setenv("GEZI_DATABASE_URL", url)
        yield _settings(tmp_path)


def _settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data", redis_url=f"unix://{tmp_path}/none.sock", max_upload_bytes=200_000, min_free_bytes=1,
        extract_seconds=1.5,
    )


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


def _work(settings: Settings, state: State, picture: bytes | None = None, html: bytes | None = None) -> None:
    """End the next job as a worker would, with the result of a sample."""
    content = gzip.compress(to_json(document(merged_table())).encode())

    async def run() -> None:
        database = Database(settings.database)
        leases = Leases(database, seconds=30, max_losses=3)
        claim = await leases.claim()
        assert claim is not None
        if state is State.FAILED:
            await leases.fail(claim, "password_required", "the document is encrypted", 1.0)
        else:
            await leases.opened(claim, 1, 1)
            store, seconds = FolderStore(settings.blobs_dir), [("load", 0.5), ("reading", 1.5)]
            if picture is None:
                await leases.store_page(claim, 1, b"", seconds=seconds)
            else:
                staged = await store.stage()
                await staged.write(picture)
                await staged.seal()
                await leases.store_page(claim, 1, b"", seconds=seconds, picture=PagePicture(staged))
                await staged.discard()
            await store.put("results/default/x.json.gz", content)
            others = {}
            if html is not None:
                others["html"] = "results/default/x.html"
                await store.put("results/default/x.html", html)
            await leases.finish(claim, state, 1.0, "results/default/x.json.gz", others)
        await database.close()

    asyncio.run(run())


def _problem(response: httpx.Response, status: int, code: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:gezi:problem:{code}")
    assert {"title", "detail"} <= set(body)


def test_a_form_is_accepted_with_its_options(client: TestClient) -> None:
    response = client.post(
        "/v1/documents",
        files={"file": ("2024年预算.pdf", PDF, "application/pdf")},
        data={"pages": "1-3", "tags": ["a", "b"], "priority": "7"},
    )
    assert response.status_code == 202, response.text
    body = response.json()
    assert response.headers["location"] == body["links"]["self"]
    assert (body["filename"], body["tags"], body["priority"]) == ("2024年预算.pdf", ["a", "b"], 7)
    assert (body["state"], body["size"], body["options"]["pages"]) == ("queued", len(PDF), "1-3")
    assert client.get(body["links"]["self"]).json() == body


def test_results_with_and_without_repair_are_not_taken_for_each_other(client: TestClient, settings: Settings) -> None:
    first = client.post("/v1/documents", content=PDF, params={"repair": "off"}).json()
    assert first["options"]["repair"] == "off"
    _work(settings, State.SUCCEEDED)
    assert client.post("/v1/documents", content=PDF, params={"repair": "off"}).status_code == 200
    again = client.post("/v1/documents", content=PDF)
    assert (again.status_code, again.json()["options"]["repair"]) == (202, "on")
    _problem(client.post("/v1/documents", content=PDF, params={"repair": "maybe"}), 422, "invalid_request")


def test_bare_bytes_are_the_same_document(client: TestClient) -> None:
    form = client.post("/v1/documents", files={"file": ("a.pdf", PDF)}).json()
    query = {"filename": "../../b.pdf", "tags": ["x", "y"]}
    bare = client.post("/v1/documents", content=PDF, params=query, headers={"content-type": "application/pdf"}).json()
    assert bare["sha256"] == form["sha256"]
    assert (bare["filename"], bare["tags"]) == ("b.pdf", ["x", "y"])


def test_large_uploads_are_cut_off_and_leave_nothing(client: TestClient, settings: Settings) -> None:
    big = b"x" * 200_001

    def chunks() -> Iterator[bytes]:  # without a length that would tell at once
        yield from (b"x" * 50_000 for _ in range(5))

    _problem(client.post("/v1/documents", content=big), 413, "upload_too_large")
    _problem(client.post("/v1/documents", content=chunks()), 413, "upload_too_large")
    _problem(client.post("/v1/documents", files={"file": ("a.pdf", big)}), 413, "upload_too_large")
    assert client.post("/v1/documents", content=big[:-1]).status_code == 202
    assert len([p for p in settings.blobs_dir.rglob("*") if p.is_file()]) == 1


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"content": b""}, 422, "empty_input"),
        ({"content": PDF, "params": {"password": "p"}}, 400, "bad_request"),
        ({"content": PDF, "params": {"colour": "red"}}, 422, "invalid_request"),
        ({"content": PDF, "params": {"pages": "one"}}, 422, "invalid_request"),
        ({"content": PDF, "params": {"priority": "10"}}, 422, "invalid_request"),
        ({"content": PDF, "headers": {"idempotency-key": "a b"}}, 400, "bad_request"),
        ({"content": PDF, "headers": {"content-type": "multipart/form-data"}}, 400, "bad_request"),
        ({"content": PDF, "headers": {"content-type": "multipart/form-data; boundary=x"}}, 400, "bad_request"),
        ({"files": {"other": ("a.pdf", PDF)}}, 400, "bad_request"),
        ({"files": [("file", ("a.pdf", PDF)), ("file", ("b.pdf", PDF))]}, 400, "bad_request"),
        ({"files": {"file": ("a.pdf", PDF)}, "data": {"pages": "1" * 70_000}}, 400, "bad_request"),
    ],
)
def test_senseless_uploads_are_refused(
    client: TestClient, settings: Settings, asked: dict[str, object], status: int, code: str
) -> None:
    _problem(client.post("/v1/documents", **asked), status, code)  # type: ignore[arg-type]
    assert client.get("/v1/documents").json()["documents"] == []
    assert [p for p in settings.blobs_dir.rglob("*") if p.is_file()] == []


def test_a_wrong_value_is_not_repeated_in_the_answer(client: TestClient) -> None:
    response = client.post("/v1/documents", content=PDF, headers={"X-Document-Password": "s3cret" * 400})
    _problem(response, 422, "invalid_request")
    assert "s3cret" not in response.text


def test_a_form_cut_off_is_refused(client: TestClient) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-'
    response = client.post("/v1/documents", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
    _problem(response, 400, "bad_request")


def test_an_idempotency_key_is_honoured(client: TestClient) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = client.post("/v1/documents", content=PDF, headers=headers)
    again = client.post("/v1/documents", content=PDF, headers=headers)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["id"] == again.json()["id"]
    _problem(client.post("/v1/documents", content=PDF + b".", headers=headers), 422, "idempotency_mismatch")


def test_results_in_every_format_and_at_once_for_the_same_bytes(client: TestClient, settings: Settings) -> None:
    uploaded = client.post("/v1/documents", files={"file": ("一.pdf", PDF)}).json()
    unfinished = client.get(uploaded["links"]["result"])
    _problem(unfinished, 409, "not_ready")
    assert int(unfinished.headers["retry-after"]) > 0
    _work(settings, State.SUCCEEDED)
    status = client.get(uploaded["links"]["self"]).json()
    assert (status["state"], status["pages"]) == ("succeeded", {"done": 1, "total": 1, "document": 1})
    again = client.post("/v1/documents", files={"file": ("二.pdf", PDF)})
    assert (again.status_code, again.json()["state"]) == (200, "succeeded")
    url = again.json()["links"]["result"]
    found = Document.model_validate_json(client.get(url).content)
    assert found.document.filename == "二.pdf"
    assert found.tables
    assert "<table" in client.get(url, params={"format": "html"}).text
    assert "|" in client.get(url, params={"format": "md"}).text
    sheets = load_workbook(io.BytesIO(client.get(url, params={"format": "xlsx"}).content)).sheetnames
    assert len(sheets) >= len(found.tables)
    with zipfile.ZipFile(io.BytesIO(client.get(url, params={"format": "csv"}).content)) as archive:
        assert archive.namelist() == [f"{table.id}.csv" for table in found.tables]
    one = client.get(f"/v1/documents/{again.json()['id']}/tables/t1")
    assert one.json()["id"] == "t1"
    _problem(client.get(f"/v1/documents/{again.json()['id']}/tables/t99"), 404, "not_found")
    _problem(client.get(url, params={"format": "doc"}), 422, "invalid_request")
    assert client.post("/v1/documents", content=PDF, params={"fresh": "true"}).status_code == 202


def test_a_failure_is_told_with_its_code(client: TestClient, settings: Settings) -> None:
    uploaded = client.post("/v1/documents", content=PDF).json()
    _work(settings, State.FAILED)
    status = client.get(uploaded["links"]["self"]).json()
    assert (status["state"], status["error"]["code"]) == ("failed", "password_required")
    _problem(client.get(uploaded["links"]["result"]), 409, "no_result")


def test_cancel_and_delete(client: TestClient, settings: Settings) -> None:
    uploaded = client.post("/v1/documents", content=PDF).json()
    assert client.post(uploaded["links"]["cancel"]).json()["state"] == "cancelled"
    _problem(client.get(uploaded["links"]["result"]), 409, "no_result")
    assert client.delete(uploaded["links"]["self"]).status_code == 204
    _problem(client.get(uploaded["links"]["self"]), 404, "not_found")
    _problem(client.delete(uploaded["links"]["self"]), 404, "not_found")
    assert [p for p in settings.blobs_dir.rglob("*") if p.is_file()] == []


def test_the_list_goes_on_with_its_cursor(client: TestClient) -> None:
    ids = [client.post("/v1/documents", content=PDF, params={"tags": f"t{n}"}).json()["id"] for n in range(3)]
    first = client.get("/v1/documents", params={"limit": 2}).json()
    rest = client.get("/v1/documents", params={"limit": 2, "cursor": first["next"]}).json()
    assert {d["id"] for d in first["documents"] + rest["documents"]} == set(ids)
    assert rest["next"] is None
    assert [d["id"] for d in client.get("/v1/documents", params={"tag": "t1"}).json()["documents"]] == [ids[1]]
    for cursor in ("!", "AAAA", "é", "a"):
        _problem(client.get("/v1/documents", params={"cursor": cursor}), 400, "bad_request")


def test_waiting_ends_when_the_time_is_up(client: TestClient) -> None:
    uploaded = client.post("/v1/documents", content=PDF).json()
    assert client.get(uploaded["links"]["self"], params={"wait": "0.5"}).json()["state"] == "queued"


def test_a_callback_is_told_of_and_a_senseless_one_refused(client: TestClient, settings: Settings) -> None:
    url = "https://example.org/hook"
    uploaded = client.post("/v1/documents", content=PDF, params={"callback_url": url}).json()
    waiting = {"url": url, "state": "waiting", "attempts": 0, "status": None, "error": None}
    assert uploaded["callback"] == {**waiting, "next_attempt": None, "ended": None}
    _work(settings, State.FAILED)
    told = client.get(uploaded["links"]["self"]).json()["callback"]
    assert (told["state"], told["next_attempt"] is None) == ("pending", False)
    assert client.post("/v1/documents", content=PDF + b".").json()["callback"] is None
    for refused in ("http://127.0.0.1/", "http://[::1]/", "ftp://example.org/", "nonsense"):
        answer = client.post("/v1/documents", files={"file": ("a.pdf", PDF)}, data={"callback_url": refused})
        _problem(answer, 422, "callback_refused")


def test_events_tell_every_state_and_end(client: TestClient, settings: Settings) -> None:
    uploaded = client.post("/v1/documents", content=PDF).json()
    threading.Timer(1.0, _work, (settings, State.SUCCEEDED)).start()
    with client.stream("GET", f"{uploaded['links']['self']}/events") as stream:
        lines = [line for line in stream.iter_lines() if line.startswith("data: ")]
    states = [json.loads(line.removeprefix("data: "))["state"] for line in lines]
    assert (states[0], states[-1]) == ("queued", "succeeded")
    _problem(client.get(f"/v1/documents/{'0' * 32}/events"), 404, "not_found")


def test_extract_answers_with_the_result_or_the_reason_or_later(client: TestClient, settings: Settings) -> None:
    later = client.post("/v1/extract", content=PDF)
    assert (later.status_code, later.json()["state"]) == (202, "queued")
    assert later.headers["location"] == later.json()["links"]["self"]
    _work(settings, State.SUCCEEDED)
    done = client.post("/v1/extract", files={"file": ("a.pdf", PDF)}, params={"format": "html"})
    assert done.status_code == 200
    assert "<table" in done.text
    _problem(client.post("/v1/extract", content=PDF, params={"colour": "red"}), 422, "invalid_request")
    threading.Timer(0.3, _work, (settings, State.FAILED)).start()
    _problem(client.post("/v1/extract", content=PDF + b"."), 422, "password_required")


def test_a_full_disk_and_a_full_queue_answer_503(tmp_path: Path) -> None:
    for limit, code in (({"min_free_bytes": 1 << 60}, "storage_full"), ({"max_queue": 1}, "queue_full")):
        settings = Settings(data=tmp_path / code, redis_url="unix:///nowhere/redis.sock", **limit)
        with TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
            client.post("/v1/documents", content=PDF)
            refused = client.post("/v1/documents", content=PDF + b".")
            _problem(refused, 503, code)
            assert int(refused.headers["retry-after"]) > 0


def test_unknown_paths_methods_ids_and_hosts(client: TestClient) -> None:
    _problem(client.get("/v1/nothing"), 404, "not_found")
    _problem(client.put("/v1/documents"), 405, "method_not_allowed")
    _problem(client.get("/v1/documents/xyz"), 422, "invalid_request")
    _problem(client.get(f"/v1/documents/{'0' * 32}"), 404, "not_found")
    _problem(client.get("/healthz", headers={"host": "evil.example"}), 400, "foreign_host")
    _problem(client.get("/healthz", headers={"host": "[::1"}), 400, "foreign_host")
    foreign = client.post("/v1/documents", content=PDF, headers={"origin": "https://evil.example"})
    _problem(foreign, 403, "foreign_origin")
    assert client.get("/healthz", headers={"origin": "http://localhost:3000"}).status_code == 200


def test_health_and_readiness(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 503
    told = {"ready": False, "database": "ok", "store": "ok", "queue": "unreachable", "workers": "none heard of"}
    assert ready.json() == told


def test_metrics_tell_the_queue(client: TestClient, settings: Settings) -> None:
    for n in range(2):
        client.post("/v1/documents", content=PDF + str(n).encode())
    _work(settings, State.FAILED)
    told = client.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain")
    lines = told.text.splitlines()
    assert 'gezi_jobs{state="queued"} 1.0' in lines
    assert 'gezi_jobs_failed{code="password_required"} 1.0' in lines
    assert "gezi_workers 0.0" in lines
    assert any(line.startswith("gezi_queue_oldest_seconds ") for line in lines)
    assert 'gezi_failures_total{code="password_required"} 1.0' in lines
    assert 'gezi_documents_total{state="failed"} 1.0' in lines


def test_counters_outlive_documents_and_processes(client: TestClient, settings: Settings) -> None:
    uploaded = client.post("/v1/documents", content=PDF).json()
    _work(settings, State.SUCCEEDED)
    assert client.delete(uploaded["links"]["self"]).status_code == 204
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as another:
        lines = another.get("/metrics").text.splitlines()
    for line in (
        'gezi_documents_total{state="succeeded"} 1.0', "gezi_work_seconds_total 1.0",
        'gezi_pages_total{outcome="read"} 1.0', 'gezi_stage_seconds_count{stage="reading"} 1.0',
        'gezi_stage_seconds_sum{stage="reading"} 1.5', 'gezi_page_seconds_bucket{le="1.0"} 0.0',
        'gezi_page_seconds_bucket{le="2.5"} 1.0', 'gezi_page_seconds_bucket{le="+Inf"} 1.0',
        "gezi_page_seconds_sum 2.0", 'gezi_jobs{state="succeeded"} 0.0',
    ):  # fmt: skip
        assert line in lines, line


def test_pages_are_shown_while_they_are_kept(client: TestClient, settings: Settings) -> None:
    uploaded = client.post("/v1/documents", content=PDF).json()
    url = uploaded["links"]["page"].replace("{n}", "1")
    _problem(client.get(url), 404, "no_picture")
    _work(settings, State.SUCCEEDED, picture=b"\x89PNG of page 1")
    shown = client.get(url)
    assert (shown.headers["content-type"], shown.content) == ("image/png", b"\x89PNG of page 1")
    _problem(client.get(url.replace("1.png", "2.png")), 404, "no_picture")
    _problem(client.get(url.replace("1.png", "0.png")), 422, "invalid_request")
    again = client.post("/v1/documents", content=PDF).json()  # the same bytes: the result, and the pictures, at once
    other = again["links"]["page"].replace("{n}", "1")
    assert client.get(other).content == shown.content
    assert client.delete(uploaded["links"]["self"]).status_code == 204
    _problem(client.get(url), 404, "not_found")
    assert client.get(other).content == shown.content
    assert client.delete(again["links"]["self"]).status_code == 204
    assert [p for p in settings.blobs_dir.rglob("*") if p.is_file()] == []


def test_a_result_stored_in_a_format_is_given_as_stored(client: TestClient, settings: Settings) -> None:
    uploaded = client.post("/v1/documents", content=PDF, params={"formats": "html,xlsx"}).json()
    assert uploaded["options"]["formats"] == "html,xlsx"
    _work(settings, State.SUCCEEDED, html=b"<p>as stored</p>")
    url = uploaded["links"]["result"]
    assert client.get(url, params={"format": "html"}).text == "<p>as stored</p>"
    assert "|" in client.get(url, params={"format": "md"}).text
    again = client.post("/v1/documents", files={"file": ("b.pdf", PDF)}).json()  # under another name: made anew
    assert "<table" in client.get(again["links"]["result"], params={"format": "html"}).text
    for each in (uploaded, again):
        assert client.delete(each["links"]["self"]).status_code == 204
    assert [p for p in settings.blobs_dir.rglob("*") if p.is_file()] == []
    _problem(client.post("/v1/documents", content=PDF, params={"formats": "doc"}), 400, "bad_request")
    _problem(client.post("/v1/documents", content=PDF, params={"formats": "HTML;"}), 422, "invalid_request")


def test_every_service_error_has_a_status() -> None:
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.GeziError)]
    unfit = {errors.GeziError, errors.ServiceError, errors.SettingsWrong}
    assert all(status_of(c("")) < 500 or status_of(c("")) == 503 for c in classes if c not in unfit)
    assert set(STATUS.values()) == {400, 401, 404, 409, 413, 422, 429, 500, 503}


def test_openapi_documents_the_upload_and_its_problems(client: TestClient) -> None:
    openapi = client.get("/openapi.json").json()
    post = openapi["paths"]["/v1/documents"]["post"]
    assert {"multipart/form-data", "application/pdf"} <= set(post["requestBody"]["content"])
    assert {"200", "202", "400", "413", "422", "503"} <= set(post["responses"])
    assert "application/problem+json" in post["responses"]["413"]["content"]


def test_the_api_loads_nothing_heavy() -> None:
    code = (
        "import sys, api.app; heavy = {'numpy', 'cv2', 'pypdfium2', 'onnxruntime', 'paddleocr', 'camelot', 'openpyxl',"
        " 'models', 'multiprocessing.pool'}; sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
