"""`gezi purge`: erase documents whose work ended long ago, with all that belongs to them."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from workers.blobs import FolderStore
from workers.database import Database
from workers.purging import purge
from workers.settings import load_settings

DAY = 24 * 3600.0


def run(args: argparse.Namespace) -> int:
    erased = asyncio.run(_purge(time.time() - args.older_than * DAY))
    print(f"{erased} document(s) erased", file=sys.stderr)
    return 0


async def _purge(before: float) -> int:
    settings = load_settings()
    database = Database(settings.database)
    try:
        await database.migrate()
        return await purge(database, FolderStore(settings.blobs_dir), before)
    finally:
        await database.close()
