"""API keys: who may ask the service, and for which tenant. Only a key's hash is stored."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from workers.database import Database
from workers.errors import BadRequest, NotFound
from workers.tables import api_keys

PREFIX = "gezi_"
DEFAULT_TENANT = "default"
TENANT_PATTERN = r"[a-z0-9][a-z0-9-]{0,62}"  # it is part of blobs' names


_ANY = sa.select(api_keys.c.id).limit(1)
# The key is random and long: a plain hash cannot be searched for it, and a look-up by it leaks no timing.
_LIVE = sa.select(api_keys).where(api_keys.c.hash == sa.bindparam("wanted"), api_keys.c.revoked.is_(None))


@dataclass(frozen=True, slots=True)
class Limits:
    """What a key may do; None: as much as it likes. `rate`: requests a minute; `max_waiting`: documents not ended."""

    rate: int | None = None
    pages_a_day: int | None = None
    max_waiting: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. Times in seconds since 1970."""

    id: str
    tenant: str
    name: str
    created: float
    revoked: float | None
    limits: Limits = NO_LIMITS

    @property
    def rate(self) -> int | None:
        return self.limits.rate


class Keys:
    """Raises DatabaseFailed where the database cannot be asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._any_made = False

    async def create(self, tenant: str, name: str, limits: Limits = NO_LIMITS) -> tuple[Key, str]:
        """A new key and its secret, which is not to be had again. Raises BadRequest."""
        if not re.fullmatch(TENANT_PATTERN, tenant):
            raise BadRequest("a tenant's name has small letters, digits and hyphens, 63 at most")
        secret = PREFIX + secrets.token_urlsafe(32)
        if any(limit is not None and limit < 1 for limit in dataclasses.astuple(limits)):
            raise BadRequest("a limit is 1 at least")
        key = Key(secrets.token_hex(4), tenant, name[:100], time.time(), None, limits)
        row = {"id": key.id, "tenant": tenant, "name": key.name, "hash": _hashed(secret), "created": key.created}
        row |= dataclasses.asdict(limits)
        async with self._database.write() as connection:
            await connection.execute(sa.insert(api_keys).values(row))
        return key, secret

    async def listing(self) -> list[Key]:
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(api_keys).order_by(api_keys.c.created))
            return [_key(row) for row in rows]

    async def revoke(self, key_id: str) -> None:
        """Raises NotFound."""
        live = (api_keys.c.id == key_id, api_keys.c.revoked.is_(None))
        async with self._database.write() as connection:
            if (await connection.execute(sa.update(api_keys).where(*live).values(revoked=time.time()))).rowcount == 0:
                raise NotFound("there is no such key, or it is revoked already")

    async def find(self, secret: str) -> Key | None:
        """The key, if it counts."""
        async with self._database.read() as connection:
            row = (await connection.execute(_LIVE, {"wanted": _hashed(secret)})).first()
            return None if row is None else _key(row)

    async def any_made(self) -> bool:
        """Whether a key was ever made: revoking the last one does not open the service again."""
        if not self._any_made:  # once so, always so
            async with self._database.read() as connection:
                self._any_made = await connection.scalar(_ANY) is not None
        return self._any_made


def _key(row: sa.Row[Any]) -> Key:
    limits = Limits(row.rate, row.pages_a_day, row.max_waiting)
    return Key(row.id, row.tenant, row.name, row.created, row.revoked, limits)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
