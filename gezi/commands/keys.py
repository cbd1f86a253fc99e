"""`gezi keys create | list | revoke | secret`: who may ask the service, and what signs its callbacks."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from workers.database import Database
from workers.keys import Keys
from workers.locker import open_locker
from workers.settings import load_settings


def run(args: argparse.Namespace) -> int:
    if args.action == "secret":
        print(open_locker(load_settings()).callback_secret(args.tenant))
        return 0
    return asyncio.run(_run(args))


async def _run(args: argparse.Namespace) -> int:
    database = Database(load_settings().database)
    try:
        await database.migrate()
        await _act(Keys(database), args)
    finally:
        await database.close()
    return 0


async def _act(keys: Keys, args: argparse.Namespace) -> None:
    if args.action == "create":
        key, secret = await keys.create(args.tenant, args.name)
        print(f"key {key.id} of tenant {key.tenant}; it is shown this once:", file=sys.stderr)
        print(secret)
    elif args.action == "revoke":
        await keys.revoke(args.id)
        print(f"key {args.id} is revoked", file=sys.stderr)
    else:
        for key in await keys.listing():
            made = time.strftime("%Y-%m-%d", time.gmtime(key.created))
            print(f"{key.id}  {key.tenant:20} {made}  {'revoked' if key.revoked else 'counts':7}  {key.name}")
