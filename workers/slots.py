"""A pool's processes as places that turns take: whoever has fewest of them gets the next one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Waiter:
    turn: str
    priority: int
    place: asyncio.Future[None]


class Slots:
    """A semaphore that gives by priority, then to the turn with the fewest places, then in order of asking."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._taken: Counter[str] = Counter()
        self._waiting: list[_Waiter] = []

    @asynccontextmanager
    async def one(self, turn: str, priority: int) -> AsyncIterator[None]:
        await self._take(turn, priority)
        try:
            yield
        finally:
            self._taken[turn] -= 1
            if self._taken[turn] == 0:
                del self._taken[turn]
            self._free += 1
            self._give()

    async def _take(self, turn: str, priority: int) -> None:
        waiter = _Waiter(turn, priority, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._give()
        try:
            await waiter.place
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            elif not waiter.place.cancelled():  # it was given in the same moment: hand it on
                self._taken[turn] -= 1
                self._free += 1
                self._give()
            raise

    def _give(self) -> None:
        self._waiting = [waiter for waiter in self._waiting if not waiter.place.done()]
        while self._free and self._waiting:
            # `min` takes the first of equals: the order of asking.
            best = min(self._waiting, key=lambda waiter: (-waiter.priority, self._taken[waiter.turn]))
            self._waiting.remove(best)
            self._free -= 1
            self._taken[best.turn] += 1
            best.place.set_result(None)
