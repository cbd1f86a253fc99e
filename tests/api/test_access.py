"""Keys: needed once one is made, stored as hashes, each for its tenant only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
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
