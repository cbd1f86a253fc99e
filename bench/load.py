"""How the service bears many uploads while its workers are busy, and whether short documents wait for long ones.

    python -m bench.load [--uploads 500] [--connections 8] [--pages 200] [--short 40]

A document of 200 scanned pages keeps the models busy. Meanwhile 500 uploads of 200 KB come over 8
connections on loopback: all must be accepted, 99 of 100 within 250 ms, and the API's memory stay flat.
Then forty one-page documents come: all must be read while the long one waits for them, not they for it.
Prints the figures; exit 1 when one of them is missed.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.run import resident
from bench.serving import MIB, Service, repeated, service

UPLOAD_BYTES = 200 * 1000
MOST_SECONDS = 0.25  # that 99 of 100 uploads may take
MOST_GROWTH = 0.05  # of the API's memory, from a fifth of the uploads to the last one
MOST_LONG_PAGES = 1.0  # of the long document read for each short one that waits: less than their fair share
PATIENCE = 1800.0  # seconds for the short documents, on a slow machine


@dataclass(frozen=True, slots=True)
class Figure:
    """`most`: the largest value that passes."""

    name: str
    value: float
    most: float
    unit: str

    def __str__(self) -> str:
        verdict = "ok" if self.value <= self.most else "MISSED"
        return f"{self.name:<58} {self.value:>9.3f} {self.unit:<6} (at most {self.most:g})  {verdict}"


def padded(base: bytes) -> bytes:
    """A document of UPLOAD_BYTES that nobody sent before: noise behind its end, which readers pass over."""
    return base + b"\n%" + os.urandom((UPLOAD_BYTES - len(base)) // 2).hex().encode()


def send_all(running: Service, uploads: int, connections: int) -> tuple[list[float], list[int], int, int]:
    """Seconds and statuses of all uploads; the API's memory after a fifth of them and at the end, in bytes."""
    base = repeated("digital.pdf", 1)
    seconds: list[float] = []
    statuses: list[int] = []
    left = iter(range(uploads))
    lock = threading.Lock()
    api = [running.part("api")]
    early: list[int] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
        while True:
            with lock:
                number = next(left, None)
            if number is None:
                return
            content = padded(base)
            if number == uploads // 5:
                early.append(resident(api))
            began = time.perf_counter()
            connection.request("POST", "/v1/documents?priority=0", content, {"Content-Type": "application/pdf"})
            response = connection.getresponse()
            response.read()
            seconds.append(time.perf_counter() - began)
            statuses.append(response.status)

    threads = [threading.Thread(target=client) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds, statuses, early[0], resident(api)


def short_beside_long(running: Service, long_id: str, short: int) -> tuple[list[float], int]:
    """Seconds from upload to end of each one-page document; pages of the long one read meanwhile."""
    content = repeated("digital.pdf", 1)
    before = int(running.document(long_id)["pages"]["done"])
    uploaded = {running.upload(content): time.monotonic() for _ in range(short)}
    took: list[float] = []
    end = time.monotonic() + PATIENCE
    while uploaded and time.monotonic() < end:
        for document_id, began in list(uploaded.items()):
            if running.document(document_id)["state"] == "succeeded":
                took.append(time.monotonic() - began)
                del uploaded[document_id]
        time.sleep(0.1)
    return took, int(running.document(long_id)["pages"]["done"]) - before


def measure(uploads: int, connections: int, pages: int, short: int) -> list[Figure]:
    with service() as running:
        long_id = running.upload(repeated("scan.pdf", pages))
        while running.document(long_id)["pages"]["done"] < 1:
            time.sleep(0.2)
        before = running.part("api").cpu_times()
        seconds, statuses, early, late = send_all(running, uploads, connections)
        after = running.part("api").cpu_times()
        ordered = sorted(seconds)
        p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        print(f"{uploads} uploads over {connections} connections: median {statistics.median(seconds) * 1000:.0f} ms, "
              f"longest {ordered[-1] * 1000:.0f} ms; the API's memory {late / MIB:.0f} MiB", flush=True)  # fmt: skip
        # It depends far less on what else runs on the machine than how long an upload takes.
        cpu = (after.user + after.system - before.user - before.system) / uploads
        print(f"the API's processor time: {cpu * 1000:.1f} ms an upload", flush=True)
        took, long_pages = short_beside_long(running, long_id, short)
        if took:
            print(f"{len(took)} one-page documents: median {statistics.median(took):.1f} s, longest {max(took):.1f} s; "
                  f"{long_pages} pages of the long document meanwhile", flush=True)  # fmt: skip
        ended = running.document(long_id)["state"] != "running"
    return [
        Figure("uploads refused", sum(status not in (200, 202) for status in statuses), 0, ""),
        Figure("99 of 100 uploads took", p99, MOST_SECONDS, "s"),
        Figure("the API's memory grew by", (late - early) / early, MOST_GROWTH, ""),
        Figure("short documents not read", short - len(took), 0, ""),
        Figure("long document's pages for each short one", long_pages / max(1, short), MOST_LONG_PAGES, ""),
        Figure("the long document ended before the short ones", int(ended), 0, ""),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--uploads", type=int, default=500)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--pages", type=int, default=200, help="of the long document")
    parser.add_argument("--short", type=int, default=40, help="one-page documents beside it")
    told = parser.parse_args(arguments)
    figures = measure(told.uploads, told.connections, told.pages, told.short)
    for figure in figures:
        print(figure)
    return 1 if any(figure.value > figure.most for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
