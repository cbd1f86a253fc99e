"""Every answer the API gives is one that its OpenAPI document tells of: schemathesis asks whatever it can think of.

A real server on loopback, with documents in several states to ask about. `make api-check` asks much more.
"""

from __future__ import annotations

import os
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from tests.api.test_documents import PDF, _work
from tests.ports import free_port
from workers.records import State
from workers.settings import Settings

EXAMPLES = int(os.environ.get("GEZI_TEST_EXAMPLES", "8"))  # of each operation
ALWAYS_THE_SAME = "GEZI_TEST_EXAMPLES" not in os.environ  # what `make test` asks; `make api-check` asks anew each time
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/pdf", "application/zip", "application/x-tar", "application/gzip")
def _as_it_is(_: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


schema = schemathesis.openapi.from_dict(create_app(Settings(data=Path("unused"))).openapi())


@dataclass(frozen=True)
class Running:
    address: str
    ended: tuple[str, ...]
    waiting: str
    batch: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder, port = tmp_path_factory.mktemp("openapi"), free_port()
    told = Settings(
        data=folder, port=port, redis_url=f"unix://{folder}/none.sock", min_free_bytes=1, max_wait=0.05,
        extract_seconds=0.05, max_upload_bytes=50_000,
    )  # fmt: skip
    server = uvicorn.Server(uvicorn.Config(create_app(told), host=told.host, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield _furnished(told, f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join()


def _furnished(told: Settings, address: str) -> Running:
    """With documents in every state that a client can meet, and a batch."""
    with httpx.Client(base_url=address) as client:

        def upload() -> str:
            return str(client.post("/v1/documents", content=PDF, params={"fresh": "true"}).json()["id"])

        ended = []
        for state in (State.SUCCEEDED, State.FAILED):
            ended.append(upload())
            _work(told, state)
        ended.append(upload())
        client.post(f"/v1/documents/{ended[-1]}/cancel")
        waiting = upload()
        batch = client.post("/v1/batches", json={"documents": ended})
        return Running(address, tuple(ended), waiting, batch.json().get("id", ""))


def test_every_body_may_be_broken() -> None:
    for path, operations in create_app(Settings(data=Path("unused"))).openapi()["paths"].items():
        for method, operation in operations.items():
            assert "requestBody" not in operation or "400" in operation["responses"], f"{method} {path}"


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=ALWAYS_THE_SAME, suppress_health_check=list(HealthCheck))
def test_every_answer_is_documented(case: schemathesis.Case, running: Running) -> None:
    _point_at_something(case, running)
    response = case.call(base_url=running.address, timeout=30)
    assert response.status_code != 500, response.text
    case.validate_response(response, checks=CHECKS)


def _point_at_something(case: schemathesis.Case, running: Running) -> None:
    """Drawn ids are of nothing that exists: every other question is about something that does."""
    is_stream = case.path.endswith("/events")  # that of a waiting document never ends
    there = {
        "document_id": running.ended if is_stream else (*running.ended, running.waiting),
        "batch_id": (running.batch,),
        "table_id": ("t1",),
        "number": (1,),
    }
    # Of all that was drawn, so that hypothesis sees the same question answered alike.
    choice = zlib.crc32(repr((case.path_parameters, case.query, case.headers)).encode())
    if case.method == "DELETE" or not case.path_parameters or choice % 8 == 0:
        return
    for name in case.path_parameters:
        if there.get(name, ("",))[0] != "":
            case.path_parameters[name] = there[name][choice // 8 % len(there[name])]
