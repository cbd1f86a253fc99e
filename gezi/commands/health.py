"""`gezi health`: for a container's health check."""

from __future__ import annotations

import argparse
import asyncio
import sys

import httpx

from workers.database import Database
from workers.errors import ServiceError
from workers.leases import Leases
from workers.settings import Settings, load_settings

PATIENCE = 5.0  # seconds
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def run(args: argparse.Namespace) -> int:
    settings = load_settings()
    trouble = asyncio.run(_worker(settings)) if args.worker else _api(settings)
    if trouble:
        print(f"gezi: {trouble}", file=sys.stderr)
    return 1 if trouble else 0


def _api(settings: Settings) -> str:
    """What is wrong, or nothing."""
    host = EVERYWHERE.get(settings.host, settings.host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/healthz"
    try:
        status = httpx.get(address, timeout=PATIENCE, trust_env=False).status_code
    except httpx.TransportError:
        return f"no API answers at {address}"
    return "" if status == 200 else f"{address} answers {status}"


async def _worker(settings: Settings) -> str:
    database = Database(settings.database)
    try:
        leases = Leases(database, seconds=settings.lease, max_losses=settings.max_losses)
        return "" if await leases.heard_here(settings.lease) else "no worker of this host was heard of lately"
    except ServiceError as error:
        return error.message
    finally:
        await database.close()
