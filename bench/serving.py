"""`gezi serve` in a folder of its own, for measurements of the whole service with its real models."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import psutil

from bench.run import family

SAMPLES = Path(__file__).parent.parent / "samples"
PATIENCE = 300.0  # seconds for the service to be ready: models load, on a busy machine
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Service:
    process: subprocess.Popen[bytes]
    client: httpx.Client
    port: int

    def upload(self, content: bytes, **options: str) -> str:
        response = self.client.post("/v1/documents", content=content, params={"fresh": "true", **options})
        response.raise_for_status()
        return str(response.json()["id"])

    def document(self, document_id: str) -> dict[str, Any]:
        response = self.client.get(f"/v1/documents/{document_id}")
        response.raise_for_status()
        document: dict[str, Any] = response.json()
        return document

    def family(self) -> list[psutil.Process]:
        """Every process of the service."""
        return family(self.process.pid)

    def part(self, name: str) -> psutil.Process:
        return next(child for child in self.family() if child.cmdline()[-1:] == [name])


@contextmanager
def service(**settings: object) -> Iterator[Service]:
    """A running service that is ready to read. `settings` as in GEZI_*. Everything of it is erased at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="gezi-") as folder:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GEZI_") or k == "GEZI_MODELS_DIR"}
        told = {"data": folder, "port": port, **settings}
        environment |= {f"GEZI_{name.upper()}": str(value) for name, value in told.items()}
        log = Path(folder) / "log"
        with log.open("wb") as file:
            command = [sys.executable, "-m", "gezi.cli", "serve"]
            process = subprocess.Popen(command, env=environment, stdout=file, stderr=file, start_new_session=True)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                running = Service(process, client, port)
                _wait_until_ready(running, log)
                yield running
        finally:
            process.terminate()
            process.wait()


def _wait_until_ready(running: Service, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and running.process.poll() is None:
        try:
            if running.client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit("the service does not become ready; the end of its log:\n" + log.read_text()[-3000:])


def repeated(name: str, copies: int) -> bytes:
    """A sample's first page so many times over, as one document."""
    written = io.BytesIO()
    with pikepdf.open(SAMPLES / name) as pdf:
        del pdf.pages[1:]
        for _ in range(copies - 1):
            pdf.pages.append(pdf.pages[0])
        pdf.save(written)
    return written.getvalue()
