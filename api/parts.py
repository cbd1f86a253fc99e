"""What routes work with, made once when the application starts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
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
    _ringing: set[asyncio.Task[bool]] = field(default_factory=set)

    def ring(self, document_id: str) -> None:
        """Wake a worker. The answer does not wait for it: the row is written, workers look by themselves."""
        task = asyncio.create_task(self.bell.ring(document_id))
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)


def _parts(request: Request) -> Parts:
    parts = request.app.state.parts
    assert isinstance(parts, Parts)
    return parts


PartsOf = Annotated[Parts, Depends(_parts)]
