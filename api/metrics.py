"""/metrics for Prometheus, asked of the database, so that every replica tells the same."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from api.access import Tenant
from api.parts import PartsOf
from api.problems import documented
from workers.counters import (
    BEYOND,
    BOUNDS,
    CALLBACKS,
    DOCUMENTS,
    FAILURES,
    LOSSES,
    PAGE_BUCKETS,
    PAGE_SECONDS,
    PAGES,
    STAGE_PAGES,
    STAGE_SECONDS,
    WORK,
)
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
    registry.register(_Told(snapshot))
    return registry


class _Told(Collector):
    """The snapshot as metrics. Gauges say what is in the database now, counters what has happened since it was made."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        yield from self._gauges()
        yield from self._counters()
        yield self._page_seconds()
        stages = SummaryMetricFamily("gezi_stage_seconds", "Time of a page's stages.", labels=["stage"])
        pages, seconds = self._by_label(STAGE_PAGES), self._by_label(STAGE_SECONDS)
        for stage in sorted(pages):
            stages.add_metric([stage], count_value=int(pages[stage]), sum_value=seconds.get(stage, 0.0))
        yield stages

    def _gauges(self) -> Iterator[Metric]:
        told = self._snapshot
        states = GaugeMetricFamily("gezi_jobs", "Jobs in the database by state.", labels=["state"])
        for state in State:
            states.add_metric([state.value], told.jobs.get(state, 0))
        yield states
        failures = GaugeMetricFamily("gezi_jobs_failed", "Failed jobs in the database by error code.", labels=["code"])
        for code, number in told.failures.items():
            failures.add_metric([code], number)
        yield failures
        for name, text, value in (
            ("gezi_queue_oldest_seconds", "Age of the oldest job that no worker has begun.", told.oldest_waiting),
            ("gezi_pages_waiting", "Pages of opened documents that are still to be read.", told.pages_waiting),
            ("gezi_workers", "Workers with models that were heard of lately.", told.workers),
            ("gezi_processes", "Model processes of these workers.", told.processes),
            ("gezi_callbacks_waiting", "Callbacks that are still to be delivered.", told.callbacks_waiting),
            ("gezi_callbacks_oldest_seconds", "Age of the oldest of these.", told.oldest_callback),
        ):
            yield GaugeMetricFamily(name, text, value)

    def _counters(self) -> Iterator[Metric]:
        for name, counter, label, text in (
            ("gezi_documents", DOCUMENTS, "state", "Documents (versions of them) that ended, by state."),
            ("gezi_failures", FAILURES, "code", "Documents that failed, by error code."),
            ("gezi_pages", PAGES, "outcome", "Pages that were read, or given up for a code."),
            ("gezi_callbacks", CALLBACKS, "outcome", "Attempts at callbacks."),
        ):
            family = CounterMetricFamily(name, text, labels=[label])
            for value, number in sorted(self._by_label(counter).items()):
                family.add_metric([value], number)
            yield family
        for name, counter, text in (
            ("gezi_work_seconds", WORK, "Working time of the jobs that ended."),
            ("gezi_losses", LOSSES, "Workers that were lost while they held a job."),
        ):
            yield CounterMetricFamily(name, text, self._snapshot.counted.get((counter, ""), 0.0))

    def _page_seconds(self) -> Metric:
        found, sofar, buckets = self._by_label(PAGE_BUCKETS), 0.0, list[tuple[str, float]]()
        for bound in (*map(str, BOUNDS), BEYOND):
            sofar += found.get(bound, 0.0)
            buckets.append((bound, sofar))
        whole = self._snapshot.counted.get((PAGE_SECONDS, ""), 0.0)
        family = HistogramMetricFamily("gezi_page_seconds", "Time of a page's own work.")
        family.add_metric([], buckets, whole)
        return family

    def _by_label(self, counter: str) -> dict[str, float]:
        return {label: value for (name, label), value in self._snapshot.counted.items() if name == counter}
