"""/metrics for Prometheus, asked of the database, so that every replica tells the same."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from api.access import Tenant
from api.parts import PartsOf
from api.problems import documented
from workers.records import State
from workers.statistics import Snapshot

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"description": "text exposition format", "content": {"text/plain": {}}}, **documented(401, 503)},
)
async def metrics(parts: PartsOf, _: Tenant) -> Response:
    snapshot = await parts.statistics.snapshot(parts.settings.lease)
    return Response(generate_latest(_registry(snapshot)), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _registry(snapshot: Snapshot) -> CollectorRegistry:
    registry = CollectorRegistry()
    states = Gauge("gezi_jobs", "Jobs in the database by state.", ["state"], registry=registry)
    for state in State:
        states.labels(state.value).set(snapshot.jobs.get(state, 0))
    failures = Gauge("gezi_jobs_failed", "Failed jobs in the database by error code.", ["code"], registry=registry)
    for code, count in snapshot.failures.items():
        failures.labels(code).set(count)
    for name, text, value in (
        ("gezi_queue_oldest_seconds", "Age of the oldest job that no worker has begun.", snapshot.oldest_waiting),
        ("gezi_pages_waiting", "Pages of opened documents that are still to be read.", snapshot.pages_waiting),
        ("gezi_pages_done", "Pages of the documents in the database that were read.", snapshot.pages_done),
        ("gezi_work_seconds", "Working time of the jobs in the database.", snapshot.worked),
        ("gezi_workers", "Workers with models that were heard of lately.", snapshot.workers),
        ("gezi_processes", "Model processes of these workers.", snapshot.processes),
    ):
        Gauge(name, text, registry=registry).set(value)
    return registry
