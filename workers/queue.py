"""arq, and nothing else of it elsewhere: it wakes workers, no more.

A wake-up carries a document's id. Which job runs is asked of the database; a worker that is not
woken looks there by itself every few seconds, so a queue that is lost or down costs only time.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, func
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from workers.events import say

QUEUE = "gezi:wake"
HEALTH_KEY = "gezi:wake:health"
EXPIRES = 30 * 24 * 3600 * 1000  # milliseconds; arq calls what waited longer than a day expired unless told
RECONNECT = 2.0  # seconds between attempts to hear the queue again
LOST = (RedisError, OSError, asyncio.TimeoutError)

log = logging.getLogger(__name__)


def redis_settings(url: str, *, patient: bool) -> RedisSettings:
    """`patient`: a listener outlives an outage of seconds; a caller that only gives a hint does not wait."""
    settings = RedisSettings.from_dsn(url)
    settings.conn_timeout = 5 if patient else 1
    settings.conn_retries = 5 if patient else 0
    if patient:
        settings.retry_on_timeout = True
        settings.retry_on_error = [RedisConnectionError, RedisTimeoutError, OSError]
        settings.retry = Retry(ExponentialBackoff(), 20)
    return settings


def _pack(values: dict[str, Any]) -> bytes:
    return json.dumps(values).encode()


def _unpack(raw: bytes) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(raw)
    return values


class Bell:
    """The side that wakes. Never raises for a queue that is down; says whether it rang."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._redis: ArqRedis | None = None

    async def ring(self, document_id: str) -> bool:
        try:
            redis = await self._connected()
            await redis.enqueue_job(
                "wake", document_id, _job_id=document_id, _queue_name=QUEUE, _expires=EXPIRES / 1000
            )
        except LOST:
            await self.close()
            say(log, "queue_unreachable", logging.WARNING, document=document_id)
            return False
        return True

    async def answers(self) -> bool:
        try:
            return bool(await (await self._connected()).ping())
        except LOST:
            await self.close()
            return False

    async def _connected(self) -> ArqRedis:
        if self._redis is None:
            settings = redis_settings(self._url, patient=False)
            self._redis = await create_pool(settings, job_serializer=_pack, job_deserializer=_unpack)
        return self._redis

    async def close(self) -> None:
        redis, self._redis = self._redis, None
        if redis is not None:
            try:
                await redis.aclose(close_connection_pool=True)
            except LOST:  # it is gone already
                return


async def listen(url: str, woken: Callable[[str], Awaitable[None]]) -> None:
    """Call `woken` for each wake-up until cancelled; come back after every outage."""

    async def wake(_: dict[Any, Any], document_id: str) -> None:
        await woken(document_id)

    while True:
        worker = Worker(
            # arq asks for a protocol that no plain coroutine function meets under strict typing.
            functions=[func(wake, name="wake", keep_result=0, timeout=30, max_tries=3)],  # type: ignore[arg-type]
            queue_name=QUEUE,
            redis_settings=redis_settings(url, patient=True),
            handle_signals=False,
            keep_result=0,
            log_results=False,
            health_check_interval=15,
            health_check_key=HEALTH_KEY,
            expires_extra_ms=EXPIRES,
            job_serializer=_pack,
            job_deserializer=_unpack,
        )
        try:
            await worker.async_run()
        except LOST:
            say(log, "queue_lost", logging.WARNING)
        finally:
            await _leave(worker)
        await asyncio.sleep(RECONNECT)


async def _leave(worker: Worker) -> None:
    try:
        await worker.close()
    except (*LOST, AttributeError):  # never connected, or its connection is gone
        return
