"""Metrics add up as Prometheus expects it."""

from prometheus_client.parser import text_string_to_metric_families

from scopekeeper.web.metrics import Metrics
from tests.asking import ask


async def test_times_lie_in_buckets_that_hold_all_that_was_faster() -> None:
    metrics = Metrics()
    for seconds in (0.0005, 0.002, 0.002, 9.0):
        metrics.note("/oauth/token", 200, seconds)
    text = (await ask(metrics, "GET", "/metrics")).body.decode()
    told = {
        (sample.name, sample.labels.get("le")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels.get("endpoint") == "/oauth/token"
    }
    assert told["scopekeeper_requests_total", None] == 4
    assert told["scopekeeper_request_seconds_count", None] == 4
    assert told["scopekeeper_request_seconds_sum", None] == 9.0045
    buckets = [(le, count) for (name, le), count in told.items() if name == "scopekeeper_request_seconds_bucket"]
    assert buckets[:4] == [("0.0005", 1), ("0.001", 1), ("0.0025", 3), ("0.005", 3)]
    assert buckets[-1] == ("+Inf", 4)
