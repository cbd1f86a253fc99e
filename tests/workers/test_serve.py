"""`gezi serve` as a whole: real processes, the real Redis and the real models, and each of them killed once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass
class Service:
    process: subprocess.Popen[bytes]
    client: httpx.Client
    data: Path
    port: int

    def part(self, name: str) -> psutil.Process | None:
        for child in psutil.Process(self.process.pid).children():
            try:
                line = child.cmdline()
            except psutil.Error:
                continue
            if line[-1:] == [name] or any(name in word for word in line[:1]):
                return child
        return None

    def kill(self, name: str) -> None:
        part = self.part(name)
        assert part is not None
        part.kill()
        _until(lambda: (new := self.part(name)) is not None and new.pid != part.pid)

    def answers(self) -> bool:
        try:
            return self.client.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def upload(self, path: Path) -> str:
        response = self.client.post("/v1/documents", content=path.read_bytes(), params={"fresh": "true"})
        assert response.status_code == 202, response.text
        document_id: str = response.json()["id"]
        return document_id

    def state(self, document_id: str) -> str:
        state: str = self.client.get(f"/v1/documents/{document_id}").json()["state"]
        return state


def _until(met: Callable[[], bool], seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GEZI_") or k == "GEZI_MODELS_DIR"}
    environment |= {"GEZI_DATA": str(tmp_path), "GEZI_PORT": str(port), "GEZI_LEASE": "2", "GEZI_PROCESSES": "1"}
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-m", "gezi.cli", "serve"]
        process = subprocess.Popen(command, env=environment, stderr=log, start_new_session=True)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
    running = Service(process, client, tmp_path, port)
    try:
        _until(running.answers)
        yield running
    finally:
        client.close()
        family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.terminate()
        process.wait(90)
        assert [child for child in family if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []


def _half_an_upload(port: int) -> None:
    """A client that says how much comes and vanishes in the middle."""
    head = b"POST /v1/documents HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head + b"%PDF-" + b"x" * 40_000)
        time.sleep(0.3)


def test_whatever_is_killed_no_accepted_document_is_lost(service: Service) -> None:
    _half_an_upload(service.port)
    service.kill("redis-server")
    ids = [service.upload(SAMPLES / "scan.pdf")]
    service.kill("api")
    _until(service.answers)
    _until(lambda: service.state(ids[0]) == "running")
    service.kill("worker")  # in the middle of the page, or of loading the models for it
    ids.append(service.upload(SAMPLES / "digital.pdf"))
    for document_id in ids:
        _until(lambda i=document_id: service.state(i) == "succeeded")  # type: ignore[misc]
        result = service.client.get(f"/v1/documents/{document_id}/result").json()
        assert len(result["tables"]) >= 1
    assert service.client.get(f"/v1/documents/{ids[0]}").json()["attempts"] == 2
    assert service.client.get("/readyz").json()["ready"] is True
    assert len(service.client.get("/v1/documents").json()["documents"]) == 2
    assert list((service.data / "blobs" / "incoming").iterdir()) == []
    assert len(list((service.data / "blobs" / "results").rglob("*.gz"))) == 2


def test_everything_leaves_when_the_supervisor_is_killed(service: Service) -> None:
    _until(lambda: service.part("worker") is not None)
    family = psutil.Process(service.process.pid).children(recursive=True)
    assert len(family) >= 3
    os.kill(service.process.pid, signal.SIGKILL)
    service.process.wait()
    _until(lambda: all(not c.is_running() or c.status() == psutil.STATUS_ZOMBIE for c in family), 75)
