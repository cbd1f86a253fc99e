"""`gezi health`, which a container's health check asks."""

from __future__ import annotations

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from gezi.cli import main
from tests.ports import free_port
from workers.database import Database
from workers.leases import Leases, host_mark, worker_name
from workers.settings import Settings


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return


def test_an_api_that_listens_everywhere_is_asked_on_loopback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEZI_DATA", str(tmp_path))
    monkeypatch.setenv("GEZI_HOST", "0.0.0.0")
    monkeypatch.setenv("GEZI_PORT", str(free_port()))
    assert main(["health"]) == 1
    server = HTTPServer(("127.0.0.1", 0), _Healthy)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        monkeypatch.setenv("GEZI_PORT", str(server.server_address[1]))
        assert main(["health"]) == 0
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_only_this_host_s_workers_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEZI_DATA", str(tmp_path))

    def beat(worker: str) -> None:
        async def run() -> None:
            database = Database(Settings(data=tmp_path).database)
            await database.migrate()
            await Leases(database, seconds=30, max_losses=3).beat(worker, 1)
            await database.close()

        asyncio.run(run())

    assert main(["health", "--worker"]) == 1
    other = worker_name()
    beat(("0" if other[0] != "0" else "1") + other[1:])
    assert main(["health", "--worker"]) == 1
    own = worker_name()
    assert (own.startswith(host_mark()), len(own)) == (True, 32)
    beat(own)
    assert main(["health", "--worker"]) == 0
