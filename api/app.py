"""The web application. It keeps no state of its own: every replica answers for every document."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from fastapi import FastAPI

from api import batches, documents, extract, health, metrics, versions
from api.limits import RateHeaders
from api.loopback import OwnMachineOnly
from api.parts import Parts, Ringer
from api.problems import add_problem_handlers
from workers.batches import Batches
from workers.database import Database
from workers.embedded import redis_url
from workers.engines import engine_mark
from workers.jobs import Jobs
from workers.keys import Keys
from workers.limiter import Limiter
from workers.locker import open_locker
from workers.queue import Bell
from workers.settings import Settings
from workers.statistics import Statistics
from workers.stores import open_store
from workers.versions import Versions

DESCRIPTION = """Tables out of scanned and messy PDFs, every cell with a probability of being right.

Errors are RFC 9457 problems whose `type` is stable. What a result looks like: docs/result.schema.json."""


@dataclass(frozen=True, slots=True)
class _Lifespan:
    settings: Settings

    @asynccontextmanager
    async def __call__(self, app: FastAPI) -> AsyncIterator[None]:
        database = Database(self.settings.database)
        bell = Bell(redis_url(self.settings))
        limiter = Limiter(redis_url(self.settings))
        store = open_store(self.settings)
        try:
            await database.migrate()
            locker = open_locker(self.settings)
            jobs = Jobs(database, store, locker, engine=engine_mark(), max_queue=self.settings.max_queue)
            app.state.parts = Parts(
                self.settings, jobs, store, bell, Keys(database), Statistics(database), limiter,
                Batches(database, store, jobs, locker),
                Versions(database, store, jobs, locker, engine=engine_mark()), Ringer(bell),
            )  # fmt: skip
            yield
        finally:
            await bell.close()
            await limiter.close()
            await store.close()
            await database.close()


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(
        title="Gezi", version=version("gezi"), description=DESCRIPTION, lifespan=_Lifespan(settings).__call__
    )
    add_problem_handlers(app)
    app.add_middleware(RateHeaders)
    if settings.is_loopback:
        app.add_middleware(OwnMachineOnly)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(documents.router, prefix="/v1")
    app.include_router(extract.router, prefix="/v1")
    app.include_router(batches.router, prefix="/v1")
    app.include_router(versions.router, prefix="/v1")
    return app
