"""What routes work with, made once when the application starts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from workers.batches import Batches
from workers.blobs import BlobStore
from workers.jobs import Jobs
from workers.keys import Keys
from workers.limiter import Limiter
from workers.queue import Bell
from workers.settings import Settings
from workers.statistics import Statistics
from workers.versions import Versions


class Ringer:
    """Wakes workers without making a request wait: its row is written, and workers look by themselves as well.

    While one ring is on its way, however many more are asked for become one: a worker that wakes looks for
    all work there is.
    """

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._wanted: str | None = None
        self._task: asyncio.Task[None] | None = None

    def ring(self, document_id: str) -> None:
        self._wanted = document_id
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._ring())

    async def _ring(self) -> None:
        while (document_id := self._wanted) is not None:
            self._wanted = None
            await self._bell.ring(document_id)


@dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    jobs: Jobs
    store: BlobStore
    bell: Bell
    keys: Keys
    statistics: Statistics
    limiter: Limiter
    batches: Batches
    versions: Versions
    ringer: Ringer


async def _parts(request: Request) -> Parts:  # a plain function would be run in a thread
    parts = request.app.state.parts
    assert isinstance(parts, Parts)
    return parts


PartsOf = Annotated[Parts, Depends(_parts)]
