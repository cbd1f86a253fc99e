"""Places of a pool: who gets the next one."""

from __future__ import annotations

import asyncio

from workers.slots import Slots


async def _order(size: int, asked: list[tuple[str, int]]) -> list[str]:
    """In which order turns get places, when they all ask at once and each keeps a place for a moment."""
    slots, order = Slots(size), list[str]()

    async def work(turn: str, priority: int) -> None:
        async with slots.one(turn, priority):
            order.append(turn)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(work(*each) for each in asked))
    return order


def test_the_turn_with_the_fewest_places_goes_first() -> None:
    asked = [("long", 5)] * 4 + [("short", 5)]
    assert asyncio.run(_order(2, asked)) == ["long", "long", "short", "long", "long"]
    assert asyncio.run(_order(1, [("a", 5), ("a", 5), ("b", 5)])) == ["a", "a", "b"]


def test_priority_goes_before_all() -> None:
    assert asyncio.run(_order(1, [("a", 5), ("b", 5), ("c", 9)])) == ["a", "c", "b"]


def test_who_gives_up_waiting_leaves_the_place_to_others() -> None:
    async def story() -> None:
        slots = Slots(1)

        async def hold(seconds: float) -> None:
            async with slots.one("x", 5):
                await asyncio.sleep(seconds)

        first = asyncio.create_task(hold(0.05))
        await asyncio.sleep(0)
        second, third = asyncio.create_task(hold(10)), asyncio.create_task(hold(0))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait_for(asyncio.gather(first, third), 5)
        # Cancelled in the very moment in which it gets the place.
        fourth = asyncio.create_task(hold(0))
        await asyncio.sleep(0)
        fifth, sixth = asyncio.create_task(hold(10)), asyncio.create_task(hold(0))
        await asyncio.sleep(0)
        await fourth
        fifth.cancel()
        await asyncio.wait_for(sixth, 5)

    asyncio.run(story())
