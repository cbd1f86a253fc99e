"""The log: one JSON line an event with the document's id; no text, key or password, no callback's address."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from tests.databases import fresh_database
from tests.paper import save
from tests.workers.receiver import receiver
from tests.workers.test_service import TABLE, Shop, shop
from workers.callbacks import Courier
from workers.database import Database
from workers.events import JsonLines, say, start_logging
from workers.keys import Keys
from workers.settings import Settings

SECRETS = ("geheim-77", "gezi_", "行1列1", "/hook", "127.0.0.1", "预算.pdf")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What start_logging sets up, into a text."""
    root, sink = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    start_logging()
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # the test's own client
    for handler in root.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(sink)
    try:
        yield sink
    finally:
        root.handlers[:] = before
        root.setLevel(level)


def test_an_event_is_one_line_whatever_its_fields_are() -> None:
    record = logging.LogRecord("a", logging.INFO, "", 0, "event_name", None, None)
    record.gezi_fields = {"document": "1", "odd": "a\nb", "path": Path("x")}
    line = JsonLines().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert (told["event"], told["level"], told["document"], told["odd"]) == ("event_name", "info", "1", "a\nb")


def test_an_exception_is_told_in_the_same_line() -> None:
    sink = io.StringIO()
    handler = logging.StreamHandler(sink)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("tests.events")
    logger.addHandler(handler)
    try:
        try:
            raise ValueError("nobody expected it")
        except ValueError:
            logger.exception("broken")
        say(logger, "after", logging.ERROR, document="1")
    finally:
        logger.removeHandler(handler)
    first, second = map(json.loads, sink.getvalue().splitlines())
    assert "ValueError" in first["trace"]
    assert second["event"] == "after"


def test_a_document_s_way_leaves_ids_and_figures_and_no_secret(log: io.StringIO, tmp_path: Path) -> None:
    plain, locked = save(tmp_path / "plain.pdf", TABLE), tmp_path / "locked.pdf"
    with pikepdf.open(plain) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(user="geheim-77", owner="geheim-77"))
    ids = []

    async def key(settings: Settings) -> str:
        database = Database(settings.database)
        await database.migrate()
        _, secret = await Keys(database).create("default", "name")
        await database.close()
        return secret

    async def work(url: str, far: str) -> None:
        async with shop(tmp_path, database_url=url) as place:
            settings = Settings(callback_networks="127.0.0.0/8")
            courier = Courier(settings, place.parts.database, place.parts.locker)
            carrying = asyncio.create_task(courier.run())
            await _told(place)
            courier.stop()
            await carrying

    async def _told(place: Shop) -> None:
        for document_id in ids:
            while True:
                document = await place.jobs.find("default", document_id)
                if document.callback is not None and document.callback.state == "delivered":
                    break
                await asyncio.sleep(0.05)

    with fresh_database(tmp_path / "db") as url, receiver(200) as far:
        settings = Settings(
            data=tmp_path, database_url=url, redis_url=f"unix://{tmp_path}/none.sock", min_free_bytes=1,
            callback_networks="127.0.0.0/8",
        )
        secret = asyncio.run(key(settings))
        with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
            for path, password in ((plain, None), (locked, "wrong geheim-77")):
                answer = client.post(
                    "/v1/documents",
                    files={"file": ("预算.pdf", path.read_bytes())},
                    data={"callback_url": far.url, **({"password": password} if password else {})},
                    headers={"Authorization": f"Bearer {secret}"},
                )
                assert answer.status_code == 202, answer.text
                ids.append(answer.json()["id"])
            assert client.get("/v1/documents", headers={"Authorization": "Bearer gezi_wrong"}).status_code == 401
        asyncio.run(asyncio.wait_for(work(url, far.url), 60))
    told = [json.loads(line) for line in log.getvalue().splitlines()]
    assert all({"at", "level", "logger", "event"} <= set(line) for line in told)
    events = {(line["event"], line.get("document", line.get("subject"))) for line in told}
    assert {("document_done", ids[0]), ("document_failed", ids[1])} <= events
    assert {("callback_delivered", document_id) for document_id in ids} <= events
    for word in SECRETS:
        assert word not in log.getvalue(), word
