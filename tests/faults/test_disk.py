"""A disk that is full and a database that is locked, while documents come in and are read."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.house import House, open_house
from tests.paper import WIDTH, filled_table, save

TABLE = filled_table([50, 150, WIDTH - 50], [100, 130, 160, 190])
LOCKED = 5.0  # seconds
MIB = 1 << 20


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return save(tmp_path_factory.mktemp("disk") / "three.pdf", TABLE, TABLE, TABLE).read_bytes()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    return tmp_path / "notes"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "gezi-test", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _refused(house: House, content: bytes) -> None:
    response = house.client.post("/v1/documents", content=content, params=house.options())
    assert response.status_code == 503, response.text
    assert response.json()["code"] in ("storage_full", "database_failed")
    assert int(response.headers["retry-after"]) > 0


def test_a_disk_that_is_full_refuses_and_loses_nothing(small_disk: Path, notes: Path, three: bytes) -> None:
    with open_house(small_disk / "data", notes, lease=4) as house:
        house.start("redis", "api", "worker")
        house.plan(_2="wait")
        accepted = house.upload(three)
        house.hanging()
        # In the middle of an upload: room for its beginning only, whose length nobody told before.
        response = house.client.post("/v1/documents", content=(b"%PDF-" + b"x" * MIB for _ in range(20)))
        assert (response.status_code, response.json()["code"]) == (503, "storage_full")
        assert response.headers["retry-after"]
        assert house.staged() == []
        # Not a byte left, for the database either.
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file:
            while _fills(file.fileno()):
                pass
        _refused(house, three)
        house.go_on()  # the worker, too, has a page to store now
        time.sleep(1.0)
        filler.unlink()
        document = house.ended(accepted)
        assert (document["state"], len(house.result(accepted)["pages"])) == ("succeeded", 3)
        assert house.ended(house.upload(three))["state"] == "succeeded"
        assert len(house.client.get("/v1/documents").json()["documents"]) == 2
        assert house.staged() == []
        house.assert_sound()


def _fills(file: int) -> bool:
    for size in (64 * 1024, 4096, 1):
        try:
            os.write(file, b"x" * size)
        except OSError:
            continue
        return True
    return False


def test_a_file_that_may_not_grow_is_a_full_disk(tmp_path: Path, notes: Path, three: bytes) -> None:
    """As under a quota; needs no root."""

    def no_large_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, MIB))

    with open_house(tmp_path / "data", notes) as house:
        house.start("redis")
        house.start("api", limit=no_large_files)
        house.start("worker")
        response = house.client.post("/v1/documents", content=b"%PDF-" + b"x" * 2 * MIB)
        assert (response.status_code, response.json()["code"]) == (503, "storage_full")
        assert house.staged() == []
        assert house.ended(house.upload(three))["state"] == "succeeded"
        house.assert_sound()


def test_a_database_locked_for_five_seconds_is_waited_for(tmp_path: Path, notes: Path, three: bytes) -> None:
    with open_house(tmp_path / "data", notes, lease=30) as house:
        house.start("redis", "api", "worker")
        house.plan(_2="wait")
        ids = [house.upload(three)]
        house.hanging()
        house.until(lambda: house.document(ids[0])["pages"]["done"] == 1, "the page before it")
        connection = sqlite3.connect(house.data / "gezi.db", isolation_level=None, timeout=60)
        connection.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        house.go_on()  # a page to store
        uploads = [threading.Thread(target=lambda: ids.append(house.upload(three))) for _ in range(3)]
        for upload in uploads:
            upload.start()
        time.sleep(LOCKED)
        assert len(ids) == 1
        assert house.document(ids[0])["state"] == "running"  # who only reads does not wait
        connection.execute("ROLLBACK")
        connection.close()
        for upload in uploads:
            upload.join()
        assert time.monotonic() - began >= LOCKED
        assert len(ids) == 4
        for document_id in ids:
            document = house.ended(document_id)
            assert (document["state"], document["attempts"]) == ("succeeded", 1)
        assert house.begun() == sorted([1, 2, 3] * 4)
        house.assert_sound()
