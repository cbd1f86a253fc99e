"""Delivers what is in the outbox: signed POST requests, tried again ever later, to checked addresses only.

How a receiver checks a signature is in docs/service.md.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import random
import time
from contextlib import suppress

import httpx

from workers.database import Database
from workers.errors import CallbackRefused, Unavailable
from workers.events import say
from workers.locker import Locker
from workers.outbox import Outbox, Outcome, Parcel
from workers.settings import Settings
from workers.targets import Target, Unresolved, parse_target, resolve

SIDE_BY_SIDE = 16  # attempts under way at once in a worker
POLL = 1.0  # seconds between two looks at the outbox
RECORDING = 60.0  # seconds for which the database is asked again to note an attempt's outcome
LONGEST_PAUSE = 6 * 3600.0  # seconds between two attempts
GROWTH = 3.0  # each pause is so much longer than the one before
GONE = 410  # the receiver says: never again

SIGNATURE_HEADER = "Gezi-Signature"
DELIVERY_HEADER = "Gezi-Delivery"

log = logging.getLogger(__name__)


def signature(secret: str, body: bytes, at: int) -> str:
    """The header's value: the time in seconds since 1970, and HMAC-SHA256 of "TIME.BODY" under it."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


class Courier:
    """Carries the outbox's parcels until `stop`; at the end those under way are finished."""

    def __init__(self, settings: Settings, database: Database, locker: Locker) -> None:
        self._settings = settings
        self._allowed = settings.reachable_networks
        self._outbox = Outbox(database, lease=settings.callback_timeout + 2 * RECORDING)
        self._locker = locker
        self._under_way: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        # No proxy (it would resolve names by itself), no redirects, and no connection kept: one that was checked for
        # one host's certificate must not serve another host of the same address.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False, limits=limits, timeout=None) as client:
            while not self._stopping:
                self._news.clear()
                await self._begin(client)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), POLL)
            if self._under_way:
                await asyncio.wait(self._under_way)

    async def _begin(self, client: httpx.AsyncClient) -> None:
        free = SIDE_BY_SIDE - len(self._under_way)
        if free <= 0:
            return
        try:
            parcels = await self._outbox.claim(free)
        except Unavailable as error:
            say(log, "outbox_unreachable", logging.WARNING, code=error.code)
            return
        for parcel in parcels:
            task = asyncio.create_task(self._carry(client, parcel))
            self._under_way.add(task)
            task.add_done_callback(self._carried)

    def _carried(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._news.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("a callback failed in a way nobody expected", exc_info=task.exception())

    async def _carry(self, client: httpx.AsyncClient, parcel: Parcel) -> None:
        outcome, is_final = await self._attempt(client, parcel)
        is_final = is_final or parcel.attempts >= self._settings.callback_attempts
        delivered = outcome.error_code is None
        told = {"delivery": parcel.id, "subject": parcel.subject_id, "attempt": parcel.attempts}
        name = "callback_delivered" if delivered else "callback_given_up" if is_final else "callback_put_off"
        say(log, name, status=outcome.status, code=outcome.error_code, **told)
        while True:
            try:
                if delivered:
                    await self._outbox.delivered(parcel, outcome)
                elif is_final:
                    await self._outbox.give_up(parcel, outcome)
                else:
                    await self._outbox.put_off(parcel, outcome, self._pause(parcel.attempts))
                return
            except Unavailable as error:
                # The receiver has it: only when this cannot be noted for long, the lease ends and it is told again.
                if time.time() > parcel.lease_until - RECORDING:
                    say(log, "callback_not_noted", logging.ERROR, code=error.code, **told)
                    return
                await asyncio.sleep(POLL)

    def _pause(self, attempts: int) -> float:
        """Seconds until the next attempt; a random part keeps many receivers' retries apart."""
        pause: float = min(LONGEST_PAUSE, self._settings.callback_backoff * GROWTH ** (attempts - 1))
        return pause * random.uniform(0.75, 1.25)

    async def _attempt(self, client: httpx.AsyncClient, parcel: Parcel) -> tuple[Outcome, bool]:
        """The outcome and whether it is final."""
        try:
            target = parse_target(parcel.url, self._allowed)
            async with asyncio.timeout(self._settings.callback_timeout):
                status = await self._post(client, target, parcel)
        except CallbackRefused as error:
            return Outcome(None, error.code), True
        except Unresolved:
            return Outcome(None, "unresolved"), False
        except (TimeoutError, httpx.TimeoutException):
            return Outcome(None, "timed_out"), False
        except httpx.TransportError:
            return Outcome(None, "unreachable"), False
        if 200 <= status < 300:
            return Outcome(status, None), True
        code = "redirected" if 300 <= status < 400 else "refused_by_receiver"
        return Outcome(status, code), status == GONE

    async def _post(self, client: httpx.AsyncClient, target: Target, parcel: Parcel) -> int:
        addresses = await resolve(target, self._allowed)
        body, at = parcel.body.encode(), int(time.time())
        headers = {
            "Host": target.url.netloc.decode("ascii"),
            "Content-Type": "application/json",
            "User-Agent": "gezi",
            DELIVERY_HEADER: parcel.id,
            "Idempotency-Key": parcel.id,
            SIGNATURE_HEADER: signature(self._locker.callback_secret(parcel.tenant), body, at),
        }
        for n, address in enumerate(addresses, 1):
            # The checked address instead of the name; certificates are still checked against the name.
            url = target.url.copy_with(host=address)
            request = client.build_request(
                "POST", url, content=body, headers=headers, extensions={"sni_hostname": target.host}
            )
            try:
                response = await client.send(request, stream=True)
            except httpx.ConnectError:
                if n == len(addresses):
                    raise
                continue
            await response.aclose()  # only the status matters
            return response.status_code
        raise AssertionError("the loop returns or raises")
