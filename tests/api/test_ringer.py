"""Waking workers: no request waits for it, and a crowd of requests wakes them once."""

from __future__ import annotations

import asyncio

from api.parts import Ringer
from workers.queue import Bell


class SlowBell(Bell):
    """A queue that is slow to answer."""

    def __init__(self) -> None:
        super().__init__("unix:///nowhere/redis.sock")
        self.rung: list[str] = []
        self.answers_now = asyncio.Event()

    async def ring(self, document_id: str) -> bool:
        self.rung.append(document_id)
        await self.answers_now.wait()
        return True


def test_what_is_asked_for_while_one_ring_is_on_its_way_becomes_one_more() -> None:
    async def story() -> None:
        bell = SlowBell()
        ringer = Ringer(bell)
        ringer.ring("a")
        await asyncio.sleep(0)
        for name in "bcd":
            ringer.ring(name)
        await asyncio.sleep(0)
        assert bell.rung == ["a"]
        bell.answers_now.set()
        while len(bell.rung) < 2:
            await asyncio.sleep(0)
        ringer.ring("e")  # after all is quiet again
        while len(bell.rung) < 3:
            await asyncio.sleep(0)
        assert bell.rung == ["a", "d", "e"]

    asyncio.run(story())
