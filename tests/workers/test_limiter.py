"""Requests a minute, counted in a real Redis by several processes' limiters, and without it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.workers.test_queue import server
from workers.embedded import redis_url
from workers.limiter import Limiter, Standing
from workers.settings import Settings


async def _taken(limiters: list[Limiter], rate: int, times: int, key: str = "k") -> list[Standing]:
    return [await limiters[n % len(limiters)].take(key, rate) for n in range(times)]


def test_limiters_of_several_processes_agree(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)

    async def story() -> None:
        limiters = [Limiter(redis_url(settings)) for _ in range(2)]
        standings = await _taken(limiters, 6, 8)
        assert [standing.allowed for standing in standings] == [True] * 6 + [False] * 2
        assert standings[0].remaining == 5
        assert standings[-1].remaining == 0
        assert 1 <= standings[-1].retry_after <= 10
        assert (await limiters[0].take("another", 6)).allowed
        for limiter in limiters:
            await limiter.close()

    with server(settings):
        asyncio.run(story())


def test_an_allowance_fills_up_again(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)

    async def story(limiter: Limiter) -> None:
        standings = await _taken([limiter], 600, 650)  # ten a second
        assert 600 <= sum(standing.allowed for standing in standings) < 650
        assert standings[-1].retry_after == 1
        end = time.monotonic() + 60
        while not (await limiter.take("k", 600)).allowed:
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
        await limiter.close()

    with server(settings):
        asyncio.run(story(Limiter(redis_url(settings))))
    asyncio.run(story(Limiter("unix:///nowhere/redis.sock")))


@pytest.mark.parametrize("rate", [1, 7, 60, 1000])
def test_without_redis_a_process_counts_alone(rate: int) -> None:
    async def story() -> None:
        limiter = Limiter("unix:///nowhere/redis.sock")
        first = await limiter.take("k", rate)
        assert (first.allowed, first.remaining) == (True, rate - 1)
        limiter._full["k"] += 60.0
        refused = await limiter.take("k", rate)
        assert (refused.allowed, refused.remaining) == (False, 0)
        assert refused.retry_after >= 1
        await limiter.close()

    asyncio.run(story())
