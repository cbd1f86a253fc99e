"""What leaves by itself: documents past their time, uploads that broke off, and blobs that nobody owns.

Workers look now and then; the database says whose turn it is, so that many workers do it once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

import sqlalchemy as sa

from workers.blobs import BlobStore
from workers.database import Database, upsert
from workers.errors import Unavailable
from workers.events import say
from workers.purging import purge
from workers.settings import Settings
from workers.tables import blobs, chores

DAY = 24 * 3600.0
LOOK = 60.0  # seconds between two looks whether something is due
PURGE_EVERY = 600.0  # seconds
SWEEP_EVERY = 3600.0  # seconds
# A blob is put in place within the transaction that owns it, which takes seconds: after an hour nobody comes for it.
ORPHAN_AGE = 3600.0
STALE_UPLOADS = DAY  # seconds after which bytes whose upload never ended are swept up
TOPS = ("uploads", "results", "pages", "checks")

log = logging.getLogger(__name__)


class Caretaker:
    """Looks after what is stored until `stop`."""

    def __init__(self, settings: Settings, database: Database, store: BlobStore) -> None:
        self._settings = settings
        self._database = database
        self._store = store
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> None:
        while not self._stopped.is_set():
            try:
                await self.look()
            except Unavailable as error:
                say(log, "tidying_failed", logging.WARNING, code=error.code)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), LOOK)

    async def look(self) -> None:
        """Do what is due. Raises DatabaseFailed, StorageFailed."""
        days = self._settings.retention_days
        if days > 0 and await take_chore(self._database, "purge", PURGE_EVERY):
            erased = await purge(self._database, self._store, time.time() - days * DAY)
            if erased:
                say(log, "documents_purged", documents=erased)
        if await take_chore(self._database, "sweep", SWEEP_EVERY):
            await self._store.sweep(STALE_UPLOADS)
            swept = await sweep_orphans(self._database, self._store)
            if swept:
                say(log, "orphans_swept", logging.WARNING, blobs=swept)


async def take_chore(database: Database, name: str, period: float) -> bool:
    """Whether this process is the one to do it now; then nobody else is for so many seconds."""
    now = time.time()
    async with database.read() as connection:  # most looks need no write lock
        done = await connection.scalar(sa.select(chores.c.at).where(chores.c.name == name))
    if done is not None and done > now - period:
        return False
    async with database.write() as connection:
        mine = upsert(connection, chores).values(name=name, at=now)
        taken = mine.on_conflict_do_update(
            index_elements=[chores.c.name], set_={"at": now}, where=chores.c.at <= now - period
        ).returning(chores.c.name)
        return (await connection.execute(taken)).first() is not None


async def sweep_orphans(database: Database, store: BlobStore, older_than: float = ORPHAN_AGE) -> int:
    """Erase blobs that nobody owns and that are older than so many seconds; how many.

    They are left by workers that died between storing a result and noting it. Raises DatabaseFailed, StorageFailed.
    """
    swept = 0
    for top in TOPS:
        async for keys in store.listing(top, older_than):
            async with database.read() as connection:
                owned = set(await connection.scalars(sa.select(blobs.c.key).where(blobs.c.key.in_(keys))))
            for key in keys:
                if key not in owned and await _erase_orphan(database, store, key, older_than):
                    swept += 1
    return swept


async def _erase_orphan(database: Database, store: BlobStore, key: str, older_than: float) -> bool:
    """Erase a blob while nobody else can come to own it: an upload of the same bytes waits for our row, or we its."""
    async with database.write() as connection:
        mine = upsert(connection, blobs).values(key=key, owners=0).on_conflict_do_nothing().returning(blobs.c.key)
        if (await connection.execute(mine)).first() is None:
            return False  # it has an owner by now
        age = await store.age(key)
        is_orphan = age is not None and age > older_than
        if is_orphan:
            await store.erase(key)
        await connection.execute(sa.delete(blobs).where(blobs.c.key == key))
        return is_orphan
