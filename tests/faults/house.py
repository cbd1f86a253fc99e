"""The service's parts as real processes that a test can kill one by one: Redis, the API, workers.

Pages are born digital and no models are loaded, so that parts start in a second; what a page does is
told by a plan (tests/workers/faulty.py). Killing is SIGKILL, and starting again is the test's own deed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from redis import Redis
from redis.exceptions import RedisError

from tests.ports import free_port
from tests.redises import server_command
from tests.workers.receiver import Receiver, receiver
from workers.embedded import redis_url
from workers.settings import Settings

PATIENCE = 120.0  # seconds; what is waited for comes in a few, unless the machine is very busy
LOG_LINES = 60  # of the log in the message of a wait that was in vain
GONE = (httpx.TransportError,)
ENDED = frozenset({"succeeded", "partial", "failed", "cancelled"})


@dataclass
class House:
    """`data`: the service's folder. Plan, log and what the desks write down lie in `notes`."""

    data: Path
    notes: Path
    port: int
    environment: dict[str, str]
    client: httpx.Client
    receiver: Receiver
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    # ---- the parts ----------------------------------------------------------------------------------------

    def start(self, *names: str, limit: Callable[[], None] | None = None) -> None:
        """Start parts ("redis", "api", or a worker under any other name) and wait until they answer."""
        known = self.workers()
        for name in names:
            command = {
                "redis": server_command(Settings(data=self.data)),
                "api": [sys.executable, "-m", "gezi.cli", "api"],
            }.get(name, [sys.executable, "-m", "tests.faults.faultyworker", str(self.notes / "plan")])
            with (self.notes / "log").open("ab") as log:
                self.parts[name] = subprocess.Popen(
                    command, env=self.environment, stdout=log, stderr=log, start_new_session=True, preexec_fn=limit
                )
        workers = len(known | {name for name in names if name not in ("redis", "api")})
        answers = {"redis": self.redis_answers, "api": self.api_answers}
        for name in names:
            self.until(answers.get(name, lambda: len(self.workers() | known) >= workers), f"{name} to start")

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        part = self.parts.pop(name)
        part.send_signal(number)
        part.wait(PATIENCE)

    def forget_redis(self) -> None:
        """Redis's memory is gone."""
        shutil.rmtree(self.data / "redis")

    def close(self) -> None:
        self.client.close()
        for part in self.parts.values():
            part.send_signal(signal.SIGCONT)
            part.kill()
            part.wait(PATIENCE)

    def redis_answers(self) -> bool:
        with Redis.from_url(redis_url(Settings(data=self.data))) as redis:
            try:
                return bool(redis.ping())
            except RedisError:
                return False

    def api_answers(self) -> bool:
        try:
            return self.client.get("/healthz").status_code == 200
        except GONE:
            return False

    def workers(self) -> set[str]:
        """The names of all workers ever heard of (one that was killed stays for a day)."""
        has_database = (self.data / "gezi.db").exists()
        if not has_database or not self.rows("SELECT name FROM sqlite_master WHERE name = 'beats'"):
            return set()
        return {name for (name,) in self.rows("SELECT worker FROM beats")}

    # ---- what the service is asked ------------------------------------------------------------------------

    def plan(self, **faults: str) -> None:
        """What pages do from now on: plan(_2="hang"). Forgets what was begun before."""
        for name in ("begun", "hanging", "crashed"):
            (self.notes / name).unlink(missing_ok=True)
        self.go_on(**faults)

    def go_on(self, **faults: str) -> None:
        """Change the plan and remember what was begun."""
        new = self.notes / "plan.new"
        new.write_text(json.dumps({page[1:]: fault for page, fault in faults.items()}))
        new.replace(self.notes / "plan")

    def begun(self) -> list[int]:
        """The pages begun since the plan was made, sorted; one that was begun twice stands twice."""
        return sorted(int(number) for number in (self.notes / "begun").read_text().split())

    def hanging(self) -> int:
        """Wait until a page waits or hangs; the process that holds it."""
        path = self.notes / "hanging"
        self.until(lambda: path.exists() and path.read_text() != "", "a page to hang")
        return int(path.read_text())

    def upload(self, content: bytes, **options: str) -> str:
        response = self.client.post("/v1/documents", content=content, params=self.options(**options))
        assert response.status_code == 202, response.text
        document_id: str = response.json()["id"]
        return document_id

    def options(self, **others: str) -> dict[str, str]:
        """Of every upload: never an earlier result, and the end is told to the receiver."""
        return {"fresh": "true", "callback_url": self.receiver.url, **others}

    def document(self, document_id: str) -> dict[str, Any]:
        response = self.client.get(f"/v1/documents/{document_id}")
        assert response.status_code == 200, response.text
        document: dict[str, Any] = response.json()
        return document

    def ended(self, document_id: str) -> dict[str, Any]:
        """Wait until the work on it ended."""
        self.until(lambda: self.document(document_id)["state"] in ENDED, f"{document_id} to end")
        return self.document(document_id)

    def result(self, document_id: str) -> dict[str, Any]:
        response = self.client.get(f"/v1/documents/{document_id}/result")
        assert response.status_code == 200, response.text
        result: dict[str, Any] = response.json()
        return result

    # ---- what is on the disk ------------------------------------------------------------------------------

    def rows(self, query: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self.data / "gezi.db", timeout=PATIENCE)) as connection:
            return connection.execute(query, values).fetchall()

    def staged(self) -> list[Path]:
        return list((self.data / "blobs" / "incoming").glob("*"))

    def assert_sound(self) -> None:
        """Every job has one outcome, every outcome its one result and one delivery; nothing is left of the work."""
        assert self.rows("SELECT id FROM jobs WHERE state IN ('queued', 'running')") == [], self.story()
        self.until(lambda: self.rows("SELECT id FROM deliveries WHERE state = 'pending'") == [], "all to be delivered")
        told = [json.loads(delivery.body)["document"] for delivery in self.receiver.got]
        ends = self.rows("SELECT document_id, version, state FROM jobs ORDER BY document_id")
        assert sorted((end["id"], end["version"], end["state"]) for end in told) == ends, self.story()
        keys = [key for (key,) in self.rows("SELECT result_key FROM jobs WHERE state IN ('succeeded','partial')")]
        folder = self.data / "blobs"
        found = [path.relative_to(folder).as_posix() for path in (folder / "results").rglob("*.json.gz")]
        assert sorted(found) == sorted(set(keys)), self.story()
        assert self.rows("SELECT job_id FROM checkpoints") == []
        assert self.rows("SELECT id FROM jobs WHERE lease IS NOT NULL OR password IS NOT NULL") == []

    # ---- waiting ------------------------------------------------------------------------------------------

    def until(self, met: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < end, f"waited in vain for {what}\n{self.story()}"
            time.sleep(0.05)

    def story(self) -> str:
        """What parts, documents, desks and log tell, for whoever reads why a test failed."""
        try:
            documents = self.client.get("/v1/documents").text
        except GONE as error:
            documents = f"the API does not answer: {error!r}"
        exits = {name: part.poll() for name, part in self.parts.items()}
        notes = {path.name: path.read_text()[:500] for path in self.notes.iterdir() if path.name != "log"}
        lines = (self.notes / "log").read_text(errors="replace").splitlines()
        return "\n".join([f"exits: {exits}", documents, f"notes: {notes}", *lines[-LOG_LINES:]])


@contextmanager
def open_house(data: Path, notes: Path, **settings: object) -> Iterator[House]:
    """A house without parts; `settings` as in GEZI_*. Whatever runs at the end is killed."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GEZI_")}
    told = {
        "data": data,
        "port": port,
        "processes": 1,
        "turn_pages": 2,
        "min_free_bytes": 1,
        "callback_networks": "127.0.0.1",
        **settings,
    }
    environment |= {f"GEZI_{name.upper()}": str(value) for name, value in told.items()}
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
    with receiver() as listening:
        house = House(data, notes, port, environment, client, listening)
        (notes / "log").touch()
        house.plan()
        try:
            yield house
        finally:
            house.close()
