"""Tells a key how it stands with its requests a minute, in the headers of draft-ietf-httpapi-ratelimit-headers."""

from __future__ import annotations

import math

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workers.errors import RateLimited
from workers.keys import Key
from workers.limiter import MINUTE, Limiter, Standing

_STANDING = "gezi_standing"


async def take_request(request: Request, limiter: Limiter, key: Key) -> None:
    """Count a request. Raises RateLimited."""
    if key.rate is None:
        return
    standing = await limiter.take(key.id, key.rate)
    request.scope.setdefault("state", {})[_STANDING] = standing
    if not standing.allowed:
        raise RateLimited(f"this key may make {key.rate} requests a minute", standing.retry_after)


class RateHeaders:
    """Adds RateLimit-Policy and RateLimit to answers to keys that have a rate."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            standing = scope.get("state", {}).get(_STANDING)
            if message["type"] == "http.response.start" and isinstance(standing, Standing):
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"] = f'"requests";q={standing.rate};w={MINUTE:.0f}'
                wait = math.ceil(standing.refill) if standing.allowed else standing.retry_after
                headers["RateLimit"] = f'"requests";r={standing.remaining};t={wait}'
            await send(message)

        await self._app(scope, receive, told if scope["type"] == "http" else send)
