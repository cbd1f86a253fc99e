"""Callbacks from the end of the work to a real receiver on loopback."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.workers.receiver import receiver
from tests.workers.test_jobs import House, in_house
from workers.callbacks import Courier, signature
from workers.locker import Locker
from workers.outbox import Outbox, announce_batch
from workers.records import Callback, State
from workers.settings import Settings
from workers.tables import deliveries

DOCS = Path(__file__).parents[2] / "docs" / "service.md"
LOOPBACK = {"callback_networks": "127.0.0.0/8", "callback_backoff": 0.05, "callback_timeout": 5.0}


@asynccontextmanager
async def courier(place: House, **changes: object) -> AsyncIterator[None]:
    settings = Settings(**{**LOOPBACK, **changes})  # type: ignore[arg-type]
    running = Courier(settings, place.database, place.locker)
    task = asyncio.create_task(running.run())
    try:
        yield
    finally:
        running.stop()
        await asyncio.wait_for(task, 30)


async def ended(place: House, url: str, content: bytes = b"%PDF-") -> str:
    """A document that failed, with a callback."""
    document = (await place.accept(content, fresh=True, callback_url=url, tags=("t",))).document
    claim = await place.leases.claim()
    assert claim is not None
    await place.leases.fail(claim, "too_large", "too many pages", 1.0)
    return document.id


async def settled(place: House, document_id: str, state: str) -> Callback:
    end = time.monotonic() + 120
    while True:
        callback = (await place.jobs.find("a", document_id)).callback
        assert callback is not None
        if callback.state == state:
            return callback
        assert time.monotonic() < end, callback
        await asyncio.sleep(0.05)


def test_the_end_is_told_once_signed_and_without_the_document_s_text(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        with receiver(200) as far:
            async with courier(place):
                document_id = await ended(place, far.url)
                callback = await settled(place, document_id, "delivered")
                await asyncio.sleep(1.5)
        assert (callback.attempts, callback.status, callback.error_code) == (1, 200, None)
        assert len(far.got) == 1
        got = far.got[0]
        told = json.loads(got.body)
        assert (got.path, got.headers["host"]) == ("/hook?for=gezi", f"127.0.0.1:{far.port}")
        assert got.headers["gezi-delivery"] == got.headers["idempotency-key"] == told["id"]
        assert told["event"] == "document.ended"
        document = told["document"]
        assert (document["id"], document["state"], document["version"]) == (document_id, "failed", 1)
        assert (document["tags"], document["error"]["code"]) == (["t"], "too_large")
        at = re.fullmatch(r"t=(\d+),v1=[0-9a-f]{64}", got.headers["gezi-signature"])
        assert at is not None
        assert abs(int(at[1]) - time.time()) < 60
        secret = place.locker.callback_secret("a")
        assert got.headers["gezi-signature"] == signature(secret, got.body, int(at[1]))
        assert secret != place.locker.callback_secret("b")

    in_house(tmp_path, story)


def test_the_documented_check_of_a_signature_works() -> None:
    code = re.search(r"```python\n(.*?def is_from_gezi.*?)```", DOCS.read_text("utf-8"), re.S)
    assert code is not None
    names: dict[str, Callable[[str, str, bytes], bool]] = {}
    exec(code[1], names)  # type: ignore[arg-type]
    check, secret, body = names["is_from_gezi"], Locker("s" * 40).callback_secret("a"), b'{"id": "1"}'
    now = int(time.time())
    assert check(secret, signature(secret, body, now), body)
    assert not check(secret, signature(secret, body, now), body + b" ")
    assert not check(secret, signature("other", body, now), body)
    assert not check(secret, signature(secret, body, now - 3600), body)
    for nonsense in ("", "t=1", "v1=2", f"t=x,v1={'0' * 64}"):
        assert not check(secret, nonsense, body)


def test_failures_are_tried_again_under_the_same_id(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        with receiver(500, 302, 0, 204) as far:
            async with courier(place, callback_timeout=1.0):
                callback = await settled(place, await ended(place, far.url), "delivered")
        assert (callback.attempts, callback.status) == (4, 204)
        assert len({got.headers["gezi-delivery"] for got in far.got}) == 1
        assert {got.path for got in far.got} == {"/hook?for=gezi"}  # the redirect was not followed

    in_house(tmp_path, story)


@pytest.mark.parametrize(
    ("answers", "attempts", "status", "code"),
    [([500], 3, 500, "refused_by_receiver"), ([302], 3, 302, "redirected"), ([0], 3, None, "timed_out"),
     ([410], 1, 410, "refused_by_receiver")],
)  # fmt: skip
def test_what_never_succeeds_is_given_up_and_says_why(
    tmp_path: Path, answers: list[int], attempts: int, status: int | None, code: str
) -> None:
    async def story(place: House) -> None:
        with receiver(*answers) as far:
            async with courier(place, callback_attempts=3, callback_timeout=0.5):
                callback = await settled(place, await ended(place, far.url), "given_up")
        assert (callback.attempts, callback.status, callback.error_code) == (attempts, status, code)
        assert len(far.got) == attempts

    in_house(tmp_path, story)


def test_nobody_there_is_tried_again(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def story(place: House) -> None:
        async with courier(place, callback_attempts=2):
            callback = await settled(place, await ended(place, f"http://127.0.0.1:{port}/"), "given_up")
            assert (callback.attempts, callback.error_code) == (2, "unreachable")
            callback = await settled(place, await ended(place, "http://no-such-host.invalid/"), "given_up")
            assert callback.error_code == "unresolved"

    in_house(tmp_path, story)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
def test_a_private_target_gets_no_request(tmp_path: Path, host: str) -> None:
    async def story(place: House) -> None:
        with receiver(200) as far:
            async with courier(place, callback_networks=""):
                callback = await settled(place, await ended(place, f"http://{host}:{far.port}/"), "given_up")
        assert (callback.attempts, callback.error_code) == (1, "callback_refused")
        assert far.got == []

    in_house(tmp_path, story)


def test_the_connection_goes_to_the_address_that_was_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere when it is asked a second time (DNS rebinding)."""
    real, asked = socket.getaddrinfo, list[str]()

    def rebinding(host: str | bytes, *rest: object, **more: object) -> object:
        name = host.decode() if isinstance(host, bytes) else host
        if name == "rebinding.example":
            asked.append(name)
            return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", *rest, **more)  # type: ignore[arg-type]
        return real(host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)

    async def story(place: House) -> None:
        with receiver(200) as far:
            async with courier(place):
                await settled(place, await ended(place, f"http://rebinding.example:{far.port}/"), "delivered")
        assert [got.headers["host"] for got in far.got] == [f"rebinding.example:{far.port}"]
        assert len(asked) == 1

    in_house(tmp_path, story)


def test_a_worker_that_dies_before_or_while_delivering_costs_no_delivery(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        with receiver(200) as far:
            document_id = await ended(place, far.url)  # nobody delivers: as after a crash at the commit
            lost = await Outbox(place.database, lease=1.5).claim(10)  # as after a crash in the middle of an attempt
            assert [parcel.attempts for parcel in lost] == [1]
            async with courier(place):
                await asyncio.sleep(0.5)
                assert far.got == []  # the lease of the dead one still counts
                callback = await settled(place, document_id, "delivered")
        assert (callback.attempts, len(far.got)) == (2, 1)
        assert far.got[0].headers["gezi-delivery"] == lost[0].id

    in_house(tmp_path, story)


def test_two_couriers_deliver_each_end_once(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        with receiver(200) as far:
            async with courier(place), courier(place):
                ids = [await ended(place, far.url, str(n).encode()) for n in range(12)]
                for document_id in ids:
                    await settled(place, document_id, "delivered")
        told = [json.loads(got.body)["document"]["id"] for got in far.got]
        assert sorted(told) == sorted(ids)

    in_house(tmp_path, story)


def test_every_way_to_an_end_is_told(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        url = "https://example.org/"

        async def state(document_id: str) -> str | None:
            callback = (await place.jobs.find("a", document_id)).callback
            assert callback is not None
            return callback.state

        first = (await place.accept(callback_url=url)).document
        assert await state(first.id) is None
        claim = await place.leases.claim()
        assert claim is not None
        await place.store.put("results/a/r.json.gz", b"result")
        await place.leases.finish(claim, State.SUCCEEDED, 1.0, "results/a/r.json.gz")
        assert await state(first.id) == "pending"
        shared = (await place.accept(callback_url=url)).document
        assert await state(shared.id) == "pending"
        cancelled = (await place.accept(b"c", callback_url=url)).document
        for _ in range(2):
            await place.jobs.cancel("a", cancelled.id)
        assert await state(cancelled.id) == "pending"
        poisoned = (await place.accept(b"p", callback_url=url)).document
        await place.leases.claim()
        await place.change(lease_until=0.0)
        await place.leases.reap()
        assert await state(poisoned.id) == "pending"
        silent = (await place.accept(b"s")).document
        await place.jobs.cancel("a", silent.id)
        async with place.database.read() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(deliveries)) == 4
        for document in (first, shared, cancelled, poisoned, silent):
            await place.jobs.delete("a", document.id)
        async with place.database.read() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(deliveries)) == 0

    in_house(tmp_path, story, max_losses=1)


def test_a_batch_s_end_is_told(tmp_path: Path) -> None:
    async def story(place: House) -> None:
        with receiver(200) as far:
            async with courier(place):
                async with place.database.write() as connection:
                    told = {"state": "ended", "succeeded": 3}
                    await announce_batch(connection, tenant="a", batch_id="b" * 32, url=far.url, told=told)
                end = time.monotonic() + 120
                while not far.got and time.monotonic() < end:
                    await asyncio.sleep(0.05)
        body = json.loads(far.got[0].body)
        assert (body["event"], body["batch"]) == ("batch.ended", {"id": "b" * 32, **told})

    in_house(tmp_path, story)
