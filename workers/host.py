"""One worker process from its settings: parts put together, signals heard, everything closed at the end."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack

from workers.blobs import FolderStore
from workers.callbacks import Courier
from workers.database import Database
from workers.desk import Desk, MakeDesk
from workers.embedded import redis_url
from workers.events import say
from workers.locker import open_locker
from workers.pool import Pool, Recycle
from workers.queue import listen
from workers.service import Parts, Worker
from workers.settings import Settings

log = logging.getLogger(__name__)


async def work(settings: Settings, make_desk: Callable[[], Desk] | None = None) -> None:
    """Work until SIGTERM or SIGINT, then drain. Raises a ModelError when the models cannot be loaded.

    `make_desk`: other readers than the models, for tests of the service alone.
    """
    async with AsyncExitStack() as stack:
        database = Database(settings.database)
        stack.push_async_callback(database.close)
        await database.migrate()
        recycle = Recycle(settings.recycle_pages, settings.recycle_bytes)
        pool = Pool(settings.processes, make_desk or MakeDesk(settings.threads), recycle)
        stack.push_async_callback(asyncio.to_thread, pool.close, kill=True)
        store = FolderStore(settings.blobs_dir)
        locker = open_locker(settings)
        worker = Worker(Parts(settings, database, store, locker, pool))
        courier = Courier(settings, database, locker)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, worker.drain)
        await worker.self_test()
        listener = asyncio.create_task(listen(redis_url(settings), worker.wake))
        carrying = asyncio.create_task(courier.run())
        carrying.add_done_callback(lambda _: worker.drain())  # broken: better leave and be started anew
        say(log, "worker_ready", processes=settings.processes)
        try:
            await worker.run()
        finally:
            courier.stop()
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
        await carrying
        say(log, "worker_stopped")
