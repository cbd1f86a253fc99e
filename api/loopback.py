"""On loopback the service is for this machine alone: web pages of others must not reach it through a browser."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem

OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class OwnMachineOnly:
    """Refuses a Host that is not loopback (a foreign name that leads here) and an Origin of another site."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            if not _own(f"//{headers.get('host', '')}"):
                await problem(400, "foreign_host", "the service answers for this machine only")(scope, receive, send)
                return
            if origin is not None and not _own(origin):
                refusal = problem(403, "foreign_origin", "another site's page may not ask this service")
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _own(url: str) -> bool:
    try:
        return urlsplit(url).hostname in OWN_NAMES
    except ValueError:
        return False
