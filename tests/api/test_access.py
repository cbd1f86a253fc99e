"""Keys: needed once one is made, stored as hashes, each for its tenant only."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from workers.database import Database
from workers.leases import Leases
from workers.records import State
from workers.settings import Settings

PDF = b"%PDF-1.7"


def _gezi(data: Path, *arguments: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GEZI_")} | {"GEZI_DATA": str(data)}
    command = [sys.executable, "-m", "gezi.cli", "keys", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def _client(data: Path, host: str = "127.0.0.1") -> TestClient:
    settings = Settings(data=data, host=host, redis_url="unix:///nowhere/redis.sock", min_free_bytes=1)
    return TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False)


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_keys_open_their_own_tenant_only(tmp_path: Path) -> None:
    with _client(tmp_path) as client:
        assert client.get("/v1/documents").status_code == 200
        one, two = _gezi(tmp_path, "create", "--tenant", "one"), _gezi(tmp_path, "create", "--tenant", "two")
        refused = client.get("/v1/documents")
        assert (refused.status_code, refused.json()["code"]) == (401, "key_needed")
        assert refused.headers["www-authenticate"] == "Bearer"
        assert client.get("/healthz").status_code == 200
        uploaded = client.post("/v1/documents", content=PDF, headers=_bearer(one)).json()["id"]
        urls = [f"/v1/documents/{uploaded}{rest}" for rest in ("", "/result", "/events", "/tables/t1")]
        assert [client.get(url, headers=_bearer(two)).status_code for url in urls] == [404] * 4
        assert client.post(f"/v1/documents/{uploaded}/cancel", headers=_bearer(two)).status_code == 404
        assert client.delete(f"/v1/documents/{uploaded}", headers=_bearer(two)).status_code == 404
        assert client.get("/v1/documents", headers=_bearer(two)).json()["documents"] == []
        assert client.get(urls[0], headers=_bearer(one)).json()["state"] == "queued"
        listed = _gezi(tmp_path, "list")
        assert len(listed.splitlines()) == 2
        assert one not in listed
        assert one.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("gezi.db*"))
        for line in listed.splitlines():
            _gezi(tmp_path, "revoke", line.split()[0])
        for headers in (_bearer(one), {}):
            assert client.get("/v1/documents", headers=headers).status_code == 401


def test_a_refused_upload_s_body_is_not_read(tmp_path: Path) -> None:

    def body() -> object:
        for _ in range(3):
            yield b"x" * 1000

    with _client(tmp_path, host="0.0.0.0") as client:
        assert client.post("/v1/documents", content=body()).status_code == 401  # type: ignore[arg-type]
        assert not (tmp_path / "blobs" / "incoming").exists()


@pytest.mark.parametrize("tenant", ["", "..", "a/b", "A", "x" * 64])
def test_a_tenant_s_name_is_fit_for_the_store(tmp_path: Path, tenant: str) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        _gezi(tmp_path, "create", "--tenant", tenant)


def test_a_key_s_requests_a_minute_are_counted_and_refused(tmp_path: Path) -> None:
    """Redis is away here: the process counts by itself."""
    secret, other = _gezi(tmp_path, "create", "--rate", "3"), _gezi(tmp_path, "create")
    with _client(tmp_path) as client:
        told = [client.get("/v1/documents", headers=_bearer(secret)) for _ in range(4)]
        assert [response.status_code for response in told] == [200, 200, 200, 429]
        assert [r.headers["ratelimit-policy"] for r in told] == ['"requests";q=3;w=60'] * 4
        assert [r.headers["ratelimit"].split(";")[1] for r in told] == ["r=2", "r=1", "r=0", "r=0"]
        refused = told[-1]
        assert (refused.json()["code"], refused.headers["content-type"]) == ("rate_limited", "application/problem+json")
        assert 1 <= int(refused.headers["retry-after"]) <= 20
        free = client.get("/v1/documents", headers=_bearer(other))
        assert (free.status_code, "ratelimit" in free.headers) == (200, False)


def test_a_key_s_quotas_refuse_uploads_but_not_finished_results(tmp_path: Path) -> None:
    waiting, pages = _gezi(tmp_path, "create", "--max-waiting", "1"), _gezi(tmp_path, "create", "--pages-a-day", "2")

    def upload(client: TestClient, secret: str, content: bytes) -> tuple[int, str]:
        answer = client.post("/v1/documents", content=content, headers=_bearer(secret))
        assert answer.status_code != 429 or int(answer.headers["retry-after"]) > 0
        return answer.status_code, answer.json().get("code", "")

    with _client(tmp_path) as client:
        assert upload(client, waiting, PDF) == (202, "")
        assert upload(client, waiting, PDF + b"2") == (429, "quota_exceeded")
        assert upload(client, pages, PDF + b"3") == (202, "")
        assert upload(client, pages, PDF + b"4") == (202, "")
        assert upload(client, pages, PDF + b"5") == (429, "quota_exceeded")  # two pages wait at least
        asyncio.run(_read_all(tmp_path, pages=2))
        assert upload(client, waiting, PDF + b"2") == (202, "")
        assert upload(client, pages, PDF + b"5") == (429, "quota_exceeded")  # and four were read
        assert upload(client, pages, PDF + b"3") == (200, "")  # nothing is left to do
    listed = _gezi(tmp_path, "list")
    assert "1 waiting" in listed
    assert "2 pages/day" in listed


async def _read_all(data: Path, pages: int) -> None:
    """As a worker would."""
    database = Database(Settings(data=data).database)
    leases = Leases(database, seconds=30, max_losses=3)
    while (claim := await leases.claim()) is not None:
        await leases.opened(claim, pages, pages)
        for number in range(1, pages + 1):
            await leases.store_page(claim, number, b"")
        await leases.finish(claim, State.SUCCEEDED, 1.0, f"results/default/{claim.job_id}.json.gz")
    await database.close()


@pytest.mark.parametrize("option", ["--rate", "--pages-a-day", "--max-waiting"])
def test_a_limit_is_one_at_least(tmp_path: Path, option: str) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        _gezi(tmp_path, "create", option, "0")
