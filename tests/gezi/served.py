"""A service for tests of its clients: the real API on a socket, a worker and an unpacker, in a thread of this process.

Pages are read by `tests.workers.faulty`'s desk, which knows born-digital pages only and loads no model.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from api.app import create_app
from tests.workers.faulty import MakeFaultyDesk
from workers.batchleases import BatchLeases
from workers.blobs import FolderStore
from workers.database import Database
from workers.desk import MakeDesk
from workers.engines import engine_mark
from workers.jobs import Jobs
from workers.locker import open_locker
from workers.pool import Pool
from workers.service import Parts, Worker
from workers.settings import Settings
from workers.unpacking import Unpacker, UnpackerParts


@dataclass(frozen=True)
class Served:
    """`plan`: the pages that fail, as `tests.workers.faulty` reads it."""

    url: str
    settings: Settings
    plan: Path


@contextmanager
def service(folder: Path, database_url: str, *, works: bool = True) -> Iterator[Served]:
    """`works`: whether a worker runs; without one, documents wait."""
    settings = Settings(
        data=folder / "data", database_url=database_url, redis_url=f"unix://{folder}/none.sock", min_free_bytes=1,
        processes=1, lease=10.0,
    )  # fmt: skip
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        plan = folder / "plan"
        running = _Running(settings, listening, plan, works)
        thread = threading.Thread(target=running.run, daemon=True)
        thread.start()
        try:
            assert running.ready.wait(60)
            yield Served(url, settings, plan)
        finally:
            running.stop()
            thread.join(60)
    if running.broken is not None:
        raise running.broken


class _Running:
    def __init__(self, settings: Settings, listening: socket.socket, plan: Path, works: bool) -> None:
        self._settings = settings
        self._listening = listening
        self._plan = plan
        self._works = works
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()
        self.ready = threading.Event()
        self.broken: BaseException | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._run())
        except Exception as error:  # noqa: BLE001 - handed to the test
            self.broken = error
            self.ready.set()

    def stop(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        settings = self._settings
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None, timeout_graceful_shutdown=1))
        serving = asyncio.create_task(server.serve(sockets=[self._listening]))
        while not server.started:
            assert not serving.done()
            await asyncio.sleep(0.02)
        database = Database(settings.database)
        store, locker = FolderStore(settings.blobs_dir), open_locker(settings)
        jobs = Jobs(database, store, locker, engine=engine_mark(), max_queue=settings.max_queue)
        leases = BatchLeases(database, store, jobs, seconds=settings.lease, max_losses=settings.max_losses)
        with Pool(1, MakeFaultyDesk(self._plan)) as pool, Pool(1, MakeDesk(1)) as unpacking:
            parts: list[Worker | Unpacker] = []
            if self._works:
                parts = [
                    Worker(Parts(settings, database, store, locker, pool)),
                    Unpacker(UnpackerParts(settings, leases, store, locker, unpacking)),
                ]
            tasks = [asyncio.create_task(part.run()) for part in parts]
            self.ready.set()
            await self._told.wait()
            for part in parts:
                part.drain()
            server.should_exit = True
            await asyncio.gather(serving, *tasks)
        await database.close()
