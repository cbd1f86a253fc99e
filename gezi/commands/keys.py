"""`gezi keys create | list | revoke | secret`: who may ask the service, and what signs its callbacks."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from workers.database import Database
from workers.keys import Keys, Limits
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
        limits = Limits(args.rate, args.pages_a_day, args.max_waiting)
        key, secret = await keys.create(args.tenant, args.name, limits)
        print(f"key {key.id} of tenant {key.tenant}; it is shown this once:", file=sys.stderr)
        print(secret)
    elif args.action == "revoke":
        await keys.revoke(args.id)
        print(f"key {args.id} is revoked", file=sys.stderr)
    else:
        for key in await keys.listing():
            made = time.strftime("%Y-%m-%d", time.gmtime(key.created))
            state = "revoked" if key.revoked else "counts"
            print(f"{key.id}  {key.tenant:20} {made}  {state:7}  {_told(key.limits):28}  {key.name}".rstrip())


def _told(limits: Limits) -> str:
    parts = ((limits.rate, "/min"), (limits.pages_a_day, " pages/day"), (limits.max_waiting, " waiting"))
    return ", ".join(f"{limit}{unit}" for limit, unit in parts if limit is not None) or "no limits"
