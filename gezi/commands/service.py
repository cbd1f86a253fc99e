"""`gezi api`, `gezi worker`, and `gezi serve`, which runs both and the embedded Redis."""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import logging
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

from workers.database import Database
from workers.embedded import redis_command
from workers.events import say, start_logging
from workers.settings import Settings, load_settings

RESTART = 1.0  # seconds before a part that died is started again, doubled each time it did not live long
LONGEST_RESTART = 60.0  # seconds
LIVED = 30.0  # seconds after which a part counts as having worked
LOOK = 0.2  # seconds between two looks at the parts
PR_SET_PDEATHSIG = 1  # prctl(2)

log = logging.getLogger("gezi.serve")


def run_api(_: argparse.Namespace) -> int:
    """Answer requests until told to stop."""
    import uvicorn

    from api.app import create_app

    settings = load_settings()
    start_logging()
    # A long poll must not hold up a stop: connections still open after five seconds are closed.
    config = uvicorn.Config(
        create_app(settings), host=settings.host, port=settings.port, log_config=None, access_log=False,
        server_header=False, timeout_graceful_shutdown=5,
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


def run_worker(_: argparse.Namespace) -> int:
    """Read documents until told to stop."""
    from workers.host import work

    settings = load_settings()
    start_logging()
    asyncio.run(work(settings))
    return 0


def run_serve(_: argparse.Namespace) -> int:
    """Start everything and keep it alive until told to stop."""
    settings = load_settings()
    start_logging()
    asyncio.run(_migrate(settings))
    parts = [Part("api", _gezi("api")), Part("worker", _gezi("worker"), patience=settings.drain + 10.0)]
    if not settings.redis_url:
        parts.insert(0, Part("redis", redis_command(settings)))
    print(f"gezi: http://{settings.host}:{settings.port}/docs (data in {settings.data_dir})", file=sys.stderr)
    return _keep(parts)


@dataclass
class Part:
    """One process of `gezi serve`. `patience`: seconds it may take to leave."""

    name: str
    command: list[str]
    patience: float = 10.0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    pause: float = RESTART

    def keep(self) -> None:
        """Start the part if it does not run."""
        if self.process is not None and self.process.poll() is not None:
            say(log, "part_died", logging.WARNING, part=self.name, exit=self.process.returncode)
            now = time.monotonic()
            self.pause = RESTART if now - self.started > LIVED else self.pause
            self.process, self.not_before = None, now + self.pause
            self.pause = min(LONGEST_RESTART, self.pause * 2)
        if self.process is None and time.monotonic() >= self.not_before:
            # Its own session: Ctrl-C reaches this process alone, which stops the parts in order.
            self.process = subprocess.Popen(self.command, preexec_fn=_leave_with_parent, start_new_session=True)
            self.started = time.monotonic()
            say(log, "part_started", part=self.name, pid=self.process.pid)

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _keep(parts: list[Part]) -> int:
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, _: told.append(n))
    while not told:
        for part in parts:
            part.keep()
        time.sleep(LOOK)
    for part in reversed(parts):  # the worker first, Redis last
        part.stop()
    return 0


def _gezi(command: str) -> list[str]:
    return [sys.executable, "-m", "gezi.cli", command]


def _leave_with_parent() -> None:
    """In the child, before it becomes the part: get SIGTERM when `gezi serve` is gone, however it went (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


async def _migrate(settings: Settings) -> None:
    """Before the parts start, so that they do not wait for each other."""
    database = Database(settings.database)
    try:
        await database.migrate()
    finally:
        await database.close()
