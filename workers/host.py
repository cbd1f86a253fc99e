"""One worker process from its settings: parts put together, signals heard, everything closed at the end."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack

from workers.batchleases import BatchLeases
from workers.blobs import BlobStore
from workers.callbacks import Courier
from workers.database import Database
from workers.desk import Desk, MakeDesk
from workers.embedded import redis_url
from workers.engines import engine_mark
from workers.events import say
from workers.jobs import Jobs
from workers.locker import Locker, open_locker
from workers.pool import Pool, Recycle
from workers.queue import listen
from workers.retention import Caretaker
from workers.service import Parts, Worker
from workers.settings import Settings
from workers.stores import open_store
from workers.unpacking import Unpacker, UnpackerParts

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
        desks = make_desk or MakeDesk(settings.threads)
        pool = Pool(settings.processes, desks, recycle, niceness=settings.niceness)
        stack.push_async_callback(asyncio.to_thread, pool.close, kill=True)
        store = open_store(settings)
        stack.push_async_callback(store.close)
        locker = open_locker(settings)
        worker = Worker(Parts(settings, database, store, locker, pool))
        unpacker = await _unpacker(settings, database, store, locker, stack)
        courier = Courier(settings, database, locker)
        caretaker = Caretaker(settings, database, store)
        loop = asyncio.get_running_loop()

        def drain() -> None:
            worker.drain()
            unpacker.drain()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, drain)
        await worker.self_test()
        listener = asyncio.create_task(listen(redis_url(settings), worker.wake))
        unpacking = asyncio.create_task(unpacker.run())
        unpacking.add_done_callback(lambda _: drain())  # a worker without one of its parts is started anew
        carrying = asyncio.create_task(courier.run())
        carrying.add_done_callback(lambda _: drain())
        tidying = asyncio.create_task(caretaker.run())
        tidying.add_done_callback(lambda _: drain())
        say(log, "worker_ready", processes=settings.processes)
        try:
            await worker.run()
        finally:
            courier.stop()
            caretaker.stop()
            listener.cancel()
            unpacker.drain()
            parts = (unpacking, carrying, tidying)
            await asyncio.wait(parts, timeout=settings.drain)
            for part in parts:
                part.cancel()
            for outcome in await asyncio.gather(listener, *parts, return_exceptions=True):
                if isinstance(outcome, Exception):
                    log.error("a part of the worker broke", exc_info=outcome)
        say(log, "worker_stopped")


async def _unpacker(
    settings: Settings, database: Database, store: BlobStore, locker: Locker, stack: AsyncExitStack
) -> Unpacker:
    """With a process of its own that starts with the first archive and never loads a model."""
    jobs = Jobs(database, store, locker, engine=engine_mark(), max_queue=settings.max_queue)
    leases = BatchLeases(database, store, jobs, seconds=settings.lease, max_losses=settings.max_losses)
    pool = Pool(1, MakeDesk(1), Recycle(tasks=50), niceness=settings.niceness)
    stack.push_async_callback(asyncio.to_thread, pool.close, kill=True)
    return Unpacker(UnpackerParts(settings, leases, store, locker, pool))
