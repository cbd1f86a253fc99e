"""A worker's turn at a job: what it holds meanwhile, and how a turn ends other than by its pages being read."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from extractor.errors import PageUnreadable
from workers.leases import Claim
from workers.pool import Ticket


@dataclass(slots=True)
class Held:
    """A job in hand. `stopped` is set when it was taken away, or when the worker must let go.

    `ahead`: pages of this turn that are not begun; `yields`: they are left to the next turn. `left`: pages
    that were to be read when it began.
    """

    claim: Claim
    tickets: set[Ticket[Any]] = field(default_factory=set)
    stopped: bool = False
    ahead: int = 0
    left: int = 0
    yields: bool = False
    began: float = field(default_factory=time.monotonic)

    @property
    def worked(self) -> float:
        return time.monotonic() - self.began

    def stop(self) -> None:
        self.stopped = True
        for ticket in list(self.tickets):
            ticket.cancel()


class Stopped(Exception):
    """The turn ends early; the job goes back or is no longer ours."""


class MadeWay(Exception):
    """The page was not begun: something else goes first."""


class NothingRead(Exception):
    """No page of a document could be read; `code` is that of its pages where they agree."""

    def __init__(self, given_up: dict[int, str]) -> None:
        codes = sorted(set(given_up.values()))
        self.code = codes[0] if len(codes) == 1 else PageUnreadable.code
        self.message = f"none of the {len(given_up)} pages could be read ({', '.join(codes)})"
        super().__init__(self.message)
