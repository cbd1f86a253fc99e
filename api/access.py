"""Who asks: the tenant of the request's key, asked before any of its body is read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.parts import PartsOf
from workers.errors import KeyNeeded, KeyWrong
from workers.keys import DEFAULT_TENANT

_bearer = HTTPBearer(auto_error=False, description="a key made by `gezi keys create`; none is needed until one is made")


async def _tenant(parts: PartsOf, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    """Raises KeyNeeded, KeyWrong."""
    if given is not None:
        tenant = await parts.keys.tenant_of(given.credentials)
        if tenant is None:
            raise KeyWrong("the key is unknown or revoked")
        return tenant
    if not parts.settings.is_loopback or await parts.keys.any_made():
        raise KeyNeeded("a key is needed: Authorization: Bearer …")
    return DEFAULT_TENANT


Tenant = Annotated[str, Depends(_tenant)]
