"""A desk that reads born-digital pages without models and fails on the pages that a file names.

The plan is a JSON file {"page": "crash" | "crash_once" | "hang" | "unreadable" | "wait" | "kill_worker"}; a page
that waits goes on when the plan says so no longer. Every page begun is written down beside it, so that tests see
what was computed twice, and the process that holds a page in "hanging".
"""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from extractor.elements import Grid, RawPage, TextLine
from extractor.errors import PageUnreadable
from extractor.ports import DetectedLine, Tools
from extractor.source.documents import Source
from workers.desk import Desk


class Blind:
    """Reader, orientation and grids for pages whose own rules and text tell all."""

    def detect(self, picture: object) -> list[DetectedLine]:
        raise AssertionError("a born-digital page needs no reader")

    def read(self, picture: object, boxes: object) -> list[TextLine]:
        raise AssertionError("a born-digital page needs no reader")

    def upright_probabilities(self, picture: object) -> tuple[float, float, float, float]:
        raise AssertionError("a born-digital page needs no reader")

    def ruled(self, path: str, page: int, password: str | None = None) -> tuple[Grid, ...]:
        return ()

    def unruled(self, path: str, page: int, password: str | None = None) -> tuple[Grid, ...]:
        return ()


class FaultySource:
    def __init__(self, source: Source, plan: Path) -> None:
        self._source = source
        self._plan = plan

    def __getattr__(self, name: str) -> object:
        return getattr(self._source, name)

    def load(self, number: int) -> RawPage:
        with self._plan.with_name("begun").open("a") as begun:
            begun.write(f"{number}\n")
        fault = self._fault(number)
        once = self._plan.with_name("crashed")
        if fault == "crash" or (fault == "crash_once" and not once.exists()):
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "hang":
            self._plan.with_name("hanging").write_text(str(os.getpid()))
            time.sleep(600)
        if fault == "wait":
            self._plan.with_name("hanging").write_text(str(os.getpid()))
            while self._fault(number) == "wait":
                time.sleep(0.02)
        if fault == "kill_worker":
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(600)
        if fault == "unreadable":
            raise PageUnreadable(f"page {number} cannot be decoded")
        return self._source.load(number)

    def _fault(self, number: int) -> str | None:
        if not self._plan.exists():
            return None
        fault: str | None = json.loads(self._plan.read_text()).get(str(number))
        return fault


class FaultyDesk(Desk):
    def __init__(self, plan: Path) -> None:
        super().__init__(threads=1)
        self._plan = plan

    def tools(self) -> Tools:
        blind = Blind()
        return Tools(reader=blind, orientation=blind, born_digital=blind)

    def source(self, path: str, password: str | None) -> Source:
        return FaultySource(super().source(path, password), self._plan)  # type: ignore[return-value]


@dataclass(frozen=True)
class MakeFaultyDesk:
    plan: Path

    def __call__(self) -> FaultyDesk:
        return FaultyDesk(self.plan)
