"""The parts run apart, as on several machines: PostgreSQL, a Redis of its own on TCP, an API and two workers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.databases import SERVER, fresh_database
from tests.paper import WIDTH, filled_table, save
from tests.ports import free_port
from tests.redises import PROGRAM

TABLE = filled_table([50, 150, WIDTH - 50], [100, 130, 160, 190])

pytestmark = pytest.mark.skipif(not (SERVER and PROGRAM), reason="make test-postgres runs it")


@contextmanager
def _running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("ab") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def _until(met: Callable[[], bool], what: str, log: Path) -> None:
    end = time.monotonic() + 180
    while not met():
        assert time.monotonic() < end, f"waited in vain for {what}\n{log.read_text()[-5000:]}"
        time.sleep(0.1)


def test_parts_on_servers_of_their_own_share_the_work(tmp_path: Path) -> None:
    port, redis_port, log = free_port(), free_port(), tmp_path / "log"
    folder = tmp_path / "redis"
    folder.mkdir()
    redis = [PROGRAM, "--port", str(redis_port), "--bind", "127.0.0.1", "--dir", str(folder), "--appendonly", "yes"]
    with fresh_database(tmp_path / "database") as database, ExitStack() as stack:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GEZI_")} | {
            "GEZI_DATA": str(tmp_path / "data"), "GEZI_BLOBS": str(tmp_path / "blobs"), "GEZI_PORT": str(port),
            "GEZI_DATABASE_URL": database, "GEZI_REDIS_URL": f"redis://127.0.0.1:{redis_port}", "GEZI_PROCESSES": "1",
            "GEZI_TURN_PAGES": "1",
        }  # fmt: skip
        worker = [sys.executable, "-m", "tests.faults.faultyworker", str(tmp_path / "plan")]
        for command in (redis, [sys.executable, "-m", "gezi.cli", "api"], worker, worker):
            stack.enter_context(_running(command, environment, log))
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30))
        _until(lambda: _ready(client), "readiness", log)
        _until(lambda: Redis(port=redis_port).exists("gezi:wake:health") == 1, "a listener on the queue", log)
        content = save(tmp_path / "five.pdf", *[TABLE] * 5).read_bytes()
        ids = [client.post("/v1/documents", params={"fresh": "true"}, content=content).json()["id"] for _ in range(6)]
        for document_id in ids:
            address = f"/v1/documents/{document_id}"
            _until(lambda a=address: client.get(a).json()["state"] == "succeeded", "success", log)  # type: ignore[misc]
            assert len(client.get(f"{address}/result").json()["pages"]) == 5
        assert sorted(map(int, (tmp_path / "begun").read_text().split())) == sorted([1, 2, 3, 4, 5] * 6)


def _ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").json().get("ready") is True
    except (httpx.TransportError, RedisError):
        return False
