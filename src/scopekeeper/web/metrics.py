"""Metrics in Prometheus' text format: how many requests of which kind, how they ended, and how long they took.

Counted by plain numbers, on the event loop alone, and put into Prometheus' words only when somebody asks.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import Receive, Scope, Send

from scopekeeper.wire import Reply

_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_EDGES: Final = (*map(str, _BUCKETS), "+Inf")


class _Times:
    """How long the requests of one endpoint took: in which bucket each lies, and all seconds together."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * len(_EDGES)
        self.seconds = 0.0


class Metrics(Collector):
    """Counts what passes the front door. It is also the endpoint `/metrics` that tells."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._times: defaultdict[str, _Times] = defaultdict(_Times)
        ProcessCollector(registry=self._registry)
        self._registry.register(self)

    def note(self, endpoint: str, status: int, seconds: float) -> None:
        """One request was answered. `endpoint` is one of a few fixed names, never a path that a stranger chose."""
        self._requests[endpoint, status] += 1
        times = self._times[endpoint]
        times.buckets[bisect_left(_BUCKETS, seconds)] += 1
        times.seconds += seconds

    def collect(self) -> Iterator[Metric]:
        """What was counted until now, in Prometheus' words."""
        requests = CounterMetricFamily("scopekeeper_requests", "Requests answered.", labels=("endpoint", "status"))
        for (endpoint, status), count in self._requests.items():
            requests.add_metric((endpoint, str(status)), count)
        yield requests
        seconds = HistogramMetricFamily("scopekeeper_request_seconds", "Seconds to answer.", labels=("endpoint",))
        for endpoint, times in self._times.items():
            buckets = list(zip(_EDGES, map(float, accumulate(times.buckets)), strict=True))
            seconds.add_metric((endpoint,), buckets, times.seconds)
        yield seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = generate_latest(self._registry)
        await Reply(200, body, ((b"content-type", CONTENT_TYPE_LATEST.encode()),))(scope, receive, send)
