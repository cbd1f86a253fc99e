"""Who asks: the tenant of the request's key, asked before any of its body is read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.limits import take_request
from api.parts import PartsOf
from workers.errors import KeyNeeded, KeyWrong
from workers.keys import DEFAULT_TENANT

_bearer = HTTPBearer(auto_error=False, description="a key made by `gezi keys create`; none is needed until one is made")


async def _tenant(
    request: Request, parts: PartsOf, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> str:
    """Raises KeyNeeded, KeyWrong, RateLimited."""
    if given is not None:
        key = await parts.keys.find(given.credentials)
        if key is None:
            raise KeyWrong("the key is unknown or revoked")
        request.state.key_id = key.id
        await take_request(request, parts.limiter, key)
        return key.tenant
    if not parts.settings.is_loopback or await parts.keys.any_made():
        raise KeyNeeded("a key is needed: Authorization: Bearer …")
    return DEFAULT_TENANT


def key_of(request: Request) -> str | None:
    """The id of the request's key, once its tenant was asked for."""
    key_id = getattr(request.state, "key_id", None)
    return key_id if isinstance(key_id, str) else None


Tenant = Annotated[str, Depends(_tenant)]
