"""Metrics in Prometheus' text format: how many requests of which kind, how they ended, and how long they took.

Counted by plain numbers, on the event loop alone, and put into Prometheus' words only when somebody asks. Where several
processes serve, each keeps what it has counted on the board that they share, and whoever is asked answers for all.
"""

import asyncio
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import Receive, Scope, Send

from scopekeeper.web.counts import PROCESS, Requests, Share, Times, requests_of, system_of, times_of
from scopekeeper.wire import Reply

_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_EDGES: Final = (*map(str, _BUCKETS), "+Inf")

INTERVAL: Final = 1.0
"""Seconds between two notes on the board."""


class Metrics(Collector):
    """Counts what passes the front door. It is also the endpoint `/metrics` that tells.

    With a share in a board it goes on from what was counted there before, so that a counter never falls, whoever is
    asked and whoever ended.
    """

    def __init__(self, share: Share | None = None) -> None:
        self._share = share
        before = [] if share is None else [share.before]
        self._requests: defaultdict[tuple[str, int], int] = defaultdict(int, requests_of(before))
        self._times: defaultdict[str, Times] = defaultdict(lambda: Times([0] * len(_EDGES)), times_of(before))
        self._registry = CollectorRegistry()
        self._registry.register(self)

    @property
    def shared(self) -> bool:
        """Are there other processes that count, too?"""
        return self._share is not None

    def note(self, endpoint: str, status: int, seconds: float) -> None:
        """One request was answered. `endpoint` is one of a few fixed names, never a path that a stranger chose."""
        self._requests[endpoint, status] += 1
        times = self._times[endpoint]
        times.buckets[bisect_left(_BUCKETS, seconds)] += 1
        times.seconds += seconds

    def collect(self) -> Iterator[Metric]:
        """What was counted until now, in Prometheus' words; with a share, by all processes together."""
        if self._share is None:
            yield from PROCESS.collect()
            yield from _told(self._requests, self._times)
            return
        self.write()
        every = self._share.all()
        yield from system_of(every)
        yield GaugeMetricFamily("scopekeeper_workers", "Processes that serve.", value=len(every.now))
        yield from _told(requests_of(every.ever), times_of(every.ever))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = generate_latest(self._registry)
        await Reply(200, body, ((b"content-type", CONTENT_TYPE_LATEST.encode()),))(scope, receive, send)

    def write(self) -> None:
        """Put on the board what was counted until now."""
        if self._share is not None:
            self._share.put([(*kind, times) for kind, times in self._requests.items()], list(self._times.items()))

    async def keep_writing(self) -> None:
        """Do so each second, until cancelled: whoever is killed loses what they counted since."""
        while True:
            self.write()
            await asyncio.sleep(INTERVAL)


def _told(requests: Requests, times: Mapping[str, Times]) -> Iterator[Metric]:
    counted = CounterMetricFamily("scopekeeper_requests", "Requests answered.", labels=("endpoint", "status"))
    for (endpoint, status), count in requests.items():
        counted.add_metric((endpoint, str(status)), count)
    yield counted
    seconds = HistogramMetricFamily("scopekeeper_request_seconds", "Seconds to answer.", labels=("endpoint",))
    for endpoint, taken in times.items():
        buckets = list(zip(_EDGES, map(float, accumulate(taken.buckets)), strict=True))
        seconds.add_metric((endpoint,), buckets, taken.seconds)
    yield seconds
