"""How many requests a minute a key may make, counted in Redis so that all API processes agree.

GCRA (the leaky bucket as a meter, ITU-T I.371): a key's whole allowance may come at once, then it
fills up again evenly. While Redis is away each process counts by itself: somewhat more gets through,
nothing is refused that would not have been refused.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import cast

from redis.asyncio import Redis

from workers.events import say
from workers.queue import LOST

MINUTE = 60.0
PREFIX = "gezi:rate:"
AWAY = 5.0  # seconds for which Redis is not asked again after it did not answer
TIMEOUT = 1.0  # seconds in which it must answer

# KEYS[1]: the key's; ARGV[1]: requests a minute. The time is Redis's own, so that hosts' clocks do not matter.
# Gives whether the request may pass, and the microseconds after which the whole allowance is there again.
_SCRIPT = """
local told = redis.call('TIME')
local now = told[1] * 1000000 + told[2]
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local later = full + 60000000 / tonumber(ARGV[1])
if later - now > 60000001 then return {0, math.floor(full - now)} end
redis.call('SET', KEYS[1], string.format('%.0f', later), 'PX', math.ceil((later - now) / 1000))
return {1, math.floor(later - now)}
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a key stands after a request. `refill`: seconds until its whole allowance is there again."""

    allowed: bool
    rate: int
    refill: float

    @property
    def remaining(self) -> int:
        """Requests that may follow at once."""
        return max(0, math.floor((MINUTE - self.refill) * self.rate / MINUTE + 1e-6))

    @property
    def retry_after(self) -> int:
        """Whole seconds until a request is allowed again, 1 at least."""
        return max(1, math.ceil(self.refill + MINUTE / self.rate - MINUTE))


class Limiter:
    """Never raises for a Redis that is down."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
        self._script = self._redis.register_script(_SCRIPT)
        self._away_until = 0.0
        self._full: dict[str, float] = {}  # when each key's allowance is whole again, as counted here

    async def take(self, key_id: str, rate: int) -> Standing:
        """Count a request of a key that may make `rate` a minute."""
        if time.monotonic() >= self._away_until:
            try:
                asked = cast(Awaitable[list[int]], self._script(keys=[PREFIX + key_id], args=[rate]))
                allowed, refill = await asked
                return Standing(bool(allowed), rate, refill / 1e6)
            except LOST:
                self._away_until = time.monotonic() + AWAY
                say(log, "rates_counted_alone", logging.WARNING)
        return self._take_here(key_id, rate)

    def _take_here(self, key_id: str, rate: int) -> Standing:
        now = time.monotonic()
        full = max(self._full.get(key_id, now), now)
        later = full + MINUTE / rate
        if later - now > MINUTE + 1e-6:
            return Standing(False, rate, full - now)
        self._full[key_id] = later
        return Standing(True, rate, later - now)

    async def close(self) -> None:
        await self._redis.aclose()
