"""A worker: claims jobs from the database and runs their pages in killable processes, turn by turn.

A turn opens the document, reads a few of its pages and gives the job back, so that a long document
does not hold up short ones; when something else waits that goes first, the turn ends after the pages
under way. All of a host's turns share one pool of model processes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from extractor.errors import Cancelled, GeziError, ModelError, TimedOut, TooLarge, WorkerDied
from workers.blobs import BlobStore
from workers.building import BuildResult, LoadModels, PackedPage, ReadPagePacked, page_bytes, unread_page
from workers.database import Database
from workers.desk import Desk, Facts, OpenDocument
from workers.engines import engine_mark
from workers.errors import ServiceError, Unavailable
from workers.events import say
from workers.exports import Format
from workers.leases import Claim, LeaseLost, Leases, worker_name
from workers.locker import Locker
from workers.pictures import PagePicture
from workers.pool import Pool
from workers.records import State
from workers.settings import Settings
from workers.slots import Slots
from workers.turns import Held, MadeWay, NothingRead, Stopped

T = TypeVar("T")

IDLE = 2.0  # seconds after which an idle worker looks for work unasked
WATCH = 0.5  # seconds between two looks whether our leases count still; a cancel is felt within twice that
TRIES = 2  # a page whose process died is read once more, in a new one
PAUSE = 30.0  # seconds a job rests when the worker, not the document, is at fault

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker works with."""

    settings: Settings
    database: Database
    store: BlobStore
    locker: Locker
    pool: Pool[Desk]


class Worker:
    """`run` works until `drain` is called; `wake` makes it look for work at once."""

    def __init__(self, parts: Parts) -> None:
        self._settings = parts.settings
        self._store = parts.store
        self._locker = parts.locker
        self._pool = parts.pool
        self._leases = Leases(
            parts.database, seconds=parts.settings.lease, max_losses=parts.settings.max_losses, engine=engine_mark()
        )
        self._slots = Slots(parts.pool.size)
        self._held: dict[str, Held] = {}
        self._turns: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._draining = False
        self._name = worker_name()

    async def self_test(self) -> None:
        """Load the models once. Raises ModelMissing, ModelDamaged or what kept the process from it."""
        ticket = self._pool.submit(LoadModels(), self._settings.open_timeout)
        await asyncio.shield(asyncio.wrap_future(ticket.future))

    async def wake(self, _: str = "") -> None:
        self._news.set()

    def drain(self) -> None:
        """Claim nothing more; pages under way are finished, within the time that settings allow."""
        self._draining = True
        self._news.set()

    async def run(self) -> None:
        keepers = [asyncio.create_task(self._every(seconds, act)) for seconds, act in (
            (WATCH, self._watch), (self._settings.lease / 3, self._renew), (self._settings.lease / 3, self._reap),
        )]  # fmt: skip
        for keeper in keepers:
            keeper.add_done_callback(self._keeper_over)
        await self._renew()
        try:
            while not self._draining:
                self._news.clear()
                if not await self._claim_one():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._news.wait(), IDLE)
            await self._let_go()
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
            with suppress(Unavailable):  # then it will be missed soon enough
                await self._leases.leave(self._name)

    def _keeper_over(self, keeper: asyncio.Task[None]) -> None:
        """Without its housekeeping a worker would lose its leases unseen: better it leaves and is started anew."""
        if not keeper.cancelled():
            log.error("the worker's housekeeping broke", exc_info=keeper.exception())
            self.drain()

    async def _claim_one(self) -> bool:
        """Begin a turn if there is a free process and work; whether it did."""
        if len(self._turns) >= self._pool.size:
            return False
        try:
            claim = await self._leases.claim()
        except Unavailable as error:
            say(log, "claim_failed", logging.WARNING, code=error.code)
            return False
        if claim is None:
            return False
        held = self._held[claim.lease] = Held(claim)
        turn = asyncio.create_task(self._turn(held))
        self._turns.add(turn)
        turn.add_done_callback(self._turn_over)
        return True

    def _turn_over(self, turn: asyncio.Task[None]) -> None:
        self._turns.discard(turn)
        self._news.set()

    async def _let_go(self) -> None:
        if self._turns:
            _, late = await asyncio.wait(self._turns, timeout=self._settings.drain)
            for held in list(self._held.values()):
                held.stop()
            if late:
                await asyncio.wait(late, timeout=WATCH * 10)

    async def _every(self, seconds: float, act: Callable[[], Any]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await act()
            except Unavailable as error:
                say(log, "housekeeping_failed", logging.WARNING, code=error.code)

    async def _watch(self) -> None:
        """Stop the work of jobs that are no longer ours: cancelled, deleted, or given to another."""
        if self._held:
            leases = list(self._held)
            kept = await self._leases.still_held(leases)
            for lease in leases:
                if lease not in kept and lease in self._held:
                    self._held[lease].stop()
        if len(self._turns) >= self._pool.size and any(held.ahead for held in self._held.values()):
            await self._make_way()

    async def _make_way(self) -> None:
        """End a turn early for what waits and goes first; one at a time, the longest."""
        waiting = await self._leases.next_waiting()
        if waiting is None or any(held.yields for held in self._held.values()):
            return
        turns = Counter(held.claim.tenant for held in self._held.values())

        def goes_after(held: Held) -> bool:
            claim = held.claim
            if waiting.priority != claim.priority:
                return waiting.priority > claim.priority
            if waiting.tenant != claim.tenant:
                return turns[claim.tenant] > turns[waiting.tenant]
            return waiting.left < held.left

        late = [held for held in self._held.values() if held.ahead and goes_after(held)]
        if late:
            max(late, key=lambda held: (-held.claim.priority, held.left)).yields = True

    async def _renew(self) -> None:
        await self._leases.beat(self._name, self._pool.size)
        if self._held:
            await self._leases.renew(list(self._held))

    async def _reap(self) -> None:
        reaped = await self._leases.reap()
        if reaped.requeued or reaped.failed:
            say(log, "jobs_reaped", logging.WARNING, requeued=reaped.requeued, failed=reaped.failed)
            self._news.set()

    async def _turn(self, held: Held) -> None:
        """One turn, and its outcome stored. What cannot be stored now is left to the reaper."""
        claim = held.claim
        try:
            try:
                await self._work(held)
            except (Stopped, MadeWay):
                await self._leases.give_back(claim, held.worked)
            except (Unavailable, ModelError) as error:
                say(log, "turn_put_off", logging.ERROR, document=claim.document_id, code=error.code)
                await self._leases.give_back(claim, held.worked, PAUSE)
            except (GeziError, NothingRead) as error:
                say(log, "document_failed", document=claim.document_id, code=error.code)
                await self._leases.fail(claim, error.code, error.message, held.worked)
        except LeaseLost:
            say(log, "job_taken_away", document=claim.document_id)
        except ServiceError as error:
            say(log, "turn_lost", logging.ERROR, document=claim.document_id, code=error.code)
        except Exception:  # the one place of this process that catches what nobody expected; the reaper counts it
            log.exception("a turn failed in a way nobody expected")
        finally:
            self._held.pop(claim.lease, None)

    async def _work(self, held: Held) -> None:
        claim = held.claim
        password = None if claim.password is None else self._locker.unlock(claim.password)
        async with self._store.local(claim.upload_key) as path:
            facts = await self._open(held, str(path), password)
            done = await self._leases.done_numbers(claim)
            left = [number for number in facts.numbers if number not in done]
            late = claim.worked > self._settings.document_timeout
            # As many pages as there are processes at least: alone, a document has them all.
            turn = left if late else left[: max(self._settings.turn_pages, self._pool.size)]
            held.ahead, held.left = len(turn), len(left)
            read = self._give_up_page if late else self._read_page
            outcomes = await asyncio.gather(
                *(read(held, str(path), number, password) for number in turn), return_exceptions=True
            )
            failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
            # What ends the whole turn goes before a page that only made way.
            for failure in sorted(failures, key=lambda failure: isinstance(failure, MadeWay)):
                raise failure
            if len(turn) < len(left):
                await self._leases.give_back(claim, held.worked)
            else:
                await self._finish(held, facts)

    async def _open(self, held: Held, path: str, password: str | None) -> Facts:
        facts = await self._retried(held, OpenDocument(path, password, held.claim.pages), self._settings.open_timeout)
        if len(facts.numbers) > self._settings.max_pages:
            most = self._settings.max_pages
            raise TooLarge(f"{len(facts.numbers)} pages were asked for; {most} are read at most")
        await self._leases.opened(held.claim, facts.n_pages, len(facts.numbers))
        return replace(facts, filename=held.claim.filename)

    async def _read_page(self, held: Held, path: str, number: int, password: str | None) -> None:
        """Read a page and store it; one that cannot be read is stored as such."""
        task = ReadPagePacked(path, number, password, self._settings.page_picture_dpi)
        try:
            page = await self._retried(held, task, self._settings.page_timeout, may_yield=True)
        except (ModelError, ServiceError):
            raise
        except GeziError as error:
            body = page_bytes(unread_page(number, error))
            await self._leases.store_page(held.claim, number, body, error.code)
            say(log, "page_given_up", document=held.claim.document_id, page=number, code=error.code)
        else:
            await self._store_page(held.claim, number, page)

    async def _store_page(self, claim: Claim, number: int, page: PackedPage) -> None:
        if page.picture is None:
            await self._leases.store_page(claim, number, page.body, seconds=page.seconds)
            return
        staged = await self._store.stage()
        try:
            await staged.write(page.picture)
            await staged.seal()
            picture = PagePicture(staged)
            await self._leases.store_page(claim, number, page.body, seconds=page.seconds, picture=picture)
        finally:
            await staged.discard()

    async def _give_up_page(self, held: Held, _: str, number: int, __: str | None) -> None:
        limit = self._settings.document_timeout
        error = TimedOut(f"the document took longer than {limit:g} s; this page was not begun")
        await self._leases.store_page(held.claim, number, page_bytes(unread_page(number, error)), error.code)

    async def _finish(self, held: Held, facts: Facts) -> None:
        claim = held.claim
        given_up = await self._leases.given_up(claim)
        if len(given_up) == len(facts.numbers):
            raise NothingRead(given_up)
        done = await self._leases.done_pages(claim)
        formats = tuple(Format(name) for name in (claim.formats or "").split(",") if name not in ("", Format.JSON))
        task = BuildResult(facts, [done[number] for number in facts.numbers], formats, claim.repair is not False)
        built = await self._retried(held, task, self._settings.page_timeout)
        # The lease in the name: a worker that was thought dead cannot overwrite the result of another.
        stem = f"results/{claim.tenant}/{claim.job_id}.{claim.lease[:8]}"
        key, others = f"{stem}.json.gz", {str(name): f"{stem}.{name}" for name, _ in built.others}
        await self._store.put(key, built.json)
        for name, content in built.others:
            await self._store.put(others[name], content)
        state = State.PARTIAL if given_up else State.SUCCEEDED
        try:
            await self._leases.finish(claim, state, held.worked, key, others)
        except LeaseLost:
            for placed in (key, *others.values()):
                await self._store.erase(placed)
            raise
        say(log, "document_done", document=claim.document_id, state=state, pages=len(done), attempts=claim.attempts)

    async def _retried(
        self, held: Held, task: Callable[[Desk], T], timeout: float, *, may_yield: bool = False
    ) -> T:
        """The task's value, from a new process if the first one dies.

        Raises Stopped, MadeWay (where it may yield and was not begun) and what the task raises.
        """
        for attempt in range(1, TRIES + 1):
            async with self._slots.one(held.claim.lease, held.claim.priority):
                if held.stopped or self._draining:
                    raise Stopped
                if may_yield and attempt == 1:
                    if held.yields:
                        raise MadeWay
                    held.ahead -= 1
                ticket = self._pool.submit(task, timeout)
                held.tickets.add(ticket)
                try:
                    # Shielded: only `ticket.cancel` may end the work, which kills its process.
                    return await asyncio.shield(asyncio.wrap_future(ticket.future))
                except Cancelled:
                    raise Stopped from None
                except WorkerDied:
                    if attempt == TRIES:
                        raise
                finally:
                    held.tickets.discard(ticket)
        raise AssertionError("the loop returns or raises")
