"""kill -9 of each part while it works: no accepted document is lost, none is read twice, each has one outcome."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.faults.house import GONE, House, open_house
from tests.paper import WIDTH, filled_table, save

TABLE = filled_table([50, 150, WIDTH - 50], [100, 130, 160, 190])


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return save(tmp_path_factory.mktemp("kills") / "three.pdf", TABLE, TABLE, TABLE).read_bytes()


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return save(tmp_path_factory.mktemp("kills") / "one.pdf", TABLE).read_bytes()


@pytest.fixture(scope="module")
def whole_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all tests here: what one of them broke the next finds mended."""
    data, notes = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("notes")
    with open_house(data, notes, lease=2, max_losses=2) as house:
        house.start("redis", "api", "worker")
        yield house


@pytest.fixture
def house(whole_house: House) -> Iterator[House]:
    whole_house.plan()
    yield whole_house
    whole_house.assert_sound()


def test_a_worker_killed_mid_page_costs_that_page_only(house: House, three: bytes) -> None:
    house.plan(_2="wait")
    document_id = house.upload(three)
    child = house.hanging()
    house.until(lambda: house.document(document_id)["pages"]["done"] == 1, "the page before it")
    house.kill("worker")
    house.until(lambda: not os.path.exists(f"/proc/{child}") or _is_zombie(child), "its model process to leave, too")
    house.go_on()
    house.start("worker")
    document = house.ended(document_id)
    assert (document["state"], document["attempts"]) == ("succeeded", 2)
    assert house.begun() == [1, 2, 2, 3]
    assert [page["number"] for page in house.result(document_id)["pages"]] == [1, 2, 3]


def test_a_worker_that_was_only_asleep_changes_nothing_any_more(house: House, three: bytes) -> None:
    """Its lease ran out while it was stopped; another finished the job. It wakes in the middle of its page."""
    house.plan(_2="wait")
    document_id = house.upload(three)
    house.hanging()
    house.until(lambda: house.document(document_id)["pages"]["done"] == 1, "the page before it")
    sleeper = _stop_between_writes(house, "worker")
    house.parts["sleeper"] = house.parts.pop("worker")
    house.go_on()
    house.start("worker")
    document = house.ended(document_id)
    assert (document["state"], document["attempts"]) == ("succeeded", 2)
    before = house.rows("SELECT * FROM jobs WHERE document_id = ?", document_id)
    os.kill(sleeper, signal.SIGCONT)
    house.until(lambda: "job_taken_away" in (house.notes / "log").read_text(), "the sleeper to see that it lost")
    house.kill("sleeper", signal.SIGTERM)
    assert house.rows("SELECT * FROM jobs WHERE document_id = ?", document_id) == before
    assert house.begun().count(1) == 1


def test_a_model_process_killed_mid_page_costs_that_page_only(house: House, three: bytes) -> None:
    house.plan(_2="wait")
    document_id = house.upload(three)
    os.kill(house.hanging(), signal.SIGKILL)
    house.until(lambda: house.begun().count(2) == 2, "the page to be read once more")
    house.go_on()
    document = house.ended(document_id)
    assert (document["state"], document["attempts"]) == ("succeeded", 1)
    assert house.begun() == [1, 2, 2, 3]


def test_the_api_killed_under_uploads_loses_none_it_accepted(house: House, one: bytes) -> None:
    """Clients that hear nothing send again with the same Idempotency-Key: each document is there exactly once."""
    accepted: dict[str, str] = {}
    seen_down = threading.Event()

    def send(number: int) -> None:
        name, end = f"{number}.pdf", time.monotonic() + 100
        while name not in accepted and time.monotonic() < end:
            try:
                response = httpx.post(
                    f"http://127.0.0.1:{house.port}/v1/documents", content=one, timeout=60,
                    params=house.options(filename=name, tags="api-killed"),
                    headers={"Idempotency-Key": f"key-{number}"},
                )  # fmt: skip
            except GONE:
                seen_down.set()
                time.sleep(0.05)
                continue
            assert response.status_code in (200, 202), response.text
            accepted[name] = response.json()["id"]

    senders = [threading.Thread(target=lambda group=group: [send(n) for n in group]) for group in
               (range(0, 12), range(12, 24), range(24, 36), range(36, 48))]  # fmt: skip
    for sender in senders:
        sender.start()
    house.until(lambda: len(accepted) >= 8, "some uploads")
    house.kill("api")
    assert seen_down.wait(60)
    house.start("api")
    for sender in senders:
        sender.join()
    assert len(accepted) == 48
    listed = house.client.get("/v1/documents", params={"tag": "api-killed", "limit": "100"}).json()["documents"]
    assert {document["filename"]: document["id"] for document in listed} == accepted
    assert len(listed) == 48
    for document_id in accepted.values():
        assert house.ended(document_id)["state"] == "succeeded"
    assert house.begun() == [1] * 48


@pytest.mark.parametrize("forgetful", [False, True], ids=["with its file", "with an empty memory"])
def test_redis_killed_while_work_waits(forgetful: bool, house: House, three: bytes, one: bytes) -> None:
    house.plan(_2="wait")
    first = house.upload(three)
    house.hanging()
    waiting = house.upload(one)
    house.kill("redis")
    meanwhile = house.upload(one)
    if forgetful:
        house.forget_redis()
    house.start("redis")
    after = house.upload(one)
    house.go_on()
    for document_id in (first, waiting, meanwhile, after):
        document = house.ended(document_id)
        assert (document["state"], document["attempts"]) == ("succeeded", 1)
    assert house.begun() == [1, 1, 1, 1, 2, 3]
    house.until(lambda: house.client.get("/readyz").json()["ready"] is True, "readiness")


@pytest.mark.parametrize("form", [False, True], ids=["bare", "form"])
def test_a_client_that_vanishes_mid_upload_leaves_nothing(form: bool, house: House) -> None:
    before = house.rows("SELECT count(*) FROM documents")
    staged = len(house.staged())
    kind = b"multipart/form-data; boundary=x" if form else b"application/pdf"
    head = (
        b"POST /v1/documents HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %b\r\nContent-Length: 5000000\r\n\r\n" % kind
    )
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' if form else b""
    with socket.create_connection(("127.0.0.1", house.port)) as connection:
        connection.sendall(head + start + b"%PDF-" + b"x" * 2_000_000)
        house.until(lambda: len(house.staged()) > staged, "the upload to begin")
    house.until(lambda: len(house.staged()) == staged, "its bytes to be discarded")
    assert house.rows("SELECT count(*) FROM documents") == before


def test_a_job_that_always_crashes_its_process_ends_and_harms_no_other(house: House, three: bytes, one: bytes) -> None:
    house.plan(_1="crash", _2="crash", _3="crash")
    bad = house.ended(house.upload(three))
    assert (bad["state"], bad["error"]["code"], bad["attempts"]) == ("failed", "worker_died", 1)
    assert house.begun() == [1, 1, 2, 2, 3, 3]
    house.plan()
    assert house.ended(house.upload(one))["state"] == "succeeded"


def test_a_job_that_always_takes_its_worker_along_is_closed(house: House, three: bytes, one: bytes) -> None:
    house.plan(_1="kill_worker")
    bad = house.upload(three)
    for _ in range(2):  # max_losses
        house.parts.pop("worker").wait(100)
        house.start("worker")
    document = house.ended(bad)
    assert (document["state"], document["error"]["code"], document["attempts"]) == ("failed", "worker_died", 2)
    assert house.begun() == [1, 1]
    house.plan()
    assert house.ended(house.upload(one))["state"] == "succeeded"


def test_a_page_that_hangs_is_given_up_and_the_others_come_back(house: House, three: bytes, one: bytes) -> None:
    # Given up in a time in which this machine, as busy as it is, starts a process and reads a page.
    house.kill("worker", signal.SIGTERM)
    house.start("worker")
    began = time.monotonic()
    house.ended(house.upload(one))
    house.environment["GEZI_PAGE_TIMEOUT"] = f"{max(4.0, 3 * (time.monotonic() - began)):.0f}"
    house.kill("worker", signal.SIGTERM)
    house.start("worker")
    house.plan(_2="hang")
    document_id = house.upload(three)
    child = house.hanging()
    document = house.ended(document_id)
    assert (document["state"], document["attempts"]) == ("partial", 1)
    warnings = [[w["code"] for w in page["warnings"]] for page in house.result(document_id)["pages"]]
    assert warnings == [[], ["timed_out"], []]
    assert house.begun() == [1, 2, 3]
    assert not os.path.exists(f"/proc/{child}") or _is_zombie(child)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def _stop_between_writes(house: House, name: str) -> int:
    """SIGSTOP at a moment when the part does not hold the database's write lock, which would stop everybody."""
    pid = house.parts[name].pid
    for _ in range(100):
        os.kill(pid, signal.SIGSTOP)
        try:
            with sqlite3.connect(house.data / "gezi.db", timeout=0.2, isolation_level=None) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.05)
        else:
            return pid
    raise AssertionError("it always holds the lock")
