"""`gezi serve` as a whole: real processes, the real Redis and the real models, and each of them killed once."""

from __future__ import annotations

import io
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
import pikepdf
import psutil
import pytest

from tests.ports import free_port

SAMPLES = Path(__file__).parents[2] / "samples"


PATIENCE = 180.0  # seconds
LOG_LINES = 60  # of the service's log in the message of a wait that was in vain


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
        self.until(lambda: (new := self.part(name)) is not None and new.pid != part.pid, f"{name} to start again")

    def answers(self) -> bool:
        try:
            return self.client.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def upload(self, name: str, content: bytes) -> str:
        response = self.client.post("/v1/documents", content=content, params={"fresh": "true", "filename": name})
        assert response.status_code == 202, response.text
        document_id: str = response.json()["id"]
        return document_id

    def document(self, document_id: str) -> dict[str, object]:
        document: dict[str, object] = self.client.get(f"/v1/documents/{document_id}").json()
        return document

    def until(self, met: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not met():
            assert time.monotonic() < end, f"waited in vain for {what}\n{self.story()}"
            time.sleep(0.1)

    def story(self) -> str:
        """What documents and log tell, for whoever reads why a wait was in vain."""
        try:
            documents = self.client.get("/v1/documents").text
        except httpx.TransportError as error:
            documents = f"the API does not answer: {error!r}"
        lines = (self.data / "log").read_text(errors="replace").splitlines()
        return "\n".join([f"exit: {self.process.poll()}", documents, *lines[-LOG_LINES:]])


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GEZI_") or k == "GEZI_MODELS_DIR"}
    environment |= {"GEZI_DATA": str(tmp_path), "GEZI_PORT": str(port), "GEZI_LEASE": "2", "GEZI_PROCESSES": "1"}
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-m", "gezi.cli", "serve"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
    running = Service(process, client, tmp_path, port)
    try:
        running.until(running.answers, "the API to answer")
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


def _many_pages(name: str, copies: int) -> bytes:
    """A sample's first page several times over: long enough in work that it is surely seen half done."""
    written = io.BytesIO()
    with pikepdf.open(SAMPLES / name) as pdf:
        for _ in range(copies - 1):
            pdf.pages.append(pdf.pages[0])
        pdf.save(written)
    return written.getvalue()


def test_whatever_is_killed_no_accepted_document_is_lost(service: Service) -> None:
    _half_an_upload(service.port)
    service.kill("redis-server")
    early = service.upload("digital.pdf", (SAMPLES / "digital.pdf").read_bytes())
    service.kill("api")
    service.until(service.answers, "the API to answer again")
    late = service.upload("long.pdf", _many_pages("scan.pdf", 4))
    service.until(lambda: service.document(late)["pages"]["done"] >= 1, "a page to be read")  # type: ignore[index]
    service.kill("worker")  # in the middle of another page
    for document_id in (early, late):
        service.until(lambda i=document_id: service.document(i)["state"] == "succeeded", "success")  # type: ignore[misc]
        result = service.client.get(f"/v1/documents/{document_id}/result").json()
        assert len(result["tables"]) >= 1
    # One more attempt where the kill met a turn; between two turns of a document nobody holds it.
    assert service.document(late)["attempts"] in (1, 2)
    service.until(lambda: service.client.get("/readyz").json()["ready"] is True, "readiness")
    assert len(service.client.get("/v1/documents").json()["documents"]) == 2
    assert list((service.data / "blobs" / "incoming").iterdir()) == []
    assert len(list((service.data / "blobs" / "results").rglob("*.gz"))) == 2


def test_everything_leaves_when_the_supervisor_is_killed(service: Service) -> None:
    service.until(lambda: service.part("worker") is not None, "a worker")
    family = psutil.Process(service.process.pid).children(recursive=True)
    assert len(family) >= 3
    os.kill(service.process.pid, signal.SIGKILL)
    service.process.wait()
    service.until(lambda: all(not c.is_running() or c.status() == psutil.STATUS_ZOMBIE for c in family), "all to leave")
