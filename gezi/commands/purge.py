"""`gezi purge`: erase documents whose work ended long ago, with all that belongs to them."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from workers.database import Database
from workers.purging import purge
from workers.retention import sweep_orphans
from workers.settings import load_settings
from workers.stores import open_store

DAY = 24 * 3600.0


def run(args: argparse.Namespace) -> int:
    erased, swept = asyncio.run(_purge(time.time() - args.older_than * DAY))
    print(f"{erased} document(s) erased", file=sys.stderr)
    if swept:
        print(f"{swept} file(s) that nobody owned erased", file=sys.stderr)
    return 0


async def _purge(before: float) -> tuple[int, int]:
    settings = load_settings()
    database = Database(settings.database)
    try:
        await database.migrate()
        store = open_store(settings)
        return await purge(database, store, before), await sweep_orphans(database, store)
    finally:
        await database.close()
